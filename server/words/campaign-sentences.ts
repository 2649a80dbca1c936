/**
 * Finds what is said about a campaign in one language's file (campaign.en.json, campaign.ja.json), as `sentences.ts` does for all other words. A page loads the one language
 * its reader reads. Pure: the web imports this file as it is.
 */
import { fillAll, type Words } from './fill.ts';
import { explainFindingFrom, type FindingTexts } from './finding-sentences.ts';
import { explainFrom, type Sentences } from './sentences.ts';

/** One language's file. `values`: words of closed sets, by the name they have in evidence. */
export type CampaignTexts = {
  /** Between the items of a list. */
  comma: string;
  findings: Record<string, Words>;
  values: Record<string, Record<string, string>>;
  verdicts: Record<string, Words>;
  /** Why a verdict is what it is. */
  reasons: Record<string, Words>;
  refusals: Record<string, Words>;
  steps: Record<string, string>;
  checks: Record<string, string>;
  severities: Record<string, string>;
  /** Headings of the report. */
  labels: Record<string, string>;
};

/** All that is said of a campaign, and of what it rests on. */
export type CampaignLanguage = { campaign: CampaignTexts; domain: FindingTexts; sentences: Sentences };

/** @param check `domain`: a finding about what a domain publishes, whose words are those of domains */
export function explainCampaignFindingFrom(
  language: CampaignLanguage,
  { id, check, evidence }: { id: string; check: string; evidence: Record<string, unknown> },
): Words {
  if (check === 'domain') return explainFindingFrom(language.domain, language.sentences, id, evidence);
  return explainEntryFrom(language, 'findings', id, evidence);
}

export function explainEntryFrom(
  language: CampaignLanguage,
  kind: 'findings' | 'verdicts' | 'reasons' | 'refusals',
  id: string,
  evidence: Record<string, unknown>,
): Words {
  const entries = language.campaign[kind];
  const words = Object.hasOwn(entries, id) ? entries[id] : undefined;
  if (words === undefined) return explainFrom(language.sentences, id, {});
  // "And two more": nobody is told of "1 links".
  const more = typeof evidence.count === 'number' && evidence.count > 1 ? { more: evidence.count - 1 } : {};
  const told = Object.entries({ ...evidence, ...more }).map(([key, value]) => [key, tell(language, key, value)]);
  const filled = fillAll(words, Object.fromEntries(told));
  return { title: filled.title, meaning: begun(filled.meaning), todo: filled.todo };
}

/** A sentence may begin with a value that is not known; then it begins with what follows. */
function begun(text: string): string {
  const bare = text.trimStart();
  return bare.charAt(0).toUpperCase() + bare.slice(1);
}

/** A value of evidence in the language. */
function tell({ campaign, domain, sentences }: CampaignLanguage, key: string, value: unknown): unknown {
  const one = (item: unknown): unknown => {
    if (typeof item !== 'string') return item;
    const set = Object.hasOwn(campaign.values, key) ? campaign.values[key] : undefined;
    if (set && Object.hasOwn(set, item)) return set[item];
    if (key === 'severity' && Object.hasOwn(campaign.severities, item)) return campaign.severities[item];
    if (key !== 'reason') return item;
    if (Object.hasOwn(domain.details, item)) return domain.details[item];
    // Why DKIM came to its result is a reason like any other.
    return Object.hasOwn(sentences.reasons, item) ? sentences.reasons[item]?.title : item;
  };
  return Array.isArray(value)
    ? value
        .map(one)
        .filter((item) => typeof item === 'string')
        .join(campaign.comma)
    : one(value);
}
