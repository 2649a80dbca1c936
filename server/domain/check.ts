/**
 * One check of a domain that is watched: what is known of it is gathered, it is audited, and what came of it is stored in one transaction. The claim is a conditional update, and is held as
 * long as the check lasts: several instances check each domain once, and whoever asks for a check that runs already is given the one that runs.
 */
import pLimit, { type LimitFunction } from 'p-limit';
import {
  claimDomain,
  type DomainFacts,
  findDomain,
  findFacts,
  findSnapshot,
  holdClaim,
  insertChanges,
  insertCheck,
  insertSnapshot,
  putFacts,
  releaseDomain,
} from '../../db/domains.ts';
import { addMark } from '../../db/marks.ts';
import type { Queries } from '../../db/open.ts';
import type { DomainTable } from '../../db/schema.ts';
import type { App } from '../app.ts';
import { newId } from '../id.ts';
import { auditDomain, type DomainCheck, worstOf } from './audit.ts';
import { createAsk } from './lookup.ts';
import { type Gained, gatherKnown } from './lookup-known.ts';
import { readPublished } from './lookup-published.ts';
import { Memory } from './memory.ts';
import { createProgress, type Progress } from './progress.ts';
import { carryOver, changesBetween, type Published, type RecordChange, samePublished } from './published.ts';
import { createReach } from './reach.ts';
import { countsOf, historyOf, type Standing, standAfter } from './standing.ts';
import type { Protocol } from './types.ts';

export type CheckApp = Pick<App, 'config' | 'db' | 'dns' | 'log' | 'now' | 'announce'>;

/** `elsewhere`: another instance checks it now. `stopped`: given up, or the domain is gone. */
export type CheckEnd = { end: 'done'; id: string } | { end: 'elsewhere' | 'stopped' };

export const CHECK_EVERY_MS = 6 * 3_600_000;
/** Domains that were added together drift apart. */
const JITTER = 0.1;
/** What was seen to be gone is looked at again: a little after the minute that must lie between. */
const CONFIRM_AFTER_MS = 75_000;
const MOST_ROUNDS = 3;
/** A check that fails for want of anything but answers is tried again. */
const FAILED_AFTER_MS = 10 * 60_000;
/** Answers as old as that are new enough: domains that are checked one after the other share what they include. */
const FRESH_MS = 30_000;
/** A claim that nobody holds any more: its process is dead. */
const CLAIM_MS = 60_000;
const HOLD_EVERY_MS = 15_000;
/** How often whoever watches is told how far it is. A check that is done sooner tells nothing. */
const TELL_EVERY_MS = 400;

/** However many are asked for at the same time: each holds some megabytes while it lasts, and DNS lets fifty questions out at a time. */
const MOST_AT_ONCE = 8;

type Desk = { running: Map<string, Promise<CheckEnd>>; stop: AbortController; limit: LimitFunction };
const desks = new WeakMap<object, Desk>();

function deskOf(app: CheckApp): Desk {
  const desk = desks.get(app) ?? { running: new Map(), stop: new AbortController(), limit: pLimit(MOST_AT_ONCE) };
  desks.set(app, desk);
  return desk;
}

/** @throws what the database throws; nothing that DNS or servers do */
export function checkDomain(app: CheckApp, id: string): Promise<CheckEnd> {
  const { running, stop, limit } = deskOf(app);
  const known = running.get(id);
  if (known !== undefined) return known;
  const { signal } = stop;
  const check = limit(() => run(app, id, signal)).finally(() => running.delete(id));
  running.set(id, check);
  return check;
}

export function isBeingChecked(app: CheckApp, id: string): boolean {
  return deskOf(app).running.has(id);
}

/** Gives up all checks that run here; what they found is not stored, and they stay due. */
export async function stopChecks(app: CheckApp): Promise<void> {
  const desk = deskOf(app);
  desk.stop.abort();
  desk.stop = new AbortController();
  await Promise.allSettled(desk.running.values());
}

async function run(app: CheckApp, id: string, signal: AbortSignal): Promise<CheckEnd> {
  // It waited for its turn, and all were given up meanwhile.
  if (signal.aborted) return { end: 'stopped' };
  const startedAt = app.now();
  const by = newId(startedAt);
  if (!(await claimDomain(app.db, id, { by, until: startedAt + CLAIM_MS, now: startedAt })))
    return { end: (await findDomain(app.db, id)) === undefined ? 'stopped' : 'elsewhere' };
  app.announce({ topic: 'domain', id });
  const hold = setInterval(() => {
    holdClaim(app.db, id, { by, until: app.now() + CLAIM_MS }).catch((error: unknown) =>
      app.log.warn({ err: error, domain: id }, 'the claim on a domain could not be held'),
    );
  }, HOLD_EVERY_MS);
  hold.unref();
  const progress = createProgress(app.now);
  const tell = setInterval(() => app.announce({ topic: 'check', id, progress: progress.parts() }), TELL_EVERY_MS);
  tell.unref();
  try {
    const made = await untilStopped(examine(app, id, startedAt, progress), signal);
    if (made === null) {
      await releaseDomain(app.db, id, by, {});
      return { end: 'stopped' };
    }
    const stored = await app.db.transaction().execute((tx) => store(tx, by, made, startedAt, app.now()));
    return stored === null ? { end: 'stopped' } : { end: 'done', id: stored };
  } catch (error) {
    await releaseDomain(app.db, id, by, { next_check_at: app.now() + FAILED_AFTER_MS });
    throw error;
  } finally {
    clearInterval(hold);
    clearInterval(tell);
    app.announce({ topic: 'domain', id });
  }
}

