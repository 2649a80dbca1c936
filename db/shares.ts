/** Links to reports of audits. Of a key only its hash is stored. */
import type { Queries } from './open.ts';
import type { ShareTable } from './schema.ts';

export async function insertShare(db: Queries, share: ShareTable): Promise<void> {
  await db.insertInto('shares').values(share).execute();
}

export async function listShares(db: Queries, auditId: string): Promise<ShareTable[]> {
  return db.selectFrom('shares').selectAll().where('audit_id', '=', auditId).orderBy('id', 'desc').limit(500).execute();
}

/** One that still opens something. */
export async function findShareByHash(db: Queries, keyHash: string, now: number): Promise<ShareTable | undefined> {
  return db
    .selectFrom('shares')
    .selectAll()
    .where('key_hash', '=', keyHash)
    .where('revoked_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst();
}

export async function touchShare(db: Queries, id: string, now: number): Promise<void> {
  await db.updateTable('shares').set({ last_used_at: now }).where('id', '=', id).execute();
}

/** True when there was one that was not revoked yet. */
export async function revokeShare(db: Queries, id: string, now: number): Promise<boolean> {
  const done = await db
    .updateTable('shares')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}
