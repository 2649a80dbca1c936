/**
 * Fires a monitor: one run, one queued probe per seed, all in one transaction with the claim on the slot, so that several instances on one
 * database answer each slot once.
 */
import { claimSlot, dueMonitors, findMonitor, seedsOfMonitor } from '../../db/monitors.ts';
import { insertProbes } from '../../db/probes.ts';
import { hasUnsentProbes, insertRun, openRunIds, runProgress, setRunState } from '../../db/runs.ts';
import type { MonitorTable, ProbeTable, RunTable, SeedTable } from '../../db/schema.ts';
import { tagsOf } from '../../db/seeds.ts';
import { findSender } from '../../db/senders.ts';
import type { App } from '../app.ts';
import { AppError } from '../errors.ts';
import { newId } from '../id.ts';
import { newProbe } from '../probe/born.ts';
import { nextRuns } from './schedule.ts';
import { runState } from './status.ts';

/** A slot older than this when it is noticed is a slot missed while nothing ran: answered once, not once each. */
const FAR_BEHIND_MS = 60_000;

/**
 * Starts a run of a monitor by hand.
 * @throws AppError `not-found`; `conflict` when the run before is still being sent, or the monitor has no seeds to send to
 */
export async function startRun(
  app: App,
  monitorId: string,
  options: { slotAt: number | null },
): Promise<{ id: string }> {
  const monitor = await findMonitor(app.db, monitorId);
  if (!monitor) throw new AppError('not-found', 'There is no such monitor.');
  const seeds = (await seedsOfMonitor(app.db, monitorId)).filter((seed) => seed.paused_at === null);
  if (seeds.length === 0)
    throw new AppError('conflict', 'This monitor has no seeds to send to: add seeds or resume one that is paused.');
  const sender = await findSender(app.db, monitor.sender_id);
  if (!sender) throw new AppError('conflict', 'The sender of this monitor was deleted: choose another.');
  const { run, probes } = newRun(monitor, await tagged(app, seeds), sender.from_address, options.slotAt, app.now());
  await app.db.transaction().execute(async (tx) => {
    // Asked under the write lock: of several that press the button at once, one starts a run.
    if (await hasUnsentProbes(tx, monitorId))
      throw new AppError('conflict', 'The run before is still being sent. Wait until all its mails are handed over.');
    if (!(await insertRun(tx, run))) throw new AppError('conflict', 'This slot of the schedule was answered already.');
    await insertProbes(tx, probes);
  });
  app.announce({ topic: 'run', id: run.id, runId: run.id, monitorId });
  return { id: run.id };
}

/**
 * Fires every monitor whose slot has come. The claim is a conditional update of `next_run_at`: whoever changes the row owns the slot. After
 * downtime the missed slots are answered by one run, and the next slot is the first one in the future.
 */
export async function fireDueMonitors(app: App): Promise<void> {
  const now = app.now();
  const due = await dueMonitors(app.db, now);
  for (const monitor of due) {
    try {
      await fire(app, monitor, now);
    } catch (error) {
      // One broken row may not stop the others, nor be tried every second.
      app.log.error({ err: error, monitor: monitor.id }, 'a monitor could not be fired');
      await claimSlot(app.db, monitor, now + 3_600_000);
    }
  }
}

async function fire(app: App, monitor: MonitorTable, now: number): Promise<void> {
  const slot = monitor.next_run_at as number;
  const schedule =
    monitor.cron !== null && monitor.time_zone !== null ? { cron: monitor.cron, timeZone: monitor.time_zone } : null;
  const next = schedule ? (nextRuns(schedule, now, 1)[0] ?? null) : null;
  const seeds = (await seedsOfMonitor(app.db, monitor.id)).filter((seed) => seed.paused_at === null);
  const sender = await findSender(app.db, monitor.sender_id);
  const made =
    seeds.length > 0 && sender ? newRun(monitor, await tagged(app, seeds), sender.from_address, slot, now) : null;
  const end = await app.db.transaction().execute(async (tx) => {
    if (!(await claimSlot(tx, monitor, next)) || !made) return 'nothing';
    if (await hasUnsentProbes(tx, monitor.id)) return 'overlaps';
    if (!(await insertRun(tx, made.run))) return 'nothing';
    await insertProbes(tx, made.probes);
    return 'fired';
  });
  if (end === 'fired' && made)
    app.announce({ topic: 'run', id: made.run.id, runId: made.run.id, monitorId: monitor.id });
  if (end === 'overlaps')
    app.log.warn({ monitor: monitor.id, slot }, 'slot left out: the run before is still being sent');
  else if (now - slot > FAR_BEHIND_MS) app.log.info({ monitor: monitor.id, slot, now }, 'caught up with one run');
}

type Tagged = { seed: SeedTable; tags: string[] };

async function tagged(app: App, seeds: SeedTable[]): Promise<Tagged[]> {
  const tags = await tagsOf(
    app.db,
    seeds.map((seed) => seed.id),
  );
  return seeds.map((seed) => ({ seed, tags: tags.get(seed.id) ?? [] }));
}

function newRun(
  monitor: MonitorTable,
  seeds: Tagged[],
  fromAddress: string,
  slotAt: number | null,
  now: number,
): { run: RunTable; probes: ProbeTable[] } {
  const run: RunTable = {
    id: newId(now),
    monitor_id: monitor.id,
    sender_id: monitor.sender_id,
    slot_at: slotAt,
    started_at: now,
    state: 'running',
    finished_at: null,
    probe_count: seeds.length,
    audit_id: null,
  };
  return { run, probes: seeds.map(({ seed, tags }) => newProbe(run, seed, tags, fromAddress, now)) };
}

/** Brings the states of the given runs (default: all open ones) in step with their probes. */
export async function refreshRuns(app: App, runIds?: Iterable<string>): Promise<void> {
  for (const id of runIds ?? (await openRunIds(app.db))) {
    const now = app.now();
    const state = runState(await runProgress(app.db, id, now));
    if (await setRunState(app.db, id, state, now)) app.announce({ topic: 'run', id, runId: id });
  }
}
