/**
 * Asking DNS. Everything a domain says about its mail (SPF, DKIM, DMARC …) is a DNS record, and "there is no record" must never be mixed
 * up with "nobody answered": NXDOMAIN (no such name), NODATA (the name has no such record), SERVFAIL, REFUSED and silence are five
 * answers here. Node's own resolver hides rcode, TTL, CNAMEs and the AD bit, and refuses names that SPF macros make.
 *
 * One cache and one limit: the same question in flight is asked once, an answer is kept for its TTL, and at most
 * 50 questions are out at a time, because routers and resolvers drop bursts and a drop looks like a time-out.
 */
import { randomInt } from 'node:crypto';
import { getServers } from 'node:dns';
import { isIP } from 'node:net';
import pLimit from 'p-limit';
import { canonical, MAX_ALIASES, MAX_TTL, negativeTtl, walkAliases } from './alias.ts';
import { AnswerCache } from './cache.ts';
import { askTcp, askUdp, type DnsServer, type ExchangeResult, parseDnsServer } from './exchange.ts';
import {
  answersQuestion,
  type DnsRecordData,
  type DnsType,
  decodeReply,
  encodeName,
  encodeQuestion,
  type Reply,
} from './wire.ts';

export type { DnsRecordData, DnsType } from './wire.ts';

export const DNS_STATUSES = ['answer', 'nodata', 'nxdomain', 'servfail', 'refused', 'timeout', 'error'] as const;
export type DnsStatus = (typeof DNS_STATUSES)[number];

/** What came back. Only `answer`, `nodata` and `nxdomain` say anything about the domain; the others mean "could not be asked". */
export type DnsAnswer<T extends DnsType = DnsType> = {
  status: DnsStatus;
  /** As the server gave it (`NOERROR`, `NXDOMAIN`, `SERVFAIL` …); empty when none came. */
  rcode: string;
  /** The resolver says it validated the answer (DNSSEC); only believed from loopback and from the servers named in `validators`. */
  ad: boolean;
  /** Seconds this answer may still be kept; 0 for failures. */
  ttl: number;
  /** Empty unless `status` is `answer`. */
  records: DnsRecordData[T][];
  /** The aliases that were followed, in order, the last is where the records stand. */
  cnames: string[];
  /** `host:port` that gave the answer. */
  server: string;
  /** `bad-name`, `cname-loop`, `malformed`, `referral`, `closed`, or the system's code. */
  error?: string;
};

/** mailauth's resolver: throws an Error with `code` ENOTFOUND, ENODATA, ESERVFAIL, EREFUSED, ETIMEOUT, EBADNAME or EBADRESP. */
export type MailauthResolver = (
  name: string,
  rrtype: string,
) => Promise<string[][] | string[] | { exchange: string; priority: number }[]>;

export type DnsClient = {
  /** Never rejects. A trailing dot is allowed; names are split at dots, any other byte is part of a label. */
  query<T extends DnsType>(name: string, type: T): Promise<DnsAnswer<T>>;
  resolver: MailauthResolver;
  /** Gives up what is in flight (status `error`, error `closed`) and forgets the cache. */
  close(): void;
};

export type DnsClientOptions = {
  /** `host:port`, asked in this order. */
  servers: readonly string[];
  /** Epoch milliseconds; for the cache. */
  now?: () => number;
  /** For one try at one server; default 2,500. */
  timeoutMs?: number;
  /** How often the list of servers is gone through; default 2. */
  rounds?: number;
  /** For one question with all its tries and aliases, from when it leaves the queue; default 9,000. */
  deadlineMs?: number;
  /** Questions out at a time; default 50. */
  concurrency?: number;
  /** Answers kept; default 10,000. */
  cacheSize?: number;
  /** `host:port` of servers whose AD bit is believed though they are not on loopback: they validate, and the way to them is trusted. */
  validators?: readonly string[];
  /** Ask for signatures too (DO bit). */
  dnssec?: boolean;
};

