/**
 * A probe is one message to one seed, found again by its token. All that happens to it is a step between outcomes; every step
 * is a conditional update of its row, so that a crash at any instant leaves a row from which the next start goes on.
 */

import type { SeedReason } from '../seed/types.ts';
import type { SendReason } from '../sender/types.ts';

export const OUTCOMES = [
  'queued',
  'sending',
  'accepted',
  'rejected',
  'bounced',
  'deferred',
  'placed',
  'missing',
  'unknown',
] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const PLACEMENT_KINDS = ['inbox', 'tab', 'spam', 'other'] as const;
export type PlacementKind = (typeof PLACEMENT_KINDS)[number];

export const TABS = ['promotions', 'social', 'updates', 'forums', 'reservations', 'purchases'] as const;
export type Tab = (typeof TABS)[number];

/** Why a placed probe is said to lie where it lies. */
export const PLACEMENT_REASONS = [
  'folder-inbox',
  'folder-junk',
  'folder-other',
  'gmail-tab-promotions',
  'gmail-tab-social',
  'gmail-tab-updates',
  'gmail-tab-forums',
  'gmail-tab-reservations',
  'gmail-tab-purchases',
  'pop3-inbox',
  'verdict-header-spam', // POP3: delivered into the inbox with the receiving filter's verdict in a header
] as const;
export type PlacementReason = (typeof PLACEMENT_REASONS)[number];

/** Why a probe stands where it stands: a closed set; sentences in server/words. */
export type ProbeReason =
  | PlacementReason
  | SendReason
  | SeedReason
  | 'waiting-to-be-sent'
  | 'waiting-for-its-turn' // a repeat of a placement test, whose time has not come
  | 'watched' // somebody else's system sends it: nothing was seen yet
  | 'not-seen' // and nothing was seen until the watch ended: who knows whether it was sent
  | 'counted-elsewhere' // nor was any, but one that fits counts for another watch, which knows it by something surer or is newer
  | 'being-sent'
  | 'interrupted-while-sending' // the program died between intent and reply: never sent again, looked for instead
  | 'restored-while-waiting' // it waited when the backup was made, and may have been sent since: never sent again, looked for instead
  | 'not-seen-yet'
  | 'not-seen-in-time'
  | 'never-arrived' // nobody knows whether it left, and it was not found by its deadline
  | 'not-seen-in-inbox' // POP3: it may be in spam, POP3 cannot see that
  | 'seed-unreadable'
  | 'seed-paused'
  | 'bounced'; // a delivery status notification came back

export type Placement = { kind: PlacementKind; tab?: Tab; folder: string; folderRole?: string };

/** Where one look found it. */
export type Sighting = {
  seenAt: number;
  folder: string;
  kind: PlacementKind;
  tab: Tab | null;
  reason: PlacementReason;
  internalDate: number | null;
  uid: string;
};

/** The buckets of delivery time, in minutes: 0–3, 3–6, 6–15, 15–60, 60 and more. */
export const DELAY_BUCKET_MINUTES = [3, 6, 15, 60] as const;

/** Index 0…4 of the bucket that a delay (ms) falls into. */
export function delayBucket(delayMs: number): number {
  const minutes = delayMs / 60_000;
  const index = DELAY_BUCKET_MINUTES.findIndex((limit) => minutes < limit);
  return index === -1 ? DELAY_BUCKET_MINUTES.length : index;
}

/**
 * Lower edges of the fine buckets of delivery time, in ms: whatever is under a second, then each at most 12 % wider than the one before, up to a week and
 * beyond. The edges above are among them. Rows of the database name their bucket by its edge: changing one takes a migration.
 */
export const DELAY_EDGES_MS: readonly number[] = fineEdges([
  1_000,
  ...DELAY_BUCKET_MINUTES.map((minutes) => minutes * 60_000),
  7 * 86_400_000,
]);

function fineEdges(fixed: readonly number[]): number[] {
  const edges = [0];
  for (const [i, from] of fixed.entries()) {
    const to = fixed[i + 1];
    const steps = to === undefined ? 1 : Math.ceil(Math.log(to / from) / Math.log(1.12));
    for (let step = 0; step < steps; step++) edges.push(Math.round(from * ((to ?? from) / from) ** (step / steps)));
  }
  return edges;
}

/** The lower edge of the fine bucket that a delay (ms) falls into. */
export function delayEdge(delayMs: number): number {
  let low = 0;
  let high = DELAY_EDGES_MS.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((DELAY_EDGES_MS[middle] ?? 0) <= delayMs) low = middle;
    else high = middle - 1;
  }
  return DELAY_EDGES_MS[low] ?? 0;
}
