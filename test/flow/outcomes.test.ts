import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  addMonitor,
  addSeed,
  addSender,
  decided,
  type Probe,
  type Run,
  startRun,
  startWorld,
  type World,
  waitForRun,
} from './world.ts';

/** Every fate of the embedded world, through the whole program: sent, found, judged, stored, told. */
const TABLE: readonly (readonly [
  seed: string,
  protocol: 'imap' | 'pop3',
  outcome: string,
  placement: string | null,
  reason: string,
])[] = [
  ['inbox@gmail.test', 'imap', 'placed', 'inbox', 'folder-inbox'],
  ['promotions@gmail.test', 'imap', 'placed', 'tab:promotions', 'gmail-tab-promotions'],
  ['social@gmail.test', 'imap', 'placed', 'tab:social', 'gmail-tab-social'],
  ['updates@gmail.test', 'imap', 'placed', 'tab:updates', 'gmail-tab-updates'],
  ['forums@gmail.test', 'imap', 'placed', 'tab:forums', 'gmail-tab-forums'],
  ['spam@gmail.test', 'imap', 'placed', 'spam', 'folder-junk'],
  ['inbox@outlook.test', 'imap', 'placed', 'inbox', 'folder-inbox'],
  ['spam@outlook.test', 'imap', 'placed', 'spam', 'folder-junk'],
  ['inbox@yahoo.test', 'imap', 'placed', 'inbox', 'folder-inbox'],
  ['spam@yahoo.test', 'imap', 'placed', 'spam', 'folder-junk'],
  ['spam@yahoo-japan.test', 'imap', 'placed', 'spam', 'folder-junk'],
  ['other@plain.test', 'imap', 'placed', 'other', 'folder-other'],
  ['inbox@plain.test', 'pop3', 'placed', 'inbox', 'pop3-inbox'],
  ['spam-pop@yahoo-japan.test', 'pop3', 'missing', null, 'not-seen-in-inbox'],
  ['missing@plain.test', 'imap', 'missing', null, 'not-seen-in-time'],
  ['imap-down@outlook.test', 'imap', 'unknown', null, 'seed-unreadable'],
  ['550@plain.test', 'imap', 'rejected', null, 'no-such-user'],
  ['unauthenticated@plain.test', 'imap', 'rejected', null, 'refused-by-policy'],
  ['policy@plain.test', 'imap', 'rejected', null, 'refused-by-content'],
  ['content@plain.test', 'imap', 'rejected', null, 'refused-by-content'],
  ['bounce@plain.test', 'imap', 'bounced', null, 'bounced'],
];

let world: World;
let run: Run;
const bySeed = (address: string, protocol: string) =>
  run.probes.find((probe) => probe.seed === address && probe.protocol === protocol) as Probe;

before(async () => {
  world = await startWorld();
  const sender = await addSender(world, 'good.test');
  await addSeed(world, world.sandbox.sender('good.test').fromAddress);
  const seeds: string[] = [];
  for (const [address, protocol] of TABLE) seeds.push(await addSeed(world, address, protocol));
  seeds.push(await addSeed(world, 'slow-6s@yahoo.test'), await addSeed(world, 'full@plain.test'));
  const monitor = await addMonitor(world, sender, seeds);
  run = await waitForRun(world, await startRun(world, monitor), (now) =>
    now.probes
      .filter((p) => !['rejected'].includes(p.outcome))
      .every((p) => !['queued', 'sending', 'accepted'].includes(p.outcome)),
  );
});
after(async () => world?.stop());

for (const [address, protocol, outcome, placement, reason] of TABLE)
  test(`${address} over ${protocol}: ${outcome} ${placement ?? ''}`, () => {
    const probe = bySeed(address, protocol);
    const where = probe.placement ? (probe.placement.tab ? `tab:${probe.placement.tab}` : probe.placement.kind) : null;
    assert.deepEqual([probe.outcome, where, probe.reason], [outcome, placement, reason]);
  });

