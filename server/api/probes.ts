/** Probes over the API: in short within a run, alone with all their evidence, and the message itself. */
import { messageSize } from '../../db/overviews.ts';
import { findProbe, forgottenAt, probeDialogues, probeFacts, probeMessage, probeMessageGzip } from '../../db/probes.ts';
import type { ProbeTable } from '../../db/schema.ts';
import { sightingsOf } from '../../db/sightings.ts';
import type { App } from '../app.ts';
import type { Disagreement, Hop, ReportedAuthentication, VerifiedAuthentication } from '../authentication/types.ts';
import { AppError } from '../errors.ts';
import type { DialogueLine } from '../sender/types.ts';
import { idParams, iso, isoOrNull } from './json/basics.ts';
import { previewJson } from './json/previews.ts';
import { type ProbeDetailsJson, type ProbeJson, probeDetailsJson } from './json/probes.ts';
import { readPublished } from './published.ts';
import { route } from './route.ts';

/** A header block longer than this is cut in the answer; the message itself is whole. */
const MAX_HEADER_CHARACTERS = 300_000;

export const probeRoutes = [
  route({
    method: 'get',
    path: '/api/probes/:id',
    summary: 'One probe with all its evidence: headers, hops, sightings, SMTP dialogues',
    params: idParams,
    reply: probeDetailsJson,
    handler: async (app, { params }) => readProbe(app, params.id),
  }),
  route({
    method: 'get',
    path: '/api/probes/:id/message',
    summary: 'The raw message as received, as a text file',
    params: idParams,
    text: 'text/plain',
    handler: async (app, { params }) => {
      const message = (await probeMessage(app.db, params.id)) ?? (await notKept(app, params.id));
      return {
        // Mail is hostile: never shown as what it says it is, never guessed at, never inline.
        contentType: 'text/plain; charset=utf-8',
        body: message.raw,
        headers: {
          'Content-Disposition': `attachment; filename="probe-${params.id.replace(/[^0-9a-z]/gi, '')}.eml.txt"`,
          'Content-Security-Policy': "sandbox; default-src 'none'",
        },
      };
    },
  }),
  route({
    method: 'get',
    path: '/api/probes/:id/preview',
    summary: 'The message as its reader would see it, without anything that runs, loads or leads away',
    params: idParams,
    reply: previewJson,
    handler: async (app, { params }) =>
      app.previews.make((await probeMessageGzip(app.db, params.id)) ?? (await notKept(app, params.id))),
  }),
];

/** @throws AppError `not-found`, saying whether there ever was one */
async function notKept(app: App, id: string): Promise<never> {
  if ((await forgottenAt(app.db, id)) !== null)
    throw new AppError('not-found', 'This message was kept for as long as the settings say, and is forgotten now.');
  throw new AppError('not-found', 'No copy of this message is kept: it was not seen, or is too large.');
}

export function presentProbe(
  probe: ProbeTable,
  facts: { reported: string | null; verified: string | null } | null,
): ProbeJson {
  return {
    id: probe.id,
    seedId: probe.seed_id,
    seed: probe.address,
    provider: probe.provider,
    protocol: probe.protocol,
    outcome: probe.outcome,
    placement: presentPlacement(probe.placement_kind, probe.placement_tab, probe.placement_folder),
    reason: probe.reason,
    evidence: JSON.parse(probe.evidence_json) as Record<string, unknown>,
    late: probe.late === 1,
    sentAt: isoOrNull(probe.sent_at),
    firstSeenAt: isoOrNull(probe.first_seen_at),
    delayMs: probe.delay_ms,
    authentication: {
      reported: parsed<ProbeJson['authentication']['reported']>(facts?.reported ?? null, null),
      verified: parsed<ProbeJson['authentication']['verified']>(facts?.verified ?? null, null),
    },
  };
}

async function readProbe(app: App, id: string): Promise<ProbeDetailsJson> {
  const probe = await findProbe(app.db, id);
  if (!probe) throw new AppError('not-found', 'There is no such probe.');
  const facts = await probeFacts(app.db, id);
  const short = presentProbe(probe, facts ? { reported: facts.reported_json, verified: facts.verified_json } : null);
  const witnesses = {
    reported: parsed<ReportedAuthentication | null>(facts?.reported_json ?? null, null),
    verified: parsed<VerifiedAuthentication | null>(facts?.verified_json ?? null, null),
  };
  return {
    ...short,
    authentication: {
      ...short.authentication,
      published: await readPublished(app, probe.sender_id, witnesses),
    },
    runId: probe.run_id,
    monitorId: probe.monitor_id,
    auditId: probe.audit_id,
    senderId: probe.sender_id,
    token: probe.token,
    messageId: probe.message_id,
    subject: probe.subject,
    queuedAt: iso(probe.queued_at),
    nextSendAt: isoOrNull(probe.next_send_at),
    sendTries: probe.send_tries,
    internalDate: isoOrNull(probe.internal_date),
    lateAt: isoOrNull(probe.late_at),
    missingAt: isoOrNull(probe.missing_at),
    watchUntil: isoOrNull(probe.watch_until),
    nextLookAt: isoOrNull(probe.next_look_at),
    looks: probe.looks,
    headers: facts?.header ? Buffer.from(facts.header).toString('utf8').slice(0, MAX_HEADER_CHARACTERS) : null,
    hops: parsed<Hop[]>(facts?.hops_json ?? null, []).map((hop) => ({ ...hop, at: dateOf(hop.at) })),
    boundary: parsed<Record<string, unknown> | null>(facts?.boundary_json ?? null, null),
    disagreements: parsed<Disagreement[]>(facts?.disagreements_json ?? null, []),
    sightings: (await sightingsOf(app.db, id)).map((sighting) => ({
      seenAt: iso(sighting.seen_at),
      kind: sighting.kind,
      ...(sighting.tab === null ? {} : { tab: sighting.tab }),
      folder: sighting.folder,
      reason: sighting.reason,
      internalDate: isoOrNull(sighting.internal_date),
    })),
    dialogues: (await probeDialogues(app.db, id)).map((dialogue) => ({
      attempt: dialogue.attempt,
      at: iso(dialogue.at),
      end: dialogue.end,
      reason: dialogue.reason,
      lines: parsed<DialogueLine[]>(dialogue.lines_json, []).map((line) => ({ ...line, at: iso(line.at) })),
    })),
    messageSize: await messageSize(app.db, id),
    messageForgottenAt: isoOrNull(await forgottenAt(app.db, id)),
  };
}

function presentPlacement(
  kind: ProbeTable['placement_kind'],
  tab: ProbeTable['placement_tab'],
  folder: string | null,
): ProbeJson['placement'] {
  if (kind === null) return null;
  return { kind, ...(tab === null ? {} : { tab }), folder: folder ?? '' };
}

function parsed<Shape>(text: string | null, otherwise: Shape): Shape {
  return text === null ? otherwise : ((JSON.parse(text) as Shape | null) ?? otherwise);
}

/** A date out of a foreign header may be one that no calendar has. */
function dateOf(at: number | null): string | null {
  return at === null || !Number.isFinite(at) || Math.abs(at) > 8.64e15 ? null : iso(at);
}
