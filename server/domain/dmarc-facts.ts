/**
 * Which DMARC record applies to a domain and what it comes to: for receivers that follow RFC 9989, and for those that still follow RFC 7489; where its
 * reports go and whether their receivers have agreed (RFC 9990).
 */
import { organizationalDomain } from '../authentication/alignment.ts';
import { type Answers, recordsOf, says, textsOf, UnaskedList } from './answers.ts';
import {
  type DmarcRecord,
  isDmarcRecord,
  looksLikeDmarc,
  type Policy,
  parseDmarc,
  type ReportAddress,
} from './dmarc.ts';
import { policyRecord, type Walk, type WalkStep, walkTree } from './dmarc-walk.ts';
import { isUnder } from './name.ts';
import type { TagProblem } from './tags.ts';
import type { Asked, Gathered, Known } from './types.ts';

/** What one generation of receivers makes of it. */
export type DmarcReading = {
  organization: string;
  policyDomain: string | null;
  /** What is asked of a receiver for mail of the domain itself; null: no DMARC. */
  policy: Policy | null;
  /** Older ones only: the share of failing mail it is applied to. */
  percent: number;
};

export type DmarcReport = ReportAddress & {
  /** Another organization's: it must say that it wants these reports. */
  external: boolean;
  /** Where it says so. */
  authorizationName: string | null;
  /** Null: not external, or no answer. */
  authorized: boolean | null;
  /** Null: no answer. */
  deliverable: boolean | null;
};

export type DmarcShown = {
  asked: Asked;
  record: string | null;
  policyDomain: string | null;
  organizationalDomain: string | null;
  steps: WalkStep[];
  tags: Record<string, string>;
  problems: TagProblem[];
  readings: { newer: DmarcReading | null; older: DmarcReading | null };
  reports: DmarcReport[];
};
export type DmarcFacts = Gathered<DmarcShown> & {
  parsed: DmarcRecord | null;
  /** The record is that of a domain above. */
  inherited: boolean;
  /** Texts at `_dmarc.` of the domain that are meant as DMARC and are none; other texts there; DMARC records at the domain itself. */
  mistaken: string[];
  unrelated: string[];
  misplaced: string[];
};

/** Whose addresses are looked into; of more than two many receivers use none anyway. */
const MOST_REPORTS = 20;

export function readDmarc(known: Known, answers: Answers): DmarcFacts {
  const { domain } = known;
  const unasked = new UnaskedList();
  const walk = walkTree(domain, answers, unasked);
  const applies = policyRecord(domain, walk);
  const own = textsOf(answers.get(`_dmarc.${domain}`, 'TXT'));
  const apex = answers.get(domain, 'TXT');
  const inherited = applies !== null && applies.domain !== domain;
  const record = applies?.record ?? null;
  const asked: Asked = applies !== null ? 'found' : walk.complete ? 'none' : 'unasked';
  return {
    asked,
    shown: {
      asked,
      record: applies?.text ?? null,
      policyDomain: applies?.domain ?? null,
      organizationalDomain: walk.organization,
      steps: walk.steps,
      tags: Object.fromEntries((record?.tags ?? []).map((tag) => [tag.name, tag.value])),
      problems: record?.problems ?? [],
      readings: {
        newer: readNewer(domain, walk, applies, apex?.status === 'nxdomain'),
        older: readOlder(domain, answers),
      },
      reports:
        applies === null
          ? []
          : applies.record.reports
              .slice(0, MOST_REPORTS)
              .map((report) => readReport(report, applies.domain, walk, answers, unasked)),
    },
    unasked: unasked.list,
    parsed: record,
    inherited,
    mistaken: own.filter(looksLikeDmarc),
    unrelated: own.filter((text) => !isDmarcRecord(text) && !looksLikeDmarc(text)),
    misplaced: textsOf(apex).filter(isDmarcRecord),
  };
}

