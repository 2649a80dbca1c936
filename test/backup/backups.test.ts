/** Backups over the API: made, listed, downloaded, taken in, deleted, daily; what is refused, and that nothing half made is left. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createReadStream, existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import Sqlite from 'better-sqlite3';
import type { BackupJson, BackupsJson, NewBackupJson } from '../../server/api/json/backups.ts';
import type { ProblemJson } from '../../server/api/json/basics.ts';
import type { OverviewJson } from '../../server/api/json/overview.ts';
import { partialIn } from '../../server/backup/folder.ts';
import { inWorker } from '../../server/backup/worker.ts';
import { type Answer, asPage, GMAIL_SENDER, type House, openHouse, setPassword } from '../api/house.ts';

const SQLITE = 'application/vnd.sqlite3';
let house: House;
let cookie: string;

const folder = (): string => join(house.folder, 'backups');
const list = async (): Promise<BackupsJson> => (await house.api<BackupsJson>('GET', '/api/backups')).json;
const make = async (): Promise<BackupJson> => {
  const made = await house.api<NewBackupJson>('POST', '/api/backups');
  assert.equal(made.status, 201, made.text);
  assert.ok(made.json.backup);
  return made.json.backup;
};
/** Files of ours that are neither the database nor a backup. */
const halfMade = (): string[] =>
  [house.folder, ...(existsSync(folder()) ? [folder()] : [])].flatMap((place) =>
    readdirSync(place).filter((name) => name.startsWith('.partial')),
  );
