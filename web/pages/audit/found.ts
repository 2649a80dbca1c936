/** The findings of an audit as the page shows them: numbered where they have a place, with an anchor each, and the pieces of the source they point into. */
import type { AuditResultJson, CampaignFindingJson, SourcesJson } from '../../../server/api/json/audits.ts';
import { SEVERITIES, type Severity } from '../../severity.ts';
import { excerpt, linesOf, markElement, placeOf, type ShownLine } from './place.ts';

export type Found = {
  finding: CampaignFindingJson;
  /** Null: it is about the mail as a whole. */
  number: number | null;
  anchor: string;
  /** Anchor of the finding above that has the very same to put in place; null: it has its own, or none. */
  mendedBy: string | null;
  /** The policy accepts it. */
  ignored: boolean;
  lines: ShownLine[];
  /** Which text the lines are of; null: the file. */
  part: string | null;
};

/** @param sources null until they are here */
export function foundIn(result: AuditResultJson, sources: SourcesJson | null): Found[] {
  const texts = new Map<string | null, string[]>();
  if (sources) {
    texts.set(null, linesOf(sources.message.text));
    for (const { part, text } of sources.parts) texts.set(part, linesOf(text));
  }
  const ranks = new Map<string, number>();
  const fixes = new Map<string, string>();
  let number = 0;
  return result.findings.map((finding) => {
    const place = placeOf(finding);
    const rank = (ranks.get(finding.id) ?? 0) + 1;
    ranks.set(finding.id, rank);
    const lines = place === null ? undefined : texts.get(place.part);
    if (place !== null) number++;
    const anchor = rank === 1 ? finding.id : `${finding.id}-${rank}`;
    const fix = finding.fix?.value ? JSON.stringify(finding.fix) : null;
    const mendedBy = fix === null ? null : (fixes.get(fix) ?? null);
    if (fix !== null && mendedBy === null) fixes.set(fix, anchor);
    return {
      finding,
      number: place === null ? null : number,
      anchor,
      mendedBy,
      ignored: result.policy.ignore.includes(finding.id),
      lines: place === null || lines === undefined ? [] : excerpt(lines, place, finding.evidence, number),
      part: place?.part ?? null,
    };
  });
}

/** By how grave they are, the gravest first; what is only worth knowing last. */
export function bySeverity(found: readonly Found[]): { severity: Severity; list: Found[] }[] {
  return SEVERITIES.map((severity) => ({
    severity,
    list: found.filter(({ finding }) => finding.severity === severity),
  })).filter(({ list }) => list.length > 0);
}

/** The HTML of the preview with what a finding is about marked; null where that cannot be told. */
export function markedPreview(html: string, found: Found, sources: SourcesJson): string | null {
  const place = placeOf(found.finding);
  const source = sources.parts.find(({ part, type }) => type === 'html' && part === place?.part);
  return place === null || source === undefined ? null : markElement(html, source.text, place);
}
