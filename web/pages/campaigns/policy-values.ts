/** What a campaign is judged by: as its form holds it, as the server takes it, and as a file says it. Pure. */
import type { ShownPolicyJson } from '../../../server/api/json/audits.ts';

export type Policy = ShownPolicyJson;
export type Mechanism = Policy['requireAuthentication'][number];
export const MECHANISMS = ['spf', 'dkim', 'dmarc'] as const satisfies readonly Mechanism[];
export const RATES_BY = ['lower-end', 'point'] as const satisfies readonly Policy['inboxRateBy'][];

/** Of all providers together. */
export const ALL = '*';

/** As a field of numbers has it: empty is a text. */
type Typed = number | '';
export type ProviderRate = { key: number; provider: string | null; percent: Typed };
export type PolicyValues = {
  maxSeverity: Policy['maxSeverity'];
  minScore: Typed;
  requireAuthentication: Mechanism[];
  ignore: string[];
  rspamd: Typed;
  spamassassin: Typed;
  /** Rates are asked for by name, so that only a placement test can answer; else one is asked for only where a test was made. */
  testNeeded: boolean;
  allPercent: Typed;
  providers: ProviderRate[];
  inboxRateBy: Policy['inboxRateBy'];
};

/** @param placementRate what is asked of all providers where a test was made and the policy names no rate */
export function policyValues(policy: Policy, placementRate: number): PolicyValues {
  const { maxSeverity, minScore, requireAuthentication, ignore, maxFilterScore, minInboxRate, inboxRateBy } = policy;
  const { [ALL]: all, ...providers } = minInboxRate;
  const testNeeded = Object.keys(minInboxRate).length > 0;
  return {
    maxSeverity,
    minScore,
    requireAuthentication: MECHANISMS.filter((one) => requireAuthentication.includes(one)),
    ignore: [...ignore],
    rspamd: maxFilterScore.rspamd ?? '',
    spamassassin: maxFilterScore.spamassassin ?? '',
    testNeeded,
    allPercent: testNeeded ? (all === undefined ? '' : percentOf(all)) : percentOf(placementRate),
    providers: Object.entries(providers).map(([provider, rate], key) => ({ key, provider, percent: percentOf(rate) })),
    inboxRateBy,
  };
}

/** @param before keeps what the form does not show */
export function policyFrom(values: PolicyValues, before: Policy): Policy {
  const rates = [
    ...(values.allPercent === '' ? [] : [[ALL, shareOf(values.allPercent)] as const]),
    ...values.providers.flatMap(({ provider, percent }) =>
      provider === null || percent === '' ? [] : [[provider, shareOf(percent)] as const],
    ),
  ];
  return {
    ...(before.$schema === undefined ? {} : { $schema: before.$schema }),
    maxSeverity: values.maxSeverity,
    minScore: values.minScore === '' ? 0 : values.minScore,
    requireAuthentication: MECHANISMS.filter((one) => values.requireAuthentication.includes(one)),
    ignore: [...new Set(values.ignore)],
    maxFilterScore: {
      ...(values.rspamd === '' ? {} : { rspamd: values.rspamd }),
      ...(values.spamassassin === '' ? {} : { spamassassin: values.spamassassin }),
    },
    minInboxRate: values.testNeeded ? Object.fromEntries(rates) : {},
    inboxRateBy: values.inboxRateBy,
  };
}

/** A field that is being typed into holds a text now and then: `-`, or nothing. */
export function typedNumber(value: number | string): Typed {
  const number = typeof value === 'number' ? value : Number.parseFloat(value);
  return Number.isFinite(number) ? number : '';
}

export type PolicyFault = 'score' | 'rate' | 'rate-needed' | 'provider-needed';

/** By field, a provider's by its key; nothing where all can be kept. */
export function policyFaults(values: PolicyValues): Record<string, PolicyFault> {
  const faults: Record<string, PolicyFault> = {};
  const { minScore, testNeeded, allPercent, providers } = values;
  if (minScore !== '' && (!Number.isInteger(minScore) || minScore < 0 || minScore > 100)) faults.minScore = 'score';
  if (!testNeeded) return faults;
  const isShare = (percent: Typed): boolean => percent !== '' && percent >= 0 && percent <= 100;
  if (allPercent === '' ? providers.length === 0 : !isShare(allPercent))
    faults.allPercent = allPercent === '' ? 'rate-needed' : 'rate';
  for (const { key, provider, percent } of providers)
    if (provider === null) faults[`provider-${key}`] = 'provider-needed';
    else if (!isShare(percent)) faults[`provider-${key}`] = 'rate';
  return faults;
}

/** Whether both ask for the same, however they are written down. */
export function samePolicy(one: Policy, other: Policy): boolean {
  const plain = ({ requireAuthentication, ignore, maxFilterScore, minInboxRate, ...rest }: Policy) =>
    JSON.stringify([
      [rest.maxSeverity, rest.minScore, rest.inboxRateBy],
      requireAuthentication.toSorted(),
      [...new Set(ignore)].sort(),
      [maxFilterScore.rspamd, maxFilterScore.spamassassin],
      Object.entries(minInboxRate).sort(([a], [b]) => (a < b ? -1 : 1)),
    ]);
  return plain(one) === plain(other);
}

/** 0.7 → 70; what is finer than the form's own steps stays. */
export function percentOf(share: number): number {
  return Math.round(share * 1e8) / 1e6;
}

function shareOf(percent: number): number {
  return Math.round(percent * 1e6) / 1e8;
}

const FIELDS = [
  'maxSeverity',
  'minScore',
  'requireAuthentication',
  'ignore',
  'maxFilterScore',
  'minInboxRate',
  'inboxRateBy',
] as const;
export type PolicyField = (typeof FIELDS)[number];

/** Which field of a file a complaint is about; null: of one that a policy does not have. @param path `minInboxRate.gmail` */
export function fieldOf(path: string): PolicyField | null {
  const [field] = path.split('.');
  return FIELDS.find((one) => one === field) ?? null;
}

/** What the file of a policy is called: signs that some disk does not take are left out. */
export function policyFileName(campaign: string): string {
  const name = campaign
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[.-]+|-+$/g, '')
    .slice(0, 60);
  return name === '' ? 'policy.json' : `${name}.policy.json`;
}
