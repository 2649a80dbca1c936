/** What charts work out before they draw: where times stand, which bar holds one, what is told together, and what a table says. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DELAY_EDGES_MS } from '../../server/probe/types.ts';
import { shownOf, toCsv } from '../../web/charts/csv.ts';
import { delayPlace, roundBuckets } from '../../web/charts/delay-place.ts';
import { type Bar, barAt } from '../../web/charts/hover.ts';
import { marksByBar, merged } from '../../web/charts/marks.ts';
import { makeFormat } from '../../web/format.ts';
import { RATE_STEPS, stepOf, stepTone } from '../../web/outcomes.ts';
import { overviewSearch } from '../../web/pages/overview-query.ts';
import { instantOf, localOf } from '../../web/range.ts';

const HOUR = 3_600_000;

/** Bars of an hour each from a moment on. */
const hours = (from: number, count: number): Bar[] =>
  Array.from({ length: count }, (_, at) => ({
    start: new Date(from + at * HOUR).toISOString(),
    end: new Date(from + (at + 1) * HOUR).toISOString(),
  }));

describe('the bar that holds a time', () => {
  test('is found at its ends and not beyond', () => {
    const bars = hours(0, 3);
    const cases: [number, number][] = [
      [-1, -1],
      [0, 0],
      [HOUR - 1, 0],
      [HOUR, 1],
      [3 * HOUR - 1, 2],
      [3 * HOUR, -1],
    ];
    for (const [at, wanted] of cases) assert.equal(barAt(bars, at), wanted, String(at));
    assert.equal(barAt([], 0), -1);
  });

  test('is the one that looking at all of them finds', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.integer({ min: -HOUR, max: 201 * HOUR }), (count, at) => {
        const bars = hours(0, count);
        const wanted = bars.findIndex(({ start, end }) => Date.parse(start) <= at && at < Date.parse(end));
        assert.equal(barAt(bars, at), wanted);
      }),
    );
  });
});

describe('marks', () => {
  test('are gathered by their bar; those outside are left out', () => {
    const mark = (at: number, label: string) => ({ at, label, words: label });
    const found = marksByBar([mark(-5, '1'), mark(10, '2'), mark(20, '3'), mark(2 * HOUR, '4')], hours(0, 3));
    assert.deepEqual(
      [...found].map(([bar, marks]) => [bar, marks.map(({ label }) => label)]),
      [
        [0, ['2', '3']],
        [2, ['4']],
      ],
    );
  });

  test('that meet are one, named by its ends', () => {
    const at = (...xs: number[]) => xs.map((x, index) => ({ x, label: String(index + 1) }));
    assert.deepEqual(merged(at(0, 50, 60, 200), 22), [
      { x: 0, first: '1', last: '1' },
      { x: 55, first: '2', last: '3' },
      { x: 200, first: '4', last: '4' },
    ]);
    assert.deepEqual(merged([], 22), []);
  });

  test('none is lost, and none stands nearer to the next than the gap', () => {
    const xs = fc.array(fc.nat(1000), { maxLength: 60 }).map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(xs, (sorted) => {
        const flags = merged(
          sorted.map((x, index) => ({ x, label: String(index) })),
          22,
        );
        const told = flags.reduce((sum, { first, last }) => sum + Number(last) - Number(first) + 1, 0);
        assert.equal(told, sorted.length);
        for (const [index, flag] of flags.entries()) {
          const next = flags[index + 1];
          if (next) assert.equal(Number(next.first), Number(flag.last) + 1);
        }
      }),
    );
  });
});

describe('delivery times on an axis of ever wider buckets', () => {
  const buckets = DELAY_EDGES_MS.map((fromMs, at) => ({ fromMs, toMs: DELAY_EDGES_MS[at + 1] ?? null, probes: 1 }));

  test('an edge stands on its edge', () => {
    for (const [at, { fromMs }] of buckets.entries()) {
      const place = delayPlace(fromMs, buckets);
      assert.ok(place !== null && Math.abs(place - at / buckets.length) < 1e-9, `${fromMs}: ${place}`);
    }
  });

  test('later never stands before earlier', () => {
    const ms = fc.integer({ min: 0, max: 8 * 86_400_000 });
    fc.assert(
      fc.property(ms, ms, (one, other) => {
        const [early, late] = [delayPlace(Math.min(one, other), buckets), delayPlace(Math.max(one, other), buckets)];
        assert.ok(early !== null && late !== null && early <= late && early >= 0 && late <= 1);
      }),
    );
  });

  test('what is outside stands nowhere, but the end of the last bucket is its end', () => {
    const some = buckets.slice(3, 6);
    const last = some.at(-1)?.toMs ?? 0;
    assert.equal(delayPlace(0, some), null);
    assert.equal(delayPlace(last, some), 1);
    assert.equal(delayPlace(last + 1, some), null);
    assert.equal(delayPlace(5, []), null);
  });

  test('round times have a name, each at its bucket, no bucket has two', () => {
    const named = roundBuckets(buckets);
    assert.ok(named.length > 10);
    for (const { at, ms } of named) {
      const bucket = buckets[at];
      assert.ok(bucket && bucket.fromMs <= ms && (bucket.toMs === null || ms < bucket.toMs));
    }
    assert.equal(new Set(named.map(({ at }) => at)).size, named.length);
    // SparkPost's edges are edges here too, so their names stand exactly.
    for (const minutes of [3, 6, 15, 60])
      assert.equal(buckets[named.find(({ ms }) => ms === minutes * 60_000)?.at ?? -1]?.fromMs, minutes * 60_000);
  });
});

