/** What is wrong with a domain's BIMI: the record, the logo and the mark certificate, and whether DMARC lets a logo be shown at all. Pure. */
import type { FetchFailure } from '../net/http.ts';
import { unaskedStatus } from './answers.ts';
import type { BimiRecord } from './bimi.ts';
import { isMadeOutTo, type MarkReading } from './bimi-certificate.ts';
import { isGenericTitle, type LogoReading, MAX_LOGO_BYTES } from './bimi-logo.ts';
import { raise } from './findings.ts';
import { daysLeft } from './mx.ts';
import type { Evidence, Finding, Gathered, Known } from './types.ts';

/** A file that a record names, as it was served. */
export type ServedFile<Reading> =
  | { got: true; status: number; contentType: string | null; bytes: number; sha256: string; read: Reading | null }
  | { got: false; reason: FetchFailure; detail: string };

export type BimiShown = {
  /** Where the record stands. */
  name: string;
  records: string[];
  others: string[];
  /** Records of this kind at the domain itself, where nobody looks. */
  misplaced: string[];
  /** Read from the one record, when there is exactly one. */
  record: BimiRecord | null;
  /** Null: not fetched. */
  logo: ServedFile<LogoReading> | null;
  certificate: ServedFile<MarkReading> | null;
};
export type BimiFacts = Gathered<BimiShown> & {
  domain: string;
  organization: string;
  selector: string;
  /** The DMARC policy that applies; null where none does, `unknown` where it was not asked for or could not be. */
  policy: PolicyForBimi | null | 'unknown';
};

export type PolicyForBimi = { policy: string; subdomains: string; testing: boolean };

/** Marks are certified by people; a new certificate takes weeks. */
const MARK_EXPIRES_SOON_MS = 30 * 86_400_000;

export function judgeBimi(facts: BimiFacts, { now }: Pick<Known, 'now'>): Finding[] {
  const { shown, domain, policy } = facts;
  const { name, records, others, misplaced, record } = shown;
  const [failed] = facts.unasked;
  if (facts.asked === 'unasked') return [raise('bimi-unasked', { name, status: failed?.status ?? 'timeout' })];
  const fix = { name, type: 'TXT' as const, value: null };
  const findings = others.map((text) => raise('bimi-unrelated-text', { name, record: text }));
  if (records.length > 1) return [...findings, raise('bimi-multiple', { name, count: records.length, records }, fix)];
  if (record === null) {
    const [elsewhere] = misplaced;
    return elsewhere === undefined
      ? [...findings, raise('bimi-missing', { name })]
      : [...findings, raise('bimi-wrong-place', { name, domain, record: elsewhere }, { ...fix, value: elsewhere })];
  }
  for (const { problem, text, start, end } of record.problems)
    findings.push(raise('bimi-syntax', { name, record: record.record, problem, part: text, start, end }));
  if (record.declined) return [...findings, raise('bimi-declined', { name, record: record.record })];
  for (const location of [record.logo, record.certificate])
    if (location !== null && location.problem !== null)
      findings.push(raise('bimi-location-invalid', { name, record: record.record, ...location }));
  if (record.logo === null) findings.push(raise('bimi-logo-missing', { name, record: record.record }));
  if (record.certificate === null) findings.push(raise('bimi-certificate-missing', { name, record: record.record }));
  findings.push(...judgeLogo(shown), ...judgeCertificate(facts, now));
  if (policy !== 'unknown' && isTooWeak(policy))
    findings.push(
      raise('bimi-dmarc', {
        name: `_dmarc.${domain}`,
        policy: policy?.policy ?? null,
        subdomains: policy?.subdomains ?? null,
        testing: policy?.testing ?? null,
      }),
    );
  return findings;
}

/** `quarantine` or `reject`, for subdomains too, and not in test mode. */
function isTooWeak(policy: PolicyForBimi | null): boolean {
  const strong = (value: string): boolean => value === 'quarantine' || value === 'reject';
  return policy === null || !strong(policy.policy) || !strong(policy.subdomains) || policy.testing;
}

function judgeLogo({ record, logo }: BimiShown): Finding[] {
  const url = record?.logo?.url ?? '';
  if (logo === null) return [];
  if (!logo.got) return [unfetched('logo', url, logo)];
  if (logo.status !== 200)
    return [raise('bimi-logo-unreachable', { url, reason: `http-${logo.status}`, detail: null })];
  const findings: Finding[] = [];
  if (logo.contentType !== 'image/svg+xml') findings.push(raise('bimi-logo-type', { url, type: logo.contentType }));
  if (logo.bytes > MAX_LOGO_BYTES)
    findings.push(raise('bimi-logo-too-large', { url, bytes: logo.bytes, limit: MAX_LOGO_BYTES }));
  return logo.read === null ? findings : [...findings, ...judgeDrawing(url, logo.read)];
}

