/** What probes teach about a domain's mail, how long it is kept, and what it answers of the rules for bulk senders. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DomainCheck } from '../../server/domain/audit.ts';
import { bulkChecklist, REQUIREMENTS } from '../../server/domain/bulk-senders.ts';
import { raise } from '../../server/domain/findings.ts';
import { isNews, learn, NOTHING_LEARNED } from '../../server/domain/learned.ts';
import { type Observed, observe, type SeenProbe } from '../../server/domain/observed.ts';

const DAY = 86_400_000;
const AT = Date.UTC(2026, 10, 25);

type Facts = {
  spf?: string;
  dkim?: string;
  dmarc?: string;
  selector?: string;
  signer?: string;
  reason?: string;
  envelope?: string;
};
const words = ({
  spf = 'pass',
  dkim = 'pass',
  dmarc = 'pass',
  selector = 's1',
  signer = 'a.test',
  reason,
  envelope = 'a.test',
}: Facts) => {
  const why = reason === undefined ? {} : { reason };
  return {
    spf: { result: spf, domain: envelope, ...why },
    dkim: {
      result: dkim,
      domain: signer,
      selector,
      ...why,
      signatures: [{ result: dkim, domain: signer, selector, ...why }],
    },
    dmarc: { result: dmarc, domain: 'a.test', ...why },
    arc: { result: 'none' },
    sources: [],
  };
};
const probe = (more: Record<string, unknown> = {}): SeenProbe =>
  ({
    probeId: 'p1',
    provider: 'gmail',
    seenAt: AT,
    fromDomain: 'a.test',
    verified: words({}),
    reported: words({}),
    boundary: { ip: '192.0.2.7', helo: 'out.a.test', envelopeFrom: 'x@a.test', how: 'received', headerIndex: 3 },
    hops: [{ headerIndex: 3, fromIp: '192.0.2.7', tls: { version: 'TLSv1.3' } }],
    disagreements: [],
    ...more,
  }) as unknown as SeenProbe;
const see = (probes: SeenProbe[], since = 0): Observed => observe('a.test', probes, since);

describe('what probes show', () => {
  test('selector, address, HELO, witnesses, encryption', () => {
    const seen = see([probe(), probe({ probeId: 'p2', provider: 'yahoo' })]);
    assert.deepEqual([...seen.selectors], [['s1', AT]]);
    assert.deepEqual([...seen.ips], [['192.0.2.7', { at: AT, helo: 'out.a.test' }]]);
    assert.deepEqual(
      [seen.probes, seen.transport, seen.mails.length, seen.mails[0]?.count],
      [2, { encrypted: 2, plain: 0 }, 1, 2],
    );
    assert.deepEqual(
      seen.witnesses.map(({ mechanism, verified, reported }) => [mechanism, verified[0]?.probes, reported.length]),
      [
        ['spf', 2, 2],
        ['dkim', 2, 2],
        ['dmarc', 2, 2],
      ],
    );
  });

  const SILENT: [name: string, more: Record<string, unknown>, what: (seen: Observed) => unknown, is: unknown][] = [
    [
      'another domain in From',
      { verified: null, reported: null, fromDomain: 'b.test' },
      ({ probes, selectors }) => [probes, selectors.size],
      [0, 0],
    ],
    ['a signature in another name', { verified: words({ signer: 'esp.test' }) }, ({ selectors }) => selectors.size, 0],
    ['a private address', { boundary: { ip: '10.1.2.3', helo: 'x', headerIndex: 0 } }, ({ ips }) => ips.size, 0],
    [
      'no hop from outside',
      { boundary: { reason: 'spf-not-recheckable', why: 'internal' } },
      ({ ips, transport }) => [ips.size, transport],
      [0, { encrypted: 0, plain: 0 }],
    ],
    [
      'a forwarder in between',
      { disagreements: [{ reason: 'forwarded' }] },
      ({ ips, mails }) => [ips.size, mails.length],
      [0, 0],
    ],
    [
      'a hop of which nothing is known',
      { hops: [{ headerIndex: 3, fromIp: '192.0.2.7', tls: 'unknown' }] },
      ({ transport }) => transport,
      { encrypted: 0, plain: 0 },
    ],
    [
      'a hop without TLS',
      { hops: [{ headerIndex: 3, fromIp: '192.0.2.7', tls: null }] },
      ({ transport }) => transport,
      { encrypted: 0, plain: 1 },
    ],
    [
      'our DNS was away, and the receiver said nothing',
      {
        verified: words({ spf: 'temperror', dkim: 'temperror', dmarc: 'temperror', reason: 'dns-temporary' }),
        reported: null,
      },
      ({ mails, witnesses }) => [mails.length, witnesses.flatMap((one) => one.verified)],
      [0, []],
    ],
    [
      'our DNS was away: the receiver counts',
      { verified: words({ spf: 'temperror', dkim: 'temperror', dmarc: 'temperror', reason: 'dns-temporary' }) },
      ({ mails }) => mails[0]?.spf?.result,
      'pass',
    ],
  ];
  for (const [name, more, what, is] of SILENT) test(name, () => assert.deepEqual(what(see([probe(more)])), is));

  test('mail from before the last change says nothing of today, but its selectors and addresses do', () => {
    const seen = see([probe({ seenAt: AT - DAY })], AT);
    assert.deepEqual([seen.probes, seen.mails, seen.selectors.size, seen.ips.size], [0, [], 1, 1]);
  });
});

describe('what is learned', () => {
  const of = (selectors: [string, number][], ips: [string, number, string | null][] = []) => ({
    selectors: new Map(selectors),
    ips: new Map(ips.map(([ip, at, helo]) => [ip, { at, helo }] as const)),
  });
  test('is kept when the probes are forgotten, and dropped after ninety days', () => {
    const first = learn(NOTHING_LEARNED, of([['s1', AT]], [['192.0.2.7', AT, 'h']]), AT);
    assert.deepEqual(learn(first, of([]), AT + 89 * DAY), first);
    assert.deepEqual(learn(first, of([]), AT + 91 * DAY), NOTHING_LEARNED);
    assert.deepEqual(learn(first, of([], [['192.0.2.7', AT + 1, null]]), AT + 1).ips['192.0.2.7'], {
      at: AT + 1,
      helo: 'h',
    });
  });
  test('the newest ten addresses and twenty selectors', () => {
    const many = of(
      Array.from({ length: 60 }, (_, i) => [`s${i}`, AT + i] as [string, number]),
      Array.from({ length: 60 }, (_, i) => [`192.0.2.${i}`, AT + i, null] as [string, number, null]),
    );
    const learned = learn(NOTHING_LEARNED, many, AT + 100);
    assert.deepEqual([Object.keys(learned.selectors).length, Object.keys(learned.ips).length], [20, 10]);
    assert.ok('s59' in learned.selectors && '192.0.2.59' in learned.ips && !('s0' in learned.selectors));
  });
  test('news is a selector, an address or a HELO name that was not known; that they are gone is none', () => {
    const known = learn(NOTHING_LEARNED, of([['s1', AT]], [['192.0.2.7', AT, 'h']]), AT);
    assert.ok(!isNews(known, known) && !isNews(known, NOTHING_LEARNED));
    assert.ok(isNews(known, learn(known, of([['s2', AT]]), AT)));
    assert.ok(isNews(known, learn(known, of([], [['192.0.2.8', AT, null]]), AT)));
    assert.ok(isNews(known, learn(known, of([], [['192.0.2.7', AT + 1, 'other']]), AT)));
  });
  test('selectors of hostile names are names', () => {
    const learned = learn(
      NOTHING_LEARNED,
      of([
        ['__proto__', AT],
        ['constructor', AT],
      ]),
      AT,
    );
    assert.deepEqual(Object.keys(JSON.parse(JSON.stringify(learned)).selectors).includes('constructor'), true);
  });
});

describe('what Google, Yahoo and Microsoft ask', () => {
  const key = { selector: 's1', record: 'k', revoked: false, keyProblem: null, type: 'rsa', bits: 2048 };
  const check = (
    more: Record<string, unknown> = {},
    asked: Record<string, string> = {},
    findings: DomainCheck['findings'] = [],
  ) =>
    ({
      domain: 'a.test',
      findings,
      asked: { spf: 'found', dkim: 'found', dmarc: 'found', mx: 'found', ...asked },
      records: {
        spf: { record: 'v=spf1 -all' },
        dkim: [key],
        dmarc: { tags: { p: 'none' }, organizationalDomain: 'a.test', readings: { newer: { policy: 'none' } } },
        ptr: { addresses: [] },
        ...more,
      },
    }) as unknown as DomainCheck;
  const answers = (of: DomainCheck, observed: Observed | null = null) =>
    Object.fromEntries(bulkChecklist(of, observed).map((one) => [one.id, one.answer]));

  test('every requirement is answered, once, in its order, whatever is known', () => {
    for (const seen of [null, see([probe()])])
      for (const made of [check(), check({ spf: undefined, dkim: undefined, dmarc: undefined, ptr: undefined })])
        assert.deepEqual(
          bulkChecklist(made, seen).map(({ id }) => id),
          [...REQUIREMENTS],
        );
  });

  const CASES: [name: string, of: DomainCheck, seen: Observed | null, id: string, answer: string][] = [
    ['SPF is there', check(), null, 'spf', 'met'],
    ['SPF is missing', check({ spf: { record: null } }, { spf: 'none' }), null, 'spf', 'not-met'],
    ['SPF is broken', check({}, {}, [raise('spf-too-many-lookups', {})]), null, 'spf', 'not-met'],
    ['SPF could not be asked', check({ spf: { record: null } }, { spf: 'unasked' }), null, 'spf', 'unasked'],
    [
      'SPF failed for mail that was seen',
      check(),
      see([probe({ verified: words({ spf: 'fail' }) })]),
      'spf',
      'not-met',
    ],
    ['no key is known', check({ dkim: [] }), null, 'dkim', 'unseen'],
    ['a key is revoked', check({ dkim: [{ ...key, revoked: true }] }), null, 'dkim', 'unseen'],
    ['keys could not be asked', check({ dkim: [] }, { dkim: 'unasked' }), null, 'dkim', 'unasked'],
    ['mail was seen unsigned', check(), see([probe({ verified: words({ dkim: 'none' }) })]), 'dkim', 'not-met'],
    ['a key of 512 bits', check({ dkim: [{ ...key, bits: 512 }] }), null, 'dkim-size', 'not-met'],
    ['a key of 1024 bits', check({ dkim: [{ ...key, bits: 1024 }] }), null, 'dkim-size', 'met'],
    ['DMARC without a policy', check({ dmarc: null }, { dmarc: 'none' }), null, 'dmarc', 'not-met'],
    ['no mail was seen', check(), null, 'alignment', 'unseen'],
    ['aligned by DKIM alone', check(), see([probe({ verified: words({ envelope: 'esp.test' }) })]), 'alignment', 'met'],
    [
      'aligned by nothing',
      check(),
      see([probe({ verified: words({ envelope: 'esp.test', signer: 'esp.test' }) })]),
      'alignment',
      'not-met',
    ],
    ['no address is known', check(), null, 'ptr', 'unseen'],
    [
      'a reverse name is missing',
      check({ ptr: { addresses: [{ asked: 'none', names: [] }] } }, {}, [raise('ptr-missing', {})]),
      null,
      'ptr',
      'not-met',
    ],
    [
      'a reverse name was not answered',
      check({ ptr: { addresses: [{ asked: 'unasked', names: [] }] } }),
      null,
      'ptr',
      'unasked',
    ],
    [
      'sent without TLS',
      check(),
      see([probe({ hops: [{ headerIndex: 3, fromIp: '192.0.2.7', tls: null }] })]),
      'tls',
      'not-met',
    ],
    ['sent with TLS', check(), see([probe()]), 'tls', 'met'],
    ['takes no mail', check({}, {}, [raise('mx-null', {})]), null, 'takes-mail', 'not-met'],
    ['complaints', check(), see([probe()]), 'complaints', 'unseen'],
    ['one-click', check(), see([probe()]), 'one-click', 'unseen'],
  ];
  for (const [name, of, seen, id, answer] of CASES) test(name, () => assert.equal(answers(of, seen)[id], answer));

  test('findings that say more stand beside the answer', () => {
    const [spf] = bulkChecklist(
      check({}, {}, [raise('spf-syntax', {}), raise('spf-syntax', {}), raise('spf-unasked', {})]),
      null,
    );
    assert.deepEqual(spf?.findings, ['spf-syntax']);
  });
});