describe('shades of a rate', () => {
  test('each step begins where it says', () => {
    const cases: [number, number][] = [
      [1, 0],
      [0.95, 0],
      [0.9499, 1],
      [0.8, 1],
      [0.5, 2],
      [0.2, 3],
      [0, 4],
    ];
    for (const [value, step] of cases) assert.equal(stepOf(value), step, String(value));
  });

  test('numbers can be read on every shade', () => {
    for (const scheme of ['light', 'dark'] as const)
      for (const step of RATE_STEPS.keys()) {
        const { fill, text } = stepTone(step, scheme);
        assert.ok(contrast(fill, text) >= 3.9, `${step}, ${scheme}: ${contrast(fill, text)}`);
      }
  });

  test('neighbouring shades differ in light, not only in hue', () => {
    for (const scheme of ['light', 'dark'] as const)
      for (let step = 0; step < RATE_STEPS.length - 1; step++) {
        const apart = contrast(stepTone(step, scheme).fill, stepTone(step + 1, scheme).fill);
        assert.ok(apart >= 1.15, `${step} and ${step + 1}, ${scheme}: ${apart}`);
      }
  });
});

describe('tables', () => {
  test('people read one thing, a spreadsheet gets another', () => {
    const cell = { shown: '94%', value: 0.94 };
    assert.equal(shownOf(cell), '94%');
    assert.equal(shownOf(null), null);
    assert.equal(
      toCsv({ columns: ['rate', 'none'], rows: [[cell, { shown: 'not enough data', value: null }]] }),
      'rate,none\r\n0.94,\r\n',
    );
    // A text to calculate with is as dangerous here as elsewhere.
    assert.equal(toCsv({ columns: ['x'], rows: [[{ shown: 'x', value: '=1+1' }]] }), "x\r\n'=1+1\r\n");
  });
});

describe('clocks', () => {
  test('a time as typed is the instant at which the zone’s clock shows it', () => {
    const cases: [string, string, string][] = [
      ['2026-11-23T16:04', 'Europe/Berlin', '2026-11-23T15:04:00.000Z'],
      ['2026-11-24T00:04', 'Asia/Tokyo', '2026-11-23T15:04:00.000Z'],
      ['2026-06-01T00:00', 'Asia/Kolkata', '2026-05-31T18:30:00.000Z'],
      // Skipped when the clock goes forward, and said twice when it goes back.
      ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
      ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
      ['2026-11-23T16:04:59', 'UTC', '2026-11-23T16:04:00.000Z'],
    ];
    for (const [local, zone, wanted] of cases)
      assert.equal(new Date(instantOf(local, zone) ?? Number.NaN).toISOString(), wanted, `${local} ${zone}`);
    for (const nonsense of ['', 'tomorrow', '2026-13-40T99:99']) assert.equal(instantOf(nonsense, 'UTC'), null);
  });

  test('what a clock shows leads back to what it shows', () => {
    const zones = ['UTC', 'Europe/Berlin', 'Asia/Tokyo', 'America/St_Johns', 'Australia/Lord_Howe', 'Pacific/Apia'];
    const day = { min: Date.UTC(2000, 0, 1), max: Date.UTC(2040, 0, 1) };
    fc.assert(
      fc.property(fc.integer(day), fc.constantFrom(...zones), (at, zone) => {
        const local = localOf(at, zone);
        const back = instantOf(local, zone);
        assert.ok(back !== null);
        assert.equal(localOf(back, zone), local);
      }),
    );
  });

  test('formats of both languages name the same clock', () => {
    assert.equal(makeFormat('en', 'Asia/Tokyo').time(Date.UTC(2026, 10, 23, 15, 4)), '00:04');
    assert.equal(localOf(Date.UTC(2026, 10, 23, 15, 4), 'Asia/Tokyo'), '2026-11-24T00:04');
  });
});

describe('the overview’s address', () => {
  test('holds filters and the span, and nothing else', () => {
    assert.deepEqual(overviewSearch({ range: '30d', sender: 's', tag: 7, provider: '', monitor: null, x: 'y' }), {
      range: '30d',
      sender: 's',
      tag: '7',
    });
  });

  test('anything can stand in it', () => {
    const key = fc.constantFrom('from', 'to', 'range', 'sender', 'monitor', 'provider', 'tag', 'x');
    fc.assert(
      fc.property(fc.dictionary(key, fc.anything()), (search) => {
        for (const value of Object.values(overviewSearch(search)))
          assert.ok(typeof value === 'string' && value !== '' && value.length <= 200);
      }),
    );
  });
});

/** WCAG 2.2 contrast ratio. */
function contrast(one: string, other: string): number {
  const light = (hex: string): number => {
    const value = Number.parseInt(hex.slice(1), 16);
    const [r = 0, g = 0, b = 0] = [value >> 16, (value >> 8) & 255, value & 255].map((part) =>
      part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [high = 0, low = 0] = [light(one), light(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}
