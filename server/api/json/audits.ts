/**
 * An audit of a campaign on the wire. `result` is what `todoku audit --json` prints, field by field: a script that reads one reads the other.
 *
 * Long because everything an audit may say stands in this one list.
 */
import { z } from 'zod';
import { AUTHENTICATION_RESULTS } from '../../authentication/types.ts';
import { AUDIT_STEPS } from '../../campaign/audit.ts';
import { ANSWERS as CONTROL_ANSWERS } from '../../campaign/control.ts';
import { ARMS, PLACEMENT_STATES } from '../../campaign/placement.ts';
import { MECHANISMS, policySchema, VERDICT_REASONS, VERDICTS } from '../../campaign/policy.ts';
import { AUDIT_REFUSALS, AUDIT_STATES } from '../../campaign/state.ts';
import { CHECKS } from '../../campaign/types.ts';
import { ASKED, SEVERITIES } from '../../domain/types.ts';
import { OUTCOMES } from '../../probe/types.ts';
import { PROTOCOLS, PROVIDER_IDS } from '../../seed/types.ts';
import { rateJson, timeJson } from './basics.ts';
import { requirementJson } from './domains.ts';
import { placementJson, verifiedJson } from './probes.ts';

const count = z.number().int();
const idText = z.string().min(1).max(64);
const flat = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()]));

export const campaignFindingJson = z
  .object({
    id: z.string().meta({ description: 'kebab-case word of a documented set: links-broken' }),
    check: z.enum(CHECKS),
    severity: z.enum(SEVERITIES),
    evidence: flat.meta({
      description: 'line and column count from 1: in the text of part when that is given, else in the file',
    }),
    fix: z
      .union([
        z.object({ header: z.string(), value: z.string() }),
        z.object({ name: z.string(), type: z.string(), value: z.string().nullable() }),
      ])
      .nullable()
      .meta({ description: 'What can be put in place as it stands: a header field or a DNS record' }),
  })
  .meta({ id: 'CampaignFinding' });
export type CampaignFindingJson = z.infer<typeof campaignFindingJson>;

const partJson = z.looseObject({
  path: z.string().meta({ description: '1, 1.2; the message itself is 0' }),
  depth: count,
  type: z.string(),
  charset: z.string().nullable(),
  encoding: z.string(),
  disposition: z.enum(['inline', 'attachment']).nullable(),
  name: z.string().nullable(),
  size: count.meta({ description: 'Bytes, decoded' }),
});

const linkJson = z.object({
  url: z.string(),
  skipped: z
    .enum(['unsubscribe', 'confirmation', 'too-many', 'no-time'])
    .nullable()
    .meta({ description: 'Why it was not asked; null: it was' }),
  status: count.nullable(),
  failure: z.string().nullable(),
  badCertificate: z.boolean(),
  final: z.string().nullable(),
  redirects: count,
  https: z.boolean(),
  milliseconds: z.number().nullable(),
});

const filterJson = z
  .union([
    z.object({
      answered: z.literal(true),
      score: z.number(),
      limit: z.number(),
      spam: z.boolean(),
      action: z.string().nullable(),
      symbols: z.array(z.object({ name: z.string(), score: z.number(), description: z.string().nullable() })),
      milliseconds: z.number(),
    }),
    z.object({ answered: z.literal(false), reason: z.string(), milliseconds: z.number() }),
  ])
  .nullable();

const wordsJson = z.object({
  spf: z.enum(AUTHENTICATION_RESULTS).nullable(),
  dkim: z.enum(AUTHENTICATION_RESULTS).nullable(),
  dmarc: z.enum(AUTHENTICATION_RESULTS).nullable(),
});

/** One mail of a placement test, or one seed that was watched. `probeId` leads to all its evidence. */
export const landingJson = z
  .object({
    arm: z.enum(ARMS),
    repeat: count.meta({ description: 'From 0' }),
    probeId: z.string(),
    runId: z.string(),
    seedId: z.string(),
    seed: z.string().meta({ description: 'The address' }),
    provider: z.enum(PROVIDER_IDS),
    protocol: z.enum(PROTOCOLS),
    outcome: z.enum(OUTCOMES),
    placement: placementJson.nullable(),
    reason: z.string().meta({ description: 'not-seen: of a watched seed in which nothing was found; never missing' }),
    late: z.boolean(),
    sendAt: timeJson.nullable().meta({ description: 'When it is to leave; null: it has' }),
    sentAt: timeJson.nullable(),
    delayMs: z.number().nullable(),
    reported: wordsJson.nullable().meta({ description: 'What the receiver wrote' }),
    verified: wordsJson.nullable().meta({ description: 'What we computed from the mail' }),
  })
  .meta({ id: 'Landing' });

