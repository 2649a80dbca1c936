/** Documents are checked against the code: what they name exists, and what exists is named. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, test } from 'node:test';
import type { Command } from 'commander';
import { EXIT_CODES, program } from '../../server/cli.ts';
import { SETTINGS } from '../../server/config.ts';
import { OUTCOMES } from '../../server/probe/types.ts';
import { readPaths, readText } from './sources.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const documents = readPaths().filter((path) => path.endsWith('.md'));
const readme = readText('README.md');
const server = readText('server/README.md');

/** The rows of all tables in a document, cell by cell, however they are padded. */
function rowsIn(text: string): string[][] {
  return [...text.matchAll(/^\|(.*)\|$/gm)].map(([, row = '']) => row.split('|').map((cell) => cell.trim()));
}
/** What stands between backticks, and nothing beside them; else null. */
const quoted = (cell = ''): string | null => /^`([^`]+)`$/.exec(cell)?.[1] ?? null;

/** Paths in backticks and in links: `server/probe/send.ts`, `db/`, [the tests](test/README.md). */
function pathsIn(document: string, text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/i.test(target))
    .map((target) => posix.normalize(posix.join(posix.dirname(document), target)));
  const inBackticks = [...text.matchAll(/`([^`\s]+)`/g)]
    .map(([, target = '']) => target)
    .filter((target) => /^(server|web|db|test|\.ci)\/[\w./*<>-]*$/.test(target) && !/[*<>…]/.test(target));
  return [...links, ...inBackticks];
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
    const gone = documents.flatMap((document) =>
      [...readText(document).matchAll(/\bnpm (?:run (?:-s )?([a-z]+)|(test|start)\b)/g)]
        .map(([, run, short]) => run ?? short ?? '')
        .filter((script) => !(script in scripts))
        .map((script) => `${document}: npm run ${script}`),
    );
    assert.deepEqual(gone, []);
  });
  test('README.md is short enough to be read', () => {
    assert.ok(readme.split('\n').length < 200, `${readme.split('\n').length} lines`);
  });
  test('every setting is explained with its default', () => {
    const rows = new Map(
      rowsIn(readme)
        .map(([name, value = '']) => [quoted(name), value] as const)
        .filter((row): row is [string, string] => /^[A-Z_]+$/.test(row[0] ?? '')),
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

describe('references', () => {
  test('every API route stands in server/README.md as the code has it', () => {
    const declared = readPaths()
      .filter((path) => /^server\/api\/[\w-]+\.ts$/.test(path))
      .flatMap((path) => [
        ...readText(path).matchAll(
          /method: '(\w+)',\s*path: '([^']+)',\s*summary:\s*(?:'((?:[^'\\]|\\.)*)'|"([^"]*)")(?:,\s*access: '(\w+)')?/g,
        ),
      ])
      .map(([, method = '', path, single, double, access = 'owner']) =>
        [`${method.toUpperCase()} ${path}`, single ?? double, access].join(' | '),
      );
    const documented = rowsIn(server)
      .map(([route, summary, who]) => [quoted(route), summary, who])
      .filter(([route]) => /^[A-Z]+ \//.test(route ?? ''))
      .map((row) => row.join(' | '));
    assert.ok(declared.length > 20, `only ${declared.length} routes were found: are they declared in another way now?`);
    assert.deepEqual(documented.sort(), declared.sort());
  });

  test('every command stands in README.md, and no other', () => {
    const commands = (program: Command, before = ''): string[] =>
      program.commands.flatMap((command) => {
        const name = `${before}${command.name()}`;
        return command.commands.length > 0 ? commands(command, `${name} `) : [name];
      });
    const real = commands(program(() => Promise.resolve()));
    const documented = rowsIn(readme)
      .map(([command]) => /^[a-z]+( [a-z]+)?/.exec(quoted(command) ?? '')?.[0])
      .filter((name) => name !== undefined);
    assert.deepEqual(documented.sort(), real.sort());
  });

  test('every exit code is explained', () => {
    const line = /^Exit codes: (.*)$/m.exec(readme)?.[1] ?? '';
    assert.deepEqual(
      [...line.matchAll(/(?:^|· )(\d)/g)].map(([, code]) => code),
      Object.keys(EXIT_CODES),
    );
  });

  test('every outcome is a word of the house', () => {
    for (const outcome of OUTCOMES) assert.match(server, new RegExp(`\\b${outcome}\\b`));
  });
});
