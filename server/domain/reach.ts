/**
 * What one check may reach in the world: DNS, pages over HTTPS, the greeting of mail servers. Within a check each is asked once, so that MX, MTA-STS and DANE judge the
 * same server as it was at the same moment. Every connection goes through the guard of `server/net/`.
 */
import type { App } from '../app.ts';
import type { DnsAnswer, DnsType } from '../dns/client.ts';
import { lookupThrough } from '../net/connect.ts';
import { type Fetched, type FetchOptions, fetchPage } from '../net/http.ts';
import { type MailServerTls, seeMailServer } from '../net/starttls.ts';
import { keyOf, type Question, recordsOf } from './answers.ts';
import { type Ask, createAsk } from './lookup.ts';
import { MARK_ROOTS } from './mark-roots.ts';
import type { Memory } from './memory.ts';
import { plainName } from './name.ts';

/** What a check needs of the program. */
export type ReachApp = Pick<App, 'now'> & {
  dns: Pick<App['dns'], 'query'>;
  config: Pick<App['config'], 'allowedNetworks' | 'onlyServers' | 'extraCa' | 'blocklists'>;
};

export type ReachOptions = {
  /** What earlier checks saw; left out: what is not answered now is not known. */
  memory?: Memory;
  /** Where https is asked; 443. */
  httpsPort?: number;
  /** Where mail servers are greeted; 25. */
  smtpPort?: number;
  /** Whether they are greeted at all; they are. */
  greet?: boolean;
  /** PEM of authorities that may issue mark certificates; those of mark-roots.ts. */
  markRoots?: readonly string[];
};

export type Reach = {
  app: ReachApp;
  /** What stands: where nobody answers now, the answer before. */
  ask: Ask;
  /** What was answered now. */
  askNow: Ask;
  /** What stands of a question that is not asked now; null: nothing. */
  recall: <T extends DnsType>(name: string, type: T) => DnsAnswer<T> | null;
  /** As `askNow`, but what a validating resolver found to be forged is given too. */
  askUnchecked: Ask;
  /** Asks anew what failed a moment ago. */
  askAgain: Ask;
  fetch: (url: string, options: Pick<FetchOptions, 'maxBytes' | 'redirects' | 'accept'>) => Promise<Fetched>;
  /** Null: not wanted. */
  greet: (host: string) => Promise<MailServerTls | null>;
  markRoots: readonly string[];
  memory: Memory | null;
};

/** For one check. @param askNow how DNS is asked */
export function createReach(app: ReachApp, askNow: Ask = createAsk(app.dns), options: ReachOptions = {}): Reach {
  const { memory = null } = options;
  const ask = memory === null ? askNow : remembering(askNow, memory);
  const { allowedNetworks, onlyServers, extraCa } = app.config;
  const guard = { allowedNetworks, onlyServers, extraCa, lookup: lookupThrough(ask) };
  const pages = new Map<string, Promise<Fetched>>();
  const servers = new Map<string, Promise<MailServerTls>>();
  return {
    app,
    ask,
    askNow,
    recall: (name, type) => memory?.recall(name, type, app.now()) ?? null,
    askUnchecked: createAsk({ query: (name, type) => app.dns.query(name, type, { unchecked: true }) }),
    askAgain: (name, type) => app.dns.query(name, type),
    fetch: (url, wanted) =>
      once(pages, url, async () => {
        const page = await fetchPage(url, { ...guard, ...wanted, ...port('httpsPort', options.httpsPort) });
        return memory?.settlePage(url, page, app.now()) ?? page;
      }),
    greet: async (host) =>
      options.greet === false
        ? null
        : once(servers, host, async () => {
            const server = await seeMailServer(host, { ...guard, ...port('port', options.smtpPort) });
            return memory?.settleServer(host, server, app.now()) ?? server;
          }),
    markRoots: options.markRoots ?? MARK_ROOTS,
    memory,
  };
}

/** A record that is put right may lead to names nobody asked for yet: a handful in an honest one. */
const MOST_IMAGINED = 40;

/** Beyond what was asked before, so many questions and no more; the others have no answer. */
export function sparing(reach: Reach, isAsked: (question: Question) => boolean): Reach {
  const more = new Set<string>();
  const ask: Ask = (name, type) => {
    const key = keyOf(name, type);
    if (isAsked({ name, type }) || more.has(key) || more.size < MOST_IMAGINED) {
      if (!isAsked({ name, type })) more.add(key);
      return reach.ask(name, type);
    }
    return Promise.resolve({
      status: 'timeout',
      rcode: '',
      ad: false,
      ttl: 0,
      at: 0,
      records: [],
      cnames: [],
      server: '',
    });
  };
  return { ...reach, ask };
}

/** The world as it would be with these TXT records in the place of those that are `replaced`. */
export function imagine(
  reach: Reach,
  published: readonly { name: string; value: string }[],
  replaced: (text: string) => boolean,
): Reach {
  const values = new Map(published.map(({ name, value }) => [plainName(name), value]));
  const answer = async (name: string, value: string): Promise<DnsAnswer<'TXT'>> => {
    const now = await reach.ask(name, 'TXT');
    const kept = recordsOf(now).filter((strings) => !replaced(strings.join('')));
    return { ...now, status: 'answer', records: [...kept, [value]] };
  };
  const ask: Ask = (name, type) => {
    const value = type === 'TXT' ? values.get(plainName(name)) : undefined;
    return value === undefined
      ? reach.ask(name, type)
      : (answer(name, value) as ReturnType<typeof reach.ask<typeof type>>);
  };
  return { ...reach, ask };
}

function remembering(ask: Ask, memory: Memory): Ask {
  return createAsk({ query: async (name, type) => memory.settle({ name, type }, await ask(name, type)) });
}

function port<Key extends string>(key: Key, value: number | undefined): { [key in Key]?: number } {
  return value === undefined ? {} : ({ [key]: value } as { [key in Key]: number });
}

function once<Value>(known: Map<string, Promise<Value>>, key: string, get: () => Promise<Value>): Promise<Value> {
  let value = known.get(key);
  if (value === undefined) {
    value = get();
    known.set(key, value);
  }
  return value;
}
