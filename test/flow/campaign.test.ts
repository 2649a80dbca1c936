/** A campaign from the file to the verdict: audited, sent to seeds through a sender beside a plain control mail, summed up, shared and packed. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AuditJson, ComparisonJson } from '../../server/api/json/audits.ts';
import type { CampaignJson, CampaignsJson } from '../../server/api/json/campaigns.ts';
import { addFile, newsletter, waitForAudit } from './campaign-world.ts';
import { addMonitor, addSeed, addSender, callApi, startRun, startWorld, type World } from './world.ts';

describe('a placement test', () => {
  let world: World;
  let senderId: string;
  const seeds: string[] = [];
  before(async () => {
    world = await startWorld();
    senderId = await addSender(world, 'good.test');
    for (const address of [
      'inbox@gmail.test',
      'promotions@gmail.test',
      'spam@outlook.test',
      'inbox@yahoo.test',
      'inbox@plain.test',
    ])
      seeds.push(await addSeed(world, address, 'imap', { tags: ['test'] }));
    seeds.push(await addSeed(world, '550@plain.test'));
  });
  after(() => world.stop());

  test('goes from the file to the verdict, and stands in no chart', async () => {
    const campaign = await addFile(world, newsletter('news@good.test'));
    assert.deepEqual(
      [campaign.source, campaign.from, campaign.subject],
      ['file', 'news@good.test', 'The summer catalogue'],
    );
    const begun = await world.call<AuditJson>('POST', `/api/campaigns/${campaign.id}/audits`, {
      policy: { requireAuthentication: ['dkim', 'dmarc'], maxSeverity: 'critical', minInboxRate: { '*': 0.2 } },
      placement: { senderId, seedIds: seeds, control: true, repeats: 2, gapSeconds: 2, withinSeconds: 15 },
    });
    assert.equal(begun.placement?.mails, 24);
    const { result, ...audit } = await waitForAudit(world, begun.id);
    assert.equal(audit.state, 'done');
    const placement = result?.placement;
    assert.ok(result && placement);
    assert.deepEqual([placement.state, placement.repeats, placement.fromReplaced], ['done', 2, false]);
    const where = placement.landings
      .filter(({ arm }) => arm === 'campaign')
      .map(
        ({ seed, repeat, outcome, placement: place }) => `${seed} ${repeat} ${place?.tab ?? place?.kind ?? outcome}`,
      );
    assert.deepEqual(where.sort(), [
      '550@plain.test 0 rejected',
      '550@plain.test 1 rejected',
      'inbox@gmail.test 0 inbox',
      'inbox@gmail.test 1 inbox',
      'inbox@plain.test 0 inbox',
      'inbox@plain.test 1 inbox',
      'inbox@yahoo.test 0 inbox',
      'inbox@yahoo.test 1 inbox',
      'promotions@gmail.test 0 promotions',
      'promotions@gmail.test 1 promotions',
      'spam@outlook.test 0 spam',
      'spam@outlook.test 1 spam',
    ]);
    // Twelve mails, six seeds: the same seed twice is not two.
    assert.deepEqual(
      [placement.campaign.mails, placement.campaign.inbox.n, placement.campaign.inbox.count],
      [12, 6, 4],
    );
    assert.equal(placement.campaign.providers.find(({ provider }) => provider === 'outlook')?.inbox.value, null);
    assert.deepEqual([placement.comparison?.answer, placement.comparison?.test], ['neither', 'mcnemar']);
    // The file is not signed, the sender signs: that is what the copies show.
    assert.deepEqual(result.authentication.holds, { spf: true, dkim: true, dmarc: true });
    assert.ok(!result.findings.some(({ id }) => id === 'authentication-unsigned'));
    const answers = Object.fromEntries(result.authentication.checklist.map(({ id, answer }) => [id, answer]));
    assert.deepEqual(
      [answers.spf, answers.dkim, answers.alignment, answers.tls, answers['one-click'], answers.complaints],
      ['met', 'met', 'met', 'met', 'not-met', 'unseen'],
    );
    // As many systems do, the sender signs without List-Unsubscribe-Post.
    assert.ok(result.findings.some(({ id }) => id === 'unsubscribe-unsigned'));
    assert.equal(result.authentication.copies, 10);
    assert.deepEqual([result.verdict, result.reasons], ['go', []]);

    // Another policy, the same landings: only what is asked of them changes.
    const patch = { policy: { maxSeverity: 'critical', minInboxRate: { '*': 0.95 }, inboxRateBy: 'point' } };
    await world.call('PATCH', `/api/campaigns/${campaign.id}`, patch);
    const { result: anew } = await world.call<AuditJson>('POST', `/api/audits/${begun.id}/judgements`);
    assert.ok(anew?.placement);
    assert.deepEqual(
      [anew.verdict, anew.reasons.map(({ reason, wanted }) => [reason, wanted]), anew.placement.comparison?.answer],
      ['fix-first', [['placement-too-low', 95]], 'sender'],
    );
    const { comparison: _before, ...landed } = placement;
    const { comparison: _after, ...same } = anew.placement;
    assert.deepEqual([same, anew.findings, anew.authentication], [landed, result.findings, result.authentication]);

    const overview = await world.call<{ now: { counts: { probes: number } } }>('GET', '/api/overview');
    assert.equal(overview.now.counts.probes, 0);
    assert.deepEqual(await world.call('GET', '/api/monitors'), { items: [], nextCursor: null });
    assert.deepEqual(await world.call('GET', '/api/runs'), { items: [], nextCursor: null });
  });

  test('a mail in a foreign name leaves under the name of the sender', async () => {
    const campaign = await addFile(world, newsletter('news@elsewhere.example'));
    const begun = await world.call<AuditJson>('POST', `/api/campaigns/${campaign.id}/audits`, {
      placement: { senderId, seedIds: [seeds[0]], withinSeconds: 15 },
    });
    const { result } = await waitForAudit(world, begun.id);
    const [landing] = result?.placement?.landings ?? [];
    assert.ok(result?.placement?.fromReplaced && landing);
    const probe = await world.call<{ headers: string; subject: string }>('GET', `/api/probes/${landing.probeId}`);
    assert.match(probe.headers, /^From: Garden Shop <[^<>]*@good\.test>/m);
    assert.equal(probe.subject, 'The summer catalogue');
    // One seed is no rate.
    assert.equal(result.verdict, 'fix-first');
    assert.ok(result.reasons.some(({ reason }) => reason === 'placement-unknown'));
  });

  test('goes on after a restart', async () => {
    const campaign = await addFile(world, newsletter('news@good.test'));
    const begun = await world.call<AuditJson>('POST', `/api/campaigns/${campaign.id}/audits`, {
      placement: { senderId, seedTags: ['test'], repeats: 2, gapSeconds: 3, withinSeconds: 20 },
    });
    await world.restart();
    const { result, state } = await waitForAudit(world, begun.id);
    assert.equal(state, 'done');
    assert.deepEqual([...new Set(result?.placement?.landings.map(({ outcome }) => outcome))], ['placed']);
    assert.equal(result?.placement?.landings.length, 10);
  });

  test('a monitor beside it is counted as ever', async () => {
    const monitor = await addMonitor(world, senderId, [seeds[0] ?? '']);
    const run = await startRun(world, monitor);
    for (let tries = 0; ; tries++) {
      const { now } = await world.call<{ now: { counts: { probes: number; inbox: number } } }>('GET', '/api/overview');
      if (now.counts.inbox === 1) break;
      assert.ok(tries < 200, 'not counted');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const { items } = await world.call<{ items: { id: string }[] }>('GET', '/api/runs');
    assert.deepEqual(
      items.map(({ id }) => id),
      [run],
    );
  });

  test('what changed between two versions', async () => {
    const campaign = await world.call<CampaignJson>('POST', '/api/campaigns', {
      from: 'news@good.test',
      fromName: 'Shop',
      subject: 'SALE!!! {{name}}',
      text: 'Hello, this is our sale for you. Unsubscribe: https://news.example.net/u/1',
      listUnsubscribe: 'https://news.example.net/u/1',
    });
    const first = await world.call<AuditJson>('POST', `/api/campaigns/${campaign.id}/audits`, {});
    await waitForAudit(world, first.id);
    await world.call('PATCH', `/api/campaigns/${campaign.id}`, {
      draft: { ...campaign.draft, subject: 'Our sale begins today' },
    });
    const second = await world.call<AuditJson>('POST', `/api/campaigns/${campaign.id}/audits`, {});
    const later = await waitForAudit(world, second.id);
    assert.equal(later.previousAuditId, first.id);
    const compared = await world.call<ComparisonJson>('GET', `/api/audits/${second.id}/comparison?with=${first.id}`);
    assert.ok(compared.gone.some(({ id }) => id === 'content-placeholder'));
    assert.deepEqual(compared.added, []);
    assert.ok((compared.score.after ?? 0) > (compared.score.before ?? 0));
    const list = await world.call<CampaignsJson>('GET', '/api/campaigns?search=sale');
    assert.deepEqual(
      list.items.map(({ id, auditCount }) => [id, auditCount]),
      [[campaign.id, 2]],
    );
  });

  test('a deleted campaign takes all it sent along; its sender can be deleted then and before', async () => {
    const { items } = await world.call<CampaignsJson>('GET', '/api/campaigns');
    for (const { id } of items) await callApi(world.todoku.url, world.token, 'DELETE', `/api/campaigns/${id}`);
    const { db } = world.todoku.app;
    const left = await db.selectFrom('probes').select('id').where('audit_id', 'is not', null).execute();
    const plans = await db.selectFrom('monitors').select('id').where('audit_id', 'is not', null).execute();
    assert.deepEqual([left, plans], [[], []]);
  });
});
