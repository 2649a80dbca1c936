/**
 * What can be said of delivery times that were only counted, not kept: how many fell into each bucket, and from that percentiles. A bucket is at most 12 %
 * wide, so a percentile is at most that far off; under a second nothing finer is known, since mail servers stamp in whole seconds. Pure.
 */
import { ENOUGH } from './rates.ts';
import { DELAY_EDGES_MS } from './types.ts';

/** `toMs` is null for the last one, which has no upper end. */
export type DelayBucket = { fromMs: number; toMs: number | null; probes: number };

/** From the first bucket that holds any to the last, those between included. @param counted by lower edge */
export function delayBuckets(counted: readonly { fromMs: number; probes: number }[]): DelayBucket[] {
  const probes = new Map(counted.filter((one) => one.probes > 0).map((one) => [one.fromMs, one.probes]));
  const buckets = DELAY_EDGES_MS.map((fromMs, i) => ({
    fromMs,
    toMs: DELAY_EDGES_MS[i + 1] ?? null,
    probes: probes.get(fromMs) ?? 0,
  }));
  const first = buckets.findIndex((bucket) => bucket.probes > 0);
  return first === -1 ? [] : buckets.slice(first, buckets.findLastIndex((bucket) => bucket.probes > 0) + 1);
}

/**
 * The delay (ms) that this share of the probes does not exceed, as if those of a bucket were spread evenly over it.
 * @param share 0 to 1
 * @returns null when there are fewer than five; the lower edge where the last bucket has no upper one
 */
export function delayPercentile(buckets: readonly DelayBucket[], share: number): number | null {
  const n = buckets.reduce((sum, bucket) => sum + bucket.probes, 0);
  if (n < ENOUGH) return null;
  let left = share * n;
  for (const { fromMs, toMs, probes } of buckets) {
    if (probes > 0 && left <= probes) return Math.round(fromMs + ((toMs ?? fromMs) - fromMs) * (left / probes));
    left -= probes;
  }
  const last = buckets.at(-1);
  return last === undefined ? null : (last.toMs ?? last.fromMs);
}
