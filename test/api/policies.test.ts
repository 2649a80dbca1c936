/** The policy of a campaign over the API: who keeps which, files that are read or refused, and audits that are judged by another one. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AuditJson, PolicyCheckJson } from '../../server/api/json/audits.ts';
import type { CampaignJson, WatchJson } from '../../server/api/json/campaigns.ts';
import { type CampaignHouse, openCampaignHouse, QUIET } from './campaign-house.ts';
import { GMAIL_SEED, type House } from './house.ts';

let house: House;
let post: CampaignHouse['post'];
let audited: CampaignHouse['audited'];
let close: CampaignHouse['close'];
before(async () => {
  ({ house, post, audited, close } = await openCampaignHouse());
  await house.api('POST', '/api/seeds', GMAIL_SEED);
});
after(() => close());

describe('a policy', () => {
  const change = (id: string, body: object) => house.api<CampaignJson>('PATCH', `/api/campaigns/${id}`, body);
  const begin = async (id: string, body: object = {}) =>
    (await house.api<AuditJson>('POST', `/api/campaigns/${id}/audits`, body)).json;

  test('belongs to a campaign: the next audit goes by it, and each keeps its own', async () => {
    const { id, policy, ownPolicy } = (await post(QUIET)).json;
    assert.deepEqual([policy.maxSeverity, policy.requireAuthentication, ownPolicy], ['medium', ['dkim'], false]);
    const first = await begin(id);
    const changed = await change(id, { policy: { maxSeverity: 'critical', requireAuthentication: [] } });
    assert.equal(changed.status, 200, changed.text);
    assert.deepEqual(
      [changed.json.policy.maxSeverity, changed.json.policy.inboxRateBy, changed.json.ownPolicy],
      ['critical', 'lower-end', true],
    );
    const second = await begin(id);
    const third = await begin(id, { policy: { minScore: 99 } });
    assert.deepEqual(
      [first, second, third].map((one) => [one.policy.maxSeverity, one.policy.minScore, one.policyChanged]),
      [
        ['medium', 0, false],
        ['critical', 0, false],
        ['medium', 99, true],
      ],
    );
    assert.equal((await house.api<AuditJson>('GET', `/api/audits/${first.id}`)).json.policyChanged, true);
    const back = await change(id, { policy: null });
    assert.deepEqual([back.json.policy.maxSeverity, back.json.ownPolicy], ['medium', false]);
    // A name alone changes nothing of it.
    await change(id, { policy: { minScore: 50 } });
    assert.equal((await change(id, { name: 'Another' })).json.policy.minScore, 50);
  });

  test('is given to a draft or a watch from the first; a draft is asked for no signature', async () => {
    const own = { minScore: 70 };
    const draft = { from: 'news@good.test', subject: 'S', text: 'Words' };
    const add = async (body: object) => (await house.api<CampaignJson>('POST', '/api/campaigns', body)).json;
    const plain = await add(draft);
    assert.deepEqual([plain.policy.requireAuthentication, plain.ownPolicy], [[], false]);
    const given = await add({ ...draft, policy: own });
    assert.deepEqual([given.policy.requireAuthentication, given.policy.minScore], [['dkim'], 70]);
    const watched = await add({ name: 'W', policy: own });
    assert.equal(watched.policy.minScore, 70);
    const [seed] = (await house.api<{ items: { id: string }[] }>('GET', '/api/seeds')).json.items;
    const watchOf = async (id: string, body: object = {}) => {
      const answer = await house.api<WatchJson>('POST', `/api/campaigns/${id}/watches`, {
        seedIds: [seed?.id],
        ...body,
      });
      assert.equal(answer.status, 201, answer.text);
      return (await house.api<AuditJson>('GET', `/api/audits/${answer.json.auditId}`)).json;
    };
    assert.equal((await watchOf(watched.id)).policy.minScore, 70);
    assert.equal((await watchOf(watched.id, { policy: { minScore: 5 } })).policy.minScore, 5);
    // What arrives of a draft is signed by whatever sent it.
    const copy = await watchOf(plain.id);
    assert.deepEqual([copy.policy.requireAuthentication, copy.policyChanged], [['dkim'], false]);
  });

  test('an audit that is done is judged anew, and nothing else of it changes', async () => {
    const { id } = (await post(QUIET)).json;
    const begun = await begin(id);
    const early = await house.api('POST', `/api/audits/${begun.id}/judgements`);
    assert.equal(early.status, 409, 'not done yet');
    const before = await audited(begun.id);
    assert.deepEqual([before.verdict, before.result?.judgedAt], ['fix-first', undefined]);
    const ids = before.result?.findings.map((finding) => finding.id) ?? [];
    const accepting = { maxSeverity: 'critical', requireAuthentication: [], ignore: [...new Set(ids)] } as const;
    await change(id, { policy: accepting });
    house.wait(60_000);
    const again = await house.api<AuditJson>('POST', `/api/audits/${begun.id}/judgements`);
    assert.equal(again.status, 200, again.text);
    const after = (await house.api<AuditJson>('GET', `/api/audits/${begun.id}`)).json;
    assert.deepEqual(after, again.json);
    assert.deepEqual([after.verdict, after.score, after.policyChanged], ['go', 100, false]);
    assert.deepEqual([after.policy.ignore, after.result?.policy.ignore], [accepting.ignore, accepting.ignore]);
    assert.deepEqual([after.result?.reasons, after.result?.score], [[], { points: 100, lost: [] }]);
    assert.ok(Date.parse(after.result?.judgedAt ?? '') >= Date.parse(before.result?.auditedAt ?? '') + 60_000);
    const judged = ['verdict', 'reasons', 'score', 'policy', 'judgedAt'];
    const rest = (one: AuditJson) =>
      Object.fromEntries(Object.entries(one.result ?? {}).filter(([key]) => !judged.includes(key)));
    assert.deepEqual(rest(after), rest(before));
    assert.deepEqual([after.counts, after.finishedAt], [before.counts, before.finishedAt]);
    // And back: what was seen is not lost by being accepted.
    await change(id, { policy: null });
    const back = (await house.api<AuditJson>('POST', `/api/audits/${begun.id}/judgements`)).json;
    assert.deepEqual(
      [back.verdict, back.score, back.result?.reasons],
      ['fix-first', before.score, before.result?.reasons],
    );
    assert.equal((await house.api('POST', '/api/audits/none/judgements')).status, 404);
  });

  const FILES: [name: string, file: unknown, path: string | null][] = [
    ['nothing in it', {}, null],
    ['a schema for editors', { $schema: './policy.schema.json', minScore: 80 }, null],
    ['no object', [], ''],
    ['a severity that is none', { maxSeverity: 'bad' }, 'maxSeverity'],
    ['a score in words', { minScore: 'high' }, 'minScore'],
    ['a mechanism that is none', { requireAuthentication: ['dkim', 'arc'] }, 'requireAuthentication.1'],
    ['a rate in per cent', { minInboxRate: { gmail: 70 } }, 'minInboxRate.gmail'],
    ['a field that is none', { minScores: 80 }, 'minScores'],
    ['a filter that is none', { maxFilterScore: { gmail: 5 } }, 'maxFilterScore.gmail'],
    ['sentences instead of ids', { ignore: ['No DKIM signature'] }, 'ignore.0'],
  ];
  for (const [name, file, path] of FILES)
    test(`a file with ${name}: ${path === null ? 'read' : 'refused by the name of its field'}`, async () => {
      const answer = await house.api<PolicyCheckJson & { detail: string; errors?: { path: string }[] }>(
        'POST',
        '/api/policy-checks',
        file,
      );
      if (path === null) {
        assert.equal(answer.status, 200, answer.text);
        assert.equal(answer.json.policy.maxSeverity, 'medium');
        return;
      }
      assert.equal(answer.status, 400);
      assert.equal(answer.json.errors?.[0]?.path, path);
      assert.match(answer.json.detail, new RegExp(path.replaceAll('.', '\\.')));
    });
});
