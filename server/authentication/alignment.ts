/**
 * DMARC's question: does the domain that passed SPF or DKIM belong to the domain in From? `strict` wants the same name, `relaxed` the same
 * organizational domain (RFC 9989 §4.10.2). The standard finds that by walking up the DNS tree; without asking DNS the
 * Public Suffix List is the next best, and what the RFC before it (7489) used.
 *
 * It also reads From the careful way: where a mail has several authors, or the text can be read in two ways, a filter and a
 * person may see different senders, and DMARC has no answer (§5.3.1). That is said, not guessed around.
 */
import { getDomain } from 'tldts';
import { decodeWords, type HeaderField } from './headers.ts';

/** By the Public Suffix List, private suffixes (github.io) counted as suffixes; the name itself where the list knows none. */
export function organizationalDomain(domain: string): string {
  const name = normalizeDomain(domain);
  return getDomain(name, { allowPrivateDomains: true, extractHostname: false }) ?? name;
}

/**
 * @param fromOrganization the organizational domain of `from` that a DMARC tree walk found, where known
 */
export function isAligned(
  domain: string,
  from: string,
  mode: 'strict' | 'relaxed' = 'relaxed',
  fromOrganization?: string,
): boolean {
  const [a, b] = [normalizeDomain(domain), normalizeDomain(from)];
  if (a === '' || b === '') return false;
  if (a === b) return true;
  if (mode === 'strict') return false;
  if (fromOrganization !== undefined) {
    const organization = normalizeDomain(fromOrganization);
    const under = (name: string): boolean => name === organization || name.endsWith(`.${organization}`);
    return under(a) && under(b);
  }
  return organizationalDomain(a) === organizationalDomain(b);
}

function normalizeDomain(domain: string): string {
  return domain.trim().toLowerCase().replace(/^@/, '').replace(/\.$/, '');
}

/** The domain behind the last `@`, in lower case; the text itself where there is none. */
export function domainOf(address: string): string {
  return normalizeDomain(address.slice(address.lastIndexOf('@') + 1).replace(/>.*$/, ''));
}

export const FROM_PROBLEMS = [
  'no-from',
  'several-from-fields',
  'no-address',
  'several-domains',
  'control-characters', // NUL and such: readers cut the text at different places
  'source-route', // `<@a,@b:c@d>`, long dead
  'address-in-display-name', // `"boss@bank.example" <x@evil.example>`: what people see is not what is checked
  'encoded-address', // an address inside an encoded word: some readers decode first
  'unbalanced', // a quote, comment or bracket that never ends
] as const;
export type FromProblem = (typeof FROM_PROBLEMS)[number];

export type Author = {
  /** The one author domain; null when there is none or more than one. */
  domain: string | null;
  addresses: string[];
  /** Not empty: treat the sender as not known. `address-in-display-name` alone keeps the domain. */
  problems: FromProblem[];
};

const MAX_ADDRESSES = 50;
const MAX_FROM = 20_000;

/** Who wrote it, from all From fields of a message. */
export function readAuthor(fields: readonly HeaderField[]): Author {
  const froms = fields.filter((field) => field.key === 'from');
  const problems = new Set<FromProblem>();
  if (froms.length === 0) problems.add('no-from');
  if (froms.length > 1) problems.add('several-from-fields');
  const addresses: string[] = [];
  for (const field of froms.slice(0, 10)) {
    const value = field.value.slice(0, MAX_FROM);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
    if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value)) problems.add('control-characters');
    const read = readAddresses(value);
    if (!read.balanced) problems.add('unbalanced');
    for (const mailbox of read.mailboxes) {
      let address = mailbox.address;
      if (address.startsWith('@') && address.includes(':')) {
        problems.add('source-route');
        address = address.slice(address.lastIndexOf(':') + 1);
      }
      const shown = decodeWords(mailbox.display);
      for (const match of shown.matchAll(/@([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8})/gi)) {
        if (domainOf(match[1] ?? '') !== domainOf(address)) problems.add('address-in-display-name');
      }
      if (address.includes('=?')) problems.add('encoded-address');
      // Two "@" outside quotes can be cut in two places.
      if ((address.replace(/"(?:[^"\\]|\\.)*"/g, '').match(/@/g)?.length ?? 0) > 1) problems.add('several-domains');
      if (addresses.length < MAX_ADDRESSES) addresses.push(address);
    }
  }
  const withDomain = addresses.filter((address) => address.includes('@'));
  if (froms.length > 0 && withDomain.length === 0) problems.add('no-address');
  const domains = new Set(withDomain.map(domainOf));
  if (domains.size > 1 || (withDomain.length > 0 && withDomain.length < addresses.length))
    problems.add('several-domains');
  const blurred = [...problems].some((problem) => problem !== 'address-in-display-name');
  const [only] = domains;
  return { domain: blurred || only === undefined ? null : only, addresses, problems: [...problems] };
}

type Mailbox = { display: string; address: string };

/** RFC 5322 §3.4 in one pass: quoted strings, nested comments, angle brackets, groups. */
function readAddresses(value: string): { mailboxes: Mailbox[]; balanced: boolean } {
  const mailboxes: Mailbox[] = [];
  let balanced = true;
  let plain: string[] = [];
  let display: string[] = [];
  let angle: string | null = null;
  let sawAt = false;
  const finish = (): void => {
    const text = plain.join('').trim();
    if (angle !== null) {
      mailboxes.push({ display: [text, ...display].join(' '), address: angle.trim() });
      // `a@x <b@y>`: the words before an angle bracket are a name, so a bare address there is only shown.
    } else if (text !== '') {
      mailboxes.push({ display: display.join(' '), address: text.replace(/\s+/g, '') });
    }
    plain = [];
    display = [];
    angle = null;
    sawAt = false;
  };
  for (let at = 0; at < value.length; at++) {
    const char = value[at] ?? '';
    if (char === '"') {
      const end = closingQuote(value, at);
      if (end === -1) balanced = false;
      plain.push(value.slice(at, end === -1 ? undefined : end + 1));
      at = end === -1 ? value.length : end;
    } else if (char === '(') {
      const end = closingComment(value, at);
      if (end === -1) balanced = false;
      display.push(value.slice(at + 1, end === -1 ? undefined : end));
      at = end === -1 ? value.length : end;
    } else if (char === '<') {
      let end = at + 1;
      for (; end < value.length && value[end] !== '>'; end++) {
        if (value[end] !== '"') continue;
        const quote = closingQuote(value, end);
        end = quote === -1 ? value.length : quote;
      }
      if (end >= value.length) balanced = false;
      // A second pair of brackets in one mailbox is a second address to somebody.
      if (angle !== null) mailboxes.push({ display: '', address: angle.trim() });
      angle = value.slice(at + 1, end);
      at = end;
    } else if (char === ',' || char === ';') {
      finish();
    } else if (char === ':' && angle === null && !sawAt) {
      // The name of a group.
      plain = [];
    } else {
      if (char === '@') sawAt = true;
      plain.push(char);
    }
  }
  finish();
  return { mailboxes, balanced };
}

function closingQuote(value: string, open: number): number {
  for (let at = open + 1; at < value.length; at++) {
    if (value[at] === '\\') at++;
    else if (value[at] === '"') return at;
  }
  return -1;
}

function closingComment(value: string, open: number): number {
  let depth = 0;
  for (let at = open; at < value.length; at++) {
    if (value[at] === '\\') at++;
    else if (value[at] === '(') depth++;
    else if (value[at] === ')' && --depth === 0) return at;
  }
  return -1;
}
