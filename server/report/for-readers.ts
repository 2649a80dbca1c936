/**
 * An audit as it is shown to those who have a link to it and nothing else. Where it landed and why is for them; the accounts that were written to are not: whoever knows
 * them can treat them better than others. Nor are the parts of addresses behind a question mark, in which systems tell one recipient from another. Pure.
 */
import type { Audit } from '../campaign/audit.ts';
import type { Finding } from '../campaign/types.ts';

export function forReaders(audit: Audit): Audit {
  const { placement, links, findings } = audit;
  return {
    ...audit,
    findings: findings.map(withoutQueries),
    links: links.map((one) => ({
      ...one,
      url: withoutQuery(one.url),
      final: one.final === null ? null : withoutQuery(one.final),
    })),
    ...(placement === undefined
      ? {}
      : {
          placement: { ...placement, landings: placement.landings.map((one) => ({ ...one, seed: masked(one.seed) })) },
        }),
  };
}

/** `s…@gmail.com`: enough to tell by whom it is run. */
function masked(address: string): string {
  const at = address.lastIndexOf('@');
  const [first = ''] = address;
  return at < 1 ? '…' : `${first}…${address.slice(at)}`;
}

function withoutQuery(url: string): string {
  const from = url.search(/[?#]/);
  return from === -1 ? url : `${url.slice(0, from + 1)}…`;
}

function withoutQueries(finding: Finding): Finding {
  const isUrl = (value: unknown): value is string => typeof value === 'string' && /^https?:/i.test(value);
  const evidence = Object.entries(finding.evidence).map(([key, value]) => [
    key,
    isUrl(value)
      ? withoutQuery(value)
      : Array.isArray(value)
        ? value.map((one: unknown) => (isUrl(one) ? withoutQuery(one) : one))
        : value,
  ]);
  return { ...finding, evidence: Object.fromEntries(evidence) as Finding['evidence'] };
}
