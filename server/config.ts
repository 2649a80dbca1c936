/**
 * The only reader of the environment. Every setting stands in SETTINGS with its default and its meaning: the README, `doctor` and the tests read
 * that table. A wrong value stops the start with one line that names the setting, what is wrong, and what would be right.
 *
 * Long because it is one table: every setting with its default, its meaning and its reader.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { BlockList, isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { AppError } from './errors.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export type Config = {
  host: string;
  /** 0: any free port. */
  port: number;
  /** Absolute path of the folder that holds the database and the key file. */
  dataDir: string;
  /** Null: the key file in the data folder. */
  secretKey: string | null;
  /** `192.0.2.1:53` or `[2001:db8::1]:53`; empty: the system's. */
  dnsServers: string[];
  /** As dnsServers: those whose word that an answer was validated (DNSSEC) is believed, besides loopback. */
  dnsValidators: string[];
  /** Blocklists to ask, as written: `default`, `off`, `ip:zone`, `domain:zone`, `-zone`; read by the domain audit. */
  blocklists: string[];
  /** CIDRs of private networks that mail servers may live in; empty: none. */
  allowedNetworks: string[];
  /** `host:port` of the only mail servers that may be connected to; null: any whose address is allowed. No setting: worlds that must not reach out have it. */
  onlyServers: string[] | null;
  /** PEM text of certificates trusted besides the public ones. */
  extraCa: string | null;
  /** `http://127.0.0.1:11333`: rspamd, asked for its view of campaigns; null: none. */
  rspamdUrl: string | null;
  /** `127.0.0.1:783`: spamd of SpamAssassin; null: none. */
  spamd: string | null;
  logLevel: (typeof LOG_LEVELS)[number];
  /** Addresses and CIDRs of reverse proxies whose X-Forwarded-… headers are believed. */
  trustProxies: string[];
  /** Where people reach this installation, without a slash at the end; null: host and port. */
  baseUrl: string | null;
  /** Seeds read at the same time. */
  maxConcurrentSeeds: number;
  /** Messages handed over at the same time, over all senders. */
  maxConcurrentSends: number;
  /** Larger messages in a seed are read as header only. */
  maxMessageBytes: number;
  /** Larger request bodies are refused with 413. */
  maxRequestBytes: number;
  /** How long a session lives without being used. */
  sessionDays: number;
};

const TRUE_LIST = (text: string): string[] =>
  text
    .split(/[\s,]+/)
    .map((part) => part.trim())
    .filter((part) => part !== '');

const list = (check: (part: string) => string | null, wanted: string) =>
  z.string().transform((text, context) => {
    const parts: string[] = [];
    for (const part of TRUE_LIST(text)) {
      const good = check(part);
      if (good === null) {
        context.addIssue({ code: 'custom', message: `${wanted}; ${JSON.stringify(part)} is not` });
        return z.NEVER;
      }
      parts.push(good);
    }
    return parts;
  });

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .refine((n) => n >= least && n <= most, `must be a whole number from ${least} to ${most}`);

/** `192.0.2.1`, `192.0.2.1:5353`, `::1`, `[::1]:5353` → with port and brackets; null when it is none of them. */
function dnsServer(text: string): string | null {
  const bracketed = /^\[([0-9a-f:.]+)\](?::(\d{1,5}))?$/i.exec(text);
  const plain = /^([^:]+)(?::(\d{1,5}))?$/.exec(text);
  const [host, port] =
    isIP(text) === 6 ? [text, '53'] : [(bracketed ?? plain)?.[1] ?? '', (bracketed ?? plain)?.[2] ?? '53'];
  if (isIP(host) === 0 || (bracketed !== null && isIP(host) !== 6) || Number(port) < 1 || Number(port) > 65_535)
    return null;
  return isIP(host) === 6 ? `[${host}]:${Number(port)}` : `${host}:${Number(port)}`;
}

/** `10.0.0.0/8`, `fd00::/8`, or one address, which becomes a /32 or /128. */
function network(text: string): string | null {
  const [address = '', prefix, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return null;
  const bits = family === 4 ? 32 : 128;
  if (prefix === undefined) return `${address}/${bits}`;
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > bits) return null;
  // Proves that Node takes it too, since the guard is a BlockList.
  new BlockList().addSubnet(address, Number(prefix), family === 4 ? 'ipv4' : 'ipv6');
  return `${address}/${Number(prefix)}`;
}

