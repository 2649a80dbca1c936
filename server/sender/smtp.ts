/**
 * Handing a message over by SMTP (RFC 5321, RFC 6409), and the only importer of nodemailer's client.
 *
 * What matters is the end. Before the server's 354 to DATA nothing was handed over, and whatever breaks may be tried again. From the first byte of the message
 * on, a connection that ends without a final reply says nothing about whether the server took it (RFC 1047): that end is
 * `ambiguous`, and the message is never sent again but looked for in the seed. nodemailer reports both as ECONNECTION;
 * here the message is a stream whose first read marks the line.
 *
 * nodemailer speaks the protocol on a socket that is ours: the address was judged (net/connect.ts), TLS checked against the typed host, every phase has one
 * deadline that no dripping byte prolongs, and a server that pours out bytes is cut off. The dialogue comes from nodemailer's transaction log.
 *
 * Long because a connection is one state machine: its phases, its deadlines and its ends are read together or not understood.
 */
import net from 'node:net';
import { Readable } from 'node:stream';
import tls from 'node:tls';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { isLoopback } from '../net/address.ts';
import { bareHost, pinnedLookup, type ResolveOptions, resolveMailHost } from '../net/connect.ts';
import { type OnStep, tellSteps } from '../net/steps.ts';
import { certificateReason, describeTls, tlsOptions } from '../net/tls.ts';
import { type Dialogue, maskLogin, newDialogue, readable, scrubber } from './dialogue.ts';
import { openPool, type Pooled } from './pool.ts';
import { judgeReply, readReply, type SmtpPhase } from './replies.ts';
import type { SenderCheck, SendReason, SendResult, SmtpRoute } from './types.ts';

/** Deadlines in milliseconds. */
export type SmtpTimeouts = {
  /** TCP and, where it comes first, TLS. */
  connect: number;
  greeting: number;
  ehlo: number;
  auth: number;
  /** MAIL, RCPT, DATA, RSET: each. */
  command: number;
  /** From 354 to the final reply; RFC 5321 §4.5.3.2.6 asks for ten minutes. */
  dot: number;
  /** After the message is handed over: a reply that takes longer is waited for beside the queue. */
  aside: number;
  /** One sending, from the connection to the end. */
  overall: number;
  /** How long a connection is kept for the next message. */
  idle: number;
};

export const SMTP_TIMEOUTS: SmtpTimeouts = {
  connect: 15_000,
  greeting: 15_000,
  ehlo: 15_000,
  auth: 15_000,
  command: 60_000,
  dot: 600_000,
  aside: 10_000,
  overall: 900_000,
  idle: 30_000,
};

export type SmtpOptions = {
  /** CIDRs of private networks that mail servers may live in. */
  allowedNetworks: readonly string[];
  /** `host:port` of the only servers that mail may be handed to; null or left out: any. */
  onlyServers?: readonly string[] | null;
  /** PEM of certificates trusted besides the public ones. */
  extraCa: string | null;
  /** What we call ourselves in EHLO. */
  heloName: string;
  /** Epoch milliseconds, for the dialogue. */
  now: () => number;
  timeouts?: Partial<SmtpTimeouts>;
  /** Connections open to this sender's server at the same time; 2 when left out. */
  maxConnections?: number;
  /** Connections beside those on which a slow server's reply is waited for; 6 when left out. */
  maxAside?: number;
  lookup?: NonNullable<ResolveOptions['lookup']>;
  /** Told how far a connection is. */
  onStep?: OnStep;
};

export type OutgoingMessage = {
  envelope: { from: string; to: string };
  /** The message with its header; line ends become CRLF and leading dots are doubled on the way. */
  raw: Buffer;
  /** Bytes, for SIZE (RFC 1870); the length of `raw` when left out. */
  size?: number;
};

/** What is told before a sending ends. Neither says anything of whether the server takes the message. */
export type SendingNews = {
  /** The message has left, its final dot included: from here on there is only a reply to wait for. */
  handedOver?: () => void;
  /** The reply is slow to come: the next message need not wait for it. Not told where too many wait already. */
  aside?: () => void;
};

