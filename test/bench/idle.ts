/** (d) Memory and idle CPU while 300 seeds are watched: every probe is sent and none arrives, so every seed keeps a session and a plan. */
import { callApi, type Run } from '../flow/world.ts';
import { startBenchWorld } from './bench-world.ts';
import type { Row } from './row.ts';

const SEEDS = 300;
/** Until the plan of looks has slowed down to where most watching is done. */
const SETTLE_MS = 130_000;
const MEASURE_MS = 30_000;

export async function benchIdle(): Promise<Row[]> {
  const world = await startBenchWorld();
  try {
    const call = <T>(method: string, path: string, body?: unknown) =>
      callApi<T>(world.todoku.url, world.token, method, path, body);
    const before = process.memoryUsage().rss;
    const sender = await world.sandbox.sender('good.test');
    const { id: senderId } = await call<{ id: string }>('POST', '/api/senders', {
      ...sender,
      name: 'bench',
      dailyLimit: 100_000,
      minGapSeconds: 0,
    });
    const seedIds: string[] = [];
    for (let i = 0; i < SEEDS; i++)
      seedIds.push(
        (await call<{ id: string }>('POST', '/api/seeds', await world.sandbox.seed(`missing-i${i}@plain.test`))).id,
      );
    const { id: monitor } = await call<{ id: string }>('POST', '/api/monitors', {
      name: 'idle',
      senderId,
      seedIds,
      message: { template: 'plain', language: 'en' },
      schedule: null,
    });
    const { id: run } = await call<{ id: string }>('POST', `/api/monitors/${monitor}/runs`);
    let sent = 0;
    do {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      sent = (await call<Run>('GET', `/api/runs/${run}`)).probes.filter((probe) => probe.outcome === 'accepted').length;
    } while (sent < SEEDS);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const cpu = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, MEASURE_MS));
    const used = process.cpuUsage(cpu);
    const share = ((used.user + used.system) / 1000 / MEASURE_MS) * 100;
    const rss = process.memoryUsage().rss / 1e6;
    return [
      { what: `memory with ${SEEDS} watched seeds`, value: `${rss.toFixed(0)} MB`, bar: '', good: null },
      { what: 'of it, more than with none', value: `${(rss - before / 1e6).toFixed(0)} MB`, bar: '', good: null },
      { what: 'CPU while watching, share of one core', value: `${share.toFixed(1)} %`, bar: '', good: null },
    ];
  } finally {
    await world.stop();
  }
}
