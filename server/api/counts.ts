/** From verdicts to counts and rates. `unknown` and undecided probes are counted beside and stand in no rate. */
import { COUNTED, type PlacementSum, type RunProbe } from '../../db/overviews.ts';
import { rate } from '../probe/rates.ts';
import { DELAY_BUCKET_MINUTES } from '../probe/types.ts';
import type { CountsJson, RatesJson } from './json/basics.ts';
import type { DelaysJson } from './json/overview.ts';

export function noCounts(): CountsJson {
  return {
    probes: 0,
    inbox: 0,
    tab: 0,
    spam: 0,
    other: 0,
    missing: 0,
    bounced: 0,
    rejected: 0,
    deferred: 0,
    unknown: 0,
    pending: 0,
    late: 0,
  };
}

/** As the rollups count it: a deferred probe that will be tried again is not decided. */
export function verdictOf(probe: Pick<RunProbe, 'outcome' | 'placement_kind' | 'next_send_at'>): string | null {
  switch (probe.outcome) {
    case 'placed':
      return probe.placement_kind;
    case 'deferred':
      return probe.next_send_at === null ? 'deferred' : null;
    case 'queued':
    case 'sending':
    case 'accepted':
      return null;
    default:
      return probe.outcome;
  }
}

/** Adds probes with one verdict; null: not decided yet. Lateness counts where it stands in a rate. */
export function addVerdict(counts: CountsJson, verdict: string | null, probes: number, late: number): void {
  const kind = verdict === null ? 'pending' : COUNTED.find((word) => word === verdict);
  if (kind === undefined) return;
  counts[kind] += probes;
  counts.probes += probes;
  if (kind !== 'pending' && kind !== 'unknown') counts.late += late;
}

/** Adds what the rollups summed up. */
export function addSum(counts: CountsJson, sum: Pick<PlacementSum, 'counts' | 'late'>): void {
  for (const kind of COUNTED) {
    counts[kind] += sum.counts[kind];
    counts.probes += sum.counts[kind];
  }
  counts.late += sum.late;
}

/** Probes that have an answer. */
export function decided(counts: CountsJson): number {
  return counts.probes - counts.unknown - counts.pending;
}

export function ratesOf(counts: CountsJson): RatesJson {
  const n = decided(counts);
  return {
    inbox: rate(counts.inbox, n),
    tab: rate(counts.tab, n),
    spam: rate(counts.spam, n),
    other: rate(counts.other, n),
    missing: rate(counts.missing, n),
    refused: rate(counts.bounced + counts.rejected + counts.deferred, n),
    // Rollups of before 0.2.0 may hold late ones among the unknown.
    late: rate(Math.min(counts.late, n), n),
  };
}

/** What all the hours have in common in which nothing was sent: a month by the hour holds hundreds of them, and one object says it for all. */
export const NOTHING_PLACED = frozen({ counts: noCounts(), rates: ratesOf(noCounts()) });

function frozen<Shape extends object>(value: Shape): Shape {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) frozen(part);
  return Object.freeze(value);
}

export function delaysOf(sums: readonly { delays: readonly number[]; delaySumMs: number }[]): DelaysJson {
  const limits = [0, ...DELAY_BUCKET_MINUTES];
  const buckets = limits.map((fromMinutes, i) => ({
    fromMinutes,
    toMinutes: DELAY_BUCKET_MINUTES[i] ?? null,
    probes: sums.reduce((sum, one) => sum + (one.delays[i] ?? 0), 0),
  }));
  const timed = buckets.reduce((sum, one) => sum + one.probes, 0);
  const total = sums.reduce((sum, one) => sum + one.delaySumMs, 0);
  return { buckets, meanMs: timed === 0 ? null : Math.round(total / timed) };
}

/** Of an unsorted list; null for an empty one. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? high : Math.round(((sorted[middle - 1] ?? high) + high) / 2);
}
