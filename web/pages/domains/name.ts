/**
 * Names of domains as people write them. DNS knows ASCII only; `bücher.example` stands there as `xn--bcher-kva.example` (RFC 3492). Pages show both: the one
 * to read, the other because two names may look alike.
 */

/** `ascii`: the form in DNS, where it is another. */
export type ShownName = { name: string; ascii: string | null };

export function shownName(name: string): ShownName {
  const labels = name.split('.').map((label) => (/^xn--/i.test(label) ? decodeLabel(label.slice(4)) : label));
  // One that cannot be read is shown as it is, and so is the whole name.
  if (labels.some((label) => label === null)) return { name, ascii: null };
  const read = labels.join('.');
  return read === name ? { name, ascii: null } : { name: read, ascii: name };
}

/** The form in DNS of what stands behind the @ of an address; null for what is no name. */
export function asciiName(name: string): string | null {
  try {
    return new URL(`http://${name.trim().replace(/\.$/, '')}`).hostname.toLowerCase();
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

const [BASE, T_MIN, T_MAX, SKEW, DAMP, FIRST_BIAS, FIRST_N] = [36, 1, 26, 38, 700, 72, 128];
const LONGEST = 63;

/** Null for what is no Punycode, and for letters that would not be seen. */
function decodeLabel(text: string): string | null {
  if (text.length > LONGEST) return null;
  const split = text.lastIndexOf('-');
  const points = [...text.slice(0, Math.max(0, split))].map((letter) => letter.codePointAt(0) ?? 0);
  let [n, i, bias] = [FIRST_N, 0, FIRST_BIAS];
  for (let at = split < 0 ? 0 : split + 1; at < text.length; ) {
    const before = i;
    for (let weight = 1, k = BASE; ; k += BASE) {
      const digit = digitOf(text.charCodeAt(at++));
      if (digit === null) return null;
      i += digit * weight;
      const threshold = Math.min(T_MAX, Math.max(T_MIN, k - bias));
      if (digit < threshold) break;
      weight *= BASE - threshold;
    }
    const count = points.length + 1;
    bias = adapt(i - before, count, before === 0);
    n += Math.floor(i / count);
    i %= count;
    if (n > 0x10ffff) return null;
    points.splice(i++, 0, n);
  }
  const read = String.fromCodePoint(...points);
  return /^[\p{L}\p{N}\p{M}\-·・]+$/u.test(read) ? read : null;
}

function adapt(delta: number, count: number, first: boolean): number {
  let left = first ? Math.floor(delta / DAMP) : delta >> 1;
  left += Math.floor(left / count);
  let k = 0;
  for (; left > ((BASE - T_MIN) * T_MAX) >> 1; k += BASE) left = Math.floor(left / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * left) / (left + SKEW));
}

function digitOf(code: number): number | null {
  if (code >= 0x30 && code <= 0x39) return code - 0x30 + 26;
  const letter = (code | 0x20) - 0x61;
  return letter >= 0 && letter < 26 ? letter : null;
}
