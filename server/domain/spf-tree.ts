/**
 * Everything an SPF record leads to: its terms with what each costs, the records it includes and theirs, whether each name answers. A receiver evaluates only
 * until a term fits; here all of it is followed, so that the totals are those of the worst mail (RFC 7208 §4.6.4). Where a name depends on the
 * mail (macros), it is counted and not followed.
 */
import type { DnsAnswer, DnsStatus } from '../dns/client.ts';
import { type Answers, recordsOf, says, textsOf, type UnaskedList } from './answers.ts';
import { plainName } from './name.ts';
import { isSpfRecord, parseSpf, type SpfProblem, type SpfTerm } from './spf.ts';
import { MAX_HOSTS } from './spf-evaluate.ts';
import { fitName, readMacros } from './spf-macro.ts';

/** What became of a term's question. */
export type SpfOutcome =
  | 'ok' // answered, or it asks nothing
  | 'void' // there is no such record: counts against two
  | 'missing' // include or redirect: no SPF record there, a permanent error
  | 'several' // include or redirect: more than one there, a permanent error
  | 'loop' // it stands in a record that it leads to
  | 'macro' // depends on the mail
  | 'too-many-hosts' // over ten MX hosts, a permanent error
  | 'unasked' // no answer
  | 'not-followed'; // the tree is too large to go on

export type SpfNode = {
  domain: string;
  /** As DNS has it, its strings joined; null where there is none, or more than one. */
  record: string | null;
  terms: SpfBranch[];
  problems: SpfProblem[];
  /** Of this record and all that it includes. */
  lookups: number;
  voidLookups: number;
};

export type SpfBranch = SpfTerm & {
  /** Never reached: behind `all`, or a redirect beside it. Costs nothing. */
  ignored: 'after-all' | 'beside-all' | null;
  outcome: SpfOutcome;
  status: DnsStatus | null;
  /** The name that is asked for, where it can be told. */
  target: string | null;
  /** This term and all behind it. */
  lookups: number;
  voidLookups: number;
  /** What one family of addresses alone would find empty: an IPv6 client at a host that has only IPv4. */
  voidFor4: number;
  voidFor6: number;
  /** `a` and `mx`: the addresses behind the name. */
  addresses: string[];
  /** `include` and `redirect`: the record there. */
  node: SpfNode | null;
};

/** Terms that ask DNS, in the whole tree: ten are allowed, an honest one that broke the rule has some dozens, a hostile one gets no more. */
const MAX_TERMS = 100;
/** Characters of all included records: the trees of the largest senders have some ten thousand. */
const MAX_CHARACTERS = 100_000;

export type Walk = {
  answers: Answers;
  unasked: UnaskedList;
  sender: string;
  terms: number;
  characters: number;
  truncated: boolean;
};

export function readNode(walk: Walk, domain: string, record: string | null, above: readonly string[]): SpfNode {
  const { terms, problems } = record === null ? { terms: [], problems: [] } : parseSpf(record);
  const all = terms.findIndex((term) => term.name === 'all');
  const branches = new Map<SpfTerm, SpfBranch>();
  const path = [...above, plainName(domain)];
  // In the order of evaluation: a redirect comes after all mechanisms, wherever it stands (§4.6.3).
  for (const [i, term] of terms.entries())
    if (term.kind === 'mechanism')
      branches.set(term, all >= 0 && i > all ? idle(term, 'after-all') : readBranch(walk, domain, term, path));
  for (const term of terms)
    if (term.kind === 'modifier' && term.name === 'redirect')
      branches.set(term, all >= 0 ? idle(term, 'beside-all') : readBranch(walk, domain, term, path));
  const shown = terms.map((term) => branches.get(term) ?? idle(term, null));
  return {
    domain,
    record,
    terms: shown,
    problems,
    lookups: sum(shown, (term) => term.lookups),
    voidLookups: sum(shown, (term) => term.voidLookups),
  };
}

function idle(term: SpfTerm, ignored: SpfBranch['ignored']): SpfBranch {
  return {
    ...term,
    ignored,
    outcome: 'ok',
    status: null,
    target: null,
    lookups: 0,
    voidLookups: 0,
    voidFor4: 0,
    voidFor6: 0,
    addresses: [],
    node: null,
  };
}

