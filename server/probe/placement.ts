/**
 * Where a message lies, from where it was seen. Over IMAP the folder decides: Junk is spam, INBOX is the inbox or one of its tabs. Over POP3 there
 * is only one place, so the word "spam" is used only if the delivered mail itself carries the filter's verdict.
 */
import type { FolderRole, FolderRoleSource, Protocol } from '../seed/types.ts';
import { type Placement, type PlacementReason, TABS } from './types.ts';

export type SeenPlace = {
  protocol: Protocol;
  folder: string;
  role: FolderRole;
  roleSource: FolderRoleSource | null;
  /** Gmail's category for a message in INBOX; null: none, or tabs are off. */
  tab: string | null;
  /** What the receiving side wrote into the header, names in lower case, first of each name; what came with the mail is anybody's word. */
  header: ReadonlyMap<string, string>;
};

export type PlacementVerdict = { placement: Placement; reason: PlacementReason; evidence: Record<string, string> };

/** Judges one place. Pure: the same place gives the same verdict. */
export function judgePlacement(seen: SeenPlace): PlacementVerdict {
  const evidence: Record<string, string> = { folder: seen.folder };
  if (seen.roleSource) evidence.roleSource = seen.roleSource;
  if (seen.role === 'junk') return verdict('spam', 'folder-junk', seen, evidence);
  if (seen.role === 'inbox') {
    const flagged = filterVerdict(seen.header);
    if (flagged) evidence.header = flagged;
    if (flagged && seen.protocol === 'pop3') return verdict('spam', 'verdict-header-spam', seen, evidence);
    const tab = TABS.find((name) => name === seen.tab);
    if (tab)
      return {
        placement: { kind: 'tab', tab, folder: seen.folder, folderRole: seen.role },
        reason: `gmail-tab-${tab}` satisfies PlacementReason,
        evidence: { ...evidence, tab },
      };
    return verdict('inbox', seen.protocol === 'pop3' ? 'pop3-inbox' : 'folder-inbox', seen, evidence);
  }
  return verdict('other', 'folder-other', seen, evidence);
}

function verdict(
  kind: 'inbox' | 'spam' | 'other',
  reason: PlacementReason,
  seen: SeenPlace,
  evidence: Record<string, string>,
): PlacementVerdict {
  return { placement: { kind, folder: seen.folder, folderRole: seen.role }, reason, evidence };
}

/**
 * The filter's own word in a mail that was delivered into the inbox all the same: SpamAssassin's X-Spam-Flag and X-Spam-Status,
 * rspamd's X-Spam, GMX's X-GMX-Antispam (5 and more is junk to its own rules).
 * @returns the header line that says spam, or null
 */
export function filterVerdict(header: ReadonlyMap<string, string>): string | null {
  const yes: [string, RegExp][] = [
    ['x-spam-flag', /^\s*yes\b/i],
    ['x-spam-status', /^\s*yes\b/i],
    ['x-spam', /^\s*yes\b/i],
    ['x-gmx-antispam', /^\s*([5-9]|\d\d)\b/],
  ];
  for (const [name, pattern] of yes) {
    const value = header.get(name);
    if (value !== undefined && pattern.test(value)) return `${name}: ${value.slice(0, 200)}`;
  }
  return null;
}

/** Which of two places of the same probe counts: spam before inbox before the user's own folders before the rest, All Mail last. */
export function placeRank(role: FolderRole): number {
  const ranks: Partial<Record<FolderRole, number>> = { junk: 0, inbox: 1, other: 2, archive: 3, trash: 4 };
  return ranks[role] ?? 5;
}
