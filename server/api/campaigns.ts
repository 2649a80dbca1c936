/** Campaigns over the API: files, drafts and watches come in, and are audited. */
import { gzipSync } from 'node:zlib';
import {
  campaignMessage,
  campaignMessageGzip,
  deleteCampaign,
  listCampaigns,
  updateCampaign,
} from '../../db/campaigns.ts';
import type { CampaignTable } from '../../db/schema.ts';
import type { App } from '../app.ts';
import { beginAudit } from '../campaign/begin.ts';
import { composeDraft, DRAFT_POLICY } from '../campaign/draft.ts';
import { addDraft, addFile, addWatched, replaceMessage } from '../campaign/intake.ts';
import { PLACEMENT_RATE } from '../campaign/placement.ts';
import { DEFAULT_POLICY, MECHANISMS, policySchema, publishedSchema } from '../campaign/policy.ts';
import { endWatch, openWatch } from '../campaign/watch.ts';
import { writeLines } from '../csv.ts';
import { AppError } from '../errors.ts';
import { newToken } from '../id.ts';
import {
  presentAudit,
  presentCampaign,
  presentCampaigns,
  presentWatch,
  requireCampaign,
  requireWatch,
} from './campaign-shapes.ts';
import { auditInput, auditJson, policyCheckJson, policyJson } from './json/audits.ts';
import { idParams } from './json/basics.ts';
import {
  campaignJson,
  campaignPatch,
  campaignQuery,
  campaignsJson,
  campaignsQuery,
  draftPreviewInput,
  messageInput,
  newCampaignInput,
  watchInput,
  watchJson,
} from './json/campaigns.ts';
import { previewJson } from './json/previews.ts';
import { pageOf } from './page.ts';
import { route, type TextReply } from './route.ts';

