/** Forgetting: what goes, what stays, and that it never holds up anybody for long. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import fc from 'fast-check';
import { forgetMessages, forgetProbes } from '../../db/forget.ts';
import { type Database, openDatabase } from '../../db/open.ts';
import { findProbe, forgottenAt, insertProbes, keepMessage, probeMessage, putFacts } from '../../db/probes.ts';
import { recountAll } from '../../db/rollups.ts';
import type { ProbeTable } from '../../db/schema.ts';
import { firstId, newId, newToken } from '../../server/id.ts';
import { forgetDue, nextPiece, retentionOf } from '../../server/retention.ts';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-11-23T09:00:00Z');
const never = new AbortController().signal;
const house = (db: Database) => ({ db, now: () => NOW });

let db: Database;
async function open(): Promise<void> {
  await db?.destroy();
  db = await openDatabase(':memory:');
  await db
    .insertInto('senders')
    .values({
      ...{ id: 's', name: 's', from_address: 's@example.com', from_name: '', preset: 'own-server', host: 'smtp' },
      ...{ port: 465, security: 'tls', user_name: null, password_sealed: null, oauth_sealed: null, daily_limit: 1 },
      ...{ min_gap_ms: 0, paused_at: null, held_until: null, held_reason: null, held_reply: null, checked_at: null },
      ...{ check_json: null, created_at: 1, updated_at: 1 },
    })
    .execute();
  await db
    .insertInto('monitors')
    .values({
      ...{ id: 'm', name: 'm', sender_id: 's', message_json: '{}', cron: null, time_zone: null, late_after_ms: 1 },
      ...{ missing_after_ms: 1, watch_ms: 1, paused_at: null, next_run_at: null, created_at: 1, updated_at: 1 },
    })
    .execute();
}

type Wanted = { days: number; probes: number; change?: Partial<ProbeTable>; state?: 'complete' | 'watching' };

/** A run of so many probes so many days ago, counted as the program counts. */
async function addRun({
  days,
  probes,
  change = {},
  state = 'complete',
}: Wanted): Promise<{ run: string; ids: string[] }> {
  const at = NOW - days * DAY_MS;
  const run = newId(at);
  const rows = Array.from({ length: probes }, () => probe(run, at, change));
  await db.transaction().execute(async (tx) => {
    await tx
      .insertInto('runs')
      .values({
        ...{ id: run, monitor_id: 'm', sender_id: 's', slot_at: null, started_at: at, state, finished_at: at },
        probe_count: probes,
        audit_id: null,
      })
      .execute();
    await insertProbes(tx, rows);
    await recountAll(
      tx,
      rows.map((row) => [null, row]),
    );
  });
  return { run, ids: rows.map((row) => row.id) };
}

function probe(run: string, at: number, change: Partial<ProbeTable>): ProbeTable {
  const id = newId(at);
  return {
    ...{ id, run_id: run, monitor_id: 'm', sender_id: 's', seed_id: 'seed', address: 'a@example.net' },
    ...{ provider: 'gmail', protocol: 'imap', token: newToken(), message_id: `${id}@example.com`, subject: 'x' },
    tags_json: '[]',
    ...{ outcome: 'placed', reason: 'folder-inbox', evidence_json: '{}', placement_kind: 'inbox' },
    ...{ placement_tab: null, placement_folder: 'INBOX', late: 0, queued_at: at, next_send_at: null, send_tries: 1 },
    ...{ sending_at: at, claimed_by: null, sent_at: at, first_seen_at: at, internal_date: at, delay_ms: 5_000 },
    ...{ late_at: at, missing_at: at, watch_until: at, next_look_at: null, looks: 1, reported_spf: 'pass' },
    ...{ reported_dkim: 'pass', reported_dmarc: 'pass', verified_spf: 'pass', verified_dkim: 'pass' },
    ...{ verified_dmarc: 'pass', verified_arc: 'none', audit_id: null, updated_at: at },
    ...change,
  };
}

async function keepMail(ids: string[]): Promise<void> {
  await db.transaction().execute(async (tx) => {
    for (const id of ids) {
      await keepMessage(tx, id, Buffer.from(`Subject: ${id}\r\n\r\n${'x'.repeat(200)}`));
      await putFacts(tx, {
        ...{ probe_id: id, reported_json: '{}', verified_json: '{}', disagreements_json: '[]', hops_json: '[]' },
        ...{ boundary_json: null, header: Buffer.from(`Subject: ${id}\r\n`) },
      });
    }
  });
}

