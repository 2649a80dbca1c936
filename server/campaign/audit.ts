/**
 * An audit of a campaign: the mail is read in a thread, then whatever has to be asked is asked at the same time: its links, its signatures, what its domains publish, spam
 * filters. Offline nothing is asked, and what could not be seen is said.
 *
 * Long because the mail as it is, as it was delivered and with where it landed are judged in one way, in one place.
 */
import type { App } from '../app.ts';
import type { VerifiedAuthentication } from '../authentication/types.ts';
import type { Verifier } from '../authentication/verify.ts';
import type { DomainCheck } from '../domain/audit.ts';
import type { Requirement } from '../domain/bulk-senders.ts';
import type { SeenProbe } from '../domain/observed.ts';
import type { Reach } from '../domain/reach.ts';
import { SEVERITIES } from '../domain/types.ts';
import { type AskedDomain, askDomains, checklistFor, domainFindings, type Role } from './ask-domains.ts';
import { askFilters } from './ask-filters.ts';
import { type AskedLink, askLinks, type LinkOptions } from './ask-links.ts';
import { checkAskedLinks } from './checks/asked-links.ts';
import { checkAuthentication, signaturesIn } from './checks/authentication.ts';
import { checkFilters } from './checks/filters.ts';
import { targetsOf } from './checks/links.ts';
import { unsubscribeAddresses } from './checks/unsubscribe.ts';
import { firstOf, startOf } from './fields.ts';
import type { Views } from './filter.ts';
import { judgePlacement, type Placement, sumUp } from './placement.ts';
import { judge, type Mechanism, type Policy, type Verdict, type VerdictReason } from './policy.ts';
import type { Reader } from './reader.ts';
import { type Score, scoreOf } from './score.ts';
import { CHECKS, type Facts, type Finding, type Refusal } from './types.ts';

/** What an audit needs of the program. */
export type AuditApp = Pick<App, 'now'> & {
  config: Pick<App['config'], 'allowedNetworks' | 'onlyServers' | 'extraCa' | 'rspamdUrl' | 'spamd'>;
  reader: Reader;
  verifier: Pick<Verifier, 'verify'>;
  /** For one audit. */
  reach: () => Reach;
};

export type AuditOptions = {
  /** Instead of the domain in From: a draft may have none yet. */
  fromDomain: string | null;
  policy: Policy;
  /** Ask nobody. */
  offline: boolean;
  links?: LinkOptions;
  /** Of a mail that was delivered: verified with the address it came from, so nothing is verified again. */
  delivered?: Delivered | null;
  /** Told what is done now. */
  progress?: (step: AuditStep) => void;
};
export type Delivered = { verified: VerifiedAuthentication; copies: readonly SeenProbe[] };

/** Links and parts that are kept of one audit, and characters of an address or a field: the mail itself is kept beside it, and a hostile one has millions. */
const MOST_LISTED = { links: 500, parts: 100 };
const LONGEST_WORD = 1_000;

export const AUDIT_STEPS = ['reading', 'links', 'authentication', 'domains', 'filters'] as const;
export type AuditStep = (typeof AUDIT_STEPS)[number];

export type Audit = {
  /** ISO 8601. */
  auditedAt: string;
  /** When the same facts were judged anew by another policy; left out: never. */
  judgedAt?: string;
  offline: boolean;
  message: {
    from: string | null;
    fromName: string;
    domain: string | null;
    subject: string | null;
    date: string | null;
    messageId: string | null;
    size: number;
    languages: string[];
    parts: Facts['parts'];
    preheader: string | null;
    images: number;
    links: number;
  };
  verdict: Verdict;
  reasons: VerdictReason[];
  score: Score;
  policy: Policy;
  /** The gravest first; within one severity in the order of the checks. */
  findings: Finding[];
  links: AskedLink[];
  authentication: {
    /** As they stand in the file. */
    signatures: ReturnType<typeof signaturesIn>;
    /** As they were verified; null: nothing was asked. */
    verified: VerifiedAuthentication | null;
    holds: Record<Mechanism, boolean | null>;
    domains: { domain: string; role: Role; asked: DomainCheck['asked']; findings: string[] }[];
    /** How many delivered copies all this rests on; 0: on the file and on DNS alone. */
    copies: number;
    /** What Google, Yahoo and Microsoft ask of who sends much, answered for this mail; empty offline. */
    checklist: Requirement[];
  };
  /** Null: not set up, or not asked. */
  filters: Views;
  /** Where it landed; left out: no placement test was made. */
  placement?: Placement;
};

