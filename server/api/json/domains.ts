/** A sending domain on the wire: how it stands at a glance, what its last check found, its history, and what large providers ask for. */
import { z } from 'zod';
import { AUTHENTICATION_RESULTS } from '../../authentication/types.ts';
import { ANSWERS, REQUIREMENTS } from '../../domain/bulk-senders.ts';
import { isSelector } from '../../domain/dkim.ts';
import { readAddress, writeAddress } from '../../domain/network.ts';
import { WITNESSED } from '../../domain/observed.ts';
import { PROPOSAL_NOTES } from '../../domain/proposal-notes.ts';
import { CHANGE_KINDS, DOMAIN_STATES, PROTOCOLS, SEVERITIES } from '../../domain/types.ts';
import { PROVIDER_IDS } from '../../seed/types.ts';
import { pageJson, pageQuery, timeJson } from './basics.ts';
import { askedJson, dnsStatusJson, recordsJson, spfVerdictJson } from './records.ts';
import { NO_CONTROLS } from './senders.ts';

const selectorJson = z.string().trim().toLowerCase().refine(isSelector, 'is no selector: write it like s1');
/** In the one way to write it, so that an address is one text. */
const ipJson = z.union([z.ipv4(), z.ipv6()], 'must be an IP address').overwrite((text) => {
  const address = readAddress(text);
  return address === null ? text : writeAddress(address);
});

export const domainInput = z.object({
  name: z
    .string('must be a domain like example.com')
    .trim()
    .min(1, 'must be a domain like example.com')
    .max(1000, 'is too long for a domain: it has 253 characters at most')
    .regex(NO_CONTROLS, 'must be one line without control characters')
    .meta({ description: 'example.com; international names in any form' }),
  selectors: z
    .array(selectorJson)
    .max(50, 'are too many: 50 at most')
    .optional()
    .meta({ description: 'DKIM selectors that are in use' }),
  ips: z
    .array(ipJson)
    .max(20, 'are too many: 20 at most')
    .optional()
    .meta({ description: 'Addresses the mail leaves from' }),
});
export type DomainInput = z.input<typeof domainInput>;

/** Only what is named changes; the name is what the domain is. */
export const domainPatch = domainInput.omit({ name: true }).extend({ paused: z.boolean().optional() });
export type DomainPatch = z.input<typeof domainPatch>;

const count = z.number().int();
const countsBySeverity = z.object({ critical: count, high: count, medium: count, low: count, info: count });

const protocolStandingJson = z.object({
  asked: askedJson,
  worst: z.enum(SEVERITIES).nullable().meta({ description: 'Of its findings; null: none' }),
});
const protocolsJson = z
  .object({
    spf: protocolStandingJson,
    dkim: protocolStandingJson,
    dmarc: protocolStandingJson,
    mx: protocolStandingJson,
    ptr: protocolStandingJson,
    mtaSts: protocolStandingJson,
    tlsRpt: protocolStandingJson,
    dane: protocolStandingJson,
    dnssec: protocolStandingJson,
    bimi: protocolStandingJson,
    blocklists: protocolStandingJson,
  })
  .partial();

export const domainJson = z
  .object({
    id: z.string(),
    name: z.string(),
    selectors: z.array(z.string()).meta({ description: 'As given; those that probes showed are used besides' }),
    ips: z.array(z.string()),
    pausedAt: timeJson.nullable(),
    state: z.enum(DOMAIN_STATES).nullable().meta({
      description: 'The severity of the worst finding; fine: none beyond info; null: not known yet',
    }),
    since: timeJson.nullable().meta({ description: 'Since when it has been in this state' }),
    counts: countsBySeverity.nullable().meta({ description: 'Findings by severity' }),
    protocols: protocolsJson.nullable(),
    uncheckedSince: timeJson.nullable().meta({
      description: 'Since when a question has had no answer: what stands of it is what was known before',
    }),
    checking: z.boolean().meta({ description: 'A check runs now' }),
    checkedAt: timeJson.nullable(),
    nextCheckAt: timeJson.nullable(),
    createdAt: timeJson,
    updatedAt: timeJson,
  })
  .meta({ id: 'Domain' });
export type DomainJson = z.infer<typeof domainJson>;

