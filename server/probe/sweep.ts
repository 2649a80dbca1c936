/**
 * A sweep is one way through the folders of a seed, and at its end it has an answer for every probe that was looked for. It holds for the moment at which
 * it began: what was not there then may have come since.
 *
 * The same mail may show in several folders: Gmail's labels and All Mail, a rule that files a copy. So a copy in a folder of the user's own says nothing as
 * long as the mail lies in Junk or INBOX: it counts when a fresh look there, taken after the copy was seen, finds it gone.
 *
 * A slow server makes a sweep take several rounds. Pure: locate.ts asks the server, this says what to ask and what the answers come to.
 */
import type { ProbeTable } from '../../db/schema.ts';
import { foldersToLookInto } from '../seed/folders.ts';
import type { FolderRole, SeedFolder, SeenMessage } from '../seed/types.ts';
import { placeRank } from './placement.ts';
import { WIDE_LOOK_GAP } from './polling.ts';

/** Mail that was sent so lately is looked for in Junk and INBOX only. */
const WIDE_AFTER_MS = 3_000;

export type Sweep = {
  /** Epoch ms. */
  startedAt: number;
  /** More than Junk and INBOX. */
  wide: boolean;
  /** Ids of the probes that are looked for, and of those whose look was due. */
  wanted: ReadonlySet<string>;
  due: ReadonlySet<string>;
  /** Tokens of those whose last word is due: they are looked for in every folder as if for the first time. */
  deep: ReadonlySet<string>;
  /** Folders still to look into, best first. */
  left: SeedFolder[];
  /** What is new in the first of them was read already: only the deep look is left. */
  newsRead: boolean;
  /** The last round looked into something that was left. */
  gotOn: boolean;
  /** The best copy of each probe so far, by token. */
  best: Map<string, SeenMessage>;
  /** Token → folder of the copy that was stored. */
  stored: Map<string, string>;
  /** Fresh looks for probes of which only a doubtful copy was seen; null until all folders were looked into. */
  check: Check | null;
};

/** Folders still to look into, whom for, and the copies found there. */
export type Check = { left: SeedFolder[]; tokens: ReadonlySet<string>; still: Map<string, SeenMessage> };

/** @param widelyLookedAt when the last wide sweep began, epoch ms */
export function newSweep(
  folders: readonly SeedFolder[],
  outstanding: readonly ProbeTable[],
  now: number,
  widelyLookedAt: number,
): Sweep {
  const wanted = outstanding.filter((probe) => probe.next_look_at !== null || probe.outcome === 'sending');
  const due = wanted.filter((probe) => probe.next_look_at !== null && probe.next_look_at <= now);
  const deep = due.filter(
    (probe) => probe.outcome === 'placed' || (probe.missing_at !== null && probe.missing_at <= now),
  );
  const wide =
    deep.length > 0 ||
    // The distance, not the difference: a clock that was set back would look like a look in the future.
    (Math.abs(now - widelyLookedAt) >= WIDE_LOOK_GAP &&
      wanted.some((probe) => probe.outcome !== 'placed' && now - (probe.sent_at ?? now) > WIDE_AFTER_MS));
  return {
    startedAt: now,
    wide,
    wanted: new Set(wanted.map((probe) => probe.id)),
    due: new Set(due.map((probe) => probe.id)),
    deep: new Set(deep.map((probe) => probe.token)),
    left: foldersToLookInto(folders).filter((folder) => wide || isMain(folder)),
    newsRead: false,
    gotOn: false,
    best: new Map(),
    stored: new Map(),
    check: null,
  };
}

/** Junk and INBOX: where mail lands. */
export function isMain({ role }: { role: FolderRole }): boolean {
  return role === 'junk' || role === 'inbox';
}

/** Takes a copy of a probe that was seen; of several the best counts. */
export function takeCopy(sweep: Sweep, probe: ProbeTable, copy: SeenMessage): void {
  // All Mail shows everything once more: of a mail whose place is known it says something only when all other folders are looked into.
  if (copy.role === 'all' && placeOf(probe) !== null && !sweep.deep.has(probe.token)) return;
  const seen = sweep.check?.tokens.has(probe.token) ? sweep.check.still : sweep.best;
  const before = seen.get(probe.token);
  if (!before || rankOf(probe, copy) < rankOf(probe, before)) seen.set(probe.token, copy);
}

