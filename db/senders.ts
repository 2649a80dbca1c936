/** Senders and how much of their budget is used. */
import { sql, type Updateable } from 'kysely';
import { addMark } from './marks.ts';
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

/** What tells one sender from another: an import must not add the same twice. */
export async function senderIdentities(
  db: Queries,
): Promise<{ fromAddress: string; host: string; user: string | null }[]> {
  return db.selectFrom('senders').select(['from_address as fromAddress', 'host', 'user_name as user']).execute();
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

/** Audits of campaigns that used it keep their results. */
export async function deleteSender(db: Queries, id: string): Promise<void> {
  await db
    .updateTable('monitors')
    .set({ sender_id: sql<string>`NULL` })
    .where('sender_id', '=', id)
    .where('audit_id', 'is not', null)
    .execute();
  await db.deleteFrom('senders').where('id', '=', id).execute();
}

/** A hold that comes this soon after one for the same reason is that one going on: every hour the same is one mark, not twenty-four a day. */
const SAME_HOLD_MS = 2 * 3_600_000;

/** The server said "not now" or "not with this password": nothing is sent until then. */
export async function holdSender(
  tx: Queries,
  id: string,
  hold: { until: number; reason: string; reply: string | null; now: number },
): Promise<void> {
  const sender = await findSender(tx, id);
  if (!sender) return;
  const reply = hold.reply === null ? null : hold.reply.slice(0, 500);
  await tx
    .updateTable('senders')
    .set({ held_until: hold.until, held_reason: hold.reason, held_reply: reply, updated_at: hold.now })
    .where('id', '=', id)
    .execute();
  const goesOn =
    sender.held_reason === hold.reason && sender.held_until !== null && hold.now < sender.held_until + SAME_HOLD_MS;
  if (!goesOn)
    await addMark(tx, {
      at: hold.now,
      reason: 'sender-held',
      name: sender.name,
      sender_id: id,
      evidence: { heldReason: hold.reason, reply },
    });
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

/** Senders whose probes wait because the day's budget is used: how many, since when, and when the next may go. Paused ones are not among them. */
export async function sendersOverBudget(
  db: Queries,
  now: number,
): Promise<{ id: string; name: string; limit: number; waiting: number; since: number; freeAt: number }[]> {
  return db
    .selectFrom('probes')
    .innerJoin('senders', 'senders.id', 'probes.sender_id')
    .select([
      'senders.id',
      'senders.name',
      'senders.daily_limit as limit',
      sql<number>`count(*)`.as('waiting'),
      sql<number>`min(probes.queued_at)`.as('since'),
      sql<number>`min(probes.next_send_at)`.as('freeAt'),
    ])
    .where('probes.next_send_at', 'is not', null)
    .where('probes.next_send_at', '>', now)
    .where('probes.reason', '=', 'daily-budget-used')
    .where('senders.paused_at', 'is', null)
    .groupBy(['senders.id', 'senders.name', 'senders.daily_limit'])
    .orderBy('senders.id')
    .limit(100)
    .execute();
}
