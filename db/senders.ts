/** Senders and how much of their budget is used. */
import { sql, type Updateable } from 'kysely';
import type { Queries } from './open.ts';
import type { SenderTable } from './schema.ts';

export async function insertSender(db: Queries, sender: SenderTable): Promise<void> {
  await db.insertInto('senders').values(sender).execute();
}

export async function findSender(db: Queries, id: string): Promise<SenderTable | undefined> {
  return db.selectFrom('senders').selectAll().where('id', '=', id).executeTakeFirst();
}

/** In the order in which they were made. `cursor` is the id of the last one of the page before. */
export async function listSenders(
  db: Queries,
  options: { search?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<SenderTable[]> {
  let query = db.selectFrom('senders').selectAll().orderBy('id').limit(options.limit);
  if (options.cursor) query = query.where('id', '>', options.cursor);
  if (options.search) {
    const like = containing(options.search);
    query = query.where(
      sql<boolean>`(lower(name) LIKE ${like} ESCAPE '!' OR lower(from_address) LIKE ${like} ESCAPE '!')`,
    );
  }
  return query.execute();
}

/** A LIKE pattern for text that holds `part`, whatever characters are in it. Lower case. */
export function containing(part: string): string {
  return `%${part.toLowerCase().replace(/[!%_]/g, '!$&')}%`;
}

export async function updateSender(
  db: Queries,
  id: string,
  change: Updateable<SenderTable> & { updated_at: number },
): Promise<void> {
  await db.updateTable('senders').set(change).where('id', '=', id).execute();
}

export async function deleteSender(db: Queries, id: string): Promise<void> {
  await db.deleteFrom('senders').where('id', '=', id).execute();
}

/** The server said "not now" or "not with this password": nothing is sent until then. */
export async function holdSender(
  db: Queries,
  id: string,
  hold: { until: number; reason: string; reply: string | null; now: number },
): Promise<void> {
  await db
    .updateTable('senders')
    .set({
      held_until: hold.until,
      held_reason: hold.reason,
      held_reply: hold.reply === null ? null : hold.reply.slice(0, 500),
      updated_at: hold.now,
    })
    .where('id', '=', id)
    .execute();
}

export async function releaseSender(db: Queries, id: string, now: number): Promise<void> {
  await db
    .updateTable('senders')
    .set({ held_until: null, held_reason: null, held_reply: null, updated_at: now })
    .where('id', '=', id)
    .execute();
}

/** Recipients handed over since then, by sender. Senders without any are missing. */
export async function countUses(db: Queries, senderIds: string[], since: number): Promise<Map<string, number>> {
  if (senderIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('sender_uses')
    .select(['sender_id', sql<number>`count(*)`.as('n')])
    .where('sender_id', 'in', senderIds)
    .where('at', '>', since)
    .groupBy('sender_id')
    .execute();
  return new Map(rows.map((row) => [row.sender_id, Number(row.n)]));
}

/** Senders that wait because a server said so, now. */
export async function heldSenders(db: Queries, now: number): Promise<SenderTable[]> {
  return db
    .selectFrom('senders')
    .selectAll()
    .where((eb) => eb.or([eb('held_until', '>', now), eb('paused_at', 'is not', null)]))
    .orderBy('id')
    .limit(100)
    .execute();
}
