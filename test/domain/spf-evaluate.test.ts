/**
 * "Would this mail pass SPF?" over real packets: every case of the public suite for RFC 7208 where it lies beside the project, our own cases
 * always, and records made at random, on which a second implementation must agree.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { spf as mailauthSpf } from 'mailauth';
import { createDnsClient, type DnsClient } from '../../server/dns/client.ts';
import { createAsk, lookUp } from '../../server/domain/lookup.ts';
import { evaluateSpf, type SpfClient, type SpfVerdict } from '../../server/domain/spf-evaluate.ts';
import { startAuthority } from '../dns/authority.ts';
import { answerFrom, parseSpfSuite, type SpfGroup, SUITE } from '../dns/spf-suite.ts';
import { parseZone, serveZone, type Zone } from './zone.ts';

const open: { close: () => unknown }[] = [];
after(() => Promise.all(open.map((thing) => thing.close())));

async function serve(zone: SpfGroup['zone']): Promise<DnsClient> {
  const group = { name: '', cases: [], zone };
  const authority = await startAuthority((name, type) => answerFrom(group, name, type));
  const dns = createDnsClient({ servers: [authority.address], timeoutMs: 2500, rounds: 1 });
  open.push(authority, dns);
  return dns;
}

async function judge(dns: DnsClient, client: Partial<SpfClient>): Promise<SpfVerdict> {
  const full = {
    ip: '203.0.113.7',
    sender: '',
    helo: 'mail.plain.test',
    receiver: 'receiver.example',
    now: 0,
    ...client,
  };
  const verdict = await lookUp(createAsk(dns), (answers) => evaluateSpf(full, answers));
  assert.ok(verdict !== null, 'every answer was asked for');
  return verdict;
}

/** Cases of the suite that we decide otherwise on purpose, with the reason. */
const OTHERWISE: Record<string, string> = {};

// The suite is not ours to ship: where it does not lie beside the project, our own cases below stand alone.
const suite = SUITE;
if (suite !== null)
  describe('the suite for RFC 7208', () => {
    const groups = parseSpfSuite(suite);
    test('every case was read', () => assert.equal(groups.flatMap((group) => group.cases).length, 203));
    for (const group of groups)
      test(group.name, async () => {
        const dns = await serve(group.zone);
        const wrong: string[] = [];
        await Promise.all(
          group.cases.map(async (one) => {
            const got = await judge(dns, { ip: one.host, sender: one.mailfrom, helo: one.helo });
            if (!one.results.includes(got.result) && !(one.name in OTHERWISE))
              wrong.push(`${one.name}: ${got.result}, not ${one.results.join(' or ')}`);
            if (got.result !== 'fail' || one.explanation === null) return;
            const expected = one.explanation === 'DEFAULT' ? null : one.explanation;
            // Hexadecimal digits have no case (RFC 7208 §7.3 shows both).
            if (got.explanation?.toLowerCase() !== expected?.toLowerCase())
              wrong.push(`${one.name}: explains ${got.explanation}, not ${expected}`);
          }),
        );
        assert.deepEqual(wrong.sort(), []);
      });
  });

