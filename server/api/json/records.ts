/**
 * What a domain publishes, on the wire: the records of a check, as `server/domain/` reads them and as `todoku check --json` prints them. Places in a record (`start`, `end`) count characters
 * of the record as joined from its strings, from 0, the end exclusive.
 *
 * Long because every protocol's records stand in this one list.
 */
import { z } from 'zod';
import { DNS_STATUSES } from '../../dns/client.ts';
import { ASKED } from '../../domain/types.ts';
import { timeJson } from './basics.ts';

const count = z.number().int();
const texts = z.array(z.string());
export const askedJson = z
  .enum(ASKED)
  .meta({ description: 'unasked: DNS gave no answer; whether there is a record is not known' });
export const dnsStatusJson = z.enum(DNS_STATUSES);
const place = { start: count, end: count };
const tagProblems = z.array(z.object({ ...place, problem: z.string(), text: z.string() }));

const spfProblems = z.array(z.object({ ...place, problem: z.string(), term: z.string() }));
const spfTerm = z
  .object({
    ...place,
    text: z.string(),
    kind: z.enum(['mechanism', 'modifier']),
    name: z.string(),
    qualifier: z.string().optional(),
    spec: z.string().nullable(),
    network: z.string().nullable().optional(),
    prefix4: count.optional(),
    prefix6: count.optional(),
    ignored: z.enum(['after-all', 'beside-all']).nullable().meta({ description: 'Never reached, and costs nothing' }),
    outcome: z.enum(['ok', 'void', 'missing', 'several', 'loop', 'macro', 'too-many-hosts', 'unasked', 'not-followed']),
    status: dnsStatusJson.nullable(),
    target: z.string().nullable().meta({ description: 'The name it asks for, where that can be told' }),
    lookups: count.meta({ description: 'Questions that count against 10: its own and all behind it' }),
    voidLookups: count.meta({ description: 'Of those, without an answer; they count against 2' }),
    addresses: texts,
    get node(): z.ZodNullable<typeof spfNode> {
      return spfNode.nullable();
    },
  })
  .meta({ id: 'SpfTerm' });
const spfNode = z
  .object({
    domain: z.string(),
    record: z.string().nullable(),
    get terms(): z.ZodArray<typeof spfTerm> {
      return z.array(spfTerm);
    },
    problems: spfProblems,
    lookups: count,
    voidLookups: count,
  })
  .meta({ id: 'SpfNode' });

export const spfVerdictJson = z
  .object({
    result: z.enum(['none', 'neutral', 'pass', 'fail', 'softfail', 'temperror', 'permerror']),
    reason: z.string().nullable().meta({ description: 'Why, where it is an error or there is no record' }),
    domain: z.string().meta({ description: 'Where the term that decided stands' }),
    term: z.string().nullable(),
    lookups: count,
    voidLookups: count,
    path: z.array(z.object({ depth: count, domain: z.string(), term: z.string(), matched: z.boolean() })),
    explanation: z.string().nullable().meta({ description: 'What the domain wants a refused sender to read' }),
  })
  .meta({ id: 'SpfVerdict' });

const spfJson = z.object({
  ...spfNode.shape,
  asked: askedJson,
  status: dnsStatusJson,
  strings: texts,
  records: texts,
  truncated: z.boolean().meta({ description: 'Too large to follow; lookups is at least that' }),
  voidLookupsFor4: count,
  voidLookupsFor6: count,
  evaluations: z.array(spfVerdictJson.extend({ ip: z.string() })),
  flattening: z
    .object({
      replaces: texts,
      networks: count.meta({ description: 'To be kept up to date by hand from then on' }),
      lookups: count,
      records: z.array(z.object({ name: z.string(), value: z.string() })),
    })
    .nullable(),
});

const dkimKeyJson = z
  .object({
    selector: z.string(),
    name: z.string(),
    source: z.enum(['given', 'seen', 'reported', 'usual']),
    provider: z.string().nullable().meta({ description: 'The sending service whose key it is, as far as names tell' }),
    asked: askedJson,
    status: dnsStatusJson,
    record: z.string().nullable(),
    records: texts,
    strings: texts,
    cnames: texts,
    tags: z.record(z.string(), z.string()),
    type: z.enum(['rsa', 'ed25519']).nullable(),
    bits: count.nullable(),
    fingerprint: z.string().nullable().meta({ description: 'SHA-256 of the key' }),
    revoked: z.boolean(),
    keyProblem: z.string().nullable(),
    testing: z.boolean(),
    noSubdomains: z.boolean(),
    services: texts.nullable(),
    hashes: texts.nullable(),
    versionWrong: z.boolean(),
    problems: tagProblems,
    since: timeJson.nullable().meta({ description: 'Since when our own checks have seen this very key' }),
  })
  .meta({ id: 'DkimKey' });

