/**
 * Header fields with the line each stands on, so that a finding can be shown in its place. A field is a name, a colon and a value that goes on over lines that
 * begin with a blank (RFC 5322 §2.2). Reading stops at limits that no honest mail reaches; it is one pass. Pure.
 */
import { isAscii } from 'node:buffer';
import type { Field } from './types.ts';

export const MAX_HEADER_BYTES = 256 * 1024;
const MAX_FIELDS = 2000;

const LF = 0x0a;
const CR = 0x0d;

export type FieldBlock = {
  fields: Field[];
  /** Offset behind the blank line, or the end. */
  end: number;
  /** Line number at `end`. */
  line: number;
  stray: number[];
  cut: boolean;
};

/** @param from where the header begins @param line the number of that line @param to where it must end @param ends whether a line belongs to it no more */
export function readFields(
  raw: Buffer,
  from: number,
  to: number,
  line: number,
  ends: (line: Buffer) => boolean = () => false,
): FieldBlock {
  const fields: Field[] = [];
  const stray: number[] = [];
  let current: { name: string; parts: Buffer[]; line: number; longest: number } | null = null;
  let at = from;
  let number = line;
  let cut = false;
  const finish = (): void => {
    if (current === null) return;
    const bytes = Buffer.concat(current.parts);
    fields.push({
      name: current.name,
      key: current.name.toLowerCase(),
      value: textOf(bytes).trim(),
      index: fields.length,
      line: current.line,
      longest: current.longest,
      eightBit: hasEightBit(bytes),
    });
    current = null;
  };
  for (; at < to; number++) {
    const lf = raw.indexOf(LF, at);
    const end = lf === -1 || lf >= to ? to : lf;
    const bare = end > at && raw[end - 1] === CR ? end - 1 : end;
    const content = raw.subarray(at, bare);
    if (ends(content)) break;
    at = Math.min(end + 1, to);
    if (content.length === 0) {
      number++;
      break;
    }
    if (cut) continue;
    if (fields.length >= MAX_FIELDS || at - from > MAX_HEADER_BYTES) {
      cut = true;
      continue;
    }
    if (content[0] === 0x20 || content[0] === 0x09) {
      if (current === null) stray.push(number);
      else {
        current.parts.push(content);
        current.longest = Math.max(current.longest, content.length);
      }
      continue;
    }
    finish();
    const colon = content.indexOf(0x3a);
    const name = colon > 0 && colon < 200 ? content.toString('latin1', 0, colon).trimEnd() : '';
    if (/^[\x21-\x39\x3b-\x7e]+$/.test(name))
      current = { name, parts: [content.subarray(colon + 1)], line: number, longest: content.length };
    else stray.push(number);
  }
  finish();
  return { fields, end: at, line: number, stray: stray.slice(0, 20), cut };
}

/** Where a mail begins: behind a byte order mark, and behind the line with which a mailbox file (mbox) parts mails. */
export function startOf(raw: Buffer): { at: number; line: number } {
  const at = raw.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? 3 : 0;
  if (raw.toString('latin1', at, at + 5) !== 'From ') return { at, line: 1 };
  const end = raw.indexOf(LF, at);
  return end === -1 ? { at, line: 1 } : { at: end + 1, line: 2 };
}

/** UTF-8 where it is UTF-8 (RFC 6532), else each byte as it is. */
function textOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? bytes.toString('latin1') : text;
}

export function hasEightBit(bytes: Buffer): boolean {
  return !isAscii(bytes);
}

export function firstOf(fields: readonly Field[], key: string): Field | null {
  return fields.find((field) => field.key === key) ?? null;
}

/** `text/html; charset="utf-8"; name*0="a"; name*1="b"`: the value and its parameters, by name in lower case (RFC 2045 §5.1, RFC 2231). */
export function readParameters(value: string): { value: string; parameters: Map<string, string> } {
  const pieces: string[] = [];
  let piece = '';
  let quoted = false;
  for (let at = 0; at < value.length && pieces.length < 100; at++) {
    const sign = value[at] ?? '';
    if (quoted && sign === '\\') piece += value[++at] ?? '';
    else if (sign === '"') quoted = !quoted;
    else if (sign === ';' && !quoted) {
      pieces.push(piece);
      piece = '';
    } else piece += sign;
  }
  pieces.push(piece);
  const [first = '', ...rest] = pieces;
  const plain = new Map<string, string>();
  const parts = new Map<string, string[]>();
  for (const one of rest) {
    const equals = one.indexOf('=');
    if (equals < 1) continue;
    const name = one.slice(0, equals).trim().toLowerCase();
    const text = one.slice(equals + 1).trim();
    const numbered = /^([^*]+)\*(\d{0,2})(\*?)$/.exec(name);
    if (numbered === null) {
      if (!plain.has(name)) plain.set(name, text);
      continue;
    }
    const [, base = '', index = '', star] = numbered;
    const encoded = index === '' || star === '*';
    const list = parts.get(base) ?? [];
    list[Number(index || 0)] = encoded ? unpercent(text) : text;
    parts.set(base, list);
  }
  for (const [name, list] of parts) plain.set(name, list.join(''));
  return { value: first.trim().toLowerCase(), parameters: plain };
}

/** `UTF-8''%E5%B1%8A`; what cannot be read stays as it is. */
function unpercent(text: string): string {
  const [charset = '', , ...rest] = text.split("'");
  const body = rest.length > 0 ? rest.join("'") : text;
  const bytes = Buffer.from(
    body.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
  try {
    return new TextDecoder(rest.length > 0 && charset !== '' ? charset : 'utf-8').decode(bytes);
  } catch (error) {
    if (error instanceof RangeError) return body;
    throw error;
  }
}
