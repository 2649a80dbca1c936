/** Signing in: sessions, one-time links, and the attempts that failed. Secrets stand here as SHA-256 only. */
import { sql } from 'kysely';
import type { Queries } from './open.ts';
import type { LoginAttemptTable, PasswordLinkTable, SessionTable } from './schema.ts';

export async function insertSession(db: Queries, session: SessionTable): Promise<void> {
  await db.insertInto('sessions').values(session).execute();
}

export async function findSessionByHash(
  db: Queries,
  tokenHash: string,
  now: number,
): Promise<SessionTable | undefined> {
  return db
    .selectFrom('sessions')
    .selectAll()
    .where('token_hash', '=', tokenHash)
    .where('expires_at', '>', now)
    .executeTakeFirst();
}

export async function findSession(db: Queries, id: string, now: number): Promise<SessionTable | undefined> {
  return db.selectFrom('sessions').selectAll().where('id', '=', id).where('expires_at', '>', now).executeTakeFirst();
}

/** Newest first. */
export async function listSessions(db: Queries, now: number): Promise<SessionTable[]> {
  return db
    .selectFrom('sessions')
    .selectAll()
    .where('expires_at', '>', now)
    .orderBy('last_seen_at', 'desc')
    .limit(500)
    .execute();
}

export async function touchSession(db: Queries, id: string, lastSeenAt: number, expiresAt: number): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ last_seen_at: lastSeenAt, expires_at: expiresAt })
    .where('id', '=', id)
    .execute();
}

/** True when there was one. */
export async function deleteSession(db: Queries, id: string): Promise<boolean> {
  const done = await db.deleteFrom('sessions').where('id', '=', id).executeTakeFirst();
  return done.numDeletedRows > 0n;
}

/** Ends all sessions but one (null: all). */
export async function deleteSessionsExcept(db: Queries, keep: string | null): Promise<void> {
  let query = db.deleteFrom('sessions');
  if (keep !== null) query = query.where('id', '<>', keep);
  await query.execute();
}

export async function insertLink(db: Queries, link: PasswordLinkTable): Promise<void> {
  await db.insertInto('password_links').values(link).execute();
}

/** Uses a link up. True for exactly one caller, before it expires. */
export async function spendLink(db: Queries, tokenHash: string, now: number): Promise<boolean> {
  const done = await db
    .updateTable('password_links')
    .set({ used_at: now })
    .where('token_hash', '=', tokenHash)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}

/** Makes every open link useless. */
export async function deleteLinks(db: Queries): Promise<void> {
  await db.deleteFrom('password_links').execute();
}

/**
 * Books an attempt if fewer than `most` were booked since `since`: one statement, so that parallel guesses cannot slip past the count.
 * @returns false when there were too many
 */
export async function bookAttempt(
  db: Queries,
  attempt: LoginAttemptTable,
  since: number,
  most: number,
): Promise<boolean> {
  const done = await sql`
    INSERT INTO login_attempts (id, at, address)
    SELECT cast(${attempt.id} AS text), cast(${attempt.at} AS bigint), cast(${attempt.address} AS text)
    WHERE (SELECT count(*) FROM login_attempts WHERE at > ${since}) < ${most}`.execute(db);
  return (done.numAffectedRows ?? 0n) > 0n;
}

/** It was no guess after all. */
export async function forgetAttempt(db: Queries, id: string): Promise<void> {
  await db.deleteFrom('login_attempts').where('id', '=', id).execute();
}

/** When the oldest of the attempts since `since` was made, or null. */
export async function oldestAttempt(db: Queries, since: number): Promise<number | null> {
  const row = await db
    .selectFrom('login_attempts')
    .select('at')
    .where('at', '>', since)
    .orderBy('at')
    .limit(1)
    .executeTakeFirst();
  return row?.at ?? null;
}
