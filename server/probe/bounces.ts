/**
 * Reads what came back into a sender's own mailbox. Anybody can write there, so a report is read in a thread with a wall clock, and what cannot be read is
 * no bounce: never a reason to stop reading the mailbox.
 */
import { createThreads } from '../threads.ts';
import type { Bounce } from './bounce.ts';

/** The facts stand before the quoted mail, which may be of any size; the time that a hostile report takes grows with the square of this. */
const READ_BYTES = 128 * 1024;
const READ_WITHIN_MS = 8_000;

export type BounceReader = {
  /**
   * @param raw the report as it lies in the folder; it is read as far as its facts may stand
   * @returns always, never rejects: `bounce` is null for what is none; `unread` says why it could not be told
   */
  read(raw: Buffer): Promise<{ bounce: Bounce | null; unread: 'timeout' | 'crash' | null }>;
  close(): Promise<void>;
};

/** @param timeoutMs wall clock of one report */
export function createBounceReader({ timeoutMs = READ_WITHIN_MS }: { timeoutMs?: number } = {}): BounceReader {
  const file = new URL('./bounce-worker.ts', import.meta.url);
  const threads = createThreads<Uint8Array, Bounce | null>({ file, name: 'readReport', threads: 1, timeoutMs });
  return {
    read: async (raw) => {
      // A copy of its own: the caller's buffer may be a slice of a larger one.
      const done = await threads.run(Uint8Array.from(raw.subarray(0, READ_BYTES)));
      return 'answer' in done ? { bounce: done.answer, unread: null } : { bounce: null, unread: done.failed };
    },
    close: () => threads.close(),
  };
}
