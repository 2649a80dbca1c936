/**
 * Terms among themselves: networks too wide or of no use, what stands twice, what lies within another, what stands where it has no effect. Somebody
 * else's record is looked at only as far as it opens the door for this domain.
 */
import { raise } from './findings.ts';
import { isUnder } from './name.ts';
import { covers, type Network, readNetwork } from './network.ts';
import { networkOf, parseSpf, SPF_MECHANISMS } from './spf.ts';
import type { SpfBranch, SpfNode } from './spf-tree.ts';
import { at, oncePerRecord, publish, rewrite } from './spf-write.ts';
import type { Evidence, Finding, Fix } from './types.ts';

const PRIVATE = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
  '::1',
].map((text) => readNetwork(text) as Network);

/** A term with the record it stands in. `passes`: whatever it lets pass, the domain lets pass. */
export type Placed = { term: SpfBranch; node: SpfNode; own: boolean; passes: boolean };

/** Every term that is reached, from the outside in. */
export function collect(node: SpfNode, domain: string, organization: string, passes = true): Placed[] {
  const own = node.domain === domain || isUnder(node.domain, organization);
  return node.terms.flatMap((term) => {
    if (term.ignored !== null) return [];
    const lets = passes && (term.kind === 'modifier' || term.qualifier === '+');
    const here = { term, node, own, passes: lets };
    return [here, ...(term.node === null ? [] : collect(term.node, domain, organization, lets))];
  });
}

/** The records of the tree that the domain's owner can change. */
function ownNodes(node: SpfNode, organization: string): SpfNode[] {
  const below = node.terms.flatMap((term) => (term.node === null ? [] : ownNodes(term.node, organization)));
  const all = isUnder(node.domain, organization) ? [node, ...below] : below;
  return all.filter((one, i) => all.findIndex((other) => other.domain === one.domain) === i);
}

function isClosed(term: SpfBranch): boolean {
  const network = networkOf(term);
  return network !== null && PRIVATE.some((range) => covers(range, network));
}

export function judgeNetworks(placed: readonly Placed[]): Finding[] {
  const found: Finding[] = [];
  const withoutClosed = oncePerRecord((term) => (isClosed(term) ? null : term.text));
  for (const { term, node, own, passes } of placed) {
    if (term.kind !== 'mechanism') continue;
    const network = networkOf(term);
    const evidence = { ...at(node, term), term: term.text };
    // In somebody else's record only the very widest are told: /14 is what the largest providers have.
    const [four, six] = own ? [16, 32] : [9, 20];
    const wide =
      network !== null
        ? network.prefix > 0 && network.prefix < (network.family === 4 ? four : six)
        : (term.name === 'a' || term.name === 'mx') && (term.prefix4 < four || term.prefix6 < six);
    const closed = isClosed(term);
    if (wide && passes && !closed) found.push(raise('spf-wide-network', evidence));
    if (closed && own) found.push(raise('spf-private-network', evidence, withoutClosed(node)));
  }
  return found;
}

/** Within one record: what stands twice, what lies within another, what stands where it has no effect. Only the domain's own. */
export function judgeOrder(shown: SpfNode, organization: string): Finding[] {
  const found: Finding[] = [];
  for (const node of ownNodes(shown, organization)) {
    const doubled = new Set<SpfBranch>();
    const inside = new Set<SpfBranch>();
    const seen = new Map<string, SpfBranch>();
    const networks: { term: SpfBranch; network: Network }[] = [];
    for (const term of node.terms) {
      if (term.ignored !== null || term.kind !== 'mechanism') continue;
      const key = term.network ?? `${term.name}${term.spec ?? ''}/${term.prefix4}/${term.prefix6}`.toLowerCase();
      if (seen.has(key)) doubled.add(term);
      else {
        seen.set(key, term);
        const network = networkOf(term);
        if (network !== null) networks.push({ term, network });
      }
    }
    for (const { inner, outer } of nested(networks)) {
      // One that comes first and says something else is an exception, as `-ip4:192.0.2.7 ip4:192.0.2.0/24`.
      const same = inner.kind === 'mechanism' && outer.kind === 'mechanism' && inner.qualifier === outer.qualifier;
      if (same || outer.start < inner.start) inside.add(inner);
    }
    const without = (gone: ReadonlySet<SpfBranch>): Fix | null =>
      publish(
        node.domain,
        rewrite(node, (term) => (gone.has(term) ? null : term.text)),
      );
    const list = (terms: ReadonlySet<SpfBranch>): Evidence => {
      const [first] = terms;
      return {
        ...(first ? at(node, first) : {}),
        term: first?.text ?? null,
        terms: [...terms].map((term) => term.text),
        count: terms.size,
      };
    };
    if (doubled.size > 0) found.push(raise('spf-duplicate', { ...list(doubled), also: node.domain }, without(doubled)));
    if (inside.size > 0) found.push(raise('spf-overlap', list(inside), without(inside)));
    const late = new Set(node.terms.filter((term) => term.ignored === 'after-all'));
    if (late.size > 0) {
      const all = node.terms.find((term) => term.name === 'all');
      const ordered = [...node.terms.filter((term) => term !== all && term.name !== 'all'), ...(all ? [all] : [])];
      found.push(
        raise(
          'spf-terms-after-all',
          list(late),
          publish(
            node.domain,
            rewrite({ ...node, terms: ordered }, (term) => term.text),
          ),
        ),
      );
    }
    const beside = new Set(node.terms.filter((term) => term.ignored === 'beside-all'));
    if (beside.size > 0) {
      // Where nothing else stands in the record, the redirect is what was meant.
      const only = node.terms.every((term) => term.name === 'all' || term.kind === 'modifier');
      const gone = only ? new Set(node.terms.filter((term) => term.name === 'all')) : beside;
      found.push(raise('spf-redirect-ignored', list(beside), without(gone)));
    }
    const unknown = node.terms.filter(
      (term) => term.kind === 'modifier' && term.name !== 'redirect' && term.name !== 'exp',
    );
    if (unknown.length > 0) {
      const strange = new Set(unknown);
      const mended = rewrite(node, (term) => (strange.has(term) ? meantBy(term) : term.text));
      found.push(raise('spf-unknown-modifier', list(strange), publish(node.domain, mended)));
    }
  }
  return found;
}

/** `include=example.com` was meant as `include:example.com`; anything else that is not known can go. */
function meantBy(term: SpfBranch): string | null {
  const mechanism = SPF_MECHANISMS.some((name) => name === term.name);
  const text = `${term.name}:${term.spec}`;
  return mechanism && parseSpf(`v=spf1 ${text}`).problems.length === 0 ? text : null;
}

/** Pairs of which one lies in the other. Networks never overlap by halves: in order of their start, those around one are on a stack. */
function nested(networks: readonly { term: SpfBranch; network: Network }[]): { inner: SpfBranch; outer: SpfBranch }[] {
  const sorted = [...networks].sort(({ network: a }, { network: b }) =>
    a.family !== b.family ? a.family - b.family : a.value < b.value ? -1 : a.value > b.value ? 1 : a.prefix - b.prefix,
  );
  const around: typeof sorted = [];
  const pairs: { inner: SpfBranch; outer: SpfBranch }[] = [];
  for (const one of sorted) {
    for (let top = around.at(-1); top !== undefined && !covers(top.network, one.network); top = around.at(-1))
      around.pop();
    const outer = around.at(-1);
    if (outer) pairs.push({ inner: one.term, outer: outer.term });
    around.push(one);
  }
  return pairs;
}
