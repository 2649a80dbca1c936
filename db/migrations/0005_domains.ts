/**
 * Sending domains: what they publish, how each check found them, and every change of a record. Five new tables; no row that is there already is touched.
 */
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  `CREATE TABLE domains (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, selectors_json TEXT NOT NULL, ips_json TEXT NOT NULL, reported_json TEXT NOT NULL, paused_at INTEGER,
     next_check_at INTEGER, confirming INTEGER NOT NULL, claimed_by TEXT, claimed_until INTEGER NOT NULL,
     checked_at INTEGER, state TEXT, state_since INTEGER, counts_json TEXT, protocols_json TEXT, unasked_since INTEGER,
     created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL) STRICT`,
  // The few that are due are found without touching the others.
  `CREATE INDEX domains_due ON domains (next_check_at) WHERE next_check_at IS NOT NULL`,

  // Large and rarely read: lists never touch it. What the last check found, what is remembered from check to check, how it stands.
  `CREATE TABLE domain_facts (domain_id TEXT PRIMARY KEY REFERENCES domains (id) ON DELETE CASCADE, check_gzip BLOB NOT NULL, memory_gzip BLOB NOT NULL,
     standing_json TEXT NOT NULL, learned_json TEXT NOT NULL, snapshot_id TEXT NOT NULL) STRICT`,

  // What was published, once for all checks between two changes.
  `CREATE TABLE domain_snapshots (id TEXT PRIMARY KEY, domain_id TEXT NOT NULL REFERENCES domains (id) ON DELETE CASCADE, at INTEGER NOT NULL,
     records_json TEXT NOT NULL) STRICT`,
  `CREATE INDEX domain_snapshots_domain ON domain_snapshots (domain_id)`,
  `CREATE TABLE domain_checks (id TEXT PRIMARY KEY, domain_id TEXT NOT NULL REFERENCES domains (id) ON DELETE CASCADE, at INTEGER NOT NULL,
     took_ms INTEGER NOT NULL, state TEXT, counts_json TEXT NOT NULL, unasked INTEGER NOT NULL, snapshot_id TEXT NOT NULL) STRICT`,
  `CREATE INDEX domain_checks_domain ON domain_checks (domain_id, id)`,
  `CREATE INDEX domain_checks_snapshot ON domain_checks (snapshot_id)`,
  `CREATE TABLE domain_changes (id TEXT PRIMARY KEY, domain_id TEXT NOT NULL REFERENCES domains (id) ON DELETE CASCADE, check_id TEXT NOT NULL, at INTEGER NOT NULL,
     protocol TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL, kind TEXT NOT NULL, before_json TEXT NOT NULL, after_json TEXT NOT NULL) STRICT`,
  `CREATE INDEX domain_changes_domain ON domain_changes (domain_id, id)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
