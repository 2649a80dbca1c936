/**
 * Mails that are built to hurt whoever reads them (issue threads of other mail software are full of them): each ends in time with findings or a clear refusal, and the main
 * thread hardly notices.
 */
import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { after, before, describe, test } from 'node:test';
import { createReader, MAX_CAMPAIGN_BYTES } from '../../server/campaign/reader.ts';
import type { Facts } from '../../server/campaign/types.ts';
import { NOW } from './case.ts';

/** Of processor time: a busy machine is not a hostile mail. */
const LIMIT_MS = 2_000;
const reader = createReader({ timeoutMs: 30_000 });
after(reader.close);
// The first mail is not the one to pay for loading the checks.
before(() => reader.read(Buffer.from('Subject: x\n\nx'), NOW));

const HEAD =
  'From: a <a@shop.example>\nTo: b@mail.example\nSubject: x\nDate: Wed, 25 Nov 2026 09:30:00 +0900\nMessage-ID: <1@shop.example>\nMIME-Version: 1.0\n';
const html = (body: string): string => `${HEAD}Content-Type: text/html; charset=utf-8\n\n${body}`;
const plain = (body: string): string => `${HEAD}Content-Type: text/plain; charset=utf-8\n\n${body}`;
const nested = (depth: number): string =>
  `${HEAD}Content-Type: multipart/mixed; boundary=b0\n\n${Array.from({ length: depth }, (_, i) => `--b${i}\nContent-Type: multipart/mixed; boundary=b${i + 1}\n\n`).join('')}`;

