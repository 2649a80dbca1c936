/**
 * Finding things by what people remember of them. What people set up is few and is looked through word by word; of the history only the exact beginning of an id,
 * a token or a Message-ID is looked for, which an index answers, however long it is.
 */
import { domainToASCII } from 'node:url';
import { type RawBuilder, sql } from 'kysely';
import { domainsInLetters } from './domains.ts';
import type { Queries } from './open.ts';
import type { ProbeTable, RunTable } from './schema.ts';
import { containing } from './senders.ts';

/** True where each word stands in one of these texts. */
function everyWord(words: readonly string[], texts: readonly RawBuilder<string>[]): RawBuilder<boolean> {
  const all = sql.join(texts, sql` || ' ' || `);
  return sql<boolean>`(${sql.join(
    words.map((word) => sql`lower(${all}) LIKE ${containing(word)} ESCAPE '!'`),
    sql` AND `,
  )})`;
}

/** Text greater than every text that begins with `prefix`. */
function afterPrefix(prefix: string): string {
  return `${prefix}\u{10ffff}`;
}

export type FoundSender = { id: string; name: string; from_address: string; host: string };

export async function searchSenders(db: Queries, words: readonly string[], limit: number): Promise<FoundSender[]> {
  return db
    .selectFrom('senders')
    .select(['id', 'name', 'from_address', 'host'])
    .where(everyWord(words, [sql.ref('name'), sql.ref('from_address'), sql.ref('host')]))
    .orderBy('id')
    .limit(limit)
    .execute();
}

export type FoundSeed = { id: string; address: string; provider: string; host: string };

/** A word may be one of the seed's tags, too. */
export async function searchSeeds(db: Queries, words: readonly string[], limit: number): Promise<FoundSeed[]> {
  let query = db.selectFrom('seeds').select(['id', 'address', 'provider', 'host']).orderBy('address').limit(limit);
  for (const word of words)
    query = query.where((eb) =>
      eb.or([
        everyWord([word], [sql.ref('address'), sql.ref('host'), sql.ref('provider')]),
        eb.exists(
          eb
            .selectFrom('seed_tags')
            .select('tag')
            .whereRef('seed_tags.seed_id', '=', 'seeds.id')
            .where(sql<boolean>`lower(tag) LIKE ${containing(word)} ESCAPE '!'`),
        ),
      ]),
    );
  return query.execute();
}

export type FoundDomain = { id: string; name: string };

/** International names are found in either form, and by a part of it. */
export async function searchDomains(db: Queries, words: readonly string[], limit: number): Promise<FoundDomain[]> {
  const plain = await db
    .selectFrom('domains')
    .select(['id', 'name'])
    .where(everyWord(words, [sql.ref('name')]))
    .orderBy('name')
    .limit(limit)
    .execute();
  return [...plain, ...(await domainsInLetters(db, words))].slice(0, limit);
}

export type FoundMonitor = { id: string; name: string; sender: string };

export async function searchMonitors(db: Queries, words: readonly string[], limit: number): Promise<FoundMonitor[]> {
  return db
    .selectFrom('monitors')
    .innerJoin('senders', 'senders.id', 'monitors.sender_id')
    .select(['monitors.id', 'monitors.name', 'senders.name as sender'])
    .where('monitors.audit_id', 'is', null)
    .where(everyWord(words, [sql.ref('monitors.name')]))
    .orderBy('monitors.id')
    .limit(limit)
    .execute();
}

export type FoundCampaign = { id: string; name: string; subject: string | null; from_address: string | null };

/** Newest first. International domains in From are found in either form. */
export async function searchCampaigns(db: Queries, words: readonly string[], limit: number): Promise<FoundCampaign[]> {
  const texts = ['name', 'subject', 'from_address', 'from_name'].map(
    (name) => sql<string>`coalesce(${sql.ref(name)}, '')`,
  );
  let query = db
    .selectFrom('campaigns')
    .select(['id', 'name', 'subject', 'from_address'])
    .orderBy('id', 'desc')
    .limit(limit);
  for (const word of words)
    query = query.where((eb) => eb.or([everyWord([word], texts), everyWord([domainToASCII(word) || word], texts)]));
  return query.execute();
}

export type FoundAudit = { id: string; created_at: number; subject: string | null; campaign_name: string };

/** By the subject of the mail that was audited, which may be another than its campaign has by now; of each subject the newest audit. */
export async function searchAudits(db: Queries, words: readonly string[], limit: number): Promise<FoundAudit[]> {
  return foundAudits(db, limit)
    .where(everyWord(words, [sql<string>`coalesce(audits.subject, '')`]))
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('audits as later')
            .select('later.id')
            .whereRef('later.campaign_id', '=', 'audits.campaign_id')
            .whereRef('later.subject', '=', 'audits.subject')
            .whereRef('later.id', '>', 'audits.id'),
        ),
      ),
    )
    .execute();
}

/** The newest of a campaign. */
export async function newestAudit(db: Queries, campaignId: string): Promise<FoundAudit | undefined> {
  return foundAudits(db, 1).where('audits.campaign_id', '=', campaignId).executeTakeFirst();
}

function foundAudits(db: Queries, limit: number) {
  return db
    .selectFrom('audits')
    .innerJoin('campaigns', 'campaigns.id', 'audits.campaign_id')
    .select(['audits.id', 'audits.created_at', 'audits.subject', 'campaigns.name as campaign_name'])
    .orderBy('audits.id', 'desc')
    .limit(limit);
}

export type FoundRun = Pick<RunTable, 'id' | 'state' | 'started_at' | 'monitor_id'>;
const RUN = ['id', 'state', 'started_at', 'monitor_id'] as const;

/** The latest of a monitor. */
export async function latestRuns(db: Queries, monitorId: string, limit: number): Promise<FoundRun[]> {
  return db
    .selectFrom('runs')
    .select(RUN)
    .where('monitor_id', '=', monitorId)
    .orderBy('started_at', 'desc')
    .limit(limit)
    .execute();
}

export async function runsByIdPrefix(db: Queries, prefix: string, limit: number): Promise<FoundRun[]> {
  return db
    .selectFrom('runs')
    .select(RUN)
    .where('id', '>=', prefix)
    .where('id', '<', afterPrefix(prefix))
    .orderBy('id')
    .limit(limit)
    .execute();
}

export type FoundProbe = Pick<ProbeTable, 'id' | 'address' | 'subject' | 'queued_at' | 'monitor_id'> & {
  text: string;
};

/** By the beginning of an id, a token or a Message-ID, as they are stored. `text` is what was found. */
export async function probesByPrefix(
  db: Queries,
  column: 'id' | 'token' | 'message_id',
  prefix: string,
  limit: number,
): Promise<FoundProbe[]> {
  return db
    .selectFrom('probes')
    .select(['id', 'address', 'subject', 'queued_at', 'monitor_id', `${column} as text`])
    .where(column, '>=', prefix)
    .where(column, '<', afterPrefix(prefix))
    .orderBy(column)
    .limit(limit)
    .execute();
}
