/** `todoku audit --sender --seeds` with real mail through the embedded world: by its own engine, and by a server that runs beside it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { AuditResultJson } from '../../server/api/json/audits.ts';
import { type Environment, readConfig } from '../../server/config.ts';
import { createLog } from '../../server/log.ts';
import { startTodoku } from '../../server/main.ts';
import { type Sandbox, startSandbox } from '../../server/sandbox/sandbox.ts';
import { openHouse } from '../api/house.ts';
import { newsletter } from '../flow/campaign-world.ts';

const CLI = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'todoku-audit-'));
const mail = join(folder, 'newsletter.eml');
const policy = join(folder, 'policy.json');
let sandbox: Sandbox;
let env: Environment;

before(async () => {
  sandbox = await startSandbox();
  env = {
    PORT: '0',
    TODOKU_DATA_DIR: join(folder, 'data'),
    TODOKU_DNS_SERVERS: sandbox.dnsServer,
    TODOKU_BLOCKLISTS: 'off',
    TODOKU_EXTRA_CA_FILE: sandbox.caFile,
    TODOKU_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8,::1/128',
  };
  writeFileSync(mail, newsletter('news@good.test'));
  writeFileSync(policy, JSON.stringify({ maxSeverity: 'critical', minInboxRate: { '*': 0.5 } }));
  const house = await openHouse(env, join(folder, 'data'));
  const { fromAddress, fromName, smtp } = sandbox.sender('good.test');
  const sender = { name: 'Shop', fromAddress, fromName, smtp, minGapSeconds: 0, dailyLimit: 1000 };
  assert.equal((await house.api('POST', '/api/senders', sender)).status, 201);
  const add = async (address: string, tags: string[]): Promise<void> =>
    assert.equal((await house.api('POST', '/api/seeds', { ...sandbox.seed(address, 'imap'), tags })).status, 201);
  for (const name of ['gmail', 'yahoo', 'plain', 'outlook']) await add(`inbox@${name}.test`, ['good']);
  await add('inbox-2@plain.test', ['good']);
  for (const name of ['gmail', 'yahoo', 'plain', 'outlook']) await add(`spam@${name}.test`, ['bad']);
  await add('spam-2@plain.test', ['bad']);
  for (const name of ['gmail', 'plain']) await add(`inbox-3@${name}.test`, ['few']);
  await house.todoku.stop();
});
after(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
});

function audit(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [CLI, 'audit', mail, '--policy', policy, '--within', '30', ...args],
      { env: { PATH: process.env.PATH ?? '', ...env }, timeout: 150_000, maxBuffer: 20_000_000 },
      (error, out, err) => resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

test('by its own engine: go, with reports', async () => {
  const [html, junit] = [join(folder, 'report.html'), join(folder, 'report.xml')];
  const { code, out, err } = await audit(
    '--sender',
    'Shop',
    '--seeds',
    'good',
    '--json',
    '--html',
    html,
    '--junit',
    junit,
  );
  assert.equal(code, 0, out + err);
  const result = JSON.parse(out) as AuditResultJson;
  assert.deepEqual(
    [result.verdict, result.placement?.campaign.inbox.count, result.placement?.state],
    ['go', 5, 'done'],
  );
  assert.match(err, /5\/5 {2}inbox/);
  assert.match(await readFile(html, 'utf8'), /<h2>Where it landed<\/h2>[\s\S]*inbox@gmail\.test/);
  assert.match(await readFile(junit, 'utf8'), /<testsuite name="policy" tests="1" failures="0"/);
});

test('by a server that runs beside it: fix first, and why', async () => {
  const server = await startTodoku(readConfig(env), { log: createLog('silent') });
  try {
    const { code, out, err } = await audit('--sender', 'Shop', '--seeds', 'bad', '--control');
    assert.equal(code, 1, out + err);
    assert.match(err, /done by the server that is running/);
    assert.match(out, /PLACEMENT\n +all +inbox 0 %/);
    assert.match(out, /Neither arrives: it is the sender/);
    // Its next audit, from a page, goes by the same.
    const [campaign] = await server.app.db
      .selectFrom('campaigns')
      .select('policy_json')
      .orderBy('id', 'desc')
      .execute();
    const kept = JSON.parse(campaign?.policy_json ?? '{}') as { maxSeverity?: string };
    assert.equal(kept.maxSeverity, 'critical');
  } finally {
    await server.stop();
  }
});

test('two seeds are not enough data, whatever they say: exit 3, said in every report', async () => {
  const junit = join(folder, 'few.xml');
  const { code, out, err } = await audit('--sender', 'Shop', '--seeds', 'few', '--json', '--junit', junit);
  assert.equal(code, 3, out + err);
  const { verdict, reasons, placement } = JSON.parse(out) as AuditResultJson;
  assert.deepEqual(
    [verdict, reasons.map(({ reason, n, least }) => [reason, n, least])],
    ['not-enough-data', [['placement-unknown', 2, 5]]],
  );
  // Both arrived; that two did is no rate.
  const { inbox } = placement?.campaign ?? {};
  assert.deepEqual([inbox?.count, inbox?.n, inbox?.value], [2, 2, null]);
  assert.match(await readFile(junit, 'utf8'), /<testsuite name="policy" tests="1" failures="0" errors="1"/);
  const plain = await audit('--sender', 'Shop', '--seeds', 'few');
  assert.equal(plain.code, 3, plain.out + plain.err);
  assert.match(plain.out, /NOT ENOUGH DATA/);
  assert.match(plain.out, /inbox 2 of 2 \(too few for a rate\)/);
});

test('a sender that is paused keeps no pipeline waiting: not enough data when the time is over', async () => {
  const house = await openHouse(env, join(folder, 'data'));
  const { json } = await house.api<{ items: { id: string }[] }>('GET', '/api/senders');
  const path = `/api/senders/${json.items[0]?.id}`;
  try {
    assert.equal((await house.api('PATCH', path, { paused: true })).status, 200);
    // Whether it is signed on the way only a copy would show.
    const unsigned = join(folder, 'unsigned.json');
    writeFileSync(unsigned, JSON.stringify({ maxSeverity: 'critical', requireAuthentication: [] }));
    const args = ['--sender', 'Shop', '--seeds', 'good', '--within', '5', '--policy', unsigned];
    const { code, out, err } = await audit(...args);
    assert.equal(code, 3, out + err);
    assert.match(err, /the time for it is over/);
    assert.match(out, /inbox 0 of 0 \(too few for a rate\)/);
    assert.equal((await house.api('PATCH', path, { paused: false })).status, 200);
  } finally {
    await house.todoku.stop();
  }
});

const WRONG: [args: string[], words: RegExp][] = [
  [['--sender', 'Shop'], /needs both/],
  [['--sender', 'Nobody', '--seeds', 'good'], /There is no sender Nobody\. There are:\n\S+ {2}Shop/],
  [['--sender', 'Shop', '--seeds', 'none'], /Choose seeds/],
  [['--sender', 'Shop', '--seeds', 'good', '--offline'], /cannot be made --offline/],
  [['--sender', 'Shop', '--seeds', 'good', '--repeats', '11'], /1 to 10/],
];
for (const [args, words] of WRONG)
  test(`wrong use: ${args.join(' ')}`, async () => {
    const { code, err } = await audit(...args);
    assert.equal(code, 2, err);
    assert.match(err, words);
    assert.ok(!err.includes('    at '), err);
  });