async function upload(body: Buffer, headers: Record<string, string> = {}): Promise<Answer<BackupJson & ProblemJson>> {
  const answer = await fetch(`${house.todoku.url}/api/backups/uploads`, {
    method: 'POST',
    headers: { cookie, 'sec-fetch-site': 'same-origin', 'content-type': SQLITE, ...headers },
    body: new Uint8Array(body),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, json: JSON.parse(text) };
}

describe('backups', () => {
  beforeEach(async () => {
    house = await openHouse();
    cookie = await setPassword(house);
    await house.api('POST', '/api/senders', GMAIL_SENDER);
  });
  afterEach(() => house.close());

  test('one is made, read through, listed, downloaded and deleted', async () => {
    assert.deepEqual(await list(), { items: [], work: null, failure: null, nextCursor: null });
    const made = await make();
    assert.match(made.name, /^todoku-\d{4}-\d\d-\d\d-\d{6}-manual\.sqlite$/);
    assert.deepEqual((await list()).items, [made]);
    assert.equal(statSync(join(folder(), made.name)).mode & 0o077, 0, 'for nobody else');
    const whole = await fetch(`${house.todoku.url}/api/backups/${made.name}`, {
      headers: { cookie, 'sec-fetch-site': 'same-origin' },
    });
    assert.equal(whole.headers.get('content-type'), SQLITE);
    assert.equal(whole.headers.get('content-disposition'), `attachment; filename="${made.name}"`);
    assert.equal(whole.headers.get('content-encoding'), null);
    const bytes = Buffer.from(await whole.arrayBuffer());
    assert.equal(bytes.length, made.bytes);
    assert.ok(bytes.equals(readFileSync(join(folder(), made.name))));
    // A download that broke off goes on where it stopped.
    const rest = await fetch(`${house.todoku.url}/api/backups/${made.name}`, {
      headers: { cookie, 'sec-fetch-site': 'same-origin', range: 'bytes=1000-' },
    });
    assert.equal(rest.status, 206);
    assert.ok(Buffer.from(await rest.arrayBuffer()).equals(bytes.subarray(1000)));
    const copy = join(house.folder, 'copy.sqlite');
    writeFileSync(copy, bytes);
    const handle = new Sqlite(copy, { readonly: true });
    assert.equal(handle.prepare('SELECT name FROM senders').pluck().get(), 'Newsletter');
    handle.close();

    const path = `/api/backups/${made.name}`;
    assert.equal((await asPage(house, cookie, 'DELETE', path)).status, 204);
    assert.equal((await asPage(house, cookie, 'DELETE', path)).status, 404);
    assert.equal((await asPage(house, cookie, 'GET', path)).status, 404);
    assert.deepEqual((await list()).items, []);
  });

  test('it is of one moment, while others write', async () => {
    let stop = false;
    let written = 0;
    const writer = (async () => {
      while (!stop) {
        // Two rows that belong together.
        await house.todoku.app.db.transaction().execute(async (tx) => {
          for (const part of ['a', 'b'])
            await tx
              .insertInto('sender_uses')
              .values({ id: `${part}${written}`, sender_id: 'x', at: written })
              .execute();
        });
        written++;
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    while (written < 50) await new Promise((resolve) => setImmediate(resolve));
    const made = await make();
    stop = true;
    await writer;
    const handle = new Sqlite(join(folder(), made.name), { readonly: true });
    const [halves, rows] = [
      handle
        .prepare('SELECT count(*) FROM (SELECT at FROM sender_uses GROUP BY at HAVING count(*) <> 2)')
        .pluck()
        .get(),
      handle.prepare('SELECT count(*) FROM sender_uses').pluck().get(),
    ];
    handle.close();
    assert.equal(halves, 0);
    assert.ok(Number(rows) >= 100 && Number(rows) <= 2 * written);
  });

  test('one at a time: who comes second is told so', async () => {
    const [first, second] = await Promise.all([
      house.api<NewBackupJson>('POST', '/api/backups'),
      house.api<ProblemJson>('POST', '/api/backups'),
    ]);
    assert.deepEqual([first.status, second.status].sort(), [201, 409]);
    const refused = [first, second].find((one) => one.status === 409) as Answer<ProblemJson>;
    assert.equal(refused.json.extra?.reason, 'busy');
    assert.equal((await list()).failure, null);
    assert.equal((await list()).items.length, 1);
  });

  test('two in one second have two names', async () => {
    const names = [await make(), await make(), await make()].map((one) => one.name);
    assert.equal(new Set(names).size, 3);
  });

  const NAMES = [
    '../todoku.sqlite',
    '..%2ftodoku.sqlite',
    '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    '..%5ctodoku.sqlite',
    '%2fetc%2fpasswd.sqlite',
    'todoku.sqlite%00.sqlite',
    '.partial-1.sqlite',
    'secret.key',
    'a'.repeat(300),
  ];
  for (const name of NAMES)
    test(`no way out by ${name.slice(0, 40)}`, async () => {
      await make();
      for (const method of ['GET', 'DELETE'])
        assert.ok([400, 404].includes((await asPage(house, cookie, method, `/api/backups/${name}`)).status));
      const restored = await asPage(house, cookie, 'POST', '/api/restores', { name: decodeURIComponent(name) });
      assert.ok([400, 404].includes(restored.status), restored.text);
      assert.ok(existsSync(join(house.folder, 'todoku.sqlite')) && existsSync(join(house.folder, 'secret.key')));
    });

  test('a link that leads elsewhere is no backup, a file put there by hand is one', async () => {
    const made = await make();
    symlinkSync('/etc/passwd', join(folder(), 'link.sqlite'));
    writeFileSync(join(folder(), 'mine.sqlite'), readFileSync(join(folder(), made.name)));
    assert.deepEqual(
      (await list()).items.map(({ name, kind }) => [name, kind]).sort(),
      [
        ['mine.sqlite', 'other'],
        [made.name, 'manual'],
      ].sort(),
    );
    assert.equal((await asPage(house, cookie, 'GET', '/api/backups/link.sqlite')).status, 404);
  });

  test('a token may make and list them, and neither fetch, delete, bring nor restore any', async () => {
    const { name } = await make();
    for (const [method, path, body] of [
      ['GET', `/api/backups/${name}`],
      ['DELETE', `/api/backups/${name}`],
      ['POST', '/api/restores', { name }],
      ['POST', '/api/backups/uploads'],
    ] as const)
      assert.equal((await house.api(method, path, body)).status, 403, path);
    assert.equal((await list()).items.length, 1);
  });

  test('a foreign page cannot fetch one with the cookie of the browser', async () => {
    const { name } = await make();
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { referer: 'https://evil.example/' }, {}])
      assert.equal(
        (await house.raw('GET', `/api/backups/${name}`, { cookie, ...(headers as Record<string, string>) })).status,
        403,
      );
  });

  test('what a killed program left half made is swept away with the next', async () => {
    await make();
    const left = partialIn(folder()).replace(`-${process.pid}-`, '-999999999-');
    writeFileSync(left, 'half');
    writeFileSync(partialIn(house.folder).replace(`-${process.pid}-`, '-999999998-'), 'half');
    const running = partialIn(folder()).replace(`-${process.pid}-`, '-1-');
    writeFileSync(running, 'of another process that lives');
    await house.todoku.stop();
    const again = await openHouse({}, house.folder);
    house = again;
    await make();
    assert.deepEqual(halfMade(), [running.split('/').at(-1)]);
  });

  test('the end of the program ends a backup, and leaves nothing of it', async () => {
    const making = house.todoku.app.backups.make('manual').then(
      () => 'made',
      (error: { detail: { reason: string } }) => error.detail.reason,
    );
    await until(async () => halfMade().length > 0);
    await house.todoku.app.backups.close();
    assert.equal(await making, 'stopped');
    assert.deepEqual(halfMade(), []);
  });
});

describe('the daily one', () => {
  beforeEach(async () => {
    house = await openHouse();
    cookie = await setPassword(house);
  });
  afterEach(() => house.close());
  const DAY = 86_400_000;
  const { keepDaily } = { keepDaily: () => house.todoku.app.backups.keepDaily() };

  test('is made a day after the installation, once a day, and so many are kept', async () => {
    await keepDaily();
    assert.equal((await list()).items.length, 0);
    await house.api('PATCH', '/api/settings', { backups: { keep: 2 } });
    house.wait(DAY);
    const byHand = await make();
    for (let day = 0; day < 4; day++) {
      await keepDaily();
      await keepDaily();
      house.wait(DAY + 1_000);
    }
    const { items } = await list();
    assert.deepEqual(
      items.map(({ kind }) => kind),
      ['daily', 'daily', 'manual'],
    );
    assert.equal(items[2]?.name, byHand.name);
    assert.ok(Date.parse(items[0]?.at ?? '') - Date.parse(items[1]?.at ?? '') >= DAY);
  });

  test('is not made when it is not wanted', async () => {
    await house.api('PATCH', '/api/settings', { backups: { daily: false } });
    house.wait(3 * DAY);
    await keepDaily();
    assert.equal((await list()).items.length, 0);
  });

  test('that fails is told on the overview, tried again after an hour, and then forgotten', async () => {
    house.wait(DAY);
    // A file where the folder should be.
    writeFileSync(folder(), '');
    await keepDaily();
    const overview = await house.api<OverviewJson>('GET', '/api/overview');
    assert.deepEqual(
      overview.json.attention.map(({ kind, reason }) => [kind, reason]),
      [['backup', 'backup-failed']],
    );
    await rm(folder());
    await keepDaily();
    assert.equal((await list()).items.length, 0, 'not at once');
    house.wait(3_700_000);
    await keepDaily();
    assert.equal((await list()).items.length, 1);
    assert.equal((await list()).failure, null);
    assert.deepEqual((await house.api<OverviewJson>('GET', '/api/overview')).json.attention, []);
  });
});

describe('uploads', () => {
  beforeEach(async () => {
    house = await openHouse();
    cookie = await setPassword(house);
  });
  afterEach(() => house.close());

  test('a backup that comes back is listed as it was', async () => {
    const made = await make();
    const bytes = readFileSync(join(folder(), made.name));
    const answer = await upload(bytes);
    assert.equal(answer.status, 201, answer.text);
    assert.deepEqual([answer.json.kind, answer.json.bytes], ['uploaded', bytes.length]);
    assert.ok(readFileSync(join(folder(), answer.json.name)).equals(bytes));
    assert.deepEqual(halfMade(), []);
  });

  const sealedElsewhere = async (): Promise<Buffer> => {
    const other = await openHouse();
    const { json } = await other.api<NewBackupJson>('POST', '/api/backups');
    const bytes = readFileSync(join(other.folder, 'backups', json.backup?.name ?? ''));
    await other.close();
    return bytes;
  };
  const ours = async (): Promise<Buffer> => readFileSync(join(folder(), (await make()).name));
  const changed = async (statement: string): Promise<Buffer> => {
    const file = join(house.folder, 'changed.sqlite');
    writeFileSync(file, await ours());
    const handle = new Sqlite(file);
    handle.exec(statement);
    handle.close();
    return readFileSync(file);
  };
  const foreign = (): Buffer => {
    const handle = new Sqlite(':memory:');
    handle.exec("CREATE TABLE probes (id TEXT); INSERT INTO probes VALUES ('x')");
    const bytes = handle.serialize();
    handle.close();
    return bytes;
  };
  const REFUSED: [what: string, bytes: () => Promise<Buffer> | Buffer, status: number, reason: string][] = [
    ['nothing', () => Buffer.alloc(0), 400, 'no-database'],
    ['noise', () => Buffer.from('this is no database, whatever it says'), 400, 'no-database'],
    ['the beginning of a database', async () => (await ours()).subarray(0, 10), 400, 'no-database'],
    ['a database cut off', async () => (await ours()).subarray(0, 40_000), 400, 'damaged'],
    [
      'a database with a page of noise',
      async () => {
        const bytes = await ours();
        return Buffer.concat([bytes.subarray(0, 8_192), Buffer.alloc(4_096, 0xab), bytes.subarray(12_288)]);
      },
      400,
      'damaged',
    ],
    ['a database of another program', foreign, 400, 'foreign'],
    ['one sealed with another key', sealedElsewhere, 409, 'wrong-key'],
    [
      'one of a newer version',
      () => changed("INSERT INTO kysely_migration VALUES ('9999_tomorrow', '2030-01-01T00:00:00.000Z')"),
      409,
      'newer',
    ],
    [
      'one with a row that refers to nothing',
      () => changed("PRAGMA foreign_keys = OFF; INSERT INTO seed_tags VALUES ('nobody', 'x')"),
      400,
      'damaged',
    ],
  ];
  for (const [what, bytes, status, reason] of REFUSED)
    test(`${what} is refused: ${reason}`, async () => {
      const body = await bytes();
      const before = (await list()).items.length;
      const answer = await upload(body);
      assert.deepEqual([answer.status, answer.json.extra?.reason], [status, reason], answer.text);
      assert.ok(!answer.text.includes(house.folder), 'no path in the answer');
      assert.equal((await list()).items.length, before);
      assert.deepEqual(halfMade(), []);
    });

  test('what is not sent as a file is refused', async () => {
    assert.equal((await upload(Buffer.from('{}'), { 'content-type': 'application/json' })).status, 400);
  });

  test('noise is refused before all of it has come', async () => {
    const answer = await new Promise<number>((resolve, reject) => {
      const request = httpRequest(
        `${house.todoku.url}/api/backups/uploads`,
        {
          method: 'POST',
          headers: {
            ...{ cookie, 'sec-fetch-site': 'same-origin', 'content-type': SQLITE },
            'content-length': String(50_000_000),
          },
        },
        (response) => {
          resolve(response.statusCode ?? 0);
          request.destroy();
        },
      );
      request.on('error', reject);
      // And never the rest.
      request.write(Buffer.alloc(1_000_000, 'noise '));
    });
    assert.equal(answer, 400);
    assert.deepEqual(halfMade(), []);
  });

  test('one that breaks off leaves nothing, and the next is taken', async () => {
    const bytes = readFileSync(join(folder(), (await make()).name));
    await new Promise<void>((resolve) => {
      const request = httpRequest(`${house.todoku.url}/api/backups/uploads`, {
        method: 'POST',
        headers: {
          ...{ cookie, 'sec-fetch-site': 'same-origin', 'content-type': SQLITE },
          'content-length': String(bytes.length),
        },
      });
      request.on('error', () => resolve());
      request.write(bytes.subarray(0, 50_000), () => setTimeout(() => request.destroy(new Error('gone')), 100));
    });
    await until(async () => (await list()).work === null);
    assert.deepEqual(halfMade(), []);
    assert.equal((await upload(bytes)).status, 201);
  });

  test('a large one is never in memory as a whole', async () => {
    const file = join(house.folder, 'large.sqlite');
    writeFileSync(file, readFileSync(join(folder(), (await make()).name)));
    const handle = new Sqlite(file);
    handle.exec(`CREATE TABLE ballast (bytes BLOB);
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)
      INSERT INTO ballast SELECT zeroblob(1000000) FROM n`);
    handle.close();
    const before = process.memoryUsage();
    let most = 0;
    const watch = setInterval(() => {
      const { rss, arrayBuffers } = process.memoryUsage();
      most = Math.max(most, arrayBuffers - before.arrayBuffers, rss - before.rss);
    }, 10);
    const answer = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const request = httpRequest(
        `${house.todoku.url}/api/backups/uploads`,
        { method: 'POST', headers: { cookie, 'sec-fetch-site': 'same-origin', 'content-type': SQLITE } },
        (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => {
            text += chunk.toString();
          });
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        },
      );
      request.on('error', reject);
      createReadStream(file).pipe(request);
    });
    clearInterval(watch);
    assert.equal(answer.status, 201, answer.text);
    assert.ok(statSync(file).size > 300_000_000);
    // The test reads and sends in the same process, and still it is a fraction.
    assert.ok(most < 150_000_000, `${Math.round(most / 1e6)} MB`);
  });
});

