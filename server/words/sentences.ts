/**
 * Makes the sentence of a word out of one language's file (en.json, ja.json). There `{{name}}` stands for a value of the evidence, and
 * `[[ … ]]` is a part that vanishes as a whole when a value in it is not known, so that no sentence ever shows a hole.
 * Pure: the web imports this file as it is.
 */

/** `title`: a few words. `meaning`: what it means. `todo`: what to do next. Plain text, never HTML. */
export type Words = { title: string; meaning: string; todo: string };

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
  'errors',
] as const;

/** What kind of word it is; the same word may be a reason and an outcome (`bounced`). */
export type WordKind = (typeof KINDS)[number];

/** One language's file. */
export type Sentences = Record<WordKind, Record<string, Words>>;

/** A server's reply is somebody else's text and may be very long. */
const LONGEST_VALUE = 300;

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

function fillAll(words: Words, evidence: Record<string, unknown>): Words {
  return {
    title: fill(words.title, evidence),
    meaning: fill(words.meaning, evidence),
    todo: fill(words.todo, evidence),
  };
}

/** Innermost optional parts first, so that one may stand in another. Values are put in last: their own braces stay as they are. */
function fill(text: string, evidence: Record<string, unknown>): string {
  let kept = text;
  for (let before = ''; before !== kept; ) {
    before = kept;
    kept = kept.replace(/\[\[((?:(?!\[\[|\]\])[\s\S])*)\]\]/g, (_, part: string) =>
      [...part.matchAll(/\{\{(\w+)\}\}/g)].every(([, key]) => shown(evidence, key ?? '') !== '') ? part : '',
    );
  }
  return kept.replace(/\{\{(\w+)\}\}/g, (_, key: string) => shown(evidence, key));
}

function shown(evidence: Record<string, unknown>, key: string): string {
  const value = Object.hasOwn(evidence, key) ? evidence[key] : undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  if (typeof value !== 'string') return '';
  const line = value.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  const points = [...line];
  return points.length > LONGEST_VALUE ? `${points.slice(0, LONGEST_VALUE - 1).join('')}…` : line;
}
