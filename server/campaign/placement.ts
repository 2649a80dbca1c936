/**
 * Where a campaign landed: mails to seeds, or copies found in seeds that were watched, summed up per provider. A rate is over seeds, not mails: a seed that got three
 * copies is still one opinion. What is not known (a seed that cannot be read, one in which nothing was seen) stands in no rate. Pure.
 */
import type { AuthenticationResult } from '../authentication/types.ts';
import { ENOUGH, type Rate, rateOverSeeds } from '../probe/rates.ts';
import type { Outcome, PlacementKind, Tab } from '../probe/types.ts';
import type { Protocol, ProviderId } from '../seed/types.ts';
import { type Comparison, compareArms } from './control.ts';
import type { Policy, VerdictReason } from './policy.ts';

export const ARMS = ['campaign', 'control'] as const;
export type ArmName = (typeof ARMS)[number];
export const PLACEMENT_STATES = ['open', 'done'] as const;

type Words = Record<'spf' | 'dkim' | 'dmarc', AuthenticationResult | null>;

/** One mail to one seed, or one seed that is watched. Times are ISO 8601. */
export type Landing = {
  arm: ArmName;
  repeat: number;
  probeId: string;
  runId: string;
  seedId: string;
  seed: string;
  provider: ProviderId;
  protocol: Protocol;
  outcome: Outcome;
  placement: { kind: PlacementKind; tab?: Tab; folder: string } | null;
  reason: string;
  late: boolean;
  sendAt: string | null;
  sentAt: string | null;
  delayMs: number | null;
  reported: Words | null;
  verified: Words | null;
};

export type Standing = {
  mails: number;
  decided: number;
  unknown: number;
  seeds: number;
  /** A tab is a part of the inbox. */
  inbox: Rate;
  tab: Rate;
  spam: Rate;
  missing: Rate;
  medianDelayMs: number | null;
  authentication: Record<'spf' | 'dkim' | 'dmarc', { pass: number; of: number }>;
};
export type Arm = Standing & { providers: (Standing & { provider: ProviderId })[] };

export type Placement = {
  by: 'sender' | 'watch';
  state: (typeof PLACEMENT_STATES)[number];
  sender: { id: string; name: string; fromAddress: string } | null;
  fromReplaced: boolean;
  unsigned: boolean;
  repeats: number;
  gapSeconds: number;
  startedAt: string;
  endsAt: string;
  campaign: Arm;
  control: Arm | null;
  comparison: Comparison | null;
  /** Why mails of the campaign are not in the inbox; what most seeds share comes first. */
  whys: Why[];
  landings: Landing[];
};
export type Why = { reason: string; mails: number; seeds: number };

/** What is required of all providers together where a placement test was made and the policy names no rate: surely more than half. */
export const PLACEMENT_RATE = 0.5;

export type Told = Omit<Placement, 'campaign' | 'control' | 'comparison' | 'whys' | 'state'>;

/** @param isOver whether nothing can change any more */
export function sumUp(told: Told, isOver: boolean, policy: Pick<Policy, 'minInboxRate'>): Placement {
  const campaign = told.landings.filter(({ arm }) => arm === 'campaign');
  const control = told.landings.filter(({ arm }) => arm === 'control');
  const hasControl = control.length > 0;
  return {
    ...told,
    state: isOver ? 'done' : 'open',
    campaign: armOf(campaign),
    control: hasControl ? armOf(control) : null,
    comparison: hasControl
      ? compareArms(shares(campaign, isInbox), shares(control, isInbox), policy.minInboxRate['*'] ?? PLACEMENT_RATE)
      : null,
    whys: whysOf(campaign),
  };
}

function whysOf(landings: readonly Landing[]): Why[] {
  const elsewhere = landings.filter((one) => (isDecided(one) || one.outcome === 'unknown') && !isInbox(one));
  return [...Map.groupBy(elsewhere, ({ reason }) => reason)]
    .map(([reason, some]) => ({ reason, mails: some.length, seeds: new Set(some.map(({ seedId }) => seedId)).size }))
    .sort((a, b) => b.seeds - a.seeds || b.mails - a.mails || (a.reason < b.reason ? -1 : 1));
}

