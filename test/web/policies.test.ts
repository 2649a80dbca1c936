/** What the pages of policies work out by themselves: what a form holds and sends, what is the same, what a file is called. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FINDINGS as CAMPAIGN_FINDINGS } from '../../server/campaign/findings.ts';
import { policySchema, samePolicy as same } from '../../server/campaign/policy.ts';
import { FINDINGS as DOMAIN_FINDINGS } from '../../server/domain/findings.ts';
import { speak } from '../../web/pages/audit/words.ts';
import {
  fieldOf,
  type Policy,
  type PolicyValues,
  policyFaults,
  policyFileName,
  policyFrom,
  policyValues,
  samePolicy,
} from '../../web/pages/campaigns/policy-values.ts';

describe('a policy', () => {
  const DEFAULT: Policy = {
    ...{ maxSeverity: 'medium', minScore: 0, requireAuthentication: ['dkim'], ignore: [], maxFilterScore: {} },
    ...{ minInboxRate: {}, inboxRateBy: 'lower-end' },
  };
  const policies = fc.record(
    {
      $schema: fc.string(),
      maxSeverity: fc.constantFrom('critical', 'high', 'medium', 'low', 'info'),
      minScore: fc.nat(100),
      requireAuthentication: fc.subarray(['spf', 'dkim', 'dmarc']),
      ignore: fc.uniqueArray(fc.constantFrom('html-dark', 'filters-none', 'of-tomorrow')),
      maxFilterScore: fc.record({ rspamd: fc.integer(), spamassassin: fc.integer() }, { requiredKeys: [] }),
      // As somebody writes it: 0.725.
      minInboxRate: fc.dictionary(
        fc.constantFrom('*', 'gmail', 'yahoo-japan', 'elsewhere'),
        fc.nat(10_000).map((n) => n / 10_000),
      ),
      inboxRateBy: fc.constantFrom('lower-end', 'point'),
    },
    { requiredKeys: [] },
  );

  test('goes through its form as it came, whatever it asks', () => {
    fc.assert(
      fc.property(policies, (file) => {
        const policy = policySchema.parse(file);
        const back = policyFrom(policyValues(policy, 0.5), policy);
        assert.deepEqual(policySchema.parse(back), back);
        assert.ok(samePolicy(back, policy));
        assert.ok(same(back, policy));
        assert.deepEqual(policyFaults(policyValues(policy, 0.5)), {});
      }),
    );
  });
  test('is the same by the same things asked, here and on the server', () => {
    fc.assert(
      fc.property(policies, policies, (a, b) => {
        const [one, other] = [policySchema.parse(a), policySchema.parse(b)];
        assert.equal(samePolicy(one, other), same(one, other));
      }),
    );
  });
  test('whose rates are not asked for by name keeps none of those that were typed', () => {
    const values = { ...policyValues(DEFAULT, 0.5), providers: [{ key: 0, provider: 'gmail', percent: 70 }] };
    assert.deepEqual(policyFrom(values, DEFAULT).minInboxRate, {});
    assert.deepEqual(policyFrom({ ...values, testNeeded: true }, DEFAULT).minInboxRate, { '*': 0.5, gmail: 0.7 });
  });
  for (const [change, faults] of [
    [{ minScore: 101 }, { minScore: 'score' }],
    [{ minScore: 0.5 }, { minScore: 'score' }],
    [{ minScore: '' }, {}],
    [{ allPercent: '' }, {}],
    [{ testNeeded: true, allPercent: '' }, { allPercent: 'rate-needed' }],
    [{ testNeeded: true, allPercent: 101 }, { allPercent: 'rate' }],
    [{ testNeeded: true, allPercent: '', providers: [{ key: 4, provider: 'gmail', percent: 0 }] }, {}],
    [{ testNeeded: true, providers: [{ key: 4, provider: null, percent: 70 }] }, { 'provider-4': 'provider-needed' }],
    [{ testNeeded: true, providers: [{ key: 4, provider: 'gmail', percent: '' }] }, { 'provider-4': 'rate' }],
  ] as [Partial<PolicyValues>, Record<string, string>][])
    test(`${JSON.stringify(change)} is ${JSON.stringify(faults)}`, () =>
      assert.deepEqual(policyFaults({ ...policyValues(DEFAULT, 0.5), ...change }), faults));

  test('a complaint about a file has its field', () => {
    for (const [path, field] of [
      ['minInboxRate.gmail', 'minInboxRate'],
      ['ignore.3', 'ignore'],
      ['minScores', null],
      ['', null],
    ] as const)
      assert.equal(fieldOf(path), field);
  });
  test('its file has a name that any disk takes', () => {
    for (const [name, file] of [
      ['Winter boots', 'Winter-boots.policy.json'],
      ['春の大セール', '春の大セール.policy.json'],
      ['../../etc/passwd', 'etc-passwd.policy.json'],
      ['<b>Sale</b> : 50 %', 'b-Sale-b-50.policy.json'],
      ['…', 'policy.json'],
    ] as const)
      assert.equal(policyFileName(name), file);
  });
  test('every finding can be accepted by its title, under the check that raises it', () => {
    const [campaign, domain, sentences] = ['campaign.en.json', 'findings.en.json', 'en.json'].map((file) =>
      JSON.parse(readFileSync(new URL(`../../server/words/${file}`, import.meta.url), 'utf8')),
    );
    const catalogue = speak({ campaign, domain, sentences }).catalogue();
    const raisedBy = new Map(catalogue.map(({ id, check }) => [id, check]));
    for (const [id, { check }] of Object.entries(CAMPAIGN_FINDINGS)) assert.equal(raisedBy.get(id), check, id);
    for (const id of Object.keys(DOMAIN_FINDINGS)) assert.equal(raisedBy.get(id), 'domain', id);
    assert.equal(new Set(catalogue.map(({ title }) => title)).size, catalogue.length, 'two have the same title');
  });
});
