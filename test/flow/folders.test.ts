/** Where a mail is said to lie: by its folder, whatever else shows a copy of it or what its header claims. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { copyOf, rowOf, runUntilTaken } from './by-hand.ts';
import { addMonitor, addSeed, addSender, startWorld, type World, waitForRun } from './world.ts';

const HOURS = { lateAfterSeconds: 300, missingAfterSeconds: 6 * 3600, watchSeconds: 48 * 3600 };
let world: World;
let sender: string;
before(async () => {
  world = await startWorld();
  sender = await addSender(world, 'good.test');
});
after(async () => world?.stop());

describe("a filter's verdict in a header", { concurrency: true }, () => {
  const rows = [
    ['pop3', 'above', 'spam', 'verdict-header-spam'],
    ['pop3', 'below', 'inbox', 'pop3-inbox'],
    ['imap', 'above', 'inbox', 'folder-inbox'],
    ['imap', 'below', 'inbox', 'folder-inbox'],
  ] as const;
  for (const [protocol, place, kind, reason] of rows)
    test(`over ${protocol}, ${place} the line where the mail came in: ${kind}`, async () => {
      const address = `missing-flagged-${place}@plain.test`;
      const seed = await addSeed(world, address, protocol);
      const run = await runUntilTaken(world, await addMonitor(world, sender, [seed], HOURS));
      const probe = await rowOf(world, run.id, address);
      world.sandbox.deliver(address, copyOf(probe, { [place]: 'X-Spam-Flag: YES' }));
      const found = await waitForRun(world, run.id, (now) => now.probes[0]?.outcome === 'placed', 15_000);
      assert.deepEqual([found.probes[0]?.placement?.kind, found.probes[0]?.reason], [kind, reason]);
    });
});
