/** Who is alive: a container that was made anew has the host name and the process number of the one before, two programs in one process have both in common. */
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTodoku } from '../../server/main.ts';
import { copyOf, rowOf, runUntilTaken } from './by-hand.ts';
import { addMonitor, addSeed, addSender, startWorld, type World, waitForRun } from './world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(async () => world?.stop());

const instances = async () =>
  (await world.todoku.app.db.selectFrom('instances').select('id').execute()).map((r) => r.id);

test('what a dead instance with our own process number left is looked for at once', async () => {
  const sender = await addSender(world, 'good.test');
  const address = 'missing-restarted@plain.test';
  const seed = await addSeed(world, address);
  const run = await runUntilTaken(world, await addMonitor(world, sender, [seed], { missingAfterSeconds: 300 }));
  const { db, now } = world.todoku.app;
  const before = { id: 'before', host: hostname(), pid: process.pid, started_at: now() - 3_600_000, seen_at: now() };
  await db.insertInto('instances').values(before).execute();
  await db
    .updateTable('probes')
    .set({ outcome: 'sending', claimed_by: 'before', sending_at: now(), sent_at: null, next_look_at: null })
    .where('run_id', '=', run.id)
    .execute();
  world.sandbox.deliver(address, copyOf(await rowOf(world, run.id, address)));
  // A heartbeat comes every five seconds; the row by itself would be believed for twenty.
  const until = Date.now() + 12_000;
  while ((await instances()).includes('before') && Date.now() < until) await sleep(100);
  assert.ok(!(await instances()).includes('before'));
  await waitForRun(world, run.id, (found) => found.probes[0]?.outcome === 'placed', 8_000);
});

test('two programs in one process are both alive', async () => {
  const other = await startTodoku({ ...world.config, port: 0 }, { log: world.todoku.app.log });
  try {
    const both = await instances();
    assert.equal(both.length, 2);
    await sleep(6_000);
    assert.deepEqual((await instances()).sort(), both.sort());
  } finally {
    await other.stop();
  }
  assert.equal((await instances()).length, 1);
});
