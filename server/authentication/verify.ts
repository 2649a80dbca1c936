/**
 * Our own witness: SPF, DKIM, DMARC and ARC computed from the raw message with mailauth, strictly by the RFCs (its lenient default passes
 * what strict receivers refuse). It runs beside the main thread with a wall clock, because mail is written by strangers:
 * mailauth 7.1's header parsing is quadratic in folded lines, and a mail of 2 MB can hold a thread for a minute.
 *
 * SPF is only judged where the connection from outside is known (boundary.ts). Everything that cannot be judged
 * has a reason and is never a failure.
 */
import { createThreads } from '../threads.ts';
import { HEADER_MAX_BYTES, readHeaders } from './headers.ts';
import type { SmtpClient, VerifiedAuthentication } from './types.ts';
import { notVerified } from './verified.ts';
import type { VerifyTask } from './verify-worker.ts';

/** Larger messages are judged by their header alone. */
export const MESSAGE_MAX_BYTES = 25 * 1024 * 1024;

export type Verifier = {
  /**
   * @param raw the message as it lies in the folder, byte for byte
   * @param client the connection from outside, null when it is not known (SPF is then `spf-not-recheckable`)
   * @param options headerOnly: `raw` is the header block alone
   * @returns always a verdict, never rejects: time-outs and crashes are results with a reason
   */
  verify(raw: Buffer, client: SmtpClient | null, options?: { headerOnly?: boolean }): Promise<VerifiedAuthentication>;
  /** Ends the threads; what is under way ends with `verify-failed`. */
  close(): Promise<void>;
};

export type VerifierOptions = {
  /** `host:port`, for the DNS client inside the threads. */
  dnsServers: readonly string[];
  /** Default: half the processors, at least one, at most four. */
  threads?: number;
  /** Wall clock for one message, from when its turn comes; default 10,000. */
  timeoutMs?: number;
};

export function createVerifier(options: VerifierOptions): Verifier {
  const threads = createThreads<VerifyTask, VerifiedAuthentication>({
    file: new URL('./verify-worker.ts', import.meta.url),
    name: 'verifyMessage',
    threads: options.threads,
    timeoutMs: options.timeoutMs ?? 10_000,
  });
  return {
    verify: async (raw, client, { headerOnly = false } = {}) => {
      const header = readHeaders(raw);
      if (header.tooLarge) return notVerified('header-too-large', client);
      const tooLarge = raw.length > MESSAGE_MAX_BYTES;
      // A copy of its own is handed over, not shared: the caller's buffer may be a slice of a larger one.
      const bytes = Uint8Array.from(tooLarge ? raw.subarray(0, Math.min(header.bytes, HEADER_MAX_BYTES)) : raw);
      const task = { raw: bytes, client, headerOnly: headerOnly || tooLarge, dnsServers: options.dnsServers };
      const done = await threads.run(task, [bytes.buffer]);
      if ('answer' in done) return done.answer;
      return notVerified(done.failed === 'timeout' ? 'verify-timeout' : 'verify-failed', client);
    },
    close: () => threads.close(),
  };
}
