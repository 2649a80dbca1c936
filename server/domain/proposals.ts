/**
 * What to publish, once for each name. Every finding about a record proposes one that mends its own fault and leaves the others in; whoever published them one after
 * the other would undo each with the next. So they are made one: a proposal is published in thought, the domain is judged as it would then be, the next is taken
 * from that judgement, until nothing is left that can be mended. What is promised to go away was seen to go away, and a repair that would raise something else
 * is left out. Where two repairs contradict, the one that loses less mail wins, and the proposal says so.
 *
 * Pure, but for `rejudge`, which it is handed.
 */
import { type DiffLine, diffRecords } from './diff.ts';
import { isDmarcRecord, looksLikeDmarc, parseDmarc, strengthOf } from './dmarc.ts';
import { isSpfRecord, looksLikeSpf, parseSpf } from './spf.ts';
import { type Evidence, type Finding, type Fix, type Protocol, SEVERITIES, type Severity } from './types.ts';

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

/** A record published in thought: it takes the place of all of its kind at that name. */
export type Imagined = { name: string; value: string };

export type Thought = {
  /** The findings as they would be. */
  rejudge: (published: readonly Imagined[]) => Promise<Finding[]>;
  /** TXT records at a name; null: not known, or an alias, beside which nothing may stand. */
  standing: (name: string) => Promise<string[] | null>;
};

/** Each costs a judgement. */
const MOST_STEPS = 24;
const MOST_ATTEMPTS = 8;

/** Steps a person takes after this one, with open eyes; they are told of, and not taken along. */
const NEXT_STEPS: ReadonlySet<string> = new Set([
  // A domain begins with `none` and reads its reports.
  'dmarc-policy-none',
  // `t=y` says what `pct=0` meant.
  'dmarc-testing',
  // The proposed address has to be made anyway.
  'dmarc-report-undeliverable',
  'tlsrpt-rua-undeliverable',
]);
/** What is left of a fault when it is as small as it can be made. */
const LESSER: Readonly<Record<string, string>> = {
  'spf-lookups-near-limit': 'spf-too-many-lookups',
  'spf-void-lookups': 'spf-too-many-void-lookups',
};
/** A policy that gets stronger can cost good mail. */
const STRENGTHENING: ReadonlySet<string> = new Set(['dmarc-policy-none', 'dmarc-testing', 'dmarc-subdomains-exposed']);
/** While one of these stands, nobody knows what mail that would be. */
const BLIND: ReadonlySet<string> = new Set([
  'dmarc-alignment-failing',
  'dmarc-no-reports',
  'dmarc-report-address-invalid',
  'dmarc-report-undeliverable',
  'dmarc-report-unauthorized',
]);
/** Last: others may make them needless, or have to be known before. */
const LAST: ReadonlySet<string> = new Set(['spf-too-many-lookups', ...STRENGTHENING]);

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

function isText(finding: Finding): finding is Finding & { fix: { value: string } } {
  return finding.fix?.type === 'TXT' && finding.fix.value !== null;
}

type Held = ReadonlyMap<string, Evidence>;

/** Repairs that wait, and for what. */
function holdBack(findings: readonly Finding[]): Held {
  const held = new Map<string, Evidence>();
  const blind = findings.find(({ id }) => BLIND.has(id));
  // `pct=0` and `t=y` ask for the same: to be spared. Without both the policy would bite at once.
  const spared = findings.find(({ id, evidence }) => id === 'dmarc-tag-removed' && evidence.percent === '0');
  // From nothing to the strictest is two steps.
  const first = findings.find(({ id }) => id === 'dmarc-policy-none');
  const before: Record<string, Finding | undefined> = { 'dmarc-testing': spared, 'dmarc-subdomains-exposed': first };
  for (const { id } of findings) {
    const because = blind ?? before[id];
    if (STRENGTHENING.has(id) && because !== undefined) held.set(id, { finding: id, because: because.id });
  }
  return held;
}

type Merged = {
  records: Map<string, string>;
  /** Names that a record of these needs. */
  needed: ReadonlySet<string>;
  after: readonly Finding[];
};

