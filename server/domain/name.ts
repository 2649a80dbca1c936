/**
 * Names of domains as an audit handles them: lower case, without the last dot, international ones in the form that DNS knows (`xn--…`,
 * RFC 5891), so that two spellings of one name are one text. Pure.
 */
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { getDomain } from 'tldts';

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

/**
 * Why mail cannot be watched under what somebody typed, in one sentence that says what to type instead; null: it can.
 * Public suffixes of companies (github.io) are names that one company owns, and may send mail.
 */
export function mistakeIn(text: string): string | null {
  const typed = text.trim();
  const shown = typed.length > 60 ? `${typed.slice(0, 60)}…` : typed;
  if (isIP(typed.replace(/^\[(?:ipv6:)?|\]$/gi, '')) !== 0)
    return `${shown} is an address, not a domain: write the domain that stands in From, like example.com.`;
  const name = readDomain(typed);
  const inside = name === null ? domainWithin(typed) : null;
  if (inside !== null) return `${shown} is more than a domain: write only ${inside}.`;
  if (/^[\p{L}\p{N}-]+\.?$/u.test(typed))
    return `${shown} is a single word: a domain has a dot in it, like example.com.`;
  if (name === null) return `${shown === '' ? 'This' : shown} is no domain: write it like example.com.`;
  const below = name.replace(/^.*_[^.]*\./, '');
  if (below !== name) return `${name} is where a record stands, not a domain that sends mail: write ${below}.`;
  if (getDomain(name, { extractHostname: false, allowPrivateDomains: false }) === null)
    return `${name} is an ending under which others have their domains: write one of these, like example.${name}.`;
  return null;
}

/** Of an e-mail address, or of the address of a page, what is a domain. */
function domainWithin(typed: string): string | null {
  const [, host] = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?([^/?#:]+)/i.exec(typed) ?? /@([^@>\s]+)>?$/.exec(typed) ?? [];
  return host === undefined ? null : readDomain(host);
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
