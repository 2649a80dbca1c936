/** How a seed is doing, as one word of four. Pure. */
import type { SeedJson } from '../../../server/api/json/seeds.ts';

export const SEED_STATES = ['readable', 'unreadable', 'paused', 'unchecked'] as const;
export type SeedStateWord = (typeof SEED_STATES)[number];

/** A check that failed counts as long as nothing was read: afterwards the reading itself says when it cannot. */
export function seedStateOf(seed: Pick<SeedJson, 'pausedAt' | 'unreadable' | 'check' | 'lastReadAt'>): SeedStateWord {
  if (seed.pausedAt !== null) return 'paused';
  if (seed.unreadable !== null) return 'unreadable';
  if (seed.lastReadAt !== null) return 'readable';
  if (seed.check === null) return 'unchecked';
  return seed.check.ok ? 'readable' : 'unreadable';
}
