/** Monitors over the API: sender, seeds, message, schedule. A plan that breaks the sender's budget is refused before it is saved. */
import { addMark } from '../../db/marks.ts';
import {
  countSeeds,
  deleteMonitor,
  findMonitor,
  insertMonitor,
  lastRuns,
  listMonitors,
  reachOf,
  seedsOfMonitor,
  setMonitorSeeds,
  setMonitorTags,
  updateMonitor,
} from '../../db/monitors.ts';
import type { Queries } from '../../db/open.ts';
import type { MonitorTable, SenderTable } from '../../db/schema.ts';
import { missingSeeds } from '../../db/seeds.ts';
import { findSender } from '../../db/senders.ts';
import type { App } from '../app.ts';
import { AppError } from '../errors.ts';
import { newId } from '../id.ts';
import { monitorChanges, type Watched } from '../mark/changes.ts';
import { startRun } from '../monitor/run.ts';
import { checkSchedule, nextRuns } from '../monitor/schedule.ts';
import {
  DEFAULT_LATE_AFTER_MS,
  DEFAULT_MISSING_AFTER_MS,
  DEFAULT_WATCH_MS,
  type MonitorMessage,
  type MonitorSchedule,
} from '../monitor/types.ts';
import { idParams, iso, isoOrNull } from './json/basics.ts';
import {
  type MonitorJson,
  monitorInput,
  monitorJson,
  monitorPatch,
  monitorsJson,
  monitorsQuery,
  startedRunJson,
} from './json/monitors.ts';
import { placementQuery, placementSeriesJson } from './json/overview.ts';
import { pageOf } from './page.ts';
import { placementSeries } from './placement.ts';
import { requireBudget, runsADay, scheduleOf } from './plan.ts';
import { route } from './route.ts';