const count = async (table: 'probes' | 'runs' | 'probe_messages' | 'probe_facts' | 'forgotten_messages') =>
  Number(
    (
      await db
        .selectFrom(table)
        .select((eb) => eb.fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow()
    ).n,
  );
const counts = async () => [
  await db.selectFrom('placement_rollups').selectAll().orderBy('scope').orderBy('hour').execute(),
  await db.selectFrom('authentication_rollups').selectAll().orderBy('scope').orderBy('hour').execute(),
];

describe('what goes and what stays', () => {
  beforeEach(open);
  after(() => db.destroy());

  test('raw mails older than asked; the probe, its facts and its counts stay, and it is known that there was a mail', async () => {
    const old = await addRun({ days: 91, probes: 3 });
    const young = await addRun({ days: 89, probes: 3 });
    await keepMail([...old.ids, ...young.ids]);
    const before = await counts();
    const done = await forgetDue(house(db), { messageDays: 90, probeDays: null }, never);
    assert.deepEqual([done.messages, done.probes], [3, 0]);
    for (const id of old.ids) {
      assert.equal(await probeMessage(db, id), null);
      assert.equal(await forgottenAt(db, id), NOW);
      assert.ok(await findProbe(db, id));
    }
    for (const id of young.ids) {
      assert.ok(await probeMessage(db, id));
      assert.equal(await forgottenAt(db, id), null);
    }
    assert.equal(await count('probe_facts'), 6);
    assert.deepEqual(await counts(), before);
    assert.equal((await forgetDue(house(db), { messageDays: 90, probeDays: null }, never)).messages, 0);
  });

  const WATCHED: [what: string, change: Partial<ProbeTable>][] = [
    ['looked for', { outcome: 'missing', placement_kind: null, next_look_at: NOW + 1 }],
    ['looked at again', { next_look_at: NOW + 1 }],
    ['waiting to be sent', { outcome: 'deferred', placement_kind: null, next_send_at: NOW + 1 }],
    ['being sent', { outcome: 'sending', placement_kind: null }],
  ];
  for (const [what, change] of WATCHED)
    test(`a probe that is still ${what} keeps its whole run, however old`, async () => {
      const watched = await addRun({ days: 500, probes: 1, change });
      const beside = newId(NOW - 500 * DAY_MS);
      await insertProbes(db, [{ ...probe(watched.run, NOW - 500 * DAY_MS, {}), id: beside }]);
      const open = await addRun({ days: 500, probes: 2, state: 'watching' });
      const gone = await addRun({ days: 499, probes: 4 });
      const done = await forgetDue(house(db), { messageDays: 1, probeDays: 400 }, never);
      assert.equal(done.probes, 4);
      for (const id of [...watched.ids, beside, ...open.ids]) assert.ok(await findProbe(db, id), id);
      for (const id of gone.ids) assert.equal(await findProbe(db, id), undefined);
      assert.deepEqual(
        (await db.selectFrom('runs').select('id').execute()).map(({ id }) => id).sort(),
        [watched.run, open.run].sort(),
      );
    });

  test('a watched probe keeps its mail', async () => {
    const watched = await addRun({ days: 20, probes: 5, change: { next_look_at: NOW + 1 } });
    const other = await addRun({ days: 20, probes: 5 });
    await keepMail([...watched.ids, ...other.ids]);
    // Pieces of one: a watched one at the front must not end the work.
    let after = '';
    let gone = 0;
    for (let next: string | null = ''; next !== null; ) {
      const piece = await forgetMessages(db, { before: NOW - 10 * DAY_MS, after, most: 1, now: NOW });
      gone += piece.forgotten;
      next = piece.next;
      after = next ?? '';
    }
    assert.equal(gone, 5);
    for (const id of watched.ids) assert.ok(await probeMessage(db, id));
    for (const id of other.ids) assert.equal(await probeMessage(db, id), null);
  });

  test('probes go with all that hangs on them, and the hourly counts do not change by a single one', async () => {
    const old = await addRun({ days: 40, probes: 30 });
    await addRun({ days: 2, probes: 7 });
    await keepMail(old.ids);
    const before = await counts();
    const done = await forgetDue(house(db), { messageDays: null, probeDays: 30 }, never);
    assert.equal(done.probes, 30);
    assert.deepEqual(
      [await count('probes'), await count('runs'), await count('probe_messages'), await count('probe_facts')],
      [7, 1, 0, 0],
    );
    assert.deepEqual(await counts(), before);
  });

  test('kept for ever is kept', async () => {
    const old = await addRun({ days: 3000, probes: 3 });
    await keepMail(old.ids);
    const done = await forgetDue(house(db), { messageDays: null, probeDays: null }, never);
    assert.deepEqual([done.messages, done.probes, done.pieces], [0, 0, 0]);
    assert.equal(await count('probe_messages'), 3);
  });

  test('a large run goes in pieces, and is there until its last probe is gone', async () => {
    const { run } = await addRun({ days: 40, probes: 25 });
    const before = NOW - 30 * DAY_MS;
    for (const left of [15, 5]) {
      assert.deepEqual(await forgetProbes(db, { before, most: 10 }), { forgotten: 10, more: true });
      assert.equal(await count('probes'), left);
      assert.equal((await db.selectFrom('runs').select('id').execute())[0]?.id, run);
    }
    await forgetProbes(db, { before, most: 10 });
    assert.deepEqual([await count('probes'), await count('runs')], [0, 0]);
    assert.deepEqual(await forgetProbes(db, { before, most: 10 }), { forgotten: 0, more: false });
  });

  test('a stop is heard between two pieces, and the next time goes on', async () => {
    for (let i = 0; i < 100; i++) await addRun({ days: 50 + i, probes: 20 });
    const stop = new AbortController();
    const going = forgetDue(house(db), { messageDays: null, probeDays: 30 }, stop.signal);
    await until(async () => (await count('probes')) < 2_000);
    stop.abort();
    const first = await going;
    assert.ok(first.probes > 0 && first.probes < 2_000, `${first.probes}`);
    assert.equal(await count('probes'), 2_000 - first.probes);
    const second = await forgetDue(house(db), { messageDays: null, probeDays: 30 }, never);
    assert.equal(first.probes + second.probes, 2_000);
  });
});

describe('fifty thousand probes', () => {
  before(open);
  after(() => db.destroy());

  test('go in many small pieces, while others have their turn', async () => {
    const mails: string[] = [];
    for (let i = 0; i < 500; i++) {
      const { ids } = await addRun({ days: 100 + i / 10, probes: 100 });
      mails.push(...ids.slice(0, 10));
    }
    await keepMail(mails);
    const watched = await addRun({ days: 120, probes: 50, change: { next_look_at: NOW + 1 } });
    const young = await addRun({ days: 3, probes: 50 });
    const before = await counts();

    const work = new AbortController();
    let turns = 0;
    let sawHalf = false;
    const others = (async () => {
      while (!work.signal.aborted) {
        turns++;
        const left = await count('probes');
        sawHalf ||= left < 45_000 && left > 5_000;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })();
    const done = await forgetDue(house(db), { messageDays: 90, probeDays: 90 }, never);
    work.abort();
    await others;

    assert.deepEqual([done.messages, done.probes], [5_000, 50_000]);
    assert.ok(done.pieces >= 50_000 / 256, `${done.pieces} pieces`);
    assert.ok(turns > 50 && sawHalf, `others had ${turns} turns`);
    assert.equal(await count('probes'), 100);
    for (const id of [...watched.ids, ...young.ids]) assert.ok(await findProbe(db, id));
    assert.deepEqual(await counts(), before);
    assert.equal(await count('runs'), 2);
  });
});

describe('small decisions', () => {
  const SIZES: [size: number, took: number, next: number][] = [
    [32, 0, 48],
    [32, 8, 32],
    [32, 16, 16],
    [32, 12, 21],
    [256, 1, 256],
    [4, 500, 4],
    [100, 200, 4],
  ];
  for (const [size, took, next] of SIZES)
    test(`${size} in ${took} ms: ${next}`, () => assert.equal(nextPiece(size, took), next));

  const SETTINGS: [stored: unknown, messageDays: number | null, probeDays: number | null][] = [
    [null, 90, null],
    [{}, 90, null],
    [{ messageDays: null, probeDays: 400 }, null, 400],
    [{ messageDays: 7 }, 7, null],
    ['nonsense', 90, null],
    [{ messageDays: '7', probeDays: 1.5 }, 90, null],
  ];
  for (const [stored, messageDays, probeDays] of SETTINGS)
    test(`${JSON.stringify(stored)} is ${messageDays} and ${probeDays} days`, () =>
      assert.deepEqual(retentionOf(stored), { messageDays, probeDays }));

  test('every id made before a moment is smaller than the first of that moment, every later one is not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 1, max: 4e10 }), (at, gap) => {
        assert.ok(newId(at) < firstId(at + gap));
        assert.ok(newId(at + gap) > firstId(at));
        assert.ok(newId(at) >= firstId(at));
      }),
    );
  });
});

async function until(so: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 20_000; !(await so()); ) {
    assert.ok(Date.now() < deadline, 'not in time');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
