/** SIGTERM while servers stall: the program ends within ten seconds, with 0, and what it left in the middle is settled by the next start. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Script, startScript } from '../seed/script.ts';
import { startVictimWorld } from './victim-world.ts';
import { addMonitor, addSeed, addSender, type Probe, startRun, waitForRun } from './world.ts';

const DAY = { lateAfterSeconds: 300, missingAfterSeconds: 6 * 3600, watchSeconds: 48 * 3600 };

test('told to stop while one server is slow to take a mail and others say nothing at all', {
  timeout: 90_000,
}, async () => {
  const world = await startVictimWorld();
  const mute: Script[] = [];
  try {
    const sender = await addSender(world, 'good.test');
    const quick: string[] = [];
    for (const address of ['inbox@plain.test', 'inbox-2@plain.test']) quick.push(await addSeed(world, address));
    const slow = [await addSeed(world, 'late-250-20s@plain.test')];
    for (const protocol of ['imap', 'pop3'] as const) {
      const script = await startScript(() => undefined);
      mute.push(script);
      slow.push(await addSeed(world, `inbox-mute-${protocol}@plain.test`, protocol, { port: script.port }));
    }
    // First the quick ones: until its server has taken a mail, a sender hands over one at a time, and the slow one might be it.
    const first = await startRun(world, await addMonitor(world, sender, quick, DAY));
    await waitForRun(world, first, (now) => now.probes.some(({ outcome }) => outcome === 'placed'));
    const second = await startRun(world, await addMonitor(world, sender, slow, DAY));
    const stalled = await waitForRun(world, second, (now) =>
      now.probes.every(({ seed, outcome }) => outcome === (seed.startsWith('late') ? 'sending' : 'accepted')),
    );
    assert.equal(stalled.probes.length, 3);
    const until = Date.now() + 5_000;
    while (mute.some((script) => script.open() === 0)) {
      assert.ok(Date.now() < until, 'each mute server is being read');
      await sleep(50);
    }

    const began = Date.now();
    const gone = once(world.victim.child, 'exit');
    world.victim.child.kill('SIGTERM');
    assert.deepEqual(await gone, [0, null]);
    assert.ok(Date.now() - began <= 10_000, `it took ${Date.now() - began} ms`);

    world.launch();
    const placed = ({ outcome }: Probe) => outcome === 'placed';
    await waitForRun(world, first, (now) => now.probes.every(placed));
    await waitForRun(world, second, (now) =>
      now.probes.some((probe) => placed(probe) && probe.seed.startsWith('late')),
    );
    // Mails for the mute seeds were taken, too: it is their readers that hear nothing.
    assert.deepEqual([...(await world.accepted()).values()], [1, 1, 1, 1, 1]);
  } finally {
    for (const script of mute) await script.stop();
    await world.stop();
  }
});
