/**
 * A rate from a handful of mails is a guess, and should look like one. Every rate here carries n and its 95 % Wilson score interval
 * (E. B. Wilson 1927), which stays honest at 0 %, at 100 % and for small n: 5 of 5 in the inbox is 57–100 %, not "100 %".
 */

const Z = 1.959963984540054;

/** Under this many results a rate is no rate. */
export const ENOUGH = 5;

export type Interval = { low: number; high: number };
export type Rate = {
  /** 0…1, null when there are fewer than five results. */
  value: number | null;
  low: number | null;
  high: number | null;
  n: number;
  count: number;
  enough: boolean;
};

/** The 95 % Wilson interval of `successes` out of `n`, both ends within 0…1; all of it when n is 0. */
export function wilson(successes: number, n: number): Interval {
  if (n <= 0) return { low: 0, high: 1 };
  const p = successes / n;
  const z2 = Z * Z;
  const centre = p + z2 / (2 * n);
  const spread = Z * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  const scale = 1 + z2 / n;
  return {
    low: successes === 0 ? 0 : Math.max(0, (centre - spread) / scale),
    high: successes === n ? 1 : Math.min(1, (centre + spread) / scale),
  };
}

/** To a hundredth of a per cent: more would be noise, and twice the bytes. */
export function rate(count: number, n: number): Rate {
  if (n < ENOUGH) return { value: null, low: null, high: null, n, count, enough: false };
  const { low, high } = wilson(count, n);
  return { value: rounded(count / n), low: rounded(low), high: rounded(high), n, count, enough: true };
}

function rounded(share: number): number {
  return Math.round(share * 10_000) / 10_000;
}

export type ChangeWord = 'not-enough-data' | 'no-clear-change' | 'higher' | 'lower';

/**
 * Whether a rate really moved: Newcombe's interval for the difference of two proportions (1998, method 10) must leave zero out.
 * Anything less is called no clear change.
 */
export function compareRates(now: { count: number; n: number }, before: { count: number; n: number }): ChangeWord {
  if (now.n < ENOUGH || before.n < ENOUGH) return 'not-enough-data';
  const a = wilson(now.count, now.n);
  const b = wilson(before.count, before.n);
  const pa = now.count / now.n;
  const pb = before.count / before.n;
  const difference = pa - pb;
  const low = difference - Math.hypot(pa - a.low, b.high - pb);
  const high = difference + Math.hypot(a.high - pa, pb - b.low);
  if (low > 0) return 'higher';
  if (high < 0) return 'lower';
  return 'no-clear-change';
}

/**
 * A rate over seeds that may each have got several mails: a seed counts once, by the share of its mails. The same seed twice is not two seeds, so `n`, and with it
 * the interval, is that of seeds.
 * @param shares one per seed, each 0…1
 */
export function rateOverSeeds(shares: readonly number[]): Rate {
  const n = shares.length;
  const sum = shares.reduce((total, share) => total + share, 0);
  const count = Math.round(sum);
  if (n < ENOUGH) return { value: null, low: null, high: null, n, count, enough: false };
  const { low, high } = wilson(sum, n);
  return { value: rounded(sum / n), low: rounded(low), high: rounded(high), n, count, enough: true };
}
