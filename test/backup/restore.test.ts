/** Putting a backup in place: what comes back, what stays as it is, and that the old database goes on whenever anything is wrong. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import Sqlite from 'better-sqlite3';
import { sql } from 'kysely';
import type { BackupJson, BackupsJson, NewBackupJson, RestoreJson } from '../../server/api/json/backups.ts';
import type { ProblemJson } from '../../server/api/json/basics.ts';
import type { MonitorJson } from '../../server/api/json/monitors.ts';
import type { NewTokenJson, SessionsJson } from '../../server/api/json/owner.ts';
import type { RunJson } from '../../server/api/json/runs.ts';
import type { NewWallLinkJson } from '../../server/api/json/walls.ts';
import { startRun } from '../../server/monitor/run.ts';
import { createToken } from '../../server/owner/tokens.ts';
import {
  type Answer,
  asPage,
  cookieOf,
  GMAIL_SEED,
  GMAIL_SENDER,
  type House,
  openHouse,
  PASSWORD,
  setPassword,
  signIn,
} from '../api/house.ts';

let house: House;
let cookie: string;
beforeEach(async () => {
  house = await openHouse();
  cookie = await setPassword(house);
});
afterEach(() => house.close());

const folder = (): string => join(house.folder, 'backups');
const backup = async (): Promise<BackupJson> => {
  const made = await house.api<NewBackupJson>('POST', '/api/backups');
  assert.equal(made.status, 201, made.text);
  assert.ok(made.json.backup);
  return made.json.backup;
};
const restore = (name: string, dryRun = false): Promise<Answer<RestoreJson & ProblemJson>> =>
  asPage(house, cookie, 'POST', '/api/restores', { name, dryRun });
const senders = async (): Promise<string[]> =>
  (await house.api<{ items: { name: string }[] }>('GET', '/api/senders')).json.items.map(({ name }) => name);
const addSender = async (name: string): Promise<string> =>
  (await house.api<{ id: string }>('POST', '/api/senders', { ...GMAIL_SENDER, name })).json.id;

async function addMonitor(): Promise<MonitorJson> {
  const senderId = await addSender('Newsletter');
  const seed = (await house.api<{ id: string }>('POST', '/api/seeds', GMAIL_SEED)).json;
  return (
    await house.api<MonitorJson>('POST', '/api/monitors', {
      ...{ name: 'M', senderId, seedIds: [seed.id], message: { template: 'plain' } },
    })
  ).json;
}

/** All rows of all tables. Who may come in, who runs here and what was proven a moment ago is not part of what comes back. */
async function rows(): Promise<Record<string, unknown[]>> {
  const { db } = house.todoku.app;
  const tables = await sql<{ name: string }>`SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1`.execute(
    db,
  );
  const all: Record<string, unknown[]> = {};
  for (const { name } of tables.rows) {
    if (['sessions', 'api_tokens', 'wall_links', 'instances', 'login_attempts', 'sqlite_stat1'].includes(name))
      continue;
    const found = await sql<Record<string, unknown>>`SELECT * FROM ${sql.ref(name)} ORDER BY 1, 2`.execute(db);
    all[name] = found.rows.filter((row) => !(name === 'settings' && ['password', 'written'].includes(String(row.key))));
  }
  return all;
}

/** The backup with something done to it, under another name. */
function changed(name: string, change: (file: string) => void): string {
  const file = join(folder(), `changed-${name}`);
  writeFileSync(file, readFileSync(join(folder(), name)));
  change(file);
  return `changed-${name}`;
}
const withSql = (statement: string) => (file: string) => {
  const handle = new Sqlite(file);
  handle.exec(statement);
  handle.close();
};

