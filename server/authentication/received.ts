/**
 * Each server that takes a mail over writes a Received line on top (RFC 5321 §4.4): from whom, by whom, with which protocol, when.
 * Read from the bottom up they are the way the mail took. Only the lines of servers one trusts are true; the rest came with the mail.
 *
 * Every server writes them in its own hand: Postfix `from HELO (name [ip])`, Exim `from [ip] (helo=HELO)`, Outlook `from HELO (ip)`, Yahoo
 * `from 127.0.0.1 (EHLO HELO) (ip)`, qmail `from name (HELO HELO) (user@ip)`. RFC 3848 names the protocols: an S at the end is TLS.
 */
import type { HeaderField } from './headers.ts';
import { addressOf } from './host.ts';
import type { Hop, HopTls } from './types.ts';

/** A line longer than this is not read further; real ones stay under 1,000. */
const MAX_LINE = 4000;
/** Servers refuse mail after 50 to 100 steps as a loop (RFC 5321 §6.3); only the topmost lines are read. */
export const MAX_HOPS = 100;

export type ReceivedLine = Omit<Hop, 'delayMs' | 'note'> & {
  /** Postfix, Exim and Dovecot write it as a comment. */
  envelopeFrom: string | null;
};

/** Every Received line from the bottom up, with the time each step took. */
export function readHops(fields: readonly HeaderField[]): Hop[] {
  const hops: Hop[] = [];
  let before: number | null = null;
  const received = fields.filter((field) => field.key === 'received').slice(0, MAX_HOPS);
  for (const field of received.toReversed()) {
    const { envelopeFrom: _unused, ...line } = parseReceived(field.value, field.index);
    const passed: number | null = line.at === null || before === null ? null : line.at - before;
    const hop: Hop = { ...line, delayMs: passed === null ? null : Math.max(0, passed) };
    if (passed !== null && passed < 0) hop.note = 'clock-behind';
    hops.push(hop);
    // A clock that stands behind must not make the next step look long.
    if (line.at !== null) before = Math.max(before ?? line.at, line.at);
  }
  return hops;
}

/** Reads one line; never throws, what is not there is null. */
export function parseReceived(value: string, headerIndex = 0): ReceivedLine {
  const text = value.slice(0, MAX_LINE);
  const semicolon = text.lastIndexOf(';');
  const clauses = readClauses(semicolon === -1 ? text : text.slice(0, semicolon));
  const client = readClient(clauses.get('from'));
  const by = clauses.get('by')?.words[0] ?? null;
  const withWords = clauses.get('with')?.words ?? [];
  // "Microsoft SMTP Server" is one name; Exim's "esmtps tls TLS_AES…" is a name and more.
  const protocol = withWords[0] === 'Microsoft' ? withWords.slice(0, 3).join(' ') : (withWords[0] ?? null);
  return {
    ...client,
    by: by === null ? null : stripDot(by),
    with: protocol,
    tls: readTls(text, protocol, clauses.has('from')),
    id: clauses.get('id')?.words[0] ?? null,
    for: stripAngles(clauses.get('for')?.words[0] ?? null),
    at: parseMailDate(semicolon === -1 ? text : text.slice(semicolon + 1)),
    envelopeFrom: /\(envelope-(?:from|sender) <?([^<>\s()]{0,320})>?\)/i.exec(text)?.[1] ?? null,
    headerIndex,
  };
}

type Clause = { words: string[]; comments: string[] };
const KEYWORDS = new Set(['from', 'by', 'via', 'with', 'id', 'for']);

function readClauses(text: string): Map<string, Clause> {
  const clauses = new Map<string, Clause>();
  let current: Clause | null = null;
  let at = 0;
  while (at < text.length) {
    const char = text[at];
    if (char === '(') {
      const start = at + 1;
      let depth = 0;
      for (; at < text.length; at++) {
        if (text[at] === '\\') at++;
        else if (text[at] === '(') depth++;
        else if (text[at] === ')' && --depth === 0) break;
      }
      current?.comments.push(text.slice(start, at).trim());
      at++;
      continue;
    }
    if (char === undefined || /\s/.test(char) || char === ')') {
      at++;
      continue;
    }
    const start = at;
    while (at < text.length && !/[\s()]/.test(text[at] ?? ' ')) at++;
    const word = text.slice(start, at);
    const keyword = word.toLowerCase();
    // The first clause of a kind counts: a client may call itself "by" or "with".
    const follows: boolean = current === null || current.words.length > 0;
    if (KEYWORDS.has(keyword) && !clauses.has(keyword) && follows) {
      current = { words: [], comments: [] };
      clauses.set(keyword, current);
    } else {
      current?.words.push(word);
    }
  }
  return clauses;
}

