/**
 * Every finding there is about what a domain publishes: its id, its protocol, how much it matters, and in one clause when it is raised. Documentation is
 * made from this table (`README.md` beside it), and each id has sentences for people in `server/words/findings.en.json` and `.ja.json` and a pair of
 * zones in `test/golden/domain/`, one that shows it and one that does not.
 */
import type { Evidence, Finding, Fix, Protocol, Severity } from './types.ts';

type Entry = { protocol: Protocol; severity: Severity; when: string };

const spf = (severity: Severity, when: string): Entry => ({ protocol: 'spf', severity, when });
const dkim = (severity: Severity, when: string): Entry => ({ protocol: 'dkim', severity, when });
const dmarc = (severity: Severity, when: string): Entry => ({ protocol: 'dmarc', severity, when });

export const FINDINGS = {
  'spf-missing': spf('high', 'the domain has no SPF record'),
  'spf-not-recognised': spf('high', 'a TXT record is meant as SPF but does not begin with exactly `v=spf1`'),
  'spf-multiple': spf('high', 'there is more than one SPF record'),
  'spf-syntax': spf('high', 'a term of the record cannot be read'),
  'spf-plus-all': spf('critical', 'the record, or one it includes, lets every address in the world pass'),
  'spf-neutral-all': spf('medium', 'the record ends in `?all`'),
  'spf-all-missing': spf('medium', 'the record ends without `all` and without `redirect=`'),
  'spf-terms-after-all': spf('medium', 'mechanisms stand behind `all`, where nobody reads them'),
  'spf-redirect-ignored': spf('low', '`redirect=` stands beside `all`, which makes it void'),
  'spf-ptr': spf('medium', 'a `ptr` mechanism or a `%{p}` macro is used'),
  'spf-too-many-lookups': spf('high', 'more than 10 terms ask DNS, includes counted'),
  'spf-lookups-near-limit': spf('low', '9 or 10 terms ask DNS, includes counted'),
  'spf-too-many-void-lookups': spf('high', 'more than 2 terms ask for names that have no such record'),
  'spf-void-lookups': spf('low', '1 or 2 terms ask for names that have no such record'),
  'spf-void-lookups-one-family': spf(
    'low',
    'more than 2 terms find nothing for mail that comes over IPv4, or over IPv6',
  ),
  'spf-include-loop': spf('high', 'a record includes itself, directly or by others'),
  'spf-include-missing': spf('high', 'an `include:` or `redirect=` names a domain without an SPF record'),
  'spf-include-broken': spf(
    'high',
    'an `include:` or `redirect=` leads to a record that cannot be read, or to more than one',
  ),
  'spf-include-unreachable': spf('medium', 'a name that a term asks for gives no answer'),
  'spf-too-many-mx': spf('high', 'an `mx` mechanism leads to more than 10 hosts'),
  'spf-wide-network': spf(
    'medium',
    'a network that passes is wider than /16 (IPv6: /32), or wider than /9 (/20) in a record that is included from others',
  ),
  'spf-private-network': spf('low', 'a network is private and never the source of mail on the internet'),
  'spf-duplicate': spf('low', 'a term stands twice, or two includes lead to the same record'),
  'spf-overlap': spf('low', 'a network lies within another of the same record'),
  'spf-too-long': spf('low', 'name and record have more than 450 bytes together'),
  'spf-text-crowded': spf('low', 'all TXT records of the domain together do not fit into one UDP answer'),
  'spf-unknown-modifier': spf('low', 'a modifier is none that SPF knows, and is passed over'),
  'spf-explanation-broken': spf('low', '`exp=` leads to no usable explanation'),
  'spf-type-record': spf('low', 'records of the type SPF are published, which RFC 7208 took away'),
  'spf-sender-id': spf('info', 'a Sender ID record (`spf2.0/…`) is published, which nobody reads'),
  'spf-ip-not-passing': spf('high', 'an address this mail leaves from does not pass'),
  'spf-unasked': spf('info', 'the TXT records of the domain could not be asked for'),

  'dkim-missing': dkim('medium', 'there is nothing under `_domainkey`, so no key can be there'),
  'dkim-selector-unknown': dkim('info', 'keys may exist, but under none of the selectors that were tried'),
  'dkim-selector-missing': dkim('high', 'a selector that is used, or was given, has no record'),
  'dkim-alias-dangling': dkim('high', 'a selector is an alias for a name that has no key'),
  'dkim-multiple': dkim('high', 'a selector has more than one record'),
  'dkim-syntax': dkim('high', 'a key record cannot be read as a list of tags, or does not begin with `v=DKIM1`'),
  'dkim-key-invalid': dkim('high', 'what stands under `p=` is no public key of its type'),
  'dkim-key-revoked': dkim('medium', '`p=` is empty: the key was withdrawn'),
  'dkim-key-too-short': dkim('high', 'an RSA key has fewer than 1024 bits'),
  'dkim-key-short': dkim('low', 'an RSA key has 1024 bits or more, but fewer than 2048'),
  'dkim-key-too-long': dkim('medium', 'an RSA key has more than 4096 bits, which many receivers refuse'),
  'dkim-ed25519-alone': dkim('medium', 'all keys are Ed25519, which many receivers cannot check'),
  'dkim-testing': dkim('medium', '`t=y`: receivers are told to treat signed mail like unsigned mail'),
  'dkim-service-not-email': dkim('high', '`s=` allows the key for other services than e-mail'),
  'dkim-hash-outdated': dkim('high', '`h=` allows no hash that receivers accept'),
  'dkim-tag-outdated': dkim('low', 'the record has a tag that DKIM took away (`g=`)'),
  'dkim-key-reused': dkim('low', 'the same key stands under several selectors'),
  'dkim-key-never-rotated': dkim('low', 'the key has not changed for over a year of our own checks'),
  'dkim-wildcard': dkim('medium', 'a wildcard answers for selectors that do not exist'),
  'dkim-unasked': dkim('info', 'a key record could not be asked for'),

  'dmarc-missing': dmarc('high', 'no DMARC record applies to the domain'),
  'dmarc-multiple': dmarc('high', 'there is more than one DMARC record at one name'),
  'dmarc-not-recognised': dmarc('high', 'a TXT record is meant as DMARC but does not begin with exactly `v=DMARC1`'),
  'dmarc-wrong-place': dmarc('high', 'a DMARC record stands at the domain itself instead of under `_dmarc`'),
  'dmarc-unrelated-text': dmarc('low', 'other TXT records stand where the DMARC record belongs'),
  'dmarc-syntax': dmarc('medium', 'part of the record cannot be read as a tag'),
  'dmarc-tag-duplicate': dmarc('high', 'a tag stands twice'),
  'dmarc-tag-unknown': dmarc('low', 'a tag is none that DMARC knows'),
  'dmarc-tag-invalid': dmarc('medium', 'a tag has a value that it cannot have, and its default is used'),
  'dmarc-tag-removed': dmarc('low', '`pct`, `rf` or `ri` is used, which RFC 9989 took away'),
  'dmarc-policy-invalid': dmarc('high', '`p`, `sp` or `np` is none of `none`, `quarantine`, `reject`'),
  'dmarc-policy-missing': dmarc('medium', 'the record has no `p`'),
  'dmarc-policy-not-second': dmarc('low', '`p` does not follow `v` at once, as older receivers want it'),
  'dmarc-policy-none': dmarc('medium', 'the policy that applies is `none`'),
  'dmarc-policy-none-for-long': dmarc('medium', 'the policy has been `none` for over three months of our own checks'),
  'dmarc-testing': dmarc('medium', '`t=y`: receivers are told to apply one step less than the policy'),
  'dmarc-subdomains-exposed': dmarc('medium', 'subdomains have a weaker policy than the domain itself'),
  'dmarc-nonexistent-exposed': dmarc('medium', 'names that do not exist have a weaker policy than the domain itself'),
  'dmarc-subdomain-policy-ignored': dmarc(
    'low',
    '`sp` or `np` stands in a record below the organizational domain, where it has no effect',
  ),
  'dmarc-psd': dmarc('high', '`psd=y` in the record of a domain that is no public suffix'),
  'dmarc-organization-differs': dmarc('low', 'older receivers see another organizational domain than newer ones'),
  'dmarc-inherited': dmarc('info', 'the record that applies is that of a domain above'),
  'dmarc-no-reports': dmarc('low', 'no address for aggregate reports is given'),
  'dmarc-report-address-invalid': dmarc('medium', 'a report address is no URI of a kind that receivers use'),
  'dmarc-report-unauthorized': dmarc(
    'medium',
    'a report address of another organization has not agreed to receive reports',
  ),
  'dmarc-report-undeliverable': dmarc('medium', 'the domain of a report address takes no mail'),
  'dmarc-report-size-limit': dmarc('low', 'a report address has a size limit (`!10m`), which RFC 9989 took away'),
  'dmarc-reports-many': dmarc('low', 'more than two report addresses, of which many receivers use only the first two'),
  'dmarc-failure-options-unused': dmarc('low', '`fo` is given without `ruf`, and has no effect'),
  'dmarc-alignment-failing': dmarc(
    'high',
    'mail was seen for which neither SPF nor DKIM passed in the name of the domain in From',
  ),
  'dmarc-alignment-spf-only': dmarc('medium', 'mail was seen that only SPF carries, which breaks when it is forwarded'),
  'dmarc-alignment-dkim-only': dmarc('info', 'mail was seen that only DKIM carries'),
  'dmarc-unasked': dmarc('info', 'a name on the way to the DMARC record could not be asked'),
} as const satisfies Record<string, Entry>;

export type FindingId = keyof typeof FINDINGS;

export function raise(id: FindingId, evidence: Evidence, fix: Fix | null = null): Finding {
  const { protocol, severity } = FINDINGS[id];
  return { id, protocol, severity, evidence, fix };
}

/** The table of the documentation, one row for each finding. */
export function findingsTable(): string {
  const rows = Object.entries(FINDINGS).map(([id, { protocol, severity, when }]) => [
    `\`${id}\``,
    protocol,
    severity,
    when,
  ]);
  const head = ['id', 'protocol', 'severity', 'raised when'];
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => (row[i] ?? '').length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.map(line)].join('\n');
}
