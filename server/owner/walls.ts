/** Wall links let a screen in the office show how things stand. A key opens one route, which shows counts and names of monitors and nothing else. */
import type { WallLinkTable } from '../../db/schema.ts';
import { findWallLinkByHash, insertWallLink, touchWallLink } from '../../db/walls.ts';
import type { App } from '../app.ts';
import { newId, newSecret } from '../id.ts';
import { hashSecret } from './secret.ts';
import type { Identity } from './types.ts';

const TOUCH_MS = 60_000;
/** Tells it from an API token, in a log or in the wrong place. */
const PREFIX = 'todoku_wall_';

/** @param monitorId null: everything. @returns the key itself, shown this once */
export async function createWallLink(
  app: Pick<App, 'db' | 'now'>,
  name: string,
  monitorId: string | null,
): Promise<{ key: string; row: WallLinkTable }> {
  const now = app.now();
  const key = PREFIX + newSecret();
  const row: WallLinkTable = {
    id: newId(now),
    name,
    key_hash: hashSecret('wall-key', key),
    monitor_id: monitorId,
    created_at: now,
    last_used_at: null,
    revoked_at: null,
  };
  await insertWallLink(app.db, row);
  return { key, row };
}

/** Whose screen this is; null: nobody's (any more). */
export async function identifyWall(app: App, key: string): Promise<Identity | null> {
  if (!key.startsWith(PREFIX)) return null;
  const row = await findWallLinkByHash(app.db, hashSecret('wall-key', key));
  if (!row) return null;
  const now = app.now();
  if (row.last_used_at === null || now - row.last_used_at > TOUCH_MS) await touchWallLink(app.db, row.id, now);
  return { kind: 'wall', id: row.id, name: row.name, monitorId: row.monitor_id };
}
