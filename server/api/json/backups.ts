/** Backups and what putting one in place does. */
import { z } from 'zod';
import { BACKUP_KINDS, BACKUP_NAME } from '../../backup/names.ts';
import { timeJson } from './basics.ts';

/** Words of server/words, kind `backups`: why a file cannot be put in place, or a backup not be made. Stand in `extra.reason` of a problem. */
export const BACKUP_REASONS = [
  'no-database',
  'damaged',
  'foreign',
  'newer',
  'wrong-key',
  'in-use',
  'busy',
  'disk-full',
  'broken-off',
  'stopped',
  'failed',
] as const;

const backupNameJson = z.string().regex(BACKUP_NAME, 'is no name of a backup');
export const backupParams = z.object({ name: backupNameJson });

export const backupJson = z
  .object({
    name: z.string(),
    kind: z.enum(BACKUP_KINDS).meta({ description: '`before-restore`: what another was put in place of' }),
    at: timeJson,
    bytes: z.number().int(),
  })
  .meta({ id: 'Backup' });
export type BackupJson = z.infer<typeof backupJson>;

export const backupsJson = z
  .object({
    items: z.array(backupJson).meta({ description: 'Newest first' }),
    work: z
      .object({
        what: z.enum(['backup', 'upload', 'restore']),
        startedAt: timeJson,
        bytes: z.number().int(),
        ofBytes: z.number().int().meta({ description: '0 where it is not known' }),
      })
      .nullable()
      .meta({ description: 'What is under way' }),
    failure: z
      .object({
        at: timeJson,
        reason: z.enum(BACKUP_REASONS),
        evidence: z.record(z.string(), z.unknown()),
      })
      .nullable()
      .meta({ description: 'Why the last backup could not be made; null after one that could' }),
    nextCursor: z.null(),
  })
  .meta({ id: 'Backups' });
export type BackupsJson = z.infer<typeof backupsJson>;

export const newBackupJson = z
  .object({
    backup: backupJson.nullable().meta({ description: 'null with 202: it is still being made, and will be listed' }),
  })
  .meta({ id: 'NewBackup' });
export type NewBackupJson = z.infer<typeof newBackupJson>;

export const restoreInput = z.object({
  name: backupNameJson,
  dryRun: z.boolean().default(false).meta({ description: 'Only checks, and says what would be lost' }),
});
export type RestoreInput = z.input<typeof restoreInput>;

const nounsJson = z.object({
  senders: z.number().int(),
  seeds: z.number().int(),
  monitors: z.number().int(),
  domains: z.number().int(),
  campaigns: z.number().int(),
  runs: z.number().int(),
  probes: z.number().int(),
  newestRunAt: timeJson.nullable(),
});
export const restoreJson = z
  .object({
    name: z.string(),
    at: timeJson.meta({ description: 'When the backup was made' }),
    done: z.boolean().meta({ description: 'False after a dry run' }),
    backup: nounsJson,
    present: nounsJson.meta({ description: 'What it takes the place of' }),
    lostRuns: z.number().int().meta({ description: 'Runs that began after the last one in the backup' }),
    unsent: z
      .number()
      .int()
      .meta({ description: 'Probes that waited to be sent then: they are looked for and not sent again' }),
    keptAs: z.string().nullable().meta({ description: 'The backup that holds what was there before' }),
  })
  .meta({ id: 'Restore' });
export type RestoreJson = z.infer<typeof restoreJson>;
