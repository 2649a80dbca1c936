/**
 * Reading a seed over IMAP (RFC 9051, RFC 3501). Only looking: folders are opened with EXAMINE, messages fetched with BODY.PEEK, so
 * neither \Seen nor \Recent changes. This is the only file that runs imapflow (paced.ts knows two of its types), and the one that knows its moods:
 * - it is pinned to one version, and one instance is one connection;
 * - a socket that stays half open is noticed by our clock, not by its own: every group of commands has one deadline that closes;
 * - what a hostile server sends is counted while it arrives and handed on in portions (paced.ts), for its own limits are per answer, not per look;
 * - it walks through ranges that a server names, number by number, before anybody else gets a turn: it is not told of any (`ignoreRanges`);
 * - no mailbox locks: commands are put in line here, and each look opens its folder anew, since UIDNEXT is only fresh then.
 *
 * A folder's messages have rising numbers (UID) as long as its UIDVALIDITY stays the same (RFC 9051 §2.3.1.1). So the first look in a
 * folder searches, and every later one only asks for what came since.
 *
 * Long because one look is one story: open, ask for what is new, search for who is new, fetch, sort into tabs.
 */
import { isIP, type Socket } from 'node:net';
import tls from 'node:tls';
import { type FetchMessageObject, type FetchQueryObject, ImapFlow, type ListResponse } from 'imapflow';
import { isLoopback } from '../net/address.ts';
import { bareHost, pinnedLookup, resolveMailHost } from '../net/connect.ts';
import { tellSteps } from '../net/steps.ts';
import { certificateReason, describeTls, tlsOptions } from '../net/tls.ts';
import { folderReason, loginReason, reasonOfCode, refusalReason, SeedTrouble, toFailure } from './failures.ts';
import { resolveFolders } from './folders.ts';
import { DEFAULT_TIMEOUTS, inTime, READ_LIMITS } from './limits.ts';
import {
  headerBlock,
  holdsText,
  isDeliveryReport,
  MATCHED_FIELDS,
  type Matcher,
  matcherOf,
  type Watcher,
} from './match.ts';
import { pacedTransport } from './paced.ts';
import { PROVIDERS } from './providers.ts';
import type { LookAnswer, LookRequest, ReadOptions, SeedFailure, SeedSession } from './session.ts';
import type { ProviderId, SeedFolder, SeedRoute, SeenMessage } from './types.ts';

/** An IMAP session, with what a check shows beside it. */
export type ImapSession = SeedSession & {
  capabilities: string[];
  tls: ReturnType<typeof describeTls> | null;
};

/** Gmail's tabs in the order they are asked for: the first that has the message is its tab. */
const GMAIL_CATEGORIES = ['primary', 'social', 'promotions', 'updates', 'forums', 'reservations', 'purchases'] as const;

/**
 * Logs in and lists the folders. Never throws for what a server does.
 * @param junkFolder the folder the user chose as Junk, or null
 */
export async function openImap(
  route: SeedRoute,
  provider: ProviderId,
  junkFolder: string | null,
  options: ReadOptions,
): Promise<ImapSession | { failure: SeedFailure }> {
  const secrets = [route.password];
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  try {
    const connection = await connect(route, options, timeouts);
    options.onStep?.('listing');
    const listed = await guarded(connection, timeouts.open, READ_LIMITS.openBytes, () => connection.client.list());
    return session(connection, foldersOf(listed, provider, junkFolder), provider, options, secrets);
  } catch (error) {
    if (error instanceof SeedTrouble) return toFailure(error, secrets);
    throw error;
  }
}

