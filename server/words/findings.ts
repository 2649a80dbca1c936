/**
 * What a finding about a domain means for a person and what to do, from its id and its evidence. They stand in files of their own: a hundred findings
 * are of use on the pages of domains and nowhere else, and the overview must not wait for them.
 */
import { fillAll } from './fill.ts';
import en from './findings.en.json' with { type: 'json' };
import ja from './findings.ja.json' with { type: 'json' };
import { explain, type Language, type Words } from './words.ts';

type Texts = { findings: Record<string, Words>; values: Record<string, Record<string, string>> };
const TEXTS: Record<Language, Texts> = { en, ja };
/** Between the items of a list. */
const COMMA: Record<Language, string> = { en: ', ', ja: '、' };

/** @param evidence as the finding has it: words of closed sets in it (`problem`, `status` …) are put into the language, lists are joined */
export function explainFinding(id: string, evidence: Record<string, unknown>, language: Language): Words {
  const { findings } = TEXTS[language];
  const words = Object.hasOwn(findings, id) ? findings[id] : undefined;
  return words === undefined ? explain(id, {}, language) : fillAll(words, inLanguage(evidence, language));
}

function inLanguage(evidence: Record<string, unknown>, language: Language): Record<string, unknown> {
  const { values } = TEXTS[language];
  return Object.fromEntries(
    Object.entries(evidence).map(([key, value]) => {
      if (Array.isArray(value)) return [key, value.filter((item) => typeof item === 'string').join(COMMA[language])];
      if (typeof value !== 'string') return [key, value];
      const set = Object.hasOwn(values, key) ? values[key] : undefined;
      if (set && Object.hasOwn(set, value)) return [key, set[value]];
      // Why SPF came to its result is a reason like any other.
      return [key, key === 'reason' ? explain(value, {}, language, 'reasons').title : value];
    }),
  );
}
