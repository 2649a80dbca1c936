/**
 * Which turn of its monitor a run is: a varied message takes its kinds of text in turn. Kept with the run, because old runs may be forgotten, and then
 * a count of them stands still. Runs that are there already have none, and the next one begins at the first turn.
 */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw('ALTER TABLE runs ADD COLUMN turn INTEGER').execute(db);
}
