/** Runs over the API, with their probes and a summary that says how sure it is. */
import { monitorNames } from '../../db/monitors.ts';
import type { Queries } from '../../db/open.ts';
import { factsOfRun, probesOfRuns, type RunProbe } from '../../db/overviews.ts';
import { findRun, listRuns, probesOfRun } from '../../db/runs.ts';
import type { RunTable } from '../../db/schema.ts';
import { AppError } from '../errors.ts';
import { addVerdict, median, noCounts, ratesOf } from './counts.ts';
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
      return { items: await presentRuns(app.db, rows), nextCursor };
    },
  }),
  route({
    method: 'get',
    path: '/api/runs/:id',
    summary: 'One run with all its probes',
    params: idParams,
    reply: runJson,
    handler: async (app, { params }) => readRun(app.db, params.id),
  }),
];

/** @throws AppError `not-found` */
export async function readRun(db: Queries, id: string): Promise<RunJson> {
  const run = await findRun(db, id);
  if (!run) throw new AppError('not-found', 'There is no such run.');
  const probes = await probesOfRun(db, id);
  const facts = await factsOfRun(db, id);
  const names = await monitorNames(db, [run.monitor_id]);
  return {
    ...presentRun(run, names.get(run.monitor_id) ?? '', probes),
    probes: probes.map((probe) => presentProbe(probe, facts.get(probe.id) ?? null)),
  };
}

export async function presentRuns(db: Queries, runs: RunTable[]): Promise<RunItemJson[]> {
  const probes = await probesOfRuns(
    db,
    runs.map((run) => run.id),
  );
  const names = await monitorNames(db, [...new Set(runs.map((run) => run.monitor_id))]);
  return runs.map((run) => presentRun(run, names.get(run.monitor_id) ?? '', probes.get(run.id) ?? []));
}

function presentRun(run: RunTable, monitorName: string, probes: readonly RunProbe[]): RunItemJson {
  const counts = noCounts();
  const delays: number[] = [];
  for (const probe of probes) {
    addVerdict(counts, verdictOf(probe), 1, probe.late);
    if (probe.outcome === 'placed' && probe.delay_ms !== null) delays.push(probe.delay_ms);
  }
  return {
    id: run.id,
    monitorId: run.monitor_id,
    monitorName,
    senderId: run.sender_id,
    slotAt: isoOrNull(run.slot_at),
    startedAt: iso(run.started_at),
    finishedAt: isoOrNull(run.finished_at),
    state: run.state,
    summary: { counts, rates: ratesOf(counts), medianDelayMs: median(delays) },
  };
}

/** As the rollups count it: a deferred probe that will be tried again is not decided. */
function verdictOf(probe: RunProbe): string | null {
  switch (probe.outcome) {
    case 'placed':
      return probe.placement_kind;
    case 'deferred':
      return probe.next_send_at === null ? 'deferred' : null;
    case 'queued':
    case 'sending':
    case 'accepted':
      return null;
    default:
      return probe.outcome;
  }
}
