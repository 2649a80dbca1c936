/**
 * Copies of the whole file: made, looked into, and got ready to take the place of the one in use. What is SQLite's own stands here beside open.ts. All
 * but `closeForGood` reads files from the first byte to the last, so the server has it done by a process of its own (server/backup/work.ts).
 */
import { existsSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { sql } from 'kysely';
import { AppError } from '../server/errors.ts';
import { type Database, migrations, openDatabase, openHandle } from './open.ts';
import type { Tables } from './schema.ts';

/** Why a file cannot become the database. */
export type BackupFault = 'no-database' | 'damaged' | 'foreign' | 'newer';

function fault(reason: BackupFault, message: string): AppError {
  return new AppError(reason === 'newer' ? 'conflict' : 'invalid', message, { reason });
}

/**
 * Writes a copy as of this moment, without the free pages, while others go on reading and writing.
 * @param target does not exist yet, or is empty; half a copy may be left there when this throws
 */
export function copyDatabase(file: string, target: string): void {
  const handle = openHandle(file, { readonly: true });
  try {
    // One statement, so one moment: the page-by-page copy would begin anew with every write of another.
    handle.prepare('VACUUM INTO ?').run(target);
  } finally {
    handle.close();
  }
}

export type Look = {
  bytes: number;
  /** The sealed word that tells whether our key is the right one; null where none is stored. */
  proof: unknown;
};

/**
 * A first look, quick for any size: is it a database, one of Todoku's, and none from the future?
 * @throws AppError `invalid`, `conflict`, with `detail.reason`
 */
export async function lookInto(file: string): Promise<Look> {
  const known = new Set(Object.keys(await migrations()));
  try {
    const handle = openHandle(file, { readonly: true });
    try {
      // A file from elsewhere may bring views and triggers that call what they should not.
      handle.pragma('trusted_schema = OFF');
      if (Number(handle.pragma('page_count', { simple: true })) === 0)
        throw fault('no-database', 'This file is empty.');
      const tables = handle.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all();
      if (!['kysely_migration', 'probes', 'settings'].every((table) => tables.includes(table)))
        throw fault('foreign', "This is a database, but not one of Todoku's.");
      const ran = handle.prepare('SELECT name FROM kysely_migration').pluck().all() as string[];
      if (!ran.every((name) => known.has(name)))
        throw fault('newer', 'This database was written by a newer Todoku: update this one first.');
      if (ran.length === 0) throw fault('foreign', "This is a database, but not one of Todoku's.");
      const proof = handle.prepare("SELECT value FROM settings WHERE key = 'vault-check'").pluck().get();
      const pages = Number(handle.pragma('page_count', { simple: true }));
      return {
        bytes: pages * Number(handle.pragma('page_size', { simple: true })),
        proof: proof === undefined ? null : (JSON.parse(String(proof)) as unknown),
      };
    } finally {
      handle.close();
    }
  } catch (error) {
    throw readable(error);
  }
}

/**
 * Reads all of it: every page, index and reference.
 * @returns its size in bytes
 * @throws AppError `invalid`, with `detail.reason`
 */
export function checkDatabase(file: string): number {
  try {
    const handle = openHandle(file, { readonly: true });
    try {
      handle.pragma('cell_size_check = ON');
      const verdict = handle.pragma('integrity_check(1)', { simple: true });
      if (verdict !== 'ok') throw fault('damaged', `The database is damaged: ${String(verdict)}`);
      const [loose] = handle.pragma('foreign_key_check') as { table: string }[];
      if (loose) throw fault('damaged', `The database is damaged: a row of ${loose.table} refers to one that is gone.`);
      const pages = Number(handle.pragma('page_count', { simple: true }));
      return pages * Number(handle.pragma('page_size', { simple: true }));
    } finally {
      handle.close();
    }
  } catch (error) {
    throw readable(error);
  }
}

/** What SQLite says of a file that it cannot read as a database; errors of the disk stay what they are. */
function readable(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const code = String((error as { code?: unknown }).code ?? '');
  if (code === 'SQLITE_NOTADB') return fault('no-database', 'This is no database.');
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_ERROR')
    return fault('damaged', `The database is damaged: ${(error as Error).message}`);
  return error instanceof SyntaxError ? fault('damaged', 'The database is damaged: a setting cannot be read.') : error;
}

/**
 * Brings a checked copy up to date and proves that it has every table and column that this program uses.
 * @throws AppError `invalid`, with `detail.reason`
 */
export async function openCopy(file: string): Promise<Database> {
  let db: Database;
  try {
    db = await openDatabase(file, { checked: true });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw fault('damaged', error.message);
  }
  const model = await openDatabase(':memory:');
  try {
    const [wanted, found] = [await columnsOf(model), await columnsOf(db)];
    const missing = [...wanted].find((column) => !found.has(column));
    if (missing !== undefined) throw fault('damaged', `The database is damaged: ${missing} is not there.`);
    const { rows } = await sql<{ name: string }>`SELECT name FROM sqlite_master WHERE type = 'trigger'`.execute(db);
    if (rows.length > 0)
      throw fault('foreign', `This database has a trigger that is not of Todoku's making: ${rows[0]?.name}.`);
    return db;
  } catch (error) {
    await db.destroy();
    throw error;
  } finally {
    await model.destroy();
  }
}

async function columnsOf(db: Database): Promise<Set<string>> {
  const { rows } = await sql<{ name: string }>`
    SELECT m.name || '.' || c.name || ' ' || c.type AS name
    FROM sqlite_master AS m JOIN pragma_table_xinfo(m.name) AS c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'`.execute(
    db,
  );
  return new Set(rows.map((row) => row.name));
}

/**
 * Closes a database so that its one file holds everything and nobody else has it open: only then may another be put in its place.
 * @throws AppError `conflict` when another process has it open; the database then stays open
 */
export async function closeForGood(db: Database): Promise<void> {
  try {
    await db.connection().execute(async (connection) => {
      await sql`PRAGMA journal_mode = DELETE`.execute(connection);
    });
  } catch (error) {
    await sql`PRAGMA journal_mode = WAL`.execute(db);
    if (!/^SQLITE_(BUSY|LOCKED)/.test(String((error as { code?: unknown }).code))) throw error;
    throw new AppError(
      'conflict',
      'Another program has the database open: a command or a second server. Stop it and try again.',
      { reason: 'in-use' },
    );
  }
  await db.destroy();
}

/** Looking into a copy leaves an index and an empty journal beside it; a backup is one file. A journal that holds something stays. */
export async function dropEmptyJournal(file: string): Promise<void> {
  const journal = `${file}-wal`;
  if (existsSync(journal) && (await stat(journal)).size > 0) return;
  await rm(journal, { force: true });
  await rm(`${file}-shm`, { force: true });
}

/** As the lists have them: what belongs to an audit is counted with its campaign. */
export type Nouns = {
  senders: number;
  seeds: number;
  monitors: number;
  domains: number;
  campaigns: number;
  runs: number;
  probes: number;
};

/** Rows and bytes, counted one by one. */
export type Measured = Nouns & {
  /** Raw mails, of probes and of campaigns. */
  messages: number;
  messageBytes: number;
  /** Free pages inside the file: taken again before it grows. */
  freeBytes: number;
  oldestRunAt: number | null;
  oldestCampaignAt: number | null;
  newestRunAt: number | null;
};

export function measureDatabase(file: string): Measured {
  const handle = openHandle(file, { readonly: true });
  try {
    const one = <Value>(query: string): Value => handle.prepare(query).pluck().get() as Value;
    const count = (table: keyof Tables): number => one<number>(`SELECT count(*) FROM ${table}`);
    return {
      senders: count('senders'),
      seeds: count('seeds'),
      monitors: one<number>('SELECT count(*) FROM monitors WHERE audit_id IS NULL'),
      domains: count('domains'),
      campaigns: count('campaigns'),
      runs: one<number>('SELECT count(*) FROM runs WHERE audit_id IS NULL'),
      // By the index of their runs: to read the column itself would be to read all of them.
      probes:
        count('probes') -
        one<number>('SELECT count(*) FROM probes WHERE run_id IN (SELECT id FROM runs WHERE audit_id IS NOT NULL)'),
      messages: count('probe_messages') + count('campaign_messages'),
      messageBytes: one<number>(
        'SELECT (SELECT coalesce(sum(length(raw_gzip)), 0) FROM probe_messages) + (SELECT coalesce(sum(length(raw_gzip)), 0) FROM campaign_messages)',
      ),
      freeBytes:
        Number(handle.pragma('freelist_count', { simple: true })) *
        Number(handle.pragma('page_size', { simple: true })),
      oldestRunAt: one<number | null>('SELECT min(started_at) FROM runs WHERE audit_id IS NULL'),
      oldestCampaignAt: one<number | null>('SELECT min(created_at) FROM campaigns'),
      newestRunAt: one<number | null>('SELECT max(started_at) FROM runs WHERE audit_id IS NULL'),
    };
  } finally {
    handle.close();
  }
}

export function nounsOf({ senders, seeds, monitors, domains, campaigns, runs, probes }: Nouns): Nouns {
  return { senders, seeds, monitors, domains, campaigns, runs, probes };
}
