/** Backups over the API. What shows or destroys all there is needs a signed-in browser; making one may be left to a script. */
import type { App } from '../app.ts';
import type { BackupFile } from '../backup/folder.ts';
import type { Restored } from '../backup/restore.ts';
import { AppError } from '../errors.ts';
import {
  BACKUP_REASONS,
  type BackupJson,
  backupJson,
  backupParams,
  backupsJson,
  newBackupJson,
  type RestoreJson,
  restoreInput,
  restoreJson,
} from './json/backups.ts';
import { iso, isoOrNull } from './json/basics.ts';
import { route } from './route.ts';

/** Registered with IANA for SQLite files. */
const SQLITE = 'application/vnd.sqlite3';
/** A small backup is there with the answer; a large one is made while the caller goes on. */
const WAIT_MS = 15_000;

export const backupRoutes = [
  route({
    method: 'get',
    path: '/api/backups',
    summary: 'Backups, newest first; what is under way; why the last one failed',
    reply: backupsJson,
    long: true,
    handler: async (app) => {
      const { work, failure } = await app.backups.state();
      return {
        items: (await app.backups.list()).map(presentBackup),
        work: work && { ...work, startedAt: iso(work.startedAt) },
        failure: failure && {
          at: iso(failure.at),
          reason: BACKUP_REASONS.find((reason) => reason === failure.reason) ?? 'failed',
          evidence: failure.evidence,
        },
        nextCursor: null,
      };
    },
  }),
  route({
    method: 'post',
    path: '/api/backups',
    summary: 'Make a backup and read it through; 202 when that takes longer than the answer waits',
    reply: newBackupJson,
    status: 201,
    long: true,
    handler: async (app, _input, { response }) => {
      const backup = await within(app, app.backups.make('manual'));
      if (backup === null) response.status(202);
      return { backup: backup && presentBackup(backup) };
    },
  }),
  route({
    method: 'post',
    path: '/api/backups/uploads',
    summary: 'Take in a backup from elsewhere, as it is: it is checked in full, and put nowhere yet',
    access: 'session',
    takesFile: SQLITE,
    reply: backupJson,
    status: 201,
    long: true,
    handler: async (app, _input, { request }) => {
      if (!request.is([SQLITE, 'application/x-sqlite3', 'application/octet-stream']))
        throw new AppError('invalid', `Send the file itself with Content-Type: ${SQLITE}.`);
      const length = request.headers['content-length'];
      return presentBackup(await app.backups.receive(request, length === undefined ? null : Number(length)));
    },
  }),
  route({
    method: 'get',
    path: '/api/backups/:name',
    summary: 'Download a backup',
    access: 'session',
    params: backupParams,
    file: SQLITE,
    long: true,
    handler: async (app, { params }) => app.backups.find(params.name),
  }),
  route({
    method: 'delete',
    path: '/api/backups/:name',
    summary: 'Delete a backup',
    access: 'session',
    params: backupParams,
    long: true,
    handler: async (app, { params }) => {
      await app.backups.remove(params.name);
      return undefined;
    },
  }),
  route({
    method: 'post',
    path: '/api/restores',
    summary:
      'Put a backup in place of all there is, or with dryRun say what that would destroy; password and keys stay',
    access: 'session',
    body: restoreInput,
    reply: restoreJson,
    long: true,
    handler: async (app, { body }) =>
      presentRestore(body.name, await app.backups.restore(body.name, { dryRun: body.dryRun })),
  }),
];

/** Null when it is not there in time; should it fail later, the log says why. */
async function within(app: App, making: Promise<BackupFile>): Promise<BackupFile | null> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), WAIT_MS);
  });
  try {
    const backup = await Promise.race([making, patience]);
    if (backup === null)
      making.catch((error: unknown) => app.log.error({ err: error }, 'the backup could not be made'));
    return backup;
  } finally {
    clearTimeout(timer);
  }
}

function presentBackup({ name, kind, at, bytes }: BackupFile): BackupJson {
  return { name, kind, at: iso(at), bytes };
}

function presentRestore(name: string, { at, backup, present, ...rest }: Restored): RestoreJson {
  return {
    name,
    at: iso(at),
    ...rest,
    backup: { ...backup, newestRunAt: isoOrNull(backup.newestRunAt) },
    present: { ...present, newestRunAt: isoOrNull(present.newestRunAt) },
  };
}
