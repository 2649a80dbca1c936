/**
 * What goes wrong at a seed or a sender, through the whole program: wrong passwords that come right again, pauses and deletions in mid-run. The clock is
 * the test's own, so that hours pass at once.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { holdSender } from '../../db/senders.ts';
import { addMonitor, addSeed, addSender, startRun, startWorld, type World, waitForRun } from './world.ts';

const MINUTE = 60_000;
let shift = 0;
let world: World;
before(async () => {
  world = await startWorld({}, () => Date.now() + shift);
});
after(async () => world?.stop());

/** Lets time pass in steps, with a tick and a moment to work after each. */
async function pass(ms: number, step: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += step) {
    shift += step;
    await world.todoku.tick();
    await sleep(40);
  }
}

async function marks(path: string): Promise<[reason: string, name: string][]> {
  const shown = await world.call<{ marks: { reason: string; name: string }[] }>('GET', path);
  return shown.marks.map(({ reason, name }) => [reason, name]);
}

const HOURS = { lateAfterSeconds: 300, missingAfterSeconds: 6 * 3600, watchSeconds: 48 * 3600 };

test('a seed with a wrong password: three logins in an hour, unknown at its deadline, prompt once it is mended', async () => {
  const sender = await addSender(world, 'good.test');
  const seed = await addSeed(world, 'inbox-locked@plain.test', 'imap', { password: 'not this one' });
  const monitor = await addMonitor(world, sender, [seed], HOURS);
  const run = await startRun(world, monitor);
  await waitForRun(world, run, (now) => now.probes[0]?.outcome === 'accepted');
  await sleep(500);
  const logins = () => world.sandbox.stats('inbox-locked@plain.test').failedLogins;
  await pass(30 * MINUTE, 2 * MINUTE);
  await world.restart();
  await pass(30 * MINUTE, 2 * MINUTE);
  assert.ok(logins() >= 2 && logins() <= 3, `${logins()} logins in the first hour`);
  const shown = await world.call<{ unreadable: { reason: string; since: string } }>('GET', `/api/seeds/${seed}`);
  assert.equal(shown.unreadable.reason, 'wrong-password');
  await pass(6 * 60 * MINUTE, 30 * MINUTE);
  const late = await waitForRun(world, run, (now) => now.probes[0]?.outcome !== 'accepted');
  assert.deepEqual([late.probes[0]?.outcome, late.probes[0]?.reason], ['unknown', 'seed-unreadable']);
  assert.ok(logins() <= 7, `${logins()} logins in seven hours`);

  await world.call('PATCH', `/api/seeds/${seed}`, { password: 'sandbox-password' });
  const mended = await waitForRun(world, run, (now) => now.probes[0]?.outcome === 'placed', 5_000);
  assert.equal(mended.probes[0]?.late, false, 'it was delivered in time: the server says so itself');
  const readable = await world.call<{ unreadable: unknown }>('GET', `/api/seeds/${seed}`);
  assert.equal(readable.unreadable, null);
  // However often it was tried: two marks, one when it began and one when it was over.
  assert.deepEqual(await marks(`/api/monitors/${monitor}/placement`), [
    ['seed-readable', 'inbox-locked@plain.test'],
    ['seed-unreadable', 'inbox-locked@plain.test'],
  ]);
});

test('a seed that a check could read is read again at once', async () => {
  const sender = await addSender(world, 'good.test', { name: 'checked' });
  const seed = await addSeed(world, 'inbox-checked@plain.test');
  world.sandbox.setFate('inbox-checked@plain.test', 'imap-down');
  const run = await startRun(world, await addMonitor(world, sender, [seed], HOURS));
  await waitForRun(world, run, (now) => now.probes[0]?.outcome === 'accepted');
  await sleep(500);
  await pass(20 * MINUTE, MINUTE);
  world.sandbox.setFate('inbox-checked@plain.test', null);
  await world.call('POST', `/api/seeds/${seed}/checks`);
  await waitForRun(world, run, (now) => now.probes[0]?.outcome === 'placed', 5_000);
});

