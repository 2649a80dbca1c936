/** Wall links, and what a screen with one sees: numbers and names of monitors, no address of anybody. */
import { z } from 'zod';
import { countsJson, timeJson } from './basics.ts';
import { overviewJson, providerStandingJson } from './overview.ts';
import { oneLine } from './senders.ts';

export const wallLinkInput = z.object({
  name: oneLine(100).min(1),
  monitorId: z.string().max(64).nullable().default(null).meta({ description: 'null: everything' }),
});
export type WallLinkInput = z.input<typeof wallLinkInput>;

export const wallLinkJson = z
  .object({
    id: z.string(),
    name: z.string(),
    monitorId: z.string().nullable(),
    createdAt: timeJson,
    lastUsedAt: timeJson.nullable(),
    revokedAt: timeJson.nullable(),
  })
  .meta({ id: 'WallLink' });
export type WallLinkJson = z.infer<typeof wallLinkJson>;
/** The only time the key itself is shown. */
export const newWallLinkJson = wallLinkJson.extend({ key: z.string() }).meta({ id: 'NewWallLink' });
export type NewWallLinkJson = z.infer<typeof newWallLinkJson>;
export const wallLinksJson = z.object({ items: z.array(wallLinkJson), nextCursor: z.null() });
export type WallLinksJson = z.infer<typeof wallLinksJson>;

export const WALL_PERIODS = ['24h', '7d', '30d'] as const;
export const wallQuery = z.object({
  key: z.string().max(200).optional().meta({ description: 'The key of a wall link; also as bearer token' }),
  period: z.enum(WALL_PERIODS).default('24h'),
  timeZone: z.string().min(1).max(100).optional().meta({ description: "Left out: the installation's, else UTC" }),
});

export const heartbeatJson = z.object({ startedAt: timeJson, state: z.string(), counts: countsJson });

export const wallJson = z
  .object({
    name: z.string().meta({ description: 'Of the link; empty for the owner' }),
    version: z.string().meta({ description: 'A screen that runs the pages of another one reloads itself' }),
    monitor: z.object({ id: z.string(), name: z.string() }).nullable().meta({ description: 'null: everything' }),
    at: timeJson,
    pollSeconds: z.number().int().meta({ description: 'Ask again after this' }),
    language: z.enum(['en', 'ja']).nullable(),
    from: timeJson,
    to: timeJson,
    timeZone: z.string(),
    bucket: z.enum(['hour', 'day']),
    now: overviewJson.shape.now,
    before: overviewJson.shape.before,
    verdict: overviewJson.shape.verdict,
    buckets: overviewJson.shape.buckets,
    providers: z.array(
      providerStandingJson.extend({
        name: z.object({ en: z.string(), ja: z.string() }).meta({ description: 'A screen has no other way to know' }),
      }),
    ),
    monitors: z.array(
      z.object({
        id: z.string(),
        name: z.string(),
        paused: z.boolean(),
        runs: z.array(heartbeatJson).meta({ description: 'The last 20, newest last' }),
      }),
    ),
    attention: z.object({
      count: z.number().int(),
      kinds: z.array(z.object({ kind: z.string(), count: z.number().int() })),
    }),
  })
  .meta({ id: 'Wall' });
export type WallJson = z.infer<typeof wallJson>;
