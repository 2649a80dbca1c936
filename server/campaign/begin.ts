/**
 * An audit begins: its row, and, if a placement test is wanted, what it sends, in one transaction. The test goes by plans of its own (rows that sending and finding take for
 * those of a monitor), one for the campaign and one for the control mail. All repeats are queued at once, each for its time, so that a restart loses none.
 */
import { campaignMessage, campaignMessageSizes, insertAudit } from '../../db/campaigns.ts';
import { insertPlan, type Plan } from '../../db/monitors.ts';
import type { Queries } from '../../db/open.ts';
import { insertProbes } from '../../db/probes.ts';
import { insertRun } from '../../db/runs.ts';
import type { AuditTable, CampaignTable, RunTable, SeedTable, SenderTable } from '../../db/schema.ts';
import { chosenSeeds, missingSeeds, tagsOf } from '../../db/seeds.ts';
import { findSender } from '../../db/senders.ts';
import type { App } from '../app.ts';
import { domainOf, isAligned } from '../authentication/alignment.ts';
import { AppError } from '../errors.ts';
import { newId } from '../id.ts';
import { newProbe } from '../probe/born.ts';
import { type GivenMessage, isSigned } from '../probe/readdress.ts';
import type { ProbeMessage } from '../probe/templates/types.ts';
import { DRAFT_POLICY } from './draft.ts';
import { DEFAULT_POLICY, type Policy } from './policy.ts';
import type { Test } from './test.ts';

export type BeginApp = Pick<App, 'db' | 'now' | 'announce'>;

export type TestWanted = {
  senderId: string;
  seedIds?: string[] | undefined;
  seedTags?: string[] | undefined;
  control: boolean;
  repeats: number;
  gapSeconds: number;
  withinSeconds: number;
};
/** `policy` null: that of the campaign. */
export type AuditWanted = { policy: Policy | null; fromDomain: string | null; test: TestWanted | null };

export type Tagged = { seed: SeedTable; tags: string[] };

const LATE_AFTER_MS = 5 * 60_000;

/** @throws AppError `conflict` where there is no mail yet; `invalid`, `budget-exceeded` where the test cannot be made */
export async function beginAudit(app: BeginApp, campaign: CampaignTable, wanted: AuditWanted): Promise<AuditTable> {
  const messageId = campaign.message_id;
  if (messageId === null)
    throw new AppError('conflict', 'No mail of this campaign is known yet: watch for it, or send its file.');
  if (!(await campaignMessageSizes(app.db, [messageId])).has(messageId))
    throw new AppError(
      'conflict',
      'The mail of this campaign was kept for as long as the settings say: send its file again.',
    );
  const now = app.now();
  const prepared = wanted.test === null ? null : await prepare(app, campaign, messageId, wanted.test, now);
  const audit: AuditTable = {
    ...newAudit(campaign.id, wanted.policy ?? policyOf(campaign), now),
    message_id: messageId,
    subject: campaign.subject,
    from_domain: wanted.fromDomain,
    test_json: prepared === null ? null : JSON.stringify(prepared.test),
  };
  if (prepared !== null) {
    audit.plan_id = newId(now);
    audit.control_plan_id = prepared.control === null ? null : newId(now);
  }
  const runs: string[] = [];
  await app.db.transaction().execute(async (tx) => {
    await insertAudit(tx, audit);
    if (prepared !== null) runs.push(...(await queue(tx, audit, campaign, prepared, now)));
  });
  app.announce({ topic: 'audit', id: audit.id });
  app.announce({ topic: 'campaign', id: campaign.id });
  for (const run of runs) app.announce({ topic: 'run', id: run, runId: run });
  return audit;
}

/** What its audits are judged by, where nothing else is said. What arrives in a seed that is `watched` is signed, even of a draft. */
export function policyOf(campaign: Pick<CampaignTable, 'policy_json' | 'source'>, { watched = false } = {}): Policy {
  return ownPolicy(campaign) ?? (campaign.source === 'draft' && !watched ? DRAFT_POLICY : DEFAULT_POLICY);
}

/** Null: it has none, and goes by the default. */
export function ownPolicy({ policy_json: policy }: Pick<CampaignTable, 'policy_json'>): Policy | null {
  return policy === null ? null : (JSON.parse(policy) as Policy);
}

/** As it begins; without a mail and without a test. */
export function newAudit(campaignId: string, policy: Policy, now: number): AuditTable {
  return {
    id: newId(now),
    campaign_id: campaignId,
    message_id: null,
    subject: null,
    watch_id: null,
    state: 'waiting',
    step: null,
    refusal: null,
    policy_json: JSON.stringify(policy),
    from_domain: null,
    test_json: null,
    plan_id: null,
    control_plan_id: null,
    verdict: null,
    score: null,
    counts_json: null,
    claimed_by: null,
    claimed_until: 0,
    tries: 0,
    created_at: now,
    finished_at: null,
    updated_at: now,
  };
}

