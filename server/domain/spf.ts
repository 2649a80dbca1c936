/**
 * SPF (RFC 7208): a TXT record in which a domain lists the addresses that may send in its name. `v=spf1 mx include:_spf.example.net -all` reads
 * left to right: the first *mechanism* that fits the sending address decides, and the sign before it says what (`+` pass, `-` fail, `~` softfail, `?` neutral).
 * *Modifiers* (`redirect=`, `exp=`) stand anywhere. One mistake anywhere makes the whole record a permanent error, which
 * is no better than none, so everything is read and every mistake is placed.
 */
import { type Network, readNetwork, writeNetwork } from './network.ts';
import { isDomainSpec, readMacros } from './spf-macro.ts';
import type { Span } from './types.ts';

export const SPF_MECHANISMS = ['all', 'include', 'a', 'mx', 'ptr', 'ip4', 'ip6', 'exists'] as const;
export type SpfMechanism = (typeof SPF_MECHANISMS)[number];
export type SpfQualifier = '+' | '-' | '~' | '?';

export type SpfTerm = Span & {
  text: string;
} & (
    | {
        kind: 'mechanism';
        name: SpfMechanism;
        qualifier: SpfQualifier;
        /** The domain-spec behind the colon, as written; null: the domain whose record this is. */
        spec: string | null;
        /** ip4 and ip6 only: `192.0.2.0/24`, the host bits cleared. */
        network: string | null;
        /** Prefix lengths behind `a` and `mx`; whole addresses where none stand. */
        prefix4: number;
        prefix6: number;
      }
    | { kind: 'modifier'; name: string; spec: string }
  );
export type SpfDirective = Extract<SpfTerm, { kind: 'mechanism' }>;

/** What can be wrong with a term: a closed set with words for people in server/words. */
export const SPF_PROBLEMS = [
  'not-ascii',
  'control-character',
  'unknown-mechanism',
  'colon-for-equals', // redirect:example.com
  'value-missing',
  'value-not-allowed', // all:example.com
  'domain-invalid',
  'address-in-name', // a:192.0.2.1
  'address-invalid',
  'prefix-invalid',
  'macro-invalid',
  'modifier-name-invalid',
  'modifier-twice',
  'too-long',
] as const;
export type SpfProblemWord = (typeof SPF_PROBLEMS)[number];
export type SpfProblem = Span & { problem: SpfProblemWord; term: string };

export type SpfRecord = { terms: SpfTerm[]; problems: SpfProblem[] };

/** §4.5: the version is exactly this, and ends with a space or the record. */
export function isSpfRecord(text: string): boolean {
  return /^v=spf1(?: |$)/i.test(text);
}

