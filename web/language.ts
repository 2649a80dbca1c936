/**
 * Which words the pages speak. Each language is a file of its own that is fetched when it is wanted, so that nobody loads a language they do not
 * read; both say everything (a test compares their keys), so neither has to stand in for the other. Sentences about reasons and verdicts are not
 * here: server/words speaks those.
 */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { type Format, type Language, makeFormat } from './format.ts';
import type en from './messages/en.json';
import { preferences, setPreferences, usePreferences } from './preferences.ts';
import { loadWords } from './words.ts';

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

const FILES: Record<Language, () => Promise<{ default: object }>> = {
  en: () => import('./messages/en.json'),
  ja: () => import('./messages/ja.json'),
};

/** Call once, before the first render. */
export async function startLanguage(): Promise<void> {
  const { language } = preferences();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    resources: {},
    interpolation: { escapeValue: false }, // React escapes
  });
  await speak(language);
}

/** Changes the language of the whole page, without a reload. */
export async function setLanguage(language: Language): Promise<void> {
  await speak(language);
  setPreferences({ language });
}

async function speak(language: Language): Promise<void> {
  // Sentences may come later than the page, or not at all: it says what it can without.
  loadWords(language).catch((error: unknown) => console.error('The sentences could not be loaded', error));
  if (!i18next.hasResourceBundle(language, 'translation'))
    i18next.addResourceBundle(language, 'translation', (await FILES[language]()).default);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

let kept: { language: Language; zone: string; format: Format } | null = null;

/** Numbers and times in the reader's language and zone. A browser takes its time to make one, and every cell of a table asks: so there is one. */
export function currentFormat(): Format {
  const { language, zone } = preferences();
  if (kept?.language !== language || kept.zone !== zone) kept = { language, zone, format: makeFormat(language, zone) };
  return kept.format;
}

/** `currentFormat`, drawn anew when the reader chooses another. */
export function useFormat(): Format {
  usePreferences();
  return currentFormat();
}
