/**
 * A campaign on the wire: a mail that somebody is about to send, as a file, as a draft, or as what arrives in seeds that are watched. Its audits are in `audits.ts`.
 *
 * GET    /api/campaigns                 newest first                       POST   /api/campaigns               a file (message/rfc822), a draft, or a name to watch for (JSON)
 * GET    /api/campaigns/:id             one, with audits and watches       PATCH  /api/campaigns/:id           another name, draft, policy
 * PUT    /api/campaigns/:id/message     a newer version of the file        DELETE /api/campaigns/:id
 * GET    /api/campaigns/:id/message     the mail as it is                  GET    /api/campaigns/:id/preview
 * POST   /api/campaigns/:id/audits      audit it                           POST   /api/draft-previews          what a draft looks like, as it is typed
 * POST   /api/campaigns/:id/watches     you send, we watch                 GET    /api/watches/:id             DELETE /api/watches/:id   watch no longer
 * GET    /api/watches/:id/seed-list     CSV
 * GET    /api/audits/:id                DELETE too                         GET    /api/audits/:id/report       ?format=html|json|junit
 * GET    /api/audits/:id/sources        texts that findings point into     GET    /api/audits/:id/preview      GET /api/audits/:id/message
 * GET    /api/audits/:id/evidence       .zip                               GET    /api/audits/:id/comparison   ?with=ID of the earlier one
 * GET    /api/audits/:id/shares         POST too                           DELETE /api/shares/:id
 * GET    /api/shared-report?key=        public: the report as HTML         GET    /api/policy                  the default policy and the schema
 * POST   /api/audits/:id/judgements     by the campaign's present policy   POST   /api/policy-checks           read a policy file
 */
import { z } from 'zod';
import { policySchema } from '../../campaign/policy.ts';
import { CAMPAIGN_SOURCES, KNOWN_HEADERS, WATCH_STATES } from '../../campaign/state.ts';
import { PROTOCOLS, PROVIDER_IDS } from '../../seed/types.ts';
import { auditItemJson, shownPolicyJson } from './audits.ts';
import { pageJson, pageQuery, timeJson } from './basics.ts';
import { placementJson } from './probes.ts';
import { addressJson, oneLine } from './senders.ts';

const count = z.number().int();
const idText = z.string().min(1).max(64);

export const draftJson = z.object({
  from: addressJson,
  fromName: oneLine(200).optional(),
  replyTo: addressJson.optional(),
  subject: oneLine(998).default(''),
  html: z.string().max(4_000_000).optional(),
  text: z.string().max(1_000_000).optional(),
  listUnsubscribe: z
    .url({ protocol: /^https$/ })
    .max(2_000)
    .optional()
    .meta({ description: 'https address for one click (RFC 8058): both headers are written' }),
});
export type DraftJson = z.input<typeof draftJson>;
/** As it is kept. */
const shownDraftJson = z.object({
  from: z.string(),
  fromName: z.string().optional(),
  replyTo: z.string().optional(),
  subject: z.string().optional(),
  html: z.string().optional(),
  text: z.string().optional(),
  listUnsubscribe: z.string().optional(),
});

const named = { name: oneLine(200).optional().meta({ description: 'Left out: the subject' }) };
/** A draft; or, with nothing but a name, a campaign that will be sent by its own system and watched. A file is sent as it is, as message/rfc822. */
export const campaignInput = z
  .object({
    ...named,
    policy: policySchema.optional().meta({ description: 'What its audits are judged by; left out: the default' }),
    ...draftJson.partial().shape,
  })
  .refine(
    (one) => one.from !== undefined || Object.keys(one).every((key) => ['name', 'subject', 'policy'].includes(key)),
    {
      message: 'a draft needs an address',
      path: ['from'],
    },
  )
  .refine((one) => one.from !== undefined || Boolean(one.name), {
    message: 'needs a name, or the draft of a mail',
    path: ['name'],
  });
export type CampaignInput = z.input<typeof campaignInput>;
export const campaignQuery = z.object({ name: oneLine(200).optional().meta({ description: 'Of a file' }) });
export const campaignPatch = z.object({
  ...named,
  draft: draftJson.optional(),
  policy: policySchema.nullable().optional().meta({ description: 'From the next audit on; null: the default again' }),
});
export type CampaignPatch = z.input<typeof campaignPatch>;