export const campaignRoutes = [
  route({
    method: 'get',
    path: '/api/campaigns',
    summary: 'Campaigns, newest first, each with its newest audit',
    query: campaignsQuery,
    reply: campaignsJson,
    handler: async (app, { query }) => {
      const found = await listCampaigns(app.db, { ...query, limit: query.limit + 1 });
      const { rows, nextCursor } = pageOf(found, query.limit);
      return { items: await presentCampaigns(app, rows), nextCursor };
    },
  }),
  route({
    method: 'post',
    path: '/api/campaigns',
    summary: 'Add a campaign: its mail as message/rfc822, a draft as JSON, or only a name, to be watched for',
    query: campaignQuery,
    body: newCampaignInput,
    takesMessage: true,
    reply: campaignJson,
    status: 201,
    long: true,
    handler: async (app, { query, body }) => {
      if ('message' in body) {
        const about = { name: query.name ?? null, policy: null };
        const raw = Buffer.from(body.message.buffer, body.message.byteOffset, body.message.byteLength);
        return presentCampaign(app, await addFile(app, raw, about));
      }
      const { name = null, policy = null, from, ...rest } = body;
      const about = { name, policy };
      if (from === undefined) return presentCampaign(app, await addWatched(app, about));
      return presentCampaign(app, await addDraft(app, { from, ...rest }, about));
    },
  }),
  route({
    method: 'get',
    path: '/api/campaigns/:id',
    summary: 'One campaign with its audits and watches',
    params: idParams,
    reply: campaignJson,
    handler: async (app, { params }) => presentCampaign(app, await requireCampaign(app, params.id)),
  }),
  route({
    method: 'patch',
    path: '/api/campaigns/:id',
    summary:
      'Rename a campaign, change its draft, or what its audits are judged by; those that were made stay as they are',
    params: idParams,
    body: campaignPatch,
    reply: campaignJson,
    handler: async (app, { params, body }) => {
      const before = await requireCampaign(app, params.id);
      if (body.draft !== undefined) {
        if (before.source !== 'draft') throw new AppError('conflict', 'This campaign is no draft: send its new file.');
        await replaceMessage(app, before.id, { draft: body.draft });
      }
      const change = {
        ...(body.name ? { name: body.name } : {}),
        ...(body.policy === undefined
          ? {}
          : { policy_json: body.policy === null ? null : JSON.stringify(body.policy) }),
      };
      if (Object.keys(change).length > 0) await updateCampaign(app.db, before.id, { ...change, updated_at: app.now() });
      app.announce({ topic: 'campaign', id: before.id });
      return presentCampaign(app, await requireCampaign(app, before.id));
    },
  }),
  route({
    method: 'put',
    path: '/api/campaigns/:id/message',
    summary: 'Put a newer version of its mail in place; audits that were made stay as they are',
    params: idParams,
    body: messageInput,
    takesMessage: true,
    reply: campaignJson,
    long: true,
    handler: async (app, { params, body }) => {
      const before = await requireCampaign(app, params.id);
      if (before.source === 'draft') throw new AppError('conflict', 'This campaign is a draft: change the draft.');
      const raw = Buffer.from(body.message.buffer, body.message.byteOffset, body.message.byteLength);
      await replaceMessage(app, before.id, { raw });
      return presentCampaign(app, await requireCampaign(app, before.id));
    },
  }),
  route({
    method: 'delete',
    path: '/api/campaigns/:id',
    summary: 'Delete a campaign with its audits, watches and shared reports',
    params: idParams,
    handler: async (app, { params }) => {
      const { id } = await requireCampaign(app, params.id);
      await deleteCampaign(app.db, id);
      app.announce({ topic: 'campaign', id });
      return undefined;
    },
  }),
  route({
    method: 'get',
    path: '/api/campaigns/:id/message',
    summary: 'The mail as it is, as a text file',
    params: idParams,
    text: 'text/plain',
    handler: async (app, { params }) => {
      const campaign = await requireCampaign(app, params.id);
      return asTextFile(await requireMail(app, campaign, campaignMessage), `campaign-${campaign.id}`);
    },
  }),
  route({
    method: 'get',
    path: '/api/campaigns/:id/preview',
    summary: 'The mail as its reader would see it, without anything that runs, loads or leads away',
    params: idParams,
    reply: previewJson,
    handler: async (app, { params }) =>
      app.previews.make(await requireMail(app, await requireCampaign(app, params.id), campaignMessageGzip)),
  }),
  route({
    method: 'post',
    path: '/api/draft-previews',
    summary: 'What a draft would look like, as it is typed; nothing is kept',
    body: draftPreviewInput,
    reply: previewJson,
    handler: async (app, { body }) => app.previews.make(gzipSync(await composeDraft(body, newToken(), app.now()))),
  }),
  route({
    method: 'post',
    path: '/api/campaigns/:id/audits',
    summary: 'Audit a campaign; with placement, send it to seeds through a sender and see where it lands',
    params: idParams,
    body: auditInput,
    reply: auditJson,
    status: 202,
    handler: async (app, { params, body }) => {
      const { policy = null, fromDomain = null, placement = null } = body;
      const campaign = await requireCampaign(app, params.id);
      return presentAudit(app, await beginAudit(app, campaign, { policy, fromDomain, test: placement }));
    },
  }),
  route({
    method: 'post',
    path: '/api/campaigns/:id/watches',
    summary: 'You send, we watch: look for copies of a campaign in seeds, and audit the first one that arrives',
    params: idParams,
    body: watchInput,
    reply: watchJson,
    status: 201,
    handler: async (app, { params, body }) => {
      const campaign = await requireCampaign(app, params.id);
      return presentWatch(app, await openWatch(app, campaign, { ...body, policy: body.policy ?? null }));
    },
  }),
  route({
    method: 'get',
    path: '/api/watches/:id',
    summary: 'One watch with its seeds: where a copy was seen, and where none was so far',
    params: idParams,
    reply: watchJson,
    handler: async (app, { params }) => presentWatch(app, await requireWatch(app, params.id)),
  }),
  route({
    method: 'get',
    path: '/api/watches/:id/seed-list',
    summary: 'The seeds of a watch as CSV, to be added to the list of a sending system',
    params: idParams,
    text: 'text/csv',
    handler: async (app, { params }) => {
      const { seeds, id } = await presentWatch(app, await requireWatch(app, params.id));
      return {
        contentType: 'text/csv; charset=utf-8',
        body: writeLines([['email', 'provider'], ...seeds.map(({ address, provider }) => [address, provider])]),
        headers: { 'Content-Disposition': `attachment; filename="todoku-seed-list-${id}.csv"` },
      };
    },
  }),
  route({
    method: 'delete',
    path: '/api/watches/:id',
    summary: 'Watch no longer; what was seen until now is audited',
    params: idParams,
    handler: async (app, { params }) => {
      const { id } = await requireWatch(app, params.id);
      await endWatch(app, id);
      return undefined;
    },
  }),
  route({
    method: 'get',
    path: '/api/policy',
    summary: 'The default policy of audits, and the schema of a policy file',
    reply: policyJson,
    handler: async () => ({
      policy: DEFAULT_POLICY,
      draftPolicy: DRAFT_POLICY,
      placementRate: PLACEMENT_RATE,
      mechanisms: [...MECHANISMS],
      schema: publishedSchema() as Record<string, unknown>,
    }),
  }),
  route({
    method: 'post',
    path: '/api/policy-checks',
    summary: 'Read a policy file: it comes back with all that was left out filled in; nothing is kept',
    body: policySchema,
    reply: policyCheckJson,
    handler: async (_app, { body }) => ({ policy: body }),
  }),
];

/** Mail is hostile: never shown as what it says it is, never guessed at, never inline. */
export function asTextFile(body: Buffer, name: string): TextReply {
  return {
    contentType: 'text/plain; charset=utf-8',
    body,
    headers: {
      'Content-Disposition': `attachment; filename="${name}.eml.txt"`,
      'Content-Security-Policy': "sandbox; default-src 'none'",
    },
  };
}

async function requireMail(app: App, { message_id: id }: CampaignTable, read: typeof campaignMessage): Promise<Buffer> {
  if (id === null) throw new AppError('not-found', 'No mail of this campaign is known yet.');
  const mail = await read(app.db, id);
  if (mail === null)
    throw new AppError('not-found', 'This mail was kept for as long as the settings say, and is forgotten now.', {
      reason: 'forgotten',
    });
  return mail;
}
