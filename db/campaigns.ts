/**
 * Campaigns, the versions of their mails, their audits and watches.
 *
 * Long because all that hangs on a campaign stands in this one list.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { sql, type Updateable } from 'kysely';
import type { Database, Queries } from './open.ts';
import { undecided } from './runs.ts';
import type { AuditTable, CampaignTable, ProbeTable, WatchTable } from './schema.ts';
import { containing } from './senders.ts';

export async function insertCampaign(tx: Queries, campaign: CampaignTable): Promise<void> {
  await tx.insertInto('campaigns').values(campaign).execute();
}

export async function findCampaign(db: Queries, id: string): Promise<CampaignTable | undefined> {
  return db.selectFrom('campaigns').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Newest first. `cursor` is the id of the last one of the page before. */
export async function listCampaigns(
  db: Queries,
  options: { search?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<CampaignTable[]> {
  let query = db.selectFrom('campaigns').selectAll().orderBy('id', 'desc').limit(options.limit);
  if (options.cursor) query = query.where('id', '<', options.cursor);
  if (options.search) {
    const wanted = containing(options.search);
    query = query.where(
      sql<boolean>`lower(name || ' ' || coalesce(subject, '') || ' ' || coalesce(from_address, '')) LIKE ${wanted} ESCAPE '!'`,
    );
  }
  return query.execute();
}

export async function updateCampaign(
  tx: Queries,
  id: string,
  change: Updateable<CampaignTable> & { updated_at: number },
): Promise<void> {
  await tx.updateTable('campaigns').set(change).where('id', '=', id).execute();
}

/** With its audits, what they sent, watches and shares. */
export async function deleteCampaign(db: Queries, id: string): Promise<boolean> {
  const done = await db.deleteFrom('campaigns').where('id', '=', id).executeTakeFirst();
  return done.numDeletedRows > 0n;
}

// ---- mails

/** Keeps a version of a campaign's mail, once. @returns its id, an earlier one for the same bytes */
export async function keepCampaignMessage(
  tx: Queries,
  message: { id: string; campaignId: string; hash: string; raw: Buffer },
): Promise<string> {
  const { id, campaignId, hash, raw } = message;
  await tx
    .insertInto('campaign_messages')
    .values({ id, campaign_id: campaignId, hash, size: raw.length, raw_gzip: gzipSync(raw, { level: 1 }) })
    .onConflict((conflict) => conflict.columns(['campaign_id', 'hash']).doNothing())
    .execute();
  const row = await tx
    .selectFrom('campaign_messages')
    .select('id')
    .where('campaign_id', '=', campaignId)
    .where('hash', '=', hash)
    .executeTakeFirstOrThrow();
  return row.id;
}

export async function campaignMessage(db: Queries, id: string): Promise<Buffer | null> {
  const gzip = await campaignMessageGzip(db, id);
  return gzip === null ? null : gunzipSync(gzip);
}

/** The same as it is stored, for whoever opens it elsewhere. */
export async function campaignMessageGzip(db: Queries, id: string): Promise<Buffer | null> {
  const row = await db.selectFrom('campaign_messages').select('raw_gzip').where('id', '=', id).executeTakeFirst();
  return row?.raw_gzip ?? null;
}

/** Bytes of mails, without reading them. */
export async function campaignMessageSizes(db: Queries, ids: readonly string[]): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('campaign_messages')
    .select(['id', 'size'])
    .where('id', 'in', [...ids])
    .execute();
  return new Map(rows.map(({ id, size }) => [id, size]));
}

/** The mail that an audit looks at. */
export async function auditedMessage(db: Queries, auditId: string): Promise<Buffer | null> {
  const row = await db
    .selectFrom('audits')
    .innerJoin('campaign_messages', 'campaign_messages.id', 'audits.message_id')
    .select('raw_gzip')
    .where('audits.id', '=', auditId)
    .executeTakeFirst();
  return row === undefined ? null : gunzipSync(row.raw_gzip);
}

// ---- audits

export async function insertAudit(tx: Queries, audit: AuditTable): Promise<void> {
  await tx.insertInto('audits').values(audit).execute();
}

export async function findAudit(db: Queries, id: string): Promise<AuditTable | undefined> {
  return db.selectFrom('audits').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Of some campaigns, newest first. */
export async function auditsOfCampaigns(
  db: Queries,
  campaignIds: readonly string[],
): Promise<Map<string, AuditTable[]>> {
  if (campaignIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('audits')
    .selectAll()
    .where('campaign_id', 'in', [...campaignIds])
    .orderBy('id', 'desc')
    .execute();
  return Map.groupBy(rows, ({ campaign_id: id }) => id);
}

/** The newest done audit of the same campaign before this one. */
export async function previousAudit(
  db: Queries,
  audit: Pick<AuditTable, 'id' | 'campaign_id'>,
): Promise<string | null> {
  const row = await db
    .selectFrom('audits')
    .select('id')
    .where('campaign_id', '=', audit.campaign_id)
    .where('id', '<', audit.id)
    .where('state', '=', 'done')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.id ?? null;
}

/** With what it sent, its watch and its shares. */
export async function deleteAudit(db: Database, id: string): Promise<boolean> {
  return db.transaction().execute(async (tx) => (await deleteAudits(tx, [id])) > 0);
}

export async function deleteAudits(tx: Queries, ids: readonly string[]): Promise<number> {
  await tx
    .deleteFrom('watches')
    .where('audit_id', 'in', [...ids])
    .execute();
  const done = await tx
    .deleteFrom('audits')
    .where('id', 'in', [...ids])
    .executeTakeFirst();
  return Number(done.numDeletedRows);
}

/** Word for word as in the partial index. */
const OPEN = sql<boolean>`state IN ('waiting', 'watching', 'auditing', 'testing')`;

/** Those under way, oldest first. */
export async function openAudits(db: Queries): Promise<AuditTable[]> {
  return db.selectFrom('audits').selectAll().where(OPEN).orderBy('id').execute();
}

/** Takes an audit as it was seen. False when another was first. */
export async function claimAudit(
  db: Queries,
  seen: Pick<AuditTable, 'id' | 'state' | 'claimed_by' | 'tries'>,
  claim: { by: string; until: number; now: number },
): Promise<boolean> {
  const done = await db
    .updateTable('audits')
    .set({
      state: 'auditing',
      step: null,
      claimed_by: claim.by,
      claimed_until: claim.until,
      tries: seen.tries + 1,
      updated_at: claim.now,
    })
    .where('id', '=', seen.id)
    .where('state', '=', seen.state)
    .where('tries', '=', seen.tries)
    .where('claimed_by', seen.claimed_by === null ? 'is' : '=', seen.claimed_by)
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}

/** One step, if the audit is still where it comes from, and in these hands where a claim is named. */
export async function stepAudit(
  tx: Queries,
  id: string,
  from: { state: AuditTable['state']; by?: string },
  change: Updateable<AuditTable> & { updated_at: number },
): Promise<boolean> {
  let query = tx.updateTable('audits').set(change).where('id', '=', id).where('state', '=', from.state);
  if (from.by !== undefined) query = query.where('claimed_by', '=', from.by);
  return (await query.executeTakeFirst()).numUpdatedRows > 0n;
}

export type AuditResult = { result: string; dns: string };

/** @param result and what DNS held, as JSON */
export async function putAuditResult(tx: Queries, auditId: string, { result, dns }: AuditResult): Promise<void> {
  const row = { result_gzip: gzipSync(result, { level: 3 }), dns_gzip: gzipSync(dns, { level: 3 }) };
  await tx
    .insertInto('audit_results')
    .values({ audit_id: auditId, ...row })
    .onConflict((conflict) => conflict.column('audit_id').doUpdateSet(row))
    .execute();
}

export async function findAuditResult(db: Queries, auditId: string): Promise<AuditResult | null> {
  const row = await db.selectFrom('audit_results').selectAll().where('audit_id', '=', auditId).executeTakeFirst();
  return row === undefined
    ? null
    : { result: gunzipSync(row.result_gzip).toString(), dns: gunzipSync(row.dns_gzip).toString() };
}

export type AuditProbe = ProbeTable & { turn: number };

/** All that the test of an audit sent, or watches for. */
export async function probesOfAudit(db: Queries, auditId: string): Promise<AuditProbe[]> {
  const rows = await db
    .selectFrom('runs')
    .innerJoin('probes', 'probes.run_id', 'runs.id')
    .selectAll('probes')
    .select('runs.turn')
    .where('runs.audit_id', '=', auditId)
    .orderBy('probes.provider')
    .orderBy('probes.address')
    .orderBy('probes.id')
    .execute();
  return rows.map((row) => ({ ...row, turn: row.turn ?? 0 }));
}

/** How the mails of several audits stand, for lists. */
export async function auditProgress(
  db: Queries,
  auditIds: readonly string[],
  now: number,
): Promise<Map<string, { mails: number; waiting: number; found: number }>> {
  if (auditIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('runs')
    .innerJoin('probes', 'probes.run_id', 'runs.id')
    .select('runs.audit_id')
    .select([
      sql<number>`count(*)`.as('mails'),
      sql<number>`sum(CASE WHEN ${undecided(now)} THEN 1 ELSE 0 END)`.as('waiting'),
      sql<number>`sum(CASE WHEN outcome = 'placed' THEN 1 ELSE 0 END)`.as('found'),
    ])
    .where('runs.audit_id', 'in', [...auditIds])
    .groupBy('runs.audit_id')
    .execute();
  return new Map(
    rows.flatMap(({ audit_id: id, mails, waiting, found }) =>
      id === null ? [] : [[id, { mails: Number(mails), waiting: Number(waiting), found: Number(found) }] as const],
    ),
  );
}

// ---- watches

export async function insertWatch(tx: Queries, watch: WatchTable): Promise<void> {
  await tx.insertInto('watches').values(watch).execute();
}

export async function findWatch(db: Queries, id: string): Promise<WatchTable | undefined> {
  return db.selectFrom('watches').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Headers of copies that were found for other watches in a seed since then. */
export async function copiesOfOthers(db: Queries, seedId: string, auditId: string, since: number): Promise<Buffer[]> {
  const rows = await db
    .selectFrom('probes')
    .innerJoin('probe_facts', 'probe_facts.probe_id', 'probes.id')
    .select('probe_facts.header')
    .where('probes.seed_id', '=', seedId)
    .where('probes.sender_id', '=', '')
    .where('probes.outcome', '=', 'placed')
    .where('probes.first_seen_at', '>=', since)
    .where('probes.audit_id', '<>', auditId)
    .limit(100)
    .execute();
  return rows.flatMap(({ header }) => (header === null ? [] : [header]));
}

/** Of some campaigns, newest first. */
export async function watchesOfCampaigns(
  db: Queries,
  campaignIds: readonly string[],
): Promise<Map<string, WatchTable[]>> {
  if (campaignIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('watches')
    .selectAll()
    .where('campaign_id', 'in', [...campaignIds])
    .orderBy('id', 'desc')
    .execute();
  return Map.groupBy(rows, ({ campaign_id: id }) => id);
}

/** False when it was closed before. */
export async function closeWatch(tx: Queries, id: string, at: number): Promise<boolean> {
  const done = await tx
    .updateTable('watches')
    .set({ state: 'closed', closes_at: at })
    .where('id', '=', id)
    .where('state', '=', 'open')
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}