export function createDnsClient(options: DnsClientOptions): DnsClient {
  const servers = options.servers.map(parseDnsServer);
  if (servers.length === 0) throw new TypeError('A DNS client needs at least one server');
  const now = options.now ?? Date.now;
  const limit = pLimit(options.concurrency ?? 50);
  const cache = new AnswerCache<DnsAnswer>(options.cacheSize ?? 10_000);
  const inFlight = new Map<string, Promise<DnsAnswer>>();
  const abort = new AbortController();
  const settings = {
    servers,
    timeoutMs: options.timeoutMs ?? 2500,
    rounds: options.rounds ?? 2,
    dnssec: options.dnssec ?? false,
    validators: new Set((options.validators ?? []).map((server) => parseDnsServer(server).label)),
    signal: abort.signal,
  };

  async function lookUp(name: string, type: DnsType): Promise<DnsAnswer> {
    const key = `${type} ${canonical(name)}`;
    const kept = cache.get(key, now());
    if (kept) return { ...kept.value, ttl: kept.secondsLeft };
    const running = inFlight.get(key);
    if (running) return running;
    const promise = limit(() => follow(settings, name, type, options.deadlineMs ?? 9000)).finally(() =>
      inFlight.delete(key),
    );
    inFlight.set(key, promise);
    const answer = await promise;
    if (answer.ttl > 0 && !abort.signal.aborted) cache.set(key, answer, answer.ttl, now());
    return answer;
  }

  const query = async <T extends DnsType>(name: string, type: T): Promise<DnsAnswer<T>> => {
    const answer = await lookUp(name, type);
    // Callers sort and edit their lists; the cache keeps its own.
    return { ...answer, records: structuredClone(answer.records) as DnsRecordData[T][], cnames: [...answer.cnames] };
  };

  return {
    query,
    resolver: async (name, rrtype) => resolverAnswer(name, rrtype, await query(name, rrtype as DnsType)),
    close: () => {
      abort.abort();
      cache.clear();
    },
  };
}

type Settings = {
  servers: DnsServer[];
  timeoutMs: number;
  rounds: number;
  dnssec: boolean;
  validators: ReadonlySet<string>;
  signal: AbortSignal;
};

/** Asks, and goes on asking where a server names an alias without following it. */
async function follow(settings: Settings, name: string, type: DnsType, deadlineMs: number): Promise<DnsAnswer> {
  const until = performance.now() + deadlineMs;
  const cnames: string[] = [];
  const seen = new Set([canonical(name)]);
  let target = name;
  let ttl = MAX_TTL;
  let ad = true;
  for (;;) {
    const asked = await ask(settings, target, type, until);
    if (!('reply' in asked)) return { ...asked, cnames };
    const { reply, server } = asked;
    ad = ad && reply.ad && (isLoopback(server) || settings.validators.has(server.label));
    const chain = walkAliases(reply.answers, target, type);
    for (const alias of chain.aliases) {
      cnames.push(alias);
      if (seen.has(canonical(alias)) || seen.size > MAX_ALIASES) {
        return { ...failure('error', reply.rcode, server.label, 'cname-loop'), cnames };
      }
      seen.add(canonical(alias));
    }
    ttl = Math.min(ttl, chain.ttl);
    const base = { rcode: reply.rcode, ad, cnames, server: server.label };
    if (reply.rcode === 'NXDOMAIN') {
      return { ...base, status: 'nxdomain', ttl: Math.min(ttl, negativeTtl(reply)), records: [] };
    }
    if (chain.records.length > 0) {
      // Each record's data was read by its type in wire.ts, so the type asked for tells its shape.
      return { ...base, status: 'answer', ttl, records: chain.records as DnsRecordData[DnsType][] };
    }
    // A resolver that followed the alias to an empty end says so with the SOA of that zone (RFC 2308 §2.2).
    const last = chain.aliases.at(-1);
    if (last === undefined || reply.authorities.some((record) => record.type === 'SOA')) {
      return { ...base, status: 'nodata', ttl: Math.min(ttl, negativeTtl(reply)), records: [] };
    }
    target = last;
  }
}

/** Goes through the servers until one says something usable. The best excuse is kept: "SERVFAIL" tells more than silence. */
async function ask(
  settings: Settings,
  name: string,
  type: DnsType,
  until: number,
): Promise<{ reply: Reply; server: DnsServer } | DnsAnswer> {
  const wireName = encodeName(name);
  if (wireName === null) return failure('error', '', '', 'bad-name');
  const excuses: DnsAnswer[] = [];
  const gaveUp = new Set<string>();
  for (let round = 0; round < settings.rounds; round++) {
    for (const server of settings.servers) {
      // Asking a server again that has answered would bring the same answer; only silence is worth another try.
      if (gaveUp.has(server.label)) continue;
      const timeoutMs = Math.min(settings.timeoutMs, until - performance.now());
      if (timeoutMs <= 0) break;
      const got = await askServer(settings, server, wireName, type, timeoutMs);
      if ('reply' in got) return { reply: got.reply, server };
      excuses.push(got);
      if (got.status !== 'timeout') gaveUp.add(server.label);
      if (settings.signal.aborted) return got;
    }
  }
  for (const status of ['servfail', 'refused', 'timeout'] as const) {
    const excuse = excuses.find((answer) => answer.status === status);
    if (excuse) return excuse;
  }
  return excuses[0] ?? failure('timeout', '', settings.servers[0]?.label ?? '');
}