type Wanted = { finding?: string; fact?: (facts: Facts) => boolean; refused?: string };
const CASES: [name: string, raw: () => string | Buffer, wanted: Wanted][] = [
  ['50 MB of text', () => plain('warm and dry boots\n'.repeat(2_700_000)), { finding: 'structure-large' }],
  [
    '50 MB in an attachment',
    () =>
      `${HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\nContent-Type: application/pdf; name=a.pdf\nContent-Transfer-Encoding: base64\n\n${'A'.repeat(76).concat('\n').repeat(650_000)}--b--\n`,
    { finding: 'structure-attachment' },
  ],
  ['more than any provider takes', () => Buffer.alloc(MAX_CAMPAIGN_BYTES + 1, 'a: b\n'), { refused: 'too-large' }],
  [
    '10,000 parts',
    () =>
      `${HEAD}Content-Type: multipart/mixed; boundary=b\n\n${'--b\nContent-Type: text/plain\n\nx\n'.repeat(10_000)}--b--\n`,
    { finding: 'structure-parts-many' },
  ],
  [
    'a million delimiters',
    () => `${HEAD}Content-Type: multipart/mixed; boundary=b\n\n${'--b\n'.repeat(1_000_000)}`,
    { finding: 'structure-parts-many' },
  ],
  ['100,000 levels of multipart', () => nested(100_000), { finding: 'structure-nested-deeply' }],
  [
    '100,000 addresses',
    () =>
      HEAD.replace(
        'To: b@mail.example',
        `To: ${Array.from({ length: 100_000 }, (_, i) => `r${i}@mail.example`).join(',\n ')}`,
      ).concat('\nhello\n'),
    { finding: 'headers-too-large' },
  ],
  ['a header line of 1 MB', () => `${HEAD}X-A: ${'a'.repeat(1_000_000)}\n\nhello\n`, { finding: 'headers-too-large' }],
  [
    'a hundred thousand folded lines',
    () => `${HEAD}X-A: a\n${' a\n'.repeat(100_000)}\nhello\n`,
    { finding: 'headers-too-large' },
  ],
  [
    'a hundred thousand header fields',
    () => `${HEAD}${'X-A: a\n'.repeat(100_000)}\nhello\n`,
    { finding: 'headers-too-large' },
  ],
  [
    'a megabyte of NUL bytes',
    () => Buffer.concat([Buffer.from(plain('')), Buffer.alloc(1_000_000)]),
    { finding: 'structure-nul' },
  ],
  [
    'bytes that are nothing',
    () => Buffer.concat([Buffer.from(html('')), Buffer.alloc(1_000_000, 0xff)]),
    { finding: 'structure-charset-invalid' },
  ],
  [
    'raw bytes in the header',
    () => Buffer.from(`${HEAD}X-A: ${'\xe4'.repeat(500)}\n\nhello\n`, 'latin1'),
    { finding: 'headers-eight-bit' },
  ],
  ['half a million open elements', () => html('<i>'.repeat(500_000)), { finding: 'html-deep' }],
  ['elements closed in vain', () => html('<i>'.repeat(150_000) + '</b>'.repeat(150_000)), { finding: 'html-markup' }],
  ['open tables in tables', () => html('<table><tr><td>'.repeat(50_000)), { finding: 'html-deep' }],
  [
    'a tag with 100,000 attributes',
    () => html(`<p ${Array.from({ length: 100_000 }, (_, i) => `a${i}=1`).join(' ')}>x</p>`),
    {},
  ],
  ['an attribute of 2 MB', () => html(`<p title="${'a'.repeat(2_000_000)}">x</p>`), { finding: 'structure-large' }],
  ['an element that never ends', () => html(`<p ${'a'.repeat(2_000_000)}`), {}],
  ['comments that never end', () => html('<!--'.repeat(300_000)), {}],
  ['5,000 links', () => html('<a href="https://shop.example/x">boots</a>\n'.repeat(5_000)), { finding: 'links-many' }],
  ['a link of 1 MB', () => html(`<a href="https://shop.example/${'a'.repeat(1_000_000)}">boots</a>`), {}],
  ['100,000 entities', () => html('&amp;&nbsp;&zwnj;'.repeat(100_000)), {}],
  ['an entity that never ends', () => html(`&${'a'.repeat(1_000_000)}`), {}],
  ['a style sheet of braces', () => html(`<style>${'a{'.repeat(40_000)}</style><p>x</p>`), {}],
  ['a style sheet of comments', () => html(`<style>${'/*'.repeat(50_000)}</style><p>x</p>`), {}],
  ['a style of colons', () => html(`<p style="${'a:b;'.repeat(200_000)}">x</p>`), {}],
  ['a style of quotes', () => html(`<p style="color:${'\\'.repeat(100_000)}">x</p>`), {}],
  [
    '100,000 styles',
    () => html(Array.from({ length: 100_000 }, (_, i) => `<p style="margin-x${i}:1px">x</p>`).join('')),
    {},
  ],
  [
    'colours on colours',
    () =>
      html(Array.from({ length: 20_000 }, (_, i) => `<p style="color:#${(i + 0xf0f000).toString(16)}">x</p>`).join('')),
    { finding: 'html-contrast' },
  ],
  ['as many options in lists as are looked at', () => html('<ul><li>'.repeat(45) + '<option>'.repeat(3_900)), {}],
  [
    'as many cells without a table',
    () => html('<td>'.repeat(90) + '</td>'.repeat(90) + '<p><td></td></p>'.repeat(1_900)),
    {},
  ],
  ['headings under thousands of elements', () => html('<i>'.repeat(1_990) + '<th>'.repeat(300_000)), {}],
  [
    'backgrounds of many words',
    () => html(`<p style="background:${'a '.repeat(2_400)}">x</p>`.repeat(400)),
    { finding: 'structure-large' },
  ],
  // What a parser cannot read is no reason to refuse the mail.
  ['a style sheet of quotes', () => html(`<style>${'"'.repeat(99_999)}</style><p>x</p>`), { finding: 'html-lang' }],
  ['a style sheet of backslashes', () => html(`<style>a{b:${'\\'.repeat(90_000)}</style><p>x</p>`), {}],
  ['a style sheet of negations', () => html(`<style>${':not('.repeat(19_000)}{}</style><p>x</p>`), {}],
  [
    'a style sheet of nested brackets',
    () => html(`<style>${`a{b:${'c('.repeat(20)}${')'.repeat(20)}}`.repeat(1_500)}</style>x`),
    {},
  ],
  [
    'a style sheet of media',
    () => html(`<style>${'@media (max-width:600px){.a{color:red}}'.repeat(2_500)}</style>x`),
    {},
  ],
  [
    'hostile SVG',
    () =>
      html(
        `<svg onload="x()"><script>x()</script><foreignObject><iframe src="javascript:x()"></foreignObject>${'<g>'.repeat(50_000)}</svg>`,
      ),
    { finding: 'html-script' },
  ],
  ['a placeholder of blanks', () => html(`{{${' '.repeat(2_000_000)}`), {}],
  [
    'a date of brackets',
    () => `${HEAD.replace(/^Date: .*$/m, `Date: ${'(a'.repeat(120_000)}`)}\nhello\n`,
    { finding: 'headers-date-invalid' },
  ],
  ['placeholders that never end', () => html('{{'.repeat(500_000)), {}],
  ['blanks before a delimiter', () => plain(`${' '.repeat(1_000_000)}x\n`), { finding: 'structure-line-too-long' }],
  [
    'encoded words without end',
    () => `${HEAD.replace('Subject: x', `Subject: ${'=?utf-8?B?'.repeat(20_000)}`)}\nhello\n`,
    { finding: 'headers-encoded-word-broken' },
  ],
  [
    'quotes that never end',
    () => `${HEAD.replace('From: a', `From: ${'"('.repeat(50_000)}`)}\nhello\n`,
    { finding: 'headers-from-missing' },
  ],
  ['parameters without end', () => `${HEAD}Content-Type: text/plain; ${'a=b;'.repeat(50_000)}\n\nhello\n`, {}],
  [
    'escape sequences without end',
    () => `${HEAD}Content-Type: text/plain; charset=iso-2022-jp\n\n${'\x1b$B'.repeat(500_000)}`,
    { finding: 'structure-escape-open' },
  ],
  [
    'names of prototypes',
    () =>
      `${HEAD}__proto__: x\nconstructor: y\nContent-Type: text/html; __proto__=x; constructor=y\n\n<__proto__ constructor="1" __proto__="2" style="__proto__:x;constructor:y">x</__proto__>`,
    {},
  ],
  ['an empty file', () => '', { refused: 'not-a-message' }],
  ['a picture', () => Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), { refused: 'not-a-message' }],
  ['a page', () => '<!doctype html><html><body>x</body></html>', { refused: 'not-a-message' }],
];

