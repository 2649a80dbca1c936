/** From bytes to facts: whatever the bytes, they come out as plain data that is consistent with itself; and what was written is what is read. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { readDate } from '../../server/campaign/checks/headers.ts';
import { imitates, targetsOf } from '../../server/campaign/checks/links.ts';
import { overlap } from '../../server/campaign/checks/structure.ts';
import { readParameters } from '../../server/campaign/fields.ts';
import { readRspamd, readSpamd } from '../../server/campaign/filter.ts';
import { lineStarts, placeOf } from '../../server/campaign/html.ts';
import { languagesOf } from '../../server/campaign/language.ts';
import { readMessage } from '../../server/campaign/message.ts';
import { readCampaign } from '../../server/campaign/read.ts';
import { looksLikeMail } from '../../server/campaign/reader.ts';
import { contrast, readColour, readStyle } from '../../server/campaign/style.ts';
import { CHECKS } from '../../server/campaign/types.ts';
import { NOW } from './case.ts';

const HEAD = 'From: A <a@shop.example>\r\nMIME-Version: 1.0\r\n';

/** Pieces that mails are made of, so that chance finds more than rubbish. */
const piece = fc.constantFrom(
  ...[
    'From: a <a@b.example>\n',
    'Subject: =?utf-8?B?5bGK?=\n',
    'Content-Type: multipart/mixed; boundary=x\n',
    '\n',
    '\r\n',
    '\r',
  ],
  ...[
    'Content-Type: text/html; charset=utf-8\n',
    'Content-Type: text/plain; charset=iso-2022-jp\n',
    '--x\n',
    '--x--\n',
  ],
  ...[
    'Content-Transfer-Encoding: base64\n',
    'Content-Transfer-Encoding: quoted-printable\n',
    '=E5=B1\n',
    '\x1b$B@\\',
    '\x1b(B',
  ],
  ...[
    '<table><tr><td>',
    '</td>',
    '<a href="https://a.example/">',
    '</a>',
    '<p style="color:#aaa;display:none">',
    '<style>p{',
    '}</style>',
  ],
  ...[
    '<script>',
    '</script>',
    '<!--',
    '-->',
    '<img src="cid:a" alt>',
    '<svg/>',
    '&amp',
    '&#x1F600;',
    '\0',
    'é',
    '届く',
    'boots ',
  ],
);
const soup = fc
  .array(fc.oneof(piece, fc.string({ maxLength: 20 })), { maxLength: 60 })
  .map((parts) => Buffer.from(parts.join('')));

describe('any bytes', () => {
  test('give facts that fit themselves, and findings with places that exist', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          soup,
          fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
        ),
        (raw) => {
          const { facts, findings } = readCampaign(raw, NOW);
          assert.deepEqual(JSON.parse(JSON.stringify(facts)), facts);
          assert.equal(facts.bytes, raw.length);
          assert.ok(facts.headerBytes <= raw.length);
          assert.ok(facts.parts.every((part) => part.bytes >= 0 && part.bytes <= raw.length && part.line >= 1));
          assert.ok(facts.parts.every((part, i) => i === 0 || part.depth >= 1));
          const lines = raw.toString('latin1').split('\n').length;
          assert.ok(facts.lines <= lines + 1);
          for (const { evidence, check, id } of findings) {
            assert.ok(CHECKS.includes(check));
            const { line, column, part } = evidence;
            if (typeof line !== 'number') continue;
            const text = part === undefined ? null : [facts.source, facts.text].find((one) => one?.part === part)?.text;
            const last = text === null || text === undefined ? lines : text.split('\n').length;
            assert.ok(line >= 1 && line <= last, `${id}: line ${line} of ${last}`);
            if (typeof column === 'number') assert.ok(column >= 1, id);
          }
        },
      ),
      { numRuns: 600 },
    );
  });
});

