/** What comes back: bounces in heaps, and reports that no parser gets to the end of. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { nestedReport } from '../probe/reports.ts';
import { addMonitor, addSeed, addSender, startRun, startWorld, type World, waitForRun } from './world.ts';

const HOURS = { lateAfterSeconds: 300, missingAfterSeconds: 6 * 3600, watchSeconds: 48 * 3600 };
let world: World;
let sender: string;
before(async () => {
  world = await startWorld();
  sender = await addSender(world, 'good.test');
});
after(async () => world?.stop());

test('a report nested deeper than anybody reads stops no seed', async () => {
  const address = 'slow-1s-nested@plain.test';
  const seed = await addSeed(world, address);
  for (let i = 0; i < 3; i++) world.sandbox.deliver(address, Buffer.from(nestedReport(25)));
  const run = await startRun(world, await addMonitor(world, sender, [seed], HOURS));
  await waitForRun(world, run, (now) => now.probes[0]?.outcome === 'placed', 15_000);
  const { unreadable } = await world.call<{ unreadable: unknown }>('GET', `/api/seeds/${seed}`);
  assert.equal(unreadable, null);
});

test('forty bounces at once are forty bounces', async () => {
  await addSeed(world, world.sandbox.sender('good.test').fromAddress);
  const seeds: string[] = [];
  for (let i = 0; i < 40; i++) seeds.push(await addSeed(world, `bounce-${i}@plain.test`));
  const run = await startRun(world, await addMonitor(world, sender, seeds, HOURS));
  await waitForRun(world, run, (now) => now.probes.every((probe) => probe.outcome === 'bounced'), 60_000);
});
