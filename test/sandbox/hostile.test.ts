/** The sandbox itself under attack: it is a demo on somebody's machine, and tests lean on it. Whatever is sent, it goes on. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import { type Sandbox, startSandbox } from '../../server/sandbox/sandbox.ts';
import { dial, read, send, until } from './world.ts';

let sandbox: Sandbox;
const log: string[] = [];
before(async () => {
  sandbox = await startSandbox({ log: (line) => log.push(line) });
});
after(async () => {
  await sandbox.stop();
  assert.deepEqual(
    log.filter((line) => /\n\s+at /.test(line)),
    [],
    'no bug was met',
  );
});

async function stillWell(): Promise<void> {
  const seed = sandbox.seed('well@plain.test');
  const client = await read(sandbox, seed);
  await client.logout();
}

describe('hostile clients', () => {
  test('garbage at every port', async () => {
    const ports = [
      ...Object.values(sandbox.ports).flatMap((each) => Object.values(each)),
      sandbox.submission.tlsPort,
      sandbox.submission.starttlsPort,
    ];
    const pieces = [
      randomBytes(3_000),
      Buffer.from('\r\n\r\n\r\n'),
      Buffer.from('a b c d {10\r\n'),
      Buffer.from('('.repeat(5_000)),
      Buffer.from([0x16, 3, 1, 0xff, 0xff]),
    ];
    await Promise.all(
      ports.flatMap((port) =>
        pieces.map(
          (bytes) =>
            new Promise<void>((done) => {
              const socket = net.connect(port, '127.0.0.1');
              socket.on('error', () => socket.destroy());
              socket.on('close', () => done());
              socket.write(bytes, () => setImmediate(() => socket.resetAndDestroy()));
            }),
        ),
      ),
    );
    await stillWell();
  });
  test('an endless line is cut off', async () => {
    const line = await dial(sandbox, sandbox.ports.dovecot.imaps, true);
    await line.expect(/\r\n/);
    line.send('a'.repeat(70_000));
    assert.match(await line.rest(), /^\* BYE Command line too long/m);
  });
  test('a large literal before the login is refused, whoever sends it', async () => {
    for (const command of ['a LOGIN {50000000}\r\n', 'a LOGIN {50000000+}\r\n', 'a LOGIN {99999999999999999999}\r\n']) {
      const line = await dial(sandbox, sandbox.ports.gmail.imaps, true);
      await line.expect(/\r\n/);
      line.send(command);
      line.send('b LOGOUT\r\n');
      assert.match(await line.rest(), /^\* BYE /m);
    }
  });
  test('after too many errors the connection ends', async () => {
    const line = await dial(sandbox, sandbox.ports.gmail.imaps, true);
    await line.expect(/\r\n/);
    line.send('x NONSENSE\r\n'.repeat(40));
    assert.match(await line.rest(), /BYE Too many invalid commands/);
  });
  test('commands slipped in before STARTTLS count for nothing', async () => {
    for (const [port, text] of [
      [sandbox.ports.dovecot.imap, 'a STARTTLS\r\nb LOGIN inbox@plain.test sandbox-password\r\n'],
      [sandbox.ports.dovecot.pop3, 'STLS\r\nUSER inbox@plain.test\r\nPASS sandbox-password\r\n'],
    ] as const) {
      const line = await dial(sandbox, port, false);
      await line.expect(/\r\n/);
      line.send(text);
      assert.match(await line.expect(/\r\n/), /OK/);
      line.close();
    }
    assert.equal(sandbox.stats('inbox@plain.test').logins, 0);
  });
  test('a connection that dies in IDLE or in a literal leaves nothing open', async () => {
    const { user, password, port } = sandbox.seed('dying@gmail.test');
    for (const last of ['b IDLE\r\n', 'b APPEND INBOX {1000}\r\nhalf', 'b FETCH 1:* (']) {
      const line = await dial(sandbox, port, true);
      line.send(`a LOGIN ${user} ${password}\r\na2 SELECT INBOX\r\n`);
      await line.expect(/^a2 OK .*\r\n/m);
      line.send(last);
      line.close();
    }
    await until(() => sandbox.stats('dying@gmail.test').connections === 0);
  });
  test('a search of a thousand brackets is an error, not a crash', async () => {
    const { user, password, port } = sandbox.seed('deep@plain.test');
    const line = await dial(sandbox, port, true);
    line.send(`a LOGIN ${user} ${password}\r\nb EXAMINE INBOX\r\n`);
    await line.expect(/^b OK .*\r\n/m);
    for (const criteria of [
      '('.repeat(1_000) + ')'.repeat(1_000),
      `${'NOT '.repeat(900)}ALL`,
      `${'OR '.repeat(500)}ALL`,
    ]) {
      line.send(`c SEARCH ${criteria}\r\n`);
      assert.match(await line.expect(/^c \w+ .*\r\n/m), /^c BAD/m);
    }
    line.send(`d LIST "" "${'*%'.repeat(400)}x"\r\n`);
    await line.expect(/^d OK .*\r\n/m);
    line.close();
  });
  test('XCLIENT may come once, and mail for strangers is not relayed by an MX', async () => {
    const line = await dial(sandbox, sandbox.ports.gmail.mx, false);
    await line.expect(/^220 .*\r\n/m);
    for (const [command, reply] of [
      ['EHLO x', /^250 .*\r\n/m],
      ['XCLIENT ADDR=203.0.113.9 NAME=[UNAVAILABLE]', /^220 .*\r\n/m],
      ['EHLO x', /^250 .*\r\n/m],
      ['XCLIENT ADDR=203.0.113.8', /^5\d\d .*\r\n/m],
      ['MAIL FROM:<a@good.test>', /^250 .*\r\n/m],
      ['RCPT TO:<b@example.com>', /^550 .*\r\n/m],
      ['RCPT TO:<b@outlook.test>', /^550 .*\r\n/m],
    ] as const) {
      line.send(`${command}\r\n`);
      await line.expect(reply);
    }
    line.close();
  });
  test('a header of a hundred thousand lines is refused at once', async () => {
    const line = await dial(sandbox, sandbox.ports.dovecot.mx, false);
    await line.expect(/^220 .*\r\n/m);
    line.send('EHLO x\r\n');
    await line.expect(/^250 .*\r\n/m);
    line.send('MAIL FROM:<a@good.test>\r\nRCPT TO:<b@plain.test>\r\nDATA\r\n');
    await line.expect(/^354 .*\r\n/m);
    line.send(`Subject: x\r\n${' y\r\n'.repeat(100_000)}\r\nbody\r\n.\r\n`);
    assert.match(await line.expect(/^5\d\d .*\r\n/m), /552 5\.3\.4/);
    line.close();
  });
  test('mails as hostile as they like are kept to the byte and fetched by imapflow', async () => {
    const mails = [
      Buffer.from(''),
      Buffer.from('\r\n'),
      Buffer.from('no header at all'),
      Buffer.from(
        `From: ${'<'.repeat(5_000)}\r\nTo: ${'"'.repeat(5_001)}\r\nContent-Type: multipart/mixed; boundary=\r\n\r\n--\r\n`,
      ),
      Buffer.from(
        `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n'.repeat(300)}`,
      ),
      Buffer.concat([Buffer.from('Subject: \xff\xfe\r\n\r\n', 'latin1'), randomBytes(5_000)]),
      Buffer.from(`__proto__: x\r\nconstructor: y\r\nSubject: =?x?b?${'A'.repeat(10_000)}?=\r\n\r\n`),
    ];
    for (const raw of mails) sandbox.deliver('hostile@gmail.test', raw);
    const client = await read(sandbox, sandbox.seed('hostile@gmail.test'));
    const lock = await client.getMailboxLock('INBOX', { readOnly: true });
    const found = await client.fetchAll('1:*', { source: true, envelope: true, bodyStructure: true, uid: true });
    assert.equal(found.length, mails.length);
    assert.deepEqual(
      found.map(({ source }) => source ?? Buffer.alloc(0)),
      mails,
    );
    assert.deepEqual(await client.search({ header: { __proto__x: 'x' } }, { uid: true }), []);
    assert.deepEqual(await client.search({ header: { constructor: 'y' } }, { uid: true }), [7]);
    lock.release();
    await client.logout();
  });
  test('a mail over the size limit is refused, before it is sent and after', async () => {
    const small = await startSandbox({ size: 20_000 });
    const sent = await send(small, 'good.test', 'inbox@plain.test', { text: 'x\r\n'.repeat(20_000) });
    assert.ok('code' in sent && sent.code === 552, JSON.stringify(sent));
    await small.stop();
  });
});

describe('stopping', () => {
  test('does not wait for clients, deliveries or notifications', async () => {
    const other = await startSandbox();
    const line = await dial(other, other.ports.gmail.imaps, true);
    await line.expect(/\r\n/);
    await send(other, 'good.test', 'slow-600s@plain.test');
    const ended = line.rest();
    await other.stop();
    await ended;
  });
});
