/**
 * A run against the one before it. Both mailed the same seeds, so seed is compared with seed: whoever landed elsewhere is named. Whether that is more than chance is asked of
 * the seeds that changed sides alone (McNemar's exact test, 1947): those that stayed say nothing about a change.
 */
import type { ProbeJson } from '../../../server/api/json/probes.ts';
import { type Verdict, verdictOf } from '../../outcomes.ts';

/** `better`: into the inbox, `worse`: out of it, `other`: from one place outside it to another. */
export type DifferenceKind = 'better' | 'worse' | 'other' | 'added' | 'gone';
export type Difference = {
  kind: DifferenceKind;
  seed: string;
  provider: string;
  before: ProbeJson | null;
  now: ProbeJson | null;
};
export type RunComparison = {
  differences: Difference[];
  same: number;
  /** Without an answer in this run or the one before. */
  waiting: number;
  /** Of the seeds that could be judged in both. */
  inbox: { now: number; before: number; n: number };
  change: 'better' | 'worse' | 'no-clear-change' | 'not-enough-data';
};

/** Fewer seeds than this say nothing. */
const ENOUGH = 5;
const SURE = 0.05;
const ORDER: readonly DifferenceKind[] = ['worse', 'better', 'other', 'added', 'gone'];

export function compareRuns(before: readonly ProbeJson[], now: readonly ProbeJson[]): RunComparison {
  const earlier = new Map(before.map((probe) => [probe.seedId, probe]));
  const differences: Difference[] = [];
  const counts = { same: 0, waiting: 0, n: 0, now: 0, before: 0, better: 0, worse: 0 };
  for (const probe of now) {
    const old = earlier.get(probe.seedId) ?? null;
    earlier.delete(probe.seedId);
    const named = { seed: probe.seed, provider: probe.provider, before: old, now: probe };
    if (old === null) {
      differences.push({ kind: 'added', ...named });
      continue;
    }
    const [was, is] = [verdictOfProbe(old), verdictOfProbe(probe)];
    if (was === 'waiting' || is === 'waiting') {
      counts.waiting++;
      continue;
    }
    const judged = was !== 'unknown' && is !== 'unknown';
    if (judged) {
      counts.n++;
      if (was === 'inbox') counts.before++;
      if (is === 'inbox') counts.now++;
    }
    if (was === is && old.placement?.tab === probe.placement?.tab) {
      counts.same++;
      continue;
    }
    const kind = !judged || (was === 'inbox') === (is === 'inbox') ? 'other' : is === 'inbox' ? 'better' : 'worse';
    if (kind !== 'other') counts[kind]++;
    differences.push({ kind, ...named });
  }
  for (const old of earlier.values())
    differences.push({ kind: 'gone', seed: old.seed, provider: old.provider, before: old, now: null });
  return {
    differences: differences.sort(
      (a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || a.seed.localeCompare(b.seed),
    ),
    same: counts.same,
    waiting: counts.waiting,
    inbox: { now: counts.now, before: counts.before, n: counts.n },
    change: changeOf(counts.better, counts.worse, counts.n),
  };
}

export function verdictOfProbe(probe: Pick<ProbeJson, 'outcome' | 'placement'>): Verdict {
  return verdictOf(probe.outcome, probe.placement?.kind ?? null);
}

function changeOf(better: number, worse: number, n: number): RunComparison['change'] {
  if (n < ENOUGH) return 'not-enough-data';
  if (chanceOf(better, worse) >= SURE) return 'no-clear-change';
  return better > worse ? 'better' : 'worse';
}

/** How likely it is that a coin, thrown once for each seed that changed sides, is at least as one-sided as this. */
export function chanceOf(better: number, worse: number): number {
  const thrown = better + worse;
  let ways = 1;
  let sum = 0;
  for (let at = 0; at <= Math.min(better, worse); at++) {
    sum += ways;
    ways = (ways * (thrown - at)) / (at + 1);
  }
  return Math.min(1, 2 * sum * 0.5 ** thrown);
}