export type SenderTransport = {
  /** Hands one message over. Never throws for anything a server does. */
  send: (message: OutgoingMessage, news?: SendingNews) => Promise<SendResult>;
  /** Lets no new message in, gives what is under way `graceMs` (5 s), then ends all connections. */
  close: (graceMs?: number) => Promise<void>;
};

/**
 * Beyond this much in one phase a server is not talking to us any more. It is counted on the socket, before nodemailer sees it: a flood of empty lines
 * would keep its queue busy for seconds after the connection is gone.
 */
const MOST_PHASE_BYTES = 65_536;
const MOST_PHASE_LINES = 500;
/** Servers close a connection after so many messages anyway; better we do, between two. */
const MOST_MESSAGES = 100;
/** nodemailer's own timers would prolong with every byte: ours decide. */
const NEVER_MS = 86_400_000;

/** How something ended, without its dialogue. */
type Ending = Pick<SendResult, 'end' | 'reason' | 'act' | 'waitMs' | 'code' | 'enhanced' | 'reply'>;

/** Opens nothing yet: the first message does. Keep one transport per sender. */
export function openTransport(route: SmtpRoute, options: SmtpOptions): SenderTransport {
  const timeouts = { ...SMTP_TIMEOUTS, ...options.timeouts };
  const pool = openPool<Session>({
    most: options.maxConnections ?? 2,
    mostAside: options.maxAside ?? 6,
    idleMs: timeouts.idle,
  });
  const scrub = scrubber(route.user, route.password);

  async function send(message: OutgoingMessage, news: SendingNews = {}): Promise<SendResult> {
    const slot = await pool.take();
    const dialogue = newDialogue(options.now, scrub);
    if (slot === null) {
      dialogue.add('note', 'this sender is shutting down');
      return { ...failed('connection-lost'), dialogue: dialogue.lines, tls: null };
    }
    let session = slot.kept;
    let patience: NodeJS.Timeout | undefined;
    const handedOver = (): void => {
      news.handedOver?.();
      patience = setTimeout(() => {
        if (slot.stepAside()) news.aside?.();
      }, timeouts.aside);
    };
    try {
      if (session !== null) {
        dialogue.add('note', 'a connection that was already logged in');
        const ending = await session.send(message, dialogue, handedOver);
        // A server may close an idle connection at any moment: as long as nothing of the message left, a new one is no second sending.
        if (!ending.stale) return { ...ending.ending, dialogue: dialogue.lines, tls: session.tls() };
        dialogue.add('note', 'the server had closed the kept connection; opening a new one');
        session.destroy();
      }
      const opened = await openSession(route, options, timeouts, dialogue, slot.uses);
      session = opened.session;
      if (opened.failure !== null) return { ...opened.failure, dialogue: dialogue.lines, tls: session?.tls() ?? null };
      const { ending } = await opened.session.send(message, dialogue, handedOver);
      return { ...ending, dialogue: dialogue.lines, tls: opened.session.tls() };
    } finally {
      clearTimeout(patience);
      slot.release(session);
    }
  }

  return { send, close: (graceMs = 5_000) => pool.close(graceMs) };
}

/** Logs in and out again without sending anything. Never throws for anything a server does. */
export async function checkSender(route: SmtpRoute, options: SmtpOptions): Promise<SenderCheck> {
  const at = options.now();
  const dialogue = newDialogue(options.now, scrubber(route.user, route.password));
  const timeouts = { ...SMTP_TIMEOUTS, ...options.timeouts };
  const { session, failure } = await openSession(route, options, timeouts, dialogue, () => undefined);
  const check = {
    ok: failure === null,
    at,
    reason: failure?.reason ?? 'accepted',
    reply: failure === null ? (session?.lastReply() ?? null) : failure.reply,
    tls: session?.certificate() ?? null,
    sizeLimit: session?.sizeLimit() ?? null,
    capabilities: session?.capabilities() ?? [],
  } satisfies Omit<SenderCheck, 'dialogue'>;
  await session?.quit();
  return { ...check, dialogue: dialogue.lines };
}

