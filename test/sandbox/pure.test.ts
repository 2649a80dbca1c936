/** The sandbox's own parsers: fates, folder names, IMAP commands, MIME parts. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { composeBounce } from '../../server/sandbox/bounce.ts';
import { makeCertificates } from '../../server/sandbox/certificates.ts';
import { fateOf } from '../../server/sandbox/fate.ts';
import { createCommandReader, inSet, parseSet, tokenize } from '../../server/sandbox/imap-commands.ts';
import { parseFetchItems, quoted } from '../../server/sandbox/imap-fetch.ts';
import { decodeFolderName, encodeFolderName, fitsPattern } from '../../server/sandbox/imap-names.ts';
import { headerEnd, headerFields, parseStructure } from '../../server/sandbox/mime-structure.ts';
import { mailDate } from '../../server/sandbox/provider-headers.ts';

describe('the fate of an address', () => {
  const places: [string, string | null][] = [
    ['inbox@gmail.test', 'inbox'],
    ['inbox-2@gmail.test', 'inbox'],
    ['INBOX+tokyo@gmail.test', 'inbox'],
    ['spam-a-b@x', 'spam'],
    ['promotions@gmail.test', 'promotions'],
    ['other@plain.test', 'other'],
    ['inboxes@gmail.test', null],
    ['anna@gmail.test', null],
    ['spammer@gmail.test', null],
    ['', null],
    ['@', null],
  ];
  for (const [address, place] of places) {
    test(`${address} → ${place}`, () => assert.equal(fateOf(address).delivery.place, place));
  }
  test('delays', () => {
    const delays = ['slow-30s@x', 'slow-1500ms-b@x', 'slow@x', 'slow-nonsense@x'];
    assert.deepEqual(
      delays.map((each) => fateOf(each).delivery.delayMs),
      [30_000, 1_500, 30_000, 30_000],
    );
    assert.equal(fateOf('moved-200ms@x').delivery.movedAfterMs, 200);
  });
  test('submissions', () => {
    const kinds = [
      '550-2@x',
      'full@x',
      'policy@x',
      'content@x',
      'limit@x',
      'stall@x',
      'drop-after-dot-3@x',
      'rst-after-dot@x',
      'unauthenticated@x',
      'anna@x',
    ];
    assert.deepEqual(
      kinds.map((each) => fateOf(each).submission.kind),
      [
        ...['no-such-user', 'full', 'policy', 'content', 'daily-limit', 'stall', 'drop-after-dot', 'rst-after-dot'],
        ...['unauthenticated', 'take'],
      ],
    );
    assert.deepEqual(fateOf('defer-2@x').submission, { kind: 'defer', times: 2 });
    assert.deepEqual(fateOf('defer-always@x').submission, { kind: 'defer', times: Number.POSITIVE_INFINITY });
    assert.deepEqual(fateOf('late-250-90s@x').submission, { kind: 'late-250', ms: 90_000 });
  });
  test('logins', () => {
    const logins = [
      'imap-down@x',
      'wrong-password-7@x',
      'throttled@x',
      'in-use@x',
      'app-password-needed@x',
      'too-many-logins@x',
    ];
    assert.deepEqual(
      logins.map((each) => fateOf(each).login),
      logins.map((each) => each.replace(/(-7)?@x$/, '')),
    );
  });
  test('never throws', () => fc.assert(fc.property(fc.string(), (text) => void fateOf(text))));
});

describe('folder names', () => {
  const pairs: [string, string][] = [
    ['[Gmail]/迷惑メール', '[Gmail]/&j,dg0TDhMPww6w-'],
    ['お知らせ & 通知', '&MEp35TCJMFs- &- &kBp35Q-'],
    ['INBOX', 'INBOX'],
    ['&', '&-'],
    ['😀', '&2D3eAA-'],
  ];
  for (const [name, wire] of pairs) {
    test(name, () => {
      assert.equal(encodeFolderName(name), wire);
      assert.equal(decodeFolderName(wire), name);
    });
  }
  test('what is written is read again', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (name) => {
        const wire = encodeFolderName(name);
        assert.match(wire, /^[\x20-\x7e]*$/);
        assert.equal(decodeFolderName(wire), name);
      }),
    ));
  const patterns: [string, string, boolean][] = [
    ['*', '[Gmail]/迷惑メール', true],
    ['%', '[Gmail]/迷惑メール', false],
    ['%', '[Gmail]', true],
    ['[Gmail]/%', '[Gmail]/迷惑メール', true],
    ['%/%', '[Gmail]/迷惑メール', true],
    ['Junk*', 'Junk Email', true],
    ['Junk', 'Junk Email', false],
    [`${'*'.repeat(500)}b`, 'a'.repeat(500), false],
  ];
  for (const [pattern, name, fits] of patterns) {
    test(`${pattern.slice(0, 20)} and ${name.slice(0, 20)}`, () => assert.equal(fitsPattern(pattern, name), fits));
  }
});

describe('IMAP commands', () => {
  const read = async (bytes: Buffer, cuts: number[]) => {
    let asked = 0;
    const reader = createCommandReader(
      () => 1_000,
      () => asked++,
    );
    const pieces = reader.next();
    let from = 0;
    for (const cut of [...cuts, bytes.length]) {
      reader.push(bytes.subarray(from, cut));
      from = cut;
      await Promise.resolve();
    }
    return { pieces: await pieces, asked: () => asked };
  };
  const login = Buffer.from('a1 LOGIN {5}\r\nan na {4+}\r\npä]\r\n', 'utf8');

  test('literals come out whole, however the bytes are cut', () =>
    fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: 1, max: login.length - 1 }), { maxLength: 6 }),
        async (cuts) => {
          const { pieces, asked } = await read(
            login,
            cuts.sort((a, b) => a - b),
          );
          assert.equal(asked(), 1);
          assert.deepEqual(
            tokenize(pieces ?? []).map((token) =>
              token.kind === 'string' ? token.bytes.toString() : token.kind === 'atom' ? token.text : [],
            ),
            ['a1', 'LOGIN', 'an na', 'pä]'],
          );
        },
      ),
    ));
  test('too long a line and too large a literal end the reading', async () => {
    for (const [bytes, excess] of [
      [Buffer.alloc(70_000, 0x61), 'line'],
      [Buffer.from('a APPEND x {999999999999}\r\n'), 'literal'],
      [Buffer.from(`a APPEND x {600}\r\n${'x'.repeat(600)} {600}\r\n`), 'literal'],
    ] as const) {
      const reader = createCommandReader(
        () => 1_000,
        () => undefined,
      );
      reader.push(bytes);
      assert.equal(await reader.next(), null);
      assert.equal(reader.excess(), excess);
    }
  });
  test('atoms keep the brackets of a section', () => {
    const tokens = tokenize([Buffer.from('a FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (X-Todoku-Probe Date)]<0.100>)')]);
    assert.deepEqual(tokens.at(-1), {
      kind: 'list',
      items: [
        { kind: 'atom', text: 'UID' },
        { kind: 'atom', text: 'BODY.PEEK[HEADER.FIELDS (X-Todoku-Probe Date)]<0.100>' },
      ],
    });
  });
  test('nonsense is a syntax error, nothing worse', () =>
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          const tokens = tokenize([Buffer.from(text)]);
          parseFetchItems(tokens[0], true);
          parseSet(text, 5);
        } catch (error) {
          assert.ok(error instanceof Error && 'imapSyntax' in error, String(error));
        }
      }),
    ));
  test('sets', () => {
    assert.deepEqual(parseSet('1:3,7,9:*', 12), [
      [1, 3],
      [7, 7],
      [9, 12],
    ]);
    assert.deepEqual(parseSet('*:4', 2), [[2, 4]]);
    assert.equal(inSet(parseSet('5,1:2', 9), 2), true);
    for (const bad of ['', 'a', '1:', '1,,2', ':3', '1:2:3']) assert.throws(() => parseSet(bad, 3));
  });
  test('strings are quoted, or literals', () => {
    assert.equal(quoted('a "b" \\'), '"a \\"b\\" \\\\"');
    assert.equal(quoted('a\r\nb'), '{4}\r\na\r\nb');
    assert.equal(quoted(null), 'NIL');
  });
});

describe('parts of a mail', () => {
  const report = composeBounce({
    to: 'a@good.test',
    recipient: 'b@x.test',
    reply: '550 5.1.1 No',
    remote: 'mx.x.test',
    raw: Buffer.from('Message-ID: <1@good.test>\r\nX-Todoku-Probe: t\r\n\r\nbody'),
    at: 0,
  }).toString('latin1');
  test('a bounce has its three parts', () => {
    const root = parseStructure(report);
    assert.deepEqual(
      root.children.map(({ type }) => type),
      ['text/plain', 'message/delivery-status', 'text/rfc822-headers'],
    );
    const [, status, original] = root.children.map(({ bodyStart, end }) => report.slice(bodyStart, end));
    assert.match(status ?? '', /^Final-Recipient: rfc822; b@x\.test\r$/m);
    assert.match(status ?? '', /^Status: 5\.1\.1\r$/m);
    assert.equal(original, 'Message-ID: <1@good.test>\r\nX-Todoku-Probe: t\r\n');
  });
  test('any bytes have some structure, and its parts lie within them', () =>
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            'Content-Type: multipart/mixed; boundary=b\r\n',
            '\r\n',
            '--b',
            '--b--\r\n',
            'x',
            '\n',
            'Content-Type: message/rfc822\r\n',
            ' ',
          ),
        ),
        (pieces) => {
          const text = pieces.join('');
          const check = (part: ReturnType<typeof parseStructure>, low: number, high: number): void => {
            assert.ok(
              low <= part.headerStart &&
                part.headerStart <= part.bodyStart &&
                part.bodyStart <= part.end &&
                part.end <= high,
            );
            for (const child of part.children) check(child, part.bodyStart, part.end);
          };
          check(parseStructure(text), 0, text.length);
          assert.ok(headerFields(text.slice(0, headerEnd(text))).join('').length <= headerEnd(text));
        },
      ),
    ));
  test('dates in the zones providers write', () => {
    assert.equal(mailDate(0), 'Thu, 01 Jan 1970 00:00:00 +0000');
    assert.equal(mailDate(0, '-0800 (PST)'), 'Wed, 31 Dec 1969 16:00:00 -0800 (PST)');
    assert.equal(mailDate(0, '+0900'), 'Thu, 01 Jan 1970 09:00:00 +0900');
  });
});

describe('certificates', () => {
  const made = makeCertificates(['imap.gmail.test'], Date.now());
  const read = Object.fromEntries(
    (['good', 'expired', 'selfSigned', 'wrongHost'] as const).map((name) => [
      name,
      new X509Certificate(made[name].cert),
    ]),
  );
  const ca = new X509Certificate(made.caPem);
  test('signed by the authority, for the hosts, in time', () => {
    assert.equal(ca.ca, true);
    assert.equal(ca.verify(ca.publicKey), true);
    assert.equal(read.good?.verify(ca.publicKey), true);
    assert.equal(read.good?.checkIP('127.0.0.1'), '127.0.0.1');
    assert.equal(read.good?.checkHost('imap.gmail.test'), 'imap.gmail.test');
    assert.ok(Date.parse(read.good?.validTo ?? '') > Date.now());
  });
  test('the bad ones are bad in one way each', () => {
    assert.ok(Date.parse(read.expired?.validTo ?? '') < Date.now());
    assert.equal(read.expired?.verify(ca.publicKey), true);
    assert.equal(read.selfSigned?.verify(ca.publicKey), false);
    assert.equal(read.selfSigned?.checkIP('127.0.0.1'), '127.0.0.1');
    assert.equal(read.wrongHost?.verify(ca.publicKey), true);
    assert.equal(read.wrongHost?.checkIP('127.0.0.1'), undefined);
  });
});
