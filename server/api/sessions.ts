/** Signing in and out, the sessions that are open, the password. */
import type { z } from 'zod';
import type { SessionTable } from '../../db/schema.ts';
import { readSetting } from '../../db/settings.ts';
import packageJson from '../../package.json' with { type: 'json' };
import type { App } from '../app.ts';
import { AppError } from '../errors.ts';
import { changePassword, hasPassword, setPasswordByLink } from '../owner/password.ts';
import { currentSessions, endSession, newSession, signInWithLink, signInWithPassword } from '../owner/sessions.ts';
import type { Identity } from '../owner/types.ts';
import { clearSessionCookie, setSessionCookie } from './door.ts';
import { idParams, iso } from './json/basics.ts';
import {
  passwordInput,
  type SessionItemJson,
  type SessionJson,
  sessionJson,
  sessionsJson,
  signInInput,
} from './json/owner.ts';
import { route } from './route.ts';
import { languageOf, timeZoneOf } from './settings.ts';

export const sessionRoutes = [
  route({
    method: 'get',
    path: '/api/session',
    summary: 'Who is signed in here',
    access: 'public',
    reply: sessionJson,
    handler: async (app, _input, { identity }) => currentSession(app, identity),
  }),
  route({
    method: 'post',
    path: '/api/session',
    summary: 'Sign in, with the password or with the secret of a one-time link',
    access: 'public',
    body: signInInput,
    reply: sessionJson,
    handler: async (app, { body }, { address, userAgent, request, response }) => {
      const visitor = { address, userAgent };
      const session =
        'link' in body
          ? await signInWithLink(app, body.link, visitor)
          : await signInWithPassword(app, body.password, visitor);
      setSessionCookie(request, response, session);
      return currentSession(app, { kind: 'session', id: session.id });
    },
  }),
  route({
    method: 'delete',
    path: '/api/session',
    summary: 'Sign out',
    access: 'session',
    handler: async (app, _input, { identity, request, response }) => {
      if (identity) await endSession(app, identity.id);
      clearSessionCookie(request, response);
      return undefined;
    },
  }),
  route({
    method: 'get',
    path: '/api/sessions',
    summary: 'Open sessions',
    access: 'session',
    reply: sessionsJson,
    handler: async (app, _input, { identity }) => ({
      items: (await currentSessions(app)).map((session) => sessionItem(session, identity)),
      nextCursor: null,
    }),
  }),
  route({
    method: 'delete',
    path: '/api/sessions/:id',
    summary: 'End a session',
    access: 'session',
    params: idParams,
    handler: async (app, { params }) => {
      if (!(await endSession(app, params.id))) throw new AppError('not-found', 'There is no such session.');
      return undefined;
    },
  }),
  route({
    method: 'put',
    path: '/api/password',
    summary: 'Set the password, with the present one or with the secret of a one-time link; all other sessions end',
    access: 'public',
    body: passwordInput,
    reply: sessionJson,
    handler: async (app, { body }, { identity, address, userAgent, request, response }) => {
      if ('link' in body) {
        await setPasswordByLink(app, body.link, body.password);
        const session = await newSession(app, { address, userAgent });
        setSessionCookie(request, response, session);
        return currentSession(app, { kind: 'session', id: session.id });
      }
      if (identity?.kind !== 'session') throw new AppError('not-signed-in', 'Sign in first to change the password.');
      await changePassword(app, body.current, body.password, identity.id, address);
      return currentSession(app, identity);
    },
  }),
];

async function currentSession(app: App, identity: Identity | null): Promise<z.input<typeof sessionJson>> {
  return {
    signedIn: identity !== null,
    needsPassword: !(await hasPassword(app.db)),
    version: packageJson.version,
    language: languageOf(await readSetting(app.db, 'language')),
    timeZone: timeZoneOf(await readSetting(app.db, 'time-zone')),
  } satisfies SessionJson;
}

function sessionItem(session: SessionTable, identity: Identity | null): SessionItemJson {
  return {
    id: session.id,
    current: identity?.kind === 'session' && identity.id === session.id,
    createdAt: iso(session.created_at),
    lastSeenAt: iso(session.last_seen_at),
    expiresAt: iso(session.expires_at),
    userAgent: session.user_agent,
    address: session.address,
  };
}