/** @throws AppError `invalid` with the path of what is wrong */
export async function seedsFor(
  db: Queries,
  { seedIds = [], seedTags = [] }: { seedIds?: string[] | undefined; seedTags?: string[] | undefined },
  path: string,
): Promise<Tagged[]> {
  const wrong = (message: string): AppError =>
    new AppError('invalid', message, { errors: [{ path: `${path}seedIds`, message }] });
  const missing = await missingSeeds(db, seedIds);
  if (missing.length > 0) throw wrong(`There is no seed ${missing.slice(0, 5).join(', ')}.`);
  const seeds = await chosenSeeds(db, seedIds, seedTags);
  if (seeds.length === 0) throw wrong('Choose seeds, or a tag that seeds have which are not paused.');
  const tags = await tagsOf(
    db,
    seeds.map(({ id }) => id),
  );
  return seeds.map((seed) => ({ seed, tags: tags.get(seed.id) ?? [] }));
}

type Prepared = {
  test: Test & { by: 'sender' };
  sender: SenderTable;
  seeds: Tagged[];
  message: GivenMessage;
  control: ProbeMessage | null;
};

async function prepare(
  app: BeginApp,
  campaign: CampaignTable,
  messageId: string,
  wanted: TestWanted,
  now: number,
): Promise<Prepared> {
  const sender = await findSender(app.db, wanted.senderId);
  if (!sender)
    throw new AppError('invalid', 'There is no such sender.', {
      errors: [{ path: 'placement.senderId', message: 'is none of ours' }],
    });
  const seeds = await seedsFor(app.db, wanted, 'placement.');
  const raw = await campaignMessage(app.db, messageId);
  if (raw === null) throw new AppError('conflict', 'The mail of this campaign is gone.');
  const mails = seeds.length * wanted.repeats * (wanted.control ? 2 : 1);
  if (mails > sender.daily_limit)
    throw new AppError(
      'budget-exceeded',
      `The test takes ${mails} mails, but ${sender.name} may send ${sender.daily_limit} in 24 hours.`,
      { mails, limit: sender.daily_limit },
    );
  const own = campaign.from_address;
  // In a name that the sender may not use the mail would be refused, and rightly: that says nothing of the campaign.
  const from = own !== null && isAligned(domainOf(own), domainOf(sender.from_address)) ? 'own' : 'sender';
  const language = /[\u3040-\u30ff\u4e00-\u9fff]/.test(campaign.subject ?? '') ? 'ja' : 'en';
  const { repeats, gapSeconds, withinSeconds, control } = wanted;
  return {
    sender,
    seeds,
    message: { given: messageId, from },
    control: control ? { template: 'plain', language, tokenInBody: false } : null,
    test: {
      by: 'sender',
      sender: { id: sender.id, name: sender.name, fromAddress: sender.from_address },
      fromReplaced: from === 'sender' && own !== sender.from_address,
      unsigned: isSigned(raw),
      repeats,
      gapSeconds,
      withinSeconds,
      startedAt: now,
      endsAt: now + ((repeats - 1) * gapSeconds + withinSeconds) * 1000,
    },
  };
}

async function queue(
  tx: Queries,
  audit: AuditTable,
  campaign: CampaignTable,
  { test, sender, seeds, message, control }: Prepared,
  now: number,
): Promise<string[]> {
  const within = test.withinSeconds * 1000;
  const plan = (id: string, content: GivenMessage | ProbeMessage): Plan => ({
    id,
    message_json: JSON.stringify(content),
    late_after_ms: Math.min(LATE_AFTER_MS, within),
    missing_after_ms: within,
    watch_ms: within,
    audit_id: audit.id,
  });
  const named = { name: campaign.name, sender_id: sender.id, created_at: now };
  const plans = [
    ...(audit.plan_id === null ? [] : [plan(audit.plan_id, message)]),
    ...(audit.control_plan_id === null || control === null ? [] : [plan(audit.control_plan_id, control)]),
  ];
  for (const one of plans) await insertPlan(tx, { ...one, ...named });
  const runs: string[] = [];
  for (let repeat = 0; repeat < test.repeats; repeat++) {
    const at = now + repeat * test.gapSeconds * 1000;
    for (const { id } of plans) {
      const run = newRun(audit.id, id, sender.id, seeds.length, at, now);
      await insertRun(tx, run);
      await insertProbes(
        tx,
        seeds.map(({ seed, tags }) => ({
          ...newProbe(run, seed, tags, sender.from_address, now),
          next_send_at: at,
          ...(repeat > 0 ? { reason: 'waiting-for-its-turn' } : {}),
        })),
      );
      runs.push(run.id);
    }
  }
  return runs;
}

/** @param at when it begins @param now when it is made: ids sort by birth */
export function newRun(
  auditId: string,
  planId: string,
  senderId: string,
  probes: number,
  at: number,
  now: number,
): RunTable {
  return {
    id: newId(now),
    monitor_id: planId,
    sender_id: senderId,
    slot_at: null,
    started_at: at,
    state: 'running',
    finished_at: null,
    probe_count: probes,
    audit_id: auditId,
  };
}