/** One part of TODOKU_BLOCKLISTS, in lower case; null when it is none. */
function blocklist(text: string): string | null {
  const part = text.toLowerCase();
  if (part === 'off' || part === 'default') return part;
  const zone = /^(?:(?:ip|ip4|ip6|domain):|-)(.+)$/.exec(part)?.[1] ?? '';
  return host(zone) && isIP(zone) === 0 && zone.includes('.') ? part : null;
}

function host(text: string): boolean {
  return (
    isIP(text) !== 0 ||
    /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i.test(text)
  );
}

const certificates = z.string().transform((file, context) => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    context.addIssue({
      code: 'custom',
      message: `must be a readable file, but ${(error as { code?: string }).code ?? 'it is not'}`,
    });
    return z.NEVER;
  }
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    for (const block of blocks) new X509Certificate(block);
  } catch {
    context.addIssue({ code: 'custom', message: 'must hold PEM certificates, but one of them cannot be read' });
    return z.NEVER;
  }
  if (blocks.length === 0) {
    context.addIssue({
      code: 'custom',
      message: 'must hold at least one PEM certificate (-----BEGIN CERTIFICATE-----)',
    });
    return z.NEVER;
  }
  return text;
});

const baseUrl = z.string().transform((text, context) => {
  const url = URL.parse(text);
  if (
    !url ||
    !/^https?:$/.test(url.protocol) ||
    url.username !== '' ||
    url.search !== '' ||
    url.hash !== '' ||
    url.pathname !== '/'
  ) {
    context.addIssue({
      code: 'custom',
      message: 'must be like https://todoku.example.com, without path, query or user',
    });
    return z.NEVER;
  }
  return url.origin;
});

type Setting = {
  name: string;
  field: keyof Config;
  /** As it would stand in the environment; null: unset. */
  default: string | null;
  meaning: string;
  /** Never shown in a message. */
  secret?: true;
  read: z.ZodType<Config[keyof Config], string>;
};

