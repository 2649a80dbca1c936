/**
 * The trial from its start to its end: results come in by themselves, nothing of it is seen in the real world or the other way round, strangers find both doors
 * shut, and afterwards there is nothing left: no file, no route, no listening port.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createEvents } from '../../server/api/events.ts';
import type { DomainsJson } from '../../server/api/json/domains.ts';
import type { OverviewJson } from '../../server/api/json/overview.ts';
import type { SeedCheckJson, SeedsJson } from '../../server/api/json/seeds.ts';
import type { SenderCheckJson, SendersJson } from '../../server/api/json/senders.ts';
import type { TrialJson } from '../../server/api/json/trial.ts';
import type { Route } from '../../server/api/route.ts';
import { allRoutes, worldRoutes } from '../../server/api/routes.ts';
import {
  type Answer,
  asPage,
  cookieOf,
  GMAIL_SENDER,
  type House,
  openHouse,
  openStream,
  setPassword,
  signIn,
} from '../api/house.ts';
import { type Door, endVictim, spawnVictim, type Victim } from './victim-world.ts';

const OWN = { 'sec-fetch-site': 'same-origin' };
const HOUR = 3_600_000;
const foldersIn = (dataDir: string): string[] => readdirSync(dataDir).filter((name) => name.startsWith('trial-'));

let house: House;
let cookie: string;
before(async () => {
  house = await openHouse();
  cookie = await setPassword(house);
});
after(() => house.close());

const ask = <Reply = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<Answer<Reply>> =>
  asPage<Reply>(house, cookie, method, path, body);
const state = async (): Promise<TrialJson> => (await ask<TrialJson>('GET', '/api/trial')).json;

/** Asks again and again until it is so. */
async function until<Value>(
  look: () => Promise<Value>,
  isSo: (value: Value) => boolean,
  withinMs: number,
): Promise<Value> {
  const end = Date.now() + withinMs;
  for (;;) {
    const value = await look();
    if (isSo(value)) return value;
    if (Date.now() > end) throw new Error(`not so in time: ${JSON.stringify(value).slice(0, 500)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

describe('looking around', () => {
  test('there is none until somebody starts it', async () => {
    assert.deepEqual(await state(), { state: 'off', startedAt: null, progress: null });
    assert.equal((await ask('GET', '/trial/api/overview')).status, 404);
    assert.equal((await house.api('POST', '/api/trial')).status, 403, 'a token may not start it');
    assert.deepEqual(foldersIn(house.folder), []);
  });

  test('it starts with progress, once, however often it is asked to', async () => {
    const seen: TrialJson[] = [];
    const starting = [ask<TrialJson>('POST', '/api/trial'), ask<TrialJson>('POST', '/api/trial')];
    await until(
      async () => {
        const now = await state();
        seen.push(now);
        return now;
      },
      (now) => now.state === 'on',
      20_000,
    );
    for (const { status, json } of await Promise.all(starting)) {
      assert.equal(status, 201);
      assert.equal(json.state, 'on');
    }
    const again = await ask<TrialJson>('POST', '/api/trial');
    assert.equal(again.json.startedAt, (await state()).startedAt);
    assert.ok(seen.some(({ state, progress }) => state === 'starting' && progress !== null));
    const [folder = '', ...more] = foldersIn(house.folder);
    assert.deepEqual(more, []);
    assert.equal(statSync(join(house.folder, folder)).mode & 0o077, 0, 'nobody else may read it');
  });

  test('results fill in by themselves within seconds; the real overview stays empty', async () => {
    const { now, totals } = await until(
      async () => (await ask<OverviewJson>('GET', '/trial/api/overview')).json,
      ({ now: { counts } }) => counts.inbox >= 10 && counts.spam >= 5 && counts.tab >= 1 && counts.rejected >= 1,
      // 15 seconds at most where nothing else is to be done; here other tests run beside it.
      40_000,
    );
    assert.ok(now.rates.inbox.enough);
    assert.deepEqual([totals.senders, totals.seeds, totals.monitors, totals.runs], [3, 26, 3, 3]);
    const real = (await ask<OverviewJson>('GET', '/api/overview')).json;
    assert.equal(real.now.counts.probes, 0);
    assert.deepEqual(Object.values(real.totals), [0, 0, 0, 0]);
    assert.equal((await house.api('GET', '/trial/api/overview')).status, 200, 'a token may look too');
  });

  test('its domains are checked by themselves, and differ in what they publish', async () => {
    const { items } = await until(
      async () => (await ask<DomainsJson>('GET', '/trial/api/domains')).json,
      (page) => page.items.length === 5 && page.items.every(({ checkedAt }) => checkedAt !== null),
      40_000,
    );
    const states = Object.fromEntries(items.map(({ name, state }) => [name, state]));
    assert.equal(states['no-dmarc.test'], 'high');
    assert.ok(new Set(Object.values(states)).size >= 2, JSON.stringify(states));
    assert.deepEqual(
      items.filter(({ uncheckedSince }) => uncheckedSince !== null).map(({ name }) => name),
      [],
      'its own servers answer everything',
    );
    assert.deepEqual((await ask<DomainsJson>('GET', '/api/domains')).json.items, []);
  });

  test('what is in one world is not in the other', async () => {
    const there = (await ask<SendersJson>('GET', '/trial/api/senders')).json.items;
    const here = await ask<{ id: string }>('POST', '/api/senders', GMAIL_SENDER);
    assert.equal(here.status, 201);
    assert.equal((await ask('GET', `/trial/api/senders/${here.json.id}`)).status, 404);
    assert.equal((await ask('DELETE', `/trial/api/senders/${here.json.id}`)).status, 404);
    for (const { id } of there) assert.equal((await ask('GET', `/api/senders/${id}`)).status, 404);
    const { items } = (await ask<{ items: { id: string }[] }>('GET', '/trial/api/runs')).json;
    assert.equal(items.length, 3);
    for (const { id } of items) assert.equal((await ask('GET', `/api/runs/${id}`)).status, 404);
    assert.equal((await ask<{ items: unknown[] }>('GET', '/api/runs')).json.items.length, 0);
    assert.equal((await ask('DELETE', `/api/senders/${here.json.id}`)).status, 204);
    const key = readFileSync(join(house.folder, 'secret.key'), 'utf8');
    assert.notEqual(readFileSync(join(house.folder, foldersIn(house.folder)[0] ?? '', 'secret.key'), 'utf8'), key);
  });

  test('who owns the installation, and its health, is not asked there', async () => {
    const { todoku } = house;
    const events = createEvents(todoku.app.log);
    const shared = new Set(worldRoutes(() => events).map(keyOf));
    const once = allRoutes(todoku.app, events, todoku.trial).routes.filter((route) => !shared.has(keyOf(route)));
    events.close();
    assert.ok(once.length > 10);
    for (const route of once) {
      if (!route.path.startsWith('/api/')) continue;
      const { status } = await ask(route.method.toUpperCase(), `/trial${pathOf(route)}`, route.body ? {} : undefined);
      assert.equal(status, 404, keyOf(route));
    }
  });

  test('its events are its own', async () => {
    const [there, here] = await Promise.all([
      openStream(house, '/trial/api/events', { ...OWN, cookie }),
      openStream(house, '/api/events', { ...OWN, cookie }),
    ]);
    const { items } = (await ask<{ items: { id: string }[] }>('GET', '/trial/api/monitors')).json;
    assert.equal((await ask('POST', `/trial/api/monitors/${items[0]?.id}/runs`)).status, 202);
    await there.next(/"topic":"probe"/);
    house.todoku.app.announce({ topic: 'seed', id: 'only-here' });
    const heard = await here.next(/only-here/);
    assert.doesNotMatch(heard, /"topic":"(probe|run)"/);
    assert.doesNotMatch(await there.next(/"topic":"run"/), /only-here/);
    there.close();
    here.close();
  });

  test('a session that ends takes its stream there along', async () => {
    const other = cookieOf(await signIn(house));
    const stream = await openStream(house, '/trial/api/events', { ...OWN, cookie: other });
    await stream.next(/hello/);
    const began = Date.now();
    await asPage(house, other, 'DELETE', '/api/session');
    await stream.ended;
    assert.ok(Date.now() - began < 5_000);
  });
});

describe('it reaches its own servers and nothing else', () => {
  test('its mail servers are out of reach for the real world, which allows no private network', async () => {
    const [there] = (await ask<SendersJson>('GET', '/trial/api/senders')).json.items;
    assert.ok(there);
    const made = await ask<{ id: string }>('POST', '/api/senders', {
      ...GMAIL_SENDER,
      smtp: { ...GMAIL_SENDER.smtp, host: there.smtp.host, port: there.smtp.port },
    });
    const check = await ask<SenderCheckJson>('POST', `/api/senders/${made.json.id}/checks`, {});
    assert.equal(check.json.reason, 'private-address');
    await ask('DELETE', `/api/senders/${made.json.id}`);
  });

  test('its own sender and seed can be checked', async () => {
    const [sender] = (await ask<SendersJson>('GET', '/trial/api/senders')).json.items;
    const seeds = (await ask<SeedsJson>('GET', '/trial/api/seeds')).json.items;
    assert.equal((await ask<SenderCheckJson>('POST', `/trial/api/senders/${sender?.id}/checks`, {})).json.ok, true);
    for (const protocol of ['imap', 'pop3']) {
      const seed = seeds.find((one) => one.protocol === protocol && one.address.startsWith('inbox'));
      assert.equal((await ask<SeedCheckJson>('POST', `/trial/api/seeds/${seed?.id}/checks`, {})).json.ok, true);
    }
  });

  test('whatever is typed into its forms', async () => {
    const port = house.todoku.port;
    const [known] = (await ask<SeedsJson>('GET', '/trial/api/seeds')).json.items;
    const elsewhere: [host: string, port: number][] = [
      ['127.0.0.1', port],
      ['localhost', known?.port ?? 0],
      ['127.0.0.2', known?.port ?? 0],
      ['imap.gmail.com', 993],
      ['10.0.0.1', 993],
    ];
    for (const [host, at] of elsewhere) {
      const sender = await ask<{ id: string }>('POST', '/trial/api/senders', {
        ...GMAIL_SENDER,
        smtp: { ...GMAIL_SENDER.smtp, host, port: at },
      });
      const checked = await ask<SenderCheckJson>('POST', `/trial/api/senders/${sender.json.id}/checks`, {});
      assert.equal(checked.json.reason, 'server-not-listed', `smtp ${host}:${at}`);
      for (const protocol of ['imap', 'pop3']) {
        const seed = await ask<{ id: string }>('POST', '/trial/api/seeds', {
          address: `${protocol}-${host}@gmail.test`,
          provider: 'other',
          protocol,
          host,
          port: at,
          security: 'tls',
          user: 'me',
          password: 'x',
        });
        const read = await ask<SeedCheckJson>('POST', `/trial/api/seeds/${seed.json.id}/checks`, {});
        assert.equal(read.json.reason, 'server-not-listed', `${protocol} ${host}:${at}`);
      }
    }
  });

  test('it listens on 127.0.0.1 only', { skip: process.platform !== 'linux' && 'needs /proc' }, () => {
    const { tcp, udp } = listening();
    assert.ok(tcp.length > 20, `${tcp.length} ports`);
    assert.ok(udp.length >= 1);
    assert.deepEqual([...new Set([...tcp, ...udp])], ['127.0.0.1']);
  });
});

const keyOf = (route: Route): string => `${route.method} ${route.path}`;
const pathOf = (route: Route): string => route.path.replace(/:\w+/g, 'none');

describe('the doors', () => {
  const routes = worldRoutes(() => {
    throw new Error('no stranger gets as far as this');
  });
  const guests: [who: string, headers: () => Promise<Record<string, string>>][] = [
    ['nobody', async () => OWN],
    ['an unknown token', async () => ({ authorization: `Bearer todoku_${'x'.repeat(43)}` })],
    ['an unknown cookie', async () => ({ ...OWN, cookie: `todoku=${'x'.repeat(43)}` })],
    [
      'a session that signed out',
      async () => {
        const signedIn = cookieOf(await signIn(house));
        await asPage(house, signedIn, 'DELETE', '/api/session');
        return { ...OWN, cookie: signedIn };
      },
    ],
  ];
  const call = (route: Route, headers: Record<string, string>): Promise<Answer> =>
    house.raw(
      route.method.toUpperCase(),
      `/trial${pathOf(route)}`,
      { ...(route.body ? { 'content-type': 'application/json' } : {}), ...headers },
      route.body ? '{}' : undefined,
    );
  const refused = async (): Promise<void> => {
    assert.ok(routes.length > 20);
    for (const [who, make] of guests) {
      const headers = await make();
      for (const route of routes) assert.equal((await call(route, headers)).status, 401, `${who}: ${keyOf(route)}`);
    }
    for (const route of routes)
      if (route.method !== 'get' || route.stream)
        for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }, {}])
          assert.equal((await call(route, { ...headers, cookie } as Record<string, string>)).status, 403, keyOf(route));
  };

  test('strangers and foreign pages stay outside while it is there', async () => {
    assert.equal((await state()).state, 'on');
    await refused();
    assert.equal((await house.raw('POST', '/api/trial', OWN)).status, 401);
    assert.equal((await house.raw('DELETE', '/api/trial', { cookie, origin: 'https://evil.example' })).status, 403);
    assert.equal((await state()).state, 'on');
  });

  test('and while it is not: whether it is there is none of their business', async () => {
    await ask('DELETE', '/api/trial');
    assert.equal((await state()).state, 'off');
    await refused();
    for (const route of routes) {
      const { status } = await call(route, { ...OWN, cookie });
      assert.equal(status, 404, keyOf(route));
    }
  });
});

describe('its end', () => {
  test('removed: the folder, the routes, the streams and the ports are gone; then it can start again', async () => {
    const before = process.platform === 'linux' ? listening() : null;
    await ask('POST', '/api/trial');
    const first = foldersIn(house.folder);
    assert.equal(first.length, 1);
    const stream = await openStream(house, '/trial/api/events', { ...OWN, cookie });
    await stream.next(/hello/);
    assert.equal((await ask('DELETE', '/api/trial')).status, 204);
    await stream.ended;
    assert.deepEqual(foldersIn(house.folder), []);
    assert.equal((await ask('GET', '/trial/api/overview')).status, 404);
    if (before) assert.deepEqual(listening(), before);
    assert.equal((await ask('DELETE', '/api/trial')).status, 204, 'removing nothing is no mistake');

    assert.equal((await ask('POST', '/api/trial')).status, 201);
    assert.equal((await ask('GET', '/trial/api/overview')).status, 200);
    assert.notDeepEqual(foldersIn(house.folder), first);
  });

  test('an end that was not asked for: nobody has looked for two hours', async () => {
    assert.equal((await state()).state, 'on');
    house.wait(1.5 * HOUR);
    await house.todoku.tick();
    // Somebody does look.
    assert.equal((await ask('GET', '/trial/api/monitors')).status, 200);
    house.wait(1.5 * HOUR);
    await house.todoku.tick();
    assert.equal((await state()).state, 'on', 'looking at it counts; asking whether it is there does not');
    house.wait(0.6 * HOUR);
    await house.todoku.tick();
    assert.equal((await state()).state, 'off');
    assert.deepEqual(foldersIn(house.folder), []);
  });

  test('a page left open does not keep it for ever', async () => {
    await ask('POST', '/api/trial');
    for (let hour = 0; hour < 6; hour++) {
      assert.equal((await state()).state, 'on');
      house.wait(1.01 * HOUR);
      await ask('GET', '/trial/api/monitors');
      await house.todoku.tick();
    }
    assert.equal((await state()).state, 'off');
  });

  test('removed while it starts: whoever started it is told, and nothing stays', async () => {
    const starting = ask<{ code: string }>('POST', '/api/trial');
    await until(state, ({ state }) => state === 'starting', 5_000);
    assert.equal((await ask('DELETE', '/api/trial')).status, 204);
    const { status, json } = await starting;
    assert.deepEqual([status, json.code], [409, 'conflict']);
    assert.equal((await state()).state, 'off');
    assert.deepEqual(foldersIn(house.folder), []);
  });

  test('nothing about accounts that cannot be read goes into the log of the installation', () => {
    const loud = house.log.filter((line) => (JSON.parse(line) as { level: number; world?: string }).world === 'trial');
    assert.deepEqual(loud, []);
  });
});

describe('with the process', () => {
  const data = mkdtempSync(join(tmpdir(), 'todoku-trial-'));
  let victim: Victim | null = null;
  after(() => {
    victim?.child.kill('SIGKILL');
    rmSync(data, { recursive: true, force: true });
  });

  async function start(): Promise<Victim & Door> {
    victim = spawnVictim(null, data);
    const door = await victim.ready;
    assert.ok(door, 'the program ended before it was ready');
    return { ...victim, ...door };
  }

  async function startThere(): Promise<Victim & Door> {
    const started = await start();
    const headers = { ...OWN, 'content-type': 'application/json' };
    const link = new URL(started.signInLink).searchParams.get('link');
    const signedIn = await fetch(`${started.url}/api/session`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ link }),
    });
    const own = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const made = await fetch(`${started.url}/api/trial`, { method: 'POST', headers: { ...OWN, cookie: own } });
    assert.equal(made.status, 201);
    assert.equal(foldersIn(data).length, 1);
    return started;
  }

  test('told to stop: within ten seconds, with 0, and no file stays', { timeout: 60_000 }, async () => {
    const { child } = await startThere();
    const gone = once(child, 'exit');
    const began = Date.now();
    child.kill('SIGTERM');
    assert.deepEqual(await gone, [0, null]);
    assert.ok(Date.now() - began < 10_000, `${Date.now() - began} ms`);
    assert.deepEqual(foldersIn(data), []);
  });

  test('killed: the next start removes what is left, and nothing else', { timeout: 60_000 }, async () => {
    const killed = await startThere();
    await endVictim(killed, 'SIGKILL');
    const [left = ''] = foldersIn(data);
    assert.ok(readdirSync(join(data, left)).includes('todoku.sqlite'), 'there is something to remove');
    const machine = left.split('-')[1];
    const others = [
      'trial-notes',
      'trial-2026',
      `trial-${machine}-1`,
      // Of a process that lives, and of a machine that may.
      `trial-${machine}-${process.pid}-abcdef`,
      'trial-00000000-1-abcdef',
    ];
    for (const name of others) mkdirSync(join(data, name));
    writeFileSync(join(data, `trial-${machine}-${killed.child.pid}-fedcba`), 'a file, no folder');
    const old = 'trial-00000000-2-abcdef';
    mkdirSync(join(data, old));
    utimesSync(join(data, old), new Date(Date.now() - HOUR), new Date(Date.now() - HOUR));

    const next = await start();
    assert.deepEqual(foldersIn(data).sort(), [...others, `trial-${machine}-${killed.child.pid}-fedcba`].sort());
    const answer = await fetch(`${next.url}/trial/api/overview`, {
      headers: { authorization: `Bearer ${next.token}` },
    });
    assert.equal(answer.status, 404);
    await endVictim(next, 'SIGTERM');
  });
});

/** The addresses this process listens on, one for each socket. */
function listening(): { tcp: string[]; udp: string[] } {
  const mine = new Set(
    readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? [];
      } catch {
        return []; // closed meanwhile
      }
    }),
  );
  const of = (file: string, states: string[]): string[] =>
    readFileSync(`/proc/net/${file}`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , st = '', , , , , , inode = '']) => states.includes(st) && mine.has(inode))
      .map(([, local = '']) => (local.startsWith('0100007F:') ? '127.0.0.1' : local));
  return {
    tcp: [...of('tcp', ['0A']), ...of('tcp6', ['0A'])],
    // Connected ones are questions under way, not servers.
    udp: [...of('udp', ['07']), ...of('udp6', ['07'])],
  };
}
