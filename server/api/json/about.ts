/** What runs here: versions, how large it is, how the work goes. No paths: they are nobody's business beyond this machine. */
import { z } from 'zod';
import { timeJson } from './basics.ts';

export const aboutJson = z
  .object({
    version: z.string(),
    startedAt: timeJson,
    node: z.string(),
    sqlite: z.string(),
    database: z.object({
      bytes: z.number().int().meta({ description: 'The file without its journal' }),
      walBytes: z.number().int().meta({ description: 'The journal beside it' }),
      freeBytes: z.number().int().meta({ description: 'Free inside the file: used again before it grows' }),
      messageBytes: z.number().int().meta({ description: 'Raw messages, compressed; at most a minute old' }),
      messages: z.number().int(),
      probes: z.number().int(),
      runs: z.number().int(),
      senders: z.number().int(),
      seeds: z.number().int(),
      monitors: z.number().int(),
      domains: z.number().int(),
      campaigns: z.number().int(),
      oldestRunAt: timeJson.nullable(),
      oldestCampaignAt: timeJson.nullable(),
      newestRunAt: timeJson.nullable(),
    }),
    scheduler: z.object({
      lastTickAt: timeJson
        .nullable()
        .meta({ description: 'null before the first tick, and where nothing is scheduled' }),
      storage: z.enum(['ok', 'full', 'read-only', 'failing']),
      instances: z.array(z.object({ host: z.string(), pid: z.number().int(), startedAt: timeJson, seenAt: timeJson })),
    }),
    key: z.object({
      source: z.enum(['setting', 'file']).meta({ description: 'TODOKU_SECRET_KEY, or secret.key in the data folder' }),
      id: z.string().meta({ description: 'Tells keys apart and nothing of the key' }),
    }),
    disk: z.object({ freeBytes: z.number().int() }),
  })
  .meta({ id: 'About' });
export type AboutJson = z.infer<typeof aboutJson>;
