/**
 * One round of looking into a seed: a minute at most, so that a server that is slow with every folder keeps its place among the seeds being read no longer
 * than that. What a round does not reach the next one goes on with; what it has found is stored at its end, whatever else went wrong.
 */
import { findPlan } from '../../db/monitors.ts';
import { stepProbe } from '../../db/probes.ts';
import { saveCursor } from '../../db/readings.ts';
import type { ProbeTable, SeedFolderTable, SeedTable } from '../../db/schema.ts';
import type { App } from '../app.ts';
import type { Verifier } from '../authentication/verify.ts';
import type { Watcher } from '../seed/match.ts';
import { PROVIDERS } from '../seed/providers.ts';
import type { LookAnswer, SeedFailure, SeedSession } from '../seed/session.ts';
import type { SeedFolder, SeenMessage } from '../seed/types.ts';
import { storageTrouble } from '../storage.ts';
import type { BounceReader } from './bounces.ts';
import { afterNotFound, lookedOf, watchedOf } from './life.ts';
import { lookAgainAt } from './polling.ts';
import { NOBODY, type Recognition, surenessOf, watcherOf } from './recognise.ts';
import { recordReport, recordSighting, tell } from './record.ts';
import {
  beginCheck,
  checkedCopies,
  doubtfulFolders,
  isMain,
  newSweep,
  type Sweep,
  sureCopies,
  takeCopy,
} from './sweep.ts';

/** No look begins later than this into a round; one that has begun has a clock of its own (seed/limits.ts), and both together are a minute. */
const BEGIN_LOOKS_WITHIN_MS = 30_000;
/** And no message is judged later than this: what was found and is left is judged in the next round. */
const JUDGE_WITHIN_MS = 60_000;
/** A message that could not be judged is not looked at again before then. */
const POISON_WAIT_MS = 600_000;

export type Witnesses = { verifier: Verifier; bounces: BounceReader };

/** One session's memory between rounds. */
export type Reading = {
  seed: SeedTable;
  session: SeedSession;
  cursors: Map<string, SeedFolderTable>;
  /** Those among them that are not stored yet. */
  unsaved: Map<string, SeedFolderTable>;
  /** The sweep under way, null between two. */
  sweep: Sweep | null;
  widelyLookedAt: number;
  /** Reports that were read, by UID, of a folder in which the time was over before all were. */
  reportsRead: Set<string>;
};

export function newReading(seed: SeedTable, session: SeedSession, cursors: Map<string, SeedFolderTable>): Reading {
  return { seed, session, cursors, unsaved: new Map(), sweep: null, widelyLookedAt: 0, reportsRead: new Set() };
}

/** How far it went: to the end, until the time was over, or until the server failed. */
type Walked = 'done' | 'late' | { failure: SeedFailure };

/**
 * Goes on with the sweep under way, or begins one.
 * @param outstanding all probes of the seed that are looked for, or will be once they are sent, as they stand now
 * @param beginWithinMs no look begins later than this
 * @returns a failure, after which the session is closed; null when all that was asked was answered
 */
