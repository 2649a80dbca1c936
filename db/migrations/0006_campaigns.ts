/**
 * Campaigns with their audits, watches and shared reports. A placement test sends and finds probes as a monitor does, and goes by a row of `monitors` that belongs to an
 * audit; so do its runs and probes, which are listed and counted nowhere else. The seeds of a watch get their mail from somebody else's system: its row has no sender.
 *
 * Columns are added empty and a constraint is taken from the schema: no row that is there already is touched or rewritten.
 */
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  `CREATE TABLE campaigns (id TEXT PRIMARY KEY, name TEXT NOT NULL, source TEXT NOT NULL, from_address TEXT, from_name TEXT NOT NULL, subject TEXT,
     draft_json TEXT, message_id TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL) STRICT`,
  // Each version of a campaign's mail once, however many audits look at it.
  `CREATE TABLE campaign_messages (id TEXT PRIMARY KEY, campaign_id TEXT NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE, hash TEXT NOT NULL,
     size INTEGER NOT NULL, raw_gzip BLOB NOT NULL, UNIQUE (campaign_id, hash)) STRICT`,

  `CREATE TABLE audits (id TEXT PRIMARY KEY, campaign_id TEXT NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE, message_id TEXT, watch_id TEXT,
     state TEXT NOT NULL, step TEXT, refusal TEXT, policy_json TEXT NOT NULL, from_domain TEXT, test_json TEXT, plan_id TEXT, control_plan_id TEXT,
     verdict TEXT, score INTEGER, counts_json TEXT, claimed_by TEXT, claimed_until INTEGER NOT NULL, tries INTEGER NOT NULL,
     created_at INTEGER NOT NULL, finished_at INTEGER, updated_at INTEGER NOT NULL) STRICT`,
  `CREATE INDEX audits_campaign ON audits (campaign_id, id)`,
  // The few that are under way.
  `CREATE INDEX audits_open ON audits (state) WHERE state IN ('waiting', 'watching', 'auditing', 'testing')`,
  // Large and rarely read.
  `CREATE TABLE audit_results (audit_id TEXT PRIMARY KEY REFERENCES audits (id) ON DELETE CASCADE, result_gzip BLOB NOT NULL, dns_gzip BLOB NOT NULL) STRICT`,

  `CREATE TABLE watches (id TEXT PRIMARY KEY, campaign_id TEXT NOT NULL REFERENCES campaigns (id) ON DELETE CASCADE, audit_id TEXT NOT NULL,
     run_id TEXT NOT NULL, state TEXT NOT NULL, recognise_json TEXT NOT NULL, token TEXT NOT NULL, opens_at INTEGER NOT NULL, closes_at INTEGER NOT NULL) STRICT`,
  `CREATE INDEX watches_campaign ON watches (campaign_id, id)`,

  `CREATE TABLE shares (id TEXT PRIMARY KEY, audit_id TEXT NOT NULL REFERENCES audits (id) ON DELETE CASCADE, name TEXT NOT NULL, language TEXT NOT NULL,
     key_hash TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, last_used_at INTEGER, revoked_at INTEGER) STRICT`,
  `CREATE INDEX shares_audit ON shares (audit_id)`,

  `ALTER TABLE monitors ALTER COLUMN sender_id DROP NOT NULL`,
  `ALTER TABLE monitors ADD COLUMN audit_id TEXT REFERENCES audits (id) ON DELETE CASCADE`,
  `CREATE INDEX monitors_audit ON monitors (audit_id) WHERE audit_id IS NOT NULL`,
  `ALTER TABLE runs ADD COLUMN audit_id TEXT`,
  `CREATE INDEX runs_audit ON runs (audit_id) WHERE audit_id IS NOT NULL`,
  `ALTER TABLE probes ADD COLUMN audit_id TEXT`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
