/**
 * "Would this mail pass SPF?" over real packets: every case of the public suite for RFC 7208 where it lies beside the project, our own cases
 * always, and records made at random, on which a second implementation must agree.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { spf as mailauthSpf } from 'mailauth';
import { createDnsClient, type DnsClient } from '../../server/dns/client.ts';
import { createAsk, lookUp } from '../../server/domain/lookup.ts';
import { evaluateSpf, type SpfClient, type SpfVerdict } from '../../server/domain/spf-evaluate.ts';
import { startAuthority } from '../dns/authority.ts';
import { answerFrom, parseSpfSuite, type SpfGroup, SUITE } from '../dns/spf-suite.ts';

const open: { close: () => unknown }[] = [];
after(() => Promise.all(open.map((thing) => thing.close())));

async function serve(zone: SpfGroup['zone']): Promise<DnsClient> {
  const group = { name: '', cases: [], zone };
  const authority = await startAuthority((name, type) => answerFrom(group, name, type));
  const dns = createDnsClient({ servers: [authority.address], timeoutMs: 800, rounds: 1 });
  open.push(authority, dns);
  return dns;
}

async function judge(dns: DnsClient, client: Partial<SpfClient>): Promise<SpfVerdict> {
  const full = {
    ip: '203.0.113.7',
    sender: '',
    helo: 'mail.plain.test',
    receiver: 'receiver.example',
    now: 0,
    ...client,
  };
  const verdict = await lookUp(createAsk(dns), (answers) => evaluateSpf(full, answers));
  assert.ok(verdict !== null, 'every answer was asked for');
  return verdict;
}

/** Cases of the suite that we decide otherwise on purpose, with the reason. */
const OTHERWISE: Record<string, string> = {};

// The suite is not ours to ship: where it does not lie beside the project, our own cases below stand alone.
const suite = SUITE;
if (suite !== null)
  describe('the suite for RFC 7208', () => {
    const groups = parseSpfSuite(suite);
    test('every case was read', () => assert.equal(groups.flatMap((group) => group.cases).length, 203));
    for (const group of groups)
      test(group.name, async () => {
        const dns = await serve(group.zone);
        const wrong: string[] = [];
        await Promise.all(
          group.cases.map(async (one) => {
            const got = await judge(dns, { ip: one.host, sender: one.mailfrom, helo: one.helo });
            if (!one.results.includes(got.result) && !(one.name in OTHERWISE))
              wrong.push(`${one.name}: ${got.result}, not ${one.results.join(' or ')}`);
            if (got.result !== 'fail' || one.explanation === null) return;
            const expected = one.explanation === 'DEFAULT' ? null : one.explanation;
            // Hexadecimal digits have no case (RFC 7208 §7.3 shows both).
            if (got.explanation?.toLowerCase() !== expected?.toLowerCase())
              wrong.push(`${one.name}: explains ${got.explanation}, not ${expected}`);
          }),
        );
        assert.deepEqual(wrong.sort(), []);
      });
  });
