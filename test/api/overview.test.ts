/** The numbers behind the charts: local days with their true hours, sums that agree with the rows, changes that are called so only when they are. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { scopesOf } from '../../db/rollups.ts';
import { dayBuckets, HOUR_MS, hourBuckets, stretchesOf } from '../../server/api/days.ts';
import type { MonitorDelaysJson } from '../../server/api/json/delays.ts';
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
        audit_id: null,
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

  test('by tag, alone and together with sender, monitor and provider', async () => {
    await store([
      { at: '2026-11-20T10:00:00Z', verdict: 'inbox', probes: 7, tags: ['b2c'] },
      { at: '2026-11-20T10:00:00Z', verdict: 'spam', probes: 2, tags: ['b2c', 'jp 1'], provider: 'yahoo' },
      { at: '2026-11-20T11:00:00Z', verdict: 'missing', probes: 1 },
    ]);
    const probes = async (query: string): Promise<number> => {
      const { json } = await house.api<OverviewJson>(
        'GET',
        `/api/overview?from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z${query}`,
      );
      return json.now.counts.probes;
    };
    for (const [query, n] of [
      ['', 10],
      ['&tag=b2c', 9],
      ['&tag=jp%201', 2],
      ['&tag=other', 0],
      ['&tag=b2c&provider=yahoo', 2],
      [`&tag=b2c&senderId=${monitor.senderId}`, 9],
      [`&tag=jp%201&monitorId=${monitor.id}`, 2],
      [`&tag=b2c&monitorId=${monitor.id}&senderId=${monitor.senderId}&provider=gmail`, 7],
      ['&tag=b2c&senderId=nobody', 0],
      [`&tag=b2c&monitorId=${monitor.id}x`, 0],
      // A scope typed as a tag is a tag.
      [`&tag=${encodeURIComponent(`b2c' OR '1'='1`)}`, 0],
    ] as const)
      assert.equal(await probes(query), n, query);
  });

  test('of each provider how it stood before, and of tabs whether there are more', async () => {
    const past = '2026-11-18T10:00:00Z';
    const present = '2026-11-20T10:00:00Z';
    await store([
      { at: past, verdict: 'inbox', probes: 90 },
      { at: past, verdict: 'tab:promotions', probes: 10 },
      { at: present, verdict: 'inbox', probes: 40 },
      { at: present, verdict: 'tab:promotions', probes: 60 },
      { at: past, verdict: 'inbox', probes: 3, provider: 'yahoo' },
      { at: present, verdict: 'inbox', probes: 30, provider: 'yahoo' },
      { at: past, verdict: 'spam', probes: 50, provider: 'gmx' },
      { at: present, verdict: 'inbox', probes: 50, provider: 'gmx' },
      { at: past, verdict: 'inbox', probes: 50, provider: 'icloud' },
      { at: present, verdict: 'inbox', probes: 20, provider: 'outlook' },
    ]);
    const { json } = await house.api<OverviewJson>(
      'GET',
      '/api/overview?from=2026-11-19T00:00:00Z&to=2026-11-21T00:00:00Z&bucket=day',
    );
    assert.deepEqual(
      json.providers.map(({ provider, before, verdict }) => [provider, before.value, before.n, verdict]),
      [
        ['gmail', 0.9, 100, 'worse'],
        ['gmx', 0, 50, 'better'],
        ['yahoo', null, 3, 'not-enough-data'],
        ['outlook', null, 0, 'not-enough-data'],
      ],
    );
    assert.equal(json.verdict.tab, 'more');
    const back = await house.api<OverviewJson>(
      'GET',
      '/api/overview?from=2026-11-18T00:00:00Z&to=2026-11-18T12:00:00Z&bucket=day&provider=gmail',
    );
    assert.equal(back.json.verdict.tab, 'not-enough-data');
  });

  const TABS: [past: [inbox: number, tab: number], present: [inbox: number, tab: number], tab: string][] = [
    [[90, 10], [40, 60], 'more'],
    [[40, 60], [90, 10], 'fewer'],
    [[90, 10], [89, 11], 'no-clear-change'],
    [[1, 1], [89, 11], 'not-enough-data'],
  ];
  for (const [past, present, tab] of TABS)
    test(`tabs ${past[1]} of ${past[0] + past[1]} and then ${present[1]}: ${tab}`, async () => {
      const rows = (when: string, [inbox, tabs]: [number, number]) => [
        { at: when, verdict: 'inbox', probes: inbox },
        { at: when, verdict: 'tab:updates', probes: tabs },
      ];
      await store([...rows('2026-11-18T10:00:00Z', past), ...rows('2026-11-20T10:00:00Z', present)]);
      const { json } = await house.api<OverviewJson>(
        'GET',
        '/api/overview?from=2026-11-19T00:00:00Z&to=2026-11-21T00:00:00Z&bucket=day',
      );
      assert.equal(json.verdict.tab, tab);
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

  test('delays: fine buckets and percentiles of one monitor and its hours', async () => {
    const { db } = house.todoku.app;
    const hour = at('2026-11-20T10:00:00Z');
    for (const [scope, when, provider, from_ms, probes] of [
      [`m:${monitor.id}`, hour, 'gmail', 1000, 90],
      [`m:${monitor.id}`, hour, 'gmail', 1120, 5],
      [`m:${monitor.id}`, hour, 'yahoo', 1120, 4],
      [`m:${monitor.id}`, hour + HOUR_MS, 'gmail', 3_600_000, 1],
      [`m:${monitor.id}`, hour + 5 * HOUR_MS, 'gmail', 180_000, 50],
      [`m:${monitor.id} t:b2c`, hour, 'gmail', 180_000, 50],
      ['', hour, 'gmail', 180_000, 50],
    ] as const)
      await db.insertInto('delay_rollups').values({ scope, hour: when, provider, from_ms, probes }).execute();
    const read = async (query: string) =>
      (await house.api<MonitorDelaysJson>('GET', `/api/monitors/${monitor.id}/delays?${query}`)).json;
    const all = await read('from=2026-11-20T10:30:00Z&to=2026-11-20T11:30:00Z');
    assert.equal(all.n, 100);
    assert.deepEqual(
      all.buckets.filter(({ probes }) => probes > 0),
      [
        { fromMs: 1000, toMs: 1120, probes: 90 },
        { fromMs: 1120, toMs: 1253, probes: 9 },
        { fromMs: 3_600_000, toMs: 4_024_193, probes: 1 },
      ],
    );
    for (const [i, bucket] of all.buckets.entries()) assert.equal(bucket.toMs, all.buckets[i + 1]?.fromMs ?? 4_024_193);
    assert.deepEqual(all.percentiles, { p50: 1067, p75: 1100, p90: 1120, p95: 1194, p99: 1253 });
    const yahoo = await read('from=2026-11-20T10:00:00Z&to=2026-11-20T12:00:00Z&provider=yahoo');
    assert.deepEqual([yahoo.n, yahoo.percentiles.p50, yahoo.buckets.length], [4, null, 1]);
    const none = await read('from=2026-11-21T00:00:00Z&to=2026-11-22T00:00:00Z');
    assert.deepEqual(none, {
      n: 0,
      percentiles: { p50: null, p75: null, p90: null, p95: null, p99: null },
      buckets: [],
    });
    assert.equal((await house.api('GET', '/api/monitors/none/delays')).status, 404);
    for (const bad of [
      'from=x',
      'provider=x',
      'from=2026-11-21T00:00:00Z&to=2026-11-20T00:00:00Z',
      'from=2000-01-01T00:00:00Z',
    ])
      assert.equal((await house.api('GET', `/api/monitors/${monitor.id}/delays?${bad}`)).status, 400, bad);
  });

  const BAD: string[] = [
    'from=yesterday',
    'from=2026-11-21T00:00:00Z&to=2026-11-20T00:00:00Z',
    'timeZone=Mars',
    'bucket=hour&from=2020-01-01T00:00:00Z',
    'from=1900-01-01T00:00:00Z',
    'bucket=minute',
    'provider=toString',
    'tag=',
    'tag=a%0Ab',
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
    // A sender that has used its budget is named with what waits, and goes on at once when it may send more.
    await db.updateTable('senders').set({ held_until: null, daily_limit: 3 }).execute();
    await db.updateTable('seeds').set({ unreadable_since: null }).execute();
    await house.api('POST', `/api/monitors/${monitor.id}/runs`);
    await db
      .updateTable('probes')
      .set({ reason: 'daily-budget-used', next_send_at: now + 7_200_000 })
      .execute();
    const waits = async () =>
      (await house.api<OverviewJson>('GET', '/api/overview')).json.attention.find(
        ({ kind }) => kind === 'sender-budget',
      );
    const { since, ...budget } = (await waits()) ?? {};
    assert.deepEqual(budget, {
      ...{ kind: 'sender-budget', id: monitor.senderId, name: 'Newsletter', reason: 'sender-budget' },
      evidence: { waiting: 1, limit: 3, freeAt: new Date(now + 7_200_000).toISOString() },
    });
    assert.ok(Math.abs(Date.parse(since ?? '') - now) < 60_000);
    await house.api('PATCH', `/api/senders/${monitor.senderId}`, { dailyLimit: 2 });
    assert.ok(await waits());
    await house.api('PATCH', `/api/senders/${monitor.senderId}`, { dailyLimit: 4 });
    assert.equal(await waits(), undefined);
    assert.deepEqual(
      await db.selectFrom('probes').select(['reason']).where('next_send_at', '<=', house.todoku.app.now()).execute(),
      [{ reason: 'waiting-to-be-sent' }],
    );
    assert.equal((await house.raw('GET', '/healthz', {})).status, 503);
    house.todoku.app.health.storage = 'ok';
    assert.equal((await house.raw('GET', '/healthz', {})).status, 200);
  });
});
