/**
 * The lab itself, tried with the libraries alone: what arrives where, and what the receiving side says about it. If this fails, a failure of the
 * product in product.test.ts means nothing.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import tls from 'node:tls';
import { ImapFlow } from 'imapflow';
import nodemailer from 'nodemailer';
import { type Lab, labMissing, startLab } from './lab.ts';
import { SPAM_PATTERN } from './patterns.ts';

const missing = labMissing();

type Found = { folder: string; header: string };

describe('real Postfix, rspamd and Dovecot', { skip: missing ?? false }, () => {
  let lab: Lab;
  before(async () => {
    lab = await startLab();
  });
  after(async () => {
    await lab?.stop();
  });

  const submit = async (token: string, text: string, route: 'tls' | 'starttls' = 'tls'): Promise<string> => {
    const transport = nodemailer.createTransport({
      ...(route === 'tls' ? { ...lab.smtps, secure: true } : { ...lab.submission, requireTLS: true }),
      auth: { user: lab.sender.user, pass: lab.sender.password },
      tls: { ca: lab.caPem },
    });
    const info = await transport.sendMail({
      from: lab.sender.fromAddress,
      to: lab.seeds[0]?.address,
      subject: 'Minutes of Tuesday',
      text,
      headers: { 'X-Token': token },
    });
    transport.close();
    return info.response;
  };

  /** Mail from a machine nobody knows, straight to the receiving side, in somebody else's name. */
  const spoof = async (token: string): Promise<void> => {
    const transport = nodemailer.createTransport({ ...lab.mx, name: 'dialup.bank.test', tls: { ca: lab.caPem } });
    await transport.sendMail({
      from: 'service@bank.test',
      to: lab.seeds[0]?.address,
      subject: 'Your account',
      text: 'Please look at your account.',
      headers: { 'X-Token': token },
    });
    transport.close();
  };

  const find = async (token: string, seed = 0): Promise<Found> => {
    const account = lab.seeds[seed];
    assert.ok(account);
    const deadline = Date.now() + 20_000;
    const client = new ImapFlow({
      ...lab.imaps,
      secure: true,
      auth: { user: account.user, pass: account.password },
      tls: { ca: lab.caPem },
      logger: false,
      disableAutoIdle: true,
    });
    let failure: Error | null = null;
    client.on('error', (error: Error) => {
      failure = error;
    });
    await client.connect();
    try {
      while (Date.now() < deadline) {
        for (const folder of ['INBOX', 'Junk']) {
          const lock = await client.getMailboxLock(folder, { readOnly: true });
          try {
            const [uid] = (await client.search({ header: { 'X-Token': token } }, { uid: true })) || [];
            const message =
              uid === undefined ? false : await client.fetchOne(String(uid), { headers: true }, { uid: true });
            if (message) return { folder, header: message.headers?.toString('latin1') ?? '' };
          } finally {
            lock.release();
          }
        }
        await sleep(100);
      }
    } finally {
      await client.logout();
    }
    throw new Error(`not found in 20 s ${failure ?? ''}\n${await lab.logs()}`);
  };

  const token = (): string => randomBytes(9).toString('hex');
  /** Authentication-Results as the receiving side wrote it, on one line. */
  const results = (header: string): string =>
    (/^Authentication-Results: (.*(?:\r?\n[ \t].*)*)/im.exec(header)?.[1] ?? '').replace(/\s+/g, ' ');

  test('good mail lies in the inbox, signed and passing', async () => {
    const mark = token();
    assert.match(await submit(mark, 'Thank you for Tuesday.'), /^250 2\.0\.0 Ok/);
    const { folder, header } = await find(mark);
    assert.equal(folder, 'INBOX');
    const said = results(header);
    assert.ok(said.startsWith(`${lab.authservId};`), said);
    for (const word of ['spf=pass', 'dkim=pass header.d=good.test', 'dmarc=pass']) assert.ok(said.includes(word), said);
    assert.match(header, /^Received: from out\.good\.test .*\[127\.0\.0\.1\]/m);
    assert.match(header, /using TLSv1\.3/);
  });

  test('so does mail handed in over STARTTLS', async () => {
    const mark = token();
    await submit(mark, 'Thank you for Wednesday.', 'starttls');
    assert.equal((await find(mark)).folder, 'INBOX');
  });

  test('what looks like spam is filed by Sieve', async () => {
    const mark = token();
    await submit(mark, SPAM_PATTERN);
    const { folder, header } = await find(mark);
    assert.equal(folder, 'Junk');
    assert.match(header, /^X-Spam: Yes/im);
  });

  test('forged mail is filed as spam, and the reason can be read', async () => {
    const mark = token();
    await spoof(mark);
    const { folder, header } = await find(mark);
    assert.equal(folder, 'Junk');
    for (const word of ['spf=fail', 'dkim=none', 'dmarc=fail'])
      assert.ok(results(header).includes(word), results(header));
  });

  test('POP3 shows the inbox of the same account and nothing else', async () => {
    const [good, bad] = [token(), token()];
    await submit(good, 'Thank you for Thursday.');
    await submit(bad, SPAM_PATTERN);
    assert.equal((await find(good)).folder, 'INBOX');
    assert.equal((await find(bad)).folder, 'Junk');
    const all = (await readPop3(lab)).join('\n');
    assert.ok(all.includes(good));
    assert.ok(!all.includes(bad));
  });

  test('a wrong password is refused everywhere', async () => {
    const transport = nodemailer.createTransport({
      ...lab.smtps,
      secure: true,
      auth: { user: lab.sender.user, pass: 'wrong' },
      tls: { ca: lab.caPem },
    });
    await assert.rejects(transport.verify(), { responseCode: 535 });
    transport.close();
  });

  test('nobody may send for others: the receiving side is no relay', async () => {
    const transport = nodemailer.createTransport({ ...lab.mx, tls: { ca: lab.caPem } });
    await assert.rejects(transport.sendMail({ from: 'a@good.test', to: 'b@elsewhere.test', text: 'x' }), {
      responseCode: 554,
    });
    transport.close();
  });
});

/** Every message POP3 shows, header only. A few lines, so that this test does not rest on what it should prove. */
async function readPop3(lab: Lab): Promise<string[]> {
  const account = lab.seeds[0];
  assert.ok(account);
  const socket = tls.connect({ ...lab.pop3s, ca: lab.caPem, servername: 'localhost' });
  const lines = (async function* () {
    let rest = '';
    for await (const chunk of socket) {
      const parts = (rest + (chunk as Buffer).toString('latin1')).split('\r\n');
      rest = parts.pop() ?? '';
      yield* parts;
    }
  })();
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('POP3: connection closed');
    return value;
  };
  const say = async (command: string): Promise<string> => {
    socket.write(`${command}\r\n`);
    const reply = await line();
    assert.match(reply, /^\+OK/, command);
    return reply;
  };
  try {
    assert.match(await line(), /^\+OK/);
    await say(`USER ${account.user}`);
    await say(`PASS ${account.password}`);
    const count = Number((await say('STAT')).split(' ')[1]);
    const messages: string[] = [];
    for (let number = 1; number <= count; number++) {
      await say(`TOP ${number} 0`);
      let text = '';
      for (let next = await line(); next !== '.'; next = await line()) text += `${next}\n`;
      messages.push(text);
    }
    await say('QUIT');
    return messages;
  } finally {
    socket.destroy();
  }
}