/** Our own: one zone, and what each mail must come to, with the lookups it costs. */
const OWN: Record<string, Record<string, string | string[]>> = {
  'plain.test': { TXT: 'v=spf1 ip4:203.0.113.0/24 ip6:2001:db8::/32 -all' },
  'cased.test': { TXT: 'V=SpF1 IP4:203.0.113.7 -ALL' },
  'none.test': { TXT: 'v=spf10 -all' },
  'several.test': { TXT: ['v=spf1 -all', 'v=spf1 +all'] },
  'typo.test': { TXT: 'v=spf1 ip4:203.0.113.7 -al' },
  'latin.test': { TXT: 'v=spf1 ip4:203.0.113.7 a:caf\u00e9.test -all' },
  'neutral.test': { TXT: 'v=spf1 ip4:198.51.100.1' },
  'tree.test': { TXT: 'v=spf1 include:branch.test a:leaf.test ~all' },
  'branch.test': { TXT: 'v=spf1 include:twig.test -all' },
  'twig.test': { TXT: 'v=spf1 ip4:203.0.113.7 -all' },
  'leaf.test': { A: '198.51.100.9' },
  'nobody.test': { TXT: 'v=spf1 include:missing.test +all' },
  'handed.test': { TXT: 'v=spf1 redirect=plain.test exp=why.handed.test' },
  'handed-to-nobody.test': { TXT: 'v=spf1 redirect=missing.test' },
  'loop.test': { TXT: 'v=spf1 include:loop.test -all' },
  'ten.test': { TXT: `v=spf1 ${'a:leaf.test '.repeat(10)}ip4:203.0.113.7 -all` },
  'eleven.test': { TXT: `v=spf1 ${'a:leaf.test '.repeat(11)}ip4:203.0.113.7 -all` },
  'eleven-after.test': { TXT: `v=spf1 ip4:203.0.113.7 ${'a:leaf.test '.repeat(11)}-all` },
  'voids.test': { TXT: 'v=spf1 a:v1.test a:v2.test ip4:203.0.113.7 -all' },
  'voids3.test': { TXT: 'v=spf1 a:v1.test a:v2.test exists:v3.test ip4:203.0.113.7 -all' },
  'mx.test': { TXT: 'v=spf1 mx/24 -all', MX: ['10 mail.mx.test'] },
  'mail.mx.test': { A: '203.0.113.250' },
  'mx11.test': { TXT: 'v=spf1 mx -all', MX: Array.from({ length: 11 }, (_, i) => `${i} mail.mx.test`) },
  'nullmx.test': { TXT: 'v=spf1 mx -all', MX: ['0 .'] },
  'pointer.test': { TXT: 'v=spf1 ptr -all' },
  '7.113.0.203.in-addr.arpa': { PTR: ['forged.pointer.test', 'host.Pointer.test'] },
  'host.pointer.test': { A: '203.0.113.7' },
  'forged.pointer.test': { A: '198.51.100.1' },
  'macro.test': { TXT: 'v=spf1 exists:%{l1r-}.%{ir}.%{v}._spf.%{d2} -all exp=why.%{d}' },
  'ann.7.113.0.203.in-addr._spf.macro.test': { A: '127.0.0.2' },
  'why.macro.test': { TXT: '%{S} from %{c} at %{h} is none of ours (%{d}, %{p})' },
  'why.handed.test': { TXT: 'never shown' },
  'temporary.test': { TXT: 'v=spf1 include:broken.test +all' },
  'dual.test': { TXT: 'v=spf1 a:host6.dual.test//64 -all' },
  'host6.dual.test': { AAAA: '2001:db8:5::1', A: '198.51.100.2' },
};
const MAILS: [mail: Partial<SpfClient>, result: string, expected?: Partial<SpfVerdict>][] = [
  [{ sender: 'a@plain.test' }, 'pass', { lookups: 0, term: 'ip4:203.0.113.0/24' }],
  [{ sender: 'a@plain.test', ip: '::ffff:203.0.113.7' }, 'pass'],
  [{ sender: 'a@plain.test', ip: '2001:db8:9::1' }, 'pass', { term: 'ip6:2001:db8::/32' }],
  [{ sender: 'a@plain.test', ip: '192.0.2.1' }, 'fail', { term: '-all', explanation: null }],
  [{ sender: '', helo: 'plain.test' }, 'pass'],
  [{ sender: 'a@cased.test' }, 'pass'],
  [{ sender: 'a@none.test' }, 'none', { reason: 'spf-record-missing' }],
  [{ sender: 'a@gone.test' }, 'none', { reason: 'spf-record-missing' }],
  [{ sender: 'a@[203.0.113.7]' }, 'none', { reason: 'spf-domain-invalid' }],
  [{ sender: '', helo: 'LOCALHOST' }, 'none', { reason: 'spf-domain-invalid' }],
  [{ sender: 'a@several.test' }, 'permerror', { reason: 'spf-multiple-records' }],
  [{ sender: 'a@typo.test' }, 'permerror', { reason: 'spf-syntax', term: '-al' }],
  [{ sender: 'a@latin.test' }, 'permerror', { reason: 'spf-syntax' }],
  [{ sender: 'a@neutral.test' }, 'neutral', { term: null }],
  [{ sender: 'a@tree.test' }, 'pass', { lookups: 2, term: 'include:branch.test' }],
  [{ sender: 'a@tree.test', ip: '198.51.100.9' }, 'pass', { lookups: 3, term: 'a:leaf.test' }],
  [{ sender: 'a@tree.test', ip: '192.0.2.1' }, 'softfail', { lookups: 3 }],
  [{ sender: 'a@nobody.test' }, 'permerror', { reason: 'spf-include-missing', term: 'include:missing.test' }],
  [{ sender: 'a@handed.test' }, 'pass', { domain: 'plain.test', lookups: 1 }],
  [{ sender: 'a@handed.test', ip: '192.0.2.1' }, 'fail', { explanation: null }],
  [{ sender: 'a@handed-to-nobody.test' }, 'permerror', { reason: 'spf-include-missing' }],
  [{ sender: 'a@loop.test' }, 'permerror', { reason: 'spf-too-many-lookups' }],
  [{ sender: 'a@ten.test' }, 'pass', { lookups: 10 }],
  [{ sender: 'a@eleven.test' }, 'permerror', { reason: 'spf-too-many-lookups', lookups: 11 }],
  [{ sender: 'a@eleven-after.test' }, 'pass', { lookups: 0 }],
  [{ sender: 'a@voids.test' }, 'pass', { voidLookups: 2 }],
  [{ sender: 'a@voids3.test' }, 'permerror', { reason: 'spf-too-many-void-lookups', voidLookups: 3 }],
  [{ sender: 'a@mx.test' }, 'pass', { lookups: 1 }],
  [{ sender: 'a@mx11.test' }, 'permerror', { reason: 'spf-too-many-lookups' }],
  [{ sender: 'a@nullmx.test' }, 'fail', { voidLookups: 0 }],
  [{ sender: 'a@pointer.test' }, 'pass', { lookups: 1 }],
  [{ sender: 'a@pointer.test', ip: '203.0.113.8' }, 'fail', { voidLookups: 1 }],
  [
    { sender: 'lists-ann@macro.test' },
    'fail',
    {
      explanation:
        'lists-ann%40macro.test from 203.0.113.7 at mail.plain.test is none of ours (macro.test, host.pointer.test)',
    },
  ],
  [{ sender: 'ann-lists@macro.test' }, 'pass'],
  [{ sender: 'a@temporary.test' }, 'temperror', { reason: 'dns-temporary' }],
  [{ sender: 'a@dual.test', ip: '2001:db8:5::77' }, 'pass'],
  [{ sender: 'a@dual.test', ip: '198.51.100.3' }, 'fail'],
];

