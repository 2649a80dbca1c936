/** Mail that is there before its server has said so: found all the same, with its deadlines, and the reply is kept when it comes. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { addLostProbe, copyOf, rowOf } from './by-hand.ts';
import { addMonitor, addSeed, addSender, startRun, startWorld, type World, waitForRun } from './world.ts';

const HOURS = { lateAfterSeconds: 300, missingAfterSeconds: 6 * 3600, watchSeconds: 48 * 3600 };
let world: World;
before(async () => {
  world = await startWorld();
});
after(async () => world?.stop());

type Whole = {
  outcome: string;
  reason: string;
  lateAt: string | null;
  missingAt: string | null;
  watchUntil: string | null;
  nextLookAt: string | null;
  evidence: Record<string, unknown>;
  dialogues: { end: string; lines: { text: string }[] }[];
};

test('found while the reply is waited for: deadlines from the hand-over, and the dialogue with its reply', async () => {
  const address = 'late-250-9s-early@plain.test';
  const sender = await addSender(world, 'good.test');
  const seed = await addSeed(world, address);
  const run = await startRun(world, await addMonitor(world, sender, [seed], HOURS));
  const sending = await waitForRun(world, run, (now) => now.probes[0]?.outcome === 'sending');
  const id = sending.probes[0]?.id;
  // Nothing is due for a probe that is still being sent: the seed is read for the sake of another.
  await addLostProbe(world, await rowOf(world, run, address), Date.now());
  await waitForRun(world, run, (now) => now.probes.find((probe) => probe.id === id)?.outcome === 'placed', 8_000);
  const row = await rowOf(world, run, address);
  assert.equal(row.late_at, (row.sending_at ?? 0) + 300_000);
  assert.equal(row.sent_at, row.sending_at);
  const until = Date.now() + 12_000;
  let whole = await world.call<Whole>('GET', `/api/probes/${id}`);
  assert.equal(whole.dialogues.length, 0, 'found before the reply');
  while (whole.dialogues.length === 0 && Date.now() < until) {
    await sleep(100);
    whole = await world.call<Whole>('GET', `/api/probes/${id}`);
  }
  assert.deepEqual([whole.outcome, whole.reason, whole.dialogues.length], ['placed', 'folder-inbox', 1]);
  assert.ok(whole.dialogues[0]?.lines.some(({ text }) => text.startsWith('250 2.0.0 OK')));
  assert.ok(whole.lateAt && whole.missingAt && whole.watchUntil && whole.nextLookAt);
  const { folder, code, tls } = whole.evidence;
  assert.deepEqual([folder, code, tls], ['INBOX', 250, 'TLSv1.3']);
});

test('of mail that is found in the ordinary order the reply is kept as well', async () => {
  const sender = await addSender(world, 'good.test', { name: 'ordinary' });
  const seed = await addSeed(world, 'slow-2s-ordinary@plain.test');
  const run = await startRun(world, await addMonitor(world, sender, [seed], HOURS));
  const now = await waitForRun(world, run, ({ probes }) => probes[0]?.outcome === 'placed', 15_000);
  const { evidence } = await world.call<Whole>('GET', `/api/probes/${now.probes[0]?.id}`);
  assert.deepEqual([evidence.folder, evidence.code, evidence.tls], ['INBOX', 250, 'TLSv1.3']);
});

test('mail that may never have left, and is not found by its deadline: said so, in no rate, and still watched', async () => {
  const sender = await addSender(world, 'good.test', { name: 'ambiguous' });
  const address = 'missing-ambiguous@plain.test';
  const seed = await addSeed(world, address);
  const deadlines = { lateAfterSeconds: 3, missingAfterSeconds: 4, watchSeconds: 120 };
  const run = await startRun(world, await addMonitor(world, sender, [seed], deadlines));
  await waitForRun(world, run, (now) => now.probes[0]?.outcome === 'accepted');
  // As if the connection had ended after the final dot.
  const { db } = world.todoku.app;
  const ambiguous = { outcome: 'unknown', reason: 'connection-lost-after-data' } as const;
  await db.updateTable('probes').set(ambiguous).where('run_id', '=', run).execute();
  const over = await waitForRun(world, run, (now) => now.probes[0]?.reason === 'never-arrived', 15_000);
  assert.equal(over.probes[0]?.outcome, 'unknown');
  world.sandbox.deliver(address, copyOf(await rowOf(world, run, address)));
  await waitForRun(world, run, (now) => now.probes[0]?.outcome === 'placed', 25_000);
});
