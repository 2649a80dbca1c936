/** What setting up works out by itself: how far somebody is, what follows from an address or a provider, which help is whose, and many things done in turn. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { MonitorJson } from '../../server/api/json/monitors.ts';
import { type PresetsJson, presetsJson } from '../../server/api/json/presets.ts';
import type { SeedJson } from '../../server/api/json/seeds.ts';
import type { SenderJson } from '../../server/api/json/senders.ts';
import { presetRoutes } from '../../server/api/presets.ts';
import type { App } from '../../server/app.ts';
import { CHECK_STEPS as TOLD } from '../../server/net/steps.ts';
import { PROVIDERS, providerOfAddress, serverPreset, suggestedUser } from '../../server/seed/providers.ts';
import { PROTOCOLS, PROVIDER_IDS } from '../../server/seed/types.ts';
import { PRESET_NOTES, SENDER_PRESETS } from '../../server/sender/presets.ts';
import { CHECK_STEPS, stepsOf } from '../../web/checks.ts';
import { securityOf } from '../../web/components/form.ts';
import { forEach } from '../../web/each.ts';
import {
  GUIDE_STEPS,
  latestRun,
  mayOpen,
  type SetUp,
  standingOf,
  stepToTake,
  unreadReturnAddress,
} from '../../web/guide.ts';
import { HELP_LINKS, SAID_IN_HELP, SEED_HELP, SENDER_HELP } from '../../web/help.ts';
import en from '../../web/messages/guide/en.json' with { type: 'json' };
import ja from '../../web/messages/guide/ja.json' with { type: 'json' };
import { seedStateOf } from '../../web/pages/seeds/standing.ts';
import { seedPatch, seedValues, seedWith } from '../../web/pages/seeds/values.ts';
import { senderInput, senderName, senderValues, withAddress, withService } from '../../web/pages/senders/values.ts';

const handler = presetRoutes[0]?.handler;
assert.ok(handler);
const PRESETS: PresetsJson = presetsJson.parse(
  await handler({} as App, { params: {}, query: {}, body: {} }, {} as never),
);

const sender = (change: Partial<SenderJson> = {}) =>
  ({ fromAddress: 'me@example.com', check: null, ...change }) as SenderJson;
const seed = (change: Partial<SeedJson> = {}) =>
  ({
    address: 'you@example.org',
    pausedAt: null,
    unreadable: null,
    lastReadAt: null,
    check: null,
    ...change,
  }) as SeedJson;
const monitor = (lastRun: MonitorJson['lastRun'] = null) => ({ lastRun }) as MonitorJson;
const run = (startedAt: string, state: 'running' | 'complete') => ({ id: startedAt, startedAt, state });
const GOOD = { ok: true } as SenderJson['check'] & SeedJson['check'];
const BAD = { ok: false } as SenderJson['check'] & SeedJson['check'];

describe('the guide', () => {
  const cases: [what: string, setUp: SetUp, step: string, open: string[]][] = [
    ['nothing', { senders: [], seeds: [], monitors: [] }, 'sender', ['sender']],
    [
      'a sender that does not work',
      { senders: [sender({ check: BAD })], seeds: [], monitors: [] },
      'sender',
      ['sender', 'seeds'],
    ],
    [
      'a sender that works',
      { senders: [sender({ check: GOOD })], seeds: [], monitors: [] },
      'seeds',
      ['sender', 'seeds'],
    ],
    [
      'a seed beside a broken one',
      { senders: [sender({ check: GOOD })], seeds: [seed({ check: BAD }), seed({ check: GOOD })], monitors: [] },
      'monitor',
      ['sender', 'seeds', 'monitor'],
    ],
    [
      'a monitor',
      { senders: [sender({ check: GOOD })], seeds: [seed({ check: GOOD })], monitors: [monitor()] },
      'run',
      [...GUIDE_STEPS],
    ],
    [
      'a result',
      {
        senders: [sender({ check: GOOD })],
        seeds: [seed({ check: GOOD })],
        monitors: [monitor(run('2026-11-25T10:00:00.000Z', 'complete'))],
      },
      'run',
      [...GUIDE_STEPS],
    ],
  ];
  for (const [what, setUp, step, open] of cases)
    test(what, () => {
      const standing = standingOf(setUp);
      assert.equal(stepToTake(standing), step);
      assert.deepEqual(
        GUIDE_STEPS.filter((one) => mayOpen(one, standing)),
        open,
      );
    });

  test('the newest run is the one to look at', () => {
    const [old, young] = [run('2026-11-25T10:00:00.000Z', 'complete'), run('2026-11-25T11:00:00.000Z', 'running')];
    assert.equal(latestRun([monitor(old), monitor(), monitor(young)])?.id, young.id);
    assert.equal(latestRun([monitor()]), null);
  });

  test('bounces are unseen until the sender’s own address is read', () => {
    const me = sender({ fromAddress: 'News@Example.com' });
    assert.equal(unreadReturnAddress(me, []), 'News@Example.com');
    assert.equal(unreadReturnAddress(me, [seed({ address: 'news@example.com' })]), null);
    assert.equal(unreadReturnAddress(me, [seed({ address: 'news@example.com', pausedAt: 'now' })]), 'News@Example.com');
  });

  test('a seed is one of four', () => {
    const unreadable = { since: '', reason: 'timeout', reply: null, nextAttemptAt: null } as const;
    const states: [Partial<SeedJson>, string][] = [
      [{}, 'unchecked'],
      [{ check: GOOD }, 'readable'],
      [{ check: BAD }, 'unreadable'],
      [{ check: BAD, lastReadAt: 'then' }, 'readable'],
      [{ check: GOOD, lastReadAt: 'then', unreadable }, 'unreadable'],
      [{ unreadable, pausedAt: 'now' }, 'paused'],
    ];
    for (const [change, state] of states) assert.equal(seedStateOf(seed(change)), state, JSON.stringify(change));
  });
});

describe('help', () => {
  test('every topic is somebody’s, and has its texts in both languages, as many steps in each', () => {
    const used = new Set([...Object.values(SEED_HELP), ...Object.values(SENDER_HELP)].flat());
    assert.deepEqual([...used].sort(), Object.keys(en.help.topics).sort());
    assert.deepEqual(Object.keys(ja.help.topics).sort(), Object.keys(en.help.topics).sort());
    for (const topic of used) {
      assert.ok(en.help.topics[topic].steps.length > 0);
      assert.equal(ja.help.topics[topic].steps.length, en.help.topics[topic].steps.length, topic);
    }
  });

  test('whoever wants an app password is told how to get one; whoever takes no password is told that', () => {
    const says = (topics: readonly (keyof typeof en.help.topics)[]) =>
      topics.map((topic) => JSON.stringify(en.help.topics[topic])).join(' ');
    for (const id of PROVIDER_IDS) {
      if (PROVIDERS[id].auth === 'app-password') assert.match(says(SEED_HELP[id]), /app(-specific)? password/i, id);
      assert.equal(SEED_HELP[id].includes('outlook'), PROVIDERS[id].auth === 'oauth2-only', id);
    }
    for (const { id, auth } of SENDER_PRESETS) {
      if (auth === 'app-password') assert.match(says(SENDER_HELP[id]), /app(-specific)? password/i, id);
      assert.equal(SENDER_HELP[id].includes('outlook'), auth === 'oauth2-only', id);
    }
  });

  test('a note is left out only where a topic says it', () => {
    const known = new Set<string>([...PRESET_NOTES, ...PROVIDER_IDS.flatMap((id) => PROVIDERS[id].quirks)]);
    for (const note of SAID_IN_HELP) assert.ok(known.has(note), note);
    const said: [note: string, by: RegExp][] = [
      ['imap-off-by-default', /IMAP|SMTP/],
      ['mail-password-separate', /password/],
      ['spam-may-be-hidden-in-imap', /Show in IMAP/],
    ];
    for (const [note, by] of said)
      for (const id of PROVIDER_IDS.filter((one) => (PROVIDERS[one].quirks as readonly string[]).includes(note)))
        assert.match(
          SEED_HELP[id].map((topic) => JSON.stringify(en.help.topics[topic])).join(' '),
          by,
          `${id}: ${note}`,
        );
  });

  test('links lead over https to the provider itself', () => {
    for (const link of Object.values(HELP_LINKS)) assert.match(link, /^https:\/\/[a-z]+\.(google|apple)\.com\//);
  });
});

describe('a seed as one types', () => {
  const { providers } = PRESETS;

  test('server and user follow the address as the server itself would fill them in', () => {
    for (const id of PROVIDER_IDS)
      for (const domain of PROVIDERS[id].domains)
        for (const protocol of PROTOCOLS) {
          const address = `me.too@${domain}`;
          const server = serverPreset(id, protocol, address);
          if (server === null) continue;
          const values = seedWith({ ...seedValues(null), protocol }, { address }, providers, false);
          assert.equal(values.provider, providerOfAddress(address));
          assert.deepEqual({ host: values.host, port: values.port, security: values.security }, server, address);
          assert.equal(values.user, suggestedUser(id, protocol, address), `${address} ${protocol}`);
        }
  });

  test('typed letter by letter it ends where it would have at once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('me@gmail.com', 'you@gmx.com', 'a@yahoo.co.jp', 'b@docomo.ne.jp', 'c@example.org'), {
          minLength: 1,
          maxLength: 4,
        }),
        (addresses) => {
          let slow = seedValues(null);
          for (const address of addresses)
            for (let end = 1; end <= address.length; end++)
              slow = seedWith(slow, { address: address.slice(0, end) }, providers, false);
          assert.deepEqual(slow, seedWith(seedValues(null), { address: addresses.at(-1) ?? '' }, providers, false));
        },
      ),
    );
  });

  test('what somebody typed stays', () => {
    const own = { ...seedValues(null), host: 'mail.corp.example', port: 10_993, user: 'u123' };
    const next = seedWith(own, { address: 'me@gmail.com' }, providers, false);
    assert.deepEqual([next.provider, next.host, next.port, next.user], ['gmail', 'mail.corp.example', 10_993, 'u123']);
    const chosen = seedWith(seedValues(null), { provider: 'gmail' }, providers, true);
    assert.equal(seedWith(chosen, { address: 'me@corp.example' }, providers, true).host, 'imap.gmail.com');
  });

  test('a provider without the protocol is read by the one it has', () => {
    const values = seedWith({ ...seedValues(null), protocol: 'pop3' }, { address: 'me@icloud.com' }, providers, false);
    assert.deepEqual([values.protocol, values.host], ['imap', 'imap.mail.me.com']);
  });

  test('an empty password keeps the stored one', () => {
    assert.equal('password' in seedPatch(seedValues(null), true), false);
    assert.equal(seedPatch({ ...seedValues(null), password: 'x' }, true).password, 'x');
    assert.equal('password' in seedPatch({ ...seedValues(null), password: 'x' }, false), false);
  });

  test('a port says what it speaks, where it does', () => {
    assert.deepEqual([465, 993, 995, 587, 143, 110, 2525].map(securityOf), [
      ...['tls', 'tls', 'tls', 'starttls', 'starttls', 'starttls'],
      null,
    ]);
  });
});

describe('a sender as one types', () => {
  const { senders: services } = PRESETS;
  const service = (id: string) => services.find((one) => one.id === id)!;

  test('each service fills in its server, and the user name that it wants', () => {
    for (const one of services) {
      const chosen = withService(senderValues(null), one, services);
      const { host, user } = withAddress(chosen, 'me@example.com', one, services);
      assert.equal(host, one.routes[0]?.host ?? '');
      const wanted =
        one.user.kind === 'fixed'
          ? one.user.value
          : one.user.kind === 'address' && !['own-server', 'google-workspace-relay'].includes(one.id)
            ? 'me@example.com'
            : '';
      assert.equal(user, wanted, one.id);
    }
  });

  test('from one service to another nothing of the first stays', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...services), { minLength: 1, maxLength: 5 }), (way) => {
        const start = { ...senderValues(null), fromAddress: 'me@example.com' };
        const last = way.at(-1)!;
        const walked = way.reduce((values, one) => withService(values, one, services), start);
        assert.deepEqual(walked, withService(start, last, services));
      }),
    );
  });

  test('an own host and an own user name stay', () => {
    const own = { ...senderValues(null), host: 'mx.corp.example', user: 'relay' };
    const after = withService(own, service('own-server'), services);
    assert.deepEqual([after.host, after.user], ['mx.corp.example', 'relay']);
  });

  test('a sender without a name gets one that is not taken', () => {
    const gmail = { ...senderValues(null), preset: 'gmail' as const, fromAddress: 'me@gmail.com' };
    assert.equal(senderName(gmail, 'Gmail', []), 'Gmail');
    assert.equal(senderName(gmail, 'Gmail', ['Gmail']), 'Gmail (me@gmail.com)');
    assert.equal(senderName({ ...gmail, preset: 'own-server', fromAddress: 'a@corp.example' }, '', []), 'corp.example');
  });

  test('the guide leaves the budget to the server', () => {
    assert.equal('dailyLimit' in senderInput(senderValues(null), 'of-service'), false);
    assert.equal(senderInput(senderValues(null), 'typed').dailyLimit, 500);
  });
});

describe('checks and many things', () => {
  test('the steps are those that the server tells of', () => {
    assert.deepEqual(CHECK_STEPS, TOLD);
    assert.deepEqual(stepsOf('smtp', 'none'), ['finding', 'connecting', 'signing-in']);
    assert.deepEqual(stepsOf('imap', 'tls'), [...TOLD]);
    assert.equal(stepsOf('pop3', 'starttls').includes('listing'), false);
  });

  test('all are done, never more than so many at a time, whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ fails: fc.boolean(), ticks: fc.nat(3) }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 5 }),
        async (items, most) => {
          let now = 0;
          let peak = 0;
          let told = -1;
          const end = await forEach(
            items,
            async ({ fails, ticks }) => {
              peak = Math.max(peak, ++now);
              for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
              now--;
              if (fails) throw new Error('no');
            },
            {
              most,
              onProgress: (so) => {
                assert.ok(so.done.length + so.failed.length >= told);
                told = so.done.length + so.failed.length;
              },
            },
          );
          assert.ok(peak <= most);
          assert.equal(end.done.length, items.filter((item) => !item.fails).length);
          assert.equal(end.failed.length, items.filter((item) => item.fails).length);
          assert.equal(end.running, false);
          assert.equal(told, items.length);
        },
      ),
    );
  });

  test('stopped, what has begun is finished and the rest is left', async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    const end = await forEach(
      [1, 2, 3, 4],
      async (item) => {
        seen.push(item);
        if (item === 2) stop.abort();
      },
      { most: 1, signal: stop.signal },
    );
    assert.deepEqual(seen, [1, 2]);
    assert.deepEqual([end.done.length, end.all], [2, 4]);
  });
});
