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
