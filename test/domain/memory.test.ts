/** What is remembered from check to check: trouble changes nothing, what goes must be seen twice, what comes is believed at once. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { DnsAnswer, DnsStatus, DnsType } from '../../server/dns/client.ts';
import { keyOf } from '../../server/domain/answers.ts';
import { CONFIRM_MS, Memory } from '../../server/domain/memory.ts';

const AT = Date.UTC(2026, 10, 25);
const FAILURES = ['servfail', 'refused', 'timeout', 'error'] as const;

function answer(
  status: DnsStatus,
  records: unknown[] = [],
  at = AT,
  more: Partial<DnsAnswer> = {},
): DnsAnswer<DnsType> {
  return { status, rcode: '', ad: false, ttl: 60, at, records: records as never, cnames: [], server: 's', ...more };
}
const txt = (texts: string[], at = AT): DnsAnswer<DnsType> =>
  answer(
    texts.length > 0 ? 'answer' : 'nodata',
    texts.map((text) => [text]),
    at,
  );
const Q = { name: 'a.test', type: 'TXT' as const };
const textsOf = (given: DnsAnswer<DnsType>): string[] =>
  (given.records as string[][]).map((strings) => strings.join(''));
/** As the next check finds it. */
const next = (memory: Memory): Memory => new Memory(memory.toText());

test('no failure takes an answer away, however many, and each is told', () => {
  let memory = new Memory();
  memory.settle(Q, txt(['v=spf1 -all']));
  for (let i = 1; i <= 10_000; i++) {
    if (i % 100 === 1) memory = next(memory);
    const status = FAILURES[i % FAILURES.length] ?? 'servfail';
    const stands = memory.settle(Q, answer(status, [], AT + i * CONFIRM_MS));
    assert.deepEqual([stands.status, textsOf(stands)], ['answer', ['v=spf1 -all']]);
    assert.equal(memory.failing(keyOf(Q.name, Q.type)), status);
    assert.deepEqual(memory.unconfirmed(), []);
  }
  assert.equal(memory.settle(Q, txt(['v=spf1 -all'])).status, 'answer');
  assert.equal(memory.failing(keyOf(Q.name, Q.type)), null);
});

