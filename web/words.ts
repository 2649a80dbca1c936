/**
 * The one place of sentences, in the reader's language: what a reason means and what to do next (server/words). It knows some hundred reasons,
 * so it is fetched beside the page and not before it, in the one language that is shown; until it is there, a reason has no words.
 */
import { useCallback, useSyncExternalStore } from 'react';
import { explainFrom, type Sentences, type WordKind, type Words } from '../server/words/sentences.ts';
import type { Language } from './format.ts';
import { usePreferences } from './preferences.ts';

export type Explain = (word: string, evidence?: Record<string, unknown>, kind?: WordKind) => Words;

const FILES: Record<Language, () => Promise<{ default: Sentences }>> = {
  en: () => import('../server/words/en.json'),
  ja: () => import('../server/words/ja.json'),
};
const NOT_YET: Words = { title: '', meaning: '', todo: '' };
const listeners = new Set<() => void>();
const loaded = new Map<Language, Sentences>();

/** Fetches the sentences of a language; a page that fails to get them says what it can without. */
export async function loadWords(language: Language): Promise<void> {
  if (loaded.has(language)) return;
  loaded.set(language, (await FILES[language]()).default);
  for (const listener of listeners) listener();
}

export function useWords(): Explain {
  const { language } = usePreferences();
  const sentences = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => loaded.get(language),
  );
  return useCallback(
    (word, evidence = {}, kind) => (sentences ? explainFrom(sentences, word, evidence, kind) : NOT_YET),
    [sentences],
  );
}
