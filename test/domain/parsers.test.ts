/** The readers of records: tables of what they must make of a text, and whatever the text is, an answer in time and nothing thrown. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { looksLikeDkim, parseDkim } from '../../server/domain/dkim.ts';
import { isDmarcRecord, looksLikeDmarc, parseDmarc, repairDmarc, rewriteDmarc } from '../../server/domain/dmarc.ts';
import { walkNames } from '../../server/domain/dmarc-walk.ts';
import { isHostName, isUnder, mistakeIn, readDomain } from '../../server/domain/name.ts';
import {
  contains,
  covers,
  readAddress,
  readNetwork,
  reverseName,
  sizeOf,
  writeAddress,
  writeNetwork,
} from '../../server/domain/network.ts';
import { isSpfRecord, looksLikeSpf, parseSpf } from '../../server/domain/spf.ts';
import { expandMacros, isDomainSpec, readMacros } from '../../server/domain/spf-macro.ts';
import { repairSpf } from '../../server/domain/spf-repair.ts';
import { parseTags, writeTags } from '../../server/domain/tags.ts';

/** DNS holds no more in one record. */
const LONGEST = 65_000;
/** On a machine that is busy with other tests; one that grows with the square of the text takes minutes. */
const MOST_MS = 5000;

/** Texts that resemble records: their letters, words and separators in any order, and anything at all. */
const words = fc.constantFrom(
  ...[
    'v=spf1',
    'v=DMARC1',
    'v=DKIM1',
    ' ',
    ';',
    ':',
    '=',
    '/',
    '//',
    ',',
    '"',
    '%',
    '%{',
    '}',
    '%{ir}',
    '-',
    '~',
    '+',
    '?',
    'all',
    'include',
    'a',
    'mx',
  ],
  ...[
    'ip4',
    'ip6',
    'exists',
    'ptr',
    'redirect',
    'exp',
    'p',
    'sp',
    'np',
    'rua',
    'mailto',
    '@',
    'none',
    'reject',
    'k',
    'rsa',
    'MIIB',
    '.',
    'example.com',
    '1.2.3.4',
  ],
  ...['::1', '\t', '\r\n', '\u00e9', '\u00a0', '!10m', '0', '32'],
);
const text = fc.oneof(
  fc.array(words, { maxLength: 40 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 300 }),
);

const READERS: Record<string, (record: string) => { start: number; end: number }[]> = {
  spf: (record) => {
    const { terms, problems } = parseSpf(record);
    for (const term of terms) assert.equal(record.slice(term.start, term.end), term.text);
    for (const problem of problems) assert.equal(record.slice(problem.start, problem.end), problem.term);
    return [...terms, ...problems];
  },
  tags: (record) => {
    const { tags, problems } = parseTags(record);
    return [...tags, ...problems];
  },
  dkim: (record) => {
    looksLikeDkim(record);
    return parseDkim(record).problems;
  },
  dmarc: (record) => {
    looksLikeDmarc(record);
    const { reports, tags, problems } = parseDmarc(record);
    for (const report of reports) assert.equal(record.slice(report.start, report.end), report.text);
    return [...reports, ...tags, ...problems];
  },
  'spf-macro': (record) => {
    isDomainSpec(record);
    const parts = readMacros(record, 'explanation');
    if (!Array.isArray(parts)) return [{ start: parts.at, end: parts.at }];
    const ip = readAddress('192.0.2.1');
    assert.ok(ip);
    const values = {
      sender: 'a.b@example.com',
      domain: 'example.com',
      ip,
      helo: 'h',
      validated: 'unknown',
      receiver: 'r',
      now: 0,
    };
    assert.equal(typeof expandMacros(parts, values), 'string');
    return [];
  },
  'spf-repair': (record) => {
    const repaired = repairSpf(record);
    if (repaired !== null) assert.deepEqual(parseSpf(repaired).problems, []);
    return [];
  },
  'dmarc-repair': (record) => {
    const repaired = repairDmarc(record);
    if (repaired !== null) assert.ok(isDmarcRecord(repaired) && parseDmarc(repaired).p !== null);
    return [];
  },
  name: (record) => {
    const read = readDomain(record);
    if (read !== null) assert.equal(readDomain(read), read);
    return [];
  },
  network: (record) => {
    const network = readNetwork(record);
    if (network !== null) assert.deepEqual(readNetwork(writeNetwork(network)), network);
    return [];
  },
};

