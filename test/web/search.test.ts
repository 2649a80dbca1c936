/** What a search found, as the dialog shows it and the keyboard walks through it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SEARCH_KINDS, type SearchItemJson } from '../../server/api/json/search.ts';
import { foundFrom, groupsOf, partsOf, step } from '../../web/pages/search/results.ts';

const item = (kind: SearchItemJson['kind'], id: string): SearchItemJson => ({
  ...{ kind, id, title: id, detail: '', at: null, match: 'name' },
});

test('each kind has its page', () => {
  const paths = SEARCH_KINDS.map((kind) => foundFrom(item(kind, 'a/b')).path);
  assert.deepEqual(paths, [
    '/monitors/a%2Fb',
    '/seeds/a%2Fb',
    '/senders/a%2Fb',
    '/domains/a%2Fb',
    '/campaigns/a%2Fb',
    '/audits/a%2Fb',
    '/runs/a%2Fb',
    '/probes/a%2Fb',
  ]);
});

test('kinds stand in the order of what fits best, and nothing is lost', () => {
  const found = [item('seed', '1'), item('monitor', '2'), item('seed', '3'), item('run', '4')].map(foundFrom);
  const groups = groupsOf(found);
  assert.deepEqual(
    groups.map(({ kind, items }) => [kind, items.map(({ id }) => id).join()]),
    [
      ['seed', '1,3'],
      ['monitor', '2'],
      ['run', '4'],
    ],
  );
});

test('the arrows go round', () => {
  const cases: [number, 1 | -1, number, number][] = [
    [0, 1, 3, 1],
    [2, 1, 3, 0],
    [0, -1, 3, 2],
    [0, 1, 1, 0],
    [0, 1, 0, -1],
    [-1, 1, 2, 0],
  ];
  for (const [active, by, count, next] of cases)
    assert.equal(step(active, by, count), next, `${active} ${by} ${count}`);
});

test('what was typed is marked where it stands', () => {
  const marked = (text: string, typed: string) =>
    partsOf(text, typed)
      .map((part) => (part.hit ? `[${part.text}]` : part.text))
      .join('');
  const cases: [string, string, string][] = [
    ['Weekly newsletter', 'NEWS', 'Weekly [news]letter'],
    ['inbox@gmail.test', 'gmail inbox', '[inbox]@[gmail].test'],
    ['aaaa', 'aa', '[aaaa]'],
    ['注文確認メール', '確認', '注文[確認]メール'],
    ['nothing', 'xyz', 'nothing'],
    ['nothing', '  ', 'nothing'],
    ['', 'x', ''],
    ['İstanbul', 'bul', 'İstanbul'],
  ];
  for (const [text, typed, expected] of cases) assert.equal(marked(text, typed), expected, `${text} / ${typed}`);
});

test('marking never changes the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (text, typed) => {
      assert.equal(
        partsOf(text, typed)
          .map((part) => part.text)
          .join(''),
        text,
      );
    }),
  );
});
