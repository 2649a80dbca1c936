/**
 * SPF over real packets: mailauth strict with our DNS client as its resolver must agree with every case of the public suite for RFC 7208,
 * and with a handful of our own when the suite does not lie beside the project.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { spf } from 'mailauth';
import { createDnsClient } from '../../server/dns/client.ts';
import { startAuthority } from './authority.ts';
import { answerFrom, parseSpfSuite, type SpfCase, type SpfGroup, SUITE } from './spf-suite.ts';

const open: { close: () => unknown }[] = [];
after(() => Promise.all(open.map((thing) => thing.close())));

async function judge(group: SpfGroup): Promise<{ one: SpfCase; result: string; explanation: string | null }[]> {
  const authority = await startAuthority((name, type) => answerFrom(group, name, type));
  const dns = createDnsClient({ servers: [authority.address], timeoutMs: 2500, rounds: 1 });
  open.push(authority, dns);
  return Promise.all(
    group.cases.map(async (one) => {
      const got = await spf({
        sender: one.mailfrom,
        ip: one.host,
        helo: one.helo,
        mta: 'receiver.example',
        strict: true,
        resolver: dns.resolver as NonNullable<Parameters<typeof spf>[0]['resolver']>,
      });
      return { one, result: got.status.result, explanation: got.explanation ?? null };
    }),
  );
}

// The suite is not ours to ship: where it does not lie beside the project, the cases of our own below stand alone.
const text = SUITE;
if (text !== null)
  test('the suite for RFC 7208', async () => {
    const groups = parseSpfSuite(text);
    const all = [];
    for (const group of groups) all.push(...(await judge(group)));
    assert.equal(all.length, 203, 'every case was read');
    const wrong = all.filter(({ one, result }) => !one.results.includes(result));
    assert.deepEqual(
      wrong.map(({ one, result }) => `${one.name}: ${result}, not ${one.results.join(' or ')}`),
      [],
    );
    const explained = all.filter(
      ({ one, result }) => result === 'fail' && one.explanation !== null && one.explanation !== 'DEFAULT',
    );
    assert.ok(explained.length > 0);
    // Hexadecimal digits have no case (RFC 7208 §7.3 shows both).
    for (const { one, explanation } of explained) {
      assert.equal(explanation?.toLowerCase(), one.explanation?.toLowerCase(), one.name);
    }
  });

test('our own cases: what goes wrong with a resolver that is choosy about names or mixes up its answers', async () => {
  const group: SpfGroup = {
    name: 'own',
    cases: [],
    zone: new Map(
      Object.entries({
        'plain.test': [{ type: 'SPF', data: 'v=spf1 ip4:203.0.113.7 -all' }],
        'colon.test': [{ type: 'SPF', data: 'v=spf1 a:foo:bar/baz.colon.test -all' }],
        'foo:bar/baz.colon.test': [{ type: 'A', data: '203.0.113.7' }],
        'macro.test': [{ type: 'SPF', data: 'v=spf1 exists:%{l}.%{i}.macro.test -all' }],
        "o'neil+tag=1.203.0.113.7.macro.test": [{ type: 'A', data: '127.0.0.2' }],
        'empty.test': [
          { type: 'TXT', data: [] },
          { type: 'TXT', data: ['', 'v=spf1 ', '', 'ip4:203.0.113.7 -all'] },
        ],
        'alias.test': [{ type: 'CNAME', data: 'plain.test' }],
        'late.test': ['TIMEOUT'],
        'voids.test': [
          { type: 'SPF', data: 'v=spf1 a:x1.voids.test a:x2.voids.test a:x3.voids.test ip4:203.0.113.7 -all' },
        ],
        'lost.test': [{ type: 'SPF', data: 'v=spf1 a:late.test -all' }],
      }),
    ) as SpfGroup['zone'],
  };
  const table: [string, string][] = [
    ['a@plain.test', 'pass'],
    ['a@colon.test', 'pass'],
    ["o'neil+tag=1@macro.test", 'pass'],
    ['other@macro.test', 'fail'],
    ['a@empty.test', 'pass'],
    ['a@alias.test', 'pass'],
    ['a@late.test', 'temperror'],
    ['a@voids.test', 'permerror'],
    ['a@lost.test', 'temperror'],
    ['a@nothing.test', 'none'],
  ];
  group.cases = table.map(([mailfrom, result]) => ({
    group: 'own',
    name: mailfrom,
    helo: 'mail.plain.test',
    host: '203.0.113.7',
    mailfrom,
    results: [result],
    explanation: null,
  }));
  const got = await judge(group);
  assert.deepEqual(
    got.map(({ one, result }) => [one.mailfrom, result]),
    table,
  );
});