type Session = Pooled & {
  /** `stale`: the kept connection had died before the message began, so that a fresh one may be tried. */
  send: (
    message: OutgoingMessage,
    dialogue: Dialogue,
    handedOver: () => void,
  ) => Promise<{ ending: Ending; stale: boolean }>;
  tls: () => SendResult['tls'];
  certificate: () => SenderCheck['tls'];
  lastReply: () => string | null;
  sizeLimit: () => number | null;
  capabilities: () => string[];
};

type Opened = { session: Session; failure: null } | { session: Session | null; failure: Ending };

async function openSession(
  route: SmtpRoute,
  options: SmtpOptions,
  timeouts: SmtpTimeouts,
  dialogue: Dialogue,
  uses: (session: Session) => void,
): Promise<Opened> {
  options.onStep?.('finding');
  const resolved = await resolveMailHost(route.host, {
    allowedNetworks: options.allowedNetworks,
    onlyServers: options.onlyServers ?? null,
    port: route.port,
    timeoutMs: timeouts.connect,
    ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
  });
  if (!resolved.ok) {
    dialogue.add('note', `${route.host}: ${resolved.reason} (${resolved.detail})`);
    return { session: null, failure: failed(resolved.reason) };
  }
  if (route.security === 'none' && !resolved.addresses.every(({ address }) => isLoopback(address))) {
    dialogue.add('note', 'cleartext is spoken on this machine only');
    return { session: null, failure: failed('cleartext-refused') };
  }
  options.onStep?.('connecting');
  const dialled = await dial(route, options, timeouts.connect, resolved.addresses);
  if ('reason' in dialled) {
    dialogue.add('note', `${route.host}:${route.port}: ${dialled.detail}`);
    return { session: null, failure: failed(dialled.reason) };
  }
  dialogue.add('note', `connected to ${dialled.raw.remoteAddress ?? route.host} port ${route.port}`);
  const session = newSession(route, options, timeouts, dialled.raw, dialled.socket);
  uses(session);
  const failure = await session.start(dialogue);
  if (failure !== null) session.destroy();
  return failure === null ? { session, failure } : { session, failure };
}

type Dialled = { raw: net.Socket; socket: net.Socket } | { reason: SendReason; detail: string };

/** TCP to one of the judged addresses, and TLS at once where the route says so. */
function dial(
  route: SmtpRoute,
  options: SmtpOptions,
  timeoutMs: number,
  addresses: { address: string; family: 4 | 6 }[],
): Promise<Dialled> {
  return new Promise((resolve) => {
    const raw = net.connect({
      host: bareHost(route.host),
      port: route.port,
      lookup: pinnedLookup(addresses),
      autoSelectFamily: true,
    });
    let socket: net.Socket = raw;
    if (options.onStep) tellSteps(raw, route.security, options.onStep);
    let shaking = false;
    const timer = setTimeout(() => done({ reason: 'timeout', detail: 'no connection in time' }), timeoutMs);
    const done = (result: Dialled): void => {
      clearTimeout(timer);
      socket.off('error', fail);
      raw.off('error', fail);
      // From here on the session listens; until it does, and after it stopped, an error has nobody to tell.
      raw.on('error', ignore);
      if (socket !== raw) socket.on('error', ignore);
      if ('reason' in result) {
        socket.destroy();
        raw.destroy();
      }
      resolve(result);
    };
    const fail = (error: Error): void => done({ reason: dialReason(error, shaking), detail: error.message });
    raw.on('error', fail);
    raw.once('connect', () => {
      if (route.security !== 'tls') {
        done({ raw, socket: raw });
        return;
      }
      shaking = true;
      socket = tls.connect({ socket: raw, ...tlsOptions({ host: route.host, extraCa: options.extraCa }) });
      socket.on('error', fail);
      if (options.onStep) tellSteps(socket, route.security, options.onStep);
      socket.once('secureConnect', () => done({ raw, socket }));
      socket.once('close', () => done({ reason: 'tls-failed', detail: 'closed during the TLS handshake' }));
    });
  });
}

