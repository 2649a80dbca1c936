/** Reading seeds: who reads which, how far each folder is read, and since when a seed cannot be read. */
import { sql } from 'kysely';
import { addMark, type NewMark, removeSeedMark } from './marks.ts';
import type { Queries } from './open.ts';
import type { SeedFolderTable, SeedTable } from './schema.ts';

/** Takes the right to read a seed until `until`. False when a living instance has it. */
export async function claimReading(
  db: Queries,
  seedId: string,
  claim: { instance: string; alive: string[]; until: number; now: number },
): Promise<boolean> {
  const done = await db
    .updateTable('seeds')
    .set({ reader: claim.instance, reader_until: claim.until })
    .where('id', '=', seedId)
    .where((eb) =>
      eb.or([
        eb('reader', 'is', null),
        eb('reader', '=', claim.instance),
        eb('reader_until', '<', claim.now),
        ...(claim.alive.length > 0 ? [eb('reader', 'not in', claim.alive)] : []),
      ]),
    )
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}

export async function endReading(db: Queries, seedId: string, instance: string): Promise<void> {
  await db
    .updateTable('seeds')
    .set({ reader: null, reader_until: 0 })
    .where('id', '=', seedId)
    .where('reader', '=', instance)
    .execute();
}

export async function folderCursors(db: Queries, seedId: string): Promise<Map<string, SeedFolderTable>> {
  const rows = await db.selectFrom('seed_folders').selectAll().where('seed_id', '=', seedId).execute();
  return new Map(rows.map((row) => [row.folder, row]));
}

export async function saveCursor(db: Queries, row: SeedFolderTable): Promise<void> {
  const { seed_id: _seed, folder: _folder, ...rest } = row;
  await db
    .insertInto('seed_folders')
    .values(row)
    .onConflict((conflict) => conflict.columns(['seed_id', 'folder']).doUpdateSet(rest))
    .execute();
}

/** Trouble that was over sooner explains nothing in counts by the hour: a connection that was lost and made again leaves no marks. */
const BLIP_MS = 600_000;

/** A reading went through: the seed counts as readable, and its failures are forgotten. True when it was unreadable before. */
export async function markReadable(tx: Queries, seed: SeedTable, foldersJson: string, now: number): Promise<boolean> {
  await tx
    .updateTable('seeds')
    .set({
      unreadable_since: null,
      unreadable_reason: null,
      unreadable_reply: null,
      failures: 0,
      next_attempt_at: 0,
      last_read_at: now,
      folders_json: foldersJson,
    })
    .where('id', '=', seed.id)
    .execute();
  const { unreadable_since: since } = seed;
  if (since === null) return false;
  if (Math.abs(now - since) < BLIP_MS) await removeSeedMark(tx, seed.id, 'seed-unreadable', since);
  else await addMark(tx, seedMark(seed, 'seed-readable', { minutes: Math.round((now - since) / 60_000) }, now));
  return true;
}

/** A reading failed. `nextAttemptAt` is kept in the row, so that a restart does not hammer a server that said no. */
export async function markUnreadable(
  tx: Queries,
  seed: Pick<SeedTable, 'id' | 'address'>,
  failure: { reason: string; reply: string | null; failures: number; nextAttemptAt: number; now: number },
): Promise<void> {
  const reply = failure.reply === null ? null : failure.reply.slice(0, 500);
  const began = await tx
    .updateTable('seeds')
    .set({ unreadable_since: failure.now })
    .where('id', '=', seed.id)
    .where('unreadable_since', 'is', null)
    .executeTakeFirst();
  await tx
    .updateTable('seeds')
    .set({
      unreadable_reason: failure.reason,
      unreadable_reply: reply,
      failures: failure.failures,
      next_attempt_at: failure.nextAttemptAt,
    })
    .where('id', '=', seed.id)
    .execute();
  if (began.numUpdatedRows > 0n)
    await addMark(tx, seedMark(seed, 'seed-unreadable', { seedReason: failure.reason, reply }, failure.now));
}

function seedMark(
  seed: Pick<SeedTable, 'id' | 'address'>,
  reason: NewMark['reason'],
  evidence: NewMark['evidence'],
  now: number,
): NewMark {
  return { at: now, reason, name: seed.address, seed_id: seed.id, evidence };
}

/** Seeds that are the return address of a sender with mail under way: bounces arrive there. With the time of its newest mail. */
export async function returnSeeds(db: Queries): Promise<{ seedId: string; newestSentAt: number }[]> {
  const pairs = await db
    .selectFrom('senders')
    .innerJoin('seeds', (join) => join.on(sql<boolean>`lower(senders.from_address) = lower(seeds.address)`))
    .where('seeds.paused_at', 'is', null)
    .select(['seeds.id as seedId', 'senders.id as senderId'])
    .execute();
  const found: { seedId: string; newestSentAt: number }[] = [];
  for (const { seedId, senderId } of pairs) {
    const newestSentAt = await newestUnderWay(db, senderId);
    if (newestSentAt !== null) found.push({ seedId, newestSentAt });
  }
  return found;
}

/** When the newest mail of a sender left that is still looked for; null when there is none. */
export async function newestUnderWay(db: Queries, senderId: string): Promise<number | null> {
  const row = await db
    .selectFrom('probes')
    .select(sql<number | null>`max(sent_at)`.as('newest'))
    .where('sender_id', '=', senderId)
    .where('next_look_at', 'is not', null)
    .where('outcome', 'in', ['accepted', 'unknown', 'missing'])
    .executeTakeFirstOrThrow();
  return row.newest;
}

export async function returnSeedOf(db: Queries, fromAddress: string): Promise<string | null> {
  const row = await db
    .selectFrom('seeds')
    .select('id')
    .where(sql<boolean>`lower(address) = ${fromAddress.toLowerCase()}`)
    .where('paused_at', 'is', null)
    .executeTakeFirst();
  return row?.id ?? null;
}
