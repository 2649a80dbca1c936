/** API tokens let the owner's scripts in. They can do what a session can, but not make tokens, end sessions or change the password. */

import type { ApiTokenTable } from '../../db/schema.ts';
import { findTokenByHash, insertToken, isTokenValid, touchToken } from '../../db/tokens.ts';
import type { App } from '../app.ts';
import { newId, newSecret } from '../id.ts';
import { hashSecret } from './secret.ts';
import type { Identity } from './types.ts';

const TOUCH_MS = 60_000;
/** Lets secret scanners and people recognise one that leaked. */
const PREFIX = 'todoku_';

/** Makes a token. @returns the token itself: it is shown this once */
export async function createToken(app: Pick<App, 'db' | 'now'>, name: string): Promise<string> {
  return (await createTokenRow(app, name)).token;
}

export async function createTokenRow(
  app: Pick<App, 'db' | 'now'>,
  name: string,
): Promise<{ token: string; row: ApiTokenTable }> {
  const now = app.now();
  const token = PREFIX + newSecret();
  const row: ApiTokenTable = {
    id: newId(now),
    name,
    token_hash: hashSecret('token', token),
    created_at: now,
    last_used_at: null,
    revoked_at: null,
  };
  await insertToken(app.db, row);
  return { token, row };
}

/** Who holds this token; null: nobody (any more). */
export async function identifyToken(app: App, token: string): Promise<Identity | null> {
  if (!token.startsWith(PREFIX)) return null;
  const row = await findTokenByHash(app.db, hashSecret('token', token));
  if (!row) return null;
  const now = app.now();
  if (row.last_used_at === null || now - row.last_used_at > TOUCH_MS) await touchToken(app.db, row.id, now);
  return { kind: 'token', id: row.id, name: row.name };
}

/** Whether a token still opens the door; for streams that outlive a request. */
export async function tokenLives(app: Pick<App, 'db'>, id: string): Promise<boolean> {
  return isTokenValid(app.db, id);
}
