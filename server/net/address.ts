/**
 * Whoever may type a host name into a form can make this program knock on doors inside its own network: a router's login page, a cloud's
 * metadata service, a database on loopback ("server-side request forgery"). So every address is judged before it is
 * connected to, and judged as what it really means: IPv6 has half a dozen ways to carry an IPv4 address inside (mapped, NAT64, 6to4, Teredo, ISATAP), and each
 * of them has let somebody through elsewhere. Judge the *connected* address, never the name: a name may answer differently the next time.
 *
 * `node:net` is imported for isIP and BlockList only, which are plain arithmetic: nothing here opens a socket.
 * Ranges: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890 and its updates).
 */
import { BlockList, isIP } from 'node:net';

/** IPv4 that is not public, with the reason as a comment. */
const NOT_PUBLIC_4 = [
  '0.0.0.0/8', // "this network", RFC 791; 0.0.0.0 reaches loopback on Linux
  '10.0.0.0/8', // private, RFC 1918
  '100.64.0.0/10', // carrier-grade NAT, RFC 6598
  '127.0.0.0/8', // loopback
  '169.254.0.0/16', // link-local, RFC 3927; cloud metadata lives here
  '172.16.0.0/12', // private
  '192.0.0.0/24', // IETF protocol assignments, RFC 6890
  '192.0.2.0/24', // documentation, RFC 5737
  '192.88.99.0/24', // 6to4 relay anycast, retired by RFC 7526
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks, RFC 2544
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and 255.255.255.255
];

/**
 * IPv6: only 2000::/3 is handed out as global unicast, so all else is refused at once: ::, ::1, ::/96 (IPv4-compatible), fc00::/7, fe80::/10, fec0::/10,
 * ff00::/8, 100::/64, 64:ff9b:1::/48 (local NAT64, RFC 8215), 5f00::/16. Within it these are not public:
 */
const NOT_PUBLIC_6 = [
  '2001::/23', // IETF protocol assignments: ORCHID, benchmarks … (Teredo, inside it, is decoded first)
  '2001:db8::/32', // documentation, RFC 3849
  '3fff::/20', // documentation, RFC 9637
];

const NOT_PUBLIC = networks([...NOT_PUBLIC_4, ...NOT_PUBLIC_6]);
const GLOBAL_UNICAST = networks(['2000::/3']);

/**
 * True when `ip` (an address, not a name) is reachable for everyone on the internet. An IPv6 address that carries an IPv4 one is as public
 * as the one it carries. Anything that is no address is not public.
 */
export function isPublicAddress(ip: string): boolean {
  const family = isIP(ip);
  if (family === 4) return !NOT_PUBLIC.check(ip, 'ipv4');
  if (family !== 6 || ip.includes('%')) return false; // a zone (fe80::1%eth0) only makes sense on the link
  const carried = carriedAddresses(ip);
  if (carried.length > 0) return carried.every((address) => !NOT_PUBLIC.check(address, 'ipv4'));
  return GLOBAL_UNICAST.check(ip, 'ipv6') && !NOT_PUBLIC.check(ip, 'ipv6');
}

/**
 * True when this installation may talk to a mail server at `ip`: it is public, or its owner listed its network.
 * @param allowedNetworks CIDRs (`TODOKU_ALLOW_PRIVATE_NETWORKS`); loopback is private like the rest
 * @throws RangeError on a CIDR that is none
 */
export function isAllowedMailHost(ip: string, allowedNetworks: readonly string[]): boolean {
  return isPublicAddress(ip) || isInNetworks(ip, allowedNetworks);
}

/** True when `ip` lies in one of `cidrs`; `::ffff:10.0.0.1` lies where 10.0.0.1 does. @throws RangeError on a CIDR that is none */
export function isInNetworks(ip: string, cidrs: readonly string[]): boolean {
  const bare = ip.replace(/%.*$/, '');
  const family = isIP(bare);
  if (family === 0 || cidrs.length === 0) return false;
  const list = networks(cidrs);
  const mapped = family === 6 ? mappedAddress(groupsOf(bare)) : null;
  return list.check(bare, family === 4 ? 'ipv4' : 'ipv6') || (mapped !== null && list.check(mapped, 'ipv4'));
}

/** True for 127.0.0.0/8, ::1 and their mapped form: what never leaves this machine. */
export function isLoopback(ip: string): boolean {
  return isInNetworks(ip, ['127.0.0.0/8', '::1/128']);
}

function networks(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', prefix = '', ...rest] = cidr.split('/');
    const family = isIP(address);
    const bits = family === 6 ? 128 : 32;
    const length = prefix === '' && !cidr.includes('/') ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
    if (family === 0 || rest.length > 0 || length < 0 || length > bits)
      throw new RangeError(`not a network: ${JSON.stringify(cidr)}`);
    // BlockList compares the network's own bits, so host bits set by mistake (10.1.2.3/8) do no harm.
    list.addSubnet(address, length, family === 6 ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** Every IPv4 address an IPv6 one stands for; empty when it stands for itself. */
function carriedAddresses(ip: string): string[] {
  const groups = groupsOf(ip);
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
  const mapped = mappedAddress(groups);
  if (mapped !== null) return [mapped];
  // NAT64, 64:ff9b::/96 (RFC 6052): how a machine with IPv6 only reaches IPv4.
  if (a === 0x64 && b === 0xff9b && c === 0 && d === 0 && e === 0 && f === 0) return [dotted(g, h)];
  // 6to4, 2002:AABB:CCDD::/48 (RFC 3056).
  if (a === 0x2002) return [dotted(b, c)];
  // Teredo, 2001:0:<server>:<flags>:<port>:<client, inverted> (RFC 4380).
  if (a === 0x2001 && b === 0) return [dotted(c, d), dotted(g ^ 0xffff, h ^ 0xffff)];
  // ISATAP, …:0:5efe:<address> or …:200:5efe:<address> (RFC 5214).
  if ((e === 0 || e === 0x200) && f === 0x5efe) return GLOBAL_UNICAST.check(ip, 'ipv6') ? [dotted(g, h)] : [];
  return [];
}

/** `::ffff:a.b.c.d`, and the never-used `::ffff:0:a.b.c.d` of RFC 2765, as dotted text. */
function mappedAddress(groups: readonly number[]): string | null {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
  if (a !== 0 || b !== 0 || c !== 0 || d !== 0) return null;
  return (e === 0 && f === 0xffff) || (e === 0xffff && f === 0) ? dotted(g, h) : null;
}

function dotted(high: number, low: number): string {
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}

/** The eight 16-bit groups of an address that isIP already called IPv6. */
function groupsOf(ip: string): number[] {
  const plain = ip.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, a: string, b: string, c: string, d: string) => {
    const hex = (high: string, low: string) => (Number(high) * 256 + Number(low)).toString(16);
    return `${hex(a, b)}:${hex(c, d)}`;
  });
  const [head = '', tail] = plain.split('::');
  const read = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  if (tail === undefined) return read(head);
  const before = read(head);
  const after = read(tail);
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}
