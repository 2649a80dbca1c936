/** Rows of campaigns, audits and watches as they go over the wire. */
import {
  auditProgress,
  auditsOfCampaigns,
  campaignMessageSizes,
  findAuditResult,
  findCampaign,
  findWatch,
  previousAudit,
  probesOfAudit,
  watchesOfCampaigns,
} from '../../db/campaigns.ts';
import type { AuditTable, CampaignTable, WatchTable } from '../../db/schema.ts';
import type { App } from '../app.ts';
import { AUDIT_STEPS, type Audit, withPlacement } from '../campaign/audit.ts';
import { ownPolicy, policyOf } from '../campaign/begin.ts';
import { type Policy, samePolicy } from '../campaign/policy.ts';
import { AUDIT_REFUSALS } from '../campaign/state.ts';
import { readStored } from '../campaign/stored.ts';
import { readPlacement, testOf } from '../campaign/test.ts';
import type { Recognise } from '../campaign/watch.ts';
import { AppError } from '../errors.ts';
import { CAMPAIGN_HEADER } from '../probe/recognise.ts';
import type { AuditItemJson, AuditJson, AuditResultJson } from './json/audits.ts';
import { iso, isoOrNull } from './json/basics.ts';
import type { CampaignItemJson, CampaignJson, WatchItemJson, WatchJson } from './json/campaigns.ts';

type ShownApp = Pick<App, 'db' | 'now'>;
type Counts = NonNullable<AuditItemJson['counts']>;
type Progress = { mails: number; waiting: number; found: number };

export async function presentCampaigns(app: ShownApp, rows: readonly CampaignTable[]): Promise<CampaignItemJson[]> {
  const ids = rows.map(({ id }) => id);
  const audits = await auditsOfCampaigns(app.db, ids);
  const watches = await watchesOfCampaigns(app.db, ids);
  const sizes = await campaignMessageSizes(
    app.db,
    rows.flatMap(({ message_id: id }) => (id === null ? [] : [id])),
  );
  const newest = [...audits.values()].flatMap(([first]) => (first === undefined ? [] : [first]));
  const watched = [...watches.values()].flatMap(([first]) => (first === undefined ? [] : [first]));
  const progress = await auditProgress(
    app.db,
    [...newest.map(({ id }) => id), ...watched.map(({ audit_id: id }) => id)],
    app.now(),
  );
  return rows.map((row) => {
    const [audit] = audits.get(row.id) ?? [];
    const [watch] = watches.get(row.id) ?? [];
    return {
      ...bare(row, sizes),
      audit: audit === undefined ? null : auditItem(audit, progress),
      auditCount: audits.get(row.id)?.length ?? 0,
      watch: watch === undefined ? null : watchItem(watch, progress),
    };
  });
}

export async function presentCampaign(app: ShownApp, row: CampaignTable): Promise<CampaignJson> {
  const [item] = await presentCampaigns(app, [row]);
  const audits = (await auditsOfCampaigns(app.db, [row.id])).get(row.id) ?? [];
  const watches = (await watchesOfCampaigns(app.db, [row.id])).get(row.id) ?? [];
  const progress = await auditProgress(
    app.db,
    audits.map(({ id }) => id),
    app.now(),
  );
  return {
    ...(item as CampaignItemJson),
    policy: policyOf(row),
    ownPolicy: ownPolicy(row) !== null,
    draft: row.draft_json === null ? null : (JSON.parse(row.draft_json) as NonNullable<CampaignJson['draft']>),
    audits: audits.map((audit) => auditItem(audit, progress)),
    watches: watches.map((watch) => watchItem(watch, progress)),
  };
}

function bare(row: CampaignTable, sizes: ReadonlyMap<string, number>) {
  return {
    id: row.id,
    name: row.name,
    source: row.source,
    from: row.from_address,
    fromName: row.from_name,
    subject: row.subject,
    size: row.message_id === null ? null : (sizes.get(row.message_id) ?? null),
    createdAt: iso(row.created_at),
    updatedAt: iso(row.updated_at),
  };
}