const standing = {
  mails: count,
  decided: count.meta({ description: 'Mails with an answer; unknown ones and those not seen are no answer' }),
  unknown: count,
  seeds: count.meta({ description: 'Different seeds with an answer: the n of each rate' }),
  inbox: rateJson.meta({ description: 'Inbox and its tabs, over seeds; a seed that got several counts once' }),
  tab: rateJson.meta({ description: 'Of these, in a tab' }),
  spam: rateJson,
  missing: rateJson.meta({ description: 'Missing, bounced, refused or given up' }),
  medianDelayMs: z.number().nullable(),
  authentication: z
    .object({
      dkim: z.object({ pass: count, of: count }),
      spf: z.object({ pass: count, of: count }),
      dmarc: z.object({ pass: count, of: count }),
    })
    .meta({ description: 'Of the mails that were found: as the receiver said, else as verified' }),
};
export const armJson = z
  .object({
    ...standing,
    providers: z.array(z.object({ provider: z.enum(PROVIDER_IDS), ...standing })),
  })
  .meta({ id: 'PlacementArm' });
export type ArmJson = z.infer<typeof armJson>;

export const auditPlacementJson = z
  .object({
    by: z.enum(['sender', 'watch']),
    state: z.enum(PLACEMENT_STATES).meta({ description: 'open: some mail has no answer yet' }),
    sender: z.object({ id: z.string(), name: z.string(), fromAddress: z.string() }).nullable(),
    fromReplaced: z.boolean().meta({
      description: "The mail left under the sender's From, since its own domain is not the sender's",
    }),
    unsigned: z.boolean().meta({ description: 'Its own DKIM signatures were taken out: they no longer held' }),
    repeats: count,
    gapSeconds: count.meta({ description: 'Between two repeats' }),
    startedAt: timeJson,
    endsAt: timeJson.meta({ description: 'The latest moment at which all will have an answer' }),
    campaign: armJson,
    control: armJson.nullable(),
    comparison: z
      .object({
        answer: z.enum(CONTROL_ANSWERS).meta({
          description:
            'content: the control arrives and the campaign does not; sender: neither does; neither: both arrive; reversed: the control does worse',
        }),
        test: z.enum(['mcnemar', 'fisher']),
        p: z.number().nullable().meta({ description: 'Two-sided, exact; null: not enough data' }),
        both: count,
        onlyCampaign: count,
        onlyControl: count,
        none: count,
      })
      .nullable(),
    whys: z
      .array(z.object({ reason: z.string(), mails: count, seeds: count }))
      .meta({ description: 'Why mails of the campaign are not in the inbox; what most seeds share comes first' }),
    landings: z.array(landingJson),
  })
  .meta({ id: 'AuditPlacement' });
export type AuditPlacementJson = z.infer<typeof auditPlacementJson>;

/** A policy with all that was left out filled in. */
export const shownPolicyJson = z
  .object({
    $schema: z.string().optional(),
    maxSeverity: z.enum(SEVERITIES),
    minScore: count,
    requireAuthentication: z.array(z.enum(MECHANISMS)),
    ignore: z.array(z.string()),
    maxFilterScore: z.object({ rspamd: z.number().optional(), spamassassin: z.number().optional() }),
    minInboxRate: z.record(z.string(), z.number()),
    inboxRateBy: z.enum(['lower-end', 'point']),
  })
  .meta({ id: 'Policy' });
export type ShownPolicyJson = z.infer<typeof shownPolicyJson>;
/** As it is written in a file: all may be left out. */
export type PolicyInput = z.input<typeof policySchema>;

const verdictReasonJson = z.looseObject({ reason: z.enum(VERDICT_REASONS) });
const holdsJson = z.boolean().nullable();

