/** What landings come to: rates over seeds, what the policy says of them, and whether it is the content or the sender. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compareArms } from '../../server/campaign/control.ts';
import { judgePlacement, type Landing, sumUp, type Told } from '../../server/campaign/placement.ts';
import { policySchema } from '../../server/campaign/policy.ts';

const landing = (seed: number, where: string, more: Partial<Landing> = {}): Landing => ({
  arm: 'campaign',
  repeat: 0,
  probeId: `p${seed}`,
  runId: 'r',
  seedId: `s${seed}`,
  seed: `${seed}@x.test`,
  provider: 'gmail',
  protocol: 'imap',
  outcome: ['inbox', 'spam', 'tab'].includes(where) ? 'placed' : (where as Landing['outcome']),
  placement: ['inbox', 'spam', 'tab'].includes(where)
    ? { kind: where as 'inbox', folder: 'INBOX', ...(where === 'tab' ? { tab: 'promotions' as const } : {}) }
    : null,
  reason: 'folder-inbox',
  late: false,
  sendAt: null,
  sentAt: null,
  delayMs: null,
  reported: null,
  verified: null,
  ...more,
});
const told = (landings: Landing[]): Told => ({
  by: 'sender',
  sender: null,
  fromReplaced: false,
  unsigned: false,
  repeats: 1,
  gapSeconds: 0,
  startedAt: '',
  endsAt: '',
  landings,
});
const many = (count: number, where: string, from = 0): Landing[] =>
  Array.from({ length: count }, (_, i) => landing(from + i, where));

describe('the verdict of a policy', () => {
  const CASES: [name: string, policy: object, landings: Landing[], over: boolean, fix: string[], unknown: string[]][] =
    [
      ['5 of 5 are surely more than half', {}, many(5, 'inbox'), true, [], []],
      ['tabs are inbox', {}, many(5, 'tab'), true, [], []],
      ['8 of 10 may be fewer', {}, [...many(8, 'inbox'), ...many(2, 'spam', 8)], true, [], ['placement-unclear']],
      ['but not as measured', { inboxRateBy: 'point' }, [...many(8, 'inbox'), ...many(2, 'spam', 8)], true, [], []],
      ['0 of 5 are surely too few', {}, many(5, 'spam'), true, ['placement-too-low'], []],
      ['four seeds are no rate', {}, many(4, 'spam'), true, [], ['placement-unknown']],
      [
        'nor are ten mails to two seeds',
        {},
        [
          ...many(5, 'inbox').map((one) => ({ ...one, seedId: 'a' })),
          ...many(5, 'inbox').map((one) => ({ ...one, seedId: 'b' })),
        ],
        true,
        [],
        ['placement-unknown'],
      ],
      ['not over yet', {}, many(5, 'inbox'), false, [], ['placement-unknown']],
      ['unknown ones stand in no rate', {}, [...many(5, 'inbox'), ...many(20, 'unknown', 5)], true, [], []],
      ['missing ones do', {}, [...many(1, 'inbox'), ...many(9, 'missing', 1)], true, ['placement-too-low'], []],
      [
        'of a provider that has no seed',
        { minInboxRate: { yahoo: 0.1 } },
        many(9, 'inbox'),
        true,
        [],
        ['placement-unknown'],
      ],
      [
        'below the point',
        { inboxRateBy: 'point', minInboxRate: { gmail: 0.9 } },
        [...many(8, 'inbox'), ...many(2, 'spam', 8)],
        true,
        ['placement-too-low'],
        [],
      ],
    ];
  for (const [name, policy, landings, over, fix, unknown] of CASES)
    test(name, () => {
      const read = policySchema.parse(policy);
      const judged = judgePlacement(read, sumUp(told(landings), over, read));
      assert.deepEqual(
        [judged.fix.map(({ reason }) => reason), judged.unknown.map(({ reason }) => reason)],
        [fix, unknown],
      );
    });
});

describe('content or sender', () => {
  const shares = (yes: number, no: number): Map<string, number> =>
    new Map([...Array(yes + no).keys()].map((i) => [`s${i}`, i < yes ? 1 : 0]));
  for (const [name, campaign, control, answer, kind] of [
    ['the control alone arrives', shares(0, 8), shares(8, 0), 'content', 'mcnemar'],
    ['neither arrives', shares(0, 8), shares(0, 8), 'sender', 'mcnemar'],
    ['both arrive', shares(8, 0), shares(8, 0), 'neither', 'mcnemar'],
    ['the campaign alone arrives', shares(8, 0), shares(0, 8), 'reversed', 'mcnemar'],
    ['five that differ may be chance', shares(0, 5), shares(5, 0), 'not-enough-data', 'mcnemar'],
    ['four seeds', shares(0, 4), shares(4, 0), 'not-enough-data', 'fisher'],
    [
      'no pairs, clear all the same',
      new Map([...shares(0, 6)].map(([seed, share]) => [`x${seed}`, share])),
      shares(6, 0),
      'content',
      'fisher',
    ],
  ] as const)
    test(name, () => {
      const { answer: found, test: made } = compareArms(campaign, control, 0.5);
      assert.deepEqual([found, made], [answer, kind]);
    });
});

test('why mails are elsewhere: each reason once, by how many seeds share it; what is under way has none yet', () => {
  const reasons = (...all: [seed: number, where: string, reason: string, more?: Partial<Landing>][]) =>
    sumUp(
      told(all.map(([seed, where, reason, more]) => landing(seed, where, { reason, ...more }))),
      true,
      policySchema.parse({}),
    ).whys;
  assert.deepEqual(
    reasons(
      [1, 'spam', 'folder-junk'],
      [1, 'spam', 'folder-junk', { repeat: 1 }],
      [2, 'missing', 'not-arrived'],
      [3, 'missing', 'not-arrived'],
      [4, 'inbox', 'folder-inbox'],
      [5, 'tab', 'tab-label'],
      [6, 'unknown', 'seed-unreadable'],
      [7, 'sent', 'waiting'],
      [8, 'spam', 'folder-junk', { arm: 'control' }],
    ),
    [
      { reason: 'not-arrived', mails: 2, seeds: 2 },
      { reason: 'folder-junk', mails: 2, seeds: 1 },
      { reason: 'seed-unreadable', mails: 1, seeds: 1 },
    ],
  );
});
