/**
 * What is wrong with a domain's DMARC record, read as receivers read it now (RFC 9989) and as older ones still do (RFC 7489), and with the mail that was
 * seen under it.
 *
 * Long because it is one list: every rule about DMARC, in the order of the catalogue.
 */
import { getPublicSuffix } from 'tldts';
import { isAligned } from '../authentication/alignment.ts';
import {
  DMARC_TAGS,
  type DmarcRecord,
  type Policy,
  parseDmarc,
  REMOVED_TAGS,
  repairDmarc,
  rewriteDmarc,
  strengthOf,
} from './dmarc.ts';
import type { DmarcFacts } from './dmarc-facts.ts';
import { type FindingId, raise } from './findings.ts';
import { isUnder } from './name.ts';
import type { Tag } from './tags.ts';
import type { Evidence, Finding, Fix, Known } from './types.ts';

/** After this long without a stronger policy, reports were either not read or not acted on. */
const LONG_MS = 92 * 24 * 3_600_000;
/** RFC 7489 §6.2 let receivers stop after two. */
const MOST_REPORTS = 2;

export function judgeDmarc(facts: DmarcFacts, known: Known): Finding[] {
  const { shown, parsed } = facts;
  const lost = shown.steps.find((step) => step.result === 'unasked');
  const unasked = lost ? [raise('dmarc-unasked', { name: lost.name, status: lost.status })] : [];
  if (facts.asked === 'unasked') return unasked;
  const several = judgeSeveral(facts);
  if (parsed === null) return [...unasked, ...several, ...judgeMissing(facts, known, several.length > 0)];
  const write = writer(facts);
  return [
    ...unasked,
    ...several,
    ...judgePlace(facts, known),
    ...judgeSyntax(parsed, write),
    ...judgePolicy(facts, parsed, known, write),
    ...judgeReports(facts, parsed, write),
    ...judgeAlignment(facts, parsed, known),
  ];
}

/** Evidence about a part of the record, and a record to publish instead. */
type Write = (
  id: FindingId,
  tag: { start: number; end: number } | null | undefined,
  more?: Evidence,
  change?: ((tags: Tag[]) => { name: string; value: string }[]) | null,
) => Finding;

function writer({ shown, parsed }: DmarcFacts): Write {
  const name = `_dmarc.${shown.policyDomain}`;
  // Behind an alias the record is somebody else's to change: a TXT record beside it would only break the alias.
  const alias = shown.steps.find((step) => step.domain === shown.policyDomain)?.alias ?? null;
  return (id, tag, more = {}, change = null) => {
    const place: Evidence = tag ? { start: tag.start, end: tag.end } : {};
    const fix: Fix | null =
      change === null || parsed === null || alias !== null
        ? null
        : { name, type: 'TXT', value: rewriteDmarc(change(readable(parsed))) };
    return raise(id, { domain: shown.policyDomain, name, record: shown.record, alias, ...place, ...more }, fix);
  };
}

/** Every proposal begins with what can be read: policies mended, values that cannot be left out. */
function readable(parsed: DmarcRecord): Tag[] {
  return parsed.tags.flatMap((tag) => {
    if (!parsed.invalid.includes(tag)) return [tag];
    return tag.name === 'p' ? [{ ...tag, value: nearest(tag.value) }] : [];
  });
}

function judgeSeveral({ shown }: DmarcFacts): Finding[] {
  // Those above a record that applies do not matter.
  const last = shown.steps.findIndex((step) => step.domain === shown.policyDomain);
  return shown.steps
    .filter((step, i) => step.result === 'several' && (last < 0 || i < last))
    .map((step) =>
      raise(
        'dmarc-multiple',
        { domain: step.domain, name: step.name, records: step.records, count: step.records.length },
        merged(step.name, step.records),
      ),
    );
}

/** One record: the mildest policy of all, so that no good mail is lost by it, and all addresses. */
function merged(name: string, records: readonly string[]): Fix | null {
  const parsed = records.map(parseDmarc);
  const [first] = parsed;
  if (!first || parsed.some((record) => record.p === null || record.problems.length > 0)) return null;
  const p = parsed.map((record) => record.p ?? 'none').sort((a, b) => strengthOf(a) - strengthOf(b))[0] ?? 'none';
  const addresses = (kind: 'rua' | 'ruf'): { name: string; value: string }[] => {
    const all = new Set(
      parsed.flatMap((record) => record.reports.filter((report) => report.kind === kind).map((report) => report.text)),
    );
    return all.size === 0 ? [] : [{ name: kind, value: [...all].join(',') }];
  };
  const rest = first.tags.filter((tag) => !['v', 'p', 'rua', 'ruf'].includes(tag.name) && !isRemoved(tag.name));
  return {
    name,
    type: 'TXT',
    value: rewriteDmarc([{ name: 'p', value: p }, ...rest, ...addresses('rua'), ...addresses('ruf')]),
  };
}

