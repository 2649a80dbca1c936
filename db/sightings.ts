/** Where and when a probe was seen, and what its headers said then. Placement can drift, so a probe may have several sightings. */
import type { Queries } from './open.ts';
import type { ProbeFactTable, ProbeTable, SightingTable } from './schema.ts';

export async function addSighting(tx: Queries, sighting: SightingTable): Promise<void> {
  await tx.insertInto('sightings').values(sighting).execute();
}

/** All sightings of a probe, oldest first. */
export async function sightingsOf(db: Queries, probeId: string): Promise<SightingTable[]> {
  return db
    .selectFrom('sightings')
    .selectAll()
    .where('probe_id', '=', probeId)
    .orderBy('seen_at')
    .orderBy('id')
    .execute();
}

/** Monitors of one domain whose newest runs are looked at; who has more of them is seen well enough in these. */
const MOST_MONITORS = 30;
const RUNS_EACH = 3;

export type ProbeSighting = Pick<ProbeTable, 'id' | 'sender_id' | 'provider' | 'first_seen_at'> &
  Pick<ProbeFactTable, 'verified_json' | 'reported_json' | 'boundary_json' | 'hops_json' | 'disagreements_json'>;

/** The facts of probes from these senders: of the newest runs of their monitors, so that it costs the same however long the history is. */
export async function sightingsOfSenders(
  db: Queries,
  senderIds: readonly string[],
  options: { since: number; limit: number },
): Promise<ProbeSighting[]> {
  if (senderIds.length === 0) return [];
  const monitors = await db
    .selectFrom('monitors')
    .select('id')
    .where('sender_id', 'in', [...senderIds])
    .orderBy('id', 'desc')
    .limit(MOST_MONITORS)
    .execute();
  const runs: string[] = [];
  for (const { id } of monitors) {
    const newest = await db
      .selectFrom('runs')
      .select(['id', 'sender_id'])
      .where('monitor_id', '=', id)
      .where('started_at', '>=', options.since)
      .orderBy('started_at', 'desc')
      .limit(RUNS_EACH)
      .execute();
    // A monitor may have had another sender then.
    runs.push(...newest.filter((run) => senderIds.includes(run.sender_id)).map((run) => run.id));
  }
  if (runs.length === 0) return [];
  return seenProbes(db).where('probes.run_id', 'in', runs).orderBy('probes.id', 'desc').limit(options.limit).execute();
}

/** Of the probes that one plan of an audit found, the first one first. */
export async function sightingsOfPlan(db: Queries, planId: string, limit: number): Promise<ProbeSighting[]> {
  return seenProbes(db)
    .innerJoin('runs', 'runs.id', 'probes.run_id')
    .where('runs.monitor_id', '=', planId)
    .where('probes.outcome', '=', 'placed')
    .orderBy('probes.first_seen_at')
    .orderBy('probes.id')
    .limit(limit)
    .execute();
}

function seenProbes(db: Queries) {
  return db
    .selectFrom('probes')
    .innerJoin('probe_facts', 'probe_facts.probe_id', 'probes.id')
    .select(['probes.id', 'probes.sender_id', 'probes.provider', 'probes.first_seen_at'])
    .select(['verified_json', 'reported_json', 'boundary_json', 'hops_json', 'disagreements_json']);
}
