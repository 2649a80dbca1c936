/**
 * The HTML of a stranger's mail, made harmless: the first of three walls (the frame without rights and the frame's own content security policy are the others,
 * web/components/mail-frame.ts). It is read as a browser would read it and written anew from a short list of elements and attributes. No address is
 * left in it: pictures are shown only when they came with the mail, links only say where they would lead.
 */
import sanitizeHtml from 'sanitize-html';
import { cleanDeclarations, cleanSheet } from './styles.ts';
import { type Blocked, noneBlocked } from './types.ts';

/** Deeper elements are dropped, their text stays; browsers give up near 512. */
const MAX_DEPTH = 200;
const MAX_TITLE = 500;
const MOST_READINGS = 5;

const ELEMENTS = [
  ...['a', 'abbr', 'address', 'article', 'aside', 'b', 'bdi', 'bdo', 'big', 'blockquote', 'br', 'caption', 'center'],
  ...['cite', 'code', 'col', 'colgroup', 'dd', 'del', 'dfn', 'div', 'dl', 'dt', 'em', 'figcaption', 'figure', 'font'],
  ...['footer', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'header', 'hr', 'i', 'img', 'ins', 'kbd', 'li', 'main', 'mark'],
  ...['nav', 'ol', 'p', 'pre', 'q', 'rp', 'rt', 'ruby', 's', 'samp', 'section', 'small', 'span', 'strike', 'strong'],
  ...['sub', 'sup', 'table', 'tbody', 'td', 'tfoot', 'th', 'thead', 'time', 'tr', 'tt', 'u', 'ul', 'var', 'wbr'],
];
const ATTRIBUTES = [
  ...['align', 'alt', 'bgcolor', 'border', 'cellpadding', 'cellspacing', 'class', 'color', 'cols', 'colspan', 'dir'],
  ...['face', 'height', 'id', 'lang', 'nowrap', 'rowspan', 'size', 'span', 'start', 'style', 'title', 'type'],
  ...['valign', 'width'],
];
/** What is dropped together with what stands in it: its text is code, or another picture of the same thing. */
const DROPPED_WHOLE = [
  ...['script', 'style', 'title', 'textarea', 'option', 'select', 'xmp', 'noscript', 'noembed', 'noframes', 'template'],
  ...['svg', 'math', 'iframe', 'object', 'audio', 'video', 'canvas', 'applet', 'plaintext', 'listing', 'marquee'],
];
const SCRIPTS = new Set(['script']);
const FORMS = new Set(['form', 'input', 'button', 'select', 'textarea', 'isindex', 'keygen']);
const EMBEDS = new Set([
  ...[
    'iframe',
    'frame',
    'object',
    'embed',
    'applet',
    'audio',
    'video',
    'canvas',
    'svg',
    'math',
    'portal',
    'fencedframe',
  ],
]);
/** Attributes whose address is loaded as soon as the element is there. */
const PICTURE_ATTRIBUTES = ['src', 'srcset', 'background', 'lowsrc', 'dynsrc', 'poster'];
const CODE = /^[\s\p{Cc}\p{Cf}]*(?:javascript|vbscript|livescript|mocha|data:text\/html)/iu;
/** Pictures written into the address itself; no SVG, which is a document and not a picture. */
const DATA_PICTURE = /^data:image\/(?:png|gif|jpe?g|webp|avif|bmp);base64,[A-Za-z0-9+/=\s]*$/i;

/** @param picture the data address of a picture that came with the mail, by its Content-ID without brackets; null when there is none */
export function cleanHtml(
  html: string,
  picture: (contentId: string) => string | null,
): { html: string; blocked: Blocked } {
  const blocked = noneBlocked();
  const sheets = /<style/i.test(html) ? styleSheets(html) : [];
  const css = sheets.map((sheet) => cleanSheet(sheet, blocked)).join('');
  let body = cleanBody(html, picture, blocked);
  // An element that was dropped may have held apart what a browser does not nest (a paragraph in a paragraph): it is read again until it stays as it is, so that a
  // browser reads what we wrote.
  for (let reading = 1; reading < MOST_READINGS; reading++) {
    const again = cleanBody(body, picture, noneBlocked());
    if (again === body) break;
    body = again;
  }
  return { html: css === '' ? body : `<style>${css}</style>${body}`, blocked };
}