function ignore(): undefined {
  return undefined;
}

function dialReason(error: Error, shaking: boolean): SendReason {
  const certificate = certificateReason(error);
  if (certificate !== null) return certificate;
  if (shaking) return 'tls-failed';
  const codes = [error, ...(error instanceof AggregateError ? error.errors : [])].map(
    (one: unknown) => (one as { code?: unknown }).code,
  );
  if (codes.includes('ECONNREFUSED')) return 'connection-refused';
  if (codes.includes('ETIMEDOUT')) return 'timeout';
  return codes.includes('ECONNRESET') ? 'connection-lost' : 'connection-refused';
}

/** What nodemailer hangs on its errors. */
type ClientError = Error & { code?: string | undefined; response?: string | undefined; command?: string | undefined };

type Verb = SmtpPhase | 'rset' | 'quit' | 'end';

/** A command line → the phase its reply belongs to. */
function verbOf(line: string, loggingIn: boolean): Verb {
  if (loggingIn) return 'auth';
  const word = /^[A-Z.]+/i.exec(line)?.[0]?.toUpperCase() ?? '';
  const verbs: Record<string, Verb> = {
    EHLO: 'ehlo',
    HELO: 'ehlo',
    STARTTLS: 'starttls',
    MAIL: 'mail',
    RCPT: 'rcpt',
    DATA: 'data',
    RSET: 'rset',
    QUIT: 'quit',
  };
  return verbs[word] ?? 'end';
}

