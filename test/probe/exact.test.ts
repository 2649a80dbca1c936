/** Exact tests against values computed elsewhere (R: mcnemar.exact, fisher.test), and what must hold of any counts. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { fisher, mcnemar } from '../../server/probe/exact.ts';
import { rateOverSeeds } from '../../server/probe/rates.ts';

const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-6, `${a} is not ${b}`);

describe('McNemar', () => {
  for (const [a, b, p] of [
    [0, 0, 1],
    [0, 5, 0.0625],
    [0, 6, 0.03125],
    [1, 9, 0.021484375],
    [5, 5, 1],
  ] as const)
    test(`${a} against ${b}`, () => near(mcnemar(a, b), p));
  test('is a probability, the same for either side', () => {
    const n = fc.integer({ min: 0, max: 500 });
    fc.assert(fc.property(n, n, (a, b) => mcnemar(a, b) >= 0 && mcnemar(a, b) <= 1 && mcnemar(a, b) === mcnemar(b, a)));
  });
});

describe('Fisher', () => {
  for (const [a, b, p] of [
    [{ count: 3, n: 4 }, { count: 1, n: 4 }, 0.4857142857],
    [{ count: 0, n: 5 }, { count: 5, n: 5 }, 0.0079365079],
    [{ count: 10, n: 12 }, { count: 3, n: 9 }, 0.0318446],
    [{ count: 5, n: 5 }, { count: 5, n: 5 }, 1],
  ] as const)
    test(`${JSON.stringify(a)} against ${JSON.stringify(b)}`, () => near(fisher(a, b), p));
  test('is a probability', () => {
    const group = fc
      .integer({ min: 1, max: 80 })
      .chain((n) => fc.integer({ min: 0, max: n }).map((count) => ({ count, n })));
    fc.assert(fc.property(group, group, (a, b) => fisher(a, b) > 0 && fisher(a, b) <= 1));
  });
});

test('a seed counts once, however many mails it got', () => {
  assert.deepEqual(rateOverSeeds([1, 1, 1, 1]), { value: null, low: null, high: null, n: 4, count: 4, enough: false });
  const { value, n, low, high } = rateOverSeeds([1, 1, 0.5, 0, 1]);
  assert.deepEqual([value, n], [0.7, 5]);
  assert.ok((low ?? 1) < 0.4 && (high ?? 0) > 0.9);
});
