/**
 * Mark certificates (VMC for registered marks, CMC for marks in long use): a certificate that carries a logo and says whose it is. Gmail and Apple show a logo only
 * with one. It is like a web server's certificate, with a purpose of its own, the logo inside (RFC 3709), and authorities of its own (`mark-roots.ts`). Pure.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { extensionOf, findTag, TAG } from './der.ts';

export type MarkChain = 'trusted' | 'unknown-issuer' | 'bad-signature';
export type MarkReading =
  | { problem: 'not-pem' | 'unreadable' }
  | {
      problem: null;
      /** From the mark type in the subject; null when it does not say. */
      kind: 'VMC' | 'CMC' | null;
      organization: string | null;
      issuer: string | null;
      /** Epoch ms, of the mark certificate itself. */
      from: number;
      to: number;
      /** Domains it is made out to, in lower case. */
      names: string[];
      /** It may be used for marks. */
      forMarks: boolean;
      chain: MarkChain;
      /** Of the mark certificate and all above it, at the time of reading. */
      dates: 'valid' | 'expired' | 'not-yet-valid';
      /** The logo inside; null when there is none that can be read. */
      logo: { bytes: number; sha256: string } | null;
    };

const FOR_MARKS = '1.3.6.1.5.5.7.3.31';
const LOGOTYPE = '1.3.6.1.5.5.7.1.12';
const ALTERNATIVE_NAMES = '2.5.29.17';
const MARK_TYPE = '1.3.6.1.4.1.53087.1.13';
const DNS_NAME = 0x82;
/** Marks that are not registered: such a certificate is a CMC. */
const COMMON_MARKS = new Set(['Prior Use Mark', 'Modified Registered Mark']);
/** Longer bundles and paths no issuer has. */
const MOST_CERTIFICATES = 10;
/** A compressed logo may become large: no more than this. */
const MAX_UNPACKED = 256 * 1024;

/** Never throws. @param pem the mark certificate first, then those above it. @param roots PEM. @param now epoch ms */
export function readMarkCertificate(pem: string, roots: readonly string[], now: number): MarkReading {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) return { problem: 'not-pem' };
  try {
    const [mark, ...others] = blocks.slice(0, MOST_CERTIFICATES).map((block) => new X509Certificate(block));
    return mark === undefined
      ? { problem: 'not-pem' }
      : read(
          mark,
          others,
          roots.map((root) => new X509Certificate(root)),
          now,
        );
  } catch (error) {
    // Node throws for bytes that are no certificate, and for keys of kinds it does not know.
    if (error instanceof Error) return { problem: 'unreadable' };
    throw error;
  }
}

function read(mark: X509Certificate, others: X509Certificate[], roots: X509Certificate[], now: number): MarkReading {
  const { chain, path } = pathOf(mark, others, roots);
  const type = fieldOf(mark.subject, MARK_TYPE);
  return {
    problem: null,
    kind: type === null ? null : COMMON_MARKS.has(type) ? 'CMC' : 'VMC',
    organization: fieldOf(mark.subject, 'O'),
    issuer: fieldOf(mark.issuer, 'O') ?? fieldOf(mark.issuer, 'CN'),
    from: Date.parse(mark.validFrom),
    to: Date.parse(mark.validTo),
    names: namesOf(mark),
    forMarks: (mark.keyUsage ?? []).includes(FOR_MARKS),
    chain,
    dates: path.some(({ validTo }) => Date.parse(validTo) < now)
      ? 'expired'
      : path.some(({ validFrom }) => Date.parse(validFrom) > now)
        ? 'not-yet-valid'
        : 'valid',
    logo: logoOf(mark),
  };
}

/** From the mark certificate up to a root that is known, by names first and signatures then. */
function pathOf(
  mark: X509Certificate,
  others: readonly X509Certificate[],
  roots: readonly X509Certificate[],
): { chain: MarkChain; path: X509Certificate[] } {
  const path = [mark];
  for (let at = mark; path.length <= MOST_CERTIFICATES; ) {
    if (roots.some((root) => root.fingerprint256 === at.fingerprint256)) return { chain: 'trusted', path };
    const issued = [...roots, ...others].filter((one) => one.ca && at.checkIssued(one) && !path.includes(one));
    // One that vouches for itself leads nowhere, whatever else bears its name.
    if (issued.length === 0 || at.checkIssued(at)) return { chain: 'unknown-issuer', path };
    const next = issued.find((one) => at.verify(one.publicKey));
    if (next === undefined) return { chain: 'bad-signature', path };
    path.push(next);
    at = next;
  }
  return { chain: 'unknown-issuer', path };
}

function namesOf(certificate: X509Certificate): string[] {
  const extension = extensionOf(certificate.raw, ALTERNATIVE_NAMES);
  return extension === null
    ? []
    : findTag(extension, DNS_NAME).map(({ content }) => content.toString('latin1').toLowerCase());
}

function logoOf(certificate: X509Certificate): { bytes: number; sha256: string } | null {
  const extension = extensionOf(certificate.raw, LOGOTYPE);
  if (extension === null) return null;
  for (const { content } of findTag(extension, TAG.ia5String)) {
    const data = /^data:image\/svg\+xml[^,]*;base64,(.*)$/s.exec(content.toString('latin1'))?.[1];
    const logo = data === undefined ? null : unpack(Buffer.from(data, 'base64'));
    if (logo !== null) return { bytes: logo.length, sha256: sha256(logo) };
  }
  return null;
}

/** The requirements want the logo compressed; one that is not is taken as it is. */
function unpack(bytes: Buffer): Buffer | null {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes.length > 0 ? bytes : null;
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED });
  } catch (error) {
    // Broken, or far larger than a logo may be: either way there is none to compare with.
    if (error instanceof Error) return null;
    throw error;
  }
}

/** In lower-case hex. */
export function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Node gives a name as lines of `O=PayPal\, Inc.` */
function fieldOf(name: string, key: string): string | null {
  const line = name.split('\n').find((text) => text.startsWith(`${key}=`));
  return line === undefined ? null : line.slice(key.length + 1).replaceAll(/\\(.)/g, '$1');
}

/**
 * Whether a certificate is made out to a domain: to itself, the organizational domain, or the very record (`default._bimi.example.com`).
 * @param organization the organizational domain
 */
export function isMadeOutTo(names: readonly string[], domain: string, organization: string, selector: string): boolean {
  const good = [domain, organization].flatMap((name) => [name, `${selector}._bimi.${name}`]);
  return names.some((name) => good.includes(name));
}
