/** Names become judged addresses; certificates are checked against the typed name; failures have one of five words. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type net from 'node:net';
import { test } from 'node:test';
import tls from 'node:tls';
import { pinnedLookup, resolveMailHost } from '../../server/net/connect.ts';
import { certificateReason, describeTls, tlsOptions } from '../../server/net/tls.ts';
import { type Identity, newAuthority, selfSigned } from './certificates.ts';

const answers = (...addresses: string[]) => ({
  lookup: async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
});

test('a host is resolved once, and only allowed addresses come back', async () => {
  const cases: { addresses: string[]; allowed: string[]; expected: string }[] = [
    { addresses: ['8.8.8.8'], allowed: [], expected: '8.8.8.8' },
    { addresses: ['127.0.0.1', '8.8.8.8'], allowed: [], expected: '8.8.8.8' },
    { addresses: ['127.0.0.1', '::1'], allowed: [], expected: 'private-address' },
    { addresses: ['10.1.2.3'], allowed: ['10.0.0.0/8'], expected: '10.1.2.3' },
    { addresses: ['169.254.169.254'], allowed: ['10.0.0.0/8'], expected: 'private-address' },
    { addresses: [], allowed: [], expected: 'host-not-found' },
    { addresses: ['not an address'], allowed: [], expected: 'host-not-found' },
  ];
  for (const { addresses, allowed, expected } of cases) {
    const found = await resolveMailHost('mail.example.com', { allowedNetworks: allowed, ...answers(...addresses) });
    assert.equal(found.ok ? found.address : found.reason, expected, addresses.join());
  }
});

test('a resolver that fails, hangs or throws is an outcome', async () => {
  const refuse = async () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }));
  const failed = await resolveMailHost('a.example', { allowedNetworks: [], lookup: refuse });
  assert.deepEqual(failed, { ok: false, reason: 'host-not-found', detail: 'ENOTFOUND' });
  const hang = () => new Promise<never>(() => undefined);
  const late = await resolveMailHost('a.example', { allowedNetworks: [], lookup: hang, timeoutMs: 20 });
  assert.equal(late.ok ? '' : late.reason, 'timeout');
});

test('literal addresses and strange spellings', async () => {
  const never = async () => assert.fail('a literal address is not looked up');
  const cases: [string, string][] = [
    ['127.0.0.1', 'private-address'],
    ['[::1]', 'private-address'],
    ['::ffff:10.0.0.1', 'private-address'],
    ['8.8.8.8', '8.8.8.8'],
    ['', 'host-not-found'],
    ['a b', 'host-not-found'],
    ['a\0b', 'host-not-found'],
    ['a\r\nb', 'host-not-found'],
  ];
  for (const [host, expected] of cases) {
    const found = await resolveMailHost(host, { allowedNetworks: [], lookup: never });
    assert.equal(found.ok ? found.address : found.reason, expected, JSON.stringify(host));
  }
  // What the system's own resolver makes of old spellings of 127.0.0.1 must not get through either.
  for (const host of ['localhost', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '0']) {
    const found = await resolveMailHost(host, { allowedNetworks: [] });
    assert.equal(found.ok, false, host);
  }
});

test('who knows only servers of its own asks nobody about any other', async () => {
  const never = async () => assert.fail('a server that is not listed is not looked up');
  const own = { allowedNetworks: ['127.0.0.1/32'], onlyServers: ['127.0.0.1:4300'], lookup: never };
  const cases: [host: string, port: number, expected: string][] = [
    ['127.0.0.1', 4300, '127.0.0.1'],
    ['127.0.0.1', 4301, 'server-not-listed'],
    ['127.0.0.2', 4300, 'server-not-listed'],
    ['localhost', 4300, 'server-not-listed'],
    ['127.1', 4300, 'server-not-listed'],
    ['::ffff:127.0.0.1', 4300, 'server-not-listed'],
    ['8.8.8.8', 4300, 'server-not-listed'],
    ['imap.gmail.com', 993, 'server-not-listed'],
  ];
  for (const [host, port, expected] of cases) {
    const found = await resolveMailHost(host, { ...own, port });
    assert.equal(found.ok ? found.address : found.reason, expected, `${host}:${port}`);
  }
  const none = await resolveMailHost('127.0.0.1', { ...own, port: 4300, onlyServers: [] });
  assert.equal(none.ok ? '' : none.reason, 'server-not-listed');
});

test('the pinned lookup never leaves its list', () => {
  const lookup = pinnedLookup([{ address: '192.0.2.1', family: 4 }]);
  const seen: unknown[] = [];
  lookup('evil.example', { all: true }, (...answer) => seen.push(answer[1]));
  lookup('evil.example', {}, (...answer) => seen.push(answer[1]));
  lookup('evil.example', { family: 6, all: true }, (...answer) => seen.push(answer[1]));
  const one = [{ address: '192.0.2.1', family: 4 }];
  assert.deepEqual(seen, [one, '192.0.2.1', one]);
});

test('certificates become reasons', async () => {
  const authority = newAuthority();
  const now = Date.now();
  const cases: { name: string; identity: Identity; host: string; expected: string | null }[] = [
    { name: 'right', identity: authority.issue(['mail.test']), host: 'mail.test', expected: null },
    { name: 'dot at the end', identity: authority.issue(['mail.test']), host: 'mail.test.', expected: null },
    { name: 'address', identity: authority.issue(['127.0.0.1']), host: '127.0.0.1', expected: null },
    {
      name: 'wrong host',
      identity: authority.issue(['other.test']),
      host: 'mail.test',
      expected: 'certificate-wrong-host',
    },
    {
      name: 'name, not address',
      identity: authority.issue(['mail.test']),
      host: '127.0.0.1',
      expected: 'certificate-wrong-host',
    },
    {
      name: 'expired',
      identity: authority.issue(['mail.test'], { from: now - 2e9, to: now - 1e8 }),
      host: 'mail.test',
      expected: 'certificate-expired',
    },
    {
      name: 'not yet valid',
      identity: authority.issue(['mail.test'], { from: now + 1e8, to: now + 2e9 }),
      host: 'mail.test',
      expected: 'certificate-not-yet-valid',
    },
    { name: 'self-signed', identity: selfSigned(['mail.test']), host: 'mail.test', expected: 'certificate-untrusted' },
    {
      name: 'other authority',
      identity: newAuthority().issue(['mail.test']),
      host: 'mail.test',
      expected: 'certificate-untrusted',
    },
  ];
  for (const { name, identity, host, expected } of cases) {
    const error = await shake(identity, host, authority.ca, {});
    assert.equal(error === null ? null : certificateReason(error), expected, name);
  }
  const old = await shake(authority.issue(['mail.test']), 'mail.test', authority.ca, {
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  });
  assert.equal(certificateReason(old), 'tls-failed');
});

test('an error that is about something else has no certificate reason', () => {
  for (const error of [null, 'text', new Error('boom'), Object.assign(new Error('x'), { code: 'ECONNREFUSED' })])
    assert.equal(certificateReason(error), null);
  const wrapped = new Error('outer', { cause: Object.assign(new Error('in'), { code: 'CERT_HAS_EXPIRED' }) });
  assert.equal(certificateReason(wrapped), 'certificate-expired');
});

/** Connects to a TLS server with this identity as a client would; the error, or null when all was well. */
async function shake(identity: Identity, host: string, ca: string, options: tls.TlsOptions): Promise<Error | null> {
  const server = tls.createServer({ ...identity, ...options }, (socket) => socket.on('error', () => undefined).end());
  server.on('tlsClientError', () => undefined);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as net.AddressInfo;
  const socket = tls.connect({ host: '127.0.0.1', port, ...tlsOptions({ host, extraCa: ca }) });
  try {
    return await new Promise<Error | null>((resolve) => {
      socket.once('secureConnect', () => {
        const seen = describeTls(socket);
        assert.match(seen.version, /^TLSv1\.[23]$/);
        assert.equal(seen.certificateIssuer, 'Todoku test authority');
        assert.ok((seen.certificateExpires ?? 0) > Date.now());
        resolve(null);
      });
      socket.once('error', resolve);
    });
  } finally {
    socket.destroy();
    server.close();
  }
}
