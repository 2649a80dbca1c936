/** What stands in an address: the span of time that is looked at, and words that were typed. Addresses come from anywhere, so all of it is checked. */

export const RANGES = ['24h', '7d', '30d', '90d'] as const;
export type Range = (typeof RANGES)[number];
/** A fixed range; or from and to (ISO 8601) when the reader chose a span or dragged over a chart, with the range to go back to. */
export type RangeSearch = { range?: Range | undefined; from?: string | undefined; to?: string | undefined };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const HOURS: Record<Range, number> = { '24h': 24, '7d': 7 * 24, '30d': 30 * 24, '90d': 90 * 24 };
export const DEFAULT_RANGE: Range = '7d';
/** The server counts no longer periods. */
export const LONGEST_DAYS = 3 * 365;

/** Reads the range from an address; what makes no sense is left out, so a mangled link still opens. */
export function rangeSearch(search: Record<string, unknown>): RangeSearch {
  const from = instant(search.from);
  const to = instant(search.to);
  const range = RANGES.find((one) => one === search.range);
  return {
    ...(range === undefined ? {} : { range }),
    ...(from !== undefined && to !== undefined && from < to ? { from, to } : {}),
  };
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
  return {
    from: new Date(end - HOURS[search.range ?? DEFAULT_RANGE] * HOUR).toISOString(),
    to: new Date(end).toISOString(),
  };
}

/** Hours up to three days, days beyond: about 90 bars at most. */
export function bucketOf(period: { from: string; to: string }): 'hour' | 'day' {
  return Date.parse(period.to) - Date.parse(period.from) <= 72 * HOUR ? 'hour' : 'day';
}

/** An instant as a clock in a zone shows it, to the minute, in the form that `<input type="datetime-local">` takes: `2026-11-23T16:04`. */
export function localOf(at: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`;
}

/**
 * The instant at which a clock in a zone shows this, epoch ms. In the hour that a clock change skips, the instant that is as late as if it had not; in
 * the one it repeats, the first of the two. Null for what is no time.
 */
export function instantOf(local: string, timeZone: string): number | null {
  const typed = local.slice(0, 16);
  const wanted = Date.parse(`${typed}Z`);
  if (Number.isNaN(wanted)) return null;
  const offset = (at: number): number => Date.parse(`${localOf(at, timeZone)}Z`) - Math.floor(at / MINUTE) * MINUTE;
  const [before, after] = [offset(wanted - 24 * HOUR), offset(wanted + 24 * HOUR)];
  // Where the zone changes within these two days, the wall clock itself says which offset it meant; a skipped hour goes by the old one.
  return [wanted - before, wanted - after].find((at) => localOf(at, timeZone) === typed) ?? wanted - before;
}

export function searchText(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value.slice(0, 200) : undefined;
}

/** Only a path of this site: a link in a mail must not lead elsewhere after signing in. */
export function safeReturn(value: unknown): string | undefined {
  return typeof value === 'string' && /^\/(?![/\\])[^\p{Cc}\\]*$/u.test(value) ? value : undefined;
}
