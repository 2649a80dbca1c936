/** How a placement test is made, as it is kept beside its audit, and what is known of it so far. */
import { type AuditProbe, auditProgress, probesOfAudit } from '../../db/campaigns.ts';
import type { Queries } from '../../db/open.ts';
import { decidedBy } from '../../db/runs.ts';
import type { AuditTable } from '../../db/schema.ts';
import type { AuthenticationResult } from '../authentication/types.ts';
import type { Landing, Placement } from './placement.ts';
import { sumUp } from './placement.ts';
import type { Policy } from './policy.ts';

/** Times in epoch ms. */
export type Test =
  | {
      by: 'sender';
      sender: { id: string; name: string; fromAddress: string };
      fromReplaced: boolean;
      /** It had signatures of its own, which were taken out. */
      unsigned: boolean;
      repeats: number;
      gapSeconds: number;
      withinSeconds: number;
      startedAt: number;
      endsAt: number;
    }
  | { by: 'watch'; startedAt: number; endsAt: number };

export function testOf(audit: Pick<AuditTable, 'test_json'>): Test | null {
  return audit.test_json === null ? null : (JSON.parse(audit.test_json) as Test);
}

/** Where its mails have landed so far; null where nothing is tested. */
export async function readPlacement(db: Queries, audit: AuditTable, now: number): Promise<Placement | null> {
  const test = testOf(audit);
  if (test === null) return null;
  const probes = await probesOfAudit(db, audit.id);
  const runIds = [...new Set(probes.map(({ run_id: id }) => id))];
  const latest = Math.max(0, ...(await decidedBy(db, runIds, now)).values());
  const waiting = (await auditProgress(db, [audit.id], now)).get(audit.id)?.waiting ?? 0;
  const policy = JSON.parse(audit.policy_json) as Policy;
  const iso = (at: number): string => new Date(at).toISOString();
  return sumUp(
    {
      by: test.by,
      sender: test.by === 'sender' ? test.sender : null,
      fromReplaced: test.by === 'sender' && test.fromReplaced,
      unsigned: test.by === 'sender' && test.unsigned,
      repeats: test.by === 'sender' ? test.repeats : 1,
      gapSeconds: test.by === 'sender' ? test.gapSeconds : 0,
      startedAt: iso(test.startedAt),
      endsAt: iso(latest > 0 ? latest : test.endsAt),
      landings: probes.map((probe) => landingOf(probe, audit.control_plan_id)),
    },
    waiting === 0,
    policy,
  );
}

function landingOf(probe: AuditProbe, controlPlan: string | null): Landing {
  const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
  const word = (text: string | null) => text as AuthenticationResult | null;
  const words = (spf: string | null, dkim: string | null, dmarc: string | null): Landing['reported'] =>
    spf === null && dkim === null && dmarc === null ? null : { spf: word(spf), dkim: word(dkim), dmarc: word(dmarc) };
  // Of a seed that is watched only a copy says that something was sent.
  const isOurs = probe.sender_id !== '';
  return {
    arm: probe.monitor_id === controlPlan ? 'control' : 'campaign',
    repeat: probe.turn,
    probeId: probe.id,
    runId: probe.run_id,
    seedId: probe.seed_id,
    seed: probe.address,
    provider: probe.provider,
    protocol: probe.protocol,
    outcome: probe.outcome,
    placement:
      probe.outcome !== 'placed' || probe.placement_kind === null
        ? null
        : {
            kind: probe.placement_kind,
            ...(probe.placement_tab === null ? {} : { tab: probe.placement_tab }),
            folder: probe.placement_folder ?? '',
          },
    reason: probe.reason,
    late: probe.late === 1,
    sendAt: iso(probe.next_send_at),
    sentAt: isOurs || probe.outcome === 'placed' ? iso(probe.sent_at) : null,
    delayMs: probe.delay_ms,
    reported: words(probe.reported_spf, probe.reported_dkim, probe.reported_dmarc),
    verified: words(probe.verified_spf, probe.verified_dkim, probe.verified_dmarc),
  };
}