/** Meant as SPF, but not recognised as such: a space or a quote before it, `spf1` without `v=`, something glued to the version. */
export function looksLikeSpf(text: string): boolean {
  if (isSpfRecord(text)) return false;
  const start = text.slice(0, 60).replace(/^[\s"'“”\\]+/, '');
  return /^(?:v\s*[=:]\s*spf\s*-?1?|spf1)(?![0-9.])/i.test(start);
}

/** Sender ID (RFC 4406), which nobody checks any more. */
export function isSenderId(text: string): boolean {
  return /^spf2\.0\//i.test(text);
}

/** RFC 7208 §3.4 wants 450 bytes. What many receivers ask DNS with has room for 8 or 16 KB; what is behind that nobody is sure to see. */
export const MOST_CHARACTERS = 16 * 1024;

/** Reads a record for which isSpfRecord holds. Terms with a mistake stand under `problems` and not under `terms`. */
export function parseSpf(text: string): SpfRecord {
  const terms: SpfTerm[] = [];
  const problems: SpfProblem[] = [];
  const seen = new Set<string>();
  for (let start = 6; start < text.length; ) {
    if (text[start] === ' ') {
      start++;
      continue;
    }
    const space = text.indexOf(' ', start);
    const end = space < 0 ? text.length : space;
    const place = { start, end };
    const term = text.slice(start, end);
    if (end > MOST_CHARACTERS) {
      const shown = text.slice(start, Math.min(end, start + 255));
      problems.push({ start, end: start + shown.length, problem: 'too-long', term: shown });
      break;
    }
    const read = readTerm(term);
    if (typeof read === 'string') problems.push({ ...place, problem: read, term });
    else if (read.kind === 'modifier' && (read.name === 'redirect' || read.name === 'exp') && seen.has(read.name))
      problems.push({ ...place, problem: 'modifier-twice', term });
    else {
      if (read.kind === 'modifier') seen.add(read.name);
      terms.push({ ...place, text: term, ...read });
    }
    start = end;
  }
  return { terms, problems };
}

type ReadTerm = SpfTerm extends infer Term
  ? Term extends SpfTerm
    ? Omit<Term, 'start' | 'end' | 'text'>
    : never
  : never;

function readTerm(text: string): ReadTerm | SpfProblemWord {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a tab or a line break inside a record is what is looked for
  if (/[\x00-\x1f\x7f]/.test(text)) return 'control-character';
  if (/[^ -~]/.test(text)) return 'not-ascii';
  const modifier = /^([^:/=]*)=/.exec(text);
  if (modifier !== null) return readModifier(modifier[1] ?? '', text.slice(modifier[0].length));
  const [, sign = '', name = '', rest = ''] = /^([+\-~?]?)([^:/]*)(.*)$/.exec(text) ?? [];
  const mechanism = SPF_MECHANISMS.find((known) => known === name.toLowerCase());
  if (mechanism === undefined) return /^(?:redirect|exp)$/i.test(name) ? 'colon-for-equals' : 'unknown-mechanism';
  const base = {
    kind: 'mechanism' as const,
    name: mechanism,
    qualifier: (sign === '' ? '+' : sign) as SpfQualifier,
    spec: null,
    network: null,
    prefix4: 32,
    prefix6: 128,
  };
  switch (mechanism) {
    case 'all':
      return rest === '' ? base : 'value-not-allowed';
    case 'ip4':
    case 'ip6':
      return readAddressTerm(base, mechanism, rest);
    case 'a':
    case 'mx':
      return readHostTerm(base, rest);
    default: {
      // ptr may go without; include and exists may not.
      if (rest === '' && mechanism === 'ptr') return base;
      if (rest === '' || rest === ':') return 'value-missing';
      const problem = rest.startsWith(':') ? problemOfDomain(rest.slice(1)) : 'prefix-invalid';
      return problem ?? { ...base, spec: rest.slice(1) };
    }
  }
}

function readModifier(name: string, value: string): ReadTerm | SpfProblemWord {
  if (!/^[a-z][a-z0-9\-_.]*$/i.test(name)) return 'modifier-name-invalid';
  const lower = name.toLowerCase();
  if (lower === 'redirect' || lower === 'exp') {
    if (value === '') return 'value-missing';
    const problem = problemOfDomain(value);
    if (problem !== null) return problem;
  } else if (!Array.isArray(readMacros(value, 'name'))) {
    // Unknown ones are passed over, but only when they could be read (§6).
    return 'macro-invalid';
  }
  return { kind: 'modifier', name: lower, spec: value };
}

type Base = Omit<SpfDirective, 'start' | 'end' | 'text'>;

function readAddressTerm(base: Base, name: 'ip4' | 'ip6', rest: string): ReadTerm | SpfProblemWord {
  if (rest === '' || rest === ':') return 'value-missing';
  const written = rest.slice(1);
  const address = readNetwork(written.split('/', 1)[0] ?? '');
  if (!rest.startsWith(':') || address === null || address.family !== (name === 'ip4' ? 4 : 6))
    return 'address-invalid';
  const network = readNetwork(written);
  return network === null ? 'prefix-invalid' : { ...base, network: writeNetwork(network) };
}

/** `a`, `a/24`, `a//64`, `a:example.com/24//64`. A slash may also be part of a name, so the lengths are taken off the end. */
function readHostTerm(base: Base, rest: string): ReadTerm | SpfProblemWord {
  const six = /\/\/(\d+)$/.exec(rest);
  const before = six === null ? rest : rest.slice(0, six.index);
  const four = /(?<!\/)\/(\d+)$/.exec(before);
  const name = four === null ? before : before.slice(0, four.index);
  const prefix4 = four === null ? 32 : readLength(four[1] ?? '', 32);
  const prefix6 = six === null ? 128 : readLength(six[1] ?? '', 128);
  if (prefix4 === null || prefix6 === null) return 'prefix-invalid';
  if (name === '') return { ...base, prefix4, prefix6 };
  if (!name.startsWith(':')) return 'prefix-invalid';
  const problem = problemOfDomain(name.slice(1));
  return problem ?? { ...base, spec: name.slice(1), prefix4, prefix6 };
}

function readLength(digits: string, most: number): number | null {
  return /^(?:0|[1-9]\d{0,2})$/.test(digits) && Number(digits) <= most ? Number(digits) : null;
}

function problemOfDomain(spec: string): SpfProblemWord | null {
  if (spec === '') return 'value-missing';
  if (!Array.isArray(readMacros(spec, 'name'))) return 'macro-invalid';
  if (isDomainSpec(spec)) return null;
  return readNetwork(spec.replace(/^\[|\]$/g, '')) === null ? 'domain-invalid' : 'address-in-name';
}

/** What `ip4:` and `ip6:` name. */
export function networkOf(term: SpfTerm): Network | null {
  return term.kind === 'mechanism' && term.network !== null ? readNetwork(term.network) : null;
}
