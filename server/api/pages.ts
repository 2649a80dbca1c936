/**
 * Hands out the built pages. They hold no data, so anybody may load them; what they show they fetch over the API. The build lays a gzip and a
 * Brotli file beside each asset, so that nothing is compressed anew for every visitor, and as small as it gets.
 */
import { existsSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { AppError } from '../errors.ts';

const PAGES = fileURLToPath(new URL('../../web/dist/', import.meta.url));
/** The smallest first: it is taken whenever the browser knows it, however it ranks it. */
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;

export function servePages(server: Express): void {
  server.use(
    compressedAsset,
    express.static(PAGES, {
      index: false,
      setHeaders: (response, path) => {
        // Built files carry a hash of their content in their name.
        const hashed = path.startsWith(join(PAGES, 'assets'));
        response.set('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    }),
  );
  server.get('/{*path}', (request: Request, response: Response) => {
    if (!request.accepts('html') || /\.\w+$/.test(request.path))
      throw new AppError('not-found', 'There is nothing here.');
    if (!existsSync(join(PAGES, 'index.html'))) {
      response.status(503).type('text/plain').send('The pages are not built yet: run npm run build, then reload.\n');
      return;
    }
    response.set('Cache-Control', 'no-cache').sendFile('index.html', { root: PAGES });
  });
}

/** Turns a request for an asset into one for its compressed twin, when the browser takes such and the build made one. */
function compressedAsset(request: Request, response: Response, next: NextFunction): void {
  const { path } = request;
  if (/^\/assets\/[\w.-]+\.(js|css|svg)$/.test(path)) {
    response.vary('Accept-Encoding');
    const twin = ENCODINGS.find(
      ([encoding, ending]) => request.acceptsEncodings(encoding) && existsSync(join(PAGES, `${path}${ending}`)),
    );
    if (twin) {
      const [encoding, ending] = twin;
      request.url = `${path}${ending}`;
      response.type(extname(path)).set('Content-Encoding', encoding);
    }
  }
  next();
}