type Connection = {
  client: ImapFlow;
  /** Why we closed it ourselves: stands above whatever the pending command then rejects with. */
  ending: SeedTrouble | null;
  /** The last error the client told of. */
  lastError: unknown;
  closed: boolean;
  /** The socket that carries the session. */
  socket: Socket | null;
  /** Bytes received in the command group under way, and how many it may receive. */
  received: number;
  most: () => number;
  /** Untagged answers in it so far. */
  untagged: number;
  /** How the latest bytes from the server began. */
  last: Buffer;
  /** Ends the command group under way when nothing arrives for so long (ms). */
  silence: number;
  quiet: NodeJS.Timeout | null;
};

async function connect(route: SeedRoute, options: ReadOptions, timeouts: typeof DEFAULT_TIMEOUTS): Promise<Connection> {
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
  const client = new ImapFlow({
    host,
    port: route.port,
    secure: route.security === 'tls',
    // Never undefined: undefined means "if the server offers it", and whoever sits between can strip the offer.
    ...(route.security === 'tls' ? {} : { doSTARTTLS: route.security === 'starttls' }),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    auth: { user: route.user, pass: route.password },
    transport: pacedTransport(
      pinnedLookup(resolved.addresses),
      secure,
      (chunk) => {
        connection.last = chunk.subarray(0, 200);
        connection.received += chunk.length;
        connection.quiet?.refresh();
        connection.untagged += untaggedIn(chunk);
        if (connection.received > connection.most() || connection.untagged > READ_LIMITS.untagged)
          end(connection, new SeedTrouble('answer-too-large'));
      },
      (socket) => {
        connection.socket = socket;
        if (options.onStep) tellSteps(socket, route.security, options.onStep);
      },
    ),
    logger: false,
    clientInfo: { name: 'Todoku' },
    disableAutoIdle: true,
    disableAutoEnable: true, // plain IMAP4rev1: the best trodden path
    disableCompression: true,
    connectionTimeout: timeouts.connect,
    greetingTimeout: timeouts.connect,
    // Silence within a command is watched in `guarded`; between looks a connection may be silent (see paced.ts).
    socketTimeout: timeouts.silence,
    maxIdleTime: 4 * 60_000,
    maxLineLength: READ_LIMITS.lineBytes,
    maxLiteralSize: READ_LIMITS.messageBytes + READ_LIMITS.headerBytes,
    maxResponseSize: READ_LIMITS.messageBytes + 2 * READ_LIMITS.headerBytes,
    maxResponseTokens: 100_000,
    maxLockHoldTime: false,
  });
  const connection: Connection = {
    client,
    ending: null,
    lastError: null,
    closed: false,
    socket: null,
    received: 0,
    most: () => READ_LIMITS.openBytes,
    untagged: 0,
    last: Buffer.alloc(0),
    silence: timeouts.silence,
    quiet: null,
  };
  ignoreRanges(client);
  client.on('error', (error) => {
    connection.lastError = error; // before connect(): an error without a listener ends the program
  });
  const cut = () => end(connection, new SeedTrouble('connection-lost'));
  client.on('close', () => {
    connection.closed = true;
    options.cut?.removeEventListener('abort', cut);
  });
  options.cut?.addEventListener('abort', cut, { once: true });
  if (options.cut?.aborted) throw cut();
  await guarded(connection, timeouts.open, READ_LIMITS.openBytes, () => client.connect());
  return connection;
}

/**
 * Leaves unheard the answers in which a server names messages by ranges: VANISHED (RFC 7162) and ESEARCH (RFC 4731). Nobody here asks for either, and
 * a line of fifty bytes may stand for sixteen million numbers. What an ESEARCH would have told is found by the comparison that follows every search.
 */
function ignoreRanges(client: ImapFlow): void {
  // The one place where imapflow hands on untagged answers. Not in its types, so a version without it must fail loudly: it does, at `bind`.
  const inner = client as unknown as {
    getUntaggedHandler: (command: string, attributes?: { value?: unknown }[]) => unknown;
  };
  const handlerOf = inner.getUntaggedHandler.bind(client);
  inner.getUntaggedHandler = (command, attributes) => {
    // `* VANISHED 1:9` and, as imapflow reads it too, `* 5 VANISHED 1:9`.
    const word = /^\d+$/.test(command) ? attributes?.[0]?.value : command;
    const ranges = typeof word === 'string' && /^\s*(?:VANISHED|ESEARCH)\s*$/i.test(word);
    return ranges ? undefined : handlerOf(command, attributes);
  };
}

