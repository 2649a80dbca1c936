/**
 * The hourly counts that every chart reads. They change in the same transaction as the probe they count, by taking the old
 * verdict out and putting the new one in: so a chart and a list can never disagree.
 */
import { sql } from 'kysely';
import { delayBucket, delayEdge } from '../server/probe/types.ts';
import type { Queries } from './open.ts';
import type { DelayColumn, ProbeTable, VerdictColumn } from './schema.ts';

export const HOUR_MS = 3_600_000;

/** The parts of a probe that decide where it is counted. */
export type CountedProbe = Pick<
  ProbeTable,
  | 'queued_at'
  | 'monitor_id'
  | 'sender_id'
  | 'audit_id'
  | 'provider'
  | 'tags_json'
  | 'outcome'
  | 'next_send_at'
  | 'placement_kind'
  | 'placement_tab'
  | 'late'
  | 'delay_ms'
  | 'reported_spf'
  | 'reported_dkim'
  | 'reported_dmarc'
  | 'verified_spf'
  | 'verified_dkim'
  | 'verified_dmarc'
  | 'verified_arc'
>;

/** The column a probe is counted in, or null while nothing is known of it yet. */
export function verdictOf(probe: CountedProbe): VerdictColumn | null {
  switch (probe.outcome) {
    case 'placed':
      if (probe.placement_kind !== 'tab') return probe.placement_kind;
      return probe.placement_tab === null ? 'other' : `tab_${probe.placement_tab}`;
    case 'deferred':
      return probe.next_send_at === null ? 'deferred' : null;
    case 'rejected':
    case 'bounced':
    case 'missing':
    case 'unknown':
      return probe.outcome;
    default:
      return null;
  }
}

/**
 * Everything, the sender, the monitor, and the same for each tag of the seed: each chart reads one of them. What a campaign's audit sends is no part of the house's
 * everyday: the audit counts it by itself.
 */
export function scopesOf(probe: Pick<CountedProbe, 'sender_id' | 'monitor_id' | 'tags_json' | 'audit_id'>): string[] {
  if (probe.audit_id !== null) return [];
  const { sender_id: senderId, monitor_id: monitorId } = probe;
  const scopes = [scopeOf({}), scopeOf({ senderId }), scopeOf({ monitorId })];
  if (probe.tags_json !== '[]')
    for (const tag of JSON.parse(probe.tags_json) as string[])
      scopes.push(scopeOf({ tag }), scopeOf({ senderId, tag }), scopeOf({ monitorId, tag }));
  return scopes;
}

export type Scope = { monitorId?: string | undefined; senderId?: string | undefined; tag?: string | undefined };

/** The name under which counts are kept. A monitor's counts are its own, whoever sent for it. */
export function scopeOf({ monitorId, senderId, tag }: Scope): string {
  const owner = monitorId !== undefined ? `m:${monitorId}` : senderId !== undefined ? `s:${senderId}` : '';
  if (tag === undefined) return owner;
  // Ids hold no spaces, and the tag stands last: no two scopes are ever called the same.
  return owner === '' ? `t:${tag}` : `${owner} t:${tag}`;
}

/** Moves a probe from where it was counted (null: nowhere) to where it counts now. Call it inside the transaction that changes the probe. */
export async function recount(tx: Queries, before: CountedProbe | null, after: CountedProbe | null): Promise<void> {
  if (before && after && countKey(before) === countKey(after)) return;
  await recountAll(tx, [[before, after]]);
}

/** The same for many probes at once: their counts are added up first, so that each row is written once. */
export async function recountAll(
  tx: Queries,
  moves: readonly [before: CountedProbe | null, after: CountedProbe | null][],
): Promise<void> {
  const changes: Changes = { placements: new Map(), words: new Map(), delays: new Map() };
  for (const [before, after] of moves) {
    if (before) weigh(before, -1, changes);
    if (after) weigh(after, 1, changes);
  }
  for (const piece of inPieces([...changes.placements.values()])) await addPlacements(tx, piece);
  for (const piece of inPieces(changed(changes.words))) await addWords(tx, piece);
  for (const piece of inPieces(changed(changes.delays))) await addDelays(tx, piece);
}

/** Deletes all counts of a monitor. */
export async function forgetMonitorCounts(tx: Queries, monitorId: string): Promise<void> {
  const scope = scopeOf({ monitorId });
  for (const table of ['placement_rollups', 'authentication_rollups', 'delay_rollups'] as const)
    await tx
      .deleteFrom(table)
      // What begins with the scope and a space: its counts by tag.
      .where((eb) =>
        eb.or([eb('scope', '=', scope), eb.and([eb('scope', '>', `${scope} `), eb('scope', '<', `${scope}!`)])]),
      )
      .execute();
}

type CountColumn = VerdictColumn | 'late' | DelayColumn | 'delay_sum_ms';
type PlacementChange = { scope: string; hour: number; provider: string; by: Map<CountColumn, number> };
type WordChange = {
  scope: string;
  hour: number;
  source: 'reported' | 'verified';
  mechanism: 'spf' | 'dkim' | 'dmarc' | 'arc';
  result: string;
  provider: string;
  probes: number;
};
type DelayChange = { scope: string; hour: number; provider: string; from_ms: number; probes: number };
type Changes = {
  placements: Map<string, PlacementChange>;
  words: Map<string, WordChange>;
  delays: Map<string, DelayChange>;
};