function judgeMissing(facts: DmarcFacts, { domain }: Known, several: boolean): Finding[] {
  const name = `_dmarc.${domain}`;
  const [meant] = facts.mistaken;
  const found: Finding[] = [];
  if (meant !== undefined) {
    const repaired = repairDmarc(meant);
    const fix: Fix | null = repaired === null ? null : { name, type: 'TXT', value: repaired };
    found.push(
      raise('dmarc-not-recognised', { domain, name, record: meant, start: 0, end: Math.min(8, meant.length) }, fix),
    );
  }
  const [misplaced] = facts.misplaced;
  if (misplaced !== undefined)
    found.push(
      raise('dmarc-wrong-place', { domain, name, record: misplaced }, { name, type: 'TXT', value: misplaced }),
    );
  if (facts.unrelated.length > 0) found.push(unrelated(facts, domain));
  if (several || found.some((finding) => finding.id !== 'dmarc-unrelated-text')) return found;
  const value = rewriteDmarc([
    { name: 'p', value: 'none' },
    { name: 'rua', value: `mailto:dmarc-reports@${domain}` },
  ]);
  return [
    raise(
      'dmarc-missing',
      { domain, name, steps: facts.shown.steps.map((step) => step.name) },
      { name, type: 'TXT', value },
    ),
    ...found,
  ];
}

function unrelated(facts: DmarcFacts, domain: string): Finding {
  return raise('dmarc-unrelated-text', {
    domain,
    name: `_dmarc.${domain}`,
    records: facts.unrelated,
    count: facts.unrelated.length,
  });
}

function judgePlace(facts: DmarcFacts, { domain }: Known): Finding[] {
  const { shown, parsed } = facts;
  const found: Finding[] = [];
  if (facts.inherited)
    found.push(
      raise('dmarc-inherited', {
        domain,
        name: `_dmarc.${shown.policyDomain}`,
        policyDomain: shown.policyDomain,
        record: shown.record,
      }),
    );
  if (facts.unrelated.length > 0) found.push(unrelated(facts, domain));
  const { newer, older } = shown.readings;
  if (newer !== null && older !== null && newer.organization !== older.organization)
    found.push(raise('dmarc-organization-differs', { domain, newer: newer.organization, older: older.organization }));
  const { policyDomain } = shown;
  if (
    parsed?.psd === 'y' &&
    policyDomain !== null &&
    getPublicSuffix(policyDomain, { allowPrivateDomains: true }) !== policyDomain
  )
    found.push(writer(facts)('dmarc-psd', tagIn(parsed, 'psd'), {}, without('psd')));
  return found;
}

function judgeSyntax(parsed: DmarcRecord, write: Write): Finding[] {
  const found: Finding[] = [];
  const twice = parsed.problems.filter((problem) => problem.problem === 'tag-twice');
  const broken = parsed.problems.filter((problem) => problem.problem !== 'tag-twice');
  const list = (all: readonly { text: string }[]): Evidence => ({
    terms: all.map((one) => one.text),
    count: all.length,
  });
  const keep = parsed.p === null ? null : (tags: Tag[]): Tag[] => tags;
  const [firstTwice] = twice;
  if (firstTwice) found.push(write('dmarc-tag-duplicate', firstTwice, { term: firstTwice.text, ...list(twice) }, keep));
  const [firstBroken] = broken;
  if (firstBroken)
    found.push(
      write(
        'dmarc-syntax',
        firstBroken,
        { term: firstBroken.text, problem: firstBroken.problem, ...list(broken) },
        keep,
      ),
    );
  const unknown = parsed.tags.filter((tag) => !isKnown(tag.name) && !isRemoved(tag.name));
  const [firstUnknown] = unknown;
  if (firstUnknown) {
    const names = unknown.map((tag) => tag.name);
    found.push(
      write('dmarc-tag-unknown', firstUnknown, { term: firstUnknown.name, terms: names, count: names.length }, (tags) =>
        tags.filter((tag) => !names.includes(tag.name)),
      ),
    );
  }
  for (const tag of parsed.invalid.filter((one) => !['p', 'sp', 'np'].includes(one.name)))
    found.push(
      write(
        'dmarc-tag-invalid',
        tag,
        { term: `${tag.name}=${tag.value}`, tag: tag.name, value: tag.value },
        (tags) => tags,
      ),
    );
  return found;
}