export const domainsQuery = pageQuery.extend({ search: z.string().max(200).optional() });
export const domainsJson = pageJson(domainJson);
export type DomainsJson = z.infer<typeof domainsJson>;

const recordTypeJson = z.enum(['TXT', 'CNAME', 'MX', 'PTR', 'TLSA', 'A']);
const evidenceJson = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.array(z.string()), z.null()]),
);

export const findingJson = z
  .object({
    id: z.string().meta({ description: 'kebab-case word of a documented set: spf-too-many-lookups' }),
    protocol: z.enum(PROTOCOLS),
    severity: z.enum(SEVERITIES),
    evidence: evidenceJson.meta({
      description: 'Where there is a record with start and end, they mark the part of it that is at fault',
    }),
    fix: z
      .object({
        name: z.string(),
        type: recordTypeJson,
        value: z.string().nullable().meta({ description: 'null: only its owner can know what belongs there' }),
      })
      .nullable()
      .meta({
        description:
          'The record of proposals that mends this together with all else it can; null: none does, or it waits',
      }),
    since: timeJson.meta({ description: 'Since when our checks have found it' }),
  })
  .meta({ id: 'Finding' });
export type FindingJson = z.infer<typeof findingJson>;

const diffPartJson = z.object({ kind: z.enum(['same', 'removed', 'added']), text: z.string() });
const diffJson = z
  .array(z.object({ kind: z.enum(['same', 'removed', 'added', 'changed']), parts: z.array(diffPartJson) }))
  .meta({ description: 'Value by value; of a changed one, part by part' });

export const proposalJson = z
  .object({
    protocol: z.enum(PROTOCOLS),
    name: z.string(),
    type: recordTypeJson,
    values: z.array(z.string()).meta({ description: 'One for TXT; else lines to be put in place' }),
    instead: z.array(z.string()).meta({ description: 'What stands there now and goes' }),
    diff: diffJson,
    mends: z.array(z.string()).meta({
      description: 'Ids of findings that go away, as often as they go; empty: another record of these needs it',
    }),
    severity: z.enum(SEVERITIES).meta({ description: 'The gravest of what it mends' }),
    notes: z
      .array(z.object({ reason: z.enum(PROPOSAL_NOTES), evidence: evidenceJson }))
      .meta({ description: 'Which of two repairs won, and what comes next' }),
  })
  .meta({ id: 'Proposal' });
export type ProposalJson = z.infer<typeof proposalJson>;

export const domainCheckJson = z
  .object({
    checkedAt: timeJson,
    records: recordsJson,
    findings: z.array(findingJson).meta({ description: 'The gravest first' }),
    proposals: z.array(proposalJson).meta({ description: 'What to publish, once for each name and type' }),
    unasked: z
      .array(
        z.object({
          name: z.string(),
          type: z.string(),
          status: dnsStatusJson,
          protocols: z.array(z.enum(PROTOCOLS)),
          since: timeJson,
        }),
      )
      .meta({ description: 'Questions without an answer; these protocols could not be checked since' }),
    unconfirmed: z
      .array(z.object({ name: z.string(), type: z.string(), since: timeJson }))
      .meta({ description: 'Seen to be gone once; believed when it is seen again, a minute later at least' }),
  })
  .meta({ id: 'DomainCheck' });
export type DomainCheckJson = z.infer<typeof domainCheckJson>;

const levelJson = z.enum(['required', 'advised']).optional();
export const requirementJson = z
  .object({
    id: z.enum(REQUIREMENTS),
    providers: z
      .object({ google: levelJson, yahoo: levelJson, microsoft: levelJson })
      .meta({ description: 'Who asks for it; those left out do not' }),
    answer: z.enum(ANSWERS).meta({ description: 'unseen: cannot be seen from here; unasked: DNS gave no answer' }),
    source: z.enum(['dns', 'probes', 'both']).nullable().meta({ description: 'What the answer rests on' }),
    evidence: z.record(z.string(), z.union([z.string(), z.number()])),
    findings: z.array(z.string()).meta({ description: 'Ids of findings that say more' }),
  })
  .meta({ id: 'Requirement' });
export type RequirementJson = z.infer<typeof requirementJson>;

