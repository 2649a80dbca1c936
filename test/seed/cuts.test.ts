/** A connection may die after any byte, in three ways. Nothing found is lost by it, nothing is found twice, and the next session goes on. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { type Sandbox, type SandboxSeed, startSandbox } from '../../server/sandbox/sandbox.ts';
import { openSeed, type ReadOptions } from '../../server/seed/session.ts';

let sandbox: Sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox.stop());

type Cut = 'fin' | 'reset' | 'silence';

/** Passes bytes on both ways, and cuts after the server has sent `bytes` of them. */
async function startCutter(to: number) {
  const plan = { bytes: Number.POSITIVE_INFINITY, how: 'fin' as Cut, passed: 0 };
  const sockets = new Set<net.Socket>();
  const server = net.createServer((near) => {
    const far = net.connect(to, '127.0.0.1');
    plan.passed = 0;
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket));
    }
    near.on('data', (chunk) => far.write(chunk)).on('close', () => far.destroy());
    far.on('close', () => near.end());
    far.on('data', (chunk: Buffer) => {
      const left = plan.bytes - plan.passed;
      plan.passed += chunk.length;
      if (left >= chunk.length) return near.write(chunk);
      if (left > 0) near.write(chunk.subarray(0, left));
      if (plan.how === 'fin') near.end();
      if (plan.how === 'reset') near.resetAndDestroy();
      return far.pause();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { plan, stop, port: (server.address() as net.AddressInfo).port };
}

for (const protocol of ['imap', 'pop3'] as const) {
  test(`${protocol}: cut every few hundred bytes`, async () => {
    const options: ReadOptions = {
      allowedNetworks: ['127.0.0.0/8'],
      extraCa: readFileSync(sandbox.caFile, 'utf8'),
      now: Date.now,
      timeouts: { connect: 120, silence: 120, open: 240, look: 240 },
    };
    const patient = { ...options, timeouts: {} };
    const address = `cut-${protocol}@gmail.test`;
    const tokens = ['one', 'two', 'three'];
    for (const token of tokens)
      sandbox.deliver(address, Buffer.from(`X-Todoku-Probe: ${token}\r\n\r\n${'body '.repeat(200)}\r\n`));
    const seed = sandbox.seed(address, protocol);
    const cutter = await startCutter(seed.port);
    const through: SandboxSeed = { ...seed, port: cutter.port };
    /** What one session finds, or null when it failed with a typed reason. */
    const read = async (with_: ReadOptions) => {
      const session = await openSeed(through, 'gmail', null, with_);
      if ('failure' in session) return null;
      const answer = await session.look({ folder: 'INBOX', tokens, messageIds: ['', '', ''], since: 0, cursor: null });
      await session.close();
      return 'failure' in answer ? null : answer.found.map(({ token }) => token).sort();
    };
    const all = [...tokens].sort();
    assert.deepEqual(await read(patient), all);
    const length = cutter.plan.passed;
    let failed = 0;
    for (let bytes = 1; bytes < length; bytes += 400) {
      cutter.plan.how = (['fin', 'reset', 'silence'] as const)[Math.floor(bytes / 400) % 3] ?? 'fin';
      cutter.plan.bytes = bytes;
      const found = await read(options);
      if (found === null) failed++;
      else assert.deepEqual(found, all, `${cutter.plan.how} after ${bytes}: all or a failure, never a part`);
      if (bytes % 2_000 === 1) {
        cutter.plan.bytes = Number.POSITIVE_INFINITY;
        assert.deepEqual(await read(patient), all, 'the next session goes on');
      }
    }
    assert.ok(failed > 5);
    await cutter.stop();
  });
}
