/** What the pages of campaigns work out by themselves: where a finding points, which lines are drawn, what a form sends. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { cleanHtml } from '../../server/preview/clean.ts';
import { frameDocument, hasOwnDark, MARK } from '../../web/components/mail-frame.ts';
import { foundIn } from '../../web/pages/audit/found.ts';
import { linkState, sortLinks } from '../../web/pages/audit/link-state.ts';
import { elementAt, excerpt, markElement, placeOf, rangeAt, shownLine } from '../../web/pages/audit/place.ts';
import { sourceLines } from '../../web/pages/audit/source-lines.ts';
import { draftFaults, draftOf, EMPTY_DRAFT, previewable, valuesOf } from '../../web/pages/campaigns/draft-values.ts';
import { campaignNameOf } from '../../web/pages/campaigns/mail-file.ts';
import { recogniseOf, type WatchValues, watchFaults } from '../../web/pages/campaigns/watch-values.ts';

type Result = Parameters<typeof foundIn>[0];
type Finding = Result['findings'][number];

const finding = (id: string, evidence: Finding['evidence'], severity: Finding['severity'] = 'high'): Finding => ({
  id,
  check: 'html',
  severity,
  evidence,
  fix: null,
});
const resultWith = (findings: Finding[], ignore: string[] = []) =>
  ({ findings, policy: { ignore } }) as unknown as Result;

describe('the place of a finding', () => {
  for (const [evidence, place] of [
    [
      { line: 3, column: 5, part: '1.2' },
      { line: 3, column: 5, part: '1.2' },
    ],
    [{ line: 3 }, { line: 3, column: 1, part: null }],
    [{ count: 3 }, null],
    [{ line: 0, column: 1 }, null],
    [{ line: 1.5 }, null],
    [{ line: '3' }, null],
  ] as const)
    test(`${JSON.stringify(evidence)}`, () => assert.deepEqual(placeOf({ evidence }), place));

  for (const [line, column, evidence, marked] of [
    ['<p><img src="a.png" width=1> text', 4, {}, '<img src="a.png" width=1>'],
    ['<p><img src="a.png"', 4, {}, '<img src="a.png"'],
    ['Hello {{name}}, welcome', 7, { placeholder: '{{name}}' }, '{{name}}'],
    ['Hello there, welcome', 7, {}, 'there,'],
    ['Subject: RE: SALE', 1, {}, 'Subject: RE: SALE'],
    ['Subject: Hello {{name}}!', 1, { field: 'Subject', placeholder: '{{name}}' }, '{{name}}'],
    ['Subject: Hello', 1, { field: 'Subject' }, 'Subject: Hello'],
    ['short', 40, {}, ''],
  ] as const)
    test(`marks ${marked || 'nothing'} in ${line}`, () => {
      const [start, length] = rangeAt(line, column, evidence);
      assert.equal(line.slice(start, start + length), marked);
    });

  test('a line of any length shows its marks and little more', () => {
    const mark = fc.record({ start: fc.nat(6000), length: fc.nat(300), number: fc.nat(9) });
    fc.assert(
      fc.property(fc.string({ maxLength: 5000 }), fc.array(mark, { maxLength: 1 }), (text, marks) => {
        const { pieces, cutBefore, cutAfter } = shownLine(1, text, marks);
        const shown = pieces.map((piece) => piece.text).join('');
        assert.ok(text.includes(shown));
        assert.equal(cutBefore || cutAfter, shown.length < text.length);
        assert.ok(shown.length <= 600);
        for (const { start, length, number } of marks)
          assert.equal(pieces.find((piece) => piece.mark === number)?.text, text.slice(start, start + length));
      }),
    );
  });

  test('several marks on one line stand in their order, also where they lie across each other', () => {
    const { pieces } = shownLine(1, 'one two three', [
      { start: 4, length: 3, number: 2 },
      { start: 0, length: 3, number: 1 },
      { start: 6, length: 7, number: 3 },
    ]);
    assert.deepEqual(
      pieces.map(({ text, mark }) => [text, mark]),
      [
        ['one', 1],
        [' ', null],
        ['two', 2],
        [' three', 3],
      ],
    );
  });

  test('an excerpt has the lines around it, and none where the source has no such line', () => {
    const lines = ['one', 'two', 'three', 'four'];
    const said = (line: number, column: number) =>
      excerpt(lines, { line, column }, {}, 7).map(({ number, pieces }) => [
        number,
        ...pieces.map(({ text, mark }) => `${text}${mark ?? ''}`),
      ]);
    assert.deepEqual(said(1, 1), [
      [1, 'one7'],
      [2, 'two'],
    ]);
    assert.deepEqual(said(4, 3), [
      [3, 'three'],
      [4, 'fo', 'ur7'],
    ]);
    assert.deepEqual(said(5, 1), []);
  });
});

describe('the same place in the preview', () => {
  const clean = (html: string): string => cleanHtml(html, () => null).html;
  const SOURCE = `<html><head><style>p > img { color: red }</style></head>
<body><!--[if mso]><img src="outlook.png"><![endif]-->
<p>Hello <img src="https://pictures.test/a.png" alt="one"></p>
<table><tr><td><img src="https://pictures.test/b.png"><a href="https://shop.test/">Shop</a></td></tr></table>
</body></html>`;

  test('an element is known by its name and rank, comments and style sheets left out', () => {
    assert.deepEqual(elementAt(SOURCE, { line: 3, column: 10 }), { name: 'img', rank: 0, of: 2 });
    assert.deepEqual(elementAt(SOURCE, { line: 4, column: 16 }), { name: 'img', rank: 1, of: 2 });
    assert.deepEqual(elementAt(SOURCE, { line: 4, column: 55 }), { name: 'a', rank: 0, of: 1 });
    assert.equal(elementAt(SOURCE, { line: 3, column: 4 }), null, 'there is text');
    assert.equal(elementAt(SOURCE, { line: 2, column: 20 }), null, 'there is a comment');
    assert.equal(elementAt(SOURCE, { line: 40, column: 1 }), null);
  });

  test('it is marked in what the server cleaned, and nothing else is', () => {
    const html = clean(SOURCE);
    const marked = markElement(html, SOURCE, { line: 4, column: 16 });
    assert.ok(marked);
    assert.equal(marked.replace(` ${MARK}=""`, ''), html);
    assert.match(marked, new RegExp(`<td><img ${MARK}=""`));
  });

  test('where some were taken out, nothing is marked rather than something else', () => {
    const source = '<p><form><b>one</b></form></p><select><b>gone</b></select><b>two</b>';
    const html = clean(source);
    assert.equal([...html.matchAll(/<b>/g)].length, 2);
    assert.equal(markElement(html, source, { line: 1, column: source.indexOf('<b>two') + 1 }), null);
    assert.equal(markElement(html, source, { line: 1, column: 4 }), null, 'a form is not shown');
  });

  test('a mark never makes more than an attribute out of a place, whatever the source', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom(
            '<p>',
            '</p>',
            '<img src=x>',
            '<a href="y">',
            '</a>',
            'text ',
            '<b',
            '>',
            '"',
            '\n',
            '<!--',
            '-->',
          ),
        ),
        fc.nat(6),
        fc.nat(80),
        (pieces, line, column) => {
          const source = pieces.join('');
          const html = clean(source);
          const marked = markElement(html, source, { line: line + 1, column: column + 1 });
          if (marked !== null) assert.equal(marked.replace(` ${MARK}=""`, ''), html);
        },
      ),
    );
  });
});

describe('the frame of a mail', () => {
  const MAIL =
    '<style>@media (prefers-color-scheme: dark) { p { color: white } }</style><p><img alt="a" src="data:image/png;base64,AAAA"></p>';

  test('without pictures none is left, and none could load', () => {
    const page = frameDocument(MAIL, { dark: false, pictures: false });
    assert.doesNotMatch(page, /src=/);
    assert.doesNotMatch(page, /img-src/);
    assert.match(page, /<img alt="a">/);
    assert.match(frameDocument(MAIL), /src="data:image/);
  });

  test("a dark screen shows the mail's own dark style, else darkens by force; the reader's own theme decides nothing", () => {
    assert.ok(hasOwnDark(MAIL));
    assert.match(frameDocument(MAIL, { dark: true, pictures: true }), /@media \(min-width:0\) \{ p/);
    assert.match(frameDocument(MAIL, { dark: false, pictures: true }), /@media \(max-width:0\) \{ p/);
    assert.doesNotMatch(frameDocument(MAIL, { dark: true, pictures: true }), /invert/);
    assert.match(frameDocument('<p>plain</p>', { dark: true, pictures: true }), /invert/);
    assert.doesNotMatch(frameDocument('<p>plain</p>', { dark: false, pictures: true }), /invert/);
  });
});

describe('findings on the page', () => {
  const sources = {
    message: { text: 'Subject: a\nFrom: b\n\nbody', cut: false },
    parts: [{ part: '1', type: 'html' as const, text: '<p>\n<img src=x>\n</p>', cut: false }],
  };

  test('only those with a place have a number; the same id has an anchor for each', () => {
    const found = foundIn(
      resultWith(
        [
          finding('html-image-alt', { line: 2, column: 1, part: '1' }),
          finding('structure-text-missing', {}),
          finding('html-image-alt', { line: 9, column: 1, part: '1' }),
          finding('headers-subject-long', { line: 1, column: 1 }, 'low'),
        ],
        ['headers-subject-long'],
      ),
      sources,
    );
    assert.deepEqual(
      found.map(({ number, anchor, ignored, lines }) => [
        number,
        anchor,
        ignored,
        lines.flatMap(({ pieces }) => pieces.filter(({ mark }) => mark !== null).map(({ text }) => text)),
      ]),
      [
        [1, 'html-image-alt', false, ['<img src=x>']],
        [null, 'structure-text-missing', false, []],
        [2, 'html-image-alt-2', false, []],
        [3, 'headers-subject-long', true, ['Subject: a']],
      ],
    );
    assert.deepEqual(
      foundIn(resultWith([finding('a-b', { line: 1 })]), null)[0]?.lines,
      [],
      'before the source is here',
    );
  });

  test('what is to be put in place stands once: others lead to the first that has the same', () => {
    const record = { name: 'a.test', type: 'TXT' as const, value: 'v=spf1 -all' };
    const withFix = (id: string, fix: Finding['fix']): Finding => ({ ...finding(id, {}), fix });
    const found = foundIn(
      resultWith([
        withFix('spf-ptr', record),
        withFix('dkim-multiple', { ...record, value: null }),
        withFix('dkim-multiple', { ...record, value: null }),
        withFix('spf-overlap', { ...record }),
        withFix('spf-ptr', { ...record, name: 'b.test' }),
        withFix('spf-all-missing', { ...record, name: 'b.test' }),
        withFix('dmarc-missing', null),
      ]),
      null,
    );
    assert.deepEqual(
      found.map(({ mendedBy }) => mendedBy),
      [null, null, null, 'spf-ptr', null, 'spf-ptr-2', null],
    );
  });

  test('a long source is drawn where findings point, with what was left out counted', () => {
    const text = Array.from({ length: 500 }, (_, at) => `line ${at + 1}`).join('\n');
    const found = foundIn(resultWith([finding('a-b', { line: 300, column: 1 })]), {
      message: { text, cut: false },
      parts: [],
    });
    const lines = sourceLines(text, found, false);
    const drawn = lines.flatMap((one) => ('gap' in one ? [] : [one.number]));
    const left = lines.flatMap((one) => ('gap' in one ? [one.gap] : []));
    assert.equal(drawn.length + left.reduce((sum, gap) => sum + gap, 0), 500);
    assert.ok([1, 60, 294, 300, 306].every((line) => drawn.includes(line)));
    assert.ok(!drawn.includes(100));
    const marked = lines.flatMap((one) => ('gap' in one || one.pieces.every(({ mark }) => mark === null) ? [] : [one]));
    assert.deepEqual(
      marked.map(({ number, pieces }) => [number, pieces]),
      [[300, [{ text: 'line 300', mark: 1 }]]],
    );
    assert.equal(sourceLines(text, found, true).length, 500);
  });
});

describe('links', () => {
  const link = (part: Partial<Result['links'][number]>): Result['links'][number] => ({
    url: 'https://shop.test/',
    skipped: null,
    status: 200,
    failure: null,
    badCertificate: false,
    final: null,
    redirects: 0,
    https: true,
    milliseconds: 5,
    ...part,
  });
  for (const [part, state] of [
    [{}, 'ok'],
    [{ status: 301 }, 'ok'],
    [{ status: 404 }, 'broken'],
    [{ status: null, failure: 'unreachable' }, 'broken'],
    [{ status: null }, 'broken'],
    [{ status: null, skipped: 'unsubscribe' }, 'skipped'],
  ] as const)
    test(`${JSON.stringify(part)} is ${state}`, () => assert.equal(linkState(link(part)), state));

  test('those at fault come first, the others in the order of the mail', () => {
    const links = [
      link({ url: 'a' }),
      link({ url: 'b', skipped: 'unsubscribe' }),
      link({ url: 'c', status: 500 }),
      link({ url: 'd' }),
    ];
    assert.deepEqual(
      sortLinks(links).map(({ url }) => url),
      ['c', 'a', 'd', 'b'],
    );
  });
});

describe('a draft', () => {
  const full = {
    ...EMPTY_DRAFT,
    from: ' news@example.com ',
    fromName: 'News',
    subject: ' Spring ',
    html: '<p>Hello</p>\n',
    listUnsubscribe: 'https://example.com/u',
  };

  test('is sent without what is empty', () => {
    assert.deepEqual(draftOf(full), {
      from: 'news@example.com',
      fromName: 'News',
      subject: 'Spring',
      html: '<p>Hello</p>\n',
      listUnsubscribe: 'https://example.com/u',
    });
    assert.deepEqual(valuesOf(draftOf(full)), { ...full, from: 'news@example.com', subject: 'Spring' });
    assert.deepEqual(valuesOf(null), EMPTY_DRAFT);
    assert.deepEqual(draftFaults(full), {});
  });

  test('says by field what is wrong', () => {
    assert.deepEqual(draftFaults(EMPTY_DRAFT), { from: 'needed', subject: 'needed', html: 'text' });
    assert.deepEqual(draftFaults({ ...full, from: 'news', replyTo: 'x', listUnsubscribe: 'http://example.com' }), {
      from: 'address',
      replyTo: 'address',
      listUnsubscribe: 'https',
    });
  });

  test('is previewed before it has an address', () => {
    assert.deepEqual(previewable({ ...EMPTY_DRAFT, from: 'ne', html: '<p>x' }), {
      from: 'draft@example.com',
      subject: '',
      html: '<p>x',
    });
  });
});

describe('a watch', () => {
  const values: WatchValues = {
    name: 'Sale',
    by: 'token',
    header: 'X-job',
    headerName: '',
    value: '',
    from: '',
    subject: '',
  };
  test('says how a copy is recognised, and nothing else', () => {
    assert.deepEqual(recogniseOf(values), { by: 'token' });
    assert.deepEqual(recogniseOf({ ...values, by: 'header', value: ' 42 ' }), {
      by: 'header',
      name: 'X-job',
      value: '42',
    });
    assert.deepEqual(recogniseOf({ ...values, by: 'header', header: '', headerName: ' X-Own ', value: '42' }), {
      by: 'header',
      name: 'X-Own',
      value: '42',
    });
    assert.deepEqual(recogniseOf({ ...values, by: 'from', from: 'example.com' }), { by: 'from', from: 'example.com' });
    assert.deepEqual(recogniseOf({ ...values, by: 'from', from: 'a@example.com', subject: 'Sale' }), {
      by: 'from',
      from: 'a@example.com',
      subject: 'Sale',
    });
  });
  test('says by field what is wrong', () => {
    assert.deepEqual(watchFaults(values), {});
    assert.deepEqual(watchFaults({ ...values, name: ' ' }), { name: 'needed' });
    assert.deepEqual(watchFaults({ ...values, by: 'header', header: '', headerName: 'no way' }), {
      headerName: 'header',
      value: 'needed',
    });
    assert.deepEqual(watchFaults({ ...values, by: 'from', from: 'me' }), { from: 'sender' });
    assert.deepEqual(watchFaults({ ...values, by: 'from' }), { from: 'needed' });
  });
});

test('a file gives its campaign a name', () => {
  assert.equal(campaignNameOf('spring-sale.eml'), 'spring-sale');
  assert.equal(campaignNameOf('春のセール.EML'), '春のセール');
  assert.equal(campaignNameOf('a\u0000b.msg'), 'a b');
  assert.equal(campaignNameOf('x'.repeat(300)).length, 200);
});

test("a picture of a real mail is marked in that mail's preview", () => {
  const raw = readFileSync(new URL('../golden/campaign/html-image-alt.eml', import.meta.url), 'utf8');
  const html = raw.slice(raw.indexOf('<html'));
  const line = html.split(/\r?\n/).findIndex((one) => /<img/.test(one)) + 1;
  const column = (html.split(/\r?\n/)[line - 1] ?? '').indexOf('<img') + 1;
  assert.ok(line > 0 && column > 0);
  assert.ok(markElement(cleanHtml(html, () => null).html, html, { line, column })?.includes(MARK));
});
