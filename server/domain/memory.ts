/**
 * What is remembered of a domain from one check to the next, so that trouble on the way is never taken for a change of what is published.
 *
 * SERVFAIL, a refusal and silence say nothing: the answer before goes on to stand, and so does the verdict it rests on. And what only takes away (the name is gone, the
 * record is gone, one record of several is gone) must be seen twice, at least a minute apart, before it is believed: a name server that was just set up anew, or one of four
 * that is behind the others, says "no such record" with a straight face. What is new or different is believed at once.
 *
 * Pages and mail servers are remembered too: a policy that could not be fetched once is no policy that cannot be fetched. Pure: the caller asks, this says what
 * stands; it survives JSON.
 */
import type { DnsAnswer, DnsStatus, DnsType } from '../dns/client.ts';
import { keyOf, type Question, says } from './answers.ts';

/** Two answers that take away must lie so far apart. */
export const CONFIRM_MS = 60_000;
/** What a mail server showed goes on to stand for so long when it cannot be reached: certificates change. */
const SERVER_MS = 48 * 3_600_000;
/** Larger pages are not remembered. */
const MOST_BYTES = 64 * 1024;

type Answered = Pick<DnsAnswer, 'status' | 'records' | 'cnames' | 'ad' | 'at'>;
type Entry = {
  answer: Answered;
  /** What was seen since that would only take away; null: nothing. */
  less: Answered | null;
  /** The last time it was asked, and nobody answered; null: it was answered. */
  failing: DnsStatus | null;
};
type Seen<Value> = { value: Value; at: number; failingSince: number | null };

/** As it is stored. */
export type Remembered = {
  answers: Record<string, Entry>;
  pages: Record<string, Seen<unknown>>;
  servers: Record<string, Seen<unknown>>;
};

/** Seen to be gone once, and still to be confirmed. `HTTPS`: a page that could not be reached. */
export type Unconfirmed = { name: string; type: DnsType | 'HTTPS'; since: number };

/** What came of fetching a page, as far as it matters here. */
type Page = { ok: true; status?: number; body: Buffer } | { ok: false; reason: string };
type Server = { ok: true; certificates: Buffer[] } | { ok: false; reason: string };

/** Failures that are about the way there. */
const ON_THE_WAY = new Set(['timeout', 'connection-refused', 'unreachable', 'connection-lost', 'greeting-refused']);
/** These never become a verdict: DNS gave no answer, or nobody may be asked. */
const UNASKED = new Set(['lookup-failed', 'server-not-listed']);

export class Memory {
  readonly #answers: Map<string, Entry>;
  readonly #pages: Map<string, Seen<Page>>;
  readonly #servers: Map<string, Seen<Server>>;
  /** What this check wanted to know: the rest is forgotten with it. */
  readonly #wanted = new Map<string, Question>();
  readonly #visited = new Set<string>();

  /** @param text of `toText`, or null where nothing is remembered */
  constructor(text: string | null = null) {
    const kept = text === null ? null : (JSON.parse(text, revive) as Remembered);
    this.#answers = new Map(Object.entries(kept?.answers ?? {}));
    this.#pages = new Map(Object.entries(kept?.pages ?? {}) as [string, Seen<Page>][]);
    this.#servers = new Map(Object.entries(kept?.servers ?? {}) as [string, Seen<Server>][]);
  }

  /** What stands, now that this answer came. Once for each question of a check. */
  settle<T extends DnsType>(question: Question, answer: DnsAnswer<T>): DnsAnswer<T> {
    const key = keyOf(question.name, question.type);
    this.#wanted.set(key, question);
    const entry = this.#answers.get(key);
    if (answer.error === 'bad-name') return answer;
    if (entry === undefined) {
      if (says(answer)) this.#answers.set(key, { answer: pickFrom(answer), less: null, failing: null });
      return answer;
    }
    if (!says(answer)) {
      entry.failing = answer.status;
      return standing(answer, entry.answer);
    }
    entry.failing = null;
    const stands = settled(entry, pickFrom(answer), question.type);
    entry.less = stands.less;
    entry.answer = stands.answer;
    return standing(answer, entry.answer);
  }

  /** What stands of a question that is not asked now; null: nothing is remembered. */
  recall<T extends DnsType>(name: string, type: T, at: number): DnsAnswer<T> | null {
    const key = keyOf(name, type);
    const entry = this.#answers.get(key);
    if (entry === undefined) return null;
    this.#wanted.set(key, { name, type });
    const bare = { status: 'timeout' as const, rcode: '', ad: false, ttl: 0, records: [], cnames: [], server: '', at };
    return standing(bare as DnsAnswer<T>, entry.answer);
  }

  /** A page that could not be reached, or is not there, must be gone twice, a minute apart, before that is believed. */
  settlePage<Fetched extends Page>(url: string, page: Fetched, at: number): Fetched {
    this.#visited.add(url);
    const before = this.#pages.get(url) as Seen<Fetched> | undefined;
    const unasked = !page.ok && UNASKED.has(page.reason);
    if ((unasked || isLost(page)) && before !== undefined && !isLost(before.value)) {
      before.failingSince = Math.min(before.failingSince ?? at, at);
      if (unasked || at - before.failingSince < CONFIRM_MS) return before.value;
    }
    if (unasked) return page;
    if (!page.ok || page.body.length <= MOST_BYTES) this.#pages.set(url, { value: page, at, failingSince: null });
    else this.#pages.delete(url);
    return page;
  }

