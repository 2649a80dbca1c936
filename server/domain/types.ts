/**
 * What a domain publishes about its mail, and what is wrong with it. A *finding* is one thing an audit noticed: a word of a closed set (`findings.ts`),
 * the protocol it belongs to, how much it matters for delivery, the evidence it rests on, and what to publish instead. A finding is data,
 * never an exception: a domain may simply have things wrong.
 */

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
