/**
 * (c) What the pages ask most, over 200 thousand and over 2 million stored probes: p95 under 50 ms, and the same for both, because charts read hourly counts
 * and bars of runs an index, and never the history. What is asked of a period is the last 30 days.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../db/open.ts';
import { databaseFile, readConfig } from '../../server/config.ts';
import { createLog } from '../../server/log.ts';
import { startTodoku } from '../../server/main.ts';
import { createToken } from '../../server/owner/tokens.ts';
import { fillHistory } from './history.ts';
import { ms, percentile, type Row } from './row.ts';

const SIZES = [200_000, 2_000_000];
const DAY_MS = 86_400_000;
const REQUESTS = 60;

/** @param sizes how many probes are stored, each time anew */
export async function benchRoutes(sizes: readonly number[] = SIZES): Promise<Row[]> {
  const rows: Row[] = [];
  const p95s: Record<string, number[]> = {};
  for (const count of sizes) {
    const folder = await mkdtemp(join(tmpdir(), 'todoku-bench-'));
    try {
      const db = await openDatabase(databaseFile({ dataDir: folder }));
      await fillHistory(db, count);
      await db.destroy();
      const config = readConfig({ PORT: '0', TODOKU_DATA_DIR: folder });
      const todoku = await startTodoku(config, { log: createLog('silent'), schedule: false });
      const token = await createToken(todoku.app, 'bench');
      const from = new Date(Date.now() - 30 * DAY_MS).toISOString();
      const to = new Date().toISOString();
      const zone = 'timeZone=Asia/Tokyo';
      for (const [name, path] of [
        ['overview, 30 days', `/api/overview?from=${from}&to=${to}&${zone}`],
        [
          'monitor placement by day and provider',
          `/api/monitors/m3/placement?from=${from}&to=${to}&bucket=day&by=provider&${zone}`,
        ],
        ['monitor placement by hour', `/api/monitors/m3/placement?from=${from}&to=${to}&bucket=hour&${zone}`],
        ['overview by sender and tag', `/api/overview?from=${from}&to=${to}&${zone}&senderId=s1&tag=b2c`],
        ['monitor delays', `/api/monitors/m3/delays?from=${from}&to=${to}`],
        ['heartbeats of all monitors', '/api/heartbeats'],
        ['latest runs', '/api/runs?limit=50'],
      ] as const) {
        const times: number[] = [];
        for (let i = 0; i < REQUESTS + 5; i++) {
          const start = performance.now();
          const answer = await fetch(todoku.url + path, { headers: { authorization: `Bearer ${token}` } });
          await answer.arrayBuffer();
          if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
          if (i >= 5) times.push(performance.now() - start);
        }
        const p95 = percentile(times, 0.95);
        p95s[name] = [...(p95s[name] ?? []), p95];
        rows.push({
          what: `${name}, ${count.toLocaleString('en')} probes, p95`,
          value: ms(p95),
          bar: 'at most 50 ms',
          good: p95 <= 50,
        });
      }
      await todoku.stop();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  const [fewest = 0, most = 0] = [sizes[0], sizes.at(-1)];
  if (fewest === most) return rows;
  for (const [name, times] of Object.entries(p95s)) {
    const ratio = (times.at(-1) ?? 0) / (times[0] ?? 1);
    rows.push({
      what: `${name}, ${most.toLocaleString('en')} against ${fewest.toLocaleString('en')}`,
      value: `${ratio.toFixed(2)} ×`,
      bar: 'unchanged (at most 1.5 ×)',
      good: ratio <= 1.5,
    });
  }
  return rows;
}
