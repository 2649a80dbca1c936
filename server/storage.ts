/** What an error says of the disk the database lies on. Not the fault of any probe or seed: what failed by it is done again once something can be stored. */

export type StorageTrouble = 'full' | 'read-only' | 'failing';

/** @returns null for an error that did not come from the database */
export function storageTrouble(error: unknown): StorageTrouble | null {
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  // A row that breaks a constraint is a bug of ours, and the disk is well.
  if (!code.startsWith('SQLITE_') || code.startsWith('SQLITE_CONSTRAINT')) return null;
  if (code === 'SQLITE_FULL') return 'full';
  return code.startsWith('SQLITE_READONLY') ? 'read-only' : 'failing';
}
