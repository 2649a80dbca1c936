/** Signing in, sessions, API tokens, settings. */
import { z } from 'zod';
import { timeJson } from './basics.ts';
import { oneLine } from './senders.ts';

export const MIN_PASSWORD_LENGTH = 10;
export const newPasswordJson = z
  .string()
  .min(MIN_PASSWORD_LENGTH, `must have at least ${MIN_PASSWORD_LENGTH} characters`)
  .max(1000);

/** Who am I? `needsPassword`: nobody has set one yet, the link printed at the start does. */
export const sessionJson = z
  .object({
    signedIn: z.boolean(),
    needsPassword: z.boolean(),
    version: z.string(),
    language: z.enum(['en', 'ja']).nullable(),
    timeZone: z.string().nullable(),
  })
  .meta({ id: 'CurrentSession' });
export type SessionJson = z.infer<typeof sessionJson>;

/** With the password, or with a one-time sign-in link's secret. */
export const signInInput = z.union([
  z.object({ password: z.string().max(1000) }),
  z.object({ link: z.string().max(200) }),
]);
export type SignInInput = z.input<typeof signInInput>;

export const sessionItemJson = z
  .object({
    id: z.string(),
    current: z.boolean(),
    createdAt: timeJson,
    lastSeenAt: timeJson,
    expiresAt: timeJson,
    userAgent: z.string(),
    address: z.string(),
  })
  .meta({ id: 'Session' });
export type SessionItemJson = z.infer<typeof sessionItemJson>;
export const sessionsJson = z.object({ items: z.array(sessionItemJson), nextCursor: z.null() });
export type SessionsJson = z.infer<typeof sessionsJson>;

/** Either the present password or the secret of a one-time link. */
export const passwordInput = z.union([
  z.object({ link: z.string().min(1).max(200), password: newPasswordJson }),
  z.object({ current: z.string().max(1000), password: newPasswordJson }),
]);
export type PasswordInput = z.input<typeof passwordInput>;

export const tokenInput = z.object({ name: oneLine(100).min(1) });
export type TokenInput = z.input<typeof tokenInput>;
export const tokenJson = z
  .object({
    id: z.string(),
    name: z.string(),
    createdAt: timeJson,
    lastUsedAt: timeJson.nullable(),
    revokedAt: timeJson.nullable(),
  })
  .meta({ id: 'Token' });
export type TokenJson = z.infer<typeof tokenJson>;
/** The only time the token itself is shown. */
export const newTokenJson = tokenJson.extend({ token: z.string() }).meta({ id: 'NewToken' });
export type NewTokenJson = z.infer<typeof newTokenJson>;
export const tokensJson = z.object({ items: z.array(tokenJson), nextCursor: z.null() });
export type TokensJson = z.infer<typeof tokensJson>;

const daysJson = z.number().int().min(1).max(3650).nullable();
export const retentionJson = z
  .object({
    messageDays: daysJson.meta({ description: 'Raw messages are kept this long; null: as long as their probe' }),
    probeDays: daysJson.meta({ description: 'Probes and runs are kept this long; null: for ever. Hourly counts stay' }),
  })
  .meta({ id: 'Retention' });
export const backupSettingJson = z
  .object({
    daily: z.boolean().meta({ description: 'A backup is made every day' }),
    keep: z.number().int().min(1).max(365).meta({ description: 'So many daily backups are kept' }),
  })
  .meta({ id: 'BackupSetting' });
/** Whether the guide through the first steps is open, was left, or is done. */
export const GUIDE_STATES = ['open', 'left', 'done'] as const;

export const settingsJson = z
  .object({
    language: z.enum(['en', 'ja']).nullable(),
    timeZone: z.string().nullable(),
    retention: retentionJson,
    backups: backupSettingJson,
    guide: z.enum(GUIDE_STATES),
  })
  .meta({ id: 'Settings' });
export type SettingsJson = z.infer<typeof settingsJson>;
export const settingsPatch = z.object({
  language: z.enum(['en', 'ja']).nullable().optional(),
  timeZone: z.string().max(100).nullable().optional(),
  retention: retentionJson.partial().optional(),
  backups: backupSettingJson.partial().optional(),
  guide: z.enum(GUIDE_STATES).optional(),
});
export type SettingsPatch = z.input<typeof settingsPatch>;
