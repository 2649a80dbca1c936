/**
 * DANE for mail (RFC 7672), judged: TLSA records of the mail servers, whether DNSSEC protects all of the way to them, and whether they fit what the servers show. A
 * sender that checks DANE, as Microsoft, Comcast and most German and Dutch providers do, holds mail back where they do not fit. Pure.
 */
import { raise } from './findings.ts';
import { type TlsaRecord, writeTlsa } from './tlsa.ts';
import type { Asked, Finding, Gathered } from './types.ts';

export type DaneHost = {
  host: string;
  /** Where its TLSA records stand. */
  name: string;
  asked: Asked;
  /** DNSSEC holds for the TLSA records and for the host's addresses. */
  secure: boolean;
  records: (TlsaRecord & {
    /** Whether it fits what the server showed; null: not seen. */
    fits: boolean | null;
  })[];
  /** What the server showed: a certificate, no working TLS, or that it could not be reached. */
  tls: 'shown' | 'missing' | 'unseen';
  /** Why not, when it could not be seen or has no TLS. */
  reason: string | null;
  /** A record that would fit, when a certificate was seen. */
  wanted: string | null;
};
export type DaneShown = { hosts: DaneHost[] };
export type DaneFacts = Gathered<DaneShown> & {
  domain: string;
  /** DNSSEC holds for the MX records. */
  mxSecure: boolean;
  /** A resolver that validates is asked, and is believed. */
  validated: boolean;
};

export function judgeDane(facts: DaneFacts): Finding[] {
  const { hosts } = facts.shown;
  const findings: Finding[] = [];
  const [failed] = facts.unasked;
  if (failed !== undefined) findings.push(raise('dane-unasked', { name: failed.name, status: failed.status }));
  if (hosts.length === 0) return findings;
  const having = hosts.filter(({ asked }) => asked === 'found');
  const lacking = hosts.filter(({ asked }) => asked === 'none');
  if (having.length === 0) {
    const [first] = lacking;
    // One host that could not be asked may be the one that has them.
    if (first !== undefined && lacking.length === hosts.length)
      findings.push(
        raise('dane-missing', { name: first.name }, { name: first.name, type: 'TLSA', value: first.wanted }),
      );
    return findings;
  }
  for (const host of lacking)
    findings.push(
      raise(
        'dane-partial',
        { host: host.host, name: host.name },
        { name: host.name, type: 'TLSA', value: host.wanted },
      ),
    );
  if (!facts.validated) findings.push(raise('dane-unvalidated', { name: having[0]?.name ?? '' }));
  return [...findings, ...having.flatMap((host) => judgeHost(host, facts))];
}

function judgeHost(host: DaneHost, { domain, validated, mxSecure }: DaneFacts): Finding[] {
  const { name, records } = host;
  const findings: Finding[] = [];
  if (validated && !(mxSecure && host.secure))
    findings.push(raise('dane-unsigned', { host: host.host, name, unsigned: mxSecure ? host.host : domain }));
  for (const record of records) {
    const evidence = { host: host.host, name, record: writeTlsa(record), problem: record.problem };
    if (record.problem === 'usage-unused') findings.push(raise('dane-usage', evidence));
    else if (record.problem !== null) findings.push(raise('dane-record-invalid', evidence));
    else if (record.matchingType === 0) findings.push(raise('dane-full-data', evidence));
    else if (record.selector === 0 && record.usage === 3) findings.push(raise('dane-certificate-pinned', evidence));
  }
  const usable = records.filter(({ problem }) => problem === null);
  if (host.tls === 'missing') findings.push(raise('dane-no-starttls', { host: host.host, name, reason: host.reason }));
  else if (host.tls === 'unseen')
    findings.push(raise('dane-tls-unasked', { host: host.host, name, reason: host.reason }));
  else if (!records.some(({ fits }) => fits === true))
    findings.push(
      raise(
        'dane-mismatch',
        { host: host.host, name, record: records.map(writeTlsa).join(', ') },
        { name, type: 'TLSA', value: host.wanted },
      ),
    );
  const [only] = usable;
  if (usable.length === 1 && only !== undefined)
    findings.push(raise('dane-single-record', { host: host.host, name, record: writeTlsa(only) }));
  return findings;
}
