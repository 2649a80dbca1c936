/** Mail that moves, turns up late or lies in two places: history is kept, and nothing is counted twice. The clock is the test's own. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ImapFlow } from 'imapflow';
import { recountAll } from '../../db/rollups.ts';
import { addMonitor, addSeed, addSender, type Run, startRun, startWorld, type World, waitForRun } from './world.ts';

const HOUR = 3_600_000;
const HOURS = { lateAfterSeconds: 300, missingAfterSeconds: 6 * 3600, watchSeconds: 48 * 3600 };
let shift = 0;
let world: World;
let sender: string;
before(async () => {
  world = await startWorld({}, () => Date.now() + shift);
  sender = await addSender(world, 'good.test');
});
after(async () => world?.stop());

type Whole = {
  outcome: string;
  late: boolean;
  placement: { kind: string; folder: string } | null;
  sightings: { kind: string; folder: string }[];
};
const whole = (run: Run, at = 0) => world.call<Whole>('GET', `/api/probes/${run.probes[at]?.id}`);
const placed = (run: Run) => run.probes.every((probe) => probe.outcome === 'placed');

async function pass(ms: number): Promise<void> {
  shift += ms;
  await world.todoku.tick();
  await sleep(1_200);
}

/** A probe of the same run and seed that is looked for and will never be found. */
async function addLostProbe(run: string): Promise<void> {
  const { db } = world.todoku.app;
  const row = await db.selectFrom('probes').selectAll().where('run_id', '=', run).executeTakeFirstOrThrow();
  const now = Date.now() + shift;
  const lost = {
    ...row,
    ...{ id: `${row.id}x`, token: `${row.token}x`, message_id: `x${row.message_id}`, outcome: 'accepted' as const },
    ...{ reason: 'not-seen-yet', placement_kind: null, placement_tab: null, placement_folder: null, delay_ms: null },
    ...{ first_seen_at: null, internal_date: null, sent_at: now - 10_000, next_look_at: now, late: 0 as const },
    ...{ late_at: now + HOUR, missing_at: now + HOUR, watch_until: now + HOUR },
    ...{ reported_spf: null, reported_dkim: null, reported_dmarc: null },
    ...{ verified_spf: null, verified_dkim: null, verified_dmarc: null, verified_arc: null },
  };
  await db.insertInto('probes').values(lost).execute();
}

/** What the hourly counts of a monitor come to. */
async function counted(monitor: string): Promise<{ inbox: number; missing: number; late: number }> {
  const counts = await world.todoku.app.db
    .selectFrom('placement_rollups')
    .selectAll()
    .where('scope', '=', `m:${monitor}`)
    .execute();
  const sum = (column: 'inbox' | 'missing' | 'late') => counts.reduce((total, one) => total + one[column], 0);
  return { inbox: sum('inbox'), missing: sum('missing'), late: sum('late') };
}

async function until(so: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (!(await so())) {
    assert.ok(Date.now() < deadline, 'it did not become so in time');
    await sleep(50);
  }
}

/** What the owner of the account does with another mail client: all mail in INBOX is deleted, and its numbers are used up. */
async function emptyInbox(address: string): Promise<void> {
  const { port, user, password } = world.sandbox.seed(address);
  const client = new ImapFlow({
    ...{ host: '127.0.0.1', port, secure: true, auth: { user, pass: password }, logger: false },
    tls: { rejectUnauthorized: false },
  });
  await client.connect();
  await client.mailboxOpen('INBOX');
  await client.messageDelete('1:*');
  await client.logout();
}

test('moved to spam after it was seen: the look after an hour says so, and both sightings stay', async () => {
  const seed = await addSeed(world, 'moved-3s@outlook.test');
  const run = await startRun(world, await addMonitor(world, sender, [seed], HOURS));
  const first = await waitForRun(world, run, placed);
  assert.equal(first.probes[0]?.placement?.kind, 'inbox');
  await sleep(3_500);
  await pass(HOUR);
  const now = await waitForRun(world, run, (r) => r.probes[0]?.placement?.kind === 'spam', 5_000);
  const { sightings } = await whole(now);
  assert.deepEqual(
    sightings.map((one) => one.kind),
    ['inbox', 'spam'],
  );
});

test('moved to spam while the session is open for others: seen at once', async () => {
  const seed = await addSeed(world, 'moved-4s-open@plain.test');
  const run = await startRun(world, await addMonitor(world, sender, [seed], HOURS));
  await waitForRun(world, run, placed);
  await addLostProbe(run);
  const now = await waitForRun(world, run, (r) => r.probes[0]?.placement?.kind === 'spam', 12_000);
  const { sightings } = await whole(now);
  assert.deepEqual([sightings.at(0)?.kind, sightings.at(-1)?.kind], ['inbox', 'spam']);
});

