/**
 * What FETCH returns of a message (RFC 3501 6.4.5 and 7.4.2): flags, dates, sizes, the envelope, the structure of its parts, and any
 * stretch of its bytes. The bytes go out as they came in, as a literal with their length, so a client can check signatures.
 *
 * Long because FETCH has a grammar of its own, and an answer for each of its words.
 */
import type { Account, Folder, Message } from './accounts.ts';
import { labelsOf } from './accounts.ts';
import { syntaxError, type Token } from './imap-commands.ts';
import { encodeFolderName } from './imap-names.ts';
import { headerEnd, headerFields, type Part, parseHeader, parseStructure } from './mime-structure.ts';

export type FetchItem =
  | { kind: 'word'; name: string }
  | {
      kind: 'body';
      /** What the client wrote, shown again in the answer without `.PEEK`. */
      shown: string;
      peek: boolean;
      path: number[];
      want: 'all' | 'header' | 'fields' | 'fields-not' | 'text' | 'mime';
      names: string[];
      partial: { offset: number; length: number } | null;
    };

const MACROS: Record<string, string[]> = {
  ALL: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE'],
  FAST: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE'],
  FULL: ['FLAGS', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODY'],
};
const WORDS = new Set([
  ...['FLAGS', 'UID', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODY', 'BODYSTRUCTURE'],
  ...['X-GM-LABELS', 'X-GM-MSGID', 'X-GM-THRID'],
]);

/** Reads FETCH's items. Throws ImapSyntaxError for one it does not know. */
export function parseFetchItems(token: Token | undefined, gmail: boolean): FetchItem[] {
  if (token === undefined) throw syntaxError('Missing fetch items');
  const tokens = token.kind === 'list' ? token.items : [token];
  if (tokens.length > 100) throw syntaxError('Too many fetch items');
  return tokens.flatMap((each) => {
    if (each.kind !== 'atom') throw syntaxError('Bad fetch item');
    const name = each.text.toUpperCase();
    const macro = token.kind === 'list' ? undefined : MACROS[name];
    if (macro !== undefined) return macro.map((word) => ({ kind: 'word' as const, name: word }));
    if (name === 'RFC822') return [parseBody('BODY[]', 'RFC822')];
    if (name === 'RFC822.HEADER') return [parseBody('BODY.PEEK[HEADER]', 'RFC822.HEADER')];
    if (name === 'RFC822.TEXT') return [parseBody('BODY[TEXT]', 'RFC822.TEXT')];
    if (/^BODY(\.PEEK)?\[/.test(name)) return [parseBody(each.text, null)];
    if (!WORDS.has(name) || (name.startsWith('X-GM-') && !gmail))
      throw syntaxError(`Unknown fetch item ${name.slice(0, 40)}`);
    return [{ kind: 'word' as const, name }];
  });
}

function parseBody(text: string, shownAs: string | null): FetchItem {
  const match = /^BODY(\.PEEK)?\[([^\]]*)\](?:<(\d{1,10})\.(\d{1,10})>)?$/i.exec(text);
  const section =
    /^((?:\d{1,5}\.)*\d{1,5})?(?:\.?(HEADER|TEXT|MIME|HEADER\.FIELDS|HEADER\.FIELDS\.NOT) ?(\(.*\))?)?$/i.exec(
      match?.[2] ?? '?',
    );
  if (match === null || section === null) throw syntaxError('Bad body section');
  const path = section[1] === undefined ? [] : section[1].split('.').map(Number);
  const word = section[2]?.toUpperCase() ?? '';
  const names =
    (section[3] ?? '').match(/"[^"]*"|[^\s()"]+/g)?.map((name) => name.replaceAll('"', '').toLowerCase()) ?? [];
  const kinds = { '': 'all', HEADER: 'header', TEXT: 'text', MIME: 'mime' } as const;
  const want = word.startsWith('HEADER.FIELDS')
    ? word.endsWith('NOT')
      ? 'fields-not'
      : 'fields'
    : kinds[word as keyof typeof kinds];
  if ((want === 'mime' && path.length === 0) || (word.startsWith('HEADER.FIELDS') && names.length === 0)) {
    throw syntaxError('Bad body section');
  }
  const partial = match[3] === undefined ? null : { offset: Number(match[3]), length: Number(match[4]) };
  const origin = partial === null ? '' : `<${partial.offset}>`;
  return {
    kind: 'body',
    shown: shownAs ?? `BODY[${(match[2] ?? '').toUpperCase()}]${origin}`,
    peek: match[1] !== undefined || shownAs === 'RFC822.HEADER',
    path,
    want,
    names,
    partial,
  };
}

