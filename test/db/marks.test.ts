/** Marks that the work itself makes: a seed that stays unreadable is one, a lost connection is none. */
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { type Database, openDatabase } from '../../db/open.ts';
import { markReadable, markUnreadable } from '../../db/readings.ts';
import type { SeedTable } from '../../db/schema.ts';
import { findSeed, insertSeed } from '../../db/seeds.ts';

const MINUTE = 60_000;
const AT = 1_763_000_000_000;
let db: Database;
beforeEach(async () => {
  await db?.destroy();
  db = await openDatabase(':memory:');
  await insertSeed(db, {
    ...{ id: 'e1', address: 'e@example.com', provider: 'gmail', protocol: 'imap', host: 'h', port: 993 },
    ...{ security: 'tls', user_name: 'e', password_sealed: 'x', oauth_sealed: null, junk_folder: null },
    ...{ paused_at: null, unreadable_since: null, unreadable_reason: null, unreadable_reply: null, failures: 0 },
    ...{ next_attempt_at: 0, last_read_at: null, reader: null, reader_until: 0, folders_json: null },
    ...{ checked_at: null, check_json: null, created_at: AT, updated_at: AT },
  });
});
after(() => db.destroy());

const seed = async (): Promise<SeedTable> => (await findSeed(db, 'e1')) as SeedTable;
const fail = async (at: number, reason = 'connection-lost'): Promise<void> => {
  const row = await seed();
  await db
    .transaction()
    .execute((tx) => markUnreadable(tx, row, { reason, reply: null, failures: 1, nextAttemptAt: at + 1, now: at }));
};
const read = async (at: number): Promise<boolean> => {
  const row = await seed();
  return db.transaction().execute((tx) => markReadable(tx, row, '[]', at));
};
const marks = async () =>
  (await db.selectFrom('marks').selectAll().orderBy('at').execute()).map((mark) => [
    mark.reason,
    mark.at - AT,
    mark.name,
    JSON.parse(mark.evidence_json),
  ]);

test('failures in a row are one mark, from the first of them; the next reading is another', async () => {
  for (const minute of [0, 1, 5, 30]) await fail(AT + minute * MINUTE, 'wrong-password');
  assert.equal((await seed()).unreadable_since, AT);
  assert.equal(await read(AT + 40 * MINUTE), true);
  assert.equal(await read(AT + 41 * MINUTE), false);
  assert.deepEqual(await marks(), [
    ['seed-unreadable', 0, 'e@example.com', { seedReason: 'wrong-password', reply: null }],
    ['seed-readable', 40 * MINUTE, 'e@example.com', { minutes: 40 }],
  ]);
});

test('a connection that is lost every hour and made again leaves nothing behind', async () => {
  for (let hour = 0; hour < 24; hour++) {
    await fail(AT + hour * 60 * MINUTE);
    assert.equal((await marks()).length, 1, 'while it lasts, it is there');
    await read(AT + hour * 60 * MINUTE + 5_000);
  }
  assert.deepEqual(await marks(), []);
  await fail(AT + 2_000 * MINUTE);
  await read(AT + 2_010 * MINUTE);
  assert.equal((await marks()).length, 2);
});

test('a seed that can be read makes no marks, however often it is read', async () => {
  for (let minute = 0; minute < 100; minute++) assert.equal(await read(AT + minute * MINUTE), false);
  assert.deepEqual(await marks(), []);
});
