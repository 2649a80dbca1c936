/** What delivered copies of a campaign tell beyond its file: the addresses it leaves from and their reverse names, its SPF, its way over TLS. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { askDomains, checklistFor, domainFindings } from '../../server/campaign/ask-domains.ts';
import { readMessage } from '../../server/campaign/message.ts';
import type { Facts } from '../../server/campaign/types.ts';
import { createDnsClient } from '../../server/dns/client.ts';
import type { SeenProbe } from '../../server/domain/observed.ts';
import { createReach, type Reach } from '../../server/domain/reach.ts';
import { parseZone, serveZone } from '../domain/zone.ts';
import { NOW } from './case.ts';

const ZONE = `
shop.test TXT "v=spf1 ip4:192.0.2.0/28 -all"
shop.test MX 10 mx.shop.test
mx.shop.test A 192.0.2.1
_dmarc.shop.test TXT "v=DMARC1; p=reject; rua=mailto:d@shop.test"
7.2.0.192.in-addr.arpa PTR out.shop.test
out.shop.test A 192.0.2.7
`;

const copy = (ip: string, more: Record<string, unknown> = {}): SeenProbe => {
  const words = {
    spf: { result: 'pass', domain: 'shop.test' },
    dkim: { result: 'none', reason: 'dkim-not-signed', signatures: [] },
    dmarc: { result: 'pass', domain: 'shop.test' },
    arc: { result: 'none' },
  };
  return {
    probeId: ip,
    provider: 'gmail',
    seenAt: NOW,
    fromDomain: 'shop.test',
    verified: words,
    reported: null,
    boundary: { ip, helo: 'out.shop.test', envelopeFrom: 'b@shop.test', how: 'received', headerIndex: 1 },
    hops: [{ headerIndex: 1, fromIp: ip, tls: { version: 'TLSv1.3' } }],
    disagreements: [],
    ...more,
  } as unknown as SeenProbe;
};

describe('delivered copies', () => {
  let server: Awaited<ReturnType<typeof serveZone>>;
  let reach: () => Reach;
  let facts: Facts;
  before(async () => {
    server = await serveZone(parseZone(ZONE));
    const dns = createDnsClient({ servers: [server.address] });
    const config = { allowedNetworks: [], onlyServers: [], extraCa: null, blocklists: ['off'] };
    reach = () => createReach({ dns, now: () => NOW, config });
    facts = readMessage(Buffer.from('From: Shop <news@shop.test>\r\nSubject: x\r\n\r\nHello\r\n'));
  });
  after(() => server.close());

  const answersWith = async (copies: SeenProbe[]) => {
    const domains = await askDomains(facts, 'shop.test', reach(), { now: NOW, copies });
    const check = domains.find(({ role }) => role === 'from')?.check;
    assert.ok(check);
    const list = checklistFor(check, facts, copies[0]?.verified ?? null, copies);
    return {
      answers: Object.fromEntries(list.map(({ id, answer }) => [id, answer])),
      found: domainFindings(domains).map(({ id }) => id),
    };
  };

  test('without them nothing is known of addresses, ways and names', async () => {
    const { answers, found } = await answersWith([]);
    assert.deepEqual([answers.ptr, answers.tls, answers.alignment], ['unseen', 'unseen', 'unseen']);
    assert.ok(!found.some((id) => id.startsWith('ptr-')));
  });

  test('an address with its name, over TLS, in the name of From', async () => {
    const { answers, found } = await answersWith([copy('192.0.2.7')]);
    assert.deepEqual([answers.ptr, answers.tls, answers.alignment, answers.spf], ['met', 'met', 'met', 'met']);
    assert.ok(!found.includes('ptr-missing'));
  });

  test('one address without a name, and one mail in the clear', async () => {
    const plain = copy('192.0.2.8', { hops: [{ headerIndex: 1, fromIp: '192.0.2.8', tls: null }] });
    const { answers, found } = await answersWith([copy('192.0.2.7'), plain]);
    assert.deepEqual([answers.ptr, answers.tls], ['not-met', 'not-met']);
    assert.ok(found.includes('ptr-missing'));
  });

  test('an address that SPF does not name', async () => {
    const failing = copy('198.51.100.9');
    Object.assign(failing.verified?.spf ?? {}, { result: 'fail' });
    const { answers } = await answersWith([failing]);
    assert.deepEqual([answers.spf, answers.alignment], ['not-met', 'not-met']);
  });

  test('a copy that came over a forwarder says nothing of the sender', async () => {
    const { answers } = await answersWith([copy('192.0.2.8', { disagreements: [{ reason: 'forwarded' }] })]);
    assert.deepEqual([answers.ptr, answers.alignment], ['unseen', 'unseen']);
  });
});