/** Whether fetching these sets \Seen when the folder is open for writing. */
export function setsSeen(items: FetchItem[]): boolean {
  return items.some((item) => item.kind === 'body' && !item.peek);
}

/** One `* n FETCH (…)` answer, line end included. */
export function fetchAnswer(
  account: Account,
  folder: Folder,
  message: Message,
  sequence: number,
  items: FetchItem[],
): Buffer {
  const raw = message.item.raw;
  let cachedText: string | null = null;
  let cachedStructure: Part | null = null;
  const text = () => {
    cachedText ??= raw.toString('latin1');
    return cachedText;
  };
  const structure = () => {
    cachedStructure ??= parseStructure(text());
    return cachedStructure;
  };
  const out: Buffer[] = [Buffer.from(`* ${sequence} FETCH (`)];
  items.forEach((item, index) => {
    if (index > 0) out.push(Buffer.from(' '));
    if (item.kind === 'body') {
      out.push(Buffer.from(`${item.shown} `), literal(bodyBytes(raw, text, structure, item)));
    } else {
      out.push(Buffer.from(`${item.name} `), wordValue(account, folder, message, item.name, text, structure));
    }
  });
  out.push(Buffer.from(')\r\n'));
  return Buffer.concat(out);
}

function wordValue(
  account: Account,
  folder: Folder,
  message: Message,
  name: string,
  text: () => string,
  structure: () => Part,
): Buffer {
  const { item } = message;
  switch (name) {
    case 'FLAGS':
      return Buffer.from(flagList(item.flags));
    case 'UID':
      return Buffer.from(String(message.uid));
    case 'INTERNALDATE':
      return Buffer.from(`"${internalDate(item.internalDate)}"`);
    case 'RFC822.SIZE':
      return Buffer.from(String(item.raw.length));
    case 'ENVELOPE':
      return Buffer.from(envelope(parseHeader(text().slice(0, headerEnd(text())))), 'latin1');
    case 'X-GM-MSGID':
    case 'X-GM-THRID':
      return Buffer.from(String(item.id));
    case 'X-GM-LABELS': {
      const labels = labelsOf(account, item, folder).map((label) =>
        label.startsWith('\\') ? `"${label.replace('\\', '\\\\')}"` : quoted(encodeFolderName(label)),
      );
      return Buffer.from(`(${labels.join(' ')})`);
    }
    default:
      return Buffer.from(bodyStructure(text(), structure(), name === 'BODYSTRUCTURE'), 'latin1');
  }
}

