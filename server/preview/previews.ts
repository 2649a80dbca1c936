/**
 * Makes previews beside the main thread, with a wall clock and a limit of memory: mail is written by strangers. Nothing is kept: who looks twice has it made
 * twice, from the message as it is stored.
 */
import { createThreads, type Threads } from '../threads.ts';
import { noPreview, type Preview } from './types.ts';

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
  // Most programs, and all commands, are never asked: the threads are there from the first time on.
  let threads: Threads<Uint8Array, Preview> | null = null;
  return {
    make: async (gzip) => {
      threads ??= createThreads({ file: new URL('./previews-worker.ts', import.meta.url), name: 'preview', timeoutMs });
      // A copy of its own is handed over: the caller's bytes may be a slice of a larger buffer.
      const bytes = Uint8Array.from(gzip);
      const done = await threads.run(bytes, [bytes.buffer]);
      if ('answer' in done) return done.answer;
      return noPreview(done.failed === 'timeout' ? 'preview-timeout' : 'preview-failed');
    },
    close: async () => threads?.close(),
  };
}
