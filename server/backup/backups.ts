/**
 * Backups while the program runs: made, listed, taken in, removed, put in place. One piece of such work at a time; whoever asks meanwhile is told so. A backup is the
 * database alone: the key that opens the stored passwords is kept apart from it on purpose, so that a copy in the wrong hands shows none of them.
 */
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { closeForGood, type Measured, nounsOf } from '../../db/backups.ts';
import { readDoor } from '../../db/door.ts';
import { openDatabase } from '../../db/open.ts';
import { countRunsSince } from '../../db/runs.ts';
import { readSetting, settingWrittenAt } from '../../db/settings.ts';
import type { App } from '../app.ts';
import { databaseFile } from '../config.ts';
import { AppError } from '../errors.ts';
import {
  type BackupFile,
  backupsFolder,
  freeBytes,
  freeName,
  listBackups,
  makeFolder,
  partialIn,
  pathOf,
  removeFile,
  requireSpace,
  roomIn,
  sizeOf,
  sweep,
  wholeOrNothing,
} from './folder.ts';
import { backupSettingOf, dailyIsDue, tooMany } from './names.ts';
import { hangDoorIn, prepare, putInPlace, type Restored, requireKey } from './restore.ts';
import { writeDown } from './upload.ts';
import { diskFull, inWorker } from './worker.ts';

/** Counting rows and bytes reads the whole file: not more often than this. */
const MEASURE_MS = 60_000;
/** After a backup that failed, the next daily one is not tried sooner. */
const RETRY_MS = 3_600_000;

export type Work = { what: 'backup' | 'upload' | 'restore'; startedAt: number; bytes: number; ofBytes: number };
type UnderWay = Omit<Work, 'bytes'> & { partial: string | null };
/** Why the last backup failed; `reason` is a word of server/words, kind `backups`. */
export type BackupFailure = { at: number; reason: string; evidence: Record<string, unknown> };

export type Backups = {
  list: () => Promise<BackupFile[]>;
  state: () => Promise<{ work: Work | null; failure: BackupFailure | null }>;
  /** @throws AppError `busy`, `conflict` with `detail.reason` */
  make: (kind: 'manual' | 'daily') => Promise<BackupFile>;
  /** Makes the daily backup if it is time, and removes those that are more than should be kept. Never throws. */
  keepDaily: () => Promise<void>;
  /** Takes in a backup from elsewhere as it comes, and checks it. @param length as announced, or null */
  receive: (body: Readable, length: number | null) => Promise<BackupFile>;
  /** Where the file of a backup lies. @throws AppError `not-found` */
  find: (name: string) => Promise<{ folder: string; name: string }>;
  remove: (name: string) => Promise<void>;
  /** @throws AppError with `detail.reason`; the present database then goes on */
  restore: (name: string, options: { dryRun: boolean }) => Promise<Restored>;
  /** Rows and bytes of the database, at most a minute old. */
  measure: () => Promise<Measured>;
  /** Bytes of the database and its journal, and what is free on their disk. */
  space: () => Promise<{ sizes: { bytes: number; walBytes: number }; disk: number }>;
  /** Ends what is under way, and leaves nothing half made. */
  close: () => Promise<void>;
};

