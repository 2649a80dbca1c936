/** What came of asking the links. Pure. */
import { isIP } from 'node:net';
import type { AskedLink } from '../ask-links.ts';
import { at, type FindingId, raise } from '../findings.ts';
import type { Facts, Finding, Link } from '../types.ts';

const MAX_REDIRECTS = 3;
const SLOW_MS = 3_000;
/** Servers that turn away whoever is no browser: the page is there. */
const NOT_FOR_PROGRAMS = new Set([401, 403, 405, 406, 429, 451, 503, 999]);
/** Told by the address itself already (`links-private`, `links-user`); that a name leads to a private address is news, and so is where a redirect leads. */
function isTold({ failure, url, redirects }: AskedLink): boolean {
  if (redirects > 0) return false;
  const host = URL.parse(url)?.hostname.replace(/^\[|\]$/g, '') ?? '';
  return failure === 'bad-url' || (failure === 'private-address' && isIP(host) !== 0);
}

/** @param linkOf the place in the mail of an address that was asked */
export function checkAskedLinks(
  facts: Facts,
  asked: readonly AskedLink[],
  linkOf: (url: string) => Link | null,
): Finding[] {
  const part = facts.html?.part ?? '0';
  const raiseFor = (id: FindingId, some: readonly AskedLink[]): Finding[] => {
    const [first] = some;
    if (first === undefined) return [];
    const link = linkOf(first.url);
    return [
      raise(id, {
        ...(link === null ? { part } : at(part, link.place)),
        url: first.url.slice(0, 300),
        status: first.status,
        reason: first.failure,
        redirects: first.redirects,
        milliseconds: first.milliseconds,
        count: some.length,
      }),
    ];
  };
  const skipped = asked.filter((one) => one.skipped !== null);
  return [
    ...raiseFor(
      'links-broken',
      asked.filter(({ status }) => status !== null && status >= 400 && !NOT_FOR_PROGRAMS.has(status)),
    ),
    ...raiseFor(
      'links-unreachable',
      asked.filter((one) => one.failure !== null && !one.badCertificate && !isTold(one)),
    ),
    ...raiseFor(
      'links-certificate',
      asked.filter((one) => one.badCertificate),
    ),
    ...raiseFor(
      'links-redirects',
      asked.filter(({ redirects }) => redirects > MAX_REDIRECTS),
    ),
    ...raiseFor(
      'links-slow',
      asked.filter(({ milliseconds }) => milliseconds !== null && milliseconds > SLOW_MS),
    ),
    ...(skipped.length === 0
      ? []
      : [
          raise('links-unasked', {
            part,
            count: skipped.length,
            of: asked.length,
            urls: skipped.slice(0, 5).map(({ url }) => url.slice(0, 200)),
          }),
        ]),
  ];
}
