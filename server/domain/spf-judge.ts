/**
 * What is wrong with a domain's SPF, and what to publish instead. The judge reads facts that `spf-facts.ts` made and asks nobody. Where a term of
 * somebody else's record is at fault there is no proposal: only its owner can mend it.
 */
import { organizationalDomain } from '../authentication/alignment.ts';
import type { DnsStatus } from '../dns/client.ts';
import { raise } from './findings.ts';
import { readAddress, sizeOf } from './network.ts';
import { networkOf } from './spf.ts';
import type { SpfFacts } from './spf-facts.ts';
import { judgeCounts } from './spf-judge-counts.ts';
import { collect, judgeNetworks, judgeOrder, type Placed } from './spf-judge-terms.ts';
import { macroLetters } from './spf-macro.ts';
import { repairSpf } from './spf-repair.ts';
import type { SpfBranch, SpfNode } from './spf-tree.ts';
import { at, mergeRecords, oncePerRecord, publish, rewrite, without } from './spf-write.ts';
import type { Finding, Known } from './types.ts';

/** RFC 7208 §3.4. */
const LONGEST = 450;
/** What fits into a UDP answer everywhere (DNS flag day 2020), less name, header and the like. */
const MOST_TEXT = 1232 - 60;
/** A space is missing before the end. */
const GLUED = /^(include:.+[^+\-~?])([+\-~?]all)$/i;

export function judgeSpf(facts: SpfFacts, known: Known): Finding[] {
  const { shown } = facts;
  if (facts.asked === 'unasked') return [raise('spf-unasked', { name: known.domain, status: shown.status })];
  const organization = organizationalDomain(known.domain);
  const placed = collect(shown, known.domain, organization);
  return [
    ...judgePresence(facts, known),
    ...judgeSyntax(shown),
    ...judgeEnd(shown, placed),
    ...judgeCounts(facts),
    ...judgeNames(shown, placed),
    ...judgeNetworks(placed),
    ...judgeOrder(shown, organization),
    ...judgeSurroundings(facts, known),
    ...judgeAddresses(facts, known),
  ];
}

/** Where there is an answer, but nothing of the kind, the status says nothing. */
function absence(status: DnsStatus | null): DnsStatus | null {
  return status === 'answer' ? null : status;
}

