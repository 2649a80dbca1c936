/**
 * An IMAP server (RFC 3501, with what personality.ts announces beyond it). IMAP keeps one connection open in which the client gives
 * numbered commands and the server may speak at any time; a client looks into one folder at a time, EXAMINE to look only, SELECT to
 * change. Messages have two numbers: the UID that stays, and the place in the list that slips when one before it goes. The client
 * must be told of every slip before it uses a place again, so each session keeps its own view of the folder and brings it up to date
 * only at the moments the RFC allows (7.4.1).
 *
 * Long because a session is one state that nearly all commands read and change.
 */
import type net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import {
  type Account,
  type Accounts,
  addItem,
  countCommand,
  createFolder,
  createItem,
  type Folder,
  findFolder,
  type Message,
  notify,
  PASSWORD,
  type Role,
  removeMessages,
} from './accounts.ts';
import {
  type CommandReader,
  createCommandReader,
  inSet,
  parseSet,
  syntaxError,
  type Token,
  textOf,
  tokenize,
} from './imap-commands.ts';
import { fetchAnswer, flagList, parseFetchItems, quoted, setsSeen } from './imap-fetch.ts';
import { decodeFolderName, encodeFolderName, fitsPattern } from './imap-names.ts';
import { parseSearch } from './imap-search.ts';
import { type Listener, listen } from './listener.ts';
import { PERSONALITIES } from './personality.ts';
import type { ProviderName } from './zones.ts';

export type ImapOptions = {
  provider: ProviderName;
  accounts: Accounts;
  secure: boolean;
  tls: { key: string; cert: string };
  now: () => number;
  log: (line: string) => void;
};

type Reply = { status: 'OK' | 'NO' | 'BAD'; text: string };
type Session = {
  options: ImapOptions;
  socket: net.Socket;
  reader: CommandReader;
  secured: boolean;
  account: Account | null;
  folder: Folder | null;
  readOnly: boolean;
  /** The folder as the client knows it. */
  view: Message[];
  seenModseq: number;
  failures: number;
  /** Set by LOGOUT and by fatal errors. */
  over: boolean;
  watch: () => void;
  /** Wakes IDLE when the folder changes. */
  changed: (() => void) | null;
};

const MAX_APPEND = 35_651_584;
const MAX_UNREAD_OUTPUT = 64 * 1024 * 1024;
const BEFORE_LOGIN_MS = 60_000;
const AFTER_LOGIN_MS = 30 * 60_000;

const SPECIAL_USE: Partial<Record<Role, string>> = {
  junk: '\\Junk',
  all: '\\All',
  trash: '\\Trash',
  sent: '\\Sent',
  drafts: '\\Drafts',
  flagged: '\\Flagged',
  important: '\\Important',
  archive: '\\Archive',
};

export function startImap(options: ImapOptions): Promise<Listener> {
  return listen(options.secure ? options.tls : null, (socket) => {
    serve(socket, options).catch((error: unknown) => {
      socket.destroy();
      options.log(`imap: ${error instanceof Error ? error.stack : String(error)}`);
    });
  });
}

async function serve(socket: net.Socket, options: ImapOptions): Promise<void> {
  const session: Session = {
    options,
    socket,
    reader: createCommandReader(
      () => 0,
      () => undefined,
    ),
    secured: options.secure,
    account: null,
    folder: null,
    readOnly: true,
    view: [],
    seenModseq: 0,
    failures: 0,
    over: false,
    watch: () => session.changed?.(),
    changed: null,
  };
  attach(session, socket);
  write(session, `* OK [CAPABILITY ${capabilities(session)}] ${PERSONALITIES[options.provider].greeting}\r\n`);
  while (!session.over) {
    const pieces = await session.reader.next();
    if (pieces === null) break;
    await answer(session, pieces);
  }
  const excess = session.reader.excess();
  if (excess !== null) write(session, `* BYE ${excess === 'line' ? 'Command line' : 'Literal'} too long\r\n`);
  leaveFolder(session);
  logOut(session);
  session.socket.end();
}

