/**
 * Every finding there is about what a domain publishes: its id, its protocol, how much it matters, and in one clause when it is raised. Documentation is
 * made from this table (`README.md` beside it), and each id has sentences for people in `server/words/findings.en.json` and `.ja.json` and a pair of
 * zones in `test/golden/domain/`, one that shows it and one that does not.
 */
import type { Evidence, Finding, Fix, Protocol, Severity } from './types.ts';

type Entry = { protocol: Protocol; severity: Severity; when: string };

const about =
  (protocol: Protocol) =>
  (severity: Severity, when: string): Entry => ({ protocol, severity, when });
const spf = about('spf');
const dkim = about('dkim');
const dmarc = about('dmarc');
const mx = about('mx');
const ptr = about('ptr');
const sts = about('mta-sts');
const rpt = about('tls-rpt');
const dane = about('dane');
const dnssec = about('dnssec');
const bimi = about('bimi');
const lists = about('blocklists');

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

  'mx-missing': mx('high', 'the domain has neither MX records nor an address of its own'),
  'mx-implicit': mx('medium', 'there is no MX record, and the address of the domain stands in'),
  'mx-null': mx('medium', 'a null MX says that the domain takes no mail at all'),
  'mx-null-not-alone': mx('high', 'a null MX stands beside other MX records'),
  'mx-address-literal': mx('high', 'an MX record holds an IP address instead of a name'),
  'mx-bad-name': mx('high', 'an MX record names something that is no host name'),
  'mx-alias': mx('medium', 'an MX record names an alias (CNAME)'),
  'mx-unresolved': mx('high', 'a mail server has no address'),
  'mx-private-address': mx('high', 'a mail server has an address that cannot be reached from outside'),
  'mx-duplicate': mx('low', 'a mail server is named twice'),
  'mx-ipv4-only': mx('info', 'no mail server has an IPv6 address'),
  'mx-ipv6-only': mx('medium', 'no mail server has an IPv4 address'),
  'mx-starttls-missing': mx('medium', 'a mail server does not offer TLS'),
  'mx-tls-failed': mx('medium', 'a mail server offers TLS, but it cannot be established'),
  'mx-certificate': mx('low', 'a mail server shows a certificate that cannot be checked against its name'),
  'mx-certificate-expires': mx('low', 'the certificate of a mail server expires within two weeks'),
  'mx-tls-unasked': mx('info', 'a mail server could not be reached on port 25 from here'),
  'mx-unasked': mx('info', 'MX records, or addresses of mail servers, could not be asked for'),

  'ptr-missing': ptr('high', 'a sending address has no reverse name'),
  'ptr-unconfirmed': ptr('high', 'no reverse name of a sending address leads back to it'),
  'ptr-bad-name': ptr('medium', 'a reverse name is none that can exist on the internet'),
  'ptr-generic': ptr('medium', 'a reverse name looks like one a provider gives to all its addresses'),
  'ptr-multiple': ptr('low', 'a sending address has several reverse names'),
  'ptr-helo-bad-name': ptr('medium', 'the sending server introduces itself with no full host name'),
  'ptr-helo-unresolved': ptr('medium', 'the name a sending server introduces itself with has no address'),
  'ptr-helo-mismatch': ptr('low', 'the name a sending server introduces itself with leads to other addresses'),
  'ptr-unasked': ptr('info', 'a reverse name, or what it leads to, could not be asked for'),

  'mtasts-missing': sts('info', 'the domain has no MTA-STS'),
  'mtasts-record-missing': sts('medium', 'a policy is served, but no record says so'),
  'mtasts-multiple': sts('medium', 'there is more than one MTA-STS record'),
  'mtasts-wrong-place': sts('medium', 'the record stands at the domain itself instead of under `_mta-sts`'),
  'mtasts-unrelated-text': sts('low', 'other TXT records stand where the MTA-STS record belongs'),
  'mtasts-syntax': sts('medium', 'part of the record cannot be read'),
  'mtasts-id-invalid': sts('medium', 'the record has no `id` of 1 to 32 letters and digits'),
  'mtasts-policy-unreachable': sts('high', 'the policy cannot be fetched'),
  'mtasts-policy-certificate': sts('high', 'the server of the policy shows a certificate that does not hold'),
  'mtasts-policy-certificate-expires': sts('medium', 'the certificate of that server expires within two weeks'),
  'mtasts-policy-redirect': sts('high', 'the policy is answered with a redirect, which senders must not follow'),
  'mtasts-policy-too-large': sts('medium', 'the policy is longer than 64 KB'),
  'mtasts-policy-type': sts('low', 'the policy is not served as `text/plain`'),
  'mtasts-policy-syntax': sts('high', 'the policy has a fault, and senders ignore it as a whole'),
  'mtasts-policy-repeated': sts('low', 'a field of the policy is given twice'),
  'mtasts-mode-testing': sts('low', 'the policy is in testing mode: nothing is refused'),
  'mtasts-mode-none': sts('info', 'the policy says that there is none'),
  'mtasts-max-age-short': sts('low', 'senders forget the policy in less than a week'),
  'mtasts-mx-mismatch': sts('critical', 'an enforced policy leaves out a mail server of the domain'),
  'mtasts-mx-mismatch-testing': sts('medium', 'a policy in testing mode leaves out a mail server of the domain'),
  'mtasts-mx-unused': sts('low', 'the policy names a mail server that the domain does not have'),
  'mtasts-mx-tls': sts('high', 'a policy is enforced, but a mail server has no TLS or no valid certificate'),
  'mtasts-unasked': sts('info', 'the record, or the name of the policy server, could not be asked for'),

  'tlsrpt-missing': rpt('info', 'the domain asks for no TLS reports'),
  'tlsrpt-missing-with-policy': rpt('low', 'the domain has MTA-STS but asks for no TLS reports'),
  'tlsrpt-multiple': rpt('medium', 'there is more than one TLS reporting record'),
  'tlsrpt-wrong-place': rpt('low', 'the record stands at the domain itself instead of under `_smtp._tls`'),
  'tlsrpt-unrelated-text': rpt('low', 'other TXT records stand where the TLS reporting record belongs'),
  'tlsrpt-syntax': rpt('medium', 'part of the record cannot be read'),
  'tlsrpt-rua-missing': rpt('medium', 'the record names no address for reports'),
  'tlsrpt-rua-invalid': rpt('medium', 'an address for reports is neither `mailto:` nor `https:`, or cannot be read'),
  'tlsrpt-rua-undeliverable': rpt('medium', 'the domain of an address for reports takes no mail'),
  'tlsrpt-unasked': rpt('info', 'the record could not be asked for'),

  'dane-missing': dane('info', 'no mail server has TLSA records'),
  'dane-partial': dane('medium', 'some mail servers have TLSA records and others have none'),
  'dane-unsigned': dane('medium', 'TLSA records are not protected by DNSSEC, so nobody may use them'),
  'dane-unvalidated': dane('info', 'TLSA records exist, but no resolver that is believed has validated them'),
  'dane-usage': dane('medium', 'a TLSA record has usage 0 or 1, which mail servers do not use'),
  'dane-record-invalid': dane('high', 'a TLSA record has unknown parameters or data of the wrong length'),
  'dane-mismatch': dane('critical', 'no usable TLSA record fits the certificate that the mail server shows'),
  'dane-no-starttls': dane('critical', 'a mail server has TLSA records but no working TLS'),
  'dane-single-record': dane('info', 'there is only one usable TLSA record, so a new key means an interruption'),
  'dane-certificate-pinned': dane('low', 'a TLSA record stands for a whole certificate instead of its key'),
  'dane-full-data': dane('low', 'a TLSA record holds a certificate or key instead of its hash'),
  'dane-tls-unasked': dane('info', 'the certificate of a mail server could not be seen from here'),
  'dane-unasked': dane('info', 'TLSA records could not be asked for'),

  'dnssec-missing': dnssec('info', 'the domain is not signed'),
  'dnssec-bogus': dnssec('critical', 'the signatures do not hold, and resolvers that check them answer nothing'),
  'dnssec-ds-missing': dnssec('low', 'the zone is signed, but the zone above does not know of it'),
  'dnssec-algorithm-weak': dnssec('medium', 'the zone is signed only with algorithms that resolvers give up'),
  'dnssec-digest-weak': dnssec('low', 'the zone above knows the key only by a SHA-1 digest'),
  'dnssec-unvalidated': dnssec('info', 'the domain is signed, but no resolver that is believed has validated it'),
  'dnssec-unasked': dnssec('info', 'what DNSSEC needs could not be asked for'),

  'bimi-missing': bimi('info', 'the domain publishes no logo'),
  'bimi-multiple': bimi('medium', 'there is more than one BIMI record'),
  'bimi-wrong-place': bimi('low', 'the record stands at the domain itself instead of under `default._bimi`'),
  'bimi-unrelated-text': bimi('low', 'other TXT records stand where the BIMI record belongs'),
  'bimi-syntax': bimi('medium', 'part of the record cannot be read'),
  'bimi-declined': bimi('info', 'the record says that the domain wants no logo shown'),
  'bimi-location-invalid': bimi('medium', '`l=` or `a=` is no https URL'),
  'bimi-logo-missing': bimi('medium', 'the record names a certificate but no logo'),
  'bimi-logo-unreachable': bimi('medium', 'the logo cannot be fetched'),
  'bimi-logo-type': bimi('low', 'the logo is not served as `image/svg+xml`'),
  'bimi-logo-too-large': bimi('medium', 'the logo is larger than 32 KB'),
  'bimi-logo-not-svg': bimi('medium', 'the logo is no SVG that can be read'),
  'bimi-logo-profile': bimi('medium', 'the logo does not declare version 1.2 and the profile tiny-ps'),
  'bimi-logo-title': bimi('medium', 'the logo has no title'),
  'bimi-logo-title-generic': bimi('low', 'the title of the logo is what a drawing program wrote'),
  'bimi-logo-element': bimi('medium', 'the logo has an element that SVG Tiny PS does not have'),
  'bimi-logo-attribute': bimi('medium', 'the logo has an attribute that SVG Tiny PS forbids'),
  'bimi-logo-reference': bimi('medium', 'the logo refers to something outside itself'),
  'bimi-logo-size': bimi('low', 'the width or height of the logo is relative'),
  'bimi-logo-not-square': bimi('low', 'the logo is not square'),
  'bimi-certificate-missing': bimi('low', 'there is a logo but no mark certificate'),
  'bimi-certificate-unreachable': bimi('medium', 'the mark certificate cannot be fetched'),
  'bimi-certificate-invalid': bimi('medium', 'what is served as mark certificate cannot be read'),
  'bimi-certificate-expired': bimi('medium', 'the mark certificate, or one above it, has expired'),
  'bimi-certificate-not-yet-valid': bimi('medium', 'the mark certificate, or one above it, is not valid yet'),
  'bimi-certificate-expires': bimi('low', 'the mark certificate expires within 30 days'),
  'bimi-certificate-chain': bimi('medium', 'the mark certificate does not lead to a known issuer of such'),
  'bimi-certificate-usage': bimi('medium', 'the certificate is not one for marks'),
  'bimi-certificate-logotype': bimi('medium', 'the mark certificate holds no logo that can be read'),
  'bimi-certificate-domain': bimi('medium', 'the mark certificate is not made out to the domain'),
  'bimi-certificate-logo-mismatch': bimi('medium', 'the logo is not the one in the mark certificate'),
  'bimi-dmarc': bimi('medium', 'the DMARC policy is too weak for a logo to be shown'),
  'bimi-unasked': bimi('info', 'the record, or the name of a server it names, could not be asked for'),

  'blocklist-listed-major': lists('critical', 'listed by a list that much of the world refuses mail by'),
  'blocklist-listed': lists('high', 'listed by a list that many receivers use'),
  'blocklist-listed-minor': lists('low', 'listed by a list that few receivers refuse mail by'),
  'blocklist-listed-policy': lists('high', 'listed as an address that is not meant to send mail directly'),
  'blocklist-listed-network': lists('info', 'the whole network or provider is listed, not this address'),
  'blocklist-refused': lists('info', 'a list does not answer this installation'),
  'blocklist-refused-resolver': lists('info', 'a list refuses because the question came through a public resolver'),
  'blocklist-refused-volume': lists('info', 'a list refuses because too much was asked'),
  'blocklist-refused-name': lists('info', 'a list says that its zone is misspelt'),
  'blocklist-dead': lists('info', 'a list fails its own test entries and is not believed'),
  'blocklists-unasked': lists('info', 'a list could not be asked'),
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
