/** A sender on the wire. A password goes in and never comes out. */
import { z } from 'zod';
import { ADDRESS, HOST, LONGEST_ADDRESS, LONGEST_HOST } from '../../sender/address.ts';
import { SECURITIES, SEND_REASONS, SENDER_PRESET_IDS } from '../../sender/types.ts';
import { pageJson, pageQuery, timeJson } from './basics.ts';

/** Anything after which a mail header or an SMTP line would read differently is no part of a name or address. */
export const NO_CONTROLS = /^[^\p{Cc}\u2028\u2029]*$/u;
export const oneLine = (most: number) =>
  z.string().trim().max(most).regex(NO_CONTROLS, 'must be one line without control characters');

export const addressJson = z
  .string()
  .trim()
  .max(LONGEST_ADDRESS)
  .regex(ADDRESS, 'must be an address like name@example.com');

export const hostJson = z
  .string()
  .trim()
  .toLowerCase()
  .max(LONGEST_HOST)
  .regex(HOST, 'must be a host name like smtp.example.com');

export const portJson = z.number().int().min(1).max(65_535);
/** Secrets may hold anything a keyboard can type, but no line break: it would end the login command. */
export const passwordJson = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^[^\r\n\0]*$/, 'must not hold a line break')
  .meta({ format: 'password' });
export const userJson = oneLine(320);

export const smtpInput = z.object({
  host: hostJson,
  port: portJson,
  security: z.enum(SECURITIES),
  user: userJson.nullish(),
  password: passwordJson.nullish(),
});

export const senderInput = z.object({
  name: oneLine(100).min(1),
  fromAddress: addressJson,
  fromName: oneLine(100).optional(),
  preset: z.enum(SENDER_PRESET_IDS).optional(),
  smtp: smtpInput,
  dailyLimit: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .meta({ description: 'Recipients per rolling 24 hours; left out: as the preset says' }),
  minGapSeconds: z.number().min(0).max(86_400).optional().meta({ description: 'Least time between two messages' }),
});
export type SenderInput = z.input<typeof senderInput>;

/** Only what is named changes. `smtp.password` left out keeps the stored one, null removes it. */
export const senderPatch = senderInput
  .omit({ smtp: true })
  .partial()
  .extend({
    smtp: smtpInput.partial().optional(),
    paused: z.boolean().optional(),
    held: z.literal(false).optional().meta({ description: 'false lets a held sender go on now' }),
  });
export type SenderPatch = z.input<typeof senderPatch>;

export const tlsJson = z.object({
  version: z.string(),
  cipher: z.string(),
  certificateExpires: timeJson.nullable(),
  certificateIssuer: z.string().nullable(),
});

export const dialogueLineJson = z.object({
  at: timeJson,
  from: z.enum(['client', 'server', 'note']),
  text: z.string(),
});

export const senderCheckJson = z
  .object({
    ok: z.boolean(),
    at: timeJson,
    reason: z.enum(SEND_REASONS),
    reply: z.string().nullable(),
    tls: tlsJson.nullable(),
    sizeLimit: z.number().nullable(),
    capabilities: z.array(z.string()),
    dialogue: z.array(dialogueLineJson),
  })
  .meta({ id: 'SenderCheck' });
export type SenderCheckJson = z.infer<typeof senderCheckJson>;

export const senderJson = z
  .object({
    id: z.string(),
    name: z.string(),
    fromAddress: z.string(),
    fromName: z.string(),
    preset: z.enum(SENDER_PRESET_IDS),
    smtp: z.object({
      host: z.string(),
      port: z.number().int(),
      security: z.enum(SECURITIES),
      user: z.string().nullable(),
      hasPassword: z.boolean(),
    }),
    dailyLimit: z.number().int(),
    usedLast24Hours: z.number().int(),
    plannedPerDay: z.number().int().meta({ description: 'Recipients per day of all its monitors together' }),
    freeAt: timeJson
      .nullable()
      .meta({ description: 'When the next place in the budget gets free; null while there is room' }),
    waiting: z.number().int().meta({ description: 'Probes that wait for the budget' }),
    minGapSeconds: z.number(),
    pausedAt: timeJson.nullable(),
    held: z.object({ until: timeJson, reason: z.enum(SEND_REASONS), reply: z.string().nullable() }).nullable(),
    checkedAt: timeJson.nullable(),
    check: senderCheckJson.nullable(),
    createdAt: timeJson,
    updatedAt: timeJson,
  })
  .meta({ id: 'Sender' });
export type SenderJson = z.infer<typeof senderJson>;

export const sendersQuery = pageQuery.extend({ search: z.string().max(200).optional() });
export const sendersJson = pageJson(senderJson);
export type SendersJson = z.infer<typeof sendersJson>;
