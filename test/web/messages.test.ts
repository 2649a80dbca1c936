/** Both languages say everything, and no page says anything that is not in them. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, test } from 'node:test';
import { readSources } from '../rules/sources.ts';

const ROOT = new URL('../../', import.meta.url).pathname;

/** The words of the frame and of every part, as one tree. */
function messagesOf(language: 'en' | 'ja'): Record<string, unknown> {
  const files = globSync(`web/messages/{*/,}${language}.json`, { cwd: ROOT }).map(
    (file) => JSON.parse(readFileSync(ROOT + file, 'utf8')) as Record<string, unknown>,
  );
  const groups = files.flatMap((file) => Object.keys(file));
  assert.deepEqual(groups, [...new Set(groups)], 'a group of words stands in one file');
  return Object.assign({}, ...files) as Record<string, unknown>;
}
const en = messagesOf('en');
const ja = messagesOf('ja');

function flat(tree: unknown, path = ''): [string, string][] {
  if (typeof tree === 'string') return [[path, tree]];
  return Object.entries(tree as Record<string, unknown>).flatMap(([key, value]) =>
    flat(value, path === '' ? key : `${path}.${key}`),
  );
}

/** English has one and other, Japanese only other: the key is the same. */
const withoutPlural = (key: string): string => key.replace(/_(one|other)$/, '');
const ENGLISH = flat(en);
const JAPANESE = flat(ja);

describe('messages', () => {
  test('both languages have the same keys', () => {
    const keys = (list: [string, string][]) => [...new Set(list.map(([key]) => withoutPlural(key)))].sort();
    assert.deepEqual(keys(JAPANESE), keys(ENGLISH));
  });

  test('both languages have the same parts', () => {
    const parts = (language: string) =>
      globSync(`web/messages/*/${language}.json`, { cwd: ROOT }).map((file) => file.split('/')[2]);
    assert.deepEqual(parts('ja').sort(), parts('en').sort());
    assert.ok(parts('en').length > 0);
  });

  test('both languages put the same values in', () => {
    const values = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();
    const english = new Map(ENGLISH.map(([key, text]) => [withoutPlural(key), values(text)]));
    for (const [key, text] of JAPANESE) assert.deepEqual(values(text), english.get(withoutPlural(key)), key);
  });

  test('Japanese is Japanese', () => {
    // Names that are the same in both.
    const same = new Set(
      'brand chart.n chart.nIs marks.of heartbeat.run rate.detailPlain rate.full probe.messageId security.tls security.starttls protocol.imap protocol.pop3 language.en language.ja language.enShort language.jaShort imports.paste about.node about.sqlite about.api domain.chip domain.bimi.size search.match.message-id'.split(
        ' ',
      ),
    );
    const english = new Map(ENGLISH);
    for (const [key, text] of JAPANESE) {
      if (same.has(key)) continue;
      assert.match(text, /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]|^、$|^（/u, `${key}: ${text}`);
      assert.notEqual(text, english.get(key), key);
      // Full-width punctuation between Japanese letters.
      assert.doesNotMatch(
        text,
        /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}][,.:!?()]\s?/u,
        `${key}: ${text}`,
      );
    }
  });

  test('no sentence ends half', () => {
    for (const [key, text] of [...ENGLISH, ...JAPANESE]) {
      assert.notEqual(text.trim(), '', key);
      assert.equal((text.match(/\{\{/g) ?? []).length, (text.match(/\}\}/g) ?? []).length, key);
    }
  });
});

