/** What all nouns share on the wire: times, pages, rates, errors. Types for the web are inferred from these schemas, so this folder is pure. */
import { z } from 'zod';

/** ISO 8601 with milliseconds, UTC: `2026-11-23T09:15:00.000Z`. */
export const timeJson = z.iso.datetime().meta({ description: 'ISO 8601, UTC', example: '2026-11-23T09:15:00.000Z' });

export const idParams = z.object({ id: z.string().min(1).max(64) });

/** A page of a list: `nextCursor` is handed in as `cursor` for the next page, null on the last. */
export const pageQuery = z.object({
  cursor: z.string().min(1).max(64).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
export const pageJson = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

export const rateJson = z
  .object({
    value: z.number().nullable().meta({ description: '0 to 1; null when n is under 5' }),
    low: z.number().nullable().meta({ description: 'Lower end of the 95 % Wilson interval' }),
    high: z.number().nullable(),
    n: z.number().int(),
    count: z.number().int(),
    enough: z.boolean().meta({ description: 'False when n is under 5: not enough data' }),
  })
  .meta({ id: 'Rate' });
export type RateJson = z.infer<typeof rateJson>;

/** How probes of a period or run stand. `unknown` and `pending` are counted here and stand in no rate. */
export const countsJson = z
  .object({
    probes: z.number().int(),
    inbox: z.number().int(),
    tab: z.number().int(),
    spam: z.number().int(),
    other: z.number().int(),
    missing: z.number().int(),
    bounced: z.number().int(),
    rejected: z.number().int(),
    deferred: z.number().int().meta({ description: 'Given up after the last try was put off' }),
    unknown: z.number().int(),
    pending: z.number().int().meta({ description: 'Not decided yet' }),
    late: z.number().int().meta({ description: 'Of the decided ones, those later than allowed' }),
  })
  .meta({ id: 'Counts' });
export type CountsJson = z.infer<typeof countsJson>;

/** Each rate over all decided probes: inbox, tab, spam, other, missing, bounced, rejected, deferred. */
export const ratesJson = z
  .object({
    inbox: rateJson,
    tab: rateJson,
    spam: rateJson,
    other: rateJson,
    missing: rateJson,
    refused: rateJson,
    late: rateJson,
  })
  .meta({ id: 'Rates' });
export type RatesJson = z.infer<typeof ratesJson>;

/** RFC 9457. `errors` names each wrong field by its path. */
export const problemJson = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    code: z.string(),
    detail: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    extra: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({ description: 'Facts for programs: limits, seconds to wait' }),
  })
  .meta({ id: 'Problem' });
export type ProblemJson = z.infer<typeof problemJson>;

/** Epoch ms as on the wire. */
export function iso(at: number): string {
  return new Date(at).toISOString();
}

export function isoOrNull(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
