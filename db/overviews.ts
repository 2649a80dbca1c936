/**
 * The read side of the rollups: every chart's numbers in one pass over the hours in question, never over probes. Days are local: hours are summed into
 * stretches of days of equal length, so that integer division is all the database needs, and a day of 23 or 25 hours is a stretch of its own.
 */
import { type RawBuilder, sql } from 'kysely';
import { type Outcome, type PlacementKind, TABS } from '../server/probe/types.ts';
import type { ProviderId } from '../server/seed/types.ts';
import type { Queries } from './open.ts';
import { type Scope, scopeOf } from './rollups.ts';

/** `count` buckets of `length` ms each, from `start`. */
export type Stretch = { start: number; length: number; count: number };
export type RollupFilter = Scope & { provider?: string | undefined };

/** What a rollup row may say of a probe that is decided; `tab` takes all tabs together. */
export const COUNTED = [
  'inbox',
  'tab',
  'spam',
  'other',
  'missing',
  'bounced',
  'rejected',
  'deferred',
  'unknown',
] as const;
export type Counted = (typeof COUNTED)[number];

/** Counts of one bucket × provider. */
export type PlacementSum = {
  /** Epoch ms at which the bucket begins. */
  start: number;
  provider: string;
  counts: Record<Counted, number>;
  late: number;
  delays: [number, number, number, number, number];
  delaySumMs: number;
};

const TAB_COLUMNS = TABS.map((tab) => `tab_${tab}` as const);
const PLAIN = [
  ...COUNTED.filter((word) => word !== 'tab'),
  ...(['late', 'delay_0', 'delay_1', 'delay_2', 'delay_3', 'delay_4', 'delay_sum_ms'] as const),
];
const SUMS = sql.join([
  ...PLAIN.map((column) => sql`sum(${sql.ref(column)}) AS ${sql.ref(column)}`),
  sql`sum(${sql.join(
    TAB_COLUMNS.map((column) => sql.ref(column)),
    sql` + `,
  )}) AS tab`,
]);

type SumRow = Record<Counted | (typeof PLAIN)[number] | 'bucket', number> & { provider: string };

/** One question per stretch of equal days; a year with two changes of the clock is five. */
export async function sumPlacement(db: Queries, stretches: Stretch[], filter: RollupFilter): Promise<PlacementSum[]> {
  const sums: PlacementSum[] = [];
  for (const { start, length, count } of stretches) {
    const { rows } = await sql<SumRow>`
      SELECT (hour - ${sql.lit(start)}) / ${sql.lit(length)} AS bucket, provider, ${SUMS}
      FROM placement_rollups
      WHERE scope = ${scopeOf(filter)} AND hour >= ${start} AND hour < ${start + length * count} AND ${ofProvider(filter)}
      GROUP BY 1, provider`.execute(db);
    for (const row of rows)
      sums.push({
        start: start + Number(row.bucket) * length,
        provider: row.provider,
        counts: Object.fromEntries(COUNTED.map((word) => [word, Number(row[word])])) as Record<Counted, number>,
        late: Number(row.late),
        delays: [
          Number(row.delay_0),
          Number(row.delay_1),
          Number(row.delay_2),
          Number(row.delay_3),
          Number(row.delay_4),
        ],
        delaySumMs: Number(row.delay_sum_ms),
      });
  }
  return sums;
}

export type AuthenticationSum = {
  source: 'reported' | 'verified';
  mechanism: 'spf' | 'dkim' | 'dmarc' | 'arc';
  result: string;
  probes: number;
};

export async function sumAuthentication(
  db: Queries,
  from: number,
  to: number,
  filter: RollupFilter,
): Promise<AuthenticationSum[]> {
  const { rows } = await sql<AuthenticationSum>`
    SELECT source, mechanism, result, sum(probes) AS probes
    FROM authentication_rollups
    WHERE scope = ${scopeOf(filter)} AND hour >= ${from} AND hour < ${to} AND ${ofProvider(filter)}
    GROUP BY source, mechanism, result`.execute(db);
  return rows.map((row) => ({ ...row, probes: Number(row.probes) })).filter((row) => row.probes > 0);
}

function ofProvider({ provider }: RollupFilter): RawBuilder<boolean> {
  return provider === undefined ? sql<boolean>`1 = 1` : sql<boolean>`provider = ${provider}`;
}

export type DelaySum = { fromMs: number; probes: number };

/** How many probes took how long, by fine bucket in rising order; buckets without any are missing. */
export async function sumDelays(db: Queries, from: number, to: number, filter: RollupFilter): Promise<DelaySum[]> {
  const { rows } = await sql<DelaySum>`
    SELECT from_ms AS "fromMs", sum(probes) AS probes
    FROM delay_rollups
    WHERE scope = ${scopeOf(filter)} AND hour >= ${from} AND hour < ${to} AND ${ofProvider(filter)}
    GROUP BY from_ms ORDER BY from_ms`.execute(db);
  return rows.map((row) => ({ fromMs: row.fromMs, probes: Number(row.probes) })).filter((row) => row.probes > 0);
}

/** How many of each noun there are. */
export async function countNouns(
  db: Queries,
): Promise<{ senders: number; seeds: number; monitors: number; runs: number }> {
  const row = await db
    .selectNoFrom((eb) => [
      eb.selectFrom('senders').select(sql<number>`count(*)`.as('n')).as('senders'),
      eb.selectFrom('seeds').select(sql<number>`count(*)`.as('n')).as('seeds'),
      eb.selectFrom('monitors').select(sql<number>`count(*)`.as('n')).where('audit_id', 'is', null).as('monitors'),
      eb.selectFrom('runs').select(sql<number>`count(*)`.as('n')).where('audit_id', 'is', null).as('runs'),
    ])
    .executeTakeFirstOrThrow();
  return {
    senders: Number(row.senders),
    seeds: Number(row.seeds),
    monitors: Number(row.monitors),
    runs: Number(row.runs),
  };
}

/** What the summary of a run is made of: one light row per probe. */
export type RunProbe = {
  run_id: string;
  provider: ProviderId;
  outcome: Outcome;
  placement_kind: PlacementKind | null;
  next_send_at: number | null;
  late: 0 | 1;
  delay_ms: number | null;
};

export async function probesOfRuns(db: Queries, runIds: string[]): Promise<Map<string, RunProbe[]>> {
  if (runIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('probes')
    .select(['run_id', 'provider', 'outcome', 'placement_kind', 'next_send_at', 'late', 'delay_ms'])
    .where('run_id', 'in', runIds)
    .execute();
  return Map.groupBy(rows, (row) => row.run_id);
}

/** The authentication facts of a run's probes, by probe. */
export async function factsOfRun(
  db: Queries,
  runId: string,
): Promise<Map<string, { reported: string | null; verified: string | null }>> {
  const rows = await db
    .selectFrom('probes')
    .innerJoin('probe_facts', 'probe_facts.probe_id', 'probes.id')
    .select(['probes.id', 'probe_facts.reported_json as reported', 'probe_facts.verified_json as verified'])
    .where('probes.run_id', '=', runId)
    .execute();
  return new Map(rows.map(({ id, ...facts }) => [id, facts]));
}

/** Bytes of the message that is kept of a probe, without reading it. */
export async function messageSize(db: Queries, probeId: string): Promise<number | null> {
  const row = await db.selectFrom('probe_messages').select('size').where('probe_id', '=', probeId).executeTakeFirst();
  return row?.size ?? null;
}
