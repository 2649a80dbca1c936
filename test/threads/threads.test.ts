/** Whatever a task does it ends in time, holds up nobody else, and the next one is served. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createThreads } from '../../server/threads.ts';
import type { Order } from './worker.ts';

const file = new URL('./worker.ts', import.meta.url);
const threads = createThreads<Order, string>({ file, name: 'obey', threads: 1, timeoutMs: 4_000 });
after(() => threads.close());

test('an honest task is answered, one that throws is a crash, and the next is served', async () => {
  assert.deepEqual(await threads.run({ text: 'a' }), { answer: 'a done' });
  const thrown = await threads.run({ text: 'throw' });
  assert.ok('failed' in thrown && thrown.failed === 'crash' && thrown.error.message === 'as told');
  assert.deepEqual(await threads.run({ text: 'b' }), { answer: 'b done' });
});

test('one that does not end is ended, the main thread stays free, and waiting costs nobody their time', async () => {
  const before = performance.eventLoopUtilization();
  const begun = performance.now();
  const [endless, next] = await Promise.all([
    threads.run({ text: 'c', spinMs: 3_600_000 }),
    threads.run({ text: 'd' }),
  ]);
  assert.ok('failed' in endless && endless.failed === 'timeout');
  assert.deepEqual(next, { answer: 'd done' }, 'it waited longer than its own clock');
  assert.ok(performance.now() - begun < 12_000);
  assert.ok(performance.eventLoopUtilization(before).utilization < 0.5);
});

test('one that takes all memory crashes alone', async () => {
  const greedy = await threads.run({ text: 'e', fill: true });
  assert.ok('failed' in greedy, JSON.stringify(greedy));
  assert.deepEqual(await threads.run({ text: 'f' }), { answer: 'f done' });
});

test('closed threads answer nothing and throw nothing', async () => {
  const gone = createThreads<Order, string>({ file, name: 'obey', timeoutMs: 1_000 });
  await gone.close();
  const answer = await gone.run({ text: 'g' });
  assert.ok('failed' in answer && answer.failed === 'crash');
});
