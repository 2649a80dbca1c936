/** Servers that take a mail and are slow to say so hold up nobody: neither other senders nor, after a while, their own. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { addMonitor, addSeed, addSender, startRun, startWorld, type World, waitForRun } from './world.ts';

const HOURS = { lateAfterSeconds: 300, missingAfterSeconds: 6 * 3600, watchSeconds: 48 * 3600 };
let world: World;
before(async () => {
  // One place for all senders: whoever kept it would keep it from everybody.
  world = await startWorld({ TODOKU_MAX_CONCURRENT_SENDS: '1' });
});
after(async () => world?.stop());

async function run(sender: string, addresses: string[]): Promise<string> {
  const seeds: string[] = [];
  for (const address of addresses) seeds.push(await addSeed(world, address));
  return startRun(world, await addMonitor(world, sender, seeds, HOURS));
}

test('five senders wait for a reply, and the sixth is served', async () => {
  const slow: string[] = [];
  for (let i = 0; i < 5; i++) {
    const sender = await addSender(world, 'good.test', { name: `slow ${i}` });
    slow.push(await run(sender, [`late-250-90s-s${i}@plain.test`]));
  }
  for (const one of slow) await waitForRun(world, one, (now) => now.probes[0]?.outcome === 'sending');
  const prompt = await run(await addSender(world, 'good.test', { name: 'prompt' }), ['inbox-prompt@plain.test']);
  await waitForRun(world, prompt, (now) => now.probes[0]?.outcome === 'placed');
  const now = await waitForRun(world, slow[0] as string, () => true);
  assert.equal(now.probes[0]?.outcome, 'sending', 'still waiting for its reply');
});

test('a sender whose server is slow with one mail goes on with the next', async () => {
  const sender = await addSender(world, 'good.test', { name: 'one slow mail' });
  // The first goes ahead alone: nothing has been proven of this sender yet.
  const first = await run(sender, ['late-250-30s-first@plain.test']);
  await waitForRun(world, first, (now) => now.probes[0]?.outcome === 'sending');
  const others = await run(sender, ['inbox-behind1@plain.test', 'inbox-behind2@plain.test']);
  await waitForRun(world, others, (now) => now.probes.every((probe) => probe.outcome === 'placed'), 26_000);
  const still = await waitForRun(world, first, () => true);
  assert.equal(still.probes[0]?.outcome, 'sending');
  const over = await waitForRun(world, first, (now) => now.probes[0]?.outcome === 'placed', 35_000);
  const { dialogues } = await world.call<{ dialogues: unknown[] }>('GET', `/api/probes/${over.probes[0]?.id}`);
  assert.equal(dialogues.length, 1);
});
