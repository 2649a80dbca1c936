/** What the overview asks the server for. The router asks it as soon as the address is known, the page when it is drawn: they must ask the same. */
import { queryOptions } from '@tanstack/react-query';
import { api } from '../api.ts';
import { periodOf, type RangeSearch } from '../range.ts';

export type OverviewSearch = RangeSearch & { sender?: string | undefined };

const HOUR_MS = 3_600_000;

/** @param now epoch ms; the question stays the same for an hour */
export function overviewQuery(search: OverviewSearch, now: number, timeZone: string) {
  const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
  const query = { ...periodOf(search, hour), timeZone, senderId: search.sender };
  return queryOptions({ queryKey: ['overview', query], queryFn: ({ signal }) => api.overview(query, signal) });
}
