/** The one outbound client: nothing private is ever connected to, however it is spelled, redirected to or rebound; and every failure has a word. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import net from 'node:net';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { type FetchOptions, fetchPage } from '../../server/net/http.ts';
import { type Identity, newAuthority, selfSigned } from './certificates.ts';

const authority = newAuthority();
/** 127.0.0.2 plays the outside world, which is allowed here; 127.0.0.1 and ::1 play what nobody may reach. */
const OUTSIDE = '127.0.0.2';
let forbidden = { port: 0, connects: 0, close: async (): Promise<unknown> => undefined };
let outside = { port: 0, close: async (): Promise<unknown> => undefined };
let answer: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) =>
  response.end('hello');
const closers: (() => Promise<unknown>)[] = [];

before(async () => {
  forbidden = await startForbidden();
  outside = await startOutside(authority.issue(['page.test', 'other.test', OUTSIDE]));
  closers.push(forbidden.close, outside.close);
});
after(() => Promise.all(closers.map((close) => close())));

function options(more: Partial<FetchOptions> = {}): FetchOptions {
  return {
    allowedNetworks: [`${OUTSIDE}/32`],
    extraCa: authority.ca,
    httpsPort: outside.port,
    timeoutMs: 5000,
    lookup: async () => [{ address: OUTSIDE, family: 4 }],
    ...more,
  };
}
const reason = async (url: string, more: Partial<FetchOptions> = {}): Promise<string> => {
  const got = await fetchPage(url, options(more));
  return got.ok ? `${got.status} ${got.body.toString()}` : got.reason;
};

