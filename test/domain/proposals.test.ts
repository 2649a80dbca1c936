/**
 * What is proposed for a name is one record: records with several faults at once, made up at random, are published as proposed, all at the same time, and checked again.
 * What was promised must be so, nothing else may come up, and nobody's policy gets weaker without a word.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { auditDomain, type DomainCheck } from '../../server/domain/audit.ts';
import { parseDmarc, strengthOf } from '../../server/domain/dmarc.ts';
import type { Known, Protocol } from '../../server/domain/types.ts';
import { holdsTogether, publishAll } from './publishing.ts';
import { startWorld } from './world.ts';
import { parseZone, type Zone } from './zone.ts';

const AROUND = `
a.test          MX  10 mx.a.test
mx.a.test       A   192.0.2.25
esp.test        TXT "v=spf1 ip4:198.51.100.0/24 ~all"
other.test      TXT "v=spf1 include:esp.test ~all"
broken.test     TXT "v=spf1 ip5:192.0.2.1 -all"
wide.test       TXT "v=spf1 +all"
many.test       TXT "v=spf1 include:m1.test include:m2.test include:m3.test include:m4.test -all"
m1.test         TXT "v=spf1 ip4:203.0.113.1 a:mx.a.test -all"
m2.test         TXT "v=spf1 ip4:203.0.113.2 a:mx.a.test -all"
m3.test         TXT "v=spf1 ip4:203.0.113.3 a:mx.a.test -all"
m4.test         TXT "v=spf1 ip4:203.0.113.4 -all"
reports.test    MX  10 mx.a.test
agreed.test     MX  10 mx.a.test
a.test._report._dmarc.agreed.test TXT "v=DMARC1"
`;

const KNOWN: Known = {
  domain: 'a.test',
  now: Date.UTC(2026, 10, 25),
  selectors: [],
  ips: [],
  history: { keysSince: {}, policyNoneSince: null },
  observed: [],
};

async function check(zone: Zone, protocols: readonly Protocol[], known: Partial<Known> = {}): Promise<DomainCheck> {
  const world = await startWorld({ zone });
  try {
    return await auditDomain(world.reach(), { ...KNOWN, ...known }, protocols);
  } finally {
    await world.close();
  }
}

const zoneOf = (lines: readonly string[]): Zone => parseZone(`${AROUND}${lines.join('\n')}\n`);
const text = (name: string, value: string): string =>
  `${name} TXT ${(value.match(/.{1,250}/gs) ?? []).map((part) => `"${part}"`).join(' ')}`;

async function mendsAtOnce(lines: readonly string[], protocols: readonly Protocol[], known: Partial<Known> = {}) {
  const zone = zoneOf(lines);
  const before = await check(zone, protocols, known);
  await holdsTogether(before, () => check(publishAll(zone, before.proposals), protocols, known));
  return before;
}

const tags = fc
  .uniqueArray(
    fc.constantFrom(
      'p=reject',
      'p=none',
      'p=quarantine',
      'p=rejct',
      'sp=none',
      'sp=quarantine',
      'np=none',
      'pct=0',
      'pct=20',
      'ri=3600',
      't=y',
      'psd=y',
      'fo=1',
      'fo=x',
      'adkim=strict',
      'aspf=s',
      'foo=bar',
      'junk',
      'rua=mailto:dmarc@a.test',
      'rua=dmarc@a.test',
      'rua=mailto:d@reports.test',
      'rua=mailto:d@agreed.test!10m',
      'rua=mailto:d@nowhere.test,mailto:dmarc@a.test',
      'ruf=mailto:f@a.test',
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((list) => ['v=DMARC1', ...list].join('; '));

const terms = fc
  .tuple(
    fc.array(
      fc.constantFrom(
        'mx',
        'ptr',
        'a:gone.test',
        'ip4:192.0.2.0/24',
        'ip4:192.0.2.7',
        'ip4:10.0.0.1',
        'ip4:0.0.0.0/0',
        'ipv4:192.0.2.9',
        'ip4:192.0.2.300',
        'include:esp.test',
        'include:other.test',
        'include:broken.test',
        'include:gone.test',
        'include:a.test',
        'include:wide.test',
        'include:many.test',
        'inclde:esp.test',
        'include=esp.test',
        'redirect=esp.test',
        'exp=gone.test',
        'foo=bar',
        '-all',
      ),
      { maxLength: 9 },
    ),
    fc.constantFrom('', '-all', '~all', '?all', '+all', 'redirect=esp.test', 'include:esp.test-all'),
  )
  .map(([list, end]) => ['v=spf1', ...list, end].filter((word) => word !== '').join(' '));

describe('one record for each name', () => {
  test('any DMARC record', async () => {
    await fc.assert(
      fc.asyncProperty(tags, fc.boolean(), async (record, failing) => {
        const observed: Known['observed'] = failing
          ? [{ fromDomain: 'a.test', spf: { domain: 'b.test', result: 'pass' }, dkim: [], count: 9 }]
          : [];
        const { proposals, findings } = await mendsAtOnce([text('_dmarc.a.test', record)], ['dmarc'], { observed });
        const own = proposals.find(({ name }) => name === '_dmarc.a.test');
        if (own === undefined) return;
        const [before, after] = [parseDmarc(record), parseDmarc(own.values[0] ?? '')];
        assert.ok(after.p !== null);
        if (before.p !== null) assert.ok(strengthOf(after.p) >= strengthOf(before.p), `${record} → ${own.values}`);
        if (before.p !== null && before.p !== 'none' && after.testing && !before.testing)
          assert.ok(own.notes.some(({ reason }) => reason === 'policy-weaker'));
        // Nobody reads reports, or good mail is known to fail: not now.
        if (failing || findings.some(({ id }) => id === 'dmarc-no-reports')) {
          if (before.p !== null) assert.equal(after.p, before.p);
          if (before.testing) assert.ok(after.testing);
        }
      }),
      { numRuns: 200 },
    );
  });

  test('any SPF record, also two of them', async () => {
    await fc.assert(
      fc.asyncProperty(terms, fc.option(terms), fc.boolean(), async (record, second, known) => {
        const lines = [record, ...(second === null ? [] : [second])].map((value) => text('a.test', value));
        await mendsAtOnce(lines, ['spf'], known ? { ips: ['198.51.100.7', '203.0.113.77'] } : {});
      }),
      { numRuns: 200 },
    );
  });

  test('all protocols at once', async () => {
    const before = await mendsAtOnce(
      [
        text('a.test', 'v=spf1 include:esp.test ptr ip4:10.0.0.1 ip4:192.0.2.0/24 ip4:192.0.2.7 ?all'),
        text('_dmarc.a.test', 'v=DMARC1; foo=bar; p=reject; pct=100; rua=dmarc@a.test; t=x'),
        text('_smtp._tls.a.test', 'v=TLSRPTv1; rua=mailto:tls@a.test,tls@a.test'),
      ],
      ['spf', 'dmarc', 'tls-rpt'],
    );
    assert.deepEqual(
      before.proposals.map(({ name, values, mends }) => [name, values, mends]),
      [
        [
          'a.test',
          ['v=spf1 include:esp.test ip4:192.0.2.0/24 ~all'],
          ['spf-neutral-all', 'spf-ptr', 'spf-private-network', 'spf-overlap'],
        ],
        [
          '_dmarc.a.test',
          ['v=DMARC1; p=reject; rua=mailto:dmarc@a.test'],
          [
            'dmarc-tag-unknown',
            'dmarc-tag-invalid',
            'dmarc-policy-not-second',
            'dmarc-tag-removed',
            'dmarc-report-address-invalid',
          ],
        ],
        ['_smtp._tls.a.test', ['v=TLSRPTv1; rua=mailto:tls@a.test'], ['tlsrpt-rua-invalid']],
      ],
    );
    const [spf] = before.proposals;
    assert.equal(spf?.severity, 'medium');
    assert.deepEqual(
      spf?.diff.map(({ kind }) => kind),
      ['changed'],
    );
  });

  const NOTES: [name: string, lines: string[], values: string[], notes: [reason: string, evidence: object][]][] = [
    [
      'no reports: the policy waits',
      [text('_dmarc.a.test', 'v=DMARC1; p=none')],
      ['v=DMARC1; p=none; rua=mailto:dmarc-reports@a.test'],
      [['policy-later', { finding: 'dmarc-policy-none', because: 'dmarc-no-reports' }]],
    ],
    [
      'two policies: the milder one, and said so',
      [
        text('_dmarc.a.test', 'v=DMARC1; p=reject; rua=mailto:dmarc@a.test'),
        text('_dmarc.a.test', 'v=DMARC1; p=quarantine; rua=mailto:dmarc@a.test'),
      ],
      ['v=DMARC1; p=quarantine; rua=mailto:dmarc@a.test'],
      [['policy-milder', { policies: ['reject', 'quarantine'], kept: 'quarantine' }]],
    ],
    [
      'pct=0 beside t=y: it stays in test',
      [text('_dmarc.a.test', 'v=DMARC1; p=reject; pct=0; t=y; rua=mailto:dmarc@a.test')],
      ['v=DMARC1; p=reject; rua=mailto:dmarc@a.test; t=y'],
      [['policy-later', { finding: 'dmarc-testing', because: 'dmarc-tag-removed' }]],
    ],
    [
      'nothing there: the step after it is told',
      [],
      ['v=DMARC1; p=none; rua=mailto:dmarc-reports@a.test'],
      [['next', { finding: 'dmarc-policy-none' }]],
    ],
  ];
  for (const [name, lines, values, notes] of NOTES)
    test(name, async () => {
      const { proposals } = await mendsAtOnce(lines, ['dmarc']);
      assert.deepEqual(
        proposals.map((one) => one.values),
        [values],
      );
      assert.deepEqual(
        proposals[0]?.notes.map(({ reason, evidence }) => [reason, evidence]),
        notes,
      );
    });

  test('beside an alias nothing is proposed', async () => {
    const lines = ['_smtp._tls.a.test CNAME rpt.esp.test', text('rpt.esp.test', 'v=TLSRPTv1; rua=tls@a.test')];
    const { proposals, findings } = await mendsAtOnce(lines, ['tls-rpt']);
    assert.deepEqual(proposals, []);
    assert.deepEqual(
      findings.map(({ id, fix }) => [id, fix]),
      [['tlsrpt-rua-invalid', null]],
    );
  });
});
