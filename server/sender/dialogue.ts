/**
 * The SMTP dialogue as evidence: who said what, when. It is stored and shown, so nothing secret may stand in it, not even when a
 * server repeats our password in its refusal, and nobody may make it large: a hostile server can talk for ever.
 */
import type { DialogueLine } from './types.ts';

const MOST_LINES = 200;
const MOST_TEXT = 2_000;

export type Dialogue = {
  lines: DialogueLine[];
  add: (from: DialogueLine['from'], text: string) => void;
};

/** @param scrub takes secrets out of a text: see `scrubber` */
export function newDialogue(now: () => number, scrub: (text: string) => string): Dialogue {
  const lines: DialogueLine[] = [];
  return {
    lines,
    add: (from, text) => {
      if (lines.length > MOST_LINES) return;
      if (lines.length === MOST_LINES) lines.push({ at: now(), from: 'note', text: '…' });
      else lines.push({ at: now(), from, text: readable(scrub(text.slice(0, 2 * MOST_TEXT))) });
    },
  };
}

/** A server's words as they may be stored: no control characters but the line breaks of a multi-line reply, and not endless. */
export function readable(text: string): string {
  const clean = text.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n]|[\u2028\u2029]/gu, '�');
  return clean.length > MOST_TEXT ? `${clean.slice(0, MOST_TEXT)}…` : clean;
}

/** A client line of the login: the mechanism may be read, nothing else. */
export function maskLogin(line: string): string {
  const mechanism = /^AUTH [A-Z0-9-]{1,20}(?= |$)/i.exec(line);
  if (mechanism === null) return '***';
  return mechanism[0].length === line.length ? line : `${mechanism[0]} ***`;
}

/**
 * Takes a password out of a text in every form it travels in: plain, base64 (alone and as in AUTH PLAIN), hex, percent-encoded.
 * Passwords under four characters are left: they would tear holes into ordinary words.
 */
export function scrubber(user: string | null, password: string | null): (text: string) => string {
  if (password === null || password.length < 4) return (text) => text;
  const plain = Buffer.from(password, 'utf8');
  const forms = [
    password,
    plain.toString('base64'),
    plain.toString('base64url'),
    Buffer.from(`\0${user ?? ''}\0${password}`, 'utf8').toString('base64'),
    Buffer.from(`${user ?? ''}\0${user ?? ''}\0${password}`, 'utf8').toString('base64'),
    plain.toString('hex'),
    plain.toString('hex').toUpperCase(),
    encodeURIComponent(password.toWellFormed()),
  ].toSorted((one, other) => other.length - one.length);
  return (text) => forms.reduce((scrubbed, form) => scrubbed.replaceAll(form, '***'), text);
}
