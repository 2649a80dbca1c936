/** `todoku token`: API tokens for scripts. */
import { listTokens, revokeToken } from '../../db/tokens.ts';
import { AppError } from '../errors.ts';
import { createToken } from '../owner/tokens.ts';
import { config, plain, print, say, table, withApp } from './open.ts';

/** Prints the token and nothing else, so that a script can take it as it is. */
export async function createOne(name: string): Promise<number> {
  const wanted = plain(name).trim();
  if (wanted === '' || wanted.length > 100) throw new AppError('invalid', 'The name needs 1 to 100 characters.');
  print(await withApp(config(), (app) => createToken(app, wanted)));
  return 0;
}

export async function listAll(json: boolean): Promise<number> {
  const tokens = await withApp(config(), (app) => listTokens(app.db));
  const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
  const rows = tokens.map((token) => ({
    id: token.id,
    name: token.name,
    createdAt: time(token.created_at),
    lastUsedAt: time(token.last_used_at),
    revokedAt: time(token.revoked_at),
  }));
  if (json) print(JSON.stringify(rows, null, 2));
  else if (rows.length === 0) say('There are no tokens.');
  else
    print(
      table([
        ['ID', 'NAME', 'MADE', 'LAST USED', 'REVOKED'],
        ...rows.map((row) => [
          row.id,
          plain(row.name),
          row.createdAt ?? '',
          row.lastUsedAt ?? 'never',
          row.revokedAt ?? '',
        ]),
      ]),
    );
  return 0;
}

export async function revokeOne(which: string): Promise<number> {
  const revoked = await withApp(config(), (app) => revokeToken(app.db, which, app.now()));
  if (revoked === 0) throw new AppError('not-found', 'There is no such token in use: todoku token list shows them.');
  say(revoked === 1 ? 'Revoked.' : `${revoked} tokens of this name revoked.`);
  return 0;
}
