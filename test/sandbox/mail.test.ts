/** From submission to the folder: every fate, and what each provider writes about each sending domain. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Sandbox, startSandbox } from '../../server/sandbox/sandbox.ts';
import { dial, send, until } from './world.ts';

let sandbox: Sandbox;
before(async () => {
  sandbox = await startSandbox();
});
after(() => sandbox.stop());

/** Folder → number of mails, empty folders and "All Mail" left out. */
const lying = (address: string) =>
  [...sandbox.folders(address)]
    .filter(([path, messages]) => messages.length > 0 && path !== '[Gmail]/すべてのメール')
    .map(([path, messages]) => `${path} ${messages.length}`)
    .join(', ');
const arrived = (address: string) =>
  until(() => [...sandbox.folders(address).values()].flat()[0]?.raw.toString('latin1'));

describe('where a mail lands', () => {
  const cases: [from: string, to: string, where: string][] = [
    ['good.test', 'inbox@gmail.test', 'INBOX 1'],
    ['good.test', 'promotions@gmail.test', 'INBOX 1'],
    ['good.test', 'spam@gmail.test', '[Gmail]/迷惑メール 1'],
    ['good.test', 'other@gmail.test', 'ニュースレター 1'],
    ['good.test', 'inbox@outlook.test', 'INBOX 1'],
    ['good.test', 'spam@outlook.test', 'Junk Email 1'],
    ['good.test', 'spam@yahoo.test', 'Bulk 1'],
    ['good.test', 'spam@yahoo-japan.test', '迷惑メール 1'],
    ['good.test', 'other@yahoo-japan.test', 'お知らせ & 通知 1'],
    ['good.test', 'spam@plain.test', 'Junk 1'],
    ['good.test', 'anna@plain.test', 'INBOX 1'],
    ['good.test', 'slow-20ms@plain.test', 'INBOX 1'],
    // The filter by itself: DMARC fails under p=reject.
    ['spoofed.test', 'ben@gmail.test', '[Gmail]/迷惑メール 1'],
    ['spoofed.test', 'ben@outlook.test', 'Junk Email 1'],
    ['spoofed.test', 'ben@plain.test', 'Junk 1'],
    // The fate says otherwise.
    ['spoofed.test', 'inbox-spoofed@gmail.test', 'INBOX 1'],
    ['no-dmarc.test', 'chie@gmail.test', 'INBOX 1'],
    ['broken-spf.test', 'chie@yahoo.test', 'INBOX 1'],
    ['weak-key.test', 'chie@outlook.test', 'INBOX 1'],
  ];
  for (const [from, to, where] of cases) {
    test(`${from} → ${to}`, async () => {
      const sent = await send(sandbox, from, to);
      assert.match(sent.response, /^250 2\.0\.0 OK .* - gsmtp$/);
      await arrived(to);
      assert.equal(lying(to), where);
    });
  }
  test('in "All Mail" lies all but spam', async () => {
    await send(sandbox, 'good.test', 'inbox-all@gmail.test');
    await send(sandbox, 'good.test', 'spam-all@gmail.test');
    await arrived('inbox-all@gmail.test');
    await arrived('spam-all@gmail.test');
    assert.equal(sandbox.folders('inbox-all@gmail.test').get('[Gmail]/すべてのメール')?.length, 1);
    assert.equal(sandbox.folders('spam-all@gmail.test').get('[Gmail]/すべてのメール')?.length, 0);
  });
  test('missing: taken and lost', async () => {
    const sent = await send(sandbox, 'good.test', 'missing@plain.test');
    assert.ok('messageId' in sent);
    await until(() => sandbox.accepted.get(sent.messageId) === 1);
    assert.equal(lying('missing@plain.test'), '');
  });
  test('moved: first inbox, then spam', async () => {
    for (const [address, junk] of [
      ['moved-50ms@gmail.test', '[Gmail]/迷惑メール 1'],
      ['moved-50ms@outlook.test', 'Junk Email 1'],
    ] as const) {
      await send(sandbox, 'good.test', address);
      await until(() => lying(address) === junk);
      assert.equal(sandbox.folders(address).get('[Gmail]/すべてのメール')?.length ?? 0, 0);
    }
  });
});

