/**
 * What stands behind a sending address: its reverse name (PTR), whether that name leads back to it ("forward-confirmed", FCrDNS), and the name the server introduces
 * itself with (HELO). Google, Yahoo and Microsoft want all three in order from everybody who sends; addresses without a reverse name are mostly refused. The
 * owner of the network sets it, not the owner of the domain. Pure.
 */
import { isIP } from 'node:net';
import { raise } from './findings.ts';
import { isHostName } from './name.ts';
import { readAddress, reverseName, writeAddress } from './network.ts';
import type { Asked, Evidence, Finding, Fix, Gathered } from './types.ts';

export type NameFacts = { name: string; asked: Asked; addresses: string[] };
export type SendingAddress = {
  ip: string;
  asked: Asked;
  names: NameFacts[];
  /** What the server says in HELO or EHLO, as seen in probes; null: not known. */
  helo: (NameFacts & { problem: HeloProblem | null }) | null;
};
export type HeloProblem = 'address' | 'not-a-host-name' | 'not-full';
export type PtrFacts = Gathered<{ addresses: SendingAddress[] }>;

/** More reverse names than these are not followed. */
export const MAX_NAMES = 10;

/** `localhost`, `mail` and `192.0.2.1` are names of many machines or of none (RFC 5321 §4.1.1.1 wants a full name). */
export function heloProblem(helo: string): HeloProblem | null {
  const name = helo.replace(/\.$/, '');
  if (isIP(name.replace(/^\[(?:IPv6:)?|\]$/gi, '')) !== 0) return 'address';
  if (!isHostName(name)) return 'not-a-host-name';
  return !name.includes('.') || LOCAL.test(name) ? 'not-full' : null;
}

const LOCAL = /(?:^|\.)(?:localhost|localdomain|local|lan|home|internal|intranet|corp|invalid|arpa)$/i;

/** Words in which providers name the addresses of their customers' lines and machines. */
const GENERIC_WORDS =
  /(?:^|[.\d-])(?:dyn(?:amic)?|dhcp|dsl|adsl|vdsl|ppp|pppoe|dial(?:up|in)?|pool|cable|broadband|cust(?:omer)?|client|static|unassigned|ip|host|rev|reverse)(?=$|[.\d-])/i;

/** `203-0-113-7.pool.example.net`: the address itself stands in the name, in one of the ways that machines write it. */
export function looksGeneric(name: string, ip: string): boolean {
  const address = readAddress(ip);
  if (address === null) return false;
  const text = name.toLowerCase();
  if (address.family === 6) {
    const digits = address.value.toString(16).padStart(32, '0');
    const bare = text.replace(/[.-]/g, '');
    return bare.includes(digits) || bare.includes([...digits].reverse().join(''));
  }
  const parts = writeAddress(address).split('.').map(Number);
  const spellings = [parts, [...parts].reverse()].flatMap((order) => [
    order.join('[.-]'),
    order.map((part) => String(part).padStart(3, '0')).join('[.-]?'),
    order.map((part) => part.toString(16).padStart(2, '0')).join('-?'),
  ]);
  if (spellings.some((spelling) => new RegExp(`(?<![0-9a-f])${spelling}(?![0-9a-f])`).test(text))) return true;
  // The last two parts beside a word that says so: c-113-7.dsl.example.net.
  const tails = [parts.slice(2).join('[.-]'), parts.slice(2).reverse().join('[.-]')];
  return GENERIC_WORDS.test(text) && tails.some((tail) => new RegExp(`(?<!\\d)${tail}(?!\\d)`).test(text));
}

export function judgePtr(facts: PtrFacts): Finding[] {
  const findings = facts.shown.addresses.flatMap(judgeAddress);
  const [failed] = facts.unasked;
  if (failed !== undefined) findings.push(raise('ptr-unasked', { name: failed.name, status: failed.status }));
  return findings;
}

function judgeAddress({ ip, asked, names, helo }: SendingAddress): Finding[] {
  const address = readAddress(ip);
  if (address === null) return [];
  const fix: Fix = {
    name: reverseName(address),
    type: 'PTR',
    value: helo !== null && helo.problem === null ? `${helo.name}.` : null,
  };
  const findings: Finding[] = [];
  if (asked === 'none') findings.push(raise('ptr-missing', { ip }, fix));
  if (names.length > 1)
    findings.push(raise('ptr-multiple', { ip, count: names.length, name: names.map(({ name }) => name).join(', ') }));
  const real = names.filter(({ name }) => isHostName(name) && name.includes('.') && !LOCAL.test(name));
  for (const { name } of names.filter((one) => !real.includes(one)))
    findings.push(raise('ptr-bad-name', { ip, name }, fix));
  const confirmed = real.filter(({ addresses }) => addresses.some((other) => same(other, ip)));
  if (real.length > 0 && confirmed.length === 0 && real.every((one) => one.asked !== 'unasked'))
    findings.push(
      raise('ptr-unconfirmed', { ip, ...leadsTo(real) }, { ...fix, name: real[0]?.name ?? '', type: 'A', value: ip }),
    );
  const [generic] = real;
  if (generic !== undefined && real.every(({ name }) => looksGeneric(name, ip)))
    findings.push(raise('ptr-generic', { ip, name: generic.name }, fix));
  return helo === null ? findings : [...findings, ...judgeHelo(ip, helo)];
}

function judgeHelo(ip: string, helo: NonNullable<SendingAddress['helo']>): Finding[] {
  if (helo.problem !== null) return [raise('ptr-helo-bad-name', { ip, helo: helo.name, problem: helo.problem })];
  const fix: Fix = { name: helo.name, type: 'A', value: ip };
  if (helo.asked === 'none') return [raise('ptr-helo-unresolved', { ip, helo: helo.name }, fix)];
  if (helo.asked === 'unasked' || helo.addresses.some((address) => same(address, ip))) return [];
  return [raise('ptr-helo-mismatch', { ip, helo: helo.name, address: helo.addresses.join(', ') }, fix)];
}

function leadsTo(names: readonly NameFacts[]): Evidence {
  const addresses = names.flatMap((one) => one.addresses);
  return { name: names.map(({ name }) => name).join(', '), address: addresses.join(', ') || null };
}

function same(one: string, other: string): boolean {
  const [a, b] = [readAddress(one), readAddress(other)];
  return a !== null && b !== null && a.family === b.family && a.value === b.value;
}