/**
 * Runs a group of commands under one deadline and one limit of bytes received. Whatever happens, it settles in time, with a SeedTrouble
 * if it fails; after a failure the connection is closed.
 */
async function guarded<T>(
  connection: Connection,
  ms: number,
  mostBytes: number | (() => number),
  work: () => Promise<T>,
): Promise<T> {
  if (connection.closed) throw connection.ending ?? new SeedTrouble('connection-lost');
  connection.received = 0;
  connection.untagged = 0;
  connection.most = typeof mostBytes === 'number' ? () => mostBytes : mostBytes;
  const late = () => end(connection, lateness(connection));
  connection.quiet = setTimeout(late, connection.silence);
  try {
    return await inTime(work(), ms, late);
  } catch (error) {
    throw end(connection, troubleOf(error, connection));
  } finally {
    clearTimeout(connection.quiet);
    connection.quiet = null;
  }
}

/** How many lines of a chunk look like untagged answers. Lines of a message may look so, too: the limit is far above what those come to. */
function untaggedIn(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf('\n* '); at !== -1; at = chunk.indexOf('\n* ', at + 3)) count++;
  return count;
}

/** Too late. But where Microsoft 365 asks to slow down, imapflow waits by itself for as long as was asked: that is no timeout. */
function lateness({ last }: Connection): SeedTrouble {
  const line = last.toString('latin1').split('\r\n', 1)[0] ?? '';
  return /^\S+ (?:NO|BAD) .*\bthrottled\b/i.test(line)
    ? new SeedTrouble('rate-limited', line)
    : new SeedTrouble('timeout');
}

/** Closes at once. Answers why it is closed, which is the first reason given. */
function end(connection: Connection, trouble: SeedTrouble): SeedTrouble {
  connection.ending ??= trouble;
  connection.client.close();
  return connection.ending;
}

/** What imapflow's errors mean. Its error classes are not reliable, its properties are. */
function troubleOf(error: unknown, connection: Connection): SeedTrouble {
  if (connection.ending) return connection.ending;
  if (error instanceof SeedTrouble) return error;
  const failed = error as ImapError;
  const said = [failed.response, failed.responseText].find((text) => typeof text === 'string') ?? '';
  const code = failed.serverResponseCode ?? null;
  if (failed.code !== 'ETHROTTLE') {
    if (failed.authenticationFailed) return new SeedTrouble(loginReason(said, code), said || code);
    if (failed.mailboxMissing) return new SeedTrouble('folder-missing', said || null);
  }
  // The error behind a lost connection says more than the loss.
  for (const one of [error, connection.lastError]) {
    const reason = certificateReason(one);
    if (reason !== null) return new SeedTrouble(reason, messageOf(one));
    if (messageOf(one)?.includes('STARTTLS')) {
      const injected = (one as ImapError).code === 'STARTTLS_INJECTION';
      return new SeedTrouble(injected ? 'tls-failed' : 'tls-not-offered', messageOf(one));
    }
  }
  const bye = connection.client.byeReason;
  if (bye) return new SeedTrouble(refusalReason(bye, null, 'connection-lost'), bye);
  if (failed.responseStatus === 'NO' || failed.responseStatus === 'BAD') {
    return new SeedTrouble(
      failed.code === 'ETHROTTLE' ? 'rate-limited' : refusalReason(said, code, 'protocol-error'),
      said || null,
    );
  }
  const codes = [connection.lastError, error].map((one) => reasonOfCode(String((one as ImapError | null)?.code ?? '')));
  const known =
    codes.find((reason) => reason !== null && reason !== 'connection-lost') ?? codes.find((reason) => reason !== null);
  return new SeedTrouble(known ?? 'protocol-error', messageOf(error));
}

