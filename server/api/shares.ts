/** Reports that are shared: a key opens one report, read-only, until it expires. */
import { findAudit } from '../../db/campaigns.ts';
import type { ShareTable } from '../../db/schema.ts';
import { listShares, revokeShare } from '../../db/shares.ts';
import { AppError } from '../errors.ts';
import { createShare, openShare } from '../owner/shares.ts';
import { campaignPage } from '../report/campaign-page.ts';
import { forReaders } from '../report/for-readers.ts';
import { REPORT_HEADERS, requireAudit } from './audits.ts';
import { requireResult } from './campaign-shapes.ts';
import { newShareJson, type ShareJson, sharedReportQuery, shareInput, sharesJson } from './json/audits.ts';
import { idParams, iso, isoOrNull } from './json/basics.ts';
import { createPace } from './pace.ts';
import { type Route, route } from './route.ts';

const PER_MINUTE = 60;

export function shareRoutes(): Route[] {
  const pace = createPace(PER_MINUTE);
  return [
    route({
      method: 'get',
      path: '/api/audits/:id/shares',
      summary: 'Links to the report of an audit, expired and revoked ones too; never the key itself',
      params: idParams,
      reply: sharesJson,
      handler: async (app, { params }) => {
        const { id } = await requireAudit(app, params.id);
        return { items: (await listShares(app.db, id)).map(present), nextCursor: null };
      },
    }),
    route({
      method: 'post',
      path: '/api/audits/:id/shares',
      summary: 'Share the report of an audit; the key is shown in this answer and never again',
      access: 'session',
      params: idParams,
      body: shareInput,
      reply: newShareJson,
      status: 201,
      handler: async (app, { params, body }) => {
        const audit = await requireAudit(app, params.id);
        await requireResult(app, audit);
        const { key, row } = await createShare(app, audit.id, body);
        app.announce({ topic: 'audit', id: audit.id });
        return { ...present(row), key, path: `/api/shared-report?key=${key}` };
      },
    }),
    route({
      method: 'delete',
      path: '/api/shares/:id',
      summary: 'Revoke a link to a report',
      access: 'session',
      params: idParams,
      handler: async (app, { params }) => {
        if (!(await revokeShare(app.db, params.id, app.now())))
          throw new AppError('not-found', 'There is no such link.');
        return undefined;
      },
    }),
    route({
      method: 'get',
      path: '/api/shared-report',
      summary: 'The report that a key opens, as HTML, to anybody who has the key',
      access: 'public',
      query: sharedReportQuery,
      text: 'text/html',
      handler: async (app, { query }, { address }) => {
        pace.take(address, app.now());
        const share = await openShare(app, query.key);
        const audit = share === null ? undefined : await findAudit(app.db, share.audit_id);
        if (share === null || !audit)
          throw new AppError('not-found', 'This link does not open anything, or not any more.');
        return {
          contentType: 'text/html; charset=utf-8',
          body: campaignPage(forReaders(await requireResult(app, audit)), share.language),
          headers: { ...REPORT_HEADERS, 'X-Robots-Tag': 'noindex, nofollow' },
        };
      },
    }),
  ];
}

function present(row: ShareTable): ShareJson {
  return {
    id: row.id,
    auditId: row.audit_id,
    name: row.name,
    language: row.language,
    createdAt: iso(row.created_at),
    expiresAt: iso(row.expires_at),
    lastUsedAt: isoOrNull(row.last_used_at),
    revokedAt: isoOrNull(row.revoked_at),
  };
}
