/**
 * Domains beside the mail that is sent from them: probes teach selectors and addresses, three witnesses stand side by side, a restore goes on with what is in it, and a
 * domain is checked while mail is on its way. Real mail, real DNS packets, all on loopback.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { DomainDetailsJson, DomainJson, DomainsJson } from '../../server/api/json/domains.ts';
import type { ProbeDetailsJson } from '../../server/api/json/probes.ts';
import { createPasswordLink } from '../../server/owner/links.ts';
import { addMonitor, addSeed, addSender, type Run, startRun, startWorld, type World, waitForRun } from './world.ts';

let world: World;
before(async () => {
  world = await startWorld();
});
after(() => world?.stop());

const details = (id: string) => world.call<DomainDetailsJson>('GET', `/api/domains/${id}`);
async function until(id: string, isSo: (domain: DomainDetailsJson) => boolean, withinMs = 40_000) {
  const end = Date.now() + withinMs;
  for (;;) {
    const domain = await details(id);
    if (isSo(domain)) return domain;
    if (Date.now() > end) throw new Error(`not so in time: ${JSON.stringify(domain).slice(0, 1500)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
const answerOf = ({ checklist }: DomainDetailsJson, id: string) => {
  const found = checklist.find((requirement) => requirement.id === id);
  return [found?.answer, found?.source];
};

test('a domain that is added is checked by itself; its mail teaches the rest, and the witnesses stand side by side', async () => {
  const { id } = await world.call<DomainJson>('POST', '/api/domains', { name: 'good.test' });
  const blank = await until(id, ({ checkedAt, checking }) => checkedAt !== null && !checking);
  assert.deepEqual(blank.known, { selectors: [], ips: [] });
  assert.deepEqual([blank.probes, answerOf(blank, 'alignment')], [0, ['unseen', null]]);
  assert.deepEqual(blank.check?.records.ptr?.addresses, []);

  const sender = await addSender(world, 'good.test');
  const seeds = await Promise.all(['inbox@gmail.test', 'spam@outlook.test'].map((address) => addSeed(world, address)));
  const monitor = await addMonitor(world, sender, seeds);
  const { probes } = await waitForRun(world, await startRun(world, monitor), placed);
  // It was checked without them a moment ago; now there is something new, and it is checked again at once.
  const taught = await until(
    id,
    ({ known, check }) => known.ips.length > 0 && (check?.records.ptr?.addresses.length ?? 0) > 0,
  );
  assert.deepEqual(
    taught.known.selectors.map(({ selector, source }) => [selector, source]),
    [['s1', 'seen']],
  );
  assert.deepEqual(
    taught.known.ips.map(({ ip, source, helo }) => [ip, source, helo]),
    [['203.0.113.10', 'seen', 'out.good.test']],
  );
  assert.deepEqual(taught.check?.records.ptr?.addresses[0]?.names[0]?.name, 'out.good.test');
  assert.equal(taught.check?.records.spf?.evaluations[0]?.result, 'pass');
  assert.deepEqual(answerOf(taught, 'alignment'), ['met', 'probes']);
  assert.deepEqual(answerOf(taught, 'spf'), ['met', 'both']);
  assert.deepEqual(answerOf(taught, 'dkim'), ['met', 'both']);
  assert.deepEqual(answerOf(taught, 'ptr'), ['met', 'dns']);
  assert.deepEqual(answerOf(taught, 'complaints'), ['unseen', null]);
  for (const { mechanism, published, verified, reported } of taught.witnesses) {
    assert.equal(published.length, 1, mechanism);
    assert.deepEqual(
      verified.map(({ result, probes: count }) => [result, count]),
      [['pass', 2]],
    );
    assert.deepEqual(reported.map(({ provider, result }) => [provider, result]).sort(), [
      ['gmail', 'pass'],
      ['outlook', 'pass'],
    ]);
  }

  const probe = await world.call<ProbeDetailsJson>('GET', `/api/probes/${probes[0]?.id}`);
  const { published, reported, verified } = probe.authentication;
  assert.deepEqual([reported?.spf.result, verified?.spf.result], ['pass', 'pass']);
  assert.equal(published?.domainId, id);
  assert.equal(published?.spf.record, taught.check?.records.spf?.record);
  assert.deepEqual(
    published?.dkim.map(({ selector, asked }) => [selector, asked]),
    [['s1', 'found']],
  );
  assert.equal(published?.dmarc.policyDomain, 'good.test');
});

test('mail that fails in the name of its domain is told of, and a domain that nobody watches has nothing published', async () => {
  const sender = await addSender(world, 'spoofed.test');
  const monitor = await addMonitor(world, sender, [await addSeed(world, 'spam@yahoo.test')]);
  const { probes } = await waitForRun(world, await startRun(world, monitor), placed);
  const probe = await world.call<ProbeDetailsJson>('GET', `/api/probes/${probes[0]?.id}`);
  assert.equal(probe.authentication.published, null);
  const { id } = await world.call<DomainJson>('POST', '/api/domains', { name: 'spoofed.test' });
  const domain = await until(id, ({ check }) => check !== null);
  assert.ok(domain.check?.findings.some((finding) => finding.id === 'dmarc-alignment-failing'));
  assert.deepEqual(answerOf(domain, 'alignment'), ['not-met', 'probes']);
});

test('a restore while a domain is checked: what is in the backup goes on, and is checked', async () => {
  const { backup } = await world.call<{ backup: { name: string } }>('POST', '/api/backups');
  const before = await world.call<DomainsJson>('GET', '/api/domains');
  const { id: late } = await world.call<DomainJson>('POST', '/api/domains', { name: 'weak-key.test' });
  const checking = world.call('POST', `/api/domains/${late}/checks`, {}).catch((error: { status?: number }) => error);
  await restore(backup.name);
  await checking;
  const now = await world.call<DomainsJson>('GET', '/api/domains');
  assert.deepEqual(
    now.items.map(({ name, state, since }) => [name, state, since]),
    before.items.map(({ name, state, since }) => [name, state, since]),
  );
  for (const { id, checkedAt } of now.items) {
    const checked = await world.call<DomainDetailsJson>('POST', `/api/domains/${id}/checks`, {});
    assert.ok((checked.checkedAt ?? '') > (checkedAt ?? ''));
  }
  const { db } = world.todoku.app;
  for (const table of ['domain_checks', 'domain_facts'] as const)
    assert.deepEqual(await db.selectFrom(table).selectAll().where('domain_id', '=', late).execute(), [], table);
});

function placed(run: Run): boolean {
  return (
    run.probes.every((probe) => probe.outcome === 'placed') &&
    run.probes.every(({ authentication }) => authentication.verified !== null)
  );
}

async function restore(name: string): Promise<void> {
  const { app, url } = world.todoku;
  const headers = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
  const link = new URL(await createPasswordLink(app, url)).searchParams.get('link');
  const signed = await fetch(`${url}/api/password`, {
    method: 'PUT',
    headers,
    body: JSON.stringify({ link, password: 'correct horse battery' }),
  });
  const cookie = (signed.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const answer = await fetch(`${url}/api/restores`, {
    method: 'POST',
    headers: { ...headers, cookie },
    body: JSON.stringify({ name }),
  });
  assert.equal(answer.status, 200, await answer.text());
}