  /** A server that cannot be reached goes on to stand as it was seen last, for a while: the way there says nothing about it. */
  settleServer<Seen extends Server>(host: string, server: Seen, at: number): Seen {
    this.#visited.add(host);
    const before = this.#servers.get(host);
    const reached = server.ok || !(ON_THE_WAY.has(server.reason) || UNASKED.has(server.reason));
    if (reached) this.#servers.set(host, { value: server, at, failingSince: null });
    else if (before !== undefined && at - before.at < SERVER_MS) return before.value as Seen;
    return server;
  }

  /** Whether nobody answered a question of this check, and with what word. */
  failing(key: string): DnsStatus | null {
    return this.#wanted.has(key) ? (this.#answers.get(key)?.failing ?? null) : null;
  }

  /** What this check saw to be gone and does not believe yet. */
  unconfirmed(): Unconfirmed[] {
    const answers = [...this.#wanted].flatMap(([key, { name, type }]) => {
      const since = this.#answers.get(key)?.less?.at;
      return since === undefined ? [] : [{ name, type, since }];
    });
    const pages = [...this.#pages].flatMap(([url, { failingSince }]) =>
      failingSince === null || !this.#visited.has(url)
        ? []
        : [{ name: url, type: 'HTTPS' as const, since: failingSince }],
    );
    return [...answers, ...pages];
  }

  toText(): string {
    const visited = <Value>(map: ReadonlyMap<string, Value>) =>
      Object.fromEntries([...map].filter(([key]) => this.#visited.has(key)));
    const kept: Remembered = {
      answers: Object.fromEntries([...this.#answers].filter(([key]) => this.#wanted.has(key))),
      pages: visited(this.#pages),
      servers: visited(this.#servers),
    };
    return JSON.stringify(kept, replace);
  }
}

function isLost(page: Page): boolean {
  return page.ok ? isGone(page.status ?? 200) : ON_THE_WAY.has(page.reason);
}

/** Not found, gone, asked too often, or the server's own trouble (RFC 9110 §15): what comes and goes with a deployment. */
function isGone(status: number): boolean {
  return status === 404 || status === 410 || status === 429 || status >= 500;
}

function pickFrom({ status, records, cnames, ad, at }: DnsAnswer): Answered {
  return { status, records, cnames, ad, at };
}

/** The answer that stands, as if it had come now. */
function standing<T extends DnsType>(now: DnsAnswer<T>, { status, records, cnames, ad }: Answered): DnsAnswer<T> {
  const { error: _error, ...rest } = now;
  return { ...rest, status, ad, records: structuredClone(records) as DnsAnswer<T>['records'], cnames: [...cnames] };
}

function settled({ answer: before, less }: Entry, now: Answered, type: DnsType): Pick<Entry, 'answer' | 'less'> {
  if (!takesAway(before, now, type)) return { answer: now, less: null };
  // The clock was set back: the wait begins anew.
  if (less === null || now.at < less.at) return { answer: before, less: now };
  if (now.at - less.at < CONFIRM_MS) return { answer: before, less };
  // Believed is what both did not have: a record that only one of them missed is there.
  const here = new Set([...less.records, ...now.records].map(write));
  const left = before.records.filter((record) => here.has(write(record)));
  if (left.length === now.records.length) return { answer: now, less: null };
  return { answer: { ...before, records: left, at: now.at }, less: now };
}

/** Addresses come and go in turns where there are many: only the last one counts. */
const IN_TURNS: ReadonlySet<DnsType> = new Set(['A', 'AAAA', 'NS']);

/** Nothing is new or different, and something is gone. */
function takesAway(before: Answered, now: Answered, type: DnsType): boolean {
  if (now.records.length > 0 && IN_TURNS.has(type)) return false;
  const had = new Set(before.records.map(write));
  if (!now.records.every((record) => had.has(write(record)))) return false;
  if (!now.cnames.every((name) => before.cnames.includes(name))) return false;
  return now.records.length < before.records.length || now.cnames.length < before.cnames.length;
}

/** The same record is the same text. */
function write(record: unknown): string {
  return JSON.stringify(record, replace);
}

/** Bytes survive JSON as `{ base64 }`; Node gives a Buffer's own toJSON before anybody else is asked. */
function replace(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString('base64') };
  const made = value as { type?: unknown; data?: unknown } | null;
  if (typeof made === 'object' && made?.type === 'Buffer' && Array.isArray(made.data))
    return { base64: Buffer.from(made.data as number[]).toString('base64') };
  return value;
}

function revive(_key: string, value: unknown): unknown {
  const made = value as { base64?: unknown } | null;
  return typeof made === 'object' && made !== null && typeof made.base64 === 'string' && Object.keys(made).length === 1
    ? Buffer.from(made.base64, 'base64')
    : value;
}
