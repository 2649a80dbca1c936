/** Delivery times of a monitor in fine buckets, and what percentiles follow from them. */
import { z } from 'zod';
import { PROVIDER_IDS } from '../../seed/types.ts';
import { periodQuery } from './overview.ts';

export const delaysQuery = periodQuery.pick({ from: true, to: true }).extend({
  provider: z.enum(PROVIDER_IDS).optional(),
});

const percentileJson = z.number().int().nullable();

export const monitorDelaysJson = z
  .object({
    n: z.number().int().meta({ description: 'Placed probes whose delay is known' }),
    percentiles: z
      .object({
        p50: percentileJson,
        p75: percentileJson,
        p90: percentileJson,
        p95: percentileJson,
        p99: percentileJson,
      })
      .meta({ description: 'In ms, good to about 12 %; null when n is under 5' }),
    buckets: z
      .array(
        z.object({
          fromMs: z.number().int(),
          toMs: z.number().int().nullable().meta({ description: 'null: and more' }),
          probes: z.number().int(),
        }),
      )
      .meta({ description: 'From the first to the last that holds any, without gaps' }),
  })
  .meta({ id: 'MonitorDelays' });
export type MonitorDelaysJson = z.infer<typeof monitorDelaysJson>;
