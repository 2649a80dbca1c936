/** A probe on the wire: in short, as it stands in a run, and with all its evidence. */
import { z } from 'zod';
import { AUTHENTICATION_RESULTS } from '../../authentication/types.ts';
import { OUTCOMES, PLACEMENT_KINDS, TABS } from '../../probe/types.ts';
import { PROTOCOLS, PROVIDER_IDS } from '../../seed/types.ts';
import { timeJson } from './basics.ts';
import { askedJson } from './records.ts';
import { dialogueLineJson } from './senders.ts';

/** Only `result` is always there; the rest as far as it is known. */
export const mechanismJson = z
  .looseObject({
    result: z.enum(AUTHENTICATION_RESULTS),
    reason: z.string().optional(),
    domain: z.string().optional(),
    selector: z.string().optional(),
    algorithm: z.string().optional(),
    keyBits: z.number().optional(),
    aligned: z.boolean().optional(),
    policy: z.string().optional(),
    policyDomain: z.string().optional(),
    disposition: z.string().optional(),
    identity: z.string().optional(),
    clientIp: z.string().optional(),
    helo: z.string().optional(),
    envelopeFrom: z.string().optional(),
    record: z.string().optional(),
    lookups: z.number().optional(),
    voidLookups: z.number().optional(),
    original: z.string().optional(),
    comment: z.string().optional(),
  })
  .meta({ id: 'MechanismResult' });
export type MechanismJson = z.infer<typeof mechanismJson>;

export const reportedJson = z.looseObject({ spf: mechanismJson, dkim: mechanismJson, dmarc: mechanismJson });
export const verifiedJson = z.looseObject({
  spf: mechanismJson,
  dkim: mechanismJson,
  dmarc: mechanismJson,
  arc: mechanismJson,
});

export const placementJson = z.object({
  kind: z.enum(PLACEMENT_KINDS),
  tab: z.enum(TABS).optional(),
  folder: z.string(),
});

export const probeJson = z
  .object({
    id: z.string(),
    seedId: z.string(),
    seed: z.string().meta({ description: 'The address' }),
    provider: z.enum(PROVIDER_IDS),
    protocol: z.enum(PROTOCOLS),
    outcome: z.enum(OUTCOMES),
    placement: placementJson.nullable(),
    reason: z.string().meta({ description: 'A kebab-case word of a closed set' }),
    evidence: z.record(z.string(), z.unknown()),
    late: z.boolean(),
    sentAt: timeJson.nullable(),
    firstSeenAt: timeJson.nullable(),
    delayMs: z.number().nullable(),
    authentication: z.object({ reported: reportedJson.nullable(), verified: verifiedJson.nullable() }),
  })
  .meta({ id: 'Probe' });
export type ProbeJson = z.infer<typeof probeJson>;

export const hopJson = z.looseObject({
  from: z.string().nullable(),
  fromName: z.string().nullable(),
  fromIp: z.string().nullable(),
  by: z.string().nullable(),
  with: z.string().nullable(),
  tls: z.union([
    z.null(),
    z.literal('unknown'),
    z.looseObject({ version: z.string().optional(), cipher: z.string().optional() }),
  ]),
  at: timeJson.nullable(),
  delayMs: z.number().nullable(),
  note: z.string().optional(),
});

export const sightingJson = z.object({
  seenAt: timeJson,
  kind: z.enum(PLACEMENT_KINDS),
  tab: z.enum(TABS).optional(),
  folder: z.string(),
  reason: z.string(),
  internalDate: timeJson.nullable(),
});

export const disagreementJson = z.looseObject({
  mechanism: z.string(),
  reported: z.string(),
  verified: z.string(),
  reason: z.string(),
  evidence: z.record(z.string(), z.unknown()),
});

const askedRecord = { asked: askedJson, record: z.string().nullable() };
export const publishedJson = z
  .object({
    domainId: z.string(),
    domain: z.string(),
    checkedAt: timeJson,
    spf: z.object(askedRecord),
    dkim: z
      .array(z.object({ selector: z.string(), ...askedRecord }))
      .meta({ description: 'Of the selectors that sign it' }),
    dmarc: z.object({ ...askedRecord, policyDomain: z.string().nullable(), policy: z.string().nullable() }),
  })
  .meta({ id: 'Published' });
export type PublishedJson = z.infer<typeof publishedJson>;

export const probeDetailsJson = probeJson
  .extend({
    authentication: probeJson.shape.authentication.extend({
      published: publishedJson.nullable().meta({
        description: 'What its From domain has in DNS as of the last check; null where that is not watched',
      }),
    }),
    runId: z.string(),
    monitorId: z.string(),
    auditId: z.string().nullable().meta({ description: 'The audit of a campaign whose test it belongs to' }),
    senderId: z.string(),
    token: z.string(),
    messageId: z.string().meta({ description: 'Without angle brackets' }),
    subject: z.string().nullable(),
    queuedAt: timeJson,
    nextSendAt: timeJson.nullable(),
    sendTries: z.number().int(),
    internalDate: timeJson.nullable(),
    lateAt: timeJson.nullable(),
    missingAt: timeJson.nullable(),
    watchUntil: timeJson.nullable(),
    nextLookAt: timeJson.nullable(),
    looks: z.number().int(),
    headers: z.string().nullable().meta({ description: 'The raw header block as received' }),
    hops: z.array(hopJson),
    boundary: z.record(z.string(), z.unknown()).nullable(),
    disagreements: z.array(disagreementJson),
    sightings: z.array(sightingJson),
    dialogues: z.array(
      z.object({
        attempt: z.number().int(),
        at: timeJson,
        end: z.string(),
        reason: z.string(),
        lines: z.array(dialogueLineJson),
      }),
    ),
    messageSize: z.number().int().nullable().meta({ description: 'Bytes; null when no copy is kept' }),
    messageForgottenAt: timeJson.nullable().meta({
      description: 'When the copy was thrown away, as the settings say; null when there is one, or never was',
    }),
  })
  .meta({ id: 'ProbeDetails' });
export type ProbeDetailsJson = z.infer<typeof probeDetailsJson>;
