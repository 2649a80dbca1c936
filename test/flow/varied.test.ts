/** A varied message: all seeds of a run get the same, so that they can be compared, and the runs take turns. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { addMonitor, addSeed, addSender, startRun, startWorld, type World, waitForRun } from './world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(async () => world?.stop());

const ADDRESSES = ['inbox-varied1@plain.test', 'inbox-varied2@plain.test', 'inbox-varied3@plain.test'];

/** Subject and kind of the newest mail at each address. */
function newest(): { subject: string; kind: string }[] {
  return ADDRESSES.map((address) => {
    const raw = world.sandbox.folders(address).get('INBOX')?.at(-1)?.raw.toString('latin1') ?? '';
    const kind = /^List-Unsubscribe:/im.test(raw) ? 'newsletter' : /<a href=/i.test(raw) ? 'one-link' : 'plain';
    return { subject: /^Subject: (.*)$/m.exec(raw)?.[1] ?? '', kind };
  });
}

test('one text a run, and no kind twice in a row, whatever is forgotten meanwhile', async () => {
  const sender = await addSender(world, 'good.test');
  const seeds: string[] = [];
  for (const address of ADDRESSES) seeds.push(await addSeed(world, address));
  const monitor = await addMonitor(world, sender, seeds, { message: { template: 'varied', language: 'en' } });
  const kinds: string[] = [];
  for (let turn = 0; turn < 6; turn++) {
    const run = await startRun(world, monitor);
    await waitForRun(world, run, (now) => now.probes.every((probe) => probe.outcome === 'placed'));
    const mails = newest();
    assert.deepEqual(mails, [mails[0], mails[0], mails[0]], 'every seed gets the same');
    kinds.push(mails[0]?.kind ?? '');
    // As a rule for keeping history would: the count of runs says nothing then.
    if (turn >= 3) {
      const oldest = world.todoku.app.db.selectFrom('runs').select('id').orderBy('started_at').limit(1);
      await world.todoku.app.db.deleteFrom('runs').where('id', '=', oldest).execute();
    }
  }
  assert.deepEqual(kinds, [...kinds.slice(0, 3), ...kinds.slice(0, 3)]);
  assert.equal(new Set(kinds).size, 3);
});
