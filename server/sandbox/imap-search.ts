/**
 * IMAP SEARCH (RFC 3501 6.4.4): which messages of the open folder fit. Text is looked for as a part of the value, in any case.
 * Gmail adds X-GM-RAW, a search in the words of its web page (`category:promotions`, `rfc822msgid:…`): that is the only way to
 * learn over IMAP which tab a mail lies in, since tabs are neither folders nor labels there.
 */
import type { Account, Folder, Item, Message } from './accounts.ts';
import { labelsOf } from './accounts.ts';
import { inSet, parseSet, syntaxError, type Token, textOf } from './imap-commands.ts';
import {
  decodeText,
  decodeWords,
  headerEnd,
  type Part,
  parseHeader,
  parseStructure,
  unquote,
} from './mime-structure.ts';

export type Searched = { account: Account; folder: Folder; view: Message[] };
type Test = (message: Message, sequence: number) => boolean;
type Cursor = { tokens: Token[]; at: number };

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAY = 86_400_000;
const MAX_DEPTH = 30;

/** Reads the criteria and gives the test they make. Throws ImapSyntaxError. */
export function parseSearch(tokens: Token[], within: Searched): Test {
  const cursor: Cursor = { tokens, at: 0 };
  const tests: Test[] = [];
  if (tokens.length === 0) throw syntaxError('Missing search criteria');
  if (tokens.length > 1_000) throw syntaxError('Too many search criteria');
  while (cursor.at < tokens.length) tests.push(parseKey(cursor, within, 0));
  return (message, sequence) => tests.every((test) => test(message, sequence));
}

function parseKey(cursor: Cursor, within: Searched, depth: number): Test {
  if (depth > MAX_DEPTH) throw syntaxError('Search is nested too deeply');
  const token = cursor.tokens[cursor.at++];
  if (token === undefined) throw syntaxError('Missing search key');
  if (token.kind === 'list') {
    const inner: Cursor = { tokens: token.items, at: 0 };
    const tests: Test[] = [];
    while (inner.at < inner.tokens.length) tests.push(parseKey(inner, within, depth + 1));
    if (tests.length === 0) throw syntaxError('Empty search list');
    return (message, sequence) => tests.every((test) => test(message, sequence));
  }
  const key = textOf(token)?.toUpperCase() ?? '';
  const text = (): string => {
    const value = textOf(cursor.tokens[cursor.at++]);
    if (value === null) throw syntaxError(`${key.slice(0, 40)} needs a value`);
    return value;
  };
  const flag =
    (name: string, wanted = true): Test =>
    (message) =>
      message.item.flags.has(name) === wanted;
  switch (key) {
    case 'ALL':
      return () => true;
    case 'ANSWERED':
    case 'DELETED':
    case 'DRAFT':
    case 'FLAGGED':
    case 'SEEN':
      return flag(flagName(key));
    case 'UNANSWERED':
    case 'UNDELETED':
    case 'UNDRAFT':
    case 'UNFLAGGED':
    case 'UNSEEN':
      return flag(flagName(key.slice(2)), false);
    case 'NEW':
    case 'RECENT':
      return () => false;
    case 'OLD':
      return () => true;
    case 'KEYWORD':
      return flag(text());
    case 'UNKEYWORD':
      return flag(text(), false);
    case 'NOT': {
      const test = parseKey(cursor, within, depth + 1);
      return (message, sequence) => !test(message, sequence);
    }
    case 'OR': {
      const left = parseKey(cursor, within, depth + 1);
      const right = parseKey(cursor, within, depth + 1);
      return (message, sequence) => left(message, sequence) || right(message, sequence);
    }
    case 'BEFORE':
    case 'ON':
    case 'SINCE':
      return dateTest(key, text(), (item) => item.internalDate);
    case 'SENTBEFORE':
    case 'SENTON':
    case 'SENTSINCE':
      return dateTest(key.slice(4), text(), (item) => Date.parse(headersOf(item).get('date')?.[0] ?? ''));
    case 'LARGER': {
      const size = number(text());
      return ({ item }) => item.raw.length > size;
    }
    case 'SMALLER': {
      const size = number(text());
      return ({ item }) => item.raw.length < size;
    }
    case 'FROM':
    case 'TO':
    case 'CC':
    case 'BCC':
    case 'SUBJECT':
      return headerTest(key, text());
    case 'HEADER': {
      const name = text();
      return headerTest(name, text());
    }
    case 'BODY':
      return textTest(text(), false);
    case 'TEXT':
      return textTest(text(), true);
    case 'UID': {
      const set = parseSet(text(), within.view.at(-1)?.uid ?? 0);
      return (message) => inSet(set, message.uid);
    }
    case 'X-GM-RAW':
    case 'X-GM-MSGID':
    case 'X-GM-THRID':
    case 'X-GM-LABELS': {
      if (within.account.provider !== 'gmail') throw syntaxError(`Unknown search key ${key}`);
      const value = text();
      if (key === 'X-GM-RAW') return gmailTest(value, within);
      if (key === 'X-GM-LABELS') return ({ item }) => labelsOf(within.account, item, null).includes(value);
      return ({ item }) => String(item.id) === value;
    }
    default: {
      const set = parseSet(key, within.view.length);
      return (_message, sequence) => inSet(set, sequence);
    }
  }
}

function flagName(key: string): string {
  return `\\${key[0]}${key.slice(1).toLowerCase()}`;
}

