/**
 * Rounds of looking, on real servers that take their time: each ends, the next goes on where it ended, no folder is starved, and nothing is called missing
 * before all of them were looked into.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ProbeTable, SeedTable } from '../../db/schema.ts';
import { createVerifier, type Verifier } from '../../server/authentication/verify.ts';
import { startTodoku } from '../../server/main.ts';
import { type BounceReader, createBounceReader } from '../../server/probe/bounces.ts';
import { seedRoute } from '../../server/probe/locate.ts';
import { lookRound, newReading, type Reading } from '../../server/probe/round.ts';
import { openSeed } from '../../server/seed/session.ts';
import { copyOf } from '../flow/by-hand.ts';
import { addMonitor, addSeed, addSender, startRun, startWorld, type World } from '../flow/world.ts';
import { failureReport, nestedReport } from './reports.ts';

const LAG = 40;
const FOLDERS = Array.from({ length: 12 }, (_, i) => `F${String(i + 1).padStart(2, '0')}`);

let world: World;
let verifier: Verifier;
let bounces: BounceReader;
before(async () => {
  world = await startWorld();
  // Looked by hand: nobody else does.
  await world.todoku.stop();
  world.todoku = await startTodoku(world.config, { log: world.todoku.app.log, schedule: false });
  verifier = createVerifier({ dnsServers: [world.sandbox.dnsServer] });
  bounces = createBounceReader();
});
after(async () => {
  await Promise.all([verifier?.close(), bounces?.close()]);
  await world?.stop();
});

type Looked = { path: string; deep: boolean };
type Case = {
  reading: Reading;
  looks: Looked[];
  probes: () => Promise<ProbeTable[]>;
  round: (withinMs: number) => Promise<void>;
};

/** A seed with twelve folders of its own and as many probes as asked for, handed over so long ago; every look is noted. */
async function set(address: string, change: (now: number, i: number) => Partial<ProbeTable>, count = 1): Promise<Case> {
  const { app } = world.todoku;
  const seedId = await addSeed(world, address);
  const sender = await addSender(world, 'good.test', { name: address });
  const monitor = await addMonitor(world, sender, [seedId], { missingAfterSeconds: 3600, watchSeconds: 7200 });
  for (const folder of FOLDERS) world.sandbox.deliver(address, Buffer.from('Subject: old\r\n\r\nold\r\n'), folder);
  const run = await startRun(world, monitor);
  const template = await app.db.selectFrom('probes').selectAll().where('run_id', '=', run).executeTakeFirstOrThrow();
  await app.db.deleteFrom('probes').where('run_id', '=', run).execute();
  const now = Date.now();
  for (let i = 0; i < count; i++)
    await app.db
      .insertInto('probes')
      .values({
        ...template,
        ...{ id: `${template.id}${i}`, token: `${template.token.slice(0, 18)}${String(i).padStart(2, '0')}` },
        ...{
          message_id: `${i}.${template.message_id}`,
          outcome: 'accepted',
          reason: 'not-seen-yet',
          next_send_at: null,
        },
        ...{ sent_at: now - 10_000, late_at: now + HOUR, missing_at: now + HOUR, watch_until: now + 2 * HOUR },
        ...{ next_look_at: now, queued_at: now - 11_000 },
        ...change(now, i),
      })
      .execute();
  const seed = (await app.db
    .selectFrom('seeds')
    .selectAll()
    .where('id', '=', seedId)
    .executeTakeFirstOrThrow()) as SeedTable;
  const { allowedNetworks, extraCa } = app.config;
  const session = await openSeed(seedRoute(app, seed), 'dovecot', null, { allowedNetworks, extraCa, now: Date.now });
  assert.ok(!('failure' in session), JSON.stringify(session));
  const looks: Looked[] = [];
  const noted = {
    ...session,
    look: (request: Parameters<typeof session.look>[0]) => {
      looks.push({ path: request.folder, deep: request.reports === false });
      return session.look(request);
    },
  };
  const reading = newReading(seed, noted, new Map());
  const probes = () => app.db.selectFrom('probes').selectAll().where('seed_id', '=', seedId).orderBy('id').execute();
  const round = async (withinMs: number) =>
    assert.equal(await lookRound(app, { verifier, bounces }, reading, await probes(), withinMs), null);
  return { reading, looks, probes, round };
}
const HOUR = 3_600_000;

