/**
 * The one place of sentences, in the reader's language: what a reason means and what to do next (server/words). It knows some hundred reasons
 * in two languages, so it is fetched beside the page and not before it; until it is there, a reason has no words.
 */
import { useCallback, useSyncExternalStore } from 'react';
import type { explain, WordKind, Words } from '../server/words/words.ts';
import { usePreferences } from './preferences.ts';

export type Explain = (word: string, evidence?: Record<string, unknown>, kind?: WordKind) => Words;

const NOT_YET: Words = { title: '', meaning: '', todo: '' };
const listeners = new Set<() => void>();
let speak: typeof explain | null = null;

/** Begins to fetch the sentences; a page that fails to get them says what it can without. */
export async function loadWords(): Promise<void> {
  if (speak) return;
  const loaded = await import('../server/words/words.ts');
  speak = loaded.explain;
  for (const listener of listeners) listener();
}

export function useWords(): Explain {
  const { language } = usePreferences();
  const ready = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => speak,
  );
  return useCallback(
    (word, evidence = {}, kind) => (ready ? ready(word, evidence, language, kind) : NOT_YET),
    [language, ready],
  );
}
