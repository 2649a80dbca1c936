/** Reads what is known of a domain besides DNS: what the user gave, what probes showed of its mail, what earlier checks found. */
import { lastChangeAt, senderAddresses } from '../../db/domains.ts';
import type { DomainTable } from '../../db/schema.ts';
import { type ProbeSighting, sightingsOfSenders } from '../../db/sightings.ts';
import type { App } from '../app.ts';
import { domainOf } from '../authentication/alignment.ts';
import type {
  Boundary,
  Disagreement,
  Hop,
  ReportedAuthentication,
  VerifiedAuthentication,
} from '../authentication/types.ts';
import { type Learned, learn, NOTHING_LEARNED, type Reported } from './learned.ts';
import { isUnder } from './name.ts';
import { type Observed, observe, type SeenProbe } from './observed.ts';
import type { History, Known } from './types.ts';

export type Gained = { known: Known; learned: Learned };

/** Mail older than this says nothing about today. */
const LOOK_BACK_MS = 14 * 86_400_000;
const MOST_PROBES = 200;

export async function gatherKnown(
  app: Pick<App, 'db' | 'now'>,
  now: number,
  domain: DomainTable,
  learnedJson: string | null,
  history: History,
): Promise<Gained> {
  const observed = await observeDomain(app, domain);
  const learned = learn(readLearned(learnedJson), observed, now);
  const given = JSON.parse(domain.selectors_json) as string[];
  const told = new Set([...given, ...Object.keys(learned.selectors)]);
  const helos = Object.entries(learned.ips).flatMap(([ip, { helo }]) => (helo === null ? [] : [[ip, helo] as const]));
  return {
    learned,
    known: {
      domain: domain.name,
      now,
      selectors: [
        ...given.map((selector) => ({ selector, source: 'given' as const })),
        ...Object.keys(learned.selectors)
          .filter((selector) => !given.includes(selector))
          .map((selector) => ({ selector, source: 'seen' as const })),
        ...Object.keys(readReported(domain.reported_json))
          .filter((selector) => !told.has(selector))
          .map((selector) => ({ selector, source: 'reported' as const })),
      ],
      ips: [...new Set([...(JSON.parse(domain.ips_json) as string[]), ...Object.keys(learned.ips)])],
      helos: Object.fromEntries(helos),
      history,
      observed: observed.mails,
    },
  };
}

/** What probes showed of the domain's mail, since its records are what they are. */
export async function observeDomain(
  app: Pick<App, 'db' | 'now'>,
  domain: Pick<DomainTable, 'id' | 'name'>,
): Promise<Observed> {
  const senders = (await senderAddresses(app.db)).filter(({ from_address }) =>
    isUnder(domainOf(from_address), domain.name),
  );
  const names = new Map(senders.map(({ id, from_address }) => [id, domainOf(from_address)]));
  const rows = await sightingsOfSenders(app.db, [...names.keys()], {
    since: app.now() - LOOK_BACK_MS,
    limit: MOST_PROBES,
  });
  const since = (await lastChangeAt(app.db, domain.id, ['spf', 'dkim', 'dmarc'])) ?? 0;
  return observe(
    domain.name,
    rows.map((row) => readSighting(row, names.get(row.sender_id) ?? '')),
    since,
  );
}

export function readReported(text: string): Reported {
  return JSON.parse(text) as Reported;
}

export function readLearned(text: string | null): Learned {
  return text === null ? NOTHING_LEARNED : (JSON.parse(text) as Learned);
}

export function readSighting(row: ProbeSighting, fromDomain: string): SeenProbe {
  const read = <Value>(text: string | null): Value | null => (text === null ? null : (JSON.parse(text) as Value));
  return {
    probeId: row.id,
    provider: row.provider,
    seenAt: row.first_seen_at ?? 0,
    fromDomain,
    verified: read<VerifiedAuthentication>(row.verified_json),
    reported: read<ReportedAuthentication>(row.reported_json),
    boundary: read<{ boundary: Boundary }>(row.boundary_json)?.boundary ?? null,
    hops: read<Hop[]>(row.hops_json) ?? [],
    disagreements: read<Disagreement[]>(row.disagreements_json) ?? [],
  };
}