/** What is sure by now and not stored yet. */
export function sureCopies(
  sweep: Sweep,
  folders: readonly SeedFolder[],
  probes: readonly ProbeTable[],
): [ProbeTable, SeenMessage][] {
  return probes.flatMap((probe): [ProbeTable, SeenMessage][] => {
    const copy = sweep.best.get(probe.token);
    if (!copy || sweep.stored.get(probe.token) === copy.folder || !isSure(folders, probe, copy)) return [];
    return isNews(sweep, probe, copy) ? [[probe, copy]] : [];
  });
}

/** Folders in which a copy was seen that is no answer yet: what was read there is not to be passed over before it is. */
export function doubtfulFolders(
  sweep: Sweep,
  folders: readonly SeedFolder[],
  probes: readonly ProbeTable[],
): Set<string> {
  return new Set(doubtful(sweep, folders, probes).map(([, copy]) => copy.folder));
}

/** All folders were looked into: what is still to be asked is whether the mail of a doubtful copy lies where it should. */
export function beginCheck(sweep: Sweep, folders: readonly SeedFolder[], probes: readonly ProbeTable[]): Check {
  if (sweep.check) return sweep.check;
  const doubts = doubtful(sweep, folders, probes).map(([probe]) => probe);
  const places = new Set(doubts.map(placeOf));
  sweep.check = {
    left: doubts.length === 0 ? [] : folders.filter((one) => one.selectable && (isMain(one) || places.has(one.path))),
    tokens: new Set(doubts.map((probe) => probe.token)),
    still: new Map(),
  };
  return sweep.check;
}

/** What the check came to: the copy in its place, or else the doubtful one. Nothing where a mail simply lies where it lay. */
export function checkedCopies(sweep: Sweep, probes: readonly ProbeTable[]): [ProbeTable, SeenMessage][] {
  const { tokens, still } = sweep.check ?? { tokens: new Set<string>(), still: new Map<string, SeenMessage>() };
  return probes.flatMap((probe): [ProbeTable, SeenMessage][] => {
    const seen = sweep.best.get(probe.token);
    if (!seen || !tokens.has(probe.token)) return [];
    const here = still.get(probe.token);
    const copy = here && rankOf(probe, here) <= rankOf(probe, seen) ? here : seen;
    return isNews(sweep, probe, copy) ? [[probe, copy]] : [];
  });
}

/** That a mail lies where it lay is worth a word only when its look was due. */
function isNews(sweep: Sweep, probe: ProbeTable, copy: SeenMessage): boolean {
  return copy.folder !== placeOf(probe) || sweep.deep.has(probe.token);
}

function doubtful(
  sweep: Sweep,
  folders: readonly SeedFolder[],
  probes: readonly ProbeTable[],
): [ProbeTable, SeenMessage][] {
  return probes.flatMap((probe): [ProbeTable, SeenMessage][] => {
    const copy = sweep.best.get(probe.token);
    return copy && !isSure(folders, probe, copy) ? [[probe, copy]] : [];
  });
}

/** Whether a copy is an answer by itself: it lies where mail lands, or where it is known to lie, or better than there. */
function isSure(folders: readonly SeedFolder[], probe: ProbeTable, copy: SeenMessage): boolean {
  const place = placeOf(probe);
  if (place === null) return isMain(copy);
  if (copy.folder === place) return true;
  const role = folders.find(({ path }) => path === place)?.role ?? 'other';
  return placeRank(copy.role) < placeRank(role);
}

/** Of two copies in places alike the one where the probe is known to lie counts. */
function rankOf(probe: ProbeTable, copy: SeenMessage): number {
  return placeRank(copy.role) - (copy.folder === placeOf(probe) ? 0.5 : 0);
}

/** The folder in which the probe is known to lie, or null. */
function placeOf(probe: ProbeTable): string | null {
  return probe.outcome === 'placed' ? probe.placement_folder : null;
}
