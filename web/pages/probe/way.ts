/**
 * The way of a mail as one line of time: planned, handed over, each server that took it in turn (its Received lines), stored, found by us. Each step has its wait since
 * the one before, and the longest of the mail's own waits is marked: that is where to ask. Clocks of strangers' servers may be wrong: a wait is
 * never negative, and unknown where a time is missing.
 */
import type { ProbeDetailsJson } from '../../../server/api/json/probes.ts';

export type Hop = ProbeDetailsJson['hops'][number];
export type Step = {
  kind: 'queued' | 'handed-over' | 'refused' | 'hop' | 'stored' | 'seen';
  /** ISO 8601; null when the line has no date that can be read. */
  at: string | null;
  /** Since the step before; null for the first and where a time is missing. */
  delayMs: number | null;
  /** Of the longest of the mail's own waits, 0 to 1: how long its bar is. Null for the waits that are ours. */
  share: number | null;
  longest: boolean;
  hop: Hop | null;
  /** Here the provider took the mail from outside. */
  boundary: boolean;
};

/** Waits under this are how mail is: none of them is worth a mark. */
const WORTH_A_MARK_MS = 5_000;

export function wayOf(
  probe: Pick<
    ProbeDetailsJson,
    'queuedAt' | 'sentAt' | 'outcome' | 'dialogues' | 'hops' | 'internalDate' | 'firstSeenAt' | 'boundary'
  >,
): Step[] {
  const step = (kind: Step['kind'], at: string | null, before: string | null, hop: Hop | null = null): Step => ({
    kind,
    at,
    delayMs: at === null || before === null ? null : Math.max(0, Date.parse(at) - Date.parse(before)),
    share: null,
    longest: false,
    hop,
    boundary: false,
  });
  const steps = [step('queued', probe.queuedAt, null)];
  if (probe.sentAt !== null) steps.push(step('handed-over', probe.sentAt, probe.queuedAt));
  const refused = probe.outcome === 'rejected' ? probe.dialogues.at(-1) : undefined;
  if (refused) steps.push(step('refused', refused.at, probe.queuedAt));
  let last = probe.sentAt;
  for (const [at, hop] of probe.hops.entries()) {
    const made = step('hop', hop.at, last, hop);
    // Between servers the wait was worked out where the clocks were weighed; only the first is new here.
    steps.push(at === 0 ? made : { ...made, delayMs: hop.delayMs });
    last = hop.at ?? last;
  }
  if (probe.internalDate !== null) {
    steps.push(step('stored', probe.internalDate, last));
    last = probe.internalDate;
  }
  if (probe.firstSeenAt !== null) steps.push(step('seen', probe.firstSeenAt, last));
  return weighed(marked(steps, connectionOf(probe)));
}

/** From handing over to storing: what the sender can be told. Null while one of the two is not known. */
export function travelMs({ sentAt, internalDate }: Pick<ProbeDetailsJson, 'sentAt' | 'internalDate'>): number | null {
  return sentAt === null || internalDate === null ? null : Math.max(0, Date.parse(internalDate) - Date.parse(sentAt));
}

/** The connection from outside, as it was judged; null where that could not be told. */
export function connectionOf({ boundary }: Pick<ProbeDetailsJson, 'boundary'>): {
  ip: string;
  helo: string | null;
} | null {
  const judged = boundary?.boundary as { ip?: unknown; helo?: unknown } | undefined;
  if (typeof judged?.ip !== 'string') return null;
  return { ip: judged.ip, helo: typeof judged.helo === 'string' && judged.helo !== '' ? judged.helo : null };
}

/** The newest server that took the mail from that address is the provider's first. */
function marked(steps: Step[], connection: { ip: string } | null): Step[] {
  const at = steps.findLastIndex(({ hop }) => hop !== null && connection !== null && hop.fromIp === connection.ip);
  return steps.map((one, place) => (place === at ? { ...one, boundary: true } : one));
}

function weighed(steps: Step[]): Step[] {
  const own = steps.filter(({ kind }) => kind === 'hop' || kind === 'stored');
  const longest = own.reduce<Step | null>(
    (most, one) => ((one.delayMs ?? 0) > (most?.delayMs ?? 0) ? one : most),
    null,
  );
  const most = Math.max(longest?.delayMs ?? 0, WORTH_A_MARK_MS);
  return steps.map((one) => ({
    ...one,
    share: own.includes(one) && one.delayMs !== null ? one.delayMs / most : null,
    longest: one === longest && (one.delayMs ?? 0) >= WORTH_A_MARK_MS,
  }));
}