describe('what goes is believed when it is seen again, a minute later', () => {
  const GONE: [string, (at: number) => DnsAnswer<DnsType>][] = [
    ['NXDOMAIN', (at) => answer('nxdomain', [], at)],
    ['NODATA', (at) => answer('nodata', [], at)],
    ['one of two', (at) => txt(['other'], at)],
  ];
  for (const [name, gone] of GONE)
    test(name, () => {
      const first = new Memory();
      first.settle(Q, txt(['v=spf1 -all', 'other']));
      const memory = next(first);
      const stand = (at: number): string[] => textsOf(memory.settle(Q, gone(AT + at)));
      const both = ['v=spf1 -all', 'other'];
      assert.deepEqual(stand(1000), both);
      assert.deepEqual(memory.unconfirmed(), [{ ...Q, since: AT + 1000 }]);
      assert.deepEqual(stand(2000), both);
      assert.deepEqual(stand(1000 + CONFIRM_MS - 1), both);
      // Trouble in between proves nothing either way.
      memory.settle(Q, answer('servfail', [], AT + CONFIRM_MS));
      assert.deepEqual(stand(1000 + CONFIRM_MS), textsOf(gone(0)));
      assert.deepEqual(memory.unconfirmed(), []);
    });

  test('it is back in between: the minute begins anew', () => {
    const memory = new Memory();
    memory.settle(Q, txt(['x']));
    memory.settle(Q, txt([], AT + 1000));
    memory.settle(Q, txt(['x'], AT + 2000));
    assert.deepEqual(textsOf(memory.settle(Q, txt([], AT + CONFIRM_MS + 5000))), ['x']);
    assert.deepEqual(memory.unconfirmed(), [{ ...Q, since: AT + CONFIRM_MS + 5000 }]);
  });

  test('two that miss different records: nothing is gone', () => {
    const memory = new Memory();
    memory.settle(Q, txt(['a', 'b']));
    memory.settle(Q, txt(['a'], AT + 1000));
    assert.deepEqual(textsOf(memory.settle(Q, txt(['b'], AT + 2 * CONFIRM_MS))), ['a', 'b']);
  });

  test('what is new or different is believed at once, and so is an alias', () => {
    const memory = new Memory();
    memory.settle(Q, txt(['v=spf1 -all']));
    assert.deepEqual(textsOf(memory.settle(Q, txt(['v=spf1 ~all'], AT + 1))), ['v=spf1 ~all']);
    assert.deepEqual(textsOf(memory.settle(Q, txt(['v=spf1 ~all', 'b'], AT + 2))), ['v=spf1 ~all', 'b']);
    const alias = answer('nodata', [], AT + 3, { cnames: ['b.test'] });
    assert.deepEqual(memory.settle(Q, alias).cnames, ['b.test']);
    assert.deepEqual(memory.settle(Q, answer('nxdomain', [], AT + 4)).cnames, ['b.test']);
  });

  test('a server of many names some of its addresses in turn; that is no loss', () => {
    const question = { name: 'a.test', type: 'A' as const };
    const memory = new Memory();
    memory.settle(question, answer('answer', ['192.0.2.1', '192.0.2.2']));
    assert.deepEqual(memory.settle(question, answer('answer', ['192.0.2.1'], AT + 1)).records, ['192.0.2.1']);
    assert.deepEqual(memory.settle(question, answer('nodata', [], AT + 2)).records, ['192.0.2.1']);
  });

  test('a clock that was set back makes it wait longer, never shorter', () => {
    const memory = new Memory();
    memory.settle(Q, txt(['x']));
    memory.settle(Q, txt([], AT + 1000));
    assert.deepEqual(textsOf(memory.settle(Q, txt([], AT - 3_600_000))), ['x']);
    assert.deepEqual(textsOf(memory.settle(Q, txt([], AT - 3_600_000 + CONFIRM_MS - 1))), ['x']);
    assert.deepEqual(textsOf(memory.settle(Q, txt([], AT - 3_600_000 + CONFIRM_MS))), []);
  });
});

test('bytes survive, and what a check does not ask for is forgotten', () => {
  const memory = new Memory();
  const tlsa = { name: '_25._tcp.mx.test', type: 'TLSA' as const };
  const data = { usage: 3, selector: 1, matchingType: 1, certificate: new Uint8Array([1, 2, 255]) };
  memory.settle(Q, txt(['x']));
  memory.settle(tlsa, answer('answer', [data]));
  const second = next(memory);
  // The same bytes are no change: a wire answer holds a Buffer.
  const again = { ...data, certificate: Buffer.from([1, 2, 255]) };
  const kept = second.settle(tlsa, answer('timeout', [])).records[0] as typeof data;
  assert.deepEqual([...kept.certificate], [1, 2, 255]);
  second.settle(tlsa, answer('answer', [again], AT + 1));
  assert.deepEqual(second.unconfirmed(), []);
  const third = next(second);
  assert.equal(third.recall('a.test', 'TXT', AT), null);
  assert.equal(third.recall('_25._tcp.mx.test', 'TLSA', AT)?.status, 'answer');
});

