/** Wall links: what a key shows, that it opens nothing else, and how often it may be used. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createEvents } from '../../server/api/events.ts';
import type { ProblemJson } from '../../server/api/json/basics.ts';
import type { MonitorJson } from '../../server/api/json/monitors.ts';
import type { NewWallLinkJson, WallJson, WallLinksJson } from '../../server/api/json/walls.ts';
import { allRoutes } from '../../server/api/routes.ts';
import { startRun } from '../../server/monitor/run.ts';
import { type Answer, asPage, GMAIL_SEED, GMAIL_SENDER, type House, openHouse, setPassword } from './house.ts';

let house: House;
let cookie: string;
let monitor: MonitorJson;
let other: MonitorJson;
before(async () => {
  house = await openHouse();
  cookie = await setPassword(house);
  const sender = (await house.api<{ id: string }>('POST', '/api/senders', GMAIL_SENDER)).json;
  const seed = (await house.api<{ id: string }>('POST', '/api/seeds', GMAIL_SEED)).json;
  const add = async (name: string): Promise<MonitorJson> =>
    (
      await house.api<MonitorJson>('POST', '/api/monitors', {
        ...{ name, senderId: sender.id, seedIds: [seed.id], message: { template: 'plain' } },
      })
    ).json;
  monitor = await add('Weekly');
  other = await add('Orders');
  for (const one of [monitor, other]) await startRun(house.todoku.app, one.id, { slotAt: null });
  const { db } = house.todoku.app;
  await db
    .updateTable('seeds')
    .set({ unreadable_since: 1, unreadable_reason: 'wrong-password', unreadable_reply: 'NO secret reply' })
    .execute();
  const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  for (const [scope, inbox] of [
    ['', 40],
    [`m:${monitor.id}`, 30],
    [`m:${other.id}`, 10],
  ] as const)
    await db.insertInto('placement_rollups').values({ scope, hour, provider: 'gmail', inbox, spam: 10 }).execute();
});
after(() => house.close());

const make = async (name: string, monitorId: string | null = null): Promise<NewWallLinkJson> => {
  const made = await asPage<NewWallLinkJson>(house, cookie, 'POST', '/api/wall-links', { name, monitorId });
  assert.equal(made.status, 201, made.text);
  return made.json;
};
const look = (key: string, query = ''): Promise<Answer<WallJson & ProblemJson>> =>
  house.raw('GET', `/api/wall${query}`, { authorization: `Bearer ${key}` });

test('a link is made, its key shown once, listed, used and revoked', async () => {
  const made = await make('Office');
  assert.match(made.key, /^todoku_wall_[\w-]{43}$/);
  const list = await asPage<WallLinksJson>(house, cookie, 'GET', '/api/wall-links');
  assert.deepEqual(
    list.json.items.map(({ name, monitorId, lastUsedAt, revokedAt }) => [name, monitorId, lastUsedAt, revokedAt]),
    [['Office', null, null, null]],
  );
  assert.ok(!list.text.includes(made.key));
  assert.equal((await look(made.key)).status, 200);
  const used = (await asPage<WallLinksJson>(house, cookie, 'GET', '/api/wall-links')).json.items[0];
  assert.ok(used?.lastUsedAt);
  assert.equal((await asPage(house, cookie, 'DELETE', `/api/wall-links/${made.id}`)).status, 204);
  assert.equal((await asPage(house, cookie, 'DELETE', `/api/wall-links/${made.id}`)).status, 404);
  assert.equal((await look(made.key)).status, 401);
  assert.ok((await asPage<WallLinksJson>(house, cookie, 'GET', '/api/wall-links')).json.items[0]?.revokedAt);
  const row = await house.todoku.app.db.selectFrom('wall_links').selectAll().executeTakeFirst();
  assert.ok(row && !JSON.stringify(row).includes(made.key), 'stored as a hash');
});

test('what it shows: rates with their interval, verdicts, buckets, providers, monitors with their last runs', async () => {
  const { key } = await make('Office');
  const { status, json, text } = await look(key);
  assert.equal(status, 200, text);
  assert.deepEqual([json.name, json.monitor, json.pollSeconds > 0], ['Office', null, true]);
  assert.deepEqual([json.now.counts.inbox, json.now.rates.inbox.value, json.now.rates.inbox.n], [40, 0.8, 50]);
  assert.ok((json.now.rates.inbox.low ?? 0) < 0.8 && (json.now.rates.inbox.high ?? 0) > 0.8);
  assert.equal(json.verdict.inbox, 'not-enough-data');
  assert.equal(json.bucket, 'hour');
  assert.ok(json.buckets.length >= 24);
  assert.deepEqual(
    json.providers.map(({ provider }) => provider),
    ['gmail'],
  );
  assert.deepEqual(
    json.monitors.map(({ name, paused, runs }) => [name, paused, runs.map(({ counts }) => counts.pending)]),
    [
      ['Weekly', false, [1]],
      ['Orders', false, [1]],
    ],
  );
  assert.deepEqual(json.attention, { count: 1, kinds: [{ kind: 'seed-unreadable', count: 1 }] });
  for (const secret of ['seed@gmail.com', 'news@gmail.com', 'secret', 'gmail.com', 'Newsletter'])
    assert.ok(!text.includes(secret), secret);
});

test('of one monitor: its counts and no others; gone with the monitor', async () => {
  const { key } = await make('Weekly only', monitor.id);
  const { json, text } = await look(key);
  assert.deepEqual([json.now.counts.inbox, json.monitor?.name], [30, 'Weekly']);
  assert.deepEqual(
    json.monitors.map(({ name }) => name),
    ['Weekly'],
  );
  assert.ok(!text.includes('Orders'));
  const gone = await make('Orders only', other.id);
  assert.equal((await look(gone.key)).status, 200);
  assert.equal((await house.api('DELETE', `/api/monitors/${other.id}`)).status, 204);
  assert.equal((await look(gone.key)).status, 401);
  const wrong = await asPage<ProblemJson>(house, cookie, 'POST', '/api/wall-links', { name: 'x', monitorId: 'nobody' });
  assert.deepEqual([wrong.status, wrong.json.errors?.[0]?.path], [400, 'monitorId']);
});

test('a period and a zone', async () => {
  const { key } = await make('Office');
  for (const [period, bucket, least] of [
    ['24h', 'hour', 24],
    ['7d', 'day', 7],
    ['30d', 'day', 30],
  ] as const) {
    const { json } = await look(key, `?period=${period}&timeZone=Asia/Tokyo`);
    assert.deepEqual([json.bucket, json.timeZone], [bucket, 'Asia/Tokyo']);
    assert.ok(json.buckets.length >= least && json.buckets.length <= least + 1, `${json.buckets.length}`);
  }
  assert.equal((await look(key, '?period=1y')).status, 400);
  assert.equal((await look(key, '?timeZone=Mars/Base')).status, 400);
  await house.api('PATCH', '/api/settings', { timeZone: 'Europe/Berlin', language: 'ja' });
  house.wait(10_000);
  const { json } = await look(key);
  assert.deepEqual([json.timeZone, json.language], ['Europe/Berlin', 'ja']);
});

describe('a key opens nothing else', () => {
  test('no other route, as a bearer, in the address or as a cookie', async () => {
    const { key } = await make('Office');
    const { routes } = allRoutes(house.todoku.app, createEvents(house.todoku.app.log), house.todoku.trial);
    for (const route of routes) {
      if (route.access === 'public' || route.path === '/api/wall') continue;
      const path = route.path.replace(/:\w+/g, 'none');
      const ways: [string, Record<string, string>][] = [
        [path, { authorization: `Bearer ${key}` }],
        [`${path}?key=${key}`, { 'sec-fetch-site': 'same-origin' }],
        [path, { 'sec-fetch-site': 'same-origin', cookie: `todoku=${key}` }],
      ];
      for (const [where, headers] of ways) {
        const { status } = await house.raw(route.method.toUpperCase(), where, headers);
        assert.equal(status, 401, `${route.method} ${where}`);
      }
    }
    const session = await house.raw<{ signedIn: boolean }>('GET', `/api/session?key=${key}`, {
      authorization: `Bearer ${key}`,
    });
    assert.equal(session.json.signedIn, false);
  });

  test('in the address it opens the wall, and a wrong one does not', async () => {
    const { key } = await make('Office');
    assert.equal((await house.raw('GET', `/api/wall?key=${key}`, {})).status, 200);
    for (const wrong of [`${key}x`, key.slice(0, -1), 'todoku_wall_', '', 'todoku_x', key.replace('wall_', '')]) {
      assert.equal((await house.raw('GET', `/api/wall?key=${encodeURIComponent(wrong)}`, {})).status, 401, wrong);
      if (wrong !== '') assert.equal((await look(wrong)).status, 401, wrong);
    }
    assert.ok(!house.log.some((line) => line.includes(key)), 'no key in the log');
  });

  test('the owner may look, too', async () => {
    assert.equal((await house.api<WallJson>('GET', '/api/wall')).json.name, '');
    assert.equal((await asPage<WallJson>(house, cookie, 'GET', '/api/wall')).status, 200);
  });
});

test('sixty times a minute and no more, each key for itself', async () => {
  const [busy, calm] = [await make('Busy'), await make('Calm')];
  house.wait(60_000);
  let served = 0;
  let refused: Answer | null = null;
  // A minute may begin on the way: one of the two is full after these.
  while (refused === null && served < 125) {
    const answer = await look(busy.key);
    if (answer.status === 429) refused = answer;
    else served++;
  }
  assert.ok(refused !== null && served >= 60, `${served} served`);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  assert.equal((await look(calm.key)).status, 200);
  house.wait(60_000);
  assert.equal((await look(busy.key)).status, 200);
});