/** The properties imapflow puts on its errors, none of them certain. */
type ImapError = {
  code?: string;
  authenticationFailed?: boolean;
  mailboxMissing?: boolean;
  serverResponseCode?: string;
  responseStatus?: string;
  responseText?: string;
  response?: unknown;
};

function messageOf(error: unknown): string | null {
  return error instanceof Error ? error.message : null;
}

function foldersOf(listed: readonly ListResponse[], provider: ProviderId, junkFolder: string | null): SeedFolder[] {
  return resolveFolders(
    listed.map((entry) => ({
      path: entry.path,
      delimiter: entry.delimiter ?? '',
      flags: [...entry.flags],
      guess: entry.specialUseSource === 'name' ? (entry.specialUse ?? null) : null,
    })),
    provider,
    junkFolder,
  );
}

function session(
  connection: Connection,
  folders: SeedFolder[],
  provider: ProviderId,
  options: ReadOptions,
  secrets: string[],
): ImapSession {
  const { client } = connection;
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  let inLine: Promise<unknown> = Promise.resolve();
  let stopWaiting: (() => void) | null = null;
  /** UIDNEXT of INBOX at the last look: anything above it is news. */
  let inboxSeen: number | null = null;
  /** One command group at a time; a wait makes room for whoever comes. */
  const next = <T>(work: () => Promise<T>): Promise<T> => {
    stopWaiting?.();
    const mine = inLine.then(work);
    inLine = mine.catch(() => null);
    return mine;
  };
  return {
    protocol: 'imap',
    folders,
    canWait: client.capabilities.has('IDLE'),
    capabilities: [...client.capabilities.keys()].slice(0, 200),
    tls: connection.socket instanceof tls.TLSSocket ? describeTls(connection.socket) : null,
    look: (request) =>
      next(async () => {
        try {
          const budget = { bodies: 0 };
          const answer = await guarded(
            connection,
            timeouts.look,
            () => READ_LIMITS.lookOverheadBytes + budget.bodies,
            () => look(client, folders, provider, options, request, budget),
          );
          if (answer.uidNext !== null && request.folder === 'INBOX') inboxSeen = answer.uidNext;
          const { found, reports, more, cursor } = answer;
          return { found, reports, more, cursor };
        } catch (error) {
          if (error instanceof SeedTrouble) return toFailure(error, secrets);
          throw error;
        }
      }),
    waitForNews: (untilMs, signal) => {
      const over = Promise.withResolvers<'news' | 'timeout' | 'closed'>();
      let stopped = false;
      const onAbort = () => {
        stopped = true;
        over.resolve('timeout');
      };
      const waiting = next(async (): Promise<'news' | 'timeout' | 'closed'> => {
        const left = untilMs - options.now();
        if (connection.closed) return 'closed';
        if (left <= 0 || stopped || signal.aborted) return 'timeout';
        const onClose = () => over.resolve('closed');
        const onExists = ({ count, prevCount }: { count: number; prevCount: number }) => {
          if (count > prevCount) over.resolve('news');
        };
        const timer = setTimeout(onAbort, Math.min(left, 2 ** 31 - 1));
        client.on('close', onClose);
        client.on('exists', onExists);
        signal.addEventListener('abort', onAbort, { once: true });
        try {
          if (client.capabilities.has('IDLE')) {
            const box = await guarded(connection, timeouts.look, READ_LIMITS.lookOverheadBytes, () =>
              client.mailboxOpen('INBOX', { readOnly: true }),
            );
            // What came between the last look and now is news as well.
            if (inboxSeen !== null && box.uidNext > inboxSeen) return 'news';
            client.idle().catch((error: unknown) => {
              connection.lastError = error; // the close that follows is what is acted on
            });
          }
          const outcome = await over.promise;
          // IDLE is ended by the next command; a command now, so that the server need not wait for it.
          if (outcome !== 'closed' && client.idling) {
            await guarded(connection, timeouts.silence, READ_LIMITS.lookOverheadBytes, () => client.noop());
          }
          return connection.closed ? 'closed' : outcome;
        } catch (error) {
          if (error instanceof SeedTrouble) return 'closed';
          throw error;
        } finally {
          if (stopWaiting === onAbort) stopWaiting = null;
          clearTimeout(timer);
          client.off('close', onClose);
          client.off('exists', onExists);
          signal.removeEventListener('abort', onAbort);
        }
      });
      // Set when it stands in line, not when its turn comes: whoever comes next may come before that.
      stopWaiting = onAbort;
      return waiting;
    },
    close: async () => {
      stopWaiting?.();
      if (connection.closed) return;
      const quick = Math.min(2_000, timeouts.silence);
      await inTime(client.logout(), quick, () => new SeedTrouble('timeout')).catch((error: unknown) => {
        connection.lastError = error; // a goodbye that fails needs no answer
      });
      client.close();
    },
  };
}

