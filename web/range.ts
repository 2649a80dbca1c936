/** What stands in an address: the span of time that is looked at, and words that were typed. Addresses come from anywhere, so all of it is checked. */

export const RANGES = ['24h', '7d', '30d', '90d'] as const;
export type Range = (typeof RANGES)[number];
/** A fixed range, or from and to (ISO 8601) when the reader dragged over a chart. */
export type RangeSearch = { range?: Range | undefined; from?: string | undefined; to?: string | undefined };

const HOUR = 3_600_000;
const HOURS: Record<Range, number> = { '24h': 24, '7d': 7 * 24, '30d': 30 * 24, '90d': 90 * 24 };

/** Reads the range from an address; what makes no sense is left out, so a mangled link still opens. */
export function rangeSearch(search: Record<string, unknown>): RangeSearch {
  const from = instant(search.from);
  const to = instant(search.to);
  if (from !== undefined && to !== undefined && from < to) return { from, to };
  const range = RANGES.find((one) => one === search.range);
  return range === undefined ? {} : { range };
}

function instant(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

/** The span to ask the server for. The end is the end of the present hour, because whole hours are counted: so the question stays the same for an hour. */
export function periodOf(search: RangeSearch, now: number): { from: string; to: string } {
  if (search.from !== undefined && search.to !== undefined) return { from: search.from, to: search.to };
  const end = Math.ceil((now + 1) / HOUR) * HOUR;
  return { from: new Date(end - HOURS[search.range ?? '7d'] * HOUR).toISOString(), to: new Date(end).toISOString() };
}

/** Hours up to three days, days beyond: about 90 bars at most. */
export function bucketOf(period: { from: string; to: string }): 'hour' | 'day' {
  return Date.parse(period.to) - Date.parse(period.from) <= 72 * HOUR ? 'hour' : 'day';
}

export function searchText(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value.slice(0, 200) : undefined;
}

/** Only a path of this site: a link in a mail must not lead elsewhere after signing in. */
export function safeReturn(value: unknown): string | undefined {
  return typeof value === 'string' && /^\/(?![/\\])[^\p{Cc}\\]*$/u.test(value) ? value : undefined;
}