const policy = z.enum(['none', 'quarantine', 'reject']);
const dmarcReading = z
  .object({
    organization: z.string(),
    policyDomain: z.string().nullable(),
    policy: policy.nullable(),
    percent: z.number(),
  })
  .meta({ id: 'DmarcReading' });
const dmarcJson = z.object({
  asked: askedJson,
  record: z.string().nullable(),
  policyDomain: z.string().nullable(),
  organizationalDomain: z.string().nullable(),
  steps: z
    .array(
      z.object({
        name: z.string(),
        domain: z.string(),
        status: dnsStatusJson.nullable(),
        result: z.enum(['record', 'none', 'several', 'unasked']),
        record: z.string().nullable(),
        records: texts,
        alias: z.string().nullable(),
        stops: z.boolean(),
      }),
    )
    .meta({ description: 'The tree walk of RFC 9989, name by name' }),
  tags: z.record(z.string(), z.string()),
  problems: tagProblems,
  readings: z
    .object({ newer: dmarcReading.nullable(), older: dmarcReading.nullable() })
    .meta({ description: 'What receivers make of it that follow RFC 9989, and those that follow RFC 7489' }),
  reports: z.array(
    z.object({
      ...place,
      kind: z.enum(['rua', 'ruf']),
      text: z.string(),
      address: z.string().nullable(),
      host: z.string().nullable(),
      size: z.string().nullable(),
      external: z.boolean(),
      authorizationName: z.string().nullable(),
      authorized: z.boolean().nullable(),
      deliverable: z.boolean().nullable(),
    }),
  ),
});

const address = z.object({ ip: z.string(), reach: z.enum(['public', 'allowed', 'private']) });
const mxJson = z.object({
  hosts: z.array(
    z.object({
      name: z.string().meta({ description: 'Empty for the null MX' }),
      priority: count,
      problem: z.enum(['address-literal', 'not-a-host-name']).nullable(),
      aliases: texts,
      addresses: z.array(address),
      ipv4: askedJson,
      ipv6: askedJson,
      tls: z
        .union([
          z.object({
            seen: z.literal(true),
            version: z.string(),
            cipher: z.string(),
            problem: z.string().nullable(),
            expires: timeJson.nullable(),
            issuer: z.string().nullable(),
          }),
          z.object({ seen: z.literal(false), reason: z.string(), reply: z.string().nullable() }),
        ])
        .nullable(),
    }),
  ),
  implicit: z.array(address),
});

const named = z.object({ name: z.string(), asked: askedJson, addresses: texts });
const ptrJson = z.object({
  addresses: z.array(
    z.object({
      ip: z.string(),
      asked: askedJson,
      names: z.array(named),
      helo: named.extend({ problem: z.enum(['address', 'not-a-host-name', 'not-full']).nullable() }).nullable(),
    }),
  ),
});

const unfetched = z.object({ got: z.literal(false), reason: z.string(), detail: z.string() });
/** TXT records at a name of their own. */
const textsAt = { name: z.string(), records: texts, others: texts, misplaced: texts };
const mtaStsJson = z.object({
  ...textsAt,
  url: z.string(),
  record: z
    .object({ record: z.string(), id: z.string().nullable(), idValid: z.boolean(), problems: tagProblems })
    .nullable(),
  fetched: z
    .union([
      z.object({
        got: z.literal(true),
        status: count,
        contentType: z.string().nullable(),
        bytes: count,
        certificateExpires: timeJson.nullable(),
      }),
      unfetched,
    ])
    .nullable(),
  policy: z
    .object({
      mode: z.enum(['enforce', 'testing', 'none']).nullable(),
      maxAge: z.number().nullable().meta({ description: 'Seconds' }),
      mx: texts,
      faults: z.array(z.object({ problem: z.string(), line: count.nullable(), text: z.string() })),
      repeated: texts,
    })
    .nullable(),
});

const tlsRptJson = z.object({
  ...textsAt,
  read: z
    .object({
      record: z.string(),
      addresses: z.array(
        z.object({
          uri: z.string(),
          problem: z.enum(['not-a-uri', 'scheme', 'not-an-address', 'not-a-url']).nullable(),
          mailDomain: z.string().nullable(),
        }),
      ),
      hasRua: z.boolean(),
      problems: tagProblems,
    })
    .nullable(),
});

