/**
 * The sentences about campaigns, in the reader's language: some hundred findings, and those about what domains publish. They are fetched with the pages of campaigns and
 * nowhere else (server/words).
 */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import {
  type CampaignLanguage,
  type CampaignTexts,
  explainCampaignFindingFrom,
  explainEntryFrom,
} from '../../../server/words/campaign-sentences.ts';
import type { Words } from '../../../server/words/fill.ts';
import { explainRequirementFrom, type FindingTexts } from '../../../server/words/finding-sentences.ts';
import type { Language } from '../../format.ts';
import { usePreferences } from '../../preferences.ts';
import { useSentences } from '../../words.ts';

type Files = readonly [campaign: CampaignTexts, domain: FindingTexts];
const FILES: Record<Language, () => Promise<Files>> = {
  en: async () => {
    const [campaign, domain] = await Promise.all([
      import('../../../server/words/campaign.en.json'),
      import('../../../server/words/findings.en.json'),
    ]);
    return [campaign.default, domain.default];
  },
  ja: async () => {
    const [campaign, domain] = await Promise.all([
      import('../../../server/words/campaign.ja.json'),
      import('../../../server/words/findings.ja.json'),
    ]);
    return [campaign.default, domain.default];
  },
};

export type CampaignWords = {
  finding: (finding: { id: string; check: string; evidence: Record<string, unknown> }) => Words;
  verdict: (verdict: string) => Words;
  reason: (reason: { reason: string }) => Words;
  refusal: (refusal: string) => Words;
  requirement: (id: string, evidence: Record<string, unknown>) => Words;
  check: (check: string) => string;
  step: (step: string) => string;
  severity: (severity: string) => string;
  /** Every finding by its id: what a policy or a reason names. */
  title: (id: string, evidence?: Record<string, unknown>) => string;
  /** All there are, check by check. */
  catalogue: () => { id: string; check: string; title: string }[];
};

/** `words` is null until they are here. */
export function useCampaignWords(): { words: CampaignWords | null; error: unknown; refetch: () => void } {
  const { language } = usePreferences();
  const sentences = useSentences();
  const { data, error, refetch } = useQuery({
    queryKey: ['campaign-words', language],
    queryFn: FILES[language],
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });
  const words = useMemo(
    () =>
      data === undefined || sentences === undefined ? null : speak({ campaign: data[0], domain: data[1], sentences }),
    [data, sentences],
  );
  return { words, error, refetch: () => void refetch() };
}

export function speak(language: CampaignLanguage): CampaignWords {
  const { campaign, domain, sentences } = language;
  const named = (set: Record<string, string>, word: string): string =>
    Object.hasOwn(set, word) ? (set[word] ?? word) : word;
  return {
    finding: (finding) => explainCampaignFindingFrom(language, finding),
    verdict: (verdict) => explainEntryFrom(language, 'verdicts', verdict, {}),
    reason: (reason) => explainEntryFrom(language, 'reasons', reason.reason, reason),
    refusal: (refusal) => explainEntryFrom(language, 'refusals', refusal, {}),
    requirement: (id, evidence) => explainRequirementFrom(domain, sentences, id, evidence),
    check: (check) => named(campaign.checks, check),
    step: (step) => named(campaign.steps, step),
    severity: (severity) => named(campaign.severities, severity),
    catalogue: () => [
      // The id of a finding begins with the check that raises it.
      ...Object.entries(campaign.findings).map(([id, { title }]) => ({ id, check: id.split('-', 1)[0] ?? '', title })),
      ...Object.entries(domain.findings).map(([id, { title }]) => ({ id, check: 'domain', title })),
    ],
    title: (id, evidence = {}) =>
      explainCampaignFindingFrom(language, {
        id,
        check: Object.hasOwn(campaign.findings, id) ? '' : 'domain',
        evidence,
      }).title,
  };
}
