/** The backups folder in the data folder: what lies there, and how a file gets there whole or not at all. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, copyFile, link, mkdir, open, readdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../errors.ts';
import { BACKUP_NAME, type BackupKind, backupName, readName } from './names.ts';
import { diskFull } from './worker.ts';

export type BackupFile = { name: string; kind: BackupKind; at: number; bytes: number };

/** What SQLite may leave beside a file. */
const PARTS = ['', '-wal', '-shm', '-journal'];
/** Left free on the disk: results must find room when a backup has taken what it needs. */
const RESERVE_BYTES = 16_000_000;
const PARTIAL = '.partial-';
const DAY_MS = 86_400_000;

export function backupsFolder(dataDir: string): string {
  return join(dataDir, 'backups');
}

/** Newest first. @param live the database in use: were it linked here by a restore that was cut off, it would be no backup */
export async function listBackups(folder: string, live: string): Promise<BackupFile[]> {
  const present = await statOrNull(live);
  const found: BackupFile[] = [];
  for (const entry of await entriesOf(folder)) {
    const read = entry.isFile() ? readName(entry.name) : null;
    if (!read) continue;
    const facts = await statOrNull(join(folder, entry.name));
    if (!facts || (facts.ino === present?.ino && facts.dev === present.dev)) continue;
    found.push({ name: entry.name, kind: read.kind, at: read.at ?? Math.round(facts.mtimeMs), bytes: facts.size });
  }
  return found.sort((a, b) => b.at - a.at || (a.name < b.name ? 1 : -1));
}

async function entriesOf(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return [];
    throw error;
  }
}

async function statOrNull(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return null;
    throw error;
  }
}

/** Bytes of a database with its journal. */
export async function sizeOf(file: string): Promise<number> {
  const sizes = await Promise.all(['', '-wal'].map(async (part) => (await statOrNull(file + part))?.size ?? 0));
  return sizes.reduce((sum, size) => sum + size, 0);
}

export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** @throws AppError `busy` with `detail.reason` `disk-full` */
export async function requireSpace(folder: string, needBytes: number): Promise<void> {
  const free = await freeBytes(folder);
  if (free < needBytes + RESERVE_BYTES) throw diskFull({ needBytes: needBytes + RESERVE_BYTES, freeBytes: free });
}

/** How many bytes may still be written there. */
export async function roomIn(folder: string): Promise<number> {
  return Math.max(0, (await freeBytes(folder)) - RESERVE_BYTES);
}

/** Mail and accounts are nobody else's business on a shared machine. */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

/**
 * Gives `write` an empty file under a name that no list shows; what it made of it gets its real name only when it is done, and is gone when it failed.
 * @returns what `write` returned, and the new file's name
 */
export async function wholeOrNothing<Result>(
  folder: string,
  write: (partial: string) => Promise<Result>,
  nameIt: () => Promise<string>,
): Promise<{ result: Result; name: string }> {
  const partial = partialIn(folder);
  try {
    await writeFile(partial, '', { flag: 'wx', mode: 0o600 });
    const result = await write(partial);
    const name = await nameIt();
    await rename(partial, join(folder, name));
    await syncFolder(folder);
    return { result, name };
  } finally {
    await removeFile(partial);
  }
}

/** A name of this process alone, which `sweep` knows to be half made. */
export function partialIn(folder: string): string {
  return join(folder, `${PARTIAL}${process.pid}-${randomBytes(6).toString('hex')}`);
}

/** Two in one second get two names. */
export async function freeName(folder: string, kind: Exclude<BackupKind, 'other'>, now: number): Promise<string> {
  for (let at = now; ; at += 1_000) {
    const name = backupName(kind, at);
    if (!(await statOrNull(join(folder, name)))) return name;
  }
}

export async function removeFile(file: string): Promise<void> {
  for (const part of PARTS) await rm(file + part, { force: true });
}

/** Removes what processes that are gone left half made. Call it while this one makes nothing. */
export async function sweep(folder: string, now: number): Promise<void> {
  for (const { name } of await entriesOf(folder)) {
    if (!name.startsWith(PARTIAL)) continue;
    const pid = Number.parseInt(name.slice(PARTIAL.length), 10);
    const facts = await statOrNull(join(folder, name));
    const old = facts !== null && now - facts.mtimeMs > DAY_MS;
    if (old || pid === process.pid || !lives(pid)) await rm(join(folder, name), { force: true });
  }
}

function lives(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code !== 'ESRCH';
  }
}

/** @throws AppError `not-found` */
export async function pathOf(folder: string, name: string): Promise<string> {
  const entry = BACKUP_NAME.test(name) ? (await entriesOf(folder)).find((one) => one.name === name) : undefined;
  if (!entry?.isFile()) throw new AppError('not-found', 'There is no such backup.');
  return join(folder, name);
}

/** Gives a file a second name; there is no instant at which it has none. Where the disk knows no second names, a copy. */
export async function linkOrCopy(file: string, second: string): Promise<void> {
  try {
    await link(file, second);
  } catch (error) {
    const { code = '' } = error as { code?: string };
    if (!['EPERM', 'EXDEV', 'ENOTSUP', 'ENOSYS', 'EMLINK'].includes(code)) throw error;
    await copyFile(file, second, constants.COPYFILE_EXCL);
    const handle = await open(second, 'r+');
    await handle.sync();
    await handle.close();
  }
}

/** The names in a folder, on the disk past a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Can this file be read at all? @throws AppError `invalid` */
export async function requireReadable(file: string): Promise<void> {
  try {
    await access(file, constants.R_OK);
  } catch (error) {
    const { code = '' } = error as { code?: string };
    throw new AppError('invalid', code === 'ENOENT' ? `${file} does not exist.` : `${file} cannot be read: ${code}.`);
  }
}
