/** Runs over the API, with their probes and a summary that says how sure it is. */
import { monitorNames } from '../../db/monitors.ts';
import type { Queries } from '../../db/open.ts';
import { factsOfRun, probesOfRuns, type RunProbe } from '../../db/overviews.ts';
import { decidedBy, findRun, listRuns, previousRuns, probesOfRun } from '../../db/runs.ts';
import type { RunTable } from '../../db/schema.ts';
import { AppError } from '../errors.ts';
import { addVerdict, median, noCounts, ratesOf, verdictOf } from './counts.ts';
import { idParams, iso, isoOrNull } from './json/basics.ts';
import { type RunItemJson, type RunJson, runJson, runsJson, runsQuery } from './json/runs.ts';
import { pageOf } from './page.ts';
import { presentProbe } from './probes.ts';
import { route } from './route.ts';

export const runRoutes = [
  route({
    method: 'get',
    path: '/api/runs',
    summary: 'Runs, newest first, without their probes',
    query: runsQuery,
    reply: runsJson,
    handler: async (app, { query }) => {
      const { rows, nextCursor } = pageOf(await listRuns(app.db, { ...query, limit: query.limit + 1 }), query.limit);
      return { items: await presentRuns(app.db, rows, app.now()), nextCursor };
    },
  }),
  route({
    method: 'get',
    path: '/api/runs/:id',
    summary: 'One run with all its probes',
    params: idParams,
    reply: runJson,
    handler: async (app, { params }) => readRun(app.db, params.id, app.now()),
  }),
];

/** @throws AppError `not-found` */
export async function readRun(db: Queries, id: string, now: number): Promise<RunJson> {
  const run = await findRun(db, id);
  if (!run) throw new AppError('not-found', 'There is no such run.');
  const probes = await probesOfRun(db, id);
  const facts = await factsOfRun(db, id);
  const [shown] = await present(db, [run], new Map([[id, probes]]), now);
  const item = shown as RunItemJson;
  return {
    ...item,
    summary: { ...item.summary, providers: byProvider(probes) },
    probes: probes.map((probe) => presentProbe(probe, facts.get(probe.id) ?? null)),
  };
}

export async function presentRuns(db: Queries, runs: RunTable[], now: number): Promise<RunItemJson[]> {
  const ids = runs.map((run) => run.id);
  return present(db, runs, await probesOfRuns(db, ids), now);
}

async function present(
  db: Queries,
  runs: RunTable[],
  probes: ReadonlyMap<string, readonly RunProbe[]>,
  now: number,
): Promise<RunItemJson[]> {
  const names = await monitorNames(db, [...new Set(runs.map((run) => run.monitor_id))]);
  const previous = await previousRuns(
    db,
    runs.map((run) => run.id),
  );
  const running = runs.filter((run) => run.state === 'running').map((run) => run.id);
  const deadlines = await decidedBy(db, running, now);
  return runs.map((run) => ({
    id: run.id,
    monitorId: run.monitor_id,
    monitorName: names.get(run.monitor_id) ?? '',
    auditId: run.audit_id,
    senderId: run.sender_id,
    slotAt: isoOrNull(run.slot_at),
    startedAt: iso(run.started_at),
    finishedAt: isoOrNull(run.finished_at),
    state: run.state,
    previousRunId: previous.get(run.id) ?? null,
    decidedBy: isoOrNull(deadlines.get(run.id) ?? null),
    summary: standing(probes.get(run.id) ?? []),
  }));
}

function byProvider(probes: readonly RunProbe[]): RunJson['summary']['providers'] {
  return [...Map.groupBy(probes, (probe) => probe.provider)]
    .map(([provider, own]) => ({ provider, ...standing(own) }))
    .sort((a, b) => b.counts.probes - a.counts.probes || (a.provider < b.provider ? -1 : 1));
}

function standing(probes: readonly RunProbe[]): RunItemJson['summary'] {
  const counts = noCounts();
  const delays: number[] = [];
  for (const probe of probes) {
    addVerdict(counts, verdictOf(probe), 1, probe.late);
    if (probe.outcome === 'placed' && probe.delay_ms !== null) delays.push(probe.delay_ms);
  }
  return { counts, rates: ratesOf(counts), medianDelayMs: median(delays) };
}
