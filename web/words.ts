/**
 * The one place of sentences, in the reader's language: what a reason means and what to do next (server/words). It knows some hundred reasons,
 * so it is fetched beside the page and not before it, in the one language that is shown; until it is there, a reason has no words. What is said of
 * details (a provider's peculiarities, lines of a CSV file, backups) is fetched when the first such word is asked for.
 */
import { useCallback, useSyncExternalStore } from 'react';
import {
  type Details,
  explainFrom,
  findWord,
  type SomeSentences,
  type WordKind,
  type Words,
} from '../server/words/sentences.ts';
import type { Language } from './format.ts';
import { usePreferences } from './preferences.ts';

export type Explain = (word: string, evidence?: Record<string, unknown>, kind?: WordKind) => Words;

const FILES: Record<Language, () => Promise<{ default: SomeSentences }>> = {
  en: () => import('../server/words/en.json'),
  ja: () => import('../server/words/ja.json'),
};
const DETAILS: Record<Language, () => Promise<{ default: Details }>> = {
  en: () => import('../server/words/details.en.json'),
  ja: () => import('../server/words/details.ja.json'),
};
const NOT_YET: Words = { title: '', meaning: '', todo: '' };
const listeners = new Set<() => void>();
const loaded = new Map<Language, SomeSentences>();
const detailed = new Set<Language>();

/** Fetches the sentences of a language; a page that fails to get them says what it can without. */
export async function loadWords(language: Language): Promise<void> {
  if (loaded.has(language)) return;
  add(language, (await FILES[language]()).default);
}

/** Once for each language. */
async function loadDetails(language: Language): Promise<void> {
  if (detailed.has(language)) return;
  detailed.add(language);
  try {
    const { default: details } = await DETAILS[language]();
    await loadWords(language);
    add(language, details);
  } catch (error) {
    console.error('The sentences of details could not be loaded', error);
  }
}

function add(language: Language, more: SomeSentences | Details): void {
  loaded.set(language, { ...loaded.get(language), ...more } as SomeSentences);
  for (const listener of listeners) listener();
}

/** One language's sentences as far as they are here, for what is told with them (findings about domains). */
export function useSentences(): SomeSentences | undefined {
  const { language } = usePreferences();
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => loaded.get(language),
  );
}

export function useWords(): Explain {
  const { language } = usePreferences();
  const sentences = useSentences();
  return useCallback(
    (word, evidence = {}, kind) => {
      if (!sentences) return NOT_YET;
      if (sentences.notes === undefined && findWord(sentences, word, kind) === undefined) {
        void loadDetails(language);
        return NOT_YET;
      }
      return explainFrom(sentences, word, evidence, kind);
    },
    [sentences, language],
  );
}
