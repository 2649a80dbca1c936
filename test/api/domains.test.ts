/** Sending domains over the API, against zones on loopback: added, checked, changed while somebody watches, asked about, and forgotten. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type {
  ChecksJson,
  DmarcReportJson,
  DomainDetailsJson,
  DomainJson,
  DomainsJson,
  HistoryJson,
  SpfEvaluationJson,
} from '../../server/api/json/domains.ts';
import { type Asked, type Authority, type Script, startAuthority } from '../dns/authority.ts';
import { aggregateReport } from '../domain/reports.ts';
import { answerFrom, parseZone, type Zone } from '../domain/zone.ts';
import { type House, openHouse } from './house.ts';

const KEY = 'v=DKIM1; k=ed25519; p=7OlKMGn2VNwIS7TecHnmvn3nnoUSczPp++zczeL0+aE=';
const ZONE = `
a.test                TXT  "v=spf1 ip4:192.0.2.0/24 include:esp.test -all"
esp.test              TXT  "v=spf1 ip4:198.51.100.7 -all"
_dmarc.a.test         TXT  "v=DMARC1; p=none; rua=mailto:dmarc@a.test"
a.test                MX   10 mx.a.test
mx.a.test             A    127.0.0.9
s1._domainkey.a.test  TXT  "${KEY}"
7.2.0.192.in-addr.arpa PTR out.a.test
out.a.test            A    192.0.2.7
`;
const MINUTE = 60_000;

let zone: Zone;
let fail: (name: string, type: string) => Script | null;
let authority: Authority;
let house: House;
before(async () => {
  authority = await startAuthority((name: string, type: string, asked: Asked) => {
    const said = fail(name.toLowerCase(), type) ?? answerFrom(zone, name.toLowerCase(), type, asked);
    // Nothing is kept by the client: each check sees what stands there now.
    return { ...said, soaMinimum: 0, answers: said.answers?.map((record) => ({ ...record, ttl: 0 })) ?? [] };
  });
  house = await openHouse({ TODOKU_DNS_SERVERS: authority.address, TODOKU_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8' });
});
after(async () => {
  await house?.close();
  await authority?.close();
});
beforeEach(async () => {
  zone = parseZone(ZONE);
  fail = () => null;
  const { json } = await house.api<DomainsJson>('GET', '/api/domains');
  for (const { id } of json.items) await house.api('DELETE', `/api/domains/${id}`);
});

const add = async (body: Record<string, unknown> = { name: 'a.test' }): Promise<DomainJson> => {
  const { status, json, text } = await house.api<DomainJson>('POST', '/api/domains', body);
  assert.equal(status, 201, text);
  return json;
};
const check = async (id: string): Promise<DomainDetailsJson> => {
  const { status, json, text } = await house.api<DomainDetailsJson>('POST', `/api/domains/${id}/checks`, {});
  assert.equal(status, 201, text);
  return json;
};
const history = async (id: string) => (await house.api<HistoryJson>('GET', `/api/domains/${id}/history`)).json.items;
const replace = (name: string, type: string, value: string | null): void => {
  const kept = (zone.get(name) ?? []).filter((entry) => entry.type !== type);
  const fresh = value === null ? [] : (parseZone(`${name} ${type} ${value}`).get(name) ?? []);
  zone.set(name, [...kept, ...fresh]);
  if (zone.get(name)?.length === 0) zone.delete(name);
};
const ids = ({ check: made }: DomainDetailsJson) => made?.findings.map(({ id }) => id) ?? [];

describe('a domain', () => {
  test('is added in any spelling, once, and nothing else is taken for one', async () => {
    const { id, name, state, checkedAt, nextCheckAt } = await add({ name: ' A.Test. ', selectors: ['S1', 's1'] });
    assert.deepEqual([name, state, checkedAt], ['a.test', null, null]);
    assert.ok(Math.abs(Date.parse(nextCheckAt ?? '') - Date.now()) < 10 * MINUTE, 'due at once');
    const twice = await house.api('POST', '/api/domains', { name: 'a.test' });
    assert.deepEqual([twice.status, (twice.json.extra as { id: string }).id], [409, id]);
    const other = await add({ name: 'bücher.test' });
    assert.equal(other.name, 'xn--bcher-kva.test');
  });

  test('what is none is refused with one clear sentence, and nothing is stored', async () => {
    const REFUSED: [body: unknown, path: string, sentence: RegExp][] = [
      [{}, 'name', /must be a domain like example\.com/],
      [{ name: '' }, 'name', /must be a domain like example\.com/],
      [{ name: 7 }, 'name', /must be a domain like example\.com/],
      [{ name: 'localhost' }, 'name', /is a single word/],
      [{ name: '192.0.2.1' }, 'name', /is an address, not a domain/],
      [{ name: '2001:db8::1' }, 'name', /is an address, not a domain/],
      [{ name: 'https://a.test' }, 'name', /write only a\.test\./],
      [{ name: 'ann@a.test' }, 'name', /write only a\.test\./],
      [{ name: 'co.uk' }, 'name', /others have their domains/],
      [{ name: '_dmarc.a.test' }, 'name', /where a record stands/],
      [{ name: 'a.test\u0000' }, 'name', /one line/],
      [{ name: '\u202ea.test' }, 'name', /is no domain/],
      [{ name: `${'a'.repeat(64)}.test` }, 'name', /is no domain/],
      [{ name: 'x'.repeat(100_000) }, 'name', /too long for a domain/],
      [{ name: 'b.test', selectors: ['a b'] }, 'selectors.0', /is no selector/],
      [{ name: 'b.test', selectors: 's1' }, 'selectors', /./],
      [{ name: 'b.test', selectors: Array.from({ length: 51 }, (_, i) => `s${i}`) }, 'selectors', /50 at most/],
      [{ name: 'b.test', ips: ['300.1.1.1'] }, 'ips.0', /must be an IP address/],
      [{ name: 'b.test', ips: ['fe80::1%eth0'] }, 'ips.0', /must be an IP address/],
      [{ name: 'b.test', ips: Array.from({ length: 21 }, (_, i) => `192.0.2.${i}`) }, 'ips', /20 at most/],
    ];
    type Problem = { detail: string; errors: { path: string }[] };
    for (const [body, path, sentence] of REFUSED) {
      const { status, json } = await house.api<Problem>('POST', '/api/domains', body);
      assert.equal(status, 400, JSON.stringify(body).slice(0, 60));
      assert.equal(json.errors[0]?.path, path);
      assert.match(json.detail, sentence);
      assert.ok(json.detail.length < 300, json.detail);
    }
    assert.deepEqual((await house.api<DomainsJson>('GET', '/api/domains')).json.items, []);
    const { id } = await add();
    for (const [body] of REFUSED.slice(-6, -5).concat(REFUSED.slice(-3)))
      assert.equal((await house.api('PATCH', `/api/domains/${id}`, body)).status, 400);
    for (const path of ['?limit=0', '?limit=x', `/${id}/history?limit=1000000`])
      assert.equal((await house.api('GET', `/api/domains${path}`)).status, 400, path);
  });

  test('addresses are one text each, however they are written; ten who add the same name make one', async () => {
    const { ips } = await add({
      name: 'c.test',
      ips: ['2001:DB8:0::1', '2001:db8::1', '::ffff:192.0.2.7', '192.0.2.7'],
    });
    assert.deepEqual(ips, ['2001:db8::1', '192.0.2.7']);
    const all = await Promise.all(
      Array.from({ length: 10 }, () => house.api('POST', '/api/domains', { name: 'b.test' })),
    );
    assert.deepEqual(all.map(({ status }) => status).sort(), [201, ...Array.from({ length: 9 }, () => 409)]);
  });

  test('stands in the list page by page, with its state, counts and protocols', async () => {
    const first = await add({ name: 'a.test', selectors: ['s1'], ips: ['192.0.2.7'] });
    const second = await add({ name: 'b.test' });
    await check(first.id);
    const page = (await house.api<DomainsJson>('GET', '/api/domains?limit=1')).json;
    assert.deepEqual([page.items.length, page.nextCursor], [1, first.id]);
    const [one] = page.items;
    assert.deepEqual([one?.state, one?.counts?.critical, one?.uncheckedSince], ['medium', 0, null]);
    assert.deepEqual(one?.protocols?.spf, { asked: 'found', worst: null });
    assert.equal(one?.protocols?.dmarc?.worst, 'medium');
    assert.equal(one?.since, one?.checkedAt);
    const rest = (await house.api<DomainsJson>('GET', `/api/domains?cursor=${page.nextCursor}`)).json;
    assert.deepEqual(
      rest.items.map(({ id, state }) => [id, state]),
      [[second.id, null]],
    );
    const found = (await house.api<DomainsJson>('GET', '/api/domains?search=A.te')).json;
    assert.deepEqual(
      found.items.map(({ id }) => id),
      [first.id],
    );
  });

  test('changed: what is known now is due at once; paused: nothing is due; deleted: gone with all of it', async () => {
    const { id } = await add();
    await check(id);
    const patched = await house.api<DomainJson>('PATCH', `/api/domains/${id}`, { ips: ['192.0.2.7'] });
    assert.deepEqual([patched.status, patched.json.ips], [200, ['192.0.2.7']]);
    assert.ok(Date.parse(patched.json.nextCheckAt ?? '') <= house.todoku.app.now());
    const paused = await house.api<DomainJson>('PATCH', `/api/domains/${id}`, { paused: true });
    assert.deepEqual([paused.json.nextCheckAt, paused.json.pausedAt !== null], [null, true]);
    // By hand it is checked all the same, and stays paused.
    assert.equal((await check(id)).nextCheckAt, null);
    const resumed = await house.api<DomainJson>('PATCH', `/api/domains/${id}`, { paused: false });
    assert.ok(resumed.json.nextCheckAt !== null);
    assert.equal((await house.api('DELETE', `/api/domains/${id}`)).status, 204);
    for (const path of ['', '/history', '/checks', '/spf-evaluations?ip=192.0.2.1'])
      assert.equal((await house.api('GET', `/api/domains/${id}${path}`)).status, 404);
    for (const table of ['domain_facts', 'domain_snapshots', 'domain_checks', 'domain_changes'] as const)
      assert.equal((await house.todoku.app.db.selectFrom(table).selectAll().execute()).length, 0, table);
  });
});

describe('a check', () => {
  test('has every record, the findings with what to publish, and since when each is there', async () => {
    const { id } = await add({ name: 'a.test', selectors: ['s1'], ips: ['192.0.2.7'] });
    const first = await check(id);
    assert.deepEqual(Object.keys(first.check?.records ?? {}).sort(), [
      ...['bimi', 'blocklists', 'dane', 'dkim', 'dmarc', 'dnssec', 'mtaSts', 'mx', 'ptr', 'spf', 'tlsRpt'],
    ]);
    const { spf, dkim, dmarc, ptr } = first.check?.records ?? {};
    assert.deepEqual([spf?.lookups, spf?.terms[1]?.node?.record], [1, 'v=spf1 ip4:198.51.100.7 -all']);
    assert.equal(dkim?.[0]?.since, first.check?.checkedAt, 'from now on its age is known');
    assert.deepEqual([dmarc?.policyDomain, dmarc?.steps.length], ['a.test', 2]);
    assert.deepEqual(ptr?.addresses[0]?.names[0], { name: 'out.a.test', asked: 'found', addresses: ['192.0.2.7'] });
    const none = first.check?.findings.find((finding) => finding.id === 'dmarc-policy-none');
    assert.equal(none?.since, first.check?.checkedAt);
    assert.equal(none?.fix?.name, '_dmarc.a.test');
    house.wait(3 * 3_600_000);
    const second = await check(id);
    assert.equal(second.check?.findings.find((finding) => finding.id === 'dmarc-policy-none')?.since, none?.since);
    assert.equal(second.since, first.since);
    const { items } = (await house.api<ChecksJson>('GET', `/api/domains/${id}/checks`)).json;
    assert.deepEqual(
      items.map(({ state, unasked }) => [state, unasked]),
      [
        ['medium', 0],
        ['medium', 0],
      ],
    );
  });

  test('is shared by all who ask for it at the same time', async () => {
    const { id } = await add();
    const asked = authority.asked.length;
    const answers = await Promise.all(Array.from({ length: 5 }, () => check(id)));
    assert.equal(new Set(answers.map((one) => one.check?.checkedAt)).size, 1);
    const questions = authority.asked.slice(asked).map(({ type, name }) => `${type} ${name}`);
    assert.equal(questions.length, new Set(questions).size);
    assert.equal((await house.api<ChecksJson>('GET', `/api/domains/${id}/checks`)).json.items.length, 1);
  });

  test('what another instance checks is left alone, and told of', async () => {
    const { id } = await add();
    const { db, now } = house.todoku.app;
    await db
      .updateTable('domains')
      .set({ claimed_by: 'x', claimed_until: now() + MINUTE })
      .execute();
    const { status, json } = await house.api<DomainDetailsJson>('POST', `/api/domains/${id}/checks`, {});
    assert.deepEqual([status, json.checking, json.check], [202, true, null]);
    // Its process died: after a minute the claim is nobody's.
    house.wait(MINUTE + 1000);
    assert.equal((await check(id)).checking, false);
  });
});

describe('history', () => {
  test('a change is an event at once, with what differs', async () => {
    const { id } = await add();
    await check(id);
    assert.deepEqual(await history(id), [], 'the first check changes nothing');
    replace('_dmarc.a.test', 'TXT', '"v=DMARC1; p=reject; rua=mailto:dmarc@a.test"');
    const after = await check(id);
    assert.ok(!ids(after).includes('dmarc-policy-none'));
    const [change, ...others] = await history(id);
    assert.deepEqual(others, []);
    assert.deepEqual(
      [change?.protocol, change?.name, change?.type, change?.kind],
      ['dmarc', '_dmarc.a.test', 'TXT', 'changed'],
    );
    assert.deepEqual(change?.before, ['v=DMARC1; p=none; rua=mailto:dmarc@a.test']);
    assert.deepEqual(change?.diff, [
      {
        kind: 'changed',
        parts: [
          { kind: 'same', text: 'v=DMARC1; ' },
          { kind: 'removed', text: 'p=none; ' },
          { kind: 'added', text: 'p=reject; ' },
          { kind: 'same', text: 'rua=mailto:dmarc@a.test' },
        ],
      },
    ]);
    const overview = await house.api<{ marks: { reason: string; name: string; domainId: string | null }[] }>(
      'GET',
      '/api/overview',
    );
    const mark = overview.json.marks.find((one) => one.reason === 'domain-record-changed' && one.domainId === id);
    assert.equal(mark?.name, 'a.test');
  });

  test('gone is gone when it was seen twice, a minute apart; until then it stands', async () => {
    const { id } = await add({ name: 'a.test', selectors: ['s1'] });
    const before = await check(id);
    replace('s1._domainkey.a.test', 'TXT', null);
    const seen = await check(id);
    assert.deepEqual(await history(id), []);
    assert.deepEqual(ids(seen), ids(before));
    assert.equal(seen.check?.unconfirmed[0]?.name, 's1._domainkey.a.test');
    assert.ok(Date.parse(seen.nextCheckAt ?? '') - house.todoku.app.now() < 2 * MINUTE, 'it is looked at again soon');
    house.wait(30_000);
    assert.deepEqual(
      await history(id)
        .then(() => check(id))
        .then(ids),
      ids(before),
    );
    house.wait(31_000);
    const gone = await check(id);
    assert.ok(ids(gone).includes('dkim-selector-missing'));
    const [change] = await history(id);
    assert.deepEqual([change?.kind, change?.protocol, change?.before, change?.after], ['removed', 'dkim', [KEY], []]);
    replace('s1._domainkey.a.test', 'TXT', `"${KEY}"`);
    await check(id);
    const kinds = (await history(id)).map(({ kind }) => kind);
    assert.deepEqual(kinds, ['added', 'removed']);
  });

  test('SERVFAIL, REFUSED and rubbish change no verdict and are no event: it could not be checked since', async () => {
    const { id } = await add({ name: 'a.test', selectors: ['s1'], ips: ['192.0.2.7'] });
    const before = await check(id);
    let failures = 0;
    for (let round = 0; round < 12; round++) {
      house.wait(6 * 3_600_000);
      fail = (name) => {
        // What was never asked before is asked by nobody now.
        failures++;
        return round % 3 === 0
          ? { rcode: 2 }
          : round % 3 === 1
            ? { rcode: 5 }
            : { rcode: name.length % 2 === 0 ? 2 : 5 };
      };
      const during = await check(id);
      assert.deepEqual(
        [during.state, during.since, during.counts],
        [before.state, before.since, before.counts],
        `round ${round}`,
      );
      assert.deepEqual(ids(during), ids(before));
      assert.deepEqual(during.check?.records.dmarc, before.check?.records.dmarc);
      assert.ok((during.check?.unasked.length ?? 0) > 20);
    }
    assert.ok(failures > 900, String(failures));
    assert.deepEqual(await history(id), []);
    const first = (await house.api<DomainDetailsJson>('GET', `/api/domains/${id}`)).json;
    const failedSince = Date.parse(first.uncheckedSince ?? '');
    assert.ok(Math.abs(failedSince - (Date.parse(before.checkedAt ?? '') + 6 * 3_600_000)) < MINUTE);
    fail = () => null;
    const again = await check(id);
    assert.deepEqual([again.uncheckedSince, again.check?.unasked, again.since], [null, [], before.since]);
  });

  test('a domain that was never answered is not fine, it is unknown', async () => {
    fail = () => ({ rcode: 2 });
    const { id } = await add();
    const blind = await check(id);
    assert.deepEqual([blind.state, blind.since], [null, null]);
    fail = () => null;
    assert.equal((await check(id)).state, 'medium');
    assert.deepEqual(await history(id), [], 'that it is known now is no change');
  });
});

describe('questions', () => {
  test('would this address pass?', async () => {
    const { id } = await add();
    const ask = async (query: string) =>
      (await house.api<SpfEvaluationJson>('GET', `/api/domains/${id}/spf-evaluations?${query}`)).json;
    const yes = await ask('ip=198.51.100.7');
    assert.deepEqual([yes.result, yes.domain, yes.term], ['pass', 'a.test', 'include:esp.test']);
    assert.deepEqual(
      yes.path.map(({ depth, domain, term, matched }) => [depth, domain, term, matched]),
      [
        [0, 'a.test', 'ip4:192.0.2.0/24', false],
        [0, 'a.test', 'include:esp.test', true],
        [1, 'esp.test', 'ip4:198.51.100.7', true],
      ],
    );
    assert.equal((await ask('ip=203.0.113.1')).result, 'fail');
    const { status } = await house.api('GET', `/api/domains/${id}/spf-evaluations?ip=nobody`);
    assert.equal(status, 400);
  });

  test('what large providers ask for: answered from DNS, or "cannot be seen from here"', async () => {
    const { id } = await add({ name: 'a.test', selectors: ['s1'], ips: ['192.0.2.7'] });
    const { checklist } = await check(id);
    const answers = Object.fromEntries(checklist.map((one) => [one.id, [one.answer, one.source]]));
    assert.deepEqual(answers, {
      spf: ['met', 'dns'],
      dkim: ['met', 'dns'],
      'dkim-size': ['met', null],
      dmarc: ['met', 'dns'],
      alignment: ['unseen', null],
      ptr: ['met', 'dns'],
      tls: ['unseen', null],
      'takes-mail': ['met', 'dns'],
      'one-click': ['unseen', null],
      complaints: ['unseen', null],
    });
    const microsoft = checklist.filter(({ providers }) => providers.microsoft === 'required').map((one) => one.id);
    assert.deepEqual(microsoft, ['spf', 'dkim', 'dmarc', 'alignment']);
  });
});

describe('DMARC reports', () => {
  const send = async (id: string, file: string | Buffer, type = 'application/octet-stream') => {
    const answer = await fetch(`${house.todoku.url}/api/domains/${id}/reports`, {
      method: 'POST',
      headers: { authorization: `Bearer ${house.token}`, 'content-type': type },
      body: Buffer.from(file),
    });
    return { status: answer.status, json: (await answer.json()) as DmarcReportJson & { detail?: string } };
  };
  const end = Math.floor(Date.now() / 1000) - 3600;
  const report = (domain: string) =>
    aggregateReport(domain, [{ mails: 12, signatures: [{ domain, selector: 's1', result: 'pass' }] }], end);

  test('a selector in one is checked at once, and its source is said', async () => {
    const { id } = await add();
    await check(id);
    const { status, json } = await send(id, gzipSync(report('a.test')));
    assert.equal(status, 200);
    assert.deepEqual([json.reporter, json.mails, json.added], ['receiver.test', 12, ['s1']]);
    const after = await check(id);
    assert.deepEqual(after.known.selectors, [
      { selector: 's1', source: 'reported', seenAt: new Date(end * 1000).toISOString() },
    ]);
    const key = after.check?.records.dkim?.find(({ selector }) => selector === 's1');
    assert.deepEqual([key?.source, key?.asked], ['reported', 'found']);
    assert.deepEqual((await send(id, report('a.test'))).json.added, [], 'the second time it is no news');
  });

  test('what is none, or about another domain, is refused with a sentence', async () => {
    const { id } = await add();
    for (const [file, sentence] of [
      [report('b.test'), /^This report is about b\.test, not about a\.test\.$/],
      ['hello', /^This file is no XML/],
      ['<a/>', /^This file is no DMARC aggregate report/],
      [Buffer.alloc(6_000_000), /larger than the 5 MB/],
    ] as const) {
      const { status, json } = await send(id, file);
      assert.ok(status === 400 || status === 413 || status === 422, String(status));
      assert.match(json.detail ?? '', sentence);
    }
    assert.match((await send(id, report('a.test'), 'image/png')).json.detail ?? '', /^Send the report itself/);
    assert.equal((await send('none', report('a.test'))).status, 404);
    assert.deepEqual((await check(id)).known.selectors, []);
  });
});
