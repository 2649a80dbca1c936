/**
 * Reading a seed over POP3 (RFC 1939, CAPA of RFC 2449, STLS of RFC 2595). POP3 shows one folder only, the inbox: a probe is in it, or it
 * is not seen; nothing can be said of spam. Three habits of the protocol shape this file:
 * - the maildrop is a picture taken at login, and locked until goodbye: so every look logs in anew and leaves at once;
 * - RETR means "I have it now": Dovecot marks the message as read, others hide it. TOP does not, and with more lines than a message can
 *   have it answers the same bytes: so messages are fetched with TOP. Only where there is no TOP, or a short-winded one, RETR
 *   is said, and then no goodbye, for without QUIT a server must not remove anything (RFC 1939 §6). DELE is never said;
 * - messages have no numbers that last, but names that do (UIDL): what was looked at before is told by those.
 *
 * A small client of its own (pop3-wire.ts), because messages must come byte for byte: signatures are computed over them.
 * Long because a login, a look and what a look remembers belong together.
 */
import { createHash } from 'node:crypto';
import net from 'node:net';
import tls from 'node:tls';
import { isLoopback } from '../net/address.ts';
import { bareHost, pinnedLookup, resolveMailHost } from '../net/connect.ts';
import { tellSteps } from '../net/steps.ts';
import { describeTls, tlsOptions } from '../net/tls.ts';
import { loginReason, refusalReason, SeedTrouble, toFailure } from './failures.ts';
import { DEFAULT_TIMEOUTS, inTime, READ_LIMITS } from './limits.ts';
import { fieldValues, headerBlock, holdsText, isDeliveryReport, matcherOf, type Watcher } from './match.ts';
import { isOk, troubleOf, Wire } from './pop3-wire.ts';
import type { LookAnswer, LookRequest, ReadOptions, ReadTimeouts, SeedFailure, SeedSession } from './session.ts';
import type { SeedFolder, SeedRoute, SeenMessage } from './types.ts';

/** A POP3 session, with what a check shows beside it. */
export type Pop3Session = SeedSession & {
  capabilities: string[];
  tls: ReturnType<typeof describeTls> | null;
};

const INBOX: SeedFolder = { path: 'INBOX', role: 'inbox', roleSource: 'protocol', selectable: true };

/** Messages whose header is read: on the first look, on a later one, and of those seen before when there are new tokens. */
const NEWEST = { first: 100, later: 500, again: 20 } as const;

/** Logs in. Never throws for what a server does. */
export async function openPop3(
  route: SeedRoute,
  options: ReadOptions,
): Promise<Pop3Session | { failure: SeedFailure }> {
  const secrets = [route.password];
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const closing = new AbortController();
  const over = options.cut === undefined ? closing.signal : AbortSignal.any([closing.signal, options.cut]);
  let ready: Wire | null = null;
  try {
    ready = await login(route, options, timeouts, over);
  } catch (error) {
    if (error instanceof SeedTrouble) return toFailure(error, secrets);
    throw error;
  }
  const { capabilities } = ready;
  const described = ready.socket instanceof tls.TLSSocket ? describeTls(ready.socket) : null;
  let inLine: Promise<unknown> = Promise.resolve();
  return {
    protocol: 'pop3',
    folders: [INBOX],
    canWait: false,
    capabilities: [...capabilities.keys()].slice(0, 200),
    tls: described,
    look: (request) => {
      const mine = inLine.then(async () => {
        try {
          // The first look uses the login that opening made, if the server has kept it.
          const wire = ready?.open() ? ready : await login(route, options, timeouts, over);
          ready = null;
          const lateAt = performance.now() + timeouts.look * 0.7;
          const isLate = () => performance.now() > lateAt;
          return await guarded(wire, timeouts.look, () => look(wire, request, options, isLate));
        } catch (error) {
          if (error instanceof SeedTrouble) return toFailure(error, secrets);
          throw error;
        }
      });
      inLine = mine.catch(() => null);
      return mine;
    },
    waitForNews: async (untilMs, signal) => {
      const over = Promise.withResolvers<'timeout' | 'closed'>();
      const onAbort = () => over.resolve('timeout');
      const onClose = () => over.resolve('closed');
      if (closing.signal.aborted) return 'closed';
      if (signal.aborted) return 'timeout';
      const timer = setTimeout(onAbort, Math.min(Math.max(0, untilMs - options.now()), 2 ** 31 - 1));
      signal.addEventListener('abort', onAbort, { once: true });
      closing.signal.addEventListener('abort', onClose, { once: true });
      try {
        return await over.promise;
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        closing.signal.removeEventListener('abort', onClose);
      }
    },
    close: async () => {
      closing.abort();
      const last = ready;
      ready = null;
      if (last?.open()) await leave(last);
    },
  };
}

