/** What a change of a monitor is marked as. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Change, monitorChanges, type Watched } from '../../server/mark/changes.ts';

const BEFORE: Watched = {
  message: { template: 'plain' },
  seeds: new Set(['a', 'b']),
  sender: { id: 's1', name: 'Old' },
  schedule: { cron: '0 9 * * *', timeZone: 'Asia/Tokyo' },
  paused: false,
};

const CASES: [what: string, change: Partial<Watched>, marks: Change[]][] = [
  ['nothing', {}, []],
  ['the same sender under a new name', { sender: { id: 's1', name: 'New' } }, []],
  ['the same seeds in another order', { seeds: new Set(['b', 'a']) }, []],
  [
    'another template',
    { message: { template: 'newsletter' } },
    [{ reason: 'monitor-message-changed', evidence: { template: 'newsletter' } }],
  ],
  [
    "one's own words",
    { message: { subject: 'Hello', text: 'x'.repeat(1000) } as Watched['message'] },
    [{ reason: 'monitor-message-changed', evidence: { subject: 'Hello' } }],
  ],
  [
    'one seed for another',
    { seeds: new Set(['b', 'c', 'd']) },
    [{ reason: 'monitor-seeds-changed', evidence: { added: 2, removed: 1 } }],
  ],
  ['a seed more', { seeds: new Set(['a', 'b', 'c']) }, [{ reason: 'monitor-seeds-changed', evidence: { added: 1 } }]],
  [
    'another sender',
    { sender: { id: 's2', name: 'New' } },
    [{ reason: 'monitor-sender-changed', evidence: { before: 'Old', after: 'New' } }],
  ],
  [
    'another zone',
    { schedule: { cron: '0 9 * * *', timeZone: 'UTC' } },
    [
      {
        reason: 'monitor-schedule-changed',
        evidence: { before: '0 9 * * * (Asia/Tokyo)', after: '0 9 * * * (UTC)' },
      },
    ],
  ],
  [
    'no schedule',
    { schedule: null },
    [{ reason: 'monitor-schedule-changed', evidence: { before: '0 9 * * * (Asia/Tokyo)', after: null } }],
  ],
  ['a pause', { paused: true }, [{ reason: 'monitor-paused', evidence: {} }]],
  [
    'two things at once',
    { message: { template: 'varied' }, paused: true },
    [
      { reason: 'monitor-message-changed', evidence: { template: 'varied' } },
      { reason: 'monitor-paused', evidence: {} },
    ],
  ],
];
for (const [what, change, marks] of CASES)
  test(what, () => assert.deepEqual(monitorChanges(BEFORE, { ...BEFORE, ...change }), marks));

test('resumed', () =>
  assert.deepEqual(monitorChanges({ ...BEFORE, paused: true }, BEFORE), [{ reason: 'monitor-resumed', evidence: {} }]));