describe('whatever the text', () => {
  for (const [name, read] of Object.entries(READERS))
    test(`${name}: every place lies in the text, and nothing is thrown`, () => {
      fc.assert(
        fc.property(text, (record) => {
          for (const { start, end } of read(record)) assert.ok(0 <= start && start <= end && end <= record.length);
        }),
        { numRuns: 10_000 },
      );
    });
  for (const [name, read] of Object.entries(READERS))
    test(`${name}: the longest text of the worst kind is read in time`, () => {
      for (const part of [
        'a',
        ' ',
        'a ',
        ';',
        '=',
        'a=b;',
        '%{',
        '%{i}',
        ':',
        '/1',
        '//1',
        'mailto:a@b.c,',
        '"',
        '1.',
        '!1',
        'include:a.test ',
        '-all',
        'p=A',
        'a-',
      ])
        for (const before of ['', 'v=spf1 ', 'v=DMARC1; rua=', 'v=DKIM1; p=', 'v=spf1 a:']) {
          const record = before + part.repeat(Math.ceil(LONGEST / part.length));
          const began = performance.now();
          read(record);
          const took = performance.now() - began;
          assert.ok(took < MOST_MS, `${JSON.stringify(before + part)}… took ${Math.round(took)} ms`);
        }
    });
});

