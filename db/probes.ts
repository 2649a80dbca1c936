/**
 * Probes and what is known of them. Every step between outcomes is a conditional update that names the outcome it comes from, in one transaction with
 * the rollup, so that two instances, a crash or a late answer can never count or send a probe twice.
 *
 * Long because every step that a probe's row can take, and every question about it, stands in this one place.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { sql, type Updateable } from 'kysely';
import type { Outcome } from '../server/probe/types.ts';
import { type Database, durably, type Queries } from './open.ts';
import { recount } from './rollups.ts';
import type { ProbeDialogueTable, ProbeFactTable, ProbeTable } from './schema.ts';

/** More than SQLite's variables per statement would carry at 45 columns a row. */
const ROWS_PER_INSERT = 200;

export async function insertProbes(tx: Queries, probes: ProbeTable[]): Promise<void> {
  for (let i = 0; i < probes.length; i += ROWS_PER_INSERT)
    await tx
      .insertInto('probes')
      .values(probes.slice(i, i + ROWS_PER_INSERT))
      .execute();
}

export async function findProbe(db: Queries, id: string): Promise<ProbeTable | undefined> {
  return db.selectFrom('probes').selectAll().where('id', '=', id).executeTakeFirst();
}

/**
 * Takes one step: changes the probe if it still stands at one of the outcomes in `from`, and moves its count. Inside a transaction, which holds
 * the write lock from its start: what is read here cannot change before it is written.
 * @returns the probe as it is afterwards, or null when it had moved on meanwhile
 */
export async function stepProbe(
  tx: Queries,
  id: string,
  from: readonly Outcome[],
  change: Updateable<ProbeTable> & { updated_at: number },
): Promise<ProbeTable | null> {
  const before = await tx
    .selectFrom('probes')
    .selectAll()
    .where('id', '=', id)
    .where('outcome', 'in', [...from])
    .executeTakeFirst();
  if (!before) return null;
  await tx.updateTable('probes').set(change).where('id', '=', id).execute();
  const after: ProbeTable = { ...before, ...(change as Partial<ProbeTable>) };
  await recount(tx, before, after);
  return after;
}

/** Word for word as in the partial indexes, with literals: else SQLite reads the whole history instead of the few that need work. */
const OUTSTANDING = sql<boolean>`(next_look_at IS NOT NULL OR next_send_at IS NOT NULL OR outcome = 'sending')`;
const BEING_SENT = sql<boolean>`outcome = 'sending'`;

// ---- sending

/** Senders that have something to hand over now. */
export async function sendersWithDueProbes(db: Queries, now: number): Promise<string[]> {
  const rows = await db
    .selectFrom('probes')
    .select('sender_id')
    .distinct()
    .where('next_send_at', 'is not', null)
    .where('next_send_at', '<=', now)
    .execute();
  return rows.map((row) => row.sender_id);
}

