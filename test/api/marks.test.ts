/** Marks: what somebody changed stands in the charts it concerns, in its period, once. */
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { holdSender } from '../../db/senders.ts';
import type { ImportJson } from '../../server/api/json/imports.ts';
import type { MarkJson } from '../../server/api/json/marks.ts';
import type { MonitorJson } from '../../server/api/json/monitors.ts';
import type { OverviewJson, PlacementSeriesJson } from '../../server/api/json/overview.ts';
import type { SeedJson } from '../../server/api/json/seeds.ts';
import type { SenderJson } from '../../server/api/json/senders.ts';
import { GMAIL_SEED, GMAIL_SENDER, type House, openHouse } from './house.ts';

const MINUTE = 60_000;
let house: House;
let sender: SenderJson;
let seeds: SeedJson[];
let monitor: MonitorJson;
beforeEach(async () => {
  await house?.close();
  house = await openHouse();
  sender = (await house.api<SenderJson>('POST', '/api/senders', GMAIL_SENDER)).json;
  seeds = [await addSeed('one@gmail.com', ['b2c']), await addSeed('two@gmail.com', [])];
  monitor = await addMonitor({ name: 'M', seedIds: [seeds[0]?.id] });
});
after(() => house.close());

const addSeed = async (address: string, tags: string[], change: Record<string, unknown> = {}): Promise<SeedJson> =>
  (await house.api<SeedJson>('POST', '/api/seeds', { ...GMAIL_SEED, address, tags, ...change })).json;
async function addMonitor(change: Record<string, unknown>): Promise<MonitorJson> {
  const made = await house.api<MonitorJson>('POST', '/api/monitors', {
    senderId: sender.id,
    message: { template: 'plain' },
    ...change,
  });
  assert.equal(made.status, 201, made.text);
  return made.json;
}
async function patch(path: string, body: Record<string, unknown>): Promise<void> {
  const answer = await house.api('PATCH', path, body);
  assert.equal(answer.status, 200, answer.text);
}
const change = (body: Record<string, unknown>): Promise<void> => patch(`/api/monitors/${monitor.id}`, body);
const period = (): string =>
  `from=${new Date(house.todoku.app.now() - 2 * 3_600_000).toISOString()}&to=${new Date(house.todoku.app.now() + MINUTE).toISOString()}`;
const overview = async (query = ''): Promise<MarkJson[]> =>
  (await house.api<OverviewJson>('GET', `/api/overview?${period()}${query}`)).json.marks;
const ofMonitor = async (id = monitor.id): Promise<MarkJson[]> =>
  (await house.api<PlacementSeriesJson>('GET', `/api/monitors/${id}/placement?${period()}`)).json.marks;
const reasons = (marks: MarkJson[]): string[] => marks.map((mark) => mark.reason);

test('a monitor made, renamed or saved as it was leaves no mark', async () => {
  await change({ name: 'N', lateAfterSeconds: 60 });
  await change({ message: { template: 'plain' }, seedIds: [seeds[0]?.id], senderId: sender.id, schedule: null });
  assert.deepEqual(await overview(), []);
});

test('each change of a monitor is a mark of its own, newest first, under the name of then', async () => {
  const other = (await house.api<SenderJson>('POST', '/api/senders', { ...GMAIL_SENDER, name: 'Other' })).json;
  const schedule = { cron: '0 9 * * *', timeZone: 'Asia/Tokyo' };
  for (const body of [
    { message: { subject: 'Sale', text: 'x' } },
    { seedIds: seeds.map((seed) => seed.id) },
    { senderId: other.id, name: 'N' },
    { schedule },
    { paused: true },
    { paused: false },
  ]) {
    await change(body);
    house.wait(MINUTE);
  }
  const marks = await ofMonitor();
  assert.deepEqual(
    marks.map(({ reason, name, evidence }) => [reason, name, evidence]),
    [
      ['monitor-resumed', 'N', {}],
      ['monitor-paused', 'N', {}],
      ['monitor-schedule-changed', 'N', { before: null, after: '0 9 * * * (Asia/Tokyo)' }],
      ['monitor-sender-changed', 'N', { before: 'Newsletter', after: 'Other' }],
      ['monitor-seeds-changed', 'M', { added: 1 }],
      ['monitor-message-changed', 'M', { subject: 'Sale' }],
    ],
  );
  for (const mark of marks) {
    assert.equal(mark.monitorId, monitor.id);
    assert.ok(Math.abs(Date.parse(mark.at) - house.todoku.app.now()) < 10 * MINUTE);
  }
  assert.deepEqual(await overview(), marks);
  assert.deepEqual(await overview(`&monitorId=${monitor.id}`), marks);
});

