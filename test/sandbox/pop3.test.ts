/** POP3 as spoken by hand: greetings, logins, and every byte of a mail. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Sandbox, startSandbox } from '../../server/sandbox/sandbox.ts';
import { dial, encrypt, type Line } from './world.ts';

let sandbox: Sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox.stop());

async function open(address: string, security: 'tls' | 'starttls' = 'tls'): Promise<Line> {
  const seed = sandbox.seed(address, 'pop3', security);
  const line = await dial(sandbox, seed.port, security === 'tls');
  assert.match(await line.expect(/\r\n/), /^\+OK /);
  if (security === 'tls') return line;
  assert.match(await capa(line), /^STLS\r$/m);
  assert.match(await one(line, `USER ${address}`), /^-ERR \[AUTH\]/);
  assert.match(await one(line, 'STLS'), /^\+OK/);
  return encrypt(sandbox, line);
}

async function one(line: Line, command: string): Promise<string> {
  line.send(`${command}\r\n`);
  return line.expect(/\r\n/);
}
async function capa(line: Line): Promise<string> {
  line.send('CAPA\r\n');
  return line.expect(/\r\n\.\r\n/);
}
/** A many-line answer with dots taken off again. */
async function many(line: Line, command: string): Promise<Buffer> {
  line.send(`${command}\r\n`);
  assert.match(await line.expect(/^[^\n]*\r\n/), /^\+OK/);
  const body = await line.expect(/(^|\r\n)\.\r\n/);
  return Buffer.from(body.slice(0, -3).replace(/^\.\./gm, '.'), 'latin1');
}
async function logIn(line: Line, address: string): Promise<string> {
  assert.match(await one(line, `USER ${address}`), /^\+OK/);
  return one(line, `PASS ${sandbox.seed(address, 'pop3').password}`);
}

const DOTS = Buffer.from('Subject: dots\r\nX-Todoku-Probe: t\r\n\r\n.\r\n..\r\n...three\r\nend\r\n.last\r\n');
const BYTES = Buffer.concat([
  Buffer.from('Subject: bytes\r\n\r\n'),
  Buffer.from(Array.from({ length: 256 }, (_, i) => i).filter((i) => i !== 10 && i !== 13)),
  Buffer.from('\r\n'),
]);

describe('POP3', () => {
  for (const security of ['tls', 'starttls'] as const) {
    test(`reads the inbox byte for byte over ${security}`, async () => {
      const address = `pop-${security}@plain.test`;
      for (const raw of [DOTS, BYTES]) sandbox.deliver(address, raw);
      sandbox.deliver(address, DOTS, 'spam');
      const line = await open(address, security);
      assert.match(await logIn(line, address), /^\+OK 2 messages/);
      assert.equal((await many(line, 'LIST')).toString(), `1 ${DOTS.length}\r\n2 ${BYTES.length}\r\n`);
      assert.deepEqual(await many(line, 'RETR 1'), DOTS);
      assert.deepEqual(await many(line, 'RETR 2'), BYTES);
      assert.deepEqual(await many(line, 'TOP 1 0'), Buffer.from('Subject: dots\r\nX-Todoku-Probe: t\r\n\r\n'));
      assert.deepEqual(
        await many(line, 'TOP 1 2'),
        Buffer.from('Subject: dots\r\nX-Todoku-Probe: t\r\n\r\n.\r\n..\r\n'),
      );
      const first = (await many(line, 'UIDL')).toString();
      assert.match(first, /^1 \S{1,70}\r\n2 \S{1,70}\r\n$/);
      assert.match(await one(line, 'RETR 3'), /^-ERR/);
      assert.match(await one(line, 'STAT'), new RegExp(`^\\+OK 2 ${DOTS.length + BYTES.length}\r`));
      assert.match(await one(line, 'QUIT'), /^\+OK/);
      const again = await open(address);
      await logIn(again, address);
      assert.equal((await many(again, 'UIDL')).toString(), first, 'UIDLs stay');
      again.close();
      assert.equal(sandbox.stats(address).writes, 0);
    });
  }
  test('only DELE and a proper QUIT delete', async () => {
    const address = 'pop-delete@yahoo.test';
    sandbox.deliver(address, DOTS);
    const rude = await open(address);
    await logIn(rude, address);
    await one(rude, 'DELE 1');
    rude.close();
    const polite = await open(address);
    assert.match(await logIn(polite, address), /^\+OK 1 /);
    await one(polite, 'DELE 1');
    assert.match(await one(polite, 'RETR 1'), /^-ERR/);
    await one(polite, 'QUIT');
    assert.equal(sandbox.folders(address).get('INBOX')?.length, 0);
    assert.equal(sandbox.stats(address).writes, 2);
  });
  test('logins that fail, by their codes', async () => {
    for (const [address, pattern] of [
      ['imap-down@plain.test', /^-ERR \[SYS\/TEMP\]/],
      ['wrong-password@gmail.test', /^-ERR \[AUTH\]/],
      ['throttled@yahoo.test', /^-ERR \[LOGIN-DELAY\]/],
      ['in-use@plain.test', /^-ERR \[IN-USE\]/],
    ] as const) {
      const line = await open(address);
      assert.match(await logIn(line, address), pattern);
      line.close();
    }
    const line = await open('inbox@plain.test');
    await one(line, 'USER inbox@plain.test');
    assert.match(await one(line, 'PASS nonsense'), /^-ERR \[AUTH\]/);
    assert.match(await one(line, 'LIST'), /^-ERR/);
    assert.match(await logIn(line, 'inbox@plain.test'), /^\+OK/);
    line.close();
  });
});
