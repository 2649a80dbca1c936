/** What mail servers show: a certificate, none, or nonsense; and nothing is said to a server besides greeting and farewell. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type MailServerTls, seeMailServer } from '../../server/net/starttls.ts';
import { type Identity, newAuthority, selfSigned } from './certificates.ts';
import { HELLO, type MailServer, startMailServer } from './mail-server.ts';

const authority = newAuthority();
const closers: (() => Promise<void>)[] = [];
after(() => Promise.all(closers.map((close) => close())));

async function serve(replies: string[], identity?: Identity): Promise<MailServer> {
  const server = await startMailServer(replies, identity);
  closers.push(server.close);
  return server;
}

const look = (port: number, timeoutMs = 3000): Promise<MailServerTls> =>
  seeMailServer('mx.test', {
    port,
    timeoutMs,
    allowedNetworks: ['127.0.0.0/8'],
    extraCa: authority.ca,
    lookup: async () => [{ address: '127.0.0.1', family: 4 }],
  });

test('a certificate is read whatever is wrong with it', async () => {
  const now = Date.now();
  const cases: [string | null, Identity][] = [
    [null, authority.issue(['mx.test'])],
    ['certificate-wrong-host', authority.issue(['other.test'])],
    ['certificate-expired', authority.issue(['mx.test'], { from: now - 2e9, to: now - 1e8 })],
    ['certificate-untrusted', selfSigned(['mx.test'])],
  ];
  for (const [problem, identity] of cases) {
    const { port, said } = await serve(HELLO, identity);
    const seen = await look(port);
    assert.ok(seen.ok, JSON.stringify(seen));
    assert.equal(seen.problem, problem);
    assert.match(seen.version, /^TLSv1\.[23]$/);
    assert.equal(seen.address, '127.0.0.1');
    const own = identity.cert.replace(/-----[^-]+-----|\s/g, '');
    assert.equal(seen.certificates[0]?.toString('base64'), own);
    while (said.length < 3) await new Promise((done) => setTimeout(done, 5));
    assert.deepEqual(said, ['EHLO [127.0.0.1]', 'STARTTLS', '(tls) QUIT']);
  }
});

const FAILURES: [string, string, string[]][] = [
  ['no STARTTLS', 'starttls-missing', ['220 hi\r\n', '250-mx.test\r\n250 SIZE 1000\r\n']],
  ['a word that only looks like STARTTLS', 'starttls-missing', ['220 hi\r\n', '250-mx.test\r\n250 XSTARTTLS\r\n']],
  ['STARTTLS refused', 'starttls-refused', ['220 hi\r\n', '250 STARTTLS\r\n', '454 not now\r\n']],
  ['turned away', 'greeting-refused', ['554-no\r\n554 service\r\n']],
  ['turned away at EHLO', 'greeting-refused', ['220 hi\r\n', '550 who are you\r\n']],
  ['not SMTP', 'not-smtp', ['SSH-2.0-OpenSSH_9.2\r\n']],
  ['an endless greeting', 'not-smtp', ['220-x\r\n'.repeat(20_000)]],
  ['words smuggled in before TLS', 'not-smtp', ['220 hi\r\n', '250 STARTTLS\r\n', '220 go\r\n250 injected\r\n']],
  ['no TLS after STARTTLS', 'tls-failed', ['220 hi\r\n', '250 STARTTLS\r\n', '220 go\r\n', 'hello\r\n']],
  ['silence', 'timeout', []],
  ['silence after EHLO', 'timeout', ['220 hi\r\n']],
  ['silence instead of TLS', 'timeout', HELLO],
];
for (const [name, expected, replies] of FAILURES)
  test(`${name}: ${expected}`, async () => {
    const { port } = await serve(replies);
    const began = performance.now();
    const seen = await look(port, expected === 'timeout' ? 200 : 3000);
    assert.equal(seen.ok ? 'ok' : seen.reason, expected);
    assert.ok(performance.now() - began < 2500);
  });

test('a port where nobody listens, and a private address', async () => {
  const { port } = await serve([]);
  const refused = await seeMailServer('127.0.0.3', { port, allowedNetworks: ['127.0.0.0/8'], extraCa: null });
  assert.equal(refused.ok ? 'ok' : refused.reason, 'connection-refused');
  const kept = await seeMailServer('127.0.0.1', { port, allowedNetworks: [], extraCa: null });
  assert.equal(kept.ok ? 'ok' : kept.reason, 'private-address');
});

test('a world that has servers of its own greets no other', async () => {
  const { port, said } = await serve(HELLO, authority.issue(['mx.test']));
  const greet = async (onlyServers: string[]): Promise<string> => {
    const lookup = async () => [{ address: '127.0.0.1', family: 4 }];
    const rules = { port, onlyServers, allowedNetworks: ['127.0.0.0/8'], extraCa: authority.ca, lookup };
    const seen = await seeMailServer('mx.test', rules);
    return seen.ok ? 'ok' : seen.reason;
  };
  for (const list of [[], ['mx.test:25'], [`127.0.0.1:${port}`]]) assert.equal(await greet(list), 'server-not-listed');
  assert.deepEqual(said, []);
  assert.equal(await greet([`mx.test:${port}`]), 'ok');
});
