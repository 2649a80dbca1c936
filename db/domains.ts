/**
 * Sending domains: their checks, what they published and what changed of it. A check is claimed by a conditional update and stored by whoever holds the claim,
 * so that several instances check each domain once.
 */
import { domainToASCII, domainToUnicode } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type ExpressionBuilder, sql, type Updateable } from 'kysely';
import type { Queries } from './open.ts';
import type {
  DomainChangeTable,
  DomainCheckTable,
  DomainFactTable,
  DomainSnapshotTable,
  DomainTable,
  Tables,
} from './schema.ts';
import { containing } from './senders.ts';

export async function insertDomain(db: Queries, domain: DomainTable): Promise<void> {
  await db.insertInto('domains').values(domain).execute();
}

export async function findDomain(db: Queries, id: string): Promise<DomainTable | undefined> {
  return db.selectFrom('domains').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function findDomainByName(db: Queries, name: string): Promise<DomainTable | undefined> {
  return db.selectFrom('domains').selectAll().where('name', '=', name).executeTakeFirst();
}

/** In the order in which they were added. `cursor` is the id of the last one of the page before. */
export async function listDomains(
  db: Queries,
  options: { search?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<DomainTable[]> {
  let query = db.selectFrom('domains').selectAll().orderBy('id').limit(options.limit);
  if (options.cursor) query = query.where('id', '>', options.cursor);
  const { search } = options;
  if (search) {
    const letters = (await domainsInLetters(db, [search])).map(({ id }) => id);
    query = query.where((eb) =>
      eb.or([sql<boolean>`name LIKE ${containing(search)} ESCAPE '!'`, eb('id', 'in', letters)]),
    );
  }
  return query.execute();
}

/**
 * Domains in whose name, as people write it, each of these stands; none where all are plain ASCII, which SQL finds by itself. A part of 例え is no part of xn--r8jz45g, so
 * the names are read one by one: those who watch hundreds of domains have a handful of such.
 */
export async function domainsInLetters(db: Queries, words: readonly string[]): Promise<{ id: string; name: string }[]> {
  if (!words.some((word) => /[^\0-\x7f]/.test(word))) return [];
  const rows = await db
    .selectFrom('domains')
    .select(['id', 'name'])
    .where('name', 'like', '%xn--%')
    .orderBy('name')
    .execute();
  const wanted = words.map((word) => ({ word: word.normalize('NFKC').toLowerCase(), ascii: domainToASCII(word) }));
  return rows.filter(({ name }) => {
    const letters = domainToUnicode(name);
    return wanted.every(
      ({ word, ascii }) => letters.includes(word) || name.includes(word) || (ascii !== '' && name.includes(ascii)),
    );
  });
}

export async function updateDomain(
  db: Queries,
  id: string,
  change: Updateable<DomainTable> & { updated_at: number },
): Promise<void> {
  await db.updateTable('domains').set(change).where('id', '=', id).execute();
}

export async function deleteDomain(db: Queries, id: string): Promise<void> {
  await db.deleteFrom('domains').where('id', '=', id).execute();
}

/** How many there are in each state, and how many have questions that nobody answers. */
export async function countDomains(
  db: Queries,
): Promise<{ state: DomainTable['state']; domains: number; unchecked: number }[]> {
  const rows = await db
    .selectFrom('domains')
    .select(['state', sql<number>`count(*)`.as('domains'), sql<number>`count(unasked_since)`.as('unchecked')])
    .groupBy('state')
    .execute();
  return rows.map((row) => ({ state: row.state, domains: Number(row.domains), unchecked: Number(row.unchecked) }));
}

// ---- checking

/** Domains whose time has come and that nobody checks now, the longest due first. */
export async function dueDomains(db: Queries, now: number, limit: number): Promise<DomainTable[]> {
  return db
    .selectFrom('domains')
    .selectAll()
    .where('next_check_at', 'is not', null)
    .where('next_check_at', '<=', now)
    .where('claimed_until', '<=', now)
    .orderBy('next_check_at')
    .limit(limit)
    .execute();
}

/** False when somebody else checks it now. */
export async function claimDomain(
  db: Queries,
  id: string,
  claim: { by: string; until: number; now: number },
): Promise<boolean> {
  const done = await db
    .updateTable('domains')
    .set({ claimed_by: claim.by, claimed_until: claim.until })
    .where('id', '=', id)
    .where('claimed_until', '<=', claim.now)
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}

/** False when the claim was lost. */
export async function holdClaim(db: Queries, id: string, claim: { by: string; until: number }): Promise<boolean> {
  const done = await db
    .updateTable('domains')
    .set({ claimed_until: claim.until })
    .where('id', '=', id)
    .where('claimed_by', '=', claim.by)
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}

/** Lets a domain go, with what came of it; false when the claim was lost meanwhile: then nothing is stored. */
export async function releaseDomain(
  db: Queries,
  id: string,
  by: string,
  change: Updateable<DomainTable>,
): Promise<boolean> {
  const done = await db
    .updateTable('domains')
    .set({ ...change, claimed_by: null, claimed_until: 0 })
    .where('id', '=', id)
    .where('claimed_by', '=', by)
    .executeTakeFirst();
  return done.numUpdatedRows > 0n;
}

/** Brings the next check forward. */
export async function checkDomainSoon(db: Queries, id: string, at: number): Promise<void> {
  await db
    .updateTable('domains')
    .set({ next_check_at: at })
    .where('id', '=', id)
    .where('next_check_at', '>', at)
    .execute();
}

export type DomainFacts = Omit<DomainFactTable, 'check_gzip' | 'memory_gzip'> & { check: string; memory: string };

export async function findFacts(db: Queries, domainId: string): Promise<DomainFacts | null> {
  const row = await db.selectFrom('domain_facts').selectAll().where('domain_id', '=', domainId).executeTakeFirst();
  if (!row) return null;
  const { check_gzip, memory_gzip, ...rest } = row;
  return { ...rest, check: gunzipSync(check_gzip).toString(), memory: gunzipSync(memory_gzip).toString() };
}

export async function findLearned(db: Queries, domainId: string): Promise<string | null> {
  const row = await db
    .selectFrom('domain_facts')
    .select('learned_json')
    .where('domain_id', '=', domainId)
    .executeTakeFirst();
  return row?.learned_json ?? null;
}

export async function putFacts(tx: Queries, { check, memory, ...rest }: DomainFacts): Promise<void> {
  const row = { ...rest, check_gzip: gzipSync(check), memory_gzip: gzipSync(memory) };
  const { domain_id: _id, ...change } = row;
  await tx
    .insertInto('domain_facts')
    .values(row)
    .onConflict((conflict) => conflict.column('domain_id').doUpdateSet(change))
    .execute();
}

export async function findSnapshot(db: Queries, id: string): Promise<DomainSnapshotTable | undefined> {
  return db.selectFrom('domain_snapshots').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function insertSnapshot(tx: Queries, snapshot: DomainSnapshotTable): Promise<void> {
  await tx.insertInto('domain_snapshots').values(snapshot).execute();
}

export async function insertCheck(tx: Queries, check: DomainCheckTable): Promise<void> {
  await tx.insertInto('domain_checks').values(check).execute();
}

export async function insertChanges(tx: Queries, changes: DomainChangeTable[]): Promise<void> {
  for (let i = 0; i < changes.length; i += 500)
    await tx
      .insertInto('domain_changes')
      .values(changes.slice(i, i + 500))
      .execute();
}

/** Newest first. */
export async function listChanges(db: Queries, domainId: string, page: Page): Promise<DomainChangeTable[]> {
  return db
    .selectFrom('domain_changes')
    .selectAll()
    .where(isOn(domainId, page))
    .orderBy('id', 'desc')
    .limit(page.limit)
    .execute();
}

/** Newest first. */
export async function listChecks(db: Queries, domainId: string, page: Page): Promise<DomainCheckTable[]> {
  return db
    .selectFrom('domain_checks')
    .selectAll()
    .where(isOn(domainId, page))
    .orderBy('id', 'desc')
    .limit(page.limit)
    .execute();
}

/** `cursor` is the id of the last one of the page before. */
type Page = { cursor?: string | undefined; limit: number };

/** Rows of a domain, older than the page before. */
function isOn(domainId: string, { cursor }: Page) {
  return (
    eb: ExpressionBuilder<Pick<Tables, 'domain_changes' | 'domain_checks'>, 'domain_changes' | 'domain_checks'>,
  ) => eb.and([eb('domain_id', '=', domainId), ...(cursor ? [eb('id', '<', cursor)] : [])]);
}

/** When one of these records changed last; null: never, as far as is known. */
export async function lastChangeAt(
  db: Queries,
  domainId: string,
  protocols: readonly DomainChangeTable['protocol'][],
): Promise<number | null> {
  const row = await db
    .selectFrom('domain_changes')
    .select('at')
    .where('domain_id', '=', domainId)
    .where('protocol', 'in', [...protocols])
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.at ?? null;
}

// ---- whose mail it is

/** All senders with the addresses they write from: a few dozen at most. */
export async function senderAddresses(db: Queries): Promise<{ id: string; from_address: string }[]> {
  return db.selectFrom('senders').select(['id', 'from_address']).execute();
}

/** The senders of these monitors. */
export async function sendersOfMonitors(
  db: Queries,
  monitorIds: readonly string[],
): Promise<{ from_address: string }[]> {
  if (monitorIds.length === 0) return [];
  return db
    .selectFrom('monitors')
    .innerJoin('senders', 'senders.id', 'monitors.sender_id')
    .select('senders.from_address')
    .distinct()
    .where('monitors.id', 'in', [...monitorIds])
    .execute();
}

/** Domains of these names. */
export async function domainsNamed(
  db: Queries,
  names: readonly string[],
): Promise<Pick<DomainTable, 'id' | 'name' | 'checked_at' | 'next_check_at'>[]> {
  if (names.length === 0) return [];
  return db
    .selectFrom('domains')
    .select(['id', 'name', 'checked_at', 'next_check_at'])
    .where('name', 'in', [...names])
    .execute();
}
