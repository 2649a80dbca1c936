import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { foldersToLookInto, junkOf, type ListedFolder, resolveFolders } from '../../server/seed/folders.ts';
import { PROVIDER_IDS, type ProviderId } from '../../server/seed/types.ts';

const folder = (path: string, flags: string[] = [], guess: string | null = null, delimiter = '/'): ListedFolder => ({
  path,
  flags,
  guess,
  delimiter,
});

const GMAIL_JA = [
  folder('INBOX'),
  folder('[Gmail]', ['\\Noselect']),
  folder('[Gmail]/すべてのメール', ['\\All']),
  folder('[Gmail]/ゴミ箱', ['\\Trash']),
  folder('[Gmail]/下書き', ['\\Drafts']),
  folder('[Gmail]/送信済みメール', ['\\Sent']),
  folder('[Gmail]/迷惑メール', ['\\Junk']),
  folder('[Gmail]/スター付き', ['\\Flagged']),
  folder('[Gmail]/重要', ['\\Important']),
  folder('Receipts'),
];

const JUNK: [
  what: string,
  listed: ListedFolder[],
  provider: ProviderId,
  chosen: string | null,
  junk: [string, string] | null,
][] = [
  ['SPECIAL-USE, in Japanese', GMAIL_JA, 'gmail', null, ['[Gmail]/迷惑メール', 'special-use']],
  ['hidden in IMAP', GMAIL_JA.filter(({ flags }) => !flags.includes('\\Junk')), 'gmail', null, null],
  ['the user chose', GMAIL_JA, 'gmail', 'Receipts', ['Receipts', 'user']],
  ['the user chose what is gone', GMAIL_JA, 'gmail', 'Gone', ['[Gmail]/迷惑メール', 'special-use']],
  ['the user chose in another case', [folder('INBOX'), folder('MySpam')], 'other', 'myspam', ['MySpam', 'user']],
  ['Yahoo', [folder('INBOX'), folder('Bulk'), folder('Draft')], 'yahoo', null, ['Bulk', 'name']],
  ['GMX', [folder('INBOX'), folder('Spamverdacht'), folder('Gesendet')], 'gmx', null, ['Spamverdacht', 'name']],
  [
    'Yahoo! JAPAN',
    [folder('INBOX'), folder('迷惑メール'), folder('Bulk Mail')],
    'yahoo-japan',
    null,
    ['迷惑メール', 'name'],
  ],
  ['Outlook', [folder('INBOX'), folder('Junk Email'), folder('Sent Items')], 'outlook', null, ['Junk Email', 'name']],
  ['in wide letters', [folder('INBOX'), folder('ＳＰＡＭ')], 'other', null, ['ＳＰＡＭ', 'name']],
  [
    'under INBOX with dots',
    [folder('INBOX', [], null, '.'), folder('INBOX.Spam', [], null, '.')],
    'dovecot',
    null,
    ['INBOX.Spam', 'name'],
  ],
  ['French', [folder('INBOX'), folder('Courrier indésirable')], 'other', null, ['Courrier indésirable', 'name']],
  [
    'a language only the library knows',
    [folder('INBOX'), folder('Sothach', [], '\\Junk')],
    'other',
    null,
    ['Sothach', 'name'],
  ],
  ['Unwanted', [folder('INBOX'), folder('Unwanted')], 'other', null, ['Unwanted', 'name']],
  ['none', [folder('INBOX'), folder('Work')], 'other', null, null],
  [
    'the flag beats the name',
    [folder('INBOX'), folder('Spam'), folder('X', ['\\Junk'])],
    'other',
    null,
    ['X', 'special-use'],
  ],
  ['a name with another flag is none', [folder('INBOX'), folder('Spam', ['\\Archive'])], 'other', null, null],
  ['the shallowest', [folder('INBOX'), folder('Old/Spam'), folder('Spam')], 'docomo', null, ['Spam', 'name']],
  ['an unselectable one is none', [folder('INBOX'), folder('Spam', ['\\Noselect'])], 'other', null, null],
];
for (const [what, listed, provider, chosen, junk] of JUNK) {
  test(`Junk: ${what}`, () => {
    const found = junkOf(resolveFolders(listed, provider, chosen));
    assert.deepEqual(found && [found.path, found.source], junk);
  });
}

test('order and what is left out', () => {
  const order = foldersToLookInto(resolveFolders(GMAIL_JA, 'gmail', null)).map(({ path }) => path);
  assert.deepEqual(order, ['[Gmail]/迷惑メール', 'INBOX', 'Receipts', '[Gmail]/すべてのメール', '[Gmail]/ゴミ箱']);
  const many = resolveFolders([...GMAIL_JA, ...Array.from({ length: 60 }, (_, i) => folder(`F${i}`))], 'gmail', null);
  assert.equal(foldersToLookInto(many).length, 20);
  // Where mail goes that is not left where it was: never crowded out by the user's own folders.
  assert.deepEqual(
    foldersToLookInto(many)
      .map(({ role }) => role)
      .filter((role) => role !== 'other'),
    ['junk', 'inbox', 'all', 'trash'],
  );
});

test('what only shows mail that lies elsewhere is never looked into, by its flag and not by its name', () => {
  const folders = resolveFolders([...GMAIL_JA, folder('Important'), folder('Starred', [], '\\Flagged')], 'gmail', null);
  const roles = new Map(folders.map(({ path, role }) => [path, role]));
  assert.deepEqual([roles.get('[Gmail]/重要'), roles.get('[Gmail]/スター付き')], ['important', 'flagged']);
  assert.deepEqual([roles.get('Important'), roles.get('Starred')], ['other', 'other']);
  const order = foldersToLookInto(folders).map(({ path }) => path);
  assert.ok(!order.includes('[Gmail]/重要') && !order.includes('[Gmail]/スター付き'), order.join());
  assert.ok(order.includes('Important') && order.includes('Starred'), order.join());
});

test('any list of folders has its INBOX second at most, and one Junk at most', () => {
  const name = fc.oneof(
    fc.constantFrom('INBOX', 'inbox', 'Spam', 'Junk', '__proto__', 'constructor', '[Gmail]/Spam'),
    fc.string({ unit: 'binary' }),
  );
  const flags = fc.subarray(['\\Junk', '\\All', '\\Sent', '\\Noselect', '\\junk', '__proto__']);
  const any = fc.record({
    path: name,
    delimiter: fc.constantFrom('/', '.', ''),
    flags,
    guess: fc.option(fc.constantFrom('\\Junk', '\\Sent', 'x')),
  });
  fc.assert(
    fc.property(fc.array(any), fc.constantFrom(...PROVIDER_IDS), fc.option(name), (listed, provider, chosen) => {
      const folders = resolveFolders(listed, provider, chosen);
      assert.ok(folders.filter(({ role }) => role === 'junk').length <= 1);
      assert.equal(new Set(folders.map(({ path }) => path)).size, folders.length);
      const inbox = foldersToLookInto(folders).findIndex(({ role }) => role === 'inbox');
      assert.ok(inbox <= 1);
    }),
  );
});
