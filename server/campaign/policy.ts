/**
 * What must be so before a campaign may go: a policy is a small JSON file that a team keeps beside its mails. The schema is published as `policy.schema.json` beside this
 * file. Verdicts are three: `go`, `fix-first`, and `not-enough-data` where something the policy asks for could not be seen. Pure.
 */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { SEVERITIES, type Severity } from '../domain/types.ts';
import type { Finding } from './types.ts';

export const MECHANISMS = ['spf', 'dkim', 'dmarc'] as const;
export type Mechanism = (typeof MECHANISMS)[number];

export const policySchema = z
  .strictObject({
    $schema: z.string().optional().describe('Where this schema lies, for editors.'),
    maxSeverity: z.enum(SEVERITIES).default('medium').describe('Findings graver than this must be fixed first.'),
    minScore: z.number().int().min(0).max(100).default(0).describe('A lower score must be fixed first.'),
    requireAuthentication: z
      .array(z.enum(MECHANISMS))
      .default(['dkim'])
      .describe(
        'What must hold for the mail: spf and dmarc as published by its domain, dkim as a signature in the file.',
      ),
    ignore: z
      .array(z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)+$/))
      .max(200)
      .default([])
      .describe('Ids of findings that are known and accepted. They stay in the report and count for nothing.'),
    maxFilterScore: z
      .strictObject({
        rspamd: z.number().optional().describe('In points of rspamd.'),
        spamassassin: z.number().optional().describe('In points of SpamAssassin.'),
      })
      .default({})
      .describe('More points than this in the view of a filter must be fixed first.'),
    minInboxRate: z
      .record(z.string().min(1).max(60), z.number().min(0).max(1))
      .default({})
      .describe(
        'By provider, or for all as "*": the share of seeds that must have the mail in the inbox or one of its tabs. Where a placement test was made and nothing is named, 0.5 for "*".',
      ),
    inboxRateBy: z
      .enum(['lower-end', 'point'])
      .default('lower-end')
      .describe('Whether the lower end of the 95 % interval must reach the rate, or the rate as measured.'),
  })
  .meta({ title: 'Todoku campaign policy', description: 'What must be so before a campaign may go.' });
export type Policy = z.infer<typeof policySchema>;

export const DEFAULT_POLICY: Policy = policySchema.parse({});

/** Whether both ask for the same, however they are written down. */
export function samePolicy(one: Policy, other: Policy): boolean {
  const asked = ({ $schema: _, requireAuthentication, ignore, ...rest }: Policy) => ({
    ...rest,
    requireAuthentication: new Set(requireAuthentication),
    ignore: new Set(ignore),
  });
  return isDeepStrictEqual(asked(one), asked(other));
}

/** The schema for editors and other programs: what may be written, so that what has a default may be left out. */
export function publishedSchema(): unknown {
  return z.toJSONSchema(policySchema, { io: 'input' });
}

export const VERDICTS = ['go', 'fix-first', 'not-enough-data'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Why, each with what it rests on. */
export type VerdictReason =
  | { reason: 'finding-too-grave'; id: string; severity: Severity }
  | { reason: 'score-too-low'; points: number; wanted: number }
  | { reason: 'authentication-missing'; mechanism: Mechanism }
  | { reason: 'authentication-unknown'; mechanism: Mechanism }
  | { reason: 'filter-score-too-high'; filter: string; points: number; wanted: number }
  | { reason: 'filter-unknown'; filter: string }
  | { reason: 'placement-untested'; provider: string }
  /** Rates in whole per cent; `n`: seeds with an answer. */
  | { reason: 'placement-unknown'; provider: string; n: number; wanted: number; least: number }
  | { reason: 'placement-unclear'; provider: string; percent: number; low: number; n: number; wanted: number }
  | { reason: 'placement-too-low'; provider: string; percent: number; low: number; n: number; wanted: number };
export const VERDICT_REASONS = [
  'finding-too-grave',
  'score-too-low',
  'authentication-missing',
  'authentication-unknown',
  'filter-score-too-high',
  'filter-unknown',
  'placement-untested',
  'placement-unknown',
  'placement-unclear',
  'placement-too-low',
] as const satisfies readonly VerdictReason['reason'][];

export type Seen = {
  findings: readonly Finding[];
  points: number;
  /** Null: could not be seen. */
  authentication: Record<Mechanism, boolean | null>;
  /** Points by filter; null: it gave no answer, or is not set up. */
  filters: { rspamd: number | null; spamassassin: number | null };
  /** What a placement test says of this policy (placement.ts); null: none was made. */
  placement: { fix: readonly VerdictReason[]; unknown: readonly VerdictReason[] } | null;
};

/** What says "fix first" is known for certain, so it goes before what is not known. */
export function judge(policy: Policy, seen: Seen): { verdict: Verdict; reasons: VerdictReason[] } {
  const fix: VerdictReason[] = [];
  const unknown: VerdictReason[] = [];
  const allowed = SEVERITIES.indexOf(policy.maxSeverity);
  const told = new Set<string>();
  for (const { id, severity } of seen.findings) {
    if (SEVERITIES.indexOf(severity) >= allowed || policy.ignore.includes(id) || told.has(id)) continue;
    told.add(id);
    fix.push({ reason: 'finding-too-grave', id, severity });
  }
  if (seen.points < policy.minScore)
    fix.push({ reason: 'score-too-low', points: seen.points, wanted: policy.minScore });
  for (const mechanism of policy.requireAuthentication) {
    const holds = seen.authentication[mechanism];
    if (holds === null) unknown.push({ reason: 'authentication-unknown', mechanism });
    else if (!holds) fix.push({ reason: 'authentication-missing', mechanism });
  }
  for (const filter of ['rspamd', 'spamassassin'] as const) {
    const wanted = policy.maxFilterScore[filter];
    if (wanted === undefined) continue;
    const points = seen.filters[filter];
    if (points === null) unknown.push({ reason: 'filter-unknown', filter });
    else if (points > wanted) fix.push({ reason: 'filter-score-too-high', filter, points, wanted });
  }
  fix.push(...(seen.placement?.fix ?? []));
  // A placement test is what answers this; an audit of the file alone cannot.
  const untested = seen.placement === null ? Object.keys(policy.minInboxRate) : [];
  unknown.push(
    ...untested.map((provider) => ({ reason: 'placement-untested' as const, provider })),
    ...(seen.placement?.unknown ?? []),
  );
  return {
    verdict: fix.length > 0 ? 'fix-first' : unknown.length > 0 ? 'not-enough-data' : 'go',
    reasons: [...fix, ...unknown],
  };
}