describe('a full disk', () => {
  let disk = '';
  let skip = false;
  before(async () => {
    disk = await mkdtemp(join(tmpdir(), 'todoku-full-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      skip = true;
    }
  });
  after(async () => {
    if (!skip) execFileSync('umount', [disk]);
    await rm(disk, { recursive: true, force: true });
  });
  const fill = async (leave: number): Promise<void> => {
    const { bavail, bsize } = await statfs(disk);
    await writeFile(join(disk, 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - leave))).catch(
      (error: { code?: string }) => {
        // Somebody else took the rest: full all the same.
        if (error.code !== 'ENOSPC') throw error;
      },
    );
  };

  test('before it begins, and in the middle of it', async (t) => {
    if (skip) return t.skip('needs the right to mount a file system');
    house = await openHouse({}, disk);
    try {
      cookie = await setPassword(house);
      const { db } = house.todoku.app;
      const large = 'x'.repeat(100_000);
      for (let i = 0; i < 100; i++)
        await db
          .insertInto('login_attempts')
          .values({ id: `a${i}`, at: i, address: large })
          .execute();
      const kept = await make();
      const bytes = readFileSync(join(folder(), kept.name));

      await fill(12_000_000);
      const refused = await house.api<ProblemJson>('POST', '/api/backups');
      assert.deepEqual([refused.status, refused.json.extra?.reason], [503, 'disk-full'], refused.text);
      assert.ok(Number(refused.json.extra?.needMb) > Number(refused.json.extra?.freeMb));
      const brought = await upload(bytes);
      assert.deepEqual([brought.status, brought.json.extra?.reason], [503, 'disk-full']);
      const put = await asPage<ProblemJson>(house, cookie, 'POST', '/api/restores', { name: kept.name });
      assert.deepEqual([put.status, put.json.extra?.reason], [503, 'disk-full']);
      assert.deepEqual(halfMade(), []);

      // Full only while it is being written.
      await rm(join(disk, 'filler'));
      const partial = partialIn(folder());
      await fill(5_000_000);
      await assert.rejects(
        inWorker({ do: 'copy', from: join(disk, 'todoku.sqlite'), to: partial }, new AbortController().signal),
        (error: { detail?: { reason?: string } }) => error.detail?.reason === 'disk-full',
      );
      await rm(partial, { force: true });
      await rm(join(disk, 'filler'));
      const making = house.api<ProblemJson>('POST', '/api/backups');
      await until(async () => halfMade().length > 0);
      await fill(5_000_000);
      const broken = await making;
      assert.deepEqual([broken.status, broken.json.extra?.reason], [503, 'disk-full'], broken.text);
      assert.deepEqual(halfMade(), []);
      assert.deepEqual(
        (await list()).items.map(({ name }) => name),
        [kept.name],
      );
      assert.equal((await list()).failure?.reason, 'disk-full');
      const overview = await house.api<OverviewJson>('GET', '/api/overview');
      assert.equal(overview.json.attention[0]?.reason, 'backup-disk-full');

      await rm(join(disk, 'filler'));
      await make();
      assert.equal((await list()).failure, null);
    } finally {
      await house.todoku.stop();
    }
  });
});

async function until(so: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 20_000; !(await so()); ) {
    assert.ok(Date.now() < deadline, 'not in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
