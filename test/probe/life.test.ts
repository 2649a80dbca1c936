import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  afterInterruption,
  afterNotFound,
  afterSending,
  afterUnreadable,
  deliveryDelay,
} from '../../server/probe/life.ts';
import { lookAgainAt, nextLook } from '../../server/probe/polling.ts';
import type { SendResult } from '../../server/sender/types.ts';

const deadlines = { lateAfterMs: 300_000, missingAfterMs: 21_600_000, watchMs: 172_800_000 };
const result = (change: Partial<SendResult>): SendResult => ({
  end: 'accepted',
  reason: 'accepted',
  act: 'go-on',
  waitMs: 0,
  code: 250,
  enhanced: '2.0.0',
  reply: '250 2.0.0 OK',
  dialogue: [],
  tls: null,
  ...change,
});

test('a clear 250 starts the deadlines and the looking', () => {
  const step = afterSending(result({}), 1, 1_000, 2_000, deadlines);
  assert.equal(step.outcome, 'accepted');
  assert.deepEqual(
    [step.sent_at, step.late_at, step.missing_at, step.watch_until],
    [2_000, 302_000, 21_602_000, 172_802_000],
  );
  assert.equal(step.next_look_at, 2_000);
});

test('a connection lost after the dot is looked for and has no next send', () => {
  const step = afterSending(
    result({ end: 'ambiguous', reason: 'connection-lost-after-data', code: null, reply: null }),
    1,
    1_000,
    9_000,
    deadlines,
  );
  assert.equal(step.outcome, 'unknown');
  assert.equal(step.next_send_at, undefined);
  assert.equal(step.next_look_at, 9_000);
});

test('"not now" is tried three times in all', () => {
  const later = result({ end: 'deferred', reason: 'retry-later', act: 'retry', waitMs: 60_000, code: 451 });
  assert.equal(afterSending(later, 1, 0, 1_000, deadlines).next_send_at, 61_000);
  assert.equal(afterSending(later, 2, 0, 1_000, deadlines).next_send_at, 61_000);
  assert.equal(afterSending(later, 3, 0, 1_000, deadlines).next_send_at, null);
});

test('an interrupted probe is looked for, never sent again, never called missing', () => {
  const step = afterInterruption(1_000, 5_000, deadlines);
  assert.equal(step.outcome, 'unknown');
  assert.equal(step.next_send_at, undefined);
  const looked = {
    outcome: step.outcome,
    reason: step.reason,
    protocol: 'imap',
    missingAt: 20,
    lateAt: 1,
    everywhere: true,
  } as const;
  assert.equal(afterNotFound(looked, 10), null);
  const never = { outcome: 'unknown', reason: 'never-arrived' } as const;
  assert.deepEqual(afterNotFound(looked, 20), never);
  assert.equal(afterNotFound({ ...looked, ...never }, 30), null, 'said once');
});

for (const [name, probe, now, expected] of [
  ['not yet', { outcome: 'accepted', reason: 'not-seen-yet', protocol: 'imap' }, 50, null],
  [
    'late',
    { outcome: 'accepted', reason: 'not-seen-yet', protocol: 'imap' },
    150,
    { outcome: 'accepted', reason: 'not-seen-yet', late: 1 },
  ],
  [
    'missing',
    { outcome: 'accepted', reason: 'not-seen-yet', protocol: 'imap' },
    250,
    { outcome: 'missing', reason: 'not-seen-in-time', late: 1 },
  ],
  [
    'POP3 says inbox only',
    { outcome: 'accepted', reason: 'not-seen-yet', protocol: 'pop3' },
    250,
    { outcome: 'missing', reason: 'not-seen-in-inbox', late: 1 },
  ],
  [
    'readable again',
    { outcome: 'unknown', reason: 'seed-unreadable', protocol: 'imap' },
    50,
    { outcome: 'accepted', reason: 'not-seen-yet' },
  ],
  [
    'readable again, too late',
    { outcome: 'unknown', reason: 'seed-unreadable', protocol: 'imap' },
    250,
    { outcome: 'missing', reason: 'not-seen-in-time', late: 1 },
  ],
  [
    'nonsense after the final dot stays unknown: it may never have been taken',
    { outcome: 'unknown', reason: 'protocol-error', protocol: 'imap' },
    250,
    { outcome: 'unknown', reason: 'never-arrived' },
  ],
  [
    'missing is said of what was looked for everywhere',
    { outcome: 'accepted', reason: 'not-seen-yet', protocol: 'imap', everywhere: false },
    250,
    { outcome: 'accepted', reason: 'not-seen-yet', late: 1 },
  ],
  [
    'and so is never arrived',
    { outcome: 'unknown', reason: 'interrupted-while-sending', protocol: 'imap', everywhere: false },
    250,
    null,
  ],
  ['placed stays placed', { outcome: 'placed', reason: 'folder-inbox', protocol: 'imap' }, 250, null],
] as const)
  test(`not found: ${name}`, () =>
    assert.deepEqual(afterNotFound({ everywhere: true, ...probe, lateAt: 100, missingAt: 200 }, now), expected));

