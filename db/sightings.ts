/** Where and when a probe was seen. Placement can drift, so a probe may have several sightings. */
import type { Queries } from './open.ts';
import type { SightingTable } from './schema.ts';

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
