/**
 * How the pages are built: one bundle of static files in web/dist that the server hands out. In development the API is another
 * process, so /api and /trial/api go there through a proxy.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));

/**
 * Scales that no chart here uses would stay in the bundle, because a static field that reads a property of another object counts as a side effect.
 * In Chart.js these readings have none; to say so to the bundler for all packages (`propertyReadSideEffects`) would take away readings that
 * others make on purpose, to have the browser lay out a page before it moves.
 */
function unusedScales(): Plugin {
  const readings = /(?<=callback: )Ticks\.formatters\.\w+|(?<=static defaults = )TimeScale\.defaults/g;
  return {
    name: 'unused-scales',
    transform: {
      filter: { id: /chart\.js[\\/]dist[\\/]chart\.js$/ },
      handler: (code) => ({ code: code.replaceAll(readings, '/* @__PURE__ */ (() => $&)()'), map: null }),
    },
  };
}

/** Beside each file its gzip and its Brotli, as small as they get: the server hands them out as they are (server/api/pages.ts). */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    async writeBundle({ dir = '' }, bundle) {
      const files = Object.keys(bundle).filter((name) => /^assets\/.*\.(js|css|svg)$/.test(name));
      await Promise.all(
        files.map(async (name) => {
          const path = join(dir, name);
          const content = await readFile(path);
          await writeFile(`${path}.gz`, await promisify(gzip)(content, { level: constants.Z_BEST_COMPRESSION }));
          await writeFile(`${path}.br`, await promisify(brotliCompress)(content));
        }),
      );
    },
  };
}

// biome-ignore lint/style/noDefaultExport: vite reads the default export
export default defineConfig({
  root: here,
  plugins: [react(), unusedScales(), compressed()],
  build: {
    outDir: `${here}dist`,
    emptyOutDir: true,
    // Which file loads which: test/web/size.test.ts adds up what the first visit costs.
    manifest: true,
    target: 'es2022',
    // The policy of the server allows no data: scripts; small files stay files.
    assetsInlineLimit: 0,
    // Inline preload code would need 'unsafe-inline'; the polyfill is a script tag, so leave it out.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        // Few files: one compresses better than many small ones, and a browser asks for no more than six at a time.
        codeSplitting: {
          groups: [
            { name: 'frame', tags: ['$initial'], test: (id) => !/[\\/](index\.html|main\.tsx)$/.test(id), priority: 2 },
            // Not those that the overview does not show, nor what makes a picture of one.
            {
              name: 'charts',
              test: /[\\/](chart\.js|@kurkle|web[\\/]charts)[\\/](?!heatmap|delay-distribution|delay-place|png)/,
              priority: 1,
            },
          ],
        },
      },
    },
  },
  server: {
    port: 4126,
    proxy: {
      '/api': 'http://127.0.0.1:4125',
      '/trial/api': 'http://127.0.0.1:4125',
      '/healthz': 'http://127.0.0.1:4125',
    },
  },
});
