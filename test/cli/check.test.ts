/** `todoku check`, as a person or a script calls it, against zones on loopback: what is printed where, and how it ends. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { exitCode } from '../../server/cli/check.ts';
import type { DomainCheck } from '../../server/domain/audit.ts';
import type { Severity } from '../../server/domain/types.ts';
import type { Authority } from '../dns/authority.ts';
import { aggregateReport } from '../domain/reports.ts';
import { parseZone, serveZone } from '../domain/zone.ts';

const CLI = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'todoku-check-'));
let authority: Authority;
after(async () => {
  await authority.close();
  rmSync(folder, { recursive: true, force: true });
});

const KEY = 'v=DKIM1; k=ed25519; p=7OlKMGn2VNwIS7TecHnmvn3nnoUSczPp++zczeL0+aE=';
const ZONE = `
bad.test               TXT "v=spf1 include:esp.test +all"
esp.test               TXT "v=spf1 ip4:198.51.100.0/24 -all"
_dmarc.bad.test        TXT "v=DMARC1; p=none; pct=25; rua=mailto:dmarc@bad.test"
bad.test               MX  10 mx.bad.test
news._domainkey.bad.test TXT "v=DKIM1; t=y; k=ed25519; p=7OlKMGn2VNwIS7TecHnmvn3nnoUSczPp++zczeL0+aE="

fine.test              TXT "v=spf1 -all"
_dmarc.fine.test       TXT "v=DMARC1; p=reject; rua=mailto:dmarc@fine.test"
fine.test              MX  10 mx.fine.test
mx.fine.test           A   127.0.0.9
mx.fine.test           AAAA ::1

low.test               TXT "v=spf1 ip4:192.0.2.1 ip4:192.0.2.1 -all"
_dmarc.low.test        TXT "v=DMARC1; p=reject; rua=mailto:dmarc@low.test"
low.test               MX  10 mx.low.test
mx.low.test            A   127.0.0.9
s1._domainkey.low.test TXT "${KEY}"

silent.test            * !SERVFAIL
_dmarc.silent.test     * !SERVFAIL
_domainkey.silent.test * !SERVFAIL
*.silent.test          * !SERVFAIL
*._domainkey.silent.test * !SERVFAIL

hostile.test           TXT "v=spf1 \u001b[31mred\u0007 a:\u202e.test -all"
_dmarc.hostile.test    TXT "v=DMARC1; p=reject; \u001b]0;title\u0007=x; rua=mailto:dmarc@hostile.test"
`;

before(async () => {
  authority = await serveZone(parseZone(ZONE));
});

type Ended = { code: number; out: string; err: string };
function check(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const environment = {
      PATH: process.env.PATH ?? '',
      TODOKU_DATA_DIR: join(folder, 'data'),
      TODOKU_DNS_SERVERS: authority.address,
      TODOKU_BLOCKLISTS: 'off',
      TODOKU_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8,::1',
      ...env,
    };
    execFile(process.execPath, [CLI, 'check', ...args], { env: environment, timeout: 60_000 }, (error, out, err) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, out, err });
    });
  });
}

test('a domain with faults: the report has the record, its mark, words and what to publish; 1', async () => {
  const { code, out, err } = await check(['bad.test', '--selector', 'news', '--ip', '203.0.113.7']);
  assert.deepEqual([code, err], [1, '']);
  for (const part of [
    'v=spf1 include:esp.test +all',
    '                        ^^^^',
    '203.0.113.7: pass',
    'CRITICAL  Anybody may send in your name  spf-plus-all',
    // Without +all the address that was named would fail: both are mended by one record.
    'publish bad.test TXT\n    v=spf1 ip4:203.0.113.7 include:esp.test ~all\n  - +all\n  + ip4:203.0.113.7  ~all\n  mends spf-plus-all',
    'mended by the record for bad.test below',
    '_dmarc.bad.test  applies',
    'older receivers: none for 25 %',
    'news  ed25519 256  testing',
    'MX      1 server\n  10  mx.bad.test',
    'PTR     1 address\n  203.0.113.7: no reverse name',
    'MTA-STS no record',
    'TLS-RPT no record',
    'DANE    no record',
    'DNSSEC  not signed',
    'BIMI    no record',
    'LISTS   not asked',
  ])
    assert.ok(out.includes(part), `${part}\n--- in\n${out}`);
  assert.ok(!existsSync(join(folder, 'data')), 'nothing is set up and nothing is left behind');
});

test('selectors in DMARC reports are checked too; a file that is none ends with 2', async () => {
  const file = join(folder, 'report.xml');
  writeFileSync(
    file,
    aggregateReport('low.test', [{ signatures: [{ domain: 'low.test', selector: 's1', result: 'pass' }] }]),
  );
  const { out } = await check(['low.test', '--json', '--report', file]);
  const { records } = JSON.parse(out) as { records: { dkim: { selector: string; source: string }[] } };
  assert.deepEqual(
    records.dkim.map(({ selector, source }) => [selector, source]),
    [['s1', 'reported']],
  );
  const other = await check(['bad.test', '--report', file]);
  assert.deepEqual([other.code, other.out], [2, '']);
  assert.match(other.err, /about low\.test, not about bad\.test/);
  assert.equal((await check(['low.test', '--report', join(folder, 'nothing.xml')])).code, 2);
});

test('one JSON document, and nothing else', async () => {
  const { code, out, err } = await check([
    'bad.test',
    '--selector',
    'news,other',
    '--selector',
    'third',
    '--ip',
    '203.0.113.7, 2001:db8::1',
    '--json',
  ]);
  assert.deepEqual([code, err], [1, '']);
  const read = JSON.parse(out) as DomainCheck;
  assert.equal(read.domain, 'bad.test');
  assert.ok(Math.abs(Date.parse(read.checkedAt) - Date.now()) < 60_000);
  const { spf, dkim, dmarc } = read.records;
  assert.deepEqual(
    [spf?.record, spf?.lookups, spf?.voidLookups, spf?.terms.length],
    ['v=spf1 include:esp.test +all', 1, 0, 2],
  );
  assert.deepEqual(
    spf?.evaluations.map(({ ip, result }) => [ip, result]),
    [
      ['203.0.113.7', 'pass'],
      ['2001:db8::1', 'pass'],
    ],
  );
  assert.deepEqual(
    dkim?.map(({ selector, asked }) => [selector, asked]),
    [
      ['news', 'found'],
      ['other', 'none'],
      ['third', 'none'],
    ],
  );
  assert.deepEqual([dmarc?.policyDomain, dmarc?.tags.p, dmarc?.steps.length], ['bad.test', 'none', 2]);
  assert.deepEqual(Object.keys(read.records), [
    'spf',
    'dkim',
    'dmarc',
    'mx',
    'ptr',
    'mtaSts',
    'tlsRpt',
    'dane',
    'dnssec',
    'bimi',
    'blocklists',
  ]);
  const plusAll = read.findings.find((finding) => finding.id === 'spf-plus-all');
  assert.deepEqual(Object.keys(plusAll ?? {}), ['id', 'protocol', 'severity', 'evidence', 'fix']);
  assert.deepEqual(plusAll?.fix, {
    name: 'bad.test',
    type: 'TXT',
    value: 'v=spf1 ip6:2001:db8::1 ip4:203.0.113.7 include:esp.test ~all',
  });
  const names = read.proposals.map(({ name, type }) => `${type} ${name}`);
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.includes('TXT bad.test') && names.includes('TXT _dmarc.bad.test'), names.join());
});

test('a domain without faults: 0', async () => {
  const { code, out } = await check(['Fine.TEST.']);
  assert.equal(code, 0, out);
  assert.match(out, /^fine\.test {2}checked /);
  assert.match(out, /\nNothing was found wrong\.\nFINDINGS {2}\d info\n/);
});

const LEVELS: [level: string, code: number][] = [
  ['high', 0],
  ['medium', 1],
];
for (const [level, code] of LEVELS)
  test(`medium and low faults with --fail-on ${level}: ${code}`, async () => {
    assert.equal((await check(['low.test', '--fail-on', level])).code, code);
  });

test('DNS that cannot be asked: 3, whatever the level, and it says so', async () => {
  for (const level of ['high', 'info']) {
    const { code, out, err } = await check(['silent.test', '--json', '--fail-on', level]);
    assert.equal(code, 3);
    assert.match(err, /^DNS gave no answer: .*silent\.test servfail/);
    const read = JSON.parse(out) as DomainCheck;
    const { ptr, blocklists, ...asked } = read.asked;
    assert.deepEqual([[...new Set(Object.values(asked))], ptr, blocklists], [['unasked'], 'none', 'none']);
    assert.ok(read.findings.every((finding) => finding.id.endsWith('-unasked')));
  }
  const nobody = await check(['fine.test'], { TODOKU_DNS_SERVERS: '127.0.0.1:9' });
  assert.equal(nobody.code, 3);
});

const WRONG: string[][] = [
  [],
  ['not a domain'],
  ['192.0.2.1'],
  ['localhost'],
  ['https://example.com'],
  ['fine.test', '--ip', 'localhost'],
  ['fine.test', '--ip', ''],
  ['fine.test', '--selector', 'a b/c'],
  ['fine.test', '--fail-on', 'terrible'],
  ['fine.test', '--nonsense'],
];
for (const args of WRONG)
  test(`check ${args.join(' ')} is wrong use: 2, nothing on standard output`, async () => {
    const { code, out, err } = await check(args);
    assert.deepEqual([code, out], [2, '']);
    assert.ok(err.length > 0 && !err.includes('    at '), err);
  });

test('what strangers publish cannot steer a terminal', async () => {
  const { out } = await check(['hostile.test']);
  assert.ok(out.includes('red'));
  assert.doesNotMatch(out.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u);
});

describe('exit codes', () => {
  const cases: [findings: [string, Severity][], asked: DomainCheck['asked'], failOn: Severity, code: number][] = [
    [[], { spf: 'found' }, 'high', 0],
    [[['spf-plus-all', 'critical']], { spf: 'found' }, 'high', 1],
    [[['spf-duplicate', 'low']], { spf: 'found' }, 'high', 0],
    [[['spf-duplicate', 'low']], { spf: 'found' }, 'low', 1],
    [[['spf-unasked', 'info']], { spf: 'unasked' }, 'info', 3],
    // A fault that was found is one, whatever else could not be asked.
    [
      [
        ['spf-plus-all', 'critical'],
        ['dmarc-unasked', 'info'],
      ],
      { spf: 'found', dmarc: 'unasked' },
      'high',
      1,
    ],
    [[['spf-duplicate', 'low']], { spf: 'found', dmarc: 'unasked' }, 'high', 3],
    [[], { spf: 'none' }, 'info', 0],
    [[], { spf: 'found', dane: 'unasked' }, 'high', 3],
    // Blocklists turn away whoever asks through a public resolver.
    [[], { spf: 'found', blocklists: 'unasked' }, 'high', 0],
  ];
  for (const [findings, asked, failOn, code] of cases)
    test(`${findings.map(([id]) => id).join() || 'nothing'}, ${JSON.stringify(asked)}, --fail-on ${failOn}: ${code}`, () => {
      const list = findings.map(([id, severity]) => ({
        id,
        severity,
        protocol: 'spf' as const,
        evidence: {},
        fix: null,
      }));
      assert.equal(exitCode({ findings: list, asked }, failOn), code);
    });
});
