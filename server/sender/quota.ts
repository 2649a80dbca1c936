/**
 * How much a sender may still send, and when. Mail providers count *recipients over a rolling 24 hours* (Gmail: 500; nothing resets at
 * midnight) and close an account for a day when it goes over, so the budget is ours to keep before it is theirs to
 * enforce. A pace keeps probes apart, because a burst looks like a stolen account. A probe over budget waits; it never fails.
 */

export const DAY_MS = 86_400_000;

/** `count` recipients handed over at `at` (epoch ms). Attempts that were refused count too: providers count them. */
export type Use = { at: number; count: number };

export type Budget = {
  /** Recipients in any 24 hours. */
  dailyLimit: number;
  /** Recipients of the limit that monitors leave alone, for the person's own mail. */
  reserve: number;
  /** The least time between two messages. */
  minGapMs: number;
};

export type Permission = {
  /** Epoch ms; not after `now` when it may start at once; null when the budget can never hold a single recipient. */
  mayStartAt: number | null;
  /** Recipients left in the budget at `now`. */
  left: number;
  /** Why it has to wait; null when it need not. */
  reason: 'daily-budget-used' | 'pace' | null;
};

/**
 * When the next message to `recipients` (1) may start.
 * @param uses what was sent lately, in any order; older than a day is ignored, and so is a future further away than a day: a clock that was set back
 * must not silence a sender for a month
 */
export function mayStart(uses: readonly Use[], budget: Budget, now: number, recipients = 1): Permission {
  const limit = Math.max(0, budget.dailyLimit - budget.reserve);
  const counted = uses.filter((use) => use.count > 0 && use.at > now - DAY_MS && use.at < now + DAY_MS);
  const used = counted.reduce((sum, use) => sum + use.count, 0);
  const left = Math.max(0, limit - used);
  if (recipients > limit) return { mayStartAt: null, left, reason: 'daily-budget-used' };

  const paced = counted.reduce((latest, use) => Math.max(latest, Math.min(use.at, now) + budget.minGapMs), now);
  let expected = used;
  let freeAt = now;
  for (const use of counted.toSorted((one, other) => one.at - other.at)) {
    if (expected + recipients <= limit) break;
    expected -= use.count;
    freeAt = use.at + DAY_MS;
  }
  if (freeAt > now) return { mayStartAt: Math.max(freeAt, paced), left, reason: 'daily-budget-used' };
  return paced > now ? { mayStartAt: paced, left, reason: 'pace' } : { mayStartAt: now, left, reason: null };
}

export type PlanVerdict = {
  result: 'fits' | 'tight' | 'exceeds';
  reason: 'plan-fits' | 'plan-leaves-little' | 'plan-exceeds-budget' | 'plan-slower-than-schedule';
  /** "20 seeds × 24 runs = 480 of 500 a day": numbers only, the sentence is made in server/words. */
  evidence: {
    seeds: number;
    runsPerDay: number;
    /** Recipients this monitor needs in a day. */
    perDay: number;
    /** What other monitors of the same sender already need. */
    othersPerDay: number;
    /** The daily limit less the reserve. */
    limit: number;
    /** Limit less everything planned; negative when exceeded. */
    left: number;
    /** How long one run takes at the sender's pace. */
    runTakesMs: number;
    /** The most runs a day that would still fit. */
    mostRunsPerDay: number;
  };
};

/** Does a monitor's plan fit its sender's budget? Asked before the monitor is saved. `tight`: under a tenth is left. */
export function planUse(
  plan: { seeds: number; runsPerDay: number; othersPerDay?: number },
  budget: Budget,
): PlanVerdict {
  const { seeds, runsPerDay } = plan;
  const othersPerDay = plan.othersPerDay ?? 0;
  const limit = Math.max(0, budget.dailyLimit - budget.reserve);
  const perDay = Math.ceil(seeds * runsPerDay);
  const left = limit - perDay - othersPerDay;
  const runTakesMs = Math.max(0, seeds - 1) * budget.minGapMs;
  const evidence = {
    seeds,
    runsPerDay,
    perDay,
    othersPerDay,
    limit,
    left,
    runTakesMs,
    mostRunsPerDay: seeds === 0 ? 0 : Math.max(0, Math.floor((limit - othersPerDay) / seeds)),
  };
  if (left < 0) return { result: 'exceeds', reason: 'plan-exceeds-budget', evidence };
  // A run never overlaps the one before: at this pace some of them would be left out.
  if (runsPerDay * runTakesMs > DAY_MS) return { result: 'exceeds', reason: 'plan-slower-than-schedule', evidence };
  if (perDay > 0 && left < limit / 10) return { result: 'tight', reason: 'plan-leaves-little', evidence };
  return { result: 'fits', reason: 'plan-fits', evidence };
}