describe('what comes back', () => {
  test('every row as it was, and the program goes on', async () => {
    const monitor = await addMonitor();
    const { id } = await startRun(house.todoku.app, monitor.id, { slotAt: null });
    await house.todoku.app.db
      .updateTable('probes')
      .set({ ...{ next_send_at: null, outcome: 'rejected', reason: 'rejected', placement_kind: null } })
      .execute();
    await house.api('PATCH', '/api/settings', { timeZone: 'Asia/Tokyo', retention: { messageDays: 30 } });
    const before = await rows();
    const { name } = await backup();

    await house.api('DELETE', `/api/monitors/${monitor.id}`);
    await addSender('Later');
    await house.api('PATCH', '/api/settings', { timeZone: 'Europe/Berlin', retention: { messageDays: 7 } });
    assert.notDeepEqual(await rows(), before);

    const answer = await restore(name);
    assert.equal(answer.status, 200, answer.text);
    assert.deepEqual([answer.json.done, answer.json.backup.monitors, answer.json.present.monitors], [true, 1, 0]);
    assert.deepEqual([answer.json.backup.senders, answer.json.present.senders], [1, 2]);
    assert.deepEqual(await rows(), before);
    assert.equal((await house.api<RunJson>('GET', `/api/runs/${id}`)).json.probes.length, 1);
    await addSender('After');
    assert.deepEqual(await senders(), ['Newsletter', 'After']);
    assert.equal((await house.api('GET', '/healthz')).status, 200);
    // And it is the file that the next start finds.
    await house.todoku.stop();
    const { folder: place } = house;
    house = await openHouse({}, place);
    assert.deepEqual(await senders(), ['Newsletter', 'After']);
  });

  test('a dry run says what would be lost, and changes nothing', async () => {
    const monitor = await addMonitor();
    const { name } = await backup();
    house.wait(1_000);
    await startRun(house.todoku.app, monitor.id, { slotAt: null });
    await addSender('Later');
    for (const domain of ['one.example.com', 'two.example.com'])
      await house.api('POST', '/api/domains', { name: domain });
    const campaign = (await house.api<{ id: string }>('POST', '/api/campaigns', { name: 'Summer' })).json;
    // A watch sends nothing, but goes by rows of monitors, runs and probes: its seeds are not lost as such.
    const seedIds = (await house.api<{ items: { id: string }[] }>('GET', '/api/seeds')).json.items.map(({ id }) => id);
    const watch = await house.api('POST', `/api/campaigns/${campaign.id}/watches`, { seedIds });
    assert.equal(watch.status, 201, watch.text);
    const before = await rows();
    const { json } = await restore(name, true);
    const { monitors, domains, campaigns, probes } = json.present;
    assert.deepEqual([monitors, domains, campaigns, probes], [1, 2, 1, 1]);
    assert.deepEqual(
      [json.backup.monitors, json.backup.domains, json.backup.campaigns, json.backup.probes],
      [1, 0, 0, 0],
    );
    assert.deepEqual(
      [json.done, json.lostRuns, json.backup.runs, json.present.runs, json.present.senders, json.keptAs],
      [false, 1, 0, 1, 2, null],
    );
    assert.deepEqual(await rows(), before);
    assert.deepEqual(
      (await house.api<BackupsJson>('GET', '/api/backups')).json.items.map((one) => one.name),
      [name],
    );
  });

  test('what was there before is kept, and can be put back', async () => {
    await addSender('First');
    const { name } = await backup();
    await addSender('Second');
    const { json } = await restore(name);
    assert.deepEqual(await senders(), ['First']);
    const kept = (await house.api<BackupsJson>('GET', '/api/backups')).json.items.find(
      (one) => one.name === json.keptAs,
    );
    assert.equal(kept?.kind, 'before-restore');
    // It is a file of its own: what is written now does not go there.
    await addSender('Third');
    assert.equal((await restore(json.keptAs ?? '')).status, 200);
    assert.deepEqual(await senders(), ['First', 'Second']);
  });

  test('a backup of the first version is brought up to date on the way', async () => {
    await addSender('Old');
    const { name } = await backup();
    const old = changed(
      name,
      withSql(
        "DROP TABLE wall_links; DROP TABLE forgotten_messages; DELETE FROM kysely_migration WHERE name = '0003_house'",
      ),
    );
    await addSender('New');
    assert.equal((await restore(old)).status, 200);
    assert.deepEqual(await senders(), ['Old']);
    assert.equal((await asPage(house, cookie, 'GET', '/api/wall-links')).status, 200);
    // The file itself was only read.
    const handle = new Sqlite(join(folder(), old), { readonly: true });
    assert.equal(handle.prepare("SELECT count(*) FROM sqlite_master WHERE name = 'wall_links'").pluck().get(), 0);
    handle.close();
  });
});

