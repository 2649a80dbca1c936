/**
 * Buckets of time as a person sees them. A local day has 23, 24 or 25 hours (or 23.5 on Lord Howe), and begins where the zone says. The counts underneath
 * are by UTC hour: where a zone's midnight falls into the middle of one (India: 18:30 UTC), that hour counts to the day in which it begins. Pure.
 */
import type { Stretch } from '../../db/overviews.ts';

export const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export type Bucket = {
  /** As shown: the true beginning and end. */
  start: number;
  end: number;
  /** As counted: whole hours. */
  from: number;
  to: number;
};

/** The hours that touch [from, to). */
export function hourBuckets(from: number, to: number): Bucket[] {
  const buckets: Bucket[] = [];
  for (let at = Math.floor(from / HOUR_MS) * HOUR_MS; at < to; at += HOUR_MS)
    buckets.push({ start: at, end: at + HOUR_MS, from: at, to: at + HOUR_MS });
  return buckets;
}

/** The local days that touch [from, to). `timeZone` must be one. */
export function dayBuckets(from: number, to: number, timeZone: string): Bucket[] {
  const zone = zoneOf(timeZone);
  const buckets: Bucket[] = [];
  for (let start = zone.dayStart(from); start < to; ) {
    // 36 hours on is always the next local day: 23.5 to 25 hours away, never two.
    const end = zone.dayStart(start + 1.5 * DAY_MS);
    buckets.push({ start, end, from: wholeHour(start), to: wholeHour(end) });
    start = end;
  }
  return buckets;
}

/** Runs of buckets of equal length, so that a database can sort hours into them by integer division. */
export function stretchesOf(buckets: readonly Bucket[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (const { from, to } of buckets) {
    const last = stretches.at(-1);
    if (last && last.length === to - from && last.start + last.length * last.count === from) last.count++;
    else if (to > from) stretches.push({ start: from, length: to - from, count: 1 });
  }
  return stretches;
}

function wholeHour(at: number): number {
  return Math.ceil(at / HOUR_MS) * HOUR_MS;
}

type Zone = { dayStart: (at: number) => number };

function zoneOf(timeZone: string): Zone {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  /** The wall clock at an instant, as if it were UTC. */
  const wall = (at: number): number => {
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(at)) if (type !== 'literal') part[type] = Number(value);
    return Date.UTC(
      part.year ?? 1970,
      (part.month ?? 1) - 1,
      part.day ?? 1,
      part.hour ?? 0,
      part.minute ?? 0,
      part.second ?? 0,
    );
  };
  const dateAt = (at: number): number => Math.floor(wall(at) / DAY_MS);
  return {
    dayStart(at) {
      const date = dateAt(at);
      const midnight = date * DAY_MS;
      // Right wherever the clocks do not change about midnight.
      const second = Math.floor(at / 1000) * 1000;
      const offset = wall(second) - second;
      const guess = midnight - (wall(midnight - offset) - (midnight - offset));
      if (dateAt(guess) === date && dateAt(guess - 1000) < date) return guess;
      // Midnight is skipped or comes twice: the day begins at its first instant.
      let start = midnight - 15 * HOUR_MS;
      while (dateAt(start) < date) start += HOUR_MS / 4;
      return start;
    },
  };
}
