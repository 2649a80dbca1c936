/** Senders, seeds and monitors through the API: the shapes that people's scripts rely on, and what is refused. */
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import type { ProblemJson } from '../../server/api/json/basics.ts';
import type { ImportJson } from '../../server/api/json/imports.ts';
import type { MonitorJson, MonitorsJson, ScheduleCheckJson } from '../../server/api/json/monitors.ts';
import type { PresetsJson } from '../../server/api/json/presets.ts';
import type { RunJson, RunsJson } from '../../server/api/json/runs.ts';
import type { SeedJson, SeedsJson, TagsJson } from '../../server/api/json/seeds.ts';
import type { SenderJson, SendersJson } from '../../server/api/json/senders.ts';
import { GMAIL_SEED, GMAIL_SENDER, type House, openHouse } from './house.ts';

let house: House;
beforeEach(async () => {
  await house?.close();
  house = await openHouse();
});
after(() => house.close());

const addSender = async (change: Record<string, unknown> = {}): Promise<SenderJson> =>
  (await house.api<SenderJson>('POST', '/api/senders', { ...GMAIL_SENDER, ...change })).json;
const addSeed = async (change: Record<string, unknown> = {}): Promise<SeedJson> =>
  (await house.api<SeedJson>('POST', '/api/seeds', { ...GMAIL_SEED, ...change })).json;
const PLAIN = { template: 'plain' };
const DAILY = { cron: '30 2 * * *', timeZone: 'Asia/Tokyo' };

test('a sender: budget from the preset, password in and never out', async () => {
  const made = await house.api<SenderJson>('POST', '/api/senders', GMAIL_SENDER);
  assert.equal(made.status, 201);
  assert.deepEqual(made.json.smtp, {
    host: 'smtp.gmail.com',
    port: 465,
    security: 'tls',
    user: 'news@gmail.com',
    hasPassword: true,
  });
  assert.equal(made.json.preset, 'gmail');
  assert.equal(made.json.dailyLimit, 500);
  assert.equal((await addSender({ fromAddress: 'news@company.example' })).dailyLimit, 2000);
  assert.equal((await addSender({ dailyLimit: 42 })).dailyLimit, 42);
  const path = `/api/senders/${made.json.id}`;
  const changed = await house.api<SenderJson>('PATCH', path, {
    name: 'News',
    paused: true,
    smtp: { port: 587, security: 'starttls' },
  });
  assert.equal(changed.json.name, 'News');
  assert.equal(changed.json.smtp.port, 587);
  assert.equal(changed.json.smtp.hasPassword, true);
  assert.ok(changed.json.pausedAt);
  assert.equal(
    (await house.api<SenderJson>('PATCH', path, { smtp: { password: null, user: null } })).json.smtp.hasPassword,
    false,
  );
  for (const answer of [made, changed, await house.api('GET', '/api/senders')])
    assert.ok(!answer.text.includes('sender-secret'));
  assert.equal((await house.api('DELETE', path)).status, 204);
  assert.equal((await house.api('GET', path)).status, 404);
});

test('a stored password is not sent to another server', async () => {
  const { id } = await addSender();
  const seed = await addSeed();
  assert.equal((await house.api('PATCH', `/api/senders/${id}`, { smtp: { host: 'evil.example' } })).status, 400);
  assert.equal((await house.api('PATCH', `/api/seeds/${seed.id}`, { host: 'evil.example' })).status, 400);
  assert.equal(
    (await house.api('PATCH', `/api/seeds/${seed.id}`, { host: 'imap.example', password: 'new' })).status,
    200,
  );
});