export const monitorRoutes = [
  route({
    method: 'get',
    path: '/api/monitors',
    summary: 'Monitors, oldest first',
    query: monitorsQuery,
    reply: monitorsJson,
    handler: async (app, { query }) => {
      const { rows, nextCursor } = pageOf(
        await listMonitors(app.db, { ...query, limit: query.limit + 1 }),
        query.limit,
      );
      return { items: await present(app, rows), nextCursor };
    },
  }),
  route({
    method: 'post',
    path: '/api/monitors',
    summary: 'Add a monitor',
    body: monitorInput,
    reply: monitorJson,
    status: 201,
    handler: async (app, { body }) => {
      const now = app.now();
      const schedule = body.schedule ?? null;
      const monitor: MonitorTable = {
        id: newId(now),
        name: body.name,
        sender_id: body.senderId,
        message_json: JSON.stringify(body.message satisfies MonitorMessage),
        cron: schedule?.cron ?? null,
        time_zone: schedule?.timeZone ?? null,
        late_after_ms: body.lateAfterSeconds === undefined ? DEFAULT_LATE_AFTER_MS : body.lateAfterSeconds * 1000,
        missing_after_ms:
          body.missingAfterSeconds === undefined ? DEFAULT_MISSING_AFTER_MS : body.missingAfterSeconds * 1000,
        watch_ms: body.watchSeconds === undefined ? DEFAULT_WATCH_MS : body.watchSeconds * 1000,
        paused_at: null,
        next_run_at: nextRunAt(schedule, now),
        created_at: now,
        updated_at: now,
      };
      const seedIds = body.seedIds ?? [];
      const tags = body.seedTags ?? [];
      await requireSound(app, monitor, seedIds, tags, true);
      await app.db.transaction().execute(async (tx) => {
        await insertMonitor(tx, monitor);
        await setMonitorSeeds(tx, monitor.id, seedIds);
        await setMonitorTags(tx, monitor.id, tags);
      });
      app.announce({ topic: 'monitor', id: monitor.id, monitorId: monitor.id });
      return presentOne(app, monitor);
    },
  }),
  route({
    method: 'get',
    path: '/api/monitors/:id',
    summary: 'One monitor',
    params: idParams,
    reply: monitorJson,
    handler: async (app, { params }) => presentOne(app, await require(app, params.id)),
  }),
  route({
    method: 'patch',
    path: '/api/monitors/:id',
    summary: 'Change a monitor; what is left out stays',
    params: idParams,
    body: monitorPatch,
    reply: monitorJson,
    handler: async (app, { params, body }) => {
      const before = await require(app, params.id);
      const now = app.now();
      const schedule = body.schedule === undefined ? scheduleOf(before) : body.schedule;
      const pausedAt = body.paused === undefined ? before.paused_at : body.paused ? (before.paused_at ?? now) : null;
      const after: MonitorTable = {
        ...before,
        name: body.name ?? before.name,
        sender_id: body.senderId ?? before.sender_id,
        message_json:
          body.message === undefined ? before.message_json : JSON.stringify(body.message satisfies MonitorMessage),
        cron: schedule?.cron ?? null,
        time_zone: schedule?.timeZone ?? null,
        late_after_ms: body.lateAfterSeconds === undefined ? before.late_after_ms : body.lateAfterSeconds * 1000,
        missing_after_ms:
          body.missingAfterSeconds === undefined ? before.missing_after_ms : body.missingAfterSeconds * 1000,
        watch_ms: body.watchSeconds === undefined ? before.watch_ms : body.watchSeconds * 1000,
        paused_at: pausedAt,
        updated_at: now,
      };
      const reach = (await reachOf(app.db, [before.id])).get(before.id);
      const seedIds = body.seedIds ?? reach?.seedIds ?? [];
      const tags = body.seedTags ?? reach?.tags ?? [];
      const replanned =
        body.senderId !== undefined ||
        body.seedIds !== undefined ||
        body.seedTags !== undefined ||
        body.schedule !== undefined ||
        body.paused === false;
      await requireSound(app, after, seedIds, tags, replanned);
      // A slot is moved only when the schedule changed or was at rest: a new name must not make a due run wait a day.
      if (pausedAt !== null) after.next_run_at = null;
      else if (body.schedule !== undefined || before.paused_at !== null) after.next_run_at = nextRunAt(schedule, now);
      await app.db.transaction().execute(async (tx) => {
        const watchedBefore = await watchedOf(tx, before);
        const { next_run_at: slot, ...change } = after;
        // The scheduler may move the slot at any time: it is written only when it is meant.
        await updateMonitor(tx, before.id, slot === before.next_run_at ? change : { ...change, next_run_at: slot });
        if (body.seedIds !== undefined) await setMonitorSeeds(tx, before.id, seedIds);
        if (body.seedTags !== undefined) await setMonitorTags(tx, before.id, tags);
        for (const { reason, evidence } of monitorChanges(watchedBefore, await watchedOf(tx, after)))
          await addMark(tx, {
            at: now,
            reason,
            name: after.name,
            monitor_id: after.id,
            sender_id: after.sender_id,
            evidence,
          });
      });
      app.announce({ topic: 'monitor', id: before.id, monitorId: before.id });
      return presentOne(app, await require(app, before.id));
    },
  }),
  route({
    method: 'delete',
    path: '/api/monitors/:id',
    summary: 'Delete a monitor with its runs and results',
    params: idParams,
    handler: async (app, { params }) => {
      const monitor = await require(app, params.id);
      await deleteMonitor(app.db, monitor.id, app.now());
      app.announce({ topic: 'monitor', id: monitor.id, monitorId: monitor.id });
      return undefined;
    },
  }),
  route({
    method: 'post',
    path: '/api/monitors/:id/runs',
    summary: 'Run a monitor now',
    params: idParams,
    reply: startedRunJson,
    status: 202,
    handler: async (app, { params }) => startRun(app, params.id, { slotAt: null }),
  }),
  route({
    method: 'get',
    path: '/api/monitors/:id/placement',
    summary: 'Where the probes of a monitor landed, by hour or local day, and by provider',
    params: idParams,
    query: placementQuery,
    reply: placementSeriesJson,
    handler: async (app, { params, query }) => {
      const monitor = await require(app, params.id);
      return placementSeries(app.db, { monitorId: monitor.id }, query, app.now());
    },
  }),
];

