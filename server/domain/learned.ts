/**
 * What probes have taught about a domain and is worth keeping when they are forgotten: selectors, sending addresses, HELO names. What was not seen for long is
 * dropped, so that a sending service that was left behind is not checked for ever. Pure; survives JSON.
 */
import type { Observed } from './observed.ts';

export type Learned = {
  /** Epoch ms at which each was seen last. */
  selectors: Record<string, number>;
  ips: Record<string, { at: number; helo: string | null }>;
};

export const NOTHING_LEARNED: Learned = { selectors: {}, ips: {} };

const KEPT_MS = 90 * 86_400_000;
const MOST_SELECTORS = 20;
/** A sending service has hundreds; each costs a dozen questions. */
const MOST_IPS = 10;

export function learn(before: Learned, { selectors, ips }: Pick<Observed, 'selectors' | 'ips'>, now: number): Learned {
  const known = new Map(Object.entries(before.selectors));
  for (const [selector, at] of selectors) known.set(selector, Math.max(at, known.get(selector) ?? 0));
  const places = new Map(Object.entries(before.ips));
  for (const [ip, seen] of ips) {
    const earlier = places.get(ip);
    if (earlier === undefined || earlier.at <= seen.at)
      places.set(ip, { at: seen.at, helo: seen.helo ?? earlier?.helo ?? null });
  }
  const recent = (at: number): boolean => now - at < KEPT_MS;
  return {
    selectors: Object.fromEntries(
      [...known]
        .filter(([, at]) => recent(at))
        .sort(([, a], [, b]) => b - a)
        .slice(0, MOST_SELECTORS),
    ),
    ips: Object.fromEntries(
      [...places]
        .filter(([, { at }]) => recent(at))
        .sort(([, a], [, b]) => b.at - a.at)
        .slice(0, MOST_IPS),
    ),
  };
}

/** Selectors by the end of the newest DMARC report that named them, epoch ms. */
export type Reported = Record<string, number>;

/** @param at the end of the report's period, epoch ms; a clock that is ahead does not make it newer than now */
export function learnReported(before: Reported, selectors: readonly string[], at: number, now: number): Reported {
  const known = new Map(Object.entries(before));
  const seenAt = Math.min(at, now);
  for (const selector of selectors) known.set(selector, Math.max(seenAt, known.get(selector) ?? 0));
  return Object.fromEntries(
    [...known]
      .filter(([, seen]) => now - seen < KEPT_MS)
      .sort(([, a], [, b]) => b - a)
      .slice(0, MOST_SELECTORS),
  );
}

/** Whether there is anything new to check. */
export function isNews(before: Learned, after: Learned): boolean {
  return (
    Object.keys(after.selectors).some((selector) => !Object.hasOwn(before.selectors, selector)) ||
    Object.entries(after.ips).some(
      ([ip, { helo }]) => !Object.hasOwn(before.ips, ip) || (before.ips[ip]?.helo ?? null) !== helo,
    )
  );
}
