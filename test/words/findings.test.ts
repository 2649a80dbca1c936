/** Every finding has a title, a meaning and something to do, in both languages; every word of a closed set in its evidence has a name. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DNS_STATUSES } from '../../server/dns/client.ts';
import { LOGO_PROBLEMS } from '../../server/domain/bimi-logo.ts';
import { DEAD_CAUSES } from '../../server/domain/blocklist-proof.ts';
import { REQUIREMENTS } from '../../server/domain/bulk-senders.ts';
import { DKIM_KEY_PROBLEMS } from '../../server/domain/dkim.ts';
import { BOGUS_CAUSES } from '../../server/domain/dnssec.ts';
import { FINDINGS } from '../../server/domain/findings.ts';
import { POLICY_PROBLEMS } from '../../server/domain/mta-sts.ts';
import { PROPOSAL_NOTES } from '../../server/domain/proposal-notes.ts';
import { SPF_PROBLEMS } from '../../server/domain/spf.ts';
import { TAG_PROBLEMS } from '../../server/domain/tags.ts';
import { TLSA_PROBLEMS } from '../../server/domain/tlsa.ts';
import { FETCH_FAILURES } from '../../server/net/http.ts';
import { MAIL_SERVER_FAILURES } from '../../server/net/starttls.ts';
import en from '../../server/words/findings.en.json' with { type: 'json' };
import ja from '../../server/words/findings.ja.json' with { type: 'json' };
import { explainFinding, explainNote } from '../../server/words/findings.ts';
import { LANGUAGES } from '../../server/words/words.ts';

type Texts = {
  findings: Record<string, Record<string, string>>;
  requirements: Record<string, Record<string, string>>;
  proposals: Record<string, Record<string, string>>;
  values: Record<string, Record<string, string>>;
  details: Record<string, string>;
};
const TEXTS: Record<string, Texts> = { en, ja };
const VALUES: Record<string, readonly string[]> = {
  problem: [...SPF_PROBLEMS, ...TAG_PROBLEMS, ...DKIM_KEY_PROBLEMS, 'version'],
  status: DNS_STATUSES,
  state: ['missing', 'several', 'invalid'],
};
/** Codes that stand under several names. `http-404` and its kin are numbers and need no words. */
const DETAILS = new Set<string>([
  ...FETCH_FAILURES,
  ...MAIL_SERVER_FAILURES,
  ...POLICY_PROBLEMS,
  ...TLSA_PROBLEMS,
  ...LOGO_PROBLEMS,
  ...BOGUS_CAUSES,
  ...DEAD_CAUSES,
  ...['not-pem', 'unreadable', 'unknown-issuer', 'bad-signature', 'no-test-entries'],
]);

const placeholders = (text: string): string[] =>
  [...new Set([...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, key]) => key ?? ''))].sort();
/** What is left when every optional part is taken out. */
const fixed = (text: string): string => {
  let kept = text;
  for (let before = ''; before !== kept; ) {
    before = kept;
    kept = kept.replace(/\[\[((?!\[\[|\]\])[\s\S])*\]\]/g, '');
  }
  return kept;
};