/** What a look must remember: the folder's generation, where new messages begin, and whom it has searched for already. */
type Cursor = { uidValidity: string; uidNext: number; tokens: string[] };

function readCursor(text: string | null): Cursor | null {
  if (text === null) return null;
  try {
    const read = JSON.parse(text) as Partial<Cursor> | null;
    if (typeof read?.uidValidity !== 'string' || !Number.isSafeInteger(read.uidNext) || !Array.isArray(read.tokens))
      return null;
    return { uidValidity: read.uidValidity, uidNext: Number(read.uidNext), tokens: read.tokens.map(String) };
  } catch {
    return null; // not one of ours: as good as none, the folder is searched again
  }
}

/** A message whose header says it is wanted; or one to be read for the texts that may stand in it, each of which goes before its header. */
type Candidate = { uid: number; token: string | null; size: number; texts?: readonly Watcher[] };

async function look(
  client: ImapFlow,
  folders: readonly SeedFolder[],
  provider: ProviderId,
  options: ReadOptions,
  request: LookRequest,
  budget: { bodies: number },
): Promise<LookAnswer & { uidNext: number | null }> {
  const folder = folders.find(({ path }) => path === request.folder);
  if (folder === undefined || !folder.selectable) throw new SeedTrouble('folder-missing');
  const box = await open(client, request.folder);
  const uidValidity = String(box.uidValidity ?? '');
  const stored = readCursor(request.cursor);
  const cursor = stored !== null && stored.uidValidity === uidValidity ? stored : null;
  const watchers = request.watchers ?? [];
  const matcher = matcherOf(request.tokens, request.messageIds, watchers);
  const headers = headersFor(watchers);
  const candidates = new Map<number, Candidate>();
  // UIDNEXT may be missing from old servers: then there is no telling what is new, and the end of the folder is compared every time.
  const uidNext = typeof box.uidNext === 'number' && box.uidNext > 0 ? box.uidNext : null;
  const asked = new Set(cursor?.tokens ?? []);
  // A search and the end of the folder show reports that were handed back long ago.
  const newFrom = request.reports === false ? Number.POSITIVE_INFINITY : (cursor?.uidNext ?? 0);
  let highest = 0;
  /** Where the server's search cannot be relied on, what is new is read for the texts that are looked for. */
  const isBlind = PROVIDERS[provider].quirks.includes('search-unreliable');
  const readers = watchers.filter(({ text }) => text !== null);
  /** Recognised by less than a text that may stand in it: whether one does goes before. */
  const vague = new Set(watchers.filter(({ text }) => text === null).map(({ token }) => token));
  const newUid = cursor?.uidNext ?? 1;
  const collect = (rows: readonly FetchMessageObject[], wanted: (row: FetchMessageObject) => boolean) => {
    for (const row of rows) {
      if (!Number.isSafeInteger(row.uid) || !wanted(row)) continue;
      highest = Math.max(highest, row.uid);
      const header = row.headers ?? Buffer.alloc(0);
      const token = matcher(header);
      const report =
        token === null && row.uid >= newFrom && isDeliveryReport(header) && arrived(row) >= request.since - DAY;
      // Whom an earlier look searched for is found again at the end of the folder: that copy was handed back already.
      const again = token !== null && asked.has(token) && uidNext !== null && row.uid < (cursor?.uidNext ?? 0);
      if ((token !== null && !again) || report) candidates.set(row.uid, { uid: row.uid, token, size: row.size ?? 0 });
      if (isBlind && !report && (token === null || vague.has(token))) {
        const texts = readers.filter(
          (one) => arrived(row) >= one.since && (!asked.has(one.token) || row.uid >= newUid),
        );
        const known = again ? null : token;
        if (texts.length > 0) candidates.set(row.uid, { uid: row.uid, token: known, size: row.size ?? 0, texts });
      }
    }
  };

  let unseen = request.tokens
    .map((token, i) => ({ token, messageId: request.messageIds[i] ?? '' }))
    .filter(({ token }) => !asked.has(token));
  let seekReports = request.reports !== false && cursor === null;
  if (box.exists > 0) {
    if (cursor !== null && uidNext !== null && uidNext > cursor.uidNext) {
      const from = cursor.uidNext;
      if (uidNext - from <= READ_LIMITS.headersPerLook) {
        // Never `from:*`: it answers with the last message even when nothing is new (RFC 9051 §9, seq-range).
        const rows = await client.fetchAll(`${from}:${uidNext - 1}`, headers, { uid: true });
        collect(rows, ({ uid }) => uid >= from && uid < uidNext);
      } else {
        unseen = request.tokens.map((token, i) => ({ token, messageId: request.messageIds[i] ?? '' }));
        seekReports = request.reports !== false;
      }
    }
    if (uidNext === null) {
      collect(await tail(client, box.exists, READ_LIMITS.longTail, headers), () => true);
    } else if (unseen.length > 0 || seekReports) {
      const uids = isBlind ? null : await search(client, unseen, watchers, request.since, seekReports);
      if (uids !== null && uids.length > 0) {
        const known = new Set(uids);
        collect(await client.fetchAll(uids.join(','), headers, { uid: true }), ({ uid }) => known.has(uid));
      }
      // A search index may lag behind the folder, so what came last is compared here, unless all were found.
      const found = new Set([...candidates.values()].map(({ token }) => token));
      if (uids === null || unseen.length === 0 || unseen.some(({ token }) => !found.has(token))) {
        const count = uids === null ? READ_LIMITS.longTail : READ_LIMITS.tail;
        collect(await tail(client, box.exists, count, headers), () => true);
      }
    }
    for (const watcher of isBlind ? [] : readers) {
      const from = asked.has(watcher.token) ? newUid : 1;
      if (uidNext !== null && uidNext <= from) continue;
      for (const { uid, size = 0 } of await searchText(client, watcher, from)) {
        const known = candidates.get(uid);
        if (known === undefined || known.texts !== undefined || vague.has(known.token ?? ''))
          candidates.set(uid, { uid, token: known?.token ?? null, size, texts: [...(known?.texts ?? []), watcher] });
      }
    }
  }

  const inOrder = [...candidates.values()].sort((a, b) => a.uid - b.uid);
  const found: { token: string; message: SeenMessage }[] = [];
  const reports: SeenMessage[] = [];
  const gmail = client.capabilities.has('X-GM-EXT-1');
  /** UID of the first report that is left for the next look. */
  let leftFrom: number | null = null;
  for (const candidate of inOrder) {
    if (candidate.token === null && candidate.texts === undefined && reports.length >= READ_LIMITS.reports) {
      leftFrom ??= candidate.uid;
      continue;
    }
    const message = await fetchWhole(client, candidate, folder, uidValidity, options, budget, matcher);
    if (message === null) continue;
    // Gmail's All Mail shows INBOX once more; the one in INBOX counts.
    if (gmail && folder.role === 'all' && message.labels.some((label) => label.toLowerCase() === '\\inbox')) continue;
    if (candidate.texts !== undefined) {
      const { raw } = message;
      const text = candidate.texts.find((one) => raw !== null && holdsText(raw, one.text ?? ''));
      const token = text?.token ?? candidate.token;
      if (token !== null) found.push({ token, message });
    } else if (candidate.token === null) reports.push(message);
    else found.push({ token: candidate.token, message });
  }
  if (gmail && folder.role === 'inbox' && PROVIDERS[provider].tabs !== null) await sortIntoTabs(client, found);
  const next = uidNext ?? highest + 1;
  return {
    found,
    reports,
    more: leftFrom !== null,
    cursor: JSON.stringify({ uidValidity, uidNext: leftFrom ?? next, tokens: request.tokens }),
    uidNext: next,
  };
}