const BAD_SENDERS: [what: string, path: string, change: Record<string, unknown>][] = [
  ['a line break in the name', 'name', { name: 'A\r\nBcc: x@example.com' }],
  ['a line break in the From name', 'fromName', { fromName: 'A\nB' }],
  ['U+2028 in the From name', 'fromName', { fromName: 'A\u2028B' }],
  ['two addresses', 'fromAddress', { fromAddress: 'a@example.com, b@example.com' }],
  ['an address with a display name', 'fromAddress', { fromAddress: 'A <a@example.com>' }],
  ['no address', 'fromAddress', { fromAddress: 'nobody' }],
  ['a port out of range', 'smtp.port', { smtp: { ...GMAIL_SENDER.smtp, port: 70_000 } }],
  ['a port as text', 'smtp.port', { smtp: { ...GMAIL_SENDER.smtp, port: '465' } }],
  ['a host with a path', 'smtp.host', { smtp: { ...GMAIL_SENDER.smtp, host: 'smtp.gmail.com/x' } }],
  ['a line break in the user', 'smtp.user', { smtp: { ...GMAIL_SENDER.smtp, user: 'a\r\nQUIT' } }],
  ['a line break in the password', 'smtp.password', { smtp: { ...GMAIL_SENDER.smtp, password: 'a\r\nQUIT' } }],
  ['an unknown security', 'smtp.security', { smtp: { ...GMAIL_SENDER.smtp, security: 'ssl' } }],
  ['a limit of nothing', 'dailyLimit', { dailyLimit: 0 }],
];
for (const [what, path, change] of BAD_SENDERS)
  test(`a sender is refused for ${what}, naming ${path}`, async () => {
    const { status, json, headers } = await house.api<ProblemJson>('POST', '/api/senders', {
      ...GMAIL_SENDER,
      ...change,
    });
    assert.equal(status, 400);
    assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/);
    assert.equal(json.code, 'invalid');
    assert.deepEqual(
      json.errors?.map((error) => error.path),
      [path],
    );
    assert.ok(json.detail.length > 10);
  });

test('a seed: once per address and protocol, with tags', async () => {
  const seed = await addSeed();
  assert.deepEqual([seed.user, seed.hasPassword, seed.tags, seed.unreadable], ['seed@gmail.com', true, ['b2c'], null]);
  assert.equal((await house.api('POST', '/api/seeds', { ...GMAIL_SEED, address: 'Seed@Gmail.com' })).status, 409);
  assert.equal(
    (await house.api('POST', '/api/seeds', { ...GMAIL_SEED, protocol: 'pop3', host: 'pop.gmail.com', port: 995 }))
      .status,
    201,
  );
  const changed = await house.api<SeedJson>('PATCH', `/api/seeds/${seed.id}`, {
    tags: ['x', 'a', 'x'],
    junkFolder: '[Gmail]/迷惑メール',
    paused: true,
  });
  assert.deepEqual([changed.json.tags, changed.json.junkFolder], [['a', 'x'], '[Gmail]/迷惑メール']);
  assert.deepEqual((await house.api<TagsJson>('GET', '/api/tags')).json.items, [
    { tag: 'a', seeds: 1 },
    { tag: 'b2c', seeds: 1 },
    { tag: 'x', seeds: 1 },
  ]);
  assert.equal((await house.api<SeedsJson>('GET', '/api/seeds?tag=b2c')).json.items.length, 1);
  assert.equal((await house.api<SeedsJson>('GET', '/api/seeds?search=SEED%40')).json.items.length, 2);
  assert.equal((await house.api<SeedsJson>('GET', '/api/seeds?search=%25')).json.items.length, 0);
  assert.equal((await house.api<SeedsJson>('GET', '/api/seeds?unreadable=true')).json.items.length, 0);
});

test('lists come in pages that miss nothing and repeat nothing', async () => {
  for (let i = 0; i < 23; i++) await addSeed({ address: `s${i}@gmail.com` });
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: SeedsJson = (
      await house.api<SeedsJson>('GET', `/api/seeds?limit=5${cursor === '' ? '' : `&cursor=${cursor}`}`)
    ).json;
    assert.ok(page.items.length <= 5);
    seen.push(...page.items.map((seed) => seed.address));
    cursor = page.nextCursor;
  }
  assert.deepEqual(seen.toSorted(), Array.from({ length: 23 }, (_, i) => `s${i}@gmail.com`).toSorted());
  for (const bad of ['limit=0', 'limit=501', 'limit=x', 'limit=1&limit=2'])
    assert.equal((await house.api('GET', `/api/seeds?${bad}`)).status, 400, bad);
});

test('seeds in and out as CSV', async () => {
  await addSeed();
  const csv = 'address,password,tags\nnew@gmail.com,secret-one,a|b\nseed@gmail.com,x,\nnot an address,x,\n';
  const dry = await house.api<ImportJson>('POST', '/api/seeds/imports', { csv, dryRun: true });
  assert.deepEqual(
    [dry.json.added, dry.json.refused, dry.json.lines.map((line) => line.reason)],
    [0, 2, ['ok', 'duplicate', 'address-invalid']],
  );
  assert.equal((await house.api<SeedsJson>('GET', '/api/seeds')).json.items.length, 1);
  const real = await house.raw<ImportJson>(
    'POST',
    '/api/seeds/imports',
    { authorization: `Bearer ${house.token}`, 'content-type': 'text/csv' },
    csv,
  );
  assert.deepEqual([real.json.dryRun, real.json.added], [false, 1]);
  assert.ok(real.json.lines[0]?.id);
  const out = await house.api('GET', '/api/seeds/export');
  assert.match(out.headers.get('content-disposition') ?? '', /^attachment/);
  assert.ok(out.text.includes('new@gmail.com') && !out.text.includes('secret-one'));
  assert.equal((await house.api('POST', '/api/seeds/imports', { csv: 'nothing\n1\n' })).status, 400);
});

