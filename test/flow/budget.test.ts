/**
 * A sender's rolling budget under kill -9: killed again and again while it sends, the program has never handed over more than the budget allows. What is over
 * it waits; nothing fails and nothing is lost.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkDatabase } from '../../db/backups.ts';
import { databaseFile } from '../../server/config.ts';
import { startVictimWorld, type VictimWorld } from './victim-world.ts';
import { addMonitor, addSeed, addSender, type Run, startRun } from './world.ts';

const KILLS = 30;
const SEEDS = 4;
/** One is used up within a few lives, the other within many: kills strike before, at and after the last place. */
const BUDGETS = [
  { domain: 'good.test', dailyLimit: 12, monitors: 6 },
  { domain: 'weak-key.test', dailyLimit: 42, monitors: 15 },
];
const DAY = { lateAfterSeconds: 300, missingAfterSeconds: 6 * 3600, watchSeconds: 48 * 3600 };

test(`${KILLS} kills while sending: the daily budget is never exceeded`, { timeout: 280_000 }, async () => {
  const world = await startVictimWorld();
  try {
    const seeds: string[] = [];
    // Slow to say 250, so that a life finds mails in all states and its end strikes them there.
    for (let i = 0; i < SEEDS; i++) seeds.push(await addSeed(world, `late-250-${i * 100}ms-b${i}@plain.test`));
    const budgets: (Budget & { runs: string[] })[] = [];
    for (const budget of BUDGETS) budgets.push({ ...budget, runs: await fill(world, budget, seeds) });

    const lives = await killWhileSending(world);
    const striking = lives.filter((taken) => taken > 0).length;
    assert.ok(striking >= 4, `mails were handed over in ${striking} lives only: ${lives}`);

    for (const { domain, dailyLimit, monitors, runs } of budgets) {
      const probes = await settled(world, runs, domain);
      assert.equal(probes.length, monitors * SEEDS, 'no probe is lost');
      const waiting = probes.filter(({ outcome, reason }) => outcome === 'queued' && reason === 'daily-budget-used');
      // Not one place more was taken, and none was forfeited by a kill.
      assert.equal(waiting.length, probes.length - dailyLimit, domain);
      for (const { outcome, reason } of probes)
        assert.match(
          `${outcome} ${reason}`,
          /^(queued daily-budget-used|placed folder-inbox|unknown interrupted-while-sending)$/,
        );
      const taken = await acceptedFrom(world, domain);
      assert.ok(taken.length <= dailyLimit, `${domain}: ${taken.length} mails, and the budget is ${dailyLimit}`);
      assert.equal(taken.length, probes.filter(({ outcome }) => outcome === 'placed').length);
      for (const times of taken) assert.equal(times, 1);
    }
    await world.end('SIGTERM');
    assert.ok(checkDatabase(databaseFile({ dataDir: world.data })) > 0, 'the database is whole');
  } finally {
    await world.stop();
  }
});

type Budget = (typeof BUDGETS)[number];

/** Starts more probes than the budget has room for: a run of each monitor, to all seeds. */
async function fill(world: VictimWorld, { domain, dailyLimit, monitors }: Budget, seeds: string[]): Promise<string[]> {
  const sender = await addSender(world, domain, { dailyLimit });
  const runs: string[] = [];
  for (let i = 0; i < monitors; i++) runs.push(await startRun(world, await addMonitor(world, sender, seeds, DAY)));
  return runs;
}

/** @returns how many mails were taken in each life that ended by a kill */
async function killWhileSending(world: VictimWorld): Promise<number[]> {
  const lives: number[] = [];
  let before = 0;
  let startTakes = 1_000;
  for (let kill = 0; kill < KILLS; kill++) {
    const began = performance.now();
    // Every fourth strikes in the middle of a start, when what the life before left is settled; the others soon after it.
    if (kill % 4 === 3) await sleep(Math.random() * startTakes);
    else {
      assert.ok(await world.victim.ready, 'it starts again');
      if (kill > 0) startTakes = performance.now() - began;
      await sleep((Math.random() * startTakes) / 2);
    }
    await world.end('SIGKILL');
    const { size } = await world.sandbox.accepted();
    lives.push(size - before);
    before = size;
    world.launch();
  }
  return lives;
}

/** The probes of all runs, once all that was taken has been found and the rest waits. */
async function settled(world: VictimWorld, runs: string[], domain: string): Promise<Run['probes']> {
  const until = Date.now() + 30_000;
  for (;;) {
    const probes = [];
    for (const id of runs) probes.push(...(await world.call<Run>('GET', `/api/runs/${id}`)).probes);
    const moving = probes.some(
      ({ outcome, reason }) =>
        outcome === 'sending' || outcome === 'accepted' || (outcome === 'queued' && reason !== 'daily-budget-used'),
    );
    const found = probes.filter(({ outcome }) => outcome === 'placed').length;
    if ((!moving && found >= (await acceptedFrom(world, domain)).length) || Date.now() > until) return probes;
    await sleep(200);
  }
}

/** How often each mail of a sender was taken. */
async function acceptedFrom(world: VictimWorld, domain: string): Promise<number[]> {
  return [...(await world.accepted())].filter(([id]) => id.endsWith(`@${domain}>`)).map(([, times]) => times);
}
