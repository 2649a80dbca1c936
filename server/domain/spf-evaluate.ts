/**
 * "Would mail from 203.0.113.7 pass?": check_host() of RFC 7208 §4, told with the way it took. Each term is tried in turn until one fits; `include:` asks
 * another record the same question and counts only its pass, `redirect=` hands the question over. At most ten terms may ask DNS and
 * at most two of them in vain (§4.6.4), else all is a permanent error, however good the record looks.
 *
 * Long because check_host() is one procedure, and its mechanisms share one count.
 */
import type { AuthenticationReason } from '../authentication/types.ts';
import type { DnsAnswer } from '../dns/client.ts';
import { type Answers, recordsOf, says, textsOf } from './answers.ts';
import { isUnder, plainName } from './name.ts';
import { type Address, contains, networkOf, readAddress, readNetwork, reverseName } from './network.ts';
import { isSpfRecord, parseSpf, type SpfDirective, type SpfQualifier, type SpfTerm } from './spf.ts';
import { expandMacros, fitName, macroLetters, readMacros } from './spf-macro.ts';

export const MAX_LOOKUPS = 10;
export const MAX_VOID_LOOKUPS = 2;
/** Of one `mx` term, and of one reverse name (§4.6.4). */
export const MAX_HOSTS = 10;

export type SpfResult = 'none' | 'neutral' | 'pass' | 'fail' | 'softfail' | 'temperror' | 'permerror';
export type SpfReason = Extract<
  AuthenticationReason,
  | 'dns-temporary'
  | 'spf-record-missing'
  | 'spf-multiple-records'
  | 'spf-syntax'
  | 'spf-too-many-lookups'
  | 'spf-too-many-void-lookups'
  | 'spf-include-missing'
  | 'spf-domain-invalid'
>;

/** One mail as SPF sees it. */
export type SpfClient = {
  ip: string;
  /** The envelope sender; empty for a bounce, which is judged by `helo`. */
  sender: string;
  helo: string;
  /** Who asks, for explanations. */
  receiver: string;
  /** Epoch milliseconds. */
  now: number;
};

/** A term that was tried. `depth` counts the includes and redirects it stands behind. */
export type SpfStep = { depth: number; domain: string; term: string; matched: boolean };

export type SpfVerdict = {
  result: SpfResult;
  /** Why, where it is an error or there is no record. */
  reason: SpfReason | null;
  /** Where the term that decided, or the mistake, stands. */
  domain: string;
  term: string | null;
  lookups: number;
  voidLookups: number;
  path: SpfStep[];
  /** What the domain wants a refused sender to read (`exp=`). */
  explanation: string | null;
};

type Outcome = {
  result: SpfResult;
  reason: SpfReason | null;
  domain: string;
  term: string | null;
  /** The exp= of the record that said fail. */
  exp: { spec: string; domain: string } | null;
};
/** True or false, the end of everything, or null where an answer is still missing. */
type Match = boolean | Outcome | null;

type Mail = SpfClient & { address: Address };
type Count = { lookups: number; voids: number; path: SpfStep[] };

/** Null: answers are missing, and noted in the table. An `ip` that is none is a caller's mistake: RangeError. */
export function evaluateSpf(client: SpfClient, answers: Answers): SpfVerdict | null {
  const address = readAddress(client.ip);
  if (address === null) throw new RangeError(`Not an address: ${client.ip}`);
  const at = client.sender.lastIndexOf('@');
  const domain = at < 0 ? client.helo : client.sender.slice(at + 1);
  const local = at > 0 ? client.sender.slice(0, at) : 'postmaster';
  const mail: Mail = { ...client, sender: `${local}@${domain}`, address };
  const count: Count = { lookups: 0, voids: 0, path: [] };
  const outcome = checkHost(mail, domain, 0, answers, count);
  if (outcome === null) return null;
  const explanation = outcome.exp === null ? null : explain(mail, outcome.exp, answers);
  if (explanation === 'missing') return null;
  return {
    result: outcome.result,
    reason: outcome.reason,
    domain: outcome.domain,
    term: outcome.term,
    lookups: count.lookups,
    voidLookups: count.voids,
    path: count.path,
    explanation: explanation?.text ?? null,
  };
}

