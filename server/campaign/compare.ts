/** Two audits of one campaign beside each other: what got better, what got worse. Pure. */
import { type ChangeWord, compareRates } from '../probe/rates.ts';
import type { Audit } from './audit.ts';
import type { Arm } from './placement.ts';
import type { Finding } from './types.ts';

type Change = { before: number | null; after: number | null };

export type AuditComparison = {
  score: Change;
  gone: Finding[];
  added: Finding[];
  stayed: Finding[];
  filters: { rspamd: Change; spamassassin: Change };
  placement: { before: Arm | null; after: Arm | null; inbox: ChangeWord } | null;
  links: { gone: string[]; added: string[] };
};

export function compareAudits(before: Audit, after: Audit): AuditComparison {
  const earlier = counted(before.findings);
  const later = counted(after.findings);
  const points = (audit: Audit, filter: 'rspamd' | 'spamassassin'): number | null => {
    const view = audit.filters[filter];
    return view?.answered ? view.score : null;
  };
  const filter = (name: 'rspamd' | 'spamassassin'): Change => ({
    before: points(before, name),
    after: points(after, name),
  });
  const [was, is] = [before.placement?.campaign ?? null, after.placement?.campaign ?? null];
  const urls = (audit: Audit): string[] => audit.links.map(({ url }) => url);
  const [oldLinks, newLinks] = [new Set(urls(before)), new Set(urls(after))];
  return {
    score: { before: before.score.points, after: after.score.points },
    gone: before.findings.filter((finding) => isMore(finding, before.findings, later)),
    added: after.findings.filter((finding) => isMore(finding, after.findings, earlier)),
    stayed: after.findings.filter((finding) => !isMore(finding, after.findings, earlier)),
    filters: { rspamd: filter('rspamd'), spamassassin: filter('spamassassin') },
    placement:
      was === null && is === null
        ? null
        : { before: was, after: is, inbox: was && is ? compareRates(is.inbox, was.inbox) : 'not-enough-data' },
    links: {
      gone: [...oldLinks].filter((url) => !newLinks.has(url)),
      added: [...newLinks].filter((url) => !oldLinks.has(url)),
    },
  };
}

/** The same finding may be raised several times, about a domain each; lines move between two versions and say nothing. */
const nameOf = ({ id, evidence }: Finding): string => `${id} ${evidence.domain ?? ''}`;

function counted(findings: readonly Finding[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const finding of findings) counts.set(nameOf(finding), (counts.get(nameOf(finding)) ?? 0) + 1);
  return counts;
}

/** Whether this one is there more often than on the other side: of three where there were two, the third is. */
function isMore(finding: Finding, among: readonly Finding[], others: ReadonlyMap<string, number>): boolean {
  const name = nameOf(finding);
  const place = among.filter((one) => nameOf(one) === name).indexOf(finding);
  return place >= (others.get(name) ?? 0);
}