describe('SPF', () => {
  const kinds: [text: string, record: boolean, meant: boolean][] = [
    ['v=spf1', true, false],
    ['V=SPF1 -all', true, false],
    ['v=spf1\t-all', false, true],
    ['v=spf10 -all', false, false],
    ['v=spf1; -all', false, true],
    [' v=spf1 -all', false, true],
    ['"v=spf1 -all"', false, true],
    ['spf1 -all', false, true],
    ['v=spf -all', false, true],
    ['v=spf1include:a.test', false, true],
    ['v = spf1 -all', false, true],
    ['spf2.0/pra -all', false, false],
    ['v=spf2.0/pra', false, false],
    ['spfile', false, false],
    ['google-site-verification=spf1', false, false],
  ];
  for (const [record, is, meant] of kinds)
    test(`${JSON.stringify(record)} is ${is ? '' : meant ? 'meant as ' : 'not '}SPF`, () => {
      assert.deepEqual([isSpfRecord(record), looksLikeSpf(record)], [is, meant]);
    });

  const terms: [term: string, problem: string | null][] = [
    ['all', null],
    ['-ALL', null],
    ['all:x.test', 'value-not-allowed'],
    ['all/8', 'value-not-allowed'],
    ['a', null],
    ['a/24', null],
    ['a//64', null],
    ['a/24//64', null],
    ['a/24/64', 'prefix-invalid'],
    ['a/33', 'prefix-invalid'],
    ['a//129', 'prefix-invalid'],
    ['a/024', 'prefix-invalid'],
    ['a:', 'value-missing'],
    ['a:museum', 'domain-invalid'],
    ['a:192.0.2.1', 'address-in-name'],
    ['a:192.0.2.0/24', 'address-in-name'],
    ['a:foo:bar/baz.example.com', null],
    ['a:example.-com', 'domain-invalid'],
    ['a:example.xn--zckzah', null],
    ['a:example.123', 'domain-invalid'],
    ['mx:example.com./24', null],
    ['include:a.test', null],
    ['include', 'value-missing'],
    ['include:', 'value-missing'],
    ['include/24', 'prefix-invalid'],
    ['exists:%{ir}.%{v}.%{d2}', null],
    ['exists:%{ir', 'macro-invalid'],
    ['exists:%{c}.a.test', 'macro-invalid'],
    ['exists:%{d0}', 'macro-invalid'],
    ['exists:a%b.test', 'macro-invalid'],
    ['ptr', null],
    ['ptr:a.test', null],
    ['ptr/24', 'prefix-invalid'],
    ['ip4:192.0.2.1', null],
    ['ip4:192.0.2.0/0', null],
    ['ip4', 'value-missing'],
    ['ip4=192.0.2.1', null],
    ['ip4:192.0.2', 'address-invalid'],
    ['ip4:192.0.2.01', 'address-invalid'],
    ['ip4:2001:db8::1', 'address-invalid'],
    ['ip4:192.0.2.0/33', 'prefix-invalid'],
    ['ip4:192.0.2.0//24', 'prefix-invalid'],
    ['ip6:2001:db8::/32', null],
    ['ip6:::ffff:192.0.2.1', null],
    ['ip6:192.0.2.1', 'address-invalid'],
    ['ip6:fe80::1%eth0', 'address-invalid'],
    ['ipv4:192.0.2.1', 'unknown-mechanism'],
    ['redirect=a.test', null],
    ['redirect:a.test', 'colon-for-equals'],
    ['redirect=', 'value-missing'],
    ['redirect=-all', 'domain-invalid'],
    ['exp=%{i}.a.test', null],
    ['x-anything.goes_here=%{i}', null],
    ['x=%', 'macro-invalid'],
    ['1x=a', 'modifier-name-invalid'],
    ['=a', 'modifier-name-invalid'],
    ['caf\u00e9', 'not-ascii'],
    ['a\u0007', 'control-character'],
  ];
  for (const [term, problem] of terms)
    test(`${JSON.stringify(term)} is ${problem ?? 'good'}`, () => {
      const record = `v=spf1 ${term} -ip4:198.51.100.1`;
      const { terms: read, problems } = parseSpf(record);
      assert.equal(problems[0]?.problem ?? null, problem);
      if (problem !== null) assert.deepEqual([problems[0]?.start, problems[0]?.end], [7, 7 + term.length]);
      assert.equal(read.at(-1)?.text, '-ip4:198.51.100.1', 'what stands behind it is read all the same');
    });
  test('a term has its parts', () => {
    const [term] = parseSpf('v=spf1 ~A:Mail.Example.com/24//64').terms;
    assert.deepEqual(term, {
      start: 7,
      end: 33,
      text: '~A:Mail.Example.com/24//64',
      kind: 'mechanism',
      name: 'a',
      qualifier: '~',
      spec: 'Mail.Example.com',
      network: null,
      prefix4: 24,
      prefix6: 64,
    });
    assert.equal(parseSpf('v=spf1 ip4:192.0.2.77/24').terms[0]?.kind, 'mechanism');
  });

  const repairs: [broken: string, repaired: string | null][] = [
    ['v=spf1 ipv4:192.0.2.1 -all', 'v=spf1 ip4:192.0.2.1 -all'],
    ['v=spf1 ip4:2001:db8::1 -all', 'v=spf1 ip6:2001:db8::1 -all'],
    ['v=spf1 192.0.2.0/24 -all', 'v=spf1 ip4:192.0.2.0/24 -all'],
    ['v=spf1 a:192.0.2.1 -all', 'v=spf1 ip4:192.0.2.1 -all'],
    ['v=spf1 include: a.test -all', 'v=spf1 include:a.test -all'],
    ['v=spf1 ip4: 192.0.2.1 -all', 'v=spf1 ip4:192.0.2.1 -all'],
    ['v=spf1 inlcude:a.test -all', 'v=spf1 include:a.test -all'],
    ['v=spf1 mx, include:a.test, -all', 'v=spf1 mx include:a.test -all'],
    ['v=spf1 mx -all;', 'v=spf1 mx -all'],
    ['v=spf1 mx -al', 'v=spf1 mx -all'],
    ['v=spf1 ip4:192.0.2.1~all', 'v=spf1 ip4:192.0.2.1 ~all'],
    ['v=spf1 ip4:192.0.2.1include:a.test -all', 'v=spf1 ip4:192.0.2.1 include:a.test -all'],
    ['v=spf1 redirect:a.test', 'v=spf1 redirect=a.test'],
    ['v=spf1 "mx" -all', 'v=spf1 mx -all'],
    ['v=spf1 ip4:192.0.2.0/33 -all', null],
    ['v=spf1 ip4:192.0.2 -all', null],
    ['v=spf1 something -all', null],
    ['v=spf1 ip5:192.0.2.1 -all', null],
  ];
  for (const [broken, repaired] of repairs)
    test(`${broken} was meant as ${repaired}`, () => assert.equal(repairSpf(broken), repaired));
});

