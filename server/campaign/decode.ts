/**
 * From the bytes of a text part to its text: first the transfer encoding (base64, quoted-printable), then the character set. What is wrong on the way is noted and the
 * text is read as well as it can be. Japanese mail is written in UTF-8 or, as for thirty years, in ISO-2022-JP (RFC 1468): seven-bit bytes that escape sequences
 * switch between alphabets, and each line must end switched back to ASCII. Pure.
 */
import { hasEightBit } from './fields.ts';
import type { Placed } from './mime.ts';
import type { Text, TextFault } from './types.ts';

/** Bytes of one text part that are read; no client shows more. */
export const MAX_TEXT_BYTES = 2 * 1024 * 1024;

const ENCODINGS = new Set(['7bit', '8bit', 'binary', 'base64', 'quoted-printable']);
const ESC = 0x1b;
const LF = 0x0a;

export function readText(raw: Buffer, part: Placed): Text {
  const faults: TextFault[] = [];
  const body = raw.subarray(part.from, Math.min(part.to, part.from + MAX_TEXT_BYTES));
  if (!ENCODINGS.has(part.encoding)) faults.push({ kind: 'encoding-unknown' });
  const bytes = decodeTransfer(body, part.encoding, faults);
  const text = decodeCharset(bytes, part.charset, faults);
  return {
    part: part.path,
    text,
    charset: part.charset,
    faults,
    cut: part.to - part.from > MAX_TEXT_BYTES,
  };
}

function decodeTransfer(body: Buffer, encoding: string, faults: TextFault[]): Buffer {
  if (encoding === 'base64') {
    const text = body.toString('latin1');
    if (/[^A-Za-z0-9+/=\s]/.test(text) || /=[^=\s]/.test(text)) faults.push({ kind: 'encoding-invalid' });
    return Buffer.from(text, 'base64');
  }
  return encoding === 'quoted-printable' ? decodeQuoted(body, faults) : body;
}

/** RFC 2045 §6.7. */
function decodeQuoted(body: Buffer, faults: TextFault[]): Buffer {
  const out = Buffer.allocUnsafe(body.length);
  let length = 0;
  let broken = false;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at] ?? 0;
    if (byte !== 0x3d) {
      out[length++] = byte;
      continue;
    }
    // A soft line break, blanks before it forgiven.
    let end = at + 1;
    while (body[end] === 0x20 || body[end] === 0x09) end++;
    if (body[end] === LF || (body[end] === 0x0d && body[end + 1] === LF)) {
      at = body[end] === LF ? end : end + 1;
      continue;
    }
    const value = Number.parseInt(body.toString('latin1', at + 1, at + 3), 16);
    if (/^[0-9a-f]{2}$/i.test(body.toString('latin1', at + 1, at + 3))) {
      out[length++] = value;
      at += 2;
    } else if (at + 1 >= body.length) break;
    else {
      broken = true;
      out[length++] = byte;
    }
  }
  if (broken) faults.push({ kind: 'encoding-invalid' });
  return out.subarray(0, length);
}

function decodeCharset(bytes: Buffer, charset: string | null, faults: TextFault[]): string {
  const label = charset === null ? null : charset.split('*')[0]?.trim() || null;
  if (label === null) {
    if (!hasEightBit(bytes) && !bytes.includes(ESC)) return bytes.toString('latin1');
    faults.push({ kind: 'charset-missing' });
    if (bytes.includes(ESC)) return lenient('iso-2022-jp', bytes);
    return strict('utf-8', bytes) ?? bytes.toString('latin1');
  }
  if (label === 'us-ascii' || label === 'ascii') {
    if (hasEightBit(bytes)) faults.push({ kind: 'charset-invalid' });
    return strict('utf-8', bytes) ?? bytes.toString('latin1');
  }
  if (!isKnown(label)) {
    faults.push({ kind: 'charset-unknown' });
    return strict('utf-8', bytes) ?? bytes.toString('latin1');
  }
  if (/^(?:cs)?iso-?2022-?jp/.test(label)) faults.push(...escapeFaults(bytes));
  const text = strict(label, bytes);
  if (text !== null) return text;
  // A line that ends switched is what makes it unreadable: that was said already.
  if (!faults.some(({ kind }) => kind === 'escape-open')) faults.push({ kind: 'charset-invalid' });
  return lenient(label, bytes);
}

function isKnown(label: string): boolean {
  try {
    new TextDecoder(label);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function strict(label: string, bytes: Buffer): string | null {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

function lenient(label: string, bytes: Buffer): string {
  return new TextDecoder(label).decode(bytes);
}

/** The four sets that ISO-2022-JP has: ASCII, JIS X 0201 Latin, JIS X 0208 of 1978 and of 1983. Half-width katakana (`ESC ( I`) is none of them. */
const SETS = new Map([
  ['(B', true],
  ['(J', true],
  ['$@', false],
  ['$B', false],
]);

function escapeFaults(bytes: Buffer): TextFault[] {
  let open: number | null = null;
  let foreign: number | null = null;
  let single = true;
  let line = 1;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === LF) {
      if (!single) open ??= line;
      single = true;
      line++;
    } else if (byte === ESC) {
      const set = SETS.get(bytes.toString('latin1', at + 1, at + 3));
      if (set === undefined) foreign ??= line;
      single = set ?? false;
      at += 2;
    }
  }
  if (!single) open ??= line;
  return [
    ...(open === null ? [] : [{ kind: 'escape-open' as const, line: open }]),
    ...(foreign === null ? [] : [{ kind: 'escape-foreign' as const, line: foreign }]),
  ];
}
