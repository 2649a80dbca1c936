/**
 * The one client for pages of the outside world: MTA-STS policies, logos, mark certificates, links of a mail, and whatever else a stranger's record points to.
 * What it fetches is named by strangers, so every host is looked up once, every address is judged (address.ts), and the
 * connection goes to exactly the judged address; the address of the open socket is judged once more before a byte is sent. A redirect is another
 * stranger's word: it is refused unless the caller allows some, and then each hop is judged like the first. Time and size have ends.
 *
 * There is no second client: three fetchers with a client each have elsewhere meant the same hole three times. A test reads the
 * sources for it (test/rules/).
 */
import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { isAllowedMailHost } from './address.ts';
import { bareHost, pinnedLookup, type ResolveOptions, resolveMailHost } from './connect.ts';
import { CERTIFICATE_REASONS, certificateReason, describeTls, tlsOptions } from './tls.ts';

/** Why nothing was fetched. */
export const FETCH_FAILURES = [
  'bad-url',
  'host-not-found',
  'lookup-failed',
  'private-address',
  'server-not-listed', // this world knows only servers of its own
  'timeout',
  'connection-refused',
  'unreachable',
  'connection-lost',
  'redirect',
  'too-many-redirects',
  'too-large',
  'encoded',
  'not-http',
  ...CERTIFICATE_REASONS,
] as const;
export type FetchFailure = (typeof FETCH_FAILURES)[number];

export type FetchOptions = Pick<ResolveOptions, 'allowedNetworks' | 'onlyServers' | 'lookup'> & {
  /** PEM text of certificates trusted besides the public ones. */
  extraCa: string | null;
  /** For everything together, redirects too; 10 s when left out. */
  timeoutMs?: number;
  /** A longer body is refused; 64 KiB when left out. */
  maxBytes?: number;
  /** Redirects that are followed; none when left out. */
  redirects?: number;
  /** `http:` too; a redirect from https to http is refused in any case. */
  plain?: boolean;
  /** Where https is asked when the URL names no port; 443 when left out. */
  httpsPort?: number;
  /** The Accept header. */
  accept?: string;
  /** GET when left out. A POST is sent once and never again to where a redirect leads. */
  method?: 'GET' | 'HEAD' | 'POST';
  body?: Uint8Array;
  headers?: Readonly<Record<string, string>>;
  /** Only how it answers is wanted: the body is not read, whatever its size and encoding. */
  headOnly?: boolean;
  /** A redirect from https to http is followed too: for looking, where nothing of the answer is believed. */
  downgrade?: boolean;
  /** Asked of each redirect before it is followed; it is refused where this says no. */
  follow?: (target: URL) => boolean;
};

export type Fetched =
  | {
      ok: true;
      /** Of the last hop. */
      url: string;
      status: number;
      /** Without parameters, in lower case. */
      contentType: string | null;
      body: Buffer;
      /** Where it came from. */
      address: string;
      /** Epoch ms; null over plain http. */
      certificateExpires: number | null;
      /** URLs that redirected, in order. */
      hops: string[];
    }
  | {
      ok: false;
      reason: FetchFailure;
      /** The one that failed. */
      url: string;
      /** The resolver's or the system's code, refused addresses, or where a refused redirect leads. */
      detail: string;
      hops: string[];
    };

const MAX_HEADER_BYTES = 16 * 1024;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** A resolver's words for "could not be asked", which is not "no such name". */
const NO_ANSWER = new Set(['ESERVFAIL', 'EREFUSED', 'ETIMEOUT', 'EBADRESP', 'EAI_AGAIN']);
const USER_AGENT = 'Todoku (email deliverability monitor)';

/** Asks for one page. Never throws for anything a URL, a resolver or a server does. */
export async function fetchPage(address: string, options: FetchOptions): Promise<Fetched> {
  const until = performance.now() + (options.timeoutMs ?? 10_000);
  const hops: string[] = [];
  let target = address;
  for (;;) {
    const got = await fetchHop(target, options, until);
    if (!('location' in got)) return { ...got, hops };
    const next = URL.parse(got.location, target);
    const refused = next !== null && options.follow !== undefined && !options.follow(next);
    if ((options.redirects ?? 0) === 0 || options.method === 'POST' || refused)
      return { ok: false, reason: 'redirect', url: target, detail: (next?.href ?? got.location).slice(0, 300), hops };
    hops.push(target);
    if (hops.length > (options.redirects ?? 0))
      return { ok: false, reason: 'too-many-redirects', url: target, detail: '', hops };
    if (next === null || (!options.downgrade && target.startsWith('https:') && next.protocol !== 'https:'))
      return { ok: false, reason: 'bad-url', url: got.location.slice(0, 300), detail: 'redirect', hops };
    target = next.href;
  }
}

