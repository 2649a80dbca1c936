/**
 * What an audit of a campaign means for a person, in English and Japanese. The sentences stand in files of their own: they are of use on the pages of campaigns, in reports
 * and nowhere else.
 */
import en from './campaign.en.json' with { type: 'json' };
import ja from './campaign.ja.json' with { type: 'json' };
import {
  type CampaignLanguage,
  type CampaignTexts,
  explainCampaignFindingFrom,
  explainEntryFrom,
} from './campaign-sentences.ts';
import findingsEn from './findings.en.json' with { type: 'json' };
import findingsJa from './findings.ja.json' with { type: 'json' };
import { type Language, sentencesOf, type Words } from './words.ts';

const TEXTS: Record<Language, Omit<CampaignLanguage, 'sentences'>> = {
  en: { campaign: en, domain: findingsEn },
  ja: { campaign: ja, domain: findingsJa },
};

function languageOf(language: Language): CampaignLanguage {
  return { ...TEXTS[language], sentences: sentencesOf(language) };
}

export function explainCampaignFinding(
  finding: { id: string; check: string; evidence: Record<string, unknown> },
  language: Language,
): Words {
  return explainCampaignFindingFrom(languageOf(language), finding);
}

export function explainVerdict(verdict: string, language: Language): Words {
  return explainEntryFrom(languageOf(language), 'verdicts', verdict, {});
}

export function explainVerdictReason(reason: { reason: string }, language: Language): Words {
  const all = languageOf(language);
  const { id } = reason as { id?: unknown };
  if (typeof id !== 'string') return explainEntryFrom(all, 'reasons', reason.reason, reason);
  return explainEntryFrom(all, 'reasons', reason.reason, { ...reason, title: titleOfFinding(id, language) });
}

/** Of one of ours or of a domain's. */
export function titleOfFinding(id: string, language: Language): string {
  const all = languageOf(language);
  const check = Object.hasOwn(all.campaign.findings, id) ? 'content' : 'domain';
  return explainCampaignFindingFrom(all, { id, check, evidence: {} }).title;
}

export function explainRefusal(refusal: string, language: Language): Words {
  return explainEntryFrom(languageOf(language), 'refusals', refusal, {});
}

/** Why a page or a filter gave no answer. */
export function explainFailure(code: string, language: Language): string {
  const { campaign, domain } = TEXTS[language];
  if (Object.hasOwn(domain.details, code)) return domain.details[code] ?? code;
  return campaign.values.reason?.[code] ?? code;
}

/** Names of checks, severities, steps, and the headings of a report. */
export function campaignTexts(language: Language): CampaignTexts {
  return TEXTS[language].campaign;
}
