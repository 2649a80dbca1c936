/**
 * Finds the sentence of a word in one language's file (en.json, ja.json); how values come into it stands in `fill.ts`.
 * Pure: the web imports this file as it is.
 */
import { fillAll, type Words } from './fill.ts';

export type { Words };

/** Where `explainFrom` looks when the caller does not say what kind of word it has, in this order. */
const KINDS = [
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
  'marks',
  'backups',
  'previews',
  'previews',
  'errors',
] as const;

/** What kind of word it is; the same word may be a reason and an outcome (`bounced`). */
export type WordKind = (typeof KINDS)[number];

/** All of one language. */
export type Sentences = Record<WordKind, Record<string, Words>>;

/** What is spoken of only where somebody sets things up or looks into one mail stands in files of its own (`details.en.json`), so that others need not load it. */
export type DetailKind =
  | 'warnings'
  | 'disagreements'
  | 'boundaries'
  | 'ignored'
  | 'notes'
  | 'plans'
  | 'imports'
  | 'backups'
  | 'previews';
export type Details = Pick<Sentences, DetailKind>;
/** With or without the details. */
export type SomeSentences = Omit<Sentences, DetailKind> & Partial<Details>;

/** `explain` of `words.ts`, for whoever has one language's sentences at hand. */
export function explainFrom(
  sentences: SomeSentences,
  word: string,
  evidence: Record<string, unknown>,
  kind?: WordKind,
): Words {
  const found = findWord(sentences, word, kind);
  if (found !== undefined) return fillAll(found, withCause(sentences, evidence));
  return fillAll(sentences.errors.unlisted ?? { title: '{{word}}', meaning: '', todo: '' }, { word });
}

/** Undefined when there are no words for it, or not among these sentences. */
export function findWord(sentences: SomeSentences, word: string, kind?: WordKind): Words | undefined {
  for (const place of kind === undefined ? KINDS : [kind]) {
    const group = sentences[place];
    if (group !== undefined && Object.hasOwn(group, word)) return group[word];
  }
  return undefined;
}

/** An unreadable seed and a held sender are reasons that rest on another one (`seedReason`, `heldReason`): its name is the cause. */
function withCause(sentences: SomeSentences, evidence: Record<string, unknown>): Record<string, unknown> {
  const reason = evidence.seedReason ?? evidence.heldReason;
  if (typeof reason !== 'string' || !Object.hasOwn(sentences.reasons, reason)) return evidence;
  return { cause: sentences.reasons[reason]?.title, ...evidence };
}
