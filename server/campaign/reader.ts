/**
 * Reads campaigns beside the main thread, with a wall clock and a limit of memory. A mail that is none, is larger than any provider takes, or does not let itself be
 * read in time is refused, and it is said why.
 */
import { createThreads, type Threads } from '../threads.ts';
import type { Read } from './read.ts';
import type { ReadTask } from './reader-worker.ts';
import type { Refusal } from './types.ts';

/** More than twice what Gmail takes (25 MB). */
export const MAX_CAMPAIGN_BYTES = 64 * 1024 * 1024;
/** No mail that we know needs two seconds of a processor; on a busy machine a thread gets a quarter of one. A 100 KB newsletter needs 20 ms. */
const READ_WITHIN_MS = 8_000;

export type Reader = {
  /** Never rejects because of the mail. @param now epoch milliseconds */
  read(raw: Uint8Array, now: number): Promise<{ read: Read } | { refused: Refusal }>;
  close(): Promise<void>;
};

export function createReader({ timeoutMs = READ_WITHIN_MS }: { timeoutMs?: number } = {}): Reader {
  let threads: Threads<ReadTask, Read> | null = null;
  let started = false;
  return {
    read: async (raw, now) => {
      if (raw.byteLength > MAX_CAMPAIGN_BYTES) return { refused: 'too-large' };
      if (!looksLikeMail(raw)) return { refused: 'not-a-message' };
      const file = new URL('./reader-worker.ts', import.meta.url);
      threads ??= createThreads<ReadTask, Read>({ file, name: 'read', threads: 1, timeoutMs });
      if (!started) await warm(threads, now);
      started = true;
      // A copy of its own is handed over: the caller's bytes may be a slice of a larger buffer.
      const bytes = Uint8Array.from(raw);
      const done = await threads.run({ raw: bytes, now }, [bytes.buffer]);
      if ('answer' in done) return { read: done.answer };
      // Another thread takes the place of the one that was ended, and must load everything again.
      started = false;
      return { refused: done.failed === 'timeout' ? 'read-timeout' : 'read-failed' };
    },
    close: async () => threads?.close(),
  };
}

/** So that loading the checks is not counted against the first mail. */
async function warm(threads: Threads<ReadTask, Read>, now: number): Promise<void> {
  const tiny = new TextEncoder().encode('Subject: x\n\n<p>x</p>');
  for (let tries = 0; tries < 3; tries++)
    if ('answer' in (await threads.run({ raw: Uint8Array.from(tiny), now }))) return;
}

/** Begins with a header field, be it behind the "From " line of an mbox or a byte order mark. */
export function looksLikeMail(raw: Uint8Array): boolean {
  const start = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, 4096)).toString('latin1');
  return /^(?:\xef\xbb\xbf)?(?:From [^\n]*\n)?(?:[ \t\r]*\n)?[\x21-\x39\x3b-\x7e]{1,100}[ \t]*:/.test(start);
}