describe('what stays as it is', () => {
  test('whoever restores stays signed in; sessions, tokens, keys and the password that were withdrawn stay withdrawn', async () => {
    const monitor = await addMonitor();
    const stolenCookie = cookieOf(await signIn(house));
    const stolenToken = await createToken(house.todoku.app, 'stolen');
    const wall = (await asPage<NewWallLinkJson>(house, cookie, 'POST', '/api/wall-links', { name: 'Office' })).json;
    const { name } = await backup();

    const sessions = (await asPage<SessionsJson>(house, stolenCookie, 'GET', '/api/sessions')).json.items;
    const stolen = sessions.find((one) => one.current)?.id;
    await asPage(house, cookie, 'DELETE', `/api/sessions/${stolen}`);
    await asPage(house, cookie, 'DELETE', `/api/wall-links/${wall.id}`);
    const tokens = await asPage<{ items: { id: string; name: string }[] }>(house, cookie, 'GET', '/api/tokens');
    const token = tokens.json.items.find((one) => one.name === 'stolen')?.id;
    await asPage(house, cookie, 'DELETE', `/api/tokens/${token}`);
    const fresh = (await asPage<NewTokenJson>(house, cookie, 'POST', '/api/tokens', { name: 'fresh' })).json.token;
    await house.api('DELETE', `/api/monitors/${monitor.id}`);
    const next = 'another horse, another battery';
    assert.equal(
      (await asPage(house, cookie, 'PUT', '/api/password', { current: PASSWORD, password: next })).status,
      200,
    );

    const answer = await restore(name);
    assert.equal(answer.status, 200, answer.text);
    assert.equal((await asPage(house, cookie, 'GET', '/api/sessions')).status, 200, 'still signed in');
    assert.equal((await asPage(house, stolenCookie, 'GET', '/api/settings')).status, 401);
    const bearer = (value: string) => ({ authorization: `Bearer ${value}` });
    assert.equal((await house.raw('GET', '/api/settings', bearer(stolenToken))).status, 401);
    assert.equal((await house.raw('GET', '/api/settings', bearer(fresh))).status, 200);
    assert.equal((await house.raw('GET', '/api/wall', bearer(wall.key))).status, 401);
    assert.equal((await signIn(house, PASSWORD)).status, 401);
    assert.equal((await signIn(house, next)).status, 200);
  });

  test('a wall link of a monitor that is not there any more is gone, others stay', async () => {
    const { name } = await backup();
    const monitor = await addMonitor();
    const make = async (monitorId: string | null): Promise<string> =>
      (await asPage<NewWallLinkJson>(house, cookie, 'POST', '/api/wall-links', { name: 'Office', monitorId })).json.key;
    const [all, one] = [await make(null), await make(monitor.id)];
    assert.equal((await restore(name)).status, 200);
    assert.equal((await house.raw('GET', '/api/wall', { authorization: `Bearer ${all}` })).status, 200);
    assert.equal((await house.raw('GET', '/api/wall', { authorization: `Bearer ${one}` })).status, 401);
  });

  test('what today has used of a budget, and the guesses of today', async () => {
    const sender = await addSender('Newsletter');
    const { db } = house.todoku.app;
    const use = (id: string) => ({ id, sender_id: sender, at: Date.now() });
    await db
      .insertInto('sender_uses')
      .values([use('a'), use('b')])
      .execute();
    const { name } = await backup();
    await db.insertInto('sender_uses').values(use('c')).execute();
    for (let i = 0; i < 10; i++) await signIn(house, 'a wrong guess, and long');
    assert.equal((await signIn(house)).status, 429);
    assert.equal((await restore(name)).status, 200);
    const uses = await house.todoku.app.db.selectFrom('sender_uses').select('id').orderBy('id').execute();
    assert.deepEqual(
      uses.map(({ id }) => id),
      ['a', 'b', 'c'],
    );
    assert.equal((await signIn(house)).status, 429, 'no guess is forgiven');
  });

  test('nothing is sent twice: what waited then is looked for, and stands in no rate', async () => {
    const monitor = await addMonitor();
    const { id } = await startRun(house.todoku.app, monitor.id, { slotAt: null });
    const { name } = await backup();
    // Handed over after the backup was made.
    await house.todoku.app.db
      .updateTable('probes')
      .set({ ...{ outcome: 'accepted', next_send_at: null, sent_at: Date.now(), reason: 'not-seen-yet' } })
      .execute();
    const { json } = await restore(name);
    assert.equal(json.unsent, 1);
    const probe = await house.todoku.app.db.selectFrom('probes').selectAll().executeTakeFirstOrThrow();
    assert.deepEqual(
      [probe.run_id, probe.outcome, probe.reason, probe.next_send_at],
      [id, 'unknown', 'restored-while-waiting', null],
    );
    assert.ok(probe.next_look_at !== null && probe.watch_until !== null);
    const run = await house.api<RunJson>('GET', `/api/runs/${id}`);
    assert.deepEqual([run.json.summary.counts.unknown, run.json.summary.rates.inbox.n], [1, 0]);
    const [rollup] = await house.todoku.app.db
      .selectFrom('placement_rollups')
      .selectAll()
      .where('scope', '=', '')
      .execute();
    assert.equal(rollup?.unknown, 1);
  });
});

