/** Which copy of a probe counts, as a table: what was seen on the way through the folders, what a fresh look found, and what is stored in the end. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ProbeTable } from '../../db/schema.ts';
import {
  beginCheck,
  checkedCopies,
  doubtfulFolders,
  newSweep,
  type Sweep,
  sureCopies,
  takeCopy,
} from '../../server/probe/sweep.ts';
import type { FolderRole, SeedFolder, SeenMessage } from '../../server/seed/types.ts';

const ROLES: Record<string, FolderRole> = {
  Junk: 'junk',
  INBOX: 'inbox',
  News: 'other',
  Aside: 'other',
  Archive: 'archive',
  All: 'all',
  Trash: 'trash',
  Sent: 'sent',
};
const FOLDERS: SeedFolder[] = Object.entries(ROLES).map(([path, role]) => ({
  path,
  role,
  roleSource: null,
  selectable: true,
}));
const NOW = 1_000_000;

const probe = (change: Partial<ProbeTable>): ProbeTable =>
  ({
    id: 'p',
    token: 't',
    outcome: 'accepted',
    placement_folder: null,
    sent_at: NOW - 60_000,
    missing_at: NOW + 60_000,
    next_look_at: NOW,
    ...change,
  }) as ProbeTable;
const copy = (folder: string): SeenMessage => ({ folder, role: ROLES[folder] ?? 'other' }) as SeenMessage;
const folderOf = (answers: [ProbeTable, SeenMessage][]) => answers.map(([, { folder }]) => folder);

/** Walks through: what is seen in the folders, then in the fresh looks. @returns what is stored at once, and after the check */
function walk(one: ProbeTable, seen: string[], still: string[], widelyLookedAt = 0) {
  const sweep: Sweep = newSweep(FOLDERS, [one], NOW, widelyLookedAt);
  for (const folder of seen) takeCopy(sweep, one, copy(folder));
  const sure = folderOf(sureCopies(sweep, FOLDERS, [one]));
  const doubted = [...doubtfulFolders(sweep, FOLDERS, [one])];
  const asked = beginCheck(sweep, FOLDERS, [one]).left.map(({ path }) => path);
  for (const folder of still) if (asked.includes(folder)) takeCopy(sweep, one, copy(folder));
  return { sure, doubted, asked, checked: folderOf(checkedCopies(sweep, [one])) };
}

const waiting = probe({});
const lies = (folder: string, due = false) =>
  probe({ outcome: 'placed', placement_folder: folder, next_look_at: due ? NOW : NOW + 60_000 });

describe('which copy counts', () => {
  const rows: [what: string, one: ProbeTable, seen: string[], still: string[], stored: string[]][] = [
    ['in INBOX', waiting, ['INBOX'], [], ['INBOX']],
    ['in Junk and INBOX', waiting, ['Junk', 'INBOX'], [], ['Junk']],
    ['in INBOX and under a label', waiting, ['INBOX', 'News', 'All'], [], ['INBOX']],
    ['under a label alone', waiting, ['News', 'All'], [], ['News']],
    ['under a label, and in INBOX a moment later', waiting, ['News'], ['INBOX'], ['INBOX']],
    ['in All Mail alone', waiting, ['All'], [], ['All']],
    ['thrown away at once', waiting, ['Trash'], [], ['Trash']],
    ['known in INBOX, a copy under a label', lies('INBOX'), ['News'], ['INBOX'], []],
    ['known in INBOX, moved under a label', lies('INBOX'), ['News'], [], ['News']],
    ['known in INBOX, moved to Junk', lies('INBOX'), ['Junk'], [], ['Junk']],
    ['known in Junk, a copy in INBOX', lies('Junk'), ['INBOX'], ['Junk'], []],
    ['known in Junk, saved from there', lies('Junk'), ['INBOX'], [], ['INBOX']],
    ['known under one label, seen under another', lies('Aside'), ['News'], ['Aside'], []],
    ['known under a label, moved to INBOX', lies('News'), ['INBOX'], [], ['INBOX']],
    ['known in INBOX, All Mail shows it', lies('INBOX'), ['All'], [], []],
    ['a second copy in its place', lies('INBOX'), ['INBOX'], [], []],
    ['due: still in INBOX', lies('INBOX', true), ['INBOX'], [], ['INBOX']],
    ['due: still under its label, and another', lies('Aside', true), ['News', 'Aside'], [], ['Aside']],
    ['due: archived', lies('INBOX', true), ['Archive'], [], ['Archive']],
    ['due: archived at Gmail', lies('INBOX', true), ['All'], [], ['All']],
    ['due: thrown away', lies('INBOX', true), ['Trash'], [], ['Trash']],
    ['due: gone', lies('INBOX', true), [], [], []],
  ];
  for (const [what, one, seen, still, stored] of rows)
    test(what, () => {
      const { sure, checked } = walk(one, seen, still);
      assert.deepEqual([...sure, ...checked], stored);
    });
});

test('a doubt is asked about in Junk, INBOX and the place where it is known to lie, and nowhere without one', () => {
  assert.deepEqual(walk(lies('Aside'), ['News'], []).asked, ['Junk', 'INBOX', 'Aside']);
  assert.deepEqual(walk(lies('Aside'), ['News'], []).doubted, ['News']);
  assert.deepEqual(walk(waiting, ['INBOX'], []).asked, []);
});

test('how far a sweep goes', () => {
  const paths = (one: ProbeTable, widelyLookedAt: number) =>
    newSweep(FOLDERS, [one], NOW, widelyLookedAt).left.map(({ path }) => path);
  const all = ['Junk', 'INBOX', 'News', 'Aside', 'Archive', 'All', 'Trash'];
  for (const [what, one, widelyLookedAt, expected] of [
    ['not seen for a minute', waiting, 0, all],
    ['all were looked into just now', waiting, NOW - 1_000, all.slice(0, 2)],
    ['the clock was set back', waiting, NOW + 3_600_000, all],
    ['sent a moment ago', probe({ sent_at: NOW - 1_000 }), 0, all.slice(0, 2)],
    ['its deadline has come', probe({ sent_at: NOW - 1_000, missing_at: NOW }), NOW - 1_000, all],
    ['placed, and its look is due', lies('News', true), NOW - 1_000, all],
    ['placed, and not due', lies('INBOX'), 0, all.slice(0, 2)],
  ] as const)
    assert.deepEqual(paths(one, widelyLookedAt), expected, what);
});

test('whatever is seen, one copy at most counts, and none is better', () => {
  const names = fc.array(fc.constantFrom(...Object.keys(ROLES).filter((path) => path !== 'Sent')), { maxLength: 6 });
  const place = fc.option(fc.constantFrom('Junk', 'INBOX', 'News', 'Trash', 'Gone'), { nil: null });
  fc.assert(
    fc.property(names, names, place, fc.boolean(), (seen, still, at, due) => {
      const { sure, checked } = walk(at === null ? waiting : lies(at, due), seen, still);
      const stored = [...sure, ...checked];
      assert.ok(stored.length <= 1);
      if (seen.includes('Junk') && stored.length > 0) assert.equal(stored[0], 'Junk');
      if (at === 'INBOX' && still.includes('INBOX') && !seen.includes('Junk') && !still.includes('Junk'))
        assert.ok(stored.every((folder) => folder === 'INBOX'));
    }),
  );
});
