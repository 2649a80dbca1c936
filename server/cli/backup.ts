/**
 * `todoku backup` and `todoku restore`, by the same functions as over the API. A backup is the database alone: the key that opens the stored passwords is kept apart
 * from it on purpose, so that a copy in the wrong hands shows none of them.
 */
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { closeForGood } from '../../db/backups.ts';
import { type Door, readDoor } from '../../db/door.ts';
import { listInstances } from '../../db/instances.ts';
import { openDatabase, openReadOnly } from '../../db/open.ts';
import { backupsFolder, makeFolder, partialIn, removeFile, requireReadable, wholeOrNothing } from '../backup/folder.ts';
import { hangDoorIn, prepare, putInPlace } from '../backup/restore.ts';
import { inWorker } from '../backup/worker.ts';
import { databaseFile } from '../config.ts';
import { AppError } from '../errors.ts';
import { openVault } from '../vault.ts';
import { config, print, runningInstances, say } from './open.ts';

export async function backup(file: string): Promise<number> {
  const settings = config();
  const from = databaseFile(settings);
  if (!existsSync(from))
    throw new AppError('config', `There is no database in ${settings.dataDir}: nothing to back up.`);
  const target = resolve(file);
  if (existsSync(target)) throw new AppError('invalid', `${target} exists already: choose another file name.`);
  if (!existsSync(dirname(target))) throw new AppError('invalid', `There is no folder ${dirname(target)}.`);
  const { result } = await wholeOrNothing(
    dirname(target),
    (partial) => inWorker({ do: 'copy', from, to: partial }, new AbortController().signal),
    async () => basename(target),
  ).catch((error: { code?: string }) => {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code ?? '')) throw error;
    throw new AppError('invalid', `The backup cannot be written to ${target}: ${error.code}.`);
  });
  print(target);
  say(
    `${(result.bytes / 1_000_000).toFixed(1)} MB, checked. Keep ${settings.secretKey === null ? 'secret.key of the data folder' : 'TODOKU_SECRET_KEY'} apart from it: without it the stored passwords cannot be opened.`,
  );
  return 0;
}

export async function restore(file: string): Promise<number> {
  const settings = config();
  const source = resolve(file);
  const target = databaseFile(settings);
  await requireReadable(source);
  if (source === target) throw new AppError('invalid', 'This is the database itself.');
  await requireStopped(target);

  await makeFolder(settings.dataDir);
  const incoming = partialIn(settings.dataDir);
  const now = Date.now();
  try {
    const prepared = await prepare(openVault(settings), source, incoming, {
      now,
      signal: new AbortController().signal,
    });
    const present = await takeDoor(target, now);
    await hangDoorIn(incoming, present.door, now);
    try {
      const { db, keptAs } = await putInPlace(target, incoming, now);
      await db.destroy();
      print(target);
      say(
        keptAs === null
          ? 'Restored.'
          : `Restored. The database as it was is kept as ${join(backupsFolder(settings.dataDir), keptAs)}`,
      );
      if (present.aside !== null) say(`The damaged database is kept as ${present.aside}`);
      if (prepared.unsent > 0)
        say(
          `${prepared.unsent} probes waited to be sent when the backup was made: they are looked for, not sent again.`,
        );
    } catch (error) {
      if (present.aside !== null) await moveAside(present.aside, target);
      throw error;
    }
  } finally {
    await removeFile(incoming);
  }
  return 0;
}

/**
 * Password, tokens and limits of the present database, which is closed afterwards. One that cannot be opened is the very reason to restore a
 * backup: it is put aside with its journal.
 */
async function takeDoor(target: string, now: number): Promise<{ door: Door | null; aside: string | null }> {
  if (!existsSync(target)) return { door: null, aside: null };
  try {
    const db = await openDatabase(target);
    const door = await readDoor(db);
    await closeForGood(db);
    return { door, aside: null };
  } catch (error) {
    if (error instanceof AppError && error.code === 'conflict') throw error;
    say(`The present database cannot be read (${error instanceof Error ? error.message : String(error)}).`);
    const aside = `${target}.damaged-${new Date(now).toISOString().replace(/[:.]/g, '-')}`;
    await moveAside(target, aside);
    return { door: null, aside };
  }
}

async function moveAside(from: string, to: string): Promise<void> {
  for (const part of ['', '-wal', '-shm']) if (existsSync(from + part)) await rename(from + part, to + part);
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
