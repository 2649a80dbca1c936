/**
 * Names of domains as an audit handles them: lower case, without the last dot, international ones in the form that DNS knows (`xn--…`,
 * RFC 5891), so that two spellings of one name are one text. Pure.
 */
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/** DNS compares names without case and without the last dot (RFC 4343: only ASCII letters have case). */
export function plainName(name: string): string {
  const bare = name.endsWith('.') ? name.slice(0, -1) : name;
  return bare.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** A domain as a person types it, or null when it is none: an address, a single label, an e-mail address, a URL. */
export function readDomain(text: string): string | null {
  const typed = text.trim();
  if (typed === '' || typed.length > 1000 || /[\s@/:?#%\\]/.test(typed)) return null;
  const name = plainName(domainToASCII(typed.endsWith('.') ? typed.slice(0, -1) : typed));
  return isHostName(name) && isIP(name) === 0 && name.includes('.') ? name : null;
}

/** Letters, digits and hyphens, as every public domain has; underscores too, because names of records have them. The last label is no number. */
export function isHostName(name: string): boolean {
  if (name.length === 0 || name.length > 253) return false;
  const labels = name.split('.');
  return (
    labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? '')
  );
}

/** `mail.example.com` is under `example.com`, and so is that itself. */
export function isUnder(name: string, parent: string): boolean {
  const [a, b] = [plainName(name), plainName(parent)];
  return a === b || a.endsWith(`.${b}`);
}