const DAY = 24 * 60 * 60_000;

function headersFor(watchers: readonly Watcher[]): FetchQueryObject {
  const fields = new Set([...MATCHED_FIELDS, ...watchers.flatMap((watcher) => watcher.fields)]);
  return { uid: true, internalDate: true, size: true, headers: [...fields] };
}

async function open(client: ImapFlow, path: string) {
  try {
    return await client.mailboxOpen(path, { readOnly: true });
  } catch (error) {
    const { responseStatus, responseText, serverResponseCode, mailboxMissing } = error as ImapError;
    if (mailboxMissing) throw new SeedTrouble('folder-missing', responseText ?? null);
    if (responseStatus === 'NO')
      throw new SeedTrouble(folderReason(responseText ?? '', serverResponseCode ?? null), responseText ?? null);
    throw error;
  }
}

/** Headers of the last `count` messages, by sequence number. */
function tail(
  client: ImapFlow,
  exists: number,
  count: number,
  headers: FetchQueryObject,
): Promise<FetchMessageObject[]> {
  return client.fetchAll(`${Math.max(1, exists - count + 1)}:${exists}`, headers, {});
}

/** Messages from a UID on in whose text the server finds something; empty where it refuses to look. */
async function searchText(client: ImapFlow, watcher: Watcher, from: number): Promise<FetchMessageObject[]> {
  const since = new Date(Math.max(0, watcher.since - DAY));
  const answer = await client.search({ uid: `${from}:*`, body: watcher.text ?? '', since }, { uid: true });
  if (answer === false || answer === undefined) return [];
  // `from:*` takes the last message, too, when there is none from there on.
  const uids = answer.filter((uid) => uid >= from).slice(-READ_LIMITS.tail);
  if (uids.length === 0) return [];
  const wanted = new Set(uids);
  const rows = await client.fetchAll(uids.join(','), { uid: true, size: true }, { uid: true });
  return rows.filter(({ uid }) => wanted.has(uid));
}