describe('lists of tags', () => {
  test('blanks, order and places', () => {
    const { tags, problems } = parseTags(' v = DKIM1 ;\tp=AB CD\r\n EF; n=a=b;');
    assert.deepEqual(
      tags.map((tag) => [tag.name, tag.value, tag.start, tag.end]),
      [
        ['v', 'DKIM1', 1, 10],
        ['p', 'AB CD\r\n EF', 13, 25],
        ['n', 'a=b', 27, 32],
      ],
    );
    assert.deepEqual(problems, []);
  });
  const broken: [text: string, problem: string][] = [
    ['v=1; hello', 'no-equals'],
    ['v=1; =x', 'name-missing'],
    ['v=1; 2x=y', 'name-invalid'],
    ['v=1; p=\u00e9', 'not-printable'],
    ['v=1; v=2', 'tag-twice'],
    ['v=1;; p=2', 'empty-tag'],
  ];
  for (const [record, problem] of broken)
    test(`${record}: ${problem}`, () =>
      assert.deepEqual(
        parseTags(record).problems.map((one) => one.problem),
        [problem],
      ));
  test('what is written is read again', () => {
    const tag = fc.record({
      name: fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/),
      value: fc.stringMatching(/^[!-:<-~]{0,20}$/),
    });
    fc.assert(
      fc.property(fc.uniqueArray(tag, { selector: (one) => one.name, minLength: 1 }), (tags) => {
        assert.deepEqual(
          parseTags(writeTags(tags)).tags.map(({ name, value }) => ({ name, value })),
          tags.map(({ name, value }) => ({ name, value })),
        );
      }),
    );
  });
});