describe('what a refusal says', () => {
  const cases: [from: string, to: string, code: number, text: RegExp][] = [
    ['good.test', '550@gmail.test', 550, /^550 5\.1\.1 /],
    ['good.test', 'full@gmail.test', 452, /^452 4\.2\.2 /],
    ['good.test', 'policy@gmail.test', 550, /^550 5\.7\.1 /],
    ['good.test', 'unauthenticated@gmail.test', 550, /^550 5\.7\.26 /],
    ['good.test', 'content@gmail.test', 552, /^552 5\.7\.0 /],
    ['good.test', 'defer-always@gmail.test', 451, /^451 4\.7\.1 /],
    ['limit@good.test', 'inbox@gmail.test', 550, /^550 5\.4\.5 Daily user sending limit/],
    ['app-password-needed@good.test', 'inbox@gmail.test', 534, /^534 5\.7\.9 /],
    ['too-many-logins@good.test', 'inbox@gmail.test', 454, /^454 4\.7\.0 Too many login/],
    ['wrong-password@good.test', 'inbox@gmail.test', 535, /^535 5\.7\.8 /],
  ];
  for (const [from, to, code, text] of cases) {
    test(`${from} → ${to}`, async () => {
      const sent = await send(sandbox, from, to, {}, 'starttls');
      assert.ok('code' in sent);
      assert.equal(sent.code, code);
      assert.match(sent.response, text);
    });
  }
  test('defer-2: twice not now, then yes, and the same again', async () => {
    const codes: string[] = [];
    for (let i = 0; i < 6; i++)
      codes.push((await send(sandbox, 'good.test', 'defer-2@plain.test')).response.slice(0, 3));
    assert.deepEqual(codes, ['451', '451', '250', '451', '451', '250']);
  });
  test("bounce: the notification comes into the sender's own mailbox", async () => {
    const sender = 'bounced@good.test';
    const sent = await send(sandbox, sender, 'bounce@plain.test', { headers: { 'X-Todoku-Probe': 'bounce-token' } });
    assert.match(sent.response, /^250 /);
    const report = await arrived(sender);
    assert.match(report, /^Content-Type: multipart\/report; .*report-type=delivery-status\r$/m);
    assert.match(report, /^Final-Recipient: rfc822; bounce@plain\.test\r$/m);
    assert.match(report, /^Status: 5\.1\.1\r$/m);
    assert.match(report, /^X-Todoku-Probe: bounce-token\r$/im);
    assert.ok('messageId' in sent && report.includes(`X-Original-Message-ID: ${sent.messageId}`));
  });
  test('a domain nobody hosts bounces too', async () => {
    await send(sandbox, 'lost@good.test', 'anna@nowhere.test');
    assert.match(await arrived('lost@good.test'), /^Diagnostic-Code: smtp; 550 5\.1\.2 /m);
  });
});

describe('a server that dies after the final dot', () => {
  for (const fate of ['drop-after-dot', 'rst-after-dot']) {
    test(`${fate} as recipient and as user`, async () => {
      for (const [from, to] of [
        ['good.test', `${fate}@plain.test`],
        [`${fate}@good.test`, `anna-${fate}@plain.test`],
      ] as const) {
        const sent = await send(sandbox, from, to);
        assert.deepEqual('code' in sent && sent.code, null);
        assert.match(await arrived(to), /X-Todoku-Probe/i);
        assert.equal(lying(to), 'INBOX 1');
      }
    });
  }
  test('late-250 answers late, once', async () => {
    const sent = await send(sandbox, 'good.test', 'late-250-100ms@plain.test');
    assert.match(sent.response, /^250 /);
    await arrived('late-250-100ms@plain.test');
    assert.equal(sandbox.accepted.get('messageId' in sent ? sent.messageId : ''), 1);
  });
  test('stall never answers RCPT', async () => {
    const { smtp } = sandbox.sender('good.test');
    const line = await dial(sandbox, smtp.port, true);
    const login = Buffer.from(`\0${smtp.user}\0${smtp.password}`).toString('base64');
    await line.expect(/220 .*\r\n/);
    line.send('EHLO me\r\n');
    await line.expect(/250 .*\r\n/);
    line.send(`AUTH PLAIN ${login}\r\n`);
    await line.expect(/235 .*\r\n/);
    line.send('MAIL FROM:<probe@good.test>\r\n');
    await line.expect(/250 .*\r\n/);
    line.send('RCPT TO:<stall@plain.test>\r\n');
    let answered = false;
    line.socket.on('data', () => {
      answered = true;
    });
    await send(sandbox, 'good.test', 'meanwhile@plain.test');
    assert.equal(answered, false);
    line.close();
  });
});

