/** API tokens. Made and revoked by a signed-in browser or the command line only. */

import type { ApiTokenTable } from '../../db/schema.ts';
import { listTokens, revokeToken } from '../../db/tokens.ts';
import { AppError } from '../errors.ts';
import { createTokenRow } from '../owner/tokens.ts';
import { idParams, iso, isoOrNull } from './json/basics.ts';
import { newTokenJson, type TokenJson, tokenInput, tokensJson } from './json/owner.ts';
import { route } from './route.ts';

export const tokenRoutes = [
  route({
    method: 'get',
    path: '/api/tokens',
    summary: 'API tokens, the revoked ones too; never the token itself',
    access: 'session',
    reply: tokensJson,
    handler: async (app) => ({ items: (await listTokens(app.db)).map(tokenItem), nextCursor: null }),
  }),
  route({
    method: 'post',
    path: '/api/tokens',
    summary: 'Make an API token; it is shown in this answer and never again',
    access: 'session',
    body: tokenInput,
    reply: newTokenJson,
    status: 201,
    handler: async (app, { body }) => {
      const { token, row } = await createTokenRow(app, body.name);
      app.announce({ topic: 'setting', id: 'tokens' });
      return { ...tokenItem(row), token };
    },
  }),
  route({
    method: 'delete',
    path: '/api/tokens/:id',
    summary: 'Revoke an API token',
    access: 'session',
    params: idParams,
    handler: async (app, { params }) => {
      if ((await revokeToken(app.db, params.id, app.now())) === 0)
        throw new AppError('not-found', 'There is no such token.');
      app.announce({ topic: 'setting', id: 'tokens' });
      return undefined;
    },
  }),
];

function tokenItem(row: ApiTokenTable): TokenJson {
  return {
    id: row.id,
    name: row.name,
    createdAt: iso(row.created_at),
    lastUsedAt: isoOrNull(row.last_used_at),
    revokedAt: isoOrNull(row.revoked_at),
  };
}
