/**
 * What files of the backups folder are called: `todoku-2026-11-23-091500-daily.sqlite`. The name says when (UTC) and why a backup was made, so the
 * folder needs no list beside it and can be carried to another machine. A file that somebody put there under a name of their own is a backup, too.
 */

/** `before-restore`: the database as it was when another was put in its place. */
export const BACKUP_KINDS = ['manual', 'daily', 'before-restore', 'uploaded', 'other'] as const;
export type BackupKind = (typeof BACKUP_KINDS)[number];

/** One plain name: no folder, no dot in front, nothing a shell or a header would trip over. */
export const BACKUP_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.sqlite$/;

export function backupName(kind: Exclude<BackupKind, 'other'>, at: number): string {
  const [date = '', time = ''] = new Date(at).toISOString().split('T');
  return `todoku-${date}-${time.slice(0, 8).replaceAll(':', '')}-${kind}.sqlite`;
}

/** @returns null for what is no backup; `at` is null where the name does not say when */
export function readName(name: string): { kind: BackupKind; at: number | null } | null {
  if (!BACKUP_NAME.test(name)) return null;
  const ours = /^todoku-(\d{4}-\d\d-\d\d)-(\d\d)(\d\d)(\d\d)-([a-z-]+)\.sqlite$/.exec(name);
  const at = ours ? Date.parse(`${ours[1]}T${ours[2]}:${ours[3]}:${ours[4]}Z`) : Number.NaN;
  const kind = BACKUP_KINDS.find((one) => one === ours?.[5]);
  if (kind === undefined || kind === 'other' || Number.isNaN(at)) return { kind: 'other', at: null };
  return { kind, at };
}

/** The daily backups that are more than should be kept, oldest first. Backups made by hand are never among them. */
export function tooMany(names: readonly string[], keep: number): string[] {
  const daily = names
    .flatMap((name) => {
      const read = readName(name);
      return read?.kind === 'daily' && read.at !== null ? [{ name, at: read.at }] : [];
    })
    .sort((a, b) => a.at - b.at);
  return daily.slice(0, Math.max(0, daily.length - keep)).map(({ name }) => name);
}

const DAY_MS = 86_400_000;

/**
 * Is it time for the daily one? A day after the one before, or a day after the installation began: an empty database needs none.
 * @param latest of the last daily backup, or null
 */
export function dailyIsDue(latest: number | null, installedAt: number, now: number): boolean {
  return now - (latest ?? installedAt) >= DAY_MS;
}

export type BackupSetting = { daily: boolean; keep: number };

/** The setting as stored, or what holds without one. */
export function backupSettingOf(value: unknown): BackupSetting {
  const { daily, keep } = (typeof value === 'object' && value !== null ? value : {}) as Partial<BackupSetting>;
  return { daily: typeof daily === 'boolean' ? daily : true, keep: Number.isInteger(keep) ? Number(keep) : 7 };
}
