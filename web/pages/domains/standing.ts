/** How a domain and each of its protocols stand, as one word of one set, and in which order protocols are shown. */
import type { DomainJson, FindingJson } from '../../../server/api/json/domains.ts';
import type { RecordsJson } from '../../../server/api/json/records.ts';
import type { Severity, Standing } from '../../severity.ts';

export type Protocol = FindingJson['protocol'];

/** In the order of the pages: what decides about every mail first. */
export const PROTOCOLS = [
  'spf',
  'dkim',
  'dmarc',
  'mx',
  'ptr',
  'blocklists',
  'mta-sts',
  'tls-rpt',
  'dane',
  'dnssec',
  'bimi',
] as const satisfies readonly Protocol[];

/** Where each stands among the records. */
export const RECORD_KEYS = {
  spf: 'spf',
  dkim: 'dkim',
  dmarc: 'dmarc',
  mx: 'mx',
  ptr: 'ptr',
  blocklists: 'blocklists',
  'mta-sts': 'mtaSts',
  'tls-rpt': 'tlsRpt',
  dane: 'dane',
  dnssec: 'dnssec',
  bimi: 'bimi',
} as const satisfies Record<Protocol, keyof RecordsJson>;

export function protocolStanding(domain: Pick<DomainJson, 'protocols'>, protocol: Protocol): Standing | null {
  const found = domain.protocols?.[RECORD_KEYS[protocol]];
  if (!found) return null;
  const { asked, worst } = found;
  if (worst !== null && worst !== 'info') return worst;
  if (asked === 'unasked') return 'unasked';
  return asked === 'none' ? 'none' : 'fine';
}

/** What is wrong, without what is only worth knowing, the gravest first. */
export function countedWrong(counts: DomainJson['counts']): [Exclude<Severity, 'info'>, number][] {
  return (['critical', 'high', 'medium', 'low'] as const)
    .map((severity): [Exclude<Severity, 'info'>, number] => [severity, counts?.[severity] ?? 0])
    .filter(([, count]) => count > 0);
}
