/**
 * The life of a probe as pure steps: what a row becomes when something is learned. Nothing here touches a server or a table; the shell
 * (send.ts, locate.ts) gathers the facts and stores what these functions say.
 *
 *   queued → sending → accepted → placed          (found, perhaps late)
 *              │  │        └────→ missing → placed (turned up after all)
 *              │  ├→ rejected                      (a clear refusal)
 *              │  ├→ deferred → sending …          (a clear "not now", three tries in all)
 *              │  └→ unknown → placed              (the connection or the program died after DATA had begun; when it
 *              │                                    never turns up it stays unknown: it may never have left)
 *              accepted → bounced                  (a notification came back)
 *              accepted → unknown                  (the seed could not be read when the answer was due)
 *   unknown → placed                               (a watched seed: somebody else's system sends, and it is never missing)
 */
import type { ProbeTable } from '../../db/schema.ts';
import type { SendResult } from '../sender/types.ts';
import type { Watched } from './polling.ts';
import type { Outcome, ProbeReason } from './types.ts';

/** Handing-overs of one probe, in all. */
export const MAX_SEND_TRIES = 3;

export type Deadlines = { lateAfterMs: number; missingAfterMs: number; watchMs: number };

/** The deadlines as a monitor's row has them. */
export function deadlinesOf(monitor: { late_after_ms: number; missing_after_ms: number; watch_ms: number }): Deadlines {
  return {
    lateAfterMs: monitor.late_after_ms,
    missingAfterMs: monitor.missing_after_ms,
    watchMs: monitor.watch_ms,
  };
}

/** The columns that change; names as in the table, so that the shell stores them as they are. */
export type Step = {
  outcome: Outcome;
  reason: ProbeReason;
  evidence_json: string;
  updated_at: number;
  sent_at?: number | null;
  late_at?: number | null;
  missing_at?: number | null;
  watch_until?: number | null;
  next_look_at?: number | null;
  next_send_at?: number | null;
  late?: 0 | 1;
};

/** Deadlines start when the server took the mail (or may have). */
export function watchFrom(
  sentAt: number,
  deadlines: Deadlines,
): { late_at: number; missing_at: number; watch_until: number } {
  return {
    late_at: sentAt + deadlines.lateAfterMs,
    missing_at: sentAt + deadlines.missingAfterMs,
    watch_until: sentAt + Math.max(deadlines.watchMs, deadlines.missingAfterMs),
  };
}

/** What a probe becomes when its handing-over ended. `tries` counts this one. */
export function afterSending(
  result: SendResult,
  tries: number,
  startedAt: number,
  endedAt: number,
  deadlines: Deadlines,
): Step {
  const base = { evidence_json: JSON.stringify(replyOf(result)), updated_at: endedAt };
  switch (result.end) {
    case 'accepted':
      return {
        ...base,
        outcome: 'accepted',
        reason: 'not-seen-yet',
        sent_at: endedAt,
        ...watchFrom(endedAt, deadlines),
        next_look_at: endedAt,
      };
    case 'ambiguous':
      // The server may have it: looked for like an accepted one, and never sent again.
      return {
        ...base,
        outcome: 'unknown',
        reason: result.reason,
        sent_at: startedAt,
        ...watchFrom(startedAt, deadlines),
        next_look_at: endedAt,
      };
    case 'rejected':
      return { ...base, outcome: 'rejected', reason: result.reason, next_send_at: null };
    case 'deferred':
      return {
        ...base,
        outcome: 'deferred',
        reason: result.reason,
        next_send_at: tries >= MAX_SEND_TRIES ? null : endedAt + Math.max(1_000, result.waitMs),
      };
  }
}

/** What the sending server answered, as evidence. */
function replyOf(result: SendResult): Record<string, unknown> {
  const evidence: Record<string, unknown> = {};
  if (result.code !== null) evidence.code = result.code;
  if (result.enhanced !== null) evidence.enhanced = result.enhanced;
  if (result.reply !== null) evidence.reply = result.reply.slice(0, 500);
  if (result.tls !== null) evidence.tls = result.tls.version;
  return evidence;
}

/** How the mail left stays known wherever it is found: later evidence is added to this part of the earlier. */
export function withReply(earlier: Record<string, unknown>, later: Record<string, unknown>): Record<string, unknown> {
  const kept = ['code', 'enhanced', 'tls'].filter((name) => Object.hasOwn(earlier, name));
  return { ...Object.fromEntries(kept.map((name) => [name, earlier[name]])), ...later };
}

/** The evidence of a probe that had moved on before its reply came: it was found, or had bounced, meanwhile. */
export function afterLateReply(result: SendResult, evidence: Record<string, unknown>, now: number) {
  return { evidence_json: JSON.stringify(withReply(replyOf(result), evidence)), updated_at: now };
}

