/**
 * Reads the sources the way a reviewer would: which file imports which, what is code and what is comment. It looks at text, so it
 * sees what the type checker erases (`import type`) and what only Node sees (workers started by URL).
 */
import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';

const ROOT = new URL('../..', import.meta.url).pathname;

export type Import = {
  /** Path of the importing file from the root: `server/probe/send.ts`. */
  from: string;
  /** Path from the root, or the name of a package: `node:fs`, `kysely`, `mailauth`. */
  to: string;
  /** Erased at run time. */
  typeOnly: boolean;
  /** What stands between the braces. */
  names: string[];
};
export type Source = { path: string; text: string; code: string; imports: Import[] };

/** The sources of the product and its tests, without what is built or fetched. */
export function readSources(): Source[] {
  return globSync(['server/**/*.ts', 'db/**/*.ts', 'web/**/*.{ts,tsx}', 'test/**/*.ts'], {
    cwd: ROOT,
    exclude: ['web/dist/**', '**/node_modules/**'],
  })
    .sort()
    .map((path) => parse(path, readFileSync(`${ROOT}${path}`, 'utf8')));
}

/** All files of the checkout that are ours, for rules about names. */
export function readPaths(): string[] {
  return globSync('**/*', {
    cwd: ROOT,
    exclude: ['node_modules/**', 'web/dist/**', 'data/**', '.git/**', 'web/node_modules/**'],
  }).sort();
}

export function readText(path: string): string {
  return readFileSync(`${ROOT}${path}`, 'utf8');
}

export function parse(path: string, text: string): Source {
  const code = withoutComments(text);
  const imports: Import[] = [];
  const add = (specifier: string, typeOnly: boolean, names: string[] = []): void => {
    const to = specifier.startsWith('.')
      ? posix.normalize(posix.join(posix.dirname(path), specifier))
      : bare(specifier);
    imports.push({ from: path, to, typeOnly, names });
  };
  for (const [, kind, clause = '', specifier = ''] of code.matchAll(
    /^[ \t]*(?:import|export)[ \t]+(type[ \t]+)?(?:((?:[\w*$\s,]|\{[^}]*\})*?)\s*from\s*)?(['"][^'"\n]+['"])/gm,
  ))
    add(specifier.slice(1, -1), kind !== undefined, namesIn(clause));
  for (const [, specifier = ''] of code.matchAll(/\b(?:import|require)\(\s*['"]([^'"\n]+)['"]/g)) add(specifier, false);
  for (const [, specifier = ''] of code.matchAll(/\bnew URL\(\s*['"](\.[^'"\n]+\.ts)['"]\s*,\s*import\.meta\.url/g))
    add(specifier, false);
  return { path, text, code, imports };
}

/** `@scope/name/sub` → `@scope/name`, `mailauth/lib/x.js` → `mailauth`; `node:fs/promises` → `node:fs`. */
function bare(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier);
}

function namesIn(clause: string): string[] {
  return (/\{([^}]*)\}/.exec(clause)?.[1] ?? '')
    .split(',')
    .map((part) =>
      part
        .trim()
        .replace(/^type\s+/, '')
        .replace(/\s+as\s+.*$/, ''),
    )
    .filter((part) => part !== '');
}

/** Comments become blanks of the same length, so that lines keep their numbers; strings stay. */
export function withoutComments(text: string): string {
  // In order: strings and templates, regular expressions after an operator, then the two kinds of comment.
  const token =
    /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\[\s\S]|[^`\\])*`|(?<=[=(,:;!&|?{}[\n][ \t]*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/|\/\/[^\n]*|\/\*[\s\S]*?\*\//g;
  return text.replace(token, (found) => (/^\/[/*]/.test(found) ? found.replace(/[^\n]/g, ' ') : found));
}

/** The comment a file opens with, or an empty text. */
export function headComment(text: string): string {
  return /^\s*(?:#![^\n]*\n)?\s*(\/\*[\s\S]*?\*\/|(?:\/\/[^\n]*\n)+)/.exec(text)?.[1] ?? '';
}

/** Files that a file reaches by imports that exist at run time, itself included. */
export function circlesOf(edges: Iterable<readonly [string, string]>): string[][] {
  const next = new Map<string, Set<string>>();
  for (const [from, to] of edges) next.set(from, (next.get(from) ?? new Set()).add(to));
  const circles: string[][] = [];
  const done = new Set<string>();
  const visit = (node: string, path: string[]): void => {
    const at = path.indexOf(node);
    if (at !== -1) {
      circles.push([...path.slice(at), node]);
      return;
    }
    if (done.has(node)) return;
    for (const to of next.get(node) ?? []) visit(to, [...path, node]);
    done.add(node);
  };
  for (const node of next.keys()) visit(node, []);
  return circles;
}
