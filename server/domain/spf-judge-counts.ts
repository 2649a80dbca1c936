/**
 * The two limits on what an SPF record may ask of DNS (RFC 7208 §4.6.4): ten terms that ask, two of them in vain. Both are counted over all that the record
 * includes, as the worst mail would.
 */
import { raise } from './findings.ts';
import { MAX_LOOKUPS, MAX_VOID_LOOKUPS } from './spf-evaluate.ts';
import type { SpfFacts } from './spf-facts.ts';
import type { SpfBranch, SpfNode } from './spf-tree.ts';
import { at, publish, rewrite } from './spf-write.ts';
import type { Finding } from './types.ts';

export function judgeCounts({ shown }: SpfFacts): Finding[] {
  const found: Finding[] = [];
  const costs = shown.terms.filter((term) => term.lookups > 0).map((term) => `${term.text} = ${term.lookups}`);
  if (shown.lookups > MAX_LOOKUPS) {
    const reached = shown.terms.map((_term, i) =>
      shown.terms.slice(0, i + 1).reduce((sum, term) => sum + term.lookups, 0),
    );
    const over = shown.terms[reached.findIndex((sum) => sum > MAX_LOOKUPS)];
    const { flattening } = shown;
    const [own, ...others] = flattening?.records ?? [];
    found.push(
      raise(
        'spf-too-many-lookups',
        {
          ...(over ? at(shown, over) : { domain: shown.domain, record: shown.record }),
          count: shown.lookups,
          limit: MAX_LOOKUPS,
          term: over?.text ?? null,
          costs,
          replaces: flattening?.replaces ?? [],
          networks: flattening?.networks ?? null,
          records: others.map((record) => `${record.name} TXT "${record.value}"`),
        },
        publish(shown.domain, own?.value ?? null),
      ),
    );
  } else if (shown.lookups >= MAX_LOOKUPS - 1) {
    found.push(
      raise('spf-lookups-near-limit', {
        domain: shown.domain,
        record: shown.record,
        count: shown.lookups,
        limit: MAX_LOOKUPS,
        costs,
      }),
    );
  }
  const voids = (pick: (term: SpfBranch) => boolean): string[] => namesIn(shown, pick);
  if (shown.voidLookups > 0) {
    const terms = voids((term) => term.voidLookups > 0);
    const id = shown.voidLookups > MAX_VOID_LOOKUPS ? 'spf-too-many-void-lookups' : 'spf-void-lookups';
    const empty = (term: SpfBranch): boolean => term.node === null && term.voidLookups > 0;
    const mended = shown.terms.some(empty) ? rewrite(shown, (term) => (empty(term) ? null : term.text)) : null;
    found.push(
      raise(
        id,
        { domain: shown.domain, record: shown.record, count: shown.voidLookups, limit: MAX_VOID_LOOKUPS, terms },
        publish(shown.domain, mended),
      ),
    );
  }
  if (shown.voidLookups <= MAX_VOID_LOOKUPS) {
    const families = [
      [4, shown.voidLookupsFor4, (term: SpfBranch) => term.voidFor4 > 0],
      [6, shown.voidLookupsFor6, (term: SpfBranch) => term.voidFor6 > 0],
    ] as const;
    for (const [family, count, pick] of families)
      if (count > MAX_VOID_LOOKUPS)
        found.push(
          raise('spf-void-lookups-one-family', {
            domain: shown.domain,
            record: shown.record,
            family: `IPv${family}`,
            count,
            limit: MAX_VOID_LOOKUPS,
            terms: voids(pick),
          }),
        );
  }
  return found;
}

/** The terms without terms behind them for which something holds, with their domain where it is another. */
function namesIn(node: SpfNode, pick: (term: SpfBranch) => boolean, top = node.domain): string[] {
  return node.terms.flatMap((term) => {
    if (term.node !== null) return namesIn(term.node, pick, top);
    return pick(term) ? [node.domain === top ? term.text : `${term.text} (${node.domain})`] : [];
  });
}
