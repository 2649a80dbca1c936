/**
 * (b) From the delivery into a folder to the stored verdict: p95 at most 2 s where the server has IDLE, 10 s where it has none. The mail leaves long
 * before; it is held back and put into the folder at a moment known to the millisecond.
 */
import { callApi, type Run } from '../flow/world.ts';
import { startBenchWorld } from './bench-world.ts';
import { ms, percentile, type Row } from './row.ts';

const SEEDS = 25;

export async function benchLatency(): Promise<Row[]> {
  const world = await startBenchWorld();
  const rows: Row[] = [];
  try {
    const call = <T>(method: string, path: string, body?: unknown) =>
      callApi<T>(world.todoku.url, world.token, method, path, body);
    const sender = await world.sandbox.sender('good.test');
    const { id: senderId } = await call<{ id: string }>('POST', '/api/senders', {
      ...sender,
      name: 'bench',
      dailyLimit: 100_000,
      minGapSeconds: 0,
    });
    for (const [what, domain, bar] of [
      ['with IDLE', 'plain.test', 2_000],
      ['without IDLE', 'yahoo.test', 10_000],
    ] as const) {
      const seedIds: string[] = [];
      for (let i = 0; i < SEEDS; i++) {
        // Delays spread over half a minute, so that mail arrives at every point of the plan of looks.
        const address = `slow-${3_000 + Math.round((i * 27_000) / SEEDS)}ms-b${i}@${domain}`;
        seedIds.push((await call<{ id: string }>('POST', '/api/seeds', await world.sandbox.seed(address))).id);
      }
      const { id: monitor } = await call<{ id: string }>('POST', '/api/monitors', {
        name: what,
        senderId,
        seedIds,
        message: { template: 'plain', language: 'en' },
        schedule: null,
        lateAfterSeconds: 120,
        missingAfterSeconds: 300,
        watchSeconds: 300,
      });
      const { id: run } = await call<{ id: string }>('POST', `/api/monitors/${monitor}/runs`);
      let probes: Run['probes'] = [];
      do {
        await new Promise((resolve) => setTimeout(resolve, 500));
        probes = (await call<Run>('GET', `/api/runs/${run}`)).probes;
      } while (probes.some((probe) => probe.outcome !== 'placed'));
      const deliveries = new Map<string, number>();
      for (const { seed } of probes)
        deliveries.set(
          seed,
          Math.max(...[...(await world.sandbox.folders(seed)).values()].flat().map((mail) => mail.internalDate)),
        );
      const stored = await world.storedAt(run);
      const gaps = probes.map((probe) => (stored.get(probe.id) ?? 0) - (deliveries.get(probe.seed) ?? 0));
      const p95 = percentile(gaps, 0.95);
      rows.push({
        what: `delivery to stored verdict, ${what}, p50`,
        value: ms(percentile(gaps, 0.5)),
        bar: '',
        good: null,
      });
      rows.push({
        what: `delivery to stored verdict, ${what}, p95 (n = ${gaps.length})`,
        value: ms(p95),
        bar: `at most ${bar} ms`,
        good: p95 <= bar,
      });
    }
    return rows;
  } finally {
    await world.stop();
  }
}