test('senders in and out as CSV', async () => {
  await addSender();
  const csv =
    'name,from,password,limit\nSecond,new@gmail.com,secret-one,50\nnews,NEWS@gmail.com,x,\nThird,not an address,x,\nFourth,a@gmail.com,,\n';
  const dry = await house.api<ImportJson>('POST', '/api/senders/imports', { csv, dryRun: true });
  assert.deepEqual(
    [
      dry.json.dryRun,
      dry.json.added,
      dry.json.refused,
      dry.json.lines.map(({ line, reason, id }) => [line, reason, id]),
    ],
    [
      true,
      0,
      3,
      [
        [2, 'ok', null],
        [3, 'duplicate', null],
        [4, 'address-invalid', null],
        [5, 'password-missing', null],
      ],
    ],
  );
  assert.deepEqual(
    dry.json.lines.map(({ address }) => address),
    ['new@gmail.com', 'NEWS@gmail.com', 'not an address', 'a@gmail.com'],
  );
  assert.equal((await house.api<SendersJson>('GET', '/api/senders')).json.items.length, 1);
  const real = await house.raw<ImportJson>(
    'POST',
    '/api/senders/imports',
    { authorization: `Bearer ${house.token}`, 'content-type': 'text/csv' },
    `\ufeff${csv}`,
  );
  assert.deepEqual([real.json.dryRun, real.json.added, real.json.refused], [false, 1, 3]);
  const added = await house.api<SenderJson>('GET', `/api/senders/${real.json.lines[0]?.id}`);
  assert.deepEqual(
    [added.json.name, added.json.preset, added.json.smtp.hasPassword, added.json.dailyLimit, added.json.minGapSeconds],
    ['Second', 'gmail', true, 50, 2],
  );
  const out = await house.api('GET', '/api/senders/export');
  assert.match(out.headers.get('content-type') ?? '', /^text\/csv; charset=utf-8/);
  assert.match(out.headers.get('content-disposition') ?? '', /^attachment; filename="todoku-senders.csv"/);
  assert.ok(out.text.includes('new@gmail.com') && out.text.includes('news@gmail.com'));
  assert.doesNotMatch(out.text, /secret|password/i);
  // What was exported is there already, to the last line. (It has no passwords: they are typed in beside it.)
  const [head, ...rows] = out.text.trim().split('\r\n');
  const again = [`${head},password`, ...rows.map((row) => `${row},pw`)].join('\r\n');
  const back = await house.api<ImportJson>('POST', '/api/senders/imports', { csv: again });
  assert.deepEqual(
    back.json.lines.map(({ reason }) => reason),
    ['duplicate', 'duplicate'],
  );
});

const UNREADABLE: [what: string, csv: string, reason: string][] = [
  ['nothing', ' \n', 'empty'],
  ['no heading', 'a@gmail.com,pw\n', 'heading-missing'],
  ['two headings of one meaning', 'address,email\na@gmail.com,b@gmail.com\n', 'heading-twice'],
  ['too many lines', `address\n${'a@gmail.com\n'.repeat(5_001)}`, 'too-many-lines'],
];
for (const [what, csv, reason] of UNREADABLE)
  test(`a table of ${what} is refused as a whole, of seeds and of senders`, async () => {
    for (const noun of ['seeds', 'senders']) {
      const refused = await house.api<ProblemJson>('POST', `/api/${noun}/imports`, { csv });
      assert.deepEqual([refused.status, refused.json.code, refused.json.extra?.reason], [400, 'invalid', reason], noun);
    }
  });

