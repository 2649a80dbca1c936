/** How a link stands: it answers, it does not, or it was not asked. */
import type { AuditResultJson } from '../../../server/api/json/audits.ts';

type Link = AuditResultJson['links'][number];
export type LinkState = 'ok' | 'broken' | 'skipped';

export function linkState({ skipped, failure, status }: Pick<Link, 'skipped' | 'failure' | 'status'>): LinkState {
  if (skipped !== null) return 'skipped';
  return failure !== null || status === null || status >= 400 ? 'broken' : 'ok';
}

const ORDER: Record<LinkState, number> = { broken: 0, ok: 1, skipped: 2 };

/** Those at fault first; else in the order of the mail. */
export function sortLinks(links: readonly Link[]): Link[] {
  return links.toSorted((a, b) => ORDER[linkState(a)] - ORDER[linkState(b)]);
}
