/**
 * Stores what was learned from one delivered copy: where it lies, what the receiver reported, what we verified, the way it took. One
 * transaction holds the sighting, the facts, the probe and the hourly counts. And what a delivery report says of a mail that did not arrive.
 */
import { findPlan } from '../../db/monitors.ts';
import { findProbe, findQuotedProbe, keepMessage, putFacts, stepProbe } from '../../db/probes.ts';
import type { ProbeTable, SeedTable } from '../../db/schema.ts';
import { addSighting, sightingsOf } from '../../db/sightings.ts';
import type { App } from '../app.ts';
import { findBoundary } from '../authentication/boundary.ts';
import { compareAuthentication } from '../authentication/compare.ts';
import { readHeaderFields } from '../authentication/headers.ts';
import { judgeHeaders } from '../authentication/judge.ts';
import type { Verifier } from '../authentication/verify.ts';
import { newId } from '../id.ts';
import { PROVIDERS, trustRulesFor } from '../seed/providers.ts';
import type { SeedFolder, SeenMessage } from '../seed/types.ts';
import type { BounceReader } from './bounces.ts';
import { deadlinesOf, deliveryDelay, watchFrom, withReply } from './life.ts';
import { judgePlacement } from './placement.ts';
import { nextLook } from './polling.ts';
import { NOBODY, stampedAt } from './recognise.ts';

export type Seen = { probe: ProbeTable; seed: SeedTable; message: SeenMessage; folder: SeedFolder; verifier: Verifier };

export async function recordSighting(app: App, seen: Seen): Promise<void> {
  const { probe, seed, message, folder } = seen;
  const seenAt = app.now();
  const place = judgePlacement({
    protocol: seed.protocol,
    folder: folder.path,
    role: folder.role,
    roleSource: folder.roleSource,
    tab: message.tab,
    header: ownValues(message.header, seed),
  });
  const before = await sightingsOf(app.db, probe.id);
  const first = before.length === 0;
  const learned = first ? await learn(seen) : null;
  const sentAt = first && probe.sender_id === NOBODY ? sentElsewhere(probe, message, seenAt) : sentOf(probe);
  const firstSeenAt = probe.first_seen_at ?? seenAt;
  const delay = probe.delay_ms ?? deliveryDelay(sentAt, firstSeenAt, message.internalDate);
  const watched = await watchOf(app, probe, sentAt);
  if (!watched) return;
  const late = first ? (sentAt + delay > watched.late_at ? 1 : 0) : probe.late;
  const now = app.now();

  const after = await app.db.transaction().execute(async (tx) => {
    const stepped = await stepProbe(tx, probe.id, ['accepted', 'unknown', 'missing', 'placed', 'sending'], {
      outcome: 'placed',
      reason: place.reason,
      evidence_json: JSON.stringify(
        withReply(JSON.parse(probe.evidence_json) as Record<string, unknown>, place.evidence),
      ),
      placement_kind: place.placement.kind,
      placement_tab: place.placement.tab ?? null,
      placement_folder: place.placement.folder,
      late,
      sent_at: sentAt,
      ...watched,
      first_seen_at: firstSeenAt,
      internal_date: probe.internal_date ?? message.internalDate,
      delay_ms: delay,
      looks: probe.looks + 1,
      next_look_at: nextLook(
        {
          outcome: 'placed',
          sentAt,
          lateAt: watched.late_at,
          missingAt: watched.missing_at,
          watchUntil: watched.watch_until,
        },
        now,
        PROVIDERS[seed.provider].pollingFloorMs,
      ),
      updated_at: now,
      ...(learned?.words ?? {}),
    });
    if (!stepped) return null;
    await addSighting(tx, {
      id: newId(seenAt),
      probe_id: probe.id,
      seen_at: seenAt,
      folder: folder.path,
      kind: place.placement.kind,
      tab: place.placement.tab ?? null,
      reason: place.reason,
      internal_date: message.internalDate,
      uid: message.uid,
    });
    if (learned) {
      await putFacts(tx, { probe_id: probe.id, ...learned.facts });
      if (message.raw) await keepMessage(tx, probe.id, message.raw);
    }
    return stepped;
  });
  if (after) tell(app, after);
}

/**
 * Stores what a delivery report says of the probe it is about. One that cannot be read, or is about something else, says nothing. A report may come before
 * the reply of the server that took the mail.
 */
