/**
 * The clockwork: a tick each second asks the rows what is due and starts it. It keeps no plans of its own, so that a kill at any instant loses
 * nothing; what another instance has claimed is left alone, what a dead one left behind is taken over.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import cron from 'node-cron';
import { forgetFuture } from '../db/clock.ts';
import { forgetOld } from '../db/forget.ts';
import { listInstances, registerInstance, removeInstance, touchInstance } from '../db/instances.ts';
import type { InstanceTable } from '../db/schema.ts';
import { readSetting } from '../db/settings.ts';
import type { App } from './app.ts';
import { createVerifier } from './authentication/verify.ts';
import { createAuditing } from './campaign/work.ts';
import { systemDnsServers } from './dns/client.ts';
import { createChecking } from './domain/schedule.ts';
import { fireDueMonitors, refreshRuns } from './monitor/run.ts';
import { createBounceReader } from './probe/bounces.ts';
import { createLocating } from './probe/locate.ts';
import { createSending } from './probe/send.ts';
import { forgetDue, retentionOf } from './retention.ts';
import { storageTrouble } from './storage.ts';

const HEARTBEAT_MS = 5_000;
/** An instance not seen for this long is dead; its process may also be found gone at once. */
const DEAD_AFTER_MS = 20_000;
const ALL_RUNS_MS = 30_000;
const PRUNE_MS = 3_600_000;
/** How often it is asked whether the daily backup is due. */
const BACKUP_MS = 60_000;
/** A clock that goes back by more than this was set; by less it was adjusted. */
const CLOCK_SET_BACK_MS = 5_000;

/** Instances in this very process; tests start several. */
const ofThisProcess = new Set<string>();

export type Scheduler = {
  /** Does what is due now, without waiting for the next second. */
  tick(): Promise<void>;
  /** Tells the scheduler that a run may have changed: its state is brought up to date with the next tick. */
  touchRun(runId: string): void;
  /** Tells the scheduler that a probe of a monitor was found: it may show something new of the domain it came from. */
  touchMonitor(monitorId: string): void;
  /** Tells the scheduler that a seed was changed, mended or checked: what was put off for its sake is looked for at once. */
  touchSeed(seedId: string): void;
  stop(): Promise<void>;
};

