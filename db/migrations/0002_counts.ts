/**
 * Counts by tag and fine delays, marks, and heartbeats from an index alone.
 *
 * Probes that are there already were queued before their seeds' tags were kept: they have none, and count under no tag. Their delays are counted once
 * more, finely, so that a probe that moves later is taken out of where it stands. That, and the wider index, take a few seconds per
 * million probes at the first start; no row of a probe is rewritten.
 */
import { type Kysely, sql } from 'kysely';
import { DELAY_EDGES_MS } from '../../server/probe/types.ts';

const STATEMENTS = [
  `ALTER TABLE probes ADD COLUMN tags_json TEXT NOT NULL DEFAULT '[]'`,

  // A probe's run, and all that the summary of a run needs of it: bars of many runs are read without touching a probe.
  `DROP INDEX probes_run`,
  `CREATE INDEX probes_run ON probes (run_id, outcome, placement_kind, next_send_at, late, provider, delay_ms)`,

  `CREATE TABLE delay_rollups (scope TEXT NOT NULL, hour INTEGER NOT NULL, provider TEXT NOT NULL, from_ms INTEGER NOT NULL, probes INTEGER NOT NULL,
     PRIMARY KEY (scope, hour, provider, from_ms)) STRICT, WITHOUT ROWID`,

  // No foreign keys to senders and seeds: what happened stays true when they are gone, and the name they had is kept.
  `CREATE TABLE marks (id TEXT PRIMARY KEY, at INTEGER NOT NULL, reason TEXT NOT NULL, name TEXT NOT NULL,
     monitor_id TEXT REFERENCES monitors (id) ON DELETE CASCADE, sender_id TEXT, seed_id TEXT, evidence_json TEXT NOT NULL) STRICT`,
  `CREATE INDEX marks_at ON marks (at)`,
  `CREATE INDEX marks_monitor ON marks (monitor_id, at) WHERE monitor_id IS NOT NULL`,
  `CREATE INDEX marks_sender ON marks (sender_id, at) WHERE sender_id IS NOT NULL`,
  `CREATE INDEX marks_seed ON marks (seed_id, at) WHERE seed_id IS NOT NULL`,
];

const HOUR_MS = 3_600_000;

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  // One pass over the probes into a table of the few columns that count, then one over that for each scope.
  await sql`CREATE TEMP TABLE edges (from_ms INTEGER PRIMARY KEY) STRICT`.execute(db);
  await sql`INSERT INTO edges VALUES ${sql.join(DELAY_EDGES_MS.map((edge) => sql`(${sql.lit(edge)})`))}`.execute(db);
  await sql`CREATE TEMP TABLE delays AS
    SELECT sender_id, monitor_id, queued_at / ${sql.lit(HOUR_MS)} * ${sql.lit(HOUR_MS)} AS hour, provider,
      (SELECT max(from_ms) FROM edges WHERE from_ms <= max(delay_ms, 0)) AS from_ms, count(*) AS probes
    FROM probes WHERE outcome = 'placed' AND delay_ms IS NOT NULL GROUP BY 1, 2, 3, 4, 5`.execute(db);
  for (const scope of [`''`, `'s:' || sender_id`, `'m:' || monitor_id`])
    await sql`INSERT INTO delay_rollups
      SELECT ${sql.raw(scope)}, hour, provider, from_ms, sum(probes) FROM delays GROUP BY 1, 2, 3, 4`.execute(db);
  await sql`DROP TABLE delays`.execute(db);
  await sql`DROP TABLE edges`.execute(db);
}