function judgePolicy({ shown, inherited }: DmarcFacts, parsed: DmarcRecord, known: Known, write: Write): Finding[] {
  const found: Finding[] = [];
  const add = (...finding: Parameters<Write>): void => void found.push(write(...finding));
  const { newer, older } = shown.readings;
  const policy = parsed.policies?.p ?? null;
  const wrong = parsed.invalid.filter((tag) => ['p', 'sp', 'np'].includes(tag.name));
  const [firstWrong] = wrong;
  const monitored = parsed.policies !== null;
  if (firstWrong)
    add(
      'dmarc-policy-invalid',
      firstWrong,
      { term: `${firstWrong.name}=${firstWrong.value}`, tag: firstWrong.name, value: firstWrong.value, monitored },
      (tags) => tags,
    );
  const p = tagIn(parsed, 'p');
  if (p === null) add('dmarc-policy-missing', null, { monitored }, (tags) => [{ name: 'p', value: 'none' }, ...tags]);
  else if (parsed.tags[1] !== p) add('dmarc-policy-not-second', p, {}, (tags) => tags);

  const removed = parsed.tags.filter((tag) => isRemoved(tag.name));
  const [firstRemoved] = removed;
  if (firstRemoved) {
    const percent = removed.find((tag) => tag.name === 'pct')?.value ?? null;
    add(
      'dmarc-tag-removed',
      firstRemoved,
      {
        term: `${firstRemoved.name}=${firstRemoved.value}`,
        terms: removed.map((tag) => `${tag.name}=${tag.value}`),
        percent,
        policy,
        newer: newer?.policy ?? null,
        older: older?.policy ?? null,
        olderPercent: older?.percent ?? null,
      },
      // pct=0 was how one said "testing" before there was a word for it (RFC 9989 appendix A.7).
      (tags) => [
        ...tags.filter((tag) => !isRemoved(tag.name) && !(percent === '0' && tag.name === 't')),
        ...(percent === '0' ? [{ name: 't', value: 'y' }] : []),
      ],
    );
  }
  if (parsed.testing && policy !== null && policy !== 'none')
    add(
      'dmarc-testing',
      tagIn(parsed, 't'),
      { policy, newer: newer?.policy ?? null, older: older?.policy ?? null },
      without('t'),
    );

  const applied = newer?.policy ?? (inherited ? (parsed.policies?.sp ?? policy) : policy);
  const chosen = inherited && parsed.sp !== null ? tagIn(parsed, 'sp') : p;
  if (applied === 'none' && firstWrong === undefined && p !== null && !parsed.testing)
    add('dmarc-policy-none', chosen, { policy: applied }, (tags) =>
      tags.map((tag) => (tag === chosen ? { name: tag.name, value: 'quarantine' } : tag)),
    );
  const since = known.history.policyNoneSince;
  if (applied === 'none' && since !== null && known.now - since > LONG_MS)
    add('dmarc-policy-none-for-long', chosen, {
      since: new Date(since).toISOString(),
      days: Math.floor((known.now - since) / 86_400_000),
    });

  if (parsed.policies !== null && policy !== null) {
    const { sp, np } = parsed.policies;
    const atTop = inherited || shown.organizationalDomain === null || shown.policyDomain === shown.organizationalDomain;
    if (!atTop && (sp !== null || np !== null))
      add('dmarc-subdomain-policy-ignored', tagIn(parsed, sp !== null ? 'sp' : 'np'), {}, (tags) =>
        tags.filter((tag) => tag.name !== 'sp' && tag.name !== 'np'),
      );
    else {
      const weaker = (other: Policy | null): boolean => other !== null && strengthOf(other) < strengthOf(policy);
      if (weaker(sp)) add('dmarc-subdomains-exposed', tagIn(parsed, 'sp'), { policy, value: sp }, without('sp'));
      if (weaker(np)) add('dmarc-nonexistent-exposed', tagIn(parsed, 'np'), { policy, value: np }, without('np'));
    }
  }
  return found;
}

/** What a mistyped policy was meant to be; where that is not plain, `none`, which harms no mail. */
function nearest(value: string): Policy {
  const text = value.toLowerCase();
  if (/^rej/.test(text)) return 'reject';
  return /^(?:quar|qaur|quan)/.test(text) ? 'quarantine' : 'none';
}

