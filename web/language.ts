/**
 * Which words the pages speak. Each language is a file of its own that is fetched when it is wanted, so that nobody loads a language they do not
 * read; both say everything (a test compares their keys), so neither has to stand in for the other. What only some pages say is a part of its own
 * (`messages/<part>/`), which comes with those pages. Sentences about reasons and verdicts are not here: server/words speaks those.
 */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { type Format, type Language, makeFormat } from './format.ts';
import type campaigns from './messages/campaigns/en.json';
import type domains from './messages/domains/en.json';
import type en from './messages/en.json';
import type guide from './messages/guide/en.json';
import type mail from './messages/mail/en.json';
import type search from './messages/search/en.json';
import type settings from './messages/settings/en.json';
import type wall from './messages/wall/en.json';
import { preferences, setPreferences, usePreferences } from './preferences.ts';
import { loadWords } from './words.ts';

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: {
      translation: typeof en &
        typeof campaigns &
        typeof domains &
        typeof guide &
        typeof mail &
        typeof search &
        typeof settings &
        typeof wall;
    };
  }
}

type Files = Record<Language, () => Promise<{ default: object }>>;

const FRAME: Files = {
  en: () => import('./messages/en.json'),
  ja: () => import('./messages/ja.json'),
};
const PARTS = {
  campaigns: {
    en: () => import('./messages/campaigns/en.json'),
    ja: () => import('./messages/campaigns/ja.json'),
  },
  domains: {
    en: () => import('./messages/domains/en.json'),
    ja: () => import('./messages/domains/ja.json'),
  },
  guide: {
    en: () => import('./messages/guide/en.json'),
    ja: () => import('./messages/guide/ja.json'),
  },
  mail: {
    en: () => import('./messages/mail/en.json'),
    ja: () => import('./messages/mail/ja.json'),
  },
  search: {
    en: () => import('./messages/search/en.json'),
    ja: () => import('./messages/search/ja.json'),
  },
  settings: {
    en: () => import('./messages/settings/en.json'),
    ja: () => import('./messages/settings/ja.json'),
  },
  wall: {
    en: () => import('./messages/wall/en.json'),
    ja: () => import('./messages/wall/ja.json'),
  },
} satisfies Record<string, Files>;
export type Part = keyof typeof PARTS;

/** The language that is spoken, or will be as soon as its words are here. */
let speaking: Language = preferences().language;
const wanted = new Set<Part>();
const fetched = new Map<object, Promise<void>>();
const ready = Promise.withResolvers<void>();

/** Call once, before the first render. */
export async function startLanguage(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: speaking,
    fallbackLng: false,
    resources: {},
    interpolation: { escapeValue: false }, // React escapes
  });
  ready.resolve();
  await speak(speaking);
}

/**
 * Changes the language of the whole page, without a reload.
 * @param keep false: for this visit, whatever was chosen in this browser before
 */
export async function setLanguage(language: Language, keep = true): Promise<void> {
  await speak(language);
  setPreferences({ language }, keep);
}

/** Loads what says words of some parts, together with these words. */
export function withMessages<Loaded>(
  parts: Part | readonly Part[],
  load: () => Promise<Loaded>,
): () => Promise<Loaded> {
  return async () => {
    const [loaded] = await Promise.all([load(), ...[parts].flat().map(want)]);
    return loaded;
  };
}

async function want(part: Part): Promise<void> {
  wanted.add(part);
  // Once more when the reader chose another language meanwhile.
  for (let language: Language | null = null; language !== speaking; ) {
    language = speaking;
    await fetchMessages(PARTS[part], language);
  }
}

async function speak(language: Language): Promise<void> {
  speaking = language;
  // Sentences may come later than the page, or not at all: it says what it can without.
  loadWords(language).catch((error: unknown) => console.error('The sentences could not be loaded', error));
  await Promise.all([FRAME, ...[...wanted].map((part) => PARTS[part])].map((files) => fetchMessages(files, language)));
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

/** Each file once; one that did not come is asked for again the next time. */
function fetchMessages(files: Files, language: Language): Promise<void> {
  const load = files[language];
  const known = fetched.get(load);
  if (known) return known;
  const fetching = Promise.all([load(), ready.promise]).then(([messages]) => {
    i18next.addResourceBundle(language, 'translation', messages.default, true);
  });
  fetched.set(load, fetching);
  fetching.catch(() => fetched.delete(load));
  return fetching;
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