test('what is tried within ten minutes is one change, and none when it is taken back', async () => {
  const at = (cron: string) => change({ schedule: { cron, timeZone: 'UTC' } });
  await at('0 9 * * *');
  house.wait(2 * MINUTE);
  await at('0 10 * * *');
  assert.deepEqual(
    (await ofMonitor()).map((mark) => mark.evidence),
    [{ before: null, after: '0 10 * * * (UTC)' }],
  );
  await change({ schedule: null });
  assert.deepEqual(await ofMonitor(), []);
  await at('0 9 * * *');
  house.wait(11 * MINUTE);
  await at('0 10 * * *');
  assert.deepEqual(
    (await ofMonitor()).map((mark) => mark.evidence.before),
    ['0 9 * * * (UTC)', null],
  );
});

test('seeds that come and go by their tags change the monitors that go to these tags, and no others', async () => {
  const byTag = await addMonitor({ name: 'T', seedTags: ['b2b'], seedIds: [seeds[0]?.id] });
  const csv = 'address,password,tags\na@gmail.com,x,b2b\nb@gmail.com,x,b2b\nc@gmail.com,x,b2c\n';
  const { json } = await house.api<ImportJson>('POST', '/api/seeds/imports', { csv });
  assert.equal(json.added, 3);
  await patch(`/api/seeds/${seeds[1]?.id}`, { tags: ['b2b', 'x'] });
  // Reached by hand already: its tags add nothing.
  await patch(`/api/seeds/${seeds[0]?.id}`, { tags: ['b2b'] });
  await patch(`/api/seeds/${seeds[0]?.id}`, { tags: [] });
  assert.deepEqual(
    (await ofMonitor(byTag.id)).map(({ reason, evidence }) => [reason, evidence]),
    [['monitor-seeds-changed', { added: 3 }]],
  );
  await patch(`/api/seeds/${seeds[1]?.id}`, { tags: ['x'] });
  assert.equal((await house.api('DELETE', `/api/seeds/${json.lines[0]?.id}`)).status, 204);
  assert.deepEqual(
    (await ofMonitor(byTag.id)).map(({ evidence }) => evidence),
    [{ added: 3, removed: 2 }],
  );
  assert.deepEqual(await ofMonitor(), []);
  assert.equal((await house.api('DELETE', `/api/seeds/${seeds[0]?.id}`)).status, 204);
  assert.deepEqual(
    (await ofMonitor()).map(({ evidence }) => evidence),
    [{ removed: 1 }],
  );
});

test('a sender that is paused, resumed or held; a hold that goes on is one mark', async () => {
  const path = `/api/senders/${sender.id}`;
  await patch(path, { paused: true });
  await patch(path, { paused: true });
  house.wait(MINUTE);
  await patch(path, { paused: false });
  const hold = (reason: string) => {
    const now = house.todoku.app.now();
    return house.todoku.app.db
      .transaction()
      .execute((tx) => holdSender(tx, sender.id, { until: now + 60 * MINUTE, reason, reply: '535 no', now }));
  };
  for (let hour = 0; hour < 3; hour++) {
    house.wait(61 * MINUTE);
    await hold('wrong-password');
  }
  house.wait(2 * MINUTE);
  await hold('daily-limit');
  house.wait(4 * 60 * MINUTE);
  await hold('daily-limit');
  const all = await house.api<OverviewJson>('GET', '/api/overview');
  assert.deepEqual(reasons(all.json.marks), [
    'sender-held',
    'sender-held',
    'sender-held',
    'sender-resumed',
    'sender-paused',
  ]);
  assert.deepEqual(all.json.marks[0]?.evidence, { heldReason: 'daily-limit', reply: '535 no' });
  assert.equal(all.json.marks[0]?.name, 'Newsletter');
});

