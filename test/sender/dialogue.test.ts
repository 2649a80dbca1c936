/** The evidence holds no secret in any form, and stays small whatever a server says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { maskLogin, newDialogue, readable, scrubber } from '../../server/sender/dialogue.ts';

test('what the client says while logging in', () => {
  const cases: [string, string][] = [
    ['AUTH PLAIN AHVzZXIAc2VjcmV0', 'AUTH PLAIN ***'],
    ['AUTH LOGIN', 'AUTH LOGIN'],
    ['AUTH XOAUTH2 dXNlcj1h', 'AUTH XOAUTH2 ***'],
    ['AUTH SCRAM-SHA-256 abc', 'AUTH SCRAM-SHA-256 ***'],
    ['c2VjcmV0', '***'],
    ['', '***'],
    ['AUTHsecret', '***'],
  ];
  for (const [line, shown] of cases) assert.equal(maskLogin(line), shown);
});

test('a password is taken out in every form it travels in', () => {
  const password = fc.string({ unit: 'grapheme', minLength: 4, maxLength: 40 });
  fc.assert(
    fc.property(password, fc.string(), fc.string(), (secret, before, after) => {
      fc.pre(!secret.includes('*') && secret.isWellFormed());
      const scrub = scrubber('user', secret);
      const bytes = Buffer.from(secret);
      const forms = [secret, bytes.toString('base64'), bytes.toString('hex'), encodeURIComponent(secret)];
      forms.push(Buffer.from(`\0user\0${secret}`).toString('base64'));
      for (const form of forms)
        assert.ok(!scrub(`${before}${form}${after}`).includes(form) || '***'.includes(form), form);
    }),
  );
  assert.equal(scrubber('user', null)('abc'), 'abc');
  assert.equal(scrubber('user', 'a')('abc'), 'abc', 'a very short password would tear holes into ordinary words');
});

test('a dialogue is bounded and each line is plain text', () => {
  const dialogue = newDialogue(
    () => 7,
    (text) => text,
  );
  for (let line = 0; line < 5_000; line++) dialogue.add('server', `250 \x1b[31m${'x'.repeat(10_000)}`);
  assert.equal(dialogue.lines.length, 201);
  assert.ok(JSON.stringify(dialogue.lines).length < 600_000);
  assert.deepEqual(dialogue.lines[200], { at: 7, from: 'note', text: '…' });
  assert.equal(readable('a\r\nb\rc\u2028d\0e\tf'), 'a\nb\nc�d�e�f');
});
