/** Every finding about a campaign has a title, a meaning and something to do, in both languages; so has every verdict, reason and refusal. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FROM_PROBLEMS } from '../../server/authentication/alignment.ts';
import { AUDIT_STEPS } from '../../server/campaign/audit.ts';
import { FINDINGS } from '../../server/campaign/findings.ts';
import { VERDICT_REASONS, VERDICTS } from '../../server/campaign/policy.ts';
import { AUDIT_REFUSALS } from '../../server/campaign/state.ts';
import { CHECKS } from '../../server/campaign/types.ts';
import { ANSWERS } from '../../server/domain/bulk-senders.ts';
import { SEVERITIES } from '../../server/domain/types.ts';
import en from '../../server/words/campaign.en.json' with { type: 'json' };
import ja from '../../server/words/campaign.ja.json' with { type: 'json' };
import { explainCampaignFinding, explainVerdictReason } from '../../server/words/campaign.ts';
import { LANGUAGES } from '../../server/words/words.ts';

type Entries = Record<string, { title: string; meaning: string; todo: string }>;
const TEXTS = { en, ja } as const;
const KINDS: Record<'findings' | 'verdicts' | 'reasons' | 'refusals', readonly string[]> = {
  findings: Object.keys(FINDINGS),
  verdicts: VERDICTS,
  reasons: VERDICT_REASONS,
  refusals: AUDIT_REFUSALS,
};
const placeholders = (text: string): string[] => [
  ...new Set([...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, key]) => key ?? '')),
];
const fixed = (text: string): string => text.replace(/\[\[(?:(?!\[\[|\]\])[\s\S])*\]\]/g, '');

for (const language of LANGUAGES)
  describe(`campaigns in ${language}`, () => {
    const texts = TEXTS[language];
    test('one entry for each word, and no other', () => {
      for (const [kind, words] of Object.entries(KINDS))
        assert.deepEqual(Object.keys(texts[kind as keyof typeof KINDS]).sort(), [...words].sort(), kind);
      assert.deepEqual(Object.keys(texts.checks), [...CHECKS]);
      assert.deepEqual(Object.keys(texts.severities), [...SEVERITIES]);
      assert.deepEqual(Object.keys(texts.steps), [...AUDIT_STEPS]);
      assert.deepEqual(Object.keys(texts.values.problems).sort(), [...FROM_PROBLEMS].sort());
      for (const answer of ANSWERS) assert.ok(answer in texts.labels, answer);
    });
    test('each has all three texts, ending as sentences do, whatever is known', () => {
      const end = language === 'en' ? /[^.][.?]$/ : /[^。]。$/;
      for (const kind of Object.keys(KINDS) as (keyof typeof KINDS)[])
        for (const [id, entry] of Object.entries(texts[kind] as Entries)) {
          assert.deepEqual(Object.keys(entry), ['title', 'meaning', 'todo'], id);
          assert.ok(entry.title && entry.title.length <= 60 && !/[.。{]/.test(entry.title), `${id}.title`);
          for (const part of ['meaning', 'todo'] as const) {
            assert.deepEqual(placeholders(fixed(entry[part])), [], `${id}.${part}: put {{…}} into [[ … ]]`);
            assert.match(fixed(entry[part]), end, `${id}.${part}`);
            assert.match(entry[part].replace(/\[\[|\]\]/g, ''), end, `${id}.${part}`);
            assert.doesNotMatch(fixed(entry[part]), / {2}| [,.;:]/, `${id}.${part}`);
          }
        }
    });
  });

test('both languages take the same values', () => {
  // English counts what is left over, Japanese all: "and two more", "計3件".
  const of = (entry: object | undefined): string[] =>
    placeholders(Object.values(entry ?? {}).join())
      .filter((key) => key !== 'count' && key !== 'more')
      .sort();
  for (const kind of Object.keys(KINDS) as (keyof typeof KINDS)[])
    for (const id of Object.keys(en[kind]))
      assert.deepEqual(of((en[kind] as Entries)[id]), of((ja[kind] as Entries)[id]), id);
  assert.deepEqual(Object.keys(en.labels), Object.keys(ja.labels));
  assert.deepEqual(Object.keys(en.values.missing), Object.keys(ja.values.missing));
});

test('Japanese uses full-width punctuation and the words of the house', () => {
  const sentences = [
    ...(Object.keys(KINDS) as (keyof typeof KINDS)[]).flatMap((kind) =>
      Object.values(ja[kind] as Entries).flatMap((entry) => Object.values(entry)),
    ),
    ...[ja.checks, ja.severities, ja.steps, ja.labels].flatMap((texts) => Object.values(texts)),
  ];
  for (const sentence of sentences) {
    const words = sentence.replace(/\[\[|\]\]|\{\{\w+\}\}/g, '');
    assert.doesNotMatch(words, /[ぁ-んァ-ン一-龥][,.!?;:()]|[,.!?;()][ぁ-んァ-ン一-龥]/, sentence);
    assert.doesNotMatch(words, /[^!-~] | [^!-~]/, sentence);
    for (const other of ['スパムフォルダ', '受信箱', 'スパムメール']) assert.ok(!sentence.includes(other), other);
  }
});

const SAID: [id: string, evidence: Record<string, unknown>, language: 'en' | 'ja', meaning: string][] = [
  [
    'links-broken',
    { part: '2', line: 3, url: 'https://shop.example/x', status: 404, count: 3 },
    'en',
    'A link leads to an error (404) (part 2, line 3): https://shop.example/x, and 2 more.',
  ],
  [
    'links-broken',
    { part: '2', line: 3, url: 'https://shop.example/x', status: 404, count: 1 },
    'en',
    'A link leads to an error (404) (part 2, line 3): https://shop.example/x.',
  ],
  [
    'links-unreachable',
    { part: '2', line: 3, url: 'https://shop.example/x', reason: 'connection-refused', count: 1 },
    'ja',
    'サーバーが応答しないリンク（接続を拒否されました）が1件あります（パート2、3行目）：https://shop.example/x。',
  ],
  [
    'headers-from-ambiguous',
    { problems: ['several-domains', 'unbalanced'] },
    'en',
    'It is not clear who the author is: several domains, a quote or bracket that never ends. DMARC has no answer then, and providers refuse the mail as forged.',
  ],
];
for (const [id, evidence, language, meaning] of SAID)
  test(`${id} in ${language}`, () =>
    assert.equal(explainCampaignFinding({ id, check: 'x', evidence }, language).meaning, meaning));

test('a finding about a domain is explained as on the pages of domains', () => {
  const { title } = explainCampaignFinding(
    { id: 'spf-missing', check: 'domain', evidence: { domain: 'a.example' } },
    'en',
  );
  assert.equal(title, 'No SPF record');
  assert.equal(
    explainVerdictReason(
      { reason: 'finding-too-grave', id: 'html-script', severity: 'high' } as { reason: string },
      'ja',
    ).meaning,
    'ポリシーで許容される重大度を超える指摘があります：スクリプトが含まれている（html-script、重大）。',
  );
});

test('any id and any evidence give three plain texts', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(FINDINGS), '__proto__', 'constructor', 'nothing'),
      fc.dictionary(fc.constantFrom('what', 'count', 'reason', 'problems', 'severity', '__proto__'), fc.anything()),
      fc.constantFrom(...LANGUAGES),
      (id, evidence, language) => {
        for (const text of Object.values(explainCampaignFinding({ id, check: 'html', evidence }, language))) {
          assert.equal(typeof text, 'string');
          assert.doesNotMatch(text, /undefined|\[object|NaN/);
        }
      },
    ),
  );
});
