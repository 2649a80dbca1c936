/** Runs: one firing of a monitor each. */
import { sql } from 'kysely';
import type { RunState } from '../server/monitor/types.ts';
import type { Queries } from './open.ts';
import type { ProbeTable, RunTable } from './schema.ts';

/** False when this slot of the schedule was answered already, by this instance or another. */
export async function insertRun(tx: Queries, run: RunTable): Promise<boolean> {
  const done = await tx
    .insertInto('runs')
    .values(run)
    .onConflict((conflict) => conflict.columns(['monitor_id', 'slot_at']).doNothing())
    .executeTakeFirst();
  return (done.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function findRun(db: Queries, id: string): Promise<RunTable | undefined> {
  return db.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Newest first. `cursor` is the id of the last run of the page before. */
export async function listRuns(
  db: Queries,
  options: { monitorId?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<RunTable[]> {
  let query = db.selectFrom('runs').selectAll().orderBy('id', 'desc').limit(options.limit);
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
    .execute();
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
      sql<number>`sum(CASE WHEN outcome IN ('queued', 'sending', 'accepted') OR next_send_at IS NOT NULL
        OR (outcome = 'unknown' AND next_look_at IS NOT NULL AND missing_at > ${now}) THEN 1 ELSE 0 END)`.as(
        'undecided',
      ),
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