/** What a probe becomes whose program died between the intent and the reply. */
export function afterInterruption(sendingAt: number, now: number, deadlines: Deadlines): Step {
  return {
    outcome: 'unknown',
    reason: 'interrupted-while-sending',
    evidence_json: '{}',
    updated_at: now,
    sent_at: sendingAt,
    ...watchFrom(sendingAt, deadlines),
    next_look_at: now,
  };
}

/** What a waiting probe becomes in a database that was put back: it may have been handed over since, so it is looked for and never sent. */
export function afterRestore(queuedAt: number, now: number, deadlines: Deadlines): Step {
  return { ...afterInterruption(queuedAt, now, deadlines), reason: 'restored-while-waiting', next_send_at: null };
}

export type Looked = {
  outcome: Outcome;
  reason: string;
  protocol: 'imap' | 'pop3';
  missingAt: number;
  lateAt: number;
};

/** What the looking needs to know of a probe's row. */
export function lookedOf(
  probe: Pick<ProbeTable, 'outcome' | 'reason' | 'protocol' | 'missing_at' | 'late_at'>,
): Looked {
  return {
    outcome: probe.outcome,
    reason: probe.reason,
    protocol: probe.protocol,
    missingAt: probe.missing_at ?? Number.POSITIVE_INFINITY,
    lateAt: probe.late_at ?? Number.POSITIVE_INFINITY,
  };
}

/** And its deadlines, for the plan of polling.ts. */
export function watchedOf(
  probe: Pick<ProbeTable, 'sent_at' | 'queued_at' | 'late_at' | 'missing_at' | 'watch_until' | 'reason'>,
): Omit<Watched, 'outcome'> {
  return {
    patient: probe.reason === 'watched',
    sentAt: probe.sent_at ?? probe.queued_at,
    lateAt: probe.late_at ?? Number.POSITIVE_INFINITY,
    missingAt: probe.missing_at ?? Number.POSITIVE_INFINITY,
    watchUntil: probe.watch_until ?? Number.POSITIVE_INFINITY,
  };
}

/** The one reason of an unknown probe that was surely sent. Every other leaves that open, and such a probe is never called missing. */
const SENT_BUT_UNREAD = 'seed-unreadable';

/**
 * What a probe becomes after a look that did not find it.
 * @param probe `everywhere`: it was looked for in all folders, as if for the first time
 * @param askedAt when the look began: what came later it may not have seen
 * @returns null when nothing changes
 */
export function afterNotFound(
  probe: Looked & { everywhere: boolean },
  askedAt: number,
): Pick<Step, 'outcome' | 'reason' | 'late'> | null {
  const late = askedAt >= probe.lateAt ? ({ late: 1 } as const) : {};
  const over = probe.everywhere && askedAt >= probe.missingAt;
  // Somebody else's system sends it, or does not: who does not see it knows nothing.
  if (probe.outcome === 'unknown' && probe.reason === 'watched')
    return over ? { outcome: 'unknown', reason: 'not-seen' } : null;
  if (probe.outcome === 'unknown' && ['not-seen', 'counted-elsewhere'].includes(probe.reason)) return null;
  if (probe.outcome === 'placed' || probe.outcome === 'missing') return null;
  if (probe.outcome === 'unknown' && probe.reason !== SENT_BUT_UNREAD)
    return over && probe.reason !== 'never-arrived' ? { outcome: 'unknown', reason: 'never-arrived' } : null;
  if (over)
    return {
      outcome: 'missing',
      reason: probe.protocol === 'pop3' ? 'not-seen-in-inbox' : 'not-seen-in-time',
      ...late,
    };
  // The seed can be read again before the deadline: the probe is simply not there yet.
  if (probe.outcome === 'unknown') return { outcome: 'accepted', reason: 'not-seen-yet', ...late };
  return 'late' in late ? { outcome: probe.outcome, reason: 'not-seen-yet', ...late } : null;
}

/**
 * What a probe becomes when its answer is due and its seed cannot be read.
 * @returns null when nothing changes
 */
export function afterUnreadable(probe: Looked, now: number): Pick<Step, 'outcome' | 'reason'> | null {
  if (probe.outcome !== 'accepted' || now < probe.missingAt) return null;
  return { outcome: 'unknown', reason: SENT_BUT_UNREAD };
}

/**
 * Delivery time in milliseconds: until the receiving server's own INTERNALDATE where that is believable, else until we saw it. INTERNALDATE counts
 * whole seconds on a clock that is not ours, so it is kept between the two moments that are.
 */
export function deliveryDelay(sentAt: number, firstSeenAt: number, internalDate: number | null): number {
  const seen = Math.max(0, firstSeenAt - sentAt);
  if (internalDate === null || Math.abs(internalDate - firstSeenAt) > 7 * 86_400_000) return seen;
  return Math.min(seen, Math.max(0, internalDate - sentAt));
}
