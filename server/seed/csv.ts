/**
 * Seeds in and out as a table. In: whatever a spreadsheet saves (RFC 4180 quoting, a byte order mark, commas, semicolons or tabs, headings in
 * English or Japanese); presets fill in what is left out, and each line gets its own verdict before anything is stored.
 * Out: without passwords, and with cells that a spreadsheet would run as a formula made harmless.
 * Long because reading a line checks ten columns, each with its own reason.
 */
import { SECURITIES, type Security } from '../sender/types.ts';
import { providerOfAddress, serverPreset, suggestedUser } from './providers.ts';
import { PROTOCOLS, PROVIDER_IDS, type Protocol, type ProviderId } from './types.ts';

export const CSV_COLUMNS = [
  'address',
  'provider',
  'protocol',
  'host',
  'port',
  'security',
  'user',
  'password',
  'junkFolder',
  'tags',
] as const;
export type CsvColumn = (typeof CSV_COLUMNS)[number];

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

export type CsvLineReason =
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
  | 'password-missing'
  | 'control-character'
  | 'too-long'
  | 'too-many-cells'
  | 'quote-not-closed';

/**
 * `line` counts lines of the file from 1, as editors do; a record with line breaks in quotes has the number of its first. `address` is what stands in the
 * column of addresses, sound or not: it is how a person knows the line again.
 */
export type LineVerdict =
  | { line: number; verdict: 'ok'; seed: SeedDraft }
  | { line: number; verdict: 'error'; address: string; reason: CsvLineReason; column: CsvColumn | null }
  | { line: number; verdict: 'duplicate'; address: string; of: number | 'existing' };

export type CsvReading =
  | { ok: true; delimiter: ',' | ';' | '\t'; columns: CsvColumn[]; unknownHeadings: string[]; lines: LineVerdict[] }
  | { ok: false; reason: 'empty' | 'heading-missing' | 'heading-twice' | 'too-large' | 'too-many-lines' };

/** RFC 5321 §4.5.3.1.3, without the brackets. */
const LONGEST_ADDRESS = 254;

/** Characters of a whole file, and records in it. */
export const CSV_LIMITS = { characters: 4_000_000, records: 5_000, cell: 1_000, tags: 20, tag: 60 } as const;

