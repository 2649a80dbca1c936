/** Monitors, the seeds they reach by hand and by tag, and what they plan to send. */
import { sql, type Updateable } from 'kysely';
import type { Database, Queries } from './open.ts';
import { forgetMonitorCounts, recountAll } from './rollups.ts';
import type { MonitorTable, RunTable, SeedTable } from './schema.ts';
import { containing } from './senders.ts';

export async function insertMonitor(tx: Queries, monitor: MonitorTable): Promise<void> {
  await tx.insertInto('monitors').values(monitor).execute();
}

export async function findMonitor(db: Queries, id: string): Promise<MonitorTable | undefined> {
  return monitors(db).selectAll().where('id', '=', id).executeTakeFirst();
}

/** Without those rows that a campaign's audit goes by: they are monitors to sending and finding alone (findPlan), and to nobody who looks. */
function monitors(db: Queries) {
  return db.selectFrom('monitors').where('audit_id', 'is', null);
}

/** What a run goes by, of a monitor or of an audit: its message and its deadlines. */
export type Plan = Pick<MonitorTable, 'id' | 'message_json' | 'late_after_ms' | 'missing_after_ms' | 'watch_ms'> & {
  audit_id: string | null;
};

export async function findPlan(db: Queries, id: string): Promise<Plan | undefined> {
  return db
    .selectFrom('monitors')
    .select(['id', 'message_json', 'late_after_ms', 'missing_after_ms', 'watch_ms', 'audit_id'])
    .where('id', '=', id)
    .executeTakeFirst();
}

/** @param plan `sender_id` null: nobody of ours sends, seeds are only watched */
export async function insertPlan(
  tx: Queries,
  plan: Plan & { name: string; sender_id: string | null; created_at: number },
): Promise<void> {
  await tx
    .insertInto('monitors')
    .values({
      ...plan,
      sender_id: plan.sender_id ?? sql<string>`NULL`,
      cron: null,
      time_zone: null,
      paused_at: null,
      next_run_at: null,
      updated_at: plan.created_at,
    })
    .execute();
}

