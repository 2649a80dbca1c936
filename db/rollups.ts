/**
 * The hourly counts that every chart reads. They change in the same transaction as the probe they count, by taking the old
 * verdict out and putting the new one in: so a chart and a list can never disagree.
 */
import { sql } from 'kysely';
import { delayBucket } from '../server/probe/types.ts';
import type { Queries } from './open.ts';
import type { ProbeTable } from './schema.ts';

export const HOUR_MS = 3_600_000;

/** The parts of a probe that decide where it is counted. */
export type CountedProbe = Pick<
  ProbeTable,
  | 'queued_at'
  | 'monitor_id'
  | 'sender_id'
  | 'provider'
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

/** The word a probe is counted under, or null while nothing is known of it yet. */
export function verdictOf(probe: CountedProbe): string | null {
  switch (probe.outcome) {
    case 'placed':
      return probe.placement_kind === 'tab' ? `tab:${probe.placement_tab}` : probe.placement_kind;
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

/** Moves a probe from where it was counted (null: nowhere) to where it counts now. Call it inside the transaction that changes the probe. */
export async function recount(tx: Queries, before: CountedProbe | null, after: CountedProbe | null): Promise<void> {
  if (before && after && countKey(before) === countKey(after)) return;
  if (before) await addPlacement(tx, before, -1);
  if (after) await addPlacement(tx, after, 1);
  const authBefore = before ? authenticationWords(before) : [];
  const authAfter = after ? authenticationWords(after) : [];
  const gone = authBefore.filter((word) => !authAfter.includes(word));
  const come = authAfter.filter((word) => !authBefore.includes(word));
  if (before) await addAuthentication(tx, before, gone, -1);
  if (after) await addAuthentication(tx, after, come, 1);
}

function countKey(probe: CountedProbe): string {
  return [verdictOf(probe), probe.late, probe.delay_ms, ...authenticationWords(probe)].join('|');
}

async function addPlacement(tx: Queries, probe: CountedProbe, by: 1 | -1): Promise<void> {
  const verdict = verdictOf(probe);
  if (verdict === null) return;
  const delays = [0, 0, 0, 0, 0];
  const timed = probe.outcome === 'placed' && probe.delay_ms !== null;
  if (timed) delays[delayBucket(probe.delay_ms as number)] = by;
  const late = probe.late ? by : 0;
  const sum = timed ? by * (probe.delay_ms as number) : 0;
  await tx
    .insertInto('placement_rollups')
    .values({
      hour: Math.floor(probe.queued_at / HOUR_MS) * HOUR_MS,
      monitor_id: probe.monitor_id,
      sender_id: probe.sender_id,
      provider: probe.provider,
      verdict,
      probes: by,
      late,
      delay_0: delays[0] as number,
      delay_1: delays[1] as number,
      delay_2: delays[2] as number,
      delay_3: delays[3] as number,
      delay_4: delays[4] as number,
      delay_sum_ms: sum,
    })
    .onConflict((conflict) =>
      conflict.columns(['hour', 'monitor_id', 'sender_id', 'provider', 'verdict']).doUpdateSet({
        probes: sql`placement_rollups.probes + excluded.probes`,
        late: sql`placement_rollups.late + excluded.late`,
        delay_0: sql`placement_rollups.delay_0 + excluded.delay_0`,
        delay_1: sql`placement_rollups.delay_1 + excluded.delay_1`,
        delay_2: sql`placement_rollups.delay_2 + excluded.delay_2`,
        delay_3: sql`placement_rollups.delay_3 + excluded.delay_3`,
        delay_4: sql`placement_rollups.delay_4 + excluded.delay_4`,
        delay_sum_ms: sql`placement_rollups.delay_sum_ms + excluded.delay_sum_ms`,
      }),
    )
    .execute();
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

async function addAuthentication(
  tx: Queries,
  probe: CountedProbe,
  words: AuthenticationWord[],
  by: 1 | -1,
): Promise<void> {
  if (words.length === 0) return;
  await tx
    .insertInto('authentication_rollups')
    .values(
      words.map((word) => {
        const [source, mechanism, result] = word.split(':') as [
          'reported' | 'verified',
          'spf' | 'dkim' | 'dmarc' | 'arc',
          string,
        ];
        return {
          hour: Math.floor(probe.queued_at / HOUR_MS) * HOUR_MS,
          monitor_id: probe.monitor_id,
          sender_id: probe.sender_id,
          provider: probe.provider,
          source,
          mechanism,
          result,
          probes: by,
        };
      }),
    )
    .onConflict((conflict) =>
      conflict
        .columns(['hour', 'monitor_id', 'sender_id', 'provider', 'source', 'mechanism', 'result'])
        .doUpdateSet({ probes: sql`authentication_rollups.probes + excluded.probes` }),
    )
    .execute();
}
