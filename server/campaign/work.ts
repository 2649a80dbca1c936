/**
 * Audits at work, beside everything else: what waits is taken, a few at a time; the first copy that a watch finds becomes the mail that is audited; a test whose mails all
 * have an answer is summed up. All of it stands in rows: what a killed program had under way the next one begins again, three times at most.
 *
 * Long because the way of one audit from waiting to its verdict is one story.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  auditedMessage,
  auditProgress,
  claimAudit,
  findAuditResult,
  findCampaign,
  findWatch,
  openAudits,
  probesOfAudit,
  putAuditResult,
  stepAudit,
} from '../../db/campaigns.ts';
import { probeMessage } from '../../db/probes.ts';
import type { AuditTable } from '../../db/schema.ts';
import type { App } from '../app.ts';
import type { Verifier } from '../authentication/verify.ts';
import { createReach } from '../domain/reach.ts';
import { SEVERITIES } from '../domain/types.ts';
import { storageTrouble } from '../storage.ts';
import type { AskedDomain } from './ask-domains.ts';
import { type Audit, asDelivered, auditCampaign, withPlacement } from './audit.ts';
import { readCopy, readDelivered } from './copies.ts';
import { setMessage, summary } from './intake.ts';
import type { Policy } from './policy.ts';
import { readStored } from './stored.ts';
import { readPlacement, testOf } from './test.ts';
import type { Refusal } from './types.ts';
import { endWatch } from './watch.ts';

/** Each asks up to two hundred links, and reads for two seconds at most. */
const MOST_AT_ONCE = 2;
const MOST_TRIES = 3;
/** A claim that nobody alive holds is taken over at once; one of a program that hangs, after this. */
const CLAIM_MS = 10 * 60_000;
const STOP_WITHIN_MS = 5_000;

export type Auditing = {
  /** Starts what is due; waits for nothing that takes long. */
  workDue(): Promise<void>;
  close(): Promise<void>;
};

export type AuditingOptions = { instance: string; verifier: Verifier; alive: () => string[] };

