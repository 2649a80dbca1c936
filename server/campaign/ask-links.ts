/**
 * Asks every link of a mail once, as a careful reader's machine would: HEAD first, GET where a server does not like that, redirects judged one by one, never anything
 * that looks like one-click unsubscribe or a confirmation, and nothing on private addresses: every request goes through the guarded client of `server/net/http.ts`.
 */
import pLimit from 'p-limit';
import type { App } from '../app.ts';
import { type Fetched, type FetchFailure, type FetchOptions, fetchPage } from '../net/http.ts';
import { CERTIFICATE_REASONS } from '../net/tls.ts';
import { actsOn, type Target } from './checks/links.ts';

/** More of one mail are counted and not asked. */
const MAX_ASKED = 200;
const AT_ONCE = 8;
const AT_ONCE_PER_HOST = 2;
const TIMEOUT_MS = 8_000;
/** For all together. */
const ALL_WITHIN_MS = 60_000;
const REDIRECTS = 8;

export type AskedLink = {
  url: string;
  /** Null: asked. */
  skipped: 'unsubscribe' | 'confirmation' | 'too-many' | 'no-time' | null;
  status: number | null;
  /** Why there was no answer; null where there was one, or nothing was asked. */
  failure: FetchFailure | null;
  /** Whether that is the certificate's fault. */
  badCertificate: boolean;
  /** Where it ended, and over how many redirects. */
  final: string | null;
  redirects: number;
  https: boolean;
  milliseconds: number | null;
};

export type LinkApp = { config: Pick<App['config'], 'allowedNetworks' | 'onlyServers' | 'extraCa'> };
export type LinkOptions = Pick<FetchOptions, 'lookup' | 'httpsPort'>;

/** Never rejects for anything a link or a server does. */
export async function askLinks(
  targets: readonly Target[],
  app: LinkApp,
  options: LinkOptions = {},
): Promise<AskedLink[]> {
  const all = pLimit(AT_ONCE);
  const hosts = new Map<string, ReturnType<typeof pLimit>>();
  const until = performance.now() + ALL_WITHIN_MS;
  let count = 0;
  return Promise.all(
    targets.map(({ url, skip }) => {
      if (skip !== null) return unasked(url, skip);
      if (++count > MAX_ASKED) return unasked(url, 'too-many');
      const host = hosts.get(url.hostname) ?? pLimit(AT_ONCE_PER_HOST);
      hosts.set(url.hostname, host);
      return host(() => all(() => (performance.now() > until ? unasked(url, 'no-time') : askOne(url, app, options))));
    }),
  );
}

function unasked(url: URL, skipped: NonNullable<AskedLink['skipped']>): AskedLink {
  return {
    url: url.href,
    skipped,
    status: null,
    failure: null,
    badCertificate: false,
    final: null,
    redirects: 0,
    https: url.protocol === 'https:',
    milliseconds: null,
  };
}

async function askOne(url: URL, app: LinkApp, options: LinkOptions): Promise<AskedLink> {
  const started = performance.now();
  const ask = (method: 'HEAD' | 'GET'): Promise<Fetched> =>
    fetchPage(url.href, {
      ...app.config,
      ...options,
      method,
      headOnly: true,
      plain: true,
      downgrade: true,
      redirects: REDIRECTS,
      timeoutMs: TIMEOUT_MS,
      follow: (target) => !actsOn('', target),
    });
  let got = await ask('HEAD');
  // Many servers know no HEAD, and say so in many ways.
  if (got.ok ? got.status >= 400 : got.reason === 'connection-lost' || got.reason === 'not-http')
    got = await ask('GET');
  const milliseconds = Math.round(performance.now() - started);
  // It leads to something that acts: that far it was looked at.
  const stopped = !got.ok && got.reason === 'redirect';
  return {
    url: url.href,
    skipped: null,
    status: got.ok ? got.status : null,
    failure: got.ok || stopped ? null : got.reason,
    badCertificate: !got.ok && (CERTIFICATE_REASONS as readonly string[]).includes(got.reason),
    final: stopped && !got.ok ? got.detail : got.url,
    redirects: got.hops.length,
    https: got.url.startsWith('https:'),
    milliseconds,
  };
}
