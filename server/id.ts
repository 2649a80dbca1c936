/**
 * Names for rows. An id is 26 characters of Crockford base32, as in ULID: ten of time and sixteen of chance, so rows sort by birth
 * and no two processes ever need to ask each other. A token names one probe in a mail; it is chance alone, because
 * a receiver must not be able to guess the next one or read our clock from it.
 */
import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

function encode(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) out += ALPHABET[byte & 31];
  return out;
}

/** A new row id, sortable by `now` (epoch ms). */
export function newId(now: number): string {
  return timePart(now) + encode(randomBytes(16));
}

/** The least id that a row made at `at` could have: every row made before has a smaller one. */
export function firstId(at: number): string {
  return timePart(at) + '0'.repeat(16);
}

function timePart(at: number): string {
  let time = '';
  for (let n = Math.max(0, at), i = 0; i < 10; i++, n = Math.floor(n / 32)) time = ALPHABET[n % 32] + time;
  return time;
}

/** A new probe token: 20 characters, 100 bits of chance, lower case because mail systems fold case. */
export function newToken(): string {
  return encode(randomBytes(20));
}

/** A new secret for links, sessions and API tokens: 32 random bytes, base64url. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}
