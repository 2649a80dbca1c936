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

/** Runs a monitor and waits until all its mails were taken. */
export async function runUntilTaken(world: World, monitorId: string): Promise<Run> {
  return waitForRun(world, await startRun(world, monitorId), (run) =>
    run.probes.every((probe) => !['queued', 'sending'].includes(probe.outcome)),
  );
}
