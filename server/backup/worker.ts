/**
 * Work on whole database files, done by a process of its own (work.ts): it takes minutes for large ones, it can be ended at any moment, and a file from
 * elsewhere that breaks its reader breaks nothing else.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Measured, Nouns } from '../../db/backups.ts';
import { AppError, type ErrorCode } from '../errors.ts';

/** A copy that could take the place of the database. */
export type Prepared = {
  bytes: number;
  proof: unknown;
  counts: Nouns;
  newestRunAt: number | null;
  /** Probes that waited to be sent when the backup was made: they are looked for, never sent. */
  unsent: number;
};

export type Task =
  /** Copies the database in use and reads the copy through. */
  | { do: 'copy'; from: string; to: string }
  /** Copies a backup, checks the copy and brings it up to date. */
  | { do: 'prepare'; from: string; to: string; now: number }
  /** Reads a file through where it lies. */
  | { do: 'check'; file: string }
  | { do: 'measure'; file: string };
export type Results = {
  copy: { bytes: number };
  prepare: Prepared;
  check: { bytes: number; proof: unknown };
  measure: Measured;
};

export type Answer =
  | { ok: true; result: unknown }
  | { ok: false; code: string; message: string; detail: Record<string, unknown> | null };

/**
 * @param signal ends the process at once; what it had begun to write is the caller's to remove
 * @throws AppError as the work says; `busy` with `detail.reason` `disk-full` or `stopped`
 */
export async function inWorker<T extends Task>(task: T, signal: AbortSignal): Promise<Results[T['do']]> {
  // Nothing of our environment: it holds the key, and the work needs no setting.
  const child = fork(fileURLToPath(new URL('./work.ts', import.meta.url)), [], {
    execArgv: [],
    env: {},
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', kill, { once: true });
  if (signal.aborted) kill();
  try {
    const answer = await answerOf(child, task);
    if (answer.ok) return answer.result as Results[T['do']];
    throw errorOf(answer);
  } catch (error) {
    if (signal.aborted) throw new AppError('busy', 'The server is being stopped.', { reason: 'stopped' });
    throw error;
  } finally {
    signal.removeEventListener('abort', kill);
    child.kill('SIGKILL');
  }
}

function answerOf(child: ChildProcess, task: Task): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let complaint = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      complaint = `${complaint}${chunk}`.slice(-2_000);
    });
    child.once('message', (answer) => resolve(answer as Answer));
    child.on('error', reject);
    child.once('exit', (code, signal) =>
      reject(new Error(`the work on a database file ended (${signal ?? code}) ${complaint}`.trim())),
    );
    child.send(task);
  });
}

function errorOf({ code, message, detail }: Extract<Answer, { ok: false }>): Error {
  if (detail !== null) return new AppError(code as ErrorCode, message, detail);
  if (code === 'SQLITE_FULL' || code === 'ENOSPC') return diskFull();
  return Object.assign(new Error(message), { code });
}

/** Rounded so that what is said to be enough is: what is needed up, what is free down. */
export function diskFull(facts?: { needBytes: number; freeBytes: number }): AppError {
  return new AppError('busy', 'There is not enough space on the disk.', {
    reason: 'disk-full',
    ...(facts ? { ...facts, needMb: Math.ceil(facts.needBytes / 1e6), freeMb: Math.floor(facts.freeBytes / 1e6) } : {}),
  });
}
