/** Campaigns over the API: what may come in, in one clear sentence what may not, reports, links that expire, and what is seen without a session. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { AuditJson, NewShareJson, PolicyJson, SharesJson, SourcesJson } from '../../server/api/json/audits.ts';
import type { CampaignJson, CampaignsJson, WatchJson } from '../../server/api/json/campaigns.ts';
import type { PreviewJson } from '../../server/api/json/previews.ts';
import { newsletter } from '../flow/campaign-world.ts';
import { type CampaignHouse, openCampaignHouse, QUIET } from './campaign-house.ts';
import { type Answer, asPage, GMAIL_SEED, GMAIL_SENDER, type House, setPassword } from './house.ts';

const DAY = 86_400_000;
let house: House;
let cookie: string;
let post: CampaignHouse['post'];
let audited: CampaignHouse['audited'];
let close: CampaignHouse['close'];
before(async () => {
  ({ house, post, audited, close } = await openCampaignHouse({ TODOKU_MAX_MESSAGE_MB: '60' }));
  cookie = await setPassword(house);
});
after(() => close());

describe('bad input', () => {
  const nested = (depth: number): string => {
    const open = Array.from(
      { length: depth },
      (_, i) => `Content-Type: multipart/mixed; boundary="b${i}"\r\n\r\n--b${i}\r\n`,
    );
    return `From: a@b.test\r\nSubject: x\r\n${open.join('')}\r\nend`;
  };
  const parts = (count: number): string =>
    `From: a@b.test\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(count)}--b--\r\n`;
  const TAKEN: [name: string, raw: () => Buffer][] = [
    ['50 MB', () => Buffer.concat([QUIET, Buffer.alloc(50_000_000, `${'x'.repeat(76)}\r\n`)])],
    ['10,000 parts', () => Buffer.from(parts(10_000))],
    [
      '100,000 addresses',
      () => Buffer.from(`From: a@b.test\r\nTo: ${'a@b.test,\r\n '.repeat(100_000)}z@b.test\r\nSubject: x\r\n\r\nx`),
    ],
    [
      'a header line of 1 MB',
      () => Buffer.from(`From: a@b.test\r\nX-Long: ${'y'.repeat(1_000_000)}\r\nSubject: x\r\n\r\nx`),
    ],
    ['endless nesting', () => Buffer.from(nested(2_000))],
    [
      'NULs and 8-bit headers',
      () => Buffer.from('From: \xff\xfe<a@b.test>\r\nSubject: \0\x80\r\n\r\n\0\0\0', 'latin1'),
    ],
    [
      '5,000 links',
      () =>
        Buffer.from(
          `From: a@b.test\r\nSubject: x\r\nContent-Type: text/html\r\n\r\n${'<a href="https://x.test/">x</a>\r\n'.repeat(5_000)}`,
        ),
    ],
  ];
  for (const [name, raw] of TAKEN)
    test(`${name}: taken or refused in time, with a sentence`, async () => {
      const startedAt = performance.now();
      const { status, json, text } = await post<CampaignJson & { detail: string }>(raw());
      assert.ok(performance.now() - startedAt < 20_000);
      if (status === 201) assert.equal(json.audits.length, 0);
      else {
        assert.ok([400, 413].includes(status), text);
        assert.match(json.detail, /^[A-Z][^\n]{20,300}\.$/);
      }
      // The page stays responsive, and nothing was lost.
      assert.equal((await house.api('GET', '/api/campaigns?limit=1')).status, 200);
    });

  test('too large for this installation is refused before it is read', async () => {
    const { status, json } = await post<{ code: string; detail: string }>(Buffer.alloc(61_000_000, 'a'));
    assert.deepEqual([status, json.code], [413, 'too-large']);
  });

  const REFUSED: [
    name: string,
    send: () => Promise<Answer<{ code: string; detail: string }>>,
    status: number,
    words: RegExp,
  ][] = [
    ['no mail at all', () => post(Buffer.from('%PDF-1.7 and more')), 400, /This is no mail/],
    ['an empty file', () => post(Buffer.alloc(0)), 400, /no mail/],
    [
      'another type',
      () =>
        house.raw(
          'POST',
          '/api/campaigns',
          { authorization: `Bearer ${house.token}`, 'content-type': 'text/html' },
          '<p>',
        ),
      400,
      /message\/rfc822/,
    ],
    ['nothing in JSON', () => house.api('POST', '/api/campaigns', {}), 400, /name/],
    ['a draft without From', () => house.api('POST', '/api/campaigns', { subject: 'x', text: 'y' }), 400, /address/],
    [
      'two addresses in From',
      () => house.api('POST', '/api/campaigns', { from: 'a@b.test, c@d.test', text: 'y' }),
      400,
      /from/,
    ],
    [
      'a header in the subject',
      () => house.api('POST', '/api/campaigns', { from: 'a@b.test', subject: 'x\r\nBcc: z@z.test', text: 'y' }),
      400,
      /subject/,
    ],
    ['an unknown campaign', () => house.api('POST', '/api/campaigns/none/audits', {}), 404, /no such campaign/],
    ['an unknown audit', () => house.api('GET', '/api/audits/none/evidence'), 404, /no such audit/],
    ['an unknown watch', () => house.api('GET', '/api/watches/none'), 404, /no such watch/],
  ];
  for (const [name, send, status, words] of REFUSED)
    test(name, async () => {
      const answer = await send();
      assert.equal(answer.status, status, answer.text);
      assert.match(answer.text, words);
      assert.match(answer.json.detail, /^[A-Z]/);
    });

  test('a test that cannot be made is refused, and leaves no audit', async () => {
    const sender = (await house.api<{ id: string }>('POST', '/api/senders', { ...GMAIL_SENDER, dailyLimit: 3 })).json;
    const seed = (await house.api<{ id: string }>('POST', '/api/seeds', GMAIL_SEED)).json;
    const { id } = (await post(QUIET)).json;
    const begin = (placement: object) =>
      house.api<{ detail: string }>('POST', `/api/campaigns/${id}/audits`, { placement });
    for (const [placement, status, words] of [
      [{ senderId: 'none', seedIds: [seed.id] }, 400, /no such sender/],
      [{ senderId: sender.id, seedIds: ['none'] }, 400, /no seed none/],
      [{ senderId: sender.id, seedTags: ['none'] }, 400, /Choose seeds/],
      [{ senderId: sender.id, seedIds: [seed.id], repeats: 11 }, 400, /repeats/],
      [
        { senderId: sender.id, seedIds: [seed.id], repeats: 2, control: true },
        422,
        /takes 4 mails, but Newsletter may send 3/,
      ],
    ] as const) {
      const answer = await begin(placement);
      assert.equal(answer.status, status, answer.text);
      assert.match(answer.text, words);
    }
    assert.equal((await house.api<CampaignJson>('GET', `/api/campaigns/${id}`)).json.audits.length, 0);
    const watched = (await house.api<CampaignJson>('POST', '/api/campaigns', { name: 'W' })).json;
    const early = await house.api<{ detail: string }>('POST', `/api/campaigns/${watched.id}/audits`, {});
    assert.deepEqual([early.status, /watch for it/.test(early.json.detail)], [409, true]);
    const bad = await house.api('POST', `/api/campaigns/${watched.id}/watches`, {
      seedIds: [seed.id],
      recognise: { by: 'header', name: 'X Bad:', value: 'y' },
    });
    assert.equal(bad.status, 400);
  });
});

describe('a campaign', () => {
  test('is audited in the background; the report is in three forms, and harmless', async () => {
    const campaign = (await post(QUIET, '?name=Autumn')).json;
    assert.deepEqual([campaign.name, campaign.size, campaign.audit], ['Autumn', QUIET.length, null]);
    const begun = await house.api<AuditJson>('POST', `/api/campaigns/${campaign.id}/audits`, {
      policy: { ignore: ['html-dark'] },
    });
    assert.deepEqual([begun.status, begun.json.state, begun.json.result], [202, 'waiting', null]);
    assert.equal((await house.api('GET', `/api/audits/${begun.json.id}/report`)).status, 409);
    const audit = await audited(begun.json.id);
    assert.deepEqual([audit.state, audit.verdict, audit.result?.verdict], ['done', 'fix-first', 'fix-first']);
    assert.deepEqual(audit.result?.policy.ignore, ['html-dark']);
    assert.ok(audit.counts && audit.counts.high > 0 && (audit.score ?? 100) < 100);

    const html = await house.api('GET', `/api/audits/${audit.id}/report?language=ja`);
    assert.match(html.headers.get('content-type') ?? '', /^text\/html/);
    assert.match(html.headers.get('content-security-policy') ?? '', /default-src 'none'.*sandbox/);
    assert.match(html.text, /Hello &lt;b&gt;you/);
    const json = await house.api<AuditJson['result']>('GET', `/api/audits/${audit.id}/report?format=json`);
    assert.deepEqual(json.json, audit.result);
    const junit = await house.api('GET', `/api/audits/${audit.id}/report?format=junit&download=1`);
    assert.match(junit.text, /^<\?xml/);
    assert.match(junit.headers.get('content-disposition') ?? '', /^attachment; .*\.xml"$/);

    const { parts, message } = (await house.api<SourcesJson>('GET', `/api/audits/${audit.id}/sources`)).json;
    assert.deepEqual(
      [parts.map(({ type, text }) => [type, text.trim()]), message.cut],
      [[['text', 'A few words.']], false],
    );
    const preview = await house.api<PreviewJson>('GET', `/api/audits/${audit.id}/preview`);
    assert.equal(preview.json.text?.trim(), 'A few words.');
    assert.equal((await house.api('GET', `/api/campaigns/${campaign.id}/message`)).text, QUIET.toString());

    const pack = await fetch(`${house.todoku.url}/api/audits/${audit.id}/evidence`, {
      headers: { authorization: `Bearer ${house.token}` },
    });
    const bytes = Buffer.from(await pack.arrayBuffer());
    assert.equal(bytes.readUInt32LE(0), 0x04034b50);
    for (const name of ['report.html', 'report.json', 'message.eml', 'dns.json']) assert.ok(bytes.includes(name), name);
  });

  test('a newer file takes its place; what was audited stays', async () => {
    const campaign = (await post(QUIET)).json;
    const begun = (await house.api<AuditJson>('POST', `/api/campaigns/${campaign.id}/audits`, {})).json;
    const put = await fetch(`${house.todoku.url}/api/campaigns/${campaign.id}/message`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${house.token}`, 'content-type': 'message/rfc822' },
      body: new Uint8Array(newsletter('other@good.test', { subject: 'Newer' })),
    });
    assert.equal(((await put.json()) as CampaignJson).subject, 'Newer');
    assert.equal((await house.api('GET', `/api/audits/${begun.id}/message`)).text, QUIET.toString());
    assert.equal((await house.api('DELETE', `/api/audits/${begun.id}`)).status, 204);
    assert.equal((await house.api('DELETE', `/api/campaigns/${campaign.id}`)).status, 204);
    assert.equal((await house.api('GET', `/api/campaigns/${campaign.id}`)).status, 404);
  });

  test('a draft is shown as it is typed, and nothing of it is kept', async () => {
    const count = async (): Promise<number> =>
      (await house.api<CampaignsJson>('GET', '/api/campaigns?limit=500')).json.items.length;
    const before = await count();
    const answer = await house.api<PreviewJson>('POST', '/api/draft-previews', {
      from: 'a@b.test',
      subject: 'S',
      html: '<p onclick="x()">こんにちは<script>alert(1)</script></p>',
    });
    assert.equal(answer.status, 200, answer.text);
    assert.match(answer.json.html ?? '', /こんにちは/);
    assert.doesNotMatch(answer.json.html ?? '', /alert|onclick/);
    assert.equal(await count(), before);
  });

  test('the default policy is told, with the schema', async () => {
    const { json } = await house.api<PolicyJson>('GET', '/api/policy');
    assert.deepEqual(
      [json.policy.maxSeverity, json.placementRate, json.policy.inboxRateBy],
      ['medium', 0.5, 'lower-end'],
    );
    assert.ok('properties' in json.schema);
  });
});

describe('a shared report', () => {
  test('opens to whoever has the key, and to nobody when it expired or was revoked', async () => {
    const campaign = (await post(QUIET)).json;
    const begun = (await house.api<AuditJson>('POST', `/api/campaigns/${campaign.id}/audits`, {})).json;
    const share = (body: object) => asPage<NewShareJson>(house, cookie, 'POST', `/api/audits/${begun.id}/shares`, body);
    assert.equal((await share({})).status, 409, 'nothing to share yet');
    await audited(begun.id);
    assert.equal((await house.api('POST', `/api/audits/${begun.id}/shares`, {})).status, 403, 'a token may not');
    const [first, second] = [(await share({ days: 7, language: 'ja' })).json, (await share({ days: 30 })).json];
    const open = (path: string) => house.raw('GET', path, {});
    const shown = await open(first.path);
    assert.equal(shown.status, 200);
    assert.match(shown.text, /<html lang="ja">/);
    assert.match(shown.headers.get('content-security-policy') ?? '', /default-src 'none'/);
    assert.doesNotMatch(shown.text, /<script|src=/i);
    assert.equal(shown.headers.get('cache-control'), 'no-store');
    assert.equal(shown.headers.get('referrer-policy'), 'no-referrer');
    assert.match(shown.headers.get('x-robots-tag') ?? '', /noindex/);

    const list = (await house.api<SharesJson>('GET', `/api/audits/${begun.id}/shares`)).json.items;
    assert.deepEqual(
      list.map((one) => 'key' in one),
      [false, false],
    );
    const stored = await house.todoku.app.db.selectFrom('shares').selectAll().execute();
    assert.ok(!JSON.stringify(stored).includes(first.key));

    assert.equal((await open(`${first.path}x`)).status, 404);
    assert.equal((await open('/api/shared-report?key=todoku_wall_x')).status, 404);
    assert.equal((await open(`/api/audits/${begun.id}/report`)).status, 401);
    house.wait(7 * DAY + 1);
    assert.equal((await open(first.path)).status, 404, 'expired');
    assert.equal((await open(second.path)).status, 200);
    cookie = await setPassword(house);
    assert.equal((await asPage(house, cookie, 'DELETE', `/api/shares/${second.id}`)).status, 204);
    assert.equal((await open(second.path)).status, 404, 'revoked');
  });
});

test('a watch has a list to copy, a token for it, and ends when asked; nothing seen is said', async () => {
  const { json: seeds } = await house.api<{ items: { id: string; address: string }[] }>('GET', '/api/seeds');
  const campaign = (await house.api<CampaignJson>('POST', '/api/campaigns', { name: 'Winter' })).json;
  const made = await house.api<WatchJson>('POST', `/api/campaigns/${campaign.id}/watches`, {
    seedIds: seeds.items.map(({ id }) => id),
  });
  assert.equal(made.status, 201, made.text);
  const watch = made.json;
  assert.match(watch.header ?? '', /^X-Todoku-Campaign: [0-9a-z]{20}$/);
  assert.deepEqual(watch.seedList, seeds.items[0]?.address);
  assert.deepEqual(
    watch.seeds.map(({ seen, reason }) => [seen, reason]),
    [[false, 'watched']],
  );
  assert.equal((await house.api('DELETE', `/api/watches/${watch.id}`)).status, 204);
  const audit = await audited(watch.auditId);
  assert.deepEqual([audit.state, audit.refusal], ['refused', 'nothing-seen']);
  const closed = (await house.api<WatchJson>('GET', `/api/watches/${watch.id}`)).json;
  assert.deepEqual([closed.state, closed.seeds[0]?.reason], ['closed', 'not-seen']);
});

test('a seed list that a spreadsheet opens runs nothing', async () => {
  const address = '=1+1|calc@gmail.com';
  const seed = await house.api<{ id: string }>('POST', '/api/seeds', { ...GMAIL_SEED, address, user: address });
  assert.equal(seed.status, 201, seed.text);
  const campaign = (await house.api<CampaignJson>('POST', '/api/campaigns', { name: 'Autumn' })).json;
  const path = `/api/campaigns/${campaign.id}/watches`;
  const { json: watch } = await house.api<WatchJson>('POST', path, { seedIds: [seed.json.id] });
  const list = await house.api('GET', `/api/watches/${watch.id}/seed-list`);
  assert.equal(list.text, `email,provider\r\n'${address},gmail\r\n`);
});
