/** Databases of earlier versions, and of branches that met: whatever they have run, they are brought up to date and keep their rows. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, describe, test } from 'node:test';
import Sqlite from 'better-sqlite3';
import { Kysely, SqliteDialect, sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { type Database, migrations, openDatabase } from '../../db/open.ts';
import { AppError } from '../../server/errors.ts';

const all = await migrations();
const names = Object.keys(all);
/** Released before later ones changed their tables: no database can have run those without them. */
const BUILT_UPON = new Set(['0006_campaigns']);
const made: string[] = [];
let file = '';
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'todoku-migrations-'));
  made.push(folder);
  file = join(folder, 'todoku.sqlite');
});
after(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** A database that has run these and no others. */
async function databaseWith(ran: string[]): Promise<void> {
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: new Sqlite(file) }) });
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => Object.fromEntries(ran.map((name) => [name, all[name] as never])) },
  });
  const { error } = await migrator.migrateToLatest();
  assert.equal(error, undefined);
  await sql`INSERT INTO settings VALUES ('language', '"ja"', 1)`.execute(db);
  await sql`INSERT INTO senders (id, name, from_address, from_name, preset, host, port, security, daily_limit, min_gap_ms, created_at, updated_at)
    VALUES ('s', 'News', 'news@example.com', '', 'own-server', 'smtp.example.com', 465, 'tls', 10, 0, 1, 1)`.execute(
    db,
  );
  await db.destroy();
}

async function schemaOf(db: Database): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT m.type || ' ' || m.name || ' ' || coalesce(c.name || ' ' || c.type, '') AS name
    FROM sqlite_master AS m LEFT JOIN pragma_table_xinfo(m.name) AS c ON m.type = 'table' ORDER BY 1`.execute(db);
  return rows.map((row) => row.name);
}

describe('databases of before', () => {
  for (const [i, last] of names.entries())
    test(`that stopped at ${last}`, async () => {
      await databaseWith(names.slice(0, i + 1));
      const db = await openDatabase(file);
      const fresh = await openDatabase(':memory:');
      try {
        assert.deepEqual(await schemaOf(db), await schemaOf(fresh));
        assert.equal((await db.selectFrom('senders').selectAll().executeTakeFirst())?.name, 'News');
        assert.equal((await db.selectFrom('settings').selectAll().executeTakeFirst())?.value, '"ja"');
      } finally {
        await db.destroy();
        await fresh.destroy();
      }
    });

  for (const left of names.slice(1).filter((name) => !BUILT_UPON.has(name)))
    test(`that ran all but ${left}, which another branch brought later`, async () => {
      await databaseWith(names.filter((name) => name !== left));
      const db = await openDatabase(file);
      const fresh = await openDatabase(':memory:');
      try {
        assert.deepEqual((await schemaOf(db)).sort(), (await schemaOf(fresh)).sort());
      } finally {
        await db.destroy();
        await fresh.destroy();
      }
    });
});

test('campaigns and audits of before have no policy and no subject of their own', async () => {
  await databaseWith(names.filter((name) => name <= '0006_campaigns'));
  const handle = new Sqlite(file);
  handle.exec(
    `INSERT INTO campaigns (id, name, source, from_name, subject, created_at, updated_at) VALUES ('c', 'Sale', 'file', '', 'S', 1, 1)`,
  );
  handle.exec(`INSERT INTO audits (id, campaign_id, state, policy_json, claimed_until, tries, created_at, updated_at)
    VALUES ('a', 'c', 'done', '{"minScore":7}', 0, 1, 1, 1)`);
  handle.close();
  const db = await openDatabase(file);
  try {
    const campaign = await db.selectFrom('campaigns').selectAll().executeTakeFirst();
    assert.deepEqual([campaign?.name, campaign?.subject, campaign?.policy_json], ['Sale', 'S', null]);
    const audit = await db.selectFrom('audits').selectAll().executeTakeFirst();
    assert.deepEqual([audit?.policy_json, audit?.subject], ['{"minScore":7}', null]);
  } finally {
    await db.destroy();
  }
});

test('a database from the future is refused, and stays as it is', async () => {
  await databaseWith(names);
  const handle = new Sqlite(file);
  handle.exec("INSERT INTO kysely_migration VALUES ('9999_tomorrow', '2030-01-01T00:00:00.000Z')");
  handle.close();
  await assert.rejects(
    openDatabase(file),
    (error: unknown) => error instanceof AppError && error.code === 'config' && /newer/.test(error.message),
  );
  const again = new Sqlite(file, { readonly: true });
  assert.equal(again.prepare('SELECT count(*) FROM senders').pluck().get(), 1);
  again.close();
});
