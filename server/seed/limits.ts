/**
 * What an honest mail server never exceeds. A seed's server may be broken or hostile: without limits one that announces a literal of a
 * gigabyte, never ends a line, or sends one byte a minute would take the whole program's memory or its time. Pure numbers, and
 * one clock.
 */
import type { ReadTimeouts } from './session.ts';

const MB = 1_000_000;

/** Every poll of a seed that misbehaves ends within a minute: opening and the look after it share that. */
export const DEFAULT_TIMEOUTS: ReadTimeouts = { connect: 15_000, silence: 20_000, open: 25_000, look: 30_000 };

export const READ_LIMITS = {
  /** A message over this is judged by its header alone; Gmail and Outlook accept up to 25 MB. */
  messageBytes: 25 * MB,
  /** Bodies of all messages of one look together: what does not fit is judged by its header alone. */
  lookBodyBytes: 50 * MB,
  /** The largest header block of 15,000 real mails is 210 KB. */
  headerBytes: 512 * 1024,
  /** A delivery report quotes at most the message it is about. */
  reportBytes: 1 * MB,
  /** All that a server sends from greeting to the list of folders. */
  openBytes: 2 * MB,
  /** All that a server sends in one look besides the messages asked for. */
  lookOverheadBytes: 4 * MB,
  lineBytes: 4 * MB,
  /** IMAP: untagged answers to one group of commands. Short ones cost a hundred times their bytes once they are parsed. */
  untagged: 20_000,
  /** IMAP: messages whose headers are fetched at once, and after a search. */
  headersPerLook: 1_000,
  /** IMAP: messages at the end of a folder that are compared here when SEARCH found nothing. */
  tail: 50,
  /** IMAP: the same, where SEARCH cannot be relied on. */
  longTail: 200,
  /** IMAP: tokens in one SEARCH. */
  searchTerms: 20,
  /** Delivery reports handed back by one look. */
  reports: 20,
  /** POP3: UIDLs remembered in a cursor, newest last. */
  rememberedUidls: 2_000,
  /** POP3: the bytes of a list of a whole maildrop, and the messages at its end that anything is made of: more than are remembered. */
  maildropBytes: 16 * MB,
  maildropMessages: 4_000,
} as const;

/**
 * Rejects with what `onLate` returns when `work` has not settled within `ms`. The work itself cannot be stopped from here: `onLate` must close the
 * connection it waits for, so that it ends.
 */
export async function inTime<T>(work: Promise<T>, ms: number, onLate: () => Error): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(onLate()), ms);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
    // The loser of the race may still reject: it was answered for.
    work.catch(ignoreLoser);
    late.promise.catch(ignoreLoser);
  }
}

function ignoreLoser(): void {
  // Its outcome no longer matters: the caller already has the winner's.
}
