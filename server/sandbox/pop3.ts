/**
 * A POP3 server (RFC 1939; CAPA RFC 2449, STLS RFC 2595, response codes RFC 3206). POP3 knows one folder, INBOX, and numbers its
 * messages anew in each session; the UIDL names each for good. A mail is sent line by line up to a lone dot, so lines that begin
 * with a dot get a second one on the way ("dot stuffing"); otherwise every byte is as it came.
 */
import type net from 'node:net';
import tls from 'node:tls';
import {
  type Account,
  type Accounts,
  countCommand,
  findFolder,
  type Message,
  PASSWORD,
  removeMessages,
} from './accounts.ts';
import { type CommandReader, createCommandReader } from './imap-commands.ts';
import { type Listener, listen } from './listener.ts';
import { PERSONALITIES, popRefusal } from './personality.ts';
import type { ProviderName } from './zones.ts';

export type Pop3Options = {
  provider: ProviderName;
  accounts: Accounts;
  secure: boolean;
  tls: { key: string; cert: string };
  log: (line: string) => void;
};

type Session = {
  options: Pop3Options;
  socket: net.Socket;
  reader: CommandReader;
  secured: boolean;
  user: string | null;
  account: Account | null;
  messages: Message[];
  deleted: Set<Message>;
  failures: number;
  wrong: number;
  over: boolean;
};

export function startPop3(options: Pop3Options): Promise<Listener> {
  return listen(options.secure ? options.tls : null, (socket) => {
    serve(socket, options).catch((error: unknown) => {
      socket.destroy();
      options.log(`pop3: ${error instanceof Error ? error.stack : String(error)}`);
    });
  });
}

async function serve(socket: net.Socket, options: Pop3Options): Promise<void> {
  const session: Session = {
    options,
    socket,
    reader: newReader(),
    secured: options.secure,
    user: null,
    account: null,
    messages: [],
    deleted: new Set(),
    failures: 0,
    wrong: 0,
    over: false,
  };
  attach(session, socket);
  say(session, `+OK ${PERSONALITIES[options.provider].popGreeting}`);
  while (!session.over) {
    const line = await session.reader.line();
    if (line === null) break;
    await answer(session, line.toString('latin1'));
  }
  if (session.reader.excess() !== null) say(session, '-ERR Line too long');
  logOut(session);
  session.socket.end();
}

function newReader(): CommandReader {
  return createCommandReader(
    () => 0,
    () => undefined,
  );
}

function attach(session: Session, socket: net.Socket): void {
  const reader = newReader();
  session.socket = socket;
  session.reader = reader;
  socket.setNoDelay(true);
  socket.setTimeout(600_000, () => socket.destroy());
  socket.on('data', (chunk: Buffer) => reader.push(chunk));
  socket.on('end', () => reader.end());
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    reader.end();
    if (session.socket === socket) logOut(session);
  });
}

function say(session: Session, line: string): void {
  send(session, Buffer.from(`${line}\r\n`));
}

function send(session: Session, bytes: Buffer): void {
  if (!session.socket.destroyed && session.socket.writable) session.socket.write(bytes);
  if (session.socket.writableLength > 64 * 1024 * 1024) session.socket.destroy();
}

function logOut(session: Session): void {
  if (session.account !== null) session.account.stats.connections--;
  session.account = null;
}

async function answer(session: Session, line: string): Promise<void> {
  const [word = '', ...rest] = line.split(' ');
  const name = word.toUpperCase();
  const { account } = session;
  if (account !== null) countCommand(account, name);
  if (name === 'STLS') return startTls(session);
  if (name === 'QUIT') return quit(session);
  const reply =
    name === 'CAPA'
      ? ['+OK Capability list follows', ...capabilities(session), '.'].join('\r\n')
      : name === 'NOOP' && account !== null
        ? '+OK'
        : account === null
          ? replyBeforeLogin(session, name, rest.join(' '))
          : replyLoggedIn(session, account, name, rest);
  if (typeof reply !== 'string') return send(session, reply);
  say(session, reply);
  if (reply.startsWith('-ERR') && ++session.failures >= 20) session.over = true;
  // As real servers do, not endless guesses on one connection.
  if (name === 'PASS' && reply.startsWith('-ERR') && ++session.wrong >= 3) session.over = true;
}

function replyBeforeLogin(session: Session, name: string, argument: string): string {
  if (name !== 'USER' && name !== 'PASS') return '-ERR Unknown command, or not now';
  if (!session.secured) return '-ERR [AUTH] Use STLS first';
  if (name === 'PASS') return session.user === null ? '-ERR USER comes first' : logIn(session, session.user, argument);
  if (argument === '') return '-ERR Whose mailbox?';
  session.user = argument;
  return '+OK';
}

function capabilities(session: Session): string[] {
  return ['TOP', 'UIDL', 'RESP-CODES', 'AUTH-RESP-CODE', 'PIPELINING', ...(session.secured ? ['USER'] : ['STLS'])];
}

