/** One mail in several folders, and mail that is filed elsewhere later: a probe lies where its mail lies, not where a copy of it shows. The clock is the test's own. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ImapFlow } from 'imapflow';
import { addLostProbe, copyOf, rowOf } from './by-hand.ts';
import { addMonitor, addSeed, addSender, startRun, startWorld, type World, waitForRun } from './world.ts';

const HOUR = 3_600_000;
const HOURS = { lateAfterSeconds: 300, missingAfterSeconds: 6 * 3600, watchSeconds: 48 * 3600 };
let shift = 0;
let world: World;
let sender: string;
before(async () => {
  world = await startWorld({}, () => Date.now() + shift);
  sender = await addSender(world, 'good.test');
});
after(async () => world?.stop());

async function place(address: string): Promise<string> {
  const seed = await addSeed(world, address);
  const run = await startRun(world, await addMonitor(world, sender, [seed], HOURS));
  await waitForRun(world, run, (now) => now.probes[0]?.outcome === 'placed', 15_000);
  return run;
}

async function standing(run: string, address: string) {
  const { id } = await rowOf(world, run, address);
  const { placement, sightings } = await world.call<{
    placement: { kind: string; folder: string };
    sightings: { kind: string; folder: string }[];
  }>('GET', `/api/probes/${id}`);
  return { at: [placement.kind, placement.folder], seen: sightings.map(({ kind, folder }) => `${kind} ${folder}`) };
}

/** What the account's owner does with his mail. */
async function asOwner(address: string, act: (client: ImapFlow) => Promise<unknown>): Promise<void> {
  const { port, user, password } = world.sandbox.seed(address);
  const client = new ImapFlow({
    ...{ host: '127.0.0.1', port, secure: true, auth: { user, pass: password }, logger: false },
    tls: { rejectUnauthorized: false },
  });
  await client.connect();
  await client.mailboxOpen('INBOX');
  await act(client);
  await client.logout();
}

/** Another probe of the same seed, for whose sake all folders are looked into. @returns when all were, once */
async function addSeeker(run: string, address: string): Promise<void> {
  await addLostProbe(world, await rowOf(world, run, address), Date.now() + shift);
  const { examines } = world.sandbox.stats(address);
  await world.todoku.tick();
  const until = Date.now() + 15_000;
  while (world.sandbox.stats(address).examines < examines + 4 && Date.now() < until) await sleep(50);
  await sleep(300);
}

/** Lets the time pass until all folders are looked into once more, and what the seeker is after lie in one that comes late. @returns when it is found */
async function lookEverywhere(run: string, address: string, last: string): Promise<void> {
  const probe = await rowOf(world, run, address);
  const lost = { ...probe, token: `${probe.token}x`, message_id: `x${probe.message_id}` };
  world.sandbox.deliver(address, copyOf(lost), last);
  shift += 25_000;
  await world.todoku.tick();
  await waitForRun(world, run, (now) => now.probes.every((one) => one.outcome === 'placed'), 30_000);
}

describe('a copy that shows elsewhere moves nothing', { concurrency: true }, () => {
  for (const [address, copies, last, expected] of [
    [
      'promotions-copies@gmail.test',
      ['[Gmail]/重要', '[Gmail]/スター付き', 'ニュースレター'],
      'ニュースレター',
      'tab INBOX',
    ],
    ['inbox-copies@plain.test', ['Newsletters', 'Trash'], 'Trash', 'inbox INBOX'],
    ['spam-copies@plain.test', ['INBOX', 'Newsletters'], 'Trash', 'spam Junk'],
    ['other-copies@plain.test', ['Aside', 'Trash'], 'Trash', 'other Newsletters'],
  ] as const)
    test(address, async () => {
      const run = await place(address);
      await addSeeker(run, address);
      const probe = await rowOf(world, run, address);
      for (const folder of copies) world.sandbox.deliver(address, copyOf(probe), folder);
      await lookEverywhere(run, address, last);
      const { at, seen } = await standing(run, address);
      assert.equal(at.join(' '), expected);
      assert.deepEqual([...new Set(seen)], [expected]);
    });
});

test('mail that is moved to a folder of the user is seen there, when all folders are looked into', async () => {
  const address = 'inbox-filed@plain.test';
  const run = await place(address);
  await addSeeker(run, address);
  await asOwner(address, (client) => client.messageMove('1:*', 'Newsletters'));
  await lookEverywhere(run, address, 'Trash');
  assert.deepEqual((await standing(run, address)).seen, ['inbox INBOX', 'other Newsletters']);
});

test('first seen under a label, while it comes into INBOX: it lies in INBOX', async () => {
  const address = 'missing-label@gmail.test';
  const seed = await addSeed(world, address);
  const run = await startRun(world, await addMonitor(world, sender, [seed], HOURS));
  await waitForRun(world, run, (now) => now.probes[0]?.outcome === 'accepted');
  const probe = await rowOf(world, run, address);
  world.sandbox.deliver(address, copyOf(probe), 'ニュースレター');
  world.sandbox.deliver(address, copyOf(probe), 'INBOX');
  await waitForRun(world, run, (now) => now.probes[0]?.outcome === 'placed', 40_000);
  assert.deepEqual((await standing(run, address)).seen, ['inbox INBOX']);
});

test('looked at again after an hour: where it lay, and where it was put meanwhile', async () => {
  const rows: [address: string, act: ((client: ImapFlow) => Promise<unknown>) | null, seen: string[]][] = [
    ['inbox-stays@plain.test', null, ['inbox INBOX', 'inbox INBOX']],
    ['other-stays@plain.test', null, ['other Newsletters', 'other Newsletters']],
    ['promotions-stays@gmail.test', null, ['tab INBOX', 'tab INBOX']],
    ['inbox-trashed@plain.test', (client) => client.messageMove('1:*', 'Trash'), ['inbox INBOX', 'other Trash']],
    ['inbox-archived@outlook.test', (client) => client.messageMove('1:*', 'Archive'), ['inbox INBOX', 'other Archive']],
    // Gmail archives by taking the mail out of INBOX: All Mail still has it.
    [
      'inbox-archived@gmail.test',
      (client) => client.messageDelete('1:*'),
      ['inbox INBOX', 'other [Gmail]/すべてのメール'],
    ],
  ];
  const runs: string[] = [];
  for (const [address] of rows) runs.push(await place(address));
  for (const [address, act] of rows) if (act) await asOwner(address, act);
  shift += HOUR;
  await world.todoku.tick();
  const until = Date.now() + 20_000;
  for (const [at, [address, , seen]] of rows.entries()) {
    let now = await standing(runs[at] ?? '', address);
    while (now.seen.length < 2 && Date.now() < until) {
      await sleep(200);
      now = await standing(runs[at] ?? '', address);
    }
    assert.deepEqual([address, ...now.seen], [address, ...seen]);
  }
});
