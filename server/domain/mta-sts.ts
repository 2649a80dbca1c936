/**
 * MTA-STS (RFC 8461): a domain says in DNS that it has a policy, and serves it over HTTPS: "mail to us only goes to these servers, only over TLS, only
 * with a valid certificate, and remember this for so long". A sender that honours it refuses to deliver where that does not hold, so a policy that has gone
 * stale costs mail. This file reads the record and the policy; `mta-sts-judge.ts` says what is wrong. Pure.
 */
import { parseTags, type TagProblem, tagOf } from './tags.ts';

/** RFC 8461 §3.2: about a year. */
export const MAX_AGE_LIMIT = 31_557_600;
/** What senders need to take in at least (§3.3 leaves a limit to them and names 64 KB). */
export const MAX_POLICY_BYTES = 64 * 1024;

export type StsRecord = { record: string; id: string | null; idValid: boolean; problems: TagProblem[] };

export function readStsRecord(record: string): StsRecord {
  const list = parseTags(record);
  const id = tagOf(list, 'id')?.value ?? null;
  return { record, id, idValid: /^[A-Za-z0-9]{1,32}$/.test(id ?? ''), problems: list.problems };
}

export const STS_MODES = ['enforce', 'testing', 'none'] as const;
export type StsMode = (typeof STS_MODES)[number];

export const POLICY_PROBLEMS = [
  'version-missing',
  'version-unknown',
  'mode-missing',
  'mode-unknown',
  'max-age-missing',
  'max-age-invalid',
  'mx-missing',
  'mx-invalid',
  'not-a-field',
] as const;
export type PolicyFault = {
  problem: (typeof POLICY_PROBLEMS)[number];
  /** 1-based; null for what is missing. */
  line: number | null;
  text: string;
};

export type StsPolicy = {
  mode: StsMode | null;
  /** Seconds. */
  maxAge: number | null;
  /** Patterns, in lower case. */
  mx: string[];
  /** Any of them makes senders ignore the policy. */
  faults: PolicyFault[];
  /** Fields given again; the first counts (§3.2). */
  repeated: string[];
};

/** Never throws. Unknown fields are for later versions, and are passed over (§3.2). */
export function readStsPolicy(text: string): StsPolicy {
  const policy: StsPolicy = { mode: null, maxAge: null, mx: [], faults: [], repeated: [] };
  const seen = new Map<string, { value: string; line: number }>();
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.replace(/[ \t]+$/, '');
    const number = index + 1;
    const shown = line.slice(0, 200);
    if (line === '') continue;
    const field = /^([A-Za-z0-9][A-Za-z0-9_.-]{0,31})[ \t]*:[ \t]*(.*)$/.exec(line);
    if (field === null) {
      policy.faults.push({ problem: 'not-a-field', line: number, text: shown });
      continue;
    }
    const [, key = '', value = ''] = field;
    if (key === 'mx') {
      const pattern = value.toLowerCase();
      if (isMxPattern(pattern)) policy.mx.push(pattern);
      else policy.faults.push({ problem: 'mx-invalid', line: number, text: shown });
    } else if (seen.has(key)) policy.repeated.push(key);
    else seen.set(key, { value, line: number });
  }
  readFields(policy, seen);
  return policy;
}

function readFields(policy: StsPolicy, seen: ReadonlyMap<string, { value: string; line: number }>): void {
  const complain = (problem: PolicyFault['problem'], key: string): void => {
    const field = seen.get(key);
    const text = field === undefined ? '' : `${key}: ${field.value}`.slice(0, 200);
    policy.faults.push({ problem, line: field?.line ?? null, text });
  };
  const version = seen.get('version')?.value;
  if (version === undefined) complain('version-missing', 'version');
  else if (version !== 'STSv1') complain('version-unknown', 'version');
  const mode = seen.get('mode')?.value;
  policy.mode = STS_MODES.find((known) => known === mode) ?? null;
  if (mode === undefined) complain('mode-missing', 'mode');
  else if (policy.mode === null) complain('mode-unknown', 'mode');
  const age = seen.get('max_age')?.value;
  if (age === undefined) complain('max-age-missing', 'max_age');
  else if (!/^\d{1,10}$/.test(age) || Number(age) > MAX_AGE_LIMIT) complain('max-age-invalid', 'max_age');
  else policy.maxAge = Number(age);
  const refused = policy.faults.some(({ problem }) => problem === 'mx-invalid');
  if (policy.mode !== 'none' && policy.mx.length === 0 && !refused) complain('mx-missing', 'mx');
}

/** A host name, or one with `*` for its whole first label (§4.1). */
function isMxPattern(pattern: string): boolean {
  const name = pattern.replace(/^\*\./, '').replace(/\.$/, '');
  return name.length <= 253 && /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{0,62}$/.test(name);
}

/** Does the policy let mail go to this host? `*.example.com` stands for exactly one label (§4.1, RFC 6125 §6.4). */
export function coversHost(pattern: string, host: string): boolean {
  const [wanted, name] = [pattern, host].map((text) => text.toLowerCase().replace(/\.$/, '')) as [string, string];
  if (!wanted.startsWith('*.')) return wanted === name;
  const dot = name.indexOf('.');
  return dot > 0 && name.slice(dot) === wanted.slice(1);
}
