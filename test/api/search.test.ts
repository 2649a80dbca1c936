/** The search field: what is found by what people type or paste, in which order, and what is not. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { SearchItemJson, SearchJson } from '../../server/api/json/search.ts';
import { startRun } from '../../server/monitor/run.ts';
import { GMAIL_SEED, GMAIL_SENDER, type House, openHouse } from './house.ts';

let house: House;
const ids: Record<string, string> = {};
const probe = { id: '', token: '', messageId: '' };

before(async () => {
  house = await openHouse();
  const add = async (path: string, body: unknown): Promise<string> => {
    const answer = await house.api<{ id: string }>('POST', path, body);
    assert.equal(answer.status, 201, answer.text);
    return answer.json.id;
  };
  ids.newsletter = await add('/api/senders', GMAIL_SENDER);
  ids.shop = await add('/api/senders', {
    ...GMAIL_SENDER,
    ...{ name: 'Shop receipts', fromAddress: 'shop@example.com' },
    smtp: { ...GMAIL_SENDER.smtp, host: 'smtp.mailgun.org', port: 465 },
  });
  ids.gmail = await add('/api/seeds', GMAIL_SEED);
  ids.percent = await add('/api/seeds', { ...GMAIL_SEED, address: '100%_sure@gmail.com', tags: ['Zürich', 'b2b'] });
  ids.yahoo = await add('/api/seeds', {
    ...GMAIL_SEED,
    ...{ address: 'anna@yahoo.co.jp', provider: 'yahoo-japan', host: 'imap.mail.yahoo.co.jp', tags: ['japan'] },
  });
  const monitor = async (name: string): Promise<string> =>
    add('/api/monitors', { name, senderId: ids.newsletter, seedIds: [ids.gmail], message: { template: 'plain' } });
  ids.domain = await add('/api/domains', { name: 'mail.shop.test' });
  ids.international = await add('/api/domains', { name: 'bücher.test' });
  const draft = (name: string | null, subject: string, from: string): Promise<string> =>
    add('/api/campaigns', { ...(name === null ? {} : { name }), subject, from, text: 'Words' });
  ids.sale = await draft('Spring 2026', '春の大セール', 'hello@flowers.test');
  ids.plain = await draft(null, 'Winter boots are here', 'hello@xn--bcker-gra.example');
  ids.japanese = await add('/api/domains', { name: '例え-はじめよう.みんな' });
  ids.weekly = await monitor('Weekly newsletter');
  ids.order = await monitor('注文確認メール');
  ids.news = await monitor('News');
  ids.run = (await startRun(house.todoku.app, ids.weekly, { slotAt: null })).id;
  const row = await house.todoku.app.db.selectFrom('probes').selectAll().executeTakeFirstOrThrow();
  Object.assign(probe, { id: row.id, token: row.token, messageId: row.message_id });
});
after(() => house.close());

const search = async (q: string, limit?: number): Promise<SearchItemJson[]> => {
  const answer = await house.api<SearchJson>(
    'GET',
    `/api/search?q=${encodeURIComponent(q)}${limit === undefined ? '' : `&limit=${limit}`}`,
  );
  assert.equal(answer.status, 200, answer.text);
  return answer.json.items;
};
const short = (items: SearchItemJson[]): string[] =>
  items.map(({ kind, id, match }) => {
    const known = Object.entries(ids).find(([, one]) => one === id)?.[0];
    return `${kind} ${known ?? (id === probe.id ? 'probe' : id)} by ${match}`;
  });

describe('what people type', () => {
  const CASES: [q: string, found: string[]][] = [
    ['weekly', ['monitor weekly by name', 'run run by monitor']],
    ['WEEKLY  newsletter', ['monitor weekly by name', 'run run by monitor']],
    ['letter week', ['monitor weekly by name', 'run run by monitor']],
    ['注文', ['monitor order by name']],
    ['確認メール', ['monitor order by name']],
    ['shop', ['sender shop by name', 'domain domain by name']],
    ['mail.shop', ['domain domain by name']],
    ['BÜCHER.test', ['domain international by name']],
    ['xn--bcher', ['domain international by host']],
    ['büch', ['domain international by name']],
    ['例え', ['domain japanese by name']],
    ['はじめよう', ['domain japanese by name']],
    ['例え みんな', ['domain japanese by name']],
    ['例え-はじめよう。みんな', ['domain japanese by name']],
    ['例え 存在しない', []],
    ['shop@example.com', ['sender shop by address']],
    ['mailgun', ['sender shop by host']],
    ['japan', ['seed yahoo by tag']],
    ['yahoo.co.jp anna', ['seed yahoo by address']],
    ['b2b', ['seed percent by tag']],
    ['100%', ['seed percent by address']],
    ['100%_s', ['seed percent by address']],
    ['1__%', []],
    ['spring', ['campaign sale by name']],
    ['大セール', ['campaign sale by subject']],
    ['flowers.test', ['campaign sale by host']],
    ['hello@flowers.test', ['campaign sale by address']],
    ['2026 flowers', ['campaign sale by name']],
    ['winter boots', ['campaign plain by name']],
    ['bäcker.example', ['campaign plain by host']],
    ['xn--bcker-gra.example', ['campaign plain by address']],
    ['100% spring', []],
    ['%', ['seed percent by address']],
    ["'; DROP TABLE probes; --", []],
    ['nobody', []],
    ['weekly nobody', []],
  ];
  for (const [q, found] of CASES)
    test(q, async () => {
      assert.deepEqual(short(await search(q)), found);
    });

  test('what is called exactly so comes first, then what begins so', async () => {
    const found = short(await search('news'));
    assert.equal(found[0], 'monitor news by name');
    assert.ok(found.indexOf('sender newsletter by name') < found.indexOf('run run by monitor'), found.join());
    assert.ok(found.includes('monitor weekly by name'));
  });
  test('so many and no more', async () => {
    assert.equal((await search('e', 2)).length, 2);
    for (const query of ['q=', 'q=%20', `q=${'x'.repeat(301)}`, 'q=a&limit=51', 'q=a&limit=0', ''])
      assert.equal((await house.api('GET', `/api/search?${query}`)).status, 400, query);
  });
});

describe('audits of campaigns', () => {
  test('the newest is found beside its campaign, an earlier one by the subject that its mail had then', async () => {
    const body = { from: 'hello@flowers.test', text: 'Words' };
    const begin = async (): Promise<string> =>
      (await house.api<{ id: string }>('POST', `/api/campaigns/${ids.sale}/audits`, {})).json.id;
    ids.before = await begin();
    ids.first = await begin();
    const change = { draft: { ...body, subject: 'Tulips for less' } };
    assert.equal((await house.api('PATCH', `/api/campaigns/${ids.sale}`, change)).status, 200);
    ids.second = await begin();
    assert.deepEqual(short(await search('tulips')), ['campaign sale by subject', 'audit second by subject']);
    assert.deepEqual(short(await search('spring')), ['campaign sale by name', 'audit second by campaign']);
    // Its campaign has another by now; of those with the same, the newest.
    const [found, ...more] = await search('大セール');
    assert.deepEqual(short(found ? [found] : []), ['audit first by subject']);
    assert.deepEqual([found?.title, found?.detail, more], ['Spring 2026', '春の大セール', []]);
    assert.ok(found?.at);
    assert.equal((await search('e', 3)).length, 3);
  });
});

describe('what people paste', () => {
  const CASES: [what: string, q: () => string, match: string][] = [
    ['a token', () => probe.token, 'token'],
    ['a token in capitals', () => ` ${probe.token.toUpperCase()} `, 'token'],
    ['the beginning of a token', () => probe.token.slice(0, 8), 'token'],
    ['a Message-ID', () => probe.messageId, 'message-id'],
    ['a Message-ID in brackets', () => `<${probe.messageId}>`, 'message-id'],
    ['a whole header line', () => `Message-ID: <${probe.messageId}>`, 'message-id'],
    ['the beginning of a Message-ID', () => `<${probe.messageId.slice(0, -4)}`, 'message-id'],
    ['the id of a probe', () => probe.id, 'id'],
  ];
  for (const [what, q, match] of CASES)
    test(what, async () => {
      const [item, ...more] = await search(q());
      assert.deepEqual([item?.kind, item?.id, item?.match], ['probe', probe.id, match]);
      assert.equal(item?.title, 'seed@gmail.com');
      assert.ok(item?.at);
      assert.deepEqual(more, []);
    });
  test('the id of a run, and its beginning', async () => {
    for (const q of [ids.run ?? '', (ids.run ?? '').slice(0, 14)]) {
      const [item] = await search(q);
      assert.deepEqual(
        [item?.kind, item?.id, item?.title, item?.detail],
        ['run', ids.run, 'Weekly newsletter', 'running'],
      );
    }
  });
  test('too short a beginning, or one with a space in it, is none', async () => {
    assert.deepEqual(await search(probe.token.slice(0, 5)), []);
    assert.deepEqual(await search(`${probe.token} x`), []);
  });
});
