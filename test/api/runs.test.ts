/** Runs beside each other: what a run says of itself, of the one before and of its providers, and the bars of the last ones. */
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { stepProbe } from '../../db/probes.ts';
import { setRunState } from '../../db/runs.ts';
import type { ProbeTable } from '../../db/schema.ts';
import type { HeartbeatsJson } from '../../server/api/json/heartbeats.ts';
import type { MonitorJson } from '../../server/api/json/monitors.ts';
import type { RunJson, RunsJson } from '../../server/api/json/runs.ts';
import type { SeedJson } from '../../server/api/json/seeds.ts';
import type { SenderJson } from '../../server/api/json/senders.ts';
import type { Outcome } from '../../server/probe/types.ts';
import { GMAIL_SEED, GMAIL_SENDER, type House, openHouse } from './house.ts';

const MINUTE = 60_000;
let house: House;
let sender: SenderJson;
let seeds: SeedJson[];
let monitor: MonitorJson;
beforeEach(async () => {
  await house?.close();
  house = await openHouse();
  sender = (await house.api<SenderJson>('POST', '/api/senders', GMAIL_SENDER)).json;
  seeds = [];
  for (const [address, provider] of [
    ['a@gmail.com', 'gmail'],
    ['b@gmail.com', 'gmail'],
    ['c@yahoo.com', 'yahoo'],
  ])
    seeds.push((await house.api<SeedJson>('POST', '/api/seeds', { ...GMAIL_SEED, address, provider })).json);
  monitor = await addMonitor();
});
after(() => house.close());

async function addMonitor(): Promise<MonitorJson> {
  const seedIds = seeds.map((seed) => seed.id);
  const body = { name: 'M', senderId: sender.id, seedIds, message: { template: 'plain' }, missingAfterSeconds: 3600 };
  return (await house.api<MonitorJson>('POST', '/api/monitors', body)).json;
}

/** Fires a run a minute after the one before. */
async function startRun(id = monitor.id): Promise<string> {
  house.wait(MINUTE);
  return (await house.api<{ id: string }>('POST', `/api/monitors/${id}/runs`)).json.id;
}

async function step(run: string, address: string, outcome: Outcome, change: Partial<ProbeTable> = {}): Promise<void> {
  const { db } = house.todoku.app;
  const probe = await db
    .selectFrom('probes')
    .select(['id', 'outcome'])
    .where('run_id', '=', run)
    .where('address', '=', address)
    .executeTakeFirstOrThrow();
  await db
    .transaction()
    .execute((tx) =>
      stepProbe(tx, probe.id, [probe.outcome], { next_send_at: null, outcome, ...change, updated_at: 1 }),
    );
}
const inbox = (delay: number): Partial<ProbeTable> => ({ placement_kind: 'inbox', delay_ms: delay });
const read = async (id: string): Promise<RunJson> => (await house.api<RunJson>('GET', `/api/runs/${id}`)).json;
const beats = async (query = ''): Promise<HeartbeatsJson['items']> =>
  (await house.api<HeartbeatsJson>('GET', `/api/heartbeats${query}`)).json.items;

test('a run knows the one before it of the same monitor, and lists say the same', async () => {
  const other = await addMonitor();
  const runs: string[] = [];
  for (let i = 0; i < 3; i++) {
    const run = await startRun();
    for (const seed of seeds) await step(run, seed.address, 'rejected');
    const foreign = await startRun(other.id);
    for (const seed of seeds) await step(foreign, seed.address, 'rejected');
    runs.push(run);
  }
  for (const [i, run] of runs.entries()) assert.equal((await read(run)).previousRunId, runs[i - 1] ?? null);
  const { items } = (await house.api<RunsJson>('GET', `/api/runs?monitorId=${monitor.id}`)).json;
  assert.deepEqual(
    items.map((run) => [run.id, run.previousRunId]),
    [
      [runs[2], runs[1]],
      [runs[1], runs[0]],
      [runs[0], null],
    ],
  );
});

