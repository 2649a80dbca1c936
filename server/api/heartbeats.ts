/** Heartbeats: how the last runs of each monitor stood, counted in one question to the database. */
import { findMonitor, monitorIds } from '../../db/monitors.ts';
import type { Queries } from '../../db/open.ts';
import { newestRuns, probesOfNewestRuns } from '../../db/runs.ts';
import { AppError } from '../errors.ts';
import { addVerdict, noCounts, verdictOf } from './counts.ts';
import { iso } from './json/basics.ts';
import { type HeartbeatsJson, heartbeatsJson, heartbeatsQuery } from './json/heartbeats.ts';
import { route } from './route.ts';

export const heartbeatRoutes = [
  route({
    method: 'get',
    path: '/api/heartbeats',
    summary: 'The last runs of each monitor with their counts, the newest run last',
    query: heartbeatsQuery,
    reply: heartbeatsJson,
    handler: async (app, { query }) => {
      if (query.monitorId !== undefined && !(await findMonitor(app.db, query.monitorId)))
        throw new AppError('not-found', 'There is no such monitor.');
      return readHeartbeats(app.db, query.monitorId, query.limit);
    },
  }),
];

export async function readHeartbeats(
  db: Queries,
  monitorId: string | undefined,
  limit: number,
): Promise<HeartbeatsJson> {
  const runs = Map.groupBy(await newestRuns(db, monitorId, limit), (run) => run.monitor_id);
  const probes = Map.groupBy(await probesOfNewestRuns(db, monitorId, limit), (row) => row.run_id);
  const countsOf = (runId: string) => {
    const counts = noCounts();
    for (const row of probes.get(runId) ?? []) addVerdict(counts, verdictOf(row), row.probes, row.late);
    return counts;
  };
  return {
    items: (monitorId === undefined ? await monitorIds(db) : [monitorId]).map((id) => ({
      monitorId: id,
      runs: (runs.get(id) ?? [])
        .slice(-limit)
        .map((run) => ({ id: run.id, startedAt: iso(run.started_at), state: run.state, counts: countsOf(run.id) })),
    })),
  };
}
