/** The sandbox's DNS server as asked over the wire: Node's own resolver, and dns-packet for what Node hides. */
import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { promises as dns } from 'node:dns';
import { after, before, describe, test } from 'node:test';
import packet, { type Packet, type RecordType } from 'dns-packet';
import { type Sandbox, startSandbox } from '../../server/sandbox/sandbox.ts';

let sandbox: Sandbox;
let resolver: dns.Resolver;

before(async () => {
  sandbox = await startSandbox();
  resolver = new dns.Resolver({ timeout: 200, tries: 1 });
  resolver.setServers([sandbox.dnsServer]);
});
after(() => sandbox.stop());

async function ask(name: string, type: RecordType, udpPayloadSize?: number): Promise<Packet> {
  const socket = dgram.createSocket('udp4');
  const question = packet.encode({
    type: 'query',
    id: 7,
    flags: packet.RECURSION_DESIRED,
    questions: [{ name, type }],
    additionals:
      udpPayloadSize === undefined
        ? []
        : [
            {
              type: 'OPT',
              name: '.',
              udpPayloadSize,
              extendedRcode: 0,
              ednsVersion: 0,
              flags: 0,
              flag_do: false,
              options: [],
            },
          ],
  });
  const [host = '', port = ''] = sandbox.dnsServer.split(':');
  try {
    return await new Promise((done, fail) => {
      socket.on('message', (message) => done(packet.decode(message)));
      socket.on('error', fail);
      socket.send(question, Number(port), host);
    });
  } finally {
    socket.close();
  }
}

const truncated = (reply: Packet) => ((reply.flags ?? 0) & packet.TRUNCATED_RESPONSE) !== 0;
const rcode = (reply: Packet) => (reply.flags ?? 0) & 15;

describe('zones', () => {
  test('good.test has all', async () => {
    assert.deepEqual(await resolver.resolveTxt('good.test'), [['v=spf1 ip4:203.0.113.10 -all']]);
    assert.deepEqual(
      (await resolver.resolveMx('good.test')).map(({ exchange }) => exchange),
      ['mx.good.test'],
    );
    assert.match((await resolver.resolveTxt('_dmarc.GOOD.test'))[0]?.join('') ?? '', /^v=DMARC1; p=reject/);
    const key = (await resolver.resolveTxt('s1._domainkey.good.test'))[0] ?? [];
    assert.ok(key.length > 1, 'a 2048-bit key needs more than one string');
    assert.match(key.join(''), /^v=DKIM1; k=rsa; p=[A-Za-z0-9+/=]{392}$/);
    assert.deepEqual(await resolver.reverse('203.0.113.10'), ['out.good.test']);
    assert.deepEqual(await resolver.resolve4('alias.good.test'), ['203.0.113.10']);
  });
  test('broken-spf.test asks for eleven look-ups', async () => {
    const record = (await resolver.resolveTxt('broken-spf.test'))[0]?.join('') ?? '';
    assert.equal(record.match(/include:/g)?.length, 11);
  });
  test('a name that is not there is not a record that is not there', async () => {
    await assert.rejects(resolver.resolve4('nothing.good.test'), { code: 'ENOTFOUND' });
    await assert.rejects(resolver.resolve6('good.test'), { code: 'ENODATA' });
    await assert.rejects(resolver.resolveTxt('_domainkey.good.test'), { code: 'ENODATA' });
    await assert.rejects(resolver.resolveTxt('_dmarc.no-dmarc.test'), { code: 'ENOTFOUND' });
    const reply = await ask('nothing.good.test', 'A');
    assert.equal(rcode(reply), 3);
    assert.equal(reply.authorities?.[0]?.type, 'SOA');
  });
  test('failures', async () => {
    await assert.rejects(resolver.resolve4('a.servfail.test'), { code: 'ESERVFAIL' });
    await assert.rejects(resolver.resolve4('refused.test'), { code: 'EREFUSED' });
    await assert.rejects(resolver.resolve4('timeout.test'), { code: 'ETIMEOUT' });
  });
});

describe('the wire', () => {
  test('a large answer comes truncated over UDP and whole over TCP', async () => {
    for (const size of [undefined, 1232]) {
      const reply = await ask('large.good.test', 'TXT', size);
      assert.equal(truncated(reply), true);
      assert.equal(reply.answers?.length, 0);
    }
    assert.equal((await resolver.resolveTxt('large.good.test')).length, 30);
  });
  test('EDNS is answered with EDNS, and room for 4096 bytes is used', async () => {
    const key = await ask('s1._domainkey.good.test', 'TXT', 4096);
    assert.equal(truncated(key), false);
    assert.equal(key.additionals?.[0]?.type, 'OPT');
    assert.equal((await ask('good.test', 'A')).additionals?.length, 0);
  });
  test('the name comes back as it was asked', async () => {
    const reply = await ask('GoOd.TeSt', 'A');
    assert.equal(reply.questions?.[0]?.name, 'GoOd.TeSt');
    assert.equal(reply.answers?.[0]?.name, 'GoOd.TeSt');
  });
  test('garbage is dropped and the server goes on', async () => {
    const socket = dgram.createSocket('udp4');
    const [host = '', port = ''] = sandbox.dnsServer.split(':');
    for (const bytes of [
      Buffer.from('x'),
      Buffer.alloc(12),
      Buffer.alloc(600, 0xff),
      Buffer.from('c00c'.repeat(20), 'hex'),
    ]) {
      await new Promise((done) => socket.send(bytes, Number(port), host, done));
    }
    socket.close();
    assert.equal(rcode(await ask('good.test', 'A')), 0);
  });
});
