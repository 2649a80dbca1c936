/**
 * Blocklists that are asked over DNS (RFC 5782): `7.113.0.203.zen.spamhaus.org` has an address when 203.0.113.7 is listed, and which address says why. Three things are
 * easily mistaken for a listing: a list that refuses us (Spamhaus answers 127.255.255.x to public resolvers, others 127.0.0.1), a list that has died and answers to
 * everything, and a resolver that makes addresses up. So each list must first pass its own test entries (`blocklist-proof.ts`). Pure.
 */
import { BLOCKLISTS, type Blocklist, type ListKind, type ListWeight } from './blocklist-table.ts';
import { labelsOf, readAddress, readAddress6 } from './network.ts';

/** Spamhaus sells access under a zone with a key: `KEY.zen.dq.spamhaus.net`. The codes are those of the public zone, the key is nobody's business. */
const KEYED: [RegExp, string][] = [
  [/\.zen\.dq\.spamhaus\.net$/, 'zen.spamhaus.org'],
  [/\.dbl\.dq\.spamhaus\.net$/, 'dbl.spamhaus.org'],
];

/** The zone as it may be shown and stored: without a key. */
export function publicZone(zone: string): string {
  return KEYED.find(([pattern]) => pattern.test(zone))?.[1] ?? zone;
}

const KINDS: Record<string, readonly ListKind[]> = {
  ip: ['ip4', 'ip6'],
  ip4: ['ip4'],
  ip6: ['ip6'],
  domain: ['domain'],
};

/** The lists of the setting TODOKU_BLOCKLISTS, whose parts config.ts has read. `off` anywhere means none. */
export function chooseLists(parts: readonly string[]): Blocklist[] {
  if (parts.includes('off')) return [];
  const without = new Set(parts.filter((part) => part.startsWith('-')).map((part) => part.slice(1)));
  const chosen = parts.includes('default') ? BLOCKLISTS.filter(({ zone }) => !without.has(zone)) : [];
  for (const part of parts) {
    const [word = '', zone = ''] = part.split(':');
    const kinds = KINDS[word];
    if (kinds === undefined || without.has(zone) || chosen.some((list) => list.zone === zone)) continue;
    chosen.push(listOf(zone, kinds));
  }
  return chosen;
}

function listOf(zone: string, kinds: readonly ListKind[]): Blocklist {
  const list = BLOCKLISTS.find((one) => one.zone === publicZone(zone));
  if (list !== undefined) return { ...list, zone };
  return { zone, name: zone, kinds, codes: [], otherwise: 'minor', refusals: [], removal: `https://${zone}/` };
}

/** Never asked about: addresses that mean something else in every network. */
const NOT_ASKED =
  /^(?:0|10|127|169\.254|172\.(?:1[6-9]|2\d|3[01])|192\.168|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.|^(?:::1?$|f[cd]|fe[89ab])/i;

export type Question = { name: string; kind: ListKind; target: string };

/** What to ask a list about this address or domain; null when it lists no such thing. */
export function questionFor(list: Blocklist, target: string, organization: string): Question | null {
  const address = readAddress(target);
  if (address === null) {
    const name = list.whole === 'name' ? target : organization;
    return list.kinds.includes('domain') ? { name: `${name}.${list.zone}`, kind: 'domain', target: name } : null;
  }
  const kind = address.family === 4 ? 'ip4' : 'ip6';
  if (!list.kinds.includes(kind) || NOT_ASKED.test(target)) return null;
  return { name: `${labelsOf(address).reverse().join('.')}.${list.zone}`, kind, target };
}

/** The test entries of a list: RFC 5782 §5 names them for addresses, and for domains where the list has none of its own. */
export function testNames(list: Blocklist, kind: ListKind): { listed: string; unlisted: string } {
  if (kind === 'ip4') return { listed: `2.0.0.127.${list.zone}`, unlisted: `1.0.0.127.${list.zone}` };
  if (kind === 'domain')
    return {
      listed: `${list.test?.listed ?? 'test'}.${list.zone}`,
      unlisted: `${list.test?.unlisted ?? 'invalid'}.${list.zone}`,
    };
  const [listed, unlisted] = ['::ffff:7f00:2', '::ffff:7f00:1'].map((ip) => nibblesOf(ip));
  return { listed: `${listed}.${list.zone}`, unlisted: `${unlisted}.${list.zone}` };
}

function nibblesOf(ip: string): string {
  const address = readAddress6(ip);
  return address === null ? '' : labelsOf(address).reverse().join('.');
}

export type Refusal = 'resolver' | 'volume' | 'name' | 'other';
export type ListAnswer =
  | { meaning: 'clean' }
  | { meaning: 'listed'; codes: string[]; names: string[]; weight: ListWeight }
  | { meaning: 'refused'; why: Refusal }
  /** Addresses outside 127.0.0.0/8: somebody on the way answers for the list. */
  | { meaning: 'nonsense'; codes: string[] };

const REFUSALS: Record<string, Refusal> = {
  '127.255.255.252': 'name',
  '127.255.255.254': 'resolver',
  '127.255.255.255': 'volume',
};
/** The gravest first. */
const WEIGHTS: readonly ListWeight[] = ['major', 'policy', 'usual', 'minor', 'network'];

/** What the addresses a list answered with mean; none means that the name was not there. */
export function readListAnswer(list: Blocklist, addresses: readonly string[]): ListAnswer {
  if (addresses.length === 0) return { meaning: 'clean' };
  const codes = [...new Set(addresses)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  if (!codes.every((code) => code.startsWith('127.'))) return { meaning: 'nonsense', codes };
  const refusal = codes.find((code) => code.startsWith('127.255.255.') || list.refusals.includes(code));
  if (refusal !== undefined) return { meaning: 'refused', why: REFUSALS[refusal] ?? 'other' };
  const hits = codes.flatMap((code) => hitsOf(list, code));
  hits.sort((a, b) => WEIGHTS.indexOf(a.weight) - WEIGHTS.indexOf(b.weight));
  const weight = hits[0]?.weight ?? list.otherwise;
  return { meaning: 'listed', codes, names: [...new Set(hits.map(({ name }) => name))].filter(Boolean), weight };
}

function hitsOf(list: Blocklist, code: string): { name: string; weight: ListWeight }[] {
  const last = Number(code.split('.')[3]);
  const hits = list.codes.filter(({ match }) => (typeof match === 'number' ? (last & match) !== 0 : match === code));
  return hits.length > 0 ? hits : [{ name: '', weight: list.otherwise }];
}

/** Where to have an entry looked at. */
export function removalLink(list: Blocklist, target: string): string {
  return list.removal.replace('{target}', encodeURIComponent(target));
}
