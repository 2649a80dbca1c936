/**
 * The first tables. STRICT so that a wrong type is an error at once and not a surprise in a chart; deletes cascade from the noun
 * that owns. Secrets stand only in columns named …_sealed.
 */
import { type Kysely, sql } from 'kysely';

const PLACEMENT_COUNTS = [
  ...[
    'inbox',
    'tab_promotions',
    'tab_social',
    'tab_updates',
    'tab_forums',
    'tab_reservations',
    'tab_purchases',
    'spam',
    'other',
  ],
  ...['missing', 'bounced', 'rejected', 'deferred', 'unknown'],
  ...['late', 'delay_0', 'delay_1', 'delay_2', 'delay_3', 'delay_4', 'delay_sum_ms'],
];

const STATEMENTS = [
  `CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL, updated_at INTEGER NOT NULL) STRICT`,
  `CREATE TABLE sessions (id TEXT PRIMARY KEY, token_hash TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
     last_seen_at INTEGER NOT NULL, user_agent TEXT NOT NULL, address TEXT NOT NULL) STRICT`,
  `CREATE TABLE api_tokens (id TEXT PRIMARY KEY, name TEXT NOT NULL, token_hash TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL,
     last_used_at INTEGER, revoked_at INTEGER) STRICT`,
  `CREATE TABLE password_links (token_hash TEXT PRIMARY KEY, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, used_at INTEGER) STRICT`,
  `CREATE TABLE login_attempts (id TEXT PRIMARY KEY, at INTEGER NOT NULL, address TEXT NOT NULL) STRICT`,
  `CREATE INDEX login_attempts_at ON login_attempts (at)`,

  // Who runs on this database: a probe left in `sending` or a seed left in reading by a dead instance is taken over.
  `CREATE TABLE instances (id TEXT PRIMARY KEY, host TEXT NOT NULL, pid INTEGER NOT NULL, started_at INTEGER NOT NULL, seen_at INTEGER NOT NULL) STRICT`,

  `CREATE TABLE senders (id TEXT PRIMARY KEY, name TEXT NOT NULL, from_address TEXT NOT NULL, from_name TEXT NOT NULL, preset TEXT NOT NULL,
     host TEXT NOT NULL, port INTEGER NOT NULL, security TEXT NOT NULL, user_name TEXT, password_sealed TEXT, oauth_sealed TEXT,
     daily_limit INTEGER NOT NULL, min_gap_ms INTEGER NOT NULL, paused_at INTEGER, held_until INTEGER, held_reason TEXT, held_reply TEXT,
     checked_at INTEGER, check_json TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL) STRICT`,
  // No foreign key: a use counts against the provider's limit even after its sender was deleted and made anew.
  `CREATE TABLE sender_uses (id TEXT PRIMARY KEY, sender_id TEXT NOT NULL, at INTEGER NOT NULL) STRICT`,
  `CREATE INDEX sender_uses_sender_at ON sender_uses (sender_id, at)`,

  `CREATE TABLE seeds (id TEXT PRIMARY KEY, address TEXT NOT NULL, provider TEXT NOT NULL, protocol TEXT NOT NULL, host TEXT NOT NULL,
     port INTEGER NOT NULL, security TEXT NOT NULL, user_name TEXT NOT NULL, password_sealed TEXT NOT NULL, oauth_sealed TEXT,
     junk_folder TEXT, paused_at INTEGER, unreadable_since INTEGER, unreadable_reason TEXT, unreadable_reply TEXT,
     failures INTEGER NOT NULL, next_attempt_at INTEGER NOT NULL, last_read_at INTEGER, reader TEXT, reader_until INTEGER NOT NULL,
     folders_json TEXT, checked_at INTEGER, check_json TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
     UNIQUE (address, protocol)) STRICT`,
  `CREATE TABLE seed_tags (seed_id TEXT NOT NULL REFERENCES seeds (id) ON DELETE CASCADE, tag TEXT NOT NULL, PRIMARY KEY (seed_id, tag)) STRICT`,
  `CREATE INDEX seed_tags_tag ON seed_tags (tag)`,
  `CREATE TABLE seed_folders (seed_id TEXT NOT NULL REFERENCES seeds (id) ON DELETE CASCADE, folder TEXT NOT NULL, cursor TEXT NOT NULL,
     read_at INTEGER NOT NULL, PRIMARY KEY (seed_id, folder)) STRICT`,

  `CREATE TABLE monitors (id TEXT PRIMARY KEY, name TEXT NOT NULL, sender_id TEXT NOT NULL REFERENCES senders (id), message_json TEXT NOT NULL,
     cron TEXT, time_zone TEXT, late_after_ms INTEGER NOT NULL, missing_after_ms INTEGER NOT NULL, watch_ms INTEGER NOT NULL,
     paused_at INTEGER, next_run_at INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL) STRICT`,
  `CREATE INDEX monitors_next_run ON monitors (next_run_at) WHERE next_run_at IS NOT NULL`,
  `CREATE TABLE monitor_seeds (monitor_id TEXT NOT NULL REFERENCES monitors (id) ON DELETE CASCADE,
     seed_id TEXT NOT NULL REFERENCES seeds (id) ON DELETE CASCADE, PRIMARY KEY (monitor_id, seed_id)) STRICT`,
  `CREATE INDEX monitor_seeds_seed ON monitor_seeds (seed_id)`,
  `CREATE TABLE monitor_tags (monitor_id TEXT NOT NULL REFERENCES monitors (id) ON DELETE CASCADE, tag TEXT NOT NULL,
     PRIMARY KEY (monitor_id, tag)) STRICT`,

  `CREATE TABLE runs (id TEXT PRIMARY KEY, monitor_id TEXT NOT NULL REFERENCES monitors (id) ON DELETE CASCADE, sender_id TEXT NOT NULL,
     slot_at INTEGER, started_at INTEGER NOT NULL, state TEXT NOT NULL, finished_at INTEGER, probe_count INTEGER NOT NULL,
     UNIQUE (monitor_id, slot_at)) STRICT`,
  `CREATE INDEX runs_monitor_started ON runs (monitor_id, started_at)`,
  `CREATE INDEX runs_started ON runs (started_at)`,
  `CREATE INDEX runs_open ON runs (state) WHERE state <> 'complete'`,

  `CREATE TABLE probes (id TEXT PRIMARY KEY, run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, monitor_id TEXT NOT NULL,
     sender_id TEXT NOT NULL, seed_id TEXT NOT NULL, address TEXT NOT NULL, provider TEXT NOT NULL, protocol TEXT NOT NULL,
     token TEXT NOT NULL UNIQUE, message_id TEXT NOT NULL UNIQUE, subject TEXT, outcome TEXT NOT NULL, reason TEXT NOT NULL, evidence_json TEXT NOT NULL,
     placement_kind TEXT, placement_tab TEXT, placement_folder TEXT, late INTEGER NOT NULL, queued_at INTEGER NOT NULL,
     next_send_at INTEGER, send_tries INTEGER NOT NULL, sending_at INTEGER, claimed_by TEXT, sent_at INTEGER, first_seen_at INTEGER,
     internal_date INTEGER, delay_ms INTEGER, late_at INTEGER, missing_at INTEGER, watch_until INTEGER, next_look_at INTEGER,
     looks INTEGER NOT NULL, reported_spf TEXT, reported_dkim TEXT, reported_dmarc TEXT, verified_spf TEXT, verified_dkim TEXT,
     verified_dmarc TEXT, verified_arc TEXT, updated_at INTEGER NOT NULL) STRICT`,
  `CREATE INDEX probes_run ON probes (run_id)`,
  // Partial indexes: the few that still need work are found without touching the millions that do not.
  `CREATE INDEX probes_to_send ON probes (sender_id, next_send_at) WHERE next_send_at IS NOT NULL`,
  `CREATE INDEX probes_sending ON probes (sending_at) WHERE outcome = 'sending'`,
  `CREATE INDEX probes_to_look ON probes (next_look_at, seed_id) WHERE next_look_at IS NOT NULL`,
  `CREATE INDEX probes_outstanding ON probes (seed_id, queued_at)
     WHERE (next_look_at IS NOT NULL OR next_send_at IS NOT NULL OR outcome = 'sending')`,
  `CREATE INDEX probes_of_sender_to_look ON probes (sender_id, sent_at) WHERE next_look_at IS NOT NULL`,
  `CREATE INDEX probes_queued ON probes (queued_at)`,

  `CREATE TABLE probe_facts (probe_id TEXT PRIMARY KEY REFERENCES probes (id) ON DELETE CASCADE, reported_json TEXT, verified_json TEXT,
     disagreements_json TEXT, hops_json TEXT, boundary_json TEXT, header BLOB) STRICT`,
  `CREATE TABLE probe_messages (probe_id TEXT PRIMARY KEY REFERENCES probes (id) ON DELETE CASCADE, size INTEGER NOT NULL, raw_gzip BLOB NOT NULL) STRICT`,
  `CREATE TABLE probe_dialogues (id TEXT PRIMARY KEY, probe_id TEXT NOT NULL REFERENCES probes (id) ON DELETE CASCADE, attempt INTEGER NOT NULL,
     at INTEGER NOT NULL, "end" TEXT NOT NULL, reason TEXT NOT NULL, lines_json TEXT NOT NULL) STRICT`,
  `CREATE INDEX probe_dialogues_probe ON probe_dialogues (probe_id)`,
  `CREATE TABLE sightings (id TEXT PRIMARY KEY, probe_id TEXT NOT NULL REFERENCES probes (id) ON DELETE CASCADE, seen_at INTEGER NOT NULL,
     folder TEXT NOT NULL, kind TEXT NOT NULL, tab TEXT, reason TEXT NOT NULL, internal_date INTEGER, uid TEXT NOT NULL) STRICT`,
  `CREATE INDEX sightings_probe ON sightings (probe_id, seen_at)`,

  // Counted three times: for everything, for each sender, for each monitor (`scope`). A chart reads one scope in the order of its key,
  // a row per hour and provider, however many monitors there are.
  `CREATE TABLE placement_rollups (scope TEXT NOT NULL, hour INTEGER NOT NULL, provider TEXT NOT NULL,
     ${PLACEMENT_COUNTS.map((column) => `${column} INTEGER NOT NULL DEFAULT 0`).join(', ')},
     PRIMARY KEY (scope, hour, provider)) STRICT, WITHOUT ROWID`,
  `CREATE TABLE authentication_rollups (scope TEXT NOT NULL, hour INTEGER NOT NULL, source TEXT NOT NULL, mechanism TEXT NOT NULL,
     result TEXT NOT NULL, provider TEXT NOT NULL, probes INTEGER NOT NULL,
     PRIMARY KEY (scope, hour, source, mechanism, result, provider)) STRICT, WITHOUT ROWID`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