describe('what was written is read', () => {
  /** No line break that a mail would change, no sign that no character set has. */
  const words = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 200 })
    .map((text) => text.replace(/[\p{C}\r\n]/gu, '').trim());
  test('text in base64 and quoted-printable', () => {
    fc.assert(
      fc.property(words, fc.constantFrom('base64', 'quoted-printable', '8bit'), (text, encoding) => {
        const bytes = Buffer.from(text);
        const body =
          encoding === 'base64'
            ? bytes.toString('base64').replace(/.{60}/g, '$&\r\n')
            : encoding === '8bit'
              ? text
              : [...bytes]
                  .map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`)
                  .join('')
                  .replace(/(?:=..){20}/g, '$&=\r\n');
        const facts = readMessage(
          Buffer.from(
            `${HEAD}Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}`,
          ),
        );
        assert.equal(facts.text?.text, text);
        assert.deepEqual(facts.text?.faults, []);
      }),
    );
  });
  test('the tree of parts', () => {
    type Node = { type: 'leaf' } | { type: 'multi'; children: Node[] };
    const tree = fc.letrec<{ node: Node; multi: Node }>((tie) => ({
      node: fc.oneof({ depthSize: 'small', withCrossShrink: true }, fc.constant<Node>({ type: 'leaf' }), tie('multi')),
      multi: fc
        .array(tie('node'), { minLength: 1, maxLength: 3 })
        .map((children): Node => ({ type: 'multi', children })),
    })).multi;
    let made = 0;
    const write = (node: Node): string => {
      if (node.type === 'leaf') return 'Content-Type: application/x-leaf\r\n\r\nleaf\r\n';
      const boundary = `b${made++}`;
      return `Content-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n${node.children.map((child) => `--${boundary}\r\n${write(child)}\r\n`).join('')}--${boundary}--\r\n`;
    };
    const paths = (node: Node, path: string): string[] => [
      path === '' ? '0' : path,
      ...(node.type === 'leaf'
        ? []
        : node.children.flatMap((child, i) => paths(child, path === '' ? `${i + 1}` : `${path}.${i + 1}`))),
    ];
    fc.assert(
      fc.property(tree, (root) => {
        const facts = readMessage(Buffer.from(HEAD + write(root)));
        assert.deepEqual(
          facts.parts.map((part) => part.path),
          paths(root, ''),
        );
        assert.ok(facts.parts.every((part) => !part.type.startsWith('multipart/') || (part.opened && part.closed)));
      }),
    );
  });
  test('links, their texts and their places', () => {
    const link = fc.record({
      path: fc.stringMatching(/^[a-z0-9/]{1,20}$/),
      text: fc.stringMatching(/^[A-Za-z届く ]{1,20}$/),
      lines: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(link, { maxLength: 20 }), (wanted) => {
        const html = wanted
          .map(({ path, text, lines }) => `${'\n'.repeat(lines)}<p><a href="https://a.example/${path}">${text}</a></p>`)
          .join('');
        const facts = readMessage(Buffer.from(`${HEAD}Content-Type: text/html; charset=utf-8\r\n\r\n${html}`));
        const found = facts.html?.links ?? [];
        assert.deepEqual(
          found.map(({ href, text }) => [href, text]),
          wanted.map(({ path, text }) => [`https://a.example/${path}`, text.replace(/\s+/g, ' ').trim()]),
        );
        const rows = html.split('\n');
        for (const { place } of found) assert.ok(rows[place.line - 1]?.slice(place.column - 1).startsWith('<a href'));
      }),
    );
  });
});

test('Japanese in ISO-2022-JP, subject and text, is read as it was written', () => {
  const raw = Buffer.concat([
    Buffer.from(
      'From: =?ISO-2022-JP?B?GyRCRk8kLxsoQg==?= <a@shop.example>\r\nSubject: =?ISO-2022-JP?B?GyRCRk8kLxsoQg==?=\r\nMIME-Version: 1.0\r\n',
    ),
    Buffer.from(
      'Content-Type: text/plain; charset=ISO-2022-JP\r\nContent-Transfer-Encoding: 7bit\r\n\r\n\x1b$BFO$/\x1b(B\r\n',
      'latin1',
    ),
  ]);
  const facts = readMessage(raw);
  assert.deepEqual(
    [facts.subject, facts.from.name, facts.text?.text, facts.text?.faults, facts.languages],
    ['届く', '届く', '届く\r\n', [], ['ja']],
  );
});

test('a byte order mark and the line of a mailbox file belong to no mail, and lines keep their numbers', () => {
  const mail = 'Subject: x\nFrom: a <a@shop.example>\n\nhello\n';
  for (const [before, line] of [
    ['\ufeff', 1],
    ['From a@shop.example Wed Nov 25 09:30:00 2026\n', 2],
    ['\ufeffFrom - Wed Nov 25 09:30:00 2026\n', 2],
  ] as const) {
    const facts = readMessage(Buffer.from(before + mail));
    assert.deepEqual([facts.subject, facts.from.domain, facts.strayLines], ['x', 'shop.example', []]);
    assert.equal(facts.fields[0]?.line, line);
    assert.ok(looksLikeMail(Buffer.from(before + mail)));
  }
});

const LANGUAGES: [text: string, languages: string[]][] = [
  ['Dear reader, the boots are here for you and your family this winter', ['en']],
  ['冬のブーツが入荷しました。暖かくて濡れません。どうぞご覧ください。', ['ja']],
  ['Sie finden die Schuhe und die Jacken für den Winter auf der Seite', ['de']],
  ['ブーツ', ['ja']],
  ['12345', []],
];
for (const [text, languages] of LANGUAGES)
  test(`${text} speaks ${languages.join() || 'nothing'}`, () => assert.deepEqual(languagesOf(text), languages));

const DATES: [text: string, good: boolean][] = [
  ['Wed, 25 Nov 2026 09:30:00 +0900', true],
  ['25 Nov 2026 09:30 GMT', true],
  ['Wed, 25 Nov 2026 09:30:00 +0900 (JST)', true],
  ['2026-11-25T09:30:00Z', false],
  ['Wed, 45 Nov 2026 09:30:00 +0900', false],
  ['yesterday', false],
];
for (const [text, good] of DATES)
  test(`the date ${text} is ${good ? 'one' : 'none'}`, () => assert.equal(readDate(text) !== null, good));

