/** What a shorter time of keeping costs, before it is chosen. Raw mails go when their time has come, or with their probe. */
import type { SettingsJson } from '../../../server/api/json/owner.ts';

export type Keeping = SettingsJson['retention'];

const DAY_MS = 86_400_000;

/** Days as the server takes them: whole, one day to ten years. */
export function isDays(days: number | null): boolean {
  return days === null || (Number.isInteger(days) && days >= 1 && days <= 3650);
}

/** Null is for ever. */
function shorter(next: number | null, before: number | null): boolean {
  return next !== null && (before === null || next < before);
}

/**
 * What would be thrown away soon after the change and would have stayed without it. Raw mails of probes that go are not named again.
 * @param oldest when the oldest run began, or the oldest campaign came in, epoch ms; null when there was none
 */
export function loses(
  before: Keeping,
  next: Keeping,
  oldest: number | null,
  now: number,
): { messages: boolean; probes: boolean } {
  const cuts = (days: number | null, kept: number | null): boolean =>
    shorter(days, kept) && days !== null && oldest !== null && oldest < now - days * DAY_MS;
  return {
    messages: cuts(next.messageDays, before.messageDays),
    probes: cuts(next.probeDays, before.probeDays),
  };
}