describe('DKIM', () => {
  test('keys have their size', () => {
    for (const bits of [1024, 2048]) {
      const { publicKey } = generateKeyPairSync('rsa', { modulusLength: bits });
      const p = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
      const read = parseDkim(`v=DKIM1; p=${p.slice(0, 50)} ${p.slice(50)}`);
      assert.deepEqual([read.type, read.bits, read.keyProblem, read.revoked], ['rsa', bits, null, false]);
      assert.equal(
        read.fingerprint,
        parseDkim(`p=${p}; k=rsa`).fingerprint,
        'the same key is the same however it is written',
      );
    }
  });
  const table: [record: string, expected: Partial<ReturnType<typeof parseDkim>>][] = [
    ['v=DKIM1; p=', { revoked: true, keyProblem: null }],
    ['v=DKIM1; k=rsa', { revoked: false, keyProblem: 'key-missing' }],
    ['v=DKIM1; k=dsa; p=AAAA', { type: null, keyProblem: 'key-type-unknown' }],
    ['v=DKIM1; p=****', { keyProblem: 'not-base64' }],
    ['v=DKIM1; p=AAAA', { keyProblem: 'not-a-key' }],
    ['v=DKIM1; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A', { keyProblem: 'cut-off' }],
    ['v=DKIM1; k=ed25519; p=AAAA', { keyProblem: 'wrong-length' }],
    [
      'v=DKIM1; t=y:s; s=email; h=sha256:sha1; p=',
      { testing: true, noSubdomains: true, services: ['email'], hashes: ['sha256', 'sha1'] },
    ],
    ['k=rsa; v=DKIM1; p=', { versionWrong: true }],
    ['v=DKIM2; p=', { versionWrong: true }],
    ['p=', { versionWrong: false }],
  ];
  for (const [record, expected] of table)
    test(record, () => {
      const read = parseDkim(record);
      for (const [key, value] of Object.entries(expected)) assert.deepEqual(read[key as keyof typeof read], value, key);
    });
  for (const [record, meant] of [
    ['v=DKIM1; p=x', true],
    ['k=rsa; p=x', true],
    ['p=', true],
    ['v=spf1 -all', false],
    ['some text', false],
    ['', false],
  ] as const)
    test(`${JSON.stringify(record)} is ${meant ? '' : 'not '}meant as a key`, () =>
      assert.equal(looksLikeDkim(record), meant));
});

describe('DMARC', () => {
  const kinds: [text: string, record: boolean, meant: boolean][] = [
    ['v=DMARC1', true, false],
    ['v=DMARC1;', true, false],
    ['v = DMARC1 ; p=none', true, false],
    ['v=dmarc1; p=none', false, true],
    ['v=DMARC1 p=none', false, true],
    [' v=DMARC1; p=none', false, true],
    ['v=DMARC10; p=none', false, true],
    ['DMARC1; p=none', false, true],
    ['p=none; v=DMARC1', false, false],
    ['v=spf1 -all', false, false],
  ];
  for (const [record, is, meant] of kinds)
    test(`${JSON.stringify(record)} is ${is ? '' : meant ? 'meant as ' : 'not '}DMARC`, () => {
      assert.deepEqual([isDmarcRecord(record), looksLikeDmarc(record)], [is, meant]);
    });

  const policies: [tags: string, applies: ReturnType<typeof parseDmarc>['policies']][] = [
    ['p=reject', { p: 'reject', sp: null, np: null }],
    ['p=REJECT; sp=Quarantine; np=none', { p: 'reject', sp: 'quarantine', np: 'none' }],
    // RFC 9989 §4.10.1: with reports wanted as if p=none, else as if there were no record.
    ['rua=mailto:a@b.test', { p: 'none', sp: null, np: null }],
    ['fo=1', null],
    ['p=bogus', null],
    ['p=bogus; rua=mailto:a@b.test', { p: 'none', sp: null, np: null }],
    ['p=reject; sp=bogus', null],
    ['p=reject; sp=bogus; rua=mailto:a@b.test', { p: 'none', sp: null, np: null }],
    ['p=reject; np=; rua=a@b.test', null],
  ];
  for (const [tags, applies] of policies)
    test(`${tags} applies as ${JSON.stringify(applies)}`, () =>
      assert.deepEqual(parseDmarc(`v=DMARC1; ${tags}`).policies, applies));

  const options: [value: string, good: boolean][] = [
    ['0', true],
    ['1:d:s', true],
    ['d', true],
    ['s:1', true],
    ['0:1', false],
    ['d:d', false],
    ['x', false],
    ['1:', false],
  ];
  for (const [value, good] of options)
    test(`fo=${value} is ${good ? 'good' : 'wrong'}`, () => {
      const { invalid } = parseDmarc(`v=DMARC1; p=none; fo=${value}`);
      assert.equal(invalid.length === 0, good);
    });

  const addresses: [uri: string, address: string | null, size: string | null][] = [
    ['mailto:a@b.test', 'a@b.test', null],
    ['MAILTO:a@B.Test', 'a@B.Test', null],
    ['mailto:a@b.test!10m', 'a@b.test', '10m'],
    ['mailto:a%2Cb%21c@b.test', 'a,b!c@b.test', null],
    ['mailto:a@b.test?subject=x', 'a@b.test', null],
    ['a@b.test', null, null],
    ['https://b.test/x', null, null],
    ['mailto:a@localhost', null, null],
    ['mailto:@b.test', null, null],
    ['mailto:a@b..test', null, null],
  ];
  for (const [uri, address, size] of addresses)
    test(`${uri} is ${address}`, () => {
      const [report] = parseDmarc(`v=DMARC1; p=none; rua=${uri}`).reports;
      assert.deepEqual([report?.address, report?.size], [address, size]);
    });

  const names: [domain: string, walk: string[]][] = [
    ['example.com', ['example.com', 'com']],
    ['a.mail.example.com', ['a.mail.example.com', 'mail.example.com', 'example.com', 'com']],
    [
      'a.b.c.d.e.f.g.h',
      ['a.b.c.d.e.f.g.h', 'b.c.d.e.f.g.h', 'c.d.e.f.g.h', 'd.e.f.g.h', 'e.f.g.h', 'f.g.h', 'g.h', 'h'],
    ],
    [
      'a.b.c.d.e.f.g.h.i.j.mail.example.com',
      [
        'a.b.c.d.e.f.g.h.i.j.mail.example.com',
        'g.h.i.j.mail.example.com',
        'h.i.j.mail.example.com',
        'i.j.mail.example.com',
        'j.mail.example.com',
        'mail.example.com',
        'example.com',
        'com',
      ],
    ],
  ];
  for (const [domain, walk] of names) test(`the walk from ${domain}`, () => assert.deepEqual(walkNames(domain), walk));

  test('a record that is written anew says the same', () => {
    const value = fc.constantFrom('none', 'quarantine', 'reject');
    fc.assert(
      fc.property(value, value, fc.constantFrom('r', 's'), (p, sp, adkim) => {
        const before = parseDmarc(`v=DMARC1; rua=mailto:a@b.test; adkim=${adkim}; sp=${sp}; p=${p}`);
        const after = parseDmarc(rewriteDmarc(before.tags));
        assert.deepEqual([after.p, after.sp, after.adkim, after.tags[1]?.name], [p, sp, adkim, 'p']);
      }),
    );
  });
});

