/**
 * The owner's password. It is hashed with argon2id (RFC 9106; 19 MiB, two passes, as OWASP advises), and written as a PHC string so that the cost can be
 * raised one day without asking anybody for a new password.
 */
import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { Queries } from '../../db/open.ts';
import { deleteLinks, deleteSessionsExcept } from '../../db/sessions.ts';
import { readSetting, writeSetting } from '../../db/settings.ts';
import type { App } from '../app.ts';
import { AppError } from '../errors.ts';
import { attempt } from './attempts.ts';
import { takeLink } from './links.ts';
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from './types.ts';

const COST = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const;
const hash = promisify((parameters: Argon2Parameters, done: (error: Error | null, tag: Buffer) => void) =>
  argon2('argon2id', parameters, done),
);

export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await hash({ ...COST, nonce, message: Buffer.from(password.normalize('NFKC'), 'utf8') });
  const text = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=${COST.memory},t=${COST.passes},p=${COST.parallelism}$${text(nonce)}$${text(tag)}`;
}

/** Does the password fit the PHC string? A string that is none fits nothing. */
export async function verifyPassword(password: string, phc: string): Promise<boolean> {
  const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(phc);
  if (!parts || password.length > MAX_PASSWORD_LENGTH) return false;
  const [, memory, passes, parallelism, nonce = '', tag = ''] = parts;
  const wanted = Buffer.from(tag, 'base64');
  const got = await hash({
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    tagLength: wanted.length,
    nonce: Buffer.from(nonce, 'base64'),
    message: Buffer.from(password.normalize('NFKC'), 'utf8'),
  });
  return timingSafeEqual(got, wanted);
}

/** False until the owner has set a password by the link printed at the first start. */
export async function hasPassword(db: Queries): Promise<boolean> {
  return (await readSetting(db, 'password')) !== null;
}

/**
 * Checks the owner's password, counting the attempt.
 * @throws AppError `wrong-password`; `too-many-attempts` with `retryAfterSeconds`
 */
export async function requirePassword(app: App, password: string, address: string): Promise<void> {
  const stored = await readSetting(app.db, 'password');
  if (typeof stored !== 'string')
    throw new AppError(
      'wrong-password',
      'No password is set yet: open the link printed at the start, or run: npm run -s todoku -- link',
    );
  await attempt(app, address, async () => {
    if (!(await verifyPassword(password, stored))) throw new AppError('wrong-password', 'The password is wrong.');
  });
}

/**
 * Sets the password with the secret of a one-time link. All sessions end, and so do all other links.
 * @throws AppError `forbidden` when the link is used, old or wrong; `invalid`
 */
export async function setPasswordByLink(app: App, link: string, password: string): Promise<void> {
  checkNew(password);
  const stored = await hashPassword(password);
  await app.db.transaction().execute(async (tx) => {
    await takeLink(tx, 'password-link', link, app.now());
    await store(tx, stored, null, app.now());
  });
  app.announce({ topic: 'setting', id: 'password' });
}

/**
 * Changes the password. All other sessions end.
 * @param session the session that stays, or null
 * @throws AppError `wrong-password`, `too-many-attempts`, `invalid`
 */
export async function changePassword(
  app: App,
  current: string,
  password: string,
  session: string | null,
  address: string,
): Promise<void> {
  checkNew(password);
  await requirePassword(app, current, address);
  const stored = await hashPassword(password);
  await app.db.transaction().execute((tx) => store(tx, stored, session, app.now()));
  app.announce({ topic: 'setting', id: 'password' });
}

async function store(tx: Queries, phc: string, session: string | null, now: number): Promise<void> {
  await writeSetting(tx, 'password', phc, now);
  await deleteSessionsExcept(tx, session);
  await deleteLinks(tx);
}

function checkNew(password: string): void {
  if (password.length > MAX_PASSWORD_LENGTH) throw new AppError('invalid', 'The new password is too long.');
  if ([...password].length < MIN_PASSWORD_LENGTH)
    throw new AppError('invalid', `The new password needs at least ${MIN_PASSWORD_LENGTH} characters.`);
  if (new Set(password).size < 4)
    throw new AppError('invalid', 'The new password is too simple: it needs more than three different characters.');
}
