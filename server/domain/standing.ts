/**
 * How a domain stands after a check, and since when: its worst finding, how long each finding has been there, how long a key has been the same, since when a question
 * has had no answer. It is carried from check to check. Pure; survives JSON.
 */
import type { DomainCheck } from './audit.ts';
import { FINDINGS } from './findings.ts';
import { type DomainState, type Finding, type History, SEVERITIES, type Severity } from './types.ts';

export type Counts = Record<Severity, number>;

export type Standing = {
  /** Null: nothing is known yet. */
  state: DomainState | null;
  /** Since when it has been in this state (epoch ms). */
  since: number;
  keysSince: Record<string, { fingerprint: string; since: number }>;
  policyNoneSince: number | null;
  /** By `findingKey`. */
  findingsSince: Record<string, number>;
  /** By `unaskedKey`. */
  unaskedSince: Record<string, number>;
};

export function historyOf(standing: Standing | null): History {
  return { keysSince: standing?.keysSince ?? {}, policyNoneSince: standing?.policyNoneSince ?? null };
}

export function standAfter(before: Standing | null, check: DomainCheck, now: number): Standing {
  const state = stateOf(check);
  const since = (known: Record<string, number> | undefined, key: string): number =>
    known !== undefined && Object.hasOwn(known, key) ? Math.min(known[key] ?? now, now) : now;
  const dated = (known: Record<string, number> | undefined, keys: readonly string[]): Record<string, number> =>
    Object.fromEntries(keys.map((key) => [key, since(known, key)]));
  return {
    state,
    since: before !== null && before.state === state ? before.since : now,
    keysSince: keysOf(before, check, now),
    policyNoneSince: policyNoneSince(before, check, now),
    findingsSince: dated(before?.findingsSince, [...check.findings.map(findingKey), ...unsettled(before, check)]),
    unaskedSince: dated(before?.unaskedSince, check.unasked.map(unaskedKey)),
  };
}

/** Found before, and not now because nobody answered: if it is found again, it was there all the time. */
function unsettled(before: Standing | null, { unasked }: DomainCheck): string[] {
  const protocols = new Set(unasked.flatMap((question) => question.protocols));
  return Object.keys(before?.findingsSince ?? {}).filter((key) => {
    const id = key.split(' ', 1)[0] ?? '';
    return Object.hasOwn(FINDINGS, id) && protocols.has(FINDINGS[id as keyof typeof FINDINGS].protocol);
  });
}

/** Null where what matters most could not be asked and nothing else was found wrong: such a domain is not fine, it is unknown. */
export function stateOf({ findings, asked }: Pick<DomainCheck, 'findings' | 'asked'>): DomainState | null {
  const worst = SEVERITIES.find((severity) => findings.some((finding) => finding.severity === severity));
  if (worst !== undefined && worst !== 'info') return worst;
  return [asked.spf, asked.dkim, asked.dmarc].includes('unasked') ? null : 'fine';
}

export function countsOf(findings: readonly Finding[]): Counts {
  const count = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  return Object.fromEntries(SEVERITIES.map((severity) => [severity, count(severity)])) as Counts;
}

/** The same finding about the same thing, whatever its record says by now. */
export function findingKey({ id, evidence }: Pick<Finding, 'id' | 'evidence'>): string {
  const about = ['selector', 'ip', 'host', 'target', 'zone'].flatMap((key) => {
    const value = evidence[key];
    return typeof value === 'string' ? [value] : [];
  });
  return [id, ...about].join(' ');
}

export function unaskedKey({ name, type }: { name: string; type: string }): string {
  return `${type} ${name}`;
}

/** A key that could not be asked for is the one it was. */
function keysOf(before: Standing | null, { records }: DomainCheck, now: number): Standing['keysSince'] {
  return Object.fromEntries(
    (records.dkim ?? []).flatMap(({ selector, fingerprint, asked }) => {
      const known =
        before !== null && Object.hasOwn(before.keysSince, selector) ? before.keysSince[selector] : undefined;
      if (asked === 'unasked') return known === undefined ? [] : [[selector, known]];
      if (fingerprint === null) return [];
      return [[selector, known?.fingerprint === fingerprint ? known : { fingerprint, since: now }]];
    }),
  );
}

function policyNoneSince(before: Standing | null, { records, asked }: DomainCheck, now: number): number | null {
  if (asked.dmarc === 'unasked') return before?.policyNoneSince ?? null;
  return records.dmarc?.readings.newer?.policy === 'none' ? (before?.policyNoneSince ?? now) : null;
}
