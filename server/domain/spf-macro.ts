/**
 * SPF lets a record build names out of the mail it judges (RFC 7208 §7): `exists:%{ir}.%{l1r-}._spf.%{d}` asks for a name that holds the
 * client's address backwards and a part of the sender. This file reads such texts and fills them in.
 */
import { type Address, labelsOf, writeAddress } from './network.ts';

/** Either text as it stands, or a macro with what is to be done to its value. */
export type MacroPart =
  | { literal: string }
  | {
      letter: string;
      escaped: boolean;
      keep: number | null;
      reversed: boolean;
      delimiters: string;
      literal?: undefined;
    };

const IN_NAMES = 'slodiphv';
/** These three make sense only in the explanation a refused sender is shown. */
const IN_EXPLANATIONS = `${IN_NAMES}crt`;

/** @returns the parts, or the place of the first character that is not allowed */
export function readMacros(text: string, where: 'name' | 'explanation'): MacroPart[] | { at: number } {
  const letters = where === 'name' ? IN_NAMES : IN_EXPLANATIONS;
  const parts: MacroPart[] = [];
  let literal = '';
  const flush = (): void => {
    if (literal !== '') parts.push({ literal });
    literal = '';
  };
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char !== '%') {
      // An explanation may hold spaces; a name may not.
      if (char < (where === 'name' ? '!' : ' ') || char > '~') return { at };
      literal += char;
      continue;
    }
    const next = text[at + 1] ?? '';
    if (next === '%' || next === '_' || next === '-') {
      literal += next === '%' ? '%' : next === '_' ? ' ' : '%20';
      at++;
      continue;
    }
    const close = next === '{' ? text.indexOf('}', at) : -1;
    // No macro is longer than this; a text without a closing brace is not searched again and again.
    const macro =
      close < 0 || close - at > 64 ? null : /^([a-z])(\d*)(r?)([.\-+,/_=]*)$/i.exec(text.slice(at + 2, close));
    const [, letter = '', digits = '', reversed = '', delimiters = ''] = macro ?? [];
    // "0 parts" is no number of parts (§7.3); more than 127 labels no name has.
    if (macro === null || !letters.includes(letter.toLowerCase()) || (digits !== '' && Number(digits) === 0))
      return { at };
    flush();
    parts.push({
      letter: letter.toLowerCase(),
      escaped: letter !== letter.toLowerCase(),
      keep: digits === '' ? null : Number(digits),
      reversed: reversed !== '',
      delimiters: delimiters === '' ? '.' : delimiters,
    });
    at = close;
  }
  flush();
  return parts;
}

/** A domain-spec ends in a macro or in a label that can be a top-level domain (§7.1); one label alone is none. */
export function isDomainSpec(text: string): boolean {
  const parts = readMacros(text, 'name');
  if (!Array.isArray(parts) || parts.length === 0) return false;
  if (/(?:%\{[^}]*\}|%[%_-])$/.test(text.slice(-70))) return true;
  const end = text.endsWith('.') ? text.slice(0, -1) : text;
  const dot = end.lastIndexOf('.');
  const label = end.slice(dot + 1);
  return dot >= 0 && /^[a-z0-9-]+$/i.test(label) && !/^-|-$/.test(label) && /[a-z-]/i.test(label);
}

/** Letters of the macros in a text that readMacros takes; an empty set where it does not. */
export function macroLetters(text: string): Set<string> {
  const parts = readMacros(text, 'explanation');
  return new Set(
    Array.isArray(parts) ? parts.flatMap((part) => (part.literal === undefined ? [part.letter] : [])) : [],
  );
}

export type MacroValues = {
  /** `user@example.com`. */
  sender: string;
  /** The domain whose record is read. */
  domain: string;
  ip: Address;
  helo: string;
  /** What the PTR record says and the address confirms; `unknown` where nothing does. */
  validated: string;
  receiver: string;
  /** Epoch milliseconds. */
  now: number;
};

export function expandMacros(parts: readonly MacroPart[], values: MacroValues): string {
  return parts.map((part) => (part.literal === undefined ? expand(part, values) : part.literal)).join('');
}

function expand(macro: Exclude<MacroPart, { literal: string }>, values: MacroValues): string {
  const pieces = splitAt(macroValue(macro.letter, values), macro.delimiters);
  if (macro.reversed) pieces.reverse();
  const kept = macro.keep === null ? pieces : pieces.slice(-macro.keep);
  const text = kept.join('.');
  return macro.escaped ? escapeUrl(text) : text;
}

function macroValue(letter: string, values: MacroValues): string {
  const at = values.sender.lastIndexOf('@');
  switch (letter) {
    case 's':
      return values.sender;
    case 'l':
      return values.sender.slice(0, at);
    case 'o':
      return values.sender.slice(at + 1);
    case 'd':
      return values.domain;
    case 'i':
      return labelsOf(values.ip).join('.');
    case 'p':
      return values.validated;
    case 'h':
      return values.helo;
    case 'v':
      return values.ip.family === 4 ? 'in-addr' : 'ip6';
    case 'c':
      return writeAddress(values.ip);
    case 'r':
      return values.receiver;
    default:
      return String(Math.floor(values.now / 1000));
  }
}

function splitAt(text: string, delimiters: string): string[] {
  const pieces = [''];
  for (const char of text) {
    if (delimiters.includes(char)) pieces.push('');
    else pieces[pieces.length - 1] += char;
  }
  return pieces;
}

/** RFC 3986 §2.3: all but the unreserved characters. */
function escapeUrl(text: string): string {
  return [...Buffer.from(text, 'utf8')]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[\w.~-]/.test(char) && byte < 0x80 ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

/** §7.3: a name over 253 characters loses labels on the left until it fits; the last dot means nothing. */
export function fitName(name: string): string {
  let fitted = name.endsWith('.') ? name.slice(0, -1) : name;
  while (fitted.length > 253) {
    const dot = fitted.indexOf('.');
    if (dot < 0) break;
    fitted = fitted.slice(dot + 1);
  }
  return fitted;
}
