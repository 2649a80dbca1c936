/**
 * What a finding about a domain means for a person and what to do, from its id and its evidence. They stand in files of their own: two hundred findings
 * are of use on the pages of domains and nowhere else, and the overview must not wait for them.
 */

import { explainFindingFrom, explainNoteFrom, explainRequirementFrom, type FindingTexts } from './finding-sentences.ts';
import en from './findings.en.json' with { type: 'json' };
import ja from './findings.ja.json' with { type: 'json' };
import { type Language, sentencesOf, type Words } from './words.ts';

const TEXTS: Record<Language, FindingTexts> = { en, ja };

/** @param evidence as the finding has it: words of closed sets in it (`problem`, `status` …) are put into the language, lists are joined */
export function explainFinding(id: string, evidence: Record<string, unknown>, language: Language): Words {
  return explainFindingFrom(TEXTS[language], sentencesOf(language), id, evidence);
}

/** What a requirement of `server/domain/bulk-senders.ts` asks for, with what was seen, and how to meet it. */
export function explainRequirement(id: string, evidence: Record<string, unknown>, language: Language): Words {
  return explainRequirementFrom(TEXTS[language], sentencesOf(language), id, evidence);
}

/** What is to be known of a record that is proposed. */
export function explainNote(reason: string, evidence: Record<string, unknown>, language: Language): Words {
  return explainNoteFrom(TEXTS[language], sentencesOf(language), reason, evidence);
}
