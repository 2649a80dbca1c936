/** Mail that a test puts into a folder by its own hand, past all servers: for places and headers that no fate of the sandbox gives. */
import type { ProbeTable } from '../../db/schema.ts';
import { type Run, startRun, type World, waitForRun } from './world.ts';

/** The row of a run's probe to this address, with what the API does not tell: its token. */
export async function rowOf(world: World, runId: string, address: string): Promise<ProbeTable> {
  return world.todoku.app.db
    .selectFrom('probes')
    .selectAll()
    .where('run_id', '=', runId)
    .where('address', '=', address)
    .orderBy('id')
    .executeTakeFirstOrThrow();
}

/** A delivered copy of a probe. @param lines further header lines: above the receiver's own Received line, and below everything */
export function copyOf(probe: ProbeTable, lines: { above?: string; below?: string } = {}): Buffer {
  return Buffer.from(
    [
      `Return-Path: <probe@good.test>`,
      ...(lines.above === undefined ? [] : [lines.above]),
      'Received: from smtp.good.test (smtp.good.test [203.0.113.10])',
      `\tby mx.plain.test (Postfix) with ESMTPS id 4ABC for <${probe.address}>; Mon, 23 Nov 2026 12:00:00 +0000`,
      'From: Todoku <probe@good.test>',
      `To: ${probe.address}`,
      'Subject: by hand',
      `Message-ID: <${probe.message_id}>`,
      `X-Todoku-Probe: ${probe.token}`,
      ...(lines.below === undefined ? [] : [lines.below]),
      '',
      'hello',
      '',
    ].join('\r\n'),
  );
}

/** A probe beside another of the same run and seed that is looked for, and never found: while it is, the seed is read. */
export async function addLostProbe(world: World, beside: ProbeTable, now: number, missingInMs = 3_600_000) {
  const lost: ProbeTable = {
    ...beside,
    ...{ id: `${beside.id}x`, token: `${beside.token}x`, message_id: `x${beside.message_id}` },
    ...{ outcome: 'accepted', reason: 'not-seen-yet', evidence_json: '{}', claimed_by: null, late: 0 },
    ...{ placement_kind: null, placement_tab: null, placement_folder: null },
    ...{ delay_ms: null, first_seen_at: null, internal_date: null, sent_at: now - 10_000, next_look_at: now },
    ...{ late_at: now + missingInMs, missing_at: now + missingInMs, watch_until: now + 2 * missingInMs },
    ...{ reported_spf: null, reported_dkim: null, reported_dmarc: null },
    ...{ verified_spf: null, verified_dkim: null, verified_dmarc: null, verified_arc: null },
  };
  await world.todoku.app.db.insertInto('probes').values(lost).execute();
}

/** Runs a monitor and waits until all its mails were taken. */
export async function runUntilTaken(world: World, monitorId: string): Promise<Run> {
  return waitForRun(world, await startRun(world, monitorId), (run) =>
    run.probes.every((probe) => !['queued', 'sending'].includes(probe.outcome)),
  );
}
