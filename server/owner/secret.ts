/** Secrets that we hand out (sessions, links, API tokens, wall keys) are 32 random bytes, so a plain SHA-256 of them is all the database needs. */
import { createHash } from 'node:crypto';

/** `kind` keeps a link of one kind from being used as another. */
export function hashSecret(
  kind: 'session' | 'token' | 'wall-key' | 'share-key' | 'password-link' | 'sign-in-link',
  secret: string,
): string {
  return createHash('sha256').update(`${kind}:${secret}`, 'utf8').digest('hex');
}
