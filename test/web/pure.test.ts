/** What the pages work out by themselves: formats, ranges in addresses, colours, tables, what a change makes old. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { AUTHENTICATION_RESULTS } from '../../server/authentication/types.ts';
import { OUTCOMES, PLACEMENT_KINDS } from '../../server/probe/types.ts';
import { keysOf, readChange } from '../../web/changes.ts';
import { toCsv } from '../../web/charts/csv.ts';
import { wrapped } from '../../web/charts/label.ts';
import { placed, rowsOf } from '../../web/charts/marks.ts';
import { barsIn, dragged } from '../../web/charts/span.ts';
import { finds } from '../../web/components/finds.ts';
import { languageOf, makeFormat } from '../../web/format.ts';
import { STACKED, signOf, tone, VERDICTS, verdictOf } from '../../web/outcomes.ts';
import { linkSecret } from '../../web/pages/link.ts';
import { usualOf } from '../../web/pages/monitors/words.ts';
import { headerFields } from '../../web/pages/probe/header-fields.ts';
import { browserName } from '../../web/pages/settings/browser-name.ts';
import { bucketOf, periodOf, RANGES, rangeSearch, safeReturn } from '../../web/range.ts';

const AT = Date.UTC(2026, 10, 23, 15, 4, 5);

describe('formats', () => {
  const en = makeFormat('en', 'Europe/Berlin');
  const ja = makeFormat('ja', 'Asia/Tokyo');

  test('dates and times stand in the reader’s zone', () => {
    assert.equal(en.dateTime(AT), '23 Nov 2026 16:04');
    assert.equal(ja.dateTime(AT), '2026年11月24日 00:04');
    assert.equal(ja.zoneName(AT), 'JST');
    assert.equal(makeFormat('en', 'Mars/Olympus').timeZone, 'UTC');
  });

  test('spans', () => {
    const cases: [number, string, string][] = [
      [0, '< 1 sec', '1秒未満'],
      [999, '< 1 sec', '1秒未満'],
      [1_500, '1.5 sec', '1.5秒'],
      [59_600, '1 min', '1分'],
      [72_000, '1 min 12 sec', '1分12秒'],
      [3_600_000, '1 hr', '1時間'],
      [90_061_000, '1 day 1 hr', '1日1時間'],
      [-5, '< 1 sec', '1秒未満'],
    ];
    for (const [ms, inEnglish, inJapanese] of cases) {
      assert.equal(en.span(ms), inEnglish);
      assert.equal(ja.span(ms).replace(/ /g, ''), inJapanese);
    }
  });

  test('a rate is never rounded to certainty', () => {
    assert.equal(en.percent(0.996), '99.6%');
    assert.equal(en.percent(0.004), '0.4%');
    assert.equal(en.percent(0.94), '94%');
    assert.equal(en.percent(1), '100%');
    const rate = { value: 0.94, low: 0.89, high: 0.97, n: 412, count: 387, enough: true };
    assert.equal(en.interval(rate), '89–97%');
    assert.equal(en.enough({ ...rate, n: 3, enough: false }), false);
  });

  test('relative times look both ways', () => {
    assert.equal(en.relative(AT - 180_000, AT), '3 min ago');
    assert.equal(en.relative(AT + 7_200_000, AT), 'in 2 hr');
    assert.equal(ja.relative(AT - 180_000, AT), '3 分前');
  });

  test('any span and size has words without NaN', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e12, noNaN: true }), (value) => {
        for (const words of [en.span(value), ja.span(value), en.bytes(value), ja.bytes(value)]) {
          assert.doesNotMatch(words, /NaN|undefined|^$/);
        }
      }),
    );
  });

  test('the language is the first one of the browser that we speak', () => {
    assert.equal(languageOf(['fr-FR', 'ja-JP', 'en']), 'ja');
    assert.equal(languageOf(['EN-us']), 'en');
    assert.equal(languageOf(['fr']), 'en');
    assert.equal(languageOf([]), 'en');
  });
});

describe('addresses', () => {
  test('a range that makes no sense is left out', () => {
    assert.deepEqual(rangeSearch({ range: '30d' }), { range: '30d' });
    assert.deepEqual(rangeSearch({ range: 'for ever' }), {});
    assert.deepEqual(rangeSearch({ from: '2026-11-02T00:00:00Z', to: '2026-11-01T00:00:00Z' }), {});
    assert.deepEqual(rangeSearch({ from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z', range: '7d' }), {
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-11-02T00:00:00.000Z',
      // For the way back.
      range: '7d',
    });
  });

  test('anything can stand in an address', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('from', 'to', 'range', 'x'), fc.anything()), (search) => {
        const range = rangeSearch(search);
        const { from, to } = periodOf(range, AT);
        assert.ok(Date.parse(from) < Date.parse(to));
      }),
    );
  });

  test('every range ends with the present hour and has a bucket that can be drawn', () => {
    for (const range of RANGES) {
      const period = periodOf({ range }, AT);
      assert.equal(period.to, '2026-11-23T16:00:00.000Z');
      const bars =
        (Date.parse(period.to) - Date.parse(period.from)) / (bucketOf(period) === 'hour' ? 3_600_000 : 86_400_000);
      assert.ok(bars >= 5 && bars <= 92, `${range}: ${bars}`);
    }
    // The same hour asks the same question, so the answer can be kept.
    assert.deepEqual(periodOf({}, AT), periodOf({}, AT + 60_000));
  });

  test('after signing in nobody is sent to another site', () => {
    const cases: [unknown, string | undefined][] = [
      ['/runs/1?x=1#y', '/runs/1?x=1#y'],
      ['//evil.example', undefined],
      ['/\\evil.example', undefined],
      ['https://evil.example', undefined],
      ['javascript:alert(1)', undefined],
      ['/\u0009/evil.example', undefined],
      ['/a\\..\\b', undefined],
      [7, undefined],
      ['', undefined],
    ];
    for (const [value, wanted] of cases) assert.equal(safeReturn(value), wanted, String(value));
  });

  test('safeReturn never leaves the site', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('/', '\\', ':', '.', 'a', '@', '?', '#', '\t', '\n', ' ') }),
        (text) => {
          const path = safeReturn(text);
          if (path !== undefined) assert.equal(new URL(path, 'http://todoku.test').host, 'todoku.test');
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('the secret of a link', () => {
    assert.equal(linkSecret({ hash: '#link=abc', search: '' }), 'abc');
    assert.equal(linkSecret({ hash: '', search: '?link=a%2Bb' }), 'a+b');
    assert.equal(linkSecret({ hash: '#top', search: '?link=' }), null);
  });
});

describe('outcomes', () => {
  test('every outcome and placement has a verdict', () => {
    for (const outcome of OUTCOMES) {
      for (const kind of [null, ...PLACEMENT_KINDS]) {
        const verdict = verdictOf(outcome, kind);
        assert.ok(VERDICTS.includes(verdict));
        if (outcome === 'placed' && kind !== null) assert.equal(verdict, kind);
      }
    }
  });

  test('the words of every verdict can be read on the page and on their wash', () => {
    const page = { light: '#ffffff', dark: '#1d1d22' } as const;
    for (const scheme of ['light', 'dark'] as const) {
      for (const verdict of VERDICTS) {
        const { text, wash, fill } = tone(verdict, scheme);
        assert.ok(contrast(text, wash) >= 4.5, `${verdict} on its wash, ${scheme}: ${contrast(text, wash)}`);
        assert.ok(contrast(text, page[scheme]) >= 4.5, `${verdict} on the page, ${scheme}`);
        // Unknown is hatched and waiting is not drawn as a fact: both are meant to stand back.
        if (verdict === 'unknown' || verdict === 'waiting' || verdict === 'other') continue;
        assert.ok(
          contrast(fill, page[scheme]) >= 3,
          `${verdict} as an area, ${scheme}: ${contrast(fill, page[scheme])}`,
        );
      }
    }
  });

  test('neighbours in a stack stay apart for colour-blind eyes', () => {
    for (const scheme of ['light', 'dark'] as const) {
      for (const see of [protan, deutan, (colour: Rgb) => colour]) {
        const main = ['inbox', 'tab', 'spam', 'missing'] as const;
        for (const [at, one] of main.entries()) {
          for (const other of main.slice(at + 1)) {
            const apart = distance(see(rgb(tone(one, scheme).fill)), see(rgb(tone(other, scheme).fill)));
            assert.ok(apart > 40, `${one} and ${other}, ${scheme}: ${apart}`);
          }
        }
      }
    }
  });

  test('waiting is in no stack', () => {
    assert.equal((STACKED as readonly string[]).includes('waiting'), false);
  });

  test('every RFC 8601 word has a sign', () => {
    const signs = Object.fromEntries(AUTHENTICATION_RESULTS.map((result) => [result, signOf(result)]));
    assert.deepEqual(signs, {
      none: 'neutral',
      pass: 'pass',
      fail: 'fail',
      softfail: 'fail',
      neutral: 'neutral',
      policy: 'neutral',
      temperror: 'temporary',
      permerror: 'fail',
    });
  });
});

describe('tables', () => {
  test('cells that a spreadsheet would run are made harmless', () => {
    assert.equal(
      toCsv({
        columns: ['a', 'b'],
        rows: [
          ['=1+1', -3],
          ['@x', null],
          ['say "hi", you', 'line\nbreak'],
          ['−', 0.5],
        ],
      }),
      'a,b\r\n\'=1+1,-3\r\n\'@x,\r\n"say ""hi"", you","line\nbreak"\r\n−,0.5\r\n',
    );
  });

  test('no text cell begins with a formula', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const body = toCsv({ columns: ['x'], rows: [[text]] }).slice('x\r\n'.length);
        assert.doesNotMatch(body.replace(/^"/, ''), /^[=+\-@\t]/);
      }),
    );
  });

  test('long names break where a person would', () => {
    assert.equal(wrapped('Gmail'), 'Gmail');
    assert.deepEqual(wrapped('Outlook.com / Microsoft 365'), ['Outlook.com', '/ Microsoft 365']);
    assert.deepEqual(wrapped('Dovecot（自前のサーバー）'), ['Dovecot', '（自前のサーバー）']);
    assert.equal(wrapped('x'.repeat(40)), 'x'.repeat(40));
  });

  test('a search finds words in any order, width and case', () => {
    assert.equal(finds('', ['a']), true);
    assert.equal(finds('gmail NEWS', ['news@gmail.test']), true);
    assert.equal(finds('ｇｍａｉｌ', ['x@gmail.test']), true);
    assert.equal(finds('gmail b2b', ['x@gmail.test', 'b2c']), false);
  });
});

describe('changes', () => {
  test('a probe makes its run, its monitor’s charts and the overview old', () => {
    assert.deepEqual(keysOf({ topic: 'probe', id: 'p', runId: 'r', monitorId: 'm' }), [
      ['probes', 'p'],
      ['runs', 'r'],
      ['runs', 'list'],
      ['overview'],
      ['monitors', 'm', 'placement'],
      ['monitors', 'm', 'delays'],
      ['heartbeats'],
      ['audits'],
      ['watches'],
    ]);
    assert.deepEqual(keysOf({ topic: 'audit', id: 'a' }), [['audits', 'a'], ['campaigns'], ['watches']]);
    assert.deepEqual(keysOf({ topic: 'seed', id: 's' }), [['seeds'], ['overview']]);
  });

  test('what is no change is passed over', () => {
    for (const data of ['', '{', 'null', '[]', '{"topic":1,"id":"x"}', '{"topic":"probe"}'])
      assert.equal(readChange(data), null, data);
    assert.deepEqual(readChange('{"topic":"run","id":"r"}'), { topic: 'run', id: 'r' });
  });

  test('a topic of a newer server breaks nothing', () => {
    const change = readChange('{"topic":"weather","id":"a"}');
    assert.ok(change);
    assert.deepEqual(keysOf(change), []);
  });
});

describe('small readings', () => {
  test('folded header fields stay whole', () => {
    assert.deepEqual(headerFields('A: 1\r\n\tmore\r\nB: 2\r\n\r\n'), ['A: 1\n\tmore', 'B: 2']);
    assert.deepEqual(headerFields(''), []);
  });

  test('usual schedules have words', () => {
    assert.equal(usualOf(' 0  9 * * * '), 'daily9');
    assert.equal(usualOf('* * * * *'), 'everyMinute');
    assert.equal(usualOf('7 3 * * 2'), null);
  });

  test('browsers can be told apart', () => {
    const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36';
    assert.equal(browserName(chrome), 'Chrome, Linux');
    assert.equal(
      browserName('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604.1'),
      'Safari, iOS',
    );
    assert.equal(browserName('curl/8'), 'curl/8');
    assert.equal(browserName(''), '');
  });
});

type Rgb = [number, number, number];

function rgb(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** WCAG 2.2 contrast ratio. */
function contrast(one: string, other: string): number {
  const light = (hex: string): number => {
    const [r, g, b] = rgb(hex).map((part) =>
      part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    ) as Rgb;
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [high, low] = [light(one), light(other)].sort((a, b) => b - a) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** Viénot, Brettel and Mollon (1999), close enough without linear light for a threshold. */
function protan([r, g, b]: Rgb): Rgb {
  return [0.11 * r + 0.89 * g, 0.11 * r + 0.89 * g, 0.004 * r - 0.004 * g + b];
}
function deutan([r, g, b]: Rgb): Rgb {
  return [0.29 * r + 0.71 * g, 0.29 * r + 0.71 * g, -0.02 * r + 0.02 * g + b];
}
function distance(one: Rgb, other: Rgb): number {
  return Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]);
}

