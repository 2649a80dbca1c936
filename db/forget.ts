/** What no rule needs any more is thrown away once an hour. */
import type { Queries } from './open.ts';

const DAY_MS = 86_400_000;

/** Uses older than the rolling day, ended sessions and links, old sign-in attempts. */
export async function forgetOld(db: Queries, now: number): Promise<void> {
  await db
    .deleteFrom('sender_uses')
    .where('at', '<', now - 2 * DAY_MS)
    .execute();
  await db
    .deleteFrom('login_attempts')
    .where('at', '<', now - DAY_MS)
    .execute();
  await db.deleteFrom('sessions').where('expires_at', '<', now).execute();
  await db
    .deleteFrom('password_links')
    .where('expires_at', '<', now - DAY_MS)
    .execute();
}
