/**
 * Finds probes again. One session per seed serves all its outstanding probes: Junk first, then INBOX, then the other folders worth looking into; where
 * the server has IDLE it wakes us, else the plan of polling.ts does. A seed that cannot be read never makes a probe missing: it makes it unknown.
 *
 * Long because one session's round is one story: open, look, take, settle, wait, close.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import {
  findQuotedProbe,
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
  saveCursor,
} from '../../db/readings.ts';
import type { ProbeTable, SeedFolderTable, SeedTable, SenderTable } from '../../db/schema.ts';
import { findSeed } from '../../db/seeds.ts';
import type { App } from '../app.ts';
import type { Verifier } from '../authentication/verify.ts';
import { nextAttemptAt, recordFailure } from '../seed/backoff.ts';
import { foldersToLookInto } from '../seed/folders.ts';
import { PROVIDERS } from '../seed/providers.ts';
import { type LookAnswer, openSeed, type SeedFailure, type SeedSession } from '../seed/session.ts';
import { SEED_REASONS, type SeedFolder, type SeedReason, type SeedRoute, type SeenMessage } from '../seed/types.ts';
import { storageTrouble } from '../storage.ts';
import { parseBounce } from './bounce.ts';
import { afterNotFound, afterUnreadable, type Looked } from './life.ts';
import { placeRank } from './placement.ts';
import { nextLook, WIDE_LOOK_GAP } from './polling.ts';
import { recordSighting } from './record.ts';

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
/** After an error of our own: until the next look into the seed, and into what the error was about. */
const STOPPED_WAIT_MS = 10_000;
const POISON_WAIT_MS = 600_000;

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

export type LocatingOptions = { instance: string; verifier: Verifier; alive: () => string[] };

type Active = { work: Promise<void>; looked: Promise<void>; wake: () => void; waking: NodeJS.Timeout | null };

/** How a session hears of what happens outside, and tells that its first look is done. */
type Turn = { wakeSignal: () => AbortSignal; rearm: () => void; looked: () => void };

