/** A database of the version before opens: its rows are there, its history counts on, and what is new begins where it must. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Sqlite from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import * as first from '../../db/migrations/0001_first_tables.ts';
import { type Database, openDatabase } from '../../db/open.ts';
import { stepProbe } from '../../db/probes.ts';
import { recountAll } from '../../db/rollups.ts';
import { DELAY_EDGES_MS } from '../../server/probe/types.ts';

const HOUR = 3_600_000;
const AT = 1_763_000_000_000;
const DELAYS = [0, 400, 1_000, 59_999, 179_999, 180_000, 3_600_000, 9 * 86_400_000, null];
let folder: string;
let file: string;
let db: Database;

/** As 0.1.0 wrote them: names of columns as they were then. */
async function writeOldDatabase(): Promise<void> {
  const handle = new Sqlite(file);
  handle.pragma('journal_mode = WAL');
  const old = new Kysely<unknown>({ dialect: new SqliteDialect({ database: handle }) });
  const { error } = await new Migrator({
    db: old,
    provider: { getMigrations: async () => ({ '0001_first_tables': first }) },
  }).migrateToLatest();
  assert.equal(error, undefined);
  handle.exec(`
    INSERT INTO senders (id, name, from_address, from_name, preset, host, port, security, daily_limit, min_gap_ms, created_at, updated_at)
      VALUES ('s1', 'S', 'a@example.com', '', 'own-server', 'h', 465, 'tls', 10, 0, 0, 0);
    INSERT INTO seeds (id, address, provider, protocol, host, port, security, user_name, password_sealed, failures, next_attempt_at, reader_until, created_at, updated_at)
      VALUES ('e1', 'e@example.com', 'gmail', 'imap', 'h', 993, 'tls', 'e', 'sealed', 0, 0, 0, 0, 0);
    INSERT INTO seed_tags VALUES ('e1', 'b2c');
    INSERT INTO monitors (id, name, sender_id, message_json, late_after_ms, missing_after_ms, watch_ms, created_at, updated_at)
      VALUES ('m1', 'M', 's1', '{}', 1, 1, 1, 0, 0);
    INSERT INTO runs (id, monitor_id, sender_id, started_at, state, probe_count) VALUES ('r1', 'm1', 's1', ${AT}, 'watching', ${DELAYS.length});`);
  const insert =
    handle.prepare(`INSERT INTO probes (id, run_id, monitor_id, sender_id, seed_id, address, provider, protocol, token, message_id, outcome,
      reason, evidence_json, placement_kind, late, queued_at, send_tries, delay_ms, looks, verified_spf, updated_at)
    VALUES (@id, 'r1', 'm1', 's1', 'e1', 'e@example.com', @provider, 'imap', @id, @id, @outcome, 'folder-inbox', '{}', @kind, 0, @at, 1, @delay, 1, 'pass', 0)`);
  const count = handle.prepare(
    `INSERT INTO placement_rollups (scope, hour, provider, inbox, missing, delay_0, delay_3, delay_4, delay_sum_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const word = handle.prepare(`INSERT INTO authentication_rollups VALUES (?, ?, 'verified', 'spf', 'pass', ?, ?)`);
  for (const [i, delay] of DELAYS.entries()) {
    const at = AT + i * 40 * 60_000;
    const provider = i % 2 ? 'gmail' : 'yahoo';
    insert.run({
      id: `p${i}`,
      provider,
      outcome: delay === null ? 'missing' : 'placed',
      kind: delay === null ? null : 'inbox',
      at,
      delay,
    });
  }
  // As the program of then would have counted them.
  for (const scope of ['', 's:s1', 'm:m1'])
    for (const [key, own] of Map.groupBy(
      DELAYS.entries(),
      ([i]) => `${Math.floor((AT + i * 40 * 60_000) / HOUR) * HOUR} ${i % 2 ? 'gmail' : 'yahoo'}`,
    )) {
      const [hour, provider] = key.split(' ');
      const delays = own.flatMap(([, delay]) => (delay === null ? [] : [delay]));
      const within = (from: number, to: number) =>
        delays.filter((ms) => ms >= from * 60_000 && ms < to * 60_000).length;
      count.run(
        scope,
        Number(hour),
        provider,
        delays.length,
        own.length - delays.length,
        within(0, 3),
        within(15, 60),
        within(60, Number.POSITIVE_INFINITY),
        delays.reduce((sum, ms) => sum + ms, 0),
      );
      handle
        .prepare('UPDATE placement_rollups SET delay_1 = ? WHERE scope = ? AND hour = ? AND provider = ?')
        .run(within(3, 6), scope, Number(hour), provider);
      word.run(scope, Number(hour), provider, own.length);
    }
  await old.destroy();
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'todoku-migrations-'));
  file = join(folder, 'todoku.sqlite');
  await writeOldDatabase();
  db = await openDatabase(file);
});
after(async () => {
  await db?.destroy();
  rmSync(folder, { recursive: true, force: true });
});

const counts = async () => ({
  placements: (
    await db.selectFrom('placement_rollups').selectAll().orderBy('scope').orderBy('hour').orderBy('provider').execute()
  ).filter(({ scope: _scope, hour: _hour, provider: _provider, ...columns }) =>
    Object.values(columns).some((n) => n !== 0),
  ),
  words: await db
    .selectFrom('authentication_rollups')
    .selectAll()
    .where('probes', '<>', 0)
    .orderBy('scope')
    .orderBy('hour')
    .orderBy('provider')
    .execute(),
  delays: await db
    .selectFrom('delay_rollups')
    .selectAll()
    .where('probes', '<>', 0)
    .orderBy('scope')
    .orderBy('hour')
    .orderBy('provider')
    .orderBy('from_ms')
    .execute(),
});

async function recounted() {
  const kept = await counts();
  for (const table of ['placement_rollups', 'authentication_rollups', 'delay_rollups'] as const)
    await db.deleteFrom(table).execute();
  const probes = await db.selectFrom('probes').selectAll().execute();
  await db.transaction().execute((tx) =>
    recountAll(
      tx,
      probes.map((probe) => [null, probe]),
    ),
  );
  return { kept, again: await counts() };
}

test('rows of 0001 are there, and their probes have no tags', async () => {
  const probes = await db.selectFrom('probes').selectAll().orderBy('id').execute();
  assert.deepEqual(
    probes.map((probe) => [probe.id, probe.tags_json, probe.delay_ms]),
    DELAYS.map((delay, i) => [`p${i}`, '[]', delay]),
  );
  assert.deepEqual(await db.selectFrom('seed_tags').selectAll().execute(), [{ seed_id: 'e1', tag: 'b2c' }]);
  assert.deepEqual(await db.selectFrom('marks').selectAll().execute(), []);
});

test('delays of before are in the bucket they belong to, in every scope', async () => {
  const rows = await db.selectFrom('delay_rollups').selectAll().execute();
  for (const scope of ['', 's:s1', 'm:m1'])
    assert.deepEqual(
      rows
        .filter((row) => row.scope === scope)
        .flatMap((row) => Array.from({ length: row.probes }, () => row.from_ms))
        .sort((a, b) => a - b),
      DELAYS.flatMap((delay) => (delay === null ? [] : [DELAY_EDGES_MS.findLast((edge) => edge <= delay)])),
      scope,
    );
});

test('counts after the migration are those of the probes, and stay so when an old probe moves', async () => {
  for (let round = 0; round < 2; round++) {
    const { kept, again } = await recounted();
    assert.deepEqual(kept, again);
    assert.ok(kept.delays.length > 0 && kept.delays.every((row) => row.probes > 0));
    await db
      .transaction()
      .execute((tx) => stepProbe(tx, 'p4', ['placed'], { outcome: 'bounced', placement_kind: null, updated_at: 1 }));
  }
});

test('opening it again changes nothing', async () => {
  const before = await counts();
  await db.destroy();
  db = await openDatabase(file);
  assert.deepEqual(await counts(), before);
});
