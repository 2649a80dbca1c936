/**
 * `todoku backup` and `todoku restore`. A backup is the database alone: the key that opens the stored passwords is kept apart from it on purpose, so that a
 * copy in the wrong hands shows none of them.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { listInstances } from '../../db/instances.ts';
import { backupDatabase, checkDatabase, openDatabase, openReadOnly } from '../../db/open.ts';
import { databaseFile } from '../config.ts';
import { AppError } from '../errors.ts';
import { checkVault, openVault } from '../vault.ts';
import { config, print, runningInstances, say } from './open.ts';

export async function backup(file: string): Promise<number> {
  const settings = config();
  const from = databaseFile(settings);
  if (!existsSync(from))
    throw new AppError('config', `There is no database in ${settings.dataDir}: nothing to back up.`);
  const target = resolve(file);
  const { bytes } = await backupDatabase(from, target);
  await dropEmptyJournal(target);
  print(target);
  say(
    `${(bytes / 1_000_000).toFixed(1)} MB, checked. Keep ${settings.secretKey === null ? 'secret.key of the data folder' : 'TODOKU_SECRET_KEY'} apart from it: without it the stored passwords cannot be opened.`,
  );
  return 0;
}

export async function restore(file: string): Promise<number> {
  const settings = config();
  const source = resolve(file);
  if (!existsSync(source)) throw new AppError('invalid', `${source} does not exist.`);
  checkDatabase(source);
  await dropEmptyJournal(source);
  const target = databaseFile(settings);
  if (source === target) throw new AppError('invalid', 'This is the database itself.');
  await requireStopped(target);

  await mkdir(dirname(target), { recursive: true });
  const incoming = `${target}.incoming`;
  await copyFile(source, incoming);
  checkDatabase(incoming);
  await dropEmptyJournal(incoming);
  const handle = await open(incoming, 'r+');
  await handle.sync();
  await handle.close();

  const aside = `${target}.before-restore-${new Date().toISOString().replace(/[:.]/g, '-')}`;
  const parts = ['', '-wal', '-shm'];
  for (const part of parts) if (existsSync(target + part)) await rename(target + part, aside + part);
  await rename(incoming, target);
  try {
    const db = await openDatabase(target);
    try {
      await checkVault(openVault(settings), db, Date.now());
    } finally {
      await db.destroy();
    }
  } catch (error) {
    for (const part of parts) {
      await rm(target + part, { force: true });
      if (existsSync(aside + part)) await rename(aside + part, target + part);
    }
    throw error;
  }
  print(target);
  say(existsSync(aside) ? `Restored. The database as it was is kept as ${aside}` : 'Restored.');
  return 0;
}

/** Looking into a copy leaves an index and an empty journal beside it; a backup is one file. A journal that holds something stays. */
async function dropEmptyJournal(file: string): Promise<void> {
  const journal = `${file}-wal`;
  if (existsSync(journal) && (await stat(journal)).size > 0) return;
  await rm(journal, { force: true });
  await rm(`${file}-shm`, { force: true });
}

/** @throws AppError `conflict` while a server runs on this database */
async function requireStopped(target: string): Promise<void> {
  if (!existsSync(target)) return;
  let running: { pid: number; host: string }[];
  try {
    const db = openReadOnly(target);
    try {
      running = runningInstances(await listInstances(db), Date.now());
    } finally {
      await db.destroy();
    }
  } catch (error) {
    // A damaged database is the very reason to restore one.
    say(
      `The present database cannot be read (${error instanceof Error ? error.message : String(error)}): it is put aside.`,
    );
    return;
  }
  const [first] = running;
  if (first)
    throw new AppError(
      'conflict',
      `A server runs on this database (process ${first.pid} on ${first.host}): stop it first.`,
    );
}
