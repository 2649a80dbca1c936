/** What open pages are told of: whatever changes what they show, and not each second anew. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Change } from '../../server/app.ts';
import { addMonitor, addSeed, addSender, startRun, startWorld, type World, waitForRun } from './world.ts';

let world: World;
const told: Change[] = [];
before(async () => {
  world = await startWorld();
  const { app } = world.todoku;
  const tell = app.announce;
  app.announce = (change) => {
    told.push(change);
    tell(change);
  };
});
after(async () => world?.stop());

test('probes that wait for a paused sender: their run, once', async () => {
  const sender = await addSender(world, 'good.test');
  await world.call('PATCH', `/api/senders/${sender}`, { paused: true });
  const seeds = [await addSeed(world, 'inbox-told1@plain.test'), await addSeed(world, 'inbox-told2@plain.test')];
  const monitor = await addMonitor(world, sender, seeds);
  const run = await startRun(world, monitor);
  await waitForRun(world, run, (now) => now.probes.every((probe) => probe.reason === 'sender-paused'));
  await sleep(2_500);
  const change = { topic: 'run', id: run, runId: run, monitorId: monitor };
  // That there is a run, and that it waits.
  assert.deepEqual(
    told.filter(({ runId }) => runId === run),
    [change, change],
  );
});

test('a probe whose seed is deleted while it is handed over: that nobody can tell any more', async () => {
  const sender = await addSender(world, 'good.test', { name: 'other' });
  const seed = await addSeed(world, 'late-250-3s-told@plain.test');
  const run = await startRun(world, await addMonitor(world, sender, [seed], { missingAfterSeconds: 600 }));
  await waitForRun(world, run, (now) => now.probes[0]?.outcome === 'sending');
  await world.call('DELETE', `/api/seeds/${seed}`);
  await waitForRun(world, run, (now) => now.probes[0]?.outcome === 'unknown');
  const shown = told.filter((change) => change.topic === 'probe' && change.runId === run).length;
  // Sent, accepted, and given up.
  assert.equal(shown, 3);
});
