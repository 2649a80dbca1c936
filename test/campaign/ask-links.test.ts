/** Asking links: each once, with HEAD where that is enough; nothing that acts, nothing private, not without end. Real web servers on loopback. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { type AskedLink, askLinks } from '../../server/campaign/ask-links.ts';
import { checkAskedLinks } from '../../server/campaign/checks/asked-links.ts';
import { targetsOf } from '../../server/campaign/checks/links.ts';
import { readMessage } from '../../server/campaign/message.ts';

/** 127.0.0.2 plays the outside world, which is allowed here; 127.0.0.1 plays what nobody may reach. */
const OUTSIDE = '127.0.0.2';
let asked: string[] = [];
let forbidden = 0;
let pages: Record<string, (request: IncomingMessage, response: ServerResponse) => unknown> = {};
const server = createServer((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  const page = pages[request.url ?? ''];
  if (page) page(request, response);
  else response.writeHead(404).end();
});
const inside = createServer((_request, response) => response.end('secret')).on('connection', () => forbidden++);
let port = 0;
let insidePort = 0;

before(async () => {
  await once(server.listen(0, OUTSIDE), 'listening');
  await once(inside.listen(0, '127.0.0.1'), 'listening');
  port = (server.address() as AddressInfo).port;
  insidePort = (inside.address() as AddressInfo).port;
});
after(async () => {
  server.closeAllConnections();
  inside.closeAllConnections();
  await Promise.all([server, inside].map((one) => new Promise((done) => one.close(done))));
});
beforeEach(() => {
  asked = [];
  forbidden = 0;
  pages = { '/a': (_request, response) => response.end('hello') };
});

const redirect =
  (location: string, status = 302) =>
  (_request: IncomingMessage, response: ServerResponse): unknown =>
    response.writeHead(status, { location }).end();

function ask(links: [href: string, text?: string][], listed: string[] = []): Promise<AskedLink[]> {
  const place = { line: 1, column: 1 };
  const targets = targetsOf(
    links.map(([href, text = 'See more']) => ({ href: href.replace('HOST', `shop.test:${port}`), text, place })),
    listed.map((href) => href.replace('HOST', `shop.test:${port}`)),
  );
  return askLinks(
    targets,
    { config: { allowedNetworks: [`${OUTSIDE}/32`], onlyServers: null, extraCa: null } },
    { lookup: async (host) => [{ address: host.startsWith('inside') ? '127.0.0.1' : OUTSIDE, family: 4 }] },
  );
}

describe('asking links', () => {
  test('the same address is asked once, by HEAD, whatever stands behind #', async () => {
    const [first, ...more] = await ask([['http://HOST/a'], ['http://HOST/a#top'], ['http://HOST/a', 'Another word']]);
    assert.deepEqual([first?.status, first?.redirects, more.length, asked], [200, 0, 0, ['HEAD /a']]);
  });
  test('GET where a server knows no HEAD, without reading what comes', async () => {
    pages['/long'] = ({ method }, response) => {
      if (method === 'HEAD') return response.writeHead(405).end();
      response.writeHead(200, { 'content-encoding': 'gzip' });
      response.write(Buffer.alloc(1_000_000));
      return undefined;
    };
    const [long] = await ask([['http://HOST/long']]);
    assert.deepEqual([long?.status, long?.failure, asked], [200, null, ['HEAD /long', 'GET /long']]);
  });
  test('redirects are followed to their end, and counted', async () => {
    for (let i = 0; i < 4; i++) pages[`/r${i}`] = redirect(i === 3 ? '/a' : `/r${i + 1}`);
    pages['/loop'] = redirect('/loop');
    const [four, loop] = await ask([['http://HOST/r0'], ['http://HOST/loop']]);
    assert.deepEqual([four?.status, four?.redirects, four?.final], [200, 4, `http://shop.test:${port}/a`]);
    assert.equal(loop?.failure, 'too-many-redirects');
  });
  test('what unsubscribes or confirms is never asked: not by its words, not by List-Unsubscribe, not behind a redirect', async () => {
    pages['/go'] = redirect('/unsubscribe?u=1');
    const found = await ask(
      [
        ['http://HOST/x1', 'Unsubscribe'],
        ['http://HOST/x2', '配信停止'],
        ['http://HOST/optout/1'],
        ['http://HOST/confirm/1'],
        ['http://HOST/x3', 'Verify your address'],
        ['http://HOST/listed'],
        ['http://HOST/go'],
      ],
      ['http://HOST/listed'],
    );
    assert.deepEqual(
      found.map(({ skipped }) => skipped),
      ['unsubscribe', 'unsubscribe', 'unsubscribe', 'confirmation', 'confirmation', 'unsubscribe', null],
    );
    assert.deepEqual(asked, ['HEAD /go']);
    assert.deepEqual([found.at(-1)?.failure, found.at(-1)?.final], [null, `http://shop.test:${port}/unsubscribe?u=1`]);
  });
  test('nothing private is connected to, directly, by name or behind a redirect', async () => {
    pages['/in'] = redirect(`http://127.0.0.1:${insidePort}/`);
    pages['/name'] = redirect(`http://inside.test:${insidePort}/`);
    pages['/meta'] = redirect('http://169.254.169.254/latest/');
    const found = await ask([
      [`http://127.0.0.1:${insidePort}/`],
      [`http://0x7f.1:${insidePort}/`],
      [`http://2130706433:${insidePort}/`],
      [`http://0177.0.0.1:${insidePort}/`],
      [`http://[::ffff:127.0.0.1]:${insidePort}/`],
      [`http://[64:ff9b::7f00:1]:${insidePort}/`],
      [`http://inside.test:${insidePort}/`],
      ['http://HOST/in'],
      ['http://HOST/name'],
      ['http://HOST/meta'],
    ]);
    for (const { failure, url } of found) assert.equal(failure, 'private-address', url);
    assert.equal(forbidden, 0);
  });
  test('a redirect out of the web is not followed, and it is said', async () => {
    pages['/file'] = redirect('file:///etc/passwd');
    const asked = await ask([['http://HOST/file'], ['http://user:word@HOST/a']]);
    assert.deepEqual(
      asked.map(({ failure, redirects }) => [failure, redirects]),
      [
        ['bad-url', 1],
        ['bad-url', 0],
      ],
    );
    // The second is told by the address itself (`links-user`).
    const facts = readMessage(Buffer.from('Subject: x\n\nx'));
    const [finding, ...more] = checkAskedLinks(facts, asked, () => null);
    assert.deepEqual([finding?.id, finding?.evidence.count, more], ['links-unreachable', 1, []]);
  });
  test('two thousand links: so many are asked, the rest is said', async () => {
    for (let i = 0; i < 2000; i++) pages[`/p${i}`] = (_request, response) => response.end();
    const found = await ask(Array.from({ length: 2000 }, (_, i) => [`http://HOST/p${i}`]));
    assert.equal(asked.length, 200);
    assert.equal(found.filter(({ skipped }) => skipped === 'too-many').length, 1800);
  });
  test('other schemes, and what is no address, are left alone', async () => {
    assert.deepEqual(
      await ask([['mailto:a@shop.test'], ['javascript:x()'], ['ftp://HOST/a'], ['//'], ['/a'], ['']]),
      [],
    );
  });
});
