import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareRates, rate, wilson } from '../../server/probe/rates.ts';

const percent = (x: number) => Math.round(x * 100);

// The figures every deliverability person should know by heart: small samples say little.
for (const [count, n, low, high] of [
  [3, 3, 44, 100],
  [5, 5, 57, 100],
  [10, 10, 72, 100],
  [20, 20, 84, 100],
  [30, 30, 89, 100],
  [27, 30, 74, 97],
  [0, 5, 0, 43],
] as const)
  test(`${count} of ${n} is ${low}–${high} %`, () => {
    const interval = wilson(count, n);
    assert.deepEqual([percent(interval.low), percent(interval.high)], [low, high]);
  });

test('the interval holds the rate and stays within 0 and 1', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, share) => {
      const count = Math.round(n * share);
      const { low, high } = wilson(count, n);
      assert.ok(low >= 0 && high <= 1 && low <= count / n && count / n <= high);
    }),
  );
});

test('under five results there is no rate', () => {
  assert.deepEqual(rate(4, 4), { value: null, low: null, high: null, n: 4, count: 4, enough: false });
  assert.equal(rate(5, 5).enough, true);
});

for (const [now, before, word] of [
  [{ count: 19, n: 20 }, { count: 18, n: 20 }, 'no-clear-change'],
  [{ count: 10, n: 20 }, { count: 20, n: 20 }, 'lower'],
  [{ count: 95, n: 100 }, { count: 70, n: 100 }, 'higher'],
  [{ count: 4, n: 4 }, { count: 100, n: 100 }, 'not-enough-data'],
  [{ count: 5, n: 5 }, { count: 5, n: 5 }, 'no-clear-change'],
] as const)
  test(`${now.count}/${now.n} after ${before.count}/${before.n} is ${word}`, () =>
    assert.equal(compareRates(now, before), word));
