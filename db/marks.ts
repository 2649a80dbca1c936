/** Marks: what happened and may explain why the numbers changed. Written in the transaction that did it. */
import { type RawBuilder, sql } from 'kysely';
import { newId } from '../server/id.ts';
import type { Queries } from './open.ts';
import type { RollupFilter } from './overviews.ts';
import type { MarkTable } from './schema.ts';

/** Changes of one kind that follow each other within this are one: somebody is trying things out, or sorts fifty seeds one by one. */
const ONE_CHANGE_MS = 600_000;

export type NewMark = Pick<MarkTable, 'at' | 'reason' | 'name'> &
  Partial<Pick<MarkTable, 'monitor_id' | 'sender_id' | 'seed_id'>> & { evidence: Record<string, unknown> };

/** Adds a mark, or makes it part of the one before. */
export async function addMark(tx: Queries, { evidence, ...given }: NewMark): Promise<void> {
  const mark = { id: newId(given.at), monitor_id: null, sender_id: null, seed_id: null, ...given };
  const last = await lastMark(tx, mark);
  if (last && last.reason === mark.reason && Math.abs(mark.at - last.at) < ONE_CHANGE_MS) {
    const both = together(JSON.parse(last.evidence_json) as NewMark['evidence'], evidence);
    // Tried and taken back.
    if ('before' in both && both.before === both.after) {
      await tx.deleteFrom('marks').where('id', '=', last.id).execute();
      return;
    }
    await tx
      .updateTable('marks')
      .set({ evidence_json: JSON.stringify(both), name: mark.name, sender_id: mark.sender_id })
      .where('id', '=', last.id)
      .execute();
    return;
  }
  await tx
    .insertInto('marks')
    .values({ ...mark, evidence_json: JSON.stringify(evidence) })
    .execute();
}

/** The newest mark of whom this one is about: a monitor, else a seed, else a sender. */
async function lastMark(
  tx: Queries,
  { monitor_id, seed_id, sender_id }: Pick<MarkTable, 'monitor_id' | 'seed_id' | 'sender_id'>,
): Promise<MarkTable | undefined> {
  let query = tx.selectFrom('marks').selectAll().orderBy('at', 'desc').orderBy('id', 'desc').limit(1);
  if (monitor_id !== null) query = query.where('monitor_id', '=', monitor_id);
  else if (seed_id !== null) query = query.where('seed_id', '=', seed_id);
  else query = query.where('sender_id', '=', sender_id).where('monitor_id', 'is', null);
  return query.executeTakeFirst();
}

/** Two changes as one: what was before the first, what is after the second, and how many in all. */
function together(first: NewMark['evidence'], second: NewMark['evidence']): NewMark['evidence'] {
  const evidence = { ...second };
  if ('before' in first) evidence.before = first.before;
  for (const key of ['added', 'removed'])
    if (key in first || key in second) evidence[key] = Number(first[key] ?? 0) + Number(second[key] ?? 0);
  return evidence;
}

/** Takes a seed's mark back: what it told of was over too soon to explain anything. */
export async function removeSeedMark(
  tx: Queries,
  seedId: string,
  reason: MarkTable['reason'],
  at: number,
): Promise<void> {
  await tx
    .deleteFrom('marks')
    .where('seed_id', '=', seedId)
    .where('reason', '=', reason)
    .where('at', '=', at)
    .execute();
}

/** The marks of a period that concern what the filter asks for, newest first. */
export async function listMarks(
  db: Queries,
  period: { from: number; to: number },
  filter: RollupFilter,
  limit: number,
): Promise<MarkTable[]> {
  let query = db
    .selectFrom('marks')
    .selectAll()
    .where('at', '>=', period.from)
    .where('at', '<', period.to)
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit);
  for (const condition of conditionsOf(filter)) query = query.where(condition);
  return query.execute();
}

/** Of a monitor: its own, its sender's and its seeds'. Of a sender: its own, its monitors' and their seeds'. Of providers and tags: of no other seeds. */
function conditionsOf({ monitorId, senderId, provider, tag }: RollupFilter): RawBuilder<boolean>[] {
  const conditions: RawBuilder<boolean>[] = [];
  if (monitorId !== undefined)
    conditions.push(sql`(monitor_id = ${monitorId}
      OR (monitor_id IS NULL AND sender_id IN (SELECT sender_id FROM monitors WHERE id = ${monitorId}))
      OR seed_id IN (${seedsOf(sql`SELECT id FROM monitors WHERE id = ${monitorId}`)}))`);
  if (senderId !== undefined)
    conditions.push(sql`(sender_id = ${senderId}
      OR seed_id IN (${seedsOf(sql`SELECT id FROM monitors WHERE sender_id = ${senderId}`)}))`);
  if (provider !== undefined)
    conditions.push(sql`(seed_id IS NULL OR seed_id IN (SELECT id FROM seeds WHERE provider = ${provider}))`);
  if (tag !== undefined)
    conditions.push(sql`(seed_id IS NULL OR seed_id IN (SELECT seed_id FROM seed_tags WHERE tag = ${tag}))`);
  return conditions;
}

/** The seeds that some monitors reach, by hand and by tag. */
function seedsOf(monitors: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`SELECT seed_id FROM monitor_seeds WHERE monitor_id IN (${monitors})
    UNION SELECT seed_tags.seed_id FROM seed_tags INNER JOIN monitor_tags ON monitor_tags.tag = seed_tags.tag
      WHERE monitor_tags.monitor_id IN (${monitors})`;
}
