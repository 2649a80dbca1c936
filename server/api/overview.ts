/** The first page in one answer: is it fine, since when is it not, where. Charts come from rollups alone. */
import { lateMonitors } from '../../db/monitors.ts';
import {
  type AuthenticationSum,
  countNouns,
  type RollupFilter,
  sumAuthentication,
  sumPlacement,
} from '../../db/overviews.ts';
import { listRuns } from '../../db/runs.ts';
import { unreadableSeeds } from '../../db/seeds.ts';
import { heldSenders, sendersOverBudget } from '../../db/senders.ts';
import type { App } from '../app.ts';
import { AUTHENTICATION_RESULTS, MECHANISMS } from '../authentication/types.ts';
import { type ChangeWord, compareRates, rate } from '../probe/rates.ts';
import { decided } from './counts.ts';
import { HOUR_MS } from './days.ts';
import { type CountsJson, iso, isoOrNull } from './json/basics.ts';
import { type AttentionJson, type OverviewJson, overviewJson, overviewQuery } from './json/overview.ts';
import { readMarks } from './marks.ts';
import { type Period, periodOf, placed, readPlacement } from './placement.ts';
import { route } from './route.ts';
import { presentRuns } from './runs.ts';

/** A slot that passed this long ago and was not answered is late: the scheduler stands still, or cannot keep up. */
const LATE_RUN_MS = 2 * 60_000;
const LATEST_RUNS = 8;
const MOST_ATTENTION = 50;

export const overviewRoutes = [
  route({
    method: 'get',
    path: '/api/overview',
    summary: 'Where mail landed in a period, against the period before; what needs attention; the latest runs',
    query: overviewQuery,
    reply: overviewJson,
    handler: async (app, { query }) => {
      const { senderId, monitorId, provider, tag } = query;
      const filter = { senderId, monitorId, provider, tag };
      return readOverview(app, periodOf(query, app.now()), filter);
    },
  }),
];

export async function readOverview(app: App, period: Period, filter: RollupFilter): Promise<OverviewJson> {
  const { db } = app;
  const now = app.now();
  const cut = await readPlacement(db, period, filter, false);
  // The period before is as long as what has passed of this one: half a day is not held against a whole one.
  const from = period.buckets[0]?.from ?? period.from;
  const passed = Math.max(HOUR_MS, Math.ceil((Math.min(period.to, now) - from) / HOUR_MS) * HOUR_MS);
  const past = await sumPlacement(db, [{ start: from - passed, length: passed, count: 1 }], filter);
  const before = placed(past);
  const to = period.buckets.at(-1)?.to ?? period.to;
  return {
    from: iso(period.from),
    to: iso(period.to),
    timeZone: period.timeZone,
    bucket: period.bucket,
    now: { counts: cut.total.counts, rates: cut.total.rates },
    before: { from: iso(from - passed), to: iso(from), ...before },
    verdict: {
      inbox: verdict(cut.total.counts, before.counts, 'inbox', 'more'),
      tab: TAB_WORDS[change(cut.total.counts, before.counts, 'tab')],
      spam: verdict(cut.total.counts, before.counts, 'spam', 'fewer'),
      missing: verdict(cut.total.counts, before.counts, 'missing', 'fewer'),
    },
    buckets: cut.buckets,
    providers: cut.providers.map(({ buckets: _buckets, ...block }) => {
      const own = placed(past.filter((sum) => sum.provider === block.provider));
      return { ...block, before: own.rates.inbox, verdict: verdict(block.counts, own.counts, 'inbox', 'more') };
    }),
    delays: cut.total.delays,
    authentication: authenticationRates(await sumAuthentication(db, from, to, filter)),
    attention: await readAttention(app, now),
    marks: await readMarks(db, period, filter),
    latestRuns: await presentRuns(db, await listRuns(db, { monitorId: filter.monitorId, limit: LATEST_RUNS }), now),
    totals: await countNouns(db),
  };
}

const TAB_WORDS = {
  higher: 'more',
  lower: 'fewer',
  'no-clear-change': 'no-clear-change',
  'not-enough-data': 'not-enough-data',
} as const;

