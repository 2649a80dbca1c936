/** Rules of the house that a machine can check: names, marks left behind, long files, and no branch that knows of tests. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { headComment, readPaths, readSources, withoutComments } from './sources.ts';

const sources = readSources();
const product = sources.filter((source) => !source.path.startsWith('test/'));
/** Lines of code where a pattern stands, as `path:line`. */
function lines(of: typeof sources, pattern: RegExp, text: 'text' | 'code' = 'code'): string[] {
  return of.flatMap((source) =>
    source[text]
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${source.path}:${index + 1}: ${line.trim()}`] : [])),
  );
}

/** A file longer than this says why, in the comment it opens with: `Long because …`. */
const LONG = 300;
/** Marks that say "not done"; put together here so that this file does not bear them. */
const UNFINISHED = new RegExp(
  `\\b(${['TO', 'FIX', 'X'].map((start, index) => start + ['DO', 'ME', 'XX'][index]).join('|')})\\b`,
);

describe('house rules', () => {
  test('every file and folder is named after what it holds', () => {
    const nameless = readPaths().filter((path) =>
      path
        .split('/')
        .some(
          (part) => /^(utils?|helpers?|common|misc|tools?|shared|index)(\.\w+)*$/.test(part) && part !== 'index.html',
        ),
    );
    assert.deepEqual(nameless, []);
  });
  test('nothing is left for later', () => {
    assert.deepEqual(lines(sources, UNFINISHED, 'text'), []);
  });
  test('no default exports', () => {
    const allowed = /\.config\.ts$/;
    assert.deepEqual(
      lines(
        sources.filter((source) => !allowed.test(source.path)),
        /^\s*export\s+default\b|\bas default\b/,
      ),
      [],
    );
  });
  test('no barrels: a file that only passes on what others export', () => {
    const barrels = sources.filter(({ code }) => {
      const statements = code
        .split(/;\s*(?:\n|$)/)
        .map((statement) => statement.trim())
        .filter((statement) => statement !== '');
      return (
        statements.length > 0 &&
        statements.every((statement) => /^export\s+(type\s+)?(\*|\{[^}]*\})[\s\S]*\bfrom\b/.test(statement))
      );
    });
    assert.deepEqual(
      barrels.map((source) => source.path),
      [],
    );
  });
  test('no enums, no swallowed errors, no silenced checks', () => {
    assert.deepEqual(lines(product, /^\s*(export\s+)?(const\s+)?enum\s+\w/), []);
    assert.deepEqual(
      product.filter((source) => /\bcatch\s*(\([^)]*\))?\s*\{\s*\}/.test(source.code)).map((source) => source.path),
      [],
    );
    assert.deepEqual(lines(product, /\.catch\(\s*\(\s*\w*\s*\)\s*=>\s*(\{\s*\}|undefined)\s*\)/), []);
    assert.deepEqual(lines(sources, new RegExp(`@ts-${'ignore'}|@ts-${'nocheck'}|@ts-${'expect-error'}`), 'text'), []);
    assert.deepEqual(lines(product, /\bas any\b|:\s*any\b|<any>/), []);
  });
  test('no test is the only one to run', () => {
    assert.deepEqual(
      lines(
        sources.filter((source) => source.path.startsWith('test/')),
        /\b(test|describe|it)\.only\(|\bonly:\s*true/,
      ),
      [],
    );
  });
  test('every file opens with a comment', () => {
    const silent = [...product].filter(
      ({ path, text }) => headComment(text).length < 20 && !path.startsWith('db/migrations/'),
    );
    assert.deepEqual(
      silent.map((source) => source.path),
      [],
    );
  });
  test('a long file says why', () => {
    const long = product.filter(
      ({ text }) => text.split('\n').length - 1 > LONG && !/\bLong because\b/.test(headComment(text)),
    );
    assert.deepEqual(
      long.map(({ path, text }) => `${path}: ${text.split('\n').length - 1} lines`),
      [],
    );
  });
});

describe('the seam is an address', () => {
  // The product never asks whether it is being tested: it is given other addresses, and that is all.
  const entries = new Set([
    'server/main.ts',
    'server/cli.ts',
    'server/demo.ts',
    'server/trial.ts',
    'server/made-up.ts',
  ]);
  const real = product.filter(
    ({ path }) => !path.startsWith('server/sandbox/') && !path.startsWith('server/cli/') && !entries.has(path),
  );

  test('no branch knows of the sandbox', () => {
    // `sandbox` is also what HTML calls an iframe without rights, and what a content security policy does.
    // So do mail services, for an account that may only write to itself.
    const html =
      /sandbox-sends-to-verified-only|sandbox=|sandbox:\s*\[|['"]sandbox['"]\s*:|allow-|Content-Security-Policy/;
    assert.deepEqual(
      lines(real, /sandbox/i).filter((line) => !html.test(line)),
      [],
    );
  });
  test('no branch knows of tests', () => {
    assert.deepEqual(
      lines(real, /\bNODE_ENV\b|\bisTest(ing)?\b|\bunderTest\b|\bNODE_TEST_CONTEXT\b|import\.meta\.env\.MODE/),
      [],
    );
  });
  test('no address of the test world', () => {
    assert.deepEqual(lines(real, /['"`][^'"`]*[\w@.-]\.test['"`]/), []);
  });
});

describe('the reader of code', () => {
  const cases: [string, string][] = [
    ['a // b', 'a     '],
    ['/* a */b', '       b'],
    ["'//' // x", "'//'     "],
    ['`//\n//`', '`//\n//`'],
    ['x = /\\/\\/[/*]/g; // y', 'x = /\\/\\/[/*]/g;     '],
    ['a / b // c', 'a / b     '],
  ];
  for (const [text, code] of cases)
    test(text, () => {
      assert.equal(withoutComments(text), code);
    });
});