/** Binds a session to a socket: the first one, and again the encrypted one after STARTTLS. */
function attach(session: Session, socket: net.Socket): void {
  const reader = createCommandReader(
    () => (session.account === null ? 4_096 : MAX_APPEND),
    () => write(session, '+ go ahead\r\n'),
  );
  session.socket = socket;
  session.reader = reader;
  socket.setNoDelay(true);
  socket.setTimeout(session.account === null ? BEFORE_LOGIN_MS : AFTER_LOGIN_MS, () => socket.destroy());
  socket.on('data', (chunk: Buffer) => reader.push(chunk));
  socket.on('end', () => reader.end());
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    reader.end();
    if (session.socket === socket) {
      session.changed?.();
      leaveFolder(session);
      logOut(session);
    }
  });
}

function write(session: Session, data: string | Buffer): void {
  if (session.socket.destroyed || !session.socket.writable) return;
  session.socket.write(data);
  // Whoever asks for more than he reads must not fill our memory.
  if (session.socket.writableLength > MAX_UNREAD_OUTPUT) session.socket.destroy();
}

function drained(session: Session): Promise<void> {
  const { socket } = session;
  if (!socket.writableNeedDrain || socket.destroyed) return Promise.resolve();
  return new Promise((done) => {
    const finish = () => {
      socket.off('drain', finish);
      socket.off('close', finish);
      done();
    };
    socket.on('drain', finish);
    socket.on('close', finish);
  });
}

function capabilities(session: Session): string {
  const personality = PERSONALITIES[session.options.provider];
  if (session.account !== null) return personality.after.join(' ');
  const login = session.secured ? ['AUTH=PLAIN'] : ['STARTTLS', 'LOGINDISABLED'];
  return [...personality.before, ...login].join(' ');
}

