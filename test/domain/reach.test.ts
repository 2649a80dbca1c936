/** What a check may reach: each thing once, lists that are proven first and retired when dead, and failures that never become verdicts. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { createDnsClient } from '../../server/dns/client.ts';
import { goodUntil, isRetired, type Proof, proofFrom } from '../../server/domain/blocklist-proof.ts';
import { type Ask, createAsk } from '../../server/domain/lookup.ts';
import { bimi } from '../../server/domain/lookup-bimi.ts';
import { blocklists } from '../../server/domain/lookup-blocklists.ts';
import { dane } from '../../server/domain/lookup-dane.ts';
import { dnssec } from '../../server/domain/lookup-dnssec.ts';
import { mtaSts } from '../../server/domain/lookup-mta-sts.ts';
import { mx } from '../../server/domain/lookup-mx.ts';
import { ptr } from '../../server/domain/lookup-ptr.ts';
import { tlsRpt } from '../../server/domain/lookup-tls-rpt.ts';
import { createReach } from '../../server/domain/reach.ts';
import type { Finding, Gathered, Known } from '../../server/domain/types.ts';
import { startAuthority } from '../dns/authority.ts';
import { startWorld, type World } from './world.ts';

const closers: (() => Promise<unknown> | unknown)[] = [];
after(() => Promise.all(closers.map((close) => close())));

type Part = {
  gather: (known: Known, reach: ReturnType<typeof createReach>) => Promise<Gathered<unknown>>;
  judge: (facts: never, known: Known) => Finding[];
};
const PARTS: Part[] = [mx, ptr, mtaSts, tlsRpt, dane, dnssec, bimi, blocklists];

function known(more: Partial<Known> = {}): Known {
  const history = { keysSince: {}, policyNoneSince: null };
  return { domain: 'good.test', now: Date.now(), selectors: [], ips: ['203.0.113.7'], history, observed: [], ...more };
}

async function world(of: World) {
  const running = await startWorld(of);
  closers.push(running.close);
  return running;
}

describe('blocklists', () => {
  const HOUR = 3_600_000;
  test('test entries are asked once an hour for all checks, a list that is dead twice once a day', () => {
    const now = Date.parse('2026-11-25T00:00:00Z');
    let proof: Proof | null = null;
    const live = (is: Proof['is'], at: number): number => {
      proof = proofFrom(is, proof, at);
      return (goodUntil(proof) - at) / HOUR;
    };
    assert.equal(live({ state: 'alive' }, now), 1);
    assert.equal(live({ state: 'dead', cause: 'test-entry-missing' }, now + HOUR), 1);
    assert.equal(proof !== null && isRetired(proof), false);
    assert.equal(live({ state: 'dead', cause: 'test-entry-missing' }, now + 2 * HOUR), 24);
    assert.equal(proof !== null && isRetired(proof), true);
    assert.ok(live({ state: 'unasked', status: 'timeout' }, now + 26 * HOUR) < 0.1);
    assert.equal(live({ state: 'refused', why: 'resolver' }, now + 27 * HOUR), 1);
    assert.equal(live({ state: 'alive' }, now + 28 * HOUR), 1, 'a list that has come back counts again');
  });

  test('over real packets: proven once for many checks, asked anew after an hour', async () => {
    const zone = '2.0.0.127.bl.spamcop.net A 127.0.0.2\n7.113.0.203.bl.spamcop.net A 127.0.0.2';
    const running = await world({ zone, blocklists: ['ip:bl.spamcop.net'] });
    const count = (name: string): number =>
      running.asked.filter((question) => question === `A ${name}.bl.spamcop.net`).length;
    const now = Date.now();
    const together = await Promise.all(
      Array.from({ length: 20 }, () => blocklists.gather(known({ now }), running.reach())),
    );
    for (const { shown } of together) assert.equal(shown.entries[0]?.meaning, 'listed');
    assert.deepEqual([count('2.0.0.127'), count('1.0.0.127')], [1, 1]);
    await blocklists.gather(known({ now: now + HOUR - 1000 }), running.reach());
    assert.equal(count('1.0.0.127'), 1);
    running.dns.close();
  });

  test('a list that dies is not believed any more', async () => {
    let dead = false;
    const authority = await startAuthority((name) => {
      const listed = dead || name.startsWith('2.0.0.127');
      return listed ? { answers: [{ type: 'A', ttl: 0, data: '127.0.0.2' }] } : { rcode: 3 };
    });
    const dns = createDnsClient({ servers: [authority.address], timeoutMs: 300 });
    closers.push(authority.close, dns.close);
    const config = { allowedNetworks: [], onlyServers: null, extraCa: null, blocklists: ['ip:bl.spamcop.net'] };
    const look = async (now: number) =>
      (await blocklists.gather(known({ now }), createReach({ dns, now: () => now, config }))).shown;
    const now = Date.now();
    const before = await look(now);
    assert.equal(before.entries[0]?.meaning, 'clean');
    dead = true;
    const after = await look(now + HOUR + 1);
    assert.deepEqual([after.entries.length, after.lists[0]?.state, after.lists[0]?.retired], [0, 'dead', false]);
    const later = await look(now + 3 * HOUR);
    assert.deepEqual([later.lists[0]?.state, later.lists[0]?.retired], ['dead', true]);
    const asked = authority.asked.length;
    await look(now + 20 * HOUR);
    assert.equal(authority.asked.length, asked, 'a retired list is left alone for a day');
    dead = false;
    const back = await look(now + 28 * HOUR);
    assert.deepEqual([back.lists[0]?.state, back.entries[0]?.meaning], ['alive', 'clean']);
  });
});

test('one check greets each mail server once and fetches each page once, whoever asks', async () => {
  const zone = [
    'good.test MX 10 mx.good.test',
    'mx.good.test A 127.0.0.2',
    '_mta-sts.good.test TXT "v=STSv1; id=1"',
    'mta-sts.good.test A 127.0.0.1',
    '_25._tcp.mx.good.test TLSA {{tlsa 3 1 1 mx.good.test}}',
  ].join('\n');
  const body = ['version: STSv1', 'mode: enforce', 'mx: mx.good.test', 'max_age: 1209600'];
  const running = await world({
    zone,
    https: { 'mta-sts.good.test': { pages: { '/.well-known/mta-sts.txt': { type: 'text/plain', body } } } },
    smtp: { '127.0.0.2': { name: 'mx.good.test' } },
  });
  const reach = running.reach();
  const all = await Promise.all(PARTS.map((part) => part.gather(known(), reach)));
  assert.equal(all.length, PARTS.length);
  assert.deepEqual(running.asked.length, new Set(running.asked).size, 'no question is asked twice');
  assert.equal(running.greeted(), 1);
  assert.equal(running.fetched(), 1);
});

describe('failures never become verdicts', () => {
  /** What would be said of a domain of which nothing is known. */
  const harmless = (findings: readonly Finding[]): void => {
    for (const { id, severity } of findings) {
      assert.ok(id.endsWith('-unasked'), id);
      assert.equal(severity, 'info', id);
    }
  };
  for (const [name, script] of [
    ['SERVFAIL', { rcode: 2 }],
    ['REFUSED', { rcode: 5 }],
    ['silence', { silent: true }],
    ['garbage', { mangle: () => [Buffer.from('garbage')] }],
  ] as const)
    test(name, async () => {
      const authority = await startAuthority(() => script);
      const dns = createDnsClient({ servers: [authority.address], timeoutMs: 100, rounds: 1 });
      closers.push(authority.close, dns.close);
      const config = { allowedNetworks: ['127.0.0.0/8'], onlyServers: null, extraCa: null, blocklists: ['default'] };
      const reach = createReach({ dns, now: Date.now, config });
      const findings = await Promise.all(
        PARTS.map(async (part) => {
          const facts = await part.gather(known(), reach);
          assert.notEqual(facts.asked, 'none');
          if (part !== blocklists || name !== 'REFUSED')
            assert.ok(facts.unasked.length > 0, 'what was not answered is named');
          return part.judge(facts as never, known());
        }),
      );
      harmless(findings.flat().filter(({ id }) => id !== 'blocklist-refused'));
      assert.ok(findings.flat().length >= PARTS.length - 1);
    });

  test('whatever questions fail, nothing is taken for missing: over 10,000 failures', async () => {
    const running = await world({
      zone: [
        'good.test MX 10 mx.good.test',
        'mx.good.test A 127.0.0.2',
        'mx.good.test AAAA ::1',
        'good.test SOA yes',
        'good.test TXT "v=spf1 -all"',
        'good.test DS 1 13 2 '.concat('00'.repeat(32)),
        'good.test DNSKEY 257 3 13 AAAA',
        '_dmarc.good.test TXT "v=DMARC1; p=reject"',
        '_smtp._tls.good.test TXT "v=TLSRPTv1; rua=mailto:a@good.test"',
        '_mta-sts.good.test TXT "v=STSv1; id=1"',
        'default._bimi.good.test TXT "v=BIMI1; l=http://good.test/; a="',
        '_25._tcp.mx.good.test TLSA 3 1 1 '.concat('00'.repeat(32)),
        '_25._tcp.mx.good.test TLSA 3 1 1 '.concat('11'.repeat(32)),
        '7.113.0.203.in-addr.arpa PTR mail.good.test',
        'mail.good.test A 203.0.113.7',
      ].join('\n'),
    });
    // What DNS truly answers is asked once over packets; which of it fails is then chance.
    const truth = createAsk(running.dns);
    const absent = /-(?:missing|unresolved|unconfirmed|undeliverable|partial|unsigned|bogus)/;
    const judge = async (ask: Ask): Promise<string[]> => {
      const reach = createReach(running.app, ask, { greet: false });
      const all = await Promise.all(
        PARTS.map(async (part) => part.judge((await part.gather(known(), reach)) as never, known())),
      );
      return all
        .flat()
        .map(({ id }) => id)
        .filter((id) => absent.test(id));
    };
    // A zone without AD, and a logo without a certificate, are so in truth.
    const inTruth = new Set(await judge(truth));
    assert.deepEqual([...inTruth], ['bimi-certificate-missing']);
    let failures = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        fc.double({ min: 0.02, max: 0.9, noNaN: true }),
        async (chance, share) => {
          const failed = new Map<string, boolean>();
          const ask: Ask = async (name, type) => {
            const key = `${type} ${name}`;
            if (!failed.has(key)) failed.set(key, (chance.next().value ?? 1) < share);
            const answer = await truth(name, type);
            if (!failed.get(key)) return answer;
            failures++;
            return {
              ...answer,
              status: failures % 2 === 0 ? 'servfail' : 'timeout',
              records: [],
              cnames: [],
              ad: false,
              ttl: 0,
            };
          };
          const wrong = (await judge(ask)).filter((id) => !inTruth.has(id));
          assert.deepEqual(wrong, []);
        },
      ),
      { numRuns: 1000 },
    );
    assert.ok(failures > 10_000, String(failures));
  });
});