function newSession(
  route: SmtpRoute,
  options: SmtpOptions,
  timeouts: SmtpTimeouts,
  raw: net.Socket,
  socket: net.Socket,
): Session & { start: (dialogue: Dialogue) => Promise<Ending | null> } {
  const scrub = scrubber(route.user, route.password);
  let dialogue: Dialogue | null = null;
  /** Commands whose reply is still to come, oldest first. */
  const awaited: Verb[] = ['greeting'];
  let phase: Verb = 'greeting';
  let loggingIn = false;
  let upgrading = false;
  let dead = false;
  let needsReset = false;
  let messages = 0;
  let ehlo: string[] = [];
  let lastReply: string | null = null;
  /** The first refusal of the envelope: what the message ends with, whatever the server does next. */
  let refusal: { phase: SmtpPhase; text: string } | null = null;
  /** Why we cut the connection ourselves. */
  let cut: 'timeout' | 'protocol-error' | null = null;
  let deadline: NodeJS.Timeout | undefined;
  let bytesHeard = 0;
  let linesHeard = 0;
  let watched: net.Socket | null = null;
  let secured: SenderCheck['tls'] = null;
  /** Ends whatever is waited for; set while something is. */
  let giveUp: ((error: ClientError | null) => void) | null = null;

  const connection = new SMTPConnection({
    connection: socket,
    host: bareHost(route.host),
    port: route.port,
    secure: route.security === 'tls',
    secured: route.security === 'tls',
    requireTLS: route.security === 'starttls',
    ignoreTLS: route.security === 'none',
    tls: tlsOptions({ host: route.host, extraCa: options.extraCa }),
    name: heloName(options.heloName),
    connectionTimeout: NEVER_MS,
    greetingTimeout: NEVER_MS,
    socketTimeout: NEVER_MS,
    socketCloseTimeout: 1_000,
    maxResponseSize: MOST_PHASE_BYTES,
    transactionLog: true,
    logger: { debug: onLog, info: onLog, warn: ignore, error: ignore, trace: ignore, fatal: ignore },
  });
  connection.on('error', (error: ClientError) => {
    dead = true;
    giveUp?.(error);
  });
  connection.on('end', () => {
    dead = true;
    giveUp?.(null);
  });
  // Paused, so that nothing is read before nodemailer listens too; it resumes the socket.
  socket.pause();
  watch(socket);

  function watch(current: net.Socket): void {
    watched?.off('data', count);
    watched = current;
    current.prependListener('data', count);
    // Described now: a socket that was closed has forgotten its session.
    if (current instanceof tls.TLSSocket && current.getProtocol() !== null) secured = describeTls(current);
    if (upgrading) options.onStep?.('signing-in');
  }

  function count(chunk: Buffer): void {
    bytesHeard += chunk.length;
    for (let at = chunk.indexOf(10); at !== -1 && linesHeard <= MOST_PHASE_LINES; at = chunk.indexOf(10, at + 1))
      linesHeard++;
    if (bytesHeard > MOST_PHASE_BYTES || linesHeard > MOST_PHASE_LINES) end('protocol-error');
  }

  function onLog(entry: { tnx?: string; outByteCount?: number }, text?: unknown): void {
    if (entry.tnx === 'client') onCommand(String(text ?? ''));
    else if (entry.tnx === 'server') onReply(String(text ?? ''));
    else if (entry.tnx === 'message')
      dialogue?.add('note', `message, ${(entry.outByteCount ?? 0).toLocaleString('en')} bytes`);
  }

  function onCommand(line: string): void {
    const verb = verbOf(line, loggingIn);
    // After STARTTLS nodemailer speaks through a socket of its own; EHLO is the first it says there.
    if (connection._socket && connection._socket !== watched) watch(connection._socket);
    dialogue?.add('client', verb === 'auth' ? maskLogin(line) : line);
    if (verb === 'starttls') upgrading = true;
    awaited.push(verb);
    if (awaited.length === 1) enter(verb);
  }

  function onReply(text: string): void {
    dialogue?.add('server', text);
    lastReply = readable(scrub(text));
    const answered = awaited.shift();
    if (answered === 'ehlo' && text.startsWith('2')) {
      ehlo = text
        .split('\n')
        .slice(1, 60)
        .map((line) => readable(scrub(line.replace(/^\d{3}[ -]?/, '').trim())).slice(0, 200));
    }
    if ((answered === 'mail' || answered === 'rcpt') && !text.startsWith('2'))
      refusal ??= { phase: answered, text: scrub(text) };
    const next = awaited[0];
    if (next !== undefined) enter(next);
    // Between 220 and the first secured EHLO the handshake is waited for, on the time of EHLO.
    else if (answered === 'starttls') enter('ehlo');
  }

  function enter(verb: Verb): void {
    phase = verb;
    bytesHeard = 0;
    linesHeard = 0;
    const times: Partial<Record<Verb, number>> = {
      greeting: timeouts.greeting,
      ehlo: timeouts.ehlo,
      starttls: timeouts.ehlo,
      auth: timeouts.auth,
      dot: timeouts.dot,
    };
    clearTimeout(deadline);
    deadline = setTimeout(() => end('timeout'), times[verb] ?? timeouts.command);
  }

  /** Cuts the connection for a reason of our own. */
  function end(why: 'timeout' | 'protocol-error'): void {
    cut ??= why;
    if (giveUp !== null) dialogue?.add('note', why === 'timeout' ? `no reply in time (${phase})` : 'too much was said');
    destroy();
  }

  function destroy(): void {
    dead = true;
    clearTimeout(deadline);
    connection.close();
    raw.destroy();
    giveUp?.(null);
  }

  /** Runs one step of nodemailer until it calls back, breaks or is cut off. */
  function step<T>(run: (done: (error: ClientError | null, value?: T | undefined) => void) => void) {
    return new Promise<{ error: ClientError | null; value: T | undefined }>((resolve) => {
      const settle = (error: ClientError | null, value?: T): void => {
        clearTimeout(deadline);
        giveUp = null;
        resolve({ error, value });
      };
      giveUp = settle;
      if (dead) settle(null);
      else run(settle);
    });
  }

  async function start(to: Dialogue): Promise<Ending | null> {
    dialogue = to;
    enter('greeting');
    const opened = await step<true>((done) => connection.connect((error) => done(error ?? null, true)));
    if (opened.value !== true || opened.error !== null) return setupFailure(opened.error);
    if (route.user !== null && route.password !== null) {
      // Some servers announce `AUTH=PLAIN` beside or instead of `AUTH PLAIN`.
      const offered = ehlo.some((line) => /^AUTH[ =](?:.*[ =])?(?:PLAIN|LOGIN|CRAM-MD5)(?: |$)/i.test(line));
      if (!offered) return failed('login-not-offered');
      loggingIn = true;
      const { user, password: pass } = route;
      const login = await step<boolean>((done) => connection.login({ user, pass, credentials: { user, pass } }, done));
      loggingIn = false;
      if (login.value !== true) return setupFailure(login.error);
    }
    clearTimeout(deadline);
    dialogue = null;
    return null;
  }

  /** Nothing of a message was under way: greeting, EHLO, TLS or the login failed. */
  function setupFailure(error: ClientError | null): Ending {
    if (cut !== null) return failed(cut);
    const at: SmtpPhase =
      phase === 'auth' ? 'auth' : error?.command === 'STARTTLS' ? 'starttls' : phase === 'ehlo' ? 'ehlo' : 'greeting';
    if (error?.response !== undefined && isRefusal(error.response)) return judged(error.response, at);
    const certificate = error === null ? null : certificateReason(error);
    if (certificate !== null) return failed(certificate);
    if (upgrading && !connection.secure) return failed('tls-failed');
    return failed(error?.code === 'EPROTOCOL' || error?.response !== undefined ? 'protocol-error' : 'connection-lost');
  }

  async function send(
    message: OutgoingMessage,
    to: Dialogue,
    handedOver: () => void,
  ): Promise<{ ending: Ending; stale: boolean }> {
    const reused = messages > 0;
    dialogue = to;
    try {
      const refused = unfit(message);
      if (refused !== null) return { ending: refused, stale: false };
      if (needsReset) {
        const reset = await step<boolean>((done) => connection.reset(done));
        if (reset.value !== true) {
          dead = true;
          return { ending: failed(cut ?? 'connection-lost'), stale: true };
        }
        needsReset = false;
      }
      messages++;
      return await handOver(message, reused, handedOver);
    } finally {
      dialogue = null;
    }
  }

  /** Refuses what must not or need not be sent, before a byte leaves. */
  function unfit({ envelope, raw: content, size }: OutgoingMessage): Ending | null {
    for (const address of [envelope.from, envelope.to]) {
      if (!/^[^\s<>\p{Cc}]{1,254}@[^\s<>@\p{Cc}]{1,253}$/u.test(address)) {
        dialogue?.add('note', `not an address: ${JSON.stringify(address)}`);
        return { ...failed('rejected'), end: 'rejected', act: 'go-on', waitMs: 0 };
      }
    }
    const limit = sizeLimit();
    if (limit === null || (size ?? content.length) <= limit) return null;
    dialogue?.add('note', `the server takes messages up to ${limit} bytes`);
    return { ...failed('too-large'), end: 'rejected', act: 'go-on', waitMs: 0 };
  }

  async function handOver(
    message: OutgoingMessage,
    reused: boolean,
    handedOver: () => void,
  ): Promise<{ ending: Ending; stale: boolean }> {
    refusal = null;
    let began = false;
    const body = new Readable({
      read() {
        if (!began) {
          began = true;
          awaited.push('dot');
          enter('dot');
          this.push(message.raw);
        }
        this.push(null);
      },
    });
    body.on('error', ignore);
    body.once('end', handedOver);
    const overall = setTimeout(() => end('timeout'), timeouts.overall);
    const { error, value } = await step<{ response: string }>((done) =>
      connection.send(
        { from: message.envelope.from, to: [message.envelope.to], size: message.size ?? message.raw.length },
        body,
        (failure, info) => done(failure, info ?? undefined),
      ),
    );
    clearTimeout(overall);
    body.destroy();

    const final = value?.response ?? (began && error?.code === 'EMESSAGE' ? error.response : undefined);
    if (final !== undefined) {
      const { code } = readReply(final);
      if (code !== null && (code < 300 || code >= 400)) {
        needsReset = code >= 400;
        if (code === 421) destroy();
        return { ending: judged(final, 'dot'), stale: false };
      }
      // Something came after the dot, but no reply: who can say what became of the message?
      destroy();
      return { ending: { ...failed('protocol-error'), end: 'ambiguous', act: 'go-on', waitMs: 0 }, stale: false };
    }
    if (began) {
      destroy();
      return { ending: { ...failed('connection-lost-after-data'), act: 'go-on', waitMs: 0 }, stale: false };
    }
    needsReset = true;
    return beforeData(error, reused);
  }

  /** The message never began: a refusal of the envelope, or a connection that broke. */
  function beforeData(error: ClientError | null, reused: boolean): { ending: Ending; stale: boolean } {
    const text = refusal?.text ?? error?.response;
    const at: SmtpPhase = refusal?.phase ?? (error?.command === 'MAIL FROM' ? 'mail' : 'data');
    if (text !== undefined && isRefusal(text)) {
      const { code, enhanced } = readReply(text);
      if (cut !== null || code === 421) destroy();
      // 421 4.4.2: "idle for too long" said to the next command.
      return { ending: judged(text, at), stale: reused && code === 421 && (enhanced === null || enhanced === '4.4.2') };
    }
    destroy();
    if (cut !== null) return { ending: failed(cut), stale: false };
    if (error?.code === 'EPROTOCOL' || text !== undefined) return { ending: failed('protocol-error'), stale: false };
    return { ending: failed('connection-lost'), stale: reused };
  }

  /** A server's reply as an ending. */
  function judged(text: string, at: SmtpPhase): Ending {
    const clean = scrub(text);
    const reply = readReply(clean);
    return { ...judgeReply(reply, at), code: reply.code, enhanced: reply.enhanced, reply: readable(clean) };
  }

  function sizeLimit(): number | null {
    const size = ehlo.map((line) => /^SIZE (\d{1,15})$/i.exec(line)?.[1]).find((found) => found !== undefined);
    return size === undefined || Number(size) === 0 ? null : Number(size);
  }

  return {
    start,
    send,
    usable: () => !dead && messages < MOST_MESSAGES,
    tls: () => (secured === null ? null : { version: secured.version, cipher: secured.cipher }),
    certificate: () => secured,
    lastReply: () => lastReply,
    sizeLimit,
    capabilities: () => ehlo,
    destroy,
    quit: async () => {
      if (!dead) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.min(1_000, timeouts.command));
          giveUp = () => {
            clearTimeout(timer);
            resolve();
          };
          connection.quit();
        });
        giveUp = null;
      }
      destroy();
    },
  };
}

