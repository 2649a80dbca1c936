/**
 * What a domain publishes about its mail, and what is wrong with it. A *finding* is one thing an audit noticed: a word of a closed set (`findings.ts`),
 * the protocol it belongs to, how much it matters for delivery, the evidence it rests on, and what to publish instead. A finding is data,
 * never an exception: a domain may simply have things wrong.
 */

import type { DnsStatus, DnsType } from '../dns/client.ts';

export const PROTOCOLS = [
  'spf',
  'dkim',
  'dmarc',
  'mx',
  'ptr',
  'mta-sts',
  'tls-rpt',
  'dane',
  'dnssec',
  'bimi',
  'blocklists',
] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** `critical`: mail is refused or anybody may forge it. `high`: it will cost delivery. `medium`: it may. `low`: untidy. `info`: worth knowing. */
export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

export type Finding = {
  /** One of the ids of findings.ts. */
  id: string;
  protocol: Protocol;
  severity: Severity;
  /** Flat values that the sentences fill in and a page marks: record, name, position, term, count, limit … */
  evidence: Evidence;
  fix: Fix | null;
};

export type Evidence = Record<string, string | number | boolean | readonly string[] | null>;

/** The exact record to publish instead; null stands where only a person can know it. */
export type Fix = { name: string; type: 'TXT' | 'CNAME' | 'MX' | 'PTR' | 'TLSA' | 'A'; value: string | null };

/** Whether a part of the audit could be asked at all. `could not be asked` never becomes `not there`. */
export const ASKED = ['found', 'none', 'unasked'] as const;
export type Asked = (typeof ASKED)[number];

/** Where in a record the fault is: 0-based, end exclusive, in characters of the record as joined from its strings. */
export type Span = { start: number; end: number };

/** How a selector was learned: typed in, seen in a signature of a probe, read in a DMARC report, or because sending services use it. */
export type SelectorSource = 'given' | 'seen' | 'reported' | 'usual';

/** What is known of a domain besides what DNS says of it now. All plain data; the judges read it beside the facts. */
export type Known = {
  /** Lower case, A-labels, without a last dot (`name.ts`). */
  domain: string;
  /** Epoch milliseconds. */
  now: number;
  /** DKIM selectors, without the usual ones. */
  selectors: readonly { selector: string; source: Exclude<SelectorSource, 'usual'> }[];
  /** Addresses this domain's mail leaves from. */
  ips: readonly string[];
  /** What earlier checks of this installation found. */
  history: History;
  /** What receivers and our own verification said of mail with this domain in From. */
  observed: readonly ObservedMail[];
};

export type History = {
  /** Since when (epoch ms) a selector has had the very key it has now; left out where no earlier check saw it. */
  keysSince: Readonly<Record<string, { fingerprint: string; since: number }>>;
  /** Since when the policy that applies has been `none`; null when it was not, or nothing earlier is known. */
  policyNoneSince: number | null;
};

/** Alike mails, counted. Only what was verified here or reported by a receiver that is believed. */
export type ObservedMail = {
  fromDomain: string;
  spf: { domain: string; result: string } | null;
  dkim: readonly { domain: string; selector: string; result: string }[];
  count: number;
};

/** What a protocol's part of a check came to: `shown` stands under `records` in its JSON, the rest is for the judge. */
export type Gathered<Shown> = {
  asked: Asked;
  shown: Shown;
  /** Questions nobody answered, however deep. Not empty: the verdict may be another one next time, so it changes none. */
  unasked: readonly Unasked[];
};
export type Unasked = { name: string; type: DnsType; status: DnsStatus };