const daneJson = z.object({
  hosts: z.array(
    z.object({
      host: z.string(),
      name: z.string(),
      asked: askedJson,
      secure: z.boolean(),
      records: z.array(
        z.object({
          usage: count,
          selector: count,
          matchingType: count,
          data: z.string(),
          problem: z.string().nullable(),
          fits: z.boolean().nullable().meta({ description: 'What the server showed; null: not seen' }),
        }),
      ),
      tls: z.enum(['shown', 'missing', 'unseen']),
      reason: z.string().nullable(),
      wanted: z.string().nullable().meta({ description: 'A record that would fit' }),
    }),
  ),
});

const dnssecJson = z.object({
  zone: z.string().nullable(),
  secure: z.boolean(),
  ds: z.array(z.object({ keyTag: count, algorithm: count, digestType: count, digest: z.string() })),
  keys: z.array(z.object({ keyTag: count, algorithm: count, entry: z.boolean(), ds: z.string() })),
  bogus: z.object({ cause: z.string(), types: texts }).nullable(),
});

const location = z
  .object({
    tag: z.enum(['l', 'a']),
    url: z.string(),
    problem: z.enum(['not-a-url', 'not-https', 'no-host']).nullable(),
  })
  .nullable();
const served = {
  got: z.literal(true),
  status: count,
  contentType: z.string().nullable(),
  bytes: count,
  sha256: z.string(),
};
const bimiJson = z.object({
  ...textsAt,
  record: z
    .object({
      record: z.string(),
      logo: location,
      certificate: location,
      declined: z.boolean(),
      problems: tagProblems,
    })
    .nullable(),
  logo: z
    .union([
      z.object({
        ...served,
        read: z
          .union([
            z.object({
              problem: z.null(),
              version: z.string().nullable(),
              baseProfile: z.string().nullable(),
              title: z.string().nullable(),
              proportions: z.object({ width: z.number(), height: z.number() }).nullable(),
              relativeSize: z.string().nullable(),
              elements: texts,
              attributes: texts,
              references: texts,
            }),
            z.object({ problem: z.string(), detail: z.string() }),
          ])
          .nullable(),
      }),
      unfetched,
    ])
    .nullable(),
  certificate: z
    .union([
      z.object({
        ...served,
        read: z
          .union([
            z.object({
              problem: z.null(),
              kind: z.enum(['VMC', 'CMC']).nullable(),
              organization: z.string().nullable(),
              issuer: z.string().nullable(),
              from: timeJson,
              to: timeJson,
              names: texts,
              forMarks: z.boolean(),
              chain: z.enum(['trusted', 'unknown-issuer', 'bad-signature']),
              dates: z.enum(['valid', 'expired', 'not-yet-valid']),
              logo: z.object({ bytes: count, sha256: z.string() }).nullable(),
            }),
            z.object({ problem: z.string() }),
          ])
          .nullable(),
      }),
      unfetched,
    ])
    .nullable(),
});

const listKind = z.enum(['ip4', 'ip6', 'domain']);
const blocklistsJson = z.object({
  lists: z.array(
    z.object({
      zone: z.string(),
      name: z.string(),
      kind: listKind,
      retired: z.boolean(),
      state: z.enum(['alive', 'refused', 'dead', 'unasked']),
      why: z.enum(['resolver', 'volume', 'name', 'other']).optional(),
      cause: z.string().optional(),
      status: dnsStatusJson.optional(),
    }),
  ),
  entries: z.array(
    z.object({
      zone: z.string(),
      list: z.string(),
      kind: listKind,
      target: z.string(),
      meaning: z.enum(['clean', 'listed', 'refused', 'nonsense', 'unasked']),
      codes: texts,
      names: texts,
      weight: z.enum(['major', 'usual', 'minor', 'policy', 'network']).nullable(),
      removal: z.string().meta({ description: 'Where to have it looked at' }),
    }),
  ),
});

/** By protocol; one that was not part of the check is left out. */
export const recordsJson = z
  .object({
    spf: spfJson,
    dkim: z.array(dkimKeyJson),
    dmarc: dmarcJson,
    mx: mxJson,
    ptr: ptrJson,
    mtaSts: mtaStsJson,
    tlsRpt: tlsRptJson,
    dane: daneJson,
    dnssec: dnssecJson,
    bimi: bimiJson,
    blocklists: blocklistsJson,
  })
  .partial()
  .meta({ id: 'DomainRecords' });
export type RecordsJson = z.infer<typeof recordsJson>;
