/** What forms are filled from. */
import { TEMPLATE_IDS } from '../monitor/types.ts';
import { PROVIDERS, type ServerPreset } from '../seed/providers.ts';
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

function serverOf(preset: ServerPreset | null): PresetsJson['providers'][number]['imap'] {
  return preset && { ...preset, hostByDomain: preset.hostByDomain ?? {} };
}

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
      imap: serverOf(preset.imap),
      pop3: serverOf(preset.pop3),
      login: preset.login,
      auth: preset.auth,
      junkNames: [...preset.junkNames],
      quirks: [...preset.quirks],
    };
  }),
  templates: [...TEMPLATE_IDS],
};
