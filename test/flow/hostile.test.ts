/**
 * Ten healthy seeds and nine whose servers stall, flood or lie, in one run: the healthy ones are found as always, the others end as unknown with a typed
 * reason, and memory stays bounded. And servers that take a mail and hide it: each mail is taken once and found.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { flood, type Script, startScript } from '../seed/script.ts';
import { addMonitor, addSeed, addSender, startRun, startWorld, type World, waitForRun } from './world.ts';

const GREETING = '* OK [CAPABILITY IMAP4rev1 IDLE] ready\r\n';
const HOSTILE: Record<string, Parameters<typeof startScript>[0]> = {
  mute: () => undefined,
  'closes at once': (client) => client.socket.end(),
  resets: (client) => client.socket.resetAndDestroy(),
  'floods before the greeting': (client) => flood(client, Buffer.alloc(65_536, 0x41)),
  'floods untagged answers': (client) => {
    client.send(GREETING);
    client.onLine(() => {
      flood(client, '* 1 EXISTS\r\n'.repeat(4_000));
      return null;
    });
  },
  'a literal of a gigabyte': (client) => {
    client.send(GREETING);
    client.onLine((line) => {
      if (!/LOGIN|AUTHENTICATE/i.test(line)) return `${line.split(' ')[0]} OK done`;
      client.send('* LIST () "/" {1073741824}\r\n');
      flood(client, Buffer.alloc(65_536, 0x42));
      return null;
    });
  },
  'greets and says no more': (client) => client.send(GREETING),
  'speaks SMTP': (client) => {
    client.send('220 mail.example ESMTP\r\n');
    client.onLine(() => '250 OK');
  },
  'says every folder is gone': (client) => {
    client.send(GREETING);
    client.onLine((line) => {
      const [tag, verb] = line.split(' ');
      if (/LOGIN|CAPABILITY|ID|NAMESPACE|ENABLE/i.test(verb ?? '')) return `${tag} OK done`;
      if (/LIST|LSUB/i.test(verb ?? '')) return `* LIST (\\HasNoChildren) "/" INBOX\r\n${tag} OK done`;
      return `${tag} NO [NONEXISTENT] Mailbox doesn't exist`;
    });
  },
};

let world: World;
const scripts: Script[] = [];
before(async () => {
  world = await startWorld();
});
after(async () => {
  await world?.stop();
  for (const script of scripts) await script.stop();
});

test('hostile seeds among healthy ones', async () => {
  const sender = await addSender(world, 'good.test');
  const seeds: string[] = [];
  for (let i = 0; i < 10; i++) seeds.push(await addSeed(world, `inbox-healthy${i}@${i % 2 ? 'gmail' : 'plain'}.test`));
  for (const [at, talk] of Object.values(HOSTILE).entries()) {
    const script = await startScript(talk);
    scripts.push(script);
    seeds.push(await addSeed(world, `inbox-hostile${at}@plain.test`, 'imap', { port: script.port, security: 'none' }));
  }
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 100);
  const run = await startRun(world, await addMonitor(world, sender, seeds));
  try {
    const healthy = await waitForRun(
      world,
      run,
      (now) => now.probes.filter((p) => p.seed.includes('healthy')).every((p) => p.outcome === 'placed'),
      10_000,
    );
    for (const probe of healthy.probes.filter((p) => p.seed.includes('healthy')))
      assert.ok((probe.delayMs ?? 99_999) < 5_000, `${probe.seed} after ${probe.delayMs} ms`);
    const over = await waitForRun(
      world,
      run,
      (now) => now.probes.every((p) => p.outcome === 'placed' || p.outcome === 'unknown'),
      75_000,
    );
    for (const probe of over.probes.filter((p) => p.seed.includes('hostile')))
      assert.deepEqual([probe.outcome, probe.reason], ['unknown', 'seed-unreadable']);
    const shown = await world.call<{ items: { address: string; unreadable: { reason: string } | null }[] }>(
      'GET',
      '/api/seeds?unreadable=true',
    );
    assert.equal(shown.items.length, scripts.length);
    for (const { address, unreadable } of shown.items)
      assert.match(
        unreadable?.reason ?? '',
        /^(timeout|connection-lost|answer-too-large|protocol-error|folder-missing|login-unavailable)$/,
        address,
      );
  } finally {
    clearInterval(watch);
  }
  // A hundred of it is what ten healthy probes and the first verification take; the flooding servers live in this process, too.
  assert.ok(most - before < 330e6, `${Math.round((most - before) / 1e6)} MB more`);
});

test('servers that take a mail and hide it: taken once, placed once', async () => {
  const sender = await addSender(world, 'good.test', { name: 'ambiguous' });
  const seeds: string[] = [];
  for (const fate of ['drop-after-dot', 'rst-after-dot', 'late-250-6s'])
    for (let i = 0; i < 4; i++) seeds.push(await addSeed(world, `${fate}-a${i}@plain.test`));
  const monitor = await addMonitor(world, sender, seeds, { missingAfterSeconds: 300, watchSeconds: 600 });
  const taken = world.sandbox.accepted.size;
  const run = await startRun(world, monitor);
  await waitForRun(world, run, (now) => now.probes.every((probe) => probe.outcome === 'placed'), 60_000);
  assert.equal(world.sandbox.accepted.size - taken, seeds.length);
  for (const [id, times] of world.sandbox.accepted) assert.equal(times, 1, id);
});
