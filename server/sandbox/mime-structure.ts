/**
 * The parts of a mail, by their place in its bytes, as IMAP asks for them: header and body, and within `multipart/…` the parts
 * between the boundary lines (RFC 2046), numbered 1, 2, 2.1 … Nothing is changed or decoded: offsets into the raw bytes are what
 * makes a byte-exact answer possible. The text is read as latin1, one character a byte.
 */

export type Part = {
  /** Lower-case, `text/plain` if not said. */
  type: string;
  parameters: Map<string, string>;
  headerStart: number;
  /** Where the body begins, after the empty line. */
  bodyStart: number;
  end: number;
  header: Map<string, string[]>;
  /** Parts of a multipart, or the one mail inside a message/rfc822. */
  children: Part[];
};

const MAX_DEPTH = 15;
const MAX_PARTS = 500;

export function parseStructure(text: string): Part {
  return parsePart(text, 0, text.length, 0, { left: MAX_PARTS }, 'text/plain');
}

function parsePart(
  text: string,
  start: number,
  end: number,
  depth: number,
  budget: { left: number },
  otherwise: string,
): Part {
  const bodyStart = headerEnd(text, start, end);
  const header = parseHeader(text.slice(start, bodyStart));
  const { value, parameters } = parseParameters(header.get('content-type')?.[0] ?? otherwise);
  const type = /^[^/\s]+\/[^/\s]+$/.test(value) ? value : 'text/plain';
  const part: Part = { type, parameters, headerStart: start, bodyStart, end, header, children: [] };
  budget.left--;
  if (depth >= MAX_DEPTH || budget.left <= 0) return part;
  if (type === 'message/rfc822') {
    part.children = [parsePart(text, bodyStart, end, depth + 1, budget, 'text/plain')];
  } else if (type.startsWith('multipart/')) {
    const within = type === 'multipart/digest' ? 'message/rfc822' : 'text/plain';
    for (const [from, to] of boundaries(text, bodyStart, end, parameters.get('boundary') ?? '')) {
      if (budget.left <= 0) break;
      part.children.push(parsePart(text, from, to, depth + 1, budget, within));
    }
  }
  return part;
}

/** Offset just after the empty line that ends a header; the end if there is none. */
export function headerEnd(text: string, start = 0, end = text.length): number {
  if (text.startsWith('\r\n', start)) return start + 2;
  const empty = /\r?\n\r?\n/g;
  empty.lastIndex = start;
  const match = empty.exec(text);
  return match === null || match.index + match[0].length > end ? end : match.index + match[0].length;
}

function boundaries(text: string, start: number, end: number, boundary: string): [number, number][] {
  if (boundary === '') return [];
  const found: [number, number][] = [];
  const mark = `--${boundary}`;
  let open = -1;
  for (let at = text.indexOf(mark, start); at !== -1 && at < end; at = text.indexOf(mark, at + mark.length)) {
    if (at !== start && text[at - 1] !== '\n') continue;
    const rest = /--[ \t]*(?=\r?\n|$)|[ \t]*(?=\r?\n|$)/y;
    rest.lastIndex = at + mark.length;
    const after = rest.exec(text);
    if (after === null) continue;
    if (open !== -1) found.push([open, Math.max(open, at - (text[at - 2] === '\r' ? 2 : 1))]);
    open = Math.min(end, rest.lastIndex + (text[rest.lastIndex] === '\r' ? 2 : 1));
    if (after[0].startsWith('--')) return found;
  }
  if (open !== -1) found.push([open, end]);
  return found;
}

/** Header lines unfolded (RFC 5322 2.2.3): lower-case name → values in their order. */
export function parseHeader(text: string): Map<string, string[]> {
  const header = new Map<string, string[]>();
  for (const field of headerFields(text)) {
    const colon = field.indexOf(':');
    if (colon < 1) continue;
    const name = field.slice(0, colon).trim().toLowerCase();
    const value = field
      .slice(colon + 1)
      .replace(/\r?\n(?=[ \t])/g, '')
      .trim();
    const values = header.get(name);
    if (values === undefined) header.set(name, [value]);
    else values.push(value);
  }
  return header;
}

/** The fields of a header as they stand, each with its folded lines and its line end. */
export function headerFields(text: string): string[] {
  const fields: string[] = [];
  let from = 0;
  while (from < text.length) {
    let to = text.indexOf('\n', from);
    while (to !== -1 && (text[to + 1] === ' ' || text[to + 1] === '\t')) to = text.indexOf('\n', to + 1);
    const end = to === -1 ? text.length : to + 1;
    const field = text.slice(from, end);
    if (/^\r?\n?$/.test(field)) break;
    fields.push(field);
    from = end;
  }
  return fields;
}

/** `text/plain; charset="utf-8"` → value in lower case and parameters by lower-case name. */
export function parseParameters(text: string): { value: string; parameters: Map<string, string> } {
  const parameters = new Map<string, string>();
  const head = /^[^;]*/.exec(text)?.[0] ?? '';
  const each = /;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/g;
  for (const match of text.slice(head.length).matchAll(each)) {
    parameters.set((match[1] ?? '').toLowerCase(), match[2]?.replace(/\\(.)/g, '$1') ?? match[3] ?? '');
  }
  return { value: head.trim().toLowerCase(), parameters };
}

/** `=?utf-8?B?…?=` in clear (RFC 2047); other charsets than UTF-8, ASCII and Latin-1 go through the platform's decoder. */
export function decodeWords(text: string): string {
  if (!text.includes('=?')) return text;
  const joined = text.replace(/(\?=)\s+(?==\?)/g, '$1');
  return joined.replace(
    /=\?([^?\s]{1,40})\?([bq])\?([^?]*)\?=/gi,
    (whole, charset: string, kind: string, data: string) => {
      const bytes =
        kind.toLowerCase() === 'b'
          ? Buffer.from(data, 'base64')
          : Buffer.from(unquote(data.replaceAll('_', ' ')), 'latin1');
      return decodeText(bytes, charset.split('*')[0] ?? '') ?? whole;
    },
  );
}

export function unquote(text: string): string {
  return text
    .replace(/[ \t]*=\r?\n/g, '')
    .replace(/=([0-9a-f]{2})/gi, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** null for a charset nobody knows. */
export function decodeText(bytes: Buffer, charset: string): string | null {
  try {
    return new TextDecoder(charset === '' ? 'utf-8' : charset).decode(bytes);
  } catch {
    return null; // the label is not one the platform knows
  }
}
