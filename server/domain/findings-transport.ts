/**
 * Every finding there is about how a domain's mail travels: servers, certificates, policies, logos, blocklists. Each with its protocol, how much it matters,
 * and in one clause when it is raised. Each id has sentences for people in `server/words/` and a pair of zones in `test/golden/domain/`, one that shows it and
 * one that does not.
 */
import type { Evidence, Finding, Fix, Protocol, Severity } from './types.ts';

type Entry = { protocol: Protocol; severity: Severity; when: string };

const about =
  (protocol: Protocol) =>
  (severity: Severity, when: string): Entry => ({ protocol, severity, when });
const mx = about('mx');
const ptr = about('ptr');
const sts = about('mta-sts');
const rpt = about('tls-rpt');
const dane = about('dane');
const dnssec = about('dnssec');
const bimi = about('bimi');
const lists = about('blocklists');

export const TRANSPORT_FINDINGS = {
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

export type TransportFindingId = keyof typeof TRANSPORT_FINDINGS;

export function raise(id: TransportFindingId, evidence: Evidence, fix: Fix | null = null): Finding {
  const { protocol, severity } = TRANSPORT_FINDINGS[id];
  return { id, protocol, severity, evidence, fix };
}
