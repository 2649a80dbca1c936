/**
 * Senders in and out as a table: what each of the eleven columns may hold and what the presets fill in when it is left out; server/csv.ts knows cells, quotes and
 * headings. A line that names a well-known service, goes to its host or has an address there needs little more than the password. Pure.
 */
import { type CsvReading, type Refusal, readTable, type Table, writeTable } from '../csv.ts';
import { ADDRESS, HOST, LONGEST_ADDRESS, LONGEST_HOST } from './address.ts';
import { defaultBudget, presetForAddress, presetForHost, SENDER_PRESETS, type SenderPreset } from './presets.ts';
import { readPort, readSecurity, SERVER_HEADINGS } from './server-cells.ts';
import type { Security, SenderPresetId } from './types.ts';

/** A sender as a line describes it, presets filled in. */
export type SenderDraft = {
  name: string;
  fromAddress: string;
  fromName: string;
  preset: SenderPresetId;
  host: string;
  port: number;
  security: Security;
  user: string | null;
  password: string | null;
  dailyLimit: number;
  minGapSeconds: number;
};

export type SenderCsvReason =
  | 'address-missing'
  | 'address-invalid'
  | 'service-unknown'
  | 'host-missing'
  | 'host-invalid'
  | 'port-invalid'
  | 'security-unknown'
  | 'user-missing'
  | 'password-missing'
  | 'limit-invalid'
  | 'gap-invalid';

/** As the API takes them. */
const LONGEST = { name: 100, fromName: 100, user: 320 } as const;
const LARGEST_LIMIT = 1_000_000;
const LONGEST_GAP_SECONDS = 86_400;

const HEADINGS = {
  name: ['name', 'sender', 'sender name', 'label', '名前', '名称', '送信元', '送信元名'],
  fromAddress: [
    'fromaddress',
    'from address',
    'from',
    'address',
    'email',
    'e-mail',
    'mail address',
    'email address',
    '差出人アドレス',
    '差出人メールアドレス',
    '送信元アドレス',
    'メールアドレス',
    'アドレス',
  ],
  fromName: ['fromname', 'from name', 'display name', '差出人名', '差出人', '表示名'],
  preset: ['preset', 'service', 'provider', 'サービス', '配信サービス', 'プロバイダー', 'プロバイダ'],
  ...SERVER_HEADINGS,
  host: [
    ...SERVER_HEADINGS.host,
    'smtp',
    'smtp host',
    'smtp server',
    'smtpサーバー',
    'smtpサーバ',
    '送信サーバー',
    '送信サーバ',
  ],
  dailyLimit: [
    'dailylimit',
    'daily limit',
    'limit',
    'budget',
    'recipients in 24 hours',
    '24時間の宛先数',
    '1日の上限',
    '送信上限',
    '上限',
  ],
  minGapSeconds: [
    'mingapseconds',
    'min gap seconds',
    'gap',
    'seconds between mails',
    '送信間隔',
    '送信間隔(秒)',
    '間隔',
    '間隔(秒)',
  ],
};
export type SenderColumn = keyof typeof HEADINGS;

type Identity = { fromAddress: string; host: string; user: string | null };

const TABLE: Table<SenderColumn, SenderCsvReason, SenderDraft> = {
  headings: HEADINGS,
  key: 'fromAddress',
  read: readLine,
  identity,
};

/** @param existing the senders already there: the same From address, host and user is a duplicate, whatever their case */
export function readSenderCsv(
  text: string,
  existing: readonly Identity[],
): CsvReading<SenderColumn, SenderCsvReason, SenderDraft> {
  return readTable(text, TABLE, existing.map(identity));
}

export function writeSenderCsv(senders: readonly Omit<SenderDraft, 'password'>[]): string {
  return writeTable(TABLE, senders);
}

