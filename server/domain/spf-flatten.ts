/**
 * Over ten lookups a record is worth nothing. One way out is to write out the addresses that an include stands for now ("flattening"). It has a price
 * that is named with it: the other side changes its addresses without telling anybody, and from then on its mail fails. So as little as
 * possible is written out: what saves most lookups with fewest networks. Where the text grows too long it is spread over records of its own, which
 * cost a lookup each.
 */
import { isUnder } from './name.ts';
import { covers, type Network, networkOf, readAddress, readNetwork, writeNetwork } from './network.ts';
import type { SpfBranch, SpfNode } from './spf-tree.ts';

export type Flattening = {
  /** Terms that are written out. */
  replaces: string[];
  /** Networks that must be kept up to date by hand from then on. */
  networks: number;
  /** What is left of the lookups. */
  lookups: number;
  /** What to publish, the domain's own record first. */
  records: { name: string; value: string }[];
};

/** What one lookup less is worth to stay below: RFC 7208 §4.6.4. */
const MOST = 10;
/** RFC 7208 §3.4: then name and record fit into a plain UDP answer. */
const LONGEST = 450;

/** Null: nothing to do, or no way to get there like this. */
export function flatten(node: SpfNode): Flattening | null {
  if (node.record === null || node.lookups <= MOST || node.problems.length > 0) return null;
  const candidates = node.terms
    .filter((term) => term.lookups > 0 && term.kind === 'mechanism' && term.qualifier === '+')
    .flatMap((term) => {
      const networks = networksOf(term);
      // The owner knows when hosts of the domain itself change, so those are written out first.
      const own = term.node === null && term.target !== null && isUnder(term.target, node.domain);
      return networks === null ? [] : [{ term, own, networks: merge(networks) }];
    })
    .sort(
      (a, b) =>
        Number(b.own) - Number(a.own) ||
        b.term.lookups / (b.networks.length + 1) - a.term.lookups / (a.networks.length + 1),
    );
  // One more is written out until it fits: records to hold what was written out cost lookups too.
  for (let count = 1; count <= candidates.length; count++) {
    const chosen = candidates.slice(0, count);
    const fitting = writeOut(node, chosen);
    if (fitting === null) continue;
    // An early choice may have become needless by a later, larger one.
    const leaner = chosen
      .map((one) =>
        writeOut(
          node,
          chosen.filter((other) => other !== one),
        ),
      )
      .filter((one) => one !== null);
    return leaner.sort((a, b) => a.networks - b.networks)[0] ?? fitting;
  }
  return null;
}

type Candidate = { term: SpfBranch; networks: Network[] };

/** Null where the lookups that are left are still too many. */
function writeOut(node: SpfNode, chosen: readonly Candidate[]): Flattening | null {
  const left = chosen.reduce((sum, one) => sum - one.term.lookups, node.lookups);
  const networks = merge(chosen.flatMap((one) => one.networks));
  const { records, extra } = write(node, new Set(chosen.map((one) => one.term)), networks);
  if (left + extra > MOST) return null;
  return { replaces: chosen.map((one) => one.term.text), networks: networks.length, lookups: left + extra, records };
}

/** What a term lets pass, as networks; null where that cannot be written down. */
function networksOf(branch: SpfBranch): Network[] | null {
  if (branch.ignored !== null || (branch.kind === 'modifier' && branch.name !== 'redirect')) return [];
  if (branch.kind === 'mechanism' && branch.name === 'all') return branch.qualifier === '+' ? null : [];
  // What does not pass in an included record may still keep a later term from passing.
  if (branch.kind === 'mechanism' && branch.qualifier !== '+') return null;
  if (branch.outcome !== 'ok' && branch.outcome !== 'void') return null;
  if (branch.node !== null) {
    if (branch.node.problems.length > 0) return null;
    const parts = branch.node.terms.map(networksOf);
    return parts.includes(null) ? null : parts.flatMap((part) => part ?? []);
  }
  if (branch.kind === 'modifier') return [];
  if (branch.network !== null) {
    const network = readNetwork(branch.network);
    return network === null ? null : [network];
  }
  if (branch.name !== 'a' && branch.name !== 'mx') return null;
  return branch.addresses.flatMap((text) => {
    const address = readAddress(text);
    return address === null ? [] : [networkOf(address, address.family === 4 ? branch.prefix4 : branch.prefix6)];
  });
}

/** Without those that lie in others. Networks never overlap by halves, so in order of their start each can only lie in the last that was kept. */
function merge(networks: readonly Network[]): Network[] {
  const sorted = [...networks].sort(
    (a, b) => a.family - b.family || (a.value < b.value ? -1 : a.value > b.value ? 1 : a.prefix - b.prefix),
  );
  const kept: Network[] = [];
  for (const network of sorted) {
    const last = kept.at(-1);
    if (last === undefined || !covers(last, network)) kept.push(network);
  }
  return kept;
}

function write(
  node: SpfNode,
  chosen: ReadonlySet<SpfBranch>,
  networks: readonly Network[],
): { records: Flattening['records']; extra: number } {
  const texts = networks.map((network) => `ip${network.family}:${writeNetwork(network)}`);
  const first = node.terms.findIndex((term) => chosen.has(term));
  const own = (inserted: readonly string[]): string =>
    [
      'v=spf1',
      ...node.terms.flatMap((term, i) => [...(i === first ? inserted : []), ...(chosen.has(term) ? [] : [term.text])]),
    ].join(' ');
  const whole = own(texts);
  if (node.domain.length + whole.length <= LONGEST) return { records: [{ name: node.domain, value: whole }], extra: 0 };
  const parts: string[][] = [[]];
  for (const text of texts) {
    const last = parts.at(-1) ?? [];
    if (['v=spf1', ...last, text, '-all'].join(' ').length + node.domain.length + 6 > LONGEST) parts.push([text]);
    else last.push(text);
  }
  const names = parts.map((_part, i) => `_spf${i + 1}.${node.domain}`);
  return {
    records: [
      { name: node.domain, value: own(names.map((name) => `include:${name}`)) },
      ...parts.map((part, i) => ({ name: names[i] ?? '', value: ['v=spf1', ...part, '-all'].join(' ') })),
    ],
    extra: parts.length,
  };
}