/** What the policy asks of where it landed; empty where all is well. */
export function judgePlacement(
  policy: Policy,
  placement: Placement,
): { fix: VerdictReason[]; unknown: VerdictReason[] } {
  const wanted = Object.keys(policy.minInboxRate).length > 0 ? policy.minInboxRate : { '*': PLACEMENT_RATE };
  const fix: VerdictReason[] = [];
  const unknown: VerdictReason[] = [];
  for (const [provider, rate] of Object.entries(wanted)) {
    const standing =
      provider === '*' ? placement.campaign : placement.campaign.providers.find((one) => one.provider === provider);
    const { value, low, high } = standing?.inbox ?? { value: null, low: null, high: null };
    const n = standing?.inbox.n ?? 0;
    if (placement.state === 'open' || value === null || low === null || high === null) {
      unknown.push({ reason: 'placement-unknown', provider, n, wanted: percent(rate), least: ENOUGH });
      continue;
    }
    const seen = { provider, percent: percent(value), low: percent(low), n, wanted: percent(rate) };
    // Even the best that the interval allows is too little: that is certain, whichever way the policy counts.
    if (high < rate || (policy.inboxRateBy === 'point' && value < rate))
      fix.push({ reason: 'placement-too-low', ...seen });
    else if (policy.inboxRateBy === 'lower-end' && low < rate) unknown.push({ reason: 'placement-unclear', ...seen });
  }
  return { fix, unknown };
}

const percent = (share: number): number => Math.round(share * 100);

function armOf(landings: readonly Landing[]): Arm {
  const byProvider = Map.groupBy(landings, ({ provider }) => provider);
  const providers = [...byProvider].map(([provider, some]) => ({ provider, ...standingOf(some) }));
  return { ...standingOf(landings), providers: providers.sort((a, b) => (a.provider < b.provider ? -1 : 1)) };
}

function standingOf(landings: readonly Landing[]): Standing {
  const decided = landings.filter(isDecided);
  const rate = (is: (landing: Landing) => boolean): Rate => rateOverSeeds([...shares(landings, is).values()]);
  const found = landings.filter(({ placement }) => placement !== null);
  const delays = found.flatMap(({ delayMs }) => (delayMs === null ? [] : [delayMs])).sort((a, b) => a - b);
  const passed = (mechanism: keyof Words): { pass: number; of: number } => {
    const words = found.flatMap(({ reported, verified }) => reported?.[mechanism] ?? verified?.[mechanism] ?? []);
    return { pass: words.filter((word) => word === 'pass').length, of: words.length };
  };
  return {
    mails: landings.length,
    decided: decided.length,
    unknown: landings.filter((landing) => landing.outcome === 'unknown').length,
    seeds: new Set(decided.map(({ seedId }) => seedId)).size,
    inbox: rate(isInbox),
    tab: rate(({ placement }) => placement?.kind === 'tab'),
    spam: rate(({ placement }) => placement?.kind === 'spam'),
    missing: rate(({ placement }) => placement === null),
    medianDelayMs: delays.length === 0 ? null : (delays[Math.floor((delays.length - 1) / 2)] ?? null),
    authentication: { spf: passed('spf'), dkim: passed('dkim'), dmarc: passed('dmarc') },
  };
}

function isInbox({ placement }: Landing): boolean {
  return placement?.kind === 'inbox' || placement?.kind === 'tab';
}

/** Has an answer that counts. */
export function isDecided({ outcome, sendAt }: Landing): boolean {
  return ['placed', 'missing', 'bounced', 'rejected'].includes(outcome) || (outcome === 'deferred' && sendAt === null);
}

/** For each seed with an answer, the share of its mails for which it is so. */
function shares(landings: readonly Landing[], is: (landing: Landing) => boolean): Map<string, number> {
  const bySeed = Map.groupBy(landings.filter(isDecided), ({ seedId }) => seedId);
  return new Map([...bySeed].map(([seed, some]) => [seed, some.filter(is).length / some.length]));
}
