/**
 * CSS of a stranger's mail. Style sheets can load (`url()`, `@import`, `@font-face`), and that alone tells a sender who reads and when. So nothing is searched for
 * what is bad: a declaration stays when its property is known to be about looks alone and its value is made of letters, numbers and a handful of harmless
 * functions. Backslashes, which can spell any of the bad words, are in none of them.
 */
import type { Blocked } from './types.ts';

const MAX_SHEET = 200_000;
const MAX_DECLARATIONS = 20_000;
const MAX_VALUE = 2_000;
const MAX_SELECTOR = 1_000;
const MAX_MEDIA_DEPTH = 3;

/** About looks alone. Without `position`, which lays one thing over another, and `content`, which writes words of its own. */
const PROPERTY =
  /^(?:color|background(?:-(?:color|size|repeat|position|clip))?|border(?:-[a-z-]+)?|margin(?:-[a-z-]+)?|padding(?:-[a-z-]+)?|font(?:-[a-z-]+)?|text-[a-z-]+|line-height|letter-spacing|word-[a-z-]+|overflow(?:-wrap|-x|-y)?|white-space|hyphens|(?:min-|max-)?(?:width|height)|display|vertical-align|float|clear|list-style(?:-type|-position)?|table-layout|empty-cells|caption-side|box-sizing|box-shadow|opacity|visibility|direction|writing-mode|columns?(?:-[a-z-]+)?|(?:row-|column-)?gap|flex(?:-[a-z-]+)?|align-[a-z-]+|justify-[a-z-]+|order|object-fit|outline(?:-[a-z-]+)?)$/;
/** Border pictures load. */
const LOADS = /image|src/;
const VALUE = /^[\p{L}\p{N}\s#%.,()!'"+*/_-]+$/u;
const FUNCTION = /([\p{L}\p{N}_-]*)\s*\(/gu;
const FUNCTIONS = new Set(['', 'rgb', 'rgba', 'hsl', 'hsla', 'calc', 'min', 'max', 'clamp', 'linear-gradient']);
const SELECTOR = /^[\p{L}\p{N}\s.#,>+~*:()[\]="'^$|_-]+$/u;
const MEDIA = /^@media[\p{L}\p{N}\s():.,/_-]+$/iu;
const ADDRESS = /\b(?:url|src|image|image-set)\s*\(/i;
const ADDRESSES = /\burl\(\s*(?:"[^"]*"|'[^']*'|[^()'"]*)\s*\)/gi;

/** What a style attribute, or the inside of one rule, may say. @returns empty when nothing is left */
export function cleanDeclarations(text: string, blocked: Blocked): string {
  if (text.length > MAX_DECLARATIONS) return '';
  const kept: string[] = [];
  for (const part of withoutComments(text).split(';')) {
    const colon = part.indexOf(':');
    if (colon === -1) continue;
    const property = part.slice(0, colon).trim().toLowerCase();
    let value = part.slice(colon + 1).trim();
    if (ADDRESS.test(value)) {
      blocked.images++;
      // `background: #fff url(…) no-repeat` keeps its colour.
      value = value.length > MAX_VALUE ? '' : value.replace(ADDRESSES, ' ').trim();
    }
    if (PROPERTY.test(property) && !LOADS.test(property) && isHarmless(value)) kept.push(`${property}:${value}`);
  }
  return kept.join(';');
}

/** What a style sheet may say: rules, also within `@media`. Everything else that begins with @ loads or renames. */
export function cleanSheet(text: string, blocked: Blocked): string {
  const css = withoutComments(text.slice(0, MAX_SHEET)).replaceAll('<!--', ' ').replaceAll('-->', ' ');
  return rules(css, 0, blocked);
}

function rules(css: string, depth: number, blocked: Blocked): string {
  let out = '';
  // Each is looked for again only when it was passed: else a sheet without semicolons would be read to its end for every rule.
  let open = 0;
  let end = 0;
  for (let at = 0; at < css.length; ) {
    if (open !== -1 && open <= at) open = css.indexOf('{', at);
    if (end !== -1 && end <= at) end = css.indexOf(';', at);
    const prelude = css.slice(at, open === -1 ? css.length : open).trim();
    if (end !== -1 && (open === -1 || end < open)) {
      if (/^@import\b/i.test(css.slice(at, end).trim())) blocked.styles++;
      at = end + 1;
      continue;
    }
    if (open === -1) break;
    const close = closing(css, open);
    const inside = css.slice(open + 1, close);
    at = close + 1;
    if (MEDIA.test(prelude) && depth < MAX_MEDIA_DEPTH) {
      const within = rules(inside, depth + 1, blocked);
      if (within !== '') out += `${prelude}{${within}}`;
    } else if (/^@font-face\b/i.test(prelude)) {
      blocked.styles++;
    } else if (prelude.length <= MAX_SELECTOR && SELECTOR.test(prelude) && !inside.includes('{')) {
      const declarations = cleanDeclarations(inside, blocked);
      if (declarations !== '') out += `${prelude}{${declarations}}`;
    }
  }
  return out;
}

/** Where the block that opens there ends: at its own brace, or with the text. */
function closing(css: string, open: number): number {
  let depth = 0;
  for (let at = open; at < css.length; at++) {
    const code = css.charCodeAt(at);
    if (code === 0x7b) depth++;
    else if (code === 0x7d && --depth === 0) return at;
  }
  return css.length;
}

function isHarmless(value: string): boolean {
  if (value === '' || value.length > MAX_VALUE || !VALUE.test(value)) return false;
  for (const [, name = ''] of value.matchAll(FUNCTION)) if (!FUNCTIONS.has(name.toLowerCase())) return false;
  return isBalanced(value);
}

/** A quote or bracket left open would take in what follows it. */
function isBalanced(value: string): boolean {
  let open = 0;
  let quote = '';
  for (const sign of value) {
    if (quote !== '') {
      if (sign === quote) quote = '';
      else if (sign === '\n' || sign === '\r' || sign === '\f') return false;
    } else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '(') open++;
    else if (sign === ')' && --open < 0) return false;
  }
  return open === 0 && quote === '';
}

/** By hand: a regular expression would look for the end of each comment anew. */
function withoutComments(text: string): string {
  let out = '';
  for (let at = 0; ; ) {
    const start = text.indexOf('/*', at);
    if (start === -1) return out + text.slice(at);
    out += `${text.slice(at, start)} `;
    const end = text.indexOf('*/', start + 2);
    if (end === -1) return out;
    at = end + 2;
  }
}
