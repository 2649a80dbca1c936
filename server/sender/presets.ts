/**
 * Where mail is handed over ("submission", RFC 6409): the hosts, ports and habits of well-known providers, so that nobody has to look them up.
 * Port 465 speaks TLS from the first byte and is preferred (RFC 8314 §3); 587 starts in clear and must be upgraded
 * with STARTTLS. Port 25 is for servers among themselves and stands nowhere here.
 * Limits are the providers' published or widely seen numbers as of November 2026; where they hang on the plan one bought, a cautious one.
 */
import type { Security, SenderPresetId } from './types.ts';

/** What a person should know before filling in the form; sentences in server/words. */
export const PRESET_NOTES = [
  'app-password-two-step', // an app password needs two-step verification, and dies with the main password
  'from-is-rewritten', // Gmail puts the account's address into From unless it is a verified alias
  'measures-provider-reputation', // the probe carries the provider's reputation, not that of another mail system
  'relay-needs-admin', // the administrator allows the relay by address or by login
  'oauth2-only', // passwords are no longer accepted: this program cannot log in there yet
  'smtp-access-must-be-enabled', // sending by other programs is switched on in the provider's settings
  'identity-must-be-verified', // the From address or domain is verified with the provider first
  'user-name-is-a-key', // the user name is fixed or a key, not an address
  'region-in-host', // the host carries the region of the account
  'limit-depends-on-plan', // ours is a cautious guess
  'sandbox-sends-to-verified-only', // new accounts reach verified recipients only
] as const;
export type PresetNote = (typeof PRESET_NOTES)[number];

export type SenderPreset = {
  id: SenderPresetId;
  /** Brand name, the same in every language. */
  name: string;
  /** Best first. Empty: the user types them. */
  routes: { host: string; port: number; security: Security }[];
  /** What goes into the user name: the whole address, a fixed word, or something from the provider's console. */
  user: { kind: 'address' } | { kind: 'fixed'; value: string } | { kind: 'from-console' };
  auth: 'app-password' | 'password' | 'oauth2-only';
  /** Recipients in a rolling 24 hours. */
  dailyLimit: number;
  /** Least time between two messages, in milliseconds. */
  minGapMs: number;
  /** Domains of From addresses that suggest this preset. */
  domains: string[];
  notes: PresetNote[];
};

const both = (host: string): SenderPreset['routes'] => [
  { host, port: 465, security: 'tls' },
  { host, port: 587, security: 'starttls' },
];
const upgraded = (host: string): SenderPreset['routes'] => [{ host, port: 587, security: 'starttls' }];

