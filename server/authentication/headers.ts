/**
 * A mail begins with header fields (RFC 5322 §2.2): name, colon, value, the value going on over lines that start with a blank. Every
 * server on the way puts its own fields on top, so the order is a history: the receiver wrote the first ones, the sender the last.
 *
 * Anyone can send a header of any size. Reading stops at 256 KiB or 5,000 lines, which no honest mail reaches; everything is
 * one pass. Field names are data of strangers (`__proto__`), so fields are a list and never keys of an object.
 */

export const HEADER_MAX_BYTES = 256 * 1024;
export const HEADER_MAX_LINES = 5000;

export type HeaderField = {
  /** As written, without blanks around. */
  name: string;
  /** In lower case, to compare. */
  key: string;
  /** Unfolded and trimmed; encoded words (RFC 2047) stay encoded. */
  value: string;
  /** Position among the fields, 0 at the top. */
  index: number;
};

export type HeaderBlock = {
  fields: HeaderField[];
  /** Bytes and lines of the header, counted up to the limits. */
  bytes: number;
  lines: number;
  /** Reading stopped at a limit: `fields` holds what stood above. */
  tooLarge: boolean;
};

const LF = 0x0a;
const CR = 0x0d;

/** @param raw a whole message or just its header; bare LF is taken like CRLF */
export function readHeaders(raw: Uint8Array): HeaderBlock {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  const fields: HeaderField[] = [];
  let current: { name: string; parts: Buffer[] } | null = null;
  let at = 0;
  let lines = 0;
  let tooLarge = false;

  const finish = (): void => {
    if (current === null) return;
    const { name, parts } = current;
    fields.push({ name, key: name.toLowerCase(), value: readText(Buffer.concat(parts)).trim(), index: fields.length });
    current = null;
  };

  while (at < bytes.length) {
    let end = bytes.subarray(0, HEADER_MAX_BYTES + 1).indexOf(LF, at);
    if (end === -1) end = Math.min(bytes.length, HEADER_MAX_BYTES + 1);
    const line = bytes.subarray(at, end > at && bytes[end - 1] === CR ? end - 1 : end);
    if (line.length === 0) break;
    if (end > HEADER_MAX_BYTES || lines === HEADER_MAX_LINES) {
      tooLarge = true;
      break;
    }
    lines++;
    at = end + 1;
    if (line[0] === 0x20 || line[0] === 0x09) {
      // A blank line of blanks is still folding; text before any field belongs to none.
      current?.parts.push(line);
      continue;
    }
    finish();
    const colon = line.indexOf(0x3a);
    const name = colon > 0 ? line.toString('latin1', 0, colon).trim() : '';
    // Lines that are no field (an mbox "From " line, rubbish) are passed over: what follows still counts.
    if (name !== '' && /^[\x21-\x7e]+$/.test(name)) current = { name, parts: [line.subarray(colon + 1)] };
  }
  finish();
  return { fields, bytes: Math.min(at, HEADER_MAX_BYTES), lines, tooLarge };
}

/** UTF-8 where it is UTF-8 (RFC 6532), else each byte as it is. */
function readText(value: Buffer): string {
  const text = value.toString('utf8');
  return text.includes('�') ? value.toString('latin1') : text;
}

/** The fields alone, for whoever needs no more. @param raw a header block or a whole message */
export function readHeaderFields(raw: Uint8Array): HeaderField[] {
  return readHeaders(raw).fields;
}

/**
 * Encoded words (RFC 2047: `=?ISO-2022-JP?B?…?=`) as people read them. For showing only: what it returns may hold anything, line breaks
 * too, and no address may be read from it.
 */
export function decodeWords(value: string): string {
  const word = /=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=/g;
  let out = '';
  let last = 0;
  let pending: { charset: string; bytes: Buffer[]; raw: string } | null = null;
  const flush = (): void => {
    if (pending === null) return;
    out += decodeCharset(pending.charset, Buffer.concat(pending.bytes)) ?? pending.raw;
    pending = null;
  };
  for (const match of value.matchAll(word)) {
    const [whole, label = '', encoding = '', text = ''] = match;
    const between = value.slice(last, match.index);
    // The language that may follow the character set (RFC 2231 §5) is of no use here.
    const charset = (label.split('*')[0] ?? '').toLowerCase();
    const bytes = encoding.toLowerCase() === 'b' ? Buffer.from(text, 'base64') : decodeQ(text);
    // Blanks between two encoded words are not shown (§6.2), and a character may be cut between them.
    if (pending !== null && between.trim() === '') {
      if (pending.charset === charset) {
        pending.bytes.push(bytes);
        pending.raw += whole;
        last = match.index + whole.length;
        continue;
      }
      flush();
    } else {
      flush();
      out += between;
    }
    pending = { charset, bytes: [bytes], raw: whole };
    last = match.index + whole.length;
  }
  flush();
  return out + value.slice(last);
}

function decodeQ(text: string): Buffer {
  const latin = text
    .replaceAll('_', ' ')
    .replace(/=([0-9A-Fa-f]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(latin, 'latin1');
}

function decodeCharset(charset: string, bytes: Buffer): string | null {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch (error) {
    // TextDecoder throws a RangeError for a name it does not know: then the word stays as it is.
    if (error instanceof RangeError) return null;
    throw error;
  }
}