// Spread over the two sides by hand: Omit would forget which fields belong to which.
type Hop =
  | Omit<Extract<Fetched, { ok: true }>, 'hops'>
  | Omit<Extract<Fetched, { ok: false }>, 'hops'>
  | { location: string };

async function fetchHop(address: string, options: FetchOptions, until: number): Promise<Hop> {
  const failed = (reason: FetchFailure, detail = ''): Hop => ({ ok: false, reason, url: address, detail });
  const url = URL.parse(address);
  const schemes = options.plain ? ['https:', 'http:'] : ['https:'];
  // A user in a URL is there to mislead the reader; nobody signs in here.
  if (url === null || !schemes.includes(url.protocol) || url.username !== '' || url.password !== '')
    return failed('bad-url');
  const host = bareHost(url.hostname);
  const secure = url.protocol === 'https:';
  const port = url.port !== '' ? Number(url.port) : secure ? (options.httpsPort ?? 443) : 80;
  const left = (): number => Math.max(1, until - performance.now());
  const found = await resolveMailHost(host, { ...options, port, timeoutMs: left() });
  if (!found.ok)
    return failed(
      found.reason === 'host-not-found' && NO_ANSWER.has(found.detail) ? 'lookup-failed' : found.reason,
      found.detail,
    );
  return new Promise((resolve) => {
    let settled = false;
    const settle = (hop: Hop): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      resolve(hop);
      request.destroy();
    };
    const common = {
      agent: false as const,
      lookup: pinnedLookup(found.addresses),
      maxHeaderSize: MAX_HEADER_BYTES,
      method: options.method ?? 'GET',
      headers: {
        ...options.headers,
        ...(options.body === undefined ? {} : { 'content-length': options.body.byteLength }),
        accept: options.accept ?? '*/*',
        'accept-encoding': 'identity',
        'user-agent': USER_AGENT,
      },
    };
    const request = secure
      ? requestTls(url, {
          ...common,
          port,
          ...tlsOptions({ host, extraCa: options.extraCa }),
        })
      : requestPlain(url, common);
    const timer = setTimeout(() => settle(failed('timeout')), left());
    request.on('socket', (socket) =>
      socket.once('connect', () => {
        const connected = socket.remoteAddress ?? '';
        if (!isAllowedMailHost(connected, options.allowedNetworks)) settle(failed('private-address', connected));
      }),
    );
    request.on('error', (error) => settle(failed(failureOf(error), String((error as { code?: unknown }).code ?? ''))));
    request.on('response', (response) => {
      const { location } = response.headers;
      if (REDIRECTS.has(response.statusCode ?? 0) && location !== undefined) return settle({ location });
      if (!options.headOnly && !['', 'identity'].includes(response.headers['content-encoding'] ?? ''))
        return settle(failed('encoded', response.headers['content-encoding']));
      // Read while the connection is open: a closed one has forgotten its certificate.
      const certificateExpires = secure ? describeTls(response.socket as TLSSocket).certificateExpires : null;
      const from = response.socket.remoteAddress ?? found.address;
      const withBody = (body: Buffer | FetchFailure): void => {
        if (!Buffer.isBuffer(body)) settle(failed(body));
        else
          settle({
            ok: true,
            url: address,
            status: response.statusCode ?? 0,
            contentType: response.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? null,
            body,
            address: from,
            certificateExpires,
          });
      };
      if (options.headOnly || options.method === 'HEAD') withBody(Buffer.alloc(0));
      else readBody(response, options.maxBytes ?? 64 * 1024, withBody);
    });
    request.end(options.body);
  });
}

/** Calls `done` once, whatever else arrives on a connection that is already given up. */
function readBody(response: IncomingMessage, maxBytes: number, done: (body: Buffer | FetchFailure) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  let open = true;
  const finish = (body: Buffer | FetchFailure): void => {
    if (!open) return;
    open = false;
    done(body);
  };
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) finish('too-large');
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) finish('too-large');
    else chunks.push(chunk);
  });
  response.on('end', () => finish(response.complete ? Buffer.concat(chunks, size) : 'connection-lost'));
  response.on('error', () => finish('connection-lost'));
  response.on('close', () => finish('connection-lost'));
}

function failureOf(error: Error): FetchFailure {
  const code = String((error as { code?: unknown }).code ?? '');
  if (code === 'ECONNREFUSED') return 'connection-refused';
  if (code === 'ETIMEDOUT') return 'timeout';
  if (/^E(?:HOST|NET)UNREACH$|^EADDRNOTAVAIL$|^EACCES$/.test(code)) return 'unreachable';
  if (code.startsWith('HPE_')) return 'not-http';
  return certificateReason(error) ?? 'connection-lost';
}