test('a chart shows the marks of whom it shows', async () => {
  const yahoo = await addSeed('three@yahoo.com', ['jp'], { provider: 'yahoo', host: 'imap.mail.yahoo.com' });
  const other = (await house.api<SenderJson>('POST', '/api/senders', { ...GMAIL_SENDER, name: 'Other' })).json;
  const second = await addMonitor({ name: 'Second', senderId: other.id, seedTags: ['jp'] });
  const { db } = house.todoku.app;
  const at = house.todoku.app.now() - MINUTE;
  for (const [i, who] of [
    { name: 'monitor', monitor_id: monitor.id, sender_id: sender.id },
    { name: 'second', monitor_id: second.id, sender_id: other.id },
    { name: 'sender', sender_id: sender.id },
    { name: 'other', sender_id: other.id },
    { name: 'gmail seed', seed_id: seeds[0]?.id ?? '' },
    { name: 'yahoo seed', seed_id: yahoo.id },
    { name: 'deleted seed', seed_id: 'gone' },
  ].entries())
    await db
      .insertInto('marks')
      .values({
        ...{ monitor_id: null, sender_id: null, seed_id: null },
        ...{
          id: `mark${i}`,
          at: at + i,
          reason: who.seed_id ? 'seed-unreadable' : 'sender-paused',
          evidence_json: '{}',
        },
        ...who,
      })
      .execute();
  const names = async (query: string): Promise<string[]> => (await overview(query)).map((mark) => mark.name).reverse();
  const all = ['monitor', 'second', 'sender', 'other', 'gmail seed', 'yahoo seed', 'deleted seed'];
  const without = (...gone: string[]): string[] => all.filter((name) => !gone.includes(name));
  assert.deepEqual(await names(''), all);
  assert.deepEqual(await names(`&monitorId=${monitor.id}`), ['monitor', 'sender', 'gmail seed']);
  assert.deepEqual(await names(`&monitorId=${second.id}`), ['second', 'other', 'yahoo seed']);
  assert.deepEqual(await names(`&senderId=${sender.id}`), ['monitor', 'sender', 'gmail seed']);
  assert.deepEqual(await names('&provider=yahoo'), without('gmail seed', 'deleted seed'));
  assert.deepEqual(await names('&tag=b2c'), without('yahoo seed', 'deleted seed'));
  assert.deepEqual(await names(`&senderId=${other.id}&provider=gmail&tag=jp`), ['second', 'other']);
  assert.deepEqual(await names('&tag=%27%20OR%201%3D1'), without('gmail seed', 'yahoo seed', 'deleted seed'));
});

test('at most a hundred, those of the period, and a deleted monitor takes its own along', async () => {
  const { db } = house.todoku.app;
  const now = house.todoku.app.now();
  for (let i = 0; i < 130; i++)
    await db
      .insertInto('marks')
      .values({
        ...{ id: `mark${String(i).padStart(3, '0')}`, at: now - i * MINUTE, reason: 'monitor-paused', name: 'M' },
        ...{ monitor_id: monitor.id, sender_id: sender.id, seed_id: null, evidence_json: '{}' },
      })
      .execute();
  const marks = await overview();
  assert.equal(marks.length, 100);
  assert.equal(marks[0]?.id, 'mark000');
  const early = `from=${new Date(now - 125 * MINUTE).toISOString()}&to=${new Date(now - 120 * MINUTE).toISOString()}`;
  const old = (await house.api<OverviewJson>('GET', `/api/overview?${early}&bucket=hour`)).json;
  assert.ok(old.marks.length > 0 && old.marks.every(({ at }) => at >= old.from && at < old.to));
  assert.equal((await house.api('DELETE', `/api/monitors/${monitor.id}`)).status, 204);
  assert.deepEqual(await overview(), []);
});
