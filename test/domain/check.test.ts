/**
 * Checks as they are stored: ten thousand failures change nothing, several instances check each domain once, a kill loses nothing, and what changed stands in the charts
 * of the mail it concerns. Over real packets, with a clock that is turned.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { forgetFuture } from '../../db/clock.ts';
import { dueDomains } from '../../db/domains.ts';
import { forgetOld } from '../../db/forget.ts';
import type { ChecksJson, DomainDetailsJson, DomainJson, HistoryJson } from '../../server/api/json/domains.ts';
import type { MarkJson } from '../../server/api/json/marks.ts';
import { createDnsClient, type DnsClient } from '../../server/dns/client.ts';
import { CHECK_EVERY_MS, type CheckApp, checkDomain } from '../../server/domain/check.ts';
import { CONFIRM_MS } from '../../server/domain/memory.ts';
import { createChecking } from '../../server/domain/schedule.ts';
import { GMAIL_SEED, GMAIL_SENDER, type House, openHouse } from '../api/house.ts';
import { type Asked, type Authority, type Script, startAuthority } from '../dns/authority.ts';
import { endVictim, spawnVictim } from '../flow/victim-world.ts';
import { callApi } from '../flow/world.ts';
import { answerFrom, parseZone, type Zone } from './zone.ts';

const KEY = 'v=DKIM1; k=ed25519; p=7OlKMGn2VNwIS7TecHnmvn3nnoUSczPp++zczeL0+aE=';
const ZONE = `
a.test                TXT  "v=spf1 ip4:192.0.2.0/24 include:_spf.a.test -all"
_spf.a.test           TXT  "v=spf1 ip4:198.51.100.7 -all"
_dmarc.a.test         TXT  "v=DMARC1; p=none; rua=mailto:dmarc@a.test"
a.test                MX   10 mx.a.test
mx.a.test             A    127.0.0.9
s1._domainkey.a.test  TXT  "${KEY}"
_smtp._tls.a.test     TXT  "v=TLSRPTv1; rua=mailto:tls@a.test"
default._bimi.a.test  TXT  "v=BIMI1; l=; a="
7.2.0.192.in-addr.arpa PTR out.a.test
out.a.test            A    192.0.2.7
`;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let zone: Zone;
let fail: () => Script | null;
let authority: Authority;
let house: House;
before(async () => {
  authority = await startAuthority((name: string, type: string, asked: Asked) => {
    const said = fail() ?? answerFrom(zone, name.toLowerCase(), type, asked);
    return { ...said, soaMinimum: 0, answers: said.answers?.map((record) => ({ ...record, ttl: 0 })) ?? [] };
  });
  house = await openHouse(world());
});
after(async () => {
  await house?.close();
  await authority?.close();
});
beforeEach(async () => {
  zone = parseZone(ZONE);
  fail = () => null;
  await house.todoku.app.db.deleteFrom('domains').execute();
  await house.todoku.app.db.deleteFrom('marks').execute();
});

const world = () => ({ TODOKU_DNS_SERVERS: authority.address, TODOKU_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8' });
const add = async (name: string, more: Record<string, unknown> = {}): Promise<DomainJson> => {
  const { status, json, text } = await house.api<DomainJson>('POST', '/api/domains', { name, ...more });
  assert.equal(status, 201, text);
  return json;
};
const details = async (id: string) => (await house.api<DomainDetailsJson>('GET', `/api/domains/${id}`)).json;
const history = async (id: string) => (await house.api<HistoryJson>('GET', `/api/domains/${id}/history`)).json.items;
const countOf = async (table: 'domain_checks' | 'domain_snapshots' | 'domain_changes' | 'marks'): Promise<number> =>
  (await house.todoku.app.db.selectFrom(table).select('id').execute()).length;
/** The program, with a DNS client of its own. */
const appWith = (dns: DnsClient): CheckApp => ({ ...house.todoku.app, dns });