test('a sweep that takes several rounds: the rest goes on in the next, news first, and the verdict comes at its end', async () => {
  const address = 'rounds@plain.test';
  const one = await set(address, (now) => ({ late_at: now - 2_000, missing_at: now - 1_000 }));
  world.sandbox.setLag(address, LAG);
  const rounds: string[][] = [];
  while (rounds.length === 0 || one.reading.sweep !== null) {
    one.looks.length = 0;
    const gotOn = one.reading.sweep?.gotOn ?? false;
    await one.round(LAG * 4);
    if (gotOn) assert.equal(one.looks[0]?.path, 'Junk', 'news first');
    rounds.push(one.looks.map(({ path }) => path));
    assert.ok(rounds.length < 20, 'it does not end');
    if (one.reading.sweep !== null)
      assert.equal((await one.probes())[0]?.outcome, 'accepted', 'no verdict before the end');
  }
  assert.ok(rounds.length >= 3, `${rounds.length} rounds`);
  for (const round of rounds) assert.ok(round.length <= 7, round.join());
  const visited = new Set(rounds.flat());
  for (const folder of [...FOLDERS, 'Newsletters', 'Trash']) assert.ok(visited.has(folder), folder);
  const [probe] = await one.probes();
  assert.deepEqual([probe?.outcome, probe?.reason], ['missing', 'not-seen-in-time']);
  await one.reading.session.close();
});

test('a server so slow that Junk and INBOX take all the time: the others have theirs all the same', async () => {
  const address = 'slowest@plain.test';
  const one = await set(address, (now) => ({ late_at: now - 2_000, missing_at: now - 1_000 }));
  world.sandbox.setLag(address, LAG);
  const [probe] = await one.probes();
  world.sandbox.deliver(address, copyOf(probe as ProbeTable), 'F12');
  for (let round = 0; round < 80 && (round === 0 || one.reading.sweep !== null); round++) await one.round(LAG / 2);
  const [found] = await one.probes();
  assert.deepEqual([found?.outcome, found?.placement_kind, found?.placement_folder], ['placed', 'other', 'F12']);
  await one.reading.session.close();
});

test('what a narrow look did not find by its deadline is not missing: the deadline passed while it was under way', async () => {
  const one = await set('narrow@plain.test', (now) => ({ sent_at: now - 1_000, missing_at: now + 300 }));
  world.sandbox.setLag('narrow@plain.test', 250);
  const [probe] = await one.probes();
  world.sandbox.deliver('narrow@plain.test', copyOf(probe as ProbeTable), 'F07');
  await one.round(30_000);
  const [before] = await one.probes();
  assert.equal(before?.outcome, 'accepted');
  assert.ok((before?.next_look_at ?? Number.POSITIVE_INFINITY) <= Date.now(), 'looked for again at once');
  await one.round(30_000);
  const [after] = await one.probes();
  assert.deepEqual([after?.outcome, after?.placement_folder], ['placed', 'F07']);
  await one.reading.session.close();
});

test('sixty bounces in one round, and hostile reports beside them', async () => {
  const address = 'heap@plain.test';
  const one = await set(address, () => ({}), 60);
  for (const [i, probe] of (await one.probes()).entries()) {
    world.sandbox.deliver(
      address,
      failureReport({ token: probe.token, messageId: probe.message_id, recipient: 'x@y.test' }),
    );
    if (i % 20 === 0) world.sandbox.deliver(address, Buffer.from(nestedReport(25)));
  }
  await one.round(30_000);
  const probes = await one.probes();
  assert.equal(probes.filter(({ outcome }) => outcome === 'bounced').length, 60);
  const saved = await world.todoku.app.db
    .selectFrom('seed_folders')
    .select('folder')
    .where('seed_id', '=', one.reading.seed.id)
    .execute();
  assert.ok(
    saved.some(({ folder }) => folder === 'INBOX'),
    'it will not be read again',
  );
  await one.reading.session.close();
});

test('a bounce that comes before the reply of the server that took the mail', async () => {
  const address = 'early-bounce@plain.test';
  const one = await set(address, (now) => ({
    ...{ outcome: 'sending', reason: 'being-sent', sending_at: now - 2_000, sent_at: null, next_look_at: null },
    ...{ late_at: null, missing_at: null, watch_until: null },
  }));
  const [probe] = await one.probes();
  const { token, message_id: messageId } = probe as ProbeTable;
  world.sandbox.deliver(address, failureReport({ token, messageId, recipient: 'x@y.test' }));
  await one.round(30_000);
  const [after] = await one.probes();
  assert.deepEqual([after?.outcome, after?.sent_at], ['bounced', probe?.sending_at]);
  await one.reading.session.close();
});
