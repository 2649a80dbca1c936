/** What is to be known of records that are proposed: which of two repairs won, what waits, what comes next. Pure. */
import { isDmarcRecord, parseDmarc, strengthOf } from './dmarc.ts';
import { type Held, isNext, type Merged, raisedIn } from './proposal-merge.ts';
import { isSpfRecord, parseSpf } from './spf.ts';
import type { Evidence, Finding, Protocol } from './types.ts';

export const PROPOSAL_NOTES = [
  'policy-later', // a stronger policy waits
  'policy-milder', // of several records the mildest policy
  'policy-weaker', // what receivers are asked for gets less by it
  'ending-milder', // of several SPF records the milder end
  'next', // what is to be done when it is published
  'together', // records that name each other
] as const;
/** A word with sentences in server/words, and what they fill in. */
export type ProposalNote = { reason: (typeof PROPOSAL_NOTES)[number]; evidence: Evidence };

type Noted = {
  protocol: Protocol;
  name: string;
  values: readonly string[];
  instead: readonly string[];
  notes: ProposalNote[];
};

/** What is to be known of the proposals, at the one it is about. */
export function annotate(
  proposals: readonly Noted[],
  { records, needed, after }: Merged,
  held: Held,
  findings: readonly Finding[],
): void {
  for (const proposal of proposals) {
    const { name, instead, values, notes } = proposal;
    const [value = ''] = values;
    if (needed.size > 0) notes.push({ reason: 'together', evidence: { names: [...records.keys()] } });
    if (isDmarcRecord(value) && name.startsWith('_dmarc.')) notes.push(...policyNotes(instead, value));
    if (proposal.protocol === 'spf') notes.push(...endingNotes(instead, value));
    for (const [id, evidence] of held)
      if (findings.some((one) => one.id === id && (one.evidence.name ?? name) === name))
        notes.push({ reason: 'policy-later', evidence });
  }
  const [first] = proposals;
  const next = raisedIn(after, findings).filter((finding) => isNext(finding, findings));
  for (const id of new Set(next.map((finding) => finding.id)))
    (
      proposals.find((one) => next.some((raised) => raised.id === id && raised.evidence.name === one.name)) ?? first
    )?.notes.push({ reason: 'next', evidence: { finding: id } });
}

function policyNotes(instead: readonly string[], value: string): ProposalNote[] {
  const after = parseDmarc(value);
  const before = instead.filter(isDmarcRecord).map(parseDmarc);
  const policies = before.flatMap(({ p }) => p ?? []).sort((a, b) => strengthOf(b) - strengthOf(a));
  const [strongest] = policies;
  if (strongest === undefined || after.p === null) return [];
  const weaker = strengthOf(after.p) < strengthOf(strongest);
  if (before.length > 1)
    return weaker ? [{ reason: 'policy-milder', evidence: { policies: [...new Set(policies)], kept: after.p } }] : [];
  const [only] = before;
  if (weaker || (after.testing && only?.testing === false && strongest !== 'none'))
    return [{ reason: 'policy-weaker', evidence: { policy: strongest } }];
  return [];
}

function endingNotes(instead: readonly string[], value: string): ProposalNote[] {
  const ends = instead.filter(isSpfRecord).flatMap((text) => endOf(text) ?? []);
  const kept = endOf(value);
  if (ends.length < 2 || kept === null || ends.every((end) => end === kept)) return [];
  return [{ reason: 'ending-milder', evidence: { endings: [...new Set(ends)], kept } }];
}

function endOf(record: string): string | null {
  return parseSpf(record).terms.find((term) => term.name === 'all')?.text ?? null;
}