test("Gmail's All Mail moves no probe out of INBOX", async () => {
  const seed = await addSeed(world, 'promotions-all@gmail.test');
  const run = await startRun(world, await addMonitor(world, sender, [seed], HOURS));
  await waitForRun(world, run, placed);
  await addLostProbe(run);
  await sleep(6_000);
  const now = await waitForRun(world, run, () => true);
  const probe = now.probes.find((one) => one.outcome === 'placed');
  assert.equal(probe?.placement?.kind, 'tab');
  const { sightings } = await world.call<Whole>('GET', `/api/probes/${probe?.id}`);
  assert.ok(
    sightings.every((one) => one.kind === 'tab'),
    JSON.stringify(sightings),
  );
});

test('in two folders at once, with cursors that mean nothing any more: one probe, one place', async () => {
  const seed = await addSeed(world, 'inbox-twice@plain.test');
  const monitor = await addMonitor(world, sender, [seed], HOURS);
  const run = await startRun(world, monitor);
  const one = await waitForRun(world, run, placed);
  const raw = [...world.sandbox.folders('inbox-twice@plain.test').values()].flat()[0]?.raw as Buffer;
  world.sandbox.deliver('inbox-twice@plain.test', raw, 'INBOX');
  world.sandbox.deliver('inbox-twice@plain.test', raw, 'Newsletters');
  await world.todoku.app.db.updateTable('seed_folders').set({ cursor: '{"v":1,"uidValidity":"1","uid":99}' }).execute();
  await pass(HOUR);
  await waitForRun(world, await startRun(world, monitor), placed);
  const after = await whole(one);
  assert.equal(after.placement?.kind, 'inbox');
  assert.ok(after.sightings.length >= 2);
});

test('all folders made anew under open sessions: what is known keeps its place and counts once, what comes is found', async () => {
  const { db } = world.todoku.app;
  const addresses = ['gmail', 'yahoo', 'plain'].map((name) => `slow-3s-anew@${name}.test`);
  const seeds: string[] = [];
  for (const address of addresses) seeds.push(await addSeed(world, address));
  addresses.push('slow-3s-anew-pop@plain.test');
  seeds.push(await addSeed(world, 'slow-3s-anew-pop@plain.test', 'pop3'));
  for (const address of addresses) {
    // Mail that is no more: the numbers of the new folders begin below those that were in use.
    for (let i = 0; i < 9; i++) world.sandbox.deliver(address, Buffer.from(`Subject: ${i}\r\n\r\n`));
    await emptyInbox(address);
  }
  const monitor = await addMonitor(world, sender, seeds, HOURS);
  const known = await startRun(world, monitor);
  await waitForRun(world, known, placed);
  const fresh = await startRun(world, monitor);

  // Now: looked for, and not come yet. What is searched for once is afterwards only told by its number.
  const cursors = async () =>
    (await db.selectFrom('seed_folders').selectAll().where('seed_id', 'in', seeds).execute())
      .filter(({ folder }) => folder === 'INBOX')
      .map(({ cursor }) => cursor);
  const probes = await db.selectFrom('probes').selectAll().where('monitor_id', '=', monitor).execute();
  const awaited = probes.filter((probe) => probe.run_id === fresh);
  await until(async () => {
    const remembered = (await cursors()).join();
    return awaited.every(({ token }) => remembered.includes(token));
  });
  const before = await cursors();
  for (const address of addresses) world.sandbox.renumber(address);
  // The sessions are cut off, and a lost connection is tried again after some seconds.
  await pass(8_000);
  await waitForRun(world, fresh, placed, 25_000);
  const generation = (cursor: string) => (JSON.parse(cursor) as { uidValidity?: string }).uidValidity;
  for (const cursor of await cursors()) {
    if (generation(cursor) === undefined) continue; // POP3 has none
    assert.ok(!before.some((one) => generation(one) === generation(cursor)), cursor);
  }

  await pass(HOUR);
  const seen = () =>
    db
      .selectFrom('sightings')
      .selectAll()
      .where(
        'probe_id',
        'in',
        probes.filter((probe) => probe.run_id === known).map(({ id }) => id),
      )
      .execute();
  await until(async () => (await seen()).length >= 2 * seeds.length);
  for (const [id, sightings] of Map.groupBy(await seen(), ({ probe_id }) => probe_id)) {
    assert.deepEqual([...new Set(sightings.map(({ kind }) => kind))], ['inbox'], id);
    assert.ok(new Set(sightings.map(({ uid }) => uid)).size > 1, `${id} has another number now`);
  }
  for (const run of [known, fresh]) {
    const now = await waitForRun(world, run, placed);
    for (const { seed, placement, late } of now.probes)
      assert.deepEqual([seed, placement?.kind, late], [seed, 'inbox', false]);
  }
  assert.deepEqual(await counted(monitor), { inbox: 2 * seeds.length, missing: 0, late: 0 });
});

test('deleted by the user before it is looked at again: it stays where it was seen', async () => {
  const seed = await addSeed(world, 'inbox-deleted@plain.test');
  const run = await startRun(world, await addMonitor(world, sender, [seed], HOURS));
  await waitForRun(world, run, placed);
  await emptyInbox('inbox-deleted@plain.test');
  await pass(HOUR);
  await pass(24 * HOUR);
  await pass(60_000);
  const now = await waitForRun(world, run, (r) => r.state === 'complete', 45_000);
  assert.equal(now.probes[0]?.placement?.kind, 'inbox');
});

