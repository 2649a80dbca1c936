/** What a shared report keeps to itself: the accounts that were written to, and what tells one recipient from another in addresses. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { withPlacement } from '../../server/campaign/audit.ts';
import { type Landing, sumUp } from '../../server/campaign/placement.ts';
import { DEFAULT_POLICY } from '../../server/campaign/policy.ts';
import { createReader } from '../../server/campaign/reader.ts';
import { campaignPage } from '../../server/report/campaign-page.ts';
import { forReaders } from '../../server/report/for-readers.ts';
import { auditCase, readCase } from './case.ts';

const reader = createReader({ timeoutMs: 20_000 });
after(reader.close);

test('seeds are known by their provider, addresses without what stands behind a question mark', async () => {
  const bare = await auditCase('links-plain', readCase('links-plain'), reader);
  const landing: Landing = {
    ...{ arm: 'campaign', repeat: 0, probeId: 'probe-id', runId: 'run-id', seedId: 'seed-id' },
    ...{
      seed: 'secret.seed@gmail.com',
      provider: 'gmail',
      protocol: 'imap',
      outcome: 'placed',
      reason: 'folder-inbox',
    },
    ...{ placement: { kind: 'inbox', folder: 'INBOX' }, late: false, sendAt: null, sentAt: null, delayMs: 1_000 },
    ...{ reported: null, verified: null },
  };
  const placement = sumUp(
    {
      ...{ by: 'watch', sender: null, fromReplaced: false, unsigned: false, repeats: 1, gapSeconds: 0 },
      ...{ startedAt: '', endsAt: '', landings: [landing] },
    },
    true,
    DEFAULT_POLICY,
  );
  const link = {
    ...{ url: 'https://shop.example/u/unsub?user=4711', skipped: null, status: 200, failure: null },
    ...{ badCertificate: false, final: 'https://shop.example/bye#4711', redirects: 1, https: true, milliseconds: 9 },
  };
  const finding = bare.findings.find(({ id }) => id === 'links-plain');
  assert.ok(finding);
  const evidence = {
    ...finding.evidence,
    url: 'http://shop.example/?user=4711',
    urls: ['https://a.example/?user=4711'],
  };
  const audit = withPlacement({ ...bare, links: [link], findings: [{ ...finding, evidence }] }, placement);
  const own = campaignPage(audit, 'en');
  assert.match(own, /secret\.seed@gmail\.com/);
  assert.match(own, /user=4711/);
  const shown = campaignPage(forReaders(audit), 'en');
  assert.doesNotMatch(shown, /secret\.seed|4711|probe-id|run-id|seed-id/);
  assert.match(shown, /s…@gmail\.com/);
  assert.match(shown, /https:\/\/shop\.example\/u\/unsub\?…/);
  // What it says stays what it was.
  assert.deepEqual(forReaders(audit).verdict, audit.verdict);
  assert.deepEqual(forReaders(audit).placement?.campaign, audit.placement?.campaign);
});
