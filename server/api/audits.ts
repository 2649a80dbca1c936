/** Audits over the API: how they go, what came of them, and that as a report, as evidence, and beside another. */
import { campaignMessage, campaignMessageGzip, deleteAudit, findAudit, findCampaign } from '../../db/campaigns.ts';
import type { AuditTable } from '../../db/schema.ts';
import { readSetting } from '../../db/settings.ts';
import type { App } from '../app.ts';
import { policyOf } from '../campaign/begin.ts';
import { compareAudits } from '../campaign/compare.ts';
import { judgeAnew } from '../campaign/judge-anew.ts';
import { AppError } from '../errors.ts';
import { campaignJunit } from '../report/campaign-junit.ts';
import { campaignPage } from '../report/campaign-page.ts';
import { presentAudit, presentAuditItem, requireCampaign, requireResult } from './campaign-shapes.ts';
import { asTextFile } from './campaigns.ts';
import { evidencePack } from './evidence.ts';
import {
  auditJson,
  type ComparisonJson,
  comparisonJson,
  comparisonQuery,
  reportQuery,
  sourcesJson,
} from './json/audits.ts';
import { idParams } from './json/basics.ts';
import { previewJson } from './json/previews.ts';
import { route, type TextReply } from './route.ts';
import { languageOf } from './settings.ts';

/** More of a text is not shown. */
const MAX_SOURCE_CHARACTERS = 2_000_000;

/** A report is a page of its own, and strangers' words stand in it: nothing in it may run or be asked for. */
export const REPORT_HEADERS = {
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox",
  'Referrer-Policy': 'no-referrer',
};