test('a table over 4 MB, no table at all, and a quote that nobody closes', async () => {
  for (const noun of ['seeds', 'senders']) {
    const path = `/api/${noun}/imports`;
    const head = { authorization: `Bearer ${house.token}`, 'content-type': 'text/csv' };
    const large = `address,password\n${'x'.repeat(4_000_000)}`;
    assert.equal((await house.api('POST', path, { csv: large })).status, 400, noun);
    assert.equal((await house.raw('POST', path, head, large)).status, 400, noun);
    assert.equal((await house.api('POST', path, { csv: 7 })).status, 400, noun);
    assert.equal((await house.api('POST', path, {})).status, 400, noun);
    const open = 'address,password\na@gmail.com,pw\nb@gmail.com,"pw\nc@gmail.com,pw\n';
    const { json } = await house.raw<ImportJson>('POST', `${path}?dryRun=true`, head, open);
    assert.deepEqual(
      [json.dryRun, json.lines.map(({ line, address, reason }) => [line, address, reason])],
      [
        true,
        [
          [2, 'a@gmail.com', 'ok'],
          [3, 'b@gmail.com', 'quote-not-closed'],
        ],
      ],
      noun,
    );
    assert.deepEqual((await house.api<SeedsJson>('GET', `/api/${noun}`)).json.items, []);
  }
});

test('a monitor: saved, changed, run, deleted with its history', async () => {
  const sender = await addSender();
  const seed = await addSeed();
  const made = await house.api<MonitorJson>('POST', '/api/monitors', {
    name: 'M',
    senderId: sender.id,
    seedIds: [seed.id],
    seedTags: ['b2c'],
    message: PLAIN,
    schedule: DAILY,
  });
  assert.equal(made.status, 201);
  const { json } = made;
  assert.deepEqual(
    [json.seedCount, json.runsPerDay, json.lateAfterSeconds, json.missingAfterSeconds, json.watchSeconds],
    [1, 1, 300, 21_600, 172_800],
  );
  assert.match(json.nextRunAt ?? '', /T17:30:00\.000Z$/);
  const path = `/api/monitors/${json.id}`;
  const renamed = await house.api<MonitorJson>('PATCH', path, { name: 'N' });
  assert.deepEqual([renamed.json.name, renamed.json.nextRunAt, renamed.json.seedIds], ['N', json.nextRunAt, [seed.id]]);
  assert.equal((await house.api<MonitorJson>('PATCH', path, { paused: true })).json.nextRunAt, null);
  assert.match((await house.api<MonitorJson>('PATCH', path, { paused: false })).json.nextRunAt ?? '', /T17:30/);
  assert.equal((await house.api<MonitorJson>('PATCH', path, { schedule: null })).json.schedule, null);

  const started = await house.api<{ id: string }>('POST', `${path}/runs`);
  assert.equal(started.status, 202);
  assert.equal((await house.api<ProblemJson>('POST', `${path}/runs`)).json.code, 'conflict');
  const run = (await house.api<RunJson>('GET', `/api/runs/${started.json.id}`)).json;
  assert.deepEqual(
    [run.monitorId, run.monitorName, run.senderId, run.state, run.probes.length],
    [json.id, 'N', sender.id, 'running', 1],
  );
  assert.equal(run.summary.counts.pending, 1);
  assert.deepEqual(
    { ...run.probes[0], id: '' },
    {
      id: '',
      seedId: seed.id,
      seed: seed.address,
      provider: 'gmail',
      protocol: 'imap',
      outcome: 'queued',
      placement: null,
      reason: 'waiting-to-be-sent',
      evidence: {},
      late: false,
      sentAt: null,
      firstSeenAt: null,
      delayMs: null,
      authentication: { reported: null, verified: null },
    },
  );
  assert.equal((await house.api('GET', `/api/probes/${run.probes[0]?.id}`)).status, 200);
  assert.equal((await house.api('GET', `/api/probes/${run.probes[0]?.id}/message`)).status, 404);

  const refused = await house.api<ProblemJson>('DELETE', `/api/senders/${sender.id}`);
  assert.equal(refused.status, 409);
  assert.match(refused.json.detail, /\bN\b/);
  assert.equal((await house.api('DELETE', `/api/seeds/${seed.id}`)).status, 204);
  const after = (await house.api<RunJson>('GET', `/api/runs/${run.id}`)).json;
  assert.deepEqual([after.probes[0]?.outcome, after.probes[0]?.seed], ['unknown', seed.address]);
  assert.equal((await house.api('DELETE', path)).status, 204);
  assert.equal((await house.api('GET', `/api/runs/${run.id}`)).status, 404);
  assert.equal((await house.api<RunsJson>('GET', '/api/runs')).json.items.length, 0);
  assert.equal((await house.api('DELETE', `/api/senders/${sender.id}`)).status, 204);
});