describe('hostile campaigns', () => {
  for (const [name, raw, wanted] of CASES)
    test(name, async () => {
      const bytes = Buffer.from(raw());
      const lag = monitorEventLoopDelay({ resolution: 5 });
      lag.enable();
      const before = process.cpuUsage();
      const done = await reader.read(bytes, NOW);
      const { user, system } = process.cpuUsage(before);
      const took = (user + system) / 1000;
      lag.disable();
      if (wanted.refused !== undefined) assert.deepEqual(done, { refused: wanted.refused });
      else {
        assert.ok('read' in done, `${JSON.stringify(done).slice(0, 100)} after ${Math.round(took)} ms`);
        const ids = done.read.findings.map(({ id }) => id);
        if (wanted.finding !== undefined)
          assert.ok(ids.includes(wanted.finding), `${wanted.finding} is not among ${ids.join(' ')}`);
        assert.ok(JSON.stringify(done.read.findings).length < 50_000, 'findings stay small');
      }
      assert.ok(took < LIMIT_MS, `it took ${Math.round(took)} ms of processor time`);
      // Copying 50 MB into the thread is ours; reading them is not.
      assert.ok(lag.max / 1e6 < 500, `the main thread stood still for ${Math.round(lag.max / 1e6)} ms`);
    });

  test('what takes too long is refused, and the next mail is read', async () => {
    const impatient = createReader({ timeoutMs: 150 });
    try {
      assert.deepEqual(await impatient.read(Buffer.from(html('<i>x</i> '.repeat(4_000_000))), NOW), {
        refused: 'read-timeout',
      });
      // A fresh thread must load all checks first, and may be too slow for so little patience.
      const until = Date.now() + 30_000;
      const next = (): Promise<object> => impatient.read(Buffer.from(plain('hello')), NOW);
      let done = await next();
      while (!('read' in done) && Date.now() < until) done = await next();
      assert.ok('read' in done);
    } finally {
      await impatient.close();
    }
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });
});
