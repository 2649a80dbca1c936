/** What forms are filled from: the senders and providers that are known by name. */
import { z } from 'zod';
import { PROVIDER_IDS } from '../../seed/types.ts';
import { SECURITIES, SENDER_PRESET_IDS } from '../../sender/types.ts';

const words = z.object({ en: z.string(), ja: z.string() });
const server = z.object({ host: z.string(), port: z.number().int(), security: z.enum(SECURITIES) });
const readServer = server.extend({
  hostByDomain: z.record(z.string(), z.string()).meta({ description: 'Other hosts for some domains of addresses' }),
});

export const presetsJson = z
  .object({
    senders: z.array(
      z.object({
        id: z.enum(SENDER_PRESET_IDS),
        name: words,
        routes: z.array(server).meta({ description: 'Best first; empty: to be typed' }),
        user: z.union([
          z.object({ kind: z.literal('address') }),
          z.object({ kind: z.literal('fixed'), value: z.string() }),
          z.object({ kind: z.literal('from-console') }),
        ]),
        auth: z.enum(['app-password', 'password', 'oauth2-only']),
        dailyLimit: z.number().int(),
        minGapSeconds: z.number(),
        domains: z.array(z.string()),
        notes: z.array(z.string()),
      }),
    ),
    providers: z.array(
      z.object({
        id: z.enum(PROVIDER_IDS),
        name: words,
        domains: z.array(z.string()),
        imap: readServer.nullable(),
        pop3: readServer.nullable(),
        login: z.enum(['address', 'local-part', 'account-id']),
        auth: z.enum(['app-password', 'password', 'oauth2-only', 'unsettled']),
        junkNames: z.array(z.string()),
        quirks: z.array(z.string()),
      }),
    ),
    templates: z.array(z.string()),
  })
  .meta({ id: 'Presets' });
export type PresetsJson = z.infer<typeof presetsJson>;
