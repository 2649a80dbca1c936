/**
 * kill -9 at fifty random instants while sending and reading: no probe is lost, none is accepted twice, the database stays whole. The world
 * around it, a sandbox in a process of its own, goes on and counts.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkDatabase } from '../../db/backups.ts';
import { databaseFile } from '../../server/config.ts';
import { startVictimWorld, type VictimWorld } from './victim-world.ts';
import { addMonitor, addSeed, addSender, type Run, startRun } from './world.ts';

const KILLS = 50;
const SEEDS = 8;

test(`kill -9 at ${KILLS} random instants`, { timeout: 280_000 }, async () => {
  const world = await startVictimWorld();
  try {
    const monitor = await setUp(world);
    const runs: string[] = [await startRun(world, monitor)];
    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(Math.random() * 1_200);
      await world.end('SIGKILL');
      world.launch();
      assert.ok(await world.victim.ready, 'it starts again');
      if (kill % 2 === 0) {
        const next = await startRun(world, monitor).catch((error: { status?: number }) => {
          // The run before is still being sent: that is an answer, too.
          assert.equal(error.status, 409);
          return null;
        });
        if (next) runs.push(next);
      }
    }
    const probes = await settled(world, runs);
    await world.end('SIGTERM');

    assert.ok(runs.length >= 5, `only ${runs.length} runs were started`);
    assert.equal(probes.length, runs.length * SEEDS, 'no probe is lost');
    const accepted = await world.accepted();
    for (const [id, times] of accepted) assert.equal(times, 1, `${id} was accepted ${times} times`);
    const placed = probes.filter((probe) => probe.outcome === 'placed');
    assert.equal(placed.length, accepted.size, 'everything that was accepted was found');
    for (const probe of probes)
      assert.ok(
        probe.outcome === 'placed' || (probe.outcome === 'unknown' && probe.reason === 'interrupted-while-sending'),
        `${probe.seed}: ${probe.outcome} ${probe.reason}`,
      );
    assert.ok(checkDatabase(databaseFile({ dataDir: world.data })) > 0, 'the database is whole');
  } finally {
    await world.stop();
  }
});

async function setUp(world: VictimWorld): Promise<string> {
  const sender = await addSender(world, 'good.test');
  const seeds: string[] = [];
  for (let i = 0; i < SEEDS; i++)
    seeds.push(
      await addSeed(
        world,
        `${i % 2 === 0 ? 'inbox' : 'slow-700ms'}-k${i}@${i % 3 === 0 ? 'gmail' : 'plain'}.test`,
        i === 7 ? 'pop3' : 'imap',
      ),
    );
  return addMonitor(world, sender, seeds, { lateAfterSeconds: 60, missingAfterSeconds: 300, watchSeconds: 600 });
}

/** Waits until nothing moves any more that could: all that was accepted has been found, the rest was cut off before it left. */
async function settled(world: VictimWorld, runs: string[]) {
  const until = Date.now() + 60_000;
  let last = '';
  let quietSince = Date.now();
  for (;;) {
    const probes = [];
    for (const id of runs) probes.push(...(await world.call<Run>('GET', `/api/runs/${id}`)).probes);
    const state = JSON.stringify(probes.map((probe) => probe.outcome));
    if (state !== last) quietSince = Date.now();
    last = state;
    const open = probes.some((probe) => ['queued', 'sending', 'accepted', 'deferred'].includes(probe.outcome));
    if ((!open && Date.now() - quietSince > 6_000) || Date.now() > until) return probes;
    await sleep(300);
  }
}
