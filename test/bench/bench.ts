/**
 * `npm run bench [part …] [probes …]`: what the program costs, as ratios against a bare loop of the same libraries in the same run where that makes sense,
 * because absolute figures of a shared machine say little. Parts: pipeline, latency, routes, idle, domain, web, audit. Numbers are sizes of the history for
 * `routes`: `npm run bench routes 50000` is a quick look.
 */
import { benchAudit } from './audit.ts';
import { benchDomain } from './domain.ts';
import { benchIdle } from './idle.ts';
import { benchLatency } from './latency.ts';
import { benchPipeline } from './pipeline.ts';
import { benchRoutes } from './routes.ts';
import { benchWeb } from './web.ts';

const isSize = (word: string): boolean => /^\d+$/.test(word);
const sizes = process.argv.slice(2).filter(isSize).map(Number);
const asked = process.argv.slice(2).filter((word) => !isSize(word));
const PARTS = {
  pipeline: benchPipeline,
  latency: benchLatency,
  routes: () => benchRoutes(sizes.length > 0 ? sizes : undefined),
  idle: benchIdle,
  domain: benchDomain,
  web: benchWeb,
  audit: benchAudit,
};

const unknown = asked.filter((part) => !Object.hasOwn(PARTS, part));
if (unknown.length > 0) {
  process.stderr.write(`No such part: ${unknown.join(', ')}. Parts: ${Object.keys(PARTS).join(', ')}.\n`);
  process.exit(2);
}

let failed = 0;
for (const [name, bench] of Object.entries(PARTS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  process.stdout.write(`\n${name}\n`);
  for (const row of await bench()) {
    const verdict = row.good === null ? '' : row.good ? '  ok' : '  MISSED';
    if (row.good === false) failed++;
    process.stdout.write(`  ${row.what.padEnd(58)} ${row.value.padStart(16)}  ${row.bar}${verdict}\n`);
  }
}
process.exit(failed === 0 ? 0 : 1);
