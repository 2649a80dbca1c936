/**
 * Finds the sentence of a finding in one language's file (findings.en.json, findings.ja.json), as `sentences.ts` does for all other words. A page loads the one
 * language its reader reads. Pure: the web imports this file as it is.
 */
import { fillAll, type Words } from './fill.ts';
import { explainFrom, type SomeSentences } from './sentences.ts';

/** One language's file. `values`: words of closed sets, by the name they have in evidence; `details`: codes that stand under several names. */
export type FindingTexts = {
  /** Between the items of a list. */
  comma: string;
  findings: Record<string, Words>;
  /** What is to be known of a record that is proposed. */
  proposals: Record<string, Words>;
  /** What large providers ask of bulk senders. */
  requirements: Record<string, Words>;
  values: Record<string, Record<string, string>>;
  details: Record<string, string>;
};

/** Where a code of `details` may stand. */
const CODES = new Set(['reason', 'problem', 'cause', 'status']);

/** Where another finding is named. */
const NAMED = new Set(['finding', 'because']);

/** @param sentences of the same language, for what else is a word of the house */
export function explainFindingFrom(
  texts: FindingTexts,
  sentences: SomeSentences,
  id: string,
  evidence: Record<string, unknown>,
): Words {
  return explainEntry(texts, sentences, 'findings', id, evidence);
}

export function explainRequirementFrom(
  texts: FindingTexts,
  sentences: SomeSentences,
  id: string,
  evidence: Record<string, unknown>,
): Words {
  return explainEntry(texts, sentences, 'requirements', id, evidence);
}

/** A note of `server/domain/proposals.ts`. */
export function explainNoteFrom(
  texts: FindingTexts,
  sentences: SomeSentences,
  reason: string,
  evidence: Record<string, unknown>,
): Words {
  return explainEntry(texts, sentences, 'proposals', reason, evidence);
}

function explainEntry(
  texts: FindingTexts,
  sentences: SomeSentences,
  kind: 'findings' | 'requirements' | 'proposals',
  id: string,
  evidence: Record<string, unknown>,
): Words {
  const words = Object.hasOwn(texts[kind], id) ? texts[kind][id] : undefined;
  if (words === undefined) return explainFrom(sentences, id, {});
  const told = Object.entries(evidence).map(([key, value]) => [key, tell(texts, sentences, key, value)]);
  return fillAll(words, Object.fromEntries(told));
}

/** A value of evidence in the language. */
function tell(texts: FindingTexts, sentences: SomeSentences, key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => typeof item === 'string').join(texts.comma);
  if (typeof value !== 'string') return value;
  if (NAMED.has(key) && Object.hasOwn(texts.findings, value))
    return fillAll(texts.findings[value] ?? { title: value, meaning: '', todo: '' }, {}).title;
  const set = Object.hasOwn(texts.values, key) ? texts.values[key] : undefined;
  if (set && Object.hasOwn(set, value)) return set[value];
  if (CODES.has(key) && Object.hasOwn(texts.details, value)) return texts.details[value];
  // Why SPF came to its result is a reason like any other.
  if (key === 'reason') return explainFrom(sentences, value, {}, 'reasons').title;
  return value;
}
