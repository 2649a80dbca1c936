/**
 * The sentences about findings, in the reader's language. There are two hundred of them, so they are fetched with the pages of domains and nowhere else,
 * in the one language that is shown (server/words).
 */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Words } from '../../../server/words/fill.ts';
import {
  explainFindingFrom,
  explainNoteFrom,
  explainRequirementFrom,
  type FindingTexts,
} from '../../../server/words/finding-sentences.ts';
import type { Language } from '../../format.ts';
import { usePreferences } from '../../preferences.ts';
import { useSentences } from '../../words.ts';

const FILES: Record<Language, () => Promise<{ default: unknown }>> = {
  en: () => import('../../../server/words/findings.en.json'),
  ja: () => import('../../../server/words/findings.ja.json'),
};

export type DomainWords = {
  finding: (id: string, evidence: Record<string, unknown>) => Words;
  requirement: (id: string, evidence: Record<string, unknown>) => Words;
  /** On a record that is proposed. */
  note: (reason: string, evidence: Record<string, unknown>) => Words;
  /** A word of evidence in the language: `nxdomain`, `certificate-expired`. */
  code: (word: string) => string;
};

/** `words` is null until they are here. */
export function useDomainWords(): { words: DomainWords | null; error: unknown; refetch: () => void } {
  const { language } = usePreferences();
  const sentences = useSentences();
  const { data, error, refetch } = useQuery({
    queryKey: ['finding-words', language],
    queryFn: async () => (await FILES[language]()).default as FindingTexts,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });
  const words = useMemo(
    () =>
      data === undefined || sentences === undefined
        ? null
        : {
            finding: (id: string, evidence: Record<string, unknown>) =>
              explainFindingFrom(data, sentences, id, evidence),
            requirement: (id: string, evidence: Record<string, unknown>) =>
              explainRequirementFrom(data, sentences, id, evidence),
            note: (reason: string, evidence: Record<string, unknown>) =>
              explainNoteFrom(data, sentences, reason, evidence),
            code: (word: string) => codeIn(data, word),
          },
    [data, sentences],
  );
  return { words, error, refetch: () => void refetch() };
}

export function codeIn({ details, values }: FindingTexts, word: string): string {
  for (const set of [details, values.status, values.problem, values.state])
    if (set && Object.hasOwn(set, word)) return set[word] ?? word;
  return word;
}
