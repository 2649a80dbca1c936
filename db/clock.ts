/**
 * What to do when the computer's clock was set back. Times that were planned by the old clock would now come an hour, or a day, too late. What
 * was done is left as it is, and no limit is forgiven: a budget, a refused password and a server that said "later" wait as long as they did.
 */
import type { Queries } from './open.ts';
import { hastenLooks } from './probes.ts';

/** Reasons after which a server is left alone for long, whatever the clock says. */
const LEFT_ALONE = ['wrong-password', 'app-password-needed', 'login-disabled', 'rate-limited'];

/** Whoever checks a domain holds it for this long, and holds on every quarter of it. */
const CLAIM_MS = 60_000;

/** Looks, and asks whether to send, as if all that was planned were due. Harmless when done twice, and when there was nothing to do. */
export async function forgetFuture(db: Queries, now: number): Promise<void> {
  await db
    .updateTable('seeds')
    .set({ next_attempt_at: now })
    .where('next_attempt_at', '>', now)
    .where('unreadable_since', '>', now)
    .where('unreadable_reason', 'not in', LEFT_ALONE)
    .execute();
  await hastenLooks(db, now);
  await db
    .updateTable('probes')
    .set({ next_send_at: now })
    .where('next_send_at', '>', now)
    .where('outcome', '=', 'queued')
    .execute();
  await db.updateTable('domains').set({ next_check_at: now }).where('next_check_at', '>', now).execute();
  await db
    .updateTable('domains')
    .set({ claimed_until: now + CLAIM_MS })
    .where('claimed_until', '>', now + CLAIM_MS)
    .execute();
}
