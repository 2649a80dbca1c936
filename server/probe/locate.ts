/**
 * Finds probes again. One session per seed serves all its outstanding probes: Junk first, then INBOX, then the other folders worth looking into; where
 * the server has IDLE it wakes us, else the plan of polling.ts does. A seed that cannot be read never makes a probe missing: it makes it unknown.
 *
 * Long because one session is one story: claim, open, look round after round, wait, fail, close.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import {
  hastenLooks,
  lookAhead,
  outstandingProbes,
  postponeLooks,
  seedsToLookInto,
  stepProbe,
} from '../../db/probes.ts';
import {
  claimReading,
  endReading,
  folderCursors,
  markReadable,
  markUnreadable,
  returnSeedOf,
  returnSeeds,
} from '../../db/readings.ts';
import type { SeedTable, SenderTable } from '../../db/schema.ts';
import { findSeed } from '../../db/seeds.ts';
import type { App } from '../app.ts';
import { nextAttemptAt, recordFailure } from '../seed/backoff.ts';
import { PROVIDERS } from '../seed/providers.ts';
import { openSeed, type SeedFailure } from '../seed/session.ts';
import { SEED_REASONS, type SeedReason, type SeedRoute } from '../seed/types.ts';
import { afterUnreadable, lookedOf, watchedOf } from './life.ts';
import { nextLook } from './polling.ts';
import { tell } from './record.ts';
import { lookRound, newReading, type Reading, type Witnesses } from './round.ts';

/** A claim on a seed, renewed while the session lives. Longer than any one look may take. */
const CLAIM_MS = 180_000;
/** A session stays open when the next look is due within this. */
const KEEP_OPEN_MS = 45_000;
/** Bookkeeping of a healthy seed is written at most this often. */
const READABLE_NOTE_MS = 30_000;
/** However fast a server tells of news, one look serves all that came within this. */
const NEWS_GAP_MS = 250;
/** How long after a hand-over an open session is asked to look. */
const WAKE_AFTER_MS = 1_000;
const RETURN_LOOK_MIN_MS = 5_000;
const RETURN_LOOK_MAX_MS = 300_000;
/** A return mailbox that is slow to answer holds up no mail longer than this. */
const RETURN_LOOK_WAIT_MS = 15_000;
/** Looks under way at a shutdown have this long to end by themselves, then their connections are cut. */
const STOP_GENTLY_MS = 4_000;
const STOP_WITHIN_MS = 7_000;
/** After an error of our own: until the next look into the seed. */
const STOPPED_WAIT_MS = 10_000;

export type Locating = {
  /** Starts a session for every seed with something due; returns at once. */
  lookDue(): Promise<void>;
  /** A probe may be in this seed now: look without waiting for the plan. */
  wake(seedId: string): void;
  /** The seed was changed, mended, resumed or checked: what is open notices, and what was put off for its sake is looked for at once. */
  reconsider(seedId: string): Promise<void>;
  /** Makes sure the return mailbox of a sender is known up to now, so that a bounce of the next mail is seen. */
  prepareReturn(sender: SenderTable): Promise<void>;
  /** How many sessions are open. */
  open(): number;
  close(): Promise<void>;
};

export type LocatingOptions = Witnesses & { instance: string; alive: () => string[] };

type Active = { work: Promise<void>; looked: Promise<void>; wake: () => void; waking: NodeJS.Timeout | null };

/** How a session hears of what happens outside, and tells that its first look is done. */
type Turn = { wakeSignal: () => AbortSignal; rearm: () => void; looked: () => void };