function judgeReports({ shown }: DmarcFacts, parsed: DmarcRecord, write: Write): Finding[] {
  const found: Finding[] = [];
  const owner = shown.policyDomain ?? '';
  const own = { name: 'rua', value: `mailto:dmarc-reports@${owner}` };
  const aggregate = shown.reports.filter((report) => report.kind === 'rua');
  if (tagIn(parsed, 'rua') === null) found.push(write('dmarc-no-reports', null, {}, (tags) => [...tags, own]));
  if (tagIn(parsed, 'fo') !== null && tagIn(parsed, 'ruf') === null)
    found.push(write('dmarc-failure-options-unused', tagIn(parsed, 'fo'), {}, without('fo')));
  if (aggregate.length > MOST_REPORTS)
    found.push(write('dmarc-reports-many', tagIn(parsed, 'rua'), { count: aggregate.length, limit: MOST_REPORTS }));
  const replaced = (report: (typeof shown.reports)[number], text: string) => (tags: Tag[]) =>
    tags.map((tag) =>
      tag.name === report.kind ? { name: tag.name, value: tag.value.replace(report.text, text) } : tag,
    );
  for (const report of shown.reports) {
    const evidence = { kind: report.kind, address: report.address ?? report.text, host: report.host };
    if (report.address === null) {
      const mended = /^[^\s@:]+@[^\s@:]+\.[^\s@:]+$/.test(report.text)
        ? replaced(report, `mailto:${report.text}`)
        : null;
      found.push(write('dmarc-report-address-invalid', report, evidence, mended));
      continue;
    }
    if (report.size !== null)
      found.push(
        write(
          'dmarc-report-size-limit',
          report,
          { ...evidence, value: report.size },
          replaced(report, report.text.replace(/![^!]*$/, '')),
        ),
      );
    if (report.deliverable === false) found.push(write('dmarc-report-undeliverable', report, evidence));
    else if (report.authorized === false && report.authorizationName !== null) {
      const finding = write('dmarc-report-unauthorized', report, evidence);
      // Not the domain's own record is at fault: the other side has to publish this one.
      found.push({ ...finding, fix: { name: report.authorizationName, type: 'TXT', value: 'v=DMARC1;' } });
    }
  }
  return found;
}

function judgeAlignment({ shown }: DmarcFacts, parsed: DmarcRecord, { domain, observed }: Known): Finding[] {
  const organization = shown.organizationalDomain ?? undefined;
  const mode = (letter: 'r' | 's'): 'relaxed' | 'strict' => (letter === 's' ? 'strict' : 'relaxed');
  const counts = { failing: 0, spfOnly: 0, dkimOnly: 0, total: 0 };
  const seen = { failing: new Set<string>(), spfOnly: new Set<string>(), dkimOnly: new Set<string>() };
  for (const mail of observed) {
    if (!isUnder(mail.fromDomain, domain)) continue;
    const aligned = (name: string, letter: 'r' | 's'): boolean =>
      isAligned(name, mail.fromDomain, mode(letter), organization);
    const spf = mail.spf?.result === 'pass' && aligned(mail.spf.domain, parsed.aspf);
    const dkim = mail.dkim.some((signature) => signature.result === 'pass' && aligned(signature.domain, parsed.adkim));
    counts.total += mail.count;
    if (spf && dkim) continue;
    const kind = spf ? 'spfOnly' : dkim ? 'dkimOnly' : 'failing';
    counts[kind] += mail.count;
    if (mail.spf) seen[kind].add(`SPF ${mail.spf.domain} ${mail.spf.result}`);
    for (const signature of mail.dkim) seen[kind].add(`DKIM ${signature.domain} ${signature.result}`);
  }
  const evidence = (kind: keyof typeof seen): Evidence => ({
    domain,
    count: counts[kind],
    total: counts.total,
    seen: [...seen[kind]],
    adkim: mode(parsed.adkim),
    aspf: mode(parsed.aspf),
  });
  const found: Finding[] = [];
  if (counts.failing > 0) found.push(raise('dmarc-alignment-failing', evidence('failing')));
  if (counts.spfOnly > 0) found.push(raise('dmarc-alignment-spf-only', evidence('spfOnly')));
  if (counts.dkimOnly > 0) found.push(raise('dmarc-alignment-dkim-only', evidence('dkimOnly')));
  return found;
}

function tagIn(parsed: DmarcRecord, name: string): Tag | null {
  return parsed.tags.find((tag) => tag.name === name) ?? null;
}

const without =
  (name: string) =>
  (tags: Tag[]): Tag[] =>
    tags.filter((tag) => tag.name !== name);

const isKnown = (name: string): boolean => DMARC_TAGS.some((tag) => tag === name);
const isRemoved = (name: string): boolean => REMOVED_TAGS.some((tag) => tag === name);