async function startTls(session: Session): Promise<void> {
  if (session.secured) {
    say(session, '-ERR TLS is already on');
    return;
  }
  const plain = session.socket;
  session.reader.discard();
  plain.removeAllListeners('data');
  plain.removeAllListeners('end');
  plain.removeAllListeners('close');
  plain.setTimeout(0);
  await new Promise<void>((done) => plain.write('+OK Begin TLS negotiation now\r\n', () => done()));
  const secure = new tls.TLSSocket(plain, { isServer: true, ...session.options.tls });
  session.secured = true;
  session.user = null;
  attach(session, secure);
  await new Promise<void>((done) => {
    secure.once('secure', done);
    secure.once('close', done);
  });
}

function logIn(session: Session, user: string, password: string): string {
  const personality = PERSONALITIES[session.options.provider];
  // Gmail: `recent:` before the name asks for the last thirty days, whoever fetched them.
  const account = session.options.accounts.open(user.replace(/^recent:/, ''));
  const wrong = account === null || account.provider !== session.options.provider || password !== PASSWORD;
  const fate = wrong && (account === null || account.login === 'ok') ? 'wrong-password' : (account?.login ?? 'ok');
  if (account === null || fate !== 'ok') {
    if (account !== null) account.stats.failedLogins++;
    session.user = null;
    return popRefusal(personality, fate === 'ok' ? 'wrong-password' : fate);
  }
  session.account = account;
  session.messages = [...(findFolder(account, 'INBOX')?.messages ?? [])];
  account.stats.logins++;
  account.stats.connections++;
  account.stats.maxConnections = Math.max(account.stats.maxConnections, account.stats.connections);
  return `+OK ${session.messages.length} messages`;
}

/** The whole reply to one command after the login. */
function replyLoggedIn(session: Session, account: Account, name: string, args: string[]): string | Buffer {
  switch (name) {
    case 'STAT': {
      const there = remaining(session);
      return `+OK ${there.length} ${there.reduce((sum, [message]) => sum + message.item.raw.length, 0)}`;
    }
    case 'LIST':
      return listed(session, args[0], (message) => message.item.raw.length);
    case 'UIDL':
      return listed(session, args[0], uidl);
    case 'RETR':
    case 'TOP': {
      const message = pick(session, args[0]);
      const lines = Number(name === 'TOP' ? args[1] : 0);
      if (message === null || !Number.isInteger(lines) || lines < 0) return '-ERR No such message';
      const { raw } = message.item;
      const shown = stuffed(name === 'TOP' ? topOf(raw, lines) : raw);
      return Buffer.concat([Buffer.from(`+OK ${raw.length} octets\r\n`), shown]);
    }
    case 'DELE': {
      const message = pick(session, args[0]);
      if (message === null) return '-ERR No such message';
      account.stats.writes++;
      session.deleted.add(message);
      return '+OK Marked to be deleted';
    }
    case 'RSET':
      session.deleted.clear();
      return '+OK';
    default:
      return '-ERR Unknown command';
  }
}

/** Messages that are not marked as deleted, with their numbers in this session. */
function remaining(session: Session): [Message, number][] {
  const numbered = session.messages.map((message, place): [Message, number] => [message, place + 1]);
  return numbered.filter(([message]) => !session.deleted.has(message));
}

/** LIST and UIDL: of one message, or of all in many lines. */
function listed(session: Session, number: string | undefined, show: (message: Message) => string | number): string {
  if (number === undefined || number === '') {
    const there = remaining(session);
    const lines = there.map(([message, place]) => `${place} ${show(message)}`);
    return [`+OK ${there.length} messages`, ...lines, '.'].join('\r\n');
  }
  const message = pick(session, number);
  return message === null ? '-ERR No such message' : `+OK ${number} ${show(message)}`;
}

function pick(session: Session, text: string | undefined): Message | null {
  const message = /^\d{1,9}$/.test(text ?? '') ? session.messages[Number(text) - 1] : undefined;
  return message === undefined || session.deleted.has(message) ? null : message;
}

/** One to seventy printable characters, the same in every session. */
function uidl(message: Message): string {
  return message.item.id.toString(16).padStart(16, '0');
}

function topOf(raw: Buffer, lines: number): Buffer {
  const empty = raw.indexOf('\r\n\r\n');
  if (empty === -1) return raw;
  let end = empty + 4;
  for (let i = 0; i < lines && end < raw.length; i++) {
    const next = raw.indexOf('\r\n', end);
    end = next === -1 ? raw.length : next + 2;
  }
  return raw.subarray(0, end);
}

/** The bytes with stuffed dots, a line end if there was none, and the closing dot. */
function stuffed(raw: Buffer): Buffer {
  const pieces: Buffer[] = [];
  let from = 0;
  if (raw[0] === 0x2e) pieces.push(Buffer.from('.'));
  for (let at = raw.indexOf('\r\n.'); at !== -1; at = raw.indexOf('\r\n.', at + 3)) {
    pieces.push(raw.subarray(from, at + 2), Buffer.from('.'));
    from = at + 2;
  }
  pieces.push(raw.subarray(from));
  if (raw.length > 0 && !raw.subarray(-2).equals(Buffer.from('\r\n'))) pieces.push(Buffer.from('\r\n'));
  pieces.push(Buffer.from('.\r\n'));
  return Buffer.concat(pieces);
}

function quit(session: Session): void {
  const { account, deleted } = session;
  const inbox = account === null ? undefined : findFolder(account, 'INBOX');
  if (account !== null && inbox !== undefined && deleted.size > 0) removeMessages(account, inbox, deleted, false);
  say(session, '+OK Bye');
  session.over = true;
}
