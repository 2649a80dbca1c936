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
    .where('audit_id', 'is', null)
    .execute();
  await spreadRepeats(db, now);
  await db.updateTable('domains').set({ next_check_at: now }).where('next_check_at', '>', now).execute();
  await db
    .updateTable('domains')
    .set({ claimed_until: now + CLAIM_MS })
    .where('claimed_until', '>', now + CLAIM_MS)
    .execute();
}

/** Repeats of a placement test keep their distance: the next goes when one would have gone after the last, the others behind it. Where that is about as planned they stay. */
async function spreadRepeats(db: Queries, now: number): Promise<void> {
  const waiting = await db
    .selectFrom('runs')
    .innerJoin('probes', 'probes.run_id', 'runs.id')
    .select(['runs.id', 'runs.monitor_id', 'runs.started_at'])
    .distinct()
    .where('runs.audit_id', 'is not', null)
    .where('probes.next_send_at', '>', now)
    .where('probes.outcome', '=', 'queued')
    .orderBy('runs.started_at')
    .execute();
  for (const [planId, runs] of Map.groupBy(waiting, (run) => run.monitor_id)) {
    const first = runs[0]?.started_at ?? now;
    const { last } = await db
      .selectFrom('runs')
      .select((eb) => eb.fn.max<number | null>('started_at').as('last'))
      .where('monitor_id', '=', planId)
      .where('started_at', '<', first)
      .executeTakeFirstOrThrow();
    const gap = first - (last ?? first);
    for (const run of runs) {
      const at = now + gap + run.started_at - first;
      await db
        .updateTable('probes')
        .set({ next_send_at: at })
        .where('run_id', '=', run.id)
        .where('next_send_at', '>', at + gap)
        .where('outcome', '=', 'queued')
        .execute();
    }
  }
}