export async function recordReport(app: App, bounces: BounceReader, report: SeenMessage): Promise<void> {
  if (!report.raw) return;
  const { bounce, unread } = await bounces.read(report.raw);
  if (unread) app.log.debug({ folder: report.folder, uid: report.uid, unread }, 'a delivery report could not be read');
  if (!bounce || bounce.action === 'other') return;
  const quoted = await findQuotedProbe(app.db, bounce);
  if (!quoted) return;
  const after = await app.db.transaction().execute(async (tx) => {
    const probe = await findProbe(tx, quoted.id);
    if (!probe) return null;
    const now = app.now();
    const evidence = withReply(JSON.parse(probe.evidence_json) as Record<string, unknown>, {
      status: bounce.status,
      reply: bounce.diagnostic,
      remoteHost: bounce.remoteHost,
      recipient: bounce.recipient,
      action: bounce.action,
    });
    const news = { evidence_json: JSON.stringify(evidence), updated_at: now };
    const step =
      bounce.action === 'failed'
        ? {
            ...news,
            outcome: 'bounced' as const,
            reason: 'bounced',
            sent_at: probe.sent_at ?? probe.sending_at,
            next_look_at: null,
          }
        : news;
    return stepProbe(tx, probe.id, ['accepted', 'unknown', 'missing', 'sending'], step);
  });
  if (after) tell(app, after);
}

function sentOf(probe: ProbeTable): number {
  return probe.sent_at ?? probe.sending_at ?? probe.queued_at;
}

/** When a mail left that we did not send: as its system stamped it, where that is believable; else when it arrived, so that no delay is made up. */
function sentElsewhere(probe: ProbeTable, { header, internalDate }: SeenMessage, seenAt: number): number {
  const stamped = stampedAt(header);
  const arrived = internalDate ?? seenAt;
  return stamped !== null && stamped <= arrived && stamped > probe.queued_at - 3_600_000 ? stamped : arrived;
}

/** Open pages that show this probe, or its run, fetch it anew. */
export function tell(app: App, probe: ProbeTable): void {
  app.announce({ topic: 'probe', id: probe.id, runId: probe.run_id, monitorId: probe.monitor_id });
}

/** The probe's deadlines. One that is seen before its server has replied has none yet: they begin with the hand-over. Null: its monitor is gone, and it with it. */
async function watchOf(app: App, probe: ProbeTable, sentAt: number) {
  const { late_at, missing_at, watch_until } = probe;
  if (late_at !== null && missing_at !== null && watch_until !== null) return { late_at, missing_at, watch_until };
  const plan = await findPlan(app.db, probe.monitor_id);
  return plan ? watchFrom(sentAt, deadlinesOf(plan)) : null;
}

/**
 * What the receiving side wrote above the line where the mail came in: the first value of each field by its name in lower case. A Map, so that a
 * field named __proto__ is just a field.
 */
function ownValues(header: Buffer, seed: SeedTable): Map<string, string> {
  const fields = readHeaderFields(header);
  const { ownUntil } = findBoundary(fields, trustRulesFor(seed.provider, { address: seed.address, host: seed.host }));
  const values = new Map<string, string>();
  for (const field of fields.slice(0, ownUntil)) if (!values.has(field.key)) values.set(field.key, field.value);
  return values;
}

/** Reads the headers, verifies the message in a worker and lays both beside each other. */
async function learn({ seed, message, verifier }: Seen) {
  const rules = trustRulesFor(seed.provider, { address: seed.address, host: seed.host });
  const judged = judgeHeaders(message.header, rules);
  const client = 'ip' in judged.boundary ? judged.boundary : null;
  const verified = await verifier.verify(message.raw ?? message.header, client, { headerOnly: message.raw === null });
  const disagreements = judged.reported ? compareAuthentication(judged.reported, verified, judged) : [];
  return {
    words: {
      reported_spf: judged.reported?.spf.result ?? null,
      reported_dkim: judged.reported?.dkim.result ?? null,
      reported_dmarc: judged.reported?.dmarc.result ?? null,
      verified_spf: verified.spf.result,
      verified_dkim: verified.dkim.result,
      verified_dmarc: verified.dmarc.result,
      verified_arc: verified.arc.result,
    },
    facts: {
      reported_json: judged.reported ? JSON.stringify(judged.reported) : null,
      verified_json: JSON.stringify(verified),
      disagreements_json: JSON.stringify(disagreements),
      hops_json: JSON.stringify(judged.hops),
      boundary_json: JSON.stringify({ boundary: judged.boundary, ignored: judged.ignored }),
      header: message.header,
    },
  };
}