const wordJson = { result: z.enum(AUTHENTICATION_RESULTS), probes: count };
/** Three witnesses, never merged. */
export const witnessJson = z
  .object({
    mechanism: z.enum(WITNESSED),
    published: z.array(z.string()).meta({ description: 'The records as they are in DNS' }),
    verified: z
      .array(z.object({ ...wordJson, probeId: z.string() }))
      .meta({ description: 'What we computed from the mails; probeId is the newest' }),
    reported: z
      .array(z.object({ provider: z.enum(PROVIDER_IDS), ...wordJson, probeId: z.string() }))
      .meta({ description: 'What the receivers wrote into the mails' }),
  })
  .meta({ id: 'Witness' });
export type WitnessJson = z.infer<typeof witnessJson>;

export const domainDetailsJson = domainJson
  .extend({
    check: domainCheckJson.nullable().meta({ description: 'The last one; null before the first is done' }),
    known: z
      .object({
        selectors: z.array(
          z.object({
            selector: z.string(),
            source: z.enum(['given', 'seen', 'reported']),
            seenAt: timeJson.nullable().meta({ description: 'In a probe, or by the end of a DMARC report' }),
          }),
        ),
        ips: z.array(
          z.object({
            ip: z.string(),
            source: z.enum(['given', 'seen']),
            helo: z.string().nullable(),
            seenAt: timeJson.nullable(),
          }),
        ),
      })
      .meta({ description: 'What the check rests on besides DNS: given by you, or seen in probes' }),
    probes: count.meta({ description: 'Of this domain, since its records are what they are; the newest, 200 at most' }),
    transport: z.object({ encrypted: count, plain: count }),
    witnesses: z.array(witnessJson),
    checklist: z.array(requirementJson).meta({ description: 'What Google, Yahoo and Microsoft ask of bulk senders' }),
  })
  .meta({ id: 'DomainDetails' });
export type DomainDetailsJson = z.infer<typeof domainDetailsJson>;

/** What a DMARC aggregate report told. */
export const dmarcReportJson = z
  .object({
    reporter: z.string().meta({ description: 'Who wrote it' }),
    domain: z.string(),
    from: timeJson,
    to: timeJson,
    mails: count,
    selectors: z
      .array(z.object({ selector: z.string(), mails: count }))
      .meta({ description: 'Of signatures of this domain that were good, the most used first' }),
    added: z.array(z.string()).meta({ description: 'Selectors that were not known from reports before' }),
  })
  .meta({ id: 'DmarcReport' });
export type DmarcReportJson = z.infer<typeof dmarcReportJson>;

export const recordChangeJson = z
  .object({
    id: z.string(),
    at: timeJson,
    protocol: z.enum(PROTOCOLS),
    name: z.string(),
    type: z.string(),
    kind: z.enum(CHANGE_KINDS),
    before: z.array(z.string()),
    after: z.array(z.string()),
    diff: diffJson,
  })
  .meta({ id: 'RecordChange' });
export const historyJson = pageJson(recordChangeJson);
export type HistoryJson = z.infer<typeof historyJson>;

export const checkSummaryJson = z
  .object({
    id: z.string(),
    at: timeJson,
    tookMs: count,
    state: z.enum(DOMAIN_STATES).nullable(),
    counts: countsBySeverity,
    unasked: count.meta({ description: 'Questions without an answer' }),
  })
  .meta({ id: 'DomainCheckSummary' });
export const checksJson = pageJson(checkSummaryJson);
export type ChecksJson = z.infer<typeof checksJson>;

export const spfEvaluationQuery = z.object({
  ip: ipJson,
  sender: z
    .string()
    .max(320, 'is too long for an address')
    .optional()
    .meta({ description: 'Envelope sender; postmaster of the domain if left out' }),
  helo: z.string().max(255, 'is too long for a name').optional().meta({ description: 'The domain itself if left out' }),
});
export const spfEvaluationJson = spfVerdictJson
  .extend({ ip: z.string(), sender: z.string(), helo: z.string(), evaluatedAt: timeJson })
  .meta({ id: 'SpfEvaluation' });
export type SpfEvaluationJson = z.infer<typeof spfEvaluationJson>;
