/** Settings of the installation: one JSON value per key. */
import type { Queries } from './open.ts';

/** Every key in use. `vault-check` is a sealed word that proves the key; `password` is the owner's hash; `written` is when /healthz last proved that it can write. */
export type SettingKey =
  | 'password'
  | 'vault-check'
  | 'language'
  | 'time-zone'
  | 'written'
  | 'retention'
  | 'backups'
  | 'guide';

/** The value, or null where none is stored. The caller knows its shape: it is written by the same function. */
export async function readSetting(db: Queries, key: SettingKey): Promise<unknown> {
  const row = await db.selectFrom('settings').select('value').where('key', '=', key).executeTakeFirst();
  return row ? (JSON.parse(row.value) as unknown) : null;
}

export async function writeSetting(db: Queries, key: SettingKey, value: unknown, now: number): Promise<void> {
  const text = JSON.stringify(value);
  await db
    .insertInto('settings')
    .values({ key, value: text, updated_at: now })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: text, updated_at: now }))
    .execute();
}

/** When the setting was last written; null where it never was. */
export async function settingWrittenAt(db: Queries, key: SettingKey): Promise<number | null> {
  const row = await db.selectFrom('settings').select('updated_at').where('key', '=', key).executeTakeFirst();
  return row?.updated_at ?? null;
}
