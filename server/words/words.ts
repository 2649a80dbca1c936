/**
 * Every verdict is stored as a word of a closed set (`folder-junk`, `wrong-password`) and the evidence it rests on. The sentence a
 * person reads is made here and nowhere else, in English and Japanese, so that a page, a command, a report and an alert never
 * say different things about the same fact. Pure: the web imports this file as it is.
 * What the texts look like, and how values come into them, stands in `fill.ts`.
 */
import en from './en.json' with { type: 'json' };
import { fillAll } from './fill.ts';
import ja from './ja.json' with { type: 'json' };

export const LANGUAGES = ['en', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];

/** `title`: a few words. `meaning`: what it means. `todo`: what to do next. Plain text, never HTML. */
export type Words = { title: string; meaning: string; todo: string };

/** What kind of word it is; the same word may be a reason and an outcome (`bounced`). */
export type WordKind = keyof typeof en;

const TEXTS: Record<Language, Record<WordKind, Record<string, Words>>> = { en, ja };

/** Where `explain` looks when the caller does not say what kind of word it has. */
const ORDER: readonly WordKind[] = [
  'reasons',
  'warnings',
  'outcomes',
  'placements',
  'tabs',
  'results',
  'disagreements',
  'boundaries',
  'ignored',
  'notes',
  'plans',
  'imports',
  'attention',
  'errors',
];

/**
 * The words for a reason, a warning, an outcome, a placement, a tab, an authentication result or an error code.
 *
 * @param evidence values for the text, from the verdict's evidence; strings and numbers are shown, the rest is ignored
 * @param kind needed only where a word is in two sets: the error code `wrong-password` is about signing in here, the
 *   reason about a mail server. Without it, reasons come first.
 */
export function explain(word: string, evidence: Record<string, unknown>, language: Language, kind?: WordKind): Words {
  const texts = TEXTS[language];
  for (const place of kind === undefined ? ORDER : [kind]) {
    const group = texts[place];
    const found = Object.hasOwn(group, word) ? group[word] : undefined;
    if (found !== undefined) return fillAll(found, withCause(evidence, language));
  }
  return fillAll(texts.errors.unlisted ?? { title: '{{word}}', meaning: '', todo: '' }, { word });
}

/** The short name of a word: `name('outcomes', 'missing', 'ja')` is 未着. */
export function name(kind: WordKind, word: string, language: Language): string {
  return explain(word, {}, language, kind).title;
}

/** An unreadable seed is a reason that rests on another one (`seedReason`): its name is the cause. */
function withCause(evidence: Record<string, unknown>, language: Language): Record<string, unknown> {
  const { seedReason } = evidence;
  if (typeof seedReason !== 'string' || !Object.hasOwn(TEXTS[language].reasons, seedReason)) return evidence;
  return { cause: TEXTS[language].reasons[seedReason]?.title, ...evidence };
}