function checkHost(mail: Mail, domain: string, depth: number, answers: Answers, count: Count): Outcome | null {
  const end = (result: SpfResult, reason: SpfReason | null, term: string | null = null): Outcome => ({
    result,
    reason,
    domain,
    term,
    exp: null,
  });
  if (!isAskable(domain)) return end('none', 'spf-domain-invalid');
  const answer = answers.get(domain, 'TXT');
  if (answer === null) return null;
  if (!says(answer)) return end('temperror', 'dns-temporary');
  const records = textsOf(answer).filter(isSpfRecord);
  const [record] = records;
  if (record === undefined) return end('none', 'spf-record-missing');
  if (records.length > 1) return end('permerror', 'spf-multiple-records');
  const { terms, problems } = parseSpf(record);
  const [problem] = problems;
  if (problem) return end('permerror', 'spf-syntax', problem.term);

  const exp = terms.find((term) => term.name === 'exp')?.spec ?? null;
  for (const term of terms) {
    if (term.kind !== 'mechanism') continue;
    const step: SpfStep = { depth, domain, term: term.text, matched: false };
    count.path.push(step);
    const match = tryTerm(mail, domain, term, depth, answers, count);
    if (match === null) return null;
    if (typeof match === 'object') return match;
    if (!match) continue;
    step.matched = true;
    const result = RESULTS[term.qualifier];
    const why = result === 'fail' && exp !== null ? { spec: exp, domain } : null;
    return { ...end(result, null, term.text), exp: why };
  }
  const redirect = terms.find((term) => term.kind === 'modifier' && term.name === 'redirect');
  if (!redirect) return end('neutral', null);
  const step: SpfStep = { depth, domain, term: redirect.text, matched: true };
  count.path.push(step);
  if (++count.lookups > MAX_LOOKUPS) return end('permerror', 'spf-too-many-lookups', redirect.text);
  const target = targetOf(mail, domain, redirect, answers);
  if (target === null) return null;
  const outcome = checkHost(mail, target, depth + 1, answers, count);
  // §6.1: handing over to nobody is an error.
  return outcome?.result === 'none' ? end('permerror', 'spf-include-missing', redirect.text) : outcome;
}

const RESULTS: Record<SpfQualifier, SpfResult> = { '+': 'pass', '-': 'fail', '~': 'softfail', '?': 'neutral' };

/** §4.3: a domain that cannot be asked for has no record. One label alone is none either. */
function isAskable(domain: string): boolean {
  const labels = plainName(domain).split('.');
  return (
    labels.length > 1 &&
    domain.length <= 254 &&
    !domain.startsWith('[') &&
    labels.every((label) => label !== '' && Buffer.byteLength(label) <= 63)
  );
}

function tryTerm(mail: Mail, domain: string, term: SpfDirective, depth: number, answers: Answers, count: Count): Match {
  const end = (result: SpfResult, reason: SpfReason): Outcome => ({
    result,
    reason,
    domain,
    term: term.text,
    exp: null,
  });
  if (term.name === 'all') return true;
  if (term.name === 'ip4' || term.name === 'ip6') {
    const network = term.network === null ? null : readNetwork(term.network);
    return network !== null && contains(network, mail.address);
  }
  if (++count.lookups > MAX_LOOKUPS) return end('permerror', 'spf-too-many-lookups');
  const target = targetOf(mail, domain, term, answers);
  if (target === null) return null;
  /** What the term's own question brought, or why it ends here. */
  const main = (answer: DnsAnswer): Outcome | null => {
    if (!says(answer)) return end('temperror', 'dns-temporary');
    const empty = answer.status === 'nodata' || answer.status === 'nxdomain';
    return empty && ++count.voids > MAX_VOID_LOOKUPS ? end('permerror', 'spf-too-many-void-lookups') : null;
  };
  switch (term.name) {
    case 'include': {
      const outcome = checkHost(mail, target, depth + 1, answers, count);
      if (outcome === null) return null;
      if (outcome.result === 'none') return end('permerror', 'spf-include-missing');
      return outcome.result === 'temperror' || outcome.result === 'permerror' ? outcome : outcome.result === 'pass';
    }
    case 'a': {
      const answer = answers.get(target, mail.address.family === 4 ? 'A' : 'AAAA');
      if (answer === null) return null;
      return main(answer) ?? holds(term, recordsOf(answer), mail.address);
    }
    case 'mx': {
      const answer = answers.get(target, 'MX');
      if (answer === null) return null;
      const ended = main(answer);
      if (ended !== null) return ended;
      const hosts = recordsOf(answer)
        .map((record) => plainName(record.exchange))
        .filter((host) => host !== '');
      if (hosts.length > MAX_HOSTS) return end('permerror', 'spf-too-many-lookups');
      const found = hosts.map((host) => answers.get(host, mail.address.family === 4 ? 'A' : 'AAAA'));
      for (const addresses of found) {
        if (addresses === null) return null;
        if (!says(addresses)) return end('temperror', 'dns-temporary');
        if (holds(term, recordsOf(addresses), mail.address)) return true;
      }
      return false;
    }
    case 'exists': {
      // Any address will do, and it is asked for IPv4 even where the client has IPv6 (§5.7).
      const answer = answers.get(target, 'A');
      if (answer === null) return null;
      return main(answer) ?? answer.status === 'answer';
    }
    case 'ptr': {
      const pointers = answers.get(reverseName(mail.address), 'PTR');
      const names = validatedNames(mail.address, answers);
      if (pointers === null || names === null) return null;
      if (pointers.status === 'nodata' || pointers.status === 'nxdomain') return main(pointers) ?? false;
      return names.some((name) => isUnder(name, target));
    }
  }
}