/** One session's memory between rounds. */
type Reading = {
  seed: SeedTable;
  session: SeedSession;
  cursors: Map<string, SeedFolderTable>;
  widelyLookedAt: number;
  notedReadableAt: number;
};

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
      const reading: Reading = {
        seed,
        session,
        cursors: await folderCursors(app.db, seed.id),
        widelyLookedAt: 0,
        notedReadableAt: 0,
      };
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
    while (!stop.signal.aborted) {
      const began = performance.now();
      const failure = await slots(async () => round(reading, await outstandingProbes(app.db, reading.seed.id)));
      if (failure) return fail(reading.seed, failure);
      turn.looked();
      const now = app.now();
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

  /** Looks once into every folder that is due. @returns a failure, or null when all was read */
  async function round(reading: Reading, outstanding: ProbeTable[]): Promise<SeedFailure | null> {
    const { seed, session } = reading;
    const askedAt = app.now();
    const wanted = outstanding.filter((probe) => probe.next_look_at !== null || probe.outcome === 'sending');
    const byToken = new Map(outstanding.map((probe) => [probe.token, probe]));
    const found = new Map<string, SeenMessage>();
    const cursors: SeedFolderTable[] = [];
    const unplaced = wanted.filter((probe) => probe.outcome !== 'placed');
    const dueNow = wanted.filter((probe) => probe.next_look_at !== null && probe.next_look_at <= askedAt);
    const final = dueNow.filter(
      (probe) => probe.outcome === 'placed' || (probe.missing_at !== null && probe.missing_at <= askedAt),
    );
    const wide =
      unplaced.length > 0 &&
      (final.length > 0 || askedAt - reading.widelyLookedAt >= WIDE_LOOK_GAP) &&
      unplaced.some((probe) => askedAt - (probe.sent_at ?? askedAt) > 3_000);
    if (wide) reading.widelyLookedAt = askedAt;

    for (const folder of foldersToLookInto(session.folders)) {
      const main = folder.role === 'junk' || folder.role === 'inbox';
      if (!main && !wide) continue;
      const failure = await lookInto(reading, folder, { outstanding, deep: final, found, cursors });
      if (failure) return failure;
    }

    // Gmail's All Mail has a copy of every mail: one that is seen there alone came into INBOX after we had looked there.
    if ([...found.values()].some((message) => message.role === 'all'))
      for (const folder of session.folders) {
        if (folder.role !== 'junk' && folder.role !== 'inbox') continue;
        const failure = await lookInto(reading, folder, { outstanding, deep: [], found, cursors });
        if (failure) return failure;
      }

    for (const [token, message] of found) {
      const probe = byToken.get(token);
      // And it says nothing new of a mail whose place is known.
      if (probe && !(probe.outcome === 'placed' && message.role === 'all'))
        await takeSighting({
          probe,
          seed,
          message,
          folder: folderOf(session.folders, message),
          verifier: options.verifier,
        });
    }
    // Only now: a crash before this line reads the same mail again and stores nothing twice.
    for (const row of cursors) {
      reading.cursors.set(row.folder, row);
      await saveCursor(app.db, row);
    }
    const now = app.now();
    const floor = PROVIDERS[seed.provider].pollingFloorMs;
    for (const probe of wanted)
      if (!found.has(probe.token)) await settleUnseen(probe, now, floor, dueNow.includes(probe));
    await noteReadable(reading, now);
    return null;
  }

  /** One message that cannot be judged stops no other: it is looked at again later. */
  async function takeSighting(seen: Parameters<typeof recordSighting>[1]): Promise<void> {
    try {
      await recordSighting(app, seen);
    } catch (error) {
      if (storageTrouble(error)) throw error;
      app.log.error({ err: error, probe: seen.probe.id }, 'a message could not be judged');
      const now = app.now();
      await app.db
        .transaction()
        .execute((tx) =>
          stepProbe(tx, seen.probe.id, [seen.probe.outcome], { next_look_at: now + POISON_WAIT_MS, updated_at: now }),
        );
    }
  }

  /**
   * Looks into one folder: from the cursor for everything, and by search, as if for the first time, for those whose last word is due.
   */
  async function lookInto(
    reading: Reading,
    folder: SeedFolder,
    look: {
      outstanding: ProbeTable[];
      deep: ProbeTable[];
      found: Map<string, SeenMessage>;
      cursors: SeedFolderTable[];
    },
  ): Promise<SeedFailure | null> {
    const { seed, session } = reading;
    const known = reading.cursors.get(folder.path);
    const first = await session.look(request(folder, look.outstanding, known?.cursor ?? null, app.now()));
    if ('failure' in first) return first.failure;
    await take(first, look.found, folder);
    const deep = known ? look.deep.filter((probe) => !look.found.has(probe.token)) : [];
    if (deep.length > 0) {
      const again = await session.look(request(folder, deep, null, app.now()));
      if ('failure' in again) return again.failure;
      await take(again, look.found, folder);
    }
    if (known?.cursor !== first.cursor)
      look.cursors.push({ seed_id: seed.id, folder: folder.path, cursor: first.cursor, read_at: app.now() });
    return null;
  }

  async function take(answer: LookAnswer, found: Map<string, SeenMessage>, folder: SeedFolder): Promise<void> {
    for (const { token, message } of answer.found) {
      const before = found.get(token);
      if (!before || placeRank(folder.role) < placeRank(before.role)) found.set(token, message);
    }
    for (const report of answer.reports) await takeReport(report);
  }

  async function takeReport(report: SeenMessage): Promise<void> {
    if (!report.raw) return;
    const bounce = await parseBounce(report.raw);
    if (!bounce || bounce.action === 'other') return;
    const probe = await findQuotedProbe(app.db, bounce);
    if (!probe) return;
    const now = app.now();
    const evidence = JSON.stringify({
      status: bounce.status,
      reply: bounce.diagnostic,
      remoteHost: bounce.remoteHost,
      recipient: bounce.recipient,
      action: bounce.action,
    });
    const from = ['accepted', 'unknown', 'missing'] as const;
    const step =
      bounce.action === 'failed'
        ? {
            outcome: 'bounced' as const,
            reason: 'bounced',
            evidence_json: evidence,
            next_look_at: null,
            updated_at: now,
          }
        : { evidence_json: evidence, updated_at: now };
    const after = await app.db.transaction().execute((tx) => stepProbe(tx, probe.id, from, step));
    if (after) tell(after);
  }

  /** A probe that was looked for everywhere due and not found. */
  async function settleUnseen(probe: ProbeTable, now: number, floor: number, due: boolean): Promise<void> {
    if (probe.outcome === 'sending' || probe.next_look_at === null) return;
    const change = afterNotFound(lookedOf(probe), now);
    if (!change && !due) return;
    const outcome = change?.outcome ?? probe.outcome;
    const after = await app.db.transaction().execute((tx) =>
      stepProbe(tx, probe.id, [probe.outcome], {
        ...change,
        looks: probe.looks + 1,
        next_look_at: nextLook({ outcome, ...watchedOf(probe) }, now, floor),
        updated_at: now,
      }),
    );
    if (after && change && (change.outcome !== probe.outcome || after.late !== probe.late)) tell(after);
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
      if (after && change) tell(after);
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
      if (after) tell(after);
    }
  }

  async function noteReadable(reading: Reading, now: number): Promise<void> {
    if (now - reading.notedReadableAt < READABLE_NOTE_MS) return;
    reading.notedReadableAt = now;
    const folders = JSON.stringify(reading.session.folders);
    const wasUnreadable = await app.db.transaction().execute((tx) => markReadable(tx, reading.seed, folders, now));
    reading.seed = { ...reading.seed, unreadable_since: null, failures: 0 };
    if (wasUnreadable) app.announce({ topic: 'seed', id: reading.seed.id });
  }

  function tell(probe: ProbeTable): void {
    app.announce({ topic: 'probe', id: probe.id, runId: probe.run_id, monitorId: probe.monitor_id });
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

function request(folder: SeedFolder, probes: ProbeTable[], cursor: string | null, now: number) {
  return {
    folder: folder.path,
    tokens: probes.map((probe) => probe.token),
    messageIds: probes.map((probe) => probe.message_id),
    since: Math.min(now, ...probes.map((probe) => probe.queued_at)),
    cursor,
  };
}

function folderOf(folders: SeedFolder[], message: SeenMessage): SeedFolder {
  return (
    folders.find((folder) => folder.path === message.folder) ?? {
      path: message.folder,
      role: message.role,
      roleSource: null,
      selectable: true,
    }
  );
}

function lookedOf(probe: ProbeTable): Looked {
  return {
    outcome: probe.outcome,
    reason: probe.reason,
    protocol: probe.protocol,
    missingAt: probe.missing_at ?? Number.POSITIVE_INFINITY,
    lateAt: probe.late_at ?? Number.POSITIVE_INFINITY,
  };
}

function watchedOf(probe: ProbeTable) {
  const sentAt = probe.sent_at ?? probe.queued_at;
  return {
    sentAt,
    lateAt: probe.late_at ?? Number.POSITIVE_INFINITY,
    missingAt: probe.missing_at ?? Number.POSITIVE_INFINITY,
    watchUntil: probe.watch_until ?? Number.POSITIVE_INFINITY,
  };
}
