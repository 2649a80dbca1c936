/**
 * Host names and IP addresses as they stand in headers, for comparing only. Whether an address may be connected to is another
 * question, answered where connections are made. (Pure: node:net is not needed to read an address.)
 */

/** `[203.0.113.7]`, `203.0.113.7:25`, `IPv6:2001:db8::1`, `::ffff:203.0.113.7` → the bare address; null for anything else. */
export function addressOf(text: string): string | null {
  if (text.length > 80) return null;
  let bare = text.trim().replace(/^\[/, '').replace(/\].*$/, '');
  if (/^IPv6:/i.test(bare)) bare = bare.slice(5);
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare);
  if (mapped?.[1]) bare = mapped[1];
  const port = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(bare);
  if (port?.[1]) bare = port[1];
  if (isIpv4(bare)) return bare;
  const lower = bare.toLowerCase().split('%', 1)[0] ?? '';
  return isIpv6(lower) ? lower : null;
}

function isIpv4(text: string): boolean {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  return match?.slice(1).every((part) => Number(part) <= 255 && (part === '0' || !part.startsWith('0'))) ?? false;
}

function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2 || !text.includes(':')) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  let count = 0;
  for (const [i, group] of groups.entries()) {
    if (i === groups.length - 1 && isIpv4(group)) count += 2;
    else if (/^[0-9a-f]{1,4}$/.test(group)) count++;
    else return false;
  }
  return halves.length === 2 ? count < 8 : count === 8;
}

/** Addresses that only mean something inside one house: loopback, RFC 1918, link-local, unique local, carrier NAT. */
export function isPrivateAddress(ip: string): boolean {
  const v4 = /^(\d+)\.(\d+)\.\d+\.\d+$/.exec(ip);
  if (v4) {
    const [a, b] = [Number(v4[1]), Number(v4[2])];
    return (
      a === 10 ||
      a === 127 ||
      a === 0 ||
      (a === 172 && b >= 16 && b <= 31) ||
      (a === 192 && b === 168) ||
      (a === 169 && b === 254) ||
      (a === 100 && b >= 64 && b <= 127)
    );
  }
  // 2002:a00::/24 is 10/8 written as 6to4: Gmail's inner steps are called so.
  return /^(?:::1?$|f[cd]|fe[89ab]|2002:a[0-9a-f]{2}:)/.test(ip);
}

/** @param patterns exact names or `*.suffix`, which takes the suffix itself too; case and a last dot do not matter */
export function matchesHost(host: string | null, patterns: readonly string[]): boolean {
  if (host === null || host === '') return false;
  const name = host.toLowerCase().replace(/\.$/, '');
  return patterns.some((pattern) => {
    const wanted = pattern.toLowerCase();
    if (!wanted.startsWith('*.')) return name === wanted;
    return name === wanted.slice(2) || name.endsWith(wanted.slice(1));
  });
}
