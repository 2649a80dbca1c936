/** Where the receiver and we differ, and which cause is named. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareAuthentication } from '../../server/authentication/compare.ts';
import { bestSignature } from '../../server/authentication/reported.ts';
import type {
  Boundary,
  MechanismResult,
  ReportedAuthentication,
  VerifiedAuthentication,
} from '../../server/authentication/types.ts';

const pass: MechanismResult = { result: 'pass', domain: 'good.test' };
const signature: MechanismResult = { result: 'pass', domain: 'good.test', selector: 's1', aligned: true };
const boundary: Boundary = {
  ip: '203.0.113.7',
  helo: 'm',
  envelopeFrom: 'a@good.test',
  how: 'received',
  headerIndex: 1,
};

type Side = { spf?: MechanismResult; dkim?: MechanismResult[]; dmarc?: MechanismResult; arc?: MechanismResult };
const reported = (side: Side = {}): ReportedAuthentication => ({
  spf: side.spf ?? pass,
  dkim: bestSignature(side.dkim ?? [signature]),
  dmarc: side.dmarc ?? pass,
  ...(side.arc ? { arc: side.arc } : {}),
  sources: [],
});
const verified = (side: Side = {}): VerifiedAuthentication => ({
  spf: side.spf ?? pass,
  dkim: bestSignature(side.dkim ?? [signature]),
  dmarc: side.dmarc ?? pass,
  arc: side.arc ?? { result: 'none', reason: 'arc-missing' },
});

test('two witnesses that agree, or that use softer words for the same, are no disagreement', () => {
  assert.deepEqual(compareAuthentication(reported(), verified(), { boundary }), []);
  const soft: [Side, Side][] = [
    [{ spf: { result: 'softfail' } }, { spf: { result: 'fail', reason: 'spf-ip-not-permitted' } }],
    [{ spf: { result: 'none', reason: 'not-reported' } }, { spf: { result: 'fail' } }],
    [
      { dkim: [{ ...signature, result: 'neutral', reason: 'dkim-body-changed' }] },
      { dkim: [{ ...signature, result: 'fail', reason: 'dkim-body-changed' }] },
    ],
  ];
  for (const [theirs, ours] of soft) {
    assert.deepEqual(compareAuthentication(reported(theirs), verified(ours), { boundary }), []);
  }
});

test('each disagreement names its cause', () => {
  const table: [string, Side, Side, Boundary, string[]][] = [
    [
      'forwarder',
      { spf: { ...pass, clientIp: '198.51.100.1' } },
      { spf: { result: 'fail', reason: 'spf-ip-not-permitted' } },
      boundary,
      ['spf forwarded'],
    ],
    [
      'record changed',
      { spf: { ...pass, clientIp: '203.0.113.7' } },
      { spf: { result: 'fail', reason: 'spf-ip-not-permitted' } },
      boundary,
      ['spf dns-changed-since'],
    ],
    [
      'limit overlooked',
      {},
      { spf: { result: 'permerror', reason: 'spf-too-many-lookups' } },
      boundary,
      ['spf strict-reading'],
    ],
    [
      'hop unknown',
      {},
      { spf: { result: 'none', reason: 'spf-not-recheckable' } },
      { reason: 'spf-not-recheckable', why: 'no-received' },
      ['spf spf-not-recheckable'],
    ],
    [
      'hop unknown, DMARC hung on it',
      { dkim: [{ result: 'none', reason: 'dkim-not-signed' }] },
      {
        spf: { result: 'none', reason: 'spf-not-recheckable' },
        dkim: [],
        dmarc: { result: 'none', reason: 'spf-not-recheckable' },
      },
      { reason: 'spf-not-recheckable', why: 'internal' },
      ['spf spf-not-recheckable', 'dmarc spf-not-recheckable'],
    ],
    [
      'Outlook guesses',
      { dmarc: { result: 'none', original: 'bestguesspass' } },
      { dmarc: { result: 'none', reason: 'dmarc-record-missing' } },
      boundary,
      ['dmarc receiver-has-own-rules'],
    ],
    [
      'text altered',
      {},
      { dkim: [{ ...signature, result: 'fail', reason: 'dkim-body-changed' }] },
      boundary,
      ['dkim body-altered'],
    ],
    [
      'text altered, DMARC with it',
      {},
      {
        dkim: [{ ...signature, result: 'fail', reason: 'dkim-body-changed' }],
        spf: pass,
        dmarc: { result: 'fail', reason: 'dmarc-not-aligned' },
      },
      boundary,
      ['dkim body-altered', 'dmarc body-altered'],
    ],
    [
      'key gone',
      {},
      { dkim: [{ ...signature, result: 'neutral', reason: 'dkim-key-missing' }] },
      boundary,
      ['dkim dns-changed-since'],
    ],
    [
      'key small',
      {},
      { dkim: [{ ...signature, result: 'policy', reason: 'dkim-key-weak' }] },
      boundary,
      ['dkim strict-reading'],
    ],
    [
      'no answer',
      {},
      { dkim: [{ ...signature, result: 'temperror', reason: 'dns-temporary' }] },
      boundary,
      ['dkim temporary-dns'],
    ],
    [
      'record gone',
      {},
      { dmarc: { result: 'none', reason: 'dmarc-record-missing' } },
      boundary,
      ['dmarc dns-changed-since'],
    ],
    [
      'record worth nothing',
      {},
      { dmarc: { result: 'none', reason: 'dmarc-record-invalid' } },
      boundary,
      ['dmarc strict-reading'],
    ],
    [
      'two authors',
      {},
      { dmarc: { result: 'none', reason: 'dmarc-from-ambiguous' } },
      boundary,
      ['dmarc strict-reading'],
    ],
    ['time was up', {}, { spf: { result: 'temperror', reason: 'verify-timeout' } }, boundary, ['spf not-verified']],
    [
      'seal broken',
      { arc: { result: 'pass' } },
      { arc: { result: 'fail', reason: 'arc-broken' } },
      boundary,
      ['arc body-altered'],
    ],
    ['nothing explains it', { dmarc: { result: 'fail' } }, {}, boundary, ['dmarc receiver-has-own-rules']],
  ];
  for (const [name, theirs, ours, hop, causes] of table) {
    const got = compareAuthentication(reported(theirs), verified(ours), { boundary: hop });
    assert.deepEqual(
      got.map((one) => `${one.mechanism} ${one.reason}`),
      causes,
      name,
    );
  }
});

test('the signature that the receiver speaks of is compared, not another one', () => {
  const esp: MechanismResult = { result: 'pass', domain: 'esp.test', selector: 'k', aligned: false };
  const theirs = reported({ dkim: [esp] });
  const ours = verified({ dkim: [{ ...signature, result: 'fail', reason: 'dkim-header-changed' }, esp] });
  assert.deepEqual(compareAuthentication(theirs, ours, { boundary }), []);
});

test('the evidence holds what a sentence needs', () => {
  const [one] = compareAuthentication(
    reported({ spf: { ...pass, clientIp: '198.51.100.1', comment: 'designates' } }),
    verified({ spf: { result: 'fail', reason: 'spf-ip-not-permitted', domain: 'good.test', record: 'v=spf1 -all' } }),
    { boundary },
  );
  assert.deepEqual(one, {
    mechanism: 'spf',
    reported: 'pass',
    verified: 'fail',
    reason: 'forwarded',
    evidence: {
      domain: 'good.test',
      why: 'spf-ip-not-permitted',
      receiverSays: 'designates',
      receiverIp: '198.51.100.1',
      ip: '203.0.113.7',
      record: 'v=spf1 -all',
    },
  });
});
