/**
 * Exact tests for few mails: whether two ways of sending really fared differently, or chance alone may have done it. Both answer a two-sided p, from counts alone. Pure.
 */

/**
 * McNemar's exact test for pairs, say one seed that got both mails: only the pairs that differ tell anything.
 * @param onlyA pairs in which A alone arrived @param onlyB pairs in which B alone did
 */
export function mcnemar(onlyA: number, onlyB: number): number {
  const n = onlyA + onlyB;
  let tail = 0;
  for (let k = 0; k <= Math.min(onlyA, onlyB); k++) tail += Math.exp(logChoose(n, k) - n * Math.LN2);
  return Math.min(1, 2 * tail);
}

/** Fisher's exact test for two groups that are no pairs: all tables as unlikely as this one, or more, with the same sums. */
export function fisher(a: { count: number; n: number }, b: { count: number; n: number }): number {
  const arrived = a.count + b.count;
  const all = a.n + b.n;
  const log = (k: number): number => logChoose(a.n, k) + logChoose(b.n, arrived - k) - logChoose(all, arrived);
  const here = log(a.count);
  let p = 0;
  for (let k = Math.max(0, arrived - b.n); k <= Math.min(a.n, arrived); k++)
    // As likely, but for rounding.
    if (log(k) <= here + 1e-9) p += Math.exp(log(k));
  return Math.min(1, p);
}

function logChoose(n: number, k: number): number {
  let sum = 0;
  for (let i = 1; i <= k; i++) sum += Math.log(n - k + i) - Math.log(i);
  return sum;
}