/** @returns the audit, or why the mail cannot be audited; rejects for nothing that a mail, DNS or a server does */
export async function auditCampaign(
  raw: Buffer,
  app: AuditApp,
  options: AuditOptions,
): Promise<{ audit: Audit; facts: Facts; domains: AskedDomain[] } | { refused: Refusal }> {
  const { offline, policy, delivered = null, progress = () => undefined } = options;
  const copies = delivered?.copies ?? [];
  const now = app.now();
  progress('reading');
  const done = await app.reader.read(raw, now);
  if ('refused' in done) return done;
  const { facts, findings } = done.read;
  const domain = options.fromDomain ?? facts.from.domain;
  const [links, verified, domains, filters] = offline
    ? [[], null, [], { rspamd: null, spamassassin: null }]
    : await Promise.all([
        lookAtLinks(facts, app, options, progress),
        delivered?.verified ?? verifySignatures(raw, facts, app, progress),
        lookAtDomains(facts, domain, app, copies, progress),
        lookByFilters(raw, facts, app, progress),
      ]);
  const checklist = checklistOf(domains, facts, verified, copies);
  const all = sorted([
    ...findings,
    ...checkAuthentication(facts, domain, verified, offline),
    ...(offline ? [] : checkAskedLinks(facts, links, linkFinder(facts))),
    ...domainFindings(domains),
    ...(offline ? [] : checkFilters(filters)),
  ]);
  const holds = whatHolds(signaturesIn(facts).length > 0, verified, checklist);
  const score = scoreOf(all.filter(({ id }) => !policy.ignore.includes(id)));
  const judged = judgeAll({ policy, findings: all, score, filters, holds });
  return {
    facts,
    domains,
    audit: {
      auditedAt: new Date(now).toISOString(),
      offline,
      message: summary(facts, domain),
      ...judged,
      score,
      policy,
      findings: all,
      links: listed(links),
      authentication: {
        signatures: signaturesIn(facts),
        verified,
        holds,
        domains: domains.map(shortly),
        copies: copies.length,
        checklist,
      },
      filters,
    },
  };
}

type Judged = Pick<Audit, 'policy' | 'findings' | 'score' | 'filters' | 'placement'> & {
  holds: Record<Mechanism, boolean | null>;
};

function judgeAll({ policy, findings, score, filters, holds, placement }: Judged): Pick<Audit, 'verdict' | 'reasons'> {
  const points = (view: Views['rspamd']): number | null => (view?.answered ? view.score : null);
  return judge(policy, {
    findings,
    points: score.points,
    authentication: holds,
    filters: { rspamd: points(filters.rspamd), spamassassin: points(filters.spamassassin) },
    placement: placement === undefined ? null : judgePlacement(policy, placement),
  });
}

/** The audit with what a placement test has shown so far, judged anew. */
export function withPlacement(audit: Audit, placement: Placement): Audit {
  const { policy, findings, score, filters, authentication } = audit;
  const { holds } = authentication;
  return { ...audit, ...judgeAll({ policy, findings, score, filters, holds, placement }), placement };
}

/** The same facts under another policy. Nobody is asked again: what was seen stays as it was seen. */
export function judgedBy(audit: Audit, policy: Policy, now: number): Audit {
  const { findings, filters, authentication, placement: seen } = audit;
  const score = scoreOf(findings.filter(({ id }) => !policy.ignore.includes(id)));
  // What tells the content from the sender goes by the rate that the policy asks for.
  const placement = seen && { placement: sumUp(seen, seen.state === 'done', policy) };
  return {
    ...audit,
    ...judgeAll({ policy, findings, score, filters, holds: authentication.holds, ...placement }),
    ...placement,
    judgedAt: new Date(now).toISOString(),
    score,
    policy,
  };
}

export type Copy = Delivered & { facts: Facts; findings: readonly Finding[] };

/**
 * The file was audited before it left; its sender signed it on the way. What delivered copies show of that goes before what the file lacked: authentication, unsubscribe
 * headers and what the domains publish are judged by them.
 */
export async function asDelivered(
  audit: Audit,
  copy: Copy,
  app: Pick<AuditApp, 'reach' | 'now'>,
): Promise<{ audit: Audit; domains: AskedDomain[] }> {
  const { facts, verified, copies } = copy;
  const { domain } = audit.message;
  const domains = await askDomains(facts, domain, app.reach(), { now: app.now(), copies });
  const checklist = checklistOf(domains, facts, verified, copies);
  const byFile = ['authentication', 'unsubscribe'];
  const findings = sorted([
    ...audit.findings.filter(({ check }) => !byFile.includes(check) && check !== 'domain'),
    ...[...checkAuthentication(facts, domain, verified, false), ...copy.findings]
      .filter(({ check }) => byFile.includes(check))
      .map(elsewhere),
    ...domainFindings(domains),
  ]);
  const { policy, filters } = audit;
  const signatures = signaturesIn(facts);
  const holds = whatHolds(signatures.length > 0, verified, checklist);
  const score = scoreOf(findings.filter(({ id }) => !policy.ignore.includes(id)));
  return {
    domains,
    audit: {
      ...audit,
      ...judgeAll({ policy, findings, score, filters, holds, ...(audit.placement && { placement: audit.placement }) }),
      findings,
      score,
      authentication: {
        signatures,
        verified,
        holds,
        domains: domains.map(shortly),
        copies: copies.length,
        checklist,
      },
    },
  };
}

function checklistOf(
  domains: readonly AskedDomain[],
  facts: Facts,
  verified: VerifiedAuthentication | null,
  copies: readonly SeenProbe[],
): Requirement[] {
  const from = domains.find(({ role }) => role === 'from')?.check;
  return from === undefined ? [] : checklistFor(from, facts, verified, copies);
}

