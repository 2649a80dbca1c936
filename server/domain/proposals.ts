/**
 * What to publish, once for each name. Every finding about a record proposes one that mends its own fault and leaves the others in; whoever published them one after
 * the other would undo each with the next. So they are made one (`proposal-merge.ts`): what is promised to go away was seen to go away. Where two repairs
 * contradict, the one that loses less mail wins, and the proposal says so (`proposal-notes.ts`). Pure, but for `rejudge`, which it is handed.
 */
import { type DiffLine, diffRecords } from './diff.ts';
import { isDmarcRecord, looksLikeDmarc } from './dmarc.ts';
import { holdBack, isText, keyOf, merge, type Thought } from './proposal-merge.ts';
import { annotate, type ProposalNote } from './proposal-notes.ts';
import { isSpfRecord, looksLikeSpf } from './spf.ts';
import { type Finding, type Fix, type Protocol, SEVERITIES, type Severity } from './types.ts';

export type Proposal = {
  protocol: Protocol;
  name: string;
  type: Fix['type'];
  /** One text for TXT; lines to be put in place for types of which a name has several. */
  values: string[];
  /** What stands there now and goes; none where nothing does, or where it is no TXT. */
  instead: string[];
  diff: DiffLine[];
  /** Ids of the findings that go away, as often as they go; empty for a record that another one of these names and needs. */
  mends: string[];
  /** The gravest of them. */
  severity: Severity;
  notes: ProposalNote[];
};

export type Proposed = { findings: Finding[]; proposals: Proposal[] };

/** @returns the findings too, each with the record that mends it together with the others */
export async function proposeRecords(
  protocol: Protocol,
  findings: readonly Finding[],
  thought: Thought,
): Promise<Proposed> {
  const others = proposeLines(protocol, findings);
  if (!findings.some(isText)) return { findings: [...findings], proposals: others };
  const held = holdBack(findings);
  const merged = await merge(findings, held, thought);
  const gone = goneFrom(findings, merged.after);
  const texts = await Promise.all(
    [...merged.records].map(async ([name, value]): Promise<Proposal> => {
      const instead = ((await thought.standing(name)) ?? []).filter(replacedBy(protocol));
      const mends = findings.filter((finding) => gone.has(finding) && nameFor(finding, merged.records) === name);
      return {
        protocol,
        name,
        type: 'TXT',
        values: [value],
        instead,
        diff: diffRecords(protocol, instead, [value]),
        mends: mends.map(({ id }) => id),
        severity: gravest(mends),
        notes: [],
      };
    }),
  );
  const proposals = texts.filter(({ mends, name }) => mends.length > 0 || merged.needed.has(name));
  annotate(proposals, merged, held, findings);
  return {
    findings: findings.map((finding) => ({ ...finding, fix: fixFor(finding, gone, merged.records) })),
    proposals: [...proposals, ...others],
  };
}

/** Gone is what is found no more, and only so often as its kind is found less: one cause may have stood before another. */
function goneFrom(before: readonly Finding[], after: readonly Finding[]): ReadonlySet<Finding> {
  const left = Map.groupBy(after, keyOf);
  const fewer = new Map(
    [...Map.groupBy(before, ({ id }) => id)].map(([id, all]) => [
      id,
      all.length - after.filter((one) => one.id === id).length,
    ]),
  );
  return new Set(
    before.filter((finding) => {
      if (finding.id.endsWith('-unasked') || left.get(keyOf(finding))?.pop() !== undefined) return false;
      const count = fewer.get(finding.id) ?? 0;
      fewer.set(finding.id, count - 1);
      return count > 0;
    }),
  );
}

/** Where the record stands that mends a finding: where its own would, else the one it is about. */
function nameFor({ fix, evidence }: Finding, records: ReadonlyMap<string, string>): string | null {
  const names = [fix?.name, evidence.name, evidence.domain, ...records.keys()];
  return names.find((name): name is string => typeof name === 'string' && records.has(name)) ?? null;
}

function fixFor(finding: Finding, gone: ReadonlySet<Finding>, records: ReadonlyMap<string, string>): Fix | null {
  const name = nameFor(finding, records);
  if (gone.has(finding) && name !== null) return { name, type: 'TXT', value: records.get(name) ?? null };
  // It waits, or would do harm by itself: whoever published it would lose what the one record mends.
  return isText(finding) ? null : finding.fix;
}

function gravest(findings: readonly Finding[]): Severity {
  return SEVERITIES.find((severity) => findings.some((finding) => finding.severity === severity)) ?? 'info';
}

/** Types of which a name has several: lines that go beside those that are right. */
function proposeLines(protocol: Protocol, findings: readonly Finding[]): Proposal[] {
  const lines = findings.filter(({ fix }) => fix !== null && fix.type !== 'TXT' && fix.value !== null);
  return [...Map.groupBy(lines, ({ fix }) => `${fix?.type} ${fix?.name}`).values()].map((group) => {
    const values = [...new Set(group.flatMap(({ fix }) => fix?.value ?? []))];
    const { name = '', type = 'A' } = group[0]?.fix ?? {};
    const mends = group.map(({ id }) => id);
    const diff = diffRecords(protocol, [], values);
    return { protocol, name, type, values, instead: [], diff, mends, severity: gravest(group), notes: [] };
  });
}

/** Which texts at a name a record takes the place of: those of its kind, be they good or only meant as such; elsewhere whatever stands there. */
export function replacedBy(protocol: Protocol): (text: string) => boolean {
  if (protocol === 'spf') return (text) => isSpfRecord(text) || looksLikeSpf(text);
  if (protocol === 'dmarc') return (text) => isDmarcRecord(text) || looksLikeDmarc(text);
  return () => true;
}