test('10,000 SERVFAIL, refusals, time-outs and rubbish: no "removed", no "changed", no other verdict; a real removal is seen', async () => {
  // Silence would cost a quarter of a day at the usual patience.
  const hasty = createDnsClient({ servers: [authority.address], timeoutMs: 25, rounds: 1, now: house.todoku.app.now });
  const [patient, app] = [house.todoku.app, appWith(hasty)];
  const { id } = await add('a.test', { selectors: ['s1'], ips: ['192.0.2.7'] });
  await checkDomain(patient, id);
  const first = await details(id);
  assert.ok((first.check?.findings.length ?? 0) > 5);
  const kinds = { servfail: 0, refused: 0, silence: 0, rubbish: 0 };
  const failures = (): number => Object.values(kinds).reduce((sum, count) => sum + count, 0);
  const FAIL: Record<keyof typeof kinds, Script> = {
    servfail: { rcode: 2 },
    refused: { rcode: 5 },
    silence: { silent: true },
    // An answer to another question, which is as good as none.
    rubbish: { mangle: (good) => [Buffer.concat([Buffer.from([good[0] ?? 0, (good[1] ?? 0) ^ 1]), good.subarray(2)])] },
  };
  const names = Object.keys(kinds) as (keyof typeof kinds)[];
  let round = 0;
  for (; failures() < 10_000; round++) {
    house.wait(CHECK_EVERY_MS);
    fail = () => {
      // In some rounds only every other question fails, so that half of a record's parts are there.
      if (round % 5 === 4 && Math.random() < 0.5) return null;
      const kind = names[(round + Math.floor(Math.random() * 2)) % names.length] ?? 'servfail';
      kinds[kind]++;
      return FAIL[kind];
    };
    const { end } = await checkDomain(app, id);
    assert.equal(end, 'done');
    if (round % 10 !== 9) continue;
    const now = await details(id);
    assert.deepEqual([now.state, now.since, now.counts], [first.state, first.since, first.counts], `round ${round}`);
    assert.ok((now.check?.unasked.length ?? 0) > 0);
    assert.deepEqual(now.check?.unconfirmed, []);
    assert.ok(now.uncheckedSince !== null);
  }
  for (const count of Object.values(kinds)) assert.ok(count > 1000, JSON.stringify(kinds));
  const last = await details(id);
  assert.deepEqual(
    last.check?.findings.map((finding) => [finding.id, finding.since]),
    first.check?.findings.map((finding) => [finding.id, finding.since]),
  );
  const { records } = last.check ?? {};
  for (const key of ['spf', 'dkim', 'dmarc', 'ptr', 'tlsRpt', 'bimi'] as const)
    assert.deepEqual(records?.[key], first.check?.records[key], key);
  assert.deepEqual(await history(id), []);
  assert.deepEqual([await countOf('domain_checks'), await countOf('domain_snapshots')], [round + 1, 1]);
  assert.equal(await countOf('marks'), 0);

  fail = () => null;
  house.wait(CHECK_EVERY_MS);
  await checkDomain(patient, id);
  assert.equal((await details(id)).uncheckedSince, null);
  zone.delete('_dmarc.a.test');
  await checkDomain(patient, id);
  assert.deepEqual(await history(id), [], 'once is not enough');
  // Trouble in between neither confirms nor denies.
  fail = () => ({ rcode: 2 });
  house.wait(CONFIRM_MS);
  await checkDomain(patient, id);
  assert.deepEqual(await history(id), []);
  fail = () => null;
  await checkDomain(patient, id);
  assert.deepEqual(
    (await history(id)).map(({ kind, name, before: was, after: is }) => [kind, name, was, is]),
    [['removed', '_dmarc.a.test', ['v=DMARC1; p=none; rua=mailto:dmarc@a.test'], []]],
  );
  assert.ok((await details(id)).check?.findings.some((finding) => finding.id === 'dmarc-missing'));
  hasty.close();
});

