/** Runs: one firing of a monitor each. */
import { type RawBuilder, sql } from 'kysely';
import type { RunState } from '../server/monitor/types.ts';
import type { Queries } from './open.ts';
import type { ProbeTable, RunTable } from './schema.ts';

/**
 * Inserts a run as the next turn of its monitor. Inside a transaction, which holds the write lock from its start.
 * @returns false when this slot of the schedule was answered already, by this instance or another
 */
export async function insertRun(tx: Queries, run: RunTable): Promise<boolean> {
  const before = await tx
    .selectFrom('runs')
    .select('turn')
    .where('monitor_id', '=', run.monitor_id)
    .orderBy('started_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  const done = await tx
    .insertInto('runs')
    .values({ ...run, turn: (before?.turn ?? -1) + 1 })
    .onConflict((conflict) => conflict.columns(['monitor_id', 'slot_at']).doNothing())
    .executeTakeFirst();
  return (done.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function findRun(db: Queries, id: string): Promise<RunTable | undefined> {
  return db.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Which turn of its monitor a run is, from 0. */
export async function turnOfRun(db: Queries, id: string): Promise<number> {
  const row = await db.selectFrom('runs').select('turn').where('id', '=', id).executeTakeFirst();
  return row?.turn ?? 0;
}

/** Newest first. `cursor` is the id of the last run of the page before. */
export async function listRuns(
  db: Queries,
  options: { monitorId?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<RunTable[]> {
  let query = db
    .selectFrom('runs')
    .selectAll()
    .where('audit_id', 'is', null)
    .orderBy('id', 'desc')
    .limit(options.limit);
  if (options.monitorId) query = query.where('monitor_id', '=', options.monitorId);
  if (options.cursor) query = query.where('id', '<', options.cursor);
  return query.execute();
}

/** How many runs began after that moment. */
export async function countRunsSince(db: Queries, at: number): Promise<number> {
  const row = await db
    .selectFrom('runs')
    .select(sql<number>`count(*)`.as('n'))
    .where('started_at', '>', at)
    .where('audit_id', 'is', null)
    .executeTakeFirst();
  return Number(row?.n ?? 0);
}

export async function probesOfRun(db: Queries, runId: string): Promise<ProbeTable[]> {
  return db
    .selectFrom('probes')
    .selectAll()
    .where('run_id', '=', runId)
    .orderBy('provider')
    .orderBy('address')
    .orderBy('id')
    .execute();
}

/** The `limit` newest runs of each monitor, or of one; the newest last. Two that began at the same moment may be one too many. */
export async function newestRuns(
  db: Queries,
  monitorId: string | undefined,
  limit: number,
): Promise<Pick<RunTable, 'id' | 'monitor_id' | 'started_at' | 'state'>[]> {
  const { rows } = await sql<Pick<RunTable, 'id' | 'monitor_id' | 'started_at' | 'state'>>`
    SELECT runs.id, runs.monitor_id, runs.started_at, runs.state ${ofNewest(monitorId, limit)}
    ORDER BY runs.started_at, runs.id`.execute(db);
  return rows;
}

/** How the probes of the same runs stand: one row per run and kind, from an index alone. */
export async function probesOfNewestRuns(
  db: Queries,
  monitorId: string | undefined,
  limit: number,
): Promise<
  (Pick<ProbeTable, 'run_id' | 'outcome' | 'placement_kind' | 'next_send_at'> & { probes: number; late: number })[]
> {
  return db
    .selectFrom('probes')
    .select(['run_id', 'outcome', 'placement_kind', 'next_send_at'])
    .select([sql<number>`count(*)`.as('probes'), sql<number>`sum(late)`.as('late')])
    .where(sql<boolean>`run_id IN (SELECT runs.id ${ofNewest(monitorId, limit)})`)
    .groupBy(['run_id', 'outcome', 'placement_kind', 'next_send_at'])
    .execute();
}

function ofNewest(monitorId: string | undefined, limit: number): RawBuilder<unknown> {
  return sql`FROM monitors INNER JOIN runs ON runs.monitor_id = monitors.id AND runs.started_at >= coalesce((
      SELECT newer.started_at FROM runs AS newer WHERE newer.monitor_id = monitors.id
      ORDER BY newer.started_at DESC LIMIT 1 OFFSET ${sql.lit(limit - 1)}), 0)
    WHERE monitors.audit_id IS NULL ${monitorId === undefined ? sql`` : sql`AND monitors.id = ${monitorId}`}`;
}

/** The run of the same monitor before each of these; those without one are missing. */
export async function previousRuns(db: Queries, runIds: string[]): Promise<Map<string, string>> {
  if (runIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('runs')
    .select('id')
    .select((eb) =>
      eb
        .selectFrom('runs as earlier')
        .select('earlier.id')
        .whereRef('earlier.monitor_id', '=', 'runs.monitor_id')
        .whereRef('earlier.started_at', '<', 'runs.started_at')
        .orderBy('earlier.started_at', 'desc')
        .limit(1)
        .as('previous'),
    )
    .where('id', 'in', runIds)
    .execute();
  return new Map(rows.flatMap(({ id, previous }) => (previous === null ? [] : [[id, previous] as const])));
}

/**
 * The latest moment at which the probes of each run will all have an answer; runs without an open question are missing. For one that is
 * not handed over yet it is counted from when it may be.
 */
export async function decidedBy(db: Queries, runIds: string[], now: number): Promise<Map<string, number>> {
  if (runIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('probes')
    .innerJoin('monitors', 'monitors.id', 'probes.monitor_id')
    .select('probes.run_id')
    .select(
      sql<number>`max(CASE WHEN probes.next_send_at IS NOT NULL
          THEN monitors.missing_after_ms + CASE WHEN probes.next_send_at < ${now} THEN ${now} ELSE probes.next_send_at END
        WHEN probes.outcome = 'sending' THEN monitors.missing_after_ms + coalesce(probes.sending_at, ${now})
        ELSE probes.missing_at END)`.as('at'),
    )
    .where('probes.run_id', 'in', runIds)
    .where(undecided(now))
    .groupBy('probes.run_id')
    .execute();
  return new Map(rows.map(({ run_id, at }) => [run_id, Number(at)]));
}

/** Probes without an answer whose deadline has not passed. */
export function undecided(now: number): RawBuilder<boolean> {
  return sql<boolean>`(outcome IN ('queued', 'sending', 'accepted') OR next_send_at IS NOT NULL
    OR (outcome = 'unknown' AND next_look_at IS NOT NULL AND missing_at > ${now}))`;
}

export async function openRunIds(db: Queries): Promise<string[]> {
  const rows = await db.selectFrom('runs').select('id').where(sql<boolean>`state <> 'complete'`).execute();
  return rows.map((row) => row.id);
}

/** True while a run of this monitor still has probes to hand over: the next one waits, or it would overlap. */
export async function hasUnsentProbes(db: Queries, monitorId: string): Promise<boolean> {
  const row = await db
    .selectFrom('runs')
    .innerJoin('probes', 'probes.run_id', 'runs.id')
    .select('probes.id')
    .where('runs.monitor_id', '=', monitorId)
    .where('runs.state', '=', 'running')
    .where((eb) => eb.or([eb('probes.next_send_at', 'is not', null), eb('probes.outcome', '=', 'sending')]))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** How many probes of a run are still undecided, and how many will be looked for again. */
export async function runProgress(
  db: Queries,
  runId: string,
  now: number,
): Promise<{ undecided: number; watched: number }> {
  const row = await db
    .selectFrom('probes')
    .select([
      sql<number>`sum(CASE WHEN ${undecided(now)} THEN 1 ELSE 0 END)`.as('undecided'),
      sql<number>`sum(CASE WHEN next_look_at IS NOT NULL THEN 1 ELSE 0 END)`.as('watched'),
    ])
    .where('run_id', '=', runId)
    .executeTakeFirst();
  return { undecided: Number(row?.undecided ?? 0), watched: Number(row?.watched ?? 0) };
}

/** True when the state really changed. */
export async function setRunState(db: Queries, runId: string, state: RunState, now: number): Promise<boolean> {
  const done = await db
    .updateTable('runs')
    .set({ state, finished_at: state === 'complete' ? now : null })
    .where('id', '=', runId)
    .where('state', '<>', state)
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}
