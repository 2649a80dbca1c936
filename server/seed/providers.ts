/**
 * What is known about the people who run mailboxes: where their servers stand, what they call the folder for unwanted mail, whose
 * Authentication-Results may be believed, and what bites. One table; a preset only suggests, the user's own settings win.
 *
 * Hosts follow Thunderbird's ISPDB and the providers' own help pages (November 2026). Values that no public page confirms are
 * marked; a check of the seed shows within seconds whether they hold.
 * Long because it is one table.
 */
import type { TrustRules } from '../authentication/types.ts';
import type { Security } from '../sender/types.ts';
import type { Protocol, ProviderId } from './types.ts';

/** Where a server listens. `hostByDomain` names other hosts for some address domains of the same provider. */
export type ServerPreset = { host: string; port: number; security: Security; hostByDomain?: Record<string, string> };

/** What a person must know about a provider; each has a sentence in server/words. */
export type ProviderQuirk =
  | 'spam-may-be-hidden-in-imap' // Gmail: "Show in IMAP" can be switched off for Spam
  | 'imap-off-by-default' // to be switched on in the provider's web pages
  | 'search-unreliable' // SEARCH by header misses messages or is refused (Yahoo, Exchange): headers are fetched and compared here instead
  | 'pop3-recent-login' // Gmail hides messages once downloaded unless the user is written recent:NAME
  | 'no-junk-folder' // unwanted mail is refused or dropped, never filed
  | 'rate-limits-logins' // too many logins in a short time lock the account for a while
  | 'mail-password-separate' // the mail password is not the account's password
  | 'may-quarantine' // mail may be held where no folder shows it
  | 'dovecot-connection-limit';

export type ProviderPreset = {
  name: { en: string; ja: string };
  /** Address domains that suggest this provider; the domain itself only, not what is under it. */
  domains: readonly string[];
  imap: ServerPreset | null;
  pop3: ServerPreset | null;
  /** What to type as the user: the whole address, the part before the @, or another id that the provider gave. */
  login: 'address' | 'local-part' | 'account-id';
  auth: 'app-password' | 'password' | 'oauth2-only' | 'unsettled';
  /** Names of the folder for unwanted mail at this provider, most likely first; only needed where SPECIAL-USE is missing. */
  junkNames: readonly string[];
  tabs: 'gmail-categories' | null;
  /** null: worked out from the seed's own address and host, see `trustRulesFor`. */
  trust: TrustRules | null;
  /** Whether the server is known to tell of new mail by itself (IMAP IDLE, RFC 2177). The capability list decides in the end. */
  idle: boolean;
  /** Connections the provider allows an account at once; we never use more than two of them: one that reads, one that checks. */
  maxConnections: number;
  /** Never look more often than this, in ms. */
  pollingFloorMs: number;
  quirks: readonly ProviderQuirk[];
};

const imaps = (host: string, hostByDomain?: Record<string, string>): ServerPreset => ({
  host,
  port: 993,
  security: 'tls',
  ...(hostByDomain ? { hostByDomain } : {}),
});
const pop3s = (host: string, hostByDomain?: Record<string, string>): ServerPreset => ({
  host,
  port: 995,
  security: 'tls',
  ...(hostByDomain ? { hostByDomain } : {}),
});

const JUNK_EN = ['Junk', 'Spam', 'Junk Email', 'Junk E-mail', 'Bulk Mail', 'Bulk'] as const;
const JUNK_JA = ['迷惑メール', '迷惑メールフォルダ', '迷惑メールフォルダー', '迷惑', 'スパム', 'Junk', 'Spam'] as const;

const GMAIL_TRUST: TrustRules = { authservIds: ['mx.google.com'], style: 'rfc8601', boundary: 'gmail' };
const YAHOO_TRUST: TrustRules = { authservIds: ['*.yahoo.com', '*.aol.com'], style: 'rfc8601', boundary: 'yahoo' };
const UNITED_INTERNET_TRUST: TrustRules = {
  authservIds: ['*.gmx.net', '*.gmx.com', '*.web.de', '*.kundenserver.de'],
  style: 'rfc8601',
  boundary: 'gmx',
};

const GMAIL: Omit<ProviderPreset, 'name' | 'domains'> = {
  imap: imaps('imap.gmail.com'),
  pop3: pop3s('pop.gmail.com'),
  login: 'address',
  auth: 'app-password',
  junkNames: ['[Gmail]/Spam', '[Gmail]/迷惑メール', '[Google Mail]/Spam', 'Spam', '迷惑メール'],
  tabs: 'gmail-categories',
  trust: GMAIL_TRUST,
  idle: true,
  maxConnections: 15,
  pollingFloorMs: 2_000,
  quirks: ['spam-may-be-hidden-in-imap', 'pop3-recent-login', 'rate-limits-logins'],
};

