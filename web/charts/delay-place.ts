/** Where a delivery time stands among buckets that are as wide as each other on the page and ever wider in time. */

export type DelayBucket = { fromMs: number; toMs: number | null; probes: number };

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Times that people think in, for the axis. */
const ROUND_MS = [
  ...[1, 2, 5, 10, 30].map((seconds) => seconds * SECOND),
  ...[1, 3, 6, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 3, 6, 12, 24, 72, 168].map((hours) => hours * HOUR),
];

/** The share of the plot's width at which a time stands; null when it is outside. Within a bucket times grow as between buckets: by a factor. */
export function delayPlace(ms: number, buckets: readonly DelayBucket[]): number | null {
  const at = buckets.findIndex(({ fromMs, toMs }) => fromMs <= ms && (toMs === null || ms < toMs));
  const bucket = buckets[at];
  if (!bucket) return ms === buckets.at(-1)?.toMs ? 1 : null;
  const { fromMs, toMs } = bucket;
  const within =
    toMs === null ? 0 : fromMs === 0 ? ms / toMs : Math.log(Math.max(ms, 1) / fromMs) / Math.log(toMs / fromMs);
  return (at + within) / buckets.length;
}

/** The buckets that get a name under the axis: the first that reaches each round time. */
export function roundBuckets(buckets: readonly DelayBucket[]): { at: number; ms: number }[] {
  const found = new Map<number, number>();
  for (const ms of ROUND_MS) {
    const at = buckets.findIndex(({ fromMs, toMs }) => fromMs <= ms && (toMs === null || ms < toMs));
    if (at !== -1 && !found.has(at)) found.set(at, ms);
  }
  return [...found].map(([at, ms]) => ({ at, ms }));
}