function zoneOf(own: typeof OWN): Zone {
  const lines = Object.entries(own).flatMap(([name, types]) =>
    Object.entries(types).flatMap(([type, values]) =>
      [values]
        .flat()
        .map(
          (value) =>
            `${name} ${type} ${type === 'TXT' ? (value.match(/.{1,200}/gs) ?? ['']).map((part) => `"${part}"`).join(' ') : value}`,
        ),
    ),
  );
  return parseZone([...lines, 'broken.test TXT !SERVFAIL'].join('\n'));
}

describe('our own mails', async () => {
  const authority = await serveZone(zoneOf(OWN));
  const dns = createDnsClient({ servers: [authority.address], timeoutMs: 5000, rounds: 1 });
  open.push(authority, dns);
  for (const [mail, result, expected = {}] of MAILS)
    test(`${JSON.stringify(mail)} → ${result}`, async () => {
      const got = await judge(dns, mail);
      assert.equal(got.result, result);
      for (const [key, value] of Object.entries(expected)) assert.deepEqual(got[key as keyof SpfVerdict], value, key);
    });
  test('what is no address is a mistake of the caller', async () => {
    await assert.rejects(judge(dns, { ip: '203.0.113' }), RangeError);
  });
});

test('records made at random: mailauth agrees', async () => {
  const names = ['a.test', 'b.test', 'c.test', 'd.test'];
  const name = fc.constantFrom(...names, 'gone.test');
  const sign = fc.constantFrom('', '', '+', '-', '~', '?');
  const address = fc.constantFrom(
    '203.0.113.7',
    '203.0.113.0/24',
    '192.0.2.1',
    '0.0.0.0/0',
    '203.0.113.7/33',
    '2001:db8::/32',
  );
  const term = fc.oneof(
    fc.tuple(sign, fc.constantFrom('ip4:', 'ip6:'), address).map((parts) => parts.join('')),
    fc
      .tuple(sign, fc.constantFrom('include:', 'a:', 'mx:', 'exists:', 'ptr:', 'redirect=', 'exp=', 'x-other='), name)
      .map((parts) => parts.join('')),
    fc
      .tuple(
        sign,
        fc.constantFrom('all', 'a', 'mx', 'a/24', 'a//64', 'mx/16//48', 'exists:%{i}.a.test', 'a:%{d}', 'include:%{o}'),
      )
      .map((parts) => parts.join('')),
    fc.constantFrom('oops', 'include:', 'redirect=%{x}', 'exists:%{l}.%{d2}', 'a:%{h}'),
  );
  const record = fc.array(term, { maxLength: 6 }).map((terms) => ['v=spf1', ...terms].join(' '));
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(record, record, record, record),
      fc.constantFrom('203.0.113.7', '2001:db8::7'),
      async (records, ip) => {
        const lines = names.flatMap((one, i) => [
          `${one} TXT "${records[i]}"`,
          `${one} A 203.0.113.${i + 5}`,
          `${one} AAAA 2001:db8::${i + 5}`,
          `${one} MX 10 ${names[(i + 1) % 4]}`,
        ]);
        const authority = await serveZone(parseZone(lines.join('\n')));
        const dns = createDnsClient({ servers: [authority.address], timeoutMs: 5000, rounds: 1 });
        try {
          const ours = await judge(dns, { sender: 'ann@a.test', ip, helo: 'b.test' });
          const theirs = await mailauthSpf({
            sender: 'ann@a.test',
            ip,
            helo: 'b.test',
            mta: 'receiver.example',
            strict: true,
            resolver: dns.resolver as NonNullable<Parameters<typeof mailauthSpf>[0]['resolver']>,
          });
          assert.equal(ours.result, theirs.status.result, `${ours.reason}; ${theirs.status.comment}`);
        } finally {
          dns.close();
          await authority.close();
        }
      },
    ),
    { numRuns: 300 },
  );
});
