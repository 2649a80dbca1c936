/** Every finding about transport has a title, a meaning and something to do, in both languages; what stands in evidence as a code has a phrase. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DNS_STATUSES } from '../../server/dns/client.ts';
import { LOGO_PROBLEMS } from '../../server/domain/bimi-logo.ts';
import { DEAD_CAUSES } from '../../server/domain/blocklist-proof.ts';
import { BOGUS_CAUSES } from '../../server/domain/dnssec.ts';
import { TRANSPORT_FINDINGS } from '../../server/domain/findings-transport.ts';
import { POLICY_PROBLEMS } from '../../server/domain/mta-sts.ts';
import { TLSA_PROBLEMS } from '../../server/domain/tlsa.ts';
import { FETCH_FAILURES } from '../../server/net/http.ts';
import { MAIL_SERVER_FAILURES } from '../../server/net/starttls.ts';
import detailsEn from '../../server/words/findings-details.en.json' with { type: 'json' };
import detailsJa from '../../server/words/findings-details.ja.json' with { type: 'json' };
import en from '../../server/words/findings-transport.en.json' with { type: 'json' };
import ja from '../../server/words/findings-transport.ja.json' with { type: 'json' };

type Texts = Record<string, Record<string, string>>;
const TEXTS: Record<'en' | 'ja', Texts> = { en, ja };
const DETAILS: Record<'en' | 'ja', Record<string, string>> = { en: detailsEn, ja: detailsJa };

/** Codes that stand under `reason`, `problem`, `cause` and `status`. `http-404` and its kin are numbers and need no words. */
const CODES = new Set<string>([
  ...FETCH_FAILURES,
  ...MAIL_SERVER_FAILURES,
  ...POLICY_PROBLEMS,
  ...TLSA_PROBLEMS,
  ...LOGO_PROBLEMS,
  ...BOGUS_CAUSES,
  ...DEAD_CAUSES,
  ...DNS_STATUSES.filter((status) => !['answer', 'nodata', 'nxdomain'].includes(status)),
  ...['not-pem', 'unreadable', 'unknown-issuer', 'bad-signature', 'no-test-entries'],
]);

const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, key]) => key ?? '').sort();
const fixed = (text: string): string => text.replace(/\[\[((?!\[\[|\]\])[\s\S])*\]\]/g, '');

for (const language of ['en', 'ja'] as const)
  describe(`findings in ${language}`, () => {
    test('one entry for each finding, and no other', () => {
      assert.deepEqual(Object.keys(TEXTS[language]).sort(), Object.keys(TRANSPORT_FINDINGS).sort());
      assert.deepEqual(Object.keys(DETAILS[language]).sort(), [...CODES].sort());
    });
    test('each has all three texts, ending as sentences do', () => {
      const end = language === 'en' ? /[.]$/ : /。$/;
      for (const [id, entry] of Object.entries(TEXTS[language])) {
        assert.deepEqual(Object.keys(entry), ['title', 'meaning', 'todo'], id);
        assert.ok(entry.title && entry.title.length <= 60 && !/[.。]$/.test(entry.title), `${id}.title`);
        for (const part of ['meaning', 'todo'])
          for (const text of [entry[part] ?? '', fixed(entry[part] ?? '')]) assert.match(text, end, `${id}.${part}`);
      }
    });
    test('a value that is not known leaves no hole', () => {
      for (const [id, entry] of Object.entries(TEXTS[language]))
        for (const [part, text] of Object.entries(entry)) {
          const left = fixed(text);
          assert.deepEqual(placeholders(left), [], `${id}.${part}: put {{…}} into [[ … ]]`);
          assert.doesNotMatch(left, / {2}| [.,;:]|（）|\[\[|\]\]/, `${id}.${part}: ${left}`);
        }
    });
  });

test('both languages take the same values', () => {
  const own: Record<string, string[]> = {};
  for (const id of Object.keys(TRANSPORT_FINDINGS)) {
    const [first, second] = [TEXTS.en[id], TEXTS.ja[id]].map((entry) => [
      ...new Set(placeholders(Object.values(entry ?? {}).join())),
    ]);
    if (JSON.stringify(first) !== JSON.stringify(second)) own[id] = [...(first ?? []), '|', ...(second ?? [])];
  }
  assert.deepEqual(own, {});
});

test('Japanese uses full-width punctuation and the words of the house', () => {
  const sentences = [...Object.values(ja).flatMap((entry) => Object.values(entry)), ...Object.values(detailsJa)];
  for (const sentence of sentences) {
    // Names that are written with blanks in Japanese too.
    const words = sentence.replace(/\[\[|\]\]|\{\{\w+\}\}|Null MX|SVG Tiny PS|ECDSA P-256|3 1 1/g, '');
    assert.doesNotMatch(words, /[ぁ-んァ-ン一-龥][,.!?;:()]|[,.!?;()][ぁ-んァ-ン一-龥]/, sentence);
    assert.doesNotMatch(words, / /, sentence);
    for (const other of ['スパムフォルダ', '受信箱', '種アカウント', 'プローブ', '送信者'])
      assert.ok(!sentence.includes(other), `${other}: ${sentence}`);
  }
});