const changed = <Change extends { probes: number }>(changes: Map<string, Change>): Change[] =>
  [...changes.values()].filter(({ probes }) => probes !== 0);

/** Fewer than SQLite's variables per statement would carry at 27 columns a row. */
const ROWS_PER_INSERT = 500;

function inPieces<Row>(rows: readonly Row[]): Row[][] {
  const pieces: Row[][] = [];
  for (let i = 0; i < rows.length; i += ROWS_PER_INSERT) pieces.push(rows.slice(i, i + ROWS_PER_INSERT));
  return pieces;
}

const DELAY_COLUMNS: readonly DelayColumn[] = ['delay_0', 'delay_1', 'delay_2', 'delay_3', 'delay_4'];

function weigh(probe: CountedProbe, by: 1 | -1, { placements, words, delays }: Changes): void {
  const hour = Math.floor(probe.queued_at / HOUR_MS) * HOUR_MS;
  const { provider } = probe;
  const verdict = verdictOf(probe);
  const counts = new Map<CountColumn, number>();
  const found = authenticationWords(probe);
  let edge: number | null = null;
  if (verdict !== null) {
    counts.set(verdict, by);
    // An unknown one stands in no rate, its lateness neither.
    if (probe.late && verdict !== 'unknown') counts.set('late', by);
    if (probe.outcome === 'placed' && probe.delay_ms !== null) {
      counts.set(DELAY_COLUMNS[delayBucket(probe.delay_ms)] ?? 'delay_4', by);
      counts.set('delay_sum_ms', by * probe.delay_ms);
      edge = delayEdge(probe.delay_ms);
    }
  }
  for (const scope of scopesOf(probe)) {
    const key = `${scope} ${hour} ${provider}`;
    const change = placements.get(key) ?? { scope, hour, provider, by: new Map() };
    for (const [column, count] of counts) change.by.set(column, (change.by.get(column) ?? 0) + count);
    placements.set(key, change);
    if (edge !== null) {
      const delayKey = `${key} ${edge}`;
      const known = delays.get(delayKey);
      if (known) known.probes += by;
      else delays.set(delayKey, { scope, hour, provider, from_ms: edge, probes: by });
    }
    for (const word of found) {
      const [source, mechanism, result] = word.split(':') as [WordChange['source'], WordChange['mechanism'], string];
      const wordKey = `${key} ${word}`;
      const known = words.get(wordKey);
      if (known) known.probes += by;
      else words.set(wordKey, { scope, hour, source, mechanism, result, provider, probes: by });
    }
  }
}

/** Only the columns that change are named; the others begin at 0. */
async function addPlacements(tx: Queries, changes: readonly PlacementChange[]): Promise<void> {
  const columns = [
    ...new Set(changes.flatMap((change) => [...change.by].filter(([, by]) => by !== 0).map(([column]) => column))),
  ];
  if (columns.length === 0) return;
  await tx
    .insertInto('placement_rollups')
    .values(
      changes.map(({ scope, hour, provider, by }) => ({
        scope,
        hour,
        provider,
        ...Object.fromEntries(columns.map((column) => [column, by.get(column) ?? 0])),
      })),
    )
    .onConflict((conflict) =>
      conflict
        .columns(['scope', 'hour', 'provider'])
        .doUpdateSet(
          Object.fromEntries(
            columns.map((column) => [
              column,
              sql<number>`${sql.ref(`placement_rollups.${column}`)} + ${sql.ref(`excluded.${column}`)}`,
            ]),
          ),
        ),
    )
    .execute();
}

async function addWords(tx: Queries, changes: WordChange[]): Promise<void> {
  await tx
    .insertInto('authentication_rollups')
    .values(changes)
    .onConflict((conflict) =>
      conflict
        .columns(['scope', 'hour', 'source', 'mechanism', 'result', 'provider'])
        .doUpdateSet({ probes: sql`authentication_rollups.probes + excluded.probes` }),
    )
    .execute();
}

async function addDelays(tx: Queries, changes: DelayChange[]): Promise<void> {
  await tx
    .insertInto('delay_rollups')
    .values(changes)
    .onConflict((conflict) =>
      conflict
        .columns(['scope', 'hour', 'provider', 'from_ms'])
        .doUpdateSet({ probes: sql`delay_rollups.probes + excluded.probes` }),
    )
    .execute();
}

function countKey(probe: CountedProbe): string {
  return [verdictOf(probe), probe.late, probe.delay_ms, ...authenticationWords(probe)].join('|');
}

type AuthenticationWord = `${'reported' | 'verified'}:${'spf' | 'dkim' | 'dmarc' | 'arc'}:${string}`;

function authenticationWords(probe: CountedProbe): AuthenticationWord[] {
  const words: AuthenticationWord[] = [];
  if (probe.reported_spf) words.push(`reported:spf:${probe.reported_spf}`);
  if (probe.reported_dkim) words.push(`reported:dkim:${probe.reported_dkim}`);
  if (probe.reported_dmarc) words.push(`reported:dmarc:${probe.reported_dmarc}`);
  if (probe.verified_spf) words.push(`verified:spf:${probe.verified_spf}`);
  if (probe.verified_dkim) words.push(`verified:dkim:${probe.verified_dkim}`);
  if (probe.verified_dmarc) words.push(`verified:dmarc:${probe.verified_dmarc}`);
  if (probe.verified_arc) words.push(`verified:arc:${probe.verified_arc}`);
  return words;
}
