/** The sandbox in a process of its own. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { readAccepted, spawnSandbox } from '../../server/sandbox/process.ts';
import type { Sandbox } from '../../server/sandbox/sandbox.ts';
import { read, send, until } from './world.ts';

test('a world of its own, told in one line and asked over its input', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'todoku-child-'));
  const acceptedFile = path.join(folder, 'accepted.jsonl');
  const sandbox = await spawnSandbox({ acceptedFile, folder: path.join(folder, 'world') });
  try {
    assert.equal(sandbox.senders[0]?.fromAddress, 'probe@good.test');
    assert.equal(sandbox.seeds.length, 10);
    const { sender } = await senderNow(sandbox);
    const sent = await send({ caFile: sandbox.caFile, sender }, 'good.test', 'inbox-c@gmail.test');
    assert.ok('messageId' in sent);
    await until(async () => (await sandbox.accepted()).get(sent.messageId) === 1);
    assert.equal((await readAccepted(acceptedFile)).get(sent.messageId), 1);
    const raw = Buffer.from([0x53, 0x3a, 0xff, 0x0d, 0x0a, 0x0d, 0x0a, 0x00]);
    await sandbox.deliver('bytes@plain.test', raw, 'spam');
    assert.deepEqual((await sandbox.folders('bytes@plain.test')).get('Junk')?.[0]?.raw, raw);
    const client = await read(sandbox, await sandbox.seed('inbox-c@gmail.test', 'imap', 'starttls'));
    await client.logout();
    assert.equal((await sandbox.stats('inbox-c@gmail.test')).logins, 1);
    await sandbox.renumber('bytes@plain.test');
    assert.deepEqual((await sandbox.folders('bytes@plain.test')).get('Junk')?.[0]?.raw, raw);
    await sandbox.setFate('inbox-c@gmail.test', 'imap-down');
    await assert.rejects(read(sandbox, await sandbox.seed('inbox-c@gmail.test')));
    await assert.rejects(sandbox.seed('anna@nowhere.test'), /no accounts/);
  } finally {
    await sandbox.stop();
    assert.equal(existsSync(sandbox.caFile), false);
    await rm(folder, { recursive: true, force: true });
  }
  await assert.rejects(sandbox.stats('inbox-c@gmail.test'), /ended/);
});

/** `send` wants the sender at once; the child gives it by promise. */
async function senderNow(sandbox: Awaited<ReturnType<typeof spawnSandbox>>): Promise<Pick<Sandbox, 'sender'>> {
  const known = await sandbox.sender('good.test');
  return { sender: () => known };
}
