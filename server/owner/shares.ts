/** A report that is shared: whoever has the key sees that one report, until it expires. */

import type { ShareTable } from '../../db/schema.ts';
import { findShareByHash, insertShare, touchShare } from '../../db/shares.ts';
import type { App } from '../app.ts';
import { newId, newSecret } from '../id.ts';
import { hashSecret } from './secret.ts';

const TOUCH_MS = 60_000;
const DAY_MS = 86_400_000;
/** Tells it from an API token, in a log or in the wrong place. */
const PREFIX = 'todoku_share_';

/** @returns the key itself, shown this once */
export async function createShare(
  app: Pick<App, 'db' | 'now'>,
  auditId: string,
  { name, language, days }: { name: string; language: 'en' | 'ja'; days: number },
): Promise<{ key: string; row: ShareTable }> {
  const now = app.now();
  const key = PREFIX + newSecret();
  const row: ShareTable = {
    id: newId(now),
    audit_id: auditId,
    name,
    language,
    key_hash: hashSecret('share-key', key),
    created_at: now,
    expires_at: now + days * DAY_MS,
    last_used_at: null,
    revoked_at: null,
  };
  await insertShare(app.db, row);
  return { key, row };
}

/** What a key opens; null: nothing (any more). */
export async function openShare(app: Pick<App, 'db' | 'now'>, key: string): Promise<ShareTable | null> {
  if (!key.startsWith(PREFIX)) return null;
  const now = app.now();
  const row = await findShareByHash(app.db, hashSecret('share-key', key), now);
  if (!row) return null;
  if (row.last_used_at === null || now - row.last_used_at > TOUCH_MS) await touchShare(app.db, row.id, now);
  return row;
}
