/**
 * MX: which servers take a domain's mail (RFC 5321 §5). A domain that only sends needs them too: bounces and replies come back to it, and many receivers refuse
 * mail from a domain that could not be answered. Beside the records stands what each server shows on port 25, since MTA-STS and DANE are promises about that. Pure.
 */
import { isIP } from 'node:net';
import type { CertificateReason } from '../net/tls.ts';
import { raise } from './findings.ts';
import type { Asked, Evidence, Finding, Gathered, Known } from './types.ts';

export type HostAddress = {
  ip: string;
  /** `private`: nobody outside can reach it. `allowed`: private, but this installation's owner listed the network. */
  reach: 'public' | 'allowed' | 'private';
};

/** What a server showed; `seen` null: not looked, because it has no address or looking is not wanted. */
export type HostTls =
  | {
      seen: true;
      version: string;
      cipher: string;
      problem: CertificateReason | null;
      /** Epoch ms. */
      expires: number | null;
      issuer: string | null;
    }
  | { seen: false; reason: string; reply: string | null };

export type MxHost = {
  /** Lower case, without the last dot; empty for the null MX. */
  name: string;
  priority: number;
  problem: 'address-literal' | 'not-a-host-name' | null;
  aliases: string[];
  addresses: HostAddress[];
  ipv4: Asked;
  ipv6: Asked;
  tls: HostTls | null;
};

export type MxShown = {
  /** In the order in which they are tried. */
  hosts: MxHost[];
  /** For a domain without MX: the addresses of the domain itself, which stand in (RFC 5321 §5.1). */
  implicit: HostAddress[];
};
export type MxFacts = Gathered<MxShown> & {
  domain: string;
  /** Whether a resolver that is believed says the records were validated (DNSSEC). */
  secure: boolean;
};

/** Reasons for which nothing was seen that are about the way there, not about the server. */
const NOT_REACHED = new Set([
  'timeout',
  'connection-refused',
  'unreachable',
  'connection-lost',
  'greeting-refused',
  'private-address',
  'server-not-listed',
  'host-not-found',
  'not-smtp',
]);

/** The certificate runs out so soon that a renewal has probably failed. */
export const EXPIRES_SOON_MS = 14 * 86_400_000;

/** What is wrong with a name as the target of an MX record, or null. */
export function mxNameProblem(name: string): MxHost['problem'] {
  if (isIP(name.replace(/^\[|\]$/g, '')) !== 0) return 'address-literal';
  const labels = name.split('.');
  const good = labels.every((label) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label));
  return good && name.length <= 253 && labels.length > 1 && !/^\d+$/.test(labels.at(-1) ?? '')
    ? null
    : 'not-a-host-name';
}

export function isNullMx(hosts: readonly MxHost[]): boolean {
  return hosts.length === 1 && hosts[0]?.name === '';
}

export function judgeMx(facts: MxFacts, { now }: Pick<Known, 'now'>): Finding[] {
  const { domain, shown } = facts;
  const { hosts } = shown;
  if (facts.asked === 'unasked')
    return [raise('mx-unasked', { name: domain, status: facts.unasked[0]?.status ?? 'timeout' })];
  if (hosts.length === 0) return withoutRecords(facts);
  if (isNullMx(hosts)) return [raise('mx-null', { name: domain, record: '0 .' })];
  const findings: Finding[] = [];
  const real = hosts.filter((host) => host.name !== '');
  if (real.length < hosts.length) findings.push(raise('mx-null-not-alone', { name: domain, others: real.length }));
  for (const { name, count } of repeated(real)) findings.push(raise('mx-duplicate', { host: name, count }));
  for (const host of real) findings.push(...judgeHost(host, domain));
  findings.push(...judgeFamilies(real), ...judgeTls(real, now));
  const unasked = real.filter((host) => host.ipv4 === 'unasked' || host.ipv6 === 'unasked');
  if (unasked.length > 0)
    findings.push(raise('mx-unasked', { name: namesOf(unasked), status: facts.unasked[0]?.status ?? 'timeout' }));
  return findings;
}

