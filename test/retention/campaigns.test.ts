/** What is forgotten of campaigns: raw mails when those of probes are, audits with their shared reports when probes are, and never what is under way. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { insertPlan } from '../../db/monitors.ts';
import type { AuditJson } from '../../server/api/json/audits.ts';
import type { CampaignJson, WatchJson } from '../../server/api/json/campaigns.ts';
import { newAudit } from '../../server/campaign/begin.ts';
import { DEFAULT_POLICY } from '../../server/campaign/policy.ts';
import { newId } from '../../server/id.ts';
import { forgetDue } from '../../server/retention.ts';
import { GMAIL_SEED, type House, openHouse } from '../api/house.ts';

const DAY_MS = 86_400_000;
const MAIL = 'From: Shop <news@good.test>\r\nSubject: Hello\r\n\r\nA few words.\r\n';
const never = new AbortController().signal;
let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());
beforeEach(async () => {
  await house.todoku.app.db.deleteFrom('campaigns').execute();
});

const forget = (messageDays: number | null, probeDays: number | null) =>
  forgetDue(house.todoku.app, { messageDays, probeDays }, never);
const ids = async (table: 'campaigns' | 'campaign_messages' | 'audits' | 'shares' | 'watches' | 'runs' | 'monitors') =>
  (await house.todoku.app.db.selectFrom(table).select('id').orderBy('id').execute()).map(({ id }) => id);

async function file(text = MAIL): Promise<string> {
  const headers = { authorization: `Bearer ${house.token}`, 'content-type': 'message/rfc822' };
  const { status, json } = await house.raw<CampaignJson>('POST', '/api/campaigns', headers, text);
  assert.equal(status, 201);
  return json.id;
}
async function replace(campaign: string, text: string): Promise<void> {
  const headers = { authorization: `Bearer ${house.token}`, 'content-type': 'message/rfc822' };
  assert.equal((await house.raw('PUT', `/api/campaigns/${campaign}/message`, headers, text)).status, 200);
}
async function audit(campaign: string): Promise<string> {
  const made = await house.api<AuditJson>('POST', `/api/campaigns/${campaign}/audits`, {});
  assert.equal(made.status, 202, made.text);
  return made.json.id;
}
async function finish(id: string): Promise<void> {
  const at = house.todoku.app.now();
  await house.todoku.app.db
    .updateTable('audits')
    .set({ state: 'done', finished_at: at, updated_at: at })
    .where('id', '=', id)
    .execute();
}
async function share(auditId: string): Promise<string> {
  const now = house.todoku.app.now();
  const id = newId(now);
  await house.todoku.app.db
    .insertInto('shares')
    .values({
      ...{ id, audit_id: auditId, name: 'Client', language: 'en', key_hash: id, created_at: now },
      expires_at: now + 365 * DAY_MS,
    })
    .execute();
  return id;
}

test('mails that no audit has looked at for so long; the audit stays, says so, and asks for the file before another', async () => {
  const campaign = await file();
  const old = await audit(campaign);
  await finish(old);
  house.wait(31 * DAY_MS);
  const [young] = [await file()];
  assert.deepEqual([(await forget(30, null)).messages, (await forget(30, null)).messages], [1, 0]);
  assert.deepEqual([await ids('audits'), (await ids('campaigns')).length], [[old], 2]);
  assert.equal((await ids('campaign_messages')).length, 1);
  for (const path of ['message', 'preview', 'sources']) {
    const { status, text } = await house.api('GET', `/api/audits/${old}/${path}`);
    assert.equal(status, 404);
    assert.match(text, /"reason":"forgotten"/);
  }
  const again = await house.api('POST', `/api/campaigns/${campaign}/audits`, {});
  assert.equal(again.status, 409, again.text);
  const shown = await house.api<CampaignJson>('GET', `/api/campaigns/${campaign}`);
  assert.equal(shown.json.size, null);
  // The same file comes in anew.
  await replace(campaign, MAIL);
  assert.equal((await audit(campaign)).length, 26);
  assert.equal((await house.api('GET', `/api/campaigns/${young}/message`)).status, 200);
});

test('not the mail of an audit that is waiting, nor one that was audited again lately, nor that of a draft', async () => {
  const waiting = await file();
  await audit(waiting);
  const again = await file();
  await finish(await audit(again));
  await replace(again, `${MAIL}second\r\n`);
  const draft = { from: 'news@good.test', subject: 'Hello', text: 'words' };
  assert.equal((await house.api('POST', '/api/campaigns', draft)).status, 201);
  const before = await ids('campaign_messages');
  house.wait(31 * DAY_MS);
  await finish(await audit(again));
  assert.equal((await forget(30, null)).messages, 1, 'only the first version of the second');
  assert.deepEqual((await ids('campaign_messages')).length, before.length - 1);
});

test('audits that ended so long ago, with their links, watches and what they sent; a campaign that is still worked on stays', async () => {
  const campaign = await file();
  const old = await audit(campaign);
  await finish(old);
  await share(old);
  const { json: seed } = await house.api<{ id: string }>('POST', '/api/seeds', GMAIL_SEED);
  const path = `/api/campaigns/${campaign}/watches`;
  const { json: watch } = await house.api<WatchJson>('POST', path, { seedIds: [seed.id], windowSeconds: 600 });
  assert.equal((await house.api('DELETE', `/api/watches/${watch.id}`)).status, 204);
  await finish(watch.auditId);
  house.wait(31 * DAY_MS);
  const young = await audit(campaign);
  await finish(young);
  const kept = await share(young);
  const done = await forget(null, 30);
  assert.equal(done.audits, 2);
  assert.deepEqual([await ids('audits'), await ids('shares'), await ids('watches')], [[young], [kept], []]);
  assert.deepEqual([await ids('runs'), await ids('monitors'), await ids('campaigns')], [[], [], [campaign]]);
  house.wait(31 * DAY_MS);
  await forget(null, 30);
  assert.deepEqual([await ids('campaigns'), await ids('audits'), await ids('shares')], [[], [], []]);
});

test('the first mails of a test stay until it is summed up, however short the time', async () => {
  const campaign = await file();
  const { db } = house.todoku.app;
  const now = house.todoku.app.now();
  const open = { ...newAudit(campaign, DEFAULT_POLICY, now), state: 'testing' as const };
  await db.insertInto('audits').values(open).execute();
  const plan = { id: newId(now), message_json: '{}', late_after_ms: 1, missing_after_ms: 1, watch_ms: 1 };
  await insertPlan(db, { ...plan, audit_id: open.id, name: 'x', sender_id: null, created_at: now });
  const run = { id: newId(now), monitor_id: plan.id, sender_id: '', slot_at: null, started_at: now };
  await db
    .insertInto('runs')
    .values({ ...run, state: 'complete', finished_at: now, probe_count: 0, audit_id: open.id })
    .execute();
  house.wait(5 * DAY_MS);
  await forget(null, 1);
  assert.deepEqual(await ids('runs'), [run.id]);
  await finish(open.id);
  await forget(null, 1);
  assert.deepEqual(await ids('runs'), []);
});

test('an audit that is deleted takes its watch along: nothing stays open for ever', async () => {
  const { json: campaign } = await house.api<CampaignJson>('POST', '/api/campaigns', { name: 'Summer' });
  const address = 'other@gmail.com';
  const { json: seed } = await house.api<{ id: string }>('POST', '/api/seeds', {
    ...GMAIL_SEED,
    address,
    user: address,
  });
  const path = `/api/campaigns/${campaign.id}/watches`;
  const { json: watch } = await house.api<WatchJson>('POST', path, { seedIds: [seed.id], windowSeconds: 600 });
  assert.equal((await house.api('DELETE', `/api/audits/${watch.auditId}`)).status, 204);
  assert.equal((await house.api('GET', `/api/watches/${watch.id}`)).status, 404);
  assert.deepEqual((await house.api<CampaignJson>('GET', `/api/campaigns/${campaign.id}`)).json.watches, []);
});
