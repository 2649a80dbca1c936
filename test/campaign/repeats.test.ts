/** Repeats of a placement test are spread whatever happens meanwhile: a program that stood still, a sender that was paused, a clock that was set back. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { probesOfAudit } from '../../db/campaigns.ts';
import { forgetFuture } from '../../db/clock.ts';
import { claimForSending, dueProbesOfSender, postponeProbes, waitingProbes } from '../../db/probes.ts';
import type { AuditJson } from '../../server/api/json/audits.ts';
import type { CampaignJson } from '../../server/api/json/campaigns.ts';
import { newId } from '../../server/id.ts';
import { GMAIL_SEED, GMAIL_SENDER, type House, openHouse } from '../api/house.ts';

const DAY_MS = 86_400_000;
const GAP_MS = 600_000;
const REPEATS = 4;
let house: House;
let senderId: string;
let seedIds: string[];
let begun: number;
before(async () => {
  house = await openHouse();
  senderId = (await house.api<{ id: string }>('POST', '/api/senders', { ...GMAIL_SENDER, dailyLimit: 1000 })).json.id;
  seedIds = [];
  for (const address of ['one@gmail.com', 'two@gmail.com']) {
    const made = await house.api<{ id: string }>('POST', '/api/seeds', { ...GMAIL_SEED, address, user: address });
    seedIds.push(made.json.id);
  }
});
after(() => house.close());
beforeEach(async () => {
  await house.todoku.app.db.deleteFrom('campaigns').execute();
  const draft = { from: 'news@gmail.com', subject: 'Hello', text: 'words' };
  const { json: campaign } = await house.api<CampaignJson>('POST', '/api/campaigns', draft);
  const placement = { senderId, seedIds, repeats: REPEATS, gapSeconds: GAP_MS / 1000 };
  const made = await house.api<AuditJson>('POST', `/api/campaigns/${campaign.id}/audits`, { placement });
  assert.equal(made.status, 202, made.text);
  const [first] = await probesOfAudit(house.todoku.app.db, made.json.id);
  begun = first?.queued_at ?? 0;
});

/** Hands over whatever may go at that moment. @returns the turns, and to how many seeds each went */
async function send(now: number): Promise<Record<number, number>> {
  const { db } = house.todoku.app;
  const went: Record<number, number> = {};
  for (;;) {
    const due = await dueProbesOfSender(db, senderId, now, 50);
    if (due.length === 0) return went;
    for (const probe of due) {
      const options = { instance: 'test', useId: newId(now), subject: 'x', dailyLimit: 1000, now };
      const claimed = await claimForSending(db, probe, options);
      if (claimed === null) continue;
      const run = await db.selectFrom('runs').select('turn').where('id', '=', probe.run_id).executeTakeFirstOrThrow();
      went[run.turn ?? 0] = (went[run.turn ?? 0] ?? 0) + 1;
    }
  }
}

test('as planned', async () => {
  for (let turn = 0; turn < REPEATS; turn++) {
    assert.deepEqual(await send(begun + turn * GAP_MS), { [turn]: 2 });
    assert.deepEqual(await send(begun + (turn + 1) * GAP_MS - 1), {});
  }
  assert.deepEqual(await waitingProbes(house.todoku.app.db), []);
});

test('after a day in which nothing could be sent they do not go at once', async () => {
  const late = begun + DAY_MS;
  for (let turn = 0; turn < REPEATS; turn++) {
    assert.deepEqual(await send(late + turn * GAP_MS), { [turn]: 2 });
    assert.deepEqual(await send(late + (turn + 1) * GAP_MS - 1), {});
  }
});

test('nor where all of them were put off to the same moment', async () => {
  assert.deepEqual(await send(begun), { 0: 2 });
  const until = begun + DAY_MS;
  await postponeProbes(house.todoku.app.db, senderId, until, 'daily-budget-used', begun);
  for (let turn = 1; turn < REPEATS; turn++) {
    assert.deepEqual(await send(until + (turn - 1) * GAP_MS), { [turn]: 2 });
    assert.deepEqual(await send(until + turn * GAP_MS - 1), {});
  }
});

for (const [name, back] of [
  ['a day', DAY_MS],
  ['less than the gap', GAP_MS / 2],
] as const)
  test(`a clock that is set back by ${name} while they wait: none at once, none lost`, async () => {
    assert.deepEqual(await send(begun), { 0: 2 });
    const { db } = house.todoku.app;
    const set = begun + 1_000 - back;
    // Twice: each of two programs on one database notices.
    await forgetFuture(db, set);
    await forgetFuture(db, set + 1_000);
    assert.deepEqual(await send(set + 1_000), {});
    // By the new clock the first went at most now.
    let last = Math.min(begun, set);
    for (let turn = 1; turn < REPEATS; turn++) {
      const waiting = (await waitingProbes(db)).map((probe) => probe.next_send_at ?? 0);
      const next = Math.min(...waiting);
      assert.ok(next - last >= GAP_MS && next - last <= GAP_MS + Math.min(back, GAP_MS), `${next - last} ms`);
      assert.deepEqual(await send(next), { [turn]: 2 });
      last = next;
    }
  });
