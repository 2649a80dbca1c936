/**
 * What the overview's first visit costs: the gzip of every script it loads, from the build's own list of which file loads which. At most 250 KB, so that
 * the page stands at once on a slow line too. When this fails, see what came into the static imports of the frame or the overview: a
 * dialog, a picker or a plugin that could be loaded when it is first opened.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';

const DIST = new URL('../../web/dist/', import.meta.url);
const LIST = new URL('.vite/manifest.json', DIST);
const MOST_BYTES = 250_000;

type Manifest = Record<string, { file: string; imports?: string[]; dynamicImports?: string[] }>;

describe('the first visit', { skip: existsSync(LIST) ? false : 'needs the built pages: npm run build' }, () => {
  const manifest = existsSync(LIST) ? (JSON.parse(readFileSync(LIST, 'utf8')) as Manifest) : {};

  for (const language of ['en', 'ja']) {
    test(`of the overview loads at most ${MOST_BYTES / 1000} KB of script, ${language}`, () => {
      const sizes = load([
        'index.html',
        'pages/overview.tsx',
        `messages/${language}.json`,
        `../server/words/${language}.json`,
      ]);
      const sum = sizes.reduce((total, [, bytes]) => total + bytes, 0);
      const largest = sizes
        .toSorted(([, a], [, b]) => b - a)
        .slice(0, 12)
        .map(([file, bytes]) => `${bytes} ${file}`);
      assert.ok(sum <= MOST_BYTES, `${sum} bytes:\n${largest.join('\n')}`);
      // What is left out of the sum would make it mean nothing.
      assert.ok(sum > 150_000, `only ${sum} bytes were found`);
    });
  }

  // Mantine's components bear their names in the built files: those that float bring a layout engine along, and wait until they are opened.
  for (const component of [
    '@mantine/core/Modal',
    '@mantine/core/Popover',
    '@mantine/core/Select',
    '@mantine/notifications',
  ])
    test(`does not wait for ${component}`, () => {
      const first = new Set(load(['index.html', 'pages/overview.tsx']).map(([file]) => file));
      const holders = Object.values(manifest)
        .map(({ file }) => file)
        .filter((file) => file.endsWith('.js') && readFileSync(new URL(file, DIST), 'utf8').includes(component));
      assert.notDeepEqual(holders, [], 'nothing in the build bears this name: is it still used?');
      assert.deepEqual(
        holders.filter((file) => first.has(file)),
        [],
      );
    });

  /** Every file that these need, with the bytes of its gzip. */
  function load(roots: string[]): [file: string, bytes: number][] {
    const seen = new Set<string>();
    const add = (key: string): void => {
      const chunk = manifest[key];
      assert.ok(chunk, `${key} is not in the build`);
      if (seen.has(key)) return;
      seen.add(key);
      for (const next of chunk.imports ?? []) add(next);
    };
    for (const root of roots) add(root);
    return [...seen].map((key) => {
      const file = manifest[key]?.file ?? '';
      return [file, gzipSync(readFileSync(new URL(file, DIST)), { level: 9 }).length];
    });
  }
});
