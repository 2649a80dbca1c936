/** Audits at work, one tick at a time: copies that cannot be read, claims that nobody works on, clocks that were set. Nothing leaves this machine. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { findAudit, probesOfAudit, stepAudit } from '../../db/campaigns.ts';
import { keepMessage, putFacts, stepProbe } from '../../db/probes.ts';
import type { AuditJson } from '../../server/api/json/audits.ts';
import type { CampaignJson, WatchJson } from '../../server/api/json/campaigns.ts';
import { createVerifier, type Verifier } from '../../server/authentication/verify.ts';
import type { Reader } from '../../server/campaign/reader.ts';
import { type Auditing, createAuditing } from '../../server/campaign/work.ts';
import { GMAIL_SEED, type House, openHouse } from '../api/house.ts';
import { newsletter } from '../flow/campaign-world.ts';

const ENDED = ['done', 'refused', 'failed'];
let house: House;
let verifier: Verifier;
let auditing: Auditing;
/** How often something was read. */
let reads = 0;

before(async () => {
  house = await openHouse({ TODOKU_DNS_SERVERS: '127.0.0.1:9' });
  verifier = createVerifier({ dnsServers: ['127.0.0.1:9'], threads: 1 });
  const { reader } = house.todoku.app;
  const counting: Reader = {
    ...reader,
    read: (raw, now) => {
      reads++;
      return reader.read(raw, now);
    },
  };
  auditing = createAuditing(
    { ...house.todoku.app, reader: counting },
    { instance: 'test', verifier, alive: () => ['test'] },
  );
});
after(async () => {
  await auditing.close();
  await verifier.close();
  await house.close();
});
beforeEach(() => {
  reads = 0;
});

