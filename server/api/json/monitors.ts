/** A monitor on the wire: sender, seeds, message, schedule, deadlines. */
import { z } from 'zod';
import { RUN_STATES, TEMPLATE_IDS } from '../../monitor/types.ts';
import { pageJson, pageQuery, timeJson } from './basics.ts';
import { tagJson } from './seeds.ts';
import { oneLine } from './senders.ts';

export const messageJson = z
  .object({
    template: z.enum(TEMPLATE_IDS).optional(),
    language: z.enum(['en', 'ja']).optional(),
    subject: oneLine(500).min(1).optional(),
    text: z.string().max(200_000).optional(),
    html: z.string().max(1_000_000).optional(),
    tokenInBody: z.boolean().optional().meta({ description: 'false keeps the token out of the visible body' }),
  })
  .refine(
    (message) =>
      message.template !== undefined || (message.subject !== undefined && Boolean(message.text || message.html)),
    {
      message: 'needs a template, or a subject with text or HTML',
    },
  )
  .refine(
    (message) =>
      message.template === undefined ||
      (message.subject === undefined && message.text === undefined && message.html === undefined),
    {
      message: 'takes a template or own words, not both',
    },
  );

export const scheduleJson = z.object({
  cron: z.string().trim().min(1).max(200),
  timeZone: z.string().trim().min(1).max(100),
});

const seconds = (least: number, most: number) => z.number().int().min(least).max(most);

export const monitorInput = z.object({
  name: oneLine(100).min(1),
  senderId: z.string().min(1).max(64),
  seedIds: z.array(z.string().min(1).max(64)).max(5000).optional(),
  seedTags: z.array(tagJson).max(50).optional(),
  message: messageJson,
  schedule: scheduleJson.nullish(),
  lateAfterSeconds: seconds(1, 86_400).optional(),
  missingAfterSeconds: seconds(1, 7 * 86_400).optional(),
  watchSeconds: seconds(1, 30 * 86_400).optional(),
});
export type MonitorInput = z.input<typeof monitorInput>;

export const monitorPatch = monitorInput.partial().extend({ paused: z.boolean().optional() });
export type MonitorPatch = z.input<typeof monitorPatch>;

export const monitorJson = z
  .object({
    id: z.string(),
    name: z.string(),
    senderId: z.string(),
    senderName: z.string(),
    seedIds: z.array(z.string()).meta({ description: 'Chosen by hand' }),
    seedTags: z.array(z.string()),
    seedCount: z.number().int().meta({ description: 'By hand and by tag together' }),
    message: messageJson,
    schedule: scheduleJson.nullable(),
    runsPerDay: z.number(),
    nextRunAt: timeJson.nullable(),
    lateAfterSeconds: z.number().int(),
    missingAfterSeconds: z.number().int(),
    watchSeconds: z.number().int(),
    pausedAt: timeJson.nullable(),
    lastRun: z.object({ id: z.string(), startedAt: timeJson, state: z.enum(RUN_STATES) }).nullable(),
    createdAt: timeJson,
    updatedAt: timeJson,
  })
  .meta({ id: 'Monitor' });
export type MonitorJson = z.infer<typeof monitorJson>;

export const monitorsQuery = pageQuery.extend({
  search: z.string().max(200).optional(),
  senderId: z.string().max(64).optional(),
});
export const monitorsJson = pageJson(monitorJson);
export type MonitorsJson = z.infer<typeof monitorsJson>;

/** What one would get, asked as one types. */
export const scheduleCheckInput = scheduleJson.extend({
  senderId: z.string().max(64).optional(),
  seeds: z.number().int().min(0).max(100_000).optional(),
  monitorId: z
    .string()
    .max(64)
    .optional()
    .meta({ description: 'The monitor being edited: its present plan is not counted twice' }),
});
export type ScheduleCheckInput = z.input<typeof scheduleCheckInput>;
export const scheduleCheckJson = z
  .object({
    ok: z.boolean(),
    field: z.enum(['cron', 'timeZone']).nullable(),
    error: z.string().nullable(),
    nextRuns: z.array(timeJson),
    runsPerDay: z.number(),
    budget: z
      .object({ limit: z.number().int(), others: z.number().int(), wanted: z.number().int(), fits: z.boolean() })
      .nullable()
      .meta({ description: 'Recipients per day; only with senderId and seeds' }),
  })
  .meta({ id: 'ScheduleCheck' });
export type ScheduleCheckJson = z.infer<typeof scheduleCheckJson>;

export const startedRunJson = z.object({ id: z.string() });
export type StartedRunJson = z.infer<typeof startedRunJson>;