function judgePresence({ shown, mistaken }: SpfFacts, known: Known): Finding[] {
  const { domain } = known;
  if (shown.records.length > 1) {
    const evidence = { domain, records: shown.records, count: shown.records.length };
    return [raise('spf-multiple', evidence, publish(domain, mergeRecords(shown.records)))];
  }
  if (shown.records.length === 1) return [];
  const [meant] = mistaken;
  if (meant !== undefined) {
    const body = meant.replace(/^[\s"'“”\\]*(?:v\s*[=:]\s*)?spf\s*-?[1l]?[\s;,]*/i, '');
    return [
      raise(
        'spf-not-recognised',
        { domain, record: meant, start: 0, end: Math.min(7, meant.length) },
        publish(domain, repairSpf(`v=spf1 ${body}`)),
      ),
    ];
  }
  const terms = known.ips.flatMap((ip) => {
    const address = readAddress(ip);
    return address === null ? [] : [`ip${address.family}:${ip}`];
  });
  // Only its owner knows who else sends for a domain.
  const value = terms.length === 0 ? null : `v=spf1 ${terms.join(' ')} ~all`;
  return [raise('spf-missing', { domain, status: absence(shown.status) }, { name: domain, type: 'TXT', value })];
}

function judgeSyntax(shown: SpfNode): Finding[] {
  const [first] = shown.problems;
  if (!first || shown.record === null) return [];
  const evidence = {
    ...at(shown, first),
    term: first.term,
    problem: first.problem,
    count: shown.problems.length,
    terms: shown.problems.map((problem) => problem.term),
  };
  return [raise('spf-syntax', evidence, publish(shown.domain, repairSpf(shown.record)))];
}

function judgeEnd(shown: SpfNode, placed: readonly Placed[]): Finding[] {
  const found: Finding[] = [];
  const open = placed.find(({ term, passes }) => passes && isEverything(term));
  if (open) {
    // A network of all addresses can go; what it was there for then passes softly by the end of the record.
    const mended = rewrite(open.node, (term) => (term.name === 'all' ? '~all' : term === open.term ? null : term.text));
    const fix = open.own ? publish(open.node.domain, mended) : null;
    found.push(raise('spf-plus-all', { ...at(open.node, open.term), term: open.term.text }, fix));
  } else {
    const networks = placed.flatMap((one) =>
      one.passes ? [networkOf(one.term)].filter((network) => network !== null) : [],
    );
    const most = placed.find((one) => one.passes && (networkOf(one.term)?.prefix ?? 99) < 4);
    // Two halves are a whole: `ip4:0.0.0.0/1 ip4:128.0.0.0/1`.
    if (most && sizeOf(networks, 4) >= 2n ** 31n)
      found.push(raise('spf-plus-all', { ...at(most.node, most.term), term: most.term.text }));
  }
  const end = endOf(shown);
  if (end === null || end.problems.length > 0) return found;
  const all = end.terms.find((term) => term.name === 'all');
  if (all?.kind === 'mechanism' && all.qualifier === '?')
    found.push(
      raise(
        'spf-neutral-all',
        { ...at(end, all), term: all.text },
        publish(
          end.domain,
          rewrite(end, (term) => (term === all ? '~all' : term.text)),
        ),
      ),
    );
  // `include:example.com-all` is told as a missing include.
  if (all === undefined && !end.terms.some((term) => term.outcome === 'missing' && GLUED.test(term.text))) {
    const whole = rewrite(end, (term) => term.text);
    const evidence = { domain: end.domain, record: end.record };
    found.push(raise('spf-all-missing', evidence, publish(end.domain, whole === null ? null : `${whole} ~all`)));
  }
  return found;
}

/** The record whose end is the end of all: a redirect hands it on. Null where it leads nowhere. */
function endOf(node: SpfNode): SpfNode | null {
  if (node.record === null) return null;
  if (node.terms.some((term) => term.name === 'all')) return node;
  const redirect = node.terms.find((term) => term.kind === 'modifier' && term.name === 'redirect');
  return redirect === undefined ? node : redirect.node === null ? null : endOf(redirect.node);
}

function isEverything(term: SpfBranch): boolean {
  return term.kind === 'mechanism' && (term.name === 'all' || networkOf(term)?.prefix === 0);
}

function isPointer(term: SpfBranch): boolean {
  return term.kind === 'mechanism' && term.name === 'ptr';
}

function judgeNames(shown: SpfNode, placed: readonly Placed[]): Finding[] {
  const found: Finding[] = [];
  const withoutPointers = oncePerRecord((term) => (isPointer(term) ? null : term.text));
  const withoutMissing = oncePerRecord(withoutTarget);
  for (const { term, node, own } of placed) {
    const evidence = { ...at(node, term), term: term.text, target: term.target, status: absence(term.status) };
    if (term.outcome === 'loop') found.push(raise('spf-include-loop', evidence, own ? without(node, term) : null));
    if (term.outcome === 'missing')
      found.push(raise('spf-include-missing', evidence, own ? withoutMissing(node) : null));
    if (term.outcome === 'several') found.push(raise('spf-include-broken', { ...evidence, problem: null }, null));
    if (term.outcome === 'unasked') found.push(raise('spf-include-unreachable', evidence));
    if (term.outcome === 'too-many-hosts') found.push(raise('spf-too-many-mx', evidence));
    const [problem] = term.node?.problems ?? [];
    if (problem && term.node !== null) {
      const theirs = { ...at(term.node, problem), term: problem.term, target: term.node.domain, status: null };
      found.push(raise('spf-include-broken', { ...theirs, problem: problem.problem }, null));
    }
    if (isPointer(term) || macroLetters(term.spec ?? '').has('p')) {
      const fix = own && isPointer(term) ? withoutPointers(node) : null;
      found.push(raise('spf-ptr', { ...at(node, term), term: term.text }, fix));
    }
  }
  // The same record reached twice costs twice and adds nothing.
  const reached = new Map<string, Placed>();
  for (const one of placed) {
    if (one.term.node === null) continue;
    const before = reached.get(one.term.node.domain);
    if (before && !(before.node === one.node && before.term.text === one.term.text)) {
      const evidence = {
        ...at(one.node, one.term),
        term: one.term.text,
        also: before.node.domain,
        count: one.term.lookups,
      };
      const fix =
        one.node === shown
          ? publish(
              shown.domain,
              rewrite(shown, (term) => (term === one.term ? null : term.text)),
            )
          : null;
      found.push(raise('spf-duplicate', evidence, fix));
    }
    if (!before) reached.set(one.term.node.domain, one);
  }
  return found;
}

/** A missing include adds nothing, so it can go; `include:example.com-all` is one space short. A redirect is the end of the record, so `~all` takes its place. */
function withoutTarget(term: SpfBranch): string | null {
  if (term.outcome !== 'missing') return term.text;
  const glued = GLUED.exec(term.text);
  return glued ? `${glued[1]} ${glued[2]}` : term.kind === 'modifier' ? '~all' : null;
}

function judgeSurroundings(facts: SpfFacts, { domain }: Known): Finding[] {
  const { shown } = facts;
  const found: Finding[] = [];
  const bytes = Buffer.byteLength(shown.record ?? '') + domain.length;
  if (bytes > LONGEST)
    found.push(raise('spf-too-long', { domain, record: shown.record, count: bytes, limit: LONGEST }));
  if (facts.textBytes > MOST_TEXT)
    found.push(raise('spf-text-crowded', { domain, count: facts.textBytes, limit: MOST_TEXT }));
  const exp = shown.terms.find((term) => term.name === 'exp');
  if (exp && ['missing', 'several', 'invalid'].includes(facts.explanation)) {
    const fix = publish(
      domain,
      rewrite(shown, (term) => (term === exp ? null : term.text)),
    );
    found.push(raise('spf-explanation-broken', { ...at(shown, exp), term: exp.text, state: facts.explanation }, fix));
  }
  const [old] = facts.oldType;
  if (old !== undefined) found.push(raise('spf-type-record', { domain, record: old, count: facts.oldType.length }));
  const [senderId] = facts.senderId;
  if (senderId !== undefined) found.push(raise('spf-sender-id', { domain, record: senderId }));
  return found;
}

function judgeAddresses({ shown }: SpfFacts, { domain }: Known): Finding[] {
  return shown.evaluations.flatMap(({ ip, result, reason, domain: where, term, path }) => {
    // No record, or no answer: both are said elsewhere.
    if (result === 'pass' || result === 'temperror' || (result === 'none' && shown.record === null)) return [];
    const address = readAddress(ip);
    const open = shown.record !== null && result !== 'permerror' && result !== 'none' && address !== null;
    const added = open ? withTerm(shown, `ip${address.family}:${ip}`) : null;
    const steps = path.filter((step) => step.matched).map((step) => `${step.domain}: ${step.term}`);
    const evidence = { domain, record: shown.record, ip, result, reason, decidedAt: where, term, path: steps };
    return [raise('spf-ip-not-passing', evidence, publish(domain, added))];
  });
}

/** Before everything that could refuse it. */
function withTerm(node: SpfNode, term: string): string | null {
  return rewrite(node, (one) => (one === node.terms[0] ? `${term} ${one.text}` : one.text));
}
