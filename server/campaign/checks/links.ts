/**
 * Where links lead, by what is written: without asking anybody. A link that shows one address and leads to another is how fraud looks, and filters treat it as such,
 * also where it is only a counter of clicks. Pure.
 */
import { isIP } from 'node:net';
import { domainToUnicode } from 'node:url';
import { getDomain, parse } from 'tldts';
import { isAligned } from '../../authentication/alignment.ts';
import { isAllowedMailHost } from '../../net/address.ts';
import { at, type FindingId, raise } from '../findings.ts';
import type { Facts, Finding, Link } from '../types.ts';
import { UNSUBSCRIBE_WORDS } from './unsubscribe.ts';

const MAX_LINKS = 100;
/** Anybody may hide anything behind these, and blocklists know it. A shortener of one's own is none of them. */
const SHORTENERS = new Set([
  ...['bit.ly', 'bitly.com', 'tinyurl.com', 't.co', 'goo.gl', 'ow.ly', 'is.gd', 'v.gd', 'buff.ly', 'rebrand.ly'],
  ...[
    'cutt.ly',
    'shorturl.at',
    't.ly',
    'rb.gy',
    'tiny.cc',
    'lnkd.in',
    'j.mp',
    'x.gd',
    'ur0.jp',
    'onl.tw',
    'qr.paps.jp',
  ],
]);
const INSIDE = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|localdomain|home\.arpa)$/i;
/** Pages of one's own at large networks belong to no sender; a footer has them. */
const SOCIAL =
  /(?:^|\.)(?:facebook\.com|instagram\.com|x\.com|twitter\.com|youtube\.com|linkedin\.com|line\.me|lin\.ee|tiktok\.com|apple\.com|google\.com|pinterest\.com)$/i;

/** A link that can be asked: `http:` or `https:`, in normal form. */
export type Target = { url: URL; link: Link; skip: 'unsubscribe' | 'confirmation' | null };

export function checkLinks(facts: Facts): Finding[] {
  const { html } = facts;
  if (html === null) return [];
  const from = facts.from.domain;
  const found = new Map<FindingId, { finding: Finding; count: number }>();
  const add = (id: FindingId, link: Link, more: Record<string, string> = {}): void => {
    const known = found.get(id);
    if (known) known.count++;
    else
      found.set(id, {
        finding: raise(id, {
          ...at(html.part, link.place),
          url: link.href.slice(0, 300),
          text: link.text.slice(0, 100),
          ...more,
        }),
        count: 1,
      });
  };
  const organizations = new Map<string, number>();
  for (const link of html.links) {
    if (/^(?:mailto|tel|sms|#)/i.test(link.href) && link.href !== '#') continue;
    const url = URL.parse(link.href);
    if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') {
      if (!/^(?:javascript|data|vbscript):/i.test(link.href)) add('links-invalid', link);
      continue;
    }
    const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
    if (url.protocol === 'http:') add('links-plain', link);
    if (url.username !== '' || url.password !== '') add('links-user', link, { host });
    if (isIP(host) !== 0) {
      add(isAllowedMailHost(host, []) ? 'links-address' : 'links-private', link, { host });
      continue;
    }
    if (INSIDE.test(host) || !host.includes('.')) add('links-private', link, { host });
    const organization = getDomain(host) ?? host;
    organizations.set(organization, (organizations.get(organization) ?? 0) + 1);
    if (SHORTENERS.has(host.replace(/^www\./, ''))) add('links-shortened', link, { host });
    const imitated = imitates(host);
    if (imitated !== null) add('links-lookalike', link, { host: domainToUnicode(host), imitated });
    const shown = shownHost(link.text);
    if (shown !== null && !isAligned(shown, host)) add('links-text-differs', link, { shown, host });
  }
  const all = [...organizations].filter(([name]) => !SOCIAL.test(name));
  const foreign = all.filter(([name]) => from !== null && !isAligned(name, from));
  const sum = (some: readonly [string, number][]): number => some.reduce((total, [, count]) => total + count, 0);
  const { part } = html;
  const unaligned = from !== null && sum(all) >= 3 && sum(foreign) / sum(all) > 0.5;
  return [
    ...[...found.values()].map(({ finding, count }) => ({ ...finding, evidence: { ...finding.evidence, count } })),
    ...(unaligned ? [raise('links-unaligned', { part, from, domains: namesOf(foreign), count: sum(foreign) })] : []),
    ...(html.linkCount > MAX_LINKS ? [raise('links-many', { part, count: html.linkCount, limit: MAX_LINKS })] : []),
  ];
}

/** Whose good name is at stake: the organizations behind the links, without the large networks of every footer. */
export function linkDomains({ html }: Facts): string[] {
  const names = (html?.links ?? []).flatMap(({ href }) => {
    const host = URL.parse(href)?.hostname ?? '';
    const name = getDomain(host);
    return name === null || SOCIAL.test(host) ? [] : [name];
  });
  return [...new Set(names)];
}

const namesOf = (some: readonly [string, number][]): string[] =>
  [...some]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 5)
    .map(([name]) => name);

