/** What the running program does by itself, day by day: the daily backup, and forgetting what has been kept for long enough. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackupsJson } from '../../server/api/json/backups.ts';
import { addMonitor, addSeed, addSender, type Run, startRun, startWorld, waitForRun } from './world.ts';

const DAY_MS = 86_400_000;

test('a day later there is a backup, and after the time that was set raw mails and probes are gone', async () => {
  let ahead = 0;
  const world = await startWorld({}, () => Date.now() + ahead);
  try {
    await world.call('PATCH', '/api/settings', { retention: { messageDays: 2, probeDays: 5 } });
    const sender = await addSender(world, 'good.test');
    const monitor = await addMonitor(world, sender, [await addSeed(world, 'inbox@plain.test')], {
      ...{ missingAfterSeconds: 60, watchSeconds: 120 },
    });
    const run = await startRun(world, monitor);
    const { probes } = await waitForRun(world, run, (now) => now.probes[0]?.outcome === 'placed');
    const details = () =>
      world.call<{ messageSize: number | null; messageForgottenAt: string | null }>(
        'GET',
        `/api/probes/${probes[0]?.id}`,
      );
    assert.ok((await details()).messageSize);
    const backups = async () => (await world.call<BackupsJson>('GET', '/api/backups')).items;
    assert.deepEqual(await backups(), []);

    ahead += DAY_MS + 60_000;
    await until('a daily backup', async () => (await backups())[0]?.kind === 'daily');
    assert.ok((await details()).messageSize, 'the mail is not old enough');

    ahead += 2 * DAY_MS;
    await until('the mail is forgotten', async () => (await details()).messageForgottenAt !== null);
    assert.equal((await details()).messageSize, null);
    const still = await world.call<Run>('GET', `/api/runs/${run}`);
    assert.equal(still.probes[0]?.outcome, 'placed');
    await until('the second backup', async () => (await backups()).filter((one) => one.kind === 'daily').length === 2);

    ahead += 3 * DAY_MS;
    const gone = async (): Promise<boolean> =>
      world.call('GET', `/api/runs/${run}`).then(
        () => false,
        (error: { status?: number }) => error.status === 404,
      );
    await until('the run is forgotten', gone);
    const now = new Date(Date.now() + ahead).toISOString();
    const overview = await world.call<{ now: { counts: { inbox: number } } }>(
      'GET',
      `/api/overview?from=${new Date(Date.now() - DAY_MS).toISOString()}&to=${now}`,
    );
    assert.equal(overview.now.counts.inbox, 1, 'the hourly count stays');
  } finally {
    await world.stop();
  }
});

async function until(what: string, so: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; !(await so()); ) {
    assert.ok(Date.now() < deadline, `${what}: not in time`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