function holds(term: SpfDirective, addresses: readonly string[], client: Address): boolean {
  const prefix = client.family === 4 ? term.prefix4 : term.prefix6;
  return addresses.some((text) => {
    const address = readAddress(text);
    return address !== null && address.family === client.family && contains(networkOf(address, prefix), client);
  });
}

/** The name a term asks for, with the mail filled in; null where the client's name is still to be asked. */
function targetOf(mail: Mail, domain: string, term: SpfTerm, answers: Answers): string | null {
  return term.spec === null ? domain : fill(mail, domain, term.spec, 'name', answers);
}

function fill(
  mail: Mail,
  domain: string,
  text: string,
  where: 'name' | 'explanation',
  answers: Answers,
): string | null {
  const parts = readMacros(text, where);
  if (!Array.isArray(parts)) return '';
  const names = macroLetters(text).has('p') ? validatedNames(mail.address, answers) : [];
  if (names === null) return null;
  // §7.3: the domain itself if it is among them, else one under it, else any.
  const validated =
    names.find((name) => plainName(name) === plainName(domain)) ??
    names.find((name) => isUnder(name, domain)) ??
    names[0] ??
    'unknown';
  const filled = expandMacros(parts, {
    sender: mail.sender,
    domain: domain.endsWith('.') ? domain.slice(0, -1) : domain,
    ip: mail.address,
    helo: mail.helo,
    validated,
    receiver: mail.receiver,
    now: mail.now,
  });
  return where === 'name' ? fitName(filled) : filled;
}

/** Names the reverse zone gives for an address, and whose own records give it back (§5.5). Errors on the way make them fewer, nothing else. */
function validatedNames(address: Address, answers: Answers): string[] | null {
  const pointers = answers.get(reverseName(address), 'PTR');
  if (pointers === null) return null;
  const names = recordsOf(pointers).slice(0, MAX_HOSTS).map(plainName);
  const found = names.map((name) => answers.get(name, address.family === 4 ? 'A' : 'AAAA'));
  if (found.includes(null)) return null;
  return names.filter((_name, i) =>
    recordsOf(found[i] ?? null).some((text) => {
      const back = readAddress(text);
      return back !== null && back.family === address.family && back.value === address.value;
    }),
  );
}

/** §6.2: whatever is wrong with an explanation, there is none. */
function explain(
  mail: Mail,
  exp: { spec: string; domain: string },
  answers: Answers,
): { text: string } | 'missing' | null {
  const name = fill(mail, exp.domain, exp.spec, 'name', answers);
  if (name === null) return 'missing';
  const answer = answers.get(name, 'TXT');
  if (answer === null) return 'missing';
  const texts = textsOf(answer);
  const [text] = texts;
  if (text === undefined || texts.length > 1 || !Array.isArray(readMacros(text, 'explanation'))) return null;
  const filled = fill(mail, exp.domain, text, 'explanation', answers);
  return filled === null ? 'missing' : { text: filled };
}
