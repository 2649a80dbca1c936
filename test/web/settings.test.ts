/** What a shorter time of keeping costs: asked before anything is thrown away. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isDays, type Keeping, loses } from '../../web/pages/settings/keeping.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 23);
const kept = (messageDays: number | null, probeDays: number | null): Keeping => ({ messageDays, probeDays });

test('only what is older than the new time and younger than the old one is named', () => {
  const cases: [string, Keeping, Keeping, ageInDays: number | null, { messages: boolean; probes: boolean }][] = [
    ['nothing was ever run', kept(90, null), kept(1, 1), null, { messages: false, probes: false }],
    ['nothing is that old yet', kept(90, null), kept(30, 180), 20, { messages: false, probes: false }],
    ['raw mails are', kept(90, null), kept(30, null), 40, { messages: true, probes: false }],
    ['results are', kept(90, null), kept(90, 180), 200, { messages: false, probes: true }],
    ['for ever to a year', kept(null, null), kept(365, 365), 400, { messages: true, probes: true }],
    ['longer than before', kept(30, 90), kept(90, 365), 1000, { messages: false, probes: false }],
    ['a time to for ever', kept(30, 90), kept(null, null), 1000, { messages: false, probes: false }],
    ['the same', kept(30, 90), kept(30, 90), 1000, { messages: false, probes: false }],
  ];
  for (const [name, before, next, age, expected] of cases)
    assert.deepEqual(loses(before, next, age === null ? null : NOW - age * DAY, NOW), expected, name);
});

test('keeping longer never costs anything', () => {
  const days = fc.option(fc.integer({ min: 1, max: 3650 }), { nil: null });
  const longer = (one: number | null, other: number | null) =>
    one === null || (other !== null && one >= other) ? one : other;
  fc.assert(
    fc.property(days, days, days, days, fc.integer({ min: 0, max: 5000 }), (a, b, c, d, age) => {
      const lost = loses(kept(a, b), kept(longer(a, c), longer(b, d)), NOW - age * DAY, NOW);
      assert.deepEqual(lost, { messages: false, probes: false });
    }),
  );
});

test('days are whole, one to ten years', () => {
  for (const good of [null, 1, 90, 3650]) assert.equal(isDays(good), true, String(good));
  for (const bad of [0, -1, 1.5, 3651, Number.NaN, Number.POSITIVE_INFINITY])
    assert.equal(isDays(bad), false, String(bad));
});
