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
  'errors',
] as const;

/** What kind of word it is; the same word may be a reason and an outcome (`bounced`). */
export type WordKind = (typeof KINDS)[number];

/** One language's file. */
export type Sentences = Record<WordKind, Record<string, Words>>;

/** `explain` of `words.ts`, for whoever has one language's sentences at hand. */
export function explainFrom(
  sentences: Sentences,
  word: string,
  evidence: Record<string, unknown>,
  kind?: WordKind,
): Words {
  for (const place of kind === undefined ? KINDS : [kind]) {
    const group = sentences[place];
    const found = Object.hasOwn(group, word) ? group[word] : undefined;
    if (found !== undefined) return fillAll(found, withCause(sentences, evidence));
  }
  return fillAll(sentences.errors.unlisted ?? { title: '{{word}}', meaning: '', todo: '' }, { word });
}

/** An unreadable seed and a held sender are reasons that rest on another one (`seedReason`, `heldReason`): its name is the cause. */
function withCause(sentences: Sentences, evidence: Record<string, unknown>): Record<string, unknown> {
  const reason = evidence.seedReason ?? evidence.heldReason;
  if (typeof reason !== 'string' || !Object.hasOwn(sentences.reasons, reason)) return evidence;
  return { cause: sentences.reasons[reason]?.title, ...evidence };
}
