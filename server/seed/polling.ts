/**
 * When to look again for a probe. Most mail arrives within seconds, the rest within minutes, a little within hours: so looks start
 * close together and grow apart. A probe past its missing deadline is still watched, rarely, until its watch ends; one that was
 * found is looked at again after an hour and after a day, because providers move mail after delivery (Microsoft's ZAP,
 * Gmail's re-classification).
 */

/** Seconds after acceptance of the first looks. */
const FIRST_LOOKS_S = [1, 2, 3, 5, 8, 13, 20, 30] as const;
/** After those: a look at every tenth of the age, but never closer or farther than this. */
const GROWTH = 0.1;
const CLOSEST_MS = 15_000;
const FARTHEST_MS = 5 * 60_000;
/** Past the missing deadline. */
const RARE_MS = 30 * 60_000;
/** Ages at which a placed probe is looked at again, in ms since it was first seen. */
export const RELOOK_AGES_MS = [60 * 60_000, 24 * 60 * 60_000] as const;

/** One probe that is looked for. Times in epoch ms. */
export type Watched = {
  /** When the sending server accepted it, or when it was sent if that is not known. */
  sentAt: number;
  missingAt: number;
  watchUntil: number;
  /** When it was first seen, or null while it is outstanding. */
  placedAt: number | null;
};

/**
 * When to look for this probe next, given the last look (epoch ms, null for none yet), or null when its watch is over. Never before `lastLookAt`
 * plus the provider's floor. A time in the past means: now.
 * @param floorMs the provider's `pollingFloorMs`
 */
export function nextLookAt(probe: Watched, lastLookAt: number | null, floorMs: number): number | null {
  const wanted =
    probe.placedAt === null ? nextSearch(probe, lastLookAt) : nextRelook(probe, probe.placedAt, lastLookAt);
  if (wanted === null || lastLookAt === null) return wanted;
  return Math.max(wanted, lastLookAt + floorMs);
}

/**
 * When to look into a seed next on behalf of all its probes: the earliest of theirs. null when none is watched.
 */
export function nextSeedLookAt(probes: readonly Watched[], lastLookAt: number | null, floorMs: number): number | null {
  let earliest: number | null = null;
  for (const probe of probes) {
    const at = nextLookAt(probe, lastLookAt, floorMs);
    if (at !== null && (earliest === null || at < earliest)) earliest = at;
  }
  return earliest;
}

/**
 * Which folders a look opens. With IDLE, INBOX is opened when the server told of news, and Junk on the plan; but every look on the plan
 * still takes INBOX along once a minute, because a server may forget to tell.
 * @param lastInboxLookAt epoch ms of the last look into INBOX, or null
 */
export function looksIntoInbox(
  why: 'plan' | 'news',
  serverTells: boolean,
  lastInboxLookAt: number | null,
  now: number,
): boolean {
  return why === 'news' || !serverTells || lastInboxLookAt === null || now - lastInboxLookAt >= 60_000;
}

function nextSearch(probe: Watched, lastLookAt: number | null): number | null {
  // One last look at the very end of the watch, then no more.
  if (lastLookAt !== null && lastLookAt >= probe.watchUntil) return null;
  const age = lastLookAt === null ? -1 : lastLookAt - probe.sentAt;
  const first = FIRST_LOOKS_S.find((seconds) => seconds * 1_000 > age);
  if (first !== undefined) return Math.min(probe.sentAt + first * 1_000, probe.watchUntil);
  const last = probe.sentAt + age;
  if (last >= probe.missingAt) return Math.min(last + RARE_MS, probe.watchUntil);
  const step = Math.min(Math.max(age * GROWTH, CLOSEST_MS), FARTHEST_MS);
  // The deadline itself gets a look, so that "missing" is said on fresh evidence.
  return Math.min(last + step, probe.missingAt, probe.watchUntil);
}

function nextRelook(probe: Watched, placedAt: number, lastLookAt: number | null): number | null {
  const due = RELOOK_AGES_MS.map((age) => placedAt + age).find((at) => lastLookAt === null || at > lastLookAt);
  return due === undefined || due > probe.watchUntil ? null : due;
}