export function auditItem(row: AuditTable, progress: ReadonlyMap<string, Progress>): AuditItemJson {
  const test = testOf(row);
  const now = progress.get(row.id);
  return {
    id: row.id,
    campaignId: row.campaign_id,
    state: row.state,
    step: AUDIT_STEPS.find((step) => step === row.step) ?? null,
    refusal: AUDIT_REFUSALS.find((refusal) => refusal === row.refusal) ?? null,
    verdict: row.verdict,
    score: row.score,
    counts: row.counts_json === null ? null : (JSON.parse(row.counts_json) as Counts),
    placement:
      test === null
        ? null
        : {
            by: test.by,
            mails: now?.mails ?? 0,
            decided: (now?.mails ?? 0) - (now?.waiting ?? 0),
            found: now?.found ?? 0,
            endsAt: iso(test.endsAt),
          },
    watchId: row.watch_id,
    createdAt: iso(row.created_at),
    finishedAt: isoOrNull(row.finished_at),
  };
}

export async function presentAuditItem(app: ShownApp, row: AuditTable): Promise<AuditItemJson> {
  return auditItem(row, await auditProgress(app.db, [row.id], app.now()));
}

/** The audit as `todoku audit --json` prints it; null until the mail itself has been looked at. While its mails are on their way, with what is known of them so far. */
export async function readResult(app: ShownApp, row: AuditTable): Promise<Audit | null> {
  const stored = await findAuditResult(app.db, row.id);
  if (stored === null) return null;
  const audit = readStored(stored.result);
  if (row.state !== 'testing') return audit;
  const placement = await readPlacement(app.db, row, app.now());
  // Whatever it has come to so far, it is not over.
  return placement === null ? audit : withPlacement(audit, { ...placement, state: 'open' });
}

/** @throws AppError `conflict` */
export async function requireResult(app: ShownApp, row: AuditTable): Promise<Audit> {
  const result = await readResult(app, row);
  if (result === null)
    throw new AppError('conflict', 'This audit has no result yet: wait until its mail was looked at.');
  return result;
}

export async function presentAudit(app: ShownApp, row: AuditTable): Promise<AuditJson> {
  const campaign = await findCampaign(app.db, row.campaign_id);
  const policy = JSON.parse(row.policy_json) as Policy;
  return {
    ...(await presentAuditItem(app, row)),
    campaignName: campaign?.name ?? '',
    subject: row.subject ?? campaign?.subject ?? null,
    policy,
    policyChanged:
      campaign !== undefined && !samePolicy(policy, policyOf(campaign, { watched: row.watch_id !== null })),
    result: (await readResult(app, row)) as AuditResultJson | null,
    previousAuditId: await previousAudit(app.db, row),
  };
}

export function watchItem(row: WatchTable, progress: ReadonlyMap<string, Progress>): WatchItemJson {
  const recognise = JSON.parse(row.recognise_json) as Recognise;
  const isByToken = recognise.by === 'token';
  const seen = progress.get(row.audit_id);
  return {
    id: row.id,
    campaignId: row.campaign_id,
    state: row.state,
    recognise,
    token: isByToken ? row.token : null,
    header: isByToken ? `${CAMPAIGN_HEADER}: ${row.token}` : null,
    seedCount: seen?.mails ?? 0,
    seenCount: seen?.found ?? 0,
    auditId: row.audit_id,
    opensAt: iso(row.opens_at),
    closesAt: iso(row.closes_at),
  };
}

export async function presentWatch(app: ShownApp, row: WatchTable): Promise<WatchJson> {
  const probes = await probesOfAudit(app.db, row.audit_id);
  return {
    ...watchItem(row, await auditProgress(app.db, [row.audit_id], app.now())),
    runId: row.run_id,
    seedList: probes.map(({ address }) => address).join('\n'),
    seeds: probes.map((probe) => ({
      seedId: probe.seed_id,
      address: probe.address,
      provider: probe.provider,
      protocol: probe.protocol,
      probeId: probe.id,
      seen: probe.outcome === 'placed',
      seenAt: isoOrNull(probe.first_seen_at),
      placement:
        probe.placement_kind === null
          ? null
          : {
              kind: probe.placement_kind,
              ...(probe.placement_tab === null ? {} : { tab: probe.placement_tab }),
              folder: probe.placement_folder ?? '',
            },
      reason: probe.reason,
    })),
  };
}

/** @throws AppError `not-found` */
export async function requireCampaign(app: ShownApp, id: string): Promise<CampaignTable> {
  const campaign = await findCampaign(app.db, id);
  if (!campaign) throw new AppError('not-found', 'There is no such campaign.');
  return campaign;
}

/** @throws AppError `not-found` */
export async function requireWatch(app: ShownApp, id: string): Promise<WatchTable> {
  const watch = await findWatch(app.db, id);
  if (!watch) throw new AppError('not-found', 'There is no such watch.');
  return watch;
}
