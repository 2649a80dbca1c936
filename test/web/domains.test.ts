/** What the pages of domains work out by themselves: names in letters, records cut where findings point, what SPF terms cost, what a form takes. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { domainToASCII, domainToUnicode } from 'node:url';
import fc from 'fast-check';
import { PROTOCOLS as SERVER_PROTOCOLS } from '../../server/domain/types.ts';
import en from '../../server/words/findings.en.json' with { type: 'json' };
import ja from '../../server/words/findings.ja.json' with { type: 'json' };
import { keysOf } from '../../web/changes.ts';
import { asciiName, shownName } from '../../web/pages/domains/name.ts';
import { cutAt, type Span, spansIn } from '../../web/pages/domains/spans.ts';
import { branchesOf, costsOf, openAtFirst, type SpfTerm, wholeCost } from '../../web/pages/domains/spf-costs.ts';
import { countedWrong, PROTOCOLS, protocolStanding, RECORD_KEYS } from '../../web/pages/domains/standing.ts';
import { unwatchedOf } from '../../web/pages/domains/unwatched.ts';
import { domainIn, isDomain, isIp, isSelector } from '../../web/pages/domains/values.ts';
import { codeIn } from '../../web/pages/domains/words.ts';

describe('a name', () => {
  for (const [ascii, name] of [
    ['example.com', 'example.com'],
    ['xn--bcher-kva.example', 'bücher.example'],
    ['mail.xn--eckwd4c7c.xn--zckzah', 'mail.ドメイン.テスト'],
    ['xn--fa-hia.de', 'faß.de'],
    ['xn--80ak6aa92e.com', 'аррӏе.com'],
  ] as const)
    test(`${ascii} is shown as ${name}`, () =>
      assert.deepEqual(shownName(ascii), { name, ascii: name === ascii ? null : ascii }));

  for (const ascii of [
    'xn--.com',
    'xn--a.com',
    'xn--99999999.com',
    'xn--\u00e4.com',
    `xn--${'a'.repeat(80)}.com`,
    'xn--a-ecp.ru--',
  ])
    test(`${ascii} is no Punycode worth reading, and stays`, () => {
      const { name } = shownName(ascii);
      assert.ok(name === ascii || /^[\p{L}\p{N}\p{M}\-·・.]+$/u.test(name), name);
    });

  test('is read as Node reads it, whatever its letters', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zà-öø-ÿぁ-ゖ一-龯а-я]{1,20}$/), (label) => {
        const ascii = domainToASCII(`${label}.test`);
        fc.pre(ascii !== '');
        assert.equal(shownName(ascii).name, domainToUnicode(ascii));
      }),
    );
  });

  test('never fails, whatever stands behind xn--', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (text) => typeof shownName(`xn--${text}.test`).name === 'string'),
    );
  });

  test('of an address is the one in DNS', () => {
    assert.equal(asciiName('Bücher.test'), 'xn--bcher-kva.test');
    assert.equal(asciiName('a b'), null);
  });
});

describe('a record cut where findings point', () => {
  const show = (record: string, spans: Span[]) =>
    cutAt(record, spans).map(({ text, marks, ends }) => `${text}|${marks.join('')}|${ends.join('')}`);

  test('plain, one, two that lie across each other, and the same place twice', () => {
    assert.deepEqual(show('abcdef', []), ['abcdef||']);
    assert.deepEqual(show('abcdef', [{ start: 1, end: 3, number: 1 }]), ['a||', 'bc|1|1', 'def||']);
    assert.deepEqual(
      show('abcdef', [
        { start: 1, end: 4, number: 1 },
        { start: 2, end: 6, number: 2 },
      ]),
      ['a||', 'b|1|', 'cd|12|1', 'ef|2|2'],
    );
    assert.deepEqual(
      show('abc', [
        { start: 0, end: 3, number: 2 },
        { start: 0, end: 3, number: 1 },
      ]),
      ['abc|12|12'],
    );
  });

  test('no letter is lost or told twice, and each place ends once', () => {
    const span = fc.record({ start: fc.integer({ min: -3, max: 30 }), end: fc.integer({ min: -3, max: 30 }) });
    fc.assert(
      fc.property(fc.string({ maxLength: 25 }), fc.array(span, { maxLength: 6 }), (record, places) => {
        const spans = places.map((place, at) => ({ ...place, number: at + 1 }));
        const pieces = cutAt(record, spans);
        assert.equal(pieces.map(({ text }) => text).join(''), record);
        const ends = pieces.flatMap((piece) => piece.ends).sort((a, b) => a - b);
        const shown = spans
          .filter(({ start, end }) => Math.max(0, start) < Math.min(record.length, end))
          .map(({ number }) => number);
        assert.deepEqual(ends, shown);
      }),
    );
  });

  test('only findings about this very record point into it, under their number on the card', () => {
    const findings = [
      { evidence: { record: 'other', start: 0, end: 2 } },
      { evidence: { record: 'v=spf1', start: 2, end: 6 } },
      { evidence: { record: 'v=spf1' } },
    ];
    assert.deepEqual(spansIn('v=spf1', findings), [{ start: 2, end: 6, number: 2 }]);
  });
});

describe('what SPF costs', () => {
  const term = (lookups: number, behind: SpfTerm[] = []): SpfTerm =>
    ({
      lookups,
      node: behind.length === 0 ? null : { lookups: behind.reduce((sum, one) => sum + one.lookups, 0), terms: behind },
    }) as SpfTerm;

  test('is counted as a receiver goes, and says where the limit is passed', () => {
    const inner = Array.from({ length: 9 }, () => term(1));
    const include = term(10, inner);
    const [last, free] = [term(1), term(0)];
    const costs = costsOf([free, include, last]);
    assert.deepEqual(costs.get(free), { own: 0, soFar: 0, passes: false });
    assert.deepEqual(costs.get(include), { own: 1, soFar: 1, passes: false });
    assert.deepEqual(costs.get(inner[8] ?? free), { own: 1, soFar: 10, passes: false });
    assert.deepEqual(costs.get(last), { own: 1, soFar: 11, passes: true });
    assert.equal([...costs.values()].filter(({ passes }) => passes).length, 1);
    // Folded away, a branch costs what is in it.
    assert.deepEqual(wholeCost(include, costs), { own: 1, soFar: 10, passes: false });
    const whole = term(11, [...inner, last]);
    assert.deepEqual(wholeCost(whole, costsOf([whole])), { own: 1, soFar: 11, passes: true });
  });

  test('branches are open at first where there are few terms, or where something is wrong', () => {
    let start = 0;
    const leaf = (outcome = 'ok'): SpfTerm => ({ start: start++, lookups: 0, outcome, node: null }) as SpfTerm;
    const branch = (terms: SpfTerm[], problems: unknown[] = []): SpfTerm =>
      ({ start: start++, lookups: 1, outcome: 'ok', node: { lookups: 0, terms, problems } }) as unknown as SpfTerm;
    const opened = (terms: SpfTerm[]): string[] => [...openAtFirst(terms, costsOf(terms))];
    const few = branch([leaf(), branch([leaf()])]);
    assert.deepEqual(opened([few]), [`${few.start}`, `${few.start}/${few.node?.terms[1]?.start}`]);
    const good = branch(Array.from({ length: 9 }, () => leaf()));
    const deep = branch([branch([leaf('void')])]);
    const broken = branch([leaf()], [{}]);
    const macro = branch([leaf('macro')]);
    assert.deepEqual(opened([good, macro]), []);
    assert.deepEqual(opened([good, deep, broken]), [
      `${deep.start}`,
      `${deep.start}/${deep.node?.terms[0]?.start}`,
      `${broken.start}`,
    ]);
    // Where the limit is passed.
    const costly = branch([{ ...leaf(), lookups: 11 } as SpfTerm]);
    assert.deepEqual(opened([good, costly]), [`${costly.start}`]);
    assert.deepEqual(
      [...branchesOf([good, deep]).keys()],
      [`${good.start}`, `${deep.start}`, `${deep.start}/${deep.node?.terms[0]?.start}`],
    );
  });
});

describe('how things stand', () => {
  test('the pages know every protocol of the server, and where its record is', () => {
    assert.deepEqual([...PROTOCOLS].sort(), [...SERVER_PROTOCOLS].sort());
    assert.equal(new Set(Object.values(RECORD_KEYS)).size, PROTOCOLS.length);
  });

  for (const [asked, worst, standing] of [
    ['found', null, 'fine'],
    ['found', 'info', 'fine'],
    ['found', 'low', 'low'],
    ['none', null, 'none'],
    ['none', 'info', 'none'],
    ['none', 'high', 'high'],
    ['unasked', 'info', 'unasked'],
    ['unasked', null, 'unasked'],
    ['unasked', 'critical', 'critical'],
  ] as const)
    test(`${asked} with ${worst ?? 'nothing'} found is ${standing}`, () =>
      assert.equal(protocolStanding({ protocols: { mtaSts: { asked, worst } } }, 'mta-sts'), standing));

  test('what was not part of the check has no standing', () => {
    assert.equal(protocolStanding({ protocols: null }, 'spf'), null);
    assert.equal(protocolStanding({ protocols: {} }, 'spf'), null);
  });

  test('what is wrong is counted from the gravest on, without what is only worth knowing', () => {
    assert.deepEqual(countedWrong({ critical: 0, high: 2, medium: 0, low: 1, info: 7 }), [
      ['high', 2],
      ['low', 1],
    ]);
    assert.deepEqual(countedWrong(null), []);
  });

  test('a changed record makes the charts old, too', () => {
    assert.deepEqual(keysOf({ topic: 'domain', id: 'a' }), [['domains'], ['overview'], ['monitors']]);
  });
});

describe('domains of senders that are not watched', () => {
  const sender = (name: string, fromAddress: string) => ({ name, fromAddress });

  test('stand once each, with who sends from them', () => {
    const senders = [
      sender('News', 'news@a.test'),
      sender('Shop', 'shop@A.test'),
      sender('Old', 'x@b.test'),
      sender('Letters', 'x@bücher.test'),
      sender('Machine', 'root@localhost'),
      sender('Number', 'root@[192.0.2.1]'),
    ];
    assert.deepEqual(unwatchedOf(senders, [{ name: 'b.test' }]), [
      { name: 'a.test', senders: ['News', 'Shop'] },
      { name: 'xn--bcher-kva.test', senders: ['Letters'] },
    ]);
  });
});

describe('what the form takes', () => {
  for (const [typed, domain] of [
    [' example.com ', 'example.com'],
    ['news@example.com', 'example.com'],
    ['Ann <news@example.com>', 'example.com'],
    ['https://example.com/path?x=1', 'example.com'],
    ['example.com.', 'example.com'],
  ] as const)
    test(`${typed} gives ${domain}`, () => assert.equal(domainIn(typed), domain));

  for (const good of [
    'example.com',
    'a.b.co.jp',
    'bücher.example',
    'ドメイン.テスト',
    'xn--bcher-kva.test',
    '_x.example.com',
  ])
    test(`${good} is a domain`, () => assert.ok(isDomain(good)));
  for (const bad of ['', 'localhost', '192.0.2.1', 'a..b', '-.com', 'a b.com', 'example.com/x'])
    test(`"${bad}" is none`, () => assert.ok(!isDomain(bad)));

  for (const good of ['192.0.2.1', '2001:db8::1', '::', '::ffff:192.0.2.1'])
    test(`${good} is an address`, () => assert.ok(isIp(good)));
  for (const bad of ['', '300.1.1.1', '192.0.2', '2001:db8::1::', 'fe80::1%eth0', 'abc', '192.0.2.0/24'])
    test(`"${bad}" is none`, () => assert.ok(!isIp(bad)));

  for (const good of ['s1', 'S1', 'a_b', '20230601', 'k1.mail']) assert.ok(isSelector(good), good);
  for (const bad of ['', 'a b', '-a', 'a-', 'ü']) assert.ok(!isSelector(bad), bad);
});

describe('words of evidence', () => {
  test('are said in both languages; a word that is in no set is shown as it is', () => {
    for (const texts of [en, ja]) {
      assert.notEqual(codeIn(texts, 'nxdomain'), 'nxdomain');
      assert.notEqual(codeIn(texts, 'certificate-expired'), 'certificate-expired');
      assert.equal(codeIn(texts, 'constructor'), 'constructor');
      assert.equal(codeIn(texts, 'never-heard-of'), 'never-heard-of');
    }
  });
});