export const PROVIDERS: Record<ProviderId, ProviderPreset> = {
  gmail: { ...GMAIL, name: { en: 'Gmail', ja: 'Gmail' }, domains: ['gmail.com', 'googlemail.com'] },
  'google-workspace': {
    ...GMAIL,
    name: { en: 'Google Workspace', ja: 'Google Workspace' },
    domains: [],
  },
  outlook: {
    name: { en: 'Outlook.com / Microsoft 365', ja: 'Outlook.com / Microsoft 365' },
    domains: ['outlook.com', 'outlook.jp', 'hotmail.com', 'hotmail.co.jp', 'live.com', 'live.jp', 'msn.com'],
    imap: imaps('outlook.office365.com'),
    pop3: pop3s('outlook.office365.com'),
    login: 'address',
    auth: 'oauth2-only', // passwords and app passwords are off since 16 September 2024
    junkNames: ['Junk Email', 'Junk E-mail', '迷惑メール', 'Junk'],
    tabs: null,
    trust: { authservIds: [], style: 'outlook', boundary: 'outlook' },
    idle: true,
    maxConnections: 10,
    pollingFloorMs: 5_000,
    quirks: ['may-quarantine', 'imap-off-by-default', 'search-unreliable'],
  },
  yahoo: {
    name: { en: 'Yahoo Mail', ja: 'Yahoo Mail(米国)' },
    domains: ['yahoo.com', 'ymail.com', 'rocketmail.com', 'yahoo.co.uk', 'yahoo.de', 'yahoo.fr', 'yahoo.ca'],
    imap: imaps('imap.mail.yahoo.com'),
    pop3: pop3s('pop.mail.yahoo.com'),
    login: 'address',
    auth: 'unsettled', // app password or OAuth2: sources differ
    junkNames: ['Bulk', 'Bulk Mail', 'Spam'],
    tabs: null,
    trust: YAHOO_TRUST,
    idle: false,
    maxConnections: 5,
    pollingFloorMs: 5_000,
    quirks: ['rate-limits-logins', 'search-unreliable'],
  },
  aol: {
    name: { en: 'AOL Mail', ja: 'AOL メール' },
    domains: ['aol.com', 'aim.com'],
    imap: imaps('imap.aol.com'),
    pop3: pop3s('pop.aol.com'),
    login: 'address',
    auth: 'unsettled',
    junkNames: ['Bulk', 'Bulk Mail', 'Spam'],
    tabs: null,
    trust: YAHOO_TRUST, // Yahoo and AOL run the same servers
    idle: false,
    maxConnections: 5,
    pollingFloorMs: 5_000,
    quirks: ['rate-limits-logins', 'search-unreliable'],
  },
  icloud: {
    name: { en: 'iCloud Mail', ja: 'iCloud メール' },
    domains: ['icloud.com', 'me.com', 'mac.com'],
    imap: imaps('imap.mail.me.com'),
    pop3: null,
    login: 'address',
    auth: 'app-password',
    junkNames: ['Junk', '迷惑メール'],
    tabs: null,
    trust: { authservIds: ['*.icloud.com', '*.me.com', '*.mac.com'], style: 'rfc8601', boundary: 'icloud' },
    idle: true,
    maxConnections: 5,
    pollingFloorMs: 5_000,
    quirks: [],
  },
  gmx: {
    name: { en: 'GMX', ja: 'GMX' },
    domains: ['gmx.net', 'gmx.de', 'gmx.at', 'gmx.ch', 'gmx.com', 'gmx.us', 'gmx.co.uk'],
    imap: imaps('imap.gmx.net', { 'gmx.com': 'imap.gmx.com', 'gmx.us': 'imap.gmx.com', 'gmx.co.uk': 'imap.gmx.com' }),
    pop3: pop3s('pop.gmx.net', { 'gmx.com': 'pop.gmx.com', 'gmx.us': 'pop.gmx.com', 'gmx.co.uk': 'pop.gmx.com' }),
    login: 'address',
    auth: 'password',
    junkNames: ['Spamverdacht', 'Spam'],
    tabs: null,
    trust: UNITED_INTERNET_TRUST,
    idle: true,
    maxConnections: 5,
    pollingFloorMs: 5_000,
    quirks: ['imap-off-by-default'],
  },
  'web.de': {
    name: { en: 'WEB.DE', ja: 'WEB.DE' },
    domains: ['web.de', 'email.de'],
    imap: imaps('imap.web.de'),
    pop3: pop3s('pop3.web.de'),
    login: 'address',
    auth: 'password',
    junkNames: ['Unbekannt', 'Spam', 'Unerwünscht', 'Spamverdacht'],
    tabs: null,
    trust: UNITED_INTERNET_TRUST,
    idle: true,
    maxConnections: 5,
    pollingFloorMs: 5_000,
    quirks: ['imap-off-by-default'], // its spam folder is absent until the filter is switched on
  },
  zoho: {
    name: { en: 'Zoho Mail', ja: 'Zoho メール' },
    domains: ['zoho.com', 'zohomail.com', 'zoho.eu', 'zohomail.eu', 'zoho.in', 'zohomail.in', 'zohomail.jp'],
    imap: imaps('imap.zoho.com', {
      'zoho.eu': 'imap.zoho.eu',
      'zohomail.eu': 'imap.zoho.eu',
      'zoho.in': 'imap.zoho.in',
      'zohomail.in': 'imap.zoho.in',
      'zohomail.jp': 'imap.zoho.jp',
    }),
    pop3: pop3s('pop.zoho.com', {
      'zoho.eu': 'pop.zoho.eu',
      'zohomail.eu': 'pop.zoho.eu',
      'zoho.in': 'pop.zoho.in',
      'zohomail.in': 'pop.zoho.in',
      'zohomail.jp': 'pop.zoho.jp',
    }),
    login: 'address',
    auth: 'app-password',
    junkNames: ['Spam', '迷惑メール'],
    tabs: null,
    trust: {
      authservIds: ['zoho', 'zohomail'].flatMap((name) => ['com', 'eu', 'in', 'jp'].map((end) => `*.${name}.${end}`)),
      style: 'rfc8601',
    },
    idle: true,
    maxConnections: 5,
    pollingFloorMs: 5_000,
    quirks: ['imap-off-by-default'],
  },
  fastmail: {
    name: { en: 'Fastmail', ja: 'Fastmail' },
    domains: ['fastmail.com', 'fastmail.fm', 'fastmail.jp'],
    imap: imaps('imap.fastmail.com'),
    pop3: pop3s('pop.fastmail.com'),
    login: 'address',
    auth: 'app-password',
    junkNames: ['Spam', 'Junk Mail'],
    tabs: null,
    trust: { authservIds: ['*.messagingengine.com'], style: 'rfc8601' },
    idle: true,
    maxConnections: 10,
    pollingFloorMs: 2_000,
    quirks: [],
  },
  'yahoo-japan': {
    name: { en: 'Yahoo! JAPAN Mail', ja: 'Yahoo!メール' },
    domains: ['yahoo.co.jp', 'ybb.ne.jp'],
    imap: imaps('imap.mail.yahoo.co.jp'),
    pop3: pop3s('pop.mail.yahoo.co.jp'),
    login: 'local-part', // the Yahoo! JAPAN ID
    auth: 'password',
    junkNames: ['迷惑メール', 'Bulk Mail', 'Bulk'],
    tabs: null,
    trust: { authservIds: ['*.yahoo.co.jp'], style: 'rfc8601', boundary: 'yahoo-japan' },
    idle: false,
    maxConnections: 5,
    pollingFloorMs: 5_000,
    quirks: ['imap-off-by-default', 'rate-limits-logins'],
  },
  docomo: {
    name: { en: 'docomo mail', ja: 'ドコモメール' },
    domains: ['docomo.ne.jp'],
    imap: imaps('imap.spmode.ne.jp'),
    pop3: null,
    login: 'account-id', // the d account
    auth: 'password',
    junkNames: JUNK_JA,
    tabs: null,
    trust: { authservIds: ['*.docomo.ne.jp', '*.spmode.ne.jp'], style: 'rfc8601' },
    idle: false,
    maxConnections: 5,
    pollingFloorMs: 10_000,
    quirks: ['no-junk-folder', 'mail-password-separate', 'imap-off-by-default'],
  },
  ocn: {
    name: { en: 'OCN', ja: 'OCN メール' },
    domains: ['ocn.ne.jp'],
    imap: imaps('imap.ocn.ne.jp'), // from common knowledge; ISPDB lists POP3 only
    pop3: pop3s('pop.ocn.ne.jp'),
    login: 'address',
    auth: 'password',
    junkNames: JUNK_JA,
    tabs: null,
    trust: { authservIds: ['*.ocn.ne.jp', '*.ocn.ad.jp'], style: 'rfc8601' },
    idle: false,
    maxConnections: 5,
    pollingFloorMs: 10_000,
    quirks: ['mail-password-separate'],
  },
  nifty: {
    name: { en: '@nifty', ja: '@nifty メール' },
    domains: ['nifty.com', 'nifty.ne.jp'],
    imap: imaps('imap.nifty.com'), // from common knowledge; ISPDB lists POP3 only
    pop3: pop3s('pop.nifty.com'),
    login: 'address',
    auth: 'password',
    junkNames: JUNK_JA,
    tabs: null,
    trust: { authservIds: ['*.nifty.com', '*.nifty.ne.jp'], style: 'rfc8601' },
    idle: false,
    maxConnections: 5,
    pollingFloorMs: 10_000,
    quirks: ['mail-password-separate'],
  },
  biglobe: {
    name: { en: 'BIGLOBE', ja: 'BIGLOBE メール' },
    domains: ['biglobe.ne.jp'],
    imap: imaps('imap.biglobe.ne.jp'), // from common knowledge; ISPDB lists POP3 only
    pop3: pop3s('mail.biglobe.ne.jp'),
    login: 'address',
    auth: 'password',
    junkNames: JUNK_JA,
    tabs: null,
    trust: { authservIds: ['*.biglobe.ne.jp'], style: 'rfc8601' },
    idle: false,
    maxConnections: 5,
    pollingFloorMs: 10_000,
    quirks: [],
  },
  dovecot: {
    name: { en: 'Dovecot (own server)', ja: 'Dovecot(自前のサーバー)' },
    domains: [],
    imap: null,
    pop3: null,
    login: 'address',
    auth: 'password',
    junkNames: JUNK_EN,
    tabs: null,
    trust: null,
    idle: true,
    maxConnections: 10, // mail_max_userip_connections
    pollingFloorMs: 1_000,
    quirks: ['dovecot-connection-limit'],
  },
  other: {
    name: { en: 'Another provider', ja: 'その他' },
    domains: [],
    imap: null,
    pop3: null,
    login: 'address',
    auth: 'password',
    junkNames: JUNK_EN,
    tabs: null,
    trust: null,
    idle: true,
    maxConnections: 5,
    pollingFloorMs: 2_000,
    quirks: [],
  },
};

