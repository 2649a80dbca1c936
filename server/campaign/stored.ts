/** An audit as it is kept: one of an earlier version lacks what was learned to be told since. Pure. */
import type { Audit } from './audit.ts';

export function readStored(text: string): Audit {
  const stored = JSON.parse(text) as Audit;
  stored.authentication.copies ??= 0;
  if (stored.placement) stored.placement.whys ??= [];
  return stored;
}
