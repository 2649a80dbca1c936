/**
 * Repair after repair, each published in thought and judged, until nothing is left that can be mended. A repair that does not mend what it is for, or raises
 * something else that cannot be mended, is left out, and all is begun again without it. Pure, but for `rejudge`, which it is handed.
 */
import type { Evidence, Finding } from './types.ts';

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

export function isText(finding: Finding): finding is Finding & { fix: { value: string } } {
  return finding.fix?.type === 'TXT' && finding.fix.value !== null;
}

export type Held = ReadonlyMap<string, Evidence>;

/** Repairs that wait, and for what. */
export function holdBack(findings: readonly Finding[]): Held {
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

export type Merged = {
  records: Map<string, string>;
  /** Names that a record of these needs. */
  needed: ReadonlySet<string>;
  after: readonly Finding[];
};

export async function merge(findings: readonly Finding[], held: Held, thought: Thought): Promise<Merged> {
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
export function raisedIn(after: readonly Finding[], before: readonly Finding[]): Finding[] {
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
export function isNext({ id }: Finding, before: readonly Finding[]): boolean {
  if (before.some((one) => one.id === id)) return false;
  return NEXT_STEPS.has(id) || before.some((one) => one.id === LESSER[id]);
}

/** The same finding about the same thing, wherever in the record it stands by now. */
export function keyOf({ id, evidence }: Finding): string {
  const about = ['domain', 'name', 'selector', 'ip', 'host', 'target', 'tag', 'address', 'uri'] as const;
  return JSON.stringify([id, ...about.map((key) => evidence[key] ?? null)]);
}

function countOf(findings: readonly Finding[], key: string): number {
  return findings.filter((finding) => keyOf(finding) === key).length;
}