function judgeDrawing(url: string, read: LogoReading): Finding[] {
  if (read.problem !== null)
    return [raise('bimi-logo-not-svg', { url, problem: read.problem, detail: read.detail || null })];
  const findings: Finding[] = [];
  if (read.version !== '1.2' || read.baseProfile !== 'tiny-ps')
    findings.push(raise('bimi-logo-profile', { url, version: read.version, profile: read.baseProfile }));
  if (read.title === null || read.title === '') findings.push(raise('bimi-logo-title', { url }));
  else if (isGenericTitle(read.title)) findings.push(raise('bimi-logo-title-generic', { url, title: read.title }));
  if (read.elements.length > 0)
    findings.push(raise('bimi-logo-element', { url, element: read.elements.join(', '), count: read.elements.length }));
  if (read.attributes.length > 0)
    findings.push(raise('bimi-logo-attribute', { url, attribute: read.attributes.join(', ') }));
  if (read.references.length > 0)
    findings.push(raise('bimi-logo-reference', { url, target: read.references.join(', ') }));
  if (read.relativeSize !== null) findings.push(raise('bimi-logo-size', { url, size: read.relativeSize }));
  const { proportions } = read;
  if (proportions !== null && Math.abs(proportions.width - proportions.height) > 0.01 * proportions.width)
    findings.push(raise('bimi-logo-not-square', { url, ...proportions }));
  return findings;
}

function judgeCertificate(facts: BimiFacts, now: number): Finding[] {
  const { certificate, record, logo } = facts.shown;
  const url = record?.certificate?.url ?? '';
  if (certificate === null) return [];
  if (!certificate.got) return [unfetched('certificate', url, certificate)];
  if (certificate.status !== 200)
    return [raise('bimi-certificate-unreachable', { url, reason: `http-${certificate.status}`, detail: null })];
  const { read } = certificate;
  if (read === null || read.problem !== null)
    return [raise('bimi-certificate-invalid', { url, problem: read?.problem ?? 'not-pem' })];
  const about: Evidence = { url, organization: read.organization, issuer: read.issuer };
  const findings: Finding[] = [];
  const until = new Date(read.to).toISOString().slice(0, 10);
  if (read.dates === 'expired') findings.push(raise('bimi-certificate-expired', { ...about, until }));
  else if (read.dates === 'not-yet-valid')
    findings.push(
      raise('bimi-certificate-not-yet-valid', { ...about, from: new Date(read.from).toISOString().slice(0, 10) }),
    );
  else if (read.to - now < MARK_EXPIRES_SOON_MS)
    findings.push(raise('bimi-certificate-expires', { ...about, until, days: daysLeft(read.to, now) }));
  if (read.chain !== 'trusted') findings.push(raise('bimi-certificate-chain', { ...about, reason: read.chain }));
  if (!read.forMarks) findings.push(raise('bimi-certificate-usage', about));
  if (!isMadeOutTo(read.names, facts.domain, facts.organization, facts.selector))
    findings.push(raise('bimi-certificate-domain', { ...about, domain: facts.domain, names: read.names.join(', ') }));
  if (read.logo === null) findings.push(raise('bimi-certificate-logotype', about));
  else if (logo?.got === true && logo.status === 200 && logo.sha256 !== read.logo.sha256)
    findings.push(raise('bimi-certificate-logo-mismatch', { ...about, logo: record?.logo?.url ?? '' }));
  return findings;
}

function unfetched(
  what: 'logo' | 'certificate',
  url: string,
  { reason, detail }: ServedFile<unknown> & { got: false },
): Finding {
  const evidence = { url, reason, detail: detail || null };
  // A resolver that gave no answer says nothing about the file.
  const status = unaskedStatus({ reason, detail });
  if (status !== null) return raise('bimi-unasked', { name: URL.parse(url)?.hostname ?? url, status });
  if (what === 'logo' && reason === 'too-large')
    return raise('bimi-logo-too-large', { url, bytes: null, limit: MAX_LOGO_BYTES });
  return raise(what === 'logo' ? 'bimi-logo-unreachable' : 'bimi-certificate-unreachable', evidence);
}