describe('the schedule', () => {
  /** Starts what is due and waits until it is done. */
  async function runDue(app: CheckApp, until: () => Promise<boolean>): Promise<void> {
    const checking = createChecking(app);
    const end = Date.now() + 30_000;
    while (!(await until())) {
      assert.ok(Date.now() < end, 'in time');
      await checking.checkDue();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await checking.close();
  }

  test('two instances on one database check each domain once; the next time is about six hours away, for each another', async () => {
    const other = await openHouse(world(), house.folder);
    try {
      const NAMES = Array.from({ length: 12 }, (_, i) => `d${i}.test`);
      for (const name of NAMES) await add(name);
      const isDone = async (): Promise<boolean> =>
        (await house.todoku.app.db.selectFrom('domains').select('id').where('checked_at', 'is', null).execute())
          .length === 0;
      await Promise.all([runDue(house.todoku.app, isDone), runDue({ ...other.todoku.app }, isDone)]);
      assert.equal(await countOf('domain_checks'), NAMES.length);
      const rows = await house.todoku.app.db.selectFrom('domains').selectAll().execute();
      const waits = rows.map((row) => (row.next_check_at ?? 0) - (row.checked_at ?? 0));
      for (const wait of waits) assert.ok(wait > 0.89 * CHECK_EVERY_MS && wait < 1.11 * CHECK_EVERY_MS, String(wait));
      assert.ok(Math.max(...waits) - Math.min(...waits) > 10 * MINUTE, 'they drift apart');
      assert.ok(rows.every((row) => row.claimed_by === null));
    } finally {
      // The folder is the other house's.
      await other.todoku.stop();
    }
  });

  test('a check that was killed is made again when its claim is nobody’s any more', async () => {
    const slow = await startAuthority((name, type, asked) => ({
      ...answerFrom(zone, name.toLowerCase(), type, asked),
      delayMs: 400,
    }));
    const data = mkdtempSync(join(tmpdir(), 'todoku-killed-'));
    const victim = spawnVictim(null, data, {
      TODOKU_DNS_SERVERS: slow.address,
      TODOKU_BLOCKLISTS: 'off',
      TODOKU_ALLOW_PRIVATE_NETWORKS: '127.0.0.0/8',
    });
    let heir: House | null = null;
    try {
      const door = await victim.ready;
      assert.ok(door !== null);
      const { id } = await callApi<DomainJson>(door.url, door.token, 'POST', '/api/domains', { name: 'a.test' });
      const end = Date.now() + 20_000;
      while (slow.asked.length < 20 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
      await endVictim(victim, 'SIGKILL');
      assert.ok(slow.asked.length >= 20, 'it was in the middle of it');

      heir = await openHouse(world(), data);
      const { api, todoku, wait } = heir;
      const read = async () => (await api<DomainDetailsJson>('GET', `/api/domains/${id}`)).json;
      assert.deepEqual([(await read()).checkedAt, (await read()).checking], [null, true]);
      wait(MINUTE + 1);
      await runDue(todoku.app, async () => (await read()).checkedAt !== null);
      const { json } = await api<ChecksJson>('GET', `/api/domains/${id}/checks`);
      assert.equal(json.items.length, 1);
      assert.equal((await read()).check?.records.dmarc?.tags.p, 'none');
    } finally {
      await endVictim(victim, 'SIGKILL');
      await heir?.close();
      await slow.close();
      rmSync(data, { recursive: true, force: true });
    }
  });

  test('what is gone is looked at again a minute later by itself, and then told of', async () => {
    const { id } = await add('a.test', { selectors: ['s1'] });
    const checks = async () => (await house.api<ChecksJson>('GET', `/api/domains/${id}/checks`)).json.items.length;
    await runDue(house.todoku.app, async () => (await checks()) === 1);
    zone.delete('s1._domainkey.a.test');
    house.wait(1.2 * CHECK_EVERY_MS);
    await runDue(house.todoku.app, async () => (await checks()) === 2);
    assert.deepEqual(await history(id), []);
    house.wait(1.5 * MINUTE);
    await runDue(house.todoku.app, async () => (await checks()) === 3);
    assert.deepEqual(
      (await history(id)).map(({ kind, name }) => [kind, name]),
      [['removed', 's1._domainkey.a.test']],
    );
  });

  test('a record that comes and goes is not looked at every minute for ever', async () => {
    const { id } = await add('a.test', { selectors: ['s1'] });
    const checks = async () => (await house.api<ChecksJson>('GET', `/api/domains/${id}/checks`)).json.items.length;
    let made = 0;
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      zone = parseZone(ZONE);
      if (i % 2 === 1) zone.delete('s1._domainkey.a.test');
      made++;
      await runDue(house.todoku.app, async () => (await checks()) === made);
      const { nextCheckAt } = await details(id);
      waits.push(Date.parse(nextCheckAt ?? '') - house.todoku.app.now());
      house.wait((waits.at(-1) ?? 0) + 1000);
    }
    assert.ok(waits.filter((wait) => wait > 5 * HOUR).length >= 2, JSON.stringify(waits));
  });
});

test('a change stands in the charts of monitors that send from the domain or below it, and in no others', async () => {
  const monitorOf = async (fromAddress: string): Promise<string> => {
    const sender = await house.api<{ id: string }>('POST', '/api/senders', { ...GMAIL_SENDER, fromAddress });
    const seed = await house.api<{ id: string }>('POST', '/api/seeds', {
      ...GMAIL_SEED,
      address: `for-${fromAddress}`,
    });
    const made = await house.api<{ id: string }>('POST', '/api/monitors', {
      name: fromAddress,
      senderId: sender.json.id,
      seedIds: [seed.json.id],
      message: { template: 'plain' },
    });
    assert.equal(made.status, 201, made.text);
    return made.json.id;
  };
  const [own, below, other] = await Promise.all(['n@a.test', 'n@mail.a.test', 'n@ba.test'].map(monitorOf));
  const { id } = await add('a.test');
  await checkDomain(house.todoku.app, id);
  zone.set('_dmarc.a.test', parseZone('_dmarc.a.test TXT "v=DMARC1; p=reject"').get('_dmarc.a.test') ?? []);
  house.wait(HOUR);
  await checkDomain(house.todoku.app, id);
  const now = house.todoku.app.now();
  const period = `from=${new Date(now - 2 * HOUR).toISOString()}&to=${new Date(now + MINUTE).toISOString()}`;
  const marks = async (monitor: string | undefined): Promise<MarkJson[]> =>
    (await house.api<{ marks: MarkJson[] }>('GET', `/api/monitors/${monitor}/placement?${period}`)).json.marks;
  for (const monitor of [own, below]) {
    const [mark, ...more] = await marks(monitor);
    assert.deepEqual(
      [mark?.reason, mark?.name, mark?.domainId, mark?.evidence, more],
      ['domain-record-changed', 'a.test', id, { domainId: id, records: ['DMARC'], count: 1 }, []],
    );
  }
  assert.deepEqual(await marks(other), []);
});

test('our own history finds keys that were never changed and policies that stay at none; a change begins it anew', async () => {
  const { id } = await add('a.test', { selectors: ['s1'] });
  const found = async (): Promise<string[]> => {
    await checkDomain(house.todoku.app, id);
    const { check } = await details(id);
    return (check?.findings ?? [])
      .map((finding) => finding.id)
      .filter((one) => ['dkim-key-never-rotated', 'dmarc-policy-none-for-long'].includes(one));
  };
  const days = (count: number): void => house.wait(count * 24 * HOUR);
  assert.deepEqual(await found(), []);
  days(80);
  assert.deepEqual(await found(), []);
  // A time in which nobody answered is no reason to begin anew.
  fail = () => ({ rcode: 2 });
  days(20);
  await checkDomain(house.todoku.app, id);
  fail = () => null;
  days(1);
  assert.deepEqual(await found(), ['dmarc-policy-none-for-long']);
  days(300);
  assert.deepEqual(await found(), ['dmarc-policy-none-for-long', 'dkim-key-never-rotated']);
  zone.set('_dmarc.a.test', parseZone('_dmarc.a.test TXT "v=DMARC1; p=quarantine"').get('_dmarc.a.test') ?? []);
  const fresh = KEY.replace('p=7Ol', 'p=8Ol');
  zone.set('s1._domainkey.a.test', parseZone(`x TXT "${fresh}"`).get('x') ?? []);
  assert.deepEqual(await found(), []);
  assert.deepEqual((await history(id)).map(({ kind, name }) => `${kind} ${name}`).sort(), [
    'changed _dmarc.a.test',
    'changed s1._domainkey.a.test',
  ]);
  days(60);
  assert.deepEqual(await found(), []);
});

test('checks of long ago are forgotten, with what was published then; changes, and what stands, are not', async () => {
  const { db, now } = house.todoku.app;
  const { id } = await add('a.test');
  const { id: still } = await add('b.test');
  for (const one of [id, still]) await checkDomain(house.todoku.app, one);
  zone.set('_dmarc.a.test', parseZone('_dmarc.a.test TXT "v=DMARC1; p=reject"').get('_dmarc.a.test') ?? []);
  await checkDomain(house.todoku.app, id);
  assert.deepEqual([await countOf('domain_checks'), await countOf('domain_snapshots')], [3, 3]);
  await forgetOld(db, now() + 399 * 24 * HOUR);
  assert.equal(await countOf('domain_checks'), 3);
  await forgetOld(db, now() + 401 * 24 * HOUR);
  assert.deepEqual([await countOf('domain_checks'), await countOf('domain_snapshots')], [0, 2]);
  assert.equal((await history(id)).length, 1);
  // It goes on from what stands: nothing is new.
  house.wait(CHECK_EVERY_MS);
  for (const one of [id, still]) await checkDomain(house.todoku.app, one);
  assert.deepEqual([(await history(id)).length, await countOf('domain_changes')], [1, 1]);
});

test('metrics count domains by state, and those that DNS says nothing of; a clock that was set back makes all of them due', async () => {
  for (const name of ['a.test', 'b.test']) await add(name);
  const { id } = await add('c.test');
  await checkDomain(house.todoku.app, id);
  const metrics = async () => (await house.api('GET', '/metrics')).text;
  assert.match(await metrics(), /^todoku_domains\{state="unknown"\} 2$/m);
  assert.match(await metrics(), /^todoku_domains\{state="high"\} 1$/m);
  assert.match(await metrics(), /^todoku_domains_unchecked 0$/m);
  fail = () => ({ rcode: 2 });
  await checkDomain(house.todoku.app, id);
  assert.match(await metrics(), /^todoku_domains_unchecked 1$/m);
  const { db, now } = house.todoku.app;
  const yesterday = now() - 24 * HOUR;
  await forgetFuture(db, yesterday);
  assert.equal((await dueDomains(db, yesterday, 10)).length, 3);
});

test('a domain that is deleted, paused or changed while it is checked: nothing is stored against it', async () => {
  const { id } = await add('a.test');
  const gone = checkDomain(house.todoku.app, id);
  await house.api('DELETE', `/api/domains/${id}`);
  assert.equal((await gone).end, 'stopped');
  assert.equal(await countOf('domain_checks'), 0);
  const second = await add('a.test');
  const going = checkDomain(house.todoku.app, second.id);
  await house.api('PATCH', `/api/domains/${second.id}`, { paused: true });
  assert.equal((await going).end, 'done');
  assert.equal((await details(second.id)).nextCheckAt, null, 'it stays paused');
});