/** Connects, secures, asks for capabilities and logs in, all under one deadline. */
async function login(
  route: SeedRoute,
  options: ReadOptions,
  timeouts: ReadTimeouts,
  closing: AbortSignal,
): Promise<Wire> {
  if (closing.aborted) throw new SeedTrouble('connection-lost');
  // A line break in a credential would be a command of its own.
  if (/[\r\n\0]/.test(route.user + route.password)) throw new SeedTrouble('wrong-password');
  options.onStep?.('finding');
  const resolved = await resolveMailHost(route.host, {
    allowedNetworks: options.allowedNetworks,
    onlyServers: options.onlyServers ?? null,
    port: route.port,
    timeoutMs: timeouts.connect,
  });
  if (!resolved.ok) throw new SeedTrouble(resolved.reason, resolved.detail);
  if (route.security === 'none' && !resolved.addresses.every(({ address }) => isLoopback(address))) {
    throw new SeedTrouble('cleartext-refused');
  }
  options.onStep?.('connecting');
  const host = bareHost(route.host);
  const secure = tlsOptions({ host, extraCa: options.extraCa });
  const target = { host, port: route.port, lookup: pinnedLookup(resolved.addresses) };
  const wire = new Wire(
    route.security === 'tls' ? tls.connect({ ...target, ...secure }) : net.connect(target),
    timeouts,
  );
  if (options.onStep) tellSteps(wire.socket, route.security, options.onStep);
  const stop = () => wire.end(new SeedTrouble('connection-lost'));
  closing.addEventListener('abort', stop, { once: true });
  wire.socket.once('close', () => closing.removeEventListener('abort', stop));
  await guarded(wire, timeouts.open, async () => {
    await inTime(wire.ready(), timeouts.connect, () => wire.end(new SeedTrouble('timeout')));
    const greeting = await inTime(wire.line(), timeouts.connect, () => wire.end(new SeedTrouble('timeout')));
    if (!isOk(greeting)) {
      const isRefusal = greeting.startsWith('-ERR');
      throw new SeedTrouble(isRefusal ? refusalReason(greeting) : 'protocol-error', greeting);
    }
    await wire.readCapabilities();
    if (route.security === 'starttls') {
      const reply = await wire.command('STLS');
      if (!isOk(reply)) throw new SeedTrouble('tls-not-offered', reply);
      await wire.upgrade({ ...secure });
      options.onStep?.('signing-in');
      await wire.readCapabilities(); // what was said in cleartext may have been said by anyone
    }
    await authenticate(wire, route);
  });
  return wire;
}

async function authenticate(wire: Wire, { user, password }: SeedRoute): Promise<void> {
  const mechanisms = (wire.capabilities.get('SASL') ?? '').toUpperCase().split(' ');
  const refused = (reply: string) =>
    new SeedTrouble(reply.startsWith('-ERR') ? loginReason(reply) : 'protocol-error', reply);
  if (!wire.capabilities.has('USER') && mechanisms.includes('PLAIN')) {
    const asked = await wire.command('AUTH PLAIN');
    if (!asked.startsWith('+') || isOk(asked)) throw refused(asked);
    const reply = await wire.command(Buffer.from(`\0${user}\0${password}`).toString('base64'));
    if (!isOk(reply)) throw refused(reply);
    return;
  }
  const named = await wire.command(`USER ${user}`);
  if (!isOk(named)) throw refused(named);
  const reply = await wire.command(`PASS ${password}`);
  if (!isOk(reply)) throw refused(reply);
}

/**
 * Short names of the newest messages that need no second look, of those that the last look left for the next one, and the tokens that the seen ones were
 * compared with.
 */
type Cursor = { seen: string[]; left: string[]; tokens: string[] };

