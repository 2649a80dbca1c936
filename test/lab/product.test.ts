/**
 * The main job on software nobody here wrote: the whole program sends through real Postfix, rspamd judges, Dovecot files with Sieve, and the
 * program finds every probe again over IMAP and POP3. All through the API, as people's scripts do.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ImapFlow } from 'imapflow';
import type { Probe, Run } from '../flow/world.ts';
import { type Lab, labMissing } from './lab.ts';
import { SPAM_PATTERN } from './patterns.ts';
import { accountOf, type LabWorld, startLabWorld } from './world.ts';

const missing = labMissing();

describe('the core flow on real Postfix, rspamd and Dovecot', { skip: missing ?? false }, () => {
  let world: LabWorld;
  let lab: Lab;
  let call: LabWorld['call'];
  let add: LabWorld['add'];
  const seeds: Record<'imaps' | 'starttls' | 'pop3s' | 'stls' | 'locked', string> = {
    imaps: '',
    starttls: '',
    pop3s: '',
    stls: '',
    locked: '',
  };
  let sender = '';
  let forger = '';

  before(async () => {
    world = await startLabWorld();
    ({ lab, call, add } = world);
    const { user, password, fromAddress } = lab.sender;
    sender = await add('/api/senders', {
      name: 'Newsletter',
      fromAddress,
      smtp: { ...lab.smtps, security: 'tls', user, password },
      minGapSeconds: 0,
      dailyLimit: 1000,
    });
    forger = await add('/api/senders', {
      name: 'Somebody else',
      fromAddress: 'service@bank.test',
      smtp: { ...lab.mx, security: 'starttls', user: null, password: null },
      minGapSeconds: 0,
      dailyLimit: 1000,
    });
    // Two accounts, each over IMAP and POP3: both protocols must tell of the same mail in their own way.
    seeds.imaps = await add('/api/seeds', { ...accountOf(lab, 0), protocol: 'imap', ...lab.imaps, security: 'tls' });
    seeds.starttls = await add('/api/seeds', {
      ...accountOf(lab, 1),
      protocol: 'imap',
      ...lab.imap,
      security: 'starttls',
    });
    seeds.pop3s = await add('/api/seeds', { ...accountOf(lab, 0), protocol: 'pop3', ...lab.pop3s, security: 'tls' });
    seeds.stls = await add('/api/seeds', { ...accountOf(lab, 1), protocol: 'pop3', ...lab.pop3, security: 'starttls' });
    seeds.locked = await add('/api/seeds', {
      ...accountOf(lab, 2),
      password: 'wrong',
      protocol: 'imap',
      ...lab.imaps,
      security: 'tls',
    });
  });
  after(() => world?.stop());

  /** One run of a monitor of its own, until each probe has an outcome. @returns the probe of each seed */
  const run = async (
    senderId: string,
    seedIds: string[],
    message: unknown,
    missingAfterSeconds = 60,
  ): Promise<Map<string, Probe>> => {
    const monitor = await add('/api/monitors', {
      name: `lab ${Math.random()}`,
      senderId,
      seedIds,
      message,
      schedule: null,
      lateAfterSeconds: Math.min(30, missingAfterSeconds - 1),
      missingAfterSeconds,
      watchSeconds: 120,
    });
    const id = await add(`/api/monitors/${monitor}/runs`, undefined);
    const deadline = Date.now() + 90_000;
    for (;;) {
      const seen = await call<Run>('GET', `/api/runs/${id}`);
      if (seen.state !== 'running') return new Map(seen.probes.map((probe) => [probe.seedId, probe]));
      if (Date.now() > deadline) {
        const where = seen.probes.map((probe) => `${probe.seed} ${probe.protocol}: ${probe.outcome} (${probe.reason})`);
        throw new Error(`the run did not end in 90 s\n${where.join('\n')}\n${await lab.logs()}`);
      }
      await sleep(200);
    }
  };
  const of = (probes: Map<string, Probe>, seedId: string): Probe => {
    const probe = probes.get(seedId);
    assert.ok(probe);
    return probe;
  };

  test('checks sign in for real and tell what they saw', async () => {
    const smtp = await call<{ ok: boolean; reason: string; tls: { version: string }; sizeLimit: number }>(
      'POST',
      `/api/senders/${sender}/checks`,
    );
    assert.deepEqual(
      [smtp.ok, smtp.reason, smtp.tls.version, smtp.sizeLimit],
      [true, 'accepted', 'TLSv1.3', 26_214_400],
    );
    for (const seed of [seeds.imaps, seeds.starttls]) {
      const check = await call<{ ok: boolean; reason: string; junk: unknown }>('POST', `/api/seeds/${seed}/checks`);
      assert.deepEqual([check.ok, check.reason], [true, 'readable']);
      assert.deepEqual(check.junk, { path: 'Junk', source: 'special-use' });
    }
    for (const seed of [seeds.pop3s, seeds.stls]) {
      const check = await call<{ ok: boolean; warnings: string[] }>('POST', `/api/seeds/${seed}/checks`);
      assert.ok(check.ok);
      assert.ok(check.warnings.includes('pop3-inbox-only'));
    }
    const locked = await call<{ ok: boolean; reason: string }>('POST', `/api/seeds/${seeds.locked}/checks`);
    assert.deepEqual([locked.ok, locked.reason], [false, 'wrong-password']);
  });

  test('good mail: inbox over IMAP and POP3, and both witnesses agree', async () => {
    const probes = await run(sender, [seeds.imaps, seeds.starttls, seeds.pop3s, seeds.stls], {
      template: 'one-link',
      language: 'ja',
    });
    for (const seed of [seeds.imaps, seeds.starttls, seeds.pop3s, seeds.stls]) {
      const probe = of(probes, seed);
      assert.equal(probe.outcome, 'placed', probe.reason);
      assert.equal(probe.placement?.kind, 'inbox');
      assert.equal(probe.reason, probe.protocol === 'pop3' ? 'pop3-inbox' : 'folder-inbox');
      assert.ok(probe.delayMs !== null && probe.delayMs >= 0 && !probe.late);
      const { reported, verified } = probe.authentication;
      assert.ok(reported && verified);
      assert.deepEqual(
        ['spf', 'dkim', 'dmarc'].map((mechanism) => reported[mechanism]?.result),
        ['pass', 'pass', 'pass'],
      );
      // SPF is computed again for the hop into the receiving side, as Postfix wrote it down.
      const { spf, dkim, dmarc } = verified;
      assert.deepEqual([spf?.result, dkim?.result, dmarc?.result], ['pass', 'pass', 'pass'], JSON.stringify(verified));
    }
  });

  test('what looks like spam: Junk over IMAP, not seen over POP3, and never called missing without a doubt', async () => {
    const message = { subject: 'Great offer', text: `Buy now.\n${SPAM_PATTERN}\n` };
    const probes = await run(sender, [seeds.imaps, seeds.pop3s], message, 8);
    const imap = of(probes, seeds.imaps);
    assert.deepEqual(
      [imap.outcome, imap.placement, imap.reason],
      ['placed', { kind: 'spam', folder: 'Junk' }, 'folder-junk'],
    );
    const pop3 = of(probes, seeds.pop3s);
    assert.equal(pop3.placement, null);
    assert.deepEqual([pop3.outcome, pop3.reason], ['missing', 'not-seen-in-inbox']);
  });

  test('forged mail: Junk, and both witnesses say why', async () => {
    const probes = await run(forger, [seeds.imaps], { template: 'plain', language: 'en' });
    const probe = of(probes, seeds.imaps);
    assert.deepEqual([probe.outcome, probe.placement?.kind], ['placed', 'spam'], probe.reason);
    assert.equal(probe.authentication.reported?.dmarc?.result, 'fail');
    assert.equal(probe.authentication.reported?.spf?.result, 'fail');
    assert.equal(probe.authentication.verified?.dkim?.result, 'none');
    assert.equal(probe.authentication.verified?.dmarc?.result, 'fail');
  });

  test('an account that cannot be read: unknown, never missing', async () => {
    const probes = await run(sender, [seeds.locked], { template: 'plain', language: 'en' }, 5);
    assert.equal(of(probes, seeds.locked).outcome, 'unknown');
  });

  test('reading left no trace: no mail was marked, moved or deleted', async () => {
    const account = lab.seeds[0];
    assert.ok(account);
    const client = new ImapFlow({
      ...lab.imaps,
      secure: true,
      auth: { user: account.user, pass: account.password },
      tls: { ca: lab.caPem },
      logger: false,
    });
    const failures: Error[] = [];
    client.on('error', (error: Error) => failures.push(error));
    await client.connect();
    try {
      for (const [path, least] of [
        ['INBOX', 1],
        ['Junk', 2],
      ] as const) {
        const state = await client.status(path, { messages: true, unseen: true });
        assert.ok(state);
        assert.ok((state.messages ?? 0) >= least, `${path}: ${state.messages}`);
        assert.equal(state.unseen, state.messages, path);
      }
    } finally {
      await client.logout();
    }
    assert.deepEqual(failures, []);
  });
});