function cleanBody(html: string, picture: (contentId: string) => string | null, blocked: Blocked): string {
  return sanitizeHtml(html, {
    allowedTags: ELEMENTS,
    allowedAttributes: { '*': ATTRIBUTES, img: [...ATTRIBUTES, 'src'] },
    allowedSchemes: [],
    allowedSchemesByTag: { img: ['data'] },
    allowProtocolRelative: false,
    parseStyleAttributes: false,
    nonTextTags: DROPPED_WHOLE,
    nestingLimit: MAX_DEPTH,
    onOpenTag: (name, attributes) => count(name, attributes, blocked),
    transformTags: {
      // The page around the mail is ours; what the mail wants for its own goes on an element of its own.
      body: (_name, attributes) => ({ tagName: 'div', attribs: styled(attributes, blocked) }),
      a: (_name, attributes) => ({ tagName: 'a', attribs: link(styled(attributes, blocked), blocked) }),
      img: (_name, attributes) => ({
        tagName: 'img',
        attribs: shown(styled(attributes, blocked), picture, blocked),
      }),
      '*': (tagName, attribs) => ({ tagName, attribs: styled(attribs, blocked) }),
    },
  });
}

/** The text of all style elements that a browser would use. */
function styleSheets(html: string): string[] {
  const sheets: string[] = [];
  sanitizeHtml(html, {
    allowedTags: ['style'],
    allowedAttributes: {},
    // Only read here: what comes out is thrown away.
    allowVulnerableTags: true,
    nonTextTags: DROPPED_WHOLE.filter((name) => name !== 'style'),
    exclusiveFilter: (frame) => {
      if (frame.tag === 'style') sheets.push(frame.text);
      return true;
    },
  });
  return sheets;
}

function count(name: string, attributes: Record<string, string>, blocked: Blocked): void {
  if (SCRIPTS.has(name)) blocked.scripts++;
  else if (FORMS.has(name)) blocked.forms++;
  else if (EMBEDS.has(name)) blocked.embeds++;
  else if (name === 'link') blocked.styles++;
  else if (name === 'meta' && /^\s*refresh\s*$/i.test(attributes['http-equiv'] ?? '')) blocked.links++;
  for (const [attribute, value] of Object.entries(attributes)) {
    if (/^on/i.test(attribute) || CODE.test(value)) blocked.scripts++;
    else if (name !== 'img' && PICTURE_ATTRIBUTES.includes(attribute) && !SCRIPTS.has(name) && !EMBEDS.has(name))
      blocked.images++;
  }
}

/** Twice is not counted twice: what was cleaned has nothing left to count. */
function styled(attributes: Record<string, string>, blocked: Blocked): Record<string, string> {
  const { style, ...rest } = attributes;
  if (style === undefined) return rest;
  const cleaned = cleanDeclarations(style, blocked);
  return cleaned === '' ? rest : { ...rest, style: cleaned };
}

/** A link is its text, and on hover its address, as text. */
function link(attributes: Record<string, string>, blocked: Blocked): Record<string, string> {
  const { href, title, ...rest } = attributes;
  const address = href?.trim() ?? '';
  if (address === '') return title === undefined ? rest : { ...rest, title };
  if (CODE.test(address)) return rest;
  blocked.links++;
  return { ...rest, title: address.slice(0, MAX_TITLE) };
}

function shown(
  attributes: Record<string, string>,
  picture: (contentId: string) => string | null,
  blocked: Blocked,
): Record<string, string> {
  const { src, srcset, ...rest } = attributes;
  const address = src?.trim() ?? '';
  const found = /^cid:/i.test(address) ? picture(contentIdOf(address.slice(4))) : address;
  if (found !== null && DATA_PICTURE.test(found)) return { ...rest, src: found };
  if ((address !== '' || srcset !== undefined) && !CODE.test(address)) blocked.images++;
  return rest;
}

/** A Content-ID as an address has it (RFC 2392): `%` stands for what an address cannot hold. */
function contentIdOf(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