/**
 * UIDs that the server says match, newest at the end; null when it refuses to search. It matches substrings, sometimes too many: what it
 * finds is compared here again. SINCE (by day, in the server's own zone) keeps it from reading the whole folder.
 */
async function search(
  client: ImapFlow,
  probes: readonly { token: string; messageId: string }[],
  watchers: readonly Watcher[],
  since: number,
  reports: boolean,
): Promise<number[] | null> {
  const uids = new Set<number>();
  const terms: Watcher['terms'][number][] = [];
  if (reports) terms.push({ header: { 'content-type': 'multipart/report' } });
  for (const { token, messageId } of probes) {
    const watcher = watchers.find((one) => one.token === token);
    if (watcher !== undefined) {
      terms.push(...watcher.terms);
      continue;
    }
    terms.push({ header: { 'x-todoku-probe': token } });
    const id = messageId.replace(/^<|>$/g, '');
    if (id !== '') terms.push({ header: { 'message-id': id } });
  }
  for (let at = 0; at < terms.length; at += READ_LIMITS.searchTerms) {
    const some = terms.slice(at, at + READ_LIMITS.searchTerms);
    const [only] = some;
    const query = some.length === 1 && only ? only : { or: some };
    const answer = await client.search({ ...query, since: new Date(Math.max(0, since - DAY)) }, { uid: true });
    // [] is "none"; false is NO or BAD, undefined "no folder open": both mean nothing was searched.
    if (answer === false || answer === undefined) return null;
    for (const uid of answer) uids.add(uid);
  }
  return [...uids].sort((a, b) => a - b).slice(-READ_LIMITS.headersPerLook);
}

