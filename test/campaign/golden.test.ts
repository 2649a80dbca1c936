/**
 * Golden pairs: for each finding a mail that shows it (`html-script.eml`) and one close by that does not (`html-script-good.eml`), audited the whole way. Beside each a
 * `.json` with what the check finds, and which zone, web servers and filters stand around the mail.
 */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { FINDINGS, type FindingId } from '../../server/campaign/findings.ts';
import { createReader } from '../../server/campaign/reader.ts';
import { scoreOf } from '../../server/campaign/score.ts';
import en from '../../server/words/campaign.en.json' with { type: 'json' };
import { explainCampaignFinding } from '../../server/words/campaign.ts';
import { LANGUAGES } from '../../server/words/words.ts';
import { auditCase, FOLDER, readCase } from './case.ts';

const names = globSync('*.eml', { cwd: FOLDER })
  .map((file) => file.replace(/\.eml$/, ''))
  .sort();
const reader = createReader({ timeoutMs: 20_000 });
after(reader.close);

function placeholders(id: FindingId): string[] {
  const words = Object.values(en.findings[id]).join();
  // Made of the count.
  return [...words.matchAll(/\{\{(\w+)\}\}/g)].map(([, key]) => key ?? '').filter((key) => key !== 'more');
}

/** Time is never the same twice. */
const measured = (evidence: Record<string, unknown>): Record<string, unknown> => ({ ...evidence, milliseconds: null });

describe('golden campaigns', () => {
  for (const name of names)
    test(name, async () => {
      const given = readCase(name);
      const [subject = ''] = name.split('.');
      const id = subject.replace(/-good$/, '') as FindingId;
      assert.ok(Object.hasOwn(FINDINGS, id), `${name} bears the name of no finding`);
      const { check, severity } = FINDINGS[id];
      const audit = await auditCase(name, given, reader);
      const own = audit.findings.filter((finding) => finding.check === check);
      assert.deepEqual(
        own.map((finding) => finding.id),
        given.findings,
      );
      const finding = own.find((one) => one.id === id);
      assert.equal(finding !== undefined, subject === id, `${name} and ${id}`);
      if (finding !== undefined) {
        assert.deepEqual(measured(finding.evidence), measured(given.evidence ?? {}));
        assert.equal(finding.severity, severity);
        assert.deepEqual(
          placeholders(id).filter((key) => !(key in finding.evidence)),
          [],
          'sentences use what is there',
        );
      }
      for (const one of audit.findings)
        for (const language of LANGUAGES)
          for (const text of Object.values(explainCampaignFinding(one, language))) {
            assert.doesNotMatch(
              text,
              /\{\{(?:line|part|url|what|count|reason|domain)|\[\[|\]\]|undefined|\[object/,
              one.id,
            );
            assert.doesNotMatch(text, / {2}|^\s| [,.;]|（）/, one.id);
          }
      // JSON has no undefined: what comes out is what went in.
      assert.deepEqual(JSON.parse(JSON.stringify(audit)), audit);
      assert.deepEqual(scoreOf(audit.findings), audit.score);
    });

  test('every finding has a mail that shows it and one that does not', () => {
    const have = new Set(names);
    const missing = Object.keys(FINDINGS).flatMap((id) => [id, `${id}-good`].filter((name) => !have.has(name)));
    assert.deepEqual(missing, []);
  });
});