const HEADINGS: Record<CsvColumn, readonly string[]> = {
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
  host: ['host', 'server', 'hostname', 'ホスト', 'ホスト名', 'サーバー', 'サーバ', '受信サーバー', '受信サーバ'],
  port: ['port', 'ポート', 'ポート番号'],
  security: ['security', 'encryption', 'tls', '暗号化', 'セキュリティ', '保護', '暗号化方式'],
  user: [
    'user',
    'username',
    'user name',
    'login',
    'ユーザー',
    'ユーザ',
    'ユーザー名',
    'ユーザ名',
    'ログイン',
    'アカウント',
  ],
  password: ['password', 'pass', 'パスワード', 'アプリパスワード'],
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

const SECURITY_WORDS: Record<string, Security> = { ssl: 'tls', 'ssl/tls': 'tls', 'tls/ssl': 'tls', stls: 'starttls' };

/**
 * Reads a table of seeds. Pure: stores nothing, so it is the dry run and the import alike.
 * @param existing addresses and protocols of the seeds already there: the same address over the same protocol is a duplicate
 */
export function readSeedCsv(text: string, existing: readonly { address: string; protocol: Protocol }[]): CsvReading {
  if (text.length > CSV_LIMITS.characters) return { ok: false, reason: 'too-large' };
  const body = text.replace(/^\ufeff/, '');
  if (body.trim() === '') return { ok: false, reason: 'empty' };
  const delimiter = guessDelimiter(body);
  const records = parseCsv(body, delimiter, CSV_LIMITS.records + 2);
  const [head, ...rest] = records;
  if (rest.length > CSV_LIMITS.records) return { ok: false, reason: 'too-many-lines' };
  const headings = (head?.cells ?? []).map((cell) => columnOf(cell));
  const columns = headings.filter((column) => column !== null);
  if (!columns.includes('address')) return { ok: false, reason: 'heading-missing' };
  if (new Set(columns).size !== columns.length) return { ok: false, reason: 'heading-twice' };
  const unknownHeadings = (head?.cells ?? [])
    .filter((cell, i) => headings[i] === null && cell.trim() !== '')
    .slice(0, 50);
  const known = new Map<string, number | 'existing'>();
  for (const seed of existing) known.set(identity(seed), 'existing');
  const lines = rest.map((record): LineVerdict => {
    const read = readLine(record, headings);
    if ('reason' in read) {
      const address = (record.cells[headings.indexOf('address')] ?? '').trim().slice(0, LONGEST_ADDRESS);
      return { line: record.line, verdict: 'error', address, reason: read.reason, column: read.column };
    }
    const of = known.get(identity(read));
    if (of !== undefined) return { line: record.line, verdict: 'duplicate', address: read.address, of };
    known.set(identity(read), record.line);
    return { line: record.line, verdict: 'ok', seed: read };
  });
  return { ok: true, delimiter, columns, unknownHeadings, lines };
}

/** A table of seeds without their passwords, CRLF lines, headings in English: it can be read back by `readSeedCsv`. */
export function writeSeedCsv(seeds: readonly Omit<SeedDraft, 'password'>[]): string {
  const columns = CSV_COLUMNS.filter((column) => column !== 'password');
  const rows = seeds.map((seed) =>
    columns.map((column) => {
      if (column === 'tags') return cell(seed.tags.join('|'));
      return cell(String(seed[column] ?? ''));
    }),
  );
  return [columns, ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}

type CsvRecord = { line: number; cells: string[]; open: boolean };

/** RFC 4180 with any of CRLF, LF and CR as line end. Lines of nothing but space and delimiters are left out. Stops after `most` records. */
export function parseCsv(text: string, delimiter: string, most: number): CsvRecord[] {
  const records: CsvRecord[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length && records.length < most) {
    const record: CsvRecord = { line, cells: [], open: false };
    let end = false;
    while (!end) {
      let value = '';
      // A quote opens a quoted cell only where the cell begins; elsewhere it is a quote.
      if (text[at] === '"') {
        at++;
        for (;;) {
          const quote = text.indexOf('"', at);
          const piece = text.slice(at, quote === -1 ? text.length : quote);
          line += lineBreaks(piece);
          value += piece;
          if (quote === -1) {
            record.open = true;
            at = text.length;
            break;
          }
          at = quote + 1;
          if (text[at] !== '"') break;
          value += '"';
          at++;
        }
      }
      const from = at;
      while (at < text.length && text[at] !== delimiter && text[at] !== '\n' && text[at] !== '\r') at++;
      record.cells.push(value + text.slice(from, at));
      if (text[at] === delimiter) at++;
      else {
        end = true;
        if (at < text.length) {
          at += text[at] === '\r' && text[at + 1] === '\n' ? 2 : 1;
          line++;
        }
      }
    }
    if (record.open || record.cells.some((value) => value.trim() !== '')) records.push(record);
  }
  return records;
}

function readLine(
  { cells, open }: CsvRecord,
  headings: readonly (CsvColumn | null)[],
): SeedDraft | { reason: CsvLineReason; column: CsvColumn | null } {
  if (open) return { reason: 'quote-not-closed', column: null };
  if (cells.slice(headings.length).some((value) => value.trim() !== ''))
    return { reason: 'too-many-cells', column: null };
  const given = new Map<CsvColumn, string>();
  for (const [index, column] of headings.entries()) {
    if (column === null) continue;
    const raw = cells[index] ?? '';
    if (raw.length > CSV_LIMITS.cell) return { reason: 'too-long', column };
    // They would end a command line of IMAP or POP3.
    if (/[\p{Cc}\u2028\u2029]/u.test(raw)) return { reason: 'control-character', column };
    // A password is taken as it is, spaces at its ends included.
    given.set(column, column === 'password' ? raw : unguard(raw.trim()));
  }
  const cellOf = (column: CsvColumn) => given.get(column) ?? '';

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

  const word = cellOf('security').toLowerCase();
  const named = Object.hasOwn(SECURITY_WORDS, word) ? SECURITY_WORDS[word] : SECURITIES.find((id) => id === word);
  if (word !== '' && named === undefined) return { reason: 'security-unknown', column: 'security' };
  const portText = cellOf('port').normalize('NFKC');
  if (portText !== '' && !/^\d{1,5}$/.test(portText)) return { reason: 'port-invalid', column: 'port' };
  const typed = portText === '' ? null : Number(portText);
  const security = named ?? securityOfPort(typed) ?? preset?.security ?? 'tls';
  const port = typed ?? (word === '' && preset ? preset.port : defaultPort(protocol, security));
  if (port < 1 || port > 65_535) return { reason: 'port-invalid', column: 'port' };

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
  if (tags.length > CSV_LIMITS.tags || tags.some((tag) => tag.length > CSV_LIMITS.tag))
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

function columnOf(heading: string): CsvColumn | null {
  const word = heading
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replace(/[_\s]+/g, ' ');
  return CSV_COLUMNS.find((column) => HEADINGS[column].includes(word)) ?? null;
}

/** The delimiter that splits the first line into the most cells, outside quotes. */
function guessDelimiter(text: string): ',' | ';' | '\t' {
  const first = (/^[^\r\n]*/.exec(text)?.[0] ?? '').slice(0, 10_000).replace(/"[^"]*"/g, '');
  const candidates = [',', ';', '\t'] as const;
  return candidates.reduce((best, one) => (first.split(one).length > first.split(best).length ? one : best), ',');
}

/** A spreadsheet runs a cell that begins so as a formula (the wide forms too); an apostrophe before it makes it text. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

function cell(value: string): string {
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",;\t\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Takes back what `cell` added, so that a table that was exported reads as it was. */
function unguard(value: string): string {
  return value.startsWith("'") && FORMULA.test(value.slice(1)) ? value.slice(1) : value;
}

function lineBreaks(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0;
}