/** The provider that an address's domain suggests; `other` when none does. */
export function providerOfAddress(address: string): ProviderId {
  const domain = domainOf(address);
  for (const [id, preset] of Object.entries(PROVIDERS)) {
    if (preset.domains.includes(domain)) return id as ProviderId;
  }
  return 'other';
}

/** Where to read an address of this provider over this protocol; null when the preset does not know or the protocol is not offered. */
export function serverPreset(
  provider: ProviderId,
  protocol: Protocol,
  address: string,
): { host: string; port: number; security: Security } | null {
  const preset = PROVIDERS[provider][protocol];
  if (preset === null) return null;
  const domain = domainOf(address);
  const special =
    preset.hostByDomain && Object.hasOwn(preset.hostByDomain, domain) ? preset.hostByDomain[domain] : undefined;
  return { host: special ?? preset.host, port: preset.port, security: preset.security };
}

/** What this provider expects as the user name of an address; '' when it is an id that only the user knows. */
export function suggestedUser(provider: ProviderId, protocol: Protocol, address: string): string {
  const preset = PROVIDERS[provider];
  if (preset.login === 'account-id') return '';
  if (preset.login === 'local-part') return address.slice(0, Math.max(0, address.lastIndexOf('@')));
  // Gmail's POP3 shows each message once only, unless the user is written this way: then the last 30 days, every time.
  if (protocol === 'pop3' && preset.quirks.includes('pop3-recent-login')) return `recent:${address}`;
  return address;
}

