/**
 * TLSA records (RFC 6698): a domain says in DNS which key or certificate its mail server has, and DNSSEC vouches for the record, so that no certificate authority is
 * needed (DANE). For mail (RFC 7672) two kinds count: usage 3 names the server's own certificate or key, usage 2 an authority that it must
 * come from. Pure; certificates come in as DER.
 */
import { createHash, X509Certificate } from 'node:crypto';

export type TlsaRecord = {
  usage: number;
  selector: number;
  matchingType: number;
  /** Hex, lower case. */
  data: string;
  problem: TlsaProblem | null;
};
export const TLSA_PROBLEMS = [
  'usage-unused',
  'usage-unknown',
  'selector-unknown',
  'matching-unknown',
  'length',
  'not-der',
] as const;
export type TlsaProblem = (typeof TLSA_PROBLEMS)[number];

/** Bytes of a SHA-256 and a SHA-512 digest. */
const DIGEST_BYTES: Record<number, number> = { 1: 32, 2: 64 };

/** Never throws. @param certificate the association data as it stands in DNS */
export function readTlsa(of: {
  usage: number;
  selector: number;
  matchingType: number;
  certificate: Uint8Array;
}): TlsaRecord {
  const { usage, selector, matchingType, certificate } = of;
  const data = Buffer.from(certificate);
  return {
    usage,
    selector,
    matchingType,
    data: data.toString('hex'),
    problem: problemOf(usage, selector, matchingType, data),
  };
}

function problemOf(usage: number, selector: number, matchingType: number, data: Buffer): TlsaProblem | null {
  if (usage > 3) return 'usage-unknown';
  if (selector > 1) return 'selector-unknown';
  if (matchingType > 2) return 'matching-unknown';
  const bytes = DIGEST_BYTES[matchingType];
  if (bytes !== undefined && data.length !== bytes) return 'length';
  // Whole data is a DER sequence, long form: a certificate or a key is never shorter than 128 bytes.
  if (bytes === undefined && (data.length < 44 || data[0] !== 0x30)) return 'not-der';
  // RFC 7672 §3.1.3: 0 and 1 would need authorities that mail servers have not agreed on.
  return usage < 2 ? 'usage-unused' : null;
}

/** As it stands in a zone file. */
export function writeTlsa({ usage, selector, matchingType, data }: TlsaRecord): string {
  return `${usage} ${selector} ${matchingType} ${data}`;
}

/** What the record would have to say for this certificate: `3 1 1`, the server's key by its SHA-256, which outlives renewals that keep the key. */
export function tlsaFor(certificate: Buffer): string {
  const key = selected(new X509Certificate(certificate), 1);
  return `3 1 1 ${createHash('sha256').update(key).digest('hex')}`;
}

/**
 * Does the record fit what the server shows?
 * @param chain DER, the server's own certificate first
 * @param host the name that an authority's certificate (usage 2) must have been made out for
 * @param now epoch ms: usage 2 looks at dates, usage 3 does not (RFC 7672 §3.1.1)
 */
export function fitsChain(record: TlsaRecord, chain: readonly Buffer[], host: string, now: number): boolean {
  if (record.problem !== null) return false;
  const certificates = chain.map((der) => new X509Certificate(der));
  const [leaf] = certificates;
  if (leaf === undefined) return false;
  if (record.usage === 3) return fits(record, leaf);
  const anchor = certificates.findIndex((certificate) => fits(record, certificate));
  if (anchor < 0 || leaf.checkHost(host) === undefined) return false;
  return certificates.slice(0, anchor + 1).every((certificate, index) => {
    const issuer = certificates[index + 1];
    const signed =
      index === anchor ||
      (issuer !== undefined && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey));
    return signed && Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo);
  });
}

function fits(record: TlsaRecord, certificate: X509Certificate): boolean {
  const content = selected(certificate, record.selector);
  const shown =
    record.matchingType === 0
      ? content.toString('hex')
      : createHash(record.matchingType === 1 ? 'sha256' : 'sha512')
          .update(content)
          .digest('hex');
  return shown === record.data;
}

function selected(certificate: X509Certificate, selector: number): Buffer {
  return selector === 0 ? certificate.raw : certificate.publicKey.export({ type: 'spki', format: 'der' });
}