describe('names', () => {
  const table: [typed: string, domain: string | null][] = [
    ['Example.COM', 'example.com'],
    ['example.com.', 'example.com'],
    [' example.com ', 'example.com'],
    ['日本語.example', 'xn--wgv71a119e.example'],
    ['例え。テスト', 'xn--r8jz45g.xn--zckzah'],
    ['_dmarc.example.com', '_dmarc.example.com'],
    ['example', null],
    ['192.0.2.1', null],
    ['::1', null],
    ['a@example.com', null],
    ['https://example.com', null],
    ['exa mple.com', null],
    ['a..b', null],
    ['-a.example', null],
    [`${'a'.repeat(64)}.example`, null],
    [`${'a.'.repeat(130)}example`, null],
    ['example.123', null],
    ['', null],
  ];
  for (const [typed, domain] of table)
    test(`${JSON.stringify(typed.slice(0, 40))} is ${domain}`, () => assert.equal(readDomain(typed), domain));
  test('under', () => {
    assert.ok(isUnder('A.example.com', 'Example.com.') && isUnder('example.com', 'example.com'));
    assert.ok(!isUnder('notexample.com', 'example.com') && !isUnder('com', 'example.com'));
    assert.ok(isHostName('a.b') && !isHostName('a_.b..c'));
  });
});

