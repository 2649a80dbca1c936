/**
 * From the name of a mail server to the addresses that may be connected to. The name is looked up once, each answer is judged,
 * and the connection goes to exactly the address that was judged: were the name looked up a second time by
 * the library that connects, a hostile DNS server could answer "public" first and "127.0.0.1" then (DNS rebinding).
 * The certificate is still checked against the name: see tls.ts.
 */
import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import type { DnsAnswer, DnsStatus } from '../dns/client.ts';
import { isAllowedMailHost } from './address.ts';

export type HostAddress = { address: string; family: 4 | 6 };

export type ResolveOptions = {
  /** CIDRs of private networks that mail servers may live in. */
  allowedNetworks: readonly string[];
  /** `host:port` of the only servers that may be connected to, as they are written in the route; null or left out: any. */
  onlyServers?: readonly string[] | null;
  port?: number;
  /** How names become addresses; the system's way when left out. Rejects when there is none. */
  lookup?: (host: string) => Promise<{ address: string; family: number }[]>;
  /** The system's lookup knows no deadline of its own: this is it. 10 s when left out. */
  timeoutMs?: number;
};

export type ResolvedHost =
  | {
      ok: true;
      /** Connect to this one … */
      address: string;
      family: 4 | 6;
      /** … or let the system choose among all that may be connected to, in the resolver's order: see `pinnedLookup`. */
      addresses: HostAddress[];
    }
  | {
      ok: false;
      reason: 'host-not-found' | 'private-address' | 'server-not-listed' | 'timeout';
      /** What was seen, for the evidence: the resolver's code, or the addresses that were refused. */
      detail: string;
    };

/**
 * Resolves a mail server's name (or literal address) to what may be connected to. Never throws for anything a resolver does.
 * Answers that mix public and private addresses are narrowed to those that are allowed.
 */
export async function resolveMailHost(host: string, options: ResolveOptions): Promise<ResolvedHost> {
  const name = bareHost(host);
  if (name === '' || name.length > 253 || !/^[\p{L}\p{N}._:-]+$/u.test(name))
    return { ok: false, reason: 'host-not-found', detail: 'not a host name' };
  const { onlyServers } = options;
  if (onlyServers && !onlyServers.includes(`${name}:${options.port}`))
    return { ok: false, reason: 'server-not-listed', detail: `${name}:${options.port}` };
  let found: { address: string; family: number }[];
  if (isIP(name) !== 0) found = [{ address: name, family: isIP(name) }];
  else {
    const answer = await answerInTime(name, options);
    if ('reason' in answer) return answer;
    found = answer.found;
  }
  const known = found.map(({ address }) => address).filter((address) => isIP(address) !== 0);
  if (known.length === 0) return { ok: false, reason: 'host-not-found', detail: 'no address' };
  const addresses = known
    .filter((address) => isAllowedMailHost(address, options.allowedNetworks))
    .map((address): HostAddress => ({ address, family: isIP(address) === 6 ? 6 : 4 }));
  const [first] = addresses;
  if (first === undefined) return { ok: false, reason: 'private-address', detail: known.slice(0, 4).join(', ') };
  return { ok: true, ...first, addresses };
}

/** How a failed lookup is called, as the system's resolver calls it; an answer has none. */
const LOOKUP_CODES: Partial<Record<DnsStatus, string>> = {
  servfail: 'ESERVFAIL',
  refused: 'EREFUSED',
  timeout: 'ETIMEOUT',
  error: 'EBADRESP',
};

/**
 * A `lookup` that asks our own DNS client, so that what is connected to is what an audit saw. IPv4 comes first. Rejects with a `code`: ENOTFOUND
 * when the name has no address, another when it could not be asked.
 */
export function lookupThrough(
  query: (name: string, type: 'A' | 'AAAA') => Promise<DnsAnswer<'A' | 'AAAA'>>,
): NonNullable<ResolveOptions['lookup']> {
  return async (host) => {
    const answers = await Promise.all([query(host, 'A'), query(host, 'AAAA')]);
    const addresses = answers.flatMap(({ records }) => records.map((address) => ({ address, family: isIP(address) })));
    if (addresses.length > 0) return addresses;
    const failed = answers.find(({ status }) => LOOKUP_CODES[status] !== undefined);
    throw Object.assign(new Error(`no address of ${host}`), {
      code: failed === undefined ? 'ENOTFOUND' : LOOKUP_CODES[failed.status],
    });
  };
}

/** A `lookup` for net.connect and tls.connect that answers only with addresses already judged, whatever name it is asked for. */
export function pinnedLookup(addresses: readonly HostAddress[]): LookupFunction {
  return (_host, options, done) => {
    const fitting = addresses.filter(({ family }) => !options.family || options.family === family);
    const chosen = fitting[0] ?? addresses[0];
    if (chosen === undefined) done(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '', 4);
    else if (options.all) done(null, fitting.length > 0 ? [...fitting] : [chosen]);
    else done(null, chosen.address, chosen.family);
  };
}

/** `[::1]` → `::1`, and no dot at the end: the form to look up and to compare with a certificate. */
export function bareHost(host: string): string {
  return host
    .trim()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

type Answer =
  | { found: { address: string; family: number }[] }
  | { ok: false; reason: 'host-not-found' | 'timeout'; detail: string };

async function answerInTime(name: string, options: ResolveOptions): Promise<Answer> {
  const lookup = options.lookup ?? ((host: string) => systemLookup(host, { all: true }));
  const late = Promise.withResolvers<Answer>();
  const timer = setTimeout(
    () => late.resolve({ ok: false, reason: 'timeout', detail: 'the resolver did not answer' }),
    options.timeoutMs ?? 10_000,
  );
  const asked = Promise.resolve()
    .then(() => lookup(name))
    .then(
      (found): Answer => ({ found }),
      (error: unknown): Answer => ({
        ok: false,
        reason: 'host-not-found',
        detail: String((error as { code?: unknown } | null)?.code ?? 'lookup failed'),
      }),
    );
  try {
    return await Promise.race([asked, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