describe('what the receiving side found', () => {
  const results = (text: string) => {
    const header =
      /^Authentication-Results:(?:.*\r\n(?=[ \t]))*.*\r\n/im.exec(text)?.[0].replace(/\r\n\s*/g, ' ') ?? '';
    return Object.fromEntries(
      ['spf', 'dkim', 'dmarc'].map((name) => [name, new RegExp(`\\b${name}=(\\w+)`).exec(header)?.[1] ?? null]),
    );
  };
  const cases: [from: string, provider: string, spf: string, dkim: string | null, dmarc: string | null][] = [
    ['good.test', 'gmail.test', 'pass', 'pass', 'pass'],
    ['good.test', 'outlook.test', 'pass', 'pass', 'pass'],
    ['good.test', 'yahoo.test', 'pass', 'pass', 'pass'],
    ['good.test', 'yahoo-japan.test', 'pass', 'pass', 'pass'],
    ['good.test', 'plain.test', 'pass', 'pass', 'pass'],
    ['no-dmarc.test', 'gmail.test', 'pass', 'pass', null],
    ['no-dmarc.test', 'outlook.test', 'pass', 'pass', 'bestguesspass'],
    ['no-dmarc.test', 'plain.test', 'pass', 'pass', 'none'],
    ['broken-spf.test', 'gmail.test', 'permerror', 'pass', 'pass'],
    ['weak-key.test', 'yahoo.test', 'pass', 'pass', 'pass'],
    ['spoofed.test', 'gmail.test', 'fail', null, 'fail'],
    ['spoofed.test', 'outlook.test', 'fail', 'none', 'fail'],
    ['spoofed.test', 'yahoo.test', 'fail', 'unknown', 'fail'],
    ['spoofed.test', 'plain.test', 'fail', null, 'fail'],
    ['gmail.test', 'gmail.test', 'pass', 'pass', 'pass'],
  ];
  for (const [from, provider, spf, dkim, dmarc] of cases) {
    test(`${from} at ${provider}`, async () => {
      const address = `found-${from.replace('.test', '')}@${provider}`;
      await send(sandbox, from, address);
      assert.deepEqual(results(await arrived(address)), { spf, dkim, dmarc });
    });
  }
  test('each provider tells the sending address in its own way', async () => {
    const ways: Record<string, RegExp[]> = {
      'gmail.test': [
        /^Received: from out\.good\.test \(out\.good\.test\. \[203\.0\.113\.10\]\)\r\n +by mx\.google\.com with ESMTPS/m,
        /^Delivered-To: /m,
      ],
      'outlook.test': [
        /^Authentication-Results: spf=pass \(sender IP is 203\.0\.113\.10\)/m,
        /^Received: from out\.good\.test \(203\.0\.113\.10\) by\r$/m,
        /^X-Forefront-Antispam-Report: CIP:203\.0\.113\.10;.*SCL:1;/m,
        /dest:I;/,
      ],
      'yahoo.test': [
        /^Received: from 203\.0\.113\.10 \(EHLO out\.good\.test\)\r$/m,
        /^X-Originating-Ip: \[203\.0\.113\.10\]/m,
      ],
      'yahoo-japan.test': [/^Received: from 203\.0\.113\.10 {2}\(EHLO out\.good\.test\) \(203\.0\.113\.10\)\r$/m],
      'plain.test': [
        /^Received: from out\.good\.test \(out\.good\.test \[203\.0\.113\.10\]\)\r$/m,
        /^X-Spamd-Result: default: False/m,
      ],
    };
    for (const [provider, patterns] of Object.entries(ways)) {
      const text = await send(sandbox, 'good.test', `way@${provider}`).then(() => arrived(`way@${provider}`));
      for (const pattern of patterns) assert.match(text, pattern);
    }
  });
  test('spam carries the verdicts of Outlook and of rspamd', async () => {
    await send(sandbox, 'good.test', 'spam-v@outlook.test');
    await send(sandbox, 'good.test', 'spam-v@plain.test');
    assert.match(await arrived('spam-v@outlook.test'), /SCL:5;.*SFV:SPM;.*CAT:SPM;[\s\S]*dest:J;.*OFR:SpamFilterAuthJ/);
    assert.match(await arrived('spam-v@plain.test'), /^X-Spam: Yes\r$/m);
  });
  test('forged results stand under the true ones, or over them by a stranger', async () => {
    await send(sandbox, 'spoofed.test', 'forged@gmail.test');
    const below = await arrived('forged@gmail.test');
    assert.deepEqual(results(below), { spf: 'fail', dkim: null, dmarc: 'fail' });
    assert.equal(below.match(/^Authentication-Results: mx\.google\.com;/gm)?.length, 3);
    await send(sandbox, 'spoofed.test', 'forged-above@yahoo.test');
    const above = await arrived('forged-above@yahoo.test');
    assert.match(above, /^Authentication-Results: mx\.forger\.test;/);
    await send(sandbox, 'good.test', 'forged@outlook.test');
    assert.deepEqual(results(await arrived('forged@outlook.test')), { spf: 'pass', dkim: 'pass', dmarc: 'pass' });
  });
  test('Gmail lets an account write as itself only', async () => {
    await send(sandbox, 'me@gmail.test', 'rewritten@plain.test', { from: 'The Shop <shop@good.test>' });
    const text = await arrived('rewritten@plain.test');
    assert.match(text, /^From: The Shop <me@gmail\.test>\r$/m);
    assert.match(text, /^X-Google-Original-From: The Shop <shop@good\.test>\r$/m);
    assert.deepEqual(results(text), { spf: 'pass', dkim: 'pass', dmarc: 'pass' });
  });
  test('another From than the domain that signs fails DMARC', async () => {
    await send(sandbox, 'no-dmarc.test', 'unaligned@plain.test', { from: 'boss@good.test' });
    assert.deepEqual(results(await arrived('unaligned@plain.test')), { spf: 'pass', dkim: 'pass', dmarc: 'fail' });
    assert.equal(lying('unaligned@plain.test'), 'Junk 1');
  });
});

describe('many at once', () => {
  test('forty mails in parallel, each accepted once', async () => {
    const sent = await Promise.all(
      Array.from({ length: 40 }, (_, i) => send(sandbox, 'good.test', `crowd-${i % 4}@yahoo.test`)),
    );
    const ids = sent.map((each) => ('messageId' in each ? each.messageId : 'refused'));
    assert.equal(new Set(ids).size, 40);
    await until(() => ids.every((id) => sandbox.accepted.get(id) === 1));
    const total = [0, 1, 2, 3].reduce(
      (sum, i) => sum + (sandbox.folders(`crowd-${i}@yahoo.test`).get('INBOX')?.length ?? 0),
      0,
    );
    assert.equal(total, 40);
  });
  test('two sandboxes in one process know nothing of each other', async () => {
    const other = await startSandbox();
    await send(other, 'good.test', 'inbox-other@gmail.test');
    await until(() => other.folders('inbox-other@gmail.test').get('INBOX')?.length === 1);
    assert.equal(lying('inbox-other@gmail.test'), '');
    assert.notEqual(other.dnsServer, sandbox.dnsServer);
    await other.stop();
  });
});
