/**
 * Makes previews beside the main thread, with a wall clock and a limit of memory: mail is written by strangers. Nothing is kept: who looks twice has it made
 * twice, from the message as it is stored.
 */
import pLimit from 'p-limit';
import { Piscina } from 'piscina';
import { noPreview, type Preview } from './types.ts';

const THREADS = 2;

export type Previews = {
  /**
   * @param gzip the raw message as it is stored
   * @returns always a preview, never rejects because of the mail: then it is empty and says why
   */
  make(gzip: Uint8Array): Promise<Preview>;
  /** Ends the threads. */
  close(): Promise<void>;
};

/** @param timeoutMs wall clock for one message, from when its turn comes */
export function createPreviews({ timeoutMs = 5_000 }: { timeoutMs?: number } = {}): Previews {
  let pool: Piscina | null = null;
  // Waiting for a free thread must not count against the clock, so the queue is here and not in the pool.
  const turn = pLimit(THREADS);
  let closed = false;

  const run = async (gzip: Uint8Array): Promise<Preview> => {
    if (closed) return noPreview('preview-failed');
    // Most programs are never asked: the pool is there from the first time on.
    pool ??= new Piscina({
      filename: new URL('./previews-worker.ts', import.meta.url).href,
      name: 'preview',
      minThreads: 0,
      maxThreads: THREADS,
      idleTimeout: 30_000,
      // The thread needs no secret of ours, and a hostile mail no more memory than this.
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: 256 },
    });
    const clock = new AbortController();
    const timer = setTimeout(() => clock.abort(), timeoutMs);
    try {
      return await pool.run(gzip, { signal: clock.signal, transferList: [gzip.buffer as ArrayBuffer] });
    } catch (error) {
      // Aborting ends the thread and the pool starts another. Whatever else went wrong went wrong in this mail.
      if (!(error instanceof Error)) throw error;
      return noPreview(clock.signal.aborted ? 'preview-timeout' : 'preview-failed');
    } finally {
      clearTimeout(timer);
    }
  };

  return {
    // A copy of its own is handed over: the caller's bytes may be a slice of a larger buffer.
    make: (gzip) => turn(() => run(Uint8Array.from(gzip))),
    close: async () => {
      closed = true;
      await pool?.destroy();
    },
  };
}
