/**
 * An audit as JUnit XML, which every CI system reads: one suite for each check, one test for each finding, and one suite for what the policy asks. A finding that the policy
 * does not allow is a failure; what could not be seen is an error, because nobody knows. Pure.
 */
import type { Audit } from '../campaign/audit.ts';
import { CHECKS, type Finding } from '../campaign/types.ts';
import { campaignTexts, explainCampaignFinding, explainVerdict, explainVerdictReason } from '../words/campaign.ts';
import type { Language } from '../words/words.ts';

/** @param name of the file, as the CI system shall show it */
export function campaignJunit(audit: Audit, name: string, language: Language): string {
  const refused = new Set(
    audit.reasons.flatMap((reason) => (reason.reason === 'finding-too-grave' ? [reason.id] : [])),
  );
  const suites = [policySuite(audit, language), ...CHECKS.map((check) => checkSuite(audit, check, refused, language))];
  const sum = (key: 'tests' | 'failures' | 'errors'): number => suites.reduce((total, suite) => total + suite[key], 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${xml(name)}" tests="${sum('tests')}" failures="${sum('failures')}" errors="${sum('errors')}">`,
    ...suites.flatMap((suite) => [
      `  <testsuite name="${xml(suite.name)}" tests="${suite.tests}" failures="${suite.failures}" errors="${suite.errors}" timestamp="${xml(audit.auditedAt.replace(/\.\d+Z$/, ''))}">`,
      ...suite.cases.map((line) => `    ${line}`),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

type Suite = { name: string; tests: number; failures: number; errors: number; cases: string[] };

function policySuite(audit: Audit, language: Language): Suite {
  const verdict = explainVerdict(audit.verdict, language);
  const lines = audit.reasons.map((reason) => explainVerdictReason(reason, language).meaning);
  const body = [verdict.meaning, ...lines].join('\n');
  const start = `<testcase classname="todoku.policy" name="${xml(verdict.title)}"`;
  const inner =
    audit.verdict === 'go'
      ? `${start}/>`
      : audit.verdict === 'fix-first'
        ? `${start}><failure type="${audit.verdict}" message="${xml(verdict.title)}">${xml(body)}</failure></testcase>`
        : `${start}><error type="${audit.verdict}" message="${xml(verdict.title)}">${xml(body)}</error></testcase>`;
  return {
    name: 'policy',
    tests: 1,
    failures: audit.verdict === 'fix-first' ? 1 : 0,
    errors: audit.verdict === 'not-enough-data' ? 1 : 0,
    cases: [inner],
  };
}

function checkSuite(audit: Audit, check: Finding['check'], refused: ReadonlySet<string>, language: Language): Suite {
  const texts = campaignTexts(language);
  const own = audit.findings.filter((finding) => finding.check === check);
  const cases = own.map((finding) => {
    const words = explainCampaignFinding(finding, language);
    const severity = texts.severities[finding.severity] ?? finding.severity;
    const start = `<testcase classname="todoku.${check}" name="${xml(`${finding.id}: ${words.title}`)}"`;
    const body = xml(`${severity}\n${words.meaning}\n${words.todo}`);
    return refused.has(finding.id)
      ? `${start}><failure type="${finding.severity}" message="${xml(words.title)}">${body}</failure></testcase>`
      : `${start}><system-out>${body}</system-out></testcase>`;
  });
  if (cases.length === 0)
    cases.push(`<testcase classname="todoku.${check}" name="${xml(texts.labels.nothing ?? '')}"/>`);
  return {
    name: texts.checks[check] ?? check,
    tests: cases.length,
    failures: own.filter(({ id }) => refused.has(id)).length,
    errors: 0,
    cases,
  };
}

/** For text and attributes. XML 1.0 has no way to write most control characters, so they go. */
function xml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