describe('pages and servers', () => {
  const URL_ = 'https://mta-sts.a.test/.well-known/mta-sts.txt';
  const good = { ok: true as const, body: Buffer.from('version: STSv1'), url: URL_ };
  const lost = { ok: false as const, reason: 'timeout', url: URL_ };
  test('a page must be out of reach twice', () => {
    let memory = new Memory();
    memory.settlePage(URL_, good, AT);
    memory = next(memory);
    const stands = memory.settlePage<typeof good | typeof lost>(URL_, lost, AT + 1000);
    assert.equal(stands.ok && stands.body.toString(), 'version: STSv1');
    assert.deepEqual(memory.unconfirmed(), [{ name: URL_, type: 'HTTPS', since: AT + 1000 }]);
    memory = next(memory);
    assert.equal(memory.settlePage<typeof good | typeof lost>(URL_, lost, AT + 1000 + CONFIRM_MS).ok, false);
    assert.deepEqual(memory.unconfirmed(), []);
    assert.equal(memory.settlePage(URL_, good, AT + 3 * CONFIRM_MS).ok, true);
  });
  test('a page that is not there must be missing twice; another page is believed at once', () => {
    for (const status of [404, 410, 429, 500, 503]) {
      let memory = new Memory();
      const gone = { ok: true as const, status, body: Buffer.from('sorry'), url: URL_ };
      memory.settlePage(URL_, { ...good, status: 200 }, AT);
      memory = next(memory);
      assert.equal(
        memory.settlePage<typeof good | typeof gone>(URL_, gone, AT + 1000).body.toString(),
        'version: STSv1',
      );
      assert.equal(memory.unconfirmed().length, 1);
      memory = next(memory);
      const later = memory.settlePage<typeof good | typeof gone>(URL_, gone, AT + 1000 + CONFIRM_MS);
      assert.equal(later.body.toString(), 'sorry');
      assert.deepEqual(memory.unconfirmed(), []);
    }
    const memory = new Memory();
    memory.settlePage(URL_, good, AT);
    const other = { ...good, body: Buffer.from('version: STSv1\nmode: none') };
    assert.equal(memory.settlePage(URL_, other, AT + 1).body, other.body);
  });
  test('that its name gave no answer is no reason, however often', () => {
    const memory = new Memory();
    const unasked = { ok: false as const, reason: 'lookup-failed', url: URL_ };
    memory.settlePage(URL_, good, AT);
    for (let i = 1; i < 100; i++)
      assert.equal(memory.settlePage<typeof good | typeof unasked>(URL_, unasked, AT + i * CONFIRM_MS).ok, true);
  });
  test('a certificate that does not hold is seen, not guessed: it is believed at once', () => {
    const memory = new Memory();
    memory.settlePage(URL_, good, AT);
    const bad = { ok: false as const, reason: 'certificate-expired', url: URL_ };
    assert.equal(memory.settlePage<typeof good | typeof bad>(URL_, bad, AT + 1).ok, false);
  });
  test('a server that cannot be reached stands as it was seen, for two days', () => {
    let memory = new Memory();
    const seen = { ok: true as const, certificates: [Buffer.from([1])], version: 'TLSv1.3' };
    const away = { ok: false as const, reason: 'connection-refused' };
    memory.settleServer('mx.test', seen, AT);
    memory = next(memory);
    const later = (hours: number) =>
      memory.settleServer<typeof seen | typeof away>('mx.test', away, AT + hours * 3_600_000);
    const stands = later(47);
    assert.deepEqual(stands.ok && [stands.version, [...(stands.certificates[0] ?? [])]], ['TLSv1.3', [1]]);
    assert.equal(later(49).ok, false);
  });
});

test('whatever is answered, in whatever order: an answer that stands was given, and only answers replace it', () => {
  const record = fc.constantFrom<string>('a', 'b', 'c');
  const step = fc.record({
    after: fc.nat(3 * CONFIRM_MS),
    texts: fc.option(fc.uniqueArray(record, { maxLength: 3 }), { nil: null }),
    reload: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let memory = new Memory();
      let at = AT;
      let stood: string[] | null = null;
      for (const { after, texts, reload } of steps) {
        at += after;
        if (reload) memory = next(memory);
        const stands = memory.settle(Q, texts === null ? answer('timeout', [], at) : txt(texts, at));
        const now = stands.status === 'timeout' ? null : textsOf(stands);
        if (texts === null) assert.deepEqual(now, stood);
        else {
          // Whatever was answered stands; what stands beside it stood before.
          for (const text of texts) assert.ok(now?.includes(text));
          for (const text of now ?? []) assert.ok(texts.includes(text) || stood?.includes(text));
        }
        stood = now;
      }
    }),
    { numRuns: 300 },
  );
});
