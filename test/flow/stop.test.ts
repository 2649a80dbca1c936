/** SIGTERM while servers stall: the program ends within ten seconds, with 0, and what it left in the middle is settled by the next start. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readAccepted, spawnSandbox } from '../../server/sandbox/process.ts';
import { callApi, type Run, spawnVictim, type Victim } from './world.ts';

test('told to stop while one server is slow to take a mail and another says nothing at all', {
  timeout: 90_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'todoku-stop-'));
  const acceptedFile = join(folder, 'accepted.jsonl');
  const sandbox = await spawnSandbox({ acceptedFile });
  const sockets = new Set<net.Socket>();
  const mute = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
  });
  await once(mute.listen(0, '127.0.0.1'), 'listening');
  let victim: Victim | null = null;
  try {
    victim = await spawnVictim(sandbox, join(folder, 'data'));
    const { url, token } = victim;
    const post = <T>(path: string, body?: unknown) => callApi<T>(url, token, 'POST', path, body);
    const { id: senderId } = await post<{ id: string }>('/api/senders', {
      ...(await sandbox.sender('good.test')),
      dailyLimit: 1_000,
      minGapSeconds: 0,
    });
    const seedIds: string[] = [];
    for (const address of ['inbox@plain.test', 'late-250-20s@plain.test', 'inbox-2@plain.test'])
      seedIds.push((await post<{ id: string }>('/api/seeds', await sandbox.seed(address))).id);
    for (const protocol of ['imap', 'pop3'] as const)
      seedIds.push(
        (
          await post<{ id: string }>('/api/seeds', {
            ...(await sandbox.seed(`inbox-mute@plain.test`, protocol)),
            port: (mute.address() as net.AddressInfo).port,
          })
        ).id,
      );
    const { id: monitor } = await post<{ id: string }>('/api/monitors', {
      name: 'stop',
      senderId,
      seedIds,
      message: { template: 'plain', language: 'en' },
      schedule: null,
    });
    const { id: run } = await post<{ id: string }>(`/api/monitors/${monitor}/runs`);
    let probes: Run['probes'] = [];
    do {
      await sleep(100);
      probes = (await callApi<Run>(url, token, 'GET', `/api/runs/${run}`)).probes;
    } while (
      !probes.some((probe) => probe.outcome === 'sending') ||
      probes.some((probe) => probe.outcome === 'queued')
    );
    assert.ok(sockets.size >= 1, 'the mute server is being read');
    await sleep(300);

    const began = Date.now();
    const gone = once(victim.child, 'exit');
    victim.child.kill('SIGTERM');
    const [code] = await gone;
    assert.equal(code, 0);
    assert.ok(Date.now() - began <= 10_000, `it took ${Date.now() - began} ms`);

    victim = await spawnVictim(sandbox, join(folder, 'data'));
    const again = victim;
    const until = Date.now() + 40_000;
    for (;;) {
      probes = (await callApi<Run>(again.url, again.token, 'GET', `/api/runs/${run}`)).probes;
      const placed = probes.filter((probe) => probe.outcome === 'placed').length;
      if (placed === 3 || Date.now() > until) break;
      await sleep(300);
    }
    const states = probes.map((probe) => `${probe.seed} ${probe.outcome}`).sort();
    assert.deepEqual(
      states.filter((state) => !state.includes('mute')),
      ['inbox-2@plain.test placed', 'inbox@plain.test placed', 'late-250-20s@plain.test placed'],
    );
    for (const [id, times] of await readAccepted(acceptedFile)) assert.equal(times, 1, id);
  } finally {
    victim?.child.kill('SIGKILL');
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => mute.close(resolve));
    await sandbox.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
