/**
 * A backup is put in place while mail is on its way: sending and reading stop, the work goes on from the rows that came back, and no mail is sent a
 * second time, whatever waited when the backup was made.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPasswordLink } from '../../server/owner/links.ts';
import {
  addMonitor,
  addSeed,
  addSender,
  decided,
  type Run,
  startRun,
  startWorld,
  type World,
  waitForRun,
} from './world.ts';

const OWN = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };

async function signIn(world: World): Promise<string> {
  const { app, url } = world.todoku;
  const link = new URL(await createPasswordLink(app, url)).searchParams.get('link');
  const answer = await fetch(`${url}/api/password`, {
    method: 'PUT',
    headers: OWN,
    body: JSON.stringify({ link, password: 'correct horse battery' }),
  });
  return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
}

async function restore(world: World, cookie: string, name: string): Promise<{ done: boolean; unsent: number }> {
  const answer = await fetch(`${world.todoku.url}/api/restores`, {
    method: 'POST',
    headers: { ...OWN, cookie },
    body: JSON.stringify({ name }),
  });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  return JSON.parse(text) as { done: boolean; unsent: number };
}

const makeBackup = async (world: World): Promise<string> =>
  (await world.call<{ backup: { name: string } }>('POST', '/api/backups')).backup.name;
const outcomes = (run: Run): string[] => run.probes.map((probe) => probe.outcome).sort();
const patient = { missingAfterSeconds: 60, watchSeconds: 120 };

test('a restore while probes are being read, and one to the middle of a run', async () => {
  const world = await startWorld();
  try {
    const cookie = await signIn(world);
    const sender = await addSender(world, 'good.test');
    const quick = await Promise.all(
      ['inbox@gmail.test', 'spam@outlook.test', 'inbox@plain.test'].map((address) => addSeed(world, address)),
    );
    const slow = await Promise.all(['slow-8s@yahoo.test', 'slow-8s@plain.test'].map((one) => addSeed(world, one)));
    const first = await addMonitor(world, sender, quick, patient);
    const done = await startRun(world, first);
    await waitForRun(world, done, decided);
    const idle = await makeBackup(world);

    // Read now: sessions are open, two mails are not there yet.
    const second = await addMonitor(world, sender, [...quick, ...slow], { ...patient, name: 'second' });
    const lost = await startRun(world, second);
    await waitForRun(world, lost, (run) => outcomes(run).filter((one) => one === 'placed').length >= 3);
    assert.equal((await restore(world, cookie, idle)).done, true);
    assert.deepEqual(outcomes(await world.call<Run>('GET', `/api/runs/${done}`)), ['placed', 'placed', 'placed']);
    await assert.rejects(world.call('GET', `/api/runs/${lost}`), { status: 404 });
    await world.call('GET', '/healthz');

    // To the middle of a run: one mail is handed over and on its way, one waits for its turn.
    const paced = await addSender(world, 'no-dmarc.test', { minGapSeconds: 10 });
    const third = await addMonitor(world, paced, [slow[0] as string, quick[0] as string], patient);
    const again = await startRun(world, third);
    const before = await waitForRun(world, again, (run) => outcomes(run).join() === 'accepted,queued', 20_000);
    const middle = await makeBackup(world);
    const [kept] = (await world.call<{ items: { kind: string }[] }>('GET', '/api/backups')).items;
    assert.equal(kept?.kind, 'manual');
    await waitForRun(world, again, (run) => outcomes(run).join() === 'placed,placed');
    const sent = new Map(world.sandbox.accepted);
    assert.equal((await restore(world, cookie, middle)).unsent, 1);
    const after = await waitForRun(world, again, (run) => outcomes(run).join() === 'placed,placed');
    assert.deepEqual(after.probes.map((probe) => probe.id).sort(), before.probes.map((probe) => probe.id).sort());
    for (const [id, times] of world.sandbox.accepted) assert.equal(times, sent.get(id), `${id} was sent again`);

    // And the work goes on.
    const next = await startRun(world, first);
    assert.deepEqual(outcomes(await waitForRun(world, next, decided)), ['placed', 'placed', 'placed']);
    for (const [id, times] of world.sandbox.accepted) assert.equal(times, 1, id);
    const { scheduler } = await world.call<{ scheduler: { instances: unknown[]; storage: string } }>(
      'GET',
      '/api/about',
    );
    assert.deepEqual([scheduler.instances.length, scheduler.storage], [1, 'ok']);
  } finally {
    await world.stop();
  }
});
