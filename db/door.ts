/** What a restore leaves as it is: who may come in, and what today's limits have seen. */
import type { Database } from './open.ts';
import type {
  ApiTokenTable,
  LoginAttemptTable,
  PasswordLinkTable,
  SenderUseTable,
  SessionTable,
  ShareTable,
  WallLinkTable,
} from './schema.ts';

/** Who may come in, and what today's limits have seen: it stays as it is when everything else becomes what it was. */
export type Door = {
  /** The setting as stored; null: no password was set. */
  password: string | null;
  sessions: SessionTable[];
  passwordLinks: PasswordLinkTable[];
  loginAttempts: LoginAttemptTable[];
  tokens: ApiTokenTable[];
  wallLinks: WallLinkTable[];
  shares: ShareTable[];
  senderUses: SenderUseTable[];
};

export async function readDoor(db: Database): Promise<Door> {
  const password = await db.selectFrom('settings').select('value').where('key', '=', 'password').executeTakeFirst();
  return {
    password: password?.value ?? null,
    sessions: await db.selectFrom('sessions').selectAll().execute(),
    passwordLinks: await db.selectFrom('password_links').selectAll().execute(),
    loginAttempts: await db.selectFrom('login_attempts').selectAll().execute(),
    tokens: await db.selectFrom('api_tokens').selectAll().execute(),
    wallLinks: await db.selectFrom('wall_links').selectAll().execute(),
    shares: await db.selectFrom('shares').selectAll().execute(),
    senderUses: await db.selectFrom('sender_uses').selectAll().execute(),
  };
}

/** More than SQLite's variables per statement would carry. */
const ROWS_PER_INSERT = 1_000;

/** Hangs the door of one database into another: what was revoked stays revoked, and no limit is forgiven. */
export async function hangDoor(db: Database, door: Door, now: number): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx.deleteFrom('settings').where('key', '=', 'password').execute();
    if (door.password !== null)
      await tx.insertInto('settings').values({ key: 'password', value: door.password, updated_at: now }).execute();
    for (const table of ['sessions', 'password_links', 'login_attempts', 'api_tokens', 'wall_links', 'shares'] as const)
      await tx.deleteFrom(table).execute();
    for (const rows of pieces(door.sessions)) await tx.insertInto('sessions').values(rows).execute();
    for (const rows of pieces(door.passwordLinks)) await tx.insertInto('password_links').values(rows).execute();
    for (const rows of pieces(door.loginAttempts)) await tx.insertInto('login_attempts').values(rows).execute();
    for (const rows of pieces(door.tokens)) await tx.insertInto('api_tokens').values(rows).execute();
    // The monitor of a screen may be none of those that came back.
    const monitors = new Set((await tx.selectFrom('monitors').select('id').execute()).map((monitor) => monitor.id));
    const links = door.wallLinks.filter((link) => link.monitor_id === null || monitors.has(link.monitor_id));
    for (const rows of pieces(links)) await tx.insertInto('wall_links').values(rows).execute();
    const audits = new Set((await tx.selectFrom('audits').select('id').execute()).map((audit) => audit.id));
    for (const rows of pieces(door.shares.filter((share) => audits.has(share.audit_id))))
      await tx.insertInto('shares').values(rows).execute();
    for (const rows of pieces(door.senderUses))
      await tx
        .insertInto('sender_uses')
        .values(rows)
        .onConflict((conflict) => conflict.column('id').doNothing())
        .execute();
  });
}

/**
 * Without a door to hang in, nobody comes in by a way that may have been closed since: cookies and one-time links of then are void, and so are links to reports, which
 * are in the hands of others. Those stay in the lists as revoked, so that it can be seen which to share anew.
 */
export async function voidOldKeys(db: Database, now: number): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx.deleteFrom('sessions').execute();
    await tx.deleteFrom('password_links').execute();
    await tx.updateTable('shares').set({ revoked_at: now }).where('revoked_at', 'is', null).execute();
  });
}

function pieces<Row>(rows: Row[]): Row[][] {
  return Array.from({ length: Math.ceil(rows.length / ROWS_PER_INSERT) }, (_, i) =>
    rows.slice(i * ROWS_PER_INSERT, (i + 1) * ROWS_PER_INSERT),
  );
}
