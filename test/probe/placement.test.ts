import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filterVerdict, judgePlacement } from '../../server/probe/placement.ts';
import type { FolderRole } from '../../server/seed/types.ts';

const header = (lines: Record<string, string>) => new Map(Object.entries(lines));

for (const [name, seen, kind, reason] of [
  ['INBOX', { role: 'inbox', folder: 'INBOX' }, 'inbox', 'folder-inbox'],
  ['Promotions', { role: 'inbox', folder: 'INBOX', tab: 'promotions' }, 'tab', 'gmail-tab-promotions'],
  ['Primary is no tab', { role: 'inbox', folder: 'INBOX', tab: 'primary' }, 'inbox', 'folder-inbox'],
  ['迷惑メール', { role: 'junk', folder: '[Gmail]/迷惑メール' }, 'spam', 'folder-junk'],
  ['a tab does not make Junk an inbox', { role: 'junk', folder: 'Junk', tab: 'promotions' }, 'spam', 'folder-junk'],
  ['a user folder', { role: 'other', folder: 'News' }, 'other', 'folder-other'],
  ['POP3', { role: 'inbox', folder: 'INBOX', protocol: 'pop3' }, 'inbox', 'pop3-inbox'],
  [
    'POP3 with a verdict header',
    { role: 'inbox', folder: 'INBOX', protocol: 'pop3', header: header({ 'x-spam-flag': 'YES' }) },
    'spam',
    'verdict-header-spam',
  ],
  [
    'IMAP: the folder decides, whatever a header says',
    { role: 'inbox', folder: 'INBOX', protocol: 'imap', header: header({ 'x-spam-flag': 'YES' }) },
    'inbox',
    'folder-inbox',
  ],
  [
    'IMAP: a tab is a tab, whatever a header says',
    { role: 'inbox', folder: 'INBOX', tab: 'updates', header: header({ 'x-spam-status': 'Yes, score=9' }) },
    'tab',
    'gmail-tab-updates',
  ],
  [
    'POP3 with a clean verdict',
    { role: 'inbox', folder: 'INBOX', protocol: 'pop3', header: header({ 'x-spam-status': 'No, score=0.1' }) },
    'inbox',
    'pop3-inbox',
  ],
] as const)
  test(`placement: ${name}`, () => {
    const judged = judgePlacement({
      protocol: 'imap',
      roleSource: null,
      tab: null,
      header: new Map(),
      ...seen,
      role: seen.role as FolderRole,
    });
    assert.deepEqual([judged.placement.kind, judged.reason], [kind, reason]);
    assert.equal(judged.placement.folder, seen.folder);
  });

test('over IMAP the word of the receiving filter is kept as evidence', () => {
  const { evidence } = judgePlacement({
    protocol: 'imap',
    folder: 'INBOX',
    role: 'inbox',
    roleSource: 'protocol',
    tab: null,
    header: header({ 'x-spam-flag': 'YES' }),
  });
  assert.deepEqual(evidence, { folder: 'INBOX', roleSource: 'protocol', header: 'x-spam-flag: YES' });
});

for (const [line, spam] of [
  [{ 'x-spam': 'Yes' }, true],
  [{ 'x-spam-status': 'Yes, score=15.2 required=5.0' }, true],
  [{ 'x-gmx-antispam': '6 (nemesis text pattern profiler); Detail=V3' }, true],
  [{ 'x-gmx-antispam': '0 (Mail was not recognized as spam)' }, false],
  [{ 'x-spam-flag': 'NO' }, false],
  [{ __proto__x: 'Yes' }, false],
] as const)
  test(`verdict header ${JSON.stringify(line)}`, () => assert.equal(filterVerdict(header(line)) !== null, spam));
