/** How long the mail of a monitor took, from fine hourly counts. */
import { findMonitor } from '../../db/monitors.ts';
import type { Queries } from '../../db/open.ts';
import { type RollupFilter, sumDelays } from '../../db/overviews.ts';
import { AppError } from '../errors.ts';
import { delayBuckets, delayPercentile } from '../probe/delays.ts';
import { HOUR_MS } from './days.ts';
import { idParams } from './json/basics.ts';
import { delaysQuery, type MonitorDelaysJson, monitorDelaysJson } from './json/delays.ts';
import { spanOf } from './placement.ts';
import { route } from './route.ts';

export const delayRoutes = [
  route({
    method: 'get',
    path: '/api/monitors/:id/delays',
    summary: 'How long the mail of a monitor took: fine buckets and percentiles',
    params: idParams,
    query: delaysQuery,
    reply: monitorDelaysJson,
    handler: async (app, { params, query }) => {
      const monitor = await findMonitor(app.db, params.id);
      if (!monitor) throw new AppError('not-found', 'There is no such monitor.');
      return readDelays(app.db, spanOf(query, app.now()), { monitorId: monitor.id, provider: query.provider });
    },
  }),
];

/** Of the whole hours that touch the span, as everything that is read from counts. */
export async function readDelays(
  db: Queries,
  span: { from: number; to: number },
  filter: RollupFilter,
): Promise<MonitorDelaysJson> {
  const from = Math.floor(span.from / HOUR_MS) * HOUR_MS;
  const buckets = delayBuckets(await sumDelays(db, from, span.to, filter));
  return {
    n: buckets.reduce((sum, bucket) => sum + bucket.probes, 0),
    percentiles: {
      p50: delayPercentile(buckets, 0.5),
      p75: delayPercentile(buckets, 0.75),
      p90: delayPercentile(buckets, 0.9),
      p95: delayPercentile(buckets, 0.95),
      p99: delayPercentile(buckets, 0.99),
    },
    buckets,
  };
}