function shortly({ domain, role, check }: AskedDomain): Audit['authentication']['domains'][number] {
  return { domain, role, asked: check.asked, findings: [...new Set(check.findings.map(({ id }) => id))] };
}

/** Its place is one in the copy, not in the file. */
function elsewhere(finding: Finding): Finding {
  const { line: _line, column: _column, part: _part, ...evidence } = finding.evidence;
  return { ...finding, evidence: { ...evidence, delivered: true } };
}

function summary(facts: Facts, domain: string | null): Audit['message'] {
  const { from, subject, fields, html, parts, languages, bytes } = facts;
  return {
    from: from.address === null ? null : short(from.address),
    fromName: short(from.name),
    domain,
    subject: subject === null ? null : short(subject),
    date: short(firstOf(fields, 'date')?.value ?? '') || null,
    messageId: short(firstOf(fields, 'message-id')?.value ?? '') || null,
    size: bytes,
    languages,
    parts: parts.slice(0, MOST_LISTED.parts),
    preheader: html?.preheader ?? null,
    images: html?.imageCount ?? 0,
    links: html?.linkCount ?? 0,
  };
}

const short = (text: string): string =>
  text.length > LONGEST_WORD ? `${text.slice(0, LONGEST_WORD - 1).toWellFormed()}…` : text;

/** Those that were asked first: they are what is judged. */
function listed(links: readonly AskedLink[]): AskedLink[] {
  const [asked, skipped] = [links.filter((one) => one.skipped === null), links.filter((one) => one.skipped !== null)];
  const some = links.length <= MOST_LISTED.links ? links : [...asked, ...skipped].slice(0, MOST_LISTED.links);
  return some.map((one) => ({ ...one, url: short(one.url), final: one.final === null ? null : short(one.final) }));
}

function lookAtLinks(
  facts: Facts,
  app: AuditApp,
  options: AuditOptions,
  progress: (step: AuditStep) => void,
): Promise<AskedLink[]> {
  progress('links');
  const targets = targetsOf(facts.html?.links ?? [], unsubscribeAddresses(facts.fields));
  return askLinks(targets, app, options.links);
}

function linkFinder(facts: Facts): Parameters<typeof checkAskedLinks>[2] {
  const places = new Map(targetsOf(facts.html?.links ?? [], []).map(({ url, link }) => [url.href, link]));
  return (url) => places.get(url) ?? null;
}

async function verifySignatures(
  raw: Buffer,
  facts: Facts,
  app: AuditApp,
  progress: (step: AuditStep) => void,
): Promise<VerifiedAuthentication | null> {
  if (signaturesIn(facts).length === 0) return null;
  progress('authentication');
  // A file on a disk often lost the CR of its line ends; on the way it had them, and they are signed.
  const mail = raw.subarray(startOf(raw).at);
  const sent = facts.lineEnds === 'lf' ? Buffer.from(mail.toString('latin1').replaceAll('\n', '\r\n'), 'latin1') : mail;
  return app.verifier.verify(sent, null);
}

function lookAtDomains(
  facts: Facts,
  from: string | null,
  app: AuditApp,
  copies: readonly SeenProbe[],
  progress: (step: AuditStep) => void,
): Promise<AskedDomain[]> {
  progress('domains');
  return askDomains(facts, from, app.reach(), { now: app.now(), copies });
}

function lookByFilters(raw: Buffer, facts: Facts, app: AuditApp, progress: (step: AuditStep) => void): Promise<Views> {
  progress('filters');
  return askFilters(raw.subarray(startOf(raw).at), app.config, { from: facts.from.address });
}

function whatHolds(
  signed: boolean,
  verified: VerifiedAuthentication | null,
  checklist: readonly Requirement[],
): Record<Mechanism, boolean | null> {
  const answered = (id: Requirement['id']): boolean | null => {
    const answer = checklist.find((requirement) => requirement.id === id)?.answer;
    return answer === 'met' ? true : answer === 'not-met' ? false : null;
  };
  const spf = verified?.spf.result ?? null;
  const dkim = verified?.dkim.result ?? null;
  const dmarc = verified?.dmarc.result ?? null;
  return {
    // Of a mail that was delivered it is known; of a file only what its domain publishes is.
    spf: spf === 'pass' ? true : spf === 'fail' || spf === 'softfail' || spf === 'permerror' ? false : answered('spf'),
    dkim: !signed
      ? false
      : dkim === 'pass'
        ? true
        : dkim === null || dkim === 'temperror' || dkim === 'none'
          ? null
          : false,
    dmarc: dmarc === 'pass' ? true : dmarc === 'fail' ? false : answered('dmarc') === false ? false : null,
  };
}

function sorted(findings: readonly Finding[]): Finding[] {
  const inOrder = CHECKS.flatMap((check) => findings.filter((finding) => finding.check === check));
  return SEVERITIES.flatMap((severity) => inOrder.filter((finding) => finding.severity === severity));
}