/** A yes where a no was due is no answer at all. */
function isRefusal(text: string): boolean {
  return (readReply(text).code ?? 0) >= 400;
}

/** EHLO takes a domain or an address literal (RFC 5321 §4.1.1.1); anything else could smuggle a command. */
function heloName(name: string): string {
  return /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f.:]{2,45}\]|\[IPv6:[0-9a-f.:]{2,45}\])$/i.test(name)
    ? name
    : 'localhost';
}

/** An end without a deciding reply. */
function failed(reason: SendReason): Ending {
  const none = { code: null, enhanced: null, reply: null };
  switch (reason) {
    case 'connection-lost-after-data':
      return { end: 'ambiguous', reason, act: 'go-on', waitMs: 0, ...none };
    case 'connection-lost':
      return { end: 'deferred', reason, act: 'retry', waitMs: 60_000, ...none };
    case 'timeout':
    case 'connection-refused':
    case 'host-not-found':
    case 'protocol-error':
    case 'tls-failed':
      return { end: 'deferred', reason, act: 'retry', waitMs: 5 * 60_000, ...none };
    default:
      // Certificates, cleartext, private addresses, no login: nothing changes until a person changes something.
      return { end: 'deferred', reason, act: 'fix-credentials', waitMs: 0, ...none };
  }
}
