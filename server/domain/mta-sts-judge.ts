/** What is wrong with a domain's MTA-STS: the record, the policy and how it is served, and whether the mail servers keep what it promises. Pure. */
import type { FetchFailure } from '../net/http.ts';
import { unaskedStatus } from './answers.ts';
import { raise } from './findings.ts';
import { coversHost, MAX_POLICY_BYTES, type StsPolicy, type StsRecord } from './mta-sts.ts';
import { daysLeft, EXPIRES_SOON_MS, isNullMx, type MxHost } from './mx.ts';
import type { Asked, Finding, Fix, Gathered, Known } from './types.ts';

/** What came of fetching the policy. */
export type PolicyFetch =
  | { got: true; status: number; contentType: string | null; bytes: number; certificateExpires: number | null }
  | { got: false; reason: FetchFailure; detail: string };

export type StsShown = {
  /** Where the record stands, and the policy. */
  name: string;
  url: string;
  records: string[];
  others: string[];
  /** Records of this kind at the domain itself, where nobody looks. */
  misplaced: string[];
  /** Read from the one record, when there is exactly one. */
  record: StsRecord | null;
  /** Null: not fetched. */
  fetched: PolicyFetch | null;
  policy: StsPolicy | null;
};
export type StsFacts = Gathered<StsShown> & {
  domain: string;
  hosts: readonly MxHost[];
  hostsAsked: Asked;
};

/** A policy that is forgotten sooner protects from nobody: the attacker waits. RFC 8461 §3.2 expects weeks. */
const SHORT_MAX_AGE = 7 * 86_400;

export function judgeMtaSts(facts: StsFacts, { now }: Pick<Known, 'now'>): Finding[] {
  const { shown, domain } = facts;
  const { name, records, others, misplaced, record } = shown;
  if (facts.asked === 'unasked')
    return [raise('mtasts-unasked', { name, status: facts.unasked[0]?.status ?? 'timeout' })];
  const fix = (id: string): Fix => ({ name, type: 'TXT', value: `v=STSv1; id=${id}` });
  const fresh = fix(new Date(now).toISOString().replace(/\D/g, '').slice(0, 14));
  const findings = others.map((text) => raise('mtasts-unrelated-text', { name, record: text }));
  if (records.length > 1)
    return [...findings, raise('mtasts-multiple', { name, count: records.length, records }, fresh)];
  if (record === null) {
    const [elsewhere] = misplaced;
    if (elsewhere !== undefined)
      return [
        ...findings,
        raise('mtasts-wrong-place', { name, domain, record: elsewhere }, { ...fresh, value: elsewhere }),
      ];
    const served = shown.policy !== null && shown.policy.faults.length === 0;
    return [
      ...findings,
      served
        ? raise('mtasts-record-missing', { name, url: shown.url }, fresh)
        : raise('mtasts-missing', { name }, fresh),
    ];
  }
  for (const { problem, text, start, end } of record.problems)
    findings.push(raise('mtasts-syntax', { name, record: record.record, problem, part: text, start, end }, fresh));
  if (!record.idValid)
    findings.push(raise('mtasts-id-invalid', { name, record: record.record, value: record.id }, fresh));
  return [...findings, ...judgeFetch(shown, now), ...judgePolicy(facts)];
}

function judgeFetch({ url, fetched, policy }: StsShown, now: number): Finding[] {
  if (fetched === null) return [];
  if (!fetched.got) {
    const { reason, detail } = fetched;
    const status = unaskedStatus(fetched);
    if (status !== null) return [raise('mtasts-unasked', { name: new URL(url).hostname, status })];
    if (reason === 'redirect') return [raise('mtasts-policy-redirect', { url, target: detail })];
    if (reason === 'too-large') return [raise('mtasts-policy-too-large', { url, limit: MAX_POLICY_BYTES })];
    return reason.startsWith('certificate-') || reason === 'tls-failed'
      ? [raise('mtasts-policy-certificate', { url, reason, detail })]
      : [raise('mtasts-policy-unreachable', { url, reason, detail })];
  }
  const { status, contentType, certificateExpires } = fetched;
  if (status !== 200) return [raise('mtasts-policy-unreachable', { url, reason: `http-${status}`, detail: '' })];
  const findings: Finding[] = [];
  if (contentType !== 'text/plain') findings.push(raise('mtasts-policy-type', { url, type: contentType }));
  if (certificateExpires !== null && certificateExpires - now < EXPIRES_SOON_MS)
    findings.push(raise('mtasts-policy-certificate-expires', { url, days: daysLeft(certificateExpires, now) }));
  for (const { problem, line, text } of policy?.faults ?? [])
    findings.push(raise('mtasts-policy-syntax', { url, problem, line, text }));
  for (const field of policy?.repeated ?? []) findings.push(raise('mtasts-policy-repeated', { url, field }));
  return findings;
}

function judgePolicy(facts: StsFacts): Finding[] {
  const { policy, url } = facts.shown;
  if (policy === null || policy.faults.length > 0) return [];
  if (policy.mode === 'none') return [raise('mtasts-mode-none', { url })];
  const findings: Finding[] = [];
  if (policy.mode === 'testing') findings.push(raise('mtasts-mode-testing', { url }));
  if (policy.maxAge !== null && policy.maxAge < SHORT_MAX_AGE)
    findings.push(raise('mtasts-max-age-short', { url, seconds: policy.maxAge, wanted: SHORT_MAX_AGE }));
  const hosts = facts.hosts.filter((host) => host.name !== '');
  if (facts.hostsAsked !== 'found' || hosts.length === 0 || isNullMx(facts.hosts)) return findings;
  const enforced = policy.mode === 'enforce';
  const patterns = policy.mx.join(', ');
  for (const host of new Set(hosts.map(({ name }) => name)))
    if (!policy.mx.some((pattern) => coversHost(pattern, host)))
      findings.push(raise(enforced ? 'mtasts-mx-mismatch' : 'mtasts-mx-mismatch-testing', { url, host, patterns }));
  for (const pattern of policy.mx)
    if (!hosts.some(({ name }) => coversHost(pattern, name)))
      findings.push(raise('mtasts-mx-unused', { url, pattern }));
  if (enforced) findings.push(...judgeServers(hosts, url));
  return findings;
}

/** Under `enforce` a sender refuses to deliver where there is no TLS, or no certificate that it can check (RFC 8461 §4.2). */
function judgeServers(hosts: readonly MxHost[], url: string): Finding[] {
  const broken = new Set(['starttls-missing', 'starttls-refused', 'tls-failed']);
  return hosts.flatMap(({ name, tls }) => {
    const reason = tls === null ? null : tls.seen ? tls.problem : broken.has(tls.reason) ? tls.reason : null;
    return reason === null ? [] : [raise('mtasts-mx-tls', { url, host: name, reason })];
  });
}