function withoutRecords({ domain, shown, unasked }: MxFacts): Finding[] {
  const fix = { name: domain, type: 'MX' as const, value: null };
  if (shown.implicit.length > 0)
    return [raise('mx-implicit', { name: domain, address: shown.implicit.map(({ ip }) => ip).join(', ') }, fix)];
  const [failed] = unasked;
  if (failed !== undefined) return [raise('mx-unasked', { name: failed.name, status: failed.status })];
  return [raise('mx-missing', { name: domain }, fix)];
}

function judgeHost(host: MxHost, domain: string): Finding[] {
  const record = `${host.priority} ${host.name}`;
  const evidence: Evidence = { name: domain, host: host.name, record };
  const fix = { name: domain, type: 'MX' as const, value: null };
  if (host.problem === 'address-literal') return [raise('mx-address-literal', evidence, fix)];
  if (host.problem === 'not-a-host-name') return [raise('mx-bad-name', evidence, fix)];
  const findings: Finding[] = [];
  const target = host.aliases.at(-1);
  if (target !== undefined)
    findings.push(
      raise('mx-alias', { ...evidence, target }, { ...fix, value: `${host.priority} ${target.replace(/\.$/, '')}.` }),
    );
  if (host.ipv4 === 'none' && host.ipv6 === 'none') findings.push(raise('mx-unresolved', evidence, fix));
  for (const { ip, reach } of host.addresses)
    if (reach === 'private') findings.push(raise('mx-private-address', { ...evidence, address: ip }));
  return findings;
}

function judgeFamilies(hosts: readonly MxHost[]): Finding[] {
  const known = hosts.filter(({ ipv4, ipv6 }) => ipv4 !== 'unasked' && ipv6 !== 'unasked');
  if (known.length < hosts.length || known.every(({ addresses }) => addresses.length === 0)) return [];
  const evidence = { host: namesOf(known) };
  if (known.every(({ ipv4 }) => ipv4 === 'none')) return [raise('mx-ipv6-only', evidence)];
  return known.every(({ ipv6 }) => ipv6 === 'none') ? [raise('mx-ipv4-only', evidence)] : [];
}

function judgeTls(hosts: readonly MxHost[], now: number): Finding[] {
  const findings: Finding[] = [];
  const unreached: MxHost[] = [];
  for (const host of hosts) {
    const { name, tls } = host;
    if (tls === null) continue;
    if (!tls.seen) {
      if (NOT_REACHED.has(tls.reason)) unreached.push(host);
      else if (tls.reason === 'starttls-missing') findings.push(raise('mx-starttls-missing', { host: name }));
      else findings.push(raise('mx-tls-failed', { host: name, reason: tls.reason, reply: tls.reply }));
    } else if (tls.problem !== null)
      findings.push(raise('mx-certificate', { host: name, reason: tls.problem, issuer: tls.issuer }));
    else if (tls.expires !== null && tls.expires - now < EXPIRES_SOON_MS)
      findings.push(raise('mx-certificate-expires', { host: name, days: daysLeft(tls.expires, now) }));
  }
  const [first] = unreached;
  if (first !== undefined && first.tls?.seen === false)
    findings.push(raise('mx-tls-unasked', { host: namesOf(unreached), reason: first.tls.reason }));
  return findings;
}

/** Whole days, rounded down; 0 on the last one. */
export function daysLeft(until: number, now: number): number {
  return Math.max(0, Math.floor((until - now) / 86_400_000));
}

function namesOf(hosts: readonly MxHost[]): string {
  return hosts.map(({ name }) => name).join(', ');
}

function repeated(hosts: readonly MxHost[]): { name: string; count: number }[] {
  return [...Map.groupBy(hosts, ({ name }) => name)]
    .map(([name, same]) => ({ name, count: same.length }))
    .filter(({ count }) => count > 1);
}