async function merge(findings: readonly Finding[], held: Held, thought: Thought): Promise<Merged> {
  const banned = new Set<string>();
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const tried = await mendAll(findings, (finding) => held.has(finding.id) || banned.has(keyOf(finding)), thought);
    if (tried.harm.size === 0) return tried;
    for (const key of tried.harm) banned.add(key);
  }
  return { records: new Map(), needed: new Set(), after: findings };
}

/** Repair after repair. `harm`: keys of findings whose repair does not mend them, or raises something else that cannot be mended. */
async function mendAll(
  findings: readonly Finding[],
  isHeld: (finding: Finding) => boolean,
  thought: Thought,
): Promise<Merged & { harm: ReadonlySet<string> }> {
  const records = new Map<string, string>();
  const needed = new Set<string>();
  const harm = new Set<string>();
  /** Which of the findings there were at first is to blame for one that came up. */
  const origins = new Map<string, string>();
  const blame = (key: string): string => origins.get(key) ?? key;
  const tried = new Set<string>();
  const aliased = new Set<string>();
  let after = findings;
  for (let step = 0; step < MOST_STEPS; step++) {
    const wanted = after.filter(
      (finding) =>
        isText(finding) &&
        !isHeld(finding) &&
        !harm.has(blame(keyOf(finding))) &&
        !aliased.has(finding.fix.name) &&
        !tried.has(`${finding.fix.name} ${finding.fix.value}`) &&
        !isNext(finding, findings),
    );
    const finding = wanted.find(({ id }) => !LAST.has(id)) ?? wanted[0];
    if (finding === undefined || !isText(finding)) break;
    const { name, value } = finding.fix;
    tried.add(`${name} ${value}`);
    if ((await thought.standing(name)) === null) {
      aliased.add(name);
      continue;
    }
    records.set(name, value);
    for (const more of alongside(finding)) {
      records.set(more.name, more.value);
      needed.add(more.name);
    }
    const before = after;
    after = await thought.rejudge([...records].map(([at, text]) => ({ name: at, value: text })));
    const key = keyOf(finding);
    if (countOf(after, key) >= countOf(before, key)) harm.add(blame(key));
    for (const raised of after)
      if (countOf(before, keyOf(raised)) === 0 && !origins.has(keyOf(raised))) origins.set(keyOf(raised), blame(key));
  }
  for (const raised of raisedIn(after, findings)) if (!isNext(raised, findings)) harm.add(blame(keyOf(raised)));
  return { records, needed, after, harm };
}

/** Records of other names that come with it: the parts of an SPF record that was written out. */
function alongside({ id, evidence }: Finding): Imagined[] {
  if (id !== 'spf-too-many-lookups' || !Array.isArray(evidence.records)) return [];
  return evidence.records.flatMap((line: string) => {
    const [, name, value] = /^(\S+) TXT "(.*)"$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [{ name, value }];
  });
}

/** What matters and was not there as often before. */
function raisedIn(after: readonly Finding[], before: readonly Finding[]): Finding[] {
  const left = new Map<string, number>();
  for (const { id } of before) left.set(id, (left.get(id) ?? 0) + 1);
  return after.filter(({ id, severity }) => {
    const count = left.get(id) ?? 0;
    left.set(id, count - 1);
    // A name that gives no answer says nothing about the record.
    return count <= 0 && severity !== 'info' && id !== 'spf-include-unreachable';
  });
}

/** Came up by a repair, and is no harm done by it. */
function isNext({ id }: Finding, before: readonly Finding[]): boolean {
  if (before.some((one) => one.id === id)) return false;
  return NEXT_STEPS.has(id) || before.some((one) => one.id === LESSER[id]);
}

/** The same finding about the same thing, wherever in the record it stands by now. */
function keyOf({ id, evidence }: Finding): string {
  const about = ['domain', 'name', 'selector', 'ip', 'host', 'target', 'tag', 'address', 'uri'] as const;
  return JSON.stringify([id, ...about.map((key) => evidence[key] ?? null)]);
}

function countOf(findings: readonly Finding[], key: string): number {
  return findings.filter((finding) => keyOf(finding) === key).length;
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
  return finding.fix?.type === 'TXT' ? { ...finding.fix, value: null } : finding.fix;
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

/** What is to be known of the proposals, at the one it is about. */
function annotate(
  proposals: readonly Proposal[],
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
    return [{ reason: 'policy-weaker', evidence: { before: strongest, after: after.p, testing: after.testing } }];
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
