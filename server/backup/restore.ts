/**
 * Puts a backup in place of the database. Everything that can go wrong goes wrong on a copy: only a file that was read through, brought up to date and
 * found to fit our key comes near the database, by one rename. What was there before is kept among the backups.
 */
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { closeForGood, type Nouns } from '../../db/backups.ts';
import { type Door, hangDoor, voidOldKeys } from '../../db/door.ts';
import { type Database, openDatabase } from '../../db/open.ts';
import { AppError } from '../errors.ts';
import { keyFits, type Vault } from '../vault.ts';
import {
  backupsFolder,
  freeName,
  linkOrCopy,
  makeFolder,
  removeFile,
  requireSpace,
  sizeOf,
  syncFolder,
} from './folder.ts';
import { inWorker, type Prepared } from './worker.ts';

export type Restored = {
  /** False: only looked at. */
  done: boolean;
  at: number;
  backup: Nouns & { newestRunAt: number | null };
  present: Nouns & { newestRunAt: number | null };
  /** Runs of the present database that began after the last one in the backup. */
  lostRuns: number;
  /** Probes that waited to be sent when the backup was made: they are looked for, never sent again. */
  unsent: number;
  /** The backup that holds what was there before. */
  keptAs: string | null;
};

/**
 * Copies a backup to `incoming`, checks every part of it and brings it up to date. The backup itself is not touched.
 * @throws AppError `invalid`, `conflict`, `busy`, each with `detail.reason`
 */
export async function prepare(
  vault: Vault,
  backup: string,
  incoming: string,
  options: { now: number; signal: AbortSignal },
): Promise<Prepared> {
  await requireSpace(dirname(incoming), await sizeOf(backup));
  const prepared = await inWorker({ do: 'prepare', from: backup, to: incoming, now: options.now }, options.signal);
  requireKey(vault, prepared.proof);
  return prepared;
}

/** @throws AppError `conflict` */
export function requireKey(vault: Vault, proof: unknown): void {
  if (keyFits(vault, proof)) return;
  const wanted = String(proof).split('.')[1] ?? 'unknown';
  throw new AppError(
    'conflict',
    `This backup was sealed with another key (key id ${wanted}, not ${vault.keyId}): set TODOKU_SECRET_KEY or put secret.key back as it was then.`,
    { reason: 'wrong-key', wanted, present: vault.keyId },
  );
}

/** Hangs the door of the present database into the one to come; null: there is none, and keys that may have been withdrawn since are void. */
export async function hangDoorIn(incoming: string, door: Door | null, now: number): Promise<void> {
  const db = await openDatabase(incoming, { checked: true });
  try {
    await (door === null ? voidOldKeys(db, now) : hangDoor(db, door, now));
    await closeForGood(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

/**
 * The moment itself. `target` must be closed, by `closeForGood` or because nobody has it open.
 * @returns the open database and the name under which the one before, if any, is kept among the backups
 * @throws whatever went wrong; `target` is then what it was, and closed
 */
export async function putInPlace(
  target: string,
  incoming: string,
  now: number,
): Promise<{ db: Database; keptAs: string | null }> {
  const folder = backupsFolder(dirname(target));
  await makeFolder(folder);
  const keptAs = existsSync(target) ? await freeName(folder, 'before-restore', now) : null;
  const aside = keptAs === null ? null : join(folder, keptAs);
  // First a second name, then the rename over the first: at no instant is there no database.
  if (aside !== null) await linkOrCopy(target, aside);
  await syncFolder(folder);
  let renamed = false;
  try {
    await rename(incoming, target);
    renamed = true;
    await syncFolder(dirname(target));
    return { db: await openDatabase(target, { checked: true }), keptAs };
  } catch (error) {
    if (renamed) {
      for (const part of ['-wal', '-shm']) await rm(target + part, { force: true });
      if (aside === null) await rm(target, { force: true });
      else {
        // By a third name, so that the name itself is never without a file.
        await linkOrCopy(aside, incoming);
        await rename(incoming, target);
      }
    }
    if (aside !== null) await removeFile(aside);
    throw error;
  }
}