test('turned up after it was called missing: placed, late, and counted once', async () => {
  const seed = await addSeed(world, 'missing-late@plain.test');
  const other = await addSeed(world, 'inbox-late@plain.test');
  const monitor = await addMonitor(world, sender, [seed, other], HOURS);
  const run = await startRun(world, monitor);
  await waitForRun(world, run, (r) => r.probes.every((p) => ['accepted', 'placed'].includes(p.outcome)));
  await sleep(1_000);
  await pass(6 * HOUR);
  const gone = await waitForRun(world, run, (r) => r.probes.some((p) => p.outcome === 'missing'), 5_000);
  const lost = gone.probes.find((p) => p.outcome === 'missing');
  const row = await world.todoku.app.db
    .selectFrom('probes')
    .selectAll()
    .where('id', '=', lost?.id ?? '')
    .executeTakeFirstOrThrow();
  const like = [...world.sandbox.folders('inbox-late@plain.test').values()].flat()[0]?.raw.toString('latin1') ?? '';
  world.sandbox.deliver(
    'missing-late@plain.test',
    Buffer.from(like.replace(/^X-Todoku-Probe: .*$/im, `X-Todoku-Probe: ${row.token}`), 'latin1'),
  );
  await pass(HOUR);
  const found = await waitForRun(world, run, placed, 8_000);
  const probe = found.probes.find((p) => p.id === lost?.id);
  assert.deepEqual([probe?.late, probe?.placement?.kind], [true, 'inbox']);
  assert.deepEqual(await counted(monitor), { inbox: 2, missing: 0, late: 1 });
});

test('the hourly counts are what a recount of all probes gives', async () => {
  const fates = [
    'promotions-c@gmail.test',
    'spam-c@outlook.test',
    '550-c@plain.test',
    'full-c@plain.test',
    'imap-down-c@yahoo.test',
  ];
  const seeds: string[] = [];
  for (const address of [...fates, 'slow-5s-c@plain.test', 'missing-c@plain.test', 'inbox-c@yahoo-japan.test'])
    seeds.push(await addSeed(world, address, 'imap', { tags: address.endsWith('plain.test') ? ['plain', 'b 2'] : [] }));
  const from = await addSender(world, 'no-dmarc.test');
  const monitor = await addMonitor(world, from, seeds);
  const run = await startRun(world, monitor);
  const decided = (p: Run['probes'][number]) => !['queued', 'sending', 'accepted'].includes(p.outcome);
  await waitForRun(world, run, (r) => r.probes.every((p) => decided(p) || /^(missing|imap-down)/.test(p.seed)));
  await pass(10_000);
  await waitForRun(world, run, (r) => r.probes.every(decided));
  const doomed = await addMonitor(world, sender, seeds.slice(0, 2), HOURS);
  await waitForRun(world, await startRun(world, doomed), placed);
  await world.call('DELETE', `/api/monitors/${doomed}`);
  // Other tags from now on: what was counted stays where it was.
  for (const seed of seeds) await world.call('PATCH', `/api/seeds/${seed}`, { tags: ['later'] });

  const { db } = world.todoku.app;
  const read = async () => ({
    placements: (await db.selectFrom('placement_rollups').selectAll().execute())
      .filter((row) =>
        Object.entries(row).some(([name, value]) => typeof value === 'number' && name !== 'hour' && value !== 0),
      )
      .map((row) => JSON.stringify(row))
      .sort(),
    words: (await db.selectFrom('authentication_rollups').selectAll().where('probes', '<>', 0).execute())
      .map((row) => JSON.stringify(row))
      .sort(),
    delays: (await db.selectFrom('delay_rollups').selectAll().where('probes', '<>', 0).execute())
      .map((row) => JSON.stringify(row))
      .sort(),
  });
  const kept = await read();
  await db.deleteFrom('placement_rollups').execute();
  await db.deleteFrom('authentication_rollups').execute();
  await db.deleteFrom('delay_rollups').execute();
  const probes = await db.selectFrom('probes').selectAll().execute();
  await db.transaction().execute((tx) =>
    recountAll(
      tx,
      probes.map((probe) => [null, probe]),
    ),
  );
  const recounted = await read();
  assert.deepEqual(kept, recounted);
  assert.ok(kept.placements.length > 10 && kept.words.length > 10 && kept.delays.length > 10);
  for (const rows of Object.values(kept)) {
    for (const scope of ['t:plain', 't:b 2', `s:${from} t:plain`, `m:${monitor} t:b 2`, `m:${monitor}`])
      assert.ok(
        rows.some((row) => row.includes(`"scope":"${scope}"`)),
        scope,
      );
    assert.ok(!rows.some((row) => row.includes('t:later')));
  }
});