describe('pages', () => {
  const files = globSync('web/{components,pages,charts}/**/*.tsx', { cwd: ROOT });
  const sources = files.map((file) => ({ file, text: readFileSync(ROOT + file, 'utf8') }));

  test('there are pages to look at', () => {
    assert.ok(files.length > 20);
  });

  test('no text stands in the markup itself', () => {
    const found: string[] = [];
    for (const { file, text } of sources) {
      const bare = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
      // Letters between a tag's end and the next tag or brace: <Text>Hello</Text>. Generics and arrows have no such shape on one line.
      for (const match of bare.matchAll(/(?<![=\w)\]]\s?)>\s*([^<>{}=;()]*\p{L}{2,}[^<>{}=;()]*)\s*<\//gu))
        found.push(`${file}: ${match[1]?.trim()}`);
      // Words in attributes that people see or hear.
      for (const match of bare.matchAll(
        /\s(?:title|label|placeholder|description|aria-label|alt|note|lead)="([^"]*\p{L}{2,}[^"]*)"/gu,
      ))
        found.push(`${file}: ${match[0].trim()}`);
    }
    assert.deepEqual(found, []);
  });

  test('the scan would find such text', () => {
    const bare = '<Text size="sm">Hello there</Text>';
    assert.match(bare, /(?<![=\w)\]]\s?)>\s*([^<>{}=;()]*\p{L}{2,}[^<>{}=;()]*)\s*<\//u);
  });

  test('every message is used', () => {
    const all =
      sources.map(({ text }) => text).join('\n') +
      globSync('web/**/*.ts', { cwd: ROOT, exclude: ['web/dist/**'] })
        .map((file) => readFileSync(ROOT + file, 'utf8'))
        .join('\n');
    const patterns = [...all.matchAll(/`([a-zA-Z]+(?:\.[a-zA-Z0-9-]+)*)\.?\$\{/g)].map((match) => match[1] ?? '');
    const unused = [...new Set(ENGLISH.map(([key]) => withoutPlural(key)))].filter(
      (key) => !all.includes(`'${key}'`) && !patterns.some((pattern) => key.startsWith(`${pattern}.`)),
    );
    assert.deepEqual(unused, []);
  });

  test('words of a part are said only by what loads with it', () => {
    const parts = globSync('web/messages/*/en.json', { cwd: ROOT }).map((path) => {
      const groups = Object.keys(JSON.parse(readFileSync(ROOT + path, 'utf8')) as object);
      return { part: path.split('/')[2] ?? '', says: new RegExp(`\\bt\\(\\s*['\`](${groups.join('|')})\\.`) };
    });
    assert.ok(parts.length > 2);
    const strangers = new Set<string>();
    for (const { root, loadsWith } of loads())
      for (const file of reached(root))
        for (const { part, says } of parts)
          if (!loadsWith.has(part) && says.test(web.get(file)?.code ?? ''))
            strangers.add(`${file} says words of ${part}`);
    assert.deepEqual([...strangers], []);
  });

  test('mail is never put on a page as HTML', () => {
    for (const { file, text } of sources) {
      assert.doesNotMatch(text, /dangerouslySetInnerHTML|innerHTML/, file);
      // But for one frame, which has no rights and a policy of its own.
      if (file === 'web/components/mail-view.tsx')
        assert.deepEqual(
          text.match(/<iframe[^>]*>/g)?.map((tag) => /sandbox=""\s+srcDoc=\{frameDocument\(/.test(tag)),
          [true],
        );
      else assert.doesNotMatch(text, /srcDoc|<iframe/, file);
    }
  });
});

const web = new Map(
  readSources()
    .filter(({ path }) => path.startsWith('web/'))
    .map((source) => [source.path, source]),
);
const LATER = /\bimport\(\s*'([^']+)'\s*\)/g;

/** What the browser fetches in one go, and the parts of the words that come with it. */
function loads(): { root: string; loadsWith: Set<string> }[] {
  const found = [{ root: 'web/main.tsx', loadsWith: new Set<string>() }];
  for (const { path, code } of web.values())
    for (const match of code.matchAll(LATER)) {
      const root = posix.join(posix.dirname(path), match[1] ?? '');
      if (!web.has(root)) continue;
      const statement =
        code
          .slice(0, match.index)
          .split(/;\n|createRoute\(/)
          .at(-1) ?? '';
      const named = [...statement.matchAll(/withMessages\(\s*(\[[^\]]*\]|'\w+')/g)].flatMap(
        ([, parts = '']) => parts.match(/\w+/g) ?? [],
      );
      // The pages of a folder come after the frame of that folder, which brought its words.
      found.push({ root, loadsWith: new Set([...named, root.split('/')[2] ?? '']) });
    }
  return found;
}

/** What comes along with a file, itself included. */
function reached(root: string): Set<string> {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    const source = web.get(path);
    if (!source || seen.has(path)) return;
    seen.add(path);
    const later = new Set([...source.code.matchAll(LATER)].map(([, to]) => posix.join(posix.dirname(path), to ?? '')));
    for (const { to, typeOnly } of source.imports) if (!typeOnly && !later.has(to)) visit(to);
  };
  visit(root);
  return seen;
}
