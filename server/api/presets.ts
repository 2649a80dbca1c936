/** What forms are filled from. */
import { TEMPLATE_IDS } from '../monitor/types.ts';
import { PROVIDERS } from '../seed/providers.ts';
import { PROVIDER_IDS } from '../seed/types.ts';
import { SENDER_PRESETS } from '../sender/presets.ts';
import { type PresetsJson, presetsJson } from './json/presets.ts';
import { route } from './route.ts';

export const presetRoutes = [
  route({
    method: 'get',
    path: '/api/presets',
    summary: 'Known sending systems and providers, for forms',
    reply: presetsJson,
    handler: async () => PRESETS,
  }),
];

const PRESETS: PresetsJson = {
  senders: SENDER_PRESETS.map((preset) => ({
    id: preset.id,
    name: { en: preset.name, ja: preset.name },
    routes: preset.routes,
    user: preset.user,
    auth: preset.auth,
    dailyLimit: preset.dailyLimit,
    minGapSeconds: preset.minGapMs / 1000,
    domains: preset.domains,
    notes: preset.notes,
  })),
  providers: PROVIDER_IDS.map((id) => {
    const preset = PROVIDERS[id];
    return {
      id,
      name: preset.name,
      domains: [...preset.domains],
      imap: preset.imap && { host: preset.imap.host, port: preset.imap.port, security: preset.imap.security },
      pop3: preset.pop3 && { host: preset.pop3.host, port: preset.pop3.port, security: preset.pop3.security },
      login: preset.login,
      auth: preset.auth,
      junkNames: [...preset.junkNames],
      quirks: [...preset.quirks],
    };
  }),
  templates: [...TEMPLATE_IDS],
};