test('a slow delivery is placed, and late', () => {
  const probe = bySeed('slow-6s@yahoo.test', 'imap');
  assert.deepEqual([probe.outcome, probe.placement?.kind, probe.late], ['placed', 'inbox', true]);
  assert.ok((probe.delayMs ?? 0) >= 5_000);
});

test('a full seed defers', () =>
  assert.deepEqual(
    [bySeed('full@plain.test', 'imap').outcome, bySeed('full@plain.test', 'imap').reason],
    ['deferred', 'seed-full'],
  ));

test('good.test passes everywhere, in the words of both witnesses', () => {
  for (const probe of run.probes.filter((p) => p.outcome === 'placed')) {
    const verified = probe.authentication.verified;
    assert.deepEqual(
      [probe.seed, verified?.spf?.result, verified?.dkim?.result, verified?.dmarc?.result],
      [probe.seed, 'pass', 'pass', 'pass'],
    );
    const reported = probe.authentication.reported;
    assert.deepEqual(
      [probe.seed, reported?.spf?.result, reported?.dkim?.result, reported?.dmarc?.result],
      [probe.seed, 'pass', 'pass', 'pass'],
    );
  }
});

test('nothing was accepted twice, and reading changed nothing', () => {
  for (const [id, times] of world.sandbox.accepted) assert.equal(times, 1, id);
  for (const [address, protocol] of TABLE) {
    if (protocol !== 'imap') continue;
    for (const messages of world.sandbox.folders(address).values())
      for (const message of messages)
        assert.deepEqual(
          [...message.flags].filter((flag) => flag !== '\\Recent'),
          [],
          address,
        );
  }
});

test('the way, the headers, the dialogue and the raw message are kept as evidence', async () => {
  const probe = bySeed('inbox@gmail.test', 'imap');
  const whole = await world.call<
    Record<string, unknown> & { hops: unknown[]; sightings: unknown[]; dialogues: unknown[] }
  >('GET', `/api/probes/${probe.id}`);
  assert.ok(whole.hops.length > 0 && whole.sightings.length > 0);
  const text = JSON.stringify(whole);
  const { smtp } = world.sandbox.sender('good.test');
  assert.ok(text.includes('250'), 'the reply is kept');
  assert.ok(!text.includes(smtp.password) && !text.includes(Buffer.from(smtp.password).toString('base64')));
  const raw = await fetch(`${world.todoku.url}/api/probes/${probe.id}/message`, {
    headers: { authorization: `Bearer ${world.token}` },
  });
  const delivered = [...world.sandbox.folders('inbox@gmail.test').values()]
    .flat()
    .map((message) => message.raw.toString('latin1'));
  assert.ok(delivered.includes(Buffer.from(await raw.arrayBuffer()).toString('latin1')), 'byte for byte');
});

test('rates carry n and an interval; unknown stands beside', async () => {
  const whole = await world.call<{
    summary: { counts: { unknown: number }; rates: { inbox: { n: number; low: number; high: number } } };
  }>('GET', `/api/runs/${run.id}`);
  assert.equal(whole.summary.counts.unknown, 1);
  const { inbox } = whole.summary.rates;
  assert.ok(inbox.low < inbox.high && inbox.n <= run.probes.length - 1);
});

test('a run comes to an end', async () => {
  const seed = (await world.call<{ items: { id: string; address: string }[] }>('GET', '/api/seeds')).items.find(
    (one) => one.address === 'inbox@plain.test',
  );
  const sender = await addSender(world, 'no-dmarc.test');
  const monitor = await addMonitor(world, sender, [seed?.id ?? ''], { watchSeconds: 9 });
  const over = await waitForRun(world, await startRun(world, monitor), decided);
  assert.equal(over.state, 'complete');
  assert.equal(over.probes[0]?.authentication.verified?.dmarc?.result, 'none');
});
