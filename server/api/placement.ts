/** Placement over time, from the hourly rollups: one question to the database, cut into buckets, providers and totals here. */

import type { Queries } from '../../db/open.ts';
import { type PlacementSum, type RollupFilter, sumPlacement } from '../../db/overviews.ts';
import { AppError } from '../errors.ts';
import { isTimeZone } from '../monitor/schedule.ts';
import type { ProviderId } from '../seed/types.ts';
import { addSum, delaysOf, NOTHING_PLACED, noCounts, ratesOf } from './counts.ts';
import { type Bucket, dayBuckets, HOUR_MS, hourBuckets, stretchesOf } from './days.ts';
import { type CountsJson, iso, type RatesJson } from './json/basics.ts';
import type { BucketJson, DelaysJson, PlacementSeriesJson, ProviderBlockJson } from './json/overview.ts';
import { readMarks } from './marks.ts';

const DAY_MS = 86_400_000;
const MOST_HOURS = 92 * 24;
const MOST_DAYS = 3 * 366;

export type Period = { from: number; to: number; timeZone: string; bucket: 'hour' | 'day'; buckets: Bucket[] };

/** What was asked for, filled in and rounded to whole buckets. @throws AppError `invalid` */
export function periodOf(
  query: { from?: string | undefined; to?: string | undefined; timeZone: string; bucket: 'hour' | 'day' | 'auto' },
  now: number,
): Period {
  if (!isTimeZone(query.timeZone))
    throw wrong('timeZone', 'There is no such time zone: use a name like Europe/Berlin or Asia/Tokyo.');
  const { from, to } = spanOf(query, now);
  const bucket = query.bucket === 'auto' ? (to - from <= 3 * DAY_MS ? 'hour' : 'day') : query.bucket;
  if (bucket === 'hour' && (to - from) / HOUR_MS > MOST_HOURS)
    throw wrong('from', 'By the hour, a period may be at most 92 days long.');
  const buckets = bucket === 'hour' ? hourBuckets(from, to) : dayBuckets(from, to, query.timeZone);
  return { from: buckets[0]?.start ?? from, to: buckets.at(-1)?.end ?? to, timeZone: query.timeZone, bucket, buckets };
}

/** The last seven days, where nothing else is said. @throws AppError `invalid` */
export function spanOf(
  query: { from?: string | undefined; to?: string | undefined },
  now: number,
): { from: number; to: number } {
  const to = query.to === undefined ? now : Date.parse(query.to);
  const from = query.from === undefined ? to - 7 * DAY_MS : Date.parse(query.from);
  if (!(from < to)) throw wrong('from', 'The period must begin before it ends.');
  if (Math.abs(from) > 8e15 || Math.abs(to) > 8e15) throw wrong('from', 'The period lies too far away.');
  if ((to - from) / DAY_MS > MOST_DAYS) throw wrong('from', 'A period may be at most three years long.');
  return { from, to };
}

function wrong(path: string, message: string): AppError {
  return new AppError('invalid', message, { errors: [{ path, message }] });
}

export type Placed = { counts: CountsJson; rates: RatesJson };

export type Cut = {
  total: Placed & { delays: DelaysJson };
  buckets: BucketJson[];
  providers: (ProviderBlockJson & { buckets: BucketJson[] })[];
};

/** @param byProvider also cut each provider into buckets */
export async function readPlacement(
  db: Queries,
  period: Period,
  filter: RollupFilter,
  byProvider: boolean,
): Promise<Cut> {
  const sums = await sumPlacement(db, stretchesOf(period.buckets), filter);
  const providers = [...Map.groupBy(sums, (sum) => sum.provider)]
    .map(([provider, own]) => ({
      provider: provider as ProviderId,
      ...placed(own),
      delays: delaysOf(own),
      buckets: byProvider ? bucketed(period.buckets, own) : [],
    }))
    .filter((block) => block.counts.probes > 0)
    .sort((a, b) => b.counts.probes - a.counts.probes || (a.provider < b.provider ? -1 : 1));
  return { total: { ...placed(sums), delays: delaysOf(sums) }, buckets: bucketed(period.buckets, sums), providers };
}

export async function placementSeries(
  db: Queries,
  filter: RollupFilter,
  query: {
    from?: string | undefined;
    to?: string | undefined;
    timeZone: string;
    bucket: 'hour' | 'day';
    by?: 'provider' | undefined;
  },
  now: number,
): Promise<PlacementSeriesJson> {
  const period = periodOf(query, now);
  const cut = await readPlacement(db, period, filter, query.by === 'provider');
  return {
    from: iso(period.from),
    to: iso(period.to),
    timeZone: period.timeZone,
    bucket: period.bucket,
    total: cut.total,
    buckets: cut.buckets,
    providers: query.by === 'provider' ? cut.providers : [],
    marks: await readMarks(db, period, filter),
  };
}

export function placed(sums: readonly PlacementSum[]): Placed {
  const counts = noCounts();
  for (const sum of sums) addSum(counts, sum);
  return { counts, rates: ratesOf(counts) };
}

function bucketed(buckets: readonly Bucket[], sums: readonly PlacementSum[]): BucketJson[] {
  const byStart = Map.groupBy(sums, (sum) => sum.start);
  const stamps = [...buckets.map((bucket) => bucket.start), buckets.at(-1)?.end ?? 0].map(iso);
  return buckets.map((bucket, i) => {
    const own = byStart.get(bucket.from);
    const { counts, rates } = own === undefined ? NOTHING_PLACED : placed(own);
    // Buckets have no gaps: each ends where the next begins.
    return { start: stamps[i] ?? '', end: stamps[i + 1] ?? '', counts, rates };
  });
}
