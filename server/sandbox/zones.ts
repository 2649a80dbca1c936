/**
 * What stands in the sandbox's DNS. Sending domains differ in what they publish, since that is what a receiver judges:
 * SPF (which addresses may send for the domain, RFC 7208), DKIM (the public key of its signatures, RFC 6376), DMARC (what to do
 * when neither fits, RFC 9989) and PTR (the name of the sending address). Providers have what every provider has.
 *
 * All addresses are of the documentation networks (RFC 5737), so nothing here can ever be a real machine.
 */
import type { DkimKeys } from './dkim-keys.ts';

export type ProviderName = 'gmail' | 'outlook' | 'yahoo' | 'yahoo-japan' | 'dovecot';

/** Records of one name: type → the `data` that dns-packet encodes for it. TXT is a list of records, each one string. */
export type Records = {
  A?: string[];
  AAAA?: string[];
  MX?: { preference: number; exchange: string }[];
  TXT?: string[];
  NS?: string[];
  PTR?: string[];
  CNAME?: string[];
  CAA?: { flags: number; tag: 'issue' | 'issuewild' | 'iodef'; value: string }[];
  SOA?: {
    mname: string;
    rname: string;
    serial: number;
    refresh: number;
    retry: number;
    expire: number;
    minimum: number;
  }[];
};

/** Lower-case name without the final dot → its records. */
export type Zones = Map<string, Records>;

export type SenderDomain = {
  domain: string;
  /** The address its mail leaves from, and the name it says in EHLO. */
  ip: string;
  helo: string;
  /** null: its mail is not signed. */
  selector: string | null;
  key: 'strong' | 'weak';
  /** Which kind of server keeps its own mailboxes (bounces come there). */
  provider: ProviderName;
};

export const PROVIDER_DOMAINS: Record<string, ProviderName> = {
  'gmail.test': 'gmail',
  'outlook.test': 'outlook',
  'yahoo.test': 'yahoo',
  'yahoo-japan.test': 'yahoo-japan',
  'plain.test': 'dovecot',
};

const SENDERS: [domain: string, lastByte: number, rest?: Partial<SenderDomain>][] = [
  ['good.test', 10],
  ['no-dmarc.test', 11],
  ['broken-spf.test', 12],
  ['weak-key.test', 13, { key: 'weak' }],
  ['spoofed.test', 66, { selector: null }],
  ['gmail.test', 25, { selector: '20230601', provider: 'gmail' }],
  ['outlook.test', 26, { selector: 'selector1', provider: 'outlook' }],
  ['yahoo.test', 27, { provider: 'yahoo' }],
  ['yahoo-japan.test', 28, { provider: 'yahoo-japan' }],
  ['plain.test', 29],
];

export const SENDER_DOMAINS: SenderDomain[] = SENDERS.map(([domain, lastByte, rest]) => ({
  domain,
  ip: `203.0.113.${lastByte}`,
  helo: `out.${domain}`,
  selector: 's1',
  key: 'strong',
  provider: 'dovecot',
  ...rest,
}));

/** The domain's own entry, or undefined for a domain the sandbox does not host. */
export function senderDomain(domain: string): SenderDomain | undefined {
  return SENDER_DOMAINS.find((entry) => entry.domain === domain.toLowerCase());
}

/** The provider that keeps a domain's mailboxes, or null for a domain nobody hosts (its mail bounces). */
export function providerOf(domain: string): ProviderName | null {
  return senderDomain(domain)?.provider ?? null;
}

const SPF_OWN: Record<string, string> = {
  // Says that nobody may send for it: all mail of this domain fails, as a spoofer's does.
  'spoofed.test': 'v=spf1 -all',
  // Eleven includes, and the address that fits stands in the eleventh: one look-up more than RFC 7208 4.6.4 allows.
  'broken-spf.test': `v=spf1 ${Array.from({ length: 11 }, (_, i) => `include:spf${i + 1}.broken-spf.test`).join(' ')} -all`,
};

const DMARC: Record<string, string | null> = {
  'no-dmarc.test': null,
  'broken-spf.test': 'v=DMARC1; p=none; rua=mailto:dmarc@broken-spf.test',
  'weak-key.test': 'v=DMARC1; p=quarantine; rua=mailto:dmarc@weak-key.test',
  'gmail.test': 'v=DMARC1; p=none; sp=quarantine; rua=mailto:mailauth-reports@gmail.test',
};

/** Builds all zones for the given keys. Pure. */
export function buildZones(keys: DkimKeys): Zones {
  const zones: Zones = new Map();
  const add = (name: string, records: Records) => {
    const key = name.toLowerCase();
    zones.set(key, { ...zones.get(key), ...records });
  };
  for (const { domain, ip, helo, selector, key } of SENDER_DOMAINS) {
    const mx = `mx.${domain}`;
    const ns = `ns.${domain}`;
    add(domain, {
      A: [ip],
      MX: [{ preference: 10, exchange: mx }],
      TXT: [SPF_OWN[domain] ?? `v=spf1 ip4:${ip} -all`],
      NS: [ns],
      SOA: [soaOf(domain)],
      CAA: [{ flags: 0, tag: 'issue', value: 'letsencrypt.org' }],
    });
    const mxIp = ip.replace('203.0.113.', '198.51.100.');
    add(mx, { A: [mxIp] });
    add(ns, { A: ['198.51.100.253'] });
    add(helo, { A: [ip], TXT: [`v=spf1 a -all`] });
    add(reverseName(mxIp), { PTR: [mx] });
    // A spoofer's machine has no name of its own.
    if (domain !== 'spoofed.test') add(reverseName(ip), { PTR: [helo] });
    if (selector !== null) add(`${selector}._domainkey.${domain}`, { TXT: [keys[key].record] });
    const dmarc = domain in DMARC ? DMARC[domain] : `v=DMARC1; p=reject; rua=mailto:dmarc@${domain}`;
    if (dmarc !== null && dmarc !== undefined) add(`_dmarc.${domain}`, { TXT: [dmarc] });
    add(`_smtp._tls.${domain}`, { TXT: [`v=TLSRPTv1; rua=mailto:tlsrpt@${domain}`] });
  }
  for (let i = 1; i <= 11; i++) {
    add(`spf${i}.broken-spf.test`, { TXT: [`v=spf1 ip4:${i === 11 ? '203.0.113.12' : `198.51.100.${i}`} -all`] });
  }
  // A 512-bit key nobody can sign with any more: mailauth and opendkim refuse it, audits should still see it published.
  add('old._domainkey.weak-key.test', { TXT: [keys.tiny.record] });
  // More than fits into one UDP answer: comes truncated, to be asked for again over TCP (RFC 7766).
  add('large.good.test', { TXT: Array.from({ length: 30 }, (_, i) => `part ${i} ${'x'.repeat(200)}`) });
  add('alias.good.test', { CNAME: ['good.test'] });
  return zones;
}

/** The SOA of a zone; its `minimum` is how long "there is no such record" may be remembered (RFC 2308). */
export function soaOf(domain: string): NonNullable<Records['SOA']>[number] {
  return {
    mname: `ns.${domain}`,
    rname: `hostmaster.${domain}`,
    serial: 2026110101,
    refresh: 7200,
    retry: 900,
    expire: 1209600,
    minimum: 60,
  };
}

function reverseName(ip: string): string {
  return `${ip.split('.').reverse().join('.')}.in-addr.arpa`;
}
