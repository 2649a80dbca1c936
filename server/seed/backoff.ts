/**
 * When to try again after a seed could not be read. Providers lock accounts that knock too often with a wrong password, and suspend
 * IMAP for a day when their limits are hit, so the wait depends on the reason. All counts live in the seed's row and so survive
 * restarts; they start over only after a look succeeded, not after a login did.
 */
import type { SeedReason } from './types.ts';

/** What has happened since the last look that succeeded. */
export type FailureRecord = {
  /** Failures in a row, this one included: at least 1. */
  count: number;
  /** Epoch ms of the first of them. */
  firstAt: number;
  /** Epoch ms of the latest. */
  lastAt: number;
  reason: SeedReason;
};

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

type Ladder = 'credentials' | 'limits' | 'settings' | 'server' | 'network';

const LADDER: Record<SeedReason, Ladder> = {
  'wrong-password': 'credentials',
  'app-password-needed': 'credentials',
  'login-disabled': 'credentials',
  'rate-limited': 'limits',
  'login-unavailable': 'server',
  'account-in-use': 'server',
  'certificate-expired': 'settings',
  'certificate-not-yet-valid': 'settings',
  'certificate-wrong-host': 'settings',
  'certificate-untrusted': 'settings',
  'cleartext-refused': 'settings',
  'tls-not-offered': 'settings',
  'private-address': 'settings',
  'server-not-listed': 'settings',
  'folder-missing': 'server',
  'answer-too-large': 'server',
  'protocol-error': 'server',
  'tls-failed': 'network',
  'host-not-found': 'network',
  'connection-refused': 'network',
  'connection-lost': 'network',
  timeout: 'network',
};

/** What a wait is before jitter, in ms. */
function wait(ladder: Ladder, count: number, sinceFirst: number): number {
  switch (ladder) {
    case 'credentials': {
      // At most three logins in the first hour (at 0, 10 and 20 minutes), then an hour, doubling up to a day.
      if (count <= 2) return 10 * MINUTE;
      return Math.min(24 * HOUR, doubled(HOUR, count - 3));
    }
    case 'limits':
      // Google suspends for one hour at first and for up to 24: knocking during it makes it longer.
      return Math.min(24 * HOUR, doubled(HOUR, count - 1));
    case 'settings':
      // Nothing changes by itself within seconds; no credentials are spoken, so an account cannot be locked by this.
      return Math.min(HOUR, doubled(5 * MINUTE, count - 1));
    case 'server':
      return Math.min(30 * MINUTE, doubled(2 * MINUTE, count - 1));
    case 'network':
      // A blip is over in seconds; a server that has been away for an hour is not back in one.
      return Math.min(sinceFirst > HOUR ? 15 * MINUTE : 5 * MINUTE, doubled(5 * SECOND, count - 1));
  }
}

/**
 * Epoch ms of the next attempt.
 * @param jitter a number in [0, 1) from the caller; waits grow by up to a fifth with it and never shrink, so that floors hold
 */
export function nextAttemptAt(record: FailureRecord, jitter: number): number {
  const count = Math.max(1, Math.floor(record.count));
  const base = wait(LADDER[record.reason], count, Math.max(0, record.lastAt - record.firstAt));
  const share = Math.min(Math.max(jitter, 0), 1);
  return record.lastAt + Math.round(base * (1 + share / 5));
}

/**
 * The record after one more failure. A change between kinds of trouble (network, then password) starts the count over only
 * towards the harsher ladder's first rung: failures of credentials are always counted on, so that three per hour stays three
 * when other trouble comes in between.
 */
export function recordFailure(previous: FailureRecord | null, reason: SeedReason, now: number): FailureRecord {
  if (previous === null) return { count: 1, firstAt: now, lastAt: now, reason };
  const was = LADDER[previous.reason];
  const is = LADDER[reason];
  const locksAccounts = (ladder: Ladder) => ladder === 'credentials' || ladder === 'limits';
  if (was !== is && !locksAccounts(was)) return { count: 1, firstAt: now, lastAt: now, reason };
  // After a wrong password a network failure keeps the harsher reason's count and patience: the password is still wrong.
  if (was !== is && !locksAccounts(is)) return { ...previous, lastAt: now };
  return { count: previous.count + 1, firstAt: previous.firstAt, lastAt: now, reason };
}

function doubled(base: number, times: number): number {
  return base * 2 ** Math.min(Math.max(times, 0), 20);
}