/**
 * Whose Authentication-Results in mail delivered to this seed may be believed. For providers the table knows, the table's. For one's
 * own server: authserv-ids equal to or under the address's domain, the host's own name, or the host's domain, because a server
 * that files mail for a domain names itself within it. Where nothing is left (an IP address as host, no domain), the list is
 * empty, and only an id equal to the receiving host above its own Received line counts.
 */
export function trustRulesFor(provider: ProviderId, seed: { address: string; host: string }): TrustRules {
  const known = PROVIDERS[provider].trust;
  if (known !== null) return known;
  const ids = new Set<string>();
  const domain = domainOf(seed.address);
  if (isDomainName(domain)) ids.add(`*.${domain}`);
  const host = seed.host.toLowerCase().replace(/\.$/, '');
  if (isDomainName(host)) {
    ids.add(`*.${host}`);
    // imap.example.com: the domain is what is left without the first label, but never a public suffix such as co.uk. Two labels
    // left are not enough to tell, so only a domain that the address shares, or of three labels and more, is taken.
    const parent = host.slice(host.indexOf('.') + 1);
    if (parent === domain || domain.endsWith(`.${parent}`) || parent.split('.').length >= 3) {
      if (isDomainName(parent)) ids.add(`*.${parent}`);
    }
  }
  // Filters behind Postfix and its kin write right beneath the server's own Received line.
  return { authservIds: [...ids], style: 'rfc8601', beneathBoundary: true };
}

function domainOf(address: string): string {
  return address
    .slice(address.lastIndexOf('@') + 1)
    .trim()
    .toLowerCase()
    .replace(/\.$/, '');
}

/** A name with at least two labels that is no IP address. `localhost` is none: everybody is called that. */
function isDomainName(name: string): boolean {
  return /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9-]*[a-z][a-z0-9-]*$/.test(name);
}