/** What the client called itself is its own claim; the address is what the server saw. The two must not be mixed up. */
function readClient(clause: Clause | undefined): Pick<Hop, 'from' | 'fromName' | 'fromIp'> {
  if (!clause) return { from: null, fromName: null, fromIp: null };
  const word = clause.words[0] ?? null;
  let helo: string | null = null;
  let name: string | null = null;
  let ip: string | null = null;
  for (const comment of clause.comments) {
    const greeting = /^(?:HELO|EHLO|LHLO)\s+(\S+)$/i.exec(comment);
    if (greeting) {
      helo ??= greeting[1] ?? null;
      if (word !== null && addressOf(word) === null && word !== 'unknown') name ??= word;
      continue;
    }
    // Postfix's notes on TLS, certificates and logins hold text that the client chose.
    if (/^(?:using|client|no client|authenticated|not verified|verified|google transport)\b/i.test(comment)) continue;
    const claimed = /(?:^|\s)helo=(\S+)/i.exec(comment);
    if (claimed) helo ??= claimed[1] ?? null;
    const seen = comment.replace(/(?:^|\s)(?:helo|ident)=\S+/gi, ' ');
    if (claimed && word !== null && addressOf(word) === null) name ??= word;
    if (ip !== null) continue;
    const bracket = /\[([^\]\s]{2,60})\]/.exec(seen);
    if (bracket) {
      ip = addressOf(bracket[1] ?? '');
      const before = seen.slice(0, bracket.index).trim().split(/\s+/).at(-1) ?? '';
      const host = before.slice(before.lastIndexOf('@') + 1);
      // Sendmail's own warning: the name did not lead back to the address.
      const forged = /may be forged/i.test(seen);
      if (ip !== null && host !== '' && host !== 'unknown' && !forged) name ??= stripDot(host);
    } else {
      // Outlook: "(203.0.113.7)"; qmail: "(user@203.0.113.7)".
      ip = addressOf(seen.trim().slice(seen.trim().lastIndexOf('@') + 1));
    }
  }
  if (ip === null && word !== null) ip = addressOf(word);
  return { from: helo ?? word, fromName: name, fromIp: ip };
}

const TLS_PROTOCOLS = /^(?:UTF8)?(?:E?SMTPSA?|LMTPSA?|SMTPS|HTTPS)$/i;
const PLAIN_PROTOCOLS = /^(?:UTF8)?(?:E?SMTPA?|LMTPA?|HTTP)$/i;

function readTls(text: string, protocol: string | null, hasClient: boolean): HopTls {
  const version = /\b(?:version=\s?|using\s|\()?(TLS_?v?1(?:[._][0-3])?|SSLv?[23])(?![\w.]*_WITH)\b/i.exec(text)?.[1];
  const cipher =
    /\bcipher[= ]\s?([A-Za-z0-9_-]{4,80})/i.exec(text)?.[1] ??
    /\btls\s+(TLS_[A-Z0-9_]{4,80}|[A-Z0-9-]{8,80})/.exec(text)?.[1] ??
    /\(TLS1[._][0-3]:([A-Za-z0-9_-]{4,80}):\d+\)/.exec(text)?.[1];
  if (version !== undefined || cipher !== undefined) {
    const tls: { version?: string; cipher?: string } = {};
    if (version !== undefined) tls.version = nameVersion(version);
    if (cipher !== undefined) tls.cipher = cipher;
    return tls;
  }
  if (protocol !== null && TLS_PROTOCOLS.test(protocol)) return {};
  // A line without a client is a step inside one house and says nothing about the wire.
  if (protocol !== null && hasClient && PLAIN_PROTOCOLS.test(protocol)) return null;
  return 'unknown';
}

/** `TLS1_3`, `TLS1.3`, `TLSv1.3` are one thing. */
function nameVersion(text: string): string {
  const digits = text.replace(/^(TLS|SSL)_?v?/i, '').replace('_', '.');
  return `${text.slice(0, 3).toUpperCase()}v${digits}`;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
/** RFC 5322 §4.3: the names that mean something; all others are unknown and read as UTC. */
const ZONES = new Map([
  ['EST', -300],
  ['EDT', -240],
  ['CST', -360],
  ['CDT', -300],
  ['MST', -420],
  ['MDT', -360],
  ['PST', -480],
  ['PDT', -420],
  ['JST', 540],
]);

/** A date of RFC 5322 §3.3 anywhere in the text, as epoch milliseconds; null when there is none. */
export function parseMailDate(text: string): number | null {
  const match =
    /(?<!\d)(\d{1,2})[ \t-]+([A-Za-z]{3})[a-z]{0,6}[ \t-]+(\d{4}|\d{2})[ \t]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d{1,9})?(?:[ \t]+([+-]\d{4}|[A-Za-z]{1,5}))?/.exec(
      text.slice(0, 300).replace(/[\r\n]+/g, ' '),
    );
  if (!match) return null;
  const month = MONTHS.indexOf((match[2] ?? '').toLowerCase());
  const [day, hour, minute, second] = [match[1], match[4], match[5], match[6] ?? '0'].map(Number) as [
    number,
    number,
    number,
    number,
  ];
  if (month === -1 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60) return null;
  const written = Number(match[3]);
  // RFC 5322 §4.3: two digits under 50 are this century.
  const year = written >= 100 ? written : written < 50 ? 2000 + written : 1900 + written;
  const time = Date.UTC(year, month, day, hour, minute, second);
  return time - zoneMinutes(match[7] ?? '') * 60_000;
}

function zoneMinutes(zone: string): number {
  const match = /^([+-])(\d{2})(\d{2})$/.exec(zone);
  if (!match) return ZONES.get(zone.toUpperCase()) ?? 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return match[1] === '-' ? -minutes : minutes;
}

function stripDot(name: string): string {
  return name.endsWith('.') ? name.slice(0, -1) : name;
}

function stripAngles(text: string | null): string | null {
  return text === null ? null : text.replace(/^</, '').replace(/[>;]+$/, '');
}