function readCursor(text: string | null): Cursor | null {
  if (text === null) return null;
  try {
    const read = JSON.parse(text) as Partial<Cursor> | null;
    if (!Array.isArray(read?.seen) || !Array.isArray(read.tokens)) return null;
    const left = Array.isArray(read.left) ? read.left.map(String) : [];
    return { seen: read.seen.map(String), left, tokens: read.tokens.map(String) };
  } catch {
    return null; // not one of ours: as good as none
  }
}

type Listed = { number: number; uidl: string | null; name: string; size: number };

async function look(
  wire: Wire,
  request: LookRequest,
  options: ReadOptions,
  isLate: () => boolean,
): Promise<LookAnswer> {
  if (request.folder !== 'INBOX') throw new SeedTrouble('folder-missing');
  const maildrop = await list(wire);
  const cursor = readCursor(request.cursor);
  const watchers = request.watchers ?? [];
  const texts = watchers.filter(({ text }) => text !== null);
  /** Recognised by less than a text that may stand in it: whether one does goes before. */
  const vague = new Set(watchers.filter(({ text }) => text === null).map(({ token }) => token));
  const matcher = matcherOf(request.tokens, request.messageIds, watchers);
  const limit = options.maxMessageBytes ?? READ_LIMITS.messageBytes;
  const toRead = choose(maildrop, cursor, request.tokens);
  const known = new Set(cursor?.seen ?? []);
  const compared = new Set(cursor?.tokens ?? []);
  const left = new Set<string>();
  const missing = new Set(request.tokens);
  const found: LookAnswer['found'] = [];
  const reports: SeenMessage[] = [];
  let bodies = 0;
  let retrieved = false;
  for (const [index, listed] of toRead.entries()) {
    if (isLate()) {
      // Enough for this look: the rest is read by the next one.
      for (const { name } of toRead.slice(index)) left.add(name);
      break;
    }
    let raw: Buffer | null = null;
    let header = await wire.header(listed.number);
    if (header === null) {
      if (listed.size > limit) continue;
      retrieved = true;
      raw = await wire.retrieve(listed.number, atMost(listed, limit));
      if (raw === null) continue;
      header = headerBlock(raw, READ_LIMITS.headerBytes);
    }
    let token = matcher(header);
    // Over POP3 nobody searches for us: a text that may stand in the body is looked for in all that is new.
    const isOpen = token === null || vague.has(token);
    if (isOpen && texts.length > 0 && !known.has(listed.name) && isYoung(header, texts)) {
      if (raw === null && listed.size <= limit && bodies + listed.size <= READ_LIMITS.lookBodyBytes) {
        raw = await wire.wholeByTop(listed.number, atMost(listed, limit));
      }
      const read = raw;
      if (read !== null) token = texts.find(({ text }) => holdsText(read, text ?? ''))?.token ?? token;
      if (token === null) bodies += read?.length ?? 0;
    }
    const report = token === null && request.reports !== false && !known.has(listed.name) && isDeliveryReport(header);
    if (token === null && !report) continue;
    // A copy that an earlier look handed back, read again for the sake of another token.
    if (token !== null && known.has(listed.name) && compared.has(token)) continue;
    if (report && reports.length >= READ_LIMITS.reports) {
      left.add(listed.name);
      continue;
    }
    const most = report ? READ_LIMITS.reportBytes : limit;
    if (raw === null && listed.size <= most && bodies + listed.size <= READ_LIMITS.lookBodyBytes) {
      raw = await wire.wholeByTop(listed.number, atMost(listed, most));
      // Sizes in LIST may count a line end as one byte or two; far less than announced is not the whole message.
      if (raw === null || raw.length < listed.size * 0.9) {
        retrieved = true;
        raw = await wire.retrieve(listed.number, atMost(listed, most));
      }
    }
    bodies += raw?.length ?? 0;
    const message: SeenMessage = {
      folder: INBOX.path,
      role: INBOX.role,
      uid: listed.uidl ?? listed.name,
      uidValidity: '',
      internalDate: null, // POP3 does not tell
      size: listed.size,
      header: Buffer.from(raw === null ? header : headerBlock(raw, READ_LIMITS.headerBytes)),
      raw,
      tab: null,
      labels: [],
    };
    if (token === null) reports.push(message);
    else {
      found.push({ token, message });
      missing.delete(token);
      // On the first look all that is older than the last probe found is of no interest.
      if (missing.size === 0 && cursor === null) break;
    }
  }
  if (retrieved) wire.end(new SeedTrouble('connection-lost'));
  else await leave(wire);
  const seen = maildrop.filter(({ name }) => !left.has(name)).slice(-READ_LIMITS.rememberedUidls);
  const next: Cursor = { seen: seen.map(({ name }) => name), left: [...left], tokens: request.tokens };
  return { found: found.reverse(), reports: reports.reverse(), more: left.size > 0, cursor: JSON.stringify(next) };
}

