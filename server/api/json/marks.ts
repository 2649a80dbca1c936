/** A mark on the wire: what happened at a moment and may explain why the numbers changed then. */
import { z } from 'zod';
import { MARK_REASONS } from '../../mark/types.ts';
import { timeJson } from './basics.ts';

export const markJson = z
  .object({
    id: z.string(),
    at: timeJson,
    reason: z.enum(MARK_REASONS),
    name: z.string().meta({ description: 'Of the monitor, sender, seed or domain, as it was then' }),
    monitorId: z.string().nullable(),
    senderId: z.string().nullable().meta({ description: "Of a monitor's mark: its sender from then on" }),
    seedId: z.string().nullable(),
    domainId: z.string().nullable(),
    evidence: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Mark' });
export type MarkJson = z.infer<typeof markJson>;

export const marksJson = z
  .array(markJson)
  .meta({ description: 'What happened in the period and may explain a change, newest first, at most 100' });
