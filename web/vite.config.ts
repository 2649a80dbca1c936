/**
 * How the pages are built: one bundle of static files in web/dist that the server hands out. In development the API is another
 * process, so /api and /trial/api go there through a proxy.
 */
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = fileURLToPath(new URL('.', import.meta.url));

// biome-ignore lint/style/noDefaultExport: vite reads the default export
export default defineConfig({
  root: here,
  plugins: [react()],
  build: {
    outDir: `${here}dist`,
    emptyOutDir: true,
    target: 'es2022',
    // The policy of the server allows no data: scripts; small files stay files.
    assetsInlineLimit: 0,
    // Inline preload code would need 'unsafe-inline'; the polyfill is a script tag, so leave it out.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
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
