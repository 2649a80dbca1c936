/** DMARC aggregate reports: selectors of good signatures are learned, and nothing a stranger writes does more than be refused. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { readAggregateReport } from '../../server/domain/dmarc-report.ts';
import { learnReported } from '../../server/domain/learned.ts';
import { zip } from '../../server/report/zip.ts';
import { aggregateReport } from './reports.ts';

const signed = (selector: string, result = 'pass', domain = 'a.test') => ({ domain, selector, result });
const REPORT = aggregateReport('a.test', [
  { mails: 3, signatures: [signed('news')] },
  { mails: 40, signatures: [signed('S1'), signed('relay', 'pass', 'other.test')] },
  { mails: 9, signatures: [signed('forged', 'fail')] },
  { mails: 2, signatures: [signed('news'), signed('news')] },
  {},
]);
const good = readAggregateReport(Buffer.from(REPORT), 'a.test');

test('selectors of good signatures of the domain, by how many mails had them', () => {
  assert.deepEqual(good, {
    problem: null,
    reporter: 'receiver.test',
    domain: 'a.test',
    from: 1_763_913_600_000,
    to: 1_764_000_000_000,
    mails: 55,
    selectors: [
      { selector: 's1', mails: 40 },
      { selector: 'news', mails: 5 },
    ],
  });
});

for (const [how, file] of Object.entries({
  gzip: gzipSync(REPORT),
  ZIP: zip([{ name: 'receiver.test!a.test!1!2.xml', content: Buffer.from(REPORT) }], 0),
  'a byte order mark': Buffer.from(`\ufeff${REPORT}`),
  'a namespace': Buffer.from(REPORT.replace('<feedback>', '<feedback xmlns="urn:ietf:params:xml:ns:dmarc-2.0">')),
}))
  test(`the same in ${how}`, () => assert.deepEqual(readAggregateReport(file, 'a.test'), good));

test('of a domain below, and of the one above whose policy it has', () => {
  const about = (domain: string, signer: string) =>
    readAggregateReport(
      Buffer.from(aggregateReport(domain, [{ signatures: [signed('s1', 'pass', signer)] }])),
      'a.test',
    );
  for (const domain of ['news.a.test', 'test.test']) {
    const read = about(domain, 'a.test');
    assert.equal(read.problem, domain === 'news.a.test' ? null : 'other-domain');
  }
  const above = readAggregateReport(
    Buffer.from(aggregateReport('a.test', [{ signatures: [signed('s1', 'pass', 'news.a.test')] }])),
    'news.a.test',
  );
  assert.deepEqual(above.problem === null && above.selectors, [{ selector: 's1', mails: 1 }]);
});

describe('what is refused', () => {
  const bomb = zip([{ name: 'a.xml', content: Buffer.alloc(21_000_000, 0x20) }], 0);
  const cases: [name: string, file: Buffer, problem: string][] = [
    ['nothing', Buffer.alloc(0), 'not-xml'],
    ['a picture', Buffer.from('\x89PNG\r\n'), 'not-xml'],
    ['another domain', Buffer.from(aggregateReport('b.test', [])), 'other-domain'],
    ['other XML', Buffer.from('<rss><channel/></rss>'), 'not-a-report'],
    ['no period', Buffer.from(REPORT.replace(/<date_range>.*<\/date_range>/, '')), 'not-a-report'],
    ['cut off', Buffer.from(REPORT.slice(0, 700)), 'not-xml'],
    ['gzip cut off', gzipSync(REPORT).subarray(0, 200), 'archive-broken'],
    ['ZIP cut off', zip([{ name: 'a.xml', content: Buffer.from(REPORT) }], 0).subarray(0, 200), 'archive-broken'],
    [
      'a document type',
      Buffer.from(REPORT.replace('<feedback>', '<!DOCTYPE feedback [<!ENTITY a "b">]><feedback>')),
      'not-a-report',
    ],
    ['a bomb in gzip', gzipSync(Buffer.alloc(30_000_000)), 'too-large'],
    ['a bomb in ZIP', bomb, 'too-large'],
    ['too large a file', Buffer.alloc(5_000_001, 0x20), 'too-large'],
    ['nested a million deep', Buffer.from('<a>'.repeat(200_000)), 'not-xml'],
  ];
  for (const [name, file, problem] of cases)
    test(name, () => assert.equal(readAggregateReport(file, 'a.test').problem, problem));

  test('selectors that are none, and names of what every object has', () => {
    const read = readAggregateReport(
      Buffer.from(
        aggregateReport('a.test', [
          { signatures: ['__proto__', 'constructor', '../x', 'a b', 'x'.repeat(64), ''].map((one) => signed(one)) },
        ]),
      ),
      'a.test',
    );
    assert.deepEqual(
      read.problem === null && read.selectors.map(({ selector }) => selector),
      ['__proto__', 'constructor'],
      'odd, but possible in DNS, and kept as values',
    );
    assert.equal(Object.hasOwn(learnReported({}, ['__proto__'], 1, 2), '__proto__'), true);
  });

  test('whatever bytes come, it answers', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(REPORT.length), (bytes, at) => {
        const spoilt = Buffer.concat([Buffer.from(REPORT.slice(0, at)), bytes, Buffer.from(REPORT.slice(at))]);
        for (const file of [Buffer.from(bytes), spoilt, Buffer.concat([Buffer.from('PK\x03\x04'), bytes])])
          assert.equal(typeof readAggregateReport(file, 'a.test'), 'object');
      }),
    );
  });
});

test('what reports told is kept for 90 days, the newest first, twenty at most', () => {
  const DAY = 86_400_000;
  const now = 200 * DAY;
  const old = learnReported({ gone: 100 * DAY, s1: 150 * DAY }, ['s1', 'news'], now + DAY, now);
  assert.deepEqual(old, { s1: now, news: now });
  const many = Array.from({ length: 30 }, (_, i) => `s${i}`);
  assert.equal(Object.keys(learnReported({ first: now - DAY }, many, now, now)).length, 20);
});