async function ticks(until: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    await auditing.workDue();
    if (await until()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(
    `it did not become so: ${JSON.stringify(await house.todoku.app.db.selectFrom('audits').select(['id', 'state', 'refusal', 'tries']).execute())}`,
  );
}
const stateOf = async (id: string): Promise<string> => (await findAudit(house.todoku.app.db, id))?.state ?? 'gone';

let count = 0;
/** A watch over so many seeds, or those. @returns it with the ids of its probes */
async function watch(seeds: number | string[]): Promise<{ watch: WatchJson; probes: string[] }> {
  const seedIds: string[] = [];
  const addresses = typeof seeds === 'number' ? Array.from({ length: seeds }, () => `seed${++count}@gmail.com`) : seeds;
  for (const address of addresses) {
    const { json } = await house.api<{ id: string }>('POST', '/api/seeds', { ...GMAIL_SEED, address, user: address });
    seedIds.push(json.id);
  }
  const campaign = (await house.api<CampaignJson>('POST', '/api/campaigns', { name: 'Summer' })).json;
  const path = `/api/campaigns/${campaign.id}/watches`;
  const { json } = await house.api<WatchJson>('POST', path, { seedIds, windowSeconds: 600 });
  const probes = await probesOfAudit(house.todoku.app.db, json.auditId);
  return { watch: json, probes: probes.map(({ id }) => id) };
}

/** As if a copy had been found in the seed of that probe. */
async function found(probeId: string, raw: Buffer | null, domain = 'good.test'): Promise<void> {
  const now = house.todoku.app.now();
  const verified = {
    ...{ spf: { result: 'pass', domain }, dmarc: { result: 'pass', domain }, arc: { result: 'none' } },
    dkim: { result: 'pass', domain, signatures: [{ result: 'pass', domain, selector: 's', aligned: true }] },
  };
  await house.todoku.app.db.transaction().execute(async (tx) => {
    const seen = {
      outcome: 'placed',
      reason: 'folder-inbox',
      placement_kind: 'inbox',
      placement_folder: 'INBOX',
    } as const;
    await stepProbe(tx, probeId, ['unknown'], { ...seen, first_seen_at: now, next_look_at: null, updated_at: now });
    if (raw !== null) await keepMessage(tx, probeId, raw);
    await putFacts(tx, {
      ...{ probe_id: probeId, reported_json: null, verified_json: JSON.stringify(verified), disagreements_json: '[]' },
      ...{ hops_json: '[]', boundary_json: null, header: raw },
    });
  });
}

describe('copies', () => {
  test('one that cannot be read is read once, and the next is audited as it was verified itself', async () => {
    const { watch: given, probes } = await watch(3);
    const [first = '', second = ''] = probes;
    await found(first, Buffer.from('<html>no mail</html>'), 'other.test');
    for (let i = 0; i < 5; i++) {
      await auditing.workDue();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.deepEqual([await stateOf(given.auditId), reads], ['watching', 1]);
    house.wait(1_000);
    await found(second, newsletter('news@good.test', { header: 'DKIM-Signature: v=1; d=good.test; s=s; h=from' }));
    await ticks(async () => (await stateOf(given.auditId)) === 'testing');
    await house.api('DELETE', `/api/watches/${given.id}`);
    await ticks(async () => (await stateOf(given.auditId)) === 'done');
    const { json } = await house.api<AuditJson>('GET', `/api/audits/${given.auditId}`);
    assert.equal(json.result?.authentication.verified?.spf.domain, 'good.test');
  });

  for (const [name, raw, refusal] of [
    ['none of which can be read', Buffer.from('<html>no mail</html>'), 'not-a-message'],
    ['none of which was kept', null, 'too-large'],
  ] as const)
    test(`${name}: that is said, not that nothing was seen`, async () => {
      const { watch: given, probes } = await watch(1);
      await found(probes[0] ?? '', raw);
      await ticks(async () => ENDED.includes(await stateOf(given.auditId)));
      const { json } = await house.api<AuditJson>('GET', `/api/audits/${given.auditId}`);
      assert.deepEqual([json.state, json.refusal], ['refused', refusal]);
    });
});

test('the evidence has the headers of every seed, also of those whose names are alike as names of files', async () => {
  const { watch: given, probes } = await watch(['a+b@gmail.com', 'a_b@gmail.com', 'a/b@gmail.com']);
  for (const id of probes) await found(id, newsletter('news@good.test'));
  await ticks(async () => (await stateOf(given.auditId)) === 'done');
  const answer = await fetch(`${house.todoku.url}/api/audits/${given.auditId}/evidence`, {
    headers: { authorization: `Bearer ${house.token}` },
  });
  assert.equal(answer.status, 200);
  const bytes = Buffer.from(await answer.arrayBuffer()).toString('latin1');
  // Each stands before its file and in the list at the end.
  const names = [...bytes.matchAll(/seeds\/[^\0]{1,150}?\.headers\.txt/g)].map(([name]) => name);
  assert.deepEqual([...new Set(names)].sort(), [
    'seeds/a_b@gmail.com-imap-campaign-1-2.headers.txt',
    'seeds/a_b@gmail.com-imap-campaign-1-3.headers.txt',
    'seeds/a_b@gmail.com-imap-campaign-1.headers.txt',
  ]);
  assert.equal(names.length, 6);
});

describe('what is taken up again', () => {
  async function audit(): Promise<string> {
    const raw = newsletter('news@good.test').toString().replaceAll('https://news.example.net', 'https://127.0.0.1');
    const answer = await fetch(`${house.todoku.url}/api/campaigns`, {
      method: 'POST',
      headers: { authorization: `Bearer ${house.token}`, 'content-type': 'message/rfc822' },
      body: raw,
    });
    const { id } = (await answer.json()) as CampaignJson;
    return (await house.api<AuditJson>('POST', `/api/campaigns/${id}/audits`, {})).json.id;
  }

  test('an audit of ours of which nothing runs: its failure could not be stored', async () => {
    const id = await audit();
    const { db, now } = house.todoku.app;
    const claim = { claimed_by: 'test', claimed_until: now() + 600_000, tries: 1, updated_at: now() };
    await stepAudit(db, id, { state: 'waiting' }, { ...claim, state: 'auditing' });
    await ticks(async () => (await stateOf(id)) === 'done');
  });

  test('an audit of a dead program, and one whose next try lies in the future because the clock was set back', async () => {
    const [dead, tried] = [await audit(), await audit()];
    const { db, now } = house.todoku.app;
    const later = now() + 86_400_000;
    const claim = { claimed_by: 'killed', claimed_until: later, tries: 1, updated_at: now() };
    await stepAudit(db, dead, { state: 'waiting' }, { ...claim, state: 'auditing' });
    await stepAudit(db, tried, { state: 'waiting' }, { tries: 1, updated_at: later });
    await ticks(async () => (await stateOf(dead)) === 'done' && (await stateOf(tried)) === 'done');
  });

  test('three times at most; then it is said that we could not', async () => {
    const id = await audit();
    const { db, now } = house.todoku.app;
    const claim = { claimed_by: 'killed', claimed_until: 0, tries: 3, updated_at: now() };
    await stepAudit(db, id, { state: 'waiting' }, { ...claim, state: 'auditing' });
    await ticks(async () => ENDED.includes(await stateOf(id)));
    const { json } = await house.api<AuditJson>('GET', `/api/audits/${id}`);
    assert.deepEqual([json.state, json.refusal, json.result], ['failed', 'failed', null]);
  });

  test('an audit, or its whole campaign, deleted while it is worked on leaves nothing behind', async () => {
    const [one, other] = [await audit(), await audit()];
    const { db } = house.todoku.app;
    await auditing.workDue();
    const campaign = (await findAudit(db, other))?.campaign_id ?? '';
    assert.equal((await house.api('DELETE', `/api/audits/${one}`)).status, 204);
    assert.equal((await house.api('DELETE', `/api/campaigns/${campaign}`)).status, 204);
    // Two are worked on at a time: when two others are done, these are over.
    const others = [await audit(), await audit()];
    await ticks(async () => (await Promise.all(others.map(stateOf))).every((state) => state === 'done'));
    const left = await db
      .selectFrom('audit_results')
      .select('audit_id')
      .where('audit_id', 'in', [one, other])
      .execute();
    assert.deepEqual(left, []);
    assert.equal(house.log.filter((line) => /could not be audited|could not go on/.test(line)).length, 0);
  });
});
