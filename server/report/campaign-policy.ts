/** What an audit was judged by, in words, as a part of its report: whoever gets the report did not write the policy. Pure. */
import type { Audit } from '../campaign/audit.ts';
import { PLACEMENT_RATE } from '../campaign/placement.ts';
import { PROVIDERS } from '../seed/providers.ts';
import type { ProviderId } from '../seed/types.ts';
import { campaignTexts, titleOfFinding } from '../words/campaign.ts';
import type { Language } from '../words/words.ts';
import { text } from './escape.ts';

export function policySection({ policy, placement }: Pick<Audit, 'policy' | 'placement'>, language: Language): string {
  const { labels, severities, comma } = campaignTexts(language);
  const { maxSeverity, minScore, requireAuthentication, ignore, maxFilterScore, minInboxRate, inboxRateBy } = policy;
  const say = (key: string, values: Record<string, string | number> = {}): string =>
    (labels[key] ?? '').replace(/\{\{(\w+)\}\}/g, (_all, name: string) => String(values[name] ?? ''));
  const named = Object.entries(minInboxRate);
  const rates = named.length > 0 || placement === undefined ? named : [['*', PLACEMENT_RATE] as const];
  const asked = [
    maxSeverity === 'critical'
      ? say('policyAnySeverity')
      : say('policySeverity', { severity: severities[maxSeverity] ?? maxSeverity }),
    ...(minScore > 0 ? [say('policyScore', { score: minScore })] : []),
    ...(requireAuthentication.length > 0
      ? [say('policyAuthentication', { names: requireAuthentication.map((one) => one.toUpperCase()).join(comma) })]
      : []),
    ...Object.entries(maxFilterScore).flatMap(([filter, points]) =>
      points === undefined
        ? []
        : [say('policyFilter', { filter: filter === 'rspamd' ? filter : 'SpamAssassin', points })],
    ),
    ...rates.map(([provider, rate]) =>
      say(`policyRate-${inboxRateBy}`, {
        provider: provider === '*' ? say('all') : nameOf(provider, language),
        rate: Math.round(rate * 1000) / 10,
      }),
    ),
    ...(ignore.length > 0
      ? [say('policyIgnore', { titles: ignore.map((id) => titleOfFinding(id, language)).join(comma) })]
      : []),
  ];
  return `<h2>${text(say('policyTitle'))}</h2><ul>${asked.map((one) => `<li>${text(one)}</li>`).join('')}</ul>`;
}

/** A policy may name a provider that this version does not know. */
function nameOf(provider: string, language: Language): string {
  return Object.hasOwn(PROVIDERS, provider) ? PROVIDERS[provider as ProviderId].name[language] : provider;
}