/** How a copy is recognised in a seed. */
export const recogniseJson = z.discriminatedUnion('by', [
  z
    .object({ by: z.literal('token') })
    .meta({ description: 'In a header, in the subject or in the text, wherever you like' }),
  z.object({
    by: z.literal('header'),
    name: z
      .string()
      .trim()
      .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,76}$/, 'must be the name of a header field')
      .meta({ description: `Any; ${KNOWN_HEADERS.join(', ')} are set by large systems` }),
    value: oneLine(300).min(1).meta({ description: 'What stands in it, or a part of that' }),
  }),
  z.object({
    by: z.literal('from'),
    from: oneLine(254).min(3).meta({ description: 'An address, or a domain' }),
    subject: oneLine(500).optional().meta({ description: 'A part of it; left out: every mail of theirs' }),
  }),
]);
export type RecogniseJson = z.infer<typeof recogniseJson>;
const shownRecogniseJson = z.union([
  z.object({ by: z.literal('token') }),
  z.object({ by: z.literal('header'), name: z.string(), value: z.string() }),
  z.object({ by: z.literal('from'), from: z.string(), subject: z.string().optional() }),
]);

export const watchInput = z.object({
  seedIds: z.array(idText).max(1000).optional(),
  seedTags: z.array(z.string().trim().min(1).max(50)).max(50).optional(),
  recognise: recogniseJson.default({ by: 'token' }),
  windowSeconds: count.min(30).max(604_800).default(86_400).meta({ description: 'How long the seeds are watched' }),
  policy: policySchema.optional().meta({ description: "For its audit alone; left out: the campaign's" }),
});
export type WatchInput = z.input<typeof watchInput>;

export const watchedSeedJson = z.object({
  seedId: z.string(),
  address: z.string(),
  provider: z.enum(PROVIDER_IDS),
  protocol: z.enum(PROTOCOLS),
  probeId: z.string(),
  seen: z.boolean(),
  seenAt: timeJson.nullable(),
  placement: placementJson.nullable(),
  reason: z.string(),
});
export const watchItemJson = z
  .object({
    id: z.string(),
    campaignId: z.string(),
    state: z.enum(WATCH_STATES),
    recognise: shownRecogniseJson,
    token: z.string().nullable().meta({ description: 'Where it is recognised by a token' }),
    header: z.string().nullable().meta({ description: 'X-Todoku-Campaign: TOKEN, to be put into the header as it is' }),
    seedCount: count,
    seenCount: count,
    auditId: z.string().meta({ description: 'Of the first copy; waits until there is one' }),
    opensAt: timeJson,
    closesAt: timeJson,
  })
  .meta({ id: 'WatchItem' });
export type WatchItemJson = z.infer<typeof watchItemJson>;
export const watchJson = watchItemJson
  .extend({
    seeds: z.array(watchedSeedJson),
    seedList: z.string().meta({ description: 'Addresses, one a line, to be copied' }),
    runId: z.string(),
  })
  .meta({ id: 'Watch' });
export type WatchJson = z.infer<typeof watchJson>;

export const campaignItemJson = z
  .object({
    id: z.string(),
    name: z.string(),
    source: z.enum(CAMPAIGN_SOURCES),
    from: z.string().nullable(),
    fromName: z.string(),
    subject: z.string().nullable(),
    size: count.nullable().meta({ description: 'Bytes; null: no copy of it has been seen yet' }),
    audit: auditItemJson.nullable().meta({ description: 'The newest' }),
    auditCount: count,
    watch: watchItemJson.nullable().meta({ description: 'The newest' }),
    createdAt: timeJson,
    updatedAt: timeJson,
  })
  .meta({ id: 'CampaignItem' });
export type CampaignItemJson = z.infer<typeof campaignItemJson>;
export const campaignJson = campaignItemJson
  .extend({
    draft: shownDraftJson.nullable(),
    policy: shownPolicyJson.meta({ description: 'What its next audit is judged by' }),
    ownPolicy: z.boolean().meta({ description: 'false: it is the default' }),
    audits: z.array(auditItemJson).meta({ description: 'Newest first' }),
    watches: z.array(watchItemJson),
  })
  .meta({ id: 'Campaign' });
export type CampaignJson = z.infer<typeof campaignJson>;

export const campaignsQuery = pageQuery.extend({ search: z.string().max(200).optional() });
export const campaignsJson = pageJson(campaignItemJson);
export type CampaignsJson = z.infer<typeof campaignsJson>;

/** A file as it came: bytes of message/rfc822, never in JSON. */
export const messageInput = z.object({
  message: z.instanceof(Uint8Array).meta({ override: { type: 'string', format: 'binary' } }),
});
export const newCampaignInput = z.union([messageInput, campaignInput]);
export const draftPreviewInput = draftJson;