export const auditResultJson = z
  .object({
    auditedAt: timeJson,
    judgedAt: timeJson.optional().meta({
      description: 'When the same facts were judged anew by another policy; left out: never',
    }),
    offline: z.boolean(),
    message: z.object({
      from: z.string().nullable(),
      fromName: z.string(),
      domain: z.string().nullable(),
      subject: z.string().nullable(),
      date: z.string().nullable(),
      messageId: z.string().nullable(),
      size: count,
      languages: z.array(z.string()),
      parts: z.array(partJson).meta({ description: 'The first 100' }),
      preheader: z.string().nullable(),
      images: count,
      links: count,
    }),
    verdict: z.enum(VERDICTS),
    reasons: z.array(verdictReasonJson),
    score: z.object({ points: count, lost: z.array(z.object({ id: z.string(), points: z.number() })) }),
    policy: shownPolicyJson,
    findings: z.array(campaignFindingJson).meta({ description: 'The gravest first' }),
    links: z.array(linkJson).meta({ description: 'At most 500, those that were asked first' }),
    authentication: z.object({
      signatures: z.array(z.object({ domain: z.string(), selector: z.string(), line: count, limited: z.boolean() })),
      verified: verifiedJson.nullable(),
      holds: z.object({ spf: holdsJson, dkim: holdsJson, dmarc: holdsJson }),
      domains: z.array(
        z.object({
          domain: z.string(),
          role: z.enum(['from', 'envelope', 'signer', 'link']),
          asked: z.record(z.string(), z.enum(ASKED)),
          findings: z.array(z.string()),
        }),
      ),
      copies: count.meta({ description: 'Delivered copies that all this rests on; 0: the file and DNS alone' }),
      checklist: z.array(requirementJson),
    }),
    filters: z.object({ rspamd: filterJson, spamassassin: filterJson }),
    placement: auditPlacementJson.optional(),
  })
  .meta({ id: 'AuditResult' });
export type AuditResultJson = z.infer<typeof auditResultJson>;

const countsBySeverity = z.object({ critical: count, high: count, medium: count, low: count, info: count });

/** In lists. */
export const auditItemJson = z
  .object({
    id: z.string(),
    campaignId: z.string(),
    state: z.enum(AUDIT_STATES).meta({
      description:
        'waiting: for its turn; watching: for a first copy; auditing: the mail is looked at; testing: it is, and its mails are on their way; refused, failed: see refusal',
    }),
    step: z.enum(AUDIT_STEPS).nullable().meta({ description: 'What is done now, while it is audited' }),
    refusal: z.enum(AUDIT_REFUSALS).nullable(),
    verdict: z.enum(VERDICTS).nullable().meta({ description: 'null until it is done' }),
    score: count.nullable(),
    counts: countsBySeverity.nullable().meta({ description: 'Findings by severity' }),
    placement: z
      .object({ by: z.enum(['sender', 'watch']), mails: count, decided: count, found: count, endsAt: timeJson })
      .nullable(),
    watchId: z.string().nullable(),
    createdAt: timeJson,
    finishedAt: timeJson.nullable(),
  })
  .meta({ id: 'AuditItem' });
export type AuditItemJson = z.infer<typeof auditItemJson>;

export const auditJson = auditItemJson
  .extend({
    campaignName: z.string(),
    subject: z.string().nullable(),
    policy: shownPolicyJson.meta({ description: 'What it was judged by' }),
    policyChanged: z.boolean().meta({ description: 'Its campaign has another policy by now: it can be judged anew' }),
    result: auditResultJson.nullable().meta({ description: 'null until the mail itself has been looked at' }),
    previousAuditId: z
      .string()
      .nullable()
      .meta({ description: 'The one before, of the same campaign: to compare with' }),
  })
  .meta({ id: 'Audit' });
export type AuditJson = z.infer<typeof auditJson>;

export const auditInput = z.object({
  policy: policySchema.optional().meta({ description: "For this audit alone; left out: the campaign's" }),
  fromDomain: z.string().trim().min(1).max(253).optional().meta({ description: 'Where From does not tell' }),
  placement: z
    .object({
      senderId: idText,
      seedIds: z.array(idText).max(1000).optional(),
      seedTags: z.array(z.string().trim().min(1).max(50)).max(50).optional(),
      control: z
        .boolean()
        .default(false)
        .meta({ description: 'Send a plain mail beside each: tells the content from the sender' }),
      repeats: count.min(1).max(10).default(1),
      gapSeconds: count.min(1).max(86_400).default(900).meta({ description: 'Between two repeats' }),
      withinSeconds: count
        .min(5)
        .max(172_800)
        .default(3_600)
        .meta({ description: 'A mail that was not seen by then is missing' }),
    })
    .optional(),
});
export type AuditInput = z.input<typeof auditInput>;

