/**
 * Who may come in. Asked in one place for every route of the table: by a session cookie or a bearer token. A cookie is sent by the browser whatever page
 * caused the request, so changes and streams that come with one must also come from our own pages (no CSRF, no foreign page listening in);
 * a token has to be put there on purpose and needs no such proof.
 */
import type { Request, Response } from 'express';
import type { App } from '../app.ts';
import { AppError } from '../errors.ts';
import { identifySession, type NewSession, sessionLives } from '../owner/sessions.ts';
import { identifyToken, tokenLives } from '../owner/tokens.ts';
import type { Identity } from '../owner/types.ts';
import { identifyWall } from '../owner/walls.ts';
import type { Route } from './route.ts';

const COOKIE = 'todoku';
/** Browsers take a cookie of this name over HTTPS only, for this host only (RFC 6265bis §4.1.3). */
const SECURE_COOKIE = '__Host-todoku';

/**
 * @returns who is calling; null only on public routes
 * @throws AppError `not-signed-in`, `forbidden`
 */
export async function admit(app: App, route: Route, request: Request): Promise<Identity | null> {
  const changes = route.method !== 'get' || route.stream === true || route.file !== undefined;
  const bearer = bearerToken(request) ?? (route.access === 'wall' ? wallKey(request) : null);
  const cookie = bearer === null ? sessionSecret(request) : null;
  const identity =
    bearer !== null
      ? await identifyBearer(app, route, bearer)
      : cookie !== null
        ? await identifySession(app, cookie)
        : null;
  if (changes && bearer === null) {
    const origin = originOf(app, request);
    if (origin === 'foreign' || (origin === 'unknown' && cookie !== null))
      throw new AppError('forbidden', 'This request did not come from a page of this installation.');
  }
  if (route.access === 'public') return identity;
  if (!identity)
    throw new AppError(
      'not-signed-in',
      bearer === null
        ? 'Sign in first, or send an API token.'
        : `This ${route.access === 'wall' ? 'wall link' : 'API token'} is not known or was revoked.`,
    );
  if (route.access === 'session' && identity.kind !== 'session')
    throw new AppError('forbidden', 'This needs a signed-in browser: an API token may not do it.');
  return identity;
}

/** The key of a wall link opens the route for walls and no other. */
async function identifyBearer(app: App, route: Route, bearer: string): Promise<Identity | null> {
  return (route.access === 'wall' ? await identifyWall(app, bearer) : null) ?? identifyToken(app, bearer);
}

/** In the address, since a screen on a wall has nobody to type it in. */
function wallKey(request: Request): string | null {
  const { key } = request.query;
  return typeof key === 'string' ? key.slice(0, 200) : null;
}

/** Whether somebody who was let in would still be. */
export async function remains(app: App, identity: Identity | null): Promise<boolean> {
  if (identity === null) return false;
  return identity.kind === 'session' ? sessionLives(app, identity.id) : tokenLives(app, identity.id);
}

function bearerToken(request: Request): string | null {
  const header = request.headers.authorization;
  if (header === undefined) return null;
  return /^Bearer +([\w.~+/-]{1,200}=*) *$/i.exec(header)?.[1] ?? '';
}

function sessionSecret(request: Request): string | null {
  const name = request.secure ? SECURE_COOKIE : COOKIE;
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim() || null;
  }
  return null;
}

/**
 * Where the page stands that caused this request. Sec-Fetch-Site is the browser's own word, but is sent to HTTPS and localhost only; Origin
 * comes with changes, Referer with streams in a plain-HTTP network.
 */
function originOf(app: App, request: Request): 'own' | 'foreign' | 'unknown' {
  const site = request.headers['sec-fetch-site'];
  const { origin } = request.headers;
  if (origin !== undefined && !isOwn(app, request, origin)) return 'foreign';
  if (site !== undefined) return site === 'same-origin' || site === 'none' ? 'own' : 'foreign';
  if (origin !== undefined) return 'own';
  const { referer } = request.headers;
  if (referer === undefined) return 'unknown';
  return isOwn(app, request, referer) ? 'own' : 'foreign';
}

function isOwn(app: App, request: Request, text: string): boolean {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) return false;
  if (app.config.baseUrl !== null && url.origin === app.config.baseUrl) return true;
  // The scheme is left out: a proxy that ends TLS may not be among the trusted ones.
  return url.host === (request.headers.host ?? '').toLowerCase();
}

export function setSessionCookie(request: Request, response: Response, session: NewSession): void {
  response.cookie(request.secure ? SECURE_COOKIE : COOKIE, session.secret, {
    httpOnly: true,
    sameSite: 'lax',
    secure: request.secure,
    path: '/',
    maxAge: session.maxAgeSeconds * 1000,
  });
}

export function clearSessionCookie(request: Request, response: Response): void {
  response.clearCookie(request.secure ? SECURE_COOKIE : COOKIE, {
    httpOnly: true,
    sameSite: 'lax',
    secure: request.secure,
    path: '/',
  });
}
