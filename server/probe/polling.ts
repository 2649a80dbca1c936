/**
 * When to look again. Most mail lands within seconds, so looking starts there; what has not come after minutes is asked for every few minutes, because
 * every look is a command on somebody else's server. INBOX with IDLE wakes us by itself; Junk never does, so it stays on this plan.
 */
import type { Outcome } from './types.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Up to this age (ms) of an unseen probe, this long (ms) between looks. */
const PLAN: readonly (readonly [age: number, gap: number])[] = [
  [20 * SECOND, SECOND],
  [MINUTE, 2 * SECOND],
  [2 * MINUTE, 5 * SECOND],
  [5 * MINUTE, 10 * SECOND],
  [15 * MINUTE, 30 * SECOND],
  [60 * MINUTE, 2 * MINUTE],
];
const SLOWEST = 10 * MINUTE;

/** A placed probe is looked at again: providers re-sort mail after delivery. */
export const RELOOKS_AFTER = [60 * MINUTE, 24 * 60 * MINUTE];

/** Folders beside Junk and INBOX are looked into no more often than this. */
export const WIDE_LOOK_GAP = 20 * SECOND;

export type Watched = {
  outcome: Outcome;
  sentAt: number;
  lateAt: number;
  missingAt: number;
  watchUntil: number;
  /** Nobody knows when it will be sent: it is as likely late in the watch as early. */
  patient?: boolean;
};

/** A patient look comes at least this often: the gap of a probe of this age. */
const PATIENT_AGE = 10 * MINUTE;

/**
 * The moment (epoch ms) of the next look, or null when nobody will look again.
 * @param floorMs the provider's shortest polite gap
 */
export function nextLook(probe: Watched, now: number, floorMs: number): number | null {
  if (probe.outcome === 'bounced' || probe.outcome === 'rejected') return null;
  if (probe.outcome === 'placed') {
    const relook = RELOOKS_AFTER.map((after) => probe.sentAt + after).find((at) => at > now);
    return relook !== undefined && relook <= probe.watchUntil ? relook : null;
  }
  if (now >= probe.watchUntil) return null;
  if (now >= probe.missingAt) {
    const gap = Math.min(30 * MINUTE, Math.max(floorMs, SECOND, (probe.watchUntil - probe.missingAt) / 10));
    return Math.min(now + gap, probe.watchUntil);
  }
  const age = Math.min(now - probe.sentAt, probe.patient ? PATIENT_AGE : Number.POSITIVE_INFINITY);
  const gap = Math.max(floorMs, PLAN.find(([limit]) => age < limit)?.[1] ?? SLOWEST);
  // The deadlines themselves are moments to look: "late" and "missing" are said on time, after a look.
  const deadlines = [probe.lateAt, probe.missingAt].filter((at) => at > now);
  return Math.min(now + gap, ...deadlines);
}

/**
 * The moment of the next look after one that found nothing. What it said holds for when it began: a deadline that passed while it was under way is asked
 * about at once.
 * @param askedAt when the look began
 */
export function lookAgainAt(probe: Watched, askedAt: number, now: number, floorMs: number): number | null {
  const passed = [probe.lateAt, probe.missingAt, probe.watchUntil].some((at) => at > askedAt && at <= now);
  return passed && probe.outcome !== 'placed' ? now : nextLook(probe, now, floorMs);
}
