/**
 * DNSSEC (RFC 4033–4035): a zone signs its records, and the zone above holds a digest (DS) of the key it signs with, up to the root. Mail works without it, but DANE
 * does not; and a zone whose signatures do not hold is gone for every resolver that checks them, Google's and Cloudflare's among them: its mail with it.
 * We do not check signatures ourselves; a validating resolver does, and answers SERVFAIL where they are wrong and AD where they are right. Pure.
 */
import { createHash } from 'node:crypto';
import { raise } from './findings.ts';
import { plainName } from './name.ts';
import type { Finding, Gathered } from './types.ts';

export type DsRecord = { keyTag: number; algorithm: number; digestType: number; digest: string };
export type ZoneKey = {
  keyTag: number;
  algorithm: number;
  /** Signs other keys (SEP bit, RFC 4034 §2.1.1): the one a DS record names. */
  entry: boolean;
  /** A DS record that names it, as it would stand in the zone above. */
  ds: string;
};

/** Why a zone does not hold, as far as can be told from outside. */
export const BOGUS_CAUSES = [
  'no-key',
  'key-not-in-ds',
  'signature-expired',
  'signature-not-yet-valid',
  'unknown',
] as const;
export type BogusCause = (typeof BOGUS_CAUSES)[number];

export type DnssecShown = {
  /** The zone the domain lies in; null: not found. */
  zone: string | null;
  /** The resolver says so, and is believed. */
  secure: boolean;
  ds: DsRecord[];
  keys: ZoneKey[];
  bogus: { cause: BogusCause; types: string[] } | null;
};
export type DnssecFacts = Gathered<DnssecShown> & {
  domain: string;
  /** The resolver validates, and is believed: it says AD for the root. */
  validated: boolean;
};

/** Given up or never allowed: RSAMD5, DSA, SHA-1 signatures, GOST (RFC 8624 §3.1, RFC 9905). */
const WEAK_ALGORITHMS: Record<number, string> = {
  1: 'RSAMD5',
  3: 'DSA',
  5: 'RSASHA1',
  6: 'DSA-NSEC3-SHA1',
  7: 'RSASHA1-NSEC3-SHA1',
  12: 'ECC-GOST',
};

/** RFC 4034 §5.1.4 and appendix B. @param owner the zone's name */
export function readZoneKey(owner: string, of: { flags: number; algorithm: number; key: Uint8Array }): ZoneKey {
  const data = Buffer.concat([
    Buffer.from([of.flags >> 8, of.flags & 255, 3, of.algorithm & 255]),
    Buffer.from(of.key),
  ]);
  let sum = 0;
  for (const [index, byte] of data.entries()) sum += index % 2 === 0 ? byte << 8 : byte;
  const keyTag = (sum + (sum >>> 16)) & 0xffff;
  return {
    keyTag,
    algorithm: of.algorithm,
    entry: (of.flags & 1) !== 0,
    ds: `${keyTag} ${of.algorithm} 2 ${digestOf(owner, data, 'sha256')}`,
  };
}

function digestOf(owner: string, data: Buffer, hash: string): string {
  const labels = plainName(owner)
    .split('.')
    .filter((label) => label !== '');
  const name = labels.map((label) => Buffer.concat([Buffer.from([Buffer.byteLength(label)]), Buffer.from(label)]));
  return createHash(hash)
    .update(Buffer.concat([...name, Buffer.from([0]), data]))
    .digest('hex');
}

/**
 * Why resolvers that check the signatures refuse this zone.
 * @param signatures validity of the signatures over the zone's own records, epoch seconds; empty: not seen
 */
export function causeOf(
  ds: readonly DsRecord[],
  keys: readonly ZoneKey[],
  signatures: readonly { inception: number; expiration: number }[],
  now: number,
): BogusCause {
  const seconds = now / 1000;
  if (keys.length === 0) return 'no-key';
  if (ds.length > 0 && !ds.some((record) => keys.some((key) => key.keyTag === record.keyTag))) return 'key-not-in-ds';
  if (signatures.some(({ expiration }) => expiration < seconds)) return 'signature-expired';
  if (signatures.some(({ inception }) => inception > seconds)) return 'signature-not-yet-valid';
  return 'unknown';
}

export function judgeDnssec(facts: DnssecFacts): Finding[] {
  const { domain, shown, validated } = facts;
  const { zone, ds, keys, bogus, secure } = shown;
  const name = zone ?? domain;
  if (bogus !== null) return [raise('dnssec-bogus', { name, cause: bogus.cause, types: bogus.types.join(', ') })];
  const [failed] = facts.unasked;
  if (failed !== undefined) return [raise('dnssec-unasked', { name: failed.name, status: failed.status })];
  if (ds.length === 0) {
    const entry = keys.find((key) => key.entry) ?? keys[0];
    if (entry === undefined) return [raise('dnssec-missing', { name })];
    return [raise('dnssec-ds-missing', { name, record: entry.ds })];
  }
  const findings: Finding[] = [];
  const algorithms = ds.map(({ algorithm }) => algorithm);
  if (algorithms.every((algorithm) => WEAK_ALGORITHMS[algorithm] !== undefined))
    findings.push(
      raise('dnssec-algorithm-weak', {
        name,
        algorithm: [...new Set(algorithms)].map((algorithm) => WEAK_ALGORITHMS[algorithm] ?? '').join(', '),
      }),
    );
  if (ds.every(({ digestType }) => digestType === 1))
    findings.push(
      raise('dnssec-digest-weak', { name, record: keys.find((key) => key.keyTag === ds[0]?.keyTag)?.ds ?? null }),
    );
  if (!validated && !secure) findings.push(raise('dnssec-unvalidated', { name }));
  return findings;
}
