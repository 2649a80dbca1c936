/**
 * A DKIM key record (RFC 6376 §3.6.1, RFC 8301, RFC 8463): the public key with which receivers check signatures, under `SELECTOR._domainkey.DOMAIN`. A domain
 * has as many as it likes, each named by its *selector*; a signature says which one it needs, and no list of them exists.
 */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { parseTags, type Tag, type TagProblem, tagOf } from './tags.ts';
import type { Span } from './types.ts';

/** What can be wrong with `p=` or with the tags around it. */
/** A selector in lower case, as it may stand before `._domainkey`. */
export function isSelector(text: string): boolean {
  return /^[a-z0-9_]([a-z0-9_.-]{0,61}[a-z0-9_])?$/.test(text);
}

export const DKIM_KEY_PROBLEMS = [
  'key-missing', // no p= at all
  'key-type-unknown',
  'not-base64',
  'quotes-in-key', // copied with the quotes that a zone file needs
  'cut-off', // a panel that keeps 255 characters
  'not-a-key',
  'wrong-length', // Ed25519: 32 bytes
  'bare-rsa-key', // RSAPublicKey without the wrapping that verifiers read
] as const;
export type DkimKeyProblem = (typeof DKIM_KEY_PROBLEMS)[number];

export type DkimRecord = {
  tags: Tag[];
  problems: TagProblem[];
  /** `v=` stands, but not first or with another value: receivers throw the record away (§3.6.1). */
  versionWrong: boolean;
  type: 'rsa' | 'ed25519' | null;
  bits: number | null;
  /** SHA-256 of the key itself, in hexadecimal: the same key anywhere has the same. */
  fingerprint: string | null;
  revoked: boolean;
  keyProblem: DkimKeyProblem | null;
  /** `t=y` and `t=s`. */
  testing: boolean;
  noSubdomains: boolean;
  /** `s=` and `h=`, null: everything. */
  services: string[] | null;
  hashes: string[] | null;
};

/** Is this text meant as a key? Wildcards and strangers put other texts at a selector's name. */
export function looksLikeDkim(text: string): boolean {
  // The beginning tells; a stranger's text may be long, and of one letter.
  const start = text.slice(0, 500).replace(/^[\s"]+/, '');
  return /^v\s*=\s*DKIM/i.test(start) || /(?:^|;)\s{0,20}(?:p\s*=|k\s*=\s*(?:rsa|ed25519))/i.test(start);
}

export function parseDkim(text: string): DkimRecord {
  const list = parseTags(text);
  const version = tagOf(list, 'v');
  const type = (tagOf(list, 'k')?.value ?? 'rsa').toLowerCase();
  const flags = listOf(tagOf(list, 't'));
  const key = tagOf(list, 'p');
  const known = type === 'rsa' || type === 'ed25519' ? type : null;
  const read: ReadKey =
    key === null
      ? { problem: 'key-missing' }
      : known === null
        ? { problem: 'key-type-unknown' }
        : readKey(known, key.value);
  return {
    tags: list.tags,
    problems: list.problems,
    versionWrong: version !== null && (version.value !== 'DKIM1' || list.tags[0] !== version),
    type: known,
    bits: 'bits' in read ? read.bits : null,
    fingerprint: 'fingerprint' in read ? read.fingerprint : null,
    revoked: key !== null && key.value === '',
    keyProblem: key !== null && key.value === '' ? null : 'problem' in read ? read.problem : null,
    testing: flags?.includes('y') ?? false,
    noSubdomains: flags?.includes('s') ?? false,
    services: listOf(tagOf(list, 's')),
    hashes: listOf(tagOf(list, 'h')),
  };
}

/** The span of a tag, for the part that a page marks. */
export function spanOf(record: DkimRecord, name: string): Span | null {
  const tag = record.tags.find((one) => one.name === name);
  return tag === undefined ? null : { start: tag.start, end: tag.end };
}

function listOf(tag: Tag | null): string[] | null {
  if (tag === null) return null;
  return tag.value
    .split(':')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== '');
}

type ReadKey = { problem: DkimKeyProblem } | { bits: number; fingerprint: string };

function readKey(type: 'rsa' | 'ed25519', value: string): ReadKey {
  const text = value.replace(/[ \t\r\n]+/g, '');
  if (/["'\\]/.test(text)) return { problem: 'quotes-in-key' };
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return { problem: 'not-base64' };
  const bytes = Buffer.from(text, 'base64');
  const fingerprint = createHash('sha256').update(bytes).digest('hex');
  if (type === 'ed25519') {
    // RFC 8463 §4.2: the bare 32 bytes. Some publish them wrapped as OpenSSL prints them, and fail.
    return bytes.length === 32 ? { bits: 256, fingerprint } : { problem: 'wrong-length' };
  }
  const wanted = derLength(bytes);
  if (wanted !== null && wanted > bytes.length) return { problem: 'cut-off' };
  const key = readDer(bytes, 'spki');
  if (key === null) return { problem: readDer(bytes, 'pkcs1') === null ? 'not-a-key' : 'bare-rsa-key' };
  const bits = key.asymmetricKeyType === 'rsa' ? key.asymmetricKeyDetails?.modulusLength : undefined;
  return bits === undefined ? { problem: 'not-a-key' } : { bits, fingerprint };
}

/** How long the outermost sequence says it is, or null where there is none. */
function derLength(bytes: Buffer): number | null {
  const [first, length = 0] = bytes;
  if (first !== 0x30) return null;
  if (length < 0x80) return 2 + length;
  const count = length & 0x7f;
  if (count === 0 || count > 3 || bytes.length < 2 + count) return null;
  return 2 + count + bytes.readUIntBE(2, count);
}

function readDer(bytes: Buffer, type: 'spki' | 'pkcs1'): KeyObject | null {
  try {
    return createPublicKey({ key: bytes, format: 'der', type });
  } catch (error) {
    // OpenSSL throws for whatever is no key; which of its many words it chose says nothing to anybody.
    if (error instanceof Error) return null;
    throw error;
  }
}
