/** The trial: a second world with made-up mailboxes, beside one's own. */
import { z } from 'zod';
import { timeJson } from './basics.ts';

export const trialJson = z
  .object({
    state: z.enum(['off', 'starting', 'on']),
    startedAt: timeJson.nullable().meta({ description: 'null unless it is on' }),
    progress: z
      .object({ done: z.number().int(), of: z.number().int() })
      .nullable()
      .meta({ description: 'While it starts: how many of its senders, seeds and monitors are set up' }),
  })
  .meta({ id: 'Trial' });
export type TrialJson = z.infer<typeof trialJson>;