export const SENDER_PRESETS: readonly SenderPreset[] = [
  {
    id: 'gmail',
    name: 'Gmail',
    routes: both('smtp.gmail.com'),
    user: { kind: 'address' },
    auth: 'app-password',
    dailyLimit: 500,
    minGapMs: 2_000,
    domains: ['gmail.com', 'googlemail.com'],
    notes: ['app-password-two-step', 'from-is-rewritten', 'measures-provider-reputation'],
  },
  {
    id: 'google-workspace-relay',
    name: 'Google Workspace (SMTP relay)',
    routes: both('smtp-relay.gmail.com'),
    user: { kind: 'address' },
    auth: 'app-password',
    dailyLimit: 10_000,
    minGapMs: 1_000,
    domains: [],
    notes: ['relay-needs-admin', 'app-password-two-step'],
  },
  {
    id: 'outlook',
    name: 'Outlook.com / Microsoft 365',
    routes: upgraded('smtp-mail.outlook.com').concat(upgraded('smtp.office365.com')),
    user: { kind: 'address' },
    auth: 'oauth2-only',
    dailyLimit: 300,
    minGapMs: 3_000,
    domains: ['outlook.com', 'hotmail.com', 'live.com', 'msn.com', 'outlook.jp', 'hotmail.co.jp', 'live.jp'],
    notes: ['oauth2-only', 'measures-provider-reputation'],
  },
  {
    id: 'yahoo',
    name: 'Yahoo Mail',
    routes: both('smtp.mail.yahoo.com'),
    user: { kind: 'address' },
    auth: 'app-password',
    dailyLimit: 500,
    minGapMs: 5_000,
    domains: ['yahoo.com', 'ymail.com', 'rocketmail.com', 'yahoo.co.uk', 'yahoo.de', 'yahoo.fr'],
    notes: ['app-password-two-step', 'measures-provider-reputation'],
  },
  {
    id: 'icloud',
    name: 'iCloud Mail',
    routes: upgraded('smtp.mail.me.com'),
    user: { kind: 'address' },
    auth: 'app-password',
    dailyLimit: 1_000,
    minGapMs: 5_000,
    domains: ['icloud.com', 'me.com', 'mac.com'],
    notes: ['app-password-two-step', 'measures-provider-reputation'],
  },
  {
    id: 'yahoo-japan',
    name: 'Yahoo! JAPAN メール',
    routes: [{ host: 'smtp.mail.yahoo.co.jp', port: 465, security: 'tls' }],
    user: { kind: 'from-console' },
    auth: 'password',
    dailyLimit: 200,
    minGapMs: 5_000,
    domains: ['yahoo.co.jp', 'ybb.ne.jp'],
    notes: ['smtp-access-must-be-enabled', 'measures-provider-reputation', 'limit-depends-on-plan'],
  },
  {
    id: 'amazon-ses',
    name: 'Amazon SES',
    routes: both('email-smtp.us-east-1.amazonaws.com'),
    user: { kind: 'from-console' },
    auth: 'password',
    dailyLimit: 200,
    minGapMs: 1_000,
    domains: [],
    notes: [
      'identity-must-be-verified',
      'region-in-host',
      'user-name-is-a-key',
      'sandbox-sends-to-verified-only',
      'limit-depends-on-plan',
    ],
  },
  {
    id: 'sendgrid',
    name: 'SendGrid',
    routes: both('smtp.sendgrid.net'),
    user: { kind: 'fixed', value: 'apikey' },
    auth: 'password',
    dailyLimit: 100,
    minGapMs: 1_000,
    domains: [],
    notes: ['user-name-is-a-key', 'identity-must-be-verified', 'limit-depends-on-plan'],
  },
  {
    id: 'mailgun',
    name: 'Mailgun',
    routes: [...both('smtp.mailgun.org'), ...both('smtp.eu.mailgun.org')],
    user: { kind: 'from-console' },
    auth: 'password',
    dailyLimit: 100,
    minGapMs: 1_000,
    domains: [],
    notes: ['region-in-host', 'identity-must-be-verified', 'limit-depends-on-plan'],
  },
  {
    id: 'postmark',
    name: 'Postmark',
    routes: upgraded('smtp.postmarkapp.com'), // no implicit TLS there
    user: { kind: 'from-console' },
    auth: 'password',
    dailyLimit: 500,
    minGapMs: 1_000,
    domains: [],
    notes: ['user-name-is-a-key', 'identity-must-be-verified', 'limit-depends-on-plan'],
  },
  {
    id: 'own-server',
    name: 'SMTP',
    routes: [],
    user: { kind: 'address' },
    auth: 'password',
    dailyLimit: 2_000,
    minGapMs: 500,
    domains: [],
    notes: [],
  },
];

/** The preset a From address suggests; `own-server` when none does. */
export function presetForAddress(address: string): SenderPreset {
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  return SENDER_PRESETS.find((preset) => preset.domains.includes(domain)) ?? ownServer();
}

/** The preset whose host a route goes to; Amazon's hosts differ by region only. */
export function presetForHost(host: string): SenderPreset {
  const name = host.toLowerCase().replace(/\.$/, '');
  if (/^email-smtp(-fips)?\.[a-z0-9-]+\.amazonaws\.com$/.test(name))
    return SENDER_PRESETS.find((preset) => preset.id === 'amazon-ses') ?? ownServer();
  return SENDER_PRESETS.find((preset) => preset.routes.some((route) => route.host === name)) ?? ownServer();
}

/**
 * The budget a new sender starts with. A Workspace account uses Gmail's host with an address of its own domain, and may send
 * 2,000 a day where a consumer account may send 500.
 */
export function defaultBudget(host: string, fromAddress: string): { dailyLimit: number; minGapMs: number } {
  const preset = presetForHost(host);
  const domain = fromAddress.slice(fromAddress.lastIndexOf('@') + 1).toLowerCase();
  const workspace = preset.id === 'gmail' && domain !== '' && !preset.domains.includes(domain);
  return { dailyLimit: workspace ? 2_000 : preset.dailyLimit, minGapMs: preset.minGapMs };
}

function ownServer(): SenderPreset {
  const preset = SENDER_PRESETS.find(({ id }) => id === 'own-server');
  if (preset === undefined) throw new Error('the table of presets lost its last row');
  return preset;
}