function readBranch(walk: Walk, domain: string, term: SpfTerm, above: readonly string[]): SpfBranch {
  const branch = idle(term, null);
  if (term.name === 'all' || term.name === 'ip4' || term.name === 'ip6') return branch;
  branch.lookups = 1;
  if (++walk.terms > MAX_TERMS) {
    walk.truncated = true;
    return { ...branch, outcome: 'not-followed' };
  }
  // Which addresses have a reverse name depends on the client.
  if (term.name === 'ptr') return { ...branch, outcome: 'macro' };
  const target = targetOf(walk, domain, term);
  if (target === null) return { ...branch, outcome: 'macro' };
  branch.target = target;
  switch (term.name) {
    case 'include':
    case 'redirect':
      return followRecord(walk, branch, target, above);
    case 'exists': {
      const answer = walk.unasked.note(target, 'A', walk.answers.get(target, 'A'));
      const empty = isVoid(answer) ? 1 : 0;
      return { ...branch, ...outcomeOf(answer), voidLookups: empty, voidFor4: empty, voidFor6: empty };
    }
    case 'a': {
      const found = readHost(walk, target);
      const [empty4, empty6] = [isVoid(found.four), isVoid(found.six)];
      const lost = [found.four, found.six].some((answer) => answer !== null && !says(answer));
      return {
        ...branch,
        outcome: lost ? 'unasked' : empty4 && empty6 ? 'void' : 'ok',
        status: found.four?.status ?? null,
        voidLookups: empty4 && empty6 ? 1 : 0,
        voidFor4: empty4 ? 1 : 0,
        voidFor6: empty6 ? 1 : 0,
        addresses: found.addresses,
      };
    }
    default:
      return followMx(walk, branch, target);
  }
}

function followRecord(walk: Walk, branch: SpfBranch, target: string, above: readonly string[]): SpfBranch {
  if (above.includes(plainName(target))) return { ...branch, outcome: 'loop' };
  const answer = walk.unasked.note(target, 'TXT', walk.answers.get(target, 'TXT'));
  if (answer === null) return { ...branch, outcome: 'not-followed' };
  if (!says(answer)) return { ...branch, outcome: 'unasked', status: answer.status };
  const records = textsOf(answer).filter(isSpfRecord);
  const [record] = records;
  if (record === undefined || records.length > 1)
    return { ...branch, outcome: records.length > 1 ? 'several' : 'missing', status: answer.status };
  walk.characters += record.length;
  if (walk.characters > MAX_CHARACTERS) {
    walk.truncated = true;
    return { ...branch, outcome: 'not-followed', status: answer.status };
  }
  const node = readNode(walk, target, record, above);
  return {
    ...branch,
    status: answer.status,
    lookups: 1 + node.lookups,
    voidLookups: node.voidLookups,
    voidFor4: sum(node.terms, (term) => term.voidFor4),
    voidFor6: sum(node.terms, (term) => term.voidFor6),
    node,
  };
}

function followMx(walk: Walk, branch: SpfBranch, target: string): SpfBranch {
  const answer = walk.unasked.note(target, 'MX', walk.answers.get(target, 'MX'));
  const hosts = recordsOf(answer)
    .map((record) => plainName(record.exchange))
    .filter((host) => host !== '');
  const empty = isVoid(answer) ? 1 : 0;
  const found = hosts.slice(0, MAX_HOSTS).map((host) => readHost(walk, host));
  return {
    ...branch,
    ...outcomeOf(answer),
    ...(hosts.length > MAX_HOSTS ? { outcome: 'too-many-hosts' as const } : {}),
    voidLookups: empty,
    voidFor4: empty,
    voidFor6: empty,
    addresses: found.flatMap((host) => host.addresses),
  };
}

type Host = { four: DnsAnswer<'A'> | null; six: DnsAnswer<'AAAA'> | null; addresses: string[] };

function readHost(walk: Walk, name: string): Host {
  const four = walk.unasked.note(name, 'A', walk.answers.get(name, 'A'));
  const six = walk.unasked.note(name, 'AAAA', walk.answers.get(name, 'AAAA'));
  return { four, six, addresses: [...recordsOf(four), ...recordsOf(six)] };
}

function outcomeOf(answer: DnsAnswer | null): { outcome: SpfOutcome; status: DnsStatus | null } {
  if (answer === null) return { outcome: 'ok', status: null };
  return { outcome: !says(answer) ? 'unasked' : isVoid(answer) ? 'void' : 'ok', status: answer.status };
}

function isVoid(answer: DnsAnswer | null): boolean {
  return answer?.status === 'nodata' || answer?.status === 'nxdomain';
}

/** The name a term asks for when only the domain is known: `%{d}` and `%{o}` can be filled in, the rest needs a mail. */
export function targetOf(walk: Walk, domain: string, term: SpfTerm): string | null {
  if (term.spec === null) return domain;
  const parts = readMacros(term.spec, 'name');
  if (!Array.isArray(parts)) return null;
  const texts = parts.map((part) => {
    if (part.literal !== undefined) return part.literal;
    if (part.letter !== 'd' && part.letter !== 'o') return null;
    if (part.delimiters !== '.' || part.escaped) return null;
    const labels = (part.letter === 'd' ? domain : walk.sender).split('.');
    if (part.reversed) labels.reverse();
    return labels.slice(part.keep === null ? 0 : -part.keep).join('.');
  });
  return texts.includes(null) ? null : fitName(texts.join(''));
}

export function sum<T>(list: readonly T[], count: (item: T) => number): number {
  return list.reduce((total, item) => total + count(item), 0);
}
