/** What is kept from check to check and told of: what was published, what changed and where in a record, since when something stands. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { DomainCheck } from '../../server/domain/audit.ts';
import { type DiffLine, diffRecords } from '../../server/domain/diff.ts';
import { raise } from '../../server/domain/findings.ts';
import { carryOver, changesBetween, otherKeys, type Published, samePublished } from '../../server/domain/published.ts';
import { countsOf, historyOf, type Standing, standAfter, stateOf } from '../../server/domain/standing.ts';
import { PROTOCOLS } from '../../server/domain/types.ts';

const shortly = (lines: DiffLine[]): string[] =>
  lines.map(
    ({ kind, parts }) =>
      `${kind}: ${parts.map((part) => ({ same: part.text, removed: `[-${part.text}-]`, added: `[+${part.text}+]` })[part.kind]).join('')}`,
  );

describe('a diff', () => {
  const CASES: [
    name: string,
    protocol: 'spf' | 'dmarc' | 'mx' | 'dkim',
    before: string[],
    after: string[],
    lines: string[],
  ][] = [
    ['a term more', 'spf', ['v=spf1 mx -all'], ['v=spf1 mx a -all'], ['changed: v=spf1 mx [+a +]-all']],
    ['a term less', 'spf', ['v=spf1 mx a -all'], ['v=spf1 mx -all'], ['changed: v=spf1 mx [-a -]-all']],
    ['another qualifier', 'spf', ['v=spf1 -all'], ['v=spf1 ~all'], ['changed: v=spf1 [--all-][+~all+]']],
    ['only spaces', 'spf', ['v=spf1  -all'], ['v=spf1 -all'], ['changed: v=spf1 -all']],
    [
      'a tag',
      'dmarc',
      ['v=DMARC1; p=none'],
      ['v=DMARC1; p=none; sp=reject'],
      ['changed: v=DMARC1; p=none; [+sp=reject+]'],
    ],
    ['a key is one part', 'dkim', ['v=DKIM1; p=AAAA'], ['v=DKIM1; p=BBBB'], ['changed: v=DKIM1; [-p=AAAA-][+p=BBBB+]']],
    ['first', 'mx', [], ['10 a.test'], ['added: [+10 a.test+]']],
    ['last', 'mx', ['10 a.test'], [], ['removed: [-10 a.test-]']],
    ['one of several', 'mx', ['10 a.test', '20 b.test'], ['20 b.test'], ['same: 20 b.test', 'removed: [-10 a.test-]']],
    ['one became another', 'mx', ['10 a', '20 b'], ['20 b', '10 c'], ['same: 20 b', 'changed: 10 [-a-][+c+]']],
    [
      'two became two',
      'mx',
      ['10 a', '20 b'],
      ['10 c', '20 d'],
      ['removed: [-10 a-]', 'removed: [-20 b-]', 'added: [+10 c+]', 'added: [+20 d+]'],
    ],
  ];
  for (const [name, protocol, before, after, lines] of CASES)
    test(name, () => assert.deepEqual(shortly(diffRecords(protocol, before, after)), lines));

  test('what stayed and what went is the record before, what stayed and what came is the one after', () => {
    const record = fc.array(fc.constantFrom('v=spf1 ', 'a ', 'mx ', '-all', 'p=none; ', ';', ' ', 'x'), {
      maxLength: 12,
    });
    const bare = (text: string): string => text.replace(/[\s;]+/g, '');
    fc.assert(
      fc.property(fc.constantFrom(...PROTOCOLS), record, record, (protocol, one, other) => {
        const [before, after] = [one.join(''), other.join('')];
        const parts = diffRecords(protocol, [before], [after]).flatMap((line) => line.parts);
        const without = (kind: string) => parts.filter((part) => part.kind !== kind).map((part) => part.text);
        assert.equal(bare(without('added').join('')), bare(before));
        assert.equal(without('removed').join(''), after);
      }),
    );
  });

  test('a record of 64 KB is compared in no time', () => {
    const long = Array.from({ length: 8000 }, (_, i) => `ip4:10.0.${i}`).join(' ');
    const began = performance.now();
    diffRecords('spf', [long], [`${long} -all`]);
    // Blanks in the middle of a part, beside many parts.
    const blanks = `v=DKIM1; n=${' '.repeat(30_000)}x; ${'a=1; '.repeat(100)}`;
    diffRecords('dkim', [blanks], [`${blanks}b=1`]);
    assert.ok(performance.now() - began < 500);
  });
});

describe('what was published', () => {
  const at = (name: string, values: string[] | null, protocol: Published['protocol'] = 'spf'): Published => ({
    protocol,
    name,
    type: 'TXT',
    values,
  });
  const kinds = (before: Published[] | null, after: Published[]) =>
    changesBetween('a.test', before, after).map(({ kind, name }) => `${kind} ${name}`);
  const CASES: [name: string, before: Published[] | null, after: Published[], changes: string[]][] = [
    ['the first check', null, [at('a.test', ['x'])], []],
    ['nothing new', [at('a.test', ['x', 'y'])], [at('a.test', ['y', 'x'])], []],
    ['changed', [at('a.test', ['x'])], [at('a.test', ['y'])], ['changed a.test']],
    ['added', [at('a.test', [])], [at('a.test', ['y'])], ['added a.test']],
    ['removed', [at('a.test', ['x'])], [at('a.test', [])], ['removed a.test']],
    ['never known before', [at('a.test', null)], [at('a.test', ['x'])], []],
    ['not known now', [at('a.test', ['x'])], [at('a.test', null)], []],
    ['asked for the first time', [], [at('b.test', ['x'])], []],
    ['not asked any more', [at('b.test', ['x'])], [], []],
    [
      'a key under a usual selector, where there was none',
      [at(otherKeys('a.test'), [], 'dkim')],
      [at('google._domainkey.a.test', ['k'], 'dkim')],
      ['added google._domainkey.a.test'],
    ],
    [
      'a key under a usual selector, where it could not be told',
      [at(otherKeys('a.test'), null, 'dkim')],
      [at('google._domainkey.a.test', ['k'], 'dkim')],
      [],
    ],
    [
      'a key under a selector that nobody asked for before',
      [at(otherKeys('a.test'), [], 'dkim')],
      [at('own-one._domainkey.a.test', ['k'], 'dkim')],
      [],
    ],
  ];
  for (const [name, before, after, changes] of CASES) test(name, () => assert.deepEqual(kinds(before, after), changes));

  test('what could not be asked is what it was, however often, and then it is compared with that', () => {
    let known: Published[] = [at('a.test', ['x'])];
    for (let i = 0; i < 10; i++) {
      const now = carryOver(known, [at('a.test', null)]);
      assert.deepEqual(kinds(known, now), []);
      assert.ok(samePublished(known, now));
      known = now;
    }
    assert.deepEqual(kinds(known, carryOver(known, [at('a.test', ['y'])])), ['changed a.test']);
  });
});

describe('how a domain stands, and since when', () => {
  type Key = { selector: string; fingerprint: string | null; asked: string };
  const check = (
    findings: DomainCheck['findings'],
    more: { keys?: Key[]; policy?: string; asked?: DomainCheck['asked']; unasked?: DomainCheck['unasked'] } = {},
  ): DomainCheck =>
    ({
      findings,
      asked: { spf: 'found', dkim: 'found', dmarc: 'found', ...more.asked },
      unasked: more.unasked ?? [],
      unconfirmed: [],
      records: { dkim: more.keys ?? [], dmarc: { readings: { newer: { policy: more.policy ?? 'reject' } } } },
    }) as unknown as DomainCheck;
  const none = raise('dmarc-policy-none', {});
  const short = (selector: string) => raise('dkim-key-short', { selector });
  const after = (steps: [at: number, check: DomainCheck][]): Standing =>
    // As it is read back: it survives JSON.
    steps.reduce<Standing | null>(
      (before, [at, made]) => JSON.parse(JSON.stringify(standAfter(before, made, at))) as Standing,
      null,
    ) as Standing;

  test('the worst finding is the state; without SPF, DKIM or DMARC asked nothing is fine', () => {
    assert.equal(stateOf(check([])), 'fine');
    assert.equal(stateOf(check([raise('dnssec-missing', {})])), 'fine');
    assert.equal(stateOf(check([short('a'), none])), 'medium');
    for (const key of ['spf', 'dkim', 'dmarc'] as const)
      assert.equal(stateOf(check([], { asked: { [key]: 'unasked' } })), null);
    assert.equal(stateOf(check([none], { asked: { spf: 'unasked' } })), 'medium');
    assert.deepEqual(countsOf([none, short('a'), short('b')]), { critical: 0, high: 0, medium: 1, low: 2, info: 0 });
  });

  test('since counts from when it began, and begins anew when it was gone', () => {
    const standing = after([
      [1000, check([none])],
      [2000, check([none, short('a')])],
      [3000, check([short('a')])],
      [4000, check([none, short('a'), short('b')])],
    ]);
    assert.deepEqual(standing.findingsSince, {
      'dmarc-policy-none': 4000,
      'dkim-key-short a': 2000,
      'dkim-key-short b': 4000,
    });
    assert.deepEqual([standing.state, standing.since], ['medium', 4000]);
  });

  test('what nobody answered in between was there all the time', () => {
    const unasked = [
      { name: '_dmarc.a.test', type: 'TXT', status: 'servfail', protocols: ['dmarc'] },
    ] as DomainCheck['unasked'];
    const blind = check([], { unasked, asked: { dmarc: 'unasked' } });
    const standing = after([
      [1000, check([none, short('a')], { policy: 'none' })],
      [2000, blind],
      [3000, blind],
      [4000, check([none, short('a')], { policy: 'none' })],
    ]);
    assert.deepEqual(standing.findingsSince, { 'dmarc-policy-none': 1000, 'dkim-key-short a': 4000 });
    assert.equal(standing.policyNoneSince, 1000);
    assert.deepEqual(standing.unaskedSince, {});
  });

  test('a key is as old as it has been the same; one that was not answered for is the one it was', () => {
    const key = (fingerprint: string | null, asked = 'found'): Key => ({ selector: 's1', fingerprint, asked });
    const standing = after([
      [1000, check([], { keys: [key('x')] })],
      [2000, check([], { keys: [key(null, 'unasked')] })],
      [3000, check([], { keys: [key('x')] })],
    ]);
    assert.deepEqual(historyOf(standing).keysSince, { s1: { fingerprint: 'x', since: 1000 } });
    assert.deepEqual(standAfter(standing, check([], { keys: [key('y')] }), 4000).keysSince.s1?.since, 4000);
    assert.deepEqual(standAfter(standing, check([], { keys: [key(null, 'none')] }), 4000).keysSince, {});
    assert.deepEqual(historyOf(null), { keysSince: {}, policyNoneSince: null });
  });

  test('p=none is as old as it has been so', () => {
    const standing = after([
      [1000, check([], { policy: 'none' })],
      [2000, check([], { policy: 'none' })],
    ]);
    assert.equal(standing.policyNoneSince, 1000);
    assert.equal(standAfter(standing, check([], { policy: 'quarantine' }), 3000).policyNoneSince, null);
  });
});
