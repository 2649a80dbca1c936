/** A probe's message: what its bytes hold, that nobody can smuggle a header into it, and that the same draft gives the same bytes. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import PostalMime from 'postal-mime';
import { AppError } from '../../server/errors.ts';
import type { MonitorMessage } from '../../server/monitor/types.ts';
import {
  composeProbe,
  newMessageId,
  PROBE_HEADER,
  type ProbeDraft,
  templateOfTurn,
} from '../../server/probe/compose.ts';

const TOKEN = '0123456789abcdefghjk';
const SENT_AT = Date.UTC(2026, 10, 23, 9, 30);

function draft(message: MonitorMessage, changes: Partial<ProbeDraft> = {}): ProbeDraft {
  const fromAddress = changes.sender?.fromAddress ?? 'news@good.test';
  return {
    message,
    sender: { fromAddress, fromName: '株式会社グッド' },
    to: 'inbox@gmail.test',
    token: TOKEN,
    messageId: newMessageId(TOKEN, fromAddress),
    sentAt: SENT_AT,
    turn: 0,
    ...changes,
  };
}

/** Header fields as a strict reader sees them: unfolded, in order, up to the first empty line; every line end is CRLF. */
function fieldsOf(raw: Buffer): [name: string, value: string][] {
  const text = raw.toString('latin1');
  assert.doesNotMatch(text, /(?<!\r)\n|\r(?!\n)/, 'a bare CR or LF');
  const header = text.slice(0, text.indexOf('\r\n\r\n'));
  return header
    .replace(/\r\n[ \t]/g, ' ')
    .split('\r\n')
    .map((line) => {
      const colon = line.indexOf(':');
      assert.ok(colon > 0, line);
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    });
}

