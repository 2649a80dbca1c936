/**
 * What mail clients can show, by the tables of caniemail.com, which tests each feature of HTML and CSS in each client by hand. The package that brings them reads the mail
 * by recursion and every element anew, so it is not given the mail but a digest: each element, attribute and declaration once, one a line. Not every client matters
 * alike: a feature that only Outlook lacks is in every newsletter there is, and raises nothing. Pure.
 */
import { caniemail, rawData } from 'caniemail';
import { raise } from '../findings.ts';
import { unlessItThrows } from '../gives-up.ts';
import type { Facts, Finding, HtmlFacts, Place } from '../types.ts';

/** Clients, and their share of opens as measured by senders' pixels. Pixels see Apple too often, because it loads pictures unasked. */
export const CLIENTS = [
  { family: 'apple-mail', name: 'Apple Mail', share: 46.6 },
  { family: 'gmail', name: 'Gmail', share: 25.5 },
  { family: 'outlook', name: 'Outlook', share: 4.4 },
  { family: 'yahoo', name: 'Yahoo Mail', share: 2.3 },
] as const;
export const SHARES_FROM = 'aurorasendcloud.com, 2026-04';
const TABLES_FROM = `caniemail.com, ${rawData.last_update_date.slice(0, 10)}`;
const MAX_NAMED = 12;
const MAX_BRACES = 6;
/** Characters: a hundred million are a second. */
const MAX_READ_ANEW = 40_000_000;

export type ClientIssue = { feature: string; clients: string[]; share: number; place: Place | null };

export function checkClients({ html }: Facts): Finding[] {
  const issues = html === null ? [] : clientIssues(html);
  const [first] = issues;
  if (first === undefined || html === null) return [];
  return [
    raise('html-clients', {
      part: html.part,
      ...first.place,
      features: issues.slice(0, MAX_NAMED).map(({ feature, clients }) => `${feature} (${clients.join(' / ')})`),
      count: issues.length,
      tables: TABLES_FROM,
      shares: CLIENTS.map(({ name, share }) => `${name} ${share} %`),
      sharesFrom: SHARES_FROM,
    }),
  ];
}

/** What at least half the clients of a family do not know, the most widely missed first. */
export function clientIssues(html: HtmlFacts): ClientIssue[] {
  const clients = CLIENTS.map(({ family }) => `${family}.*` as const);
  const missing = new Map<string, { clients: Set<string>; place: Place | null }>();
  const collect = (found: ReturnType<typeof caniemail>, placeOf: (line: number) => Place | null): void => {
    for (const [client, list] of found.issues.errors)
      for (const { title, position } of list) {
        const known = missing.get(title) ?? {
          clients: new Set<string>(),
          place: position === undefined ? null : placeOf(position.start.line),
        };
        known.clients.add(client);
        missing.set(title, known);
      }
  };
  if (html.used.length > 0) {
    const found = unlessItThrows(() => caniemail({ clients, html: digest(html) }));
    if (found !== null) collect(found, (line) => html.used[line - 1]?.place ?? null);
  }
  if (html.sheet.trim() !== '' && isCheap(html.sheet)) {
    const found = unlessItThrows(() => caniemail({ clients, css: html.sheet }));
    if (found !== null) collect(found, () => null);
  }
  return [...missing]
    .map(([feature, { clients, place }]) => {
      const lacking = CLIENTS.filter(({ family }) => {
        const own = [...clients].filter((client) => client.startsWith(`${family}.`)).length;
        return own > 0 && own >= sizeOf(family) / 2;
      });
      return {
        feature,
        clients: lacking.map(({ name }) => name),
        share: lacking.reduce((sum, { share }) => sum + share, 0),
        place,
      };
    })
    .filter((issue) => issue.clients.some((name) => name !== 'Outlook'))
    .sort((a, b) => b.share - a.share || a.feature.localeCompare(b.feature));
}

function digest({ used }: HtmlFacts): string {
  return used
    .map((one) => {
      if ('property' in one) return `<p style="${one.property}:${one.value}"></p>`;
      const type = one.type === null ? '' : ` type="${one.type}"`;
      const names = one.attributes.filter((name) => name !== 'type').map((name) => ` ${name}=""`);
      return `<${one.element}${type}${names.join('')}></${one.element}>`;
    })
    .join('\n');
}

function sizeOf(family: string): number {
  const [first] = rawData.data;
  const stats = (first?.stats ?? {}) as Record<string, object | undefined>;
  return Object.keys(stats[family] ?? {}).length;
}

/**
 * Its parser goes as deep as the braces do, reads comments from every place where one may begin, and the rest of the sheet anew for each bracket and at-rule. Sheets of
 * mails have some hundred of those; 100 KB of nothing else would take it a minute.
 */
function isCheap(sheet: string): boolean {
  let braces = 0;
  let readAnew = 0;
  for (const sign of sheet) {
    if (sign === '{' && ++braces > MAX_BRACES) return false;
    if (sign === '}') braces--;
    if (sign === '(' || sign === '[' || sign === '@') readAnew++;
  }
  return sheet.length * readAnew <= MAX_READ_ANEW && sheet.split('/*').length < 500;
}
