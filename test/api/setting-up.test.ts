/** What the guide and the lists of senders and seeds stand on: when a budget has room again, whether a newcomer is one, where addresses are read. */
import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import type { SettingsJson } from '../../server/api/json/owner.ts';
import type { PresetsJson } from '../../server/api/json/presets.ts';
import type { SenderJson } from '../../server/api/json/senders.ts';
import { serverPreset } from '../../server/seed/providers.ts';
import { GMAIL_SEED, GMAIL_SENDER, type House, openHouse } from './house.ts';

const DAY = 86_400_000;
let house: House;
beforeEach(async () => {
  await house?.close();
  house = await openHouse();
});
after(() => house.close());

test('a sender says when the next place in its budget gets free, and how many wait for one', async () => {
  const { app } = house.todoku;
  const { id } = (await house.api<SenderJson>('POST', '/api/senders', { ...GMAIL_SENDER, dailyLimit: 3 })).json;
  const read = async () => (await house.api<SenderJson>('GET', `/api/senders/${id}`)).json;
  const start = app.now();
  const use = (at: number) =>
    app.db
      .insertInto('sender_uses')
      .values({ id: `use-${at}`, sender_id: id, at })
      .execute();
  for (const hoursAgo of [30, 20, 10]) await use(start - hoursAgo * 3_600_000);
  let sender = await read();
  assert.deepEqual([sender.usedLast24Hours, sender.freeAt, sender.waiting], [2, null, 0]);
  await use(start);
  sender = await read();
  assert.equal(sender.usedLast24Hours, 3);
  assert.equal(sender.freeAt, new Date(start - 20 * 3_600_000 + DAY).toISOString());
  // A limit set lower than what was sent already: two of them have to go first.
  await house.api('PATCH', `/api/senders/${id}`, { dailyLimit: 2 });
  assert.equal((await read()).freeAt, new Date(start - 10 * 3_600_000 + DAY).toISOString());
  await house.api('PATCH', `/api/senders/${id}`, { dailyLimit: 4 });
  assert.equal((await read()).freeAt, null);
});

test('the guide is open until somebody leaves it, and done for whoever has had a run', async () => {
  const guide = async () => (await house.api<SettingsJson>('GET', '/api/settings')).json.guide;
  assert.equal(await guide(), 'open');
  const sender = (await house.api<SenderJson>('POST', '/api/senders', GMAIL_SENDER)).json;
  const seed = (await house.api<{ id: string }>('POST', '/api/seeds', GMAIL_SEED)).json;
  const monitor = await house.api<{ id: string }>('POST', '/api/monitors', {
    name: 'M',
    senderId: sender.id,
    seedIds: [seed.id],
    message: { template: 'plain' },
  });
  assert.equal(await guide(), 'open');
  assert.equal((await house.api('POST', `/api/monitors/${monitor.json.id}/runs`)).status, 202);
  assert.equal(await guide(), 'done');
  await house.api('PATCH', '/api/settings', { guide: 'open' });
  assert.equal(await guide(), 'open');
});

test('presets name the host of each domain', async () => {
  const { providers } = (await house.api<PresetsJson>('GET', '/api/presets')).json;
  for (const provider of providers)
    for (const protocol of ['imap', 'pop3'] as const)
      for (const domain of provider.domains) {
        const given = provider[protocol];
        assert.equal(
          given && (given.hostByDomain[domain] ?? given.host),
          serverPreset(provider.id, protocol, `me@${domain}`)?.host ?? null,
        );
      }
  assert.equal(providers.find(({ id }) => id === 'gmx')?.imap?.hostByDomain['gmx.com'], 'imap.gmx.com');
});
