/**
 * A history to measure with: probes as a year and a half of eight monitors leaves them, and the counts as the program would have kept them, made in one go.
 * It grows backwards in time.
 */
import { sql } from 'kysely';
import type { Database } from '../../db/open.ts';
import { HOUR_MS } from '../../db/rollups.ts';
import type { ProbeTable, RunTable } from '../../db/schema.ts';
import { newToken } from '../../server/id.ts';
import { MARK_REASONS } from '../../server/mark/types.ts';
import { DELAY_EDGES_MS } from '../../server/probe/types.ts';
import type { ProviderId } from '../../server/seed/types.ts';

const PROVIDERS: ProviderId[] = ['gmail', 'outlook', 'yahoo', 'yahoo-japan', 'dovecot'];
/** By the number of a seed in its run: every third has none, the others one or two. */
const TAGS = [[], ['b2c'], ['b2c', 'japan']];
const MONITORS = 8;
/** Probes a day: 2 million are a year and a half. */
const PER_DAY = 3_600;
const DAY_MS = 24 * HOUR_MS;
/** More than any chart shows. */
const MARKS = 2_000;

export async function fillHistory(db: Database, count: number): Promise<void> {
  const now = Date.now();
  await sql`PRAGMA synchronous = OFF`.execute(db);
  await db
    .insertInto('senders')
    .values({
      id: 's1',
      name: 'bench',
      from_address: 'bench@example.com',
      from_name: '',
      preset: 'own-server',
      host: 'smtp.example.com',
      port: 465,
      security: 'tls',
      user_name: null,
      password_sealed: null,
      oauth_sealed: null,
      daily_limit: 1e6,
      min_gap_ms: 0,
      paused_at: null,
      held_until: null,
      held_reason: null,
      held_reply: null,
      checked_at: null,
      check_json: null,
      created_at: now,
      updated_at: now,
    })
    .execute();
  for (let m = 0; m < MONITORS; m++)
    await db
      .insertInto('monitors')
      .values({
        id: `m${m}`,
        name: `Monitor ${m}`,
        sender_id: 's1',
        message_json: '{"template":"plain"}',
        cron: null,
        time_zone: null,
        late_after_ms: 300_000,
        missing_after_ms: 21_600_000,
        watch_ms: 172_800_000,
        paused_at: null,
        next_run_at: null,
        created_at: now,
        updated_at: now,
      })
      .execute();
  const perRun = 25;
  let made = 0;
  for (let run = 0; made < count; run++) {
    const at = Math.floor(now - (made / PER_DAY) * DAY_MS);
    const monitor = `m${run % MONITORS}`;
    const batch: ProbeTable[] = [];
    const runs: RunTable[] = [];
    for (let r = 0; r < 8 && made < count; r++) {
      const runId = `r${run}-${r}`;
      runs.push({
        id: runId,
        monitor_id: monitor,
        sender_id: 's1',
        slot_at: null,
        started_at: at - r,
        state: 'complete',
        finished_at: at,
        probe_count: perRun,
        audit_id: null,
      });
      for (let i = 0; i < perRun; i++, made++) batch.push(probe(runId, monitor, at - r, i));
    }
    await db.transaction().execute(async (tx) => {
      await tx.insertInto('runs').values(runs).execute();
      await tx.insertInto('probes').values(batch).execute();
    });
  }
  await addMarks(db, now);
  await rollUp(db);
  await sql`ANALYZE`.execute(db);
}