/** The whole message, or its header alone when it is too large. null when it is gone, or is not what its header said. */
async function fetchWhole(
  client: ImapFlow,
  { uid, token, size, texts }: Candidate,
  folder: SeedFolder,
  uidValidity: string,
  options: ReadOptions,
  budget: { bodies: number },
  matcher: Matcher,
): Promise<SeenMessage | null> {
  const limit =
    token === null && texts === undefined
      ? READ_LIMITS.reportBytes
      : (options.maxMessageBytes ?? READ_LIMITS.messageBytes);
  const whole = size <= limit && budget.bodies + size <= READ_LIMITS.lookBodyBytes;
  // The server may lie about the size, or (Exchange) estimate it: one byte over the limit tells.
  const most = whole ? Math.min(limit, Math.max(size * 2, READ_LIMITS.headerBytes)) + 1 : READ_LIMITS.headerBytes;
  budget.bodies += most + 4_096;
  const row = await client.fetchOne(
    String(uid),
    {
      uid: true,
      internalDate: true,
      size: true,
      labels: true,
      ...(whole ? { source: { maxLength: most } } : { bodyParts: [{ key: 'header', start: 0, maxLength: most }] }),
    },
    { uid: true },
  );
  if (!row || row.uid !== uid) return null;
  const bytes = whole ? row.source : (row.headers ?? row.bodyParts?.get('header'));
  if (bytes === undefined) return null;
  budget.bodies -= Math.max(0, most - bytes.length);
  const header = headerBlock(bytes, READ_LIMITS.headerBytes);
  if (texts === undefined && (token === null ? !isDeliveryReport(header) : matcher(header) !== token)) return null;
  const at = arrived(row);
  return {
    folder: folder.path,
    role: folder.role,
    uid: String(uid),
    uidValidity,
    internalDate: Number.isNaN(at) ? null : at,
    size: row.size ?? size,
    header: Buffer.from(header),
    raw: whole && bytes.length < most ? bytes : null,
    tab: null,
    labels: [...(row.labels ?? [])].slice(0, 100),
  };
}

function arrived(row: FetchMessageObject): number {
  return new Date(row.internalDate ?? Number.NaN).getTime();
}

/** Gmail's categories are no labels over IMAP: they are asked for by search (X-GM-RAW), restricted to the messages just found. */
async function sortIntoTabs(client: ImapFlow, found: readonly { message: SeenMessage }[]): Promise<void> {
  const untold = new Map(found.map(({ message }) => [Number(message.uid), message]));
  for (const category of GMAIL_CATEGORIES) {
    if (untold.size === 0) return;
    const answer = await client.search(
      { uid: [...untold.keys()].join(','), gmraw: `category:${category}` },
      { uid: true },
    );
    if (answer === false || answer === undefined) return; // refused: the tab stays unknown
    for (const uid of answer) {
      const message = untold.get(uid);
      if (message) message.tab = category;
      untold.delete(uid);
    }
  }
}