/** Hosts that mean something private, as people have got them past other guards. */
const PRIVATE_HOSTS = [
  ...['127.0.0.1', '127.1', '127.0.1', '127.255.255.254', '0.0.0.0', '0', '2130706433', '0x7f000001', '0x7f.0.0.1'],
  ...[
    '0x7f.1',
    '0177.0.0.1',
    '0177.1',
    '017700000001',
    '0300.0250.0.1',
    '127.0.0.1.',
    '１２７.０.０.１',
    '127。0。0。1',
  ],
  ...['10.0.0.1', '10.1', '167772161', '0xa000001', '172.16.0.1', '172.31.255.254', '192.168.0.1', '192.168.257'],
  ...['169.254.169.254', '0xa9fea9fe', '2852039166', '169.254.43518', '100.64.0.1', '198.18.0.1', '192.0.0.1'],
  ...['192.0.2.1', '198.51.100.1', '203.0.113.1', '192.88.99.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
  ...['[::]', '[::1]', '[0:0:0:0:0:0:0:1]', '[::127.0.0.1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]'],
  ...['[::ffff:0:127.0.0.1]', '[::ffff:10.0.0.1]', '[::ffff:169.254.169.254]', '[64:ff9b::7f00:1]'],
  ...['[64:ff9b::10.0.0.1]', '[64:ff9b:1::1]', '[2002:7f00:1::]', '[2002:a00:1::1]', '[2002:c0a8:1::1]'],
  ...['[2001:0:7f00:1::1]', '[2001::f7f7:f7f7]', '[fe80::1]', '[fec0::1]', '[fc00::1]', '[fd00::1]', '[ff02::1]'],
  ...['[2a00:1450::5efe:10.0.0.1]', '[2001:db8::1]', '[100::1]', '[3fff::1]', '[5f00::1]'],
];
const PRIVATE_NAMES: [string, string][] = [
  ['localhost', '127.0.0.1'],
  ['localhost.', '::1'],
  ['127.0.0.1.nip.io', '127.0.0.1'],
  ['7f000001.nip.io', '127.0.0.1'],
  ['10-0-0-1.sslip.io', '10.0.0.1'],
  ['metadata.google.internal', '169.254.169.254'],
  ['mapped.example', '::ffff:127.0.0.1'],
  ['nat64.example', '64:ff9b::7f00:1'],
  ['ipv6.example', '::1'],
  ['unspecified.example', '0.0.0.0'],
];

test('a world that has servers of its own fetches from no other', async () => {
  const here = [`page.test:${outside.port}`];
  answer = (_request, response) => response.end('hello');
  assert.equal(await reason('https://page.test/', { onlyServers: here }), '200 hello');
  const elsewhere = ['https://page.test:444/', 'https://other.test/', `https://${OUTSIDE}/`, 'https://example.com/'];
  for (const url of elsewhere) assert.equal(await reason(url, { onlyServers: here }), 'server-not-listed', url);
  // A redirect is another stranger's word.
  answer = (_request, response) => response.writeHead(302, { location: 'https://other.test/' }).end();
  assert.equal(await reason('https://page.test/', { onlyServers: here, redirects: 2 }), 'server-not-listed');
  answer = (_request, response) => response.end('hello');
});

describe('nothing private is connected to', () => {
  test('what counts does count', async () => {
    await fetchPage('https://127.0.0.1/', options({ allowedNetworks: ['127.0.0.1/32'], httpsPort: forbidden.port }));
    assert.equal(forbidden.connects, 1);
    forbidden.connects = 0;
  });

  test(`${PRIVATE_HOSTS.length} spellings and ${PRIVATE_NAMES.length} names`, async () => {
    const never = async (): Promise<never> => Promise.reject(Object.assign(new Error('asked'), { code: 'EASKED' }));
    for (const scheme of ['https', 'http'])
      for (const host of PRIVATE_HOSTS) {
        const got = await fetchPage(`${scheme}://${host}:${forbidden.port}/`, options({ plain: true, lookup: never }));
        assert.ok(
          !got.ok && (got.reason === 'private-address' || got.reason === 'bad-url'),
          `${host}: ${JSON.stringify(got)}`,
        );
      }
    for (const [name, address] of PRIVATE_NAMES) {
      const lookup = async () => [{ address, family: net.isIP(address) }];
      assert.equal(await reason(`https://${name}:${forbidden.port}/`, { lookup }), 'private-address', name);
    }
    assert.equal(forbidden.connects, 0);
  });

  test('of several addresses only the allowed ones are tried', async () => {
    const lookup = async () => ['127.0.0.1', '::1', OUTSIDE].map((address) => ({ address, family: net.isIP(address) }));
    assert.equal(await reason('https://page.test/', { lookup }), '200 hello');
    assert.equal(forbidden.connects, 0);
  });

  test('redirects are judged like the first hop, five of them too', async () => {
    for (const target of ['127.0.0.1', '[::1]', '2130706433', 'localhost', '[::ffff:127.0.0.1]']) {
      answer = (request, response) => {
        const hop = Number(request.url?.slice(1));
        const location = hop < 4 ? `/${hop + 1}` : `https://${target}:${forbidden.port}/`;
        response.writeHead(302, { location }).end();
      };
      const lookup = async (host: string) =>
        host === 'localhost' ? [{ address: '127.0.0.1', family: 4 }] : [{ address: OUTSIDE, family: 4 }];
      const got = await fetchPage('https://page.test/0', options({ redirects: 5, lookup }));
      assert.ok(!got.ok && got.reason === 'private-address', target);
      assert.equal(got.hops.length, 5);
    }
    assert.equal(forbidden.connects, 0);
    answer = (_request, response) => response.end('hello');
  });

  test('a name that answers differently the second time is looked up once', async () => {
    let lookups = 0;
    const outcomes = new Map<string, number>();
    for (let tries = 0; tries < 1000; tries++) {
      const lookup = async () => [{ address: lookups++ % 2 === tries % 2 ? OUTSIDE : '127.0.0.1', family: 4 }];
      // Most stop at a port where nobody listens: what matters is which address was tried.
      const got = await fetchPage(
        'https://page.test/',
        options({ lookup, httpsPort: tries < 20 ? outside.port : forbidden.port }),
      );
      const outcome = got.ok ? 'ok' : got.reason;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    assert.equal(lookups, 1000);
    assert.equal(forbidden.connects, 0);
    assert.deepEqual([...outcomes.keys()].sort(), ['connection-refused', 'ok']);
  });

  test('any text as URL, any address as answer', async () => {
    const hosts = fc.oneof(
      fc.ipV4Extended(),
      fc.ipV6().map((ip) => `[${ip}]`),
      fc.domain(),
      fc.string(),
    );
    await fc.assert(
      fc.asyncProperty(hosts, fc.oneof(fc.constant('127.0.0.1'), fc.constant('::1')), async (host, address) => {
        const url = `https://${host}:${forbidden.port}/`;
        // A random public address must not be knocked at: only what means this machine goes on.
        const parsed = URL.parse(url)?.hostname.replace(/^\[|\]$/g, '') ?? '';
        if (net.isIP(parsed) !== 0 && !/^(?:127|10|0)\.|^::/.test(parsed)) return;
        const lookup = async () => [{ address, family: net.isIP(address) }];
        const got = await fetchPage(url, options({ allowedNetworks: [], lookup }));
        assert.equal(got.ok, false);
      }),
      { numRuns: 300 },
    );
    assert.equal(forbidden.connects, 0);
  });
});

describe('a page', () => {
  test('arrives with its type, its certificate and where it came from', async () => {
    answer = (request, response) => {
      assert.equal(request.headers['accept-encoding'], 'identity');
      assert.equal(request.headers.cookie, undefined);
      response.writeHead(200, { 'content-type': 'Text/Plain; charset=utf-8' }).end('policy');
    };
    const got = await fetchPage('https://page.test/.well-known/x', options());
    assert.ok(got.ok);
    assert.deepEqual(
      [got.status, got.contentType, got.body.toString(), got.address],
      [200, 'text/plain', 'policy', OUTSIDE],
    );
    assert.ok((got.certificateExpires ?? 0) > Date.now());
    answer = (_request, response) => response.writeHead(404).end('gone');
    assert.equal(await reason('https://page.test/'), '404 gone');
  });

  const CASES: [string, string, string, Partial<FetchOptions>, (response: ServerResponse) => void][] = [
    [
      'a redirect where none is allowed',
      'https://page.test/',
      'redirect',
      {},
      (r) => r.writeHead(301, { location: 'https://other.test/' }).end(),
    ],
    [
      'a redirect to itself without end',
      'https://page.test/',
      'too-many-redirects',
      { redirects: 3 },
      (r) => r.writeHead(307, { location: '/' }).end(),
    ],
    [
      'a redirect to plain http',
      'https://page.test/',
      'bad-url',
      { redirects: 3, plain: true },
      (r) => r.writeHead(302, { location: 'http://page.test/' }).end(),
    ],
    [
      'a redirect to nowhere',
      'https://page.test/',
      'bad-url',
      { redirects: 3 },
      (r) => r.writeHead(302, { location: 'https://' }).end(),
    ],
    ['a long body', 'https://page.test/', 'too-large', { maxBytes: 1000 }, (r) => r.end('x'.repeat(1001))],
    [
      'a long body announced',
      'https://page.test/',
      'too-large',
      { maxBytes: 1000 },
      (r) => r.writeHead(200, { 'content-length': '9999' }).write('x'),
    ],
    ['a body without end', 'https://page.test/', 'too-large', { maxBytes: 1000 }, (r) => r.write('x'.repeat(2000))],
    [
      'a compressed body',
      'https://page.test/',
      'encoded',
      {},
      (r) => r.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
    ],
    [
      'a body that breaks off',
      'https://page.test/',
      'connection-lost',
      {},
      (r) => {
        r.writeHead(200, { 'content-length': '50' }).write('x');
        setTimeout(() => r.destroy(), 20);
      },
    ],
    [
      'endless headers',
      'https://page.test/',
      'not-http',
      {},
      (r) => {
        r.socket?.write(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(40_000)}\r\n\r\n`);
      },
    ],
    [
      'no HTTP at all',
      'https://page.test/',
      'not-http',
      {},
      (r) => {
        r.socket?.end('220 mx.test ESMTP\r\n');
      },
    ],
    ['silence', 'https://page.test/', 'timeout', { timeoutMs: 200 }, () => undefined],
    [
      'drips',
      'https://page.test/',
      'timeout',
      { timeoutMs: 300 },
      (r) => {
        const timer = setInterval(() => r.write('x'), 50);
        r.on('close', () => clearInterval(timer));
      },
    ],
    [
      'a name that is not there',
      'https://page.test/',
      'host-not-found',
      { lookup: failing('ENOTFOUND') },
      () => undefined,
    ],
    [
      'a name that could not be asked',
      'https://page.test/',
      'lookup-failed',
      { lookup: failing('ESERVFAIL') },
      () => undefined,
    ],
    [
      'a resolver that hangs',
      'https://page.test/',
      'timeout',
      { timeoutMs: 100, lookup: () => new Promise(() => undefined) },
      () => undefined,
    ],
    ['http', 'http://page.test/', 'bad-url', {}, () => undefined],
    ['a user in the URL', 'https://page.test@other.test/', 'bad-url', {}, () => undefined],
    ['a file', 'file:///etc/passwd', 'bad-url', { plain: true }, () => undefined],
    ['no URL', 'page.test', 'bad-url', {}, () => undefined],
  ];
  for (const [name, url, expected, more, respond] of CASES)
    test(`${name}: ${expected}`, async () => {
      answer = (_request, response) => respond(response);
      assert.equal(await reason(url, more), expected);
    });

  test('a port where nobody listens: connection-refused', async () => {
    assert.equal(await reason('https://page.test/', { httpsPort: forbidden.port }), 'connection-refused');
  });

  test('certificates that are wrong', async () => {
    const now = Date.now();
    const cases: [string, Identity][] = [
      ['certificate-wrong-host', authority.issue(['another.test'])],
      ['certificate-expired', authority.issue(['page.test'], { from: now - 2e9, to: now - 1e8 })],
      ['certificate-not-yet-valid', authority.issue(['page.test'], { from: now + 1e8, to: now + 2e9 })],
      ['certificate-untrusted', selfSigned(['page.test'])],
    ];
    for (const [expected, identity] of cases) {
      const server = await startOutside(identity);
      closers.push(server.close);
      assert.equal(await reason('https://page.test/', { httpsPort: server.port }), expected);
    }
  });
});

function failing(code: string) {
  return async (): Promise<never> => Promise.reject(Object.assign(new Error(code), { code }));
}

/** Counts every connection on 127.0.0.1 and, where this machine has IPv6, on ::1. */
async function startForbidden(): Promise<typeof forbidden> {
  const counter = { port: 0, connects: 0, close: async (): Promise<unknown> => undefined };
  const listen = (address: string): net.Server =>
    net
      .createServer((socket) => {
        counter.connects++;
        socket.destroy();
      })
      .listen(counter.port, address);
  const first = listen('127.0.0.1');
  await once(first, 'listening');
  counter.port = (first.address() as net.AddressInfo).port;
  const second = listen('::1');
  await once(second, 'listening').catch((error: NodeJS.ErrnoException) => assert.equal(error.code, 'EADDRNOTAVAIL'));
  counter.close = () => Promise.all([first, second].map((server) => new Promise((done) => server.close(done))));
  return counter;
}

async function startOutside(identity: Identity): Promise<typeof outside> {
  const server = createServer({ ...identity }, (request, response) => answer(request, response));
  server.on('tlsClientError', () => undefined);
  server.on('clientError', (_error, socket) => socket.destroy());
  await once(server.listen(0, OUTSIDE), 'listening');
  return {
    port: (server.address() as net.AddressInfo).port,
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

describe('asking in other ways', () => {
  test('a POST carries its body and headers, once, and follows no redirect', async () => {
    const seen: string[] = [];
    answer = (request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      request.on('end', () => {
        seen.push(`${request.method} ${request.headers['x-a']} ${body}`);
        if (request.url === '/moved') response.writeHead(307, { location: '/' }).end();
        else response.end('done');
      });
    };
    const post = { method: 'POST', body: Buffer.from('hello'), headers: { 'x-a': 'b' }, redirects: 3 } as const;
    assert.equal(await reason('https://page.test/', post), '200 done');
    assert.equal(await reason('https://page.test/moved', post), 'redirect');
    assert.deepEqual(seen, ['POST b hello', 'POST b hello']);
  });
  test('where only the head is wanted, neither size nor encoding matter', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'content-encoding': 'br', 'content-length': '99999999' });
      response.write('x');
    };
    assert.equal(await reason('https://page.test/', { headOnly: true }), '200 ');
    assert.equal(await reason('https://page.test/'), 'encoded');
  });
  test('a redirect is followed only where the caller says so', async () => {
    answer = (request, response) => {
      if (request.url === '/') response.writeHead(302, { location: '/act' }).end();
      else response.end('acted');
    };
    assert.equal(await reason('https://page.test/', { redirects: 3 }), '200 acted');
    assert.equal(
      await reason('https://page.test/', { redirects: 3, follow: ({ pathname }) => pathname !== '/act' }),
      'redirect',
    );
  });
  test('from https to http only where nothing is believed', async () => {
    answer = (_request, response) => response.writeHead(302, { location: `http://127.0.0.1:${forbidden.port}/` }).end();
    assert.equal(await reason('https://page.test/', { redirects: 3, plain: true }), 'bad-url');
    // Then it is still judged like any other hop.
    const before = forbidden.connects;
    assert.equal(await reason('https://page.test/', { redirects: 3, plain: true, downgrade: true }), 'private-address');
    assert.equal(forbidden.connects, before);
  });
});
