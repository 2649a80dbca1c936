/**
 * Headers as people can read them. A field may run over several lines (folding, RFC 5322 §2.2.3), and letters beyond ASCII are written as encoded words (RFC 2047):
 * `=?ISO-2022-JP?B?GyRCJEYbKEI=?=`. Old Japanese mailers put ISO-2022-JP there as it is. All of it is a stranger's text: signs that are not to be
 * seen, and those that turn the direction of writing, are shown as what they are.
 */

import { visible } from '../../components/invisible.ts';

export type HeaderField = {
  name: string;
  /** As received, unfolded into lines. */
  raw: string;
  /** On one line, decoded. */
  value: string;
};

/** Whole fields, one text each: `Subject: Hello\n world`. */
export function headerFields(text: string): string[] {
  return text
    .replace(/\r\n?/g, '\n')
    .split(/\n(?![ \t])/)
    .filter((field) => field.trim() !== '');
}

export function readFields(text: string): HeaderField[] {
  return headerFields(text).map((field) => {
    const colon = field.indexOf(':');
    const raw = colon === -1 ? field : field.slice(colon + 1).trim();
    return {
      name: colon === -1 ? '' : field.slice(0, colon).trim(),
      raw: visible(raw, '\n\t'),
      value: visible(decodeWords(withoutEscapes(raw.replace(/\n[ \t]+/g, ' ')))),
    };
  });
}

const WORD = /=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=/g;

/** Encoded words of a text as letters; what cannot be decoded stays as it is. */
export function decodeWords(text: string): string {
  let out = '';
  let last = 0;
  let open: { charset: string; bytes: number[]; raw: string } | null = null;
  const close = (): void => {
    if (open !== null) out += decoded(open.charset, open.bytes) ?? open.raw;
    open = null;
  };
  for (const match of text.matchAll(WORD)) {
    const [whole, label = '', encoding = '', written = ''] = match;
    const between = text.slice(last, match.index);
    last = match.index + whole.length;
    // The language that may follow the character set (RFC 2231 §5) says nothing about letters.
    const charset = (label.split('*')[0] ?? '').toLowerCase();
    const bytes = encoding.toLowerCase() === 'b' ? ofBase64(written) : ofQ(written);
    // Blanks between two encoded words are not shown (§6.2), and a letter may be cut between them.
    const joined: boolean = open !== null && between.trim() === '';
    if (open !== null && joined && open.charset === charset && bytes !== null) {
      open.bytes.push(...bytes);
      open.raw += between + whole;
      continue;
    }
    close();
    if (!joined) out += between;
    if (bytes === null) out += whole;
    else open = { charset, bytes, raw: whole };
  }
  close();
  return out + text.slice(last);
}

function ofBase64(text: string): number[] | null {
  try {
    return [...atob(text.replace(/\s/g, ''))].map((sign) => sign.charCodeAt(0));
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}

function ofQ(text: string): number[] {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const hex = /^=([0-9a-f]{2})/i.exec(text.slice(at, at + 3))?.[1];
    if (hex !== undefined) {
      bytes.push(Number.parseInt(hex, 16));
      at += 2;
    } else bytes.push(text[at] === '_' ? 0x20 : text.charCodeAt(at) & 0xff);
  }
  return bytes;
}

function decoded(charset: string, bytes: readonly number[]): string | null {
  try {
    return new TextDecoder(charset).decode(Uint8Array.from(bytes));
  } catch (error) {
    // A name that the browser does not know.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** ISO-2022-JP as it is, without an encoded word: it begins with an escape sign and is ASCII throughout. */
function withoutEscapes(text: string): string {
  if (!['\u001b$', '\u001b('].some((start) => text.includes(start)) || !/^\p{ASCII}*$/u.test(text)) return text;
  return (
    decoded(
      'iso-2022-jp',
      [...text].map((sign) => sign.charCodeAt(0)),
    ) ?? text
  );
}
