/** The process that worker.ts starts: takes one task, answers it, ends. */
import { constants, existsSync } from 'node:fs';
import { copyFile, open } from 'node:fs/promises';
import {
  checkDatabase,
  closeForGood,
  copyDatabase,
  dropEmptyJournal,
  lookInto,
  measureDatabase,
  nounsOf,
  openCopy,
} from '../../db/backups.ts';
import { removeInstances } from '../../db/instances.ts';
import { findPlan } from '../../db/monitors.ts';
import type { Database } from '../../db/open.ts';
import { stepProbe, waitingProbes } from '../../db/probes.ts';
import { AppError } from '../errors.ts';
import { afterRestore } from '../probe/life.ts';
import type { Answer, Prepared, Results, Task } from './worker.ts';

process.once('message', (task) => {
  void answer(task as Task);
});
// Whoever asked is gone: so is the reason for the work.
process.once('disconnect', () => process.exit(1));

async function answer(task: Task): Promise<void> {
  let said: Answer;
  try {
    said = { ok: true, result: await work(task) };
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown };
    said = {
      ok: false,
      code: String(code ?? 'unexpected'),
      message: String(message ?? error),
      detail: error instanceof AppError ? error.detail : null,
    };
  }
  process.send?.(said);
}

async function work(task: Task): Promise<Results[Task['do']]> {
  switch (task.do) {
    case 'copy':
      return copy(task.from, task.to);
    case 'prepare':
      return prepare(task.from, task.to, task.now);
    case 'check':
      return check(task.file);
    case 'measure':
      return measureDatabase(task.file);
  }
}

async function copy(from: string, to: string): Promise<Results['copy']> {
  copyDatabase(from, to);
  const bytes = checkDatabase(to);
  await settle(to);
  return { bytes };
}

async function check(file: string): Promise<Results['check']> {
  const { proof } = await lookInto(file);
  const bytes = checkDatabase(file);
  await dropEmptyJournal(file);
  return { bytes, proof };
}

async function prepare(from: string, to: string, now: number): Promise<Prepared> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  // The copy of a database that was in use: what stands in its journal belongs to it.
  if (existsSync(`${from}-wal`)) await copyFile(`${from}-wal`, `${to}-wal`);
  const { proof } = await lookInto(to);
  checkDatabase(to);
  const db = await openCopy(to);
  const unsent = await quieten(db, now);
  await closeForGood(db);
  await settle(to);
  const { newestRunAt, ...measured } = measureDatabase(to);
  const { bytes } = await lookInto(to);
  return { bytes, proof, counts: nounsOf(measured), newestRunAt, unsent };
}

/** Nobody runs on a copy, and what waited in it may have been handed over long ago: nothing is ever sent twice. */
async function quieten(db: Database, now: number): Promise<number> {
  await removeInstances(db);
  const waiting = await waitingProbes(db);
  for (const probe of waiting) {
    const plan = await findPlan(db, probe.monitor_id);
    const step = afterRestore(probe.queued_at, now, {
      lateAfterMs: plan?.late_after_ms ?? 0,
      missingAfterMs: plan?.missing_after_ms ?? 0,
      watchMs: plan?.watch_ms ?? 0,
    });
    await db.transaction().execute((tx) => stepProbe(tx, probe.id, ['queued', 'deferred'], step));
  }
  return waiting.length;
}

/** On the disk, past a power cut, and one file alone. */
async function settle(file: string): Promise<void> {
  await dropEmptyJournal(file);
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
