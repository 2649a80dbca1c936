/** The rolling budget, the pace, and what a monitor's plan costs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DAY_MS, mayStart, planUse, type Use } from '../../server/sender/quota.ts';

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const budget = { dailyLimit: 500, reserve: 0, minGapMs: 0 };
const uses = (...list: [hoursAgo: number, count: number][]): Use[] =>
  list.map(([hoursAgo, count]) => ({ at: NOW - hoursAgo * HOUR, count }));

test('when the next message may start', () => {
  const cases: [string, Use[], Partial<typeof budget>, number | null, number, string | null][] = [
    ['nothing sent', [], {}, NOW, 500, null],
    ['some left', uses([1, 499]), {}, NOW, 1, null],
    ['all used: when the oldest falls out', uses([20, 1], [1, 499]), {}, NOW + 4 * HOUR, 0, 'daily-budget-used'],
    ['older than a day is forgotten', uses([24, 500]), {}, NOW, 500, null],
    ['one just within a day counts', uses([23.999, 500]), {}, NOW + 0.001 * HOUR, 0, 'daily-budget-used'],
    ['the reserve is kept', uses([2, 450]), { reserve: 50 }, NOW + 22 * HOUR, 0, 'daily-budget-used'],
    ['a reserve as large as the limit', [], { reserve: 500 }, null, 0, 'daily-budget-used'],
    ['no limit at all to use', [], { dailyLimit: 0 }, null, 0, 'daily-budget-used'],
    ['the pace', uses([0, 1]), { minGapMs: 2_000 }, NOW + 2_000, 499, 'pace'],
    ['the pace is long over', uses([1, 1]), { minGapMs: 2_000 }, NOW, 499, null],
    [
      'over budget and pace: the later',
      uses([0, 500]),
      { minGapMs: 2 * DAY_MS },
      NOW + 2 * DAY_MS,
      0,
      'daily-budget-used',
    ],
    ['a clock set back by a month does not silence', [{ at: NOW + 30 * DAY_MS, count: 500 }], {}, NOW, 500, null],
    [
      'a clock set back by an hour still counts',
      [{ at: NOW + HOUR, count: 500 }],
      {},
      NOW + HOUR + DAY_MS,
      0,
      'daily-budget-used',
    ],
    ['the pace after a clock set back', [{ at: NOW + HOUR, count: 1 }], { minGapMs: 5_000 }, NOW + 5_000, 499, 'pace'],
  ];
  for (const [name, sent, changes, mayStartAt, left, reason] of cases)
    assert.deepEqual(mayStart(sent, { ...budget, ...changes }, NOW), { mayStartAt, left, reason }, name);
});

test('whoever waits as told never breaks the limit in any 24 hours', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.array(fc.integer({ min: 0, max: 6 * HOUR }), { minLength: 20, maxLength: 60 }),
      (dailyLimit, pauses) => {
        const sent: Use[] = [];
        let now = NOW;
        for (const pause of pauses) {
          now += pause;
          const { mayStartAt } = mayStart(sent, { dailyLimit, reserve: 0, minGapMs: 1_000 }, now);
          assert.ok(mayStartAt !== null && mayStartAt >= now);
          now = mayStartAt;
          sent.push({ at: now, count: 1 });
          const inWindow = sent.filter((use) => use.at > now - DAY_MS).length;
          assert.ok(inWindow <= dailyLimit);
        }
      },
    ),
  );
});

test('the plan of a monitor against its budget', () => {
  const pace = { ...budget, minGapMs: 2_000 };
  const cases: [seeds: number, runs: number, others: number, result: string, reason: string, left: number][] = [
    [20, 24, 0, 'tight', 'plan-leaves-little', 20],
    [20, 25, 0, 'tight', 'plan-leaves-little', 0],
    [21, 24, 0, 'exceeds', 'plan-exceeds-budget', -4],
    [10, 24, 0, 'fits', 'plan-fits', 260],
    [10, 24, 300, 'exceeds', 'plan-exceeds-budget', -40],
    [0, 24, 0, 'fits', 'plan-fits', 500],
    [20, 0, 0, 'fits', 'plan-fits', 500],
  ];
  for (const [seeds, runsPerDay, othersPerDay, result, reason, left] of cases) {
    const verdict = planUse({ seeds, runsPerDay, othersPerDay }, pace);
    assert.deepEqual([verdict.result, verdict.reason, verdict.evidence.left], [result, reason, left]);
    assert.equal(verdict.evidence.perDay, seeds * runsPerDay);
  }
  const { evidence } = planUse({ seeds: 20, runsPerDay: 24 }, pace);
  assert.equal(evidence.runTakesMs, 38_000);
  assert.equal(evidence.mostRunsPerDay, 25);
  const slow = planUse({ seeds: 40, runsPerDay: 48 }, { dailyLimit: 100_000, reserve: 0, minGapMs: 60_000 });
  assert.equal(slow.reason, 'plan-slower-than-schedule');
});
