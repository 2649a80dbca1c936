/** Delivery times that were only counted: the buckets, and percentiles that are off by no more than a bucket. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { delayBuckets, delayPercentile } from '../../server/probe/delays.ts';
import { DELAY_BUCKET_MINUTES, DELAY_EDGES_MS, delayBucket, delayEdge } from '../../server/probe/types.ts';

const MINUTE = 60_000;

test('edges rise by at most 12 %, and those of the coarse buckets are among them', () => {
  assert.deepEqual(DELAY_EDGES_MS.slice(0, 3), [0, 1_000, 1_120]);
  for (const [i, edge] of DELAY_EDGES_MS.entries())
    if (i > 1) assert.ok(edge / (DELAY_EDGES_MS[i - 1] ?? 0) < 1.121, String(edge));
  for (const minutes of DELAY_BUCKET_MINUTES) assert.ok(DELAY_EDGES_MS.includes(minutes * MINUTE), String(minutes));
  assert.equal(DELAY_EDGES_MS.at(-1), 7 * 24 * 60 * MINUTE);
});

test('rows name their bucket by its edge: these never change without a migration', () => {
  assert.equal(DELAY_EDGES_MS.length, 123);
  assert.equal(
    DELAY_EDGES_MS.reduce((sum, edge, i) => (sum * 31 + edge * (i + 1)) % 1_000_003, 0),
    386004,
  );
});

for (const [delay, edge] of [
  [-5, 0],
  [0, 0],
  [999, 0],
  [1_000, 1_000],
  [3 * MINUTE - 1, 160_785],
  [3 * MINUTE, 3 * MINUTE],
  [60 * MINUTE, 60 * MINUTE],
  [1e12, 7 * 24 * 60 * MINUTE],
] as const)
  test(`${delay} ms is counted from ${edge}`, () => assert.equal(delayEdge(delay), edge));

test('a fine bucket never lies across two coarse ones', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 * 24 * 60 * MINUTE }), (delay) =>
      assert.equal(delayBucket(delayEdge(delay)), delayBucket(delay)),
    ),
  );
});

const counted = (delays: readonly number[]) =>
  [...Map.groupBy(delays, delayEdge)].map(([fromMs, own]) => ({ fromMs, probes: own.length }));

test('buckets have no gaps, begin and end with some, and hold all', () => {
  assert.deepEqual(delayBuckets([]), []);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 10 * 24 * 60 * MINUTE }), { minLength: 1 }), (delays) => {
      const buckets = delayBuckets(counted(delays));
      assert.ok((buckets[0]?.probes ?? 0) > 0 && (buckets.at(-1)?.probes ?? 0) > 0);
      for (const [i, { fromMs, toMs, probes }] of buckets.entries()) {
        if (i > 0) assert.equal(buckets[i - 1]?.toMs, fromMs);
        assert.equal(probes, delays.filter((ms) => ms >= fromMs && ms < (toMs ?? Number.POSITIVE_INFINITY)).length);
      }
    }),
  );
});

test('a percentile lies in the bucket of the true one, and higher shares never give less', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 3 * 24 * 60 * MINUTE }), { minLength: 5, maxLength: 300 }),
      fc.constantFrom(0.5, 0.75, 0.9, 0.95, 0.99),
      (delays, share) => {
        const sorted = delays.toSorted((a, b) => a - b);
        const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
        const buckets = delayBuckets(counted(delays));
        const found = delayPercentile(buckets, share) ?? -1;
        const bucket = buckets.find(
          ({ fromMs, toMs }) => exact >= fromMs && exact < (toMs ?? Number.POSITIVE_INFINITY),
        );
        assert.ok(found >= (bucket?.fromMs ?? 0) && found <= (bucket?.toMs ?? 0), `${found} for ${exact}`);
        assert.ok(found <= (delayPercentile(buckets, Math.min(1, share + 0.01)) ?? 0));
      },
    ),
  );
});

test('of fewer than five nothing is said; beyond a week only "at least"', () => {
  assert.equal(delayPercentile(delayBuckets([{ fromMs: 1_000, probes: 4 }]), 0.5), null);
  assert.equal(delayPercentile([], 0.5), null);
  const week = 7 * 24 * 60 * MINUTE;
  assert.equal(delayPercentile(delayBuckets([{ fromMs: week, probes: 9 }]), 0.99), week);
  assert.equal(delayPercentile(delayBuckets([{ fromMs: 1_000, probes: 10 }]), 0.5), 1_060);
});
