/**
 * kill -9 at fifty random instants while sending and reading: no probe is lost, none is accepted twice, the database stays whole. The world
 * around it, a sandbox in a process of its own, goes on and counts.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkDatabase } from '../../db/backups.ts';
import { databaseFile } from '../../server/config.ts';
import { readAccepted, type SandboxProcess, spawnSandbox } from '../../server/sandbox/process.ts';
import { callApi, endVictim, type Run, spawnVictim, type Victim } from './world.ts';

const KILLS = 50;
const SEEDS = 8;

test(`kill -9 at ${KILLS} random instants`, { timeout: 280_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'todoku-kill-'));
  const acceptedFile = join(folder, 'accepted.jsonl');
  const sandbox = await spawnSandbox({ acceptedFile });
  const data = join(folder, 'data');
  let victim: Victim | null = null;
  try {
    victim = await spawnVictim(sandbox, data);
    const monitor = await setUp(victim, sandbox);
    const runs: string[] = [await fire(victim, monitor)];
    for (let kill = 0; kill < KILLS; kill++) {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 1_200));
      await endVictim(victim, 'SIGKILL');
      victim = await spawnVictim(sandbox, data);
      if (kill % 2 === 0) {
        const next = await fire(victim, monitor).catch((error: { status?: number }) => {
          // The run before is still being sent: that is an answer, too.
          assert.equal(error.status, 409);
          return null;
        });
        if (next) runs.push(next);
      }
    }
    const probes = await settled(victim, runs);
    await endVictim(victim, 'SIGTERM');
    victim = null;

    assert.ok(runs.length >= 5, `only ${runs.length} runs were started`);
    assert.equal(probes.length, runs.length * SEEDS, 'no probe is lost');
    const accepted = await readAccepted(acceptedFile);
    for (const [id, times] of accepted) assert.equal(times, 1, `${id} was accepted ${times} times`);
    const placed = probes.filter((probe) => probe.outcome === 'placed');
    assert.equal(placed.length, accepted.size, 'everything that was accepted was found');
    for (const probe of probes)
      assert.ok(
        probe.outcome === 'placed' || (probe.outcome === 'unknown' && probe.reason === 'interrupted-while-sending'),
        `${probe.seed}: ${probe.outcome} ${probe.reason}`,
      );
    assert.ok(checkDatabase(databaseFile({ dataDir: data })) > 0, 'the database is whole');
  } finally {
    if (victim) await endVictim(victim, 'SIGKILL');
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  }
});

async function setUp(victim: Victim, sandbox: SandboxProcess): Promise<string> {
  const call = <T>(path: string, body: unknown) => callApi<T>(victim.url, victim.token, 'POST', path, body);
  const sender = await sandbox.sender('good.test');
  const { id: senderId } = await call<{ id: string }>('/api/senders', {
    ...sender,
    dailyLimit: 10_000,
    minGapSeconds: 0,
  });
  const seedIds: string[] = [];
  for (let i = 0; i < SEEDS; i++) {
    const seed = await sandbox.seed(
      `${i % 2 === 0 ? 'inbox' : 'slow-700ms'}-k${i}@${i % 3 === 0 ? 'gmail' : 'plain'}.test`,
      i === 7 ? 'pop3' : 'imap',
    );
    seedIds.push((await call<{ id: string }>('/api/seeds', seed)).id);
  }
  const monitor = {
    name: 'kill',
    senderId,
    seedIds,
    message: { template: 'plain', language: 'en' },
    schedule: null,
    lateAfterSeconds: 60,
    missingAfterSeconds: 300,
    watchSeconds: 600,
  };
  return (await call<{ id: string }>('/api/monitors', monitor)).id;
}

async function fire(victim: Victim, monitor: string): Promise<string> {
  return (await callApi<{ id: string }>(victim.url, victim.token, 'POST', `/api/monitors/${monitor}/runs`)).id;
}

/** Waits until nothing moves any more that could: all that was accepted has been found, the rest was cut off before it left. */
async function settled(victim: Victim, runs: string[]) {
  const until = Date.now() + 60_000;
  let last = '';
  let quietSince = Date.now();
  for (;;) {
    const probes = [];
    for (const id of runs)
      probes.push(...(await callApi<Run>(victim.url, victim.token, 'GET', `/api/runs/${id}`)).probes);
    const state = JSON.stringify(probes.map((probe) => probe.outcome));
    if (state !== last) quietSince = Date.now();
    last = state;
    const open = probes.some((probe) => ['queued', 'sending', 'accepted', 'deferred'].includes(probe.outcome));
    if ((!open && Date.now() - quietSince > 6_000) || Date.now() > until) return probes;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