function probe(runId: string, monitor: string, at: number, i: number): ProbeTable {
  const chance = Math.random();
  // Most within seconds, some within the hour.
  const delay = Math.round(1_000 * Math.exp(Math.random() * Math.random() * 9));
  const kind = chance < 0.8 ? 'inbox' : chance < 0.88 ? 'tab' : chance < 0.96 ? 'spam' : null;
  return {
    id: `${runId}-${i}`,
    run_id: runId,
    monitor_id: monitor,
    sender_id: 's1',
    seed_id: `seed${i}`,
    address: `seed${i}@example.net`,
    provider: PROVIDERS[i % PROVIDERS.length] as ProviderId,
    protocol: 'imap',
    tags_json: JSON.stringify(TAGS[i % TAGS.length]),
    token: newToken(),
    message_id: `${runId}-${i}@example.com`,
    subject: 'bench',
    outcome: kind ? 'placed' : 'missing',
    reason: kind ? 'folder-inbox' : 'not-seen-in-time',
    evidence_json: '{}',
    placement_kind: kind,
    placement_tab: kind === 'tab' ? 'promotions' : null,
    placement_folder: kind ? 'INBOX' : null,
    late: 0,
    queued_at: at,
    next_send_at: null,
    send_tries: 1,
    sending_at: at,
    claimed_by: null,
    sent_at: at,
    first_seen_at: kind ? at + delay : null,
    internal_date: at,
    delay_ms: kind ? delay : null,
    late_at: at,
    missing_at: at,
    watch_until: at,
    next_look_at: null,
    looks: 3,
    reported_spf: 'pass',
    reported_dkim: 'pass',
    reported_dmarc: 'pass',
    verified_spf: 'pass',
    verified_dkim: 'pass',
    verified_dmarc: 'pass',
    verified_arc: 'none',
    audit_id: null,
    updated_at: at,
  };
}

async function addMarks(db: Database, now: number): Promise<void> {
  for (let i = 0; i < MARKS; i++)
    await db
      .insertInto('marks')
      .values({
        ...{ id: `mark${i}`, at: now - i * HOUR_MS, reason: MARK_REASONS[i % MARK_REASONS.length] ?? 'sender-held' },
        ...{ name: 'bench', monitor_id: i % 2 ? `m${i % MONITORS}` : null, sender_id: 's1', seed_id: null },
        evidence_json: '{}',
      })
      .execute();
}

/** The counts as the program would have kept them, made in one go. */
async function rollUp(db: Database): Promise<void> {
  const hour = sql`queued_at / ${sql.lit(HOUR_MS)} * ${sql.lit(HOUR_MS)}`;
  await sql`CREATE TEMP TABLE edges (from_ms INTEGER PRIMARY KEY) STRICT`.execute(db);
  await sql`INSERT INTO edges VALUES ${sql.join(DELAY_EDGES_MS.map((edge) => sql`(${sql.lit(edge)})`))}`.execute(db);
  const all = sql`probes`;
  const tagged = sql`probes, json_each(tags_json) AS tag`;
  for (const [scope, from] of [
    [`''`, all],
    [`'s:' || sender_id`, all],
    [`'m:' || monitor_id`, all],
    [`'t:' || tag.value`, tagged],
    [`'s:' || sender_id || ' t:' || tag.value`, tagged],
    [`'m:' || monitor_id || ' t:' || tag.value`, tagged],
  ] as const) {
    await sql`INSERT INTO placement_rollups (scope, hour, provider, inbox, tab_promotions, spam, missing, late, delay_0, delay_sum_ms)
      SELECT ${sql.raw(scope)}, ${hour}, provider, sum(placement_kind IS 'inbox'), sum(placement_kind IS 'tab'),
        sum(placement_kind IS 'spam'), sum(outcome = 'missing'), sum(late), sum(outcome = 'placed'), sum(coalesce(delay_ms, 0))
      FROM ${from} GROUP BY 1, 2, 3`.execute(db);
    await sql`INSERT INTO delay_rollups
      SELECT ${sql.raw(scope)}, ${hour}, provider, (SELECT max(from_ms) FROM edges WHERE from_ms <= delay_ms), count(*)
      FROM ${from} WHERE outcome = 'placed' GROUP BY 1, 2, 3, 4`.execute(db);
    for (const [source, mechanism] of [
      ['reported', 'spf'],
      ['reported', 'dkim'],
      ['reported', 'dmarc'],
      ['verified', 'spf'],
      ['verified', 'dkim'],
      ['verified', 'dmarc'],
    ])
      await sql`INSERT INTO authentication_rollups
        SELECT ${sql.raw(scope)}, ${hour}, ${sql.lit(source)}, ${sql.lit(mechanism)}, ${sql.ref(`${source}_${mechanism}`)}, provider, count(*)
        FROM ${from} GROUP BY 1, 2, 3, 4, 5, 6`.execute(db);
  }
}
