/** What the form of a domain holds, and the rules it checks as one types. The server has the last word. */

export type DomainValues = { name: string; selectors: string[]; ips: string[] };
export const DOMAIN_FIELDS = ['name', 'selectors', 'ips'] as const;

/** `example.com`; an address or a link that was pasted gives its domain. */
export function domainIn(typed: string): string {
  const text = typed.trim().replace(/^https?:\/\//i, '');
  return text
    .slice(text.lastIndexOf('@') + 1)
    .replace(/[/?#].*$/, '')
    .replace(/[>\s.]+$/, '');
}

export function isDomain(name: string): boolean {
  return /^(?=.{3,253}$)([\p{L}\p{N}\p{M}_]([\p{L}\p{N}\p{M}_-]*[\p{L}\p{N}\p{M}_])?\.)+(?!\d+$)[\p{L}\p{N}\p{M}-]{2,}$/u.test(
    name,
  );
}

export function isSelector(text: string): boolean {
  return /^[a-z0-9_]([a-z0-9_.-]{0,61}[a-z0-9_])?$/i.test(text);
}

export function isIp(text: string): boolean {
  const v4 = /^(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$/;
  if (v4.test(text)) return true;
  if (!/^[0-9a-f:.]+$/i.test(text) || !text.includes(':')) return false;
  try {
    return new URL(`http://[${text}]/`).hostname !== '';
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
