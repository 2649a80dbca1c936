/** The numbers behind the charts: local days with their true hours, sums that agree with the rows, changes that are called so only when they are. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { scopesOf } from '../../db/rollups.ts';
import { dayBuckets, HOUR_MS, hourBuckets, stretchesOf } from '../../server/api/days.ts';
import type { MonitorJson } from '../../server/api/json/monitors.ts';
import type { OverviewJson, PlacementSeriesJson } from '../../server/api/json/overview.ts';
import { GMAIL_SEED, GMAIL_SENDER, type House, openHouse } from './house.ts';

const at = (text: string): number => Date.parse(text);
const hours = (buckets: { start: number; end: number }[]): number[] =>
  buckets.map(({ start, end }) => (end - start) / HOUR_MS);

describe('days', () => {
  const DAYS: [zone: string, from: string, count: number, hours: number[]][] = [
    ['UTC', '2026-03-28T10:00:00Z', 2, [24, 24]],
    ['Europe/Berlin', '2026-03-28T12:00:00Z', 3, [24, 23, 24]],
    ['Europe/Berlin', '2026-10-24T12:00:00Z', 3, [24, 25, 24]],
    ['America/New_York', '2026-11-01T12:00:00Z', 1, [25]],
    ['Australia/Lord_Howe', '2026-10-04T02:00:00Z', 1, [23.5]],
    ['Australia/Lord_Howe', '2026-04-05T02:00:00Z', 1, [24.5]],
    ['Asia/Kolkata', '2026-10-25T12:00:00Z', 2, [24, 24]],
    // The clocks change at midnight: the day begins at 01:00, or midnight comes twice.
    ['America/Santiago', '2026-09-06T12:00:00Z', 1, [23]],
    ['America/Santiago', '2026-04-04T12:00:00Z', 2, [25, 24]],
    ['Africa/Cairo', '2026-04-24T12:00:00Z', 1, [23]],
  ];
  for (const [zone, from, count, wanted] of DAYS)
    test(`${zone} from ${from.slice(0, 10)}: ${wanted.join(', ')} hours`, () => {
      assert.deepEqual(hours(dayBuckets(at(from), at(from) + (count - 1) * 24 * HOUR_MS + 1, zone)), wanted);
    });

  test('a year of days is 365, without gaps and each on its own date, in every zone', () => {
    for (const zone of [
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kolkata',
      'America/Santiago',
      'Africa/Casablanca',
      'Pacific/Apia',
      'Asia/Kathmandu',
    ]) {
      const format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' });
      const days = dayBuckets(at('2026-01-01T12:00:00Z'), at('2026-12-31T12:00:00Z'), zone);
      assert.equal(days.length, 365, zone);
      for (const [i, day] of days.entries()) {
        assert.equal(format.format(day.start), format.format(day.end - 1), zone);
        assert.notEqual(format.format(day.start - 1), format.format(day.start), zone);
        if (i > 0) assert.equal(days[i - 1]?.end, day.start, zone);
        assert.equal(day.from % HOUR_MS, 0);
      }
      assert.ok(stretchesOf(days).length <= 9, zone);
    }
  });

  test('stretches cover each counted hour exactly once', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/Santiago'),
        fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') }),
        fc.integer({ min: 1, max: 60 * 24 * HOUR_MS }),
        (zone, from, length) => {
          const buckets = dayBuckets(from, from + length, zone);
          assert.ok((buckets[0]?.start ?? 0) <= from && (buckets.at(-1)?.end ?? 0) >= from + length);
          const starts = stretchesOf(buckets).flatMap(({ start, length: each, count }) =>
            Array.from({ length: count }, (_, i) => start + i * each),
          );
          assert.deepEqual(
            starts,
            buckets.filter((bucket) => bucket.to > bucket.from).map((bucket) => bucket.from),
          );
        },
      ),
      { numRuns: 60 },
    );
    assert.equal(hourBuckets(at('2026-01-01T00:30:00Z'), at('2026-01-01T02:30:00Z')).length, 3);
  });
});

describe('numbers', () => {
  let house: House;
  let monitor: MonitorJson;
  before(async () => {
    house = await openHouse();
    const sender = (await house.api<{ id: string }>('POST', '/api/senders', GMAIL_SENDER)).json;
    const seed = (await house.api<{ id: string }>('POST', '/api/seeds', GMAIL_SEED)).json;
    monitor = (
      await house.api<MonitorJson>('POST', '/api/monitors', {
        name: 'M',
        senderId: sender.id,
        seedIds: [seed.id],
        message: { template: 'plain' },
      })
    ).json;
  });
  after(() => house.close());

  async function store(
    rows: {
      at: string;
      verdict: string;
      probes: number;
      provider?: string;
      delays?: number[];
      late?: number;
      tags?: string[];
    }[],
  ): Promise<void> {
    await house.todoku.app.db.deleteFrom('placement_rollups').execute();
    const table = new Map<string, Record<string, number>>();
    for (const row of rows)
      for (const scope of scopesOf({
        sender_id: monitor.senderId,
        monitor_id: monitor.id,
        tags_json: JSON.stringify(row.tags ?? []),
      })) {
        const key = JSON.stringify([scope, at(row.at), row.provider ?? 'gmail']);
        const counts = table.get(key) ?? {};
        table.set(key, counts);
        const add = (column: string, by: number): void => {
          counts[column] = (counts[column] ?? 0) + by;
        };
        add(row.verdict.replace(':', '_'), row.probes);
        add('late', row.late ?? 0);
        for (const [i, n] of (row.delays ?? []).entries()) {
          add(`delay_${i}`, n);
          add('delay_sum_ms', 60_000 * n);
        }
      }
    for (const [key, counts] of table) {
      const [scope, hour, provider] = JSON.parse(key) as [string, number, string];
      await house.todoku.app.db
        .insertInto('placement_rollups')
        .values({ scope, hour, provider, ...counts })
        .execute();
    }
  }

  test('hours go into the local day in which they begin, the long one has 25', async () => {
    // Berlin, 25 October 2026: the day runs from 22:00 UTC the day before to 23:00 UTC.
    const day = Array.from({ length: 27 }, (_, i) => ({
      at: new Date(at('2026-10-24T21:00:00Z') + i * HOUR_MS).toISOString(),
      verdict: 'inbox',
      probes: 1,
    }));
    await store(day);
    const { json } = await house.api<PlacementSeriesJson>(
      'GET',
      `/api/monitors/${monitor.id}/placement?from=2026-10-24T00:00:00Z&to=2026-10-26T20:00:00Z&timeZone=Europe/Berlin&bucket=day&by=provider`,
    );
    assert.deepEqual(
      json.buckets.map(({ start, counts }) => [start, counts.inbox]),
      [
        ['2026-10-23T22:00:00.000Z', 1],
        ['2026-10-24T22:00:00.000Z', 25],
        ['2026-10-25T23:00:00.000Z', 1],
      ],
    );
    assert.deepEqual(
      json.providers[0]?.buckets.map(({ counts }) => counts.inbox),
      [1, 25, 1],
    );
    const byHour = await house.api<PlacementSeriesJson>(
      'GET',
      `/api/monitors/${monitor.id}/placement?from=2026-10-24T22:00:00Z&to=2026-10-25T23:00:00Z&timeZone=Europe/Berlin&bucket=hour`,
    );
    assert.equal(byHour.json.buckets.length, 25);
  });

  test('unknown stands beside the rates, tabs are tabs, under five is not enough', async () => {
    await store([
      { at: '2026-11-20T10:00:00Z', verdict: 'inbox', probes: 6, delays: [4, 1, 0, 0, 1], late: 1 },
      { at: '2026-11-20T10:00:00Z', verdict: 'tab:promotions', probes: 2, delays: [2] },
      { at: '2026-11-20T10:00:00Z', verdict: 'spam', probes: 1 },
      { at: '2026-11-20T11:00:00Z', verdict: 'missing', probes: 1 },
      { at: '2026-11-20T11:00:00Z', verdict: 'unknown', probes: 5 },
      { at: '2026-11-20T11:00:00Z', verdict: 'inbox', probes: 3, provider: 'outlook' },
    ]);
    const { json } = await house.api<OverviewJson>(
      'GET',
      '/api/overview?from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z&provider=gmail',
    );
    assert.deepEqual(
      [
        json.now.counts.probes,
        json.now.counts.unknown,
        json.now.rates.inbox.n,
        json.now.rates.inbox.count,
        json.now.rates.tab.count,
      ],
      [15, 5, 10, 6, 2],
    );
    assert.equal(json.now.rates.inbox.value, 0.6);
    assert.ok((json.now.rates.inbox.low ?? 0) > 0.3 && (json.now.rates.inbox.high ?? 1) < 0.84);
    assert.deepEqual(
      json.delays.buckets.map(({ probes }) => probes),
      [6, 1, 0, 0, 1],
    );
    assert.equal(json.delays.meanMs, 60_000);
    assert.equal(json.bucket, 'hour');
    assert.equal(json.buckets.length, 24);
    const all = await house.api<OverviewJson>('GET', '/api/overview?from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z');
    const outlook = all.json.providers.find(({ provider }) => provider === 'outlook');
    assert.deepEqual(
      [outlook?.rates.inbox.enough, outlook?.rates.inbox.value, outlook?.rates.inbox.n],
      [false, null, 3],
    );
    assert.deepEqual([all.json.totals.monitors, all.json.verdict.inbox], [1, 'not-enough-data']);
  });

  const CHANGES: [
    before: [inbox: number, spam: number],
    now: [inbox: number, spam: number],
    inbox: string,
    spam: string,
  ][] = [
    [[90, 10], [50, 50], 'worse', 'worse'],
    [[50, 50], [90, 10], 'better', 'better'],
    [[90, 10], [88, 12], 'no-clear-change', 'no-clear-change'],
    [[5, 0], [4, 1], 'no-clear-change', 'no-clear-change'],
    [[2, 0], [90, 10], 'not-enough-data', 'not-enough-data'],
  ];
  for (const [past, present, inbox, spam] of CHANGES)
    test(`${past} and then ${present}: ${inbox}`, async () => {
      await store([
        { at: '2026-11-18T10:00:00Z', verdict: 'inbox', probes: past[0] },
        { at: '2026-11-18T10:00:00Z', verdict: 'spam', probes: past[1] },
        { at: '2026-11-20T10:00:00Z', verdict: 'inbox', probes: present[0] },
        { at: '2026-11-20T10:00:00Z', verdict: 'spam', probes: present[1] },
      ]);
      const { json } = await house.api<OverviewJson>(
        'GET',
        '/api/overview?from=2026-11-19T00:00:00Z&to=2026-11-21T00:00:00Z&bucket=day',
      );
      assert.deepEqual([json.verdict.inbox, json.verdict.spam], [inbox, spam]);
      assert.equal(json.before.from, '2026-11-17T00:00:00.000Z');
    });

  test('what buckets, providers and totals say is the same', async () => {
    const verdicts = ['inbox', 'spam', 'tab:social', 'other', 'missing', 'rejected', 'bounced', 'deferred', 'unknown'];
    const row = fc.record({
      hour: fc.integer({ min: 0, max: 24 * 6 }),
      verdict: fc.constantFrom(...verdicts),
      provider: fc.constantFrom('gmail', 'yahoo', 'gmx'),
      probes: fc.integer({ min: 1, max: 50 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(row, {
          minLength: 1,
          maxLength: 40,
          selector: (one) => `${one.hour} ${one.verdict} ${one.provider}`,
        }),
        fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Tokyo'),
        async (rows, zone) => {
          await store(
            rows.map((one) => ({
              ...one,
              at: new Date(at('2026-10-22T00:00:00Z') + one.hour * HOUR_MS).toISOString(),
            })),
          );
          const { json } = await house.api<OverviewJson>(
            'GET',
            `/api/overview?from=2026-10-20T00:00:00Z&to=2026-10-30T00:00:00Z&timeZone=${zone}`,
          );
          const total = rows.reduce((sum, one) => sum + one.probes, 0);
          assert.equal(json.now.counts.probes, total);
          assert.equal(
            json.buckets.reduce((sum, bucket) => sum + bucket.counts.probes, 0),
            total,
          );
          assert.equal(
            json.providers.reduce((sum, provider) => sum + provider.counts.probes, 0),
            total,
          );
          const { probes: _probes, late: _late, ...kinds } = json.now.counts;
          assert.equal(
            Object.values(kinds).reduce((sum, n) => sum + n, 0),
            total,
          );
        },
      ),
      { numRuns: 15 },
    );
  });

  const BAD: string[] = [
    'from=yesterday',
    'from=2026-11-21T00:00:00Z&to=2026-11-20T00:00:00Z',
    'timeZone=Mars',
    'bucket=hour&from=2020-01-01T00:00:00Z',
    'from=1900-01-01T00:00:00Z',
    'bucket=minute',
    'provider=toString',
  ];
  for (const query of BAD)
    test(`refused: ${query}`, async () => assert.equal((await house.api('GET', `/api/overview?${query}`)).status, 400));

  test('what needs attention', async () => {
    const { db } = house.todoku.app;
    const now = Date.now();
    await db
      .updateTable('seeds')
      .set({ unreadable_since: now - 1000, unreadable_reason: 'wrong-password' })
      .execute();
    await db
      .updateTable('senders')
      .set({ held_until: now + 3_600_000, held_reason: 'daily-limit' })
      .execute();
    await db
      .updateTable('monitors')
      .set({ next_run_at: now - 3_600_000 })
      .execute();
    house.todoku.app.health.storage = 'full';
    const { json } = await house.api<OverviewJson>('GET', '/api/overview');
    assert.deepEqual(
      json.attention.map(({ kind, reason }) => [kind, reason]),
      [
        ['storage', 'storage-full'],
        ['seed-unreadable', 'wrong-password'],
        ['sender-held', 'daily-limit'],
        ['run-late', 'run-late'],
      ],
    );
    assert.equal((await house.raw('GET', '/healthz', {})).status, 503);
    house.todoku.app.health.storage = 'ok';
    assert.equal((await house.raw('GET', '/healthz', {})).status, 200);
  });
});