describe('networks', () => {
  const four = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((bytes) => bytes.join('.'));
  const six = fc
    .array(fc.nat(0xffff), { minLength: 8, maxLength: 8 })
    .map((groups) => groups.map((group) => group.toString(16)).join(':'));
  test('addresses come back as they went in', () => {
    fc.assert(
      fc.property(fc.oneof(four, six), (given) => {
        const address = readAddress(given);
        assert.ok(address);
        assert.deepEqual(readAddress(writeAddress(address)), address);
      }),
    );
    assert.equal(writeAddress(readAddress('2001:DB8:0:0:1:0:0:1') ?? assert.fail()), '2001:db8::1:0:0:1');
    assert.equal(writeAddress(readAddress('::') ?? assert.fail()), '::');
    assert.equal(writeAddress(readAddress('::FFFF:192.0.2.1') ?? assert.fail()), '192.0.2.1');
  });
  test('reverse names', () => {
    assert.equal(reverseName(readAddress('192.0.2.1') ?? assert.fail()), '1.2.0.192.in-addr.arpa');
    assert.match(
      reverseName(readAddress('2001:db8::1') ?? assert.fail()),
      /^1\.0\.0.*\.8\.b\.d\.0\.1\.0\.0\.2\.ip6\.arpa$/,
    );
  });
  test('a network holds its addresses, and the size of several is what they hold together', () => {
    const network = fc
      .tuple(fc.nat(255), fc.integer({ min: 24, max: 32 }))
      .map(([byte, prefix]) => `192.0.2.${byte}/${prefix}`);
    fc.assert(
      fc.property(fc.array(network, { maxLength: 8 }), (texts) => {
        const networks = texts.map((one) => readNetwork(one) ?? assert.fail());
        const held = Array.from({ length: 256 }, (_, i) => readAddress(`192.0.2.${i}`) ?? assert.fail()).filter(
          (address) => networks.some((one) => contains(one, address)),
        );
        assert.equal(sizeOf(networks, 4), BigInt(held.length));
        for (const a of networks)
          for (const b of networks) if (covers(a, b)) assert.equal(sizeOf([a, b], 4), sizeOf([a], 4));
      }),
    );
  });
});

describe('what is no domain that sends mail is told in one sentence, with what to type instead', () => {
  const MISTAKES: [typed: string, sentence: RegExp | null][] = [
    ['example.com', null],
    [' Example.COM. ', null],
    ['bücher.de', null],
    ['user.github.io', null],
    ['github.io', null],
    ['a.test', null],
    ['192.0.2.1', /^192\.0\.2\.1 is an address/],
    ['[IPv6:2001:db8::1]', /is an address/],
    ['2001:db8::1', /is an address/],
    ['ann@example.com', /write only example\.com\.$/],
    ['Ann <ann@example.com>', /write only example\.com\.$/],
    ['https://user@www.example.com:8443/path?a=b', /write only www\.example\.com\.$/],
    ['localhost', /is a single word/],
    ['com', /is a single word/],
    ['co.uk', /like example\.co\.uk\.$/],
    ['_dmarc.example.com', /write example\.com\.$/],
    ['s1._domainkey.example.com', /write example\.com\.$/],
    ['*.example.com', /is no domain/],
    ['a..b', /is no domain/],
    ['', /^This is no domain/],
    [`${'a'.repeat(64)}.com`, /is no domain/],
    ['x'.repeat(100_000), /is a single word|is no domain/],
    [`${'ab.'.repeat(90)}com`, /is no domain/],
  ];
  for (const [typed, wanted] of MISTAKES)
    test(JSON.stringify(typed.slice(0, 40)), () => {
      const sentence = mistakeIn(typed);
      if (wanted === null) return assert.equal(sentence, null);
      assert.match(sentence ?? '', wanted);
      assert.ok((sentence ?? '').length < 250 && /^[^.]*.*\.$/s.test(sentence ?? ''));
    });
  test('whatever is typed', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (typed) => {
        const sentence = mistakeIn(typed);
        assert.ok(sentence !== null || readDomain(typed) !== null);
      }),
    ));
});
