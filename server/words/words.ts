/**
 * Every verdict is stored as a word of a closed set (`folder-junk`, `wrong-password`) and the evidence it rests on. The sentence a
 * person reads is made here and nowhere else, in English and Japanese, so that a page, a command, a report and an alert never
 * say different things about the same fact. This file knows both languages; a page loads the one its reader reads and gives it to
 * `sentences.ts`, which does the work.
 */
import detailsEn from './details.en.json' with { type: 'json' };
import detailsJa from './details.ja.json' with { type: 'json' };
import en from './en.json' with { type: 'json' };
import ja from './ja.json' with { type: 'json' };
import { explainFrom, type Sentences, type WordKind, type Words } from './sentences.ts';

export type { WordKind, Words };

export const LANGUAGES = ['en', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];

const SENTENCES: Record<Language, Sentences> = {
  en: { ...en, ...detailsEn },
  ja: { ...ja, ...detailsJa },
};

/**
 * The words for a reason, a warning, an outcome, a placement, a tab, an authentication result or an error code.
 *
 * @param evidence values for the text, from the verdict's evidence; strings, numbers and lists of strings are shown, the rest is ignored
 * @param kind needed only where a word is in two sets: the error code `wrong-password` is about signing in here, the
 *   reason about a mail server. Without it, reasons come first.
 */
export function explain(word: string, evidence: Record<string, unknown>, language: Language, kind?: WordKind): Words {
  return explainFrom(SENTENCES[language], word, evidence, kind);
}

/** One language's file, for what is told beside it (`findings.ts`). */
export function sentencesOf(language: Language): Sentences {
  return SENTENCES[language];
}

/** The short name of a word: `name('outcomes', 'missing', 'ja')` is 未着. */
export function name(kind: WordKind, word: string, language: Language): string {
  return explain(word, {}, language, kind).title;
}
