/**
 * What no rule needs any more is thrown away. The old and many (raw mails, probes) goes in pieces whose size the caller chooses: a piece is one
 * transaction, and everybody else waits while it lasts.
 */
import { firstId } from '../server/id.ts';
import { deleteAudits } from './campaigns.ts';
import type { Database, Queries } from './open.ts';

const DAY_MS = 86_400_000;

/** That a domain was checked is known for so long; what changed of its records stays as long as it does. */
const DOMAIN_CHECK_DAYS = 400;

/** Uses older than the rolling day, ended sessions and links, old sign-in attempts, checks of domains of long ago. */
export async function forgetOld(db: Queries, now: number): Promise<void> {
  await db
    .deleteFrom('sender_uses')
    .where('at', '<', now - 2 * DAY_MS)
    .execute();
  await db
    .deleteFrom('login_attempts')
    .where('at', '<', now - DAY_MS)
    .execute();
  await db.deleteFrom('sessions').where('expires_at', '<', now).execute();
  await db
    .deleteFrom('password_links')
    .where('expires_at', '<', now - DAY_MS)
    .execute();
  await forgetDomainChecks(db, firstId(now - DOMAIN_CHECK_DAYS * DAY_MS));
}

/** What was published then goes with the last check that saw it. */
async function forgetDomainChecks(db: Queries, before: string): Promise<void> {
  await db.deleteFrom('domain_checks').where('id', '<', before).execute();
  await db
    .deleteFrom('domain_snapshots')
    .where('id', '<', before)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('domain_checks')
            .select('domain_checks.id')
            .whereRef('domain_checks.snapshot_id', '=', 'domain_snapshots.id'),
        ),
      ),
    )
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('domain_facts')
            .select('domain_facts.domain_id')
            .whereRef('domain_facts.domain_id', '=', 'domain_snapshots.domain_id')
            .whereRef('domain_facts.snapshot_id', '=', 'domain_snapshots.id'),
        ),
      ),
    )
    .execute();
}

/**
 * Forgets raw messages of probes made before then; those still watched stay. What they were is noted, so that a page can say so.
 * @param after where the piece before ended, '' for the first
 * @returns how many, and where the next piece begins; null when there is no more
 */
export async function forgetMessages(
  db: Database,
  { before, after, most, now }: { before: number; after: string; most: number; now: number },
): Promise<{ forgotten: number; next: string | null }> {
  return db.transaction().execute(async (tx) => {
    // By id, which says when a probe was made: only messages that are still there are looked at.
    const piece = await tx
      .selectFrom('probe_messages')
      .select('probe_id')
      .where('probe_id', '>', after)
      .where('probe_id', '<', firstId(before))
      .orderBy('probe_id')
      .limit(most)
      .execute();
    const last = piece.at(-1)?.probe_id;
    if (last === undefined) return { forgotten: 0, next: null };
    await tx
      .insertInto('forgotten_messages')
      .columns(['probe_id', 'size', 'forgotten_at'])
      .expression((eb) =>
        eb
          .selectFrom('probe_messages')
          .innerJoin('probes', 'probes.id', 'probe_messages.probe_id')
          .select(['probe_messages.probe_id', 'probe_messages.size', eb.val(now).as('forgotten_at')])
          .where('probe_messages.probe_id', '>', after)
          .where('probe_messages.probe_id', '<=', last)
          .where('probes.next_look_at', 'is', null),
      )
      .onConflict((conflict) => conflict.column('probe_id').doNothing())
      .execute();
    const gone = await tx
      .deleteFrom('probe_messages')
      .where('probe_id', 'in', (eb) =>
        eb
          .selectFrom('forgotten_messages')
          .select('probe_id')
          .where('probe_id', '>', after)
          .where('probe_id', '<=', last),
      )
      .executeTakeFirst();
    return { forgotten: Number(gone.numDeletedRows), next: piece.length < most ? null : last };
  });
}

/** Runs whose probes one piece may come from: most runs are small. */
const RUNS_A_PIECE = 20;

/**
 * Forgets probes, with all that is known of them, of runs that began before then and are over; a run with a probe that is still watched stays whole, and so do those
 * of an audit that is not summed up yet. Hourly counts stay for ever: they are what charts are made of.
 * @returns how many, and whether there may be more
 */
