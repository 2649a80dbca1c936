/** What the pages of a run and a probe work out by themselves: a run against the one before, the way of a mail, headers as people read them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ProbeDetailsJson, ProbeJson } from '../../server/api/json/probes.ts';
import { visible } from '../../web/components/invisible.ts';
import { FRAME_POLICY, frameDocument } from '../../web/components/mail-frame.ts';
import { decodeWords, readFields } from '../../web/pages/probe/header-fields.ts';
import { type Hop, travelMs, wayOf } from '../../web/pages/probe/way.ts';
import { chanceOf, compareRuns } from '../../web/pages/run/compare.ts';

type Short = 'inbox' | 'promotions' | 'updates' | 'spam' | 'missing' | 'unknown' | 'waiting';
function probe(seed: string, short: Short): ProbeJson {
  const tab = short === 'promotions' || short === 'updates' ? short : null;
  const placed = tab !== null || short === 'inbox' || short === 'spam';
  return {
    id: `probe-${seed}-${short}`,
    seedId: seed,
    seed: `${seed}@example.com`,
    provider: 'gmail',
    protocol: 'imap',
    outcome: placed ? 'placed' : short === 'waiting' ? 'accepted' : (short as 'missing' | 'unknown'),
    placement: placed
      ? { kind: tab ? 'tab' : (short as 'inbox' | 'spam'), ...(tab ? { tab } : {}), folder: 'x' }
      : null,
    reason: 'folder-inbox',
    evidence: {},
    late: false,
    sentAt: null,
    firstSeenAt: null,
    delayMs: null,
    authentication: { reported: null, verified: null },
  };
}
const run = (...answers: Short[]): ProbeJson[] => answers.map((short, at) => probe(`s${at}`, short));

describe('a run against the one before', () => {
  const cases: [string, Short, Short, string][] = [
    ['the same', 'inbox', 'inbox', 'same'],
    ['out of the inbox', 'inbox', 'spam', 'worse'],
    ['into it', 'missing', 'inbox', 'better'],
    ['out of it into a tab', 'inbox', 'promotions', 'worse'],
    ['from tab to tab', 'promotions', 'updates', 'other'],
    ['from spam to nowhere', 'spam', 'missing', 'other'],
    ['not readable now', 'inbox', 'unknown', 'other'],
    ['not readable then', 'unknown', 'inbox', 'other'],
    ['not yet', 'inbox', 'waiting', 'waiting'],
    ['not then', 'waiting', 'inbox', 'waiting'],
  ];
  for (const [name, before, now, expected] of cases)
    test(name, () => {
      const got = compareRuns(run(before), run(now));
      const kind = got.differences[0]?.kind ?? (got.same === 1 ? 'same' : 'waiting');
      assert.equal(kind, expected);
      assert.equal(got.differences.length + got.same + got.waiting, 1);
    });

  test('seeds that are new or gone are named', () => {
    const got = compareRuns([probe('a', 'inbox'), probe('b', 'spam')], [probe('b', 'spam'), probe('c', 'inbox')]);
    assert.deepEqual(
      got.differences.map(({ kind, seed }) => [kind, seed]),
      [
        ['added', 'c@example.com'],
        ['gone', 'a@example.com'],
      ],
    );
    assert.deepEqual([got.same, got.inbox], [1, { now: 0, before: 0, n: 1 }]);
  });

  test('a change is called one only when chance would hardly make it', () => {
    const of = (worse: number, better: number, stayed: number) =>
      compareRuns(
        run(
          ...Array<Short>(worse).fill('inbox'),
          ...Array<Short>(better).fill('spam'),
          ...Array<Short>(stayed).fill('inbox'),
        ),
        run(
          ...Array<Short>(worse).fill('spam'),
          ...Array<Short>(better).fill('inbox'),
          ...Array<Short>(stayed).fill('inbox'),
        ),
      ).change;
    assert.equal(of(4, 0, 0), 'not-enough-data');
    assert.equal(of(5, 0, 20), 'no-clear-change');
    assert.equal(of(6, 0, 0), 'worse');
    assert.equal(of(0, 6, 100), 'better');
    assert.equal(of(6, 3, 0), 'no-clear-change');
    assert.equal(of(0, 0, 9), 'no-clear-change');
  });

  test('the chance is that of a coin', () => {
    assert.equal(chanceOf(0, 0), 1);
    assert.equal(chanceOf(5, 0), 0.0625);
    assert.equal(chanceOf(0, 6), 0.03125);
    assert.equal(chanceOf(1, 9).toFixed(5), '0.02148');
    fc.assert(
      fc.property(fc.nat(400), fc.nat(400), (a, b) => {
        const chance = chanceOf(a, b);
        assert.ok(chance > 0 && chance <= 1 && chance === chanceOf(b, a), `${a} ${b}: ${chance}`);
      }),
    );
  });
});

describe('the way of a mail', () => {
  const at = (seconds: number): string => new Date(Date.UTC(2026, 10, 23, 9, 0, 0) + seconds * 1000).toISOString();
  const hop = (seconds: number | null, delayMs: number | null, fromIp: string | null = null): Hop => ({
    from: 'a',
    fromName: null,
    fromIp,
    by: 'b',
    with: 'ESMTPS',
    tls: 'unknown',
    at: seconds === null ? null : at(seconds),
    delayMs,
  });
  const given = (change: Partial<ProbeDetailsJson>): Parameters<typeof wayOf>[0] => ({
    queuedAt: at(0),
    outcome: 'placed',
    dialogues: [],
    sentAt: at(1),
    hops: [],
    internalDate: null,
    firstSeenAt: null,
    boundary: null,
    ...change,
  });

  test('every step stands in its place with its wait, and the longest of the mail’s own is marked', () => {
    const steps = wayOf(
      given({
        hops: [hop(2, null), hop(62, 60_000, '192.0.2.1')],
        internalDate: at(63),
        firstSeenAt: at(200),
        boundary: { boundary: { how: 'received', headerIndex: 1, ip: '192.0.2.1' }, ignored: [] },
      }),
    );
    assert.deepEqual(
      steps.map(({ kind, delayMs, longest, boundary }) => [kind, delayMs, longest, boundary]),
      [
        ['queued', null, false, false],
        ['handed-over', 1_000, false, false],
        ['hop', 1_000, false, false],
        ['hop', 60_000, true, true],
        ['stored', 1_000, false, false],
        // Our own wait may be longer, and is nobody's fault.
        ['seen', 137_000, false, false],
      ],
    );
    assert.deepEqual(
      steps.map(({ share }) => share),
      [null, null, 1 / 60, 1, 1 / 60, null],
    );
  });
  test('clocks that are behind make no negative wait, and a missing time none at all', () => {
    const steps = wayOf(given({ hops: [hop(-30, null), hop(null, null)], internalDate: at(0.5) }));
    assert.deepEqual(
      steps.map(({ delayMs }) => delayMs),
      [null, 1_000, 0, null, 30_500],
    );
  });
  test('before it is handed over there is one step', () => {
    assert.deepEqual(
      wayOf(given({ sentAt: null })).map(({ kind }) => kind),
      ['queued'],
    );
    assert.equal(travelMs({ sentAt: null, internalDate: at(3) }), null);
    assert.equal(travelMs({ sentAt: at(1), internalDate: at(3) }), 2_000);
    assert.equal(travelMs({ sentAt: at(1), internalDate: at(0) }), 0);
  });
  test('quick steps get no mark', () => {
    assert.ok(wayOf(given({ hops: [hop(1, null), hop(3, 2_000)] })).every(({ longest }) => !longest));
  });
});

describe('headers', () => {
  const words: [string, string][] = [
    ['plain', 'plain'],
    ['=?UTF-8?B?44GT44KT44Gr44Gh44Gv?=', 'こんにちは'],
    ['=?ISO-2022-JP?B?GyRCJDMkcyRLJEEkTxsoQg==?=', 'こんにちは'],
    ['=?shift_jis?Q?=82=B1=82=F1?= <a@b>', 'こん <a@b>'],
    ['=?euc-jp?b?pLOk8w==?=', 'こん'],
    ['=?utf-8?q?a_b=3D?=', 'a b='],
    ['=?UTF-8*ja?Q?=E3=81=82?=', 'あ'],
    // A letter cut between two words, and the blanks between words.
    ['=?UTF-8?B?44GT44I=?= =?UTF-8?B?kw==?=', 'こん'],
    ['=?utf-8?q?a?= =?iso-8859-1?q?=FC?=', 'aü'],
    ['=?utf-8?q?a?= and =?utf-8?q?b?=', 'a and b'],
    ['=?no-such-set?q?a?=', '=?no-such-set?q?a?='],
    ['=?utf-8?b?!!!?=', '=?utf-8?b?!!!?='],
    ['=?utf-8?x?a?=', '=?utf-8?x?a?='],
  ];
  for (const [given, expected] of words) test(given, () => assert.equal(decodeWords(given), expected));

  test('fields are unfolded and decoded', () => {
    assert.deepEqual(readFields('Subject: =?UTF-8?B?44GT?=\r\n =?UTF-8?B?44KT?=\r\nX-A: 1\r\n\tb\r\nno field\r\n'), [
      { name: 'Subject', raw: '=?UTF-8?B?44GT?=\n =?UTF-8?B?44KT?=', value: 'こん' },
      { name: 'X-A', raw: '1\n\tb', value: '1 b' },
      { name: '', raw: 'no field', value: 'no field' },
    ]);
  });
  test('ISO-2022-JP without an encoded word is read too', () => {
    assert.equal(readFields('Subject: \u001b$B$3$s\u001b(B!')[0]?.value, 'こん!');
  });
  test('what turns the writing around, or is not to be seen, is shown as its code', () => {
    assert.equal(visible('a\u202eb\u200bc\u0007'), 'a\\u202eb\\u200bc\\u0007');
    assert.equal(readFields('Subject: =?utf-8?q?=E2=80=AEfdp.exe?=')[0]?.value, '\\u202efdp.exe');
  });
  test('any header is read, and nothing hidden is left in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const { name, value } of readFields(`X: ${text}`)) {
          assert.equal(typeof name, 'string');
          assert.doesNotMatch(value, /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
        }
      }),
    );
  });
});

describe('the frame of a preview', () => {
  test('its policy stands before anything of the mail, and allows nothing but what is in the mail itself', () => {
    const page = frameDocument('<b>mail</b>');
    assert.ok(page.indexOf(FRAME_POLICY) < page.indexOf('<b>mail</b>'));
    assert.match(page, /^<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy"/);
    assert.match(FRAME_POLICY, /default-src 'none'/);
    assert.doesNotMatch(FRAME_POLICY, /https?:|\*|'self'|script-src/);
  });
});
