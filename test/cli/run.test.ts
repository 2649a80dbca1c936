/** `todoku run` with real mail through the embedded world: by its own engine, and by a server that runs beside it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { RunJson } from '../../server/api/json/runs.ts';
import { type Environment, readConfig } from '../../server/config.ts';
import { createLog } from '../../server/log.ts';
import { startTodoku } from '../../server/main.ts';
import { type Sandbox, startSandbox } from '../../server/sandbox/sandbox.ts';
import { openHouse } from '../api/house.ts';

const CLI = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'todoku-run-'));
let sandbox: Sandbox;
let env: Environment;

before(async () => {
  sandbox = await startSandbox();
  env = {
    PORT: '0',
    TODOKU_DATA_DIR: folder,
    TODOKU_DNS_SERVERS: sandbox.dnsServer,
    TODOKU_EXTRA_CA_FILE: sandbox.caFile,
    TODOKU_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8,::1/128',
  };
  const house = await openHouse(env, folder);
  const { fromAddress, fromName, smtp } = sandbox.sender('good.test');
  const sender = await house.api<{ id: string }>('POST', '/api/senders', { name: 'S', fromAddress, fromName, smtp });
  const seeds: string[] = [];
  for (const address of ['inbox@gmail.test', 'spam@outlook.test'])
    seeds.push((await house.api<{ id: string }>('POST', '/api/seeds', sandbox.seed(address, 'imap'))).json.id);
  const monitor = {
    senderId: sender.json.id,
    message: { template: 'plain' },
    lateAfterSeconds: 20,
    missingAfterSeconds: 40,
    watchSeconds: 60,
  };
  assert.equal(
    (await house.api('POST', '/api/monitors', { ...monitor, name: 'good', seedIds: seeds.slice(0, 1) })).status,
    201,
  );
  assert.equal((await house.api('POST', '/api/monitors', { ...monitor, name: 'mixed', seedIds: seeds })).status, 201);
  await house.todoku.stop();
});
after(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true, force: true });
});

function todoku(args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [CLI, ...args],
      { env: { PATH: process.env.PATH ?? '', ...env }, timeout: 90_000 },
      (error, out, err) => {
        resolve({ code: error ? Number(error.code ?? -1) : 0, out, err });
      },
    );
  });
}

test('all in the inbox: 0, and a table', async () => {
  const { code, out, err } = await todoku(['run', 'good']);
  assert.equal(code, 0, err);
  assert.match(out, /inbox@gmail\.test +imap +inbox +[\d.]+ s +pass pass pass/);
  assert.match(out, /inbox 1 of 1 \(not enough data\)/);
  assert.match(err, /1\/1 +inbox +inbox@gmail\.test/);
});

test('one in spam: 1, and the run as JSON alone on standard output', async () => {
  const { code, out, err } = await todoku(['run', 'mixed', '--json']);
  assert.equal(code, 1, err);
  const run = JSON.parse(out) as RunJson;
  assert.deepEqual(run.probes.map(({ seed, placement }) => [seed, placement?.kind]).toSorted(), [
    ['inbox@gmail.test', 'inbox'],
    ['spam@outlook.test', 'spam'],
  ]);
});

test('beside a running server the server does the work', async () => {
  const server = await startTodoku(readConfig(env), { log: createLog('silent') });
  try {
    const { code, err } = await todoku(['run', 'good']);
    assert.equal(code, 0, err);
    assert.match(err, /done by the server that is running/);
  } finally {
    await server.stop();
  }
});

test('out of time: 3', async () => {
  const { code, err } = await todoku(['run', 'mixed', '--timeout', '0']);
  assert.equal(code, 3, err);
});