/** Null: stopped before. */
async function untilStopped<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value | null> {
  const stopped = Promise.withResolvers<null>();
  const stop = (): void => stopped.resolve(null);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

type Examined = {
  domain: DomainTable;
  before: { facts: DomainFacts; standing: Standing; published: Published[] } | null;
  gained: Gained;
  check: DomainCheck;
  memory: Memory;
  published: Published[];
};

/** Null: it is not watched any more. */
async function examine(app: CheckApp, id: string, now: number, progress: Progress): Promise<Examined | null> {
  const domain = await findDomain(app.db, id);
  if (domain === undefined) return null;
  const facts = await findFacts(app.db, id);
  const snapshot = facts === null ? undefined : await findSnapshot(app.db, facts.snapshot_id);
  const before =
    facts === null
      ? null
      : {
          facts,
          standing: JSON.parse(facts.standing_json) as Standing,
          published: JSON.parse(snapshot?.records_json ?? '[]') as Published[],
        };
  const gained = await gatherKnown(app, now, domain, facts?.learned_json ?? null, historyOf(before?.standing ?? null));
  const memory = new Memory(facts?.memory ?? null);
  const reach = createReach(app, createAsk(app.dns, { maxAgeMs: FRESH_MS }), { memory });
  const check = await auditDomain(reach, gained.known, null, progress);
  const published = carryOver(before?.published ?? null, await readPublished(reach, check, before?.published ?? null));
  return { domain, before, gained, check, memory, published };
}

/** @returns the id of the check; null when the claim was lost meanwhile, and nothing was stored */
async function store(
  tx: Queries,
  by: string,
  { domain, before, gained, check, memory, published }: Examined,
  startedAt: number,
  now: number,
): Promise<string | null> {
  const changes = changesBetween(domain.name, before?.published ?? null, published);
  const standing = standAfter(before?.standing ?? null, check, startedAt);
  const counts = JSON.stringify(countsOf(check.findings));
  const unasked = Object.values(standing.unaskedSince);
  // Where something comes and goes all the time, looking once more settles nothing.
  const isDue = domain.next_check_at !== null && domain.next_check_at <= startedAt;
  const round = isDue ? domain.confirming + 1 : Math.max(1, domain.confirming);
  const confirming = (check.unconfirmed.length > 0 || changes.length > 0) && round <= MOST_ROUNDS ? round : 0;
  const wait = confirming > 0 ? CONFIRM_AFTER_MS : CHECK_EVERY_MS * (1 + JITTER * (2 * Math.random() - 1));
  const released = await releaseDomain(tx, domain.id, by, {
    checked_at: startedAt,
    state: standing.state,
    state_since: standing.since,
    counts_json: counts,
    protocols_json: JSON.stringify(worstOf(check)),
    unasked_since: unasked.length === 0 ? null : Math.min(...unasked),
    confirming,
    ...(await planned(tx, domain, now + Math.round(wait))),
  });
  if (!released) return null;
  const isSame = before !== null && samePublished(before.published, published);
  const snapshotId = isSame ? before.facts.snapshot_id : newId(startedAt);
  if (!isSame)
    await insertSnapshot(tx, {
      id: snapshotId,
      domain_id: domain.id,
      at: startedAt,
      records_json: JSON.stringify(published),
    });
  await putFacts(tx, {
    domain_id: domain.id,
    check: JSON.stringify(check),
    memory: memory.toText(),
    standing_json: JSON.stringify(standing),
    learned_json: JSON.stringify(gained.learned),
    snapshot_id: snapshotId,
  });
  const id = newId(startedAt);
  await insertCheck(tx, {
    id,
    domain_id: domain.id,
    at: startedAt,
    took_ms: Math.max(0, now - startedAt),
    state: standing.state,
    counts_json: counts,
    unasked: check.unasked.length,
    snapshot_id: snapshotId,
  });
  await insertChanges(
    tx,
    changes.map(({ before: from, after, ...change }) => ({
      ...change,
      id: newId(startedAt),
      domain_id: domain.id,
      check_id: id,
      at: startedAt,
      before_json: JSON.stringify(from),
      after_json: JSON.stringify(after),
    })),
  );
  if (changes.length > 0)
    await addMark(tx, {
      at: startedAt,
      reason: 'domain-record-changed',
      name: domain.name,
      evidence: { domainId: domain.id, records: recordsIn(changes), count: changes.length },
    });
  return id;
}

/** When it is next due, unless somebody paused it, or changed something that is to be checked at once, while this check went on. */
async function planned(tx: Queries, before: DomainTable, at: number): Promise<Partial<DomainTable>> {
  const now = await findDomain(tx, before.id);
  if (now === undefined || now.paused_at !== null) return { next_check_at: null };
  return now.updated_at === before.updated_at ? { next_check_at: at } : {};
}

const NAMES: Record<Protocol, string> = {
  spf: 'SPF',
  dkim: 'DKIM',
  dmarc: 'DMARC',
  mx: 'MX',
  ptr: 'PTR',
  'mta-sts': 'MTA-STS',
  'tls-rpt': 'TLS-RPT',
  dane: 'DANE',
  dnssec: 'DNSSEC',
  bimi: 'BIMI',
  blocklists: '',
};

/** `SPF, DKIM (s1)`. */
function recordsIn(changes: readonly RecordChange[]): string[] {
  const names = changes.map(({ protocol, name }) => {
    const selector = protocol === 'dkim' ? /^(.+)\._domainkey\./.exec(name)?.[1] : undefined;
    return selector === undefined ? NAMES[protocol] : `${NAMES[protocol]} (${selector})`;
  });
  return [...new Set(names)];
}