test('a plan over the budget is refused with numbers, all monitors of the sender together', async () => {
  const sender = await addSender({ dailyLimit: 50, minGapSeconds: 0 });
  const seeds: string[] = [];
  for (let i = 0; i < 2; i++) seeds.push((await addSeed({ address: `b${i}@gmail.com` })).id);
  const monitor = {
    name: 'Hourly',
    senderId: sender.id,
    seedIds: seeds,
    message: PLAIN,
    schedule: { cron: '0 * * * *', timeZone: 'UTC' },
  };
  const first = await house.api<MonitorJson>('POST', '/api/monitors', monitor);
  assert.equal(first.status, 201); // 48 of 50
  const second = await house.api<ProblemJson>('POST', '/api/monitors', {
    ...monitor,
    schedule: DAILY,
    seedIds: [...seeds, (await addSeed()).id],
  });
  assert.deepEqual([second.status, second.json.code], [422, 'budget-exceeded']);
  assert.match(
    second.json.detail,
    /3 seeds × 1 runs = 3 mails a day besides the 48 of its other monitors, but Newsletter may send 50/,
  );
  assert.equal((await house.api('POST', '/api/monitors', { ...monitor, schedule: DAILY })).status, 201); // 50 of 50
  // Its own present plan does not count twice, and a name is no plan.
  assert.equal(
    (await house.api('PATCH', `/api/monitors/${first.json.id}`, { schedule: { cron: '5 * * * *', timeZone: 'UTC' } }))
      .status,
    200,
  );
  assert.equal(
    (
      await house.api('PATCH', `/api/monitors/${first.json.id}`, {
        schedule: { cron: '*/30 * * * *', timeZone: 'UTC' },
      })
    ).status,
    422,
  );
  const check = await house.api<ScheduleCheckJson>('POST', '/api/schedule-checks', {
    ...DAILY,
    senderId: sender.id,
    seeds: 1,
  });
  assert.deepEqual(check.json.budget, { limit: 50, others: 50, wanted: 1, fits: false });
  assert.equal((await house.api<SendersJson>('GET', '/api/senders')).json.items[0]?.plannedPerDay, 50);
});

test('a schedule is checked as typed', async () => {
  const good = await house.api<ScheduleCheckJson>('POST', '/api/schedule-checks', {
    cron: '30 2 * * *',
    timeZone: 'Asia/Tokyo',
  });
  assert.equal(good.json.ok, true);
  assert.equal(good.json.nextRuns.length, 5);
  for (const at of good.json.nextRuns) assert.match(at, /T17:30:00\.000Z$/);
  const bad = await house.api<ScheduleCheckJson>('POST', '/api/schedule-checks', {
    cron: '61 * * * *',
    timeZone: 'Asia/Tokyo',
  });
  assert.deepEqual([bad.status, bad.json.ok, bad.json.field], [200, false, 'cron']);
});

const BAD_MONITORS: [what: string, path: string, change: Record<string, unknown>][] = [
  ['an unknown sender', 'senderId', { senderId: 'none' }],
  ['an unknown seed', 'seedIds', { seedIds: ['none'] }],
  ['no seeds', 'seedIds', { seedIds: [] }],
  ['no message', 'message', { message: {} }],
  ['a template and own words', 'message', { message: { template: 'plain', subject: 'x' } }],
  ['a subject over two lines', 'message.subject', { message: { subject: 'a\r\nBcc: b', text: 'x' } }],
  ['a cron of six fields', 'schedule.cron', { schedule: { cron: '* * * * * *', timeZone: 'UTC' } }],
  ['a zone that is none', 'schedule.timeZone', { schedule: { cron: '0 9 * * *', timeZone: 'Mars' } }],
  ['missing before late', 'missingAfterSeconds', { lateAfterSeconds: 600, missingAfterSeconds: 60 }],
];
for (const [what, path, change] of BAD_MONITORS)
  test(`a monitor is refused for ${what}, naming ${path}`, async () => {
    const sender = await addSender();
    const seed = await addSeed();
    const { status, json } = await house.api<ProblemJson>('POST', '/api/monitors', {
      name: 'M',
      senderId: sender.id,
      seedIds: [seed.id],
      message: PLAIN,
      ...change,
    });
    assert.equal(status, 400);
    assert.equal(json.errors?.[0]?.path, path);
    assert.equal((await house.api<MonitorsJson>('GET', '/api/monitors')).json.items.length, 0);
  });

test('presets for forms', async () => {
  const { json } = await house.api<PresetsJson>('GET', '/api/presets');
  assert.equal(json.senders.find((one) => one.id === 'gmail')?.dailyLimit, 500);
  assert.equal(json.providers.find((one) => one.id === 'gmail')?.imap?.port, 993);
});