async function answer(session: Session, pieces: Buffer[]): Promise<void> {
  if (isGone(session)) return cutOff(session);
  // The tag is read by itself, so that a command too broken to be read is refused by its tag all the same.
  const start = pieces[0]?.toString('latin1', 0, 70) ?? '';
  const tag = /^([!#$&',-[\]-z|}~]{1,64})(?= |$)/.exec(start)?.[1] ?? '*';
  let reply: Reply;
  try {
    if (tag === '*') throw syntaxError('Bad tag');
    const tokens = tokenize(pieces);
    let name = textOf(tokens[1])?.toUpperCase() ?? '';
    let args = tokens.slice(2);
    const byUid = name === 'UID';
    if (byUid) {
      name = textOf(args[0])?.toUpperCase() ?? '';
      args = args.slice(1);
      if (!['FETCH', 'SEARCH', 'STORE', 'COPY', 'MOVE', 'EXPUNGE'].includes(name)) throw syntaxError('Unknown command');
    }
    if (session.account !== null) countCommand(session.account, byUid ? `UID ${name}` : name);
    reply = await run(session, tag, name, args, byUid);
  } catch (error) {
    if (!(error instanceof Error && 'imapSyntax' in error)) {
      session.socket.destroy();
      throw error;
    }
    reply = { status: 'BAD', text: error.message };
    if (++session.failures > 20) {
      write(session, '* BYE Too many invalid commands\r\n');
      session.over = true;
    }
  }
  if (reply !== ANSWERED) write(session, `${tag} ${reply.status} ${reply.text}\r\n`);
  await drained(session);
}

const ok = (text: string): Reply => ({ status: 'OK', text });
const no = (text: string): Reply => ({ status: 'NO', text });

async function run(session: Session, tag: string, name: string, args: Token[], byUid: boolean): Promise<Reply> {
  switch (name) {
    case 'CAPABILITY':
      write(session, `* CAPABILITY ${capabilities(session)}\r\n`);
      return ok('CAPABILITY completed');
    case 'NOOP':
    case 'CHECK':
      synchronize(session, true);
      return ok(`${name} completed`);
    case 'ID':
      write(session, `* ID ("name" ${quoted(session.options.provider)} "vendor" "Todoku sandbox")\r\n`);
      return ok('ID completed');
    case 'LOGOUT':
      write(session, '* BYE Logging out\r\n');
      session.over = true;
      return ok('LOGOUT completed');
    case 'STARTTLS':
      return startTls(session, tag);
    case 'LOGIN':
      if (!session.secured) return no('[PRIVACYREQUIRED] Use STARTTLS first');
      return logIn(session, textOf(args[0]), textOf(args[1]));
    case 'AUTHENTICATE':
      return authenticate(session, args);
  }
  if (session.account === null) throw syntaxError('Not logged in, or unknown command');
  return runLoggedIn(session, session.account, name, args, byUid);
}

async function startTls(session: Session, tag: string): Promise<Reply> {
  if (session.secured || session.account !== null) throw syntaxError('TLS is already on');
  const plain = session.socket;
  // Bytes sent in clear together with STARTTLS were perhaps put there by someone else: they are dropped.
  session.reader.discard();
  plain.removeAllListeners('data');
  plain.removeAllListeners('end');
  plain.removeAllListeners('close');
  plain.setTimeout(0);
  await new Promise<void>((done) => plain.write(`${tag} OK Begin TLS negotiation now\r\n`, () => done()));
  const secure = new tls.TLSSocket(plain, { isServer: true, ...session.options.tls });
  session.secured = true;
  attach(session, secure);
  return new Promise((done, fail) => {
    const failed = () => fail(Object.assign(new Error('TLS failed'), { imapSyntax: true as const }));
    secure.once('secure', () => {
      secure.off('close', failed);
      done(ANSWERED);
    });
    secure.once('close', failed);
  });
}

/** No tagged answer: it already went out, in clear (STARTTLS), or nobody is there to read it (IDLE). */
const ANSWERED: Reply = { status: 'OK', text: '' };

function logIn(session: Session, user: string | null, password: string | null): Reply {
  const personality = PERSONALITIES[session.options.provider];
  if (session.account !== null) throw syntaxError('Already logged in');
  if (user === null || password === null) throw syntaxError('LOGIN needs a user and a password');
  const account = session.options.accounts.open(user);
  const wrong = account === null || account.provider !== session.options.provider || password !== PASSWORD;
  const fate = wrong && (account === null || account.login === 'ok') ? 'wrong-password' : (account?.login ?? 'ok');
  if (account === null || fate !== 'ok') {
    if (account !== null) account.stats.failedLogins++;
    if (++session.failures >= 3) {
      write(session, '* BYE Too many failed logins\r\n');
      session.over = true;
    }
    return no(personality.refusals[fate === 'ok' ? 'wrong-password' : fate]);
  }
  if (account.stats.connections >= personality.maxConnections) return no(personality.tooManyConnections);
  session.account = account;
  session.failures = 0;
  session.socket.setTimeout(AFTER_LOGIN_MS);
  account.stats.logins++;
  account.stats.connections++;
  account.stats.maxConnections = Math.max(account.stats.maxConnections, account.stats.connections);
  return ok(`[CAPABILITY ${capabilities(session)}] ${personality.loggedIn(account.address)}`);
}

function logOut(session: Session): void {
  if (session.account === null) return;
  session.account.stats.connections--;
  session.account = null;
}

async function authenticate(session: Session, args: Token[]): Promise<Reply> {
  if (textOf(args[0])?.toUpperCase() !== 'PLAIN') return no('Unsupported authentication mechanism');
  if (!session.secured) return no('[PRIVACYREQUIRED] Use STARTTLS first');
  let given = textOf(args[1]);
  if (given === null) {
    write(session, '+ \r\n');
    given = (await session.reader.line())?.toString('latin1') ?? '*';
  }
  if (given === '*') throw syntaxError('Authentication cancelled');
  const [, user = '', password = ''] = Buffer.from(given === '=' ? '' : given, 'base64')
    .toString('utf8')
    .split('\0');
  return logIn(session, user, password);
}

async function runLoggedIn(
  session: Session,
  account: Account,
  name: string,
  args: Token[],
  byUid: boolean,
): Promise<Reply> {
  switch (name) {
    case 'ENABLE':
      write(session, '* ENABLED\r\n');
      return ok('ENABLE completed');
    case 'NAMESPACE':
      write(session, '* NAMESPACE (("" "/")) NIL NIL\r\n');
      return ok('NAMESPACE completed');
    case 'LIST':
    case 'LSUB':
      return list(session, account, name, args);
    case 'STATUS': {
      const folder = findFolder(account, folderName(args[0]));
      if (folder === undefined || !folder.selectable) return no('[NONEXISTENT] Mailbox does not exist');
      const items = args[1]?.kind === 'list' ? args[1].items : [];
      write(session, statusLine(session, folder, items));
      return ok('STATUS completed');
    }
    case 'SELECT':
    case 'EXAMINE':
      if (account.lagMs > 0) await sleep(account.lagMs);
      return open(session, account, folderName(args[0]), name === 'EXAMINE');
    case 'CREATE':
    case 'DELETE':
    case 'RENAME':
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE':
      return changeFolder(session, account, name, args);
    case 'APPEND':
      return append(session, account, args);
  }
  if (session.folder === null) throw syntaxError('No mailbox is selected, or unknown command');
  return runSelected(session, account, session.folder, name, args, byUid);
}

async function runSelected(
  session: Session,
  account: Account,
  folder: Folder,
  name: string,
  args: Token[],
  byUid: boolean,
): Promise<Reply> {
  switch (name) {
    case 'IDLE':
      if (!PERSONALITIES[session.options.provider].after.includes('IDLE')) throw syntaxError('Unknown command');
      return idle(session);
    case 'CLOSE':
    case 'UNSELECT':
      if (name === 'CLOSE' && !session.readOnly) expunge(session, account, folder, null, false);
      leaveFolder(session);
      return ok(`${name} completed`);
    case 'FETCH':
      return fetch(session, account, folder, args, byUid);
    case 'SEARCH':
      return search(session, account, folder, args, byUid);
    case 'STORE':
    case 'EXPUNGE':
    case 'COPY':
    case 'MOVE':
      if (session.readOnly && name !== 'COPY') return no('[READ-ONLY] Mailbox is opened read-only');
      account.stats.writes++;
      if (name === 'STORE') return store(session, folder, args, byUid);
      if (name === 'EXPUNGE') {
        expunge(session, account, folder, byUid ? parseSet(textOf(args[0]), folder.uidNext - 1) : null, true);
        return ok('EXPUNGE completed');
      }
      return copy(session, account, folder, args, byUid, name === 'MOVE');
    default:
      throw syntaxError('Unknown command');
  }
}

function folderName(token: Token | undefined): string {
  const text = textOf(token);
  if (text === null || text.length > 1_000) throw syntaxError('Missing mailbox name');
  return decodeFolderName(text);
}

/** LIST (RFC 3501 6.3.8; RFC 5258, 5819, 6154 where announced) and its old sister LSUB. */
function list(session: Session, account: Account, name: string, given: Token[]): Reply {
  const personality = PERSONALITIES[session.options.provider];
  const extended = personality.after.includes('LIST-EXTENDED');
  let args = given;
  let selection: string[] = [];
  if (args[0]?.kind === 'list') {
    if (!extended) throw syntaxError('Bad LIST');
    selection = args[0].items.map((item) => textOf(item)?.toUpperCase() ?? '');
    args = args.slice(1);
  }
  const reference = textOf(args[0]);
  const patterns = (args[1]?.kind === 'list' ? args[1].items : [args[1]]).map(textOf);
  if (reference === null || patterns.length > 50) throw syntaxError('Bad LIST');
  const returns =
    extended && textOf(args[2])?.toUpperCase() === 'RETURN' && args[3]?.kind === 'list' ? args[3].items : [];
  const statusAt = returns.findIndex((item) => textOf(item)?.toUpperCase() === 'STATUS');
  const statusItems = statusAt === -1 ? undefined : returns[statusAt + 1];
  if (patterns.length === 1 && patterns[0] === '' && name === 'LIST') {
    write(session, '* LIST (\\Noselect) "/" ""\r\n');
    return ok('LIST completed');
  }
  for (const folder of account.folders.values()) {
    const fits = patterns.some((pattern) => {
      if (pattern === null || pattern.length > 1_000) throw syntaxError('Bad LIST');
      const whole = decodeFolderName(reference + pattern);
      return fitsPattern(whole, folder.path) || (folder.role === 'inbox' && fitsPattern(whole.toUpperCase(), 'INBOX'));
    });
    const attribute = SPECIAL_USE[folder.role];
    if (!fits || (selection.includes('SPECIAL-USE') && attribute === undefined)) continue;
    if ((name === 'LSUB' || selection.includes('SUBSCRIBED')) && !folder.subscribed) continue;
    const children = [...account.folders.keys()].some((path) => path.startsWith(`${folder.path}/`));
    const attributes = [
      children ? '\\HasChildren' : '\\HasNoChildren',
      ...(folder.selectable ? [] : ['\\Noselect']),
      ...(personality.specialUse && attribute !== undefined ? [attribute] : []),
      ...(selection.includes('SUBSCRIBED') ? ['\\Subscribed'] : []),
    ];
    const shown = folder.role === 'inbox' ? personality.inboxName : encodeFolderName(folder.path);
    write(session, `* ${name} (${attributes.join(' ')}) "/" ${quoted(shown)}\r\n`);
    if (statusItems?.kind === 'list' && folder.selectable)
      write(session, statusLine(session, folder, statusItems.items));
  }
  return ok(`${name} completed`);
}

function statusLine(session: Session, folder: Folder, items: Token[]): string {
  const values = items.map((item) => {
    const name = textOf(item)?.toUpperCase() ?? '';
    const unseen = () => folder.messages.filter(({ item: { flags } }) => !flags.has('\\Seen')).length;
    switch (name) {
      case 'MESSAGES':
        return `${name} ${folder.messages.length}`;
      case 'RECENT':
        return `${name} 0`;
      case 'UIDNEXT':
        return `${name} ${folder.uidNext}`;
      case 'UIDVALIDITY':
        return `${name} ${folder.uidValidity}`;
      case 'UNSEEN':
        return `${name} ${unseen()}`;
      default:
        throw syntaxError('Unknown status item');
    }
  });
  if (values.length === 0) throw syntaxError('Missing status items');
  const personality = PERSONALITIES[session.options.provider];
  const shown = folder.role === 'inbox' ? personality.inboxName : encodeFolderName(folder.path);
  return `* STATUS ${quoted(shown)} (${values.join(' ')})\r\n`;
}

function open(session: Session, account: Account, path: string, readOnly: boolean): Reply {
  leaveFolder(session);
  const folder = findFolder(account, path);
  if (folder === undefined || !folder.selectable) return no('[NONEXISTENT] Mailbox does not exist');
  account.stats[readOnly ? 'examines' : 'selects']++;
  session.folder = folder;
  session.readOnly = readOnly;
  session.view = [...folder.messages];
  session.seenModseq = folder.modseq;
  folder.watchers.add(session.watch);
  const firstUnseen = session.view.findIndex(({ item }) => !item.flags.has('\\Seen'));
  const flags = '\\Answered \\Flagged \\Deleted \\Seen \\Draft';
  write(
    session,
    [
      `* FLAGS (${flags})`,
      `* OK [PERMANENTFLAGS (${readOnly ? '' : `${flags} \\*`})] Flags permitted.`,
      `* ${session.view.length} EXISTS`,
      '* 0 RECENT',
      ...(firstUnseen === -1 ? [] : [`* OK [UNSEEN ${firstUnseen + 1}] First unseen.`]),
      `* OK [UIDVALIDITY ${folder.uidValidity}] UIDs valid`,
      `* OK [UIDNEXT ${folder.uidNext}] Predicted next UID`,
      '',
    ].join('\r\n'),
  );
  return ok(`[${readOnly ? 'READ-ONLY' : 'READ-WRITE'}] ${readOnly ? 'EXAMINE' : 'SELECT'} completed`);
}

function leaveFolder(session: Session): void {
  session.folder?.watchers.delete(session.watch);
  session.folder = null;
  session.view = [];
}

/** Tells the client what changed. Slips of places only when it cannot be using one just now (`expunges`). */
function synchronize(session: Session, expunges: boolean): void {
  const { folder } = session;
  if (folder === null || (folder.modseq === session.seenModseq && folder.messages.length === session.view.length))
    return;
  const now = new Set(folder.messages);
  if (expunges) {
    for (let place = session.view.length - 1; place >= 0; place--) {
      const message = session.view[place];
      if (message === undefined || now.has(message)) continue;
      session.view.splice(place, 1);
      write(session, `* ${place + 1} EXPUNGE\r\n`);
    }
  }
  const known = new Set(session.view);
  const fresh = folder.messages.filter((message) => !known.has(message));
  session.view.forEach((message, place) => {
    if (message.modseq > session.seenModseq)
      write(session, `* ${place + 1} FETCH (UID ${message.uid} FLAGS ${flagList(message.item.flags)})\r\n`);
  });
  if (fresh.length > 0) {
    session.view.push(...fresh);
    write(session, `* ${session.view.length} EXISTS\r\n`);
  }
  const gone = session.view.some((message) => !now.has(message));
  if (!gone) session.seenModseq = folder.modseq;
}

/** The folder that the session has open was deleted, or made anew with other numbers. */
function isGone({ account, folder }: Session): boolean {
  return account !== null && folder !== null && account.folders.get(folder.path) !== folder;
}

/** As Dovecot ends such a session, in its words. */
function cutOff(session: Session): void {
  write(session, '* BYE IMAP session state is inconsistent, please relogin.\r\n');
  session.over = true;
  session.reader.end();
}

/** IDLE (RFC 2177): the server tells of every change until the client says DONE. */
async function idle(session: Session): Promise<Reply> {
  write(session, '+ idling\r\n');
  session.changed = () => (isGone(session) ? cutOff(session) : synchronize(session, true));
  session.changed();
  const line = await session.reader.line();
  session.changed = null;
  if (line === null) {
    session.over = true;
    return ANSWERED;
  }
  if (line.toString('latin1').toUpperCase() !== 'DONE') throw syntaxError('Expected DONE');
  return ok('IDLE terminated');
}

/** The messages of a set with their places. An unknown UID is no error, an unknown place is one (RFC 3501 6.4.8, 9). */
function chosen(session: Session, token: Token | undefined, byUid: boolean): [Message, number][] {
  const set = parseSet(textOf(token), byUid ? (session.view.at(-1)?.uid ?? 0) : session.view.length);
  if (!byUid && set.some(([low, high]) => low < 1 || high > session.view.length))
    throw syntaxError('Invalid messageset');
  const found: [Message, number][] = [];
  session.view.forEach((message, place) => {
    if (inSet(set, byUid ? message.uid : place + 1)) found.push([message, place + 1]);
  });
  return found;
}

async function fetch(
  session: Session,
  account: Account,
  folder: Folder,
  args: Token[],
  byUid: boolean,
): Promise<Reply> {
  const items = parseFetchItems(args[1], account.provider === 'gmail');
  if (byUid && !items.some((item) => item.kind === 'word' && item.name === 'UID')) {
    items.unshift({ kind: 'word', name: 'UID' });
  }
  const marks = !session.readOnly && setsSeen(items);
  for (const [message, place] of chosen(session, args[0], byUid)) {
    const marked = marks && !message.item.flags.has('\\Seen');
    if (marked) {
      account.stats.writes++;
      message.item.flags.add('\\Seen');
      message.modseq = ++folder.modseq;
      if (!items.some((item) => item.kind === 'word' && item.name === 'FLAGS'))
        items.push({ kind: 'word', name: 'FLAGS' });
    }
    write(session, fetchAnswer(account, folder, message, place, items));
    await drained(session);
    if (session.socket.destroyed) break;
  }
  if (marks) session.seenModseq = folder.modseq;
  synchronize(session, byUid);
  return ok('FETCH completed');
}

function search(session: Session, account: Account, folder: Folder, given: Token[], byUid: boolean): Reply {
  let args = given;
  let returns: string[] | null = null;
  if (textOf(args[0])?.toUpperCase() === 'RETURN' && args[1]?.kind === 'list') {
    if (!PERSONALITIES[session.options.provider].after.includes('ESEARCH'))
      throw syntaxError('Unknown search key RETURN');
    returns = args[1].items.map((item) => textOf(item)?.toUpperCase() ?? '');
    if (returns.length === 0) returns = ['ALL'];
    args = args.slice(2);
  }
  if (textOf(args[0])?.toUpperCase() === 'CHARSET') {
    if (!['UTF-8', 'US-ASCII'].includes(textOf(args[1])?.toUpperCase() ?? ''))
      return no('[BADCHARSET (US-ASCII UTF-8)] Unknown charset');
    args = args.slice(2);
  }
  synchronize(session, byUid);
  const test = parseSearch(args, { account, folder, view: session.view });
  const found: number[] = [];
  session.view.forEach((message, place) => {
    if (test(message, place + 1)) found.push(byUid ? message.uid : place + 1);
  });
  write(
    session,
    returns === null ? `* SEARCH${found.map((each) => ` ${each}`).join('')}\r\n` : esearch(found, returns, byUid),
  );
  return ok('SEARCH completed');
}

/** RFC 4731. The tag is left out: correlators are optional for the reader, and the RFC's TAG is of the running command anyway. */
function esearch(found: number[], returns: string[], byUid: boolean): string {
  const parts = returns.flatMap((wanted) => {
    if (wanted === 'COUNT') return [`COUNT ${found.length}`];
    if (found.length === 0) return [];
    if (wanted === 'MIN') return [`MIN ${found[0]}`];
    if (wanted === 'MAX') return [`MAX ${found.at(-1)}`];
    return wanted === 'ALL' ? [`ALL ${asSet(found)}`] : [];
  });
  return `* ESEARCH${byUid ? ' UID' : ''}${parts.map((part) => ` ${part}`).join('')}\r\n`;
}

/** 1,2,3,7 → `1:3,7`. */
function asSet(numbers: number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([low, high]) => (low === high ? String(low) : `${low}:${high}`)).join(',');
}

function store(session: Session, folder: Folder, args: Token[], byUid: boolean): Reply {
  const mode = /^([+-])?FLAGS(\.SILENT)?$/.exec(textOf(args[1])?.toUpperCase() ?? '');
  if (mode === null) throw syntaxError('Bad STORE');
  const tokens = args[2]?.kind === 'list' ? args[2].items : args.slice(2);
  const flags = tokens.map((token) => canonicalFlag(textOf(token) ?? ''));
  for (const [message, place] of chosen(session, args[0], byUid)) {
    const own = message.item.flags;
    if (mode[1] === undefined) own.clear();
    for (const flag of flags) mode[1] === '-' ? own.delete(flag) : own.add(flag);
    message.modseq = ++folder.modseq;
    if (mode[2] === undefined) write(session, `* ${place} FETCH (UID ${message.uid} FLAGS ${flagList(own)})\r\n`);
  }
  session.seenModseq = folder.modseq;
  notify(folder);
  return ok('STORE completed');
}

function canonicalFlag(flag: string): string {
  if (!/^\\?[^\s()"\\{%*\]]{1,100}$/.test(flag)) throw syntaxError('Bad flag');
  return flag.startsWith('\\') ? `\\${flag[1]?.toUpperCase()}${flag.slice(2).toLowerCase()}` : flag;
}

function expunge(
  session: Session,
  account: Account,
  folder: Folder,
  uids: [number, number][] | null,
  tell: boolean,
): void {
  const gone = new Set(
    session.view.filter(({ uid, item }) => item.flags.has('\\Deleted') && (uids === null || inSet(uids, uid))),
  );
  if (gone.size > 0) removeMessages(account, folder, gone, false);
  if (tell) synchronize(session, true);
}

function copy(session: Session, account: Account, folder: Folder, args: Token[], byUid: boolean, move: boolean): Reply {
  const target = findFolder(account, folderName(args[1]));
  if (target === undefined || !target.selectable) return no('[TRYCREATE] Mailbox does not exist');
  const messages = chosen(session, args[0], byUid).map(([message]) => message);
  const fresh = messages.map(({ item }) => {
    const same = account.provider === 'gmail' ? item : { ...item, flags: new Set(item.flags) };
    return addItem(account, target, same);
  });
  const code = `[COPYUID ${target.uidValidity} ${asSet(messages.map(({ uid }) => uid))} ${asSet(fresh)}]`;
  if (move && messages.length > 0) {
    write(session, `* OK ${code} Moved\r\n`);
    removeMessages(account, folder, new Set(messages), target.role === 'junk' || target.role === 'trash');
  }
  synchronize(session, true);
  const name = move ? 'MOVE' : 'COPY';
  return ok(move || messages.length === 0 ? `${name} completed` : `${code} ${name} completed`);
}

function append(session: Session, account: Account, args: Token[]): Reply {
  const folder = findFolder(account, folderName(args[0]));
  const body = args.at(-1);
  if (body?.kind !== 'string' || args.length < 2) throw syntaxError('APPEND needs a message');
  if (folder === undefined || !folder.selectable) return no('[TRYCREATE] Mailbox does not exist');
  account.stats.writes++;
  const between = args.slice(1, -1);
  const flags = between.flatMap((token) =>
    token.kind === 'list' ? token.items.map((item) => canonicalFlag(textOf(item) ?? '')) : [],
  );
  const date = between.find((token) => token.kind === 'string');
  const at =
    date === undefined
      ? session.options.now()
      : Date.parse(
          (textOf(date) ?? '')
            .trim()
            .replaceAll('-', ' ')
            .replace(/ (\d{4})$/, ' -$1'),
        );
  if (Number.isNaN(at)) throw syntaxError('Bad date');
  const uid = addItem(account, folder, createItem(body.bytes, at, flags));
  synchronize(session, true);
  return ok(`[APPENDUID ${folder.uidValidity} ${uid}] APPEND completed`);
}

function changeFolder(session: Session, account: Account, name: string, args: Token[]): Reply {
  const path = folderName(args[0]).replace(/\/$/, '');
  const folder = findFolder(account, path);
  account.stats.writes++;
  if (name === 'CREATE') {
    if (folder !== undefined) return no('[ALREADYEXISTS] Mailbox already exists');
    if (path === '' || account.folders.size > 1_000) return no('[CANNOT] Mailbox cannot be made');
    createFolder(account, path, 'user', session.options.now());
    return ok('CREATE completed');
  }
  if (folder === undefined) return no('[NONEXISTENT] Mailbox does not exist');
  if (name === 'SUBSCRIBE' || name === 'UNSUBSCRIBE') {
    folder.subscribed = name === 'SUBSCRIBE';
    return ok(`${name} completed`);
  }
  if (folder.role === 'inbox') return no('[CANNOT] INBOX stays');
  if (name === 'RENAME') {
    const to = folderName(args[1]);
    if (findFolder(account, to) !== undefined) return no('[ALREADYEXISTS] Mailbox already exists');
    folder.path = to;
    account.folders.set(to, folder);
  }
  account.folders.delete(path);
  return ok(`${name} completed`);
}
