/** The last runs of each monitor as a row of bars: enough to see at a glance since when something is wrong. */
import { z } from 'zod';
import { RUN_STATES } from '../../monitor/types.ts';
import { countsJson, timeJson } from './basics.ts';

export const heartbeatsQuery = z.object({
  monitorId: z.string().min(1).max(64).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(30).meta({ description: 'Runs per monitor' }),
});

export const heartbeatsJson = z
  .object({
    items: z.array(
      z.object({
        monitorId: z.string(),
        runs: z
          .array(z.object({ id: z.string(), startedAt: timeJson, state: z.enum(RUN_STATES), counts: countsJson }))
          .meta({ description: 'The newest last' }),
      }),
    ),
  })
  .meta({ id: 'Heartbeats' });
export type HeartbeatsJson = z.infer<typeof heartbeatsJson>;
