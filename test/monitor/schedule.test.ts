/** Daily means once a day, through both changes of the clock, wherever the user lives. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkSchedule, isTimeZone, nextRuns, runsPerDay } from '../../server/monitor/schedule.ts';

const NOW = Date.parse('2026-11-23T10:00:00Z');
const DAY = 86_400_000;
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Asia/Kolkata',
  'America/Santiago',
  'Africa/Casablanca',
];

function localDays(timeZone: string, from: number, count: number): string[] {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  return Array.from({ length: count }, (_, i) => format.format(from + i * DAY + DAY / 2));
}

for (const timeZone of ZONES) {
  test(`02:30 runs exactly once on each of 366 local days in ${timeZone}`, () => {
    const from = Date.parse('2026-01-01T00:00:00Z');
    const format = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
    const perDay = new Map<string, number>();
    // One step at a time, as the scheduler does, from shortly after each slot.
    for (let at = from - 2 * DAY; at < from + 369 * DAY; ) {
      const [next] = nextRuns({ cron: '30 2 * * *', timeZone }, at, 1);
      assert.ok(next !== undefined && next > at);
      perDay.set(format.format(next), (perDay.get(format.format(next)) ?? 0) + 1);
      at = next + 1500;
    }
    const wrong = localDays(timeZone, from, 366).filter((day) => perDay.get(day) !== 1);
    assert.deepEqual(wrong, []);
  });

  test(`asked at any moment, the next 02:30 in ${timeZone} is the same`, () => {
    const from = Date.parse('2026-01-01T00:00:00Z');
    const chain = nextRuns({ cron: '30 2 * * *', timeZone }, from, 400);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 366 * DAY }), (offset) => {
        const after = from + offset;
        assert.equal(
          nextRuns({ cron: '30 2 * * *', timeZone }, after, 1)[0],
          chain.find((at) => at > after),
        );
      }),
      { numRuns: 300 },
    );
  });
}

test('an interval follows real time through both changes', () => {
  for (const [from, zone] of [
    ['2026-03-29T00:00:00Z', 'Europe/Berlin'],
    ['2026-10-25T00:00:00Z', 'Europe/Berlin'],
    ['2026-10-03T12:00:00Z', 'Australia/Lord_Howe'],
  ] as const) {
    const runs = nextRuns({ cron: '*/15 * * * *', timeZone: zone }, Date.parse(from), 20);
    const gaps = runs.slice(1).map((at, i) => (at - (runs[i] as number)) / 60_000);
    assert.deepEqual(new Set(gaps), new Set([15]), `${zone} ${gaps}`);
  }
});

test('leap day and far years', () => {
  assert.deepEqual(
    nextRuns({ cron: '0 12 29 2 *', timeZone: 'UTC' }, NOW, 2).map((at) => new Date(at).toISOString()),
    ['2028-02-29T12:00:00.000Z', '2032-02-29T12:00:00.000Z'],
  );
  assert.equal(
    new Date(nextRuns({ cron: '0 0 * * *', timeZone: 'UTC' }, 2 ** 31 * 1000, 1)[0] as number).toISOString(),
    '2038-01-20T00:00:00.000Z',
  );
});

const WRONG: [cron: string, timeZone: string, field: 'cron' | 'timeZone'][] = [
  ['', 'UTC', 'cron'],
  ['* * * *', 'UTC', 'cron'],
  ['* * * * * *', 'UTC', 'cron'],
  ['60 * * * *', 'UTC', 'cron'],
  ['0 24 * * *', 'UTC', 'cron'],
  ['0 0 30 2 *', 'UTC', 'cron'],
  ['? * * * *', 'UTC', 'cron'],
  ['@reboot', 'UTC', 'cron'],
  ['@never', 'UTC', 'cron'],
  ['__proto__', 'UTC', 'cron'],
  ['*/0 * * * *', 'UTC', 'cron'],
  ['a b c d e', 'UTC', 'cron'],
  ['-1 * * * *', 'UTC', 'cron'],
  ['* * * * * '.repeat(50), 'UTC', 'cron'],
  ['0 9 * * *', 'Mars/Olympus', 'timeZone'],
  ['0 9 * * *', '', 'timeZone'],
  ['0 9 * * *', '+09:00', 'timeZone'],
  ['0 9 * * *', 'toString', 'timeZone'],
];
for (const [cron, timeZone, field] of WRONG)
  test(`refuses ${JSON.stringify(cron.slice(0, 30))} in ${JSON.stringify(timeZone)}: ${field}`, () => {
    const verdict = checkSchedule({ cron, timeZone }, NOW);
    assert.equal(verdict.ok, false);
    assert.equal(!verdict.ok && verdict.field, field);
    assert.ok(!verdict.ok && verdict.error.length > 10);
  });

const PER_DAY: [cron: string, runs: number][] = [
  ['* * * * *', 1440],
  ['*/5 * * * *', 288],
  ['0 * * * *', 24],
  ['@daily', 1],
  ['@hourly', 24],
  ['30 2 * * *', 1],
  ['0 9-17 * * 1-5', 9],
  ['0 9 1 * *', 1],
  ['*/30 * 29 2 *', 48],
];
for (const [cron, runs] of PER_DAY)
  test(`${cron} is ${runs} a day`, () => {
    assert.deepEqual(checkSchedule({ cron, timeZone: 'Asia/Tokyo' }, NOW), { ok: true });
    assert.equal(runsPerDay({ cron, timeZone: 'Asia/Tokyo' }, NOW), runs);
  });

test('no text makes a check throw or wait', () => {
  const word = fc.oneof(
    fc.string(),
    fc.stringMatching(/^[0-9*,/ L#W?@-]{0,40}$/),
    fc.constantFrom('*', '*/2', '1-5', '0,30', 'L', 'MON#2', '15W', '2-1', '99'),
  );
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 7 }), (words) => {
      const schedule = { cron: words.join(' '), timeZone: 'Europe/Berlin' };
      if (checkSchedule(schedule, NOW).ok) {
        const [first, second] = nextRuns(schedule, NOW, 2);
        assert.ok(first !== undefined && first > NOW && (second === undefined || second - first >= 60_000));
      }
    }),
    { numRuns: 500 },
  );
});

test('zones are known by name only', () => {
  for (const zone of ['UTC', 'Asia/Tokyo', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'])
    assert.ok(isTimeZone(zone), zone);
  for (const zone of ['', 'x'.repeat(1000), 'Asia/Tokio', '__proto__', 'UTC\n']) assert.ok(!isTimeZone(zone), zone);
});
