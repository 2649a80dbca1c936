/** A foreign mail becomes a probe: what goes, what stays, and that nothing a mail holds can add a header. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isSigned, readdress } from '../../server/probe/readdress.ts';

const TO = { to: 'seed@gmail.test', token: 'tok', messageId: '<tok@good.test>', sentAt: 0, from: null };
const headerOf = (raw: Buffer): string[] =>
  raw
    .toString('latin1')
    .split('\r\n\r\n', 1)[0]
    ?.split(/\r\n(?![ \t])/) ?? [];

describe('readdress', () => {
  test('recipient, date, Message-ID and token are new; the way it took and its signatures go; all else stays', () => {
    const raw = Buffer.from(
      'From x Thu Jan 1\nReceived: from a\n\tby b\nDKIM-Signature: v=1; d=x;\n b=abc\nAuthentication-Results: mx; spf=pass\nFrom: "Shop" <news@good.test>\nTo: everybody@x.test,\n other@x.test\nBcc: secret@x.test\nSubject: =?UTF-8?B?44GT44KT?=\nMessage-ID: <old@x>\nDate: yesterday\nX-Campaign-ID: 7\nX-Todoku-Probe: foreign\nbroken line\n\nBody\0\n.dot\n',
    );
    const made = readdress(raw, TO);
    assert.equal(isSigned(raw), true);
    assert.equal(made.subject, 'こん');
    assert.deepEqual(headerOf(made.raw), [
      'X-Todoku-Probe: tok',
      'Message-ID: <tok@good.test>',
      'Date: Thu, 01 Jan 1970 00:00:00 +0000',
      'To: seed@gmail.test',
      'From: "Shop" <news@good.test>',
      'Subject: =?UTF-8?B?44GT44KT?=',
      'X-Campaign-ID: 7',
    ]);
    assert.ok(made.raw.toString('latin1').endsWith('\r\n\r\nBody\r\n.dot\r\n'));
  });
  test('under another name the shown name stays, the address is the sender', () => {
    const from = { address: 'me@good.test', name: 'Me' };
    const of = (line: string): string | undefined =>
      headerOf(readdress(Buffer.from(`${line}\r\nSender: x@y\r\nSubject: s\r\n\r\nb`), { ...TO, from }).raw).find(
        (one) => one.startsWith('From:'),
      );
    assert.equal(of('From: "A, B" <a@evil.test>'), 'From: "A, B" <me@good.test>');
    assert.equal(of('From: a@evil.test'), 'From: =?UTF-8?B?TWU=?= <me@good.test>');
    assert.equal(of('From: Shop Inc. <a@evil.test>'), 'From: Shop Inc. <me@good.test>');
    assert.equal(of('From: =?utf-8?q?a?= <a@evil.test>'), 'From: =?utf-8?q?a?= <me@good.test>');
    // No second author, no comment that never ends.
    assert.equal(of('From: ceo@bank.test, Me <a@evil.test>'), 'From: "ceo@bank.test, Me" <me@good.test>');
    assert.equal(of('From: A) (B "C <a@evil.test>'), 'From: "A) (B C" <me@good.test>');
    assert.equal(of('X: y'), 'From: =?UTF-8?B?TWU=?= <me@good.test>');
  });
  test('a verdict of the way before is not taken along', () => {
    const verdicts = [
      ...['X-Spam: Yes', 'X-Spam-Status: Yes, score=9', 'X-Spamd-Result: default: True', 'X-Rspamd-Server: a'],
      ...['X-Forefront-Antispam-Report: SCL:9', 'X-Microsoft-Antispam: BCL:9', 'X-MS-Exchange-Organization-SCL: 9'],
      'Received-SPF: fail',
    ];
    const raw = Buffer.from(`${verdicts.join('\n')}\nSubject: s\nX-Spammers-Club: 1\n\nb`);
    assert.deepEqual(headerOf(readdress(raw, TO).raw).slice(4), ['Subject: s', 'X-Spammers-Club: 1']);
  });
  test('a From of blanks is read at once', () => {
    const from = { address: 'me@good.test', name: null };
    const raw = Buffer.from(`From: a${' '.repeat(250_000)}b\nSubject: s\n\nb`);
    const before = process.cpuUsage();
    assert.ok(headerOf(readdress(raw, { ...TO, from }).raw).includes('From: me@good.test'));
    const { user } = process.cpuUsage(before);
    assert.ok(user < 500_000, `${user} µs`);
  });
  test('whatever a mail holds, one token, one recipient, one end of the header, and CRLF alone', () => {
    const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array));
    const lines = fc
      .array(
        fc.constantFrom(
          'To: x@y',
          'X-Todoku-Probe: z',
          ' folded',
          'Bcc: q@q',
          '',
          '\r',
          'From: a\r<b@c>',
          'é: x',
          '\0',
        ),
      )
      .map((some) => Buffer.from(some.join('\n')));
    fc.assert(
      fc.property(fc.oneof(bytes, lines), fc.boolean(), (raw, renamed) => {
        const from = renamed ? { address: 'me@good.test', name: null } : null;
        const made = readdress(raw, { ...TO, from }).raw;
        const header = headerOf(made).map((line) => line.toLowerCase());
        assert.equal(header.filter((line) => line.startsWith('x-todoku-probe')).length, 1);
        assert.equal(header.filter((line) => /^(?:to|bcc|cc)\s*:/.test(line)).length, 1);
        assert.doesNotMatch(made.toString('latin1'), /\0|(?<!\r)\n|\r(?!\n)/);
      }),
    );
  });
});
