/** What servers really say, and what it has to mean: every Gmail code, and the other providers' own ways of saying the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { judgeReply, readReply, type SmtpPhase } from '../../server/sender/replies.ts';
import { SEND_REASONS, type SendReason } from '../../server/sender/types.ts';

type Case = [phase: SmtpPhase, reply: string, reason: SendReason, act: string, end?: string];

const HOUR = 3_600_000;

const GMAIL: Case[] = [
  ['dot', '250 2.0.0 OK  1795468222 d2e1a72fcca58-72ab8c99 - gsmtp', 'accepted', 'go-on', 'accepted'],
  ['greeting', '421 4.3.0 Temporary System Problem. Try again later. gsmtp', 'retry-later', 'retry'],
  ['greeting', '421 4.4.5 Server busy, try again later. gsmtp', 'rate-limited', 'pause-sender'],
  ['greeting', '421 4.7.0 Try again later, closing connection. gsmtp', 'rate-limited', 'pause-sender'],
  [
    'mail',
    '421 4.7.0 Our system has detected an unusual rate of unsolicited mail originating from your IP address.',
    'rate-limited',
    'pause-sender',
  ],
  [
    'dot',
    '421-4.7.28 Gmail has detected an unusual rate of unsolicited mail originating\n421 4.7.28 from your IP address. gsmtp',
    'rate-limited',
    'pause-sender',
  ],
  [
    'dot',
    '421-4.7.26 This mail has been rate limited because it is unauthenticated.\n421 4.7.26 gsmtp',
    'rate-limited',
    'pause-sender',
  ],
  [
    'dot',
    '421 4.7.32 This mail has been rate limited because there is no DMARC alignment',
    'rate-limited',
    'pause-sender',
  ],
  ['rcpt', '450 4.2.1 The user you are trying to contact is receiving mail too quickly.', 'rate-limited', 'retry'],
  ['rcpt', '450 4.2.1 Peak SMTP relay limit exceeded for customer. gsmtp', 'rate-limited', 'pause-sender'],
  ['dot', '451 4.3.0 Mail server temporarily rejected message. gsmtp', 'retry-later', 'retry'],
  ['mail', '451 4.4.2 Timeout - closing connection. gsmtp', 'retry-later', 'retry'],
  ['data', '451 4.5.0 SMTP protocol violation, visit https://support.google.com', 'retry-later', 'retry'],
  [
    'dot',
    '451-4.7.24 The SPF record of the sending domain has one or more suspicious entries',
    'rate-limited',
    'pause-sender',
  ],
  ['rcpt', "452 4.2.2 The recipient's inbox is out of storage space.", 'seed-full', 'retry'],
  ['rcpt', '452 4.5.3 Your message has too many recipients.', 'rate-limited', 'retry'],
  [
    'auth',
    '454 4.7.0 Cannot authenticate due to a temporary system problem. Try again later.',
    'login-unavailable',
    'pause-sender',
  ],
  ['auth', '454 4.7.0 Too many login attempts, please try again later. gsmtp', 'rate-limited', 'pause-sender'],
  ['starttls', '454 4.7.0 TLS not available due to temporary reason', 'tls-not-offered', 'retry'],
  ['auth', '501 5.5.2 Cannot Decode response', 'login-not-offered', 'fix-credentials', 'deferred'],
  ['auth', '504 5.7.4 Unrecognized Authentication Type gsmtp', 'login-not-offered', 'fix-credentials', 'deferred'],
  ['mail', '530 5.5.1 Authentication Required. gsmtp', 'wrong-password', 'fix-credentials', 'deferred'],
  [
    'mail',
    '530-5.7.0 Authentication Required. For more information, go to\n530 5.7.0  https://support.google.com',
    'wrong-password',
    'fix-credentials',
    'deferred',
  ],
  ['mail', '530 5.7.0 Must issue a STARTTLS command first. gsmtp', 'tls-not-offered', 'fix-credentials', 'deferred'],
  [
    'auth',
    '534-5.7.9 Application-specific password required. Learn more at\n534 5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor',
    'app-password-needed',
    'fix-credentials',
    'deferred',
  ],
  [
    'auth',
    '534 5.7.14 Please log in through your web browser and then try again.',
    'app-password-needed',
    'fix-credentials',
    'deferred',
  ],
  [
    'auth',
    '535-5.7.8 Username and Password not accepted. For more information, go to\n535 5.7.8  https://support.google.com/mail/?p=BadCredentials',
    'wrong-password',
    'fix-credentials',
    'deferred',
  ],
  ['auth', '535 5.7.1 Application-specific password required', 'app-password-needed', 'fix-credentials', 'deferred'],
  [
    'rcpt',
    '550-5.1.1 The email account that you tried to reach does not exist.\n550 5.1.1 gsmtp',
    'no-such-user',
    'go-on',
    'rejected',
  ],
  [
    'rcpt',
    '550 5.2.1 The email account that you tried to reach is inactive. gsmtp',
    'no-such-user',
    'go-on',
    'rejected',
  ],
  [
    'rcpt',
    '550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages',
    'rate-limited',
    'retry',
    'deferred',
  ],
  [
    'dot',
    '550-5.4.5 Daily user sending limit exceeded. For more information on Gmail\n550 5.4.5 sending limits go to https://support.google.com',
    'daily-limit',
    'pause-sender',
    'deferred',
  ],
  ['mail', '550 5.4.5 Daily SMTP relay limit exceeded for user. gsmtp', 'daily-limit', 'pause-sender', 'deferred'],
  ['dot', '552 5.4.5 Daily sending quota exceeded', 'daily-limit', 'pause-sender', 'deferred'],
  ['mail', '550 5.7.1 Daily SMTP relay limit exceeded for customer. gsmtp', 'daily-limit', 'pause-sender', 'deferred'],
  ['mail', '550 5.7.0 Mail relay denied [192.0.2.1]. gsmtp', 'refused-by-policy', 'go-on', 'rejected'],
  [
    'dot',
    '550-5.7.1 Our system has detected that this message is likely unsolicited mail.\n550-5.7.1 To reduce the amount of spam sent to Gmail, this message has been blocked.\n550 5.7.1 gsmtp',
    'refused-by-content',
    'go-on',
    'rejected',
  ],
  [
    'rcpt',
    "550-5.7.1 The IP you're using to send mail is not authorized to send email directly\n550 5.7.1 to our servers.",
    'refused-by-policy',
    'go-on',
    'rejected',
  ],
  [
    'dot',
    '550-5.7.26 This mail has been blocked because the sender is unauthenticated.\n550 5.7.26 gsmtp',
    'refused-by-policy',
    'go-on',
    'rejected',
  ],
  [
    'dot',
    '550-5.7.25 The IP address sending this message does not have a PTR record',
    'refused-by-policy',
    'go-on',
    'rejected',
  ],
  ['dot', '550 5.7.40 this message has no DMARC record', 'refused-by-policy', 'go-on', 'rejected'],
  ['rcpt', '552 5.2.2 The email account that you tried to reach is over quota', 'seed-full', 'go-on', 'rejected'],
  ['dot', "552-5.2.3 Your message exceeded Google's message size limits.", 'too-large', 'go-on', 'rejected'],
  ['dot', '552-5.3.4 The number of attachments in the message exceeds the limit', 'too-large', 'go-on', 'rejected'],
  [
    'dot',
    '552-5.7.0 This message was blocked because its content presents a potential\n552 5.7.0 security issue.',
    'refused-by-content',
    'go-on',
    'rejected',
  ],
  ['rcpt', '553 5.1.2 The recipient address <x> is not a valid RFC 5321 address.', 'no-such-user', 'go-on', 'rejected'],
  ['mail', '553 5.1.7 The sender address <x> is not a valid RFC-5321 address.', 'sender-refused', 'go-on', 'rejected'],
  ['dot', '554 5.6.0 Mail message is malformed. Not accepted.', 'refused-by-content', 'go-on', 'rejected'],
  ['dot', '554 5.7.5 Permanent error evaluating DMARC policy', 'refused-by-policy', 'go-on', 'rejected'],
];

const OTHERS: Case[] = [
  // Microsoft
  [
    'auth',
    '535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [PN3PR01CA0001]',
    'login-not-offered',
    'fix-credentials',
    'deferred',
  ],
  [
    'auth',
    '535 5.7.3 Authentication unsuccessful [TY2PR06CA0001.apcprd06.prod.outlook.com]',
    'wrong-password',
    'fix-credentials',
    'deferred',
  ],
  [
    'dot',
    '550 5.7.515 Access denied, sending domain EXAMPLE.COM does not meet the required authentication level.',
    'refused-by-policy',
    'go-on',
    'rejected',
  ],
  [
    'mail',
    '550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP.',
    'refused-by-policy',
    'go-on',
    'rejected',
  ],
  [
    'rcpt',
    '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient a@b.c not found by SMTP address lookup',
    'no-such-user',
    'go-on',
    'rejected',
  ],
  [
    'rcpt',
    '550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). [BN3NAM]',
    'no-such-user',
    'go-on',
    'rejected',
  ],
  [
    'greeting',
    '451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (S77719)',
    'rate-limited',
    'pause-sender',
  ],
  [
    'mail',
    '451 4.7.651 The mail server [192.0.2.1] has been temporarily rate limited due to IP reputation.',
    'rate-limited',
    'pause-sender',
  ],
  [
    'mail',
    "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your ISP since part of their network is on our block list (S3140).",
    'refused-by-policy',
    'go-on',
    'rejected',
  ],
  [
    'greeting',
    "421 RP-001 (SNT004-MC1F1) Unfortunately, some messages from 192.0.2.1 weren't sent.",
    'rate-limited',
    'pause-sender',
  ],
  ['dot', '554 5.2.252 SendAsDenied; me@a.b not allowed to send as you@c.d', 'sender-refused', 'go-on', 'rejected'],
  [
    'rcpt',
    '550 5.7.60 SMTP; Client does not have permissions to send as this sender',
    'sender-refused',
    'go-on',
    'rejected',
  ],
  // Yahoo
  [
    'greeting',
    '421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume or user complaints',
    'rate-limited',
    'pause-sender',
  ],
  [
    'mail',
    '553 5.7.2 [TSS09] All messages from 192.0.2.1 will be permanently deferred',
    'refused-by-policy',
    'go-on',
    'rejected',
  ],
  [
    'dot',
    '554 5.7.9 Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes',
    'refused-by-policy',
    'go-on',
    'rejected',
  ],
  [
    'dot',
    '554 Message not allowed - [PH01] Email not accepted for policy reasons.',
    'refused-by-policy',
    'go-on',
    'rejected',
  ],
  [
    'rcpt',
    "554 delivery error: dd This user doesn't have a yahoo.com account (a@yahoo.com) [0] - mta1",
    'no-such-user',
    'go-on',
    'rejected',
  ],
  ['rcpt', '552 1 Requested mail action aborted, mailbox not found', 'no-such-user', 'go-on', 'rejected'],
  // Postfix
  [
    'rcpt',
    '550 5.1.1 <nobody@example.com>: Recipient address rejected: User unknown in local recipient table',
    'no-such-user',
    'go-on',
    'rejected',
  ],
  [
    'rcpt',
    '450 4.2.0 <a@example.com>: Recipient address rejected: Greylisted, see http://postgrey',
    'retry-later',
    'retry',
  ],
  ['rcpt', '554 5.7.1 <a@example.com>: Relay access denied', 'refused-by-policy', 'go-on', 'rejected'],
  [
    'rcpt',
    '553 5.7.1 <me@example.com>: Sender address rejected: not owned by user you@example.com',
    'sender-refused',
    'go-on',
    'rejected',
  ],
  [
    'rcpt',
    '554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org',
    'refused-by-policy',
    'go-on',
    'rejected',
  ],
  ['mail', '552 5.3.4 Message size exceeds fixed limit', 'too-large', 'go-on', 'rejected'],
  ['auth', '535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6', 'wrong-password', 'fix-credentials', 'deferred'],
  [
    'auth',
    '454 4.7.0 Temporary authentication failure: Connection lost to authentication server',
    'login-unavailable',
    'pause-sender',
  ],
  ['dot', '550 5.7.1 Spam message rejected', 'refused-by-content', 'go-on', 'rejected'],
  ['dot', '554 5.7.1 virus Eicar-Test-Signature found', 'refused-by-content', 'go-on', 'rejected'],
  ['mail', '452 4.3.1 Insufficient system storage', 'retry-later', 'retry'],
  ['greeting', '421 4.7.0 mx.example.com Error: too many connections from 192.0.2.1', 'rate-limited', 'pause-sender'],
  // Japanese carriers and providers
  ['rcpt', '550 Unknown user a@docomo.ne.jp', 'no-such-user', 'go-on', 'rejected'],
  ['rcpt', '550 <a@ezweb.ne.jp>: User unknown', 'no-such-user', 'go-on', 'rejected'],
  ['rcpt', '550 Invalid recipient: <a@softbank.ne.jp>', 'no-such-user', 'go-on', 'rejected'],
  ['rcpt', '550 5.1.1 宛先のユーザーは存在しません', 'no-such-user', 'go-on', 'rejected'],
  ['mail', '550 5.7.1 Access denied (docomo policy)', 'refused-by-policy', 'go-on', 'rejected'],
  // Amazon SES
  ['dot', '454 Throttling failure: Maximum sending rate exceeded.', 'rate-limited', 'pause-sender'],
  ['dot', '454 Throttling failure: Daily message quota exceeded.', 'daily-limit', 'pause-sender'],
  [
    'dot',
    '554 Message rejected: Email address is not verified. The following identities failed the check in region US-EAST-1: me@example.com',
    'sender-refused',
    'go-on',
    'rejected',
  ],
  ['auth', '535 Authentication Credentials Invalid', 'wrong-password', 'fix-credentials', 'deferred'],
  ['dot', '554 Transaction failed: Expected disposition, got null', 'rejected', 'go-on', 'rejected'],
  ['dot', '454 Temporary service failure', 'retry-later', 'retry'],
  // SendGrid, Mailgun, Postmark
  [
    'dot',
    '550 The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.',
    'sender-refused',
    'go-on',
    'rejected',
  ],
  ['auth', '451 Authentication failed: Maximum credits exceeded', 'daily-limit', 'pause-sender'],
  ['auth', '535 Authentication failed: Bad username / password', 'wrong-password', 'fix-credentials', 'deferred'],
  [
    'dot',
    '421 Domain example.com is not allowed to send: Sandbox subdomains are for test purposes only',
    'retry-later',
    'retry',
  ],
  ['dot', '550 5.7.1 Domain mg.example.com is not verified', 'sender-refused', 'go-on', 'rejected'],
  ['dot', '550 5.7.1 Sender signature not found for me@example.com', 'sender-refused', 'go-on', 'rejected'],
  [
    'dot',
    '550 Account is pending approval: all recipients must share the domain of From',
    'refused-by-policy',
    'pause-sender',
    'rejected',
  ],
  // Without a better word
  ['greeting', '554 No SMTP service here', 'refused-by-policy', 'pause-sender', 'deferred'],
  ['ehlo', '502 command not implemented', 'protocol-error', 'retry', 'deferred'],
  ['rcpt', '451 try later', 'retry-later', 'retry'],
  ['mail', '550 no', 'sender-refused', 'go-on', 'rejected'],
  ['dot', '554 no', 'rejected', 'go-on', 'rejected'],
  ['dot', 'what', 'protocol-error', 'retry', 'deferred'],
  ['dot', '354 go on', 'protocol-error', 'retry', 'deferred'],
];

for (const [name, cases] of [
  ['Gmail', GMAIL],
  ['others', OTHERS],
] as const) {
  test(`replies of ${name}`, () => {
    const wrong: string[] = [];
    for (const [phase, text, reason, act, end] of cases) {
      const verdict = judgeReply(readReply(text), phase);
      const expected = end ?? (text.startsWith('4') ? 'deferred' : 'rejected');
      if (verdict.reason !== reason || verdict.act !== act || verdict.end !== expected)
        wrong.push(
          `${phase}: ${text}\n  ${verdict.end} ${verdict.reason} ${verdict.act}, expected ${expected} ${reason} ${act}`,
        );
      if (verdict.act === 'pause-sender' || verdict.act === 'retry') assert.ok(verdict.waitMs >= 60_000, text);
      else assert.equal(verdict.waitMs, 0, text);
    }
    assert.deepEqual(wrong, []);
  });
}

test('over the daily limit a sender rests for at least a day', () => {
  for (const text of [
    '550 5.4.5 Daily user sending limit exceeded',
    '552 5.4.5 quota',
    '454 Throttling failure: Daily message quota exceeded.',
  ]) {
    const { waitMs, end } = judgeReply(readReply(text), 'dot');
    assert.ok(waitMs >= 24 * HOUR, text);
    assert.equal(end, 'deferred');
  }
});

test('no temporary failure of a login is called a wrong password', () => {
  fc.assert(
    fc.property(fc.integer({ min: 400, max: 499 }), fc.string(), (code, words) => {
      const { reason } = judgeReply(readReply(`${code} ${words}`), 'auth');
      assert.notEqual(reason, 'wrong-password');
      assert.notEqual(reason, 'app-password-needed');
    }),
  );
});

test('codes and enhanced codes are read as servers write them', () => {
  const cases: [string, number | null, string | null][] = [
    ['250 2.1.0 OK', 250, '2.1.0'],
    ['250-first\n250 last', 250, null],
    ['535-5.7.8 Username\n535 5.7.8  https://x', 535, '5.7.8'],
    ['550 5.7.708 Service unavailable', 550, '5.7.708'],
    ['550 5.1.1: gone', 550, '5.1.1'],
    ['550 4.1.1 contradicts itself', 550, null],
    ['550', 550, null],
    ['250-never ends', 250, null],
    ['999 no', null, null],
    ['100 no', null, null],
    ['25', null, null],
    ['', null, null],
    ['HTTP/1.1 400', null, null],
    ['2500 OK', null, null],
  ];
  for (const [text, code, enhanced] of cases) {
    const reply = readReply(text);
    assert.deepEqual([reply.code, reply.enhanced], [code, enhanced], text);
  }
});

test('any text has a verdict from the closed lists, quickly', () => {
  const phases: SmtpPhase[] = ['greeting', 'ehlo', 'starttls', 'auth', 'mail', 'rcpt', 'data', 'dot'];
  const text = fc.oneof(
    fc.string(),
    fc
      .tuple(fc.integer({ min: 200, max: 599 }), fc.string({ unit: 'grapheme' }))
      .map(([code, words]) => `${code} ${words}`),
    fc.constantFrom(
      '550 user '.repeat(9_000),
      `550 ${'mailbox '.repeat(9_000)}`,
      `550 ${' '.repeat(99_999)}x`,
      `452 ${'quota exceeded its '.repeat(900)}`,
    ),
  );
  fc.assert(
    fc.property(text, fc.constantFrom(...phases), (raw, phase) => {
      const verdict = judgeReply(readReply(raw), phase);
      assert.ok(SEND_REASONS.includes(verdict.reason));
      assert.ok(['accepted', 'rejected', 'deferred'].includes(verdict.end));
      assert.equal(verdict.end === 'accepted', verdict.reason === 'accepted');
    }),
  );
});