test('a sender with a wrong password logs in three times in an hour at most, however many probes wait', async () => {
  const { smtp } = world.sandbox.sender('good.test');
  const logins: number[] = [];
  const sender = await addSender(world, 'good.test', { name: 'locked', smtp: { ...smtp, password: 'not this one' } });
  const seeds: string[] = [];
  for (let i = 0; i < 6; i++) seeds.push(await addSeed(world, `inbox-sender${i}@plain.test`));
  const run = await startRun(world, await addMonitor(world, sender, seeds, HOURS));
  await waitForRun(world, run, (now) => now.probes.some((probe) => probe.reason === 'wrong-password'));
  await sleep(500);
  await pass(30 * MINUTE, 2 * MINUTE);
  await world.restart();
  await pass(28 * MINUTE, 2 * MINUTE);
  const tried = async () => {
    const now = await waitForRun(world, run, () => true);
    let count = 0;
    for (const probe of now.probes) {
      const whole = await world.call<{ dialogues: { reason: string }[] }>('GET', `/api/probes/${probe.id}`);
      count += whole.dialogues.length;
    }
    logins.push(count);
    return count;
  };
  assert.ok((await tried()) <= 3, `${await tried()} logins in the first hour`);
  const shown = await world.call<{ held: { reason: string } }>('GET', `/api/senders/${sender}`);
  assert.equal(shown.held.reason, 'wrong-password');
  // An hour of trying, two holds: one mark.
  assert.deepEqual(
    (await marks(`/api/overview?senderId=${sender}`)).filter(([reason]) => reason.startsWith('sender')),
    [['sender-held', 'locked']],
  );

  await world.call('PATCH', `/api/senders/${sender}`, { smtp: { password: smtp.password } });
  await waitForRun(world, run, (now) => now.probes.every((probe) => probe.outcome === 'placed'), 10_000);
});

test('a sender held for its certificate goes on as soon as a check gets in, one at its limit does not', async () => {
  const { id, held } = await heldSender('certificate-expired');
  const seed = await addSeed(world, 'inbox-held@plain.test');
  const run = await startRun(world, await addMonitor(world, id, [seed], HOURS));
  await waitForRun(world, run, (now) => now.probes[0]?.reason === 'certificate-expired');
  await world.call('POST', `/api/senders/${id}/checks`);
  assert.equal(await held(), null);
  await waitForRun(world, run, (now) => now.probes[0]?.outcome === 'placed', 10_000);

  const limited = await heldSender('daily-limit');
  await world.call('POST', `/api/senders/${limited.id}/checks`);
  assert.equal(await limited.held(), 'daily-limit');
});

/** As if its server had given that reason an hour's hold ago. */
async function heldSender(reason: string): Promise<{ id: string; held: () => Promise<string | null> }> {
  const id = await addSender(world, 'good.test', { name: reason });
  const now = Date.now() + shift;
  await holdSender(world.todoku.app.db, id, { until: now + 24 * 60 * MINUTE, reason, reply: null, now });
  return {
    id,
    held: async () =>
      (await world.call<{ held: { reason: string } | null }>('GET', `/api/senders/${id}`)).held?.reason ?? null,
  };
}

test('a sender that is paused in mid-run sends nothing more until it is resumed', async () => {
  const sender = await addSender(world, 'good.test', { name: 'paused', minGapSeconds: 0 });
  const seeds: string[] = [];
  for (let i = 0; i < 30; i++) seeds.push(await addSeed(world, `late-250-300ms-p${i}@plain.test`));
  const run = await startRun(world, await addMonitor(world, sender, seeds, HOURS));
  await waitForRun(world, run, (now) =>
    now.probes.some((probe) => probe.outcome === 'accepted' || probe.outcome === 'placed'),
  );
  await world.call('PATCH', `/api/senders/${sender}`, { paused: true });
  await sleep(1_000);
  const sent = async () =>
    (await waitForRun(world, run, () => true)).probes.filter((probe) => probe.outcome !== 'queued').length;
  const before = await sent();
  assert.ok(before < 30);
  await sleep(1_500);
  assert.equal(await sent(), before);
  await world.call('PATCH', `/api/senders/${sender}`, { paused: false });
  await waitForRun(world, run, (now) => now.probes.every((probe) => probe.outcome === 'placed'));
});

