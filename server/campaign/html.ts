/**
 * The HTML of a mail as facts. It is read sign by sign with a browser's own rules for tags, attributes and entities (htmlparser2's tokenizer), and never built into a
 * tree: a tree of a million open elements is an attack, a list of what was seen is not. Each list keeps its first entries and counts the rest. Pure.
 *
 * Long because one walk gathers everything: a second would cost the time of the first again.
 */
import { Tokenizer } from 'htmlparser2';
import {
  type Colour,
  contrast,
  isHidden,
  pixels,
  readBackground,
  readColour,
  readStyle,
  writeColour,
} from './style.ts';
import type { HtmlFacts, Image, Link, Place, Places, Text, Used } from './types.ts';

const MAX_LISTED = 5000;
const MAX_FIRST = 5;
const MAX_USED = 1000;
const MAX_SHEET = 100_000;
const MAX_DEPTH = 2000;
const MAX_ATTRIBUTE = 4000;
const MAX_TEXT = 500_000;
/** Of a column of mail; 600 to 640 is usual. */
const WIDE_PX = 700;
const SMALL_PX = 11;

const VOID = new Set([
  ...['area', 'base', 'br', 'col', 'embed', 'hr', 'img', 'input', 'link', 'meta', 'param', 'source', 'track', 'wbr'],
]);
/** An open one of these ends when another begins. */
const ENDS_WITH: Record<string, readonly string[]> = {
  p: ['p'],
  li: ['li'],
  td: ['td', 'th'],
  th: ['td', 'th'],
  tr: ['td', 'th', 'tr'],
  dd: ['dd', 'dt'],
  dt: ['dd', 'dt'],
  option: ['option'],
};
/** Their end may be left out. */
const ENDS_ITSELF = new Set([
  ...['html', 'head', 'body', 'p', 'li', 'td', 'th', 'tr', 'tbody', 'thead', 'tfoot', 'colgroup', 'dd', 'dt', 'option'],
]);
const BLOCKS = new Set([
  ...['address', 'article', 'blockquote', 'br', 'div', 'dd', 'dl', 'dt', 'footer', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6'],
  ...['header', 'hr', 'li', 'main', 'nav', 'ol', 'p', 'pre', 'section', 'table', 'td', 'th', 'tr', 'ul'],
]);
const UNSHOWN = new Set(['script', 'style', 'title', 'head', 'template', 'noscript', 'textarea', 'select']);
const EMBEDS = new Set(['iframe', 'frame', 'object', 'embed', 'applet', 'audio', 'video', 'canvas', 'portal']);
const CODE = /^[\s\p{Cc}\p{Cf}]*(?:javascript|vbscript|data:text\/html)/iu;
/** What makes preview texts longer without being seen. */
const PADDING = /(?:\u034f|[\u00ad\u061c\u200b-\u200f\u2007\u2060-\u2064\u2800\ufeff\u00a0\s])+/g;

type Element = {
  name: string;
  at: number;
  hidden: boolean;
  unshown: boolean;
  colour: Colour;
  background: Colour;
  size: number | null;
  bold: boolean;
  table: { role: string | null; at: number; headings: boolean } | null;
};

export function readHtml(source: Text): HtmlFacts {
  const { text: html } = source;
  const lines = lineStarts(html);
  const facts = emptyFacts(source.part, Buffer.byteLength(html));
  const seen = new Set<string>();
  const used = new Set<string>();
  const ids = new Set<string>();
  const stack: Element[] = [];
  /** The tables among them, the innermost last: a heading belongs to that one, however deep it stands in it. */
  const tables: NonNullable<Element['table']>[] = [];
  const openByName = new Map<string, number>();
  const base: Element = {
    name: '',
    at: 0,
    hidden: false,
    unshown: false,
    colour: [0, 0, 0],
    background: [255, 255, 255],
    size: 16,
    bold: false,
    table: null,
  };
  let tag: { name: string; at: number; attributes: Map<string, string> } | null = null;
  let attribute = { name: '', value: '' };
  let link: { index: number; depth: number } | null = null;
  let inTitle = false;
  let shown = '';
  let hidden = 0;
  let first = '';
  const sheets: string[] = [];
  let text = '';
  let textAt = 0;

  const place = (offset: number): Place => placeOf(lines, offset);
  const note = (places: Places, offset: number, what: string): void => {
    places.count++;
    if (places.first.length < MAX_FIRST) places.first.push({ ...place(offset), what: what.slice(0, 200) });
  };
  const top = (): Element => stack.at(-1) ?? base;
  const isForeign = (): boolean => (openByName.get('svg') ?? 0) + (openByName.get('math') ?? 0) > 0;

  const pop = (): void => {
    const ended = stack.pop();
    if (ended === undefined) return;
    openByName.set(ended.name, (openByName.get(ended.name) ?? 1) - 1);
    if (ended.name === 'title') inTitle = false;
    if (link !== null && stack.length < link.depth) link = null;
    const { table } = ended;
    if (table !== null) tables.pop();
    // Data has headings; a table without any is there for the layout.
    if (table !== null && !table.headings && table.role !== 'presentation' && table.role !== 'none')
      note(facts.layoutTables, table.at, '<table>');
  };

  /** Text between two tags, entities decoded. */
  const flush = (): void => {
    if (text === '') return;
    const words = text;
    const at = textAt;
    text = '';
    const element = top();
    if (inTitle) {
      facts.title = `${facts.title ?? ''}${words}`.slice(0, 1000);
      return;
    }
    if (element.name === 'style') sheets.push(words);
    if (element.unshown) return;
    const visible = words.replace(PADDING, ' ');
    const bare = visible.trim();
    if (bare === '') {
      if (!element.hidden && shown.length < MAX_TEXT) shown += ' ';
      return;
    }
    if (first.length < 200) first += ` ${bare}`;
    if (element.hidden) {
      hidden += bare.length;
      facts.hidden.first ??= { ...place(at), what: bare.slice(0, 100) };
      return;
    }
    if (shown.length < MAX_TEXT) shown += visible;
    const current = link === null ? undefined : facts.links[link.index];
    if (current !== undefined && current.text.length < 500) current.text += visible;
    look(element, bare, at);
  };

  /** Whether it can be read. */
  const look = (element: Element, words: string, at: number): void => {
    const { colour, background, size, bold } = element;
    if (size !== null && size < SMALL_PX) {
      const key = `size ${size} ${words.slice(0, 40)}`;
      if (!seen.has(key)) note(facts.small, at, `${Math.round(size * 10) / 10}px: ${words.slice(0, 60)}`);
      if (seen.size < MAX_LISTED) seen.add(key);
    }
    if (colour === null || background === null || !/[\p{L}\p{N}]/u.test(words)) return;
    const ratio = contrast(colour, background);
    const large = size !== null && (size >= 24 || (bold && size >= 18.66));
    if (ratio >= (large ? 3 : 4.5)) return;
    const key = `${writeColour(colour)} ${writeColour(background)}`;
    if (!seen.has(key))
      note(facts.faint, at, `${writeColour(colour)} / ${writeColour(background)} ${Math.floor(ratio * 10) / 10}:1`);
    seen.add(key);
  };

  const openTag = (closed: boolean): void => {
    if (tag === null) return;
    const { name, at, attributes } = tag;
    tag = null;
    facts.elements++;
    const closing = ENDS_WITH[name] ?? [];
    while (stack.length > 0 && closing.includes(top().name)) pop();
    if (BLOCKS.has(name) && shown.length < MAX_TEXT) shown += '\n';
    const style = readStyle(attributes.get('style') ?? '');
    const parent = top();
    inspect(name, attributes, style, at, parent);
    use(name, attributes, style, at);
    // `<circle/>` ends itself, `<div/>` does not.
    if (VOID.has(name) || (closed && isForeign())) return;
    if (stack.length >= MAX_DEPTH) return;
    const size = pixels(style.get('font-size'));
    const background = readBackground(style) ?? readColour(attributes.get('bgcolor'));
    const behind = attributes.has('background') || /url\(/.test(style.get('background') ?? '') ? null : background;
    const colour = readColour(style.get('color')) ?? readColour(attributes.get('color'));
    const weight = style.get('font-weight');
    const table =
      name === 'table' ? { role: attributes.get('role')?.toLowerCase() ?? null, at, headings: false } : null;
    if (table !== null) tables.push(table);
    stack.push({
      name,
      at,
      hidden: parent.hidden || attributes.has('hidden') || isHidden(style),
      unshown: parent.unshown || UNSHOWN.has(name),
      colour: colour !== undefined ? colour : style.has('color') ? null : name === 'a' ? [0, 0, 238] : parent.colour,
      background: behind !== undefined ? behind : parent.background,
      size: size ?? (style.has('font-size') ? null : /^h[1-3]$/.test(name) ? 24 : parent.size),
      bold: weight === undefined ? parent.bold || /^(?:b|strong|th|h[1-6])$/.test(name) : /bold|[6-9]00/.test(weight),
      table,
    });
    facts.depth = Math.max(facts.depth, stack.length);
    openByName.set(name, (openByName.get(name) ?? 0) + 1);
    if (name === 'title') inTitle = facts.title === null;
    if (name === 'a' && attributes.has('href')) {
      facts.linkCount++;
      const href = attributes.get('href')?.trim() ?? '';
      if (facts.links.length < MAX_LISTED) {
        facts.links.push({ href, text: '', place: place(at) });
        link = { index: facts.links.length - 1, depth: stack.length };
      }
    }
    const around = name === 'th' ? tables.at(-1) : undefined;
    if (around !== undefined) around.headings = true;
  };

  /** Each element, attribute and declaration once, for the tables of what clients know. */
  const use = (name: string, attributes: Map<string, string>, style: Map<string, string>, at: number): void => {
    const tell = (key: string, entry: Used): void => {
      if (used.has(key) || used.size >= MAX_USED) return;
      used.add(key);
      facts.used.push(entry);
    };
    const names = [...attributes.keys()].filter((key) => key !== 'style' && /^[a-z][a-z-]*$/.test(key));
    const type = /^[a-z]+$/.test(attributes.get('type') ?? '') ? attributes.get('type') : undefined;
    // Where clients take them away they put their own in place.
    const frame = /^(?:html|head|body|title|meta)$/.test(name);
    if (/^[a-z][a-z0-9]*$/.test(name) && !frame)
      tell(`${name} ${names.join(' ')} ${type}`, {
        element: name,
        attributes: names,
        type: type ?? null,
        place: place(at),
      });
    for (const [property, value] of style) {
      // Of values only the words count, not the numbers and colours.
      const key = `${property}:${value.replace(/[\d.]+|#[0-9a-f]+/g, '0')}`;
      if (/^-?[a-z][a-z-]*$/.test(property) && !/[{}<>"\\]|\/\*/.test(value) && value !== '')
        tell(key, { property, value: value.slice(0, 200), place: place(at) });
    }
    const id = attributes.get('id');
    if (id === undefined || id === '') return;
    if (ids.has(id)) note(facts.markup, at, `id="${id}"`);
    if (ids.size < MAX_LISTED) ids.add(id);
  };

  const inspect = (
    name: string,
    attributes: Map<string, string>,
    style: Map<string, string>,
    at: number,
    parent: Element,
  ): void => {
    if (name === 'html') facts.lang ??= attributes.get('lang')?.trim() || attributes.get('xml:lang')?.trim() || null;
    if (name === 'script') note(facts.scripts, at, '<script>');
    for (const [key, value] of attributes) {
      if (/^on[a-z]/.test(key)) note(facts.handlers, at, `${name} ${key}`);
      else if ((key === 'href' || key === 'src' || key === 'action') && CODE.test(value))
        note(facts.scripts, at, value.slice(0, 60));
    }
    if (name === 'form' || (name === 'input' && attributes.get('type')?.toLowerCase() !== 'hidden'))
      note(facts.forms, at, `<${name}>`);
    if (EMBEDS.has(name)) note(facts.embeds, at, `<${name}>`);
    if (name === 'svg' || name === 'math') note(facts.drawings, at, `<${name}>`);
    if (name === 'base') note(facts.bases, at, attributes.get('href') ?? '');
    if (name === 'link' && /stylesheet/i.test(attributes.get('rel') ?? ''))
      note(facts.sheets, at, attributes.get('href') ?? '');
    if (name === 'meta') {
      if (/^refresh$/i.test(attributes.get('http-equiv')?.trim() ?? ''))
        note(facts.refreshes, at, attributes.get('content') ?? '');
      if (/color-schemes?$/i.test(attributes.get('name') ?? '')) facts.dark = true;
    }
    const width = pixels(style.get('width')) ?? pixels(style.get('min-width')) ?? numeric(attributes.get('width'));
    const fixed = style.get('min-width') !== undefined || !style.has('max-width');
    if (width !== null && width > WIDE_PX && fixed && /^(?:table|td|div|img|body|center)$/.test(name))
      note(facts.wide, at, `${name} ${Math.round(width)}px`);
    if (name === 'area' && attributes.has('href')) {
      facts.linkCount++;
      if (facts.links.length < MAX_LISTED)
        facts.links.push({
          href: attributes.get('href')?.trim() ?? '',
          text: attributes.get('alt') ?? '',
          place: place(at),
        });
    }
    if (name === 'img') image(attributes, style, at, parent);
  };

  const image = (attributes: Map<string, string>, style: Map<string, string>, at: number, parent: Element): void => {
    facts.imageCount++;
    const alt = attributes.get('alt') ?? null;
    const width = style.get('width') ?? attributes.get('width') ?? null;
    const height = style.get('height') ?? attributes.get('height') ?? null;
    const dot = (value: string | null): boolean => value !== null && /^[01](?:px)?$/.test(value.trim());
    const one: Image = {
      src: attributes.get('src')?.trim().slice(0, 2000) ?? '',
      alt,
      width,
      height,
      pixel: (dot(width) && dot(height)) || parent.hidden || isHidden(style),
      place: place(at),
    };
    if (facts.images.length < MAX_LISTED) facts.images.push(one);
    const current = link === null ? undefined : facts.links[link.index];
    if (current !== undefined && alt !== null && current.text.length < 500) current.text += ` ${alt}`;
    if (alt && first.length < 200 && !one.pixel) first += ` ${alt}`;
  };

  const write = (words: string, at: number): void => {
    if (text === '') textAt = at;
    if (text.length < MAX_TEXT) text += words;
  };
  const tokenizer = new Tokenizer(
    { decodeEntities: true },
    {
      ontext: (start, end) => write(html.slice(start, end), start),
      ontextentity: (code, end) => write(String.fromCodePoint(code), end),
      onopentagname: (start, end) => {
        flush();
        tag = { name: html.slice(start, end).toLowerCase().slice(0, 50), at: start - 1, attributes: new Map() };
      },
      onattribname: (start, end) => {
        attribute = { name: html.slice(start, Math.min(end, start + 100)).toLowerCase(), value: '' };
      },
      onattribdata: (start, end) => {
        // A picture may be written into the address itself: its length counts, its bytes do not.
        if (attribute.value.length < MAX_ATTRIBUTE)
          attribute.value += html.slice(start, Math.min(end, start + MAX_ATTRIBUTE));
        if (attribute.name === 'src' && end - start > MAX_ATTRIBUTE) facts.dataBytes += end - start;
      },
      onattribentity: (code) => {
        if (attribute.value.length < MAX_ATTRIBUTE) attribute.value += String.fromCodePoint(code);
      },
      onattribend: () => {
        if (tag === null) return;
        if (tag.attributes.has(attribute.name))
          note(facts.markup, tag.at, `${tag.name} ${attribute.name} ${attribute.name}`);
        else if (tag.attributes.size < 100) tag.attributes.set(attribute.name, attribute.value);
      },
      onopentagend: () => openTag(false),
      onselfclosingtag: () => openTag(true),
      isInForeignContext: isForeign,
      onclosetag: (start, end) => {
        flush();
        const name = html.slice(start, end).toLowerCase().slice(0, 50);
        if (BLOCKS.has(name) && shown.length < MAX_TEXT) shown += '\n';
        if ((openByName.get(name) ?? 0) === 0) {
          if (!VOID.has(name) && name !== 'p') note(facts.markup, start - 2, `</${name}>`);
          return;
        }
        while (stack.length > 0) {
          const { name: open, at } = top();
          pop();
          if (open === name) break;
          if (!ENDS_ITSELF.has(open)) note(facts.markup, at, `<${open}>`);
        }
      },
      oncomment: flush,
      oncdata: flush,
      ondeclaration: flush,
      onprocessinginstruction: flush,
      onend: flush,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  while (stack.length > 0) {
    const { name, at } = top();
    if (!ENDS_ITSELF.has(name)) note(facts.markup, at, `<${name}>`);
    pop();
  }

  const sheet = sheets.join('\n').slice(0, MAX_SHEET);
  facts.sheet = sheet;
  if (/@import\b/i.test(sheet)) note(facts.sheets, 0, '@import');
  facts.dark ||= /prefers-color-scheme\s*:\s*dark|\[data-ogsc\]|color-scheme\s*:/i.test(sheet);
  facts.text = shown
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n[\s]*/g, '\n')
    .trim();
  facts.preheader = first.replace(/\s+/g, ' ').trim().slice(0, 200);
  facts.hidden.characters = hidden;
  for (const one of facts.links) one.text = one.text.replace(/\s+/g, ' ').trim().slice(0, 300);
  return facts;
}

function emptyFacts(part: string, bytes: number): HtmlFacts {
  const none = (): Places => ({ count: 0, first: [] });
  const links: Link[] = [];
  return {
    part,
    bytes,
    lang: null,
    title: null,
    preheader: '',
    text: '',
    hidden: { characters: 0, first: null },
    elements: 0,
    depth: 0,
    links,
    linkCount: 0,
    images: [],
    imageCount: 0,
    dataBytes: 0,
    scripts: none(),
    handlers: none(),
    forms: none(),
    embeds: none(),
    drawings: none(),
    sheets: none(),
    bases: none(),
    refreshes: none(),
    layoutTables: none(),
    wide: none(),
    faint: none(),
    small: none(),
    markup: none(),
    used: [],
    sheet: '',
    dark: false,
  };
}

function numeric(value: string | undefined): number | null {
  return value !== undefined && /^\d{1,5}(?:px)?$/.test(value.trim()) ? Number.parseInt(value, 10) : null;
}

export function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** By halving: thousands of links may stand in thousands of lines. */
export function placeOf(starts: readonly number[], offset: number): Place {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
}