for (const language of LANGUAGES)
  describe(`findings in ${language}`, () => {
    const { findings = {}, requirements = {}, values = {}, details = {} } = TEXTS[language] ?? {};
    test('one entry for each finding, and no other', () => {
      assert.deepEqual(Object.keys(findings).sort(), Object.keys(FINDINGS).sort());
      assert.deepEqual(Object.keys(requirements), [...REQUIREMENTS]);
    });
    test('one name for each word of the closed sets, and no other', () => {
      assert.deepEqual(Object.keys(values), Object.keys(VALUES));
      for (const [set, words] of Object.entries(VALUES)) {
        assert.deepEqual(Object.keys(values[set] ?? {}).sort(), [...new Set(words)].sort(), set);
        for (const name of Object.values(values[set] ?? {})) assert.ok(name !== '' && !/[.。]$/.test(name), name);
      }
    });
    test('one phrase for each code, and no other', () => {
      assert.deepEqual(Object.keys(details).sort(), [...DETAILS].sort());
      for (const [code, phrase] of Object.entries(details)) assert.ok(phrase !== '' && !/[.。]$/.test(phrase), code);
    });
    test('each has all three texts, ending as sentences do, whatever is known', () => {
      const end = language === 'en' ? /[^.]\.$/ : /[^。]。$/;
      for (const [id, entry] of [...Object.entries(findings), ...Object.entries(requirements)]) {
        assert.deepEqual(Object.keys(entry), ['title', 'meaning', 'todo'], id);
        assert.ok(entry.title && entry.title.length <= 60 && !/[.。{]/.test(entry.title), `${id}.title`);
        for (const part of ['meaning', 'todo']) {
          assert.deepEqual(placeholders(fixed(entry[part] ?? '')), [], `${id}.${part}: put {{…}} into [[ … ]]`);
          assert.match(fixed(entry[part] ?? ''), end, `${id}.${part}`);
          assert.match((entry[part] ?? '').replace(/\[\[|\]\]/g, ''), end, `${id}.${part}`);
          assert.doesNotMatch(fixed(entry[part] ?? ''), / {2}| [,.;:]|^ /, `${id}.${part}`);
        }
      }
    });
    test('with its evidence every finding says whole sentences', () => {
      for (const id of Object.keys(FINDINGS))
        for (const text of Object.values(explainFinding(id, {}, language)))
          assert.doesNotMatch(text, /[[\]{}]|undefined/);
    });
  });

/** What each note fills in: named findings by their titles. */
const NOTES: Record<(typeof PROPOSAL_NOTES)[number], Record<string, string | string[]>> = {
  'policy-later': { finding: 'dmarc-policy-none', because: 'dmarc-no-reports' },
  'policy-milder': { policies: ['reject', 'none'], kept: 'none' },
  'policy-weaker': { policy: 'reject' },
  'ending-milder': { endings: ['-all', '?all'], kept: '~all' },
  next: { finding: 'dmarc-policy-none' },
  together: { names: ['a.test', '_spf1.a.test'] },
};

for (const language of LANGUAGES)
  test(`notes on records that are proposed, in ${language}`, () => {
    assert.deepEqual(Object.keys(TEXTS[language]?.proposals ?? {}), [...PROPOSAL_NOTES]);
    for (const [reason, evidence] of Object.entries(NOTES)) {
      const { title, meaning, todo } = explainNote(reason, evidence, language);
      assert.doesNotMatch(title, /[.。{]/);
      for (const text of [meaning, todo]) {
        assert.match(text, language === 'en' ? /[^.]\.$/ : /[^。]。$/);
        assert.doesNotMatch(text, /[[\]{}]|undefined|dmarc-|“”|「」/, reason);
      }
    }
  });

test('both languages take the same values', () => {
  for (const kind of ['findings', 'requirements', 'proposals'] as const)
    for (const id of Object.keys(TEXTS.en?.[kind] ?? {})) {
      const of = (texts: Texts | undefined): string[] => placeholders(Object.values(texts?.[kind][id] ?? {}).join());
      assert.deepEqual(of(TEXTS.en), of(TEXTS.ja), id);
    }
});

test('Japanese uses full-width punctuation and the words of the house', () => {
  const sentences = [
    ...Object.values(ja.findings).flatMap((entry) => Object.values(entry)),
    ...Object.values(ja.requirements).flatMap((entry) => Object.values(entry)),
    ...Object.values(ja.proposals).flatMap((entry) => Object.values(entry)),
    ...Object.values(ja.values).flatMap((set) => Object.values(set)),
    ...Object.values(ja.details),
  ];
  for (const sentence of sentences) {
    const words = sentence.replace(/\[\[|\]\]|\{\{\w+\}\}/g, '');
    assert.doesNotMatch(words, /[ぁ-んァ-ン一-龥][,.!?;:()]|[,.!?;()][ぁ-んァ-ン一-龥]/, sentence);
    // "RFC 9989", "Sender ID": a space stands between words of another language only.
    assert.doesNotMatch(words, /[^!-~] | [^!-~]/, sentence);
    for (const other of ['スパムフォルダ', '受信箱', '種アカウント']) assert.ok(!sentence.includes(other), other);
  }
});

describe('explainFinding', () => {
  const cases: [id: string, evidence: Record<string, unknown>, language: 'en' | 'ja', meaning: string][] = [
    [
      'spf-syntax',
      { term: 'ipv4:192.0.2.1', problem: 'unknown-mechanism' },
      'en',
      'A part of the record cannot be read: ipv4:192.0.2.1 (no mechanism that SPF knows). One mistake is enough for receivers to ignore the whole record with a permanent error.',
    ],
    [
      'spf-syntax',
      { term: 'ipv4:192.0.2.1', problem: 'unknown-mechanism' },
      'ja',
      'レコードの一部を読み取れません：ipv4:192.0.2.1（SPFにない機構）。誤りが1か所でもあると、受信側はレコード全体を恒久的なエラー（permerror）として扱います。',
    ],
    [
      'spf-unasked',
      { name: 'a.example', status: 'timeout' },
      'ja',
      'ドメインのTXTレコードの問い合わせに応答がありませんでした（a.example、時間内に応答なし）。レコードの有無は分かりません。',
    ],
    [
      'dkim-ed25519-alone',
      { selectors: ['s1', 's2'] },
      'en',
      'All keys that were found are Ed25519 (s1, s2); many receivers cannot check them and treat the mail as unsigned.',
    ],
    [
      'mtasts-policy-unreachable',
      { url: 'https://mta-sts.a.example/.well-known/mta-sts.txt', reason: 'connection-refused' },
      'ja',
      '送信側がポリシーを取得できません（接続を拒否されました）。初めての送信側はMTA-STSがないものとして扱い、以前に取得した送信側は古い内容を使い続けます。',
    ],
    [
      'mtasts-unasked',
      { name: 'mta-sts.a.example', status: 'servfail' },
      'en',
      'There was no answer about mta-sts.a.example (the DNS server failed). Nothing is said about the record.',
    ],
    [
      'spf-ip-not-passing',
      { ip: '192.0.2.1', result: 'permerror', reason: 'spf-syntax' },
      'en',
      'For mail from a sending address (192.0.2.1) SPF does not say pass but permerror (SPF record broken).',
    ],
  ];
  for (const [id, evidence, language, meaning] of cases)
    test(`${id} in ${language}`, () => assert.equal(explainFinding(id, evidence, language).meaning, meaning));
  test('any id and any evidence give three plain texts', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(FINDINGS), '__proto__', 'constructor', 'nothing'),
        fc.dictionary(
          fc.constantFrom('term', 'terms', 'status', 'problem', 'reason', 'count', '__proto__'),
          fc.anything(),
        ),
        fc.constantFrom(...LANGUAGES),
        (id, evidence, language) => {
          for (const text of Object.values(explainFinding(id, evidence, language))) {
            assert.equal(typeof text, 'string');
            assert.doesNotMatch(text, /undefined|\[object|NaN/);
          }
        },
      ),
    );
  });
});
