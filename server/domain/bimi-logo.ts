/**
 * The logo of a BIMI record: SVG of the profile "Tiny Portable/Secure" (draft-svg-tiny-ps-abrotman), SVG Tiny 1.2 without everything that moves, runs, links or
 * loads. Receivers throw away a logo that has any of it, without telling anybody. Entities and document types are refused before anything is parsed: they are
 * how a small XML becomes a large one, or reads files. Pure.
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser';

export const LOGO_PROBLEMS = ['empty', 'doctype', 'not-xml', 'not-svg'] as const;
export type LogoReading =
  | { problem: (typeof LOGO_PROBLEMS)[number]; detail: string }
  | {
      problem: null;
      version: string | null;
      baseProfile: string | null;
      title: string | null;
      /** Width and height of what is shown, from viewBox or else from the attributes. */
      proportions: { width: number; height: number } | null;
      /** `width` or `height` given in %, em and the like. */
      relativeSize: string | null;
      /** Names of elements that the profile does not have, each once. */
      elements: string[];
      /** `name="value"` of attributes that may not stand there, each once. */
      attributes: string[];
      /** What is referred to outside the logo, each once. */
      references: string[];
    };

/** What the specification of BIMI allows at most, in bytes. */
export const MAX_LOGO_BYTES = 32 * 1024;

/** Elements of SVG Tiny 1.2 that are left in the portable and secure profile. */
const ELEMENTS = new Set(
  `svg title desc metadata defs g use path rect circle ellipse line polyline polygon text tspan tbreak textArea switch
   linearGradient radialGradient stop solidColor font font-face font-face-src font-face-name glyph missing-glyph hkern`.split(
    /\s+/,
  ),
);
/** On the outermost element these may only say no. */
const ROOT_VALUES: Record<string, string> = {
  zoomAndPan: 'disable',
  focusable: 'false',
  externalResourcesRequired: 'false',
  snapshotTime: 'none',
};
/** More of one kind are the same fault again. */
const MOST_SHOWN = 20;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  processEntities: false,
});

type Node = Record<string, unknown>;

/** Never throws. */
export function readLogo(text: string): LogoReading {
  if (text.trim() === '') return { problem: 'empty', detail: '' };
  // <!DOCTYPE and <!ENTITY would be parsed; a stylesheet instruction loads from outside.
  const forbidden = /<!(?:DOCTYPE|ENTITY|ATTLIST|ELEMENT|NOTATION)\b|<\?xml-stylesheet\b/i.exec(text)?.[0];
  if (forbidden !== undefined) return { problem: 'doctype', detail: forbidden };
  let document: Node[];
  try {
    const valid = XMLValidator.validate(text);
    if (valid !== true) return { problem: 'not-xml', detail: `line ${valid.err.line}: ${valid.err.msg}`.slice(0, 200) };
    document = parser.parse(text) as Node[];
  } catch (error) {
    // It throws for names that would be dangerous as keys and for more than a hundred levels; no logo has either.
    if (error instanceof Error) return { problem: 'not-xml', detail: error.message.slice(0, 200) };
    throw error;
  }
  const root = document.find((node) => localName(node) === 'svg');
  if (root === undefined || document.some((node) => !['svg', '?xml', '#text', '#comment'].includes(localName(node))))
    return { problem: 'not-svg', detail: localName(document.find((node) => localName(node) !== '?xml') ?? {}) };
  const attributes = attributesOf(root);
  const namespace = attributes.get('xmlns') ?? attributes.get('xmlns:svg');
  if (namespace !== 'http://www.w3.org/2000/svg') return { problem: 'not-svg', detail: `xmlns="${namespace ?? ''}"` };
  const sizes = ['width', 'height'].map((name) => attributes.get(name) ?? '');
  return {
    problem: null,
    version: attributes.get('version') ?? null,
    baseProfile: attributes.get('baseProfile') ?? null,
    title: titleOf(root),
    proportions: proportionsOf(attributes),
    relativeSize: sizes.find((size) => /(?:%|em|ex|rem|vw|vh)\s*$/i.test(size)) ?? null,
    ...faultsOf(root),
  };
}

