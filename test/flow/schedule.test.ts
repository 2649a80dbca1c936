import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startRun as fire } from '../../server/monitor/run.ts';
import { endVictim, spawnVictim } from './victim-world.ts';
import { addMonitor, addSeed, addSender, startRun, startWorld, type World, waitForRun } from './world.ts';

let world: World;
let sender: string;
let seed: string;
before(async () => {
  world = await startWorld();
  sender = await addSender(world, 'good.test');
  seed = await addSeed(world, 'inbox@plain.test');
});
after(async () => world?.stop());

const runsOf = (monitor: string) =>
  world.todoku.app.db.selectFrom('runs').selectAll().where('monitor_id', '=', monitor).execute();
const setSlot = (monitor: string, slot: number) =>
  world.todoku.app.db.updateTable('monitors').set({ next_run_at: slot }).where('id', '=', monitor).execute();

test('two schedulers on one database answer each slot once', async () => {
  const monitors: string[] = [];
  for (let i = 0; i < 25; i++) monitors.push(await addMonitor(world, sender, [seed], { name: `slot ${i}` }));
  // In a process of its own, as it would be: two connections of one process would wait for each other.
  const second = spawnVictim(world.sandbox, world.config.dataDir);
  try {
    assert.ok(await second.ready);
    for (let round = 0; round < 4; round++) {
      for (const monitor of monitors) await setSlot(monitor, Date.now());
      await world.todoku.tick();
      await new Promise((resolve) => setTimeout(resolve, 1_500));
    }
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  } finally {
    await endVictim(second, 'SIGTERM');
  }
  let sent = 0;
  for (const monitor of monitors) {
    const runs = await runsOf(monitor);
    assert.equal(new Set(runs.map((run) => run.slot_at)).size, runs.length);
    sent += runs.length;
  }
  assert.ok(sent >= monitors.length, `${sent} runs`);
  for (const [id, times] of world.sandbox.accepted) assert.equal(times, 1, id);
});

test('after downtime there is one catch-up, and the next slot lies ahead', async () => {
  const monitor = await addMonitor(world, sender, [seed], {
    name: 'daily',
    schedule: { cron: '0 9 * * *', timeZone: 'Asia/Tokyo' },
  });
  await setSlot(monitor, Date.now() - 3 * 86_400_000);
  await world.restart();
  await world.todoku.tick();
  await world.todoku.tick();
  const runs = await runsOf(monitor);
  assert.equal(runs.length, 1);
  const row = await world.todoku.app.db
    .selectFrom('monitors')
    .select('next_run_at')
    .where('id', '=', monitor)
    .executeTakeFirstOrThrow();
  assert.ok((row.next_run_at ?? 0) > Date.now());
});

test('a run never overlaps the one before', async () => {
  const slow = await addSender(world, 'no-dmarc.test', { minGapSeconds: 0 });
  await world.call('PATCH', `/api/senders/${slow}`, { paused: true });
  const monitor = await addMonitor(world, slow, [seed], { name: 'waiting' });
  await startRun(world, monitor);
  await assert.rejects(startRun(world, monitor), { status: 409 });
  await setSlot(monitor, Date.now());
  await world.todoku.tick();
  assert.equal((await runsOf(monitor)).length, 1);

  const eager = await addMonitor(world, slow, [seed], { name: 'pressed by many at once' });
  const pressed = await Promise.allSettled(
    Array.from({ length: 6 }, () => fire(world.todoku.app, eager, { slotAt: null })),
  );
  assert.equal(pressed.filter((one) => one.status === 'fulfilled').length, 1);
  assert.equal((await runsOf(eager)).length, 1);
});

test('probes over the budget wait, and do not fail', async () => {
  const small = await addSender(world, 'weak-key.test', { dailyLimit: 2 });
  const seeds = [seed, await addSeed(world, 'inbox-2@plain.test'), await addSeed(world, 'inbox-3@plain.test')];
  const monitor = await addMonitor(world, small, seeds, { name: 'budget' });
  const run = await startRun(world, monitor);
  const now = await waitForRun(
    world,
    run,
    (r) =>
      r.probes.filter((p) => p.outcome === 'placed').length === 2 &&
      r.probes.some((p) => p.reason === 'daily-budget-used'),
  );
  assert.deepEqual(now.probes.map((p) => p.outcome).sort(), ['placed', 'placed', 'queued']);
  await world.restart();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const later = await waitForRun(world, run, () => true);
  assert.equal(later.probes.filter((p) => p.outcome === 'queued').length, 1, 'a restart does not forgive the budget');
});

test('a plan that breaks the budget says so before it is saved', async () => {
  const small = await addSender(world, 'broken-spf.test', { dailyLimit: 10 });
  await assert.rejects(
    addMonitor(world, small, [seed], { schedule: { cron: '*/5 * * * *', timeZone: 'UTC' } }),
    (error: Error & { status: number }) => error.status >= 400 && /288/.test(error.message) && /10/.test(error.message),
  );
});