export const reportQuery = z.object({
  format: z.enum(['html', 'json', 'junit']).default('html'),
  language: z.enum(['en', 'ja']).optional().meta({ description: "Left out: the installation's, else en" }),
  download: z.enum(['0', '1']).default('0'),
});

/** The decoded texts in which findings name lines and columns. */
export const sourcesJson = z
  .object({
    message: z
      .object({ text: z.string(), cut: z.boolean() })
      .meta({ description: 'The file: bytes as Latin-1 where they are no UTF-8' }),
    parts: z.array(z.object({ part: z.string(), type: z.enum(['text', 'html']), text: z.string(), cut: z.boolean() })),
  })
  .meta({ id: 'AuditSources' });
export type SourcesJson = z.infer<typeof sourcesJson>;

export const comparisonQuery = z.object({
  with: idText.meta({ description: 'The earlier audit of the same campaign' }),
});
const changeJson = z.object({ before: z.number().nullable(), after: z.number().nullable() });
export const comparisonJson = z
  .object({
    before: auditItemJson,
    after: auditItemJson,
    score: changeJson,
    gone: z.array(campaignFindingJson).meta({ description: 'What got better' }),
    added: z.array(campaignFindingJson).meta({ description: 'What got worse' }),
    stayed: z.array(campaignFindingJson),
    filters: z.object({ rspamd: changeJson, spamassassin: changeJson }),
    placement: z
      .object({
        before: armJson.nullable(),
        after: armJson.nullable(),
        inbox: z.enum(['not-enough-data', 'no-clear-change', 'higher', 'lower']),
      })
      .nullable()
      .meta({ description: 'Of the campaign itself; null: neither was tested' }),
    links: z.object({ gone: z.array(z.string()), added: z.array(z.string()) }),
  })
  .meta({ id: 'AuditComparison' });
export type ComparisonJson = z.infer<typeof comparisonJson>;

export const shareInput = z.object({
  name: z.string().trim().max(100).default(''),
  days: count.min(1).max(90).default(14).meta({ description: 'How long it opens' }),
  language: z.enum(['en', 'ja']).default('en'),
});
export type ShareInput = z.input<typeof shareInput>;
export const shareJson = z
  .object({
    id: z.string(),
    auditId: z.string(),
    name: z.string(),
    language: z.enum(['en', 'ja']),
    createdAt: timeJson,
    expiresAt: timeJson,
    lastUsedAt: timeJson.nullable(),
    revokedAt: timeJson.nullable(),
  })
  .meta({ id: 'Share' });
export type ShareJson = z.infer<typeof shareJson>;
export const sharesJson = z.object({ items: z.array(shareJson), nextCursor: z.null() });
export type SharesJson = z.infer<typeof sharesJson>;
/** The only time the key is shown: /api/shared-report?key=KEY shows the report to anybody. */
export const newShareJson = shareJson.extend({ key: z.string(), path: z.string() }).meta({ id: 'NewShare' });
export type NewShareJson = z.infer<typeof newShareJson>;
export const sharedReportQuery = z.object({ key: z.string().min(1).max(200) });

export const policyJson = z
  .object({
    policy: shownPolicyJson.meta({ description: 'The default' }),
    draftPolicy: shownPolicyJson.meta({ description: 'The default of a draft, which nothing has signed yet' }),
    placementRate: z
      .number()
      .meta({ description: 'What a placement test must show of "*" where the policy names no rate' }),
    mechanisms: z.array(z.enum(MECHANISMS)),
    schema: z.record(z.string(), z.unknown()).meta({ description: 'JSON Schema of a policy file' }),
  })
  .meta({ id: 'PolicyDefaults' });
export type PolicyJson = z.infer<typeof policyJson>;

export const policyCheckJson = z.object({ policy: shownPolicyJson }).meta({ id: 'PolicyCheck' });
export type PolicyCheckJson = z.infer<typeof policyCheckJson>;