export const auditRoutes = [
  route({
    method: 'get',
    path: '/api/audits/:id',
    summary: 'One audit: how far it is, and what it has found; result is that of todoku audit --json',
    params: idParams,
    reply: auditJson,
    handler: async (app, { params }) => presentAudit(app, await requireAudit(app, params.id)),
  }),
  route({
    method: 'delete',
    path: '/api/audits/:id',
    summary: 'Delete an audit with what it sent and its shared reports; one under way ends',
    params: idParams,
    handler: async (app, { params }) => {
      const { id, campaign_id: campaignId } = await requireAudit(app, params.id);
      await deleteAudit(app.db, id);
      app.announce({ topic: 'audit', id });
      app.announce({ topic: 'campaign', id: campaignId });
      return undefined;
    },
  }),
  route({
    method: 'post',
    path: '/api/audits/:id/judgements',
    summary:
      "Judge a done audit by its campaign's present policy; its findings and measurements stay, nobody is asked again",
    params: idParams,
    reply: auditJson,
    handler: async (app, { params }) => {
      const audit = await requireAudit(app, params.id);
      const campaign = await requireCampaign(app, audit.campaign_id);
      return presentAudit(app, await judgeAnew(app, audit, policyOf(campaign, { watched: audit.watch_id !== null })));
    },
  }),
  route({
    method: 'get',
    path: '/api/audits/:id/report',
    summary: 'The report: one HTML file that needs nothing beside itself, JSON, or JUnit for CI systems',
    params: idParams,
    query: reportQuery,
    text: 'text/html',
    handler: async (app, { params, query }) => {
      const audit = await requireAudit(app, params.id);
      const result = await requireResult(app, audit);
      const language = query.language ?? languageOf(await readSetting(app.db, 'language')) ?? 'en';
      const headers = (ending: string): Record<string, string> => ({
        ...REPORT_HEADERS,
        ...(query.download === '1'
          ? { 'Content-Disposition': `attachment; filename="todoku-audit-${audit.id}.${ending}"` }
          : {}),
      });
      if (query.format === 'json') return reply('application/json', JSON.stringify(result, null, 2), headers('json'));
      if (query.format === 'html') return reply('text/html', campaignPage(result, language), headers('html'));
      const name = (await findCampaign(app.db, audit.campaign_id))?.name ?? audit.id;
      return reply('application/xml', campaignJunit(result, name, language), headers('xml'));
    },
  }),
  route({
    method: 'get',
    path: '/api/audits/:id/evidence',
    summary: 'The evidence as a ZIP archive: report, mail, headers as each seed received them, what DNS held',
    params: idParams,
    text: 'application/zip',
    handler: async (app, { params }) => {
      const audit = await requireAudit(app, params.id);
      const language = languageOf(await readSetting(app.db, 'language')) ?? 'en';
      return {
        contentType: 'application/zip',
        body: await evidencePack(app, audit, await requireResult(app, audit), language),
        headers: { 'Content-Disposition': `attachment; filename="todoku-audit-${audit.id}.zip"` },
      };
    },
  }),
  route({
    method: 'get',
    path: '/api/audits/:id/sources',
    summary: 'The texts in which findings name lines and columns: the file, and its parts as decoded',
    params: idParams,
    reply: sourcesJson,
    handler: async (app, { params }) => {
      const raw = await requireMail(app, await requireAudit(app, params.id), campaignMessage);
      const done = await app.reader.read(raw, app.now());
      if ('refused' in done) throw new AppError('conflict', 'The mail could not be read.');
      const { text, source } = done.read.facts;
      const cut = (given: string) => ({
        text: given.slice(0, MAX_SOURCE_CHARACTERS),
        cut: given.length > MAX_SOURCE_CHARACTERS,
      });
      return {
        message: cut(asWritten(raw)),
        parts: [
          ...(text === null ? [] : [{ part: text.part, type: 'text' as const, ...cut(text.text) }]),
          ...(source === null ? [] : [{ part: source.part, type: 'html' as const, ...cut(source.text) }]),
        ],
      };
    },
  }),
  route({
    method: 'get',
    path: '/api/audits/:id/message',
    summary: 'The mail that was audited, as a text file',
    params: idParams,
    text: 'text/plain',
    handler: async (app, { params }) => {
      const audit = await requireAudit(app, params.id);
      return asTextFile(await requireMail(app, audit, campaignMessage), `audit-${audit.id}`);
    },
  }),
  route({
    method: 'get',
    path: '/api/audits/:id/preview',
    summary: 'The mail that was audited as its reader would see it, without anything that runs, loads or leads away',
    params: idParams,
    reply: previewJson,
    handler: async (app, { params }) =>
      app.previews.make(await requireMail(app, await requireAudit(app, params.id), campaignMessageGzip)),
  }),
  route({
    method: 'get',
    path: '/api/audits/:id/comparison',
    summary: 'Two audits of one campaign beside each other: what got better, what got worse',
    params: idParams,
    query: comparisonQuery,
    reply: comparisonJson,
    handler: async (app, { params, query }) => {
      const after = await requireAudit(app, params.id);
      const before = await requireAudit(app, query.with);
      if (before.campaign_id !== after.campaign_id)
        throw new AppError('invalid', 'These are audits of two campaigns: compare two of the same.', {
          errors: [{ path: 'with', message: 'is an audit of another campaign' }],
        });
      const compared = compareAudits(await requireResult(app, before), await requireResult(app, after));
      return {
        before: await presentAuditItem(app, before),
        after: await presentAuditItem(app, after),
        ...(compared as Omit<ComparisonJson, 'before' | 'after'>),
      };
    },
  }),
];

/** @throws AppError `not-found` */
export async function requireAudit(app: Pick<App, 'db'>, id: string): Promise<AuditTable> {
  const audit = await findAudit(app.db, id);
  if (!audit) throw new AppError('not-found', 'There is no such audit.');
  return audit;
}

async function requireMail(app: App, { message_id: id }: AuditTable, read: typeof campaignMessage): Promise<Buffer> {
  if (id === null) throw new AppError('not-found', 'No mail of this audit is known yet.');
  const mail = await read(app.db, id);
  if (mail === null)
    throw new AppError('not-found', 'This mail was kept for as long as the settings say, and is forgotten now.', {
      reason: 'forgotten',
    });
  return mail;
}

function reply(contentType: string, body: string, headers: Record<string, string>): TextReply {
  return { contentType: `${contentType}; charset=utf-8`, body, headers };
}

/** As the checks count lines and columns in it. */
function asWritten(raw: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(raw);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return raw.toString('latin1');
  }
}
