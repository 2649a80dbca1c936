/** Seeds or senders that come as a table, on the wire: what each line is, and what became of it. */
import { z } from 'zod';
import { CSV_LIMITS } from '../../csv.ts';

/** CSV as JSON text; the same route takes `text/csv` with `?dryRun=true`. */
export const importInput = z.object({ csv: z.string().max(CSV_LIMITS.characters), dryRun: z.boolean().optional() });
export type ImportInput = z.input<typeof importInput>;

export const importJson = z
  .object({
    dryRun: z.boolean(),
    added: z.number().int(),
    refused: z.number().int(),
    lines: z.array(
      z.object({
        line: z.number().int().meta({ description: 'Line in the file, the first is 1' }),
        address: z.string().meta({ description: 'As it stands in the line: of the seed, or From' }),
        ok: z.boolean(),
        reason: z.string().meta({ description: 'kebab-case word: ok, password-missing, duplicate …' }),
        detail: z.string().meta({ description: 'One sentence' }),
        id: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'Import' });
export type ImportJson = z.infer<typeof importJson>;