function change(now: CountsJson, before: CountsJson, of: 'inbox' | 'tab' | 'spam' | 'missing'): ChangeWord {
  return compareRates({ count: now[of], n: decided(now) }, { count: before[of], n: decided(before) });
}

function verdict(
  now: CountsJson,
  before: CountsJson,
  of: 'inbox' | 'spam' | 'missing',
  good: 'more' | 'fewer',
): OverviewJson['verdict']['inbox'] {
  const word = change(now, before, of);
  if (word === 'higher') return good === 'more' ? 'better' : 'worse';
  if (word === 'lower') return good === 'more' ? 'worse' : 'better';
  return word;
}

function authenticationRates(sums: AuthenticationSum[]): OverviewJson['authentication'] {
  const rates: OverviewJson['authentication'] = [];
  for (const source of ['reported', 'verified'] as const)
    for (const mechanism of MECHANISMS) {
      const own = sums.filter((sum) => sum.source === source && sum.mechanism === mechanism);
      if (own.length === 0) continue;
      const of = (result: string): number =>
        own.reduce((sum, one) => (one.result === result ? sum + one.probes : sum), 0);
      const results = AUTHENTICATION_RESULTS.map((result) => ({ result, probes: of(result) })).filter(
        (one) => one.probes > 0,
      );
      // A failure of DNS on the way says nothing about the sender.
      const n = results.reduce((sum, one) => (one.result === 'temperror' ? sum : sum + one.probes), 0);
      rates.push({ source, mechanism, pass: rate(of('pass'), n), results });
    }
  return rates;
}

async function readAttention(app: App, now: number): Promise<AttentionJson[]> {
  const attention: AttentionJson[] = [];
  if (app.health.storage !== 'ok')
    attention.push({
      kind: 'storage',
      id: '',
      name: '',
      since: null,
      reason: `storage-${app.health.storage}`,
      evidence: {},
    });
  const { failure } = await app.backups.state();
  if (failure)
    attention.push({
      kind: 'backup',
      id: '',
      name: '',
      since: iso(failure.at),
      reason: failure.reason === 'disk-full' ? 'backup-disk-full' : 'backup-failed',
      evidence: failure.evidence,
    });
  for (const seed of await unreadableSeeds(app.db, MOST_ATTENTION))
    attention.push({
      kind: 'seed-unreadable',
      id: seed.id,
      name: seed.address,
      since: isoOrNull(seed.unreadable_since),
      reason: seed.unreadable_reason ?? 'seed-unreadable',
      evidence: {
        protocol: seed.protocol,
        provider: seed.provider,
        ...(seed.unreadable_reply === null ? {} : { reply: seed.unreadable_reply }),
        ...(seed.next_attempt_at > now ? { nextAttemptAt: iso(seed.next_attempt_at) } : {}),
      },
    });
  for (const sender of await heldSenders(app.db, now)) {
    const held = sender.held_until !== null && sender.held_until > now;
    attention.push({
      kind: held ? 'sender-held' : 'sender-paused',
      id: sender.id,
      name: sender.name,
      since: isoOrNull(held ? sender.updated_at : sender.paused_at),
      reason: held ? (sender.held_reason ?? 'retry-later') : 'sender-paused',
      evidence: {
        ...(held && sender.held_until !== null ? { until: iso(sender.held_until) } : {}),
        ...(held && sender.held_reply !== null ? { reply: sender.held_reply } : {}),
      },
    });
  }
  for (const { id, name, since, waiting, limit, freeAt } of await sendersOverBudget(app.db, now))
    attention.push({
      kind: 'sender-budget',
      id,
      name,
      since: iso(since),
      reason: 'sender-budget',
      evidence: { waiting, limit, freeAt: iso(freeAt) },
    });
  for (const monitor of await lateMonitors(app.db, now - LATE_RUN_MS))
    attention.push({
      kind: 'run-late',
      id: monitor.id,
      name: monitor.name,
      since: isoOrNull(monitor.next_run_at),
      reason: 'run-late',
      evidence: {},
    });
  return attention;
}
