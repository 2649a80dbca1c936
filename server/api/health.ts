/**
 * For machines that watch machines: /healthz says whether this installation can do its work (503 when it cannot), /metrics gives Prometheus numbers to whoever has
 * a token.
 */
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { z } from 'zod';
import { countDomains } from '../../db/domains.ts';
import { countNouns, sumPlacement } from '../../db/overviews.ts';
import { unreadableSeeds } from '../../db/seeds.ts';
import { writeSetting } from '../../db/settings.ts';
import packageJson from '../../package.json' with { type: 'json' };
import type { App } from '../app.ts';
import type { Events } from './events.ts';
import { type Route, route } from './route.ts';

/** The scheduler ticks every second; after this long without one it hangs. */
const TICK_OVERDUE_MS = 120_000;
/** Anybody may ask, so the proof of writing is not given more often than this. */
const WRITE_PROOF_MS = 5_000;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

export const healthJson = z
  .object({
    status: z.enum(['ok', 'failing']),
    version: z.string(),
    database: z.enum(['writable', 'failing']),
    storage: z.enum(['ok', 'full', 'read-only', 'failing']).meta({ description: 'As the scheduler last found it' }),
    lastTickAgeSeconds: z
      .number()
      .nullable()
      .meta({ description: 'null before the first tick, and where nothing is scheduled' }),
  })
  .meta({ id: 'Health' });

export type Measure = {
  routes: Route[];
  observe: (labels: { method: string; route: string; status: string }, seconds: number) => void;
};

export function createMeasure(app: App, events: Events): Measure {
  let provenAt = 0;
  let writable = false;

  async function proveWriting(): Promise<boolean> {
    const now = app.now();
    if (now - provenAt < WRITE_PROOF_MS && now >= provenAt) return writable;
    provenAt = now;
    try {
      await writeSetting(app.db, 'written', now, now);
      writable = true;
    } catch (error) {
      app.log.error({ err: error }, 'the database cannot be written');
      writable = false;
    }
    return writable;
  }

  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'todoku_' });
  const requests = new Histogram({
    name: 'todoku_http_request_seconds',
    help: 'Time to answer, by route of the table',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.5, 2, 10],
    registers: [registry],
  });
  const gauge = (name: string, help: string, labelNames: string[] = []): Gauge =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const probes = gauge('todoku_probes_last_24_hours', 'Decided probes by provider and verdict', [
    'provider',
    'verdict',
  ]);
  const nouns = gauge('todoku_nouns', 'Senders, seeds, monitors, runs', ['noun']);
  const unreadable = gauge('todoku_seeds_unreadable', 'Seeds that cannot be read now');
  const domains = gauge('todoku_domains', 'Sending domains by the severity of their worst finding', ['state']);
  const unchecked = gauge('todoku_domains_unchecked', 'Sending domains with questions that DNS does not answer now');
  const streams = gauge('todoku_event_streams', 'Open pages listening for changes');
  const tick = gauge('todoku_last_tick_timestamp_seconds', 'When the scheduler last ticked');

  async function metrics(): Promise<string> {
    const hour = Math.floor(app.now() / HOUR_MS) * HOUR_MS + HOUR_MS;
    probes.reset();
    for (const sum of await sumPlacement(app.db, [{ start: hour - DAY_MS, length: DAY_MS, count: 1 }], {}))
      for (const [verdict, count] of Object.entries(sum.counts)) probes.set({ provider: sum.provider, verdict }, count);
    for (const [noun, count] of Object.entries(await countNouns(app.db))) nouns.set({ noun }, count);
    unreadable.set((await unreadableSeeds(app.db, 10_000)).length);
    const counted = await countDomains(app.db);
    domains.reset();
    for (const { state, domains: count } of counted) domains.set({ state: state ?? 'unknown' }, count);
    unchecked.set(counted.reduce((sum, row) => sum + row.unchecked, 0));
    streams.set(events.count());
    tick.set((app.health.lastTickAt ?? 0) / 1000);
    return registry.metrics();
  }

  return {
    observe: (labels, seconds) => requests.observe(labels, seconds),
    routes: [
      route({
        method: 'get',
        path: '/healthz',
        summary: 'Can this installation do its work? 503 when not',
        access: 'public',
        reply: healthJson,
        handler: async (_app, _input, { response }) => {
          const { lastTickAt } = app.health;
          const age = lastTickAt === null ? null : app.now() - lastTickAt;
          const database = (await proveWriting()) ? 'writable' : 'failing';
          const { storage } = app.health;
          const status =
            database === 'writable' && storage === 'ok' && (age === null || age < TICK_OVERDUE_MS) ? 'ok' : 'failing';
          if (status === 'failing') response.status(503);
          return {
            status,
            version: packageJson.version,
            database,
            storage,
            lastTickAgeSeconds: age === null ? null : Math.max(0, Math.round(age / 1000)),
          } as const;
        },
      }),
      route({
        method: 'get',
        path: '/metrics',
        summary: 'Prometheus metrics',
        text: 'text/plain',
        handler: async () => ({ contentType: registry.contentType, body: await metrics() }),
      }),
    ],
  };
}
