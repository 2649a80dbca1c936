/** Records written anew: with a term changed or left out, or several records made one. What a judge proposes instead of what it found. */
import { parseSpf } from './spf.ts';
import type { SpfBranch, SpfNode } from './spf-tree.ts';
import type { Evidence, Fix } from './types.ts';

/** What a page marks: the record, and where in it. */
export function at(node: SpfNode, { start, end }: { start: number; end: number }): Evidence {
  return { domain: node.domain, record: node.record, start, end };
}

export function publish(name: string, value: string | null): Fix | null {
  return value === null ? null : { name, type: 'TXT', value };
}

/** The record with some of its terms changed or taken out; null where a term could not be read, because it would be lost. */
export function rewrite(node: SpfNode, change: (term: SpfBranch) => string | null): string | null {
  if (node.problems.length > 0) return null;
  return ['v=spf1', ...node.terms.map(change).filter((text) => text !== null)].join(' ');
}

export function without(node: SpfNode, gone: SpfBranch): Fix | null {
  return publish(
    node.domain,
    rewrite(node, (term) => (term === gone ? null : term.text)),
  );
}

/** The record with all its terms of a kind changed or taken out, however many findings ask for it. */
export function oncePerRecord(change: (term: SpfBranch) => string | null): (node: SpfNode) => Fix | null {
  const written = new Map<SpfNode, Fix | null>();
  return (node) => {
    const known = written.get(node);
    if (known !== undefined) return known;
    const fix = publish(node.domain, rewrite(node, change));
    written.set(node, fix);
    return fix;
  };
}

/** One record that lets pass what any of them lets pass; of two endings the milder one, so that no good mail is lost by it. */
export function mergeRecords(records: readonly string[]): string | null {
  const parsed = records.map(parseSpf);
  if (parsed.some((record) => record.problems.length > 0)) return null;
  const terms = parsed.flatMap((record) => record.terms);
  if (terms.some((term) => term.kind === 'modifier' && term.name === 'redirect')) return null;
  const ends = terms.flatMap((term) => (term.kind === 'mechanism' && term.name === 'all' ? [term.qualifier] : []));
  const end = (['?', '~', '-'] as const).find((sign) => ends.includes(sign)) ?? '~';
  const bodies = new Set(terms.filter((term) => term.name !== 'all').map((term) => term.text));
  return ['v=spf1', ...bodies, `${end === '?' ? '~' : end}all`].join(' ');
}
