/** A run on the wire: one firing of a monitor. */
import { z } from 'zod';
import { RUN_STATES } from '../../monitor/types.ts';
import { PROVIDER_IDS } from '../../seed/types.ts';
import { countsJson, pageJson, pageQuery, ratesJson, timeJson } from './basics.ts';
import { probeJson } from './probes.ts';

const standingJson = z.object({ counts: countsJson, rates: ratesJson, medianDelayMs: z.number().nullable() });

export const runSummaryJson = standingJson
  .extend({ providers: z.array(standingJson.extend({ provider: z.enum(PROVIDER_IDS) })) })
  .meta({ id: 'RunSummary' });

export const runJson = z
  .object({
    id: z.string(),
    monitorId: z.string(),
    monitorName: z.string(),
    auditId: z
      .string()
      .nullable()
      .meta({ description: 'The audit of a campaign whose test it belongs to; then there is no such monitor' }),
    senderId: z.string(),
    slotAt: timeJson.nullable().meta({ description: 'The slot of the schedule; null when started by hand' }),
    startedAt: timeJson,
    finishedAt: timeJson.nullable(),
    state: z.enum(RUN_STATES),
    previousRunId: z.string().nullable().meta({ description: 'The run of the same monitor before this one' }),
    decidedBy: timeJson
      .nullable()
      .meta({ description: 'The latest moment at which all its probes have an answer; null when they have' }),
    probes: z.array(probeJson),
    summary: runSummaryJson,
  })
  .meta({ id: 'Run' });
export type RunJson = z.infer<typeof runJson>;

/** In lists: without the probes, and without what needs a page of its own. */
export const runItemJson = runJson
  .omit({ probes: true, summary: true })
  .extend({ summary: standingJson })
  .meta({ id: 'RunItem' });
export type RunItemJson = z.infer<typeof runItemJson>;

export const runsQuery = pageQuery.extend({ monitorId: z.string().max(64).optional() });
export const runsJson = pageJson(runItemJson);
export type RunsJson = z.infer<typeof runsJson>;