function readLine(cellOf: (column: SenderColumn) => string): SenderDraft | Refusal<SenderColumn, SenderCsvReason> {
  for (const column of ['name', 'fromName', 'user'] as const)
    if (cellOf(column).length > LONGEST[column]) return { reason: 'too-long', column };
  const fromAddress = cellOf('fromAddress');
  if (fromAddress === '') return { reason: 'address-missing', column: 'fromAddress' };
  if (fromAddress.length > LONGEST_ADDRESS || !ADDRESS.test(fromAddress))
    return { reason: 'address-invalid', column: 'fromAddress' };

  const typedHost = cellOf('host').toLowerCase();
  const preset = presetOf(cellOf('preset'), typedHost, fromAddress);
  if (preset === undefined) return { reason: 'service-unknown', column: 'preset' };
  const host = typedHost || preset.routes[0]?.host;
  if (host === undefined) return { reason: 'host-missing', column: 'host' };
  if (host.length > LONGEST_HOST || !HOST.test(host)) return { reason: 'host-invalid', column: 'host' };

  const named = readSecurity(cellOf('security'));
  if (named === undefined) return { reason: 'security-unknown', column: 'security' };
  const typedPort = readPort(cellOf('port'));
  if (typedPort === undefined) return { reason: 'port-invalid', column: 'port' };
  const { port, security } = doorOf(preset, host, typedPort, named);

  const password = cellOf('password').trim() === '' ? null : cellOf('password');
  const user = cellOf('user') || userOf(preset, fromAddress, password !== null);
  if (user === '') return { reason: 'user-missing', column: 'user' };
  if (user !== null && password === null) return { reason: 'password-missing', column: 'password' };

  // A service reached under a name of one's own keeps its budget.
  const usual = presetForHost(host).id === preset.id ? defaultBudget(host, fromAddress) : preset;
  const dailyLimit = readNumber(cellOf('dailyLimit')) ?? usual.dailyLimit;
  if (!Number.isInteger(dailyLimit) || dailyLimit < 1 || dailyLimit > LARGEST_LIMIT)
    return { reason: 'limit-invalid', column: 'dailyLimit' };
  const minGapSeconds = readNumber(cellOf('minGapSeconds')) ?? usual.minGapMs / 1000;
  if (!(minGapSeconds >= 0 && minGapSeconds <= LONGEST_GAP_SECONDS))
    return { reason: 'gap-invalid', column: 'minGapSeconds' };
  return {
    name: cellOf('name') || fromAddress.slice(0, LONGEST.name),
    fromAddress,
    fromName: cellOf('fromName'),
    preset: preset.id,
    host,
    port,
    security,
    user,
    password,
    dailyLimit,
    minGapSeconds,
  };
}

/** As the line names it, by its id or its brand; else whose host it is; else who the address is with. Undefined for a name that nobody has. */
function presetOf(word: string, host: string, address: string): SenderPreset | undefined {
  if (word === '') return host === '' ? presetForAddress(address) : presetForHost(host);
  const wanted = word.normalize('NFKC').toLowerCase();
  return SENDER_PRESETS.find(({ id, name }) => id === wanted || name.normalize('NFKC').toLowerCase() === wanted);
}

/** Port and security: as typed, else as the service has them at this host, else as is usual for handing mail over. */
function doorOf(
  preset: SenderPreset,
  host: string,
  port: number | null,
  security: Security | null,
): { port: number; security: Security } {
  const fits = preset.routes.filter(
    (route) =>
      (port === null || route.port === port) &&
      (security === null || route.security === security) &&
      route.host === host,
  );
  const known = fits[0];
  const spoken = security ?? known?.security ?? (port === 465 ? 'tls' : 'starttls');
  return { port: port ?? known?.port ?? { tls: 465, starttls: 587, none: 25 }[spoken], security: spoken };
}

/** @returns '' where only its owner knows it, null where the server may ask for none */
function userOf({ id, user }: SenderPreset, address: string, hasPassword: boolean): string | null {
  // One's own server may ask for no user at all, and a relay may know this machine by its address.
  if (!hasPassword && (id === 'own-server' || id === 'google-workspace-relay')) return null;
  if (user.kind === 'fixed') return user.value;
  return user.kind === 'address' ? address : '';
}

/** @returns null for an empty cell, NaN for what is no number */
function readNumber(text: string): number | null {
  const digits = text.normalize('NFKC');
  if (digits === '') return null;
  return /^\d{1,9}(\.\d{1,9})?$/.test(digits) ? Number(digits) : Number.NaN;
}

function identity({ fromAddress, host, user }: Identity): string {
  return JSON.stringify([fromAddress, host, user ?? ''].map((part) => part.toLowerCase()));
}