/** Every setting, in the order in which the documentation lists them. */
export const SETTINGS: readonly Setting[] = [
  {
    name: 'HOST',
    field: 'host',
    default: '127.0.0.1',
    meaning: 'The address to listen on. 0.0.0.0 lets other machines in.',
    read: z.string().refine(host, 'must be an address or a host name'),
  },
  {
    name: 'PORT',
    field: 'port',
    default: '4125',
    meaning: 'The port to listen on; 0 takes any free one.',
    read: whole(0, 65_535),
  },
  {
    name: 'TODOKU_DATA_DIR',
    field: 'dataDir',
    default: './data',
    meaning: 'The folder that holds the database and the key file.',
    read: z.string().transform((path) => resolve(path)),
  },
  {
    name: 'TODOKU_SECRET_KEY',
    field: 'secretKey',
    default: null,
    meaning:
      'The secret that seals stored passwords, at least 32 characters. Unset: a file secret.key is made in the data folder.',
    secret: true,
    read: z.string().min(32, 'must have at least 32 characters (try: openssl rand -base64 32)'),
  },
  {
    name: 'TODOKU_BASE_URL',
    field: 'baseUrl',
    default: null,
    meaning: 'The address people open in their browser, when it is not host and port: https://todoku.example.com',
    read: baseUrl,
  },
  {
    name: 'TODOKU_TRUST_PROXIES',
    field: 'trustProxies',
    default: '',
    meaning: 'Addresses or networks of reverse proxies whose X-Forwarded-For and -Proto are believed.',
    read: list(network, 'must be addresses or networks like 127.0.0.1, 10.0.0.0/8'),
  },
  {
    name: 'TODOKU_DNS_SERVERS',
    field: 'dnsServers',
    default: '',
    meaning: "DNS servers to ask, as address:port, separated by commas. Unset: the system's.",
    read: list(dnsServer, 'must be addresses like 127.0.0.1:53, [::1]:53'),
  },
  {
    name: 'TODOKU_DNS_VALIDATORS',
    field: 'dnsValidators',
    default: '',
    meaning:
      'DNS servers that validate DNSSEC and are reached over a network you trust; those on this machine are believed anyway.',
    read: list(dnsServer, 'must be addresses like 10.0.0.53:53, [fd00::53]:53'),
  },
  {
    name: 'TODOKU_BLOCKLISTS',
    field: 'blocklists',
    default: 'default',
    meaning:
      'Blocklists that domains and sending addresses are looked up in: default, off, or zones to add (ip:ZONE, domain:ZONE) and to leave out (-ZONE).',
    read: list(blocklist, 'must be default, off, ip:ZONE, ip4:ZONE, ip6:ZONE, domain:ZONE or -ZONE'),
  },
  {
    name: 'TODOKU_ALLOW_PRIVATE_NETWORKS',
    field: 'allowedNetworks',
    default: '',
    meaning: 'Private networks that mail servers may live in, as CIDR: 10.1.0.0/16. Unset: public addresses only.',
    read: list(network, 'must be networks like 10.0.0.0/8, fd00::/8'),
  },
  {
    name: 'TODOKU_EXTRA_CA_FILE',
    field: 'extraCa',
    default: null,
    meaning: 'A PEM file with certificates to trust besides the public ones, for mail servers with a private CA.',
    read: certificates,
  },
  {
    name: 'TODOKU_RSPAMD_URL',
    field: 'rspamdUrl',
    default: null,
    meaning: 'An rspamd that is asked for its view of campaigns: http://127.0.0.1:11333',
    read: baseUrl,
  },
  {
    name: 'TODOKU_SPAMD',
    field: 'spamd',
    default: null,
    meaning: 'A spamd (SpamAssassin) that is asked for its view of campaigns, as host:port: 127.0.0.1:783',
    read: z
      .string()
      .refine(
        (text) =>
          /^(?:\[[0-9a-f:.]+\]|[^:\s]+):\d{1,5}$/i.test(text) &&
          host(text.replace(/:\d+$/, '').replace(/^\[|\]$/g, '')),
        'must be like 127.0.0.1:783',
      ),
  },
  {
    name: 'TODOKU_LOG_LEVEL',
    field: 'logLevel',
    default: 'info',
    meaning: `How much is logged: ${LOG_LEVELS.join(', ')}.`,
    read: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`),
  },
  {
    name: 'TODOKU_MAX_CONCURRENT_SEEDS',
    field: 'maxConcurrentSeeds',
    default: '40',
    meaning: 'Seeds read at the same time.',
    read: whole(1, 1000),
  },
  {
    name: 'TODOKU_MAX_CONCURRENT_SENDS',
    field: 'maxConcurrentSends',
    default: '10',
    meaning: 'Messages handed over at the same time, over all senders.',
    read: whole(1, 200),
  },
  {
    name: 'TODOKU_MAX_MESSAGE_MB',
    field: 'maxMessageBytes',
    default: '25',
    meaning: 'Messages in a seed larger than this many megabytes are read as header only.',
    read: whole(1, 100).transform((mb) => mb * 1_000_000),
  },
  {
    name: 'TODOKU_MAX_REQUEST_MB',
    field: 'maxRequestBytes',
    default: '5',
    meaning: 'Requests with a body larger than this many megabytes are refused.',
    read: whole(1, 100).transform((mb) => mb * 1_000_000),
  },
  {
    name: 'TODOKU_SESSION_DAYS',
    field: 'sessionDays',
    default: '30',
    meaning: 'Days after which an unused session ends.',
    read: whole(1, 365),
  },
];

export type Environment = Record<string, string | undefined>;

/**
 * Reads every setting; an empty value is as good as none.
 * @param env `process.env`, or a table in a test
 * @throws AppError `config` naming the first wrong setting; `detail.setting` is its name
 */
export function readConfig(env: Environment): Config {
  const config: Partial<Record<keyof Config, unknown>> = { onlyServers: null };
  for (const setting of SETTINGS) {
    const given = env[setting.name]?.trim() || setting.default;
    if (given === null) {
      config[setting.field] = null;
      continue;
    }
    const read = setting.read.safeParse(given);
    if (!read.success) {
      const reason = read.error.issues[0]?.message ?? 'is wrong';
      const shown =
        setting.secret || given === '' || reason.includes(JSON.stringify(given))
          ? ''
          : ` (it is ${JSON.stringify(given.slice(0, 200))})`;
      throw new AppError('config', `${setting.name} ${reason}${shown}.`, { setting: setting.name });
    }
    config[setting.field] = read.data;
  }
  return config as Config;
}

/** Names that look like our settings but are none: a typing error that would otherwise be passed over in silence. */
export function unknownSettings(env: Environment): string[] {
  const known = new Set(SETTINGS.map((setting) => setting.name));
  return Object.keys(env)
    .filter((name) => name.startsWith('TODOKU_') && !known.has(name))
    .sort();
}

/** The one SQLite file. */
export function databaseFile(config: Pick<Config, 'dataDir'>): string {
  return join(config.dataDir, 'todoku.sqlite');
}
