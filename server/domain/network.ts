/**
 * Addresses and networks as numbers, for what SPF needs of them: does a network hold an address, do two overlap, how many addresses do
 * several of them let in. IPv4 that is carried inside IPv6 (`::ffff:192.0.2.1`) is IPv4 (RFC 7208 §5).
 */
import { isIP } from 'node:net';

export type Family = 4 | 6;
export type Address = { family: Family; value: bigint };
/** `value` is the first address of the network: bits behind the prefix are cleared. */
export type Network = { family: Family; value: bigint; prefix: number };

export const bitsOf = (family: Family): number => (family === 4 ? 32 : 128);

/** Null for anything that is no address; zones (`fe80::1%eth0`) mean nothing outside one machine. */
export function readAddress(text: string): Address | null {
  const kind = isIP(text);
  if (kind === 4) return { family: 4, value: text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n) };
  if (kind !== 6 || text.includes('%')) return null;
  const value = groupsOf(text).reduce((sum, group) => sum * 65536n + BigInt(group), 0n);
  return value >> 32n === 0xffffn ? { family: 4, value: value & 0xffffffffn } : { family: 6, value };
}

/** As readAddress, but an IPv4-mapped one stays IPv6: what `ip6:` in a record says. */
export function readAddress6(text: string): Address | null {
  if (isIP(text) !== 6 || text.includes('%')) return null;
  return { family: 6, value: groupsOf(text).reduce((sum, group) => sum * 65536n + BigInt(group), 0n) };
}

function groupsOf(text: string): number[] {
  const plain = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, a: string, b: string, c: string, d: string) => {
    const hex = (high: string, low: string): string => (Number(high) * 256 + Number(low)).toString(16);
    return `${hex(a, b)}:${hex(c, d)}`;
  });
  const [head = '', tail] = plain.split('::');
  const read = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return read(head);
  const [before, after] = [read(head), read(tail)];
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}

export function networkOf(address: Address, prefix: number): Network {
  const shift = BigInt(bitsOf(address.family) - prefix);
  return { family: address.family, value: (address.value >> shift) << shift, prefix };
}

export function contains(network: Network, address: Address): boolean {
  if (network.family !== address.family) return false;
  const shift = BigInt(bitsOf(network.family) - network.prefix);
  return network.value >> shift === address.value >> shift;
}

/** Does `outer` hold all of `inner`? */
export function covers(outer: Network, inner: Network): boolean {
  return outer.prefix <= inner.prefix && contains(outer, { family: inner.family, value: inner.value });
}

/** How many addresses lie in at least one of the networks. */
export function sizeOf(networks: readonly Network[], family: Family): bigint {
  const ranges = networks
    .filter((network) => network.family === family)
    .map(({ value, prefix }) => ({ first: value, last: value + (1n << BigInt(bitsOf(family) - prefix)) - 1n }))
    .sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  let sum = 0n;
  let reached = -1n;
  for (const { first, last } of ranges) {
    if (last <= reached) continue;
    sum += last - (first > reached ? first - 1n : reached);
    reached = last;
  }
  return sum;
}

export function writeAddress({ family, value }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn));
  // RFC 5952 §4.2: the longest run of two or more zeros becomes "::", the first of equals.
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length++;
    if (length > best.length) best = { at, length };
    at += length;
  }
  const write = (part: number[]): string => part.map((group) => group.toString(16)).join(':');
  if (best.at < 0) return write(groups);
  return `${write(groups.slice(0, best.at))}::${write(groups.slice(best.at + best.length))}`;
}

/** `192.0.2.0/24`, `2001:db8::/32`, or one address; null for anything else. IPv6 stays IPv6 here. */
export function readNetwork(text: string): Network | null {
  const [host = '', length, ...rest] = text.split('/');
  const address = host.includes(':') ? readAddress6(host) : readAddress(host);
  if (address === null || rest.length > 0) return null;
  const bits = bitsOf(address.family);
  if (length === undefined) return networkOf(address, bits);
  return /^(?:0|[1-9]\d{0,2})$/.test(length) && Number(length) <= bits ? networkOf(address, Number(length)) : null;
}

/** `192.0.2.0/24`; a single address without prefix. */
export function writeNetwork({ family, value, prefix }: Network): string {
  const address = writeAddress({ family, value });
  return prefix === bitsOf(family) ? address : `${address}/${prefix}`;
}

/** `4.3.2.1` or 32 nibbles: the labels of a reverse name, which is also SPF's `%{ir}`. */
export function labelsOf({ family, value }: Address): string[] {
  if (family === 4) return writeAddress({ family, value }).split('.');
  return value.toString(16).padStart(32, '0').split('');
}

/** Where the PTR record of an address stands. */
export function reverseName(address: Address): string {
  return `${labelsOf(address).reverse().join('.')}.${address.family === 4 ? 'in-addr' : 'ip6'}.arpa`;
}