/** The host that the text of a link claims: `www.example.com/…`, `https://…`. Null for plain words. */
function shownHost(text: string): string | null {
  const match =
    /^(?:https?:\/\/)?((?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,6}[\p{L}]{2,24})(?:[/:?#]\S*)?$/iu.exec(
      text.trim().slice(0, 300),
    );
  const host = match?.[1]?.toLowerCase() ?? null;
  if (host === null) return null;
  // "Node.js" is no address: it must end as domains do, unless it is written as one.
  return /^(?:https?:\/\/|www\.)/i.test(text.trim()) || parse(host).isIcann === true ? host : null;
}

/** Letters of other alphabets that look like Latin ones, and what they look like. */
const LIKENESSES: Record<string, string> = {
  а: 'a',
  е: 'e',
  о: 'o',
  р: 'p',
  с: 'c',
  у: 'y',
  х: 'x',
  і: 'i',
  ј: 'j',
  ѕ: 's',
  ԁ: 'd',
  һ: 'h',
  ӏ: 'l',
  ԛ: 'q',
  ԝ: 'w',
  в: 'b',
  к: 'k',
  м: 'm',
  н: 'h',
  т: 't',
  α: 'a',
  ο: 'o',
  ρ: 'p',
  ν: 'v',
  ι: 'i',
  κ: 'k',
  υ: 'u',
  ɡ: 'g',
  ı: 'i',
  ℓ: 'l',
  ո: 'n',
  օ: 'o',
  ѵ: 'v',
};

/** The Latin name that an international one could be taken for; null where it is an honest name in its own script. */
export function imitates(host: string): string | null {
  if (!host.includes('xn--')) return null;
  const shown = domainToUnicode(host);
  const name = getDomain(shown)?.split('.')[0] ?? shown.split('.')[0] ?? '';
  const letters = [...name].filter((sign) => /\p{L}/u.test(sign));
  const foreign = letters.filter((sign) => LIKENESSES[sign] !== undefined);
  if (foreign.length === 0) return null;
  const latin = letters.map((sign) => LIKENESSES[sign] ?? sign).every((sign) => /[a-z]/.test(sign));
  return latin ? [...shown].map((sign) => LIKENESSES[sign] ?? sign).join('') : null;
}

/** Words of addresses that do something when they are opened: nobody may be unsubscribed, or confirmed, by an audit. */
const ACTS =
  /confirm|verif(?:y|ication)|activate|opt[-_]?in|approve|accept|double[-_]?opt|one[-_]?click|認証|確認|承認|有効化/i;

/**
 * Each address once, with what must not be asked.
 * @param listed addresses of List-Unsubscribe: they may act on a mere look
 */
export function targetsOf(links: readonly Link[], listed: readonly string[]): Target[] {
  const known = new Map<string, Target>();
  const acting = new Set(listed.map((address) => URL.parse(address)?.href));
  for (const link of links) {
    const url = URL.parse(link.href);
    if (url === null || !/^https?:$/.test(url.protocol)) continue;
    const skip = acting.has(url.href) ? 'unsubscribe' : actsOn(link.text, url);
    url.hash = '';
    const before = known.get(url.href);
    if (before === undefined) known.set(url.href, { url, link, skip });
    // One address behind two texts: the careful reading counts for both.
    else before.skip ??= skip;
  }
  return [...known.values()];
}

/** What would happen if it were opened, as far as its words tell. */
export function actsOn(text: string, url: URL): 'unsubscribe' | 'confirmation' | null {
  const words = `${text} ${decoded(url.pathname + url.search)}`.slice(0, 5000);
  if (UNSUBSCRIBE_WORDS.test(words) || /unsub|optout/i.test(words)) return 'unsubscribe';
  return ACTS.test(words) ? 'confirmation' : null;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
