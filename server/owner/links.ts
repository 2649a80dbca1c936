/**
 * One-time links: to set the password (printed by the first start and by `todoku link`), and to be signed in without one (the demo). The secret is stored
 * as a hash, works once, and only for a while. Opening the page does not use it up, the button on it does: mail scanners and previews open links too.
 */

import type { Queries } from '../../db/open.ts';
import { insertLink, spendLink } from '../../db/sessions.ts';
import type { App } from '../app.ts';
import { AppError } from '../errors.ts';
import { newSecret } from '../id.ts';
import { hashSecret } from './secret.ts';

const HOUR_MS = 3_600_000;

/** @param url where this installation is reached: `http://127.0.0.1:4125` */
export async function createPasswordLink(app: Pick<App, 'db' | 'now'>, url: string): Promise<string> {
  return `${url}/set-password?link=${await newLink(app, 'password-link', 24 * HOUR_MS)}`;
}

/** @param url where this installation is reached: `http://127.0.0.1:4125` */
export async function createSignInLink(app: Pick<App, 'db' | 'now'>, url: string): Promise<string> {
  return `${url}/sign-in?link=${await newLink(app, 'sign-in-link', HOUR_MS)}`;
}

async function newLink(
  app: Pick<App, 'db' | 'now'>,
  kind: 'password-link' | 'sign-in-link',
  livesMs: number,
): Promise<string> {
  const secret = newSecret();
  const now = app.now();
  await insertLink(app.db, {
    token_hash: hashSecret(kind, secret),
    created_at: now,
    expires_at: now + livesMs,
    used_at: null,
  });
  return secret;
}

/** Uses a link up. @throws AppError `forbidden` */
export async function takeLink(
  db: Queries,
  kind: 'password-link' | 'sign-in-link',
  secret: string,
  now: number,
): Promise<void> {
  if (await spendLink(db, hashSecret(kind, secret), now)) return;
  throw new AppError(
    'forbidden',
    'This link was used already or is too old. Make a new one: npm run -s todoku -- link',
  );
}
