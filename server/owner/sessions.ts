/** A session is a browser that signed in: a random secret in its cookie, a hash of it here. Sessions end when unused, when revoked, and with the password. */

import type { SessionTable } from '../../db/schema.ts';
import {
  deleteSession,
  findSession,
  findSessionByHash,
  insertSession,
  listSessions,
  touchSession,
} from '../../db/sessions.ts';
import type { App } from '../app.ts';
import { newId, newSecret } from '../id.ts';
import { takeLink } from './links.ts';
import { requirePassword } from './password.ts';
import { hashSecret } from './secret.ts';
import type { Identity } from './types.ts';

const DAY_MS = 86_400_000;
/** Written no more often than this, or reading a page would be a write. */
const TOUCH_MS = 5 * 60_000;

export type Visitor = { address: string; userAgent: string };
/** The secret goes into the cookie and nowhere else. */
export type NewSession = { id: string; secret: string; maxAgeSeconds: number };

/** @throws AppError `wrong-password`, `too-many-attempts` */
export async function signInWithPassword(app: App, password: string, visitor: Visitor): Promise<NewSession> {
  await requirePassword(app, password, visitor.address);
  return newSession(app, visitor);
}

/** @throws AppError `forbidden` */
export async function signInWithLink(app: App, link: string, visitor: Visitor): Promise<NewSession> {
  await takeLink(app.db, 'sign-in-link', link, app.now());
  return newSession(app, visitor);
}

/** A session for somebody who has just proved to be the owner. */
export async function newSession(app: App, visitor: Visitor): Promise<NewSession> {
  const now = app.now();
  const secret = newSecret();
  const id = newId(now);
  const livesMs = app.config.sessionDays * DAY_MS;
  await insertSession(app.db, {
    id,
    token_hash: hashSecret('session', secret),
    created_at: now,
    expires_at: now + livesMs,
    last_seen_at: now,
    user_agent: visitor.userAgent.slice(0, 300),
    address: visitor.address,
  });
  app.announce({ topic: 'setting', id: 'sessions' });
  return { id, secret, maxAgeSeconds: livesMs / 1000 };
}

/** Who holds this secret; null: nobody (any more). Keeps the session alive. */
export async function identifySession(app: App, secret: string): Promise<Identity | null> {
  const now = app.now();
  const session = await findSessionByHash(app.db, hashSecret('session', secret), now);
  if (!session) return null;
  if (now - session.last_seen_at > TOUCH_MS)
    await touchSession(app.db, session.id, now, now + app.config.sessionDays * DAY_MS);
  return { kind: 'session', id: session.id };
}

/** Is this session still one? Asked while a stream stays open. */
export async function sessionLives(app: App, id: string): Promise<boolean> {
  return (await findSession(app.db, id, app.now())) !== undefined;
}

export async function currentSessions(app: App): Promise<SessionTable[]> {
  return listSessions(app.db, app.now());
}

/** True when there was one. */
export async function endSession(app: App, id: string): Promise<boolean> {
  const ended = await deleteSession(app.db, id);
  if (ended) app.announce({ topic: 'setting', id: 'sessions' });
  return ended;
}
