/**
 * Seeds in and out as a table: what each of the ten columns may hold and what fills it in when it is left out; server/csv.ts knows cells, quotes and headings. Pure.
 */
import { type CsvReading, type Refusal, readTable, type Table, writeTable } from '../csv.ts';
import { readPort, readSecurity, SERVER_HEADINGS } from '../sender/server-cells.ts';
import type { Security } from '../sender/types.ts';
import { providerOfAddress, serverPreset, suggestedUser } from './providers.ts';
import { PROTOCOLS, PROVIDER_IDS, type Protocol, type ProviderId } from './types.ts';

/** A seed as a line describes it, presets filled in. */
export type SeedDraft = {
  address: string;
  provider: ProviderId;
  protocol: Protocol;
  host: string;
  port: number;
  security: Security;
  user: string;
  password: string;
  junkFolder: string | null;
  tags: string[];
};

export type SeedCsvReason =
  | 'address-missing'
  | 'address-invalid'
  | 'provider-unknown'
  | 'protocol-unknown'
  | 'protocol-not-offered' // the provider has no such server, and the line names none
  | 'host-missing'
  | 'host-invalid'
  | 'port-invalid'
  | 'security-unknown'
  | 'user-missing'
  | 'password-missing';

const MOST_TAGS = 20;
const LONGEST_TAG = 50;

const HEADINGS = {
  address: [
    'address',
    'email',
    'e-mail',
    'mail',
    'mail address',
    'email address',
    'メールアドレス',
    'アドレス',
    'メール',
  ],
  provider: ['provider', 'service', 'プロバイダー', 'プロバイダ', 'サービス', '事業者'],
  protocol: ['protocol', 'プロトコル', '方式', '受信方式'],
  ...SERVER_HEADINGS,
  host: [...SERVER_HEADINGS.host, '受信サーバー', '受信サーバ'],
  junkFolder: [
    'junkfolder',
    'junk folder',
    'junk',
    'spam folder',
    '迷惑メールフォルダー',
    '迷惑メールフォルダ',
    '迷惑メール',
  ],
  tags: ['tags', 'tag', 'labels', 'タグ', 'ラベル'],
};
export type SeedColumn = keyof typeof HEADINGS;

const TABLE: Table<SeedColumn, SeedCsvReason, SeedDraft> = {
  headings: HEADINGS,
  key: 'address',
  read: readLine,
  identity,
};

/** @param existing addresses and protocols of the seeds already there: the same address over the same protocol is a duplicate */
export function readSeedCsv(
  text: string,
  existing: readonly { address: string; protocol: Protocol }[],
): CsvReading<SeedColumn, SeedCsvReason, SeedDraft> {
  return readTable(text, TABLE, existing.map(identity));
}

export function writeSeedCsv(seeds: readonly Omit<SeedDraft, 'password'>[]): string {
  return writeTable(
    TABLE,
    seeds.map((seed) => ({ ...seed, tags: seed.tags.join('|') })),
  );
}

function readLine(cellOf: (column: SeedColumn) => string): SeedDraft | Refusal<SeedColumn, SeedCsvReason> {
  const address = cellOf('address');
  if (address === '') return { reason: 'address-missing', column: 'address' };
  if (!/^[^\s@"(),:;<>[\\\]]{1,64}@[^\s@"(),:;<>[\\\]]{1,253}$/.test(address))
    return { reason: 'address-invalid', column: 'address' };

  const provider =
    cellOf('provider') === ''
      ? providerOfAddress(address)
      : PROVIDER_IDS.find((id) => id === cellOf('provider').toLowerCase());
  if (provider === undefined) return { reason: 'provider-unknown', column: 'provider' };

  const protocolWord = cellOf('protocol')
    .toLowerCase()
    .replace(/s$/, '')
    .replace(/^pop$/, 'pop3')
    .replace(/^imap4$/, 'imap');
  const protocol = protocolWord === '' ? 'imap' : PROTOCOLS.find((id) => id === protocolWord);
  if (protocol === undefined) return { reason: 'protocol-unknown', column: 'protocol' };

  const preset = serverPreset(provider, protocol, address);
  const host = (cellOf('host') || preset?.host) ?? '';
  if (host === '') {
    const offered = serverPreset(provider, protocol === 'imap' ? 'pop3' : 'imap', address) !== null;
    return offered
      ? { reason: 'protocol-not-offered', column: 'protocol' }
      : { reason: 'host-missing', column: 'host' };
  }
  if (host.length > 253 || !/^\[?[\p{L}\p{N}._:-]+\]?$/u.test(host)) return { reason: 'host-invalid', column: 'host' };

  const named = readSecurity(cellOf('security'));
  if (named === undefined) return { reason: 'security-unknown', column: 'security' };
  const typed = readPort(cellOf('port'));
  if (typed === undefined) return { reason: 'port-invalid', column: 'port' };
  const security = named ?? securityOfPort(typed) ?? preset?.security ?? 'tls';
  const port = typed ?? (named === null && preset ? preset.port : defaultPort(protocol, security));

  const user = cellOf('user') || suggestedUser(provider, protocol, address);
  if (user === '') return { reason: 'user-missing', column: 'user' };
  const password = cellOf('password');
  if (password.trim() === '') return { reason: 'password-missing', column: 'password' };

  const tags = [
    ...new Set(
      cellOf('tags')
        .split('|')
        .map((tag) => tag.trim())
        .filter((tag) => tag !== ''),
    ),
  ];
  if (tags.length > MOST_TAGS || tags.some((tag) => tag.length > LONGEST_TAG))
    return { reason: 'too-long', column: 'tags' };
  return {
    address,
    provider,
    protocol,
    host,
    port,
    security,
    user,
    password,
    junkFolder: cellOf('junkFolder') || null,
    tags,
  };
}

function securityOfPort(port: number | null): Security | null {
  if (port === 993 || port === 995) return 'tls';
  return port === 143 || port === 110 ? 'starttls' : null;
}

function defaultPort(protocol: Protocol, security: Security): number {
  if (protocol === 'imap') return security === 'tls' ? 993 : 143;
  return security === 'tls' ? 995 : 110;
}

function identity(seed: { address: string; protocol: Protocol }): string {
  return `${seed.protocol} ${seed.address.toLowerCase()}`;
}