test('when the last answer is due: from the latest deadline of what is still open', async () => {
  const run = await startRun();
  const { db } = house.todoku.app;
  const now = house.todoku.app.now();
  const due = async () => Date.parse((await read(run)).decidedBy ?? '') - now;
  // Nothing is handed over: an hour from now, as the monitor says.
  assert.ok(Math.abs((await due()) - 60 * MINUTE) < MINUTE);
  await db
    .updateTable('probes')
    .set({ next_send_at: now + 30 * MINUTE })
    .where('run_id', '=', run)
    .execute();
  assert.equal(await due(), 90 * MINUTE);
  await step(run, 'a@gmail.com', 'accepted', { missing_at: now + 50 * MINUTE, next_look_at: now });
  await step(run, 'b@gmail.com', 'sending', { sending_at: now + 5 * MINUTE });
  await step(run, 'c@yahoo.com', 'placed', { ...inbox(1000), missing_at: now + 500 * MINUTE });
  assert.equal(await due(), 65 * MINUTE);
  await step(run, 'b@gmail.com', 'rejected');
  assert.equal(await due(), 50 * MINUTE);
  await step(run, 'a@gmail.com', 'missing', { missing_at: now - MINUTE });
  assert.equal((await read(run)).decidedBy, null);
  // Watched on, but every answer is there.
  await setRunState(db, run, 'watching', now);
  assert.equal((await read(run)).decidedBy, null);
});

test('the summary by provider adds up to the whole', async () => {
  const run = await startRun();
  await step(run, 'a@gmail.com', 'placed', inbox(2000));
  await step(run, 'b@gmail.com', 'placed', { ...inbox(4000), placement_kind: 'spam', late: 1 });
  const { summary } = await read(run);
  assert.deepEqual(
    summary.providers.map(({ provider, counts, medianDelayMs }) => [
      ...[provider, counts.probes, counts.inbox, counts.spam, counts.pending, counts.late, medianDelayMs],
    ]),
    [
      ['gmail', 2, 1, 1, 0, 1, 3000],
      ['yahoo', 1, 0, 0, 1, 0, null],
    ],
  );
  assert.deepEqual([summary.counts.probes, summary.counts.pending, summary.medianDelayMs], [3, 1, 3000]);
  assert.equal(summary.providers[0]?.rates.inbox.n, 2);
  const listed = (await house.api<RunsJson>('GET', '/api/runs')).json.items[0];
  const { providers: _own, ...whole } = summary;
  assert.deepEqual(listed?.summary, whole, 'a list does without');
});

test('heartbeats: the newest last, as many as asked for, with the counts of each', async () => {
  const idle = await addMonitor();
  const runs: string[] = [];
  for (let i = 0; i < 4; i++) {
    const run = await startRun();
    await step(
      run,
      'a@gmail.com',
      'placed',
      i === 2 ? { placement_kind: 'tab', placement_tab: 'social' } : inbox(1000),
    );
    await step(run, 'b@gmail.com', i === 1 ? 'missing' : 'deferred', { late: 1 });
    await step(run, 'c@yahoo.com', 'accepted', { next_look_at: 1 });
    runs.push(run);
  }
  const items = await beats();
  assert.deepEqual(
    items.map((item) => [item.monitorId, item.runs.map((run) => run.id)]),
    [
      [monitor.id, runs],
      [idle.id, []],
    ],
  );
  for (const [i, beat] of (items[0]?.runs ?? []).entries()) {
    const run = await read(beat.id);
    assert.deepEqual(beat, { id: run.id, startedAt: run.startedAt, state: run.state, counts: run.summary.counts });
    assert.deepEqual([beat.counts.tab, beat.counts.missing], [i === 2 ? 1 : 0, i === 1 ? 1 : 0]);
  }
  assert.deepEqual(
    (await beats(`?monitorId=${monitor.id}&limit=2`)).map((item) => item.runs.map((run) => run.id)),
    [runs.slice(2)],
  );
  assert.deepEqual(await beats(`?monitorId=${idle.id}`), [{ monitorId: idle.id, runs: [] }]);
  assert.equal((await house.api('GET', '/api/heartbeats?monitorId=none')).status, 404);
  for (const bad of ['limit=0', 'limit=101', 'limit=x'])
    assert.equal((await house.api('GET', `/api/heartbeats?${bad}`)).status, 400, bad);
});

test('two runs that began at the same moment are both there, and never more than asked for', async () => {
  for (let i = 0; i < 3; i++) {
    const run = await startRun();
    for (const seed of seeds) await step(run, seed.address, 'rejected');
  }
  await house.todoku.app.db.updateTable('runs').set({ started_at: 1_763_000_000_000 }).execute();
  for (const limit of [1, 2, 3]) assert.equal((await beats(`?limit=${limit}`))[0]?.runs.length, limit);
});