export function createAuditing(app: App, { instance, verifier, alive }: AuditingOptions): Auditing {
  const running = new Map<string, Promise<void>>();
  /** Those for which something is read, beside the ticks: a hostile copy takes its two seconds. */
  const busy = new Map<string, Promise<void>>();
  /** What open pages were told last of tests under way. */
  const told = new Map<string, string>();
  /** Copies that could not be read, by their probes, and why: a hostile one takes its two seconds once, not with every tick. */
  const unreadable = new Map<string, Refusal>();
  let closed = false;

  function tell(audit: Pick<AuditTable, 'id' | 'campaign_id'>): void {
    app.announce({ topic: 'audit', id: audit.id });
    app.announce({ topic: 'campaign', id: audit.campaign_id });
  }

  async function advance(audit: AuditTable): Promise<void> {
    if (audit.watch_id !== null && audit.state !== 'auditing') await closeIfOver(audit);
    switch (audit.state) {
      case 'watching':
        return beside(audit, takeFirstCopy);
      case 'waiting':
        return takeUp(audit);
      case 'auditing': {
        const holder = audit.claimed_by;
        // Ours, and nothing of it runs: it could not be put back when it failed.
        const isLeft = holder === instance && !running.has(audit.id);
        const isHeld = holder !== null && alive().includes(holder) && audit.claimed_until > app.now();
        return isHeld && !isLeft ? undefined : takeUp(audit);
      }
      case 'testing':
        return beside(audit, sumUpIfOver);
      default:
    }
  }

  function beside(audit: AuditTable, work: (audit: AuditTable) => Promise<void>): void {
    if (busy.has(audit.id)) return;
    const done = work(audit)
      .catch((error: unknown) => {
        if (!closed) app.log.error({ err: error, audit: audit.id }, 'an audit could not go on');
      })
      .finally(() => busy.delete(audit.id));
    busy.set(audit.id, done);
  }

  /** A watch ends with its window, or with the last seed. */
  async function closeIfOver(audit: AuditTable): Promise<void> {
    const watch = await findWatch(app.db, audit.watch_id ?? '');
    if (watch?.state !== 'open') return;
    const progress = (await auditProgress(app.db, [audit.id], app.now())).get(audit.id);
    if (app.now() >= watch.closes_at || progress?.found === progress?.mails) await endWatch(app, watch.id);
  }

  async function takeFirstCopy(audit: AuditTable): Promise<void> {
    const seen = (await probesOfAudit(app.db, audit.id))
      .filter(({ outcome }) => outcome === 'placed')
      .sort((a, b) => (a.first_seen_at ?? 0) - (b.first_seen_at ?? 0));
    tellProgress(audit, `${seen.length}`);
    for (const probe of seen) {
      if (unreadable.has(probe.id)) continue;
      const message = await probeMessage(app.db, probe.id);
      if (message === null) continue;
      const done = await app.reader.read(message.raw, app.now());
      if ('refused' in done) {
        unreadable.set(probe.id, done.refused);
        app.log.info({ audit: audit.id, probe: probe.id, refused: done.refused }, 'a copy could not be read');
        continue;
      }
      const { facts } = done.read;
      await app.db.transaction().execute(async (tx) => {
        const campaign = await findCampaign(tx, audit.campaign_id);
        if (!campaign) return;
        const now = app.now();
        const id = await setMessage(tx, campaign, { raw: message.raw, facts, now });
        const { subject } = summary(facts);
        const change = { state: 'waiting', message_id: id, subject, updated_at: now } as const;
        await stepAudit(tx, audit.id, { state: 'watching' }, change);
      });
      tell(audit);
      return;
    }
    const watch = await findWatch(app.db, audit.watch_id ?? '');
    if (watch?.state === 'open') return;
    const now = app.now();
    // A copy that was found but not kept was larger than this installation keeps.
    const [refusal = seen.length > 0 ? 'too-large' : 'nothing-seen'] = seen.flatMap(
      ({ id }) => unreadable.get(id) ?? [],
    );
    for (const { id } of seen) unreadable.delete(id);
    const end = { state: 'refused', refusal, finished_at: now, updated_at: now } as const;
    if (await stepAudit(app.db, audit.id, { state: 'watching' }, end)) tell(audit);
  }

  async function takeUp(audit: AuditTable): Promise<void> {
    if (running.has(audit.id) || running.size >= MOST_AT_ONCE) return;
    const now = app.now();
    if (audit.tries >= MOST_TRIES) {
      const end = { state: 'failed', refusal: 'failed', finished_at: now, updated_at: now } as const;
      if (await stepAudit(app.db, audit.id, { state: audit.state }, end)) tell(audit);
      return;
    }
    // A try that failed a moment ago. The distance, not the difference: a clock that was set back would look like a try in the future.
    const ago = Math.abs(now - audit.updated_at);
    if (audit.state === 'waiting' && audit.tries > 0 && ago < audit.tries * 2_000) return;
    if (!(await claimAudit(app.db, audit, { by: instance, until: now + CLAIM_MS, now }))) return;
    tell(audit);
    const work = examine(audit)
      .catch(async (error: unknown) => {
        if (closed) return;
        app.log.error({ err: error, audit: audit.id }, 'a campaign could not be audited');
        const again = { state: 'waiting', claimed_by: null, updated_at: app.now() } as const;
        await stepAudit(app.db, audit.id, { state: 'auditing', by: instance }, again);
      })
      .catch((error: unknown) => app.log.error({ err: error, audit: audit.id }, 'an audit could not be put back'))
      .finally(() => running.delete(audit.id));
    running.set(audit.id, work);
  }

  async function examine(audit: AuditTable): Promise<void> {
    const raw = await auditedMessage(app.db, audit.id);
    if (raw === null) return refuse(audit, 'failed');
    const reach = createReach(app);
    const done = await auditCampaign(
      raw,
      { now: app.now, config: app.config, reader: app.reader, verifier, reach: () => reach },
      {
        fromDomain: audit.from_domain,
        policy: JSON.parse(audit.policy_json) as Policy,
        offline: false,
        delivered: audit.watch_id === null ? null : await readDelivered(app, audit, raw),
        progress: (step) => {
          // Nobody waits for it to be stored, and the page hears of it in any case.
          app.announce({ topic: 'audit', id: audit.id, step });
          if (!closed)
            stepAudit(app.db, audit.id, { state: 'auditing', by: instance }, { step, updated_at: app.now() }).catch(
              (error: unknown) => app.log.debug({ err: error }, 'a step of an audit was not stored'),
            );
        },
      },
    );
    if (closed) return;
    if ('refused' in done) return refuse(audit, done.refused);
    const placement = await readPlacement(app.db, audit, app.now());
    const result = placement === null ? done.audit : withPlacement(done.audit, placement);
    await app.db.transaction().execute(async (tx) => {
      const state = testOf(audit) === null ? 'done' : 'testing';
      const change = {
        ...(state === 'done' ? finished(result) : {}),
        state,
        step: null,
        updated_at: app.now(),
      } as const;
      if (await stepAudit(tx, audit.id, { state: 'auditing', by: instance }, change))
        await putAuditResult(tx, audit.id, { result: JSON.stringify(result), dns: snapshotOf(done.domains) });
    });
    tell(audit);
  }

  function finished(result: Audit): Partial<AuditTable> {
    const counts = SEVERITIES.map((severity) => [
      severity,
      result.findings.filter((finding) => finding.severity === severity).length,
    ]);
    return {
      verdict: result.verdict,
      score: result.score.points,
      counts_json: JSON.stringify(Object.fromEntries(counts)),
      finished_at: app.now(),
    };
  }

  async function refuse(audit: AuditTable, refusal: string): Promise<void> {
    const now = app.now();
    const end = {
      state: refusal === 'failed' ? 'failed' : 'refused',
      refusal,
      finished_at: now,
      updated_at: now,
    } as const;
    // As it was seen; or taken up by us since.
    const state = audit.state === 'testing' ? 'testing' : 'auditing';
    if (await stepAudit(app.db, audit.id, { state }, end)) tell(audit);
  }

  async function sumUpIfOver(audit: AuditTable): Promise<void> {
    const progress = (await auditProgress(app.db, [audit.id], app.now())).get(audit.id);
    tellProgress(audit, JSON.stringify(progress));
    if (progress !== undefined && progress.waiting > 0) return;
    // The mails were forgotten, or their monitor's room was: what is known stays.
    const stored = await findAuditResult(app.db, audit.id);
    if (stored === null) return refuse(audit, 'failed');
    const placement = await readPlacement(app.db, audit, app.now());
    let result = readStored(stored.result);
    let { dns } = stored;
    const copy = placement === null ? null : await readCopy(app, audit);
    if (copy !== null) {
      const delivered = await asDelivered(result, copy, { now: app.now, reach: () => createReach(app) });
      result = delivered.audit;
      dns = snapshotOf(delivered.domains);
    }
    if (placement !== null) result = withPlacement(result, placement);
    await app.db.transaction().execute(async (tx) => {
      const change = { ...finished(result), state: 'done' as const, updated_at: app.now() };
      if (await stepAudit(tx, audit.id, { state: 'testing' }, change))
        await putAuditResult(tx, audit.id, { result: JSON.stringify(result), dns });
    });
    told.delete(audit.id);
    tell(audit);
  }

  function tellProgress(audit: AuditTable, progress: string): void {
    if (told.get(audit.id) === progress) return;
    told.set(audit.id, progress);
    tell(audit);
  }

  return {
    async workDue() {
      if (closed) return;
      for (const audit of await openAudits(app.db)) {
        try {
          await advance(audit);
        } catch (error) {
          if (storageTrouble(error)) throw error;
          // One broken row stops no other.
          app.log.error({ err: error, audit: audit.id }, 'an audit could not go on');
        }
      }
    },
    async close() {
      closed = true;
      await Promise.race([
        Promise.all([...running.values(), ...busy.values()]),
        sleep(STOP_WITHIN_MS, undefined, { ref: false }),
      ]);
    },
  };
}

function snapshotOf(domains: readonly AskedDomain[]): string {
  return JSON.stringify(
    domains.map(({ domain, role, check }) => ({
      domain,
      role,
      checkedAt: check.checkedAt,
      records: check.records,
      unasked: check.unasked,
    })),
  );
}
