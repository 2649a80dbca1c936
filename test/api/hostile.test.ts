/** What strangers and accidents send; what must never come out. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { createEvents } from '../../server/api/events.ts';
import type { ProblemJson } from '../../server/api/json/basics.ts';
import { addressJson, hostJson } from '../../server/api/json/senders.ts';
import { allRoutes } from '../../server/api/routes.ts';
import { createPasswordLink } from '../../server/owner/links.ts';
import { createTokenRow } from '../../server/owner/tokens.ts';
import {
  type Answer,
  asPage,
  cookieOf,
  GMAIL_SEED,
  GMAIL_SENDER,
  type House,
  openHouse,
  openStream,
  PASSWORD,
  setPassword,
  signIn,
} from './house.ts';

let house: House;
before(async () => {
  house = await openHouse();
});
after(() => house.close());
const bearer = (): Record<string, string> => ({
  authorization: `Bearer ${house.token}`,
  'content-type': 'application/json',
});

test('nothing makes the server fail, and every refusal is a problem with a code and a sentence', async () => {
  const bodies = fc.oneof(
    fc.json(),
    fc.string(),
    fc.constantFrom(
      'null',
      '[]',
      '0',
      '"x"',
      '{',
      '{"__proto__":{"polluted":true}}',
      '{"constructor":{"prototype":{"polluted":true}}}',
      '\u0000',
    ),
  );
  const { routes } = allRoutes(house.todoku.app, createEvents(house.todoku.app.log), house.todoku.trial);
  const changing = routes.filter((route) => route.body !== undefined);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...changing), bodies, async (route, body) => {
      const answer = await house.raw<ProblemJson>(
        route.method.toUpperCase(),
        route.path.replace(/:\w+/g, 'none'),
        bearer(),
        body,
      );
      assert.ok(answer.status < 500, `${route.path} ${answer.status} ${answer.text}`);
      if (answer.status >= 400) assert.ok(answer.json.code.length > 0 && answer.json.detail.length > 0);
    }),
    { numRuns: 200 },
  );
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

test('keys shaped like prototypes are no keys', async () => {
  for (const key of ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']) {
    const body = `{"name":"A","fromAddress":"a@example.com","smtp":{"host":"smtp.example.com","port":465,"security":"tls","${key}":{"x":1}},"${key}":{"polluted":1}}`;
    const made = await house.raw('POST', '/api/senders', bearer(), body);
    assert.equal(made.status, 201, key);
    assert.ok(!made.text.includes('polluted'));
    for (const path of [
      `/api/seeds/${key}`,
      `/api/monitors/${key}`,
      `/api/runs/${key}`,
      `/api/probes/${key}`,
      `/api/${key}`,
    ])
      assert.equal((await house.api('GET', path)).status, 404, path);
    assert.equal((await house.api('GET', `/api/seeds?${key}=1&tag=${key}`)).status, 200);
    assert.equal((await house.api('POST', '/api/seeds', { ...GMAIL_SEED, provider: key })).status, 400);
    assert.equal((await house.api('PATCH', '/api/settings', { timeZone: key })).status, 400);
  }
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

test('a body over the limit is refused before it is read, and a stranger is not even asked for one', async () => {
  const send = (headers: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      const call = request(
        `${house.todoku.url}/api/seeds/imports`,
        { method: 'POST', headers: { ...headers, 'content-length': String(50_000_000) } },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
          call.destroy();
        },
      );
      call.on('error', reject);
      call.write('{"csv":"');
    });
  assert.equal(await send(bearer()), 413);
  assert.equal(await send({ 'content-type': 'application/json' }), 401);
  const chunked = await fetch(`${house.todoku.url}/api/seeds/imports`, {
    method: 'POST',
    headers: bearer(),
    duplex: 'half',
    body: new Blob(['{"csv":"', 'x'.repeat(6_000_000), '"}']).stream(),
  } as RequestInit);
  assert.equal(chunked.status, 413);
  assert.equal(((await chunked.json()) as ProblemJson).code, 'too-large');
});

const ODD: [method: string, path: string, status: number][] = [
  ['GET', '/api/', 404],
  ['GET', '/api/nothing', 404],
  ['POST', '/api/overview', 404],
  ['GET', '/api/seeds/%00', 404],
  ['GET', `/api/seeds/${'x'.repeat(65)}`, 400],
  ['GET', '/api/seeds/%E0%A4%A', 400],
  ['GET', '/metrics/x', 404],
  ['GET', '/.env', 404],
  ['GET', '/package.json', 404],
  ['GET', '/%2e%2e/package.json', 404],
  ['GET', '/assets/../../../package.json', 404],
  ['TRACE', '/api/seeds', 404],
];
for (const [method, path, status] of ODD)
  test(`${method} ${path.slice(0, 40)}: ${status}`, async () => {
    const got = await new Promise<number>((resolve, reject) => {
      // Not fetch: it tidies the path up.
      const url = new URL(house.todoku.url);
      request(
        { host: url.hostname, port: url.port, method, path, headers: { authorization: `Bearer ${house.token}` } },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        },
      )
        .on('error', reject)
        .end();
    });
    assert.equal(got, status);
  });

test('a form is no JSON', async () => {
  const answer = await house.raw(
    'POST',
    '/api/senders',
    { authorization: `Bearer ${house.token}`, 'content-type': 'application/x-www-form-urlencoded' },
    'name=x',
  );
  assert.equal(answer.status, 400);
});

test('headers keep pages and answers where they belong', async () => {
  const { headers } = await house.api('GET', '/api/seeds');
  const csp = headers.get('content-security-policy') ?? '';
  assert.match(csp, /default-src 'self'/);
  assert.match(csp, /script-src 'self'(;|$)/);
  assert.match(csp, /frame-ancestors 'none'/);
  assert.ok(!csp.includes('upgrade-insecure-requests'));
  assert.equal(headers.get('x-content-type-options'), 'nosniff');
  assert.equal(headers.get('cache-control'), 'no-store');
  assert.equal(headers.get('x-powered-by'), null);
  assert.equal(headers.get('access-control-allow-origin'), null);
});

test('patterns for addresses and hosts do not stand still', () => {
  for (const schema of [addressJson, hostJson])
    for (const text of [
      'a'.repeat(1_000_000),
      'a.'.repeat(500_000),
      `a@${'a-'.repeat(500_000)}`,
      `${'a.'.repeat(120)}@`,
      'é'.repeat(500_000),
    ]) {
      const started = process.cpuUsage().user;
      assert.equal(schema.safeParse(text).success, false);
      assert.ok(process.cpuUsage().user - started < 2_000_000);
    }
});

test('the description names every route', async () => {
  const { json } = await house.api<{
    openapi: string;
    paths: Record<string, Record<string, { summary: string; responses: object }>>;
  }>('GET', '/api/openapi.json');
  assert.equal(json.openapi, '3.1.0');
  const { routes } = allRoutes(house.todoku.app, createEvents(house.todoku.app.log), house.todoku.trial);
  for (const route of routes) {
    const described = json.paths[route.path.replace(/:(\w+)/g, '{$1}')]?.[route.method];
    assert.ok(described?.summary, `${route.method} ${route.path}`);
    assert.ok(Object.keys(described.responses).includes(String(route.status)));
  }
  const count = Object.values(json.paths).reduce((sum, path) => sum + Object.keys(path).length, 0);
  assert.equal(count, routes.length);
});

describe('live events', () => {
  test('changes arrive, each once, uncompressed', async () => {
    const stream = await openStream(house, '/api/events', {
      authorization: `Bearer ${house.token}`,
      'accept-encoding': 'gzip',
    });
    assert.match(stream.headers.get('content-type') ?? '', /^text\/event-stream/);
    assert.equal(stream.headers.get('content-encoding'), null);
    await stream.next(/retry: \d+\n/);
    for (let i = 0; i < 5; i++) house.todoku.app.announce({ topic: 'probe', id: 'p1', runId: 'r1' });
    house.todoku.app.announce({ topic: 'run', id: 'r1' });
    const text = await stream.next(/"topic":"run"/);
    assert.equal(text.match(/"topic":"probe"/g)?.length, 1);
    assert.match(text, /event: change\ndata: \{"topic":"probe","id":"p1","runId":"r1"\}\n\n/);
    stream.close();
    await stream.ended;
  });

  test('a stream ends with its session', async () => {
    const cookie = await setPassword(house);
    const own = { 'sec-fetch-site': 'same-origin' };
    const mine = await openStream(house, '/api/events', { ...own, cookie });
    const other = cookieOf(await signIn(house));
    const theirs = await openStream(house, '/api/events', { ...own, cookie: other });
    await asPage(house, other, 'DELETE', '/api/session');
    await theirs.ended;
    house.todoku.app.announce({ topic: 'seed', id: 's1' });
    await mine.next(/"topic":"seed"/);
    mine.close();
    await mine.ended;
  });

  test('a stream ends with its token', async () => {
    const { token, row } = await createTokenRow(house.todoku.app, 'stream');
    const stream = await openStream(house, '/api/events', { authorization: `Bearer ${token}` });
    const cookie = await setPassword(house);
    assert.equal((await asPage(house, cookie, 'DELETE', `/api/tokens/${row.id}`)).status, 204);
    await stream.ended;
  });
});

test('no secret leaves: not in answers, not in the log, not in the data folder', async () => {
  const sender = 'canary-sender-9f2c';
  const seed = 'canary-seed-77aa';
  const imported = 'canary-import-51de';
  const seen: Answer[] = [];
  const keep = async (answer: Promise<Answer>): Promise<Answer> => {
    seen.push(await answer);
    return answer;
  };
  const made = await keep(
    house.api('POST', '/api/senders', {
      ...GMAIL_SENDER,
      smtp: { ...GMAIL_SENDER.smtp, host: '127.0.0.1', port: 9, password: sender },
    }),
  );
  const planted = await keep(
    house.api('POST', '/api/seeds', {
      ...GMAIL_SEED,
      address: 'canary@gmail.com',
      host: '127.0.0.1',
      port: 9,
      password: seed,
    }),
  );
  await keep(house.api('POST', '/api/seeds/imports', { csv: `address,password\nimported@gmail.com,${imported}\n` }));
  await keep(house.api('POST', '/api/senders/imports', { csv: `from,password\nimported@gmail.com,${imported}\n` }));
  await keep(house.api('POST', `/api/senders/${made.json.id}/checks`));
  await keep(house.api('POST', `/api/seeds/${planted.json.id}/checks`));
  // Wrong input is answered by naming the field, not by repeating what was in it.
  await keep(house.api('POST', '/api/senders', { ...GMAIL_SENDER, smtp: { password: `${sender}\r\n` } }));
  await keep(house.raw('POST', '/api/senders', bearer(), `{"smtp":{"password":"${sender}"`));
  await keep(house.api('PATCH', `/api/seeds/${planted.json.id}`, { password: 7, host: seed }));
  const cookie = await setPassword(house);
  const link = await createPasswordLink(house.todoku.app, '');
  await keep(house.raw('GET', link, {}));
  for (const path of [
    '/api/senders',
    '/api/seeds',
    '/api/seeds/export',
    '/api/senders/export',
    '/api/overview',
    '/metrics',
    '/api/openapi.json',
    '/api/presets',
  ])
    await keep(house.api('GET', path));
  for (const path of ['/api/sessions', '/api/tokens', '/api/session']) await keep(asPage(house, cookie, 'GET', path));
  await keep(signIn(house, `${PASSWORD}x`));

  const secrets = [sender, imported, PASSWORD, house.token, cookie.split('=')[1] ?? '?', link.split('link=')[1] ?? '?'];
  const forms = secrets.flatMap((secret) => [
    secret,
    Buffer.from(secret).toString('base64').replace(/=+$/, ''),
    Buffer.from(secret).toString('hex'),
    encodeURIComponent(secret),
  ]);
  await house.todoku.app.db.selectFrom('settings').selectAll().execute();
  const places: [where: string, text: string][] = [
    ['answers', seen.map(({ text }) => text).join('\n')],
    ['log', house.log.join('')],
    ...readdirSync(house.folder).map((file): [string, string] => [
      file,
      readFileSync(join(house.folder, file)).toString('latin1'),
    ]),
  ];
  for (const [where, text] of places)
    for (const form of forms) assert.ok(!text.includes(form), `${form.slice(0, 12)}… in ${where}`);
  // The test can fail: what is no secret is found.
  assert.ok(places.some(([where, text]) => where.startsWith('todoku.sqlite') && text.includes('canary@gmail.com')));
  assert.ok(house.log.length > 20);
  for (const line of house.log)
    assert.ok(line.endsWith('\n') && JSON.parse(line) && line.indexOf('\n') === line.length - 1);
});
