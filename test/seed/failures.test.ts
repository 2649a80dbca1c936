import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cleanReply, folderReason, loginReason, reasonOfCode, refusalReason } from '../../server/seed/failures.ts';
import { SEED_REASONS, type SeedReason } from '../../server/seed/types.ts';

const LOGINS: [reply: string, code: string | null, reason: SeedReason][] = [
  ['Invalid credentials (Failure)', 'AUTHENTICATIONFAILED', 'wrong-password'],
  ['[AUTHENTICATIONFAILED] Authentication failed.', null, 'wrong-password'],
  ['LOGIN failed.', null, 'wrong-password'],
  ['something nobody has seen before', null, 'wrong-password'],
  [
    'Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)',
    'ALERT',
    'app-password-needed',
  ],
  [
    'Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754 (Failure)',
    'WEBALERT',
    'app-password-needed',
  ],
  ['Web login required: https://support.google.com/mail/answer/78754 (Failure)', 'ALERT', 'app-password-needed'],
  ['LogonDenied-BasicAuthBlocked-V1', null, 'app-password-needed'],
  ['Temporary authentication failure. [host:2026-11-01]', 'UNAVAILABLE', 'login-unavailable'],
  ['Server Unavailable. 15', null, 'login-unavailable'],
  ['Authentication failed, please try again later', null, 'wrong-password'],
  ['LOGIN Rate limit hit', 'LIMIT', 'rate-limited'],
  ['Too many simultaneous connections. (Failure)', 'ALERT', 'rate-limited'],
  ['Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)', null, 'rate-limited'],
  ['Account exceeded command or bandwidth limits. (Failure)', 'OVERQUOTA', 'rate-limited'],
  ['Too many login failures', null, 'rate-limited'],
  [
    'IMAP access is disabled for your domain. Please contact your domain administrator. (Failure)',
    'ALERT',
    'login-disabled',
  ],
  ['Your account is not enabled for IMAP use. Please visit your Gmail settings page', 'ALERT', 'login-disabled'],
  ['POP3 access is disabled', null, 'login-disabled'],
  ['-ERR [SYS/PERM] Your account is not enabled for POP access.', null, 'login-disabled'],
  ['-ERR [AUTH] Username and password not accepted.', null, 'wrong-password'],
  ['-ERR [SYS/TEMP] Temporary system problem', null, 'login-unavailable'],
  ['-ERR [IN-USE] Do you have another POP session running?', null, 'account-in-use'],
  ['-ERR [LOGIN-DELAY] too soon', null, 'rate-limited'],
  ['-ERR maildrop already locked', null, 'account-in-use'],
];
for (const [reply, code, reason] of LOGINS) {
  test(`a login refused with ${code ?? ''} ${reply.slice(0, 60)}`, () =>
    assert.equal(loginReason(reply, code), reason));
}

test('a temporary trouble is never a wrong password', () => {
  for (const word of ['UNAVAILABLE', 'SYS/TEMP', 'LIMIT', 'THROTTLED', 'OVERQUOTA', 'IN-USE', 'LOGIN-DELAY']) {
    assert.notEqual(loginReason('invalid credentials', word), 'wrong-password', word);
  }
});

test('a refused command is never a wrong password', () => {
  assert.equal(refusalReason('Authentication failed', null, 'protocol-error'), 'protocol-error');
  assert.equal(refusalReason('[THROTTLED] slow down'), 'rate-limited');
  assert.equal(folderReason('Mailbox does not exist', 'NONEXISTENT'), 'folder-missing');
  assert.equal(folderReason('Unknown Mailbox: [Gmail]/Spam (now in authenticated state)'), 'folder-missing');
  assert.equal(folderReason('Mailbox was deleted under us (0.001 + 0.000 secs).'), 'connection-lost');
  assert.equal(folderReason('Account exceeded command or bandwidth limits.', 'OVERQUOTA'), 'rate-limited');
});

test('codes', () => {
  assert.equal(reasonOfCode('ECONNREFUSED'), 'connection-refused');
  assert.equal(reasonOfCode('LiteralTooLarge'), 'answer-too-large');
  assert.equal(reasonOfCode('ParserError7'), 'protocol-error');
  for (const odd of ['', 'constructor', '__proto__', 'toString']) assert.equal(reasonOfCode(odd), null);
});

test('any words give a reason of the closed list', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), fc.option(fc.string()), (reply, code) => {
      for (const judge of [loginReason, refusalReason, folderReason])
        assert.ok(SEED_REASONS.includes(judge(reply, code)));
    }),
  );
});

test('replies are one clean line without the password, plain or in base64', () => {
  const secret = 'päss-word 99';
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ maxLength: 40 }), (before, after) => {
      for (const said of [secret, Buffer.from(`${before}${secret}${after}`).toString('base64')]) {
        const line = cleanReply(`${before}\r\n${said}${after}`, [secret]) ?? '';
        assert.ok(!line.includes(secret));
        assert.doesNotMatch(line, /[\p{Cc}\u2028\u2029]/u);
        assert.ok(line.length <= 300 && line.isWellFormed());
        for (const text of line.match(/[A-Za-z0-9+/=]{12,}/g) ?? []) {
          assert.ok(!Buffer.from(text, 'base64').toString().includes(secret));
        }
      }
    }),
  );
  assert.equal(cleanReply(' \r\n', []), null);
});
