/** Every route × everybody who must not come in. A new route fails here until somebody has decided who may call it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { revokeToken } from '../../db/tokens.ts';
import { createEvents } from '../../server/api/events.ts';
import type { SessionsJson } from '../../server/api/json/owner.ts';
import type { Access, Route } from '../../server/api/route.ts';
import { allRoutes } from '../../server/api/routes.ts';
import { endSession } from '../../server/owner/sessions.ts';
import { createToken } from '../../server/owner/tokens.ts';
import { type Answer, asPage, cookieOf, type House, openHouse, PASSWORD, setPassword, signIn } from './house.ts';

const WHO: Record<string, Access> = {
  'get /healthz': 'public',
  'get /metrics': 'owner',
  'get /api/session': 'public',
  'post /api/session': 'public',
  'delete /api/session': 'session',
  'get /api/sessions': 'session',
  'delete /api/sessions/:id': 'session',
  'put /api/password': 'public',
  'get /api/tokens': 'session',
  'post /api/tokens': 'session',
  'delete /api/tokens/:id': 'session',
  'get /api/settings': 'owner',
  'patch /api/settings': 'owner',
  'get /api/trial': 'owner',
  'post /api/trial': 'session',
  'delete /api/trial': 'session',
  'get /api/backups': 'owner',
  'post /api/backups': 'owner',
  'post /api/backups/uploads': 'session',
  'get /api/backups/:name': 'session',
  'delete /api/backups/:name': 'session',
  'post /api/restores': 'session',
  'get /api/about': 'owner',
  'get /api/wall-links': 'session',
  'post /api/wall-links': 'session',
  'delete /api/wall-links/:id': 'session',
  'get /api/wall': 'wall',
  'get /api/search': 'owner',
  'get /api/presets': 'owner',
  'get /api/campaigns': 'owner',
  'post /api/campaigns': 'owner',
  'get /api/campaigns/:id': 'owner',
  'patch /api/campaigns/:id': 'owner',
  'put /api/campaigns/:id/message': 'owner',
  'delete /api/campaigns/:id': 'owner',
  'get /api/campaigns/:id/message': 'owner',
  'get /api/campaigns/:id/preview': 'owner',
  'post /api/draft-previews': 'owner',
  'post /api/policy-checks': 'owner',
  'post /api/audits/:id/judgements': 'owner',
  'post /api/campaigns/:id/audits': 'owner',
  'post /api/campaigns/:id/watches': 'owner',
  'get /api/watches/:id': 'owner',
  'get /api/watches/:id/seed-list': 'owner',
  'delete /api/watches/:id': 'owner',
  'get /api/policy': 'owner',
  'get /api/audits/:id': 'owner',
  'delete /api/audits/:id': 'owner',
  'get /api/audits/:id/report': 'owner',
  'get /api/audits/:id/evidence': 'owner',
  'get /api/audits/:id/sources': 'owner',
  'get /api/audits/:id/message': 'owner',
  'get /api/audits/:id/preview': 'owner',
  'get /api/audits/:id/comparison': 'owner',
  'get /api/audits/:id/shares': 'owner',
  'post /api/audits/:id/shares': 'session',
  'delete /api/shares/:id': 'session',
  'get /api/shared-report': 'public',
  'get /api/overview': 'owner',
  'get /api/senders': 'owner',
  'post /api/senders': 'owner',
  'get /api/senders/:id': 'owner',
  'patch /api/senders/:id': 'owner',
  'delete /api/senders/:id': 'owner',
  'post /api/senders/:id/checks': 'owner',
  'get /api/seeds': 'owner',
  'post /api/seeds': 'owner',
  'post /api/senders/imports': 'owner',
  'get /api/senders/export': 'owner',
  'post /api/seeds/imports': 'owner',
  'get /api/seeds/export': 'owner',
  'get /api/seeds/:id': 'owner',
  'patch /api/seeds/:id': 'owner',
  'delete /api/seeds/:id': 'owner',
  'post /api/seeds/:id/checks': 'owner',
  'get /api/tags': 'owner',
  'get /api/monitors': 'owner',
  'post /api/monitors': 'owner',
  'get /api/monitors/:id': 'owner',
  'patch /api/monitors/:id': 'owner',
  'delete /api/monitors/:id': 'owner',
  'post /api/monitors/:id/runs': 'owner',
  'get /api/monitors/:id/placement': 'owner',
  'get /api/monitors/:id/delays': 'owner',
  'get /api/heartbeats': 'owner',
  'post /api/schedule-checks': 'owner',
  'get /api/runs': 'owner',
  'get /api/runs/:id': 'owner',
  'get /api/probes/:id': 'owner',
  'get /api/probes/:id/message': 'owner',
  'get /api/probes/:id/preview': 'owner',
  'get /api/domains': 'owner',
  'post /api/domains': 'owner',
  'get /api/domains/:id': 'owner',
  'patch /api/domains/:id': 'owner',
  'delete /api/domains/:id': 'owner',
  'get /api/domains/:id/checks': 'owner',
  'post /api/domains/:id/checks': 'owner',
  'post /api/domains/:id/reports': 'owner',
  'get /api/domains/:id/history': 'owner',
  'get /api/domains/:id/spf-evaluations': 'owner',
  'get /api/events': 'owner',
  'get /api/openapi.json': 'owner',
};

let house: House;
let routes: Route[];
let cookie: string;
before(async () => {
  house = await openHouse();
  routes = allRoutes(house.todoku.app, createEvents(house.todoku.app.log), house.todoku.trial).routes;
  cookie = await setPassword(house);
});
after(() => house.close());

const key = (route: Route): string => `${route.method} ${route.path}`;
const pathOf = (route: Route): string => route.path.replace(/:\w+/g, 'none');
const call = (route: Route, headers: Record<string, string>): Promise<Answer> =>
  house.raw(
    route.method.toUpperCase(),
    pathOf(route),
    { ...(route.body ? { 'content-type': 'application/json' } : {}), ...headers },
    route.body ? '{}' : undefined,
  );
const OWN = { 'sec-fetch-site': 'same-origin' };

test('every route has a row that says who may call it, and every row a route', () => {
  assert.deepEqual(Object.fromEntries(routes.map((route) => [key(route), route.access])), WHO);
});

test('Express knows no route that the table does not', async () => {
  const seen = new Set<string>();
  for (const route of routes) {
    assert.ok(!seen.has(key(route)), key(route));
    seen.add(key(route));
    assert.ok(/^\/(api\/|healthz$|metrics$)/.test(route.path));
  }
});

describe('who must stay outside', () => {
  const guests: [who: string, headers: () => Promise<Record<string, string>>][] = [
    ['nobody', async () => OWN],
    ['an empty bearer', async () => ({ authorization: 'Bearer ' })],
    ['an unknown token', async () => ({ authorization: `Bearer todoku_${'x'.repeat(43)}` })],
    ['basic authentication', async () => ({ authorization: 'Basic b3duZXI6b3duZXI=' })],
    ['an unknown cookie', async () => ({ ...OWN, cookie: `todoku=${'x'.repeat(43)}` })],
    ['a secure cookie over http', async () => ({ ...OWN, cookie: cookie.replace('todoku=', '__Host-todoku=') })],
    [
      'a revoked token',
      async () => {
        const token = await createToken(house.todoku.app, 'gone');
        await revokeToken(house.todoku.app.db, 'gone', Date.now());
        return { authorization: `Bearer ${token}` };
      },
    ],
    [
      'a session that signed out',
      async () => {
        const signedIn = cookieOf(await signIn(house));
        assert.equal((await asPage(house, signedIn, 'DELETE', '/api/session')).status, 204);
        return { ...OWN, cookie: signedIn };
      },
    ],
    [
      'a session that was ended elsewhere',
      async () => {
        const signedIn = cookieOf(await signIn(house));
        const list = await asPage<SessionsJson>(house, signedIn, 'GET', '/api/sessions');
        await endSession(house.todoku.app, list.json.items.find((one) => one.current)?.id ?? '');
        return { ...OWN, cookie: signedIn };
      },
    ],
    [
      'a session from before the password was changed',
      async () => {
        const old = cookieOf(await signIn(house));
        const changed = await asPage(house, cookie, 'PUT', '/api/password', { current: PASSWORD, password: PASSWORD });
        assert.equal(changed.status, 200);
        return { ...OWN, cookie: old };
      },
    ],
    [
      'a session that expired',
      async () => {
        const old = cookieOf(await signIn(house));
        house.wait(31 * 86_400_000);
        cookie = cookieOf(await signIn(house));
        return { ...OWN, cookie: old };
      },
    ],
  ];
  for (const [who, make] of guests)
    test(who, async () => {
      const headers = await make();
      for (const route of routes) {
        const { status } = await call(route, headers);
        if (route.access === 'public') assert.ok(status !== 403, `${key(route)} ${status}`);
        else assert.equal(status, 401, key(route));
      }
    });

  test('a token where only a session may', async () => {
    for (const route of routes.filter((one) => one.access === 'session'))
      assert.equal((await call(route, { authorization: `Bearer ${house.token}` })).status, 403, key(route));
  });
});

describe('pages of others', () => {
  const foreign: [what: string, headers: Record<string, string>][] = [
    ['a foreign Origin', { origin: 'https://evil.example' }],
    ['a null Origin', { origin: 'null' }],
    ['an Origin of the same name and another port', { origin: 'http://127.0.0.1:1' }],
    [
      'a foreign Origin that claims to be of the same site',
      { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' },
    ],
    ['cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['same-site', { 'sec-fetch-site': 'same-site' }],
    ['neither Origin nor Sec-Fetch-Site', {}],
    ['a foreign Referer alone', { referer: 'https://evil.example/page' }],
    ['a Referer that only looks like ours', { referer: 'https://evil.example/?http://127.0.0.1/' }],
  ];
  for (const [what, headers] of foreign)
    test(`${what}: no change, no stream`, async () => {
      let asked = 0;
      for (const route of routes) {
        if (route.method === 'get' && !route.stream) continue;
        asked++;
        assert.equal((await call(route, { ...headers, cookie })).status, 403, key(route));
      }
      assert.ok(asked > 15);
    });

  test('signing in from a foreign page is refused, cookie or none', async () => {
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }])
      assert.equal(
        (await house.raw('POST', '/api/session', { ...headers, 'content-type': 'application/json' }, '{}')).status,
        403,
      );
  });

  test('our own pages may, by either header', async () => {
    const origin = house.todoku.url;
    for (const headers of [
      { 'sec-fetch-site': 'same-origin' },
      { origin },
      { origin, 'sec-fetch-site': 'same-origin' },
      { referer: `${origin}/seeds` },
    ])
      assert.equal(
        (
          await house.raw(
            'PATCH',
            '/api/settings',
            { ...headers, cookie, 'content-type': 'application/json' } as Record<string, string>,
            '{"language":"ja"}',
          )
        ).status,
        200,
      );
  });

  test('a token needs no proof of origin', async () => {
    assert.equal((await house.api('PATCH', '/api/settings', { timeZone: 'Asia/Tokyo' })).status, 200);
  });
});

test('the owner gets in everywhere', async () => {
  for (const route of routes) {
    if (route.stream || key(route) === 'delete /api/session') continue;
    const { status } = await call(route, { ...OWN, cookie });
    assert.ok(
      status < 500 && status !== 403 && (status !== 401 || route.access === 'public'),
      `${key(route)} ${status}`,
    );
  }
});

test('HEAD of the stream ends at once', async () => {
  const { status } = await house.raw('HEAD', '/api/events', { authorization: `Bearer ${house.token}` });
  assert.equal(status, 200);
});
