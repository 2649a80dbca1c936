/** Documents are checked against the code: what they name exists, and what exists is named. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, test } from 'node:test';
import { SETTINGS } from '../../server/config.ts';
import { readPaths, readText } from './sources.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const documents = readPaths().filter((path) => path.endsWith('.md'));
const readme = readText('README.md');
const server = readText('server/README.md');

/** Paths in backticks and in links: `server/probe/send.ts`, `db/`, [the tests](test/README.md). */
function pathsIn(document: string, text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/i.test(target))
    .map((target) => posix.normalize(posix.join(posix.dirname(document), target)));
  const quoted = [...text.matchAll(/`([^`\s]+)`/g)]
    .map(([, target = '']) => target)
    .filter((target) => /^(server|web|db|test|\.ci)\/[\w./*<>-]*$/.test(target) && !/[*<>…]/.test(target));
  return [...links, ...quoted];
}

describe('documents', () => {
  test('name no path that is gone', () => {
    const gone = documents.flatMap((document) =>
      pathsIn(document, readText(document))
        .filter((path) => !existsSync(`${ROOT}${path}`))
        .map((path) => `${document}: ${path}`),
    );
    assert.deepEqual(gone, []);
  });
  test('name no npm script that is gone', () => {
    const { scripts } = JSON.parse(readText('package.json')) as { scripts: Record<string, string> };
    const known = new Set([...Object.keys(scripts), 'ci']);
    const gone = documents.flatMap((document) =>
      [...readText(document).matchAll(/\bnpm (?:run (?:-s )?)?(test|start|[a-z]+)\b(?= |`|$)/gm)]
        .map(([, script = '']) => script)
        .filter((script) => !known.has(script) && script !== 'run')
        .map((script) => `${document}: npm run ${script}`),
    );
    assert.deepEqual(gone, []);
  });
  test('README.md is short enough to be read', () => {
    assert.ok(readme.split('\n').length < 200, `${readme.split('\n').length} lines`);
  });
  test('every setting is explained with its default', () => {
    const rows = new Map(
      [...readme.matchAll(/^\| `([A-Z_]+)` \| ([^|]*) \| ([^|]*) \|$/gm)].map(([, name = '', value = '']) => [
        name,
        value.trim(),
      ]),
    );
    assert.deepEqual(
      [...rows.keys()],
      SETTINGS.map((setting) => setting.name),
    );
    for (const { name, default: value } of SETTINGS) assert.equal(rows.get(name), value ? `\`${value}\`` : '', name);
  });
  test('only settings that exist are named', () => {
    const known = new Set(SETTINGS.map((setting) => setting.name));
    const outside = new Set(['TODOKU_TEST_REQUIRE_ALL']);
    const unknown = documents.flatMap((document) =>
      [...readText(document).matchAll(/\bTODOKU_[A-Z_]+\b/g)]
        .map(([name]) => name)
        .filter((name) => !known.has(name) && !outside.has(name))
        .map((name) => `${document}: ${name}`),
    );
    assert.deepEqual(unknown, []);
  });
});

void server;
