/**
 * A DMARC record (RFC 9989 §4.7): what a domain asks receivers to do with mail that bears its name in From and cannot prove it (`p=none`, `quarantine`,
 * `reject`), and where to send reports. RFC 9989 of May 2026 replaced RFC 7489: `pct`, `rf` and `ri` are gone, `np`, `psd` and `t` are new, and for
 * years there will be receivers that read the one way and receivers that read the other.
 */
import { isHostName, plainName } from './name.ts';
import { parseTags, type Tag, type TagProblem, tagOf, writeTags } from './tags.ts';
import type { Span } from './types.ts';

export const POLICIES = ['none', 'quarantine', 'reject'] as const;
export type Policy = (typeof POLICIES)[number];

/** From weak to strong. */
export const strengthOf = (policy: Policy): number => POLICIES.indexOf(policy);

export const DMARC_TAGS = ['v', 'p', 'sp', 'np', 'adkim', 'aspf', 'rua', 'ruf', 'fo', 'psd', 't'] as const;
export const REMOVED_TAGS = ['pct', 'rf', 'ri'] as const;

export type DmarcRecord = {
  tags: Tag[];
  problems: TagProblem[];
  /** Null: not there, or none of the three. */
  p: Policy | null;
  sp: Policy | null;
  np: Policy | null;
  /** What applies by §4.10.1; null: receivers do as if there were no record. */
  policies: { p: Policy; sp: Policy | null; np: Policy | null } | null;
  adkim: 'r' | 's';
  aspf: 'r' | 's';
  testing: boolean;
  psd: 'y' | 'n' | 'u';
  reports: ReportAddress[];
  /** Tags whose value they cannot have. */
  invalid: Tag[];
};

export type ReportAddress = Span & {
  kind: 'rua' | 'ruf';
  text: string;
  /** Null: no mailto URI with an address. */
  address: string | null;
  host: string | null;
  /** The obsolete size limit, as written: `10m`. */
  size: string | null;
};

/** §4.7: `v=DMARC1` comes first, letter for letter, or all of it is ignored. */
export function isDmarcRecord(text: string): boolean {
  return /^v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/.test(text);
}

/** Meant as DMARC, but not recognised as such: `v=dmarc1`, a blank before it, no semicolon behind it. */
export function looksLikeDmarc(text: string): boolean {
  return !isDmarcRecord(text) && /^[\s"'“”\\]*(?:v\s*[=:]?\s*)?DMARC/i.test(text.slice(0, 60));
}

/** Reads a record for which isDmarcRecord holds. */
export function parseDmarc(text: string): DmarcRecord {
  const list = parseTags(text);
  const invalid: Tag[] = [];
  const choice = <Value extends string>(name: string, values: readonly Value[]): Value | null => {
    const tag = tagOf(list, name);
    if (tag === null) return null;
    const found = values.find((value) => value === tag.value.toLowerCase());
    if (found === undefined) invalid.push(tag);
    return found ?? null;
  };
  const [p, sp, np] = [choice('p', POLICIES), choice('sp', POLICIES), choice('np', POLICIES)];
  const policyWrong = p === null || invalid.length > 0;
  const record = {
    adkim: choice('adkim', ['r', 's']) ?? 'r',
    aspf: choice('aspf', ['r', 's']) ?? 'r',
    testing: choice('t', ['y', 'n']) === 'y',
    psd: choice('psd', ['y', 'n', 'u']) ?? 'u',
  };
  const options = tagOf(list, 'fo');
  if (options !== null && !isFailureOptions(options.value)) invalid.push(options);
  const reports = [...readAddresses(tagOf(list, 'rua'), 'rua'), ...readAddresses(tagOf(list, 'ruf'), 'ruf')];
  const hasReports = reports.some((report) => report.kind === 'rua' && /^[a-z][a-z0-9+.-]*:/i.test(report.text));
  return {
    tags: list.tags,
    problems: list.problems,
    p,
    sp,
    np,
    policies: policyWrong ? (hasReports ? { p: 'none', sp: null, np: null } : null) : { p, sp, np },
    ...record,
    reports,
    invalid,
  };
}

/** §4.8: 0 or 1, and d and s, each once, in any order. */
function isFailureOptions(value: string): boolean {
  const parts = value
    .toLowerCase()
    .split(':')
    .map((part) => part.trim());
  const once = new Set(parts).size === parts.length;
  return once && parts.every((part) => /^[01ds]$/.test(part)) && !(parts.includes('0') && parts.includes('1'));
}

function readAddresses(tag: Tag | null, kind: 'rua' | 'ruf'): ReportAddress[] {
  if (tag === null) return [];
  // The value ends where the tag ends; a name and an equals sign stand before it.
  let at = tag.end - tag.value.length;
  return tag.value.split(',').flatMap((part) => {
    const text = part.trim();
    const start = at + part.indexOf(text);
    at += part.length + 1;
    const place = { start, end: start + text.length };
    return text === '' ? [] : [{ ...place, kind, text, ...readMailto(text) }];
  });
}

function readMailto(text: string): Pick<ReportAddress, 'address' | 'host' | 'size'> {
  const match = /^mailto:([^!?]+)(?:\?[^!]*)?(?:!(\d+[kmgt]?))?$/i.exec(text);
  const size = match?.[2] ?? null;
  const address = decode(match?.[1] ?? '');
  const cut = address.lastIndexOf('@');
  const host = plainName(address.slice(cut + 1));
  if (cut <= 0 || /[\s<>]/.test(address) || !isHostName(host) || !host.includes('.'))
    return { address: null, host: null, size };
  return { address, host, size };
}

/** A comma in an address stands as `%2C` in a URI. */
function decode(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The record with its tags changed: `v` first, `p` second, as every receiver likes it. */
export function rewriteDmarc(tags: readonly { name: string; value: string }[]): string {
  const rest = tags.filter((tag) => tag.name !== 'v' && tag.name !== 'p');
  const policy = tags.filter((tag) => tag.name === 'p');
  return writeTags([{ name: 'v', value: 'DMARC1' }, ...policy, ...rest]);
}

/** What a text that is no DMARC record was meant to be, where it holds a policy that can be read. */
export function repairDmarc(text: string): string | null {
  const body = text
    .replace(/[“”"'\\]/g, '')
    .replace(/^\s*(?:v\s*[=:]?\s*)?DMARC\s*1?\s*[;,]?/i, '')
    .replace(/,(?=\s*(?:sp|np|rua|ruf|adkim|aspf|fo|psd|t|pct|rf|ri|p)\s*=)/gi, ';');
  const record = parseDmarc(`v=DMARC1; ${body}`);
  const tags = record.tags.filter((tag) => tag.name !== 'v');
  return record.p === null || record.problems.length > 0 || record.invalid.length > 0 ? null : rewriteDmarc(tags);
}
