/** What a search found, in the order in which the keyboard walks through it, and where each thing has its page. */
import type { SearchItemJson } from '../../../server/api/json/search.ts';

/** A thing that was found, or a page of the program itself. */
export type Found = {
  kind: SearchItemJson['kind'] | 'page';
  id: string;
  title: string;
  detail: string;
  at: string | null;
  match: SearchItemJson['match'];
  path: string;
};
export type Group = { kind: Found['kind']; items: Found[] };

const PLACES: Record<SearchItemJson['kind'], string> = {
  monitor: '/monitors',
  seed: '/seeds',
  sender: '/senders',
  domain: '/domains',
  campaign: '/campaigns',
  audit: '/audits',
  run: '/runs',
  probe: '/probes',
};

export function foundFrom(item: SearchItemJson): Found {
  return { ...item, path: `${PLACES[item.kind]}/${encodeURIComponent(item.id)}` };
}

/** Kind by kind: the kind of what fits best comes first, and within each the server's order holds. */
export function groupsOf(found: readonly Found[]): Group[] {
  return [...Map.groupBy(found, (item) => item.kind)].map(([kind, items]) => ({ kind, items }));
}

/** Which one is chosen after a key; from the last on to the first, and back. */
export function step(active: number, by: 1 | -1, count: number): number {
  return count === 0 ? -1 : (active + by + count) % count;
}

export type Part = { text: string; hit: boolean };

/** A text cut where words that were typed stand in it, whatever their case. */
export function partsOf(text: string, typed: string): Part[] {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const low = text.toLowerCase();
  // Letters whose small form is longer (İ) would move the places: better no mark than a wrong one.
  if (words.length === 0 || low.length !== text.length) return [{ text, hit: false }];
  const hit = new Array<boolean>(text.length).fill(false);
  for (const word of words)
    for (let at = low.indexOf(word); at >= 0; at = low.indexOf(word, at + 1)) hit.fill(true, at, at + word.length);
  const parts: Part[] = [];
  for (let at = 0; at < text.length; at++) {
    const last = parts.at(-1);
    if (last && last.hit === hit[at]) last.text += text[at];
    else parts.push({ text: text[at] ?? '', hit: hit[at] === true });
  }
  return parts;
}
