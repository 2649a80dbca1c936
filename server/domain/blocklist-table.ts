/**
 * The blocklists that receivers are known to use, as of 2026, with what their answers mean. SORBS, NiX Spam and the old CBL zone are not among them: they have been shut
 * down, and a dead list may answer anything. Pure.
 */

export type ListKind = 'ip4' | 'ip6' | 'domain';
/** How much a listing costs: `major` much of the world refuses, `network` says nothing about this very address. */
export type ListWeight = 'major' | 'usual' | 'minor' | 'policy' | 'network';

export type Code = {
  /** `127.0.0.2`, or one bit of the last number. */
  match: string | number;
  name: string;
  weight: ListWeight;
};
export type Blocklist = {
  zone: string;
  /** For people; a key in the zone never stands in it. */
  name: string;
  kinds: readonly ListKind[];
  codes: readonly Code[];
  /** Of a code that is not in the table. */
  otherwise: ListWeight;
  /** Answers that mean "not for you", besides 127.255.255.x. */
  refusals: readonly string[];
  /** Domains only: the entries for testing, where they are not TEST and INVALID (RFC 5782 §5). */
  test?: { listed: string; unlisted: string };
  /** Domains only: the very name is looked up, or its organizational domain. */
  whole?: 'name' | 'organization';
  /** Where to have an entry looked at; `{target}` becomes what is listed. */
  removal: string;
};

const SPAMHAUS_REMOVAL = 'https://check.spamhaus.org/results/?query={target}';
const ZEN: readonly Code[] = [
  { match: '127.0.0.2', name: 'SBL', weight: 'major' },
  { match: '127.0.0.3', name: 'CSS', weight: 'major' },
  ...[4, 5, 6, 7].map((last) => ({ match: `127.0.0.${last}`, name: 'XBL', weight: 'major' as const })),
  { match: '127.0.0.9', name: 'DROP', weight: 'major' },
  { match: '127.0.0.10', name: 'PBL', weight: 'policy' },
  { match: '127.0.0.11', name: 'PBL', weight: 'policy' },
];
const DBL: readonly Code[] = [
  { match: '127.0.1.2', name: 'spam', weight: 'major' },
  { match: '127.0.1.4', name: 'phishing', weight: 'major' },
  { match: '127.0.1.5', name: 'malware', weight: 'major' },
  { match: '127.0.1.6', name: 'botnet', weight: 'major' },
  ...[102, 103, 104, 105, 106].map((last) => ({
    match: `127.0.1.${last}`,
    name: 'abused',
    weight: 'usual' as const,
  })),
];

export const BLOCKLISTS: readonly Blocklist[] = [
  {
    zone: 'zen.spamhaus.org',
    name: 'Spamhaus ZEN',
    kinds: ['ip4', 'ip6'],
    codes: ZEN,
    otherwise: 'usual',
    refusals: [],
    removal: SPAMHAUS_REMOVAL,
  },
  {
    zone: 'dbl.spamhaus.org',
    name: 'Spamhaus DBL',
    kinds: ['domain'],
    codes: DBL,
    otherwise: 'usual',
    refusals: ['127.0.1.255'],
    test: { listed: 'dbltest.com', unlisted: 'invalid' },
    whole: 'name',
    removal: SPAMHAUS_REMOVAL,
  },
  {
    zone: 'bl.spamcop.net',
    name: 'SpamCop',
    kinds: ['ip4'],
    codes: [],
    otherwise: 'usual',
    refusals: [],
    removal: 'https://www.spamcop.net/w3m?action=checkblock&ip={target}',
  },
  {
    zone: 'b.barracudacentral.org',
    name: 'Barracuda',
    kinds: ['ip4'],
    codes: [],
    otherwise: 'usual',
    refusals: [],
    removal: 'https://www.barracudacentral.org/rbl/removal-request/{target}',
  },
  {
    zone: 'bl.mailspike.net',
    name: 'Mailspike',
    kinds: ['ip4'],
    codes: [],
    otherwise: 'usual',
    refusals: [],
    removal: 'https://mailspike.io/ip_verify?ip={target}',
  },
  {
    zone: 'psbl.surriel.com',
    name: 'PSBL',
    kinds: ['ip4'],
    codes: [],
    otherwise: 'minor',
    refusals: [],
    removal: 'https://psbl.org/listing?ip={target}',
  },
  {
    zone: 'bl.spameatingmonkey.net',
    name: 'Spam Eating Monkey',
    kinds: ['ip4'],
    codes: [],
    otherwise: 'minor',
    refusals: [],
    removal: 'https://spameatingmonkey.com/lookup/{target}',
  },
  {
    zone: 'dnsbl.dronebl.org',
    name: 'DroneBL',
    kinds: ['ip4', 'ip6'],
    codes: [],
    otherwise: 'minor',
    refusals: [],
    removal: 'https://dronebl.org/lookup?ip={target}',
  },
  {
    zone: 'dnsbl-1.uceprotect.net',
    name: 'UCEPROTECT 1',
    kinds: ['ip4'],
    codes: [],
    otherwise: 'minor',
    refusals: [],
    removal: 'https://www.uceprotect.net/en/rblcheck.php?ipr={target}',
  },
  {
    zone: 'dnsbl-2.uceprotect.net',
    name: 'UCEPROTECT 2',
    kinds: ['ip4'],
    codes: [],
    otherwise: 'network',
    refusals: [],
    removal: 'https://www.uceprotect.net/en/rblcheck.php?ipr={target}',
  },
  {
    zone: 'dnsbl-3.uceprotect.net',
    name: 'UCEPROTECT 3',
    kinds: ['ip4'],
    codes: [],
    otherwise: 'network',
    refusals: [],
    removal: 'https://www.uceprotect.net/en/rblcheck.php?ipr={target}',
  },
  {
    zone: 'multi.surbl.org',
    name: 'SURBL',
    kinds: ['domain'],
    codes: [
      { match: 8, name: 'phishing', weight: 'usual' },
      { match: 16, name: 'malware', weight: 'usual' },
      { match: 64, name: 'abuse', weight: 'usual' },
      { match: 128, name: 'cracked', weight: 'usual' },
    ],
    otherwise: 'minor',
    refusals: ['127.0.0.1'],
    test: { listed: 'test.surbl.org', unlisted: 'invalid' },
    whole: 'organization',
    removal: 'https://surbl.org/surbl-analysis',
  },
  {
    zone: 'multi.uribl.com',
    name: 'URIBL',
    kinds: ['domain'],
    codes: [
      { match: 2, name: 'black', weight: 'usual' },
      { match: 4, name: 'grey', weight: 'minor' },
      { match: 8, name: 'red', weight: 'minor' },
    ],
    otherwise: 'minor',
    refusals: ['127.0.0.1', '127.0.0.255'],
    test: { listed: 'test.uribl.com', unlisted: 'invalid' },
    whole: 'organization',
    removal: 'https://admin.uribl.com/?section=lookup&query={target}',
  },
  {
    zone: 'dbl.nordspam.com',
    name: 'NordSpam DBL',
    kinds: ['domain'],
    codes: [],
    otherwise: 'minor',
    refusals: [],
    test: { listed: 'test', unlisted: 'invalid' },
    whole: 'organization',
    removal: 'https://www.nordspam.com/removal/',
  },
];