describe('dragging over a chart', () => {
  const plot = { left: 50, right: 450 };

  test('a drag is a part of the plot, in either direction and cut at its edges', () => {
    const cases: [number, number, { from: number; to: number } | null][] = [
      [50, 450, { from: 0, to: 1 }],
      [150, 250, { from: 0.25, to: 0.5 }],
      [250, 150, { from: 0.25, to: 0.5 }],
      [350, 900, { from: 0.75, to: 1 }],
      [-100, 150, { from: 0, to: 0.25 }],
      // A click of an unsteady hand, and a drag that never touched the plot.
      [150, 158, null],
      [460, 600, null],
    ];
    for (const [start, end, part] of cases) assert.deepEqual(dragged(start, end, plot), part, `${start} → ${end}`);
    assert.equal(dragged(0, 100, { left: 50, right: 50 }), null);
  });

  test('it picks every bar it touches', () => {
    assert.deepEqual(barsIn(0, 1, 24), { first: 0, last: 23 });
    assert.deepEqual(barsIn(0.25, 0.5, 4), { first: 1, last: 1 });
    assert.deepEqual(barsIn(0.24, 0.51, 4), { first: 0, last: 2 });
    assert.deepEqual(barsIn(0.999, 1, 7), { first: 6, last: 6 });
  });

  test('whatever is dragged, some bars are picked and all of them exist', () => {
    const px = fc.double({ min: -1e4, max: 1e4, noNaN: true });
    fc.assert(
      fc.property(px, px, fc.integer({ min: 1, max: 3000 }), (start, end, count) => {
        const part = dragged(start, end, plot);
        if (!part) return;
        assert.ok(part.from >= 0 && part.from < part.to && part.to <= 1);
        const { first, last } = barsIn(part.from, part.to, count);
        assert.ok(first >= 0 && first <= last && last < count);
      }),
    );
  });
});

