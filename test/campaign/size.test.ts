/** However large and hostile a mail is, what an audit keeps and shows of it stays small: it is stored for every audit, and sent to every open page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVerifier } from '../../server/authentication/verify.ts';
import { auditCampaign } from '../../server/campaign/audit.ts';
import { DEFAULT_POLICY } from '../../server/campaign/policy.ts';
import { createReader } from '../../server/campaign/reader.ts';
import { lookupThrough } from '../../server/net/connect.ts';
import { campaignJunit } from '../../server/report/campaign-junit.ts';
import { campaignPage } from '../../server/report/campaign-page.ts';
import { startWorld } from '../domain/world.ts';
import { NOW } from './case.ts';

const LIMIT = 1024 * 1024;

/** Long wherever something is long: fields, names of parts, addresses of links, which grow ninefold when they are written for a server. */
function swollen(): Buffer {
  const long = (length: number): string => 'x'.repeat(length);
  const links = Array.from(
    { length: 5_000 },
    (_, i) => `<a href="https://nowhere.test/${i}${'届'.repeat(60)}">${long(120)}</a>`,
  );
  const parts = Array.from(
    { length: 450 },
    (_, i) => `--b\nContent-Type: application/pdf; name="${i}${long(290)}"\nContent-ID: <${i}${long(290)}>\n\nx\n`,
  );
  return Buffer.from(
    [
      `From: ${long(1_500)} <${long(15_000)}@shop.example>`,
      `Subject: ${long(20_000)}`,
      `Date: ${long(60_000)}`,
      `Message-ID: <${long(60_000)}>`,
      ...Array.from({ length: 10 }, () => `DKIM-Signature: v=1; d=${long(4_000)}.example; s=${long(4_000)}; h=from`),
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      `--b\nContent-Type: text/html; charset=utf-8\n\n${links.join('\n')}`,
      ...parts,
      '--b--',
      `${long(76)}\n`.repeat(100_000),
    ].join('\n'),
  );
}

test('what is kept and shown of a swollen mail has an end', async () => {
  const reader = createReader({ timeoutMs: 30_000 });
  const world = await startWorld({ zone: '' });
  const verifier = createVerifier({ dnsServers: [world.dnsServer], threads: 1 });
  try {
    const app = {
      now: () => NOW,
      config: { ...world.app.config, rspamdUrl: null, spamd: null },
      reader,
      verifier,
      reach: world.reach,
    };
    const done = await auditCampaign(swollen(), app, {
      fromDomain: null,
      policy: DEFAULT_POLICY,
      offline: false,
      links: { lookup: lookupThrough(world.app.dns.query), httpsPort: world.httpsPort },
    });
    assert.ok('audit' in done);
    const { audit } = done;
    const unasked = audit.findings.find(({ id }) => id === 'links-unasked');
    // What is not listed is counted.
    assert.deepEqual([audit.message.links, unasked?.evidence.of, audit.links.length], [5_000, 5_000, 500]);
    assert.equal(audit.links.filter(({ skipped }) => skipped === null).length, 200);
    const sizes = {
      json: JSON.stringify(audit).length,
      page: campaignPage(audit, 'ja').length,
      junit: campaignJunit(audit, 'x', 'en').length,
    };
    for (const [what, size] of Object.entries(sizes)) assert.ok(size < LIMIT, `${what} has ${size} characters`);
  } finally {
    await Promise.all([reader.close(), verifier.close(), world.close()]);
  }
});
