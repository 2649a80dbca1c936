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
  const last = mark.reason === DOMAIN_CHANGED ? await lastDomainMark(tx, mark) : await lastMark(tx, mark);
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

/** Of a domain there are marks of this kind only. */
const DOMAIN_CHANGED = 'domain-record-changed' satisfies MarkTable['reason'];

async function lastDomainMark(
  tx: Queries,
  { at, name }: Pick<MarkTable, 'at' | 'name'>,
): Promise<MarkTable | undefined> {
  return tx
    .selectFrom('marks')
    .selectAll()
    .where('at', '>', at - ONE_CHANGE_MS)
    .where('reason', '=', DOMAIN_CHANGED)
    .where('name', '=', name)
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst();
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
  for (const key of ['added', 'removed', 'count'])
    if (key in first || key in second) evidence[key] = Number(first[key] ?? 0) + Number(second[key] ?? 0);
  if (Array.isArray(first.records) && Array.isArray(second.records))
    evidence.records = [...new Set([...first.records, ...second.records])];
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
  const domains = await domainsOf(db, filter);
  let query = db
    .selectFrom('marks')
    .selectAll()
    .where('at', '>=', period.from)
    .where('at', '<', period.to)
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit);
  for (const condition of conditionsOf(filter, domains)) query = query.where(condition);
  return query.execute();
}

/** The names whose records matter to the mail of a monitor or sender: the domain it writes from, and those above. */
async function domainsOf(db: Queries, { monitorId, senderId }: RollupFilter): Promise<string[]> {
  if (monitorId === undefined && senderId === undefined) return [];
  let query = db.selectFrom('senders').select('from_address');
  if (senderId !== undefined) query = query.where('id', '=', senderId);
  else
    query = query.where('id', 'in', (eb) =>
      eb
        .selectFrom('monitors')
        .select('sender_id')
        .where('id', '=', monitorId as string),
    );
  const sender = await query.executeTakeFirst();
  const labels = sender?.from_address.replace(/^.*@/, '').toLowerCase().split('.') ?? [];
  return labels.map((_label, i) => labels.slice(i).join('.'));
}

/**
 * Of a monitor: its own, its sender's, its seeds' and of the domain it writes from. Of a sender: its own, its monitors', their seeds' and of its domain. Of providers and
 * tags: of no other seeds.
 */
function conditionsOf(
  { monitorId, senderId, provider, tag }: RollupFilter,
  domains: readonly string[],
): RawBuilder<boolean>[] {
  const conditions: RawBuilder<boolean>[] = [];
  const ofDomain =
    domains.length === 0 ? sql`1 = 0` : sql`(reason = ${DOMAIN_CHANGED} AND name IN (${sql.join([...domains])}))`;
  if (monitorId !== undefined)
    conditions.push(sql`(monitor_id = ${monitorId}
      OR (monitor_id IS NULL AND sender_id IN (SELECT sender_id FROM monitors WHERE id = ${monitorId}))
      OR seed_id IN (${seedsOf(sql`SELECT id FROM monitors WHERE id = ${monitorId}`)}) OR ${ofDomain})`);
  if (senderId !== undefined)
    conditions.push(sql`(sender_id = ${senderId}
      OR seed_id IN (${seedsOf(sql`SELECT id FROM monitors WHERE sender_id = ${senderId}`)}) OR ${ofDomain})`);
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
