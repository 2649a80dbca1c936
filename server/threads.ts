/**
 * Threads for what strangers wrote. A parser that is fast on honest mail may be made to work for minutes by a hostile one; in a thread of its own it
 * holds up nobody, and when its time is over the thread is ended and another takes its place. A thread is given no secret of ours, and no more memory
 * than it needs.
 */
import { availableParallelism } from 'node:os';
import pLimit from 'p-limit';
import { Piscina } from 'piscina';

export type Threads<Task, Answer> = {
  /**
   * Never rejects for what a task does: `timeout` is a task whose time was over, `crash` one that threw or took too much memory.
   * @param transfer memory of the task that is handed over instead of copied
   */
  run(task: Task, transfer?: ArrayBuffer[]): Promise<Done<Answer>>;
  /** Ends the threads; what is under way ends as a crash. */
  close(): Promise<void>;
};

export type Done<Answer> = { answer: Answer } | { failed: 'timeout' | 'crash'; error: Error };

export type ThreadOptions = {
  /** The file whose function does the work. */
  file: URL;
  /** The name of that function: it takes a task and answers. */
  name: string;
  /** Default: half the processors, at least one, at most four. */
  threads?: number | undefined;
  /** Wall clock of one task, from when its turn comes. */
  timeoutMs: number;
};

export function createThreads<Task, Answer>(options: ThreadOptions): Threads<Task, Answer> {
  const threads = options.threads ?? Math.min(4, Math.max(1, Math.floor(availableParallelism() / 2)));
  const pool = new Piscina<Task, Answer>({
    filename: options.file.href,
    name: options.name,
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: 30_000,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  });
  // Waiting for a free thread must not count against the clock, so the queue is here and not in the pool.
  const turn = pLimit(threads);
  let closed = false;

  async function work(task: Task, transfer: ArrayBuffer[]): Promise<Done<Answer>> {
    if (closed) return { failed: 'crash', error: new Error('the threads are closed') };
    const clock = new AbortController();
    const timer = setTimeout(() => clock.abort(), options.timeoutMs);
    try {
      return { answer: await pool.run(task, { signal: clock.signal, transferList: transfer }) };
    } catch (error) {
      // Aborting ends the thread and the pool starts another. Whatever else went wrong went wrong in this task.
      if (!(error instanceof Error)) throw error;
      return { failed: clock.signal.aborted ? 'timeout' : 'crash', error };
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    run: (task, transfer = []) => turn(() => work(task, transfer)),
    close: async () => {
      closed = true;
      await pool.destroy();
    },
  };
}