describe('what is refused, and the old one goes on', () => {
  const REFUSED: [what: string, change: (file: string) => void, status: number, reason: string][] = [
    ['noise', (file) => writeFileSync(file, 'x'.repeat(100_000)), 400, 'no-database'],
    ['an empty file', (file) => writeFileSync(file, ''), 400, 'no-database'],
    [
      'a page of noise in the middle',
      (file) => {
        const bytes = readFileSync(file);
        bytes.fill(0xab, 16_384, 20_480);
        writeFileSync(file, bytes);
      },
      400,
      'damaged',
    ],
    ['a file cut off', (file) => writeFileSync(file, readFileSync(file).subarray(0, 60_000)), 400, 'damaged'],
    ['a table that is gone', withSql('DROP TABLE sightings'), 400, 'damaged'],
    ['a column that is gone', withSql('ALTER TABLE seeds DROP COLUMN junk_folder'), 400, 'damaged'],
    [
      'a row that refers to nothing',
      withSql("PRAGMA foreign_keys = OFF; INSERT INTO seed_tags VALUES ('nobody', 'x')"),
      400,
      'damaged',
    ],
    [
      'a trigger of somebody else',
      withSql('CREATE TRIGGER evil AFTER INSERT ON senders BEGIN DELETE FROM seeds; END'),
      400,
      'foreign',
    ],
    ['another program', withSql('DROP TABLE kysely_migration'), 400, 'foreign'],
    [
      'a newer version',
      withSql("INSERT INTO kysely_migration VALUES ('9999_tomorrow', '2030-01-01T00:00:00.000Z')"),
      409,
      'newer',
    ],
    [
      'another key',
      withSql(
        `UPDATE settings SET value = '"v1.deadbeef.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"' WHERE key = 'vault-check'`,
      ),
      409,
      'wrong-key',
    ],
    ['no key', withSql("DELETE FROM settings WHERE key = 'vault-check'"), 409, 'wrong-key'],
  ];
  for (const [what, change, status, reason] of REFUSED)
    test(`${what}: ${reason}`, async () => {
      await addSender('First');
      const name = changed((await backup()).name, change);
      await addSender('Second');
      const before = await rows();
      for (const dryRun of [true, false]) {
        const answer = await restore(name, dryRun);
        assert.deepEqual([answer.status, answer.json.extra?.reason], [status, reason], answer.text);
        assert.ok(!answer.text.includes(house.folder));
      }
      assert.deepEqual(await rows(), before);
      await addSender('Third');
      assert.deepEqual(await senders(), ['First', 'Second', 'Third']);
      assert.ok(!readdirSync(house.folder).some((file) => file.startsWith('.partial')));
      assert.ok(!readdirSync(folder()).some((file) => file.includes('before-restore')));
    });

  test('a backup that is not there', async () => {
    assert.equal((await restore('todoku-2026-11-23-091507-daily.sqlite')).status, 404);
  });

  test('while another program has the database open', async () => {
    await addSender('First');
    const { name } = await backup();
    const other = new Sqlite(join(house.folder, 'todoku.sqlite'));
    other.prepare('SELECT count(*) FROM senders').get();
    await addSender('Second');
    const refused = await restore(name);
    assert.deepEqual([refused.status, refused.json.extra?.reason], [409, 'in-use'], refused.text);
    await addSender('Third');
    assert.deepEqual(await senders(), ['First', 'Second', 'Third']);
    other.close();
    assert.equal((await restore(name)).status, 200);
    assert.deepEqual(await senders(), ['First']);
  });
});

test('requests at the moment itself are answered by one database or asked to come again', async () => {
  await addSender('First');
  const { name } = await backup();
  await addSender('Second');
  let done = false;
  const seen = new Set<string>();
  const asking = Array.from({ length: 8 }, async () => {
    while (!done) {
      const answer = await house.api<{ items?: { name: string }[]; code?: string }>('GET', '/api/senders');
      seen.add(
        answer.status === 200
          ? (answer.json.items ?? []).map((one) => one.name).join()
          : `${answer.status} ${answer.json.code} ${answer.headers.get('retry-after')}`,
      );
    }
  });
  assert.equal((await restore(name)).status, 200);
  await new Promise((resolve) => setTimeout(resolve, 50));
  done = true;
  await Promise.all(asking);
  for (const one of seen) assert.ok(['First', 'First,Second', '503 busy 2'].includes(one), one);
  assert.ok(seen.has('First') && seen.has('First,Second'));
  assert.ok(!house.log.some((line) => line.includes('"level":50')), 'no error in the log');
  assert.ok(existsSync(join(house.folder, 'todoku.sqlite')));
});