/** The probes of a sender that may be handed over now, oldest first. */
export async function dueProbesOfSender(
  db: Queries,
  senderId: string,
  now: number,
  limit: number,
): Promise<ProbeTable[]> {
  return db
    .selectFrom('probes')
    .selectAll()
    .where('sender_id', '=', senderId)
    .where('next_send_at', 'is not', null)
    .where('next_send_at', '<=', now)
    .orderBy('next_send_at')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Everything that waits to be handed over, whatever its time. */
export async function waitingProbes(db: Queries): Promise<ProbeTable[]> {
  return db.selectFrom('probes').selectAll().where('next_send_at', 'is not', null).execute();
}

/**
 * Puts off all waiting probes of a sender and says why.
 * @returns the runs in which the reason is a new one
 */
export async function postponeProbes(
  db: Queries,
  senderId: string,
  until: number,
  reason: string,
  now: number,
): Promise<Pick<ProbeTable, 'run_id' | 'monitor_id'>[]> {
  const changed = await db
    .selectFrom('probes')
    .select(['run_id', 'monitor_id'])
    .distinct()
    .where('sender_id', '=', senderId)
    .where('next_send_at', 'is not', null)
    .where('next_send_at', '<', until)
    .where('reason', '<>', reason)
    .execute();
  await db
    .updateTable('probes')
    .set({ next_send_at: until, reason, updated_at: now })
    .where('sender_id', '=', senderId)
    .where('next_send_at', 'is not', null)
    .where('next_send_at', '<', until)
    .execute();
  return changed;
}

/** Lets the waiting probes of a sender go now, all or those that wait for one reason: it was mended or resumed, or may send more. */
export async function releaseProbes(
  db: Queries,
  senderId: string,
  now: number,
  reason: string | null = null,
): Promise<void> {
  let query = db
    .updateTable('probes')
    .set({ next_send_at: now, reason: 'waiting-to-be-sent', updated_at: now })
    .where('sender_id', '=', senderId)
    // A repeat of a placement test waits for its turn, not for the sender.
    .where('reason', '<>', 'waiting-for-its-turn')
    .where('next_send_at', 'is not', null);
  if (reason !== null) query = query.where('reason', '=', reason);
  await query.execute();
}

/** How often the sender was used since then, and when last. */
export async function countUses(
  db: Queries,
  senderId: string,
  since: number,
): Promise<{ count: number; latest: number | null }> {
  const row = await db
    .selectFrom('sender_uses')
    .select([sql<number>`count(*)`.as('count'), sql<number | null>`max(at)`.as('latest')])
    .where('sender_id', '=', senderId)
    .where('at', '>', since)
    .executeTakeFirstOrThrow();
  return row;
}

/** When the sender was used in the last 24 hours, oldest first. */
export async function senderUses(db: Queries, senderId: string, since: number): Promise<number[]> {
  const rows = await db
    .selectFrom('sender_uses')
    .select('at')
    .where('sender_id', '=', senderId)
    .where('at', '>', since)
    .orderBy('at')
    .execute();
  return rows.map((row) => row.at);
}

/**
 * When a repeat of a placement test may go to its seed: as far from the others as was planned, however long all of them had to wait, and behind those that are due
 * before it. Epoch ms. What lies in the future was sent before the clock was set back, and says nothing.
 */
async function turnComesAt(tx: Queries, probe: ProbeTable, now: number): Promise<number> {
  const row = await tx
    .selectFrom('probes as other')
    .innerJoin('runs as theirs', 'theirs.id', 'other.run_id')
    .innerJoin('runs as ours', 'ours.monitor_id', 'theirs.monitor_id')
    .select(
      sql<
        number | null
      >`max(CASE WHEN other.sending_at <= ${now} THEN other.sending_at + abs(ours.started_at - theirs.started_at)
        WHEN other.outcome = 'queued' AND other.next_send_at <= ${now} AND theirs.started_at < ours.started_at
          THEN ${now} + ours.started_at - theirs.started_at END)`.as('at'),
    )
    .where('ours.id', '=', probe.run_id)
    .where('theirs.audit_id', '=', probe.audit_id)
    .where('other.seed_id', '=', probe.seed_id)
    .where('other.id', '<>', probe.id)
    .executeTakeFirst();
  return row?.at ?? now;
}

/** Commits the intent to send, with its use of the budget. Null when another took the probe, its turn has not come, or the budget is used up. */
export async function claimForSending(
  db: Database,
  probe: ProbeTable,
  options: { instance: string; useId: string; subject: string; dailyLimit: number; now: number },
): Promise<ProbeTable | null> {
  return durably(db, async (tx) => {
    const turnAt = probe.audit_id === null ? options.now : await turnComesAt(tx, probe, options.now);
    if (turnAt > options.now) {
      const wait = { next_send_at: turnAt, reason: 'waiting-for-its-turn', updated_at: options.now };
      await stepProbe(tx, probe.id, ['queued', 'deferred'], wait);
      return null;
    }
    const claimed = await stepProbe(tx, probe.id, ['queued', 'deferred'], {
      outcome: 'sending',
      reason: 'being-sent',
      subject: options.subject,
      claimed_by: options.instance,
      sending_at: options.now,
      next_send_at: null,
      send_tries: probe.send_tries + 1,
      updated_at: options.now,
    });
    if (!claimed) return null;
    const used = await tx
      .selectFrom('sender_uses')
      .select(sql<number>`count(*)`.as('n'))
      .where('sender_id', '=', probe.sender_id)
      .where('at', '>', options.now - 86_400_000)
      .executeTakeFirstOrThrow();
    if (used.n >= options.dailyLimit) {
      await stepProbe(tx, probe.id, ['sending'], {
        outcome: probe.outcome,
        reason: 'daily-budget-used',
        claimed_by: null,
        sending_at: probe.sending_at,
        next_send_at: probe.next_send_at,
        send_tries: probe.send_tries,
        updated_at: options.now,
      });
      return null;
    }
    await tx
      .insertInto('sender_uses')
      .values({ id: options.useId, sender_id: probe.sender_id, at: options.now })
      .execute();
    return claimed;
  });
}

/** Probes in `sending` whose instance is none of those alive. */
export async function orphanedProbes(db: Queries, alive: string[]): Promise<ProbeTable[]> {
  return db
    .selectFrom('probes')
    .selectAll()
    .where(BEING_SENT)
    .where((eb) =>
      eb.or([
        eb('claimed_by', 'is', null),
        ...(alive.length > 0 ? [eb('claimed_by', 'not in', alive)] : [eb.lit(true)]),
      ]),
    )
    .execute();
}

export async function addDialogue(tx: Queries, dialogue: ProbeDialogueTable): Promise<void> {
  await tx.insertInto('probe_dialogues').values(dialogue).execute();
}

export async function probeDialogues(db: Queries, probeId: string): Promise<ProbeDialogueTable[]> {
  return db.selectFrom('probe_dialogues').selectAll().where('probe_id', '=', probeId).orderBy('attempt').execute();
}

// ---- finding

/** Seeds with probes to look for now. */
export async function seedsToLookInto(db: Queries, now: number): Promise<string[]> {
  const rows = await db
    .selectFrom('probes')
    .select('seed_id')
    .distinct()
    .where('next_look_at', 'is not', null)
    .where('next_look_at', '<=', now)
    .execute();
  return rows.map((row) => row.seed_id);
}

/** Everything of a seed that is still looked for, and what will be once it is sent. */
export async function outstandingProbes(db: Queries, seedId: string): Promise<ProbeTable[]> {
  return db
    .selectFrom('probes')
    .selectAll()
    .where('seed_id', '=', seedId)
    .where(OUTSTANDING)
    .orderBy('queued_at')
    .execute();
}

/** When a seed is next looked into, and whether something is handed over to it before `soon`. */
export async function lookAhead(
  db: Queries,
  seedId: string,
  soon: number,
): Promise<{ nextLookAt: number | null; sendsSoon: boolean }> {
  const row = await db
    .selectFrom('probes')
    .select([
      sql<number | null>`min(next_look_at)`.as('nextLookAt'),
      sql<number | null>`max(CASE WHEN outcome = 'sending' OR next_send_at <= ${soon} THEN 1 ELSE 0 END)`.as(
        'sendsSoon',
      ),
    ])
    .where('seed_id', '=', seedId)
    .where(OUTSTANDING)
    .executeTakeFirstOrThrow();
  return { nextLookAt: row.nextLookAt, sendsSoon: row.sendsSoon === 1 };
}

/** Puts off the next look for the probes of a seed that are due before `until`. */
export async function postponeLooks(db: Queries, seedId: string, until: number): Promise<void> {
  await db
    .updateTable('probes')
    .set({ next_look_at: until })
    .where('seed_id', '=', seedId)
    .where('next_look_at', 'is not', null)
    .where('next_look_at', '<', until)
    .execute();
}

/** Looks now for what is still to be found, whatever the plan said: its seed was mended, or the clock was set back. */
export async function hastenLooks(db: Queries, now: number, seedId: string | null = null): Promise<void> {
  let query = db
    .updateTable('probes')
    .set({ next_look_at: now })
    .where('next_look_at', 'is not', null)
    .where('next_look_at', '>', now)
    .where('outcome', 'in', ['accepted', 'unknown', 'missing']);
  if (seedId !== null) query = query.where('seed_id', '=', seedId);
  await query.execute();
}

/** A probe by what a returned mail quotes: its token, or its Message-ID without brackets. */
export async function findQuotedProbe(
  db: Queries,
  quoted: { token: string | null; messageId: string | null },
): Promise<ProbeTable | undefined> {
  if (quoted.token) {
    const byToken = await db.selectFrom('probes').selectAll().where('token', '=', quoted.token).executeTakeFirst();
    if (byToken) return byToken;
  }
  if (!quoted.messageId) return undefined;
  return db.selectFrom('probes').selectAll().where('message_id', '=', quoted.messageId).executeTakeFirst();
}

// ---- facts

export async function putFacts(tx: Queries, facts: ProbeFactTable): Promise<void> {
  const { probe_id: _, ...rest } = facts;
  await tx
    .insertInto('probe_facts')
    .values(facts)
    .onConflict((conflict) => conflict.column('probe_id').doUpdateSet(rest))
    .execute();
}

export async function probeFacts(db: Queries, probeId: string): Promise<ProbeFactTable | undefined> {
  return db.selectFrom('probe_facts').selectAll().where('probe_id', '=', probeId).executeTakeFirst();
}

/** Keeps the message as first received; a later copy never replaces it. */
export async function keepMessage(tx: Queries, probeId: string, raw: Buffer): Promise<void> {
  await tx
    .insertInto('probe_messages')
    .values({ probe_id: probeId, size: raw.length, raw_gzip: gzipSync(raw, { level: 1 }) })
    .onConflict((conflict) => conflict.column('probe_id').doNothing())
    .execute();
}

/** The raw message as received, or null when it was too large to keep or never seen. */
export async function probeMessage(db: Queries, probeId: string): Promise<{ size: number; raw: Buffer } | null> {
  const row = await db.selectFrom('probe_messages').selectAll().where('probe_id', '=', probeId).executeTakeFirst();
  return row ? { size: row.size, raw: gunzipSync(row.raw_gzip) } : null;
}

/** The same as it is stored, for whoever opens it elsewhere. */
export async function probeMessageGzip(db: Queries, probeId: string): Promise<Buffer | null> {
  const row = await db
    .selectFrom('probe_messages')
    .select('raw_gzip')
    .where('probe_id', '=', probeId)
    .executeTakeFirst();
  return row?.raw_gzip ?? null;
}

/** When the raw message was forgotten, or null when it was not. */
export async function forgottenAt(db: Queries, probeId: string): Promise<number | null> {
  const row = await db
    .selectFrom('forgotten_messages')
    .select('forgotten_at')
    .where('probe_id', '=', probeId)
    .executeTakeFirst();
  return row?.forgotten_at ?? null;
}