export async function startScheduler(app: App): Promise<Scheduler> {
  const instance = { id: randomUUID(), host: hostname(), pid: process.pid, started_at: app.now(), seen_at: app.now() };
  let alive: string[] = [instance.id];
  const verifier = createVerifier({
    dnsServers: app.config.dnsServers.length > 0 ? app.config.dnsServers : systemDnsServers(),
  });
  const bounces = createBounceReader();
  const locating = createLocating(app, { instance: instance.id, verifier, bounces, alive: () => alive });
  const sending = createSending(app, {
    instance: instance.id,
    onSent: (seedId) => locating.wake(seedId),
    beforeFirst: (sender) => locating.prepareReturn(sender),
  });
  const checking = createChecking(app);
  const auditing = createAuditing(app, { instance: instance.id, verifier, alive: () => alive });
  const touchedRuns = new Set<string>();
  let heartbeatAt = 0;
  let allRunsAt = 0;
  let prunedAt = 0;
  let backupAt = 0;
  let forgetting: Promise<void> | null = null;
  const stopForgetting = new AbortController();
  let tickedAt = 0;
  let ticking: Promise<void> | null = null;
  let stopped = false;

  ofThisProcess.add(instance.id);
  await registerInstance(app.db, instance);

  async function heartbeat(now: number): Promise<void> {
    await touchInstance(app.db, { ...instance, seen_at: now });
    // Only now: while nothing can be stored, every tick begins, and ends, here.
    heartbeatAt = now;
    const living: string[] = [];
    for (const other of await listInstances(app.db)) {
      if (other.id === instance.id || !isDead(other, instance, now)) living.push(other.id);
      else await removeInstance(app.db, other.id);
    }
    alive = living;
    await sending.adoptOrphans(alive);
  }

  async function work(): Promise<void> {
    const now = app.now();
    if (now < tickedAt - CLOCK_SET_BACK_MS) {
      app.log.warn({ by: tickedAt - now }, 'the clock was set back');
      await forgetFuture(app.db, now);
    }
    tickedAt = now;
    if (now - heartbeatAt >= HEARTBEAT_MS || now < heartbeatAt) await heartbeat(now);
    await fireDueMonitors(app);
    await sending.sendDue();
    await locating.lookDue();
    await checking.checkDue();
    await auditing.workDue();
    if (now - allRunsAt >= ALL_RUNS_MS || now < allRunsAt) {
      allRunsAt = now;
      touchedRuns.clear();
      await refreshRuns(app);
    } else if (touchedRuns.size > 0) {
      const runs = [...touchedRuns];
      touchedRuns.clear();
      await refreshRuns(app, runs);
    }
    if (now - prunedAt >= PRUNE_MS || now < prunedAt) {
      prunedAt = now;
      await forgetOld(app.db, now);
      forgetByRetention();
    }
    if (now - backupAt >= BACKUP_MS || now < backupAt) {
      backupAt = now;
      void app.backups.keepDaily();
    }
    app.health.lastTickAt = app.now();
    app.health.storage = 'ok';
  }

  /** Beside the ticks: a large history takes minutes to forget. */
  function forgetByRetention(): void {
    forgetting ??= readSetting(app.db, 'retention')
      .then((value) => forgetDue(app, retentionOf(value), stopForgetting.signal))
      .then(({ messages, probes, audits }) => {
        if (messages + probes + audits > 0)
          app.log.info({ messages, probes, audits }, 'forgotten, as the settings say');
      })
      .catch((error: unknown) => app.log.error({ err: error }, 'forgetting stopped'))
      .finally(() => {
        forgetting = null;
      });
  }

  /** One tick at a time; a tick that fails is logged and the next one tries again. */
  function tick(): Promise<void> {
    ticking ??= work()
      .catch((error: unknown) => {
        // Every hand-over begins with a committed row: while nothing can be stored, nothing is sent.
        app.health.storage = storageTrouble(error) ?? 'ok';
        app.log.error({ err: error }, 'tick failed');
      })
      .finally(() => {
        ticking = null;
      });
    return ticking;
  }

  // At once, so that what a dead instance left in `sending` is looked for before anything new is started.
  await heartbeat(app.now());
  const task = cron.schedule('* * * * * *', () => (stopped ? undefined : tick()), {
    timezone: 'UTC',
    noOverlap: true,
    // A tick that was missed is no loss: what is due stands in rows and the next tick finds it.
    suppressMissedWarning: true,
  });
  void tick();

  return {
    tick,
    touchRun: (runId) => touchedRuns.add(runId),
    touchMonitor: (monitorId) => checking.touchMonitor(monitorId),
    touchSeed(seedId) {
      if (stopped) return;
      // A deleted seed took its probes along: what runs they belonged to is found with the next tick.
      allRunsAt = 0;
      locating
        .reconsider(seedId)
        .catch((error: unknown) => app.log.error({ err: error, seed: seedId }, 'a seed could not be reconsidered'));
    },
    async stop() {
      stopped = true;
      await task.destroy();
      await ticking;
      stopForgetting.abort();
      await Promise.all([sending.close(), locating.close(), checking.close(), auditing.close(), forgetting]);
      await Promise.all([verifier.close(), bounces.close()]);
      ofThisProcess.delete(instance.id);
      try {
        await refreshRuns(app);
        await removeInstance(app.db, instance.id);
      } catch (error) {
        // A full disk is no reason not to stop: the next start finds the same rows, and this instance dead.
        app.log.error({ err: error }, 'the last words could not be stored');
      }
    },
  };
}

/** Dead: not seen for long, or on this machine with a process that is gone. */
function isDead(other: InstanceTable, self: InstanceTable, now: number): boolean {
  if (now - other.seen_at > DEAD_AFTER_MS) return true;
  if (other.host !== self.host) return false;
  // A restarted container has the number of the one before, mostly 1: whoever had it before us has it no more.
  if (other.pid === self.pid) return other.started_at < self.started_at && !ofThisProcess.has(other.id);
  try {
    process.kill(other.pid, 0);
    return false;
  } catch (error) {
    return (error as { code?: string }).code === 'ESRCH';
  }
}
