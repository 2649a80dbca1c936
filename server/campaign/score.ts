/**
 * A number for those who want one, made of the findings and of nothing else: from 100 each finding takes what its severity weighs, the same finding twice takes it once.
 * It says how much was found, not whether the mail will land; that is what a placement test measures. The score is never given without what it lost where. Pure.
 */
import type { Severity } from '../domain/types.ts';
import type { Finding } from './types.ts';

/** Points out of 100. */
export const WEIGHTS: Readonly<Record<Severity, number>> = { critical: 40, high: 15, medium: 6, low: 2, info: 0 };

/** Where the same severity costs more or less here than elsewhere: filters sum up what other findings have said already. */
export const EXCEPTIONS: Readonly<Record<string, number>> = {
  'filters-rspamd-spam': 20,
  'filters-spamassassin-spam': 20,
  'structure-clipped': 10,
};

export type Score = { points: number; lost: { id: string; points: number }[] };

export function scoreOf(findings: readonly Finding[]): Score {
  const lost = new Map<string, number>();
  for (const { id, severity } of findings) {
    const points = EXCEPTIONS[id] ?? WEIGHTS[severity];
    if (points > (lost.get(id) ?? 0)) lost.set(id, points);
  }
  const list = [...lost].map(([id, points]) => ({ id, points })).sort((a, b) => b.points - a.points);
  const sum = list.reduce((total, { points }) => total + points, 0);
  return { points: Math.max(0, 100 - sum), lost: list };
}