function isYoung(header: Buffer, watchers: readonly Watcher[]): boolean {
  const at = Date.parse(fieldValues(header, 'date')[0] ?? '');
  return Number.isNaN(at) || watchers.some(({ since }) => at >= since);
}

/** The bytes that a message may have which was announced as so large. Sizes in LIST are rarely exact, and never half of the truth. */
function atMost({ size }: Listed, limit: number): number {
  return Math.min(limit, Math.max(size * 2, READ_LIMITS.headerBytes));
}

/** The newest messages of the maildrop in its own order, oldest first as a rule. */
async function list(wire: Wire): Promise<Listed[]> {
  const sizes = numbered(await wire.multiline('LIST', READ_LIMITS.maildropBytes, true), /^(\d{1,9}) (\d{1,12})/);
  const uidls = numbered(
    await wire.multiline('UIDL', READ_LIMITS.maildropBytes, false),
    /^(\d{1,9}) ([\x21-\x7e]{1,200})/,
  );
  return [...sizes]
    .map(([number, size]) => {
      const uidl = uidls.get(number) ?? null;
      // Without UIDL a message has no name; place and size must do, at the price of reading some twice.
      return { number, uidl, name: shortName(uidl ?? `${number} ${size}`), size: Number(size) };
    })
    .sort((a, b) => a.number - b.number);
}

/** The last lines of a list by their number. The list is as long as the maildrop, which nobody empties; nothing is made of the rest. */
function numbered(text: Buffer | null, pattern: RegExp): Map<number, string> {
  if (text === null) return new Map();
  let from = text.length;
  for (let lines = 0; lines <= READ_LIMITS.maildropMessages && from > 0; lines++) from = text.lastIndexOf(10, from - 1);
  const last = text.toString('latin1', from + 1).split('\r\n');
  return new Map(
    last.map((line) => pattern.exec(line)).flatMap((match) => (match ? [[Number(match[1]), match[2] ?? '']] : [])),
  );
}

/** Which messages to read, newest first. */
function choose(maildrop: readonly Listed[], cursor: Cursor | null, tokens: readonly string[]): Listed[] {
  const seen = new Set(cursor?.seen ?? []);
  // Whatever lies before the oldest remembered message was there before: the memory is bounded, the maildrop is not.
  const from = maildrop.findIndex(({ name }) => seen.has(name));
  if (cursor === null || (from === -1 && seen.size > 0) || (from === -1 && maildrop.length > NEWEST.later)) {
    return maildrop.slice(-NEWEST.first).reverse();
  }
  const leftBefore = new Set(cursor.left);
  const left = maildrop.filter(({ name }) => leftBefore.has(name));
  const unread = maildrop.slice(Math.max(from, 0)).filter(({ name }) => !seen.has(name));
  const known = new Set(cursor.tokens);
  const again = tokens.every((token) => known.has(token)) ? [] : maildrop.slice(-NEWEST.again);
  return [...new Set([...left, ...unread.slice(-NEWEST.later), ...again])].sort((a, b) => b.number - a.number);
}

/** UIDLs have up to 70 characters; nine of a hash tell two thousand of them apart. */
function shortName(uidl: string): string {
  return createHash('sha256').update(uidl, 'latin1').digest('base64url').slice(0, 9);
}

/** Says goodbye after a session that retrieved nothing. */
async function leave(wire: Wire): Promise<void> {
  try {
    await inTime(wire.command('QUIT'), 2_000, () => new SeedTrouble('timeout'));
  } catch (error) {
    if (!(error instanceof SeedTrouble)) throw error; // a goodbye that fails needs no answer
  }
  wire.end(new SeedTrouble('connection-lost'));
}

/** Runs a group of commands under one deadline; whatever fails is a SeedTrouble, and the connection is closed. */
async function guarded<T>(wire: Wire, ms: number, work: () => Promise<T>): Promise<T> {
  try {
    return await inTime(work(), ms, () => wire.end(new SeedTrouble('timeout')));
  } catch (error) {
    throw wire.end(troubleOf(error));
  }
}
