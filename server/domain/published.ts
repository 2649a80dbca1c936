/**
 * What a domain published, record by record, as it is kept in its history; and what changed from one check to the next. A record is watched from the first check that asks
 * for it; that it is asked for the first time (a new selector, a new mail server) is no change of it. Pure.
 */
import { USUAL_SELECTORS } from './dkim-selectors.ts';
import type { ChangeKind, Protocol, PublishedType } from './types.ts';

/** `values` null: could not be asked, and was never known. Empty: there is none. */
export type Published = { protocol: Protocol; name: string; type: PublishedType; values: string[] | null };

export type RecordChange = {
  protocol: Protocol;
  name: string;
  type: PublishedType;
  kind: ChangeKind;
  before: string[];
  after: string[];
};

const keyOf = ({ protocol, name, type }: Published): string => `${protocol} ${type} ${name}`;

/** What is known now: where something could not be asked, what was known before. */
export function carryOver(before: readonly Published[] | null, now: readonly Published[]): Published[] {
  const known = new Map((before ?? []).map((one) => [keyOf(one), one]));
  return now.map((one) => (one.values === null ? { ...one, values: known.get(keyOf(one))?.values ?? null } : one));
}

/** @param before null for the first check, after which nothing has changed */
export function changesBetween(
  domain: string,
  before: readonly Published[] | null,
  after: readonly Published[],
): RecordChange[] {
  if (before === null) return [];
  const known = new Map(before.map((one) => [keyOf(one), one]));
  const usual =
    known.get(keyOf({ protocol: 'dkim', name: otherKeys(domain), type: 'TXT', values: [] }))?.values ?? null;
  return after.flatMap((one) => {
    const { protocol, name, type, values } = one;
    const earlier = known.has(keyOf(one))
      ? (known.get(keyOf(one))?.values ?? null)
      : isAlwaysAsked(domain, one)
        ? usual
        : null;
    if (values === null || earlier === null || sameSet(earlier, values)) return [];
    const kind = earlier.length === 0 ? 'added' : values.length === 0 ? 'removed' : 'changed';
    return [{ protocol, name, type, kind, before: earlier, after: values }];
  });
}

/** Stands for all selectors that sending services use and under which there is nothing. */
export const otherKeys = (domain: string): string => `*._domainkey.${domain}`;

/** Every check asks for the selectors that sending services use, and notes only what it finds. */
export function isAlwaysAsked(domain: string, { protocol, name }: Published): boolean {
  const ending = `._domainkey.${domain}`;
  return protocol === 'dkim' && name.endsWith(ending) && Object.hasOwn(USUAL_SELECTORS, name.slice(0, -ending.length));
}

/** Records of a name have no order. */
function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());
}

export function samePublished(a: readonly Published[], b: readonly Published[]): boolean {
  const write = (list: readonly Published[]): string =>
    JSON.stringify(list.map((one) => [keyOf(one), one.values === null ? null : [...one.values].sort()]).sort());
  return write(a) === write(b);
}