function number(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw syntaxError('Bad number');
  return Number(text);
}

/** Dates are days, without time and zone (RFC 3501 6.4.4); here the days of UTC. */
function dateTest(kind: string, text: string, of: (item: Item) => number): Test {
  const match = /^(\d{1,2})-([a-z]{3})-(\d{4})$/i.exec(text);
  const month = MONTHS.indexOf((match?.[2] ?? '').toLowerCase());
  if (match === null || month === -1) throw syntaxError('Bad date');
  const day = Date.UTC(Number(match[3]), month, Number(match[1]));
  if (kind === 'BEFORE') return ({ item }) => of(item) < day;
  if (kind === 'SINCE') return ({ item }) => of(item) >= day;
  return ({ item }) => of(item) >= day && of(item) < day + DAY;
}

export function headersOf(item: Item): Map<string, string[]> {
  if (item.headers === null) {
    // A header is rarely over some kilobytes; only if its end is not within those is the whole mail looked through.
    let text = item.raw.toString('latin1', 0, 16_384);
    if (headerEnd(text) === text.length) text = item.raw.toString('latin1');
    const header = parseHeader(text.slice(0, headerEnd(text)));
    for (const [name, values] of header) header.set(name, values.map(readable));
    item.headers = header;
  }
  return item.headers;
}

/** Header bytes as a person reads them: UTF-8 if they are that, encoded words decoded. */
function readable(latin1: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: everything beyond ASCII is what is looked for
  const text = /[^\x00-\x7f]/.test(latin1) ? Buffer.from(latin1, 'latin1').toString('utf8') : latin1;
  return decodeWords(text);
}

/** An empty text fits every message that has the header at all. */
function headerTest(name: string, text: string): Test {
  const wanted = text.toLowerCase();
  const key = name.toLowerCase();
  return ({ item }) => (headersOf(item).get(key) ?? []).some((value) => value.toLowerCase().includes(wanted));
}

function textTest(text: string, withHeader: boolean): Test {
  const wanted = text.toLowerCase();
  return ({ item }) => {
    if (withHeader) {
      for (const [name, values] of headersOf(item)) {
        if (values.some((value) => `${name}: ${value}`.toLowerCase().includes(wanted))) return true;
      }
    }
    const raw = item.raw.toString('latin1');
    return bodyTexts(raw, parseStructure(raw), withHeader).some((part) => part.toLowerCase().includes(wanted));
  };
}

/** Texts of all parts in clear, and of mails within mails. */
function bodyTexts(raw: string, part: Part, withHeader: boolean): string[] {
  if (part.children.length > 0) {
    const inner = part.children.flatMap((child) => bodyTexts(raw, child, withHeader));
    const header = part.children[0];
    if (part.type === 'message/rfc822' && withHeader && header !== undefined) {
      inner.push(readable(raw.slice(header.headerStart, header.bodyStart)));
    }
    return inner;
  }
  const coding = (part.header.get('content-transfer-encoding')?.[0] ?? '').toLowerCase();
  const body = raw.slice(part.bodyStart, part.end);
  const bytes =
    coding === 'base64'
      ? Buffer.from(body, 'base64')
      : Buffer.from(coding === 'quoted-printable' ? unquote(body) : body, 'latin1');
  return [decodeText(bytes, part.parameters.get('charset') ?? 'utf-8') ?? bytes.toString('latin1')];
}

/** Gmail's search words, as far as a mail program needs them. Several are joined by "and", a minus turns one around. */
function gmailTest(query: string, { account }: Searched): Test {
  const tests: Test[] = [];
  const words = query.matchAll(/(-?)(?:([a-z0-9]+):)?(?:"([^"]*)"|\(([^)]*)\)|(\S+))/gi);
  for (const [, minus, operator, inQuotes, inBrackets, bare] of words) {
    const value = (inQuotes ?? inBrackets ?? bare ?? '').trim();
    const test = gmailWord((operator ?? '').toLowerCase(), value, account);
    tests.push(minus === '-' ? (message, sequence) => !test(message, sequence) : test);
  }
  return (message, sequence) => tests.every((test) => test(message, sequence));
}

function gmailWord(operator: string, value: string, account: Account): Test {
  const lower = value.toLowerCase();
  const labelled =
    (label: string): Test =>
    ({ item }) =>
      labelsOf(account, item, null).some((each) => each.replace('\\', '').toLowerCase() === label);
  switch (operator) {
    case 'category':
      if (lower === 'primary')
        return (message, sequence) => message.item.category === null && labelled('inbox')(message, sequence);
      return ({ item }) => item.category === lower;
    case 'rfc822msgid': {
      const id = lower.replace(/^<|>$/g, '');
      return ({ item }) =>
        (headersOf(item).get('message-id') ?? []).some((each) => each.toLowerCase().replace(/^<|>$/g, '') === id);
    }
    case 'in':
    case 'label':
      if (lower === 'anywhere' || lower === 'all') return () => true;
      return labelled(lower);
    case 'is':
      if (lower === 'unread') return ({ item }) => !item.flags.has('\\Seen');
      if (lower === 'read') return ({ item }) => item.flags.has('\\Seen');
      return labelled(lower);
    case 'subject':
    case 'from':
    case 'to':
    case 'cc':
      return headerTest(operator, value);
    default:
      return textTest(operator === '' ? value : `${operator}:${value}`, true);
  }
}
