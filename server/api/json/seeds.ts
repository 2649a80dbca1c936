/** A seed on the wire. A password goes in and never comes out. */
import { z } from 'zod';
import { PROTOCOLS, PROVIDER_IDS, SEED_REASONS } from '../../seed/types.ts';
import { SECURITIES } from '../../sender/types.ts';
import { pageJson, pageQuery, timeJson } from './basics.ts';
import { addressJson, hostJson, oneLine, passwordJson, portJson, tlsJson, userJson } from './senders.ts';

export const tagJson = oneLine(50).min(1);

export const seedInput = z.object({
  address: addressJson,
  provider: z.enum(PROVIDER_IDS),
  protocol: z.enum(PROTOCOLS),
  host: hostJson,
  port: portJson,
  security: z.enum(SECURITIES),
  user: userJson.min(1),
  password: passwordJson,
  junkFolder: oneLine(500).min(1).nullish(),
  tags: z.array(tagJson).max(50).optional(),
});
export type SeedInput = z.input<typeof seedInput>;

/** Only what is named changes; `password` left out keeps the stored one. */
export const seedPatch = seedInput.partial().extend({ paused: z.boolean().optional() });
export type SeedPatch = z.input<typeof seedPatch>;

const roleJson = z.enum([
  'inbox',
  'junk',
  'all',
  'trash',
  'sent',
  'drafts',
  'archive',
  'flagged',
  'important',
  'other',
]);
const roleSourceJson = z.enum(['special-use', 'name', 'user', 'protocol']);

export const seedCheckJson = z
  .object({
    ok: z.boolean(),
    at: timeJson,
    reason: z.enum([...SEED_REASONS, 'readable']),
    reply: z.string().nullable(),
    tls: tlsJson.nullable(),
    capabilities: z.array(z.string()),
    folders: z.array(
      z.object({ path: z.string(), role: roleJson, roleSource: roleSourceJson.nullable(), selectable: z.boolean() }),
    ),
    junk: z.object({ path: z.string(), source: roleSourceJson }).nullable(),
    warnings: z.array(z.string()),
  })
  .meta({ id: 'SeedCheck' });
export type SeedCheckJson = z.infer<typeof seedCheckJson>;

export const seedJson = z
  .object({
    id: z.string(),
    address: z.string(),
    provider: z.enum(PROVIDER_IDS),
    protocol: z.enum(PROTOCOLS),
    host: z.string(),
    port: z.number().int(),
    security: z.enum(SECURITIES),
    user: z.string(),
    hasPassword: z.boolean(),
    junkFolder: z.string().nullable(),
    tags: z.array(z.string()),
    pausedAt: timeJson.nullable(),
    unreadable: z
      .object({
        since: timeJson,
        reason: z.enum(SEED_REASONS),
        reply: z.string().nullable(),
        nextAttemptAt: timeJson.nullable(),
      })
      .nullable(),
    lastReadAt: timeJson.nullable(),
    checkedAt: timeJson.nullable(),
    check: seedCheckJson.nullable(),
    createdAt: timeJson,
    updatedAt: timeJson,
  })
  .meta({ id: 'Seed' });
export type SeedJson = z.infer<typeof seedJson>;

export const seedsQuery = pageQuery.extend({
  search: z.string().max(200).optional(),
  provider: z.enum(PROVIDER_IDS).optional(),
  tag: z.string().max(50).optional(),
  unreadable: z.stringbool().optional(),
});
export const seedsJson = pageJson(seedJson);
export type SeedsJson = z.infer<typeof seedsJson>;

export const tagsJson = z.object({ items: z.array(z.object({ tag: z.string(), seeds: z.number().int() })) });
export type TagsJson = z.infer<typeof tagsJson>;
