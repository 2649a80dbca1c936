/** A domain as it goes on the wire: in short as it stands in the list, and in full with its last check, what is known of its mail and the three witnesses. */
import { findDomain, findFacts } from '../../db/domains.ts';
import type { DomainTable } from '../../db/schema.ts';
import type { App } from '../app.ts';
import type { DomainCheck } from '../domain/audit.ts';
import { bulkChecklist } from '../domain/bulk-senders.ts';
import { isBeingChecked } from '../domain/check.ts';
import { recordsForJson } from '../domain/json.ts';
import type { Learned } from '../domain/learned.ts';
import { observeDomain, readLearned, readReported } from '../domain/lookup-known.ts';
import type { Observed } from '../domain/observed.ts';
import { findingKey, type Standing, unaskedKey } from '../domain/standing.ts';
import { AppError } from '../errors.ts';
import { iso, isoOrNull } from './json/basics.ts';
import type { DomainCheckJson, DomainDetailsJson, DomainJson, WitnessJson } from './json/domains.ts';

export function present(app: App, domain: DomainTable): DomainJson {
  const read = <Value>(text: string | null): Value | null => (text === null ? null : (JSON.parse(text) as Value));
  return {
    id: domain.id,
    name: domain.name,
    selectors: JSON.parse(domain.selectors_json) as string[],
    ips: JSON.parse(domain.ips_json) as string[],
    pausedAt: isoOrNull(domain.paused_at),
    state: domain.state,
    since: isoOrNull(domain.state === null ? null : domain.state_since),
    counts: read<NonNullable<DomainJson['counts']>>(domain.counts_json),
    protocols: read<NonNullable<DomainJson['protocols']>>(domain.protocols_json),
    uncheckedSince: isoOrNull(domain.unasked_since),
    checking: isBeingChecked(app, domain.id) || domain.claimed_until > app.now(),
    checkedAt: isoOrNull(domain.checked_at),
    nextCheckAt: isoOrNull(domain.next_check_at),
    createdAt: iso(domain.created_at),
    updatedAt: iso(domain.updated_at),
  };
}

export async function presentDetails(app: App, domain: DomainTable): Promise<DomainDetailsJson> {
  const facts = await findFacts(app.db, domain.id);
  const observed = await observeDomain(app, domain);
  const check = facts === null ? null : readCheck(facts.check);
  const standing = facts === null ? null : (JSON.parse(facts.standing_json) as Standing);
  const found = observed.probes > 0 ? observed : null;
  return {
    ...present(app, domain),
    check: check === null || standing === null ? null : presentCheck(check, standing),
    known: presentKnown(domain, readLearned(facts?.learned_json ?? null)),
    probes: observed.probes,
    transport: observed.transport,
    witnesses: presentWitnesses(check, observed),
    checklist: check === null ? [] : bulkChecklist(check, found),
  };
}

/** One that an older version stored has no proposals. */
function readCheck(stored: string): DomainCheck {
  const check = JSON.parse(stored) as Omit<DomainCheck, 'proposals'> & Partial<Pick<DomainCheck, 'proposals'>>;
  return { ...check, proposals: check.proposals ?? [] };
}

function presentCheck(check: DomainCheck, { keysSince, findingsSince, unaskedSince }: Standing): DomainCheckJson {
  const at = Date.parse(check.checkedAt);
  return {
    checkedAt: check.checkedAt,
    records: recordsForJson(check.records, keysSince),
    findings: check.findings.map(({ evidence, ...finding }) => ({
      ...finding,
      evidence: evidence as DomainCheckJson['findings'][number]['evidence'],
      since: iso(findingsSince[findingKey({ ...finding, evidence })] ?? at),
    })),
    proposals: check.proposals as DomainCheckJson['proposals'],
    unasked: check.unasked.map((one) => ({ ...one, since: iso(unaskedSince[unaskedKey(one)] ?? at) })),
    unconfirmed: check.unconfirmed.map((one) => ({ ...one, since: iso(one.since) })),
  };
}

function presentKnown(domain: DomainTable, learned: Learned): DomainDetailsJson['known'] {
  const given = {
    selectors: JSON.parse(domain.selectors_json) as string[],
    ips: JSON.parse(domain.ips_json) as string[],
  };
  const reported = readReported(domain.reported_json);
  const both = (first: string[], second: Record<string, unknown>) => [...new Set([...first, ...Object.keys(second)])];
  const seen = <Value>(from: Record<string, Value>, key: string) => (Object.hasOwn(from, key) ? from[key] : undefined);
  return {
    selectors: both(given.selectors, { ...learned.selectors, ...reported }).map((selector) => {
      const seenAt = seen(learned.selectors, selector);
      return {
        selector,
        source: given.selectors.includes(selector) ? 'given' : seenAt === undefined ? 'reported' : 'seen',
        seenAt: isoOrNull(seenAt ?? seen(reported, selector) ?? null),
      };
    }),
    ips: both(given.ips, learned.ips).map((ip) => ({
      ip,
      source: given.ips.includes(ip) ? ('given' as const) : ('seen' as const),
      helo: seen(learned.ips, ip)?.helo ?? null,
      seenAt: isoOrNull(seen(learned.ips, ip)?.at ?? null),
    })),
  };
}

function presentWitnesses(check: DomainCheck | null, { witnesses }: Observed): WitnessJson[] {
  const { spf, dkim, dmarc } = check?.records ?? {};
  const published = {
    spf: spf?.records ?? [],
    dkim: (dkim ?? []).flatMap(({ record }) => (record === null ? [] : [record])),
    dmarc: dmarc?.record ? [dmarc.record] : [],
  };
  return witnesses.map(({ mechanism, verified, reported }) => ({
    mechanism,
    published: published[mechanism],
    verified,
    reported: reported as WitnessJson['reported'],
  }));
}

export async function requireDomain(app: App, id: string): Promise<DomainTable> {
  const domain = await findDomain(app.db, id);
  if (!domain) throw new AppError('not-found', 'There is no such domain.');
  return domain;
}
