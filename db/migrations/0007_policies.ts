/**
 * A campaign keeps the policy that its audits are judged by, and an audit the subject of the mail it looked at: a newer version of a campaign may have another.
 *
 * Columns are added empty: a campaign of before is judged by the default, and an audit of before goes by the subject of its campaign.
 */
import { type Kysely, sql } from 'kysely';

const STATEMENTS = [`ALTER TABLE campaigns ADD COLUMN policy_json TEXT`, `ALTER TABLE audits ADD COLUMN subject TEXT`];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
