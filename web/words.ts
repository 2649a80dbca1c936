/** The one place of sentences, in the reader's language: what a reason means and what to do next (server/words). */
import { useCallback } from 'react';
import { explain, type WordKind, type Words } from '../server/words/words.ts';
import { usePreferences } from './preferences.ts';

export type Explain = (word: string, evidence?: Record<string, unknown>, kind?: WordKind) => Words;

export function useWords(): Explain {
  const { language } = usePreferences();
  return useCallback((word, evidence = {}, kind) => explain(word, evidence, language, kind), [language]);
}
