/** What the overview asks the server for. The router asks it as soon as the address is known, the page when it is drawn: they must ask the same. */
import { queryOptions } from '@tanstack/react-query';
import { api, type OverviewFilter } from '../api.ts';
import { periodOf, type RangeSearch, rangeSearch, searchText } from '../range.ts';

/** What can be narrowed down to, by its name in the address. */
export const FILTERS = ['sender', 'monitor', 'provider', 'tag'] as const;
export type Filter = (typeof FILTERS)[number];
export type OverviewSearch = RangeSearch & Partial<Record<Filter, string | undefined>>;

const HOUR_MS = 3_600_000;

export function overviewSearch(search: Record<string, unknown>): OverviewSearch {
  return {
    ...rangeSearch(search),
    ...Object.fromEntries(
      FILTERS.flatMap((name) => {
        const value = searchText(search[name]);
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  };
}

/** @param now epoch ms; the question stays the same for an hour */
export function overviewQuery(search: OverviewSearch, now: number, timeZone: string) {
  const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
  const filter: OverviewFilter = {
    senderId: search.sender,
    monitorId: search.monitor,
    provider: search.provider,
    tag: search.tag,
  };
  const query = { ...periodOf(search, hour), timeZone, ...filter };
  return queryOptions({ queryKey: ['overview', query], queryFn: ({ signal }) => api.overview(query, signal) });
}