test('an unreadable seed makes a probe unknown at its deadline, never missing', () => {
  const probe = {
    outcome: 'accepted',
    reason: 'not-seen-yet',
    protocol: 'imap',
    lateAt: 100,
    missingAt: 200,
  } as const;
  assert.equal(afterUnreadable(probe, 199), null);
  assert.deepEqual(afterUnreadable(probe, 200), { outcome: 'unknown', reason: 'seed-unreadable' });
  assert.equal(afterUnreadable({ ...probe, outcome: 'placed' }, 200), null);
});

test('delivery time stays between the two clocks we know', () => {
  assert.equal(deliveryDelay(10_000, 14_000, 12_000), 2_000);
  assert.equal(deliveryDelay(10_500, 14_000, 10_000), 0, 'INTERNALDATE counts whole seconds');
  assert.equal(deliveryDelay(10_000, 14_000, 99_000), 4_000, 'a clock ahead of ours');
  assert.equal(deliveryDelay(10_000, 14_000, null), 4_000);
  assert.equal(deliveryDelay(1e12, 1e12 + 4_000, 0), 4_000, 'no believable date');
});

test('the plan of looks always moves on, meets the deadlines, and ends', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_000, max: 600_000 }),
      fc.integer({ min: 1_000, max: 86_400_000 }),
      fc.integer({ min: 0, max: 172_800_000 }),
      fc.integer({ min: 0, max: 30_000 }),
      (lateMs, missingMs, watchMs, floor) => {
        const sentAt = 1e12;
        const probe = {
          sentAt,
          lateAt: sentAt + lateMs,
          missingAt: sentAt + missingMs,
          watchUntil: sentAt + Math.max(watchMs, missingMs),
        };
        const looks: number[] = [];
        let now = sentAt;
        for (let i = 0; i < 20_000; i++) {
          const next = nextLook({ outcome: 'accepted', ...probe }, now, floor);
          if (next === null) break;
          assert.ok(next > now);
          looks.push(next);
          now = next;
        }
        assert.ok(looks.includes(probe.missingAt) || looks.some((at) => at === probe.watchUntil));
        assert.ok((looks.at(-1) ?? 0) <= probe.watchUntil);
        assert.equal(nextLook({ outcome: 'accepted', ...probe }, probe.watchUntil, floor), null);
      },
    ),
    { numRuns: 60 },
  );
});

test('a deadline that passes during a look is asked about at once, and nothing else is', () => {
  const probe = { outcome: 'accepted', sentAt: 0, lateAt: 100_000, missingAt: 200_000, watchUntil: 300_000 } as const;
  for (const [askedAt, now, next] of [
    [50_000, 60_000, 65_000],
    [95_000, 101_000, 101_000],
    [195_000, 230_000, 230_000],
    [200_000, 230_000, 240_000],
    [290_000, 301_000, 301_000],
    [300_000, 301_000, null],
  ] as const)
    assert.equal(lookAgainAt(probe, askedAt, now, 0), next, `${askedAt} ${now}`);
  assert.equal(lookAgainAt({ ...probe, outcome: 'placed' }, 95_000, 101_000, 0), null);
});

test('a placed probe is looked at again after an hour and a day, within its watch', () => {
  const probe = { outcome: 'placed', sentAt: 0, lateAt: 1, missingAt: 2, watchUntil: 48 * 3_600_000 } as const;
  assert.equal(nextLook(probe, 10_000, 0), 3_600_000);
  assert.equal(nextLook(probe, 3_600_000, 0), 24 * 3_600_000);
  assert.equal(nextLook(probe, 24 * 3_600_000, 0), null);
  assert.equal(nextLook({ ...probe, watchUntil: 60_000 }, 10_000, 0), null);
});
