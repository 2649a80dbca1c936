/**
 * Guessing is slowed down for the account as a whole, whatever address the guesses come from: there is one owner, and addresses are cheap (an IPv6 /64 holds
 * 2^64 of them, X-Forwarded-For any number). Sessions that exist are not touched, so nobody can lock the owner out of an open page. Attempts
 * are rows: a restart forgives nothing.
 */
import { bookAttempt, forgetAttempt, oldestAttempt } from '../../db/sessions.ts';
import type { App } from '../app.ts';
import { AppError } from '../errors.ts';
import { newId } from '../id.ts';
import { ATTEMPT_WINDOW_MS, MAX_ATTEMPTS } from './types.ts';

/**
 * Runs one check of a secret a person could guess. Booked before it runs, so parallel guesses count too; forgotten when it succeeds.
 * @throws AppError `too-many-attempts` with `retryAfterSeconds`, and whatever `check` throws
 */
export async function attempt(app: App, address: string, check: () => Promise<void>): Promise<void> {
  const now = app.now();
  const since = now - ATTEMPT_WINDOW_MS;
  const id = newId(now);
  if (!(await bookAttempt(app.db, { id, at: now, address }, since, MAX_ATTEMPTS))) {
    const oldest = (await oldestAttempt(app.db, since)) ?? now;
    const retryAfterSeconds = Math.max(1, Math.ceil((oldest + ATTEMPT_WINDOW_MS - now) / 1000));
    throw new AppError(
      'too-many-attempts',
      `Too many wrong passwords: try again in ${Math.ceil(retryAfterSeconds / 60)} min. Open sessions go on working.`,
      { retryAfterSeconds },
    );
  }
  await check();
  await forgetAttempt(app.db, id);
}
