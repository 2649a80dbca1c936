/** The commands as a person or a script calls them: what is printed where, and how they end. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { plain, table } from '../../server/cli/open.ts';
import { EXIT_CODES } from '../../server/cli.ts';
import { createToken } from '../../server/owner/tokens.ts';
import { cookieOf, GMAIL_SENDER, openHouse, setPassword, signIn } from '../api/house.ts';

const CLI = fileURLToPath(new URL('../../server/cli.ts', import.meta.url));
const made: string[] = [];
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'todoku-cli-'));
  made.push(folder);
});
after(() => {
  for (const one of made) rmSync(one, { recursive: true, force: true });
});

type Ended = { code: number; out: string; err: string };
const environment = (env: Record<string, string> = {}): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  TODOKU_DATA_DIR: join(folder, 'data'),
  ...env,
});

function todoku(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...args], { env: environment(env), timeout: 60_000 }, (error, out, err) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, out, err });
    });
  });
}

test('a reader that has read enough takes nothing from the answer', async () => {
  const mail = fileURLToPath(new URL('../golden/campaign/html-script.eml', import.meta.url));
  const child = spawn(process.execPath, [CLI, 'audit', mail, '--offline', '--json'], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.on('exit', resolve));
  assert.deepEqual([code, /EPIPE|Unhandled/.test(err)], [1, false], err);
});

test('help names every exit code', async () => {
  const { code, out } = await todoku(['--help']);
  assert.equal(code, 0);
  for (const [number, meaning] of Object.entries(EXIT_CODES)) assert.ok(out.includes(`${number}  ${meaning}`));
});

const WRONG: string[][] = [
  ['fly'],
  ['run'],
  ['token'],
  ['token', 'create'],
  ['token', 'create', ''],
  ['run', 'x', '--timeout', 'soon'],
  ['start', '--nonsense'],
  ['run', 'nobody'],
  ['restore', '/nowhere/backup'],
];
for (const args of WRONG)
  test(`todoku ${args.join(' ')} is wrong use: 2, nothing on standard output`, async () => {
    const { code, out, err } = await todoku(args);
    assert.deepEqual([code, out], [2, '']);
    assert.ok(err.length > 0 && !err.includes('    at '));
  });

test('a wrong setting: 3, one line, no stack', async () => {
  const { code, out, err } = await todoku(['start'], { PORT: 'x' });
  assert.deepEqual([code, out], [3, '']);
  assert.match(err, /^PORT must be [^\n]*\n$/);
});

test('token create prints the token alone; the API takes it until it is revoked', async () => {
  const { code, out, err } = await todoku(['token', 'create', 'ci']);
  assert.equal(code, 0);
  assert.match(out, /^todoku_[\w-]{43}\n$/);
  assert.equal(err, '');
  const list = await todoku(['token', 'list', '--json']);
  const [token] = JSON.parse(list.out) as { name: string; id: string }[];
  assert.equal(token?.name, 'ci');
  assert.ok(!list.out.includes(out.trim()));
  assert.equal((await todoku(['token', 'revoke', 'ci'])).code, 0);
  assert.equal((await todoku(['token', 'revoke', 'ci'])).code, 2);
});

test('the server starts, prints a link, refuses a restore beside it, and stops when told', async () => {
  const server = spawn(process.execPath, [CLI, 'start'], {
    env: environment({ PORT: '0' }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let err = '';
  const linked = new Promise<string>((resolve, reject) => {
    server.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
      const link = /http:\S+\/set-password\?link=\S+/.exec(err);
      if (link) resolve(link[0]);
    });
    server.once('exit', () => reject(new Error(err)));
  });
  const link = new URL(await linked);
  const session = await fetch(new URL('/api/session', link));
  assert.equal(((await session.json()) as { needsPassword: boolean }).needsPassword, true);
  const file = join(folder, 'backup.sqlite');
  assert.equal((await todoku(['backup', file])).code, 0);
  const refused = await todoku(['restore', file]);
  assert.equal(refused.code, 3);
  assert.match(refused.err, /stop it first/);
  const exited = new Promise<number | null>((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  assert.equal(await exited, 0);
});

test('a backup brings back what was there, and nothing else is lost', async () => {
  const house = await openHouse({}, join(folder, 'data'));
  await house.api('POST', '/api/senders', GMAIL_SENDER);
  await house.todoku.stop();
  const file = join(folder, 'backup.sqlite');
  const kept = await todoku(['backup', file]);
  assert.deepEqual([kept.code, kept.out], [0, `${file}\n`]);
  assert.equal((await todoku(['backup', file])).code, 2); // never over another file
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('backup')),
    ['backup.sqlite'],
  );

  const changed = await openHouse({}, join(folder, 'data'));
  await changed.api('POST', '/api/senders', { ...GMAIL_SENDER, name: 'Later' });
  await changed.todoku.stop();
  const restored = await todoku(['restore', file]);
  assert.equal(restored.code, 0, restored.err);
  const again = await openHouse({}, join(folder, 'data'));
  const senders = await again.api<{ items: { name: string; smtp: { hasPassword: boolean } }[] }>('GET', '/api/senders');
  assert.deepEqual(
    senders.json.items.map(({ name }) => name),
    ['Newsletter'],
  );
  await again.todoku.stop();
  const data = readdirSync(join(folder, 'data'));
  assert.ok(!data.some((name) => name.includes('partial') || name.includes('damaged')), data.join());
  // What was there before is a backup like any other.
  const [aside] = readdirSync(join(folder, 'data', 'backups'));
  assert.match(aside ?? '', /-before-restore\.sqlite$/);
  assert.equal((await todoku(['restore', join(folder, 'data', 'backups', aside ?? '')])).code, 0);
  const undone = await openHouse({}, join(folder, 'data'));
  const both = await undone.api<{ items: { name: string }[] }>('GET', '/api/senders');
  assert.deepEqual(
    both.json.items.map(({ name }) => name),
    ['Newsletter', 'Later'],
  );
  await undone.todoku.stop();
});

test('a restore keeps password, tokens and what was revoked; on an empty folder the backup brings its own', async () => {
  const house = await openHouse({}, join(folder, 'data'));
  await setPassword(house);
  const withdrawn = await createToken(house.todoku.app, 'withdrawn');
  const stays = await createToken(house.todoku.app, 'stays');
  const cookie = cookieOf(await signIn(house));
  await house.todoku.stop();
  const file = join(folder, 'backup.sqlite');
  await todoku(['backup', file]);
  assert.equal((await todoku(['token', 'revoke', 'withdrawn'])).code, 0);
  assert.equal((await todoku(['restore', file])).code, 0);
  const who = async (data: string) => {
    const open = await openHouse({}, data);
    const statuses = [];
    for (const headers of [
      { authorization: `Bearer ${withdrawn}` },
      { authorization: `Bearer ${stays}` },
      { 'sec-fetch-site': 'same-origin', cookie },
    ] as Record<string, string>[])
      statuses.push((await open.raw('GET', '/api/settings', headers)).status);
    statuses.push((await signIn(open)).status);
    await open.todoku.stop();
    return statuses;
  };
  assert.deepEqual(await who(join(folder, 'data')), [401, 200, 200, 200]);

  // Another machine: the key is carried there apart from the backup.
  const elsewhere = join(folder, 'elsewhere');
  const key = readFileSync(join(folder, 'data', 'secret.key'), 'utf8').trim();
  const moved = await todoku(['restore', file], { TODOKU_DATA_DIR: elsewhere, TODOKU_SECRET_KEY: key });
  assert.equal(moved.code, 0, moved.err);
  writeFileSync(join(elsewhere, 'secret.key'), key, { mode: 0o600 });
  // Cookies of then are void, since what was ended meanwhile is not known there.
  assert.deepEqual(await who(elsewhere), [200, 200, 401, 200]);
});

test('a damaged database is put aside, and the backup takes its place', async () => {
  const house = await openHouse({}, join(folder, 'data'));
  await house.api('POST', '/api/senders', GMAIL_SENDER);
  await house.todoku.stop();
  const file = join(folder, 'backup.sqlite');
  await todoku(['backup', file]);
  const live = join(folder, 'data', 'todoku.sqlite');
  writeFileSync(live, readFileSync(live).subarray(0, 20_000));
  assert.equal((await todoku(['doctor'])).code, 1);
  const restored = await todoku(['restore', file]);
  assert.equal(restored.code, 0, restored.err);
  assert.match(restored.err, /damaged/);
  assert.ok(readdirSync(join(folder, 'data')).some((name) => name.startsWith('todoku.sqlite.damaged-')));
  const again = await openHouse({}, join(folder, 'data'));
  assert.equal((await again.api<{ items: unknown[] }>('GET', '/api/senders')).json.items.length, 1);
  await again.todoku.stop();
});

test('a backup that cannot be written leaves nothing', async () => {
  const house = await openHouse({}, join(folder, 'data'));
  await house.todoku.stop();
  assert.equal((await todoku(['backup', join(folder, 'nowhere', 'backup.sqlite')])).code, 2);
  const file = join(folder, 'backup.sqlite');
  writeFileSync(file, 'mine');
  assert.equal((await todoku(['backup', file])).code, 2);
  assert.equal(readFileSync(file, 'utf8'), 'mine');
  assert.deepEqual(readdirSync(folder).sort(), ['backup.sqlite', 'data']);
});

test('a restore that cannot work leaves everything as it was', async () => {
  const house = await openHouse({}, join(folder, 'data'));
  await house.api('POST', '/api/senders', GMAIL_SENDER);
  await house.todoku.stop();
  const before = readFileSync(join(folder, 'data', 'todoku.sqlite'));
  const noise = join(folder, 'noise');
  writeFileSync(noise, 'this is no database');
  assert.equal((await todoku(['restore', noise])).code, 2);
  // A database sealed with another key is whole, but of no use here.
  const file = join(folder, 'foreign.sqlite');
  await todoku(['backup', file]);
  const foreign = await todoku(['restore', file], { TODOKU_SECRET_KEY: 'another key, long enough to be one' });
  assert.equal(foreign.code, 3);
  assert.match(foreign.err, /another key/);
  assert.ok(readFileSync(join(folder, 'data', 'todoku.sqlite')).equals(before));
});

test('doctor says what is wrong and ends with 1', async () => {
  const house = await openHouse({}, join(folder, 'data'));
  await house.api('POST', '/api/senders', {
    ...GMAIL_SENDER,
    smtp: { ...GMAIL_SENDER.smtp, host: '127.0.0.1', port: 9 },
  });
  await house.todoku.stop();
  const { code, out } = await todoku(['doctor', '--json'], { TODOKU_DNS_SERVERS: '127.0.0.1:9', TODOKU_TYPO: 'x' });
  assert.equal(code, 1);
  const findings = JSON.parse(out) as { check: string; result: string; detail: string }[];
  const resultOf = (check: string): string | undefined => findings.find((finding) => finding.check === check)?.result;
  assert.deepEqual(
    [resultOf('database'), resultOf('key'), resultOf('dns'), resultOf('sender Newsletter')],
    ['ok', 'ok', 'warn', 'fail'],
  );
  assert.ok(findings.some(({ result, detail }) => result === 'warn' && detail.includes('TODOKU_TYPO')));
  assert.ok(!out.includes('sender-secret'));
});

test('tables line up, wide characters too, and foreign text cannot steer a terminal', () => {
  assert.equal(
    table([
      ['迷惑', 'x'],
      ['a', 'y'],
    ]),
    '迷惑  x\na     y',
  );
  assert.equal(plain('a\u001b[31mred\u0007\u202e'), 'a [31mred  ');
  assert.ok(existsSync(CLI));
});