export function createBackups(
  app: Pick<App, 'config' | 'db' | 'vault' | 'log' | 'now' | 'announce' | 'exchange'>,
): Backups {
  const { dataDir } = app.config;
  const folder = backupsFolder(dataDir);
  const live = databaseFile(app.config);
  const stop = new AbortController();
  let work: UnderWay | null = null;
  let doing: Promise<unknown> = Promise.resolve();
  let failure: BackupFailure | null = null;
  let swept = false;
  let measured: { at: number; value: Promise<Measured>; cut: AbortController } | null = null;

  /** One at a time. */
  async function alone<Result>(
    what: Work['what'],
    ofBytes: number,
    act: (mark: (partial: string) => void) => Promise<Result>,
  ): Promise<Result> {
    if (stop.signal.aborted) throw new AppError('busy', 'The server is being stopped.', { reason: 'stopped' });
    if (work !== null)
      throw new AppError('conflict', 'A backup or restore is under way: wait until it is done.', { reason: 'busy' });
    const own: UnderWay = { what, startedAt: app.now(), ofBytes, partial: null };
    work = own;
    app.announce({ topic: 'backup', id: what });
    const done = (async () => {
      await makeFolder(folder);
      await sweepOnce();
      return act((partial) => {
        own.partial = partial;
      });
    })();
    doing = done.catch(() => null);
    try {
      return await done;
    } finally {
      work = null;
      app.announce({ topic: 'backup', id: what });
    }
  }

  /** What a program that was killed left half made. */
  async function sweepOnce(): Promise<void> {
    if (swept) return;
    swept = true;
    await sweep(folder, app.now());
    await sweep(dataDir, app.now());
  }

  async function present(name: string): Promise<BackupFile> {
    const found = (await listBackups(folder, live)).find((one) => one.name === name);
    if (!found) throw new AppError('not-found', 'There is no such backup.');
    return found;
  }

  async function make(kind: 'manual' | 'daily'): Promise<BackupFile> {
    const size = await sizeOf(live);
    try {
      const made = await alone('backup', size, async (mark) => {
        await requireSpace(folder, size);
        const { name } = await wholeOrNothing(
          folder,
          (partial) => {
            mark(partial);
            return inWorker({ do: 'copy', from: live, to: partial }, stop.signal);
          },
          () => freeName(folder, kind, app.now()),
        );
        return present(name);
      });
      failure = null;
      return made;
    } catch (error) {
      note(error);
      throw error;
    }
  }

  /** Keeps in mind why there is no backup, and says whether that is news of backups at all: somebody else may be at it, or the end have come. */
  function note(error: unknown): boolean {
    const now = failureOf(error, app.now());
    if (now.reason === 'busy' || now.reason === 'stopped') return false;
    failure = now;
    return true;
  }

  async function prune(keep: number): Promise<void> {
    const names = (await listBackups(folder, live)).map((one) => one.name);
    for (const name of tooMany(names, keep)) await removeFile(join(folder, name));
  }

  async function keepDaily(): Promise<void> {
    const setting = backupSettingOf(await readSetting(app.db, 'backups'));
    const now = app.now();
    const latest = (await listBackups(folder, live)).find((one) => one.kind === 'daily')?.at ?? null;
    const installedAt = (await settingWrittenAt(app.db, 'vault-check')) ?? now;
    const wait = failure !== null && Math.abs(now - failure.at) < RETRY_MS;
    if (!setting.daily || wait || work !== null || !dailyIsDue(latest, installedAt, now)) return;
    const made = await make('daily');
    app.log.info({ backup: made.name, bytes: made.bytes }, 'daily backup made');
    await prune(setting.keep);
  }

  async function restore(name: string, { dryRun }: { dryRun: boolean }): Promise<Restored> {
    const backup = await pathOf(folder, name);
    const { at } = await present(name);
    return alone('restore', await sizeOf(backup), async (mark) => {
      const incoming = partialIn(dataDir);
      mark(incoming);
      try {
        const prepared = await prepare(app.vault, backup, incoming, { now: app.now(), signal: stop.signal });
        const before = await measure();
        const restored: Restored = {
          done: false,
          at,
          backup: { ...prepared.counts, newestRunAt: prepared.newestRunAt },
          present: { ...nounsOf(before), newestRunAt: before.newestRunAt },
          lostRuns: await countRunsSince(app.db, prepared.newestRunAt ?? 0),
          unsent: prepared.unsent,
          keptAs: null,
        };
        if (dryRun) return restored;
        const keptAs = await exchange(incoming);
        app.log.warn({ backup: name, keptAs }, 'a backup was put in place of the database');
        return { ...restored, done: true, keptAs };
      } finally {
        await removeFile(incoming);
      }
    });
  }

  async function exchange(incoming: string): Promise<string> {
    // Whoever counts has the file open, and it must be ours alone now.
    measured?.cut.abort();
    await measured?.value.catch(() => null);
    measured = null;
    let keptAs = '';
    await app.exchange(async (db) => {
      await hangDoorIn(incoming, await readDoor(db), app.now());
      await closeForGood(db);
      try {
        const placed = await putInPlace(live, incoming, app.now());
        keptAs = placed.keptAs ?? '';
        return { db: placed.db, failure: null };
      } catch (error) {
        return { db: await openDatabase(live, { checked: true }), failure: error };
      }
    });
    app.announce({ topic: 'restore', id: keptAs });
    return keptAs;
  }

  function measure(): Promise<Measured> {
    const now = app.now();
    if (measured === null || Math.abs(now - measured.at) >= MEASURE_MS) {
      const cut = new AbortController();
      const value = inWorker({ do: 'measure', file: live }, AbortSignal.any([stop.signal, cut.signal]));
      const own = { at: now, value, cut };
      measured = own;
      value.catch(() => {
        if (measured === own) measured = null;
      });
    }
    return measured.value;
  }

  return {
    list: () => listBackups(folder, live),
    async state() {
      const under = work as UnderWay | null;
      if (under === null) return { work: null, failure };
      const { partial, ...rest } = under;
      return { work: { ...rest, bytes: partial === null ? 0 : await sizeOf(partial) }, failure };
    },
    make,
    async keepDaily() {
      try {
        await keepDaily();
      } catch (error) {
        if (note(error)) app.log.error({ err: error }, 'the daily backup could not be made');
      }
    },
    receive: (body, length) =>
      alone('upload', length ?? 0, async (mark) => {
        const room = await roomIn(folder);
        if (length !== null && length > room) throw diskFull({ needBytes: length, freeBytes: await freeBytes(folder) });
        const { name } = await wholeOrNothing(
          folder,
          async (partial) => {
            mark(partial);
            await writeDown(body, partial, room);
            const { proof } = await inWorker({ do: 'check', file: partial }, stop.signal);
            requireKey(app.vault, proof);
          },
          () => freeName(folder, 'uploaded', app.now()),
        );
        return present(name);
      }),
    async find(name) {
      await pathOf(folder, name);
      return { folder, name };
    },
    async remove(name) {
      await removeFile(await pathOf(folder, name));
      app.announce({ topic: 'backup', id: name });
    },
    restore,
    measure,
    async space() {
      const whole = await sizeOf(live);
      const walBytes = await sizeOf(`${live}-wal`);
      return { sizes: { bytes: whole - walBytes, walBytes }, disk: await freeBytes(dataDir) };
    },
    async close() {
      stop.abort();
      await Promise.all([doing, measured?.value.catch(() => null)]);
    },
  };
}

function failureOf(error: unknown, at: number): BackupFailure {
  const { reason, ...evidence } = error instanceof AppError ? error.detail : {};
  return { at, reason: typeof reason === 'string' ? reason : 'failed', evidence };
}
