/** Senders in and out as a table: what presets fill in, every verdict, and that what is written reads back as it was. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseCsv } from '../../server/csv.ts';
import { ADDRESS } from '../../server/sender/address.ts';
import { readSenderCsv, type SenderDraft, writeSenderCsv } from '../../server/sender/csv.ts';
import { SENDER_PRESETS } from '../../server/sender/presets.ts';
import { SECURITIES, SENDER_PRESET_IDS } from '../../server/sender/types.ts';

function lines(text: string, existing: Parameters<typeof readSenderCsv>[1] = []) {
  const read = readSenderCsv(text, existing);
  assert.ok(read.ok, JSON.stringify(read));
  return read.lines;
}

function drafts(text: string): SenderDraft[] {
  return lines(text).map((one) => {
    assert.equal(one.verdict, 'ok', JSON.stringify(one));
    return one.verdict === 'ok' ? one.draft : assert.fail();
  });
}

test('an address and a password are enough where the service is known', () => {
  assert.deepEqual(lines('from,password\nnews@gmail.com,secret\n'), [
    {
      line: 2,
      key: 'news@gmail.com',
      verdict: 'ok',
      draft: {
        name: 'news@gmail.com',
        fromAddress: 'news@gmail.com',
        fromName: '',
        preset: 'gmail',
        host: 'smtp.gmail.com',
        port: 465,
        security: 'tls',
        user: 'news@gmail.com',
        password: 'secret',
        dailyLimit: 500,
        minGapSeconds: 2,
      },
    },
  ]);
});

const HEAD = 'name,fromAddress,fromName,preset,host,port,security,user,password,dailyLimit,minGapSeconds\n';

describe('what is left out', () => {
  const cases: [what: string, line: string, filled: Partial<SenderDraft>][] = [
    [
      'a service by its id, its user name fixed',
      'N,a@b.test,,sendgrid,,,,,key,,',
      { preset: 'sendgrid', host: 'smtp.sendgrid.net', port: 465, user: 'apikey', dailyLimit: 100, name: 'N' },
    ],
    [
      'a service by its brand, whatever the case',
      ',a@b.test,,amazon ses,,,,AKIA,key,,',
      { preset: 'amazon-ses', host: 'email-smtp.us-east-1.amazonaws.com', user: 'AKIA', name: 'a@b.test' },
    ],
    [
      'a service by its host, in its region',
      ',a@b.test,,,EMAIL-SMTP.eu-west-1.amazonaws.com,,,AKIA,key,,',
      { preset: 'amazon-ses', host: 'email-smtp.eu-west-1.amazonaws.com', port: 587, security: 'starttls' },
    ],
    [
      'a service that has no port 465',
      ',a@icloud.com,,,,,,,pw,,',
      { preset: 'icloud', port: 587, security: 'starttls', user: 'a@icloud.com' },
    ],
    ['the security that its port speaks', ',a@gmail.com,,,,587,,,pw,,', { port: 587, security: 'starttls' }],
    ['the port of a security', ',a@gmail.com,,,,,STARTTLS,,pw,,', { port: 587, security: 'starttls' }],
    [
      "Gmail's host for one's own domain has the budget of Workspace",
      ',a@b.test,,,smtp.gmail.com,,,,pw,,',
      { preset: 'gmail', dailyLimit: 2_000, user: 'a@b.test' },
    ],
    [
      'a service under a name of one’s own keeps its budget',
      ',a@b.test,,sendgrid,mail.b.test,,,,key,,',
      { preset: 'sendgrid', host: 'mail.b.test', port: 587, user: 'apikey', dailyLimit: 100 },
    ],
    [
      'an own server that asks for nobody',
      ',a@b.test,,,mail.b.test,,,,,,',
      { preset: 'own-server', port: 587, security: 'starttls', user: null, password: null, dailyLimit: 2_000 },
    ],
    ['an own server with a password', ',a@b.test,,,mail.b.test,,ssl,,pw,,', { user: 'a@b.test', port: 465 }],
    ['an own server without encryption', ',a@b.test,,,127.0.0.1,,none,,,,', { port: 25, security: 'none' }],
    ['a relay that knows this machine by its address', ',a@b.test,,google-workspace-relay,,,,,,,', { user: null }],
    [
      'numbers in full width',
      ',a@b.test,,,h.test,２５２５,,,,１００,０.５',
      { port: 2525, dailyLimit: 100, minGapSeconds: 0.5 },
    ],
    ['spaces at the ends of a password', ',a@b.test,,,h.test,,, u ," p w ",,', { user: 'u', password: ' p w ' }],
  ];
  for (const [what, line, filled] of cases)
    test(what, () => {
      const [draft] = drafts(HEAD + line);
      assert.deepEqual({ ...draft, ...filled }, draft);
    });

  test('every service can be imported with address, user and password alone', () => {
    for (const preset of SENDER_PRESETS.filter(({ id }) => id !== 'own-server')) {
      const [draft] = drafts(`${HEAD},a@b.test,,${preset.id},,,,u,pw,,`);
      const [route] = preset.routes;
      assert.deepEqual(
        [draft?.preset, draft?.host, draft?.port, draft?.security],
        [preset.id, route?.host, route?.port, route?.security],
      );
    }
  });
});

test('Japanese headings, semicolons, a byte order mark, and headings as the form has them', () => {
  const [first] = drafts(
    '\ufeff名前;差出人アドレス;差出人名;サービス;送信サーバー;ポート番号;暗号化;ユーザー名;パスワード;24時間の宛先数;送信間隔（秒）\r\n' +
      '会報;news@b.test;株式会社ビー;;mail.b.test;465;SSL/TLS;会報;"a;""b";100;3\r\n',
  );
  assert.deepEqual(first, {
    name: '会報',
    fromAddress: 'news@b.test',
    fromName: '株式会社ビー',
    preset: 'own-server',
    host: 'mail.b.test',
    port: 465,
    security: 'tls',
    user: '会報',
    password: 'a;"b',
    dailyLimit: 100,
    minGapSeconds: 3,
  });
  const [second] = drafts('Sender\tFrom address\tSMTP server\tSeconds between mails\nS\ta@b.test\tmail.b.test\t7\n');
  assert.deepEqual([second?.name, second?.host, second?.minGapSeconds], ['S', 'mail.b.test', 7]);
});

describe('a line with', () => {
  const cases: [line: string, reason: string, column: string | null][] = [
    ['N,,,gmail,,,,,pw,,', 'address-missing', 'fromAddress'],
    ['N,nonsense,,gmail,,,,,pw,,', 'address-invalid', 'fromAddress'],
    ['N,a@b..test,,,h.test,,,,pw,,', 'address-invalid', 'fromAddress'],
    ['N,"Ann <a@b.test>",,,h.test,,,,pw,,', 'address-invalid', 'fromAddress'],
    ['N,"a@b.test, c@d.test",,,h.test,,,,pw,,', 'address-invalid', 'fromAddress'],
    ['N,a@b.test,,gmale,,,,,pw,,', 'service-unknown', 'preset'],
    ['N,a@b.test,,constructor,h.test,,,,pw,,', 'service-unknown', 'preset'],
    ['N,a@b.test,,,,,,,pw,,', 'host-missing', 'host'],
    ['N,a@b.test,,own-server,,,,,pw,,', 'host-missing', 'host'],
    ['N,a@b.test,,,ho st,,,,pw,,', 'host-invalid', 'host'],
    ['N,a@b.test,,,h.test,0,,,pw,,', 'port-invalid', 'port'],
    ['N,a@b.test,,,h.test,65536,,,pw,,', 'port-invalid', 'port'],
    ['N,a@b.test,,,h.test,smtp,,,pw,,', 'port-invalid', 'port'],
    ['N,a@b.test,,,h.test,,rot13,,pw,,', 'security-unknown', 'security'],
    ['N,a@b.test,,postmark,,,,,pw,,', 'user-missing', 'user'],
    ['N,a@gmail.com,,,,,,,,,', 'password-missing', 'password'],
    ['N,a@b.test,,,h.test,,,u,,,', 'password-missing', 'password'],
    ['N,a@gmail.com,,,,,,,"  ",,', 'password-missing', 'password'],
    ['N,a@b.test,,,h.test,,,,,0,', 'limit-invalid', 'dailyLimit'],
    ['N,a@b.test,,,h.test,,,,,1.5,', 'limit-invalid', 'dailyLimit'],
    ['N,a@b.test,,,h.test,,,,,1000001,', 'limit-invalid', 'dailyLimit'],
    ['N,a@b.test,,,h.test,,,,,1e3,', 'limit-invalid', 'dailyLimit'],
    ['N,a@b.test,,,h.test,,,,,,-1', 'gap-invalid', 'minGapSeconds'],
    ['N,a@b.test,,,h.test,,,,,,86401', 'gap-invalid', 'minGapSeconds'],
    [`${'x'.repeat(101)},a@b.test,,,h.test,,,,,,`, 'too-long', 'name'],
    [`N,a@b.test,${'x'.repeat(101)},,h.test,,,,,,`, 'too-long', 'fromName'],
    [`N,a@b.test,,,h.test,,,,${'x'.repeat(1_001)},,`, 'too-long', 'password'],
    ['N,a@b.test,"A\r\nBcc: x@y.test",,h.test,,,,,,', 'control-character', 'fromName'],
    ['N,a@b.test,,,h.test,,,u,"p\nQUIT",,', 'control-character', 'password'],
    ['N,a@b.test,,,h.test,,,,,,,extra', 'too-many-cells', null],
    ['N,a@b.test,,,h.test,,,,"pw', 'quote-not-closed', null],
  ];
  for (const [line, reason, column] of cases)
    test(`${reason}: ${JSON.stringify(line.slice(0, 60))}`, () => {
      const [one] = lines(HEAD + line);
      assert.equal(one?.verdict, 'error', JSON.stringify(one));
      if (one?.verdict === 'error') assert.deepEqual([one.line, one.reason, one.column], [2, reason, column]);
    });
});

test('duplicates: the same address, host and user, in the file or there already, whatever their case', () => {
  const text =
    `${HEAD}A,a@b.test,,,h.test,,,u,p,,\nB,A@B.TEST,,,H.test,465,,U,p,,\nC,a@b.test,,,h.test,,,other,p,,\n` +
    'D,a@b.test,,,i.test,,,u,p,,\nE,a@b.test,,,h.test,,,,,,\nF,a@gmail.com,,,,,,,p,,\n';
  const existing = [
    { fromAddress: 'A@gmail.com', host: 'smtp.gmail.com', user: 'a@gmail.com' },
    { fromAddress: 'a@b.test', host: 'h.test', user: null },
  ];
  assert.deepEqual(
    lines(text, existing).map((one) => (one.verdict === 'duplicate' ? one.of : one.verdict)),
    ['ok', 2, 'ok', 'ok', 'existing', 'existing'],
  );
});

test('files that are no table of senders', () => {
  assert.deepEqual(readSenderCsv('\ufeff \n', []), { ok: false, reason: 'empty' });
  assert.deepEqual(readSenderCsv('a@gmail.com,pw\n', []), { ok: false, reason: 'heading-missing' });
  assert.deepEqual(readSenderCsv('name,host\nN,h.test\n', []), { ok: false, reason: 'heading-missing' });
  assert.deepEqual(readSenderCsv('from,address\n', []), { ok: false, reason: 'heading-twice' });
  assert.deepEqual(readSenderCsv(`from\n${'a@b.test\n'.repeat(5_001)}`, []), { ok: false, reason: 'too-many-lines' });
  assert.deepEqual(readSenderCsv('x'.repeat(4_000_001), []), { ok: false, reason: 'too-large' });
  const odd = readSenderCsv('from,favourite colour\na@gmail.com,red\n', []);
  assert.deepEqual(odd.ok && odd.unknownHeadings, ['favourite colour']);
});

const word = fc.string({ minLength: 1, maxLength: 20 }).filter((text) => text.trim() === text);
const sender: fc.Arbitrary<Omit<SenderDraft, 'password'>> = fc.record({
  name: fc.oneof(word, fc.constantFrom('=1+1', "'=1+1", '＝x', '名前, 二つ', '"quoted"')),
  fromAddress: fc.constantFrom('a@b.test', '=x@b.test', '+x@b.test', '-@b.test', 'A@gmail.com'),
  fromName: fc.oneof(fc.constant(''), word, fc.constantFrom('@SUM(A1)', "''-2")),
  preset: fc.constantFrom(...SENDER_PRESET_IDS),
  host: fc.constantFrom('mail.b.test', '127.0.0.1', '[::1]', 'smtp.gmail.com'),
  port: fc.integer({ min: 1, max: 65_535 }),
  security: fc.constantFrom(...SECURITIES),
  user: word,
  dailyLimit: fc.integer({ min: 1, max: 1_000_000 }),
  minGapSeconds: fc.integer({ min: 0, max: 86_400_000 }).map((ms) => ms / 1000),
});

test('what is exported has no formula and no password, and reads back as it was', () => {
  fc.assert(
    fc.property(sender, (one) => {
      const text = writeSenderCsv([one]);
      assert.ok(ADDRESS.test(one.fromAddress));
      assert.doesNotMatch(text, /password/i);
      for (const { cells } of parseCsv(text, ',', 10))
        for (const cell of cells) assert.doesNotMatch(cell, /^[=+\-@\t\r＝＋－＠]/);
      assert.deepEqual(drafts(text.replace(/^(.*)\r\n(.*)\r\n$/s, '$1,password\r\n$2,pw\r\n')), [
        { ...one, password: 'pw' },
      ]);
    }),
  );
});

test('any text is read without a throw', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void readSenderCsv(`${HEAD}${text}`, [])));
});
