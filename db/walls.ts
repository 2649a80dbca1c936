/** Wall links: read-only keys for a screen in the office. The key itself is shown once and stored as SHA-256. */
import type { Queries } from './open.ts';
import type { WallLinkTable } from './schema.ts';

export async function insertWallLink(db: Queries, link: WallLinkTable): Promise<void> {
  await db.insertInto('wall_links').values(link).execute();
}

export async function findWallLinkByHash(db: Queries, keyHash: string): Promise<WallLinkTable | undefined> {
  return db
    .selectFrom('wall_links')
    .selectAll()
    .where('key_hash', '=', keyHash)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
}

/** Newest first; revoked ones stay listed. */
export async function listWallLinks(db: Queries): Promise<WallLinkTable[]> {
  return db.selectFrom('wall_links').selectAll().orderBy('id', 'desc').limit(500).execute();
}

export async function touchWallLink(db: Queries, id: string, now: number): Promise<void> {
  await db.updateTable('wall_links').set({ last_used_at: now }).where('id', '=', id).execute();
}

/** True when there was one that still opened something. */
export async function revokeWallLink(db: Queries, id: string, now: number): Promise<boolean> {
  const done = await db
    .updateTable('wall_links')
    .set({ revoked_at: now })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}
