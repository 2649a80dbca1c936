/**
 * Which words the pages speak. English comes with the first load; Japanese is fetched from our own server when it is wanted, so that
 * nobody loads a language they do not read. Sentences about reasons and verdicts are not here: server/words speaks those.
 */
import i18next from 'i18next';
import { useMemo } from 'react';
import { initReactI18next } from 'react-i18next';
import { type Format, type Language, makeFormat } from './format.ts';
import en from './messages/en.json';
import { preferences, setPreferences, usePreferences } from './preferences.ts';

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en };
  }
}

/** Call once, before the first render. */
export async function startLanguage(): Promise<void> {
  const { language } = preferences();
  await i18next.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: 'en',
    resources: { en: { translation: en } },
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
  if (language === 'ja' && !i18next.hasResourceBundle('ja', 'translation')) {
    const ja = await import('./messages/ja.json');
    i18next.addResourceBundle('ja', 'translation', ja.default);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

/** Numbers and times in the reader's language and zone. */
export function useFormat(): Format {
  const { language, zone } = usePreferences();
  return useMemo(() => makeFormat(language, zone), [language, zone]);
}