test('every template in both languages, over many turns', async () => {
  const subjects = new Map<string, Set<string>>();
  for (const language of ['en', 'ja'] as const) {
    for (const template of ['plain', 'one-link', 'newsletter', 'varied'] as const) {
      for (let turn = 0; turn < 18; turn++) {
        const { raw, subject } = await composeProbe(draft({ template, language }, { turn }));
        const mail = await PostalMime.parse(raw);
        const fields = new Map(fieldsOf(raw));
        const what = `${language} ${template} ${turn}`;
        assert.equal(mail.subject, subject, what);
        assert.equal(mail.from?.address, 'news@good.test');
        assert.equal(mail.from?.name, '株式会社グッド');
        assert.deepEqual(
          mail.to?.map((to) => to.address),
          ['inbox@gmail.test'],
        );
        assert.equal(fields.get(PROBE_HEADER.toLowerCase()), TOKEN);
        assert.equal(fields.get('message-id'), `<${TOKEN}@good.test>`);
        assert.equal(Date.parse(fields.get('date') ?? ''), SENT_AT);
        assert.ok(
          raw
            .toString('latin1')
            .split('\r\n')
            .every((line) => line.length <= 998),
          what,
        );
        assert.ok(
          raw.every((byte) => byte < 128),
          'seven bits',
        );
        for (const part of [mail.text, mail.html]) {
          assert.ok((part?.length ?? 0) > 150, what);
          assert.ok(part?.includes(TOKEN), what);
        }
        const kind = templateOfTurn(template, turn);
        const links = [...(mail.html ?? '').matchAll(/https?:\/\/([^/"<]*)/g)].map((match) => match[1]);
        assert.equal(links.length === 0, kind === 'plain', what);
        for (const host of links) assert.equal(host, 'good.test', what);
        assert.equal(fields.has('list-unsubscribe'), kind === 'newsletter', what);
        if (language === 'ja') assert.match(mail.text ?? '', /(です|ます|ました|ません|ください)。/, what);
        const key = `${language} ${template}`;
        subjects.set(key, (subjects.get(key) ?? new Set()).add(subject));
      }
    }
  }
  for (const [key, seen] of subjects)
    assert.ok(seen.size >= (key.endsWith('varied') ? 9 : 3), `${key}: ${seen.size} subjects`);
});

test('varied takes the three kinds in turn, and a token decides where no turn is given', async () => {
  assert.deepEqual(
    [0, 1, 2, 3, -1].map((turn) => templateOfTurn('varied', turn)),
    ['plain', 'one-link', 'newsletter', 'plain', 'newsletter'],
  );
  const { turn: _left, ...untimed } = draft({});
  assert.deepEqual(await composeProbe(untimed), await composeProbe(untimed));
});

test('the token stays out of the body when the user says so', async () => {
  for (const message of [{ template: 'newsletter' }, { text: 'Hello', html: '<p>Hello</p>' }] as const) {
    const { raw } = await composeProbe(draft({ ...message, tokenInBody: false }));
    const mail = await PostalMime.parse(raw);
    assert.ok(!mail.text?.includes(TOKEN) && !mail.html?.includes(TOKEN));
    assert.equal(new Map(fieldsOf(raw)).get('x-todoku-probe'), TOKEN);
  }
});

test('own words arrive as they were typed', async () => {
  const own = {
    subject: 'お知らせ 🎉',
    text: '一行目\n.\n三行目 from here',
    html: '<html><body><p>本文</p></BODY></html>',
  };
  const mail = await PostalMime.parse((await composeProbe(draft(own))).raw);
  assert.equal(mail.subject, own.subject);
  assert.ok(mail.text?.replaceAll('\r\n', '\n').startsWith(own.text));
  assert.match(mail.html ?? '', /<p>本文<\/p><p [^>]*>[^<]*0123456789abcdefghjk<\/p>\s*<\/BODY>/);
  const only = await PostalMime.parse((await composeProbe(draft({ html: '<p>x</p>' }))).raw);
  assert.match(only.html ?? '', /<p>x<\/p>/);
});

test('nothing typed becomes a header or a recipient', async () => {
  const breaks = fc.constantFrom(
    '\r\n',
    '\n',
    '\r',
    '\0',
    '\u2028',
    '\u2029',
    '\u0085',
    '\r\n\r\n',
    '\r\n.\r\n',
    '\v',
    '\f',
  );
  const words = fc.constantFrom(
    'Bcc: evil@evil.test',
    'X-Todoku-Probe: forged',
    ' ',
    ',',
    '<a@b.test>',
    '"',
    ';',
    '届く',
    '=?utf-8?Q?=0ABcc:_x?=',
    'x'.repeat(300),
    '\ud800',
  );
  const hostile = fc.array(fc.oneof(breaks, words, fc.string()), { maxLength: 8 }).map((parts) => parts.join(''));
  await fc.assert(
    fc.asyncProperty(hostile, hostile, hostile, hostile, fc.boolean(), async (subject, fromName, text, html, both) => {
      const message = { subject, text, ...(both ? { html } : {}) };
      const composed = await composeProbe(draft(message, { sender: { fromAddress: 'news@good.test', fromName } }));
      const names = fieldsOf(composed.raw).map(([name]) => name);
      const allowed = [
        'x-todoku-probe',
        'from',
        'to',
        'subject',
        'message-id',
        'date',
        'mime-version',
        'content-type',
        'content-transfer-encoding',
      ];
      assert.deepEqual(
        names.filter((name) => !allowed.includes(name)),
        [],
      );
      assert.equal(new Set(names).size, names.length, 'no header twice');
      const mail = await PostalMime.parse(composed.raw);
      assert.deepEqual(
        mail.to?.map((to) => to.address),
        ['inbox@gmail.test'],
      );
      assert.equal(mail.from?.address, 'news@good.test');
      assert.equal(mail.cc, undefined);
      assert.equal(mail.bcc, undefined);
      assert.doesNotMatch(composed.subject, /[\r\n\0]/);
    }),
    { numRuns: 300 },
  );
});

test('an address that is not plainly one is refused', async () => {
  const wrong = [
    '',
    'a',
    '@',
    'a@',
    '@b',
    'a@b, c@d',
    'a@b;c@d',
    '<a@b>',
    '"a b"@c',
    'a@b\r\nBcc: c@d',
    'a@b\0',
    'a @b',
    'a@b c',
    'x (y)@b',
    'a@b@c',
    'a@[127.0.0.1]',
    'a@b\u2028',
    '\ud800@b',
  ];
  for (const address of wrong) {
    const bad = (error: unknown): boolean => error instanceof AppError && error.code === 'invalid';
    await assert.rejects(composeProbe(draft({ text: 'x' }, { to: address })), bad, JSON.stringify(address));
    const sender = { fromAddress: address, fromName: null };
    await assert.rejects(composeProbe({ ...draft({ text: 'x' }), sender }), bad, JSON.stringify(address));
  }
});

test('Message-IDs are clean whatever the address', () => {
  const cases: [string, string, string][] = [
    ['abc', 'me@Example.COM', '<abc@example.com>'],
    ['ABC_1', 'me@example.com.', '<abc1@example.com>'],
    ['abc', 'me@日本.jp', '<abc@xn--wgv71a.jp>'],
    ['abc', 'me', '<abc@me>'],
    ['', '', '<probe@localhost>'],
    ['a..b.', 'me@-x.test-', '<a.b@x.test>'],
  ];
  for (const [token, from, expected] of cases) assert.equal(newMessageId(token, from), expected);
  fc.assert(
    fc.property(fc.string(), fc.string({ unit: 'binary' }), (token, from) => {
      assert.match(newMessageId(token, from), /^<[a-z0-9](?:[a-z0-9.-]*)@[a-z0-9](?:[a-z0-9.-]*)>$/);
    }),
  );
});

test('golden messages', async () => {
  const folder = new URL('../golden/sender/', import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  assert.ok(names.length >= 4);
  for (const name of names) {
    const given = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as ProbeDraft;
    const { raw } = await composeProbe({ ...given, messageId: newMessageId(given.token, given.sender.fromAddress) });
    const expected = readFileSync(new URL(name.replace(/json$/, 'eml'), folder), 'latin1');
    // Git may check text out with other line ends; that the bytes have CRLF is tested above.
    assert.equal(raw.toString('latin1').replaceAll('\r\n', '\n'), expected.replaceAll('\r\n', '\n'), name);
  }
});