export function createLocating(app: App, options: LocatingOptions): Locating {
  const active = new Map<string, Active>();
  const returnLookedAt = new Map<string, number>();
  const slots = pLimit(app.config.maxConcurrentSeeds);
  const stop = new AbortController();
  const cut = new AbortController();

  function start(seedId: string): void {
    if (stop.signal.aborted || active.has(seedId)) return;
    let wake = new AbortController();
    const looked = Promise.withResolvers<void>();
    const work = readSeed(seedId, {
      wakeSignal: () => wake.signal,
      rearm: () => {
        wake = new AbortController();
      },
      looked: looked.resolve,
    })
      .catch(async (error: unknown) => {
        app.log.error({ err: error, seed: seedId }, 'reading stopped');
        // Not again with the next second: whatever it was, somebody else's server need not feel it.
        if (!stop.signal.aborted) await postponeLooks(app.db, seedId, app.now() + STOPPED_WAIT_MS);
      })
      .catch((error: unknown) => app.log.error({ err: error, seed: seedId }, 'a look could not be put off'))
      .finally(() => {
        active.delete(seedId);
        looked.resolve();
      });
    active.set(seedId, { work, looked: looked.promise, wake: () => wake.abort(), waking: null });
  }

  async function readSeed(seedId: string, turn: Turn): Promise<void> {
    const seed = await findSeed(app.db, seedId);
    const now = app.now();
    if (!seed) return dropProbesOf(seedId);
    if (seed.paused_at !== null) return settleUnread(seed, now + 60_000, { reason: 'seed-paused', reply: null });
    if (seed.next_attempt_at > now)
      return settleUnread(seed, seed.next_attempt_at, {
        reason: seed.unreadable_reason ?? 'seed-unreadable',
        reply: seed.unreadable_reply,
      });
    const claim = () => ({
      instance: options.instance,
      alive: options.alive(),
      until: app.now() + CLAIM_MS,
      now: app.now(),
    });
    if (!(await claimReading(app.db, seed.id, claim()))) return postponeLooks(app.db, seed.id, now + 5_000);
    try {
      // Only work takes a slot: hundreds of connections that wait for mail keep nobody else waiting.
      const session = await slots(async () =>
        stop.signal.aborted
          ? null
          : openSeed(seedRoute(app, seed), seed.provider, seed.junk_folder, {
              allowedNetworks: app.config.allowedNetworks,
              onlyServers: app.config.onlyServers,
              extraCa: app.config.extraCa,
              maxMessageBytes: app.config.maxMessageBytes,
              now: app.now,
              cut: cut.signal,
            }),
      );
      if (session === null) return;
      if ('failure' in session) return await fail(seed, session.failure);
      const reading = newReading(seed, session, await folderCursors(app.db, seed.id));
      try {
        await readWhileNeeded(reading, claim, turn);
      } finally {
        await session.close();
      }
    } finally {
      await endReading(app.db, seed.id, options.instance);
    }
  }

  async function readWhileNeeded(
    reading: Reading,
    claim: () => Parameters<typeof claimReading>[2],
    turn: Turn,
  ): Promise<void> {
    let claimedAt = app.now();
    let notedAt = 0;
    while (!stop.signal.aborted) {
      const began = performance.now();
      const failure = await slots(async () =>
        lookRound(app, options, reading, await outstandingProbes(app.db, reading.seed.id)),
      );
      if (failure) return fail(reading.seed, failure);
      turn.looked();
      const now = app.now();
      if (Math.abs(now - notedAt) >= READABLE_NOTE_MS) {
        notedAt = now;
        await noteReadable(reading, now);
      }
      const ahead = await lookAhead(app.db, reading.seed.id, now + KEEP_OPEN_MS);
      // A probe is just being handed over, or will be in a moment: staying is one login less.
      const next = Math.min(
        ahead.nextLookAt ?? Number.POSITIVE_INFINITY,
        ahead.sendsSoon ? now + KEEP_OPEN_MS : Number.POSITIVE_INFINITY,
      );
      if (next > now + KEEP_OPEN_MS) return;
      if (next > now) {
        const signal = AbortSignal.any([turn.wakeSignal(), stop.signal]);
        const news = await reading.session.waitForNews(next, signal);
        if (news === 'closed' && !stop.signal.aborted)
          return fail(reading.seed, { reason: 'connection-lost', reply: null });
        if (news === 'news') await sleep(Math.max(0, began + NEWS_GAP_MS - performance.now()));
      }
      if (turn.wakeSignal().aborted) turn.rearm();
      // Paused, deleted or changed meanwhile: this session is of the seed as it was. The next tick opens another if there is one to open.
      const seed = await findSeed(app.db, reading.seed.id);
      if (!seed || seed.paused_at !== null || routeKey(seed) !== routeKey(reading.seed)) return;
      if (Math.abs(app.now() - claimedAt) > CLAIM_MS / 3) {
        if (!(await claimReading(app.db, reading.seed.id, claim()))) return;
        claimedAt = app.now();
      }
    }
  }

  async function fail(seed: SeedTable, failure: SeedFailure): Promise<void> {
    // We cut the connection ourselves: that says nothing of the seed.
    if (cut.signal.aborted) return;
    const now = app.now();
    const before =
      seed.failures > 0 && seed.unreadable_since !== null && isSeedReason(seed.unreadable_reason)
        ? {
            count: seed.failures,
            firstAt: seed.unreadable_since,
            lastAt: seed.unreadable_since,
            reason: seed.unreadable_reason,
          }
        : null;
    const record = recordFailure(before, failure.reason, now);
    const next = nextAttemptAt(record, Math.random());
    await app.db.transaction().execute((tx) =>
      markUnreadable(tx, seed, {
        reason: record.reason,
        reply: failure.reply,
        failures: record.count,
        nextAttemptAt: next,
        now,
      }),
    );
    app.log.warn({ seed: seed.id, reason: failure.reason, reply: failure.reply }, 'a seed cannot be read');
    app.announce({ topic: 'seed', id: seed.id });
    await settleUnread(seed, next, failure);
  }

  /** The seed cannot be read now: what is due becomes unknown, the rest waits for the next attempt. */
  async function settleUnread(
    seed: SeedTable,
    until: number,
    failure: { reason: string; reply: string | null },
  ): Promise<void> {
    const now = app.now();
    for (const probe of await outstandingProbes(app.db, seed.id)) {
      if (probe.next_look_at === null) continue;
      const change = afterUnreadable(lookedOf(probe), now);
      const watched = watchedOf(probe);
      const over = now >= watched.watchUntil;
      // The deadline is answered on time, even when the next attempt is hours away.
      const next = over ? null : Math.min(until, watched.missingAt > now ? watched.missingAt : until);
      const after = await app.db.transaction().execute((tx) =>
        stepProbe(tx, probe.id, [probe.outcome], {
          ...(change
            ? { ...change, evidence_json: JSON.stringify({ seedReason: failure.reason, reply: failure.reply }) }
            : {}),
          next_look_at: next === null ? null : Math.max(next, now + 1_000),
          updated_at: now,
        }),
      );
      if (after && change) tell(app, after);
    }
  }

  /** The seed was deleted while probes were under way: nobody can tell any more. */
  async function dropProbesOf(seedId: string): Promise<void> {
    const now = app.now();
    for (const probe of await outstandingProbes(app.db, seedId)) {
      if (probe.next_look_at === null) continue;
      const after = await app.db.transaction().execute((tx) =>
        stepProbe(tx, probe.id, [probe.outcome], {
          ...(probe.outcome === 'placed' ? {} : { outcome: 'unknown', reason: 'seed-unreadable' }),
          next_look_at: null,
          updated_at: now,
        }),
      );
      if (after) tell(app, after);
    }
  }

  async function noteReadable(reading: Reading, now: number): Promise<void> {
    const folders = JSON.stringify(reading.session.folders);
    const wasUnreadable = await app.db.transaction().execute((tx) => markReadable(tx, reading.seed, folders, now));
    reading.seed = { ...reading.seed, unreadable_since: null, failures: 0 };
    if (wasUnreadable) app.announce({ topic: 'seed', id: reading.seed.id });
  }

  return {
    async lookDue() {
      const now = app.now();
      for (const seedId of await seedsToLookInto(app.db, now)) start(seedId);
      for (const { seedId, newestSentAt } of await returnSeeds(app.db)) {
        const gap = Math.min(RETURN_LOOK_MAX_MS, Math.max(RETURN_LOOK_MIN_MS, (now - newestSentAt) / 4));
        // The distance, not the difference: a clock that was set back would look like a look in the future.
        if (Math.abs(now - (returnLookedAt.get(seedId) ?? 0)) < gap) continue;
        returnLookedAt.set(seedId, now);
        start(seedId);
      }
    },

    wake(seedId) {
      const running = active.get(seedId);
      if (!running) return start(seedId);
      // Not at once: mail takes a moment, IDLE may tell sooner, and one look can serve several.
      if (running.waking) return;
      running.waking = setTimeout(() => {
        running.waking = null;
        running.wake();
      }, WAKE_AFTER_MS);
    },

    async reconsider(seedId) {
      const running = active.get(seedId);
      const seed = await findSeed(app.db, seedId);
      const now = app.now();
      if (!seed || seed.paused_at !== null || seed.next_attempt_at > now) return running?.wake();
      const floor = PROVIDERS[seed.provider].pollingFloorMs;
      const putOff = (await outstandingProbes(app.db, seedId)).filter(
        (probe) =>
          probe.outcome !== 'placed' &&
          probe.next_look_at !== null &&
          probe.next_look_at > (nextLook({ outcome: probe.outcome, ...watchedOf(probe) }, now, floor) ?? now),
      );
      if (putOff.length > 0) await hastenLooks(app.db, now, seedId);
      if (running) running.wake();
      else if (putOff.length > 0) start(seedId);
    },

    async prepareReturn(sender) {
      const seedId = await returnSeedOf(app.db, sender.from_address);
      if (!seedId) return;
      start(seedId);
      // Its first look is enough: as a seed of its own it may be read for hours.
      await Promise.race([active.get(seedId)?.looked, sleep(RETURN_LOOK_WAIT_MS, undefined, { ref: false })]);
    },

    open: () => active.size,

    async close() {
      stop.abort();
      for (const { waking } of active.values()) if (waking) clearTimeout(waking);
      const over = Promise.all([...active.values()].map((one) => one.work));
      const patience = setTimeout(() => cut.abort(), STOP_GENTLY_MS);
      await Promise.race([over, sleep(STOP_WITHIN_MS, undefined, { ref: false })]);
      clearTimeout(patience);
    },
  };
}

/** The seed's route with its password in clear. */
export function seedRoute(app: Pick<App, 'vault'>, seed: SeedTable): SeedRoute {
  return {
    protocol: seed.protocol,
    host: seed.host,
    port: seed.port,
    security: seed.security,
    user: seed.user_name,
    password: app.vault.open(seed.password_sealed, 'seeds', seed.id, 'password_sealed'),
  };
}

/** What a session stands on: another value means another session. */
function routeKey(seed: SeedTable): string {
  const { protocol, provider, host, port, security, user_name, password_sealed, junk_folder } = seed;
  return JSON.stringify([protocol, provider, host, port, security, user_name, password_sealed, junk_folder]);
}

function isSeedReason(text: string | null): text is SeedReason {
  return SEED_REASONS.some((reason) => reason === text);
}
