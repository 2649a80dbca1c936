/** `todoku audit`, as a person or a CI system calls it: what is printed where, which reports are written, and how it ends. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { Audit } from '../../server/campaign/audit.ts';
import { DEFAULT_POLICY, judge, policySchema, type Seen } from '../../server/campaign/policy.ts';
import { scoreOf } from '../../server/campaign/score.ts';
import type { Finding } from '../../server/campaign/types.ts';
import { FOLDER, readCase } from '../campaign/case.ts';
import type { Authority } from '../dns/authority.ts';
import { parseZone, serveZone } from '../domain/zone.ts';

const CLI = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'todoku-audit-'));
const GOOD = `${FOLDER}authentication-unaligned-good.eml`;
let authority: Authority;
before(async () => {
  authority = await serveZone(parseZone((readCase('authentication-unaligned-good').zone ?? []).join('\n')));
});
after(async () => {
  await authority.close();
  rmSync(folder, { recursive: true, force: true });
});

type Ended = { code: number; out: string; err: string };
function audit(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const environment = {
      PATH: process.env.PATH ?? '',
      TODOKU_DATA_DIR: join(folder, 'data'),
      TODOKU_DNS_SERVERS: authority.address,
      TODOKU_BLOCKLISTS: 'off',
      ...env,
    };
    execFile(process.execPath, [CLI, 'audit', ...args], { env: environment, timeout: 170_000 }, (error, out, err) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, out, err });
    });
  });
}
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}
const dated = (path: string): string => readFileSync(path, 'latin1');

test('a mail with faults: verdict, reasons, findings with what to do; 1', async () => {
  const { code, out, err } = await audit([`${FOLDER}content-placeholder.eml`, '--offline']);
  assert.deepEqual([code, err], [1, '']);
  for (const part of [
    'FIX FIRST  score ',
    'A finding is graver than the policy allows: A placeholder was not replaced (content-placeholder, critical).',
    'CRITICAL  A placeholder was not replaced  content-placeholder',
    '{{first_name}} stands in HTML',
    'Offline: links, DNS and filters were not asked.',
    'Where the mail lands was not measured',
  ])
    assert.ok(out.includes(part), `${part}\n--- in\n${out}`);
  assert.ok(!existsSync(join(folder, 'data')), 'nothing is set up and nothing is left behind');
});

test('one JSON document of the promised shape; a signed mail whose links cannot be reached is told so', async () => {
  const { code, out } = await audit([GOOD, '--json']);
  assert.equal(code, 1, out.slice(0, 2000));
  const read = JSON.parse(out) as Audit;
  assert.deepEqual(Object.keys(read), [
    ...[
      'auditedAt',
      'offline',
      'message',
      'verdict',
      'reasons',
      'score',
      'policy',
      'findings',
      'links',
      'authentication',
    ],
    'filters',
  ]);
  assert.deepEqual([read.message.from, read.message.subject], ['news@shop.test', 'Winter boots are here']);
  assert.deepEqual(read.authentication.holds, { spf: true, dkim: true, dmarc: true });
  assert.equal(read.authentication.verified?.dkim.result, 'pass');
  const answers = Object.fromEntries(read.authentication.checklist.map(({ id, answer }) => [id, answer]));
  assert.deepEqual(
    [answers.spf, answers.dkim, answers.dmarc, answers.alignment, answers['one-click']],
    ['met', 'met', 'met', 'met', 'met'],
  );
  for (const finding of read.findings)
    assert.deepEqual(Object.keys(finding), ['id', 'check', 'severity', 'evidence', 'fix']);
  // The zone leads to 127.0.0.1, which is private: nothing was asked there, and no reader could reach it.
  assert.equal(read.findings.find(({ id }) => id === 'links-unreachable')?.evidence.reason, 'private-address');
  assert.deepEqual(
    read.links.map(({ failure, skipped }) => failure ?? skipped),
    ['private-address', 'unsubscribe'],
  );
});

test('reports for CI systems and for paper', async () => {
  const [junit, html, japanese] = ['a.xml', 'a.html', 'ja.html'].map((name) => join(folder, name));
  assert.ok(junit && html && japanese);
  const { code } = await audit([`${FOLDER}html-script.eml`, '--offline', '--junit', junit, '--html', html]);
  assert.equal(code, 1);
  const xml = readFileSync(junit, 'utf8');
  assert.equal(XMLValidator.validate(xml), true);
  const suites = new XMLParser({ ignoreAttributes: false }).parse(xml) as {
    testsuites: { '@_tests': string; '@_failures': string; testsuite: unknown[] };
  };
  const failures = xml.match(/<failure /g)?.length ?? 0;
  assert.equal(Number(suites.testsuites['@_failures']), failures);
  assert.equal(Number(suites.testsuites['@_tests']), xml.match(/<testcase /g)?.length);
  assert.ok(failures >= 3 && xml.includes('html-script: Scripts in the mail'));
  const page = readFileSync(html, 'utf8');
  assert.match(page, /^<!doctype html>\n<html lang="en">/);
  assert.match(page, /default-src 'none'/);
  assert.doesNotMatch(page, /<script|<link|<img|\ssrc=|url\(|@import/);
  assert.match(page, /@page \{ size: A4/);
  await audit([`${FOLDER}html-script.eml`, '--offline', '--html', japanese, '--language', 'ja']);
  assert.match(readFileSync(japanese, 'utf8'), /修正が必要です.*スクリプトが含まれている/s);
  const policy = file(
    'policy.json',
    JSON.stringify({
      maxSeverity: 'low',
      requireAuthentication: ['spf', 'dkim'],
      ignore: ['html-dark'],
      minInboxRate: { gmail: 0.725 },
    }),
  );
  await audit([`${FOLDER}html-script.eml`, '--offline', '--html', html, '--policy', policy]);
  const judgedBy = readFileSync(html, 'utf8').split('What the verdict goes by')[1] ?? '';
  for (const words of ['graver than “untidy”', 'SPF, DKIM must hold', 'Gmail: at least 72.5 %', 'Accepted findings: '])
    assert.ok(judgedBy.includes(words), words);
});

test('what strangers write steers neither terminal nor report', async () => {
  const mail = file(
    'hostile.eml',
    dated(`${FOLDER}html-script.eml`).replace(
      'Subject: Winter boots are here',
      'Subject: \x1b[31m<script>alert(1)</script>"&\x07',
    ),
  );
  const html = join(folder, 'hostile.html');
  const junit = join(folder, 'hostile.xml');
  const { out } = await audit([mail, '--offline', '--html', html, '--junit', junit]);
  assert.doesNotMatch(out.replaceAll('\n', ''), /\p{Cc}/u);
  assert.doesNotMatch(readFileSync(html, 'utf8'), /<script|(?!\n)\p{Cc}/u);
  assert.equal(XMLValidator.validate(readFileSync(junit, 'utf8')), true);
});

describe('a policy', () => {
  const POLICIES: [name: string, policy: unknown, args: string[], code: number][] = [
    [
      'that takes what is found',
      { maxSeverity: 'high', requireAuthentication: [] },
      [`${FOLDER}html-script.eml`, '--offline'],
      0,
    ],
    [
      'that ignores a finding',
      { requireAuthentication: [], ignore: ['html-script', 'authentication-unsigned'] },
      [`${FOLDER}html-script.eml`, '--offline'],
      0,
    ],
    [
      'that allows nothing',
      { maxSeverity: 'info', requireAuthentication: [] },
      [`${FOLDER}html-script.eml`, '--offline'],
      1,
    ],
    [
      'that asks for a score',
      { maxSeverity: 'critical', requireAuthentication: [], minScore: 99, ignore: ['html-script'] },
      [`${FOLDER}html-script.eml`, '--offline'],
      1,
    ],
    ['that asks for what offline cannot be seen', { maxSeverity: 'critical' }, [GOOD, '--offline'], 3],
    ['that asks for a placement test', { maxSeverity: 'critical', minInboxRate: { '*': 0.9 } }, [GOOD], 3],
  ];
  for (const [name, policy, args, code] of POLICIES)
    test(`${name}: ${code}`, async () => {
      const ended = await audit([...args, '--policy', file('policy.json', JSON.stringify(policy))]);
      assert.equal(ended.code, code, ended.out + ended.err);
    });
});

const WRONG: (() => string[])[] = [
  () => [],
  () => [join(folder, 'nothing.eml')],
  () => [folder],
  () => [file('page.eml', '<!doctype html><p>no mail</p>')],
  () => [file('empty.eml', '')],
  () => [GOOD, '--from-domain', 'not a domain'],
  () => [GOOD, '--policy', join(folder, 'none.json')],
  () => [GOOD, '--policy', file('broken.json', '{')],
  () => [GOOD, '--policy', file('typo.json', '{"maxSeverty": "low"}')],
  () => [GOOD, '--offline', '--html', join(folder, 'no', 'such', 'folder.html')],
  () => [GOOD, '--language', 'fr'],
  () => [GOOD, '--nonsense'],
];
for (const [i, args] of WRONG.entries())
  test(`wrong use ${i + 1}: 2, one clear line and nothing on standard output`, async () => {
    const { code, out, err } = await audit(args());
    assert.deepEqual([code, out], [2, ''], err);
    assert.ok(err.length > 0 && !err.includes('    at '), err);
  });

describe('verdicts', () => {
  const finding = (id: string, severity: Finding['severity']): Finding => ({
    id,
    check: 'html',
    severity,
    evidence: {},
    fix: null,
  });
  const seen = (more: Partial<Seen>): Seen => ({
    findings: [],
    points: 100,
    authentication: { spf: true, dkim: true, dmarc: true },
    filters: { rspamd: null, spamassassin: null },
    placement: null,
    ...more,
  });
  const CASES: [name: string, policy: object, seen: Partial<Seen>, verdict: string, reasons: string[]][] = [
    ['nothing found', {}, {}, 'go', []],
    ['medium is allowed', {}, { findings: [finding('a-b', 'medium')] }, 'go', []],
    [
      'high is not',
      {},
      { findings: [finding('a-b', 'high'), finding('a-b', 'high')] },
      'fix-first',
      ['finding-too-grave'],
    ],
    [
      'what is missing is no "could not be seen"',
      {},
      { authentication: { spf: null, dkim: false, dmarc: null } },
      'fix-first',
      ['authentication-missing'],
    ],
    [
      'unknown',
      {},
      { authentication: { spf: true, dkim: null, dmarc: true } },
      'not-enough-data',
      ['authentication-unknown'],
    ],
    [
      'a fault goes before the unknown',
      { minScore: 50 },
      { points: 40, authentication: { spf: true, dkim: null, dmarc: true } },
      'fix-first',
      ['score-too-low', 'authentication-unknown'],
    ],
    [
      'a filter',
      { maxFilterScore: { rspamd: 5 } },
      { filters: { rspamd: 6, spamassassin: null } },
      'fix-first',
      ['filter-score-too-high'],
    ],
    ['no filter', { maxFilterScore: { spamassassin: 5 } }, {}, 'not-enough-data', ['filter-unknown']],
  ];
  for (const [name, policy, given, verdict, reasons] of CASES)
    test(name, () => {
      const judged = judge(policySchema.parse(policy), seen(given));
      assert.deepEqual([judged.verdict, judged.reasons.map(({ reason }) => reason)], [verdict, reasons]);
    });
  test('the score is what the findings leave, each id once', () => {
    const found = [finding('a-b', 'high'), finding('a-b', 'high'), finding('c-d', 'low'), finding('e-f', 'info')];
    assert.deepEqual(scoreOf(found), {
      points: 83,
      lost: [
        { id: 'a-b', points: 15 },
        { id: 'c-d', points: 2 },
      ],
    });
    assert.equal(scoreOf(Array.from({ length: 9 }, (_, i) => finding(`a-${i}`, 'critical'))).points, 0);
    assert.equal(DEFAULT_POLICY.maxSeverity, 'medium');
  });
});
