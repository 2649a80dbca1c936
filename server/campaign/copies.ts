/**
 * The copies of a campaign that arrived: which signatures the mail bears by then, from which addresses it left, how it was handed over. They go before what
 * the file alone can tell.
 */
import { findCampaign } from '../../db/campaigns.ts';
import { probeMessage } from '../../db/probes.ts';
import type { AuditTable } from '../../db/schema.ts';
import { sightingsOfPlan } from '../../db/sightings.ts';
import type { App } from '../app.ts';
import { domainOf } from '../authentication/alignment.ts';
import { readSighting } from '../domain/lookup-known.ts';
import type { SeenProbe } from '../domain/observed.ts';
import type { Copy, Delivered } from './audit.ts';
import { testOf } from './test.ts';

/** Of one mail to many seeds: more of them show nothing new. */
const MOST_COPIES = 200;

/**
 * Of a campaign that leaves by its own system: a copy is the mail that is audited. Null: none can be relied on.
 * @param raw that copy; what came first may be one that could not be read
 */
export async function readDelivered(app: Pick<App, 'db'>, audit: AuditTable, raw: Buffer): Promise<Delivered | null> {
  const copies = await copiesOf(app, audit);
  for (const { probeId, verified } of copies)
    if (verified !== null && (await probeMessage(app.db, probeId))?.raw.equals(raw)) return { verified, copies };
  return null;
}

/**
 * Of a campaign that a sender of ours sends: a file without a signature is signed by it, and a copy shows how. Null where a copy would show nothing of the
 * campaign's own ways: it left under another name, or lost its own signatures.
 */
export async function readCopy(app: Pick<App, 'db' | 'reader' | 'now'>, audit: AuditTable): Promise<Copy | null> {
  const test = testOf(audit);
  if (test?.by !== 'sender' || test.fromReplaced || test.unsigned) return null;
  const copies = await copiesOf(app, audit);
  for (const { probeId, verified } of copies) {
    const message = await probeMessage(app.db, probeId);
    if (message === null || verified === null) continue;
    const done = await app.reader.read(message.raw, app.now());
    if ('read' in done) return { ...done.read, verified, copies };
  }
  return null;
}

/** The first one first. */
async function copiesOf({ db }: Pick<App, 'db'>, audit: AuditTable): Promise<SeenProbe[]> {
  if (audit.plan_id === null) return [];
  const campaign = await findCampaign(db, audit.campaign_id);
  const rows = await sightingsOfPlan(db, audit.plan_id, MOST_COPIES);
  return rows.map((row) => readSighting(row, domainOf(campaign?.from_address ?? '')));
}
