/** Settings, what the about page shows, and a message that was forgotten. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { forgetMessages } from '../../db/forget.ts';
import { keepMessage } from '../../db/probes.ts';
import packageJson from '../../package.json' with { type: 'json' };
import type { AboutJson } from '../../server/api/json/about.ts';
import type { ProblemJson } from '../../server/api/json/basics.ts';
import type { MonitorJson } from '../../server/api/json/monitors.ts';
import type { SettingsJson } from '../../server/api/json/owner.ts';
import type { ProbeDetailsJson } from '../../server/api/json/probes.ts';
import { startRun } from '../../server/monitor/run.ts';
import { GMAIL_SEED, GMAIL_SENDER, type House, openHouse } from './house.ts';

let house: House;
let monitor: MonitorJson;
before(async () => {
  house = await openHouse();
  const sender = (await house.api<{ id: string }>('POST', '/api/senders', GMAIL_SENDER)).json;
  const seed = (await house.api<{ id: string }>('POST', '/api/seeds', GMAIL_SEED)).json;
  monitor = (
    await house.api<MonitorJson>('POST', '/api/monitors', {
      ...{ name: 'M', senderId: sender.id, seedIds: [seed.id], message: { template: 'plain' } },
    })
  ).json;
});
after(() => house.close());

test('settings: what holds without any, and each part changed by itself', async () => {
  const fresh: SettingsJson = {
    language: null,
    timeZone: null,
    retention: { messageDays: 90, probeDays: null },
    backups: { daily: true, keep: 7 },
    guide: 'open',
  };
  assert.deepEqual((await house.api<SettingsJson>('GET', '/api/settings')).json, fresh);
  const CHANGES: [change: unknown, then: Partial<SettingsJson>][] = [
    [{ retention: { probeDays: 365 } }, { retention: { messageDays: 90, probeDays: 365 } }],
    [{ retention: { messageDays: null } }, { retention: { messageDays: null, probeDays: 365 } }],
    [{ backups: { keep: 30 } }, { backups: { daily: true, keep: 30 } }],
    [{ backups: { daily: false } }, { backups: { daily: false, keep: 30 } }],
    [{ guide: 'left' }, { guide: 'left' }],
    [
      { guide: 'done', language: 'ja' },
      { guide: 'done', language: 'ja' },
    ],
    [{}, {}],
  ];
  let wanted = fresh;
  for (const [change, then] of CHANGES) {
    wanted = { ...wanted, ...then };
    assert.deepEqual((await house.api<SettingsJson>('PATCH', '/api/settings', change)).json, wanted);
  }
  assert.deepEqual((await house.api<SettingsJson>('GET', '/api/settings')).json, wanted);
});

const WRONG: [path: string, change: unknown][] = [
  ['retention.messageDays', { retention: { messageDays: 0 } }],
  ['retention.messageDays', { retention: { messageDays: 1.5 } }],
  ['retention.probeDays', { retention: { probeDays: 3651 } }],
  ['retention.probeDays', { retention: { probeDays: '30' } }],
  ['backups.keep', { backups: { keep: 0 } }],
  ['backups.daily', { backups: { daily: 'yes' } }],
  ['guide', { guide: 'never' }],
  ['timeZone', { timeZone: 'Mars/Base', guide: 'open' }],
];
for (const [path, change] of WRONG)
  test(`${JSON.stringify(change)} is refused as a whole`, async () => {
    const before = (await house.api('GET', '/api/settings')).text;
    const answer = await house.api<ProblemJson>('PATCH', '/api/settings', change);
    assert.deepEqual([answer.status, answer.json.errors?.[0]?.path], [400, path]);
    assert.equal((await house.api('GET', '/api/settings')).text, before);
  });

test('about: versions, sizes, counts, the key without the key, no path', async () => {
  const { status, json, text } = await house.api<AboutJson>('GET', '/api/about');
  assert.equal(status, 200, text);
  assert.deepEqual([json.version, json.node], [packageJson.version, process.versions.node]);
  assert.match(json.sqlite, /^3\.\d+\.\d+$/);
  assert.ok(json.database.bytes > 0 && json.database.walBytes > 0 && json.disk.freeBytes > 0);
  assert.deepEqual(
    [json.database.senders, json.database.seeds, json.database.monitors, json.database.probes],
    [1, 1, 1, 0],
  );
  assert.deepEqual([json.scheduler.lastTickAt, json.scheduler.instances, json.scheduler.storage], [null, [], 'ok']);
  assert.deepEqual(json.key, { source: 'file', id: house.todoku.app.vault.keyId });
  assert.ok(!text.includes(house.folder) && !text.includes('secret.key'));
  await startRun(house.todoku.app, monitor.id, { slotAt: null });
  const probe = await house.todoku.app.db.selectFrom('probes').select('id').executeTakeFirstOrThrow();
  await keepMessage(house.todoku.app.db, probe.id, Buffer.from('Subject: x\r\n\r\nx'));
  // Counting reads the whole file: an answer serves a minute.
  assert.equal((await house.api<AboutJson>('GET', '/api/about')).json.database.probes, 0);
  house.wait(61_000);
  const later = (await house.api<AboutJson>('GET', '/api/about')).json.database;
  assert.deepEqual([later.probes, later.runs, later.messages], [1, 1, 1]);
  assert.ok(later.messageBytes > 0 && later.newestRunAt !== null);
});

test('a message that was forgotten is said to be, and is no longer there', async () => {
  const { db } = house.todoku.app;
  const probe = await db.selectFrom('probes').select('id').executeTakeFirstOrThrow();
  const details = async (): Promise<ProbeDetailsJson> =>
    (await house.api<ProbeDetailsJson>('GET', `/api/probes/${probe.id}`)).json;
  assert.deepEqual([(await details()).messageSize, (await details()).messageForgottenAt], [15, null]);
  const now = Date.now();
  await forgetMessages(db, { before: now + 86_400_000, after: '', most: 10, now });
  assert.deepEqual(
    [(await details()).messageSize, (await details()).messageForgottenAt],
    [null, new Date(now).toISOString()],
  );
  const answer = await house.api<ProblemJson>('GET', `/api/probes/${probe.id}/message`);
  assert.equal(answer.status, 404);
  assert.match(answer.json.detail, /forgotten/);
});
