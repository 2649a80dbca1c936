/**
 * The disk is full. On a small file system of its own (Linux, as root): nothing is sent that could not be stored, what was under way is settled
 * when space returns, and the program stays up all the while.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkDatabase } from '../../db/backups.ts';
import { databaseFile } from '../../server/config.ts';
import { addMonitor, addSeed, addSender, startRun, startWorld, type World, waitForRun } from './world.ts';

type Health = { status: string; storage: string; database: string };

test('a full disk', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'todoku-full-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    await rm(folder, { recursive: true });
    return t.skip('needs the right to mount a file system');
  }
  let world: World | null = null;
  try {
    world = await startWorld({ TODOKU_DATA_DIR: folder });
    await throughAFullDisk(world, folder);
    await world.todoku.stop();
    assert.ok(checkDatabase(databaseFile({ dataDir: folder })) > 0);
  } finally {
    await world?.stop();
    execFileSync('umount', [folder]);
    await rm(folder, { recursive: true });
  }
});

async function throughAFullDisk(world: World, folder: string): Promise<void> {
  const health = async () => {
    const answer = await fetch(`${world.todoku.url}/healthz`);
    return { code: answer.status, ...((await answer.json()) as Health) };
  };
  const sender = await addSender(world, 'good.test');
  const seeds = [await addSeed(world, 'late-250-4s@plain.test'), await addSeed(world, 'inbox@plain.test')];
  const slow = await addMonitor(world, sender, seeds.slice(0, 1), { missingAfterSeconds: 300, watchSeconds: 600 });
  const quick = await addMonitor(world, sender, seeds.slice(1), { missingAfterSeconds: 300, watchSeconds: 600 });
  const run = await startRun(world, slow);
  await waitForRun(world, run, (now) => now.probes[0]?.outcome === 'sending');

  await fill(folder);
  let refused: { status?: number } | null = null;
  for (let i = 0; i < 50 && !refused; i++)
    refused = await startRun(world, quick).then(
      () => null,
      (error: { status?: number }) => error,
    );
  assert.ok(refused?.status !== undefined && refused.status >= 500, 'what cannot be stored is not started');
  await sleep(6_500);
  const sick = await health();
  assert.deepEqual([sick.code, sick.status, sick.database], [503, 'failing', 'failing']);
  for (let i = 0; i < 6; i++) {
    assert.equal((await health()).storage, 'full');
    await sleep(700);
  }
  const read = await world.call<{ items: unknown[] }>('GET', '/api/runs');
  assert.ok(read.items.length >= 1, 'reads go on');
  const acceptedBefore = [...world.sandbox.accepted.keys()].length;
  await sleep(2_000);
  assert.equal([...world.sandbox.accepted.keys()].length, acceptedBefore, 'nothing is sent');

  await rm(join(folder, 'filler'));
  const settled = await waitForRun(world, run, (now) => now.probes[0]?.outcome === 'placed', 60_000);
  const whole = await world.call<{ dialogues: unknown[] }>('GET', `/api/probes/${settled.probes[0]?.id}`);
  assert.equal(whole.dialogues.length, 1, 'the reply was kept until it could be stored');
  for (const [id, times] of world.sandbox.accepted) assert.equal(times, 1, id);
  const next = await startRun(world, quick).catch(() => null);
  if (next) await waitForRun(world, next, (now) => now.probes[0]?.outcome === 'placed');
  const until = Date.now() + 15_000;
  while ((await health()).code !== 200) {
    assert.ok(Date.now() < until, 'healthy again');
    await sleep(300);
  }
}

async function fill(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  await writeFile(join(folder, 'filler'), Buffer.alloc(bavail * bsize)).catch((error: { code?: string }) => {
    if (error.code !== 'ENOSPC') throw error;
  });
}
