/**
 * TLS reports (RFC 8460): a domain names where other mail servers may report that they could not reach it over TLS as MTA-STS or DANE ask. Nothing breaks without
 * it, but a policy that has gone wrong then stays unnoticed, because senders have nobody to tell. Pure.
 */
import { raise } from './findings.ts';
import { parseTags, type TagProblem, tagOf } from './tags.ts';
import type { Finding, Gathered } from './types.ts';

export type ReportAddress = {
  uri: string;
  problem: 'not-a-uri' | 'scheme' | 'not-an-address' | 'not-a-url' | null;
  /** Of a mailto: the domain that must take the mail. */
  mailDomain: string | null;
};
export type RptRecord = { record: string; addresses: ReportAddress[]; hasRua: boolean; problems: TagProblem[] };

/** Never throws. */
export function readRptRecord(record: string): RptRecord {
  const list = parseTags(record);
  const rua = tagOf(list, 'rua')?.value ?? null;
  const uris = (rua ?? '')
    .split(',')
    .map((uri) => uri.trim())
    .filter((uri) => uri !== '');
  return { record, addresses: uris.map(readAddress), hasRua: rua !== null && uris.length > 0, problems: list.problems };
}

function readAddress(uri: string): ReportAddress {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined) return { uri, problem: 'not-a-uri', mailDomain: null };
  if (scheme === 'mailto') {
    const domain = /^mailto:[^@\s?/]+@([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?:\?.*)?$/i.exec(uri)?.[1]?.toLowerCase();
    return domain?.includes('.') && !domain.includes('..')
      ? { uri, problem: null, mailDomain: domain }
      : { uri, problem: 'not-an-address', mailDomain: null };
  }
  if (scheme !== 'https') return { uri, problem: 'scheme', mailDomain: null };
  const url = URL.parse(uri);
  return { uri, problem: url?.hostname.includes('.') ? null : 'not-a-url', mailDomain: null };
}

export type TlsRptShown = {
  /** Where it stands. */
  name: string;
  records: string[];
  others: string[];
  /** Read from the one record, when there is exactly one. */
  read: RptRecord | null;
  /** Records of this kind at the domain itself, where nobody looks. */
  misplaced: string[];
};
export type TlsRptFacts = Gathered<TlsRptShown> & {
  domain: string;
  /** Domains of mailto addresses that have neither MX nor address. */
  undeliverable: string[];
  /** Whether there is an MTA-STS record, whose failures would be reported. */
  hasPolicy: boolean;
};

export function judgeTlsRpt(facts: TlsRptFacts): Finding[] {
  const { shown, domain } = facts;
  const { name, records, others, read, misplaced } = shown;
  const [unanswered] = facts.unasked;
  if (facts.asked === 'unasked') return [raise('tlsrpt-unasked', { name, status: unanswered?.status ?? 'timeout' })];
  const findings: Finding[] = [];
  const fix = { name, type: 'TXT' as const, value: `v=TLSRPTv1; rua=mailto:tls-reports@${domain}` };
  for (const record of others) findings.push(raise('tlsrpt-unrelated-text', { name, record }));
  if (records.length > 1) return [...findings, raise('tlsrpt-multiple', { name, count: records.length, records }, fix)];
  if (read === null) {
    const [record] = misplaced;
    if (record !== undefined)
      return [...findings, raise('tlsrpt-wrong-place', { name, record }, { ...fix, value: record })];
    return [...findings, raise(facts.hasPolicy ? 'tlsrpt-missing-with-policy' : 'tlsrpt-missing', { name }, fix)];
  }
  const { record } = read;
  // Addresses that are right stay.
  const right = read.addresses.filter(
    ({ problem, mailDomain }) => problem === null && (mailDomain === null || !facts.undeliverable.includes(mailDomain)),
  );
  if (right.length > 0) fix.value = `v=TLSRPTv1; rua=${right.map(({ uri }) => uri).join(',')}`;
  for (const { problem, text, start, end } of read.problems)
    findings.push(raise('tlsrpt-syntax', { name, record, problem, part: text, start, end }, fix));
  if (!read.hasRua) findings.push(raise('tlsrpt-rua-missing', { name, record }, fix));
  for (const { uri, problem } of read.addresses)
    if (problem !== null) findings.push(raise('tlsrpt-rua-invalid', { name, record, uri, problem }, fix));
  for (const target of facts.undeliverable)
    findings.push(raise('tlsrpt-rua-undeliverable', { name, record, target }, fix));
  return findings;
}