/** In the order in which they were made. `cursor` is the id of the last one of the page before. */
export async function listMonitors(
  db: Queries,
  options: { search?: string | undefined; senderId?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<MonitorTable[]> {
  let query = monitors(db).selectAll().orderBy('id').limit(options.limit);
  if (options.cursor) query = query.where('id', '>', options.cursor);
  if (options.senderId) query = query.where('sender_id', '=', options.senderId);
  if (options.search) query = query.where(sql<boolean>`lower(name) LIKE ${containing(options.search)} ESCAPE '!'`);
  return query.execute();
}

export async function updateMonitor(
  tx: Queries,
  id: string,
  change: Updateable<MonitorTable> & { updated_at: number },
): Promise<void> {
  await tx.updateTable('monitors').set(change).where('id', '=', id).execute();
}

export async function setMonitorSeeds(tx: Queries, monitorId: string, seedIds: string[]): Promise<void> {
  await tx.deleteFrom('monitor_seeds').where('monitor_id', '=', monitorId).execute();
  const rows = [...new Set(seedIds)].map((id) => ({ monitor_id: monitorId, seed_id: id }));
  for (let i = 0; i < rows.length; i += 1000)
    await tx
      .insertInto('monitor_seeds')
      .values(rows.slice(i, i + 1000))
      .execute();
}

export async function setMonitorTags(tx: Queries, monitorId: string, tags: string[]): Promise<void> {
  await tx.deleteFrom('monitor_tags').where('monitor_id', '=', monitorId).execute();
  const rows = [...new Set(tags)].map((tag) => ({ monitor_id: monitorId, tag }));
  if (rows.length > 0) await tx.insertInto('monitor_tags').values(rows).execute();
}

/** The seeds a run of this monitor goes to: chosen by hand or by one of its tags, each once. Paused ones included. */
export async function seedsOfMonitor(db: Queries, monitorId: string): Promise<SeedTable[]> {
  return db
    .selectFrom('seeds')
    .selectAll()
    .where((eb) =>
      eb.or([
        eb('id', 'in', eb.selectFrom('monitor_seeds').select('seed_id').where('monitor_id', '=', monitorId)),
        eb(
          'id',
          'in',
          eb
            .selectFrom('seed_tags')
            .innerJoin('monitor_tags', 'monitor_tags.tag', 'seed_tags.tag')
            .select('seed_tags.seed_id')
            .where('monitor_tags.monitor_id', '=', monitorId),
        ),
      ]),
    )
    .orderBy('id')
    .execute();
}

/** The monitors that a seed belongs to: those that chose it by hand, and those that go to one of its tags. */
export async function monitorsReaching(
  db: Queries,
  seedId: string,
  tags: string[],
): Promise<Pick<MonitorTable, 'id' | 'name' | 'sender_id'>[]> {
  return monitors(db)
    .select(['id', 'name', 'sender_id'])
    .where((eb) =>
      eb.or([
        eb('id', 'in', eb.selectFrom('monitor_seeds').select('monitor_id').where('seed_id', '=', seedId)),
        tags.length > 0
          ? eb('id', 'in', eb.selectFrom('monitor_tags').select('monitor_id').where('tag', 'in', tags))
          : eb.lit(false),
      ]),
    )
    .orderBy('id')
    .execute();
}

/** What a set of seeds and tags reaches, each seed once. */
export async function countSeeds(db: Queries, seedIds: string[], tags: string[]): Promise<number> {
  const row = await db
    .selectFrom('seeds')
    .select(sql<number>`count(*)`.as('n'))
    .where((eb) =>
      eb.or([
        seedIds.length > 0 ? eb('id', 'in', seedIds) : eb.lit(false),
        tags.length > 0
          ? eb('id', 'in', eb.selectFrom('seed_tags').select('seed_id').where('tag', 'in', tags))
          : eb.lit(false),
      ]),
    )
    .executeTakeFirst();
  return Number(row?.n ?? 0);
}

export type Reach = { seedIds: string[]; tags: string[]; seedCount: number };

/** Seeds by hand, tags, and how many seeds that is together, for many monitors at once. */
export async function reachOf(db: Queries, monitorIds: string[]): Promise<Map<string, Reach>> {
  const reach = new Map<string, Reach & { all: Set<string> }>();
  for (const id of monitorIds) reach.set(id, { seedIds: [], tags: [], seedCount: 0, all: new Set() });
  if (monitorIds.length === 0) return reach;
  for (const row of await db
    .selectFrom('monitor_seeds')
    .selectAll()
    .where('monitor_id', 'in', monitorIds)
    .orderBy('seed_id')
    .execute()) {
    const one = reach.get(row.monitor_id);
    one?.seedIds.push(row.seed_id);
    one?.all.add(row.seed_id);
  }
  for (const row of await db
    .selectFrom('monitor_tags')
    .selectAll()
    .where('monitor_id', 'in', monitorIds)
    .orderBy('tag')
    .execute())
    reach.get(row.monitor_id)?.tags.push(row.tag);
  const tagged = await db
    .selectFrom('monitor_tags')
    .innerJoin('seed_tags', 'seed_tags.tag', 'monitor_tags.tag')
    .select(['monitor_tags.monitor_id', 'seed_tags.seed_id'])
    .where('monitor_tags.monitor_id', 'in', monitorIds)
    .execute();
  for (const row of tagged) reach.get(row.monitor_id)?.all.add(row.seed_id);
  for (const one of reach.values()) one.seedCount = one.all.size;
  return reach;
}

export async function monitorsOfSender(db: Queries, senderIds: string[]): Promise<MonitorTable[]> {
  if (senderIds.length === 0) return [];
  return monitors(db).selectAll().where('sender_id', 'in', senderIds).orderBy('name').execute();
}

/** The newest run of each monitor. */
export async function lastRuns(
  db: Queries,
  monitorIds: string[],
): Promise<Map<string, Pick<RunTable, 'id' | 'started_at' | 'state'>>> {
  if (monitorIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('runs')
    .select(['id', 'monitor_id', 'started_at', 'state'])
    .where('id', 'in', (eb) =>
      eb
        .selectFrom('runs')
        .select((max) => max.fn.max('id').as('id'))
        .where('monitor_id', 'in', monitorIds)
        .groupBy('monitor_id'),
    )
    .execute();
  return new Map(rows.map((row) => [row.monitor_id, row]));
}

/** In the order in which they were made. */
export async function monitorIds(db: Queries): Promise<string[]> {
  return (await monitors(db).select('id').orderBy('id').execute()).map((row) => row.id);
}

export async function monitorNames(db: Queries, ids: string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom('monitors').select(['id', 'name']).where('id', 'in', ids).execute();
  return new Map(rows.map((row) => [row.id, row.name]));
}

/** Monitors whose slot passed a while ago and was not answered. */
export async function lateMonitors(db: Queries, before: number): Promise<MonitorTable[]> {
  return monitors(db)
    .selectAll()
    .where('next_run_at', 'is not', null)
    .where('next_run_at', '<', before)
    .where('paused_at', 'is', null)
    .orderBy('next_run_at')
    .limit(100)
    .execute();
}

/**
 * Deletes a monitor with its runs, probes and counts. Run by run, so that a monitor with years of history does not hold up
 * everybody else; it is paused first, and deleting again goes on where a crash left off.
 */
export async function deleteMonitor(db: Database, id: string, now: number): Promise<void> {
  await updateMonitor(db, id, { paused_at: now, next_run_at: null, updated_at: now });
  for (;;) {
    const runs = await db.selectFrom('runs').select('id').where('monitor_id', '=', id).limit(200).execute();
    if (runs.length === 0) break;
    for (const run of runs) {
      await db.transaction().execute(async (tx) => {
        const probes = await tx.selectFrom('probes').selectAll().where('run_id', '=', run.id).execute();
        await recountAll(
          tx,
          probes.map((probe) => [probe, null]),
        );
        await tx.deleteFrom('runs').where('id', '=', run.id).execute();
      });
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  await db.transaction().execute(async (tx) => {
    await forgetMonitorCounts(tx, id);
    await tx.deleteFrom('monitors').where('id', '=', id).execute();
  });
}

/** Monitors whose slot has come. */
export async function dueMonitors(db: Queries, now: number): Promise<MonitorTable[]> {
  return monitors(db)
    .selectAll()
    .where('next_run_at', 'is not', null)
    .where('next_run_at', '<=', now)
    .where('paused_at', 'is', null)
    .execute();
}

/** Moves a monitor on to its next slot. False when another instance did so first: then the slot is theirs. */
export async function claimSlot(
  db: Queries,
  monitor: Pick<MonitorTable, 'id' | 'next_run_at'>,
  next: number | null,
): Promise<boolean> {
  const done = await db
    .updateTable('monitors')
    .set({ next_run_at: next })
    .where('id', '=', monitor.id)
    .where('next_run_at', '=', monitor.next_run_at)
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}
