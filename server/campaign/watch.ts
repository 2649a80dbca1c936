/**
 * You send, we watch: seeds are looked into for copies of a campaign that leaves by its own system. Each seed has a probe that nobody of ours sends: it is `unknown` until a
 * copy is found, and stays so, as `not-seen`, when none is. It is never missing: we cannot know that anything was sent to it.
 */
import { closeWatch, copiesOfOthers, findWatch, insertAudit, insertWatch, probesOfAudit } from '../../db/campaigns.ts';
import { insertPlan } from '../../db/monitors.ts';
import { insertProbes, stepProbe } from '../../db/probes.ts';
import { insertRun } from '../../db/runs.ts';
import type { CampaignTable, ProbeTable, WatchTable } from '../../db/schema.ts';
import { findSeed } from '../../db/seeds.ts';
import type { App } from '../app.ts';
import { newId, newToken } from '../id.ts';
import { newProbe } from '../probe/born.ts';
import { NOBODY, type Recognition, watcherOf } from '../probe/recognise.ts';
import type { ProbeReason } from '../probe/types.ts';
import { newAudit, newRun, policyOf, seedsFor } from './begin.ts';
import type { Policy } from './policy.ts';
import type { Test } from './test.ts';

export type WatchApp = Pick<App, 'db' | 'now' | 'announce'>;

export type Recognise = { by: 'token' } | Exclude<Recognition, { by: 'token' }>;
export type WatchWanted = {
  seedIds?: string[] | undefined;
  seedTags?: string[] | undefined;
  recognise: Recognise;
  windowSeconds: number;
  /** Null: that of the campaign. */
  policy: Policy | null;
};

/** After it has closed a look that is under way may still find something. */
const AFTERWARDS_MS = 60_000;

/** @throws AppError `invalid` with the path of what is wrong */
export async function openWatch(app: WatchApp, campaign: CampaignTable, wanted: WatchWanted): Promise<WatchTable> {
  const seeds = await seedsFor(app.db, wanted, '');
  const now = app.now();
  const token = newToken();
  const closesAt = now + wanted.windowSeconds * 1000;
  const recognition: Recognition = wanted.recognise.by === 'token' ? { by: 'token', token } : wanted.recognise;
  const planId = newId(now);
  const audit = newAudit(campaign.id, wanted.policy ?? policyOf(campaign, { watched: true }), now);
  const run = newRun(audit.id, planId, NOBODY, seeds.length, now, now);
  const watch: WatchTable = {
    id: newId(now),
    campaign_id: campaign.id,
    audit_id: audit.id,
    run_id: run.id,
    state: 'open',
    recognise_json: JSON.stringify(wanted.recognise),
    token,
    opens_at: now,
    closes_at: closesAt,
  };
  const test: Test = { by: 'watch', startedAt: now, endsAt: closesAt };
  const probes = seeds.map(({ seed, tags }) => ({
    ...newProbe(run, seed, tags, 'watch.invalid', now),
    sender_id: NOBODY,
    outcome: 'unknown' as const,
    reason: 'watched',
    next_send_at: null,
    sent_at: now,
    late_at: closesAt,
    missing_at: closesAt,
    watch_until: closesAt + AFTERWARDS_MS,
    next_look_at: now,
  }));
  await app.db.transaction().execute(async (tx) => {
    await insertAudit(tx, {
      ...audit,
      state: 'watching',
      watch_id: watch.id,
      plan_id: planId,
      test_json: JSON.stringify(test),
    });
    const within = wanted.windowSeconds * 1000;
    await insertPlan(tx, {
      id: planId,
      message_json: JSON.stringify(recognition),
      late_after_ms: within,
      missing_after_ms: within,
      watch_ms: within + AFTERWARDS_MS,
      audit_id: audit.id,
      name: campaign.name,
      sender_id: null,
      created_at: now,
    });
    await insertRun(tx, run);
    await insertProbes(tx, probes);
    await insertWatch(tx, watch);
  });
  app.announce({ topic: 'campaign', id: campaign.id });
  app.announce({ topic: 'audit', id: audit.id });
  app.announce({ topic: 'run', id: run.id, runId: run.id });
  return watch;
}

/** Nothing more is looked for; what was not seen is said to be so, and why where it is known. */
export async function endWatch(app: WatchApp, id: string): Promise<void> {
  const watch = await findWatch(app.db, id);
  if (!watch) return;
  const now = app.now();
  const probes = await probesOfAudit(app.db, watch.audit_id);
  const reasons = new Map<string, ProbeReason>();
  for (const probe of probes)
    if (probe.outcome !== 'placed') reasons.set(probe.id, await unseenBecause(app, watch, probe));
  await app.db.transaction().execute(async (tx) => {
    await closeWatch(tx, id, Math.min(now, watch.closes_at));
    for (const probe of probes) {
      if (probe.outcome === 'placed') continue;
      await stepProbe(tx, probe.id, ['unknown'], {
        reason: reasons.get(probe.id) ?? 'not-seen',
        next_look_at: null,
        missing_at: Math.min(now, watch.closes_at),
        updated_at: now,
      });
    }
  });
  app.announce({ topic: 'campaign', id: watch.campaign_id });
  app.announce({ topic: 'audit', id: watch.audit_id });
  app.announce({ topic: 'run', id: watch.run_id, runId: watch.run_id });
}

async function unseenBecause(app: WatchApp, watch: WatchTable, probe: ProbeTable): Promise<ProbeReason> {
  const seed = await findSeed(app.db, probe.seed_id);
  if (!seed || seed.unreadable_since !== null) return 'seed-unreadable';
  const { matches } = watcherOf(recognitionOf(watch), probe.token, watch.opens_at);
  const others = await copiesOfOthers(app.db, probe.seed_id, watch.audit_id, watch.opens_at);
  return others.some(matches) ? 'counted-elsewhere' : 'not-seen';
}

function recognitionOf({ recognise_json: json, token }: WatchTable): Recognition {
  const recognise = JSON.parse(json) as Recognise;
  return recognise.by === 'token' ? { by: 'token', token } : recognise;
}