export function flagList(flags: Set<string>): string {
  return `(${[...flags].join(' ')})`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `23-Nov-2026 09:05:00 +0000`; a day under ten is led by a space (RFC 3501 date-day-fixed). */
function internalDate(epochMs: number): string {
  const date = new Date(epochMs);
  const day = String(date.getUTCDate()).padStart(2, ' ');
  return `${day}-${MONTHS[date.getUTCMonth()]}-${date.getUTCFullYear()} ${date.toISOString().slice(11, 19)} +0000`;
}

function bodyBytes(
  raw: Buffer,
  text: () => string,
  structure: () => Part,
  item: Extract<FetchItem, { kind: 'body' }>,
): Buffer | null {
  const bytes = wantedBytes(raw, text, structure, item);
  if (bytes === null || item.partial === null) return bytes;
  return bytes.subarray(item.partial.offset, item.partial.offset + item.partial.length);
}

function wantedBytes(
  raw: Buffer,
  text: () => string,
  structure: () => Part,
  { path, want, names }: Extract<FetchItem, { kind: 'body' }>,
): Buffer | null {
  if (path.length === 0 && want === 'all') return raw;
  let start = 0;
  let bodyStart: number;
  let end = raw.length;
  if (path.length === 0) {
    bodyStart = headerEnd(text());
  } else {
    const found = partAt(structure(), path);
    if (found === null) return null;
    if (want === 'mime') return raw.subarray(found.headerStart, found.bodyStart);
    if (want === 'all') return raw.subarray(found.bodyStart, found.end);
    // HEADER and TEXT of a part mean the mail inside a message/rfc822.
    const inner = found.type === 'message/rfc822' ? found.children[0] : undefined;
    if (inner === undefined) return null;
    start = inner.headerStart;
    bodyStart = inner.bodyStart;
    end = inner.end;
  }
  if (want === 'text') return raw.subarray(bodyStart, end);
  if (want === 'header') return raw.subarray(start, bodyStart);
  const fields = headerFields(text().slice(start, bodyStart)).filter((field) => {
    const name = field
      .slice(0, Math.max(0, field.indexOf(':')))
      .trim()
      .toLowerCase();
    return names.includes(name) === (want === 'fields');
  });
  return Buffer.from(`${fields.join('')}\r\n`, 'latin1');
}

/** Part 1 of a mail that is not multipart is its body; in a message/rfc822 the numbers go on into the mail inside. */
function partAt(root: Part, path: number[]): Part | null {
  let part = root;
  for (const [depth, number] of path.entries()) {
    let parent = part;
    if (depth > 0 && parent.type === 'message/rfc822') {
      const inner = parent.children[0];
      if (inner === undefined) return null;
      parent = inner;
    }
    if (parent.type.startsWith('multipart/')) {
      const child = parent.children[number - 1];
      if (child === undefined) return null;
      part = child;
    } else if (number === 1 && (depth === 0 || parent !== part)) {
      part = parent;
    } else {
      return null;
    }
  }
  return part;
}

/** A literal for anything, NIL for a part that is not there. */
function literal(bytes: Buffer | null): Buffer {
  if (bytes === null) return Buffer.from('NIL');
  return Buffer.concat([Buffer.from(`{${bytes.length}}\r\n`), bytes]);
}

/** A string as IMAP quotes it, a literal if it holds what quotes cannot; latin1 text stands for bytes. */
export function quoted(text: string | null | undefined): string {
  if (text === null || text === undefined) return 'NIL';
  if (/[^\x20-\x7e]/.test(text) || text.length > 1_000) return `{${text.length}}\r\n${text}`;
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

function envelope(header: Map<string, string[]>): string {
  const first = (name: string) => header.get(name)?.[0];
  const list = (name: string) => addressList(first(name));
  const from = list('from');
  return `(${[
    quoted(first('date')),
    quoted(first('subject')),
    from,
    first('sender') === undefined ? from : list('sender'),
    first('reply-to') === undefined ? from : list('reply-to'),
    list('to'),
    list('cc'),
    list('bcc'),
    quoted(first('in-reply-to')),
    quoted(first('message-id')),
  ].join(' ')})`;
}

/** `"Anna" <anna@good.test>, b@c` as IMAP's list of (name route local domain). */
function addressList(text: string | undefined): string {
  if (text === undefined || text === '') return 'NIL';
  const found: string[] = [];
  for (const piece of splitAddresses(text.slice(0, 20_000))) {
    const angle = /^(.*?)<([^<>]*)>[^<>]*$/s.exec(piece);
    const address = (angle?.[2] ?? piece.replace(/\([^()]*\)/g, '')).trim();
    const name = (angle?.[1] ?? /\(([^()]*)\)/.exec(piece)?.[1] ?? '')
      .trim()
      .replace(/^"(.*)"$/s, '$1')
      .replace(/\\(.)/g, '$1');
    if (address === '') continue;
    const at = address.lastIndexOf('@');
    const local = at === -1 ? address : address.slice(0, at);
    const domain = at === -1 ? null : address.slice(at + 1);
    found.push(`(${quoted(name === '' ? null : name)} NIL ${quoted(local)} ${quoted(domain)})`);
  }
  return found.length === 0 ? 'NIL' : `(${found.join('')})`;
}

/** Cuts at commas (and around groups) that are not within quotes, comments or angle brackets. */
function splitAddresses(text: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  let closing: string | null = null;
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? '';
    if (char === '\\' && closing === '"') {
      piece += char + (text[++i] ?? '');
      continue;
    }
    if (closing !== null) {
      if (char === closing) closing = null;
    } else if (char === '"') closing = '"';
    else if (char === '(') closing = ')';
    else if (char === '<') closing = '>';
    else if (char === ',' || char === ';') {
      pieces.push(piece.trim());
      piece = '';
      continue;
    } else if (char === ':') {
      piece = '';
      continue;
    }
    piece += char;
  }
  pieces.push(piece.trim());
  return pieces.filter((each) => each !== '').slice(0, 500);
}

function bodyStructure(text: string, part: Part, extended: boolean): string {
  const [type = 'TEXT', subtype = 'PLAIN'] = part.type.toUpperCase().split('/');
  const parameters = parameterList(part.parameters);
  const disposition = part.header.get('content-disposition')?.[0];
  const extra = extended
    ? ` ${dispositionOf(disposition)} ${quoted(part.header.get('content-language')?.[0])} NIL`
    : '';
  if (type === 'MULTIPART' && part.children.length > 0) {
    const children = part.children.map((child) => bodyStructure(text, child, extended)).join('');
    return `(${children} ${quoted(subtype)}${extended ? ` ${parameters}${extra}` : ''})`;
  }
  const fields = [
    quoted(type),
    quoted(subtype),
    parameters,
    quoted(part.header.get('content-id')?.[0]),
    quoted(part.header.get('content-description')?.[0]),
    quoted((part.header.get('content-transfer-encoding')?.[0] ?? '7bit').toUpperCase()),
    String(part.end - part.bodyStart),
  ];
  const lines = String(countLines(text, part.bodyStart, part.end));
  const inner = part.children[0];
  if (part.type === 'message/rfc822' && inner !== undefined) {
    fields.push(envelope(inner.header), bodyStructure(text, inner, extended), lines);
  } else if (type === 'TEXT') {
    fields.push(lines);
  }
  return `(${fields.join(' ')}${extended ? ` ${quoted(part.header.get('content-md5')?.[0])}${extra}` : ''})`;
}

function parameterList(parameters: Map<string, string>): string {
  if (parameters.size === 0) return 'NIL';
  return `(${[...parameters].map(([name, value]) => `${quoted(name.toUpperCase())} ${quoted(value)}`).join(' ')})`;
}

function dispositionOf(text: string | undefined): string {
  if (text === undefined) return 'NIL';
  const match = /^([^;]*)/.exec(text);
  const parameters = new Map<string, string>();
  for (const [, name, inQuotes, bare] of text.matchAll(/;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/g)) {
    parameters.set(name ?? '', inQuotes ?? bare ?? '');
  }
  return `(${quoted((match?.[1] ?? '').trim().toUpperCase())} ${parameterList(parameters)})`;
}

function countLines(text: string, start: number, end: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n', start); at !== -1 && at < end; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}