function faultsOf(root: Node): { elements: string[]; attributes: string[]; references: string[] } {
  const [elements, attributes, references] = [new Set<string>(), new Set<string>(), new Set<string>()];
  // A list instead of recursion: depth is the sender's choice.
  const open: Node[] = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const name = localName(node);
    if (name.startsWith('#') || name.startsWith('?')) continue;
    if (!ELEMENTS.has(name)) elements.add(name);
    for (const [attribute, value] of attributesOf(node)) {
      const shown = `${attribute}="${value.slice(0, 60)}"`;
      if (/^on/i.test(attribute)) attributes.add(shown);
      if (node === root && (attribute === 'x' || attribute === 'y')) attributes.add(shown);
      const only = node === root && Object.hasOwn(ROOT_VALUES, attribute) ? ROOT_VALUES[attribute] : undefined;
      if (only !== undefined && value !== only) attributes.add(shown);
      for (const target of targetsIn(attribute, value)) references.add(target.slice(0, 200));
    }
    // Metadata may hold foreign vocabularies, which nobody draws.
    if (name !== 'metadata') open.push(...childrenOf(node));
  }
  const list = (set: Set<string>): string[] => [...set].slice(0, MOST_SHOWN);
  return { elements: list(elements), attributes: list(attributes), references: list(references) };
}

/** What an attribute refers to that is not within the logo. */
function targetsIn(attribute: string, value: string): string[] {
  const targets = /^(?:xlink:)?(?:href|src)$/i.test(attribute) ? [value.trim()] : [];
  for (const [, target = ''] of value.matchAll(/url\(\s*['"]?\s*([^'")\s]*)/gi)) targets.push(target);
  return targets.filter((target) => target !== '' && !target.startsWith('#'));
}

function titleOf(root: Node): string | null {
  const title = childrenOf(root).find((node) => localName(node) === 'title');
  if (title === undefined) return null;
  return childrenOf(title)
    .map((node) => (typeof node['#text'] === 'string' ? node['#text'] : ''))
    .join(' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function proportionsOf(attributes: ReadonlyMap<string, string>): { width: number; height: number } | null {
  const box = (attributes.get('viewBox') ?? '')
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  const [width, height] =
    box.length === 4
      ? [box[2], box[3]]
      : ['width', 'height'].map((name) => Number.parseFloat(attributes.get(name) ?? ''));
  return width !== undefined && height !== undefined && width > 0 && height > 0 ? { width, height } : null;
}

/** `svg:path` → `path` where the prefix is SVG's own; other prefixes stay, and so are no element of the profile. */
function localName(node: Node): string {
  const name = Object.keys(node).find((key) => key !== ':@') ?? '';
  return name.startsWith('svg:') ? name.slice(4) : name;
}

function childrenOf(node: Node): Node[] {
  const children = Object.entries(node).find(([key]) => key !== ':@')?.[1];
  return Array.isArray(children) ? (children as Node[]) : [];
}

function attributesOf(node: Node): Map<string, string> {
  const attributes = node[':@'];
  return new Map(
    Object.entries(attributes !== null && typeof attributes === 'object' ? attributes : {}).map(([name, value]) => [
      name,
      String(value),
    ]),
  );
}

/** What drawing programs and templates write when nobody gave a title. */
export function isGenericTitle(title: string): boolean {
  // One digit at a time: several at once could be told apart in more ways than there is time for.
  return /^(?:untitled|title|no title|svg|logo|image|drawing|artboard|layer|bimi)(?:[\s_-]*(?:svg|tiny|ps|bimi|logo|copy|\d))*$/i.test(
    title.trim(),
  );
}
