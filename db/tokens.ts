/** API tokens for scripts: the token itself is shown once and stored as SHA-256. */
import type { Queries } from './open.ts';
import type { ApiTokenTable } from './schema.ts';

export async function insertToken(db: Queries, token: ApiTokenTable): Promise<void> {
  await db.insertInto('api_tokens').values(token).execute();
}

export async function findTokenByHash(db: Queries, tokenHash: string): Promise<ApiTokenTable | undefined> {
  return db
    .selectFrom('api_tokens')
    .selectAll()
    .where('token_hash', '=', tokenHash)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
}

export async function isTokenValid(db: Queries, id: string): Promise<boolean> {
  const row = await db
    .selectFrom('api_tokens')
    .select('id')
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** Newest first; revoked ones stay listed, so that a log can be read later. */
export async function listTokens(db: Queries): Promise<ApiTokenTable[]> {
  return db.selectFrom('api_tokens').selectAll().orderBy('id', 'desc').limit(500).execute();
}

export async function touchToken(db: Queries, id: string, now: number): Promise<void> {
  await db.updateTable('api_tokens').set({ last_used_at: now }).where('id', '=', id).execute();
}

/** By id, or by name where exactly that name is in use. @returns how many were revoked */
export async function revokeToken(db: Queries, idOrName: string, now: number): Promise<number> {
  const done = await db
    .updateTable('api_tokens')
    .set({ revoked_at: now })
    .where('revoked_at', 'is', null)
    .where((eb) => eb.or([eb('id', '=', idOrName), eb('name', '=', idOrName)]))
    .executeTakeFirst();
  return Number(done.numUpdatedRows);
}
