/** The program is killed while a backup is put in place: the next start finds the database of before or that of the backup, whole, and never none. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { NewBackupJson } from '../../server/api/json/backups.ts';
import { GMAIL_SENDER, openHouse, setPassword } from '../api/house.ts';

const CLI = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));
const KILLS = 4;
const folder = mkdtempSync(join(tmpdir(), 'todoku-kill-'));
let cookie = '';
let backup = '';

before(async () => {
  const house = await openHouse({}, folder);
  cookie = await setPassword(house);
  await house.api('POST', '/api/senders', { ...GMAIL_SENDER, name: 'First' });
  backup = (await house.api<NewBackupJson>('POST', '/api/backups')).json.backup?.name ?? '';
  await house.todoku.stop();
});
after(() => rmSync(folder, { recursive: true, force: true }));

async function start(): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [CLI, 'start'], {
    env: { PATH: process.env.PATH ?? '', PORT: '0', TODOKU_DATA_DIR: folder, TODOKU_LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const at = /runs at (http:\S+)/.exec(said);
      if (at?.[1]) resolve(at[1]);
    });
    child.once('exit', (code, signal) => reject(new Error(`ended before it was ready (${signal ?? code}): ${said}`)));
  });
  return { child, url };
}

const ask = (url: string, method: string, path: string, body?: unknown): Promise<Response> =>
  fetch(url + path, {
    method,
    headers: { cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const names = async (url: string): Promise<string> => {
  const answer = await ask(url, 'GET', '/api/senders');
  assert.equal(answer.status, 200);
  return ((await answer.json()) as { items: { name: string }[] }).items.map((one) => one.name).join();
};

test('killed at any instant of a restore', async () => {
  let { child, url } = await start();
  /** How long a restore takes here, undisturbed. */
  const startedAt = performance.now();
  assert.equal((await ask(url, 'POST', '/api/restores', { name: backup })).status, 200);
  const takes = performance.now() - startedAt;
  for (let i = 0; i < KILLS; i++) {
    await ask(url, 'POST', '/api/senders', { ...GMAIL_SENDER, name: 'Second' });
    const before = await names(url);
    const restoring = ask(url, 'POST', '/api/restores', { name: backup }).then(
      (answer) => answer.status,
      () => null,
    );
    // Most of them near the end, where the files change their names.
    await sleep(takes * (0.5 + (0.6 * i) / KILLS));
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
    const status = await restoring;
    ({ child, url } = await start());
    const now = await names(url);
    assert.ok(now === 'First' || now === before, `${now} after ${before}`);
    if (status === 200) assert.equal(now, 'First');
    assert.equal((await ask(url, 'GET', '/healthz')).status, 200);
    assert.equal((await ask(url, 'GET', '/api/sessions')).status, 200, 'still signed in');
  }
  // What was left half made is gone with the next backup.
  assert.equal((await ask(url, 'POST', '/api/backups')).status, 201);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('.partial')),
    [],
  );
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
});
