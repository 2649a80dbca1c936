/**
 * Opens the one SQLite file that holds everything. All that is SQLite's own stands here, in backups.ts and in the migrations: pragmas, the version
 * check, copies of the whole file. Everything else speaks portable SQL through Kysely.
 */
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import Sqlite from 'better-sqlite3';
import { Kysely, type SqliteDatabase, SqliteDialect, sql, type Transaction } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { AppError } from '../server/errors.ts';
import type { Tables } from './schema.ts';

export type Database = Kysely<Tables>;
/** Either the database or a transaction on it: most queries take whichever the caller has. */
export type Queries = Database | Transaction<Tables>;

/** SQLite before this could lose commits when two connections reset the WAL at once (fixed in 3.51.3). */
const OLDEST_SAFE_SQLITE = [3, 51, 3];

/** How long a statement waits for another process's lock, in ms. The wait blocks this process, so it is short; callers try again. */
const BUSY_MS = 2_000;

const MIGRATIONS = fileURLToPath(new URL('./migrations/', import.meta.url));

/** Every change of the tables that this program knows, by name. */
export async function migrations(): Promise<Record<string, Migration>> {
  const found: Record<string, Migration> = {};
  for (const file of (await readdir(MIGRATIONS)).filter((name) => /^\d{4}_.+\.ts$/.test(name)).sort()) {
    found[file.slice(0, -3)] = (await import(new URL(`./migrations/${file}`, import.meta.url).href)) as Migration;
  }
  return found;
}

function assertSafeVersion(handle: Sqlite.Database): void {
  const version = String(handle.prepare('SELECT sqlite_version() AS v').pluck().get());
  const parts = version.split('.').map(Number);
  for (const [i, least] of OLDEST_SAFE_SQLITE.entries()) {
    const part = parts[i] ?? 0;
    if (part > least) return;
    if (part < least) throw new AppError('config', `SQLite ${version} is too old: 3.51.3 or newer is needed.`);
  }
}

export function openHandle(file: string, options: { readonly?: boolean } = {}): Sqlite.Database {
  const handle = new Sqlite(file, { timeout: BUSY_MS, readonly: options.readonly ?? false });
  if (!options.readonly) {
    handle.pragma('journal_mode = WAL');
    // A commit survives every death of the program; of the machine, only after the next checkpoint. `durably` is for what must survive that, too.
    handle.pragma('synchronous = NORMAL');
  }
  handle.pragma('foreign_keys = ON');
  return handle;
}

/**
 * Opens the database, makes it where it does not exist, and brings its tables up to date.
 * @param file path of the SQLite file, or `:memory:`
 * @param options checked: the file was read through a moment ago, so it is not read through again
 * @throws AppError `config` when the file is damaged, newer than this program, or cannot be opened
 */
export async function openDatabase(file: string, options: { checked?: boolean } = {}): Promise<Database> {
  if (file !== ':memory:') await mkdir(dirname(file), { recursive: true });
  const existed = file !== ':memory:' && existsSync(file);
  let handle: Sqlite.Database;
  try {
    handle = openHandle(file);
    assertSafeVersion(handle);
    if (existed && !options.checked) {
      const verdict = handle.pragma('quick_check(1)', { simple: true });
      if (verdict !== 'ok') throw new Error(String(verdict));
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    const code = (error as { code?: string }).code ?? '';
    if (code.startsWith('SQLITE_CANTOPEN') || code === 'EACCES')
      throw new AppError('config', `The database ${file} cannot be opened: check TODOKU_DATA_DIR and its permissions.`);
    throw new AppError(
      'config',
      `The database ${file} is damaged (${(error as Error).message}). Restore a backup: npm run -s todoku -- restore BACKUP`,
    );
  }
  const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: kept(handle) }) });
  await migrate(db);
  return db;
}

export async function sqliteVersion(db: Database): Promise<string> {
  const { rows } = await sql<{ version: string }>`SELECT sqlite_version() AS version`.execute(db);
  return rows[0]?.version ?? '';
}

/** Opens an existing database for reading only: exports and reports in a worker. */
export function openReadOnly(file: string): Database {
  return new Kysely<Tables>({ dialect: new SqliteDialect({ database: openHandle(file, { readonly: true }) }) });
}

/** Statements kept ready; the app has some two hundred, ad-hoc ones push the oldest out. */
const STATEMENTS_KEPT = 500;

/**
 * The handle as Kysely needs it, with two habits: a statement is prepared once and kept, and a transaction takes the write lock at its start,
 * because every transaction here writes and one that finds out late would fail instead of waiting.
 */
function kept(handle: Sqlite.Database): SqliteDatabase {
  const statements = new Map<string, Sqlite.Statement>();
  return {
    close: () => handle.close(),
    prepare(text) {
      const statement = statements.get(text) ?? handle.prepare(text === 'begin' ? 'begin immediate' : text);
      statements.delete(text);
      statements.set(text, statement);
      if (statements.size > STATEMENTS_KEPT) statements.delete(statements.keys().next().value as string);
      return statement as unknown as ReturnType<SqliteDatabase['prepare']>;
    },
  };
}

/**
 * A transaction that is on the disk, past a power cut, when this returns: the intent to send, without which a probe could be sent twice.
 */
export async function durably<T>(db: Database, work: (tx: Transaction<Tables>) => Promise<T>): Promise<T> {
  return db.connection().execute(async (connection) => {
    await sql`PRAGMA synchronous = FULL`.execute(connection);
    try {
      return await connection.transaction().execute(work);
    } finally {
      await sql`PRAGMA synchronous = NORMAL`.execute(connection);
    }
  });
}

async function migrate(db: Database): Promise<void> {
  const known = await migrations();
  // Numbers may have gaps, and a database may have run a later one first: each stands on its own tables.
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => known },
    allowUnorderedMigrations: true,
  });
  const { error } = await migrator.migrateToLatest();
  if (!error) return;
  await db.destroy();
  const text = error instanceof Error ? error.message : String(error);
  if (text.includes('corrupted migrations'))
    throw new AppError(
      'config',
      'The database was written by a newer Todoku. Start that version, or restore an older backup.',
    );
  throw new AppError('config', `The database could not be brought up to date: ${text}`);
}