function nextRunAt(schedule: MonitorSchedule | null, now: number): number | null {
  if (schedule === null || !checkSchedule(schedule, now).ok) return null;
  return nextRuns(schedule, now, 1)[0] ?? null;
}

async function watchedOf(tx: Queries, monitor: MonitorTable): Promise<Watched> {
  return {
    message: JSON.parse(monitor.message_json) as MonitorMessage,
    seeds: new Set((await seedsOfMonitor(tx, monitor.id)).map((seed) => seed.id)),
    sender: { id: monitor.sender_id, name: (await findSender(tx, monitor.sender_id))?.name ?? '' },
    schedule: scheduleOf(monitor),
    paused: monitor.paused_at !== null,
  };
}

/** @throws AppError `invalid` with the path of what is wrong; `budget-exceeded` */
async function requireSound(
  app: App,
  monitor: MonitorTable,
  seedIds: string[],
  tags: string[],
  plan: boolean,
): Promise<void> {
  const wrong = (path: string, message: string): AppError =>
    new AppError('invalid', message, { errors: [{ path, message }] });
  const schedule = scheduleOf(monitor);
  if (schedule) {
    const verdict = checkSchedule(schedule, app.now());
    if (!verdict.ok) throw wrong(`schedule.${verdict.field}`, verdict.error);
  }
  if (monitor.missing_after_ms < monitor.late_after_ms)
    throw wrong('missingAfterSeconds', 'A probe cannot be missing before it is late.');
  const sender = await findSender(app.db, monitor.sender_id);
  if (!sender) throw wrong('senderId', 'There is no such sender.');
  if (!plan) return;
  const missing = await missingSeeds(app.db, seedIds);
  if (missing.length > 0) throw wrong('seedIds', `There is no seed ${missing.slice(0, 5).join(', ')}.`);
  if (seedIds.length === 0 && tags.length === 0) throw wrong('seedIds', 'A monitor needs seeds or a tag of seeds.');
  if (monitor.paused_at === null)
    await requireBudget(app.db, sender, {
      seeds: await countSeeds(app.db, seedIds, tags),
      cron: monitor.cron,
      monitorId: monitor.id,
    });
}

async function require(app: App, id: string): Promise<MonitorTable> {
  const monitor = await findMonitor(app.db, id);
  if (!monitor) throw new AppError('not-found', 'There is no such monitor.');
  return monitor;
}

async function presentOne(app: App, monitor: MonitorTable): Promise<MonitorJson> {
  const [shown] = await present(app, [monitor]);
  if (!shown) throw new AppError('not-found', 'There is no such monitor.');
  return shown;
}

async function present(app: App, monitors: MonitorTable[]): Promise<MonitorJson[]> {
  const ids = monitors.map((monitor) => monitor.id);
  const reach = await reachOf(app.db, ids);
  const runs = await lastRuns(app.db, ids);
  const senders = new Map<string, SenderTable | undefined>();
  for (const { sender_id: id } of monitors) if (!senders.has(id)) senders.set(id, await findSender(app.db, id));
  return monitors.map((monitor) => {
    const reached = reach.get(monitor.id);
    const last = runs.get(monitor.id);
    return {
      id: monitor.id,
      name: monitor.name,
      senderId: monitor.sender_id,
      senderName: senders.get(monitor.sender_id)?.name ?? '',
      seedIds: reached?.seedIds ?? [],
      seedTags: reached?.tags ?? [],
      seedCount: reached?.seedCount ?? 0,
      message: JSON.parse(monitor.message_json) as MonitorJson['message'],
      schedule: scheduleOf(monitor),
      runsPerDay: monitor.cron === null ? 0 : runsADay(monitor.cron),
      nextRunAt: isoOrNull(monitor.next_run_at),
      lateAfterSeconds: Math.round(monitor.late_after_ms / 1000),
      missingAfterSeconds: Math.round(monitor.missing_after_ms / 1000),
      watchSeconds: Math.round(monitor.watch_ms / 1000),
      pausedAt: isoOrNull(monitor.paused_at),
      lastRun: last ? { id: last.id, startedAt: iso(last.started_at), state: last.state } : null,
      createdAt: iso(monitor.created_at),
      updatedAt: iso(monitor.updated_at),
    };
  });
}
