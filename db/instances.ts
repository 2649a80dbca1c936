/** Who runs on this database. Several may: every piece of work is claimed by a conditional update, never by being alone. */
import type { Queries } from './open.ts';
import type { InstanceTable } from './schema.ts';

export async function registerInstance(db: Queries, instance: InstanceTable): Promise<void> {
  await db.insertInto('instances').values(instance).execute();
}

/** Says "still here". An instance that was taken for dead meanwhile is registered anew. */
export async function touchInstance(db: Queries, instance: InstanceTable): Promise<void> {
  await db
    .insertInto('instances')
    .values(instance)
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ seen_at: instance.seen_at }))
    .execute();
}

export async function removeInstance(db: Queries, id: string): Promise<void> {
  await db.deleteFrom('instances').where('id', '=', id).execute();
}

export async function listInstances(db: Queries): Promise<InstanceTable[]> {
  return db.selectFrom('instances').selectAll().execute();
}

/** A copy of a database is nobody's: who ran on the original does not run on it. */
export async function removeInstances(db: Queries): Promise<void> {
  await db.deleteFrom('instances').execute();
}
