/** Seeds and their tags. What reading them learns stands in readings.ts. */
import { sql, type Updateable } from 'kysely';
import type { Protocol, ProviderId } from '../server/seed/types.ts';
import type { Queries } from './open.ts';
import { outstandingProbes, stepProbe } from './probes.ts';
import type { SeedTable } from './schema.ts';
import { containing } from './senders.ts';

export async function insertSeed(db: Queries, seed: SeedTable): Promise<void> {
  await db.insertInto('seeds').values(seed).execute();
}

export async function findSeed(db: Queries, id: string): Promise<SeedTable | undefined> {
  return db.selectFrom('seeds').selectAll().where('id', '=', id).executeTakeFirst();
}

export type SeedFilter = {
  search?: string | undefined;
  provider?: ProviderId | undefined;
  tag?: string | undefined;
  unreadable?: boolean | undefined;
};

/** In the order in which they were made. `cursor` is the id of the last one of the page before. */
export async function listSeeds(
  db: Queries,
  options: SeedFilter & { cursor?: string | undefined; limit: number },
): Promise<SeedTable[]> {
  let query = db.selectFrom('seeds').selectAll().orderBy('id').limit(options.limit);
  if (options.cursor) query = query.where('id', '>', options.cursor);
  if (options.search) query = query.where(sql<boolean>`lower(address) LIKE ${containing(options.search)} ESCAPE '!'`);
  if (options.provider) query = query.where('provider', '=', options.provider);
  if (options.unreadable !== undefined)
    query = query.where('unreadable_since', options.unreadable ? 'is not' : 'is', null);
  const { tag } = options;
  if (tag !== undefined)
    query = query.where('id', 'in', (eb) => eb.selectFrom('seed_tags').select('seed_id').where('tag', '=', tag));
  return query.execute();
}

/** Every address with its protocol: what an import must not add twice. */
export async function seedIdentities(db: Queries): Promise<{ address: string; protocol: Protocol }[]> {
  return db.selectFrom('seeds').select(['address', 'protocol']).execute();
}

/** The seed with this address (whatever its case) and protocol. */
export async function findSeedByAddress(
  db: Queries,
  address: string,
  protocol: Protocol,
): Promise<SeedTable | undefined> {
  return db
    .selectFrom('seeds')
    .selectAll()
    .where(sql<string>`lower(address)`, '=', address.toLowerCase())
    .where('protocol', '=', protocol)
    .executeTakeFirst();
}

/** Seeds by hand and by tag, each once, without paused ones. */
export async function chosenSeeds(db: Queries, ids: readonly string[], tags: readonly string[]): Promise<SeedTable[]> {
  return db
    .selectFrom('seeds')
    .selectAll()
    .where('paused_at', 'is', null)
    .where((eb) =>
      eb.or([
        ids.length > 0 ? eb('id', 'in', [...ids]) : eb.lit(false),
        tags.length > 0
          ? eb(
              'id',
              'in',
              eb
                .selectFrom('seed_tags')
                .select('seed_id')
                .where('tag', 'in', [...tags]),
            )
          : eb.lit(false),
      ]),
    )
    .orderBy('id')
    .execute();
}

/** Which of these ids are none of ours. */
export async function missingSeeds(db: Queries, ids: string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await db.selectFrom('seeds').select('id').where('id', 'in', ids).execute();
  const found = new Set(rows.map((row) => row.id));
  return ids.filter((id) => !found.has(id));
}

export async function updateSeed(
  db: Queries,
  id: string,
  change: Updateable<SeedTable> & { updated_at: number },
): Promise<void> {
  await db.updateTable('seeds').set(change).where('id', '=', id).execute();
}

/** Forgets how far each folder was read: the account behind the seed is another now. */
export async function forgetFolders(db: Queries, seedId: string): Promise<void> {
  await db.deleteFrom('seed_folders').where('seed_id', '=', seedId).execute();
}

/** Its probes stay: they are history. Those still under way are not sent and not looked for any more. */
export async function deleteSeed(tx: Queries, id: string, now: number): Promise<void> {
  for (const probe of await outstandingProbes(tx, id))
    await stepProbe(tx, probe.id, ['queued', 'deferred', 'accepted'], {
      outcome: 'unknown',
      reason: 'seed-unreadable',
      next_send_at: null,
      next_look_at: null,
      updated_at: now,
    });
  await tx
    .updateTable('probes')
    .set({ next_look_at: null, updated_at: now })
    .where('seed_id', '=', id)
    .where('next_look_at', 'is not', null)
    .execute();
  await tx.deleteFrom('seeds').where('id', '=', id).execute();
}

export async function setTags(tx: Queries, seedId: string, tags: string[]): Promise<void> {
  await tx.deleteFrom('seed_tags').where('seed_id', '=', seedId).execute();
  const unique = [...new Set(tags)];
  if (unique.length > 0)
    await tx
      .insertInto('seed_tags')
      .values(unique.map((tag) => ({ seed_id: seedId, tag })))
      .execute();
}

/** Tags by seed, in alphabetical order. */
export async function tagsOf(db: Queries, seedIds: string[]): Promise<Map<string, string[]>> {
  const tags = new Map<string, string[]>();
  if (seedIds.length === 0) return tags;
  for (const row of await db
    .selectFrom('seed_tags')
    .selectAll()
    .where('seed_id', 'in', seedIds)
    .orderBy('tag')
    .execute()) {
    const known = tags.get(row.seed_id);
    if (known) known.push(row.tag);
    else tags.set(row.seed_id, [row.tag]);
  }
  return tags;
}

/** Every tag with the number of its seeds. */
export async function listTags(db: Queries): Promise<{ tag: string; seeds: number }[]> {
  const rows = await db
    .selectFrom('seed_tags')
    .select(['tag', sql<number>`count(*)`.as('seeds')])
    .groupBy('tag')
    .orderBy('tag')
    .limit(1000)
    .execute();
  return rows.map((row) => ({ tag: row.tag, seeds: Number(row.seeds) }));
}

/** Seeds that cannot be read and are not paused, longest first. */
export async function unreadableSeeds(db: Queries, limit: number): Promise<SeedTable[]> {
  return db
    .selectFrom('seeds')
    .selectAll()
    .where('unreadable_since', 'is not', null)
    .where('paused_at', 'is', null)
    .orderBy('unreadable_since')
    .limit(limit)
    .execute();
}