const PARAMETERS: [value: string, name: string, expected: string | undefined][] = [
  ['text/html; charset="utf-8"', 'charset', 'utf-8'],
  ['a/b; filename="a;b.pdf"', 'filename', 'a;b.pdf'],
  ["a/b; filename*=UTF-8''%E5%B1%8A.pdf", 'filename', '届.pdf'],
  ['a/b; filename*0="a"; filename*1="b.pdf"', 'filename', 'ab.pdf'],
  ['a/b; __proto__=x', 'toString', undefined],
];
for (const [value, name, expected] of PARAMETERS)
  test(`${value} has ${name} ${expected}`, () => assert.equal(readParameters(value).parameters.get(name), expected));

const IMITATIONS: [host: string, imitated: string | null][] = [
  ['xn--80ak6aa92e.com', 'apple.com'],
  ['xn--bcher-kva.example', null],
  ['xn--eckwd4c7c.xn--zckzah', null],
  ['apple.com', null],
];
for (const [host, imitated] of IMITATIONS)
  test(`${host} imitates ${imitated ?? 'nothing'}`, () => assert.equal(imitates(host), imitated));

const ACTS: [href: string, text: string, skip: string | null][] = [
  ['https://a.example/boots', 'See boots', null],
  ['https://a.example/x?id=1', 'Unsubscribe', 'unsubscribe'],
  ['https://a.example/unsubscribe/1', 'here', 'unsubscribe'],
  ['https://a.example/%E9%85%8D%E4%BF%A1%E5%81%9C%E6%AD%A2', 'x', 'unsubscribe'],
  ['https://a.example/x', '配信停止はこちら', 'unsubscribe'],
  ['https://a.example/confirm?t=1', 'Go', 'confirmation'],
  ['https://a.example/x', 'メールアドレスを認証する', 'confirmation'],
  ['https://a.example/list', 'x', 'unsubscribe'],
];
for (const [href, text, skip] of ACTS)
  test(`${text} (${href}) is ${skip === null ? 'asked' : 'not asked'}`, () => {
    const [target] = targetsOf([{ href, text, place: { line: 1, column: 1 } }], ['https://a.example/list']);
    assert.equal(target?.skip, skip);
  });
test('an address behind two texts is judged by the careful one', () => {
  const place = { line: 1, column: 1 };
  const href = 'https://a.example/x';
  for (const texts of [
    ['Boots', 'Unsubscribe'],
    ['Unsubscribe', 'Boots'],
  ]) {
    const targets = targetsOf(
      texts.map((text) => ({ href, text, place })),
      [],
    );
    assert.deepEqual(
      targets.map(({ skip }) => skip),
      ['unsubscribe'],
    );
  }
});

test('colours, styles and contrast', () => {
  assert.deepEqual(readColour('#abc'), [0xaa, 0xbb, 0xcc]);
  assert.deepEqual(readColour('rgb(1, 2, 3)'), [1, 2, 3]);
  assert.equal(readColour('var(--x)'), undefined);
  assert.equal(Math.round(contrast([0, 0, 0], [255, 255, 255])), 21);
  assert.equal(contrast([9, 9, 9], [9, 9, 9]), 1);
  assert.equal(readStyle('COLOR: Red !important; x').get('color'), 'red');
});

test('texts are compared by words, Japanese by pairs of signs', () => {
  assert.equal(overlap('one two three', 'one two'), null);
  const text = 'いつもご利用いただきありがとうございます。冬のブーツが入荷しました。';
  assert.equal(overlap(text, text), 1);
  assert.ok((overlap(text, '荷物のお届けに伺いましたが不在のため持ち帰りました。下記よりご確認ください。') ?? 1) < 0.3);
});

test('places are those that counting gives', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', '\n', '届'), { maxLength: 60 }), fc.nat(60), (signs, offset) => {
      const text = signs.join('');
      const at = Math.min(offset, text.length);
      const before = text.slice(0, at).split('\n');
      assert.deepEqual(placeOf(lineStarts(text), at), {
        line: before.length,
        column: (before.at(-1)?.length ?? 0) + 1,
      });
    }),
  );
});

test('an answer of blanks is read at once', () => {
  const before = process.cpuUsage();
  const view = readSpamd(`SPAMD/1.1 0 EX_OK\r\nSpam: True ; 5 / 5\r\n\r\n${' '.repeat(200_000)}x`, 1);
  assert.ok(view?.answered && view.symbols.length === 0);
  assert.ok(process.cpuUsage(before).user < 500_000);
});
test('whatever a filter answers is read or refused', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      for (const view of [readRspamd(text, 1), readSpamd(`SPAMD/1.1 0 EX_OK\r\n${text}`, 1)])
        assert.ok(view === null || view.answered);
    }),
  );
});
