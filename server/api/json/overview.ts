/** The numbers behind the charts, all from hourly rollups. */
import { z } from 'zod';
import { AUTHENTICATION_RESULTS, MECHANISMS } from '../../authentication/types.ts';
import { PROVIDER_IDS } from '../../seed/types.ts';
import { countsJson, rateJson, ratesJson, timeJson } from './basics.ts';
import { marksJson } from './marks.ts';
import { runItemJson } from './runs.ts';
import { tagJson } from './seeds.ts';

const moment = z.iso.datetime({ offset: true });
/** Whole hours are counted: `from` is rounded down and `to` up. Left out: the last 7 days. */
export const periodQuery = z.object({
  from: moment.optional(),
  to: moment.optional(),
  timeZone: z.string().min(1).max(100).default('UTC').meta({ description: 'IANA zone in which days begin' }),
});

export const bucketJson = z
  .object({
    start: timeJson,
    end: timeJson,
    counts: countsJson,
    rates: ratesJson,
  })
  .meta({ id: 'Bucket' });
export type BucketJson = z.infer<typeof bucketJson>;

/** Minutes from accepted to seen: under 3, 6, 15, 60, and more. */
export const delaysJson = z
  .object({
    buckets: z.array(z.object({ fromMinutes: z.number(), toMinutes: z.number().nullable(), probes: z.number().int() })),
    meanMs: z.number().nullable(),
  })
  .meta({ id: 'Delays' });
export type DelaysJson = z.infer<typeof delaysJson>;

export const providerBlockJson = z
  .object({ provider: z.enum(PROVIDER_IDS), counts: countsJson, rates: ratesJson, delays: delaysJson })
  .meta({ id: 'ProviderPlacement' });
export type ProviderBlockJson = z.infer<typeof providerBlockJson>;

export const verdictJson = z.enum(['no-clear-change', 'better', 'worse', 'not-enough-data']);

/** In the overview, also against the period before. */
export const providerStandingJson = providerBlockJson
  .extend({ before: rateJson.meta({ description: 'Inbox rate of the period before' }), verdict: verdictJson })
  .meta({ id: 'ProviderStanding' });

export const placementQuery = periodQuery.extend({
  bucket: z.enum(['hour', 'day']).default('day'),
  by: z.enum(['provider']).optional(),
});
export const placementSeriesJson = z
  .object({
    from: timeJson,
    to: timeJson,
    timeZone: z.string(),
    bucket: z.enum(['hour', 'day']),
    total: z.object({ counts: countsJson, rates: ratesJson, delays: delaysJson }),
    buckets: z.array(bucketJson).meta({ description: 'Without gaps: an hour or day without probes has zero counts' }),
    providers: z
      .array(providerBlockJson.extend({ buckets: z.array(bucketJson) }))
      .meta({ description: 'Only with by=provider' }),
    marks: marksJson,
  })
  .meta({ id: 'PlacementSeries' });
export type PlacementSeriesJson = z.infer<typeof placementSeriesJson>;

/** Of a tab nobody can say whether more of it is good. */
export const tabVerdictJson = z.enum(['no-clear-change', 'more', 'fewer', 'not-enough-data']);

export const authenticationRatesJson = z.object({
  source: z.enum(['reported', 'verified']),
  mechanism: z.enum(MECHANISMS),
  pass: rateJson.meta({
    description: 'Over all probes of which this source says anything; temperror stands in no rate',
  }),
  results: z.array(z.object({ result: z.enum(AUTHENTICATION_RESULTS), probes: z.number().int() })),
});

export const attentionJson = z
  .object({
    kind: z.enum(['seed-unreadable', 'sender-held', 'sender-paused', 'sender-budget', 'run-late', 'storage', 'backup']),
    id: z.string(),
    name: z.string(),
    since: timeJson.nullable(),
    reason: z.string(),
    evidence: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Attention' });
export type AttentionJson = z.infer<typeof attentionJson>;

export const overviewQuery = periodQuery.extend({
  bucket: z.enum(['hour', 'day', 'auto']).default('auto'),
  senderId: z.string().max(64).optional(),
  monitorId: z.string().max(64).optional(),
  provider: z.enum(PROVIDER_IDS).optional(),
  tag: tagJson.optional().meta({ description: 'A tag that the seeds had when their probes were queued' }),
});

export const overviewJson = z
  .object({
    from: timeJson,
    to: timeJson,
    timeZone: z.string(),
    bucket: z.enum(['hour', 'day']),
    now: z.object({ counts: countsJson, rates: ratesJson }),
    before: z.object({ from: timeJson, to: timeJson, counts: countsJson, rates: ratesJson }),
    verdict: z.object({ inbox: verdictJson, tab: tabVerdictJson, spam: verdictJson, missing: verdictJson }),
    buckets: z.array(bucketJson),
    providers: z.array(providerStandingJson),
    delays: delaysJson,
    authentication: z.array(authenticationRatesJson),
    attention: z.array(attentionJson),
    marks: marksJson,
    latestRuns: z.array(runItemJson),
    totals: z.object({
      senders: z.number().int(),
      seeds: z.number().int(),
      monitors: z.number().int(),
      runs: z.number().int(),
    }),
  })
  .meta({ id: 'Overview' });
export type OverviewJson = z.infer<typeof overviewJson>;