function readNewer(
  domain: string,
  walk: Walk,
  applies: Walk['found'][number] | null,
  gone: boolean,
): DmarcReading | null {
  if (walk.organization === null) return null;
  const policies = applies?.record.policies ?? null;
  const base = { organization: walk.organization, policyDomain: applies?.domain ?? null, percent: 100 };
  if (applies === null || policies === null) return { ...base, policy: null };
  const below = gone ? (policies.np ?? policies.sp) : policies.sp;
  const policy = applies.domain === domain ? policies.p : (below ?? policies.p);
  return { ...base, policy: applies.record.testing ? oneLess(policy) : policy };
}

/** `t=y`: quarantine for reject, nothing for quarantine (§4.7). */
function oneLess(policy: Policy): Policy {
  return policy === 'reject' ? 'quarantine' : 'none';
}

/** RFC 7489 §6.6.3: the domain, else the organizational domain by the Public Suffix List; `np`, `psd` and `t` are unknown. */
function readOlder(domain: string, answers: Answers): DmarcReading | null {
  const organization = organizationalDomain(domain);
  for (const place of new Set([domain, organization])) {
    const answer = answers.get(`_dmarc.${place}`, 'TXT');
    if (answer === null || !says(answer)) return null;
    const texts = textsOf(answer).filter(isDmarcRecord);
    const [text] = texts;
    if (text === undefined) continue;
    const record = texts.length === 1 ? parseDmarc(text) : null;
    const percent = Number(record?.tags.find((tag) => tag.name === 'pct')?.value ?? '100');
    const { p, sp } = record ?? { p: null, sp: null };
    const reports = record?.reports.some((report) => report.kind === 'rua' && report.address !== null) ?? false;
    const wanted = place === domain ? p : (sp ?? p);
    return {
      organization,
      policyDomain: place,
      policy: wanted ?? (reports ? 'none' : null),
      percent: Number.isInteger(percent) && percent >= 0 && percent <= 100 ? percent : 100,
    };
  }
  return { organization, policyDomain: null, policy: null, percent: 100 };
}

function readReport(
  report: ReportAddress,
  policyDomain: string,
  walk: Walk,
  answers: Answers,
  unasked: UnaskedList,
): DmarcReport {
  const { host } = report;
  const nothing = { ...report, external: false, authorizationName: null, authorized: null, deliverable: null };
  if (host === null) return nothing;
  const external = isExternal(host, policyDomain, walk, answers, unasked);
  const name = `${policyDomain}._report._dmarc.${host}`;
  const agreed = external ? unasked.note(name, 'TXT', answers.get(name, 'TXT')) : null;
  return {
    ...report,
    external,
    authorizationName: external ? name : null,
    authorized: agreed === null || !says(agreed) ? null : textsOf(agreed).some(isDmarcRecord),
    deliverable: takesMail(host, answers, unasked),
  };
}

/** The same organization needs no leave (RFC 9990): its own tree walk ends at the same name. */
function isExternal(host: string, policyDomain: string, walk: Walk, answers: Answers, unasked: UnaskedList): boolean {
  const organization = walk.organization ?? organizationalDomain(policyDomain);
  if (host === organization || host === policyDomain) return false;
  if (!isUnder(host, organization)) return true;
  const theirs = walkTree(host, answers, unasked).organization;
  return theirs !== null && theirs !== organization;
}

/** RFC 5321 §5.1: an MX, or an address where there is none; a null MX (RFC 7505) takes nothing. */
function takesMail(host: string, answers: Answers, unasked: UnaskedList): boolean | null {
  const mx = unasked.note(host, 'MX', answers.get(host, 'MX'));
  if (mx === null || !says(mx)) return null;
  const hosts = recordsOf(mx);
  if (hosts.length > 0) return hosts.some((one) => one.exchange !== '' && one.exchange !== '.');
  if (mx.status === 'nxdomain') return false;
  const found = [
    unasked.note(host, 'A', answers.get(host, 'A')),
    unasked.note(host, 'AAAA', answers.get(host, 'AAAA')),
  ];
  if (found.some((answer) => recordsOf<'A' | 'AAAA'>(answer).length > 0)) return true;
  return found.every((answer) => answer !== null && says(answer)) ? false : null;
}