export async function lookRound(
  app: App,
  { verifier, bounces }: Witnesses,
  reading: Reading,
  outstanding: ProbeTable[],
  beginWithinMs: number = BEGIN_LOOKS_WITHIN_MS,
): Promise<SeedFailure | null> {
  const { seed, session } = reading;
  const { folders } = session;
  const begunAt = performance.now();
  const late = () => performance.now() - begunAt > beginWithinMs;
  const spent = () => performance.now() - begunAt > JUDGE_WITHIN_MS;
  const continued = reading.sweep !== null;
  const sweep = reading.sweep ?? newSweep(folders, outstanding, app.now(), reading.widelyLookedAt);
  reading.sweep = sweep;
  if (sweep.wide) reading.widelyLookedAt = sweep.startedAt;
  const byToken = new Map(outstanding.map((probe) => [probe.token, probe]));
  const watchers = await watchersFor(app, outstanding);

  const walked = await walk();
  const copies = sureCopies(sweep, folders, outstanding);
  if (walked === 'done') copies.push(...checkedCopies(sweep, outstanding));
  let judged = 0;
  for (; judged < copies.length && !spent(); judged++) await store(...(copies[judged] as (typeof copies)[number]));
  if (judged === copies.length) {
    await saveCursors();
    if (walked === 'done') await settle();
  }
  return typeof walked === 'string' ? null : walked.failure;

  async function walk(): Promise<Walked> {
    // What lands during a long sweep need not wait for its end. But where Junk and INBOX took all the time, the others have theirs first.
    const newsFirst = continued && sweep.gotOn;
    sweep.gotOn = false;
    if (newsFirst)
      for (const folder of folders.filter(isMain)) {
        const read = await readNews(folder);
        if (read !== 'done') return read;
      }
    for (let folder = sweep.left[0]; folder; folder = sweep.left[0]) {
      const read = await readThrough(folder);
      if (read !== 'done') return read;
      sweep.left.shift();
      sweep.newsRead = false;
      sweep.gotOn = true;
    }
    const check = beginCheck(sweep, folders, outstanding);
    for (let folder = check.left[0]; folder; folder = check.left[0]) {
      const read = await readAfresh(
        folder,
        outstanding.filter((probe) => check.tokens.has(probe.token) && !check.still.has(probe.token)),
      );
      if (read !== 'done') return read;
      check.left.shift();
      sweep.gotOn = true;
    }
    return 'done';
  }

  /** What is new in a folder, and in all of it those whose last word is due. */
  async function readThrough(folder: SeedFolder): Promise<Walked> {
    let unknown = false;
    if (!sweep.newsRead) {
      // The first look into a folder searches all of it.
      unknown = !reading.cursors.has(folder.path);
      const read = await readNews(folder);
      if (read !== 'done') return read;
      sweep.newsRead = true;
    }
    const deep = outstanding.filter((probe) => sweep.deep.has(probe.token) && !sweep.best.has(probe.token));
    return unknown ? 'done' : readAfresh(folder, deep);
  }

  /** What came since the last look, for all probes. */
  async function readNews(folder: SeedFolder): Promise<Walked> {
    for (;;) {
      if (late()) return 'late';
      const known = reading.cursors.get(folder.path)?.cursor ?? null;
      const answer = await session.look(request(folder, outstanding, known));
      if ('failure' in answer) return answer;
      takeFound(answer);
      for (const report of answer.reports) {
        if (reading.reportsRead.has(report.uid)) continue;
        // The cursor stays before them; in the next round those that were read are passed over.
        if (late()) return 'late';
        await recordReport(app, bounces, report);
        reading.reportsRead.add(report.uid);
      }
      reading.reportsRead.clear();
      if (known !== answer.cursor) {
        const row = { seed_id: seed.id, folder: folder.path, cursor: answer.cursor, read_at: app.now() };
        reading.cursors.set(folder.path, row);
        reading.unsaved.set(folder.path, row);
      }
      if (!answer.more) return 'done';
    }
  }

  /** All of a folder, as if for the first time, for some probes. */
  async function readAfresh(folder: SeedFolder, probes: ProbeTable[]): Promise<Walked> {
    if (probes.length === 0) return 'done';
    if (late()) return 'late';
    const answer = await session.look({ ...request(folder, probes, null), reports: false });
    if ('failure' in answer) return answer;
    takeFound(answer);
    return 'done';
  }

  function request(folder: SeedFolder, probes: ProbeTable[], cursor: string | null) {
    return {
      folder: folder.path,
      tokens: probes.map((probe) => probe.token),
      messageIds: probes.map((probe) => probe.message_id),
      watchers: watchers.filter(({ token }) => probes.some((probe) => probe.token === token)),
      since: Math.min(app.now(), ...probes.map((probe) => probe.queued_at)),
      cursor,
    };
  }

  function takeFound(answer: LookAnswer): void {
    for (const { token, message } of answer.found) {
      const probe = byToken.get(token);
      if (probe) takeCopy(sweep, probe, message);
    }
  }

  /** One message that cannot be judged stops no other: it is looked at again later. */
  async function store(probe: ProbeTable, message: SeenMessage): Promise<void> {
    sweep.stored.set(probe.token, message.folder);
    try {
      await recordSighting(app, { probe, seed, message, folder: folderOf(folders, message), verifier });
    } catch (error) {
      if (storageTrouble(error)) throw error;
      app.log.error({ err: error, probe: probe.id }, 'a message could not be judged');
      const now = app.now();
      const wait = { next_look_at: now + POISON_WAIT_MS, updated_at: now };
      await app.db.transaction().execute((tx) => stepProbe(tx, probe.id, [probe.outcome], wait));
    }
  }

  /** Only when what was found is stored: a crash before this reads the same mail again and stores nothing twice. */
  async function saveCursors(): Promise<void> {
    const doubtful = walked === 'done' ? new Set<string>() : doubtfulFolders(sweep, folders, outstanding);
    for (const [path, row] of [...reading.unsaved]) {
      if (doubtful.has(path)) continue;
      await saveCursor(app.db, row);
      reading.unsaved.delete(path);
    }
  }

  /** The sweep is over. */
  async function settle(): Promise<void> {
    reading.sweep = null;
    for (const probe of outstanding)
      if (sweep.wanted.has(probe.id) && !sweep.stored.has(probe.token)) await settleUnseen(probe);
  }

  /** A probe that was looked for everywhere due and not found: what that says holds for when the sweep began. */
  async function settleUnseen(probe: ProbeTable): Promise<void> {
    if (probe.outcome === 'sending' || probe.next_look_at === null) return;
    const looked = { ...lookedOf(probe), everywhere: sweep.deep.has(probe.token) };
    const change = afterNotFound(looked, sweep.startedAt);
    if (!change && !sweep.due.has(probe.id)) return;
    const now = app.now();
    const watched = { outcome: change?.outcome ?? probe.outcome, ...watchedOf(probe) };
    const after = await app.db.transaction().execute((tx) =>
      stepProbe(tx, probe.id, [probe.outcome], {
        ...change,
        looks: probe.looks + 1,
        next_look_at: lookAgainAt(watched, sweep.startedAt, now, PROVIDERS[seed.provider].pollingFloorMs),
        updated_at: now,
      }),
    );
    const news = after?.outcome !== probe.outcome || after.reason !== probe.reason || after.late !== probe.late;
    if (after && news) tell(app, after);
  }
}

/** Probes that nobody of ours sends are recognised by what their plan says. */
async function watchersFor(app: App, probes: readonly ProbeTable[]): Promise<Watcher[]> {
  const watches: { recognition: Recognition; probe: ProbeTable }[] = [];
  for (const probe of probes) {
    if (probe.sender_id !== NOBODY) continue;
    const plan = await findPlan(app.db, probe.monitor_id);
    if (plan) watches.push({ recognition: JSON.parse(plan.message_json) as Recognition, probe });
  }
  // The first that fits gets the mail: the surest, of two alike the newer.
  watches.sort((a, b) => surenessOf(b.recognition) - surenessOf(a.recognition) || (a.probe.id < b.probe.id ? 1 : -1));
  return watches.map(({ recognition, probe }) => watcherOf(recognition, probe.token, probe.queued_at));
}

function folderOf(folders: readonly SeedFolder[], message: SeenMessage): SeedFolder {
  const { folder: path, role } = message;
  return folders.find((folder) => folder.path === path) ?? { path, role, roleSource: null, selectable: true };
}
