/** Mounts the table of routes on Express: who may come in, what may come in, what goes out, and the pages beside it. */
import compression from 'compression';
import express, { type Express, type Request, type Response } from 'express';
import helmet from 'helmet';
import { pinoHttp } from 'pino-http';
import type { App } from '../app.ts';
import { AppError } from '../errors.ts';
import { readBody } from './body.ts';
import { admit, remains } from './door.ts';
import type { Events } from './events.ts';
import { servePages } from './pages.ts';
import { perform } from './perform.ts';
import { problemHandler } from './problems.ts';
import type { FileReply, Route, TextReply, Visit } from './route.ts';
import { allRoutes, worldRoutes } from './routes.ts';
import { enter, type Trial, within } from './trial.ts';

/**
 * @param events of `createEvents`, whose `announce` the app uses
 * @param trial another world that may be there
 */
export function createApi(app: App, events: Events, trial: Trial): Express {
  const server = express();
  const { routes, measure } = allRoutes(app, events, trial);
  server.disable('x-powered-by');
  server.set('trust proxy', app.config.trustProxies.length > 0 ? app.config.trustProxies : false);
  server.set('query parser', 'simple');
  server.set('etag', false);

  server.use(requestLog(app));
  server.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'self'"],
          scriptSrc: ["'self'"],
          // Mantine sets sizes and colours by style attributes.
          styleSrc: ["'self'", "'unsafe-inline'"],
          imgSrc: ["'self'", 'data:'],
          fontSrc: ["'self'"],
          connectSrc: ["'self'"],
          frameSrc: ["'self'"],
          frameAncestors: ["'none'"],
          objectSrc: ["'none'"],
          baseUri: ["'none'"],
          formAction: ["'self'"],
          // No upgrade-insecure-requests: it breaks installations that are reached over plain HTTP in their own network.
        },
      },
      // In plain HTTP the Referer is how a stream shows that it comes from our own page.
      referrerPolicy: { policy: 'same-origin' },
      strictTransportSecurity: app.config.baseUrl?.startsWith('https:')
        ? { maxAge: 31_536_000, includeSubDomains: false }
        : false,
      crossOriginOpenerPolicy: { policy: 'same-origin' },
      // These two warn in plain HTTP and add nothing to the rest.
      originAgentCluster: false,
      xXssProtection: false,
    }),
  );
  // Fast rather than small: most answers go no further than the next room. What is built beforehand is small already (pages.ts).
  server.use(compression({ level: 1 }));

  const mount = (path: string, one: Route, reply: (visit: Visit) => Promise<void>): void => {
    server[one.method](path, async (request: Request, response: Response) => {
      const startedAt = performance.now();
      response.on('close', () =>
        measure.observe(
          { method: one.method, route: path, status: String(response.statusCode) },
          (performance.now() - startedAt) / 1000,
        ),
      );
      response.set('Cache-Control', 'no-store');
      // One door, whichever world is asked: who may come in is the owner of this installation.
      const open = async (): Promise<Visit> => {
        const identity = await admit(app, one, request);
        return {
          identity,
          address: request.ip ?? '',
          userAgent: request.headers['user-agent'] ?? '',
          remains: () => remains(app, identity),
          request,
          response,
        };
      };
      if (one.long) await reply(await app.gate.pass(open));
      else await app.gate.pass(async () => reply(await open()));
    });
  };
  for (const one of routes) mount(one.path, one, (visit) => answer(app, one, visit));
  for (const one of worldRoutes(() => enter(trial).events))
    mount(`/trial${one.path}`, one, (visit) => within(trial, (there) => answer(there, one, visit)));
  server.use(['/api', '/trial/api', '/metrics', '/healthz'], () => {
    throw new AppError('not-found', 'There is no such route: see /api/openapi.json.');
  });
  servePages(server);
  server.use(problemHandler(app.log));
  return server;
}

/** Paths without their query: one-time links stand there. */
function requestLog(app: App) {
  return pinoHttp({
    logger: app.log,
    quietReqLogger: true,
    customLogLevel: (_request, response, error) => (error || response.statusCode >= 500 ? 'warn' : 'debug'),
    serializers: {
      req: (request: { method: string; url: string; remoteAddress?: string }) => ({
        method: request.method,
        path: request.url.split('?')[0],
      }),
      res: (response: { statusCode: number }) => ({ status: response.statusCode }),
    },
    wrapSerializers: true,
  });
}

async function answer(app: App, one: Route, visit: Visit): Promise<void> {
  const { request, response } = visit;
  if (one.stream && request.method === 'HEAD') {
    response.end();
    return;
  }
  const given = { params: request.params, query: { ...request.query }, body: () => bodyOf(app, one, request) };
  const result = await perform(app, one, given, visit);
  if (one.stream) return;
  // A handler may have set another status (503 of /healthz).
  if (response.statusCode === 200) response.status(one.status);
  if (one.reply) response.json(result);
  else if (one.text) {
    const { contentType, body, headers } = result as TextReply;
    response.set({ 'X-Content-Type-Options': 'nosniff', ...headers, 'Content-Type': contentType }).send(body);
  } else if (one.file) await sendFile(one.file, result as FileReply, response);
  else response.end();
}

/** Streamed as it lies on the disk, in parts if asked so: a download that broke off goes on where it stopped. */
async function sendFile(contentType: string, { folder, name }: FileReply, response: Response): Promise<void> {
  response.set({
    'Content-Type': contentType,
    'X-Content-Type-Options': 'nosniff',
    'Content-Disposition': `attachment; filename="${name}"`,
    // Compressing it would cost more time than it saves, and parts of it would no longer be its parts.
    'Cache-Control': 'no-store, no-transform',
  });
  await new Promise<void>((resolve, reject) => {
    response.sendFile(name, { root: folder, dotfiles: 'deny', cacheControl: false, lastModified: true }, (error) => {
      // The reader went away: nothing to say, and nobody to say it to.
      const gone = error && ['ECONNABORTED', 'EPIPE', 'ECONNRESET'].includes(String((error as { code?: string }).code));
      if (error && !gone) reject(error);
      else resolve();
    });
  });
}

/** Read only after the door: nobody listens to a stranger's body. */
async function bodyOf(app: App, one: Route, request: Request): Promise<unknown> {
  const message = one.takesMessage ? { limit: app.config.maxMessageBytes } : null;
  const read = await readBody(request, app.config.maxRequestBytes, { csv: one.takesCsv === true, message });
  if (read === null)
    throw new AppError(
      'invalid',
      message === null
        ? 'Send JSON with Content-Type: application/json.'
        : 'Send a mail with Content-Type: message/rfc822, or JSON with application/json.',
    );
  if (read.type === 'json') return read.value;
  if (read.type === 'message') return { message: read.value };
  return { csv: read.value, dryRun: /^(true|1)$/.test(String(request.query.dryRun ?? '')) };
}
