/** Every word of every closed set has a title, a meaning and something to do, in both languages, and nothing else stands in the files. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BACKUP_REASONS } from '../../server/api/json/backups.ts';
import type { App } from '../../server/app.ts';
import {
  AUTHENTICATION_REASONS,
  AUTHENTICATION_RESULTS,
  type BoundaryProblem,
  DISAGREEMENT_REASONS,
  type IgnoredReason,
} from '../../server/authentication/types.ts';
import type { CsvCellReason, CsvFileReason } from '../../server/csv.ts';
import type { ErrorCode } from '../../server/errors.ts';
import { MARK_REASONS } from '../../server/mark/types.ts';
import { PREVIEW_REASONS } from '../../server/preview/types.ts';
import { OUTCOMES, PLACEMENT_KINDS, PLACEMENT_REASONS, type ProbeReason, TABS } from '../../server/probe/types.ts';
import type { SeedCsvReason } from '../../server/seed/csv.ts';
import type { ProviderQuirk } from '../../server/seed/providers.ts';
import { SEED_REASONS, type SeedReason, type SeedWarning } from '../../server/seed/types.ts';
import type { SenderCsvReason } from '../../server/sender/csv.ts';
import { PRESET_NOTES } from '../../server/sender/presets.ts';
import type { PlanVerdict } from '../../server/sender/quota.ts';
import { SEND_REASONS, type SendReason } from '../../server/sender/types.ts';
import detailsEn from '../../server/words/details.en.json' with { type: 'json' };
import detailsJa from '../../server/words/details.ja.json' with { type: 'json' };
import frequentEn from '../../server/words/en.json' with { type: 'json' };
import frequentJa from '../../server/words/ja.json' with { type: 'json' };
import { explain, LANGUAGES, name, type WordKind } from '../../server/words/words.ts';

const en = { ...frequentEn, ...detailsEn };
const ja = { ...frequentJa, ...detailsJa };

// Sets that are types alone are written out here; the type checker refuses this file when a word is missing or gone.
type OwnProbeReason = Exclude<ProbeReason, SendReason | SeedReason | (typeof PLACEMENT_REASONS)[number]>;
const PROBE_REASONS: Record<OwnProbeReason, true> = {
  'waiting-to-be-sent': true,
  'waiting-for-its-turn': true,
  watched: true,
  'not-seen': true,
  'counted-elsewhere': true,
  'being-sent': true,
  'interrupted-while-sending': true,
  'restored-while-waiting': true,
  'not-seen-yet': true,
  'not-seen-in-time': true,
  'not-seen-in-inbox': true,
  'never-arrived': true,
  'seed-unreadable': true,
  'seed-paused': true,
  bounced: true,
};
const WARNINGS: Record<SeedWarning, true> = {
  'no-junk-folder': true,
  'spam-hidden-in-imap': true,
  'pop3-inbox-only': true,
  'no-idle': true,
  'imap-off-by-default': true,
  'search-unreliable': true,
  'tabs-unknown': true,
  'certificate-expires-soon': true,
  'chosen-junk-missing': true,
};
const ERRORS: Record<ErrorCode, true> = {
  invalid: true,
  'not-signed-in': true,
  'wrong-password': true,
  forbidden: true,
  'not-found': true,
  conflict: true,
  'too-large': true,
  'too-many-attempts': true,
  busy: true,
  config: true,
  'private-address': true,
  'budget-exceeded': true,
};
const BOUNDARIES: Record<BoundaryProblem, true> = {
  'no-received': true,
  'no-own-received': true,
  'no-client-address': true,
  internal: true,
  'header-too-large': true,
};
const IGNORED: Record<IgnoredReason, true> = {
  'foreign-authserv-id': true,
  'below-boundary': true,
  'not-topmost': true,
  'no-authserv-id': true,
  unreadable: true,
};

const QUIRKS: Record<ProviderQuirk, true> = {
  'spam-may-be-hidden-in-imap': true,
  'imap-off-by-default': true,
  'search-unreliable': true,
  'pop3-recent-login': true,
  'no-junk-folder': true,
  'rate-limits-logins': true,
  'mail-password-separate': true,
  'may-quarantine': true,
  'dovecot-connection-limit': true,
};
const IMPORTS: Record<SeedCsvReason | SenderCsvReason | CsvCellReason | CsvFileReason, true> = {
  'service-unknown': true,
  'limit-invalid': true,
  'gap-invalid': true,
  'address-missing': true,
  'address-invalid': true,
  'provider-unknown': true,
  'protocol-unknown': true,
  'protocol-not-offered': true,
  'host-missing': true,
  'host-invalid': true,
  'port-invalid': true,
  'security-unknown': true,
  'user-missing': true,
  'password-missing': true,
  'control-character': true,
  'too-long': true,
  'too-many-cells': true,
  'quote-not-closed': true,
  empty: true,
  'heading-missing': true,
  'heading-twice': true,
  'too-large': true,
  'too-many-lines': true,
};
const STORAGE: Record<Exclude<App['health']['storage'], 'ok'>, true> = { full: true, 'read-only': true, failing: true };
const PLANS: Record<PlanVerdict['reason'], true> = {
  'plan-fits': true,
  'plan-leaves-little': true,
  'plan-exceeds-budget': true,
  'plan-slower-than-schedule': true,
};

const SETS: Record<WordKind, readonly string[]> = {
  reasons: [
    ...SEND_REASONS,
    ...SEED_REASONS,
    'readable',
    ...PLACEMENT_REASONS,
    ...Object.keys(PROBE_REASONS),
    ...AUTHENTICATION_REASONS,
  ],
  warnings: Object.keys(WARNINGS),
  outcomes: OUTCOMES,
  placements: PLACEMENT_KINDS,
  tabs: TABS,
  results: AUTHENTICATION_RESULTS,
  disagreements: DISAGREEMENT_REASONS,
  boundaries: Object.keys(BOUNDARIES),
  ignored: Object.keys(IGNORED),
  notes: [...PRESET_NOTES, ...Object.keys(QUIRKS)],
  plans: [...Object.keys(PLANS), 'pace'],
  imports: [...Object.keys(IMPORTS), 'duplicate', 'ok'],
  attention: [
    ...Object.keys(STORAGE).map((state) => `storage-${state}`),
    'sender-budget',
    'run-late',
    'backup-disk-full',
    'backup-failed',
  ],
  backups: BACKUP_REASONS,
  previews: PREVIEW_REASONS,
  marks: MARK_REASONS,
  errors: [...Object.keys(ERRORS), 'unlisted'],
};
const TEXTS: Record<string, Record<string, Record<string, Record<string, string>>>> = { en, ja };

const placeholders = (text: string): string[] =>
  [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, key]) => key ?? '').sort();
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
  describe(`words in ${language}`, () => {
    test('the kinds are those of the closed sets', () => {
      assert.deepEqual(Object.keys(TEXTS[language] ?? {}).sort(), Object.keys(SETS).sort());
    });
    for (const [kind, words] of Object.entries(SETS))
      test(`${kind}: one entry for each word, and no other`, () => {
        assert.deepEqual(Object.keys(TEXTS[language]?.[kind] ?? {}).sort(), [...new Set(words)].sort());
      });
    test('each has all three texts, ending as sentences do', () => {
      for (const [kind, entries] of Object.entries(TEXTS[language] ?? {}))
        for (const [word, entry] of Object.entries(entries)) {
          assert.deepEqual(Object.keys(entry), ['title', 'meaning', 'todo'], `${kind}.${word}`);
          assert.ok(entry.title && entry.title.length <= 60 && !/[.。]$/.test(entry.title), `${kind}.${word}.title`);
          const end = language === 'en' ? /\.$/ : /。(\[\[（.*）\]\])?$/;
          for (const part of ['meaning', 'todo']) assert.match(entry[part] ?? '', end, `${kind}.${word}.${part}`);
        }
    });
    test('a value that is not known leaves no hole', () => {
      for (const [kind, entries] of Object.entries(TEXTS[language] ?? {}))
        for (const [word, entry] of Object.entries(entries))
          for (const [part, text] of Object.entries(entry))
            assert.deepEqual(placeholders(fixed(text)), [], `${kind}.${word}.${part}: put {{…}} into [[ … ]]`);
    });
  });

test('no kind stands in two files', () => {
  for (const [frequent, details] of [
    [frequentEn, detailsEn],
    [frequentJa, detailsJa],
  ] as const)
    assert.deepEqual(
      Object.keys(frequent).filter((kind) => Object.hasOwn(details, kind)),
      [],
    );
});

test('both languages take the same values', () => {
  for (const [kind, words] of Object.entries(SETS))
    for (const word of words)
      assert.deepEqual(
        placeholders(Object.values(TEXTS.en?.[kind]?.[word] ?? {}).join()),
        placeholders(Object.values(TEXTS.ja?.[kind]?.[word] ?? {}).join()),
        `${kind}.${word}`,
      );
});

test('Japanese uses full-width punctuation and the words of the house', async () => {
  const read = (name: string) => readFile(new URL(`../../server/words/${name}`, import.meta.url), 'utf8');
  const text = (await read('ja.json')) + (await read('details.ja.json'));
  const sentences = Object.values(ja).flatMap((entries) =>
    Object.values(entries).flatMap((entry) => Object.values(entry)),
  );
  for (const sentence of sentences) {
    const words = sentence.replace(/\[\[|\]\]|\{\{\w+\}\}/g, '');
    // v=DMARC1; is what stands in DNS
    assert.doesNotMatch(
      words.replace('v=DMARC1; ', ''),
      /[ぁ-んァ-ン一-龥][,.!?;:()]|[,.!?;()][ぁ-んァ-ン一-龥]/,
      sentence,
    );
    assert.doesNotMatch(words.replace('v=DMARC1; ', ''), / /, sentence);
  }
  for (const other of ['スパムフォルダ', '受信箱', '種アカウント', 'プローブ', '送信者'])
    assert.ok(!text.includes(other), other);
});

describe('explain', () => {
  const cases: [string, Record<string, unknown>, 'en' | 'ja', string][] = [
    [
      'folder-junk',
      { folder: '[Gmail]/迷惑メール' },
      'ja',
      '受信側が迷惑メールと判断し、迷惑メールフォルダ（[Gmail]/迷惑メール）に振り分けました。',
    ],
    ['folder-junk', {}, 'en', 'The provider filed the mail as spam.'],
    ['folder-junk', { folder: 'Junk' }, 'en', 'The provider filed the mail as spam, in Junk.'],
    ['connection-refused', { host: 'mx.test', port: 25 }, 'en', 'Nothing answers at this host and port (mx.test:25).'],
    ['connection-refused', { host: 'mx.test' }, 'en', 'Nothing answers at this host and port (mx.test).'],
    ['connection-refused', { port: 25 }, 'en', 'Nothing answers at this host and port.'],
    [
      'not-seen-in-time',
      { minutes: 360 },
      'ja',
      'メールは送信サーバーに受け付けられましたが、360分以内にどのフォルダにも届きませんでした。',
    ],
    ['rejected', { reply: null, code: 550 }, 'en', 'The server refused the mail for good.'],
    [
      'seed-unreadable',
      { seedReason: 'wrong-password', reply: 'NO' },
      'ja',
      'シードアカウントを読み取れない（ユーザー名またはパスワードの誤り）ため、メールがどこにあるか分かりません。割合の計算には含めません。',
    ],
    // A server's words are data: they are not filled in again, and they keep to one line.
    [
      'rejected',
      { reply: '550 {{reply}} [[x]]\r\n\u202eevil' },
      'en',
      'The server refused the mail for good and answered: 550 {{reply}} [[x]] evil.',
    ],
  ];
  for (const [word, evidence, language, meaning] of cases)
    test(`${word} ${JSON.stringify(evidence)} in ${language}`, () => {
      assert.equal(explain(word, evidence, language).meaning, meaning);
    });

  test('a word in two sets is told apart by its kind', () => {
    assert.notEqual(explain('wrong-password', {}, 'en').meaning, explain('wrong-password', {}, 'en', 'errors').meaning);
    assert.equal(name('outcomes', 'missing', 'ja'), '未着');
  });
  test('a mark says why a server held a sender, and how long a seed was away', () => {
    const held = explain('sender-held', { heldReason: 'wrong-password', reply: null }, 'en', 'marks');
    assert.equal(
      held.meaning,
      'The server took no more mail from this sender (User name or password refused), so its probes waited.',
    );
    assert.equal(
      explain('seed-readable', { minutes: 42 }, 'ja', 'marks').meaning,
      'このシードアカウントを42分ぶりに読み取れるようになりました。その間に届いたメールも確認します。',
    );
  });
  test('a long reply is cut', () => {
    const { meaning } = explain('rejected', { reply: 'x'.repeat(10_000) }, 'en');
    assert.ok(meaning.length < 400 && meaning.includes('…'));
  });
  test('any word and any evidence give three plain texts', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', ...SETS.reasons)),
        fc.dictionary(fc.constantFrom('reply', 'folder', 'host', 'minutes', '__proto__'), fc.anything()),
        fc.constantFrom(...LANGUAGES),
        (word, evidence, language) => {
          const words = explain(word, evidence, language);
          for (const text of Object.values(words)) {
            assert.equal(typeof text, 'string');
            assert.doesNotMatch(text, /undefined|\[object|NaN/);
          }
        },
      ),
      { examples: [['wrong-password', { reply: Number.NaN }, 'en']] },
    );
  });
});
