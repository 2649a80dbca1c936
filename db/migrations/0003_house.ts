/**
 * What the house itself needs: links for a screen on the wall, and a note of each raw message that was forgotten, so that a page can say
 * "forgotten" instead of "never seen". Two new tables; no row that is there already is touched.
 */
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  // The key itself is shown once; a screen that shows one monitor goes with that monitor.
  `CREATE TABLE wall_links (id TEXT PRIMARY KEY, name TEXT NOT NULL, key_hash TEXT NOT NULL UNIQUE,
     monitor_id TEXT REFERENCES monitors (id) ON DELETE CASCADE, created_at INTEGER NOT NULL, last_used_at INTEGER, revoked_at INTEGER) STRICT`,
  `CREATE TABLE forgotten_messages (probe_id TEXT PRIMARY KEY REFERENCES probes (id) ON DELETE CASCADE, size INTEGER NOT NULL,
     forgotten_at INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
