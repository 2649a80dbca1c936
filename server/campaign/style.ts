/**
 * What a style attribute of a mail says, as far as it decides whether text can be seen: hidden or not, how large, which colours. Mail keeps its styles in
 * attributes, because many clients throw style sheets away. Pure.
 */

/** Red, green, blue; null: not known, as with a picture behind the text. */
export type Colour = readonly [number, number, number] | null;

/** The last of each property, by its name in lower case. */
export function readStyle(text: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const one of text.slice(0, 5000).split(';')) {
    const colon = one.indexOf(':');
    if (colon < 1) continue;
    const value = one.slice(colon + 1).replace(/!important/i, '');
    properties.set(one.slice(0, colon).trim().toLowerCase(), value.trim().toLowerCase());
  }
  return properties;
}

export function isHidden(style: Map<string, string>): boolean {
  return (
    style.get('display') === 'none' ||
    style.get('visibility') === 'hidden' ||
    style.get('mso-hide') === 'all' ||
    pixels(style.get('font-size')) === 0 ||
    Number(style.get('opacity') ?? 1) === 0 ||
    (pixels(style.get('max-height')) === 0 && style.get('overflow') === 'hidden')
  );
}

/** `12px`, `9pt`, `0`; null for what depends on something else. */
export function pixels(value: string | undefined): number | null {
  const match = /^(\d{1,5}(?:\.\d{1,3})?)(px|pt)?$/.exec(value ?? '');
  if (match === null) return null;
  if (match[2] === undefined) return Number(match[1]) === 0 ? 0 : null;
  return Number(match[1]) * (match[2] === 'pt' ? 4 / 3 : 1);
}

const NAMES = new Map<string, Colour>([
  ['black', [0, 0, 0]],
  ['white', [255, 255, 255]],
  ['red', [255, 0, 0]],
  ['green', [0, 128, 0]],
  ['blue', [0, 0, 255]],
  ['yellow', [255, 255, 0]],
  ['gray', [128, 128, 128]],
  ['grey', [128, 128, 128]],
  ['silver', [192, 192, 192]],
  ['lightgray', [211, 211, 211]],
  ['lightgrey', [211, 211, 211]],
  ['darkgray', [169, 169, 169]],
  ['navy', [0, 0, 128]],
  ['orange', [255, 165, 0]],
  ['purple', [128, 0, 128]],
  ['maroon', [128, 0, 0]],
]);

/** Undefined: no colour that is known here. */
export function readColour(value: string | undefined): Colour | undefined {
  const text = value?.trim().toLowerCase() ?? '';
  if (NAMES.has(text)) return NAMES.get(text);
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/.exec(text);
  if (short) return [hex(short[1], 17), hex(short[2], 17), hex(short[3], 17)];
  const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/.exec(text);
  if (long) return [hex(long[1], 1), hex(long[2], 1), hex(long[3], 1)];
  const rgb = /^rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$/.exec(text);
  return rgb ? [Number(rgb[1]), Number(rgb[2]), Number(rgb[3])] : undefined;
}

const hex = (text: string | undefined, times: number): number => Number.parseInt(text ?? '0', 16) * times;

/** Of `background` and `background-color`. A picture or a gradient hides the colour; null then. */
export function readBackground(style: Map<string, string>): Colour | undefined {
  const all = style.get('background');
  if (/url\(|gradient/.test(`${all ?? ''}${style.get('background-image') ?? ''}`)) return null;
  const plain = readColour(style.get('background-color'));
  if (plain !== undefined) return plain;
  // What stands in brackets is one word with what stands before them: `rgb(1, 2, 3)`.
  for (const [word] of (all ?? '').slice(0, 200).matchAll(/[^\s()]+(?:\([^()]*\))?/g)) {
    const colour = readColour(word);
    if (colour !== undefined) return colour;
  }
  return undefined;
}

/** From 1 (cannot be told apart) to 21 (black on white): WCAG 2.2, "contrast ratio". */
export function contrast(a: NonNullable<Colour>, b: NonNullable<Colour>): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: NonNullable<Colour>): number {
  const [red = 0, green = 0, blue = 0] = colour.map((value) => {
    const share = Math.min(value, 255) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function writeColour([red, green, blue]: NonNullable<Colour>): string {
  return `#${[red, green, blue].map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}