export async function forgetProbes(
  db: Database,
  { before, most }: { before: number; most: number },
): Promise<{ forgotten: number; more: boolean }> {
  return db.transaction().execute(async (tx) => {
    const runs = await tx
      .selectFrom('runs')
      .select('id')
      .where('started_at', '<', before)
      .where('state', '=', 'complete')
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('audits')
              .select('audits.id')
              .whereRef('audits.id', '=', 'runs.audit_id')
              .where('audits.finished_at', 'is', null),
          ),
        ),
      )
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom('probes')
              .select('probes.id')
              .whereRef('probes.run_id', '=', 'runs.id')
              .where((of) =>
                of.or([
                  of('probes.next_look_at', 'is not', null),
                  of('probes.next_send_at', 'is not', null),
                  of('probes.outcome', '=', 'sending'),
                ]),
              ),
          ),
        ),
      )
      .orderBy('started_at')
      .limit(RUNS_A_PIECE)
      .execute();
    if (runs.length === 0) return { forgotten: 0, more: false };
    const ids = runs.map((run) => run.id);
    const gone = await tx
      .deleteFrom('probes')
      .where('id', 'in', (eb) => eb.selectFrom('probes').select('id').where('run_id', 'in', ids).limit(most))
      .executeTakeFirst();
    await tx
      .deleteFrom('runs')
      .where('id', 'in', ids)
      .where((eb) =>
        eb.not(eb.exists(eb.selectFrom('probes').select('probes.id').whereRef('probes.run_id', '=', 'runs.id'))),
      )
      .execute();
    return { forgotten: Number(gone.numDeletedRows), more: true };
  });
}

/**
 * Forgets mails of campaigns that are older, and that no audit has looked at since then or is looking at. The present mail of a draft is made of the draft and stays with it.
 * @returns how many; fewer than `most` when there are no more
 */
export async function forgetCampaignMessages(
  db: Database,
  { before, most }: { before: number; most: number },
): Promise<number> {
  const old = await db
    .selectFrom('campaign_messages')
    .select('id')
    .where('id', '<', firstId(before))
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('audits')
            .select('audits.id')
            .whereRef('audits.campaign_id', '=', 'campaign_messages.campaign_id')
            .whereRef('audits.message_id', '=', 'campaign_messages.id')
            .where((of) => of.or([of('audits.created_at', '>=', before), of('audits.finished_at', 'is', null)])),
        ),
      ),
    )
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('campaigns')
            .select('campaigns.id')
            .whereRef('campaigns.id', '=', 'campaign_messages.campaign_id')
            .whereRef('campaigns.message_id', '=', 'campaign_messages.id')
            .where((of) => of.or([of('campaigns.updated_at', '>=', before), of('campaigns.source', '=', 'draft')])),
        ),
      ),
    )
    .orderBy('id')
    .limit(most)
    .execute();
  if (old.length === 0) return 0;
  const ids = old.map(({ id }) => id);
  const done = await db.deleteFrom('campaign_messages').where('id', 'in', ids).executeTakeFirst();
  return Number(done.numDeletedRows);
}

/**
 * Forgets audits that ended before then, with what they sent and their shared reports.
 * @returns how many; fewer than `most` when there are no more
 */
export async function forgetAudits(db: Database, { before, most }: { before: number; most: number }): Promise<number> {
  const old = await db
    .selectFrom('audits')
    .select('id')
    .where('finished_at', '<', before)
    .orderBy('id')
    .limit(most)
    .execute();
  if (old.length === 0) return 0;
  const ids = old.map(({ id }) => id);
  return db.transaction().execute((tx) => deleteAudits(tx, ids));
}

/**
 * Forgets campaigns that nobody touched since then, and that nothing is under way of.
 * @returns how many; fewer than `most` when there are no more
 */
export async function forgetCampaigns(
  db: Database,
  { before, most }: { before: number; most: number },
): Promise<number> {
  const old = await db
    .selectFrom('campaigns')
    .select('id')
    .where('updated_at', '<', before)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('audits')
            .select('audits.id')
            .whereRef('audits.campaign_id', '=', 'campaigns.id')
            .where((of) => of.or([of('audits.updated_at', '>=', before), of('audits.finished_at', 'is', null)])),
        ),
      ),
    )
    .orderBy('id')
    .limit(most)
    .execute();
  if (old.length === 0) return 0;
  const ids = old.map(({ id }) => id);
  const done = await db.deleteFrom('campaigns').where('id', 'in', ids).executeTakeFirst();
  return Number(done.numDeletedRows);
}