async function askServer(
  settings: Settings,
  server: DnsServer,
  wireName: Buffer,
  type: DnsType,
  timeoutMs: number,
): Promise<{ reply: Reply } | DnsAnswer> {
  const started = performance.now();
  for (const edns of [true, false]) {
    const packet = encodeQuestion(randomInt(65536), wireName, type, { edns, dnssec: settings.dnssec });
    const accept = (reply: Buffer): boolean => answersQuestion(reply, packet, wireName.length + 4);
    const left = (): number => Math.max(1, timeoutMs - (performance.now() - started));
    const question = { server, packet, accept, signal: settings.signal };
    let got = readResult(await askUdp({ ...question, timeoutMs: left() }), server);
    if ('reply' in got && got.reply.truncated) {
      got = readResult(await askTcp({ ...question, timeoutMs: left() }), server);
    }
    if (!('reply' in got)) return got;
    const { reply } = got;
    // A server that does not ask others for us, or not about this zone (a lame delegation), points elsewhere. That is no "no such record".
    if (isReferral(reply)) return failure('error', reply.rcode, server.label, 'referral');
    if (reply.rcode === 'NOERROR' || reply.rcode === 'NXDOMAIN') return { reply };
    if (reply.rcode === 'SERVFAIL') return failure('servfail', reply.rcode, server.label);
    if (reply.rcode === 'REFUSED') return failure('refused', reply.rcode, server.label);
    // FORMERR, NOTIMP and BADVERS may mean "no EDNS here" (RFC 6891 §7): once more without.
    if (!edns) return failure('error', reply.rcode, server.label, 'rcode');
  }
  return failure('error', '', server.label, 'rcode');
}

function readResult(result: ExchangeResult, server: DnsServer): { reply: Reply } | DnsAnswer {
  if (!('reply' in result)) {
    return result.code === 'timeout'
      ? failure('timeout', '', server.label)
      : failure('error', '', server.label, result.code);
  }
  const reply = decodeReply(result.reply);
  return reply === null ? failure('error', '', server.label, 'malformed') : { reply };
}

function failure(status: DnsStatus, rcode: string, server: string, error?: string): DnsAnswer {
  const answer: DnsAnswer = { status, rcode, ad: false, ttl: 0, records: [], cnames: [], server };
  return error === undefined ? answer : { ...answer, error };
}

/** RFC 2308 §2.2: nothing answered, no SOA, but the name servers of some zone. */
function isReferral(reply: Reply): boolean {
  return (
    reply.rcode === 'NOERROR' &&
    !reply.authoritative &&
    reply.answers.length === 0 &&
    reply.authorities.some((record) => record.type === 'NS') &&
    !reply.authorities.some((record) => record.type === 'SOA')
  );
}

function isLoopback(server: DnsServer): boolean {
  return (
    server.host === '::1' || server.host === 'localhost' || (isIP(server.host) === 4 && /^127\./.test(server.host))
  );
}

const CODES: Record<Exclude<DnsStatus, 'answer'>, string> = {
  nodata: 'ENODATA',
  nxdomain: 'ENOTFOUND',
  servfail: 'ESERVFAIL',
  refused: 'EREFUSED',
  timeout: 'ETIMEOUT',
  error: 'EBADRESP',
};

function resolverAnswer(name: string, rrtype: string, answer: DnsAnswer): Awaited<ReturnType<MailauthResolver>> {
  // mailauth asks only for TXT, A, AAAA, PTR, MX and CNAME; the shapes are those of Node's resolver.
  if (answer.status === 'answer') return answer.records as string[][] | string[];
  const code = answer.error === 'bad-name' ? 'EBADNAME' : CODES[answer.status];
  throw Object.assign(new Error(`DNS ${rrtype} ${name}: ${answer.error ?? answer.status}`), { code });
}

/** The machine's resolvers as `host:port`. */
export function systemDnsServers(): string[] {
  return getServers().map((server) => parseDnsServer(server).label);
}