describe('marks on a chart', () => {
  const bars = [
    { start: '2026-10-24T22:00:00Z', end: '2026-10-25T23:00:00Z' }, // the long day of a clock change
    { start: '2026-10-25T23:00:00Z', end: '2026-10-26T23:00:00Z' },
  ];

  test('stand where their time is among the bars', () => {
    const at = (time: string) => placed([{ at: Date.parse(time), label: 'x' }], bars).map((mark) => mark.at);
    assert.deepEqual(at('2026-10-24T22:00:00Z'), [0]);
    assert.deepEqual(at('2026-10-25T10:30:00Z'), [0.25]);
    assert.deepEqual(at('2026-10-26T11:00:00Z'), [0.75]);
    assert.deepEqual(at('2026-10-26T23:00:00Z'), []);
    assert.deepEqual(at('2026-10-24T21:59:59Z'), []);
    assert.deepEqual(placed([{ at: 0, label: 'x' }], []), []);
  });

  test('labels never lie on each other', () => {
    const box = (left: number, right: number) => ({ left, right });
    assert.deepEqual(rowsOf([box(0, 50), box(60, 90), box(40, 70)]), [0, 0, 1]);
    assert.deepEqual(rowsOf([box(0, 50), box(0, 50), box(0, 50), box(0, 50), box(50, 60)]), [0, 1, 2, null, 0]);
    const boxes = fc.array(fc.tuple(fc.nat(500), fc.nat(100)), { maxLength: 30 });
    fc.assert(
      fc.property(boxes, (sizes) => {
        const labels = sizes.map(([left, width]) => box(left, left + width + 1));
        const rows = rowsOf(labels);
        for (const [i, one] of labels.entries())
          for (const [j, other] of labels.entries())
            if (i < j && rows[i] !== null && rows[i] === rows[j])
              assert.ok(one.right <= other.left || other.right <= one.left);
      }),
    );
  });
});
