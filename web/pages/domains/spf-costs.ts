/** What the terms of an SPF record cost, one after the other as a receiver reads them, and at which one it gives up (RFC 7208 4.6.4). */
import type { RecordsJson } from '../../../server/api/json/records.ts';

export type SpfJson = NonNullable<RecordsJson['spf']>;
export type SpfTerm = SpfJson['terms'][number];

export const MOST_LOOKUPS = 10;
export const MOST_VOIDS = 2;

/** `own`: its own lookups, without those behind it. `soFar`: of the whole record, this one included. `passes`: it is the one that passes the limit. */
export type Cost = { own: number; soFar: number; passes: boolean };

export function costsOf(terms: readonly SpfTerm[]): Map<SpfTerm, Cost> {
  const costs = new Map<SpfTerm, Cost>();
  let soFar = 0;
  const walk = (list: readonly SpfTerm[]): void => {
    for (const term of list) {
      const own = Math.max(0, term.lookups - (term.node?.lookups ?? 0));
      const before = soFar;
      soFar += own;
      costs.set(term, { own, soFar, passes: before <= MOST_LOOKUPS && soFar > MOST_LOOKUPS });
      if (term.node) walk(term.node.terms);
    }
  };
  walk(terms);
  return costs;
}

/** Of a term with all that is folded away behind it. */
export function wholeCost(term: SpfTerm, costs: ReadonlyMap<SpfTerm, Cost>): Cost | undefined {
  const cost = costs.get(term);
  if (cost === undefined) return undefined;
  const soFar = cost.soFar + (term.node?.lookups ?? 0);
  return { ...cost, soFar, passes: cost.soFar - cost.own <= MOST_LOOKUPS && soFar > MOST_LOOKUPS };
}

/** A branch by its way from the top: where each term on it begins in its record. */
export function pathOf(above: string, term: SpfTerm): string {
  return above === '' ? String(term.start) : `${above}/${term.start}`;
}

/** So many terms in branches are seen at a glance. */
const FEW = 8;

/** Which branches are open at first: all where there are few terms, else those that lead to something wrong. */
export function openAtFirst(terms: readonly SpfTerm[], costs: ReadonlyMap<SpfTerm, Cost>): Set<string> {
  const all = branchesOf(terms);
  const inside = [...all.values()].reduce((sum, term) => sum + (term.node?.terms.length ?? 0), 0);
  if (inside <= FEW) return new Set(all.keys());
  return new Set([...all].filter(([, term]) => leadsToFault(term, costs)).map(([path]) => path));
}

/** All branches, each by its path. */
export function branchesOf(terms: readonly SpfTerm[], above = ''): Map<string, SpfTerm> {
  const found = new Map<string, SpfTerm>();
  for (const term of terms) {
    if (term.node === null) continue;
    const path = pathOf(above, term);
    found.set(path, term);
    for (const [below, one] of branchesOf(term.node.terms, path)) found.set(below, one);
  }
  return found;
}

export function isFault(term: SpfTerm): boolean {
  return !['ok', 'macro', 'not-followed'].includes(term.outcome);
}

/** Something in the branch is wrong, or it is where the limit is passed. */
function leadsToFault(branch: SpfTerm, costs: ReadonlyMap<SpfTerm, Cost>): boolean {
  const { node } = branch;
  if (node === null) return false;
  return (
    node.problems.length > 0 ||
    node.terms.some((term) => isFault(term) || costs.get(term)?.passes === true || leadsToFault(term, costs))
  );
}