test('a seed that is paused in mid-run is not read until it is resumed', async () => {
  const sender = await addSender(world, 'good.test', { name: 'seed paused' });
  const seed = await addSeed(world, 'slow-3s-paused@plain.test');
  const run = await startRun(world, await addMonitor(world, sender, [seed], HOURS));
  await waitForRun(world, run, (now) => now.probes[0]?.outcome === 'accepted');
  await sleep(800);
  await world.call('PATCH', `/api/seeds/${seed}`, { paused: true });
  await sleep(5_000);
  assert.equal((await waitForRun(world, run, () => true)).probes[0]?.outcome, 'accepted');
  assert.equal(world.sandbox.stats('slow-3s-paused@plain.test').connections, 0);
  await world.call('PATCH', `/api/seeds/${seed}`, { paused: false });
  await waitForRun(world, run, (now) => now.probes[0]?.outcome === 'placed', 5_000);
});

test('a seed deleted in mid-run leaves its probes unknown, and the run comes to an end', async () => {
  const sender = await addSender(world, 'good.test', { name: 'seed deleted' });
  const seed = await addSeed(world, 'missing-deleted@plain.test');
  const other = await addSeed(world, 'inbox-stays@plain.test');
  const monitor = await addMonitor(world, sender, [seed, other], HOURS);
  const run = await startRun(world, monitor);
  await waitForRun(world, run, (now) => now.probes.every((probe) => ['accepted', 'placed'].includes(probe.outcome)));
  await sleep(500);
  await world.call('DELETE', `/api/seeds/${seed}`);
  const over = await waitForRun(world, run, (now) => now.state !== 'running');
  assert.deepEqual(over.probes.map((probe) => probe.outcome).sort(), ['placed', 'unknown']);
});

test('a monitor deleted in mid-run takes its run along, and its sender goes on with others', async () => {
  const sender = await addSender(world, 'good.test', { name: 'monitor deleted' });
  const seeds: string[] = [];
  for (let i = 0; i < 10; i++) seeds.push(await addSeed(world, `late-250-300ms-d${i}@plain.test`));
  const monitor = await addMonitor(world, sender, seeds, HOURS);
  const run = await startRun(world, monitor);
  await waitForRun(world, run, (now) =>
    now.probes.some((probe) => probe.outcome === 'accepted' || probe.outcome === 'placed'),
  );
  await world.call('DELETE', `/api/monitors/${monitor}`);
  await assert.rejects(world.call('GET', `/api/runs/${run}`), { status: 404 });
  const next = await addMonitor(world, sender, seeds.slice(0, 2), HOURS);
  await waitForRun(
    world,
    await startRun(world, next),
    (now) => now.probes.every((probe) => probe.outcome === 'placed'),
    10_000,
  );
});

test('a sender deleted while its probes wait does not hold its monitor for ever', async () => {
  const old = await addSender(world, 'good.test', { name: 'old' });
  const fresh = await addSender(world, 'good.test', { name: 'fresh' });
  await world.call('PATCH', `/api/senders/${old}`, { paused: true });
  const seed = await addSeed(world, 'inbox-moved@plain.test');
  const monitor = await addMonitor(world, old, [seed], HOURS);
  const run = await startRun(world, monitor);
  await world.call('PATCH', `/api/monitors/${monitor}`, { senderId: fresh });
  await world.call('DELETE', `/api/senders/${old}`);
  await pass(3 * MINUTE, MINUTE);
  await waitForRun(world, run, (now) => now.probes[0]?.outcome !== 'queued', 5_000);
  await waitForRun(world, await startRun(world, monitor), (now) => now.probes[0]?.outcome === 'placed');
});

test('the clock is set back by an hour: what is under way is found as soon as it lands', async () => {
  const sender = await addSender(world, 'good.test', { name: 'clock' });
  const seed = await addSeed(world, 'slow-4s-clock@plain.test');
  const monitor = await addMonitor(world, sender, [seed], HOURS);
  const run = await startRun(world, monitor);
  await waitForRun(world, run, (now) => now.probes[0]?.outcome === 'accepted');
  await sleep(1_500);
  shift -= 60 * MINUTE;
  await waitForRun(world, run, (now) => now.probes[0]?.outcome === 'placed', 12_000);
  await waitForRun(world, await startRun(world, monitor), (now) => now.probes[0]?.outcome === 'placed', 12_000);
});
