/** A probe as it is born: queued, with a token and a Message-ID of its own, and the seed as it is now. */
import type { ProbeTable, RunTable, SeedTable } from '../../db/schema.ts';
import { newId, newToken } from '../id.ts';
import { newMessageId } from './compose.ts';

export function newProbe(run: RunTable, seed: SeedTable, tags: string[], fromAddress: string, now: number): ProbeTable {
  const token = newToken();
  return {
    id: newId(now),
    run_id: run.id,
    monitor_id: run.monitor_id,
    sender_id: run.sender_id,
    seed_id: seed.id,
    address: seed.address,
    provider: seed.provider,
    protocol: seed.protocol,
    tags_json: JSON.stringify(tags),
    token,
    message_id: newMessageId(token, fromAddress).slice(1, -1),
    subject: null,
    outcome: 'queued',
    reason: 'waiting-to-be-sent',
    evidence_json: '{}',
    placement_kind: null,
    placement_tab: null,
    placement_folder: null,
    late: 0,
    queued_at: now,
    next_send_at: now,
    send_tries: 0,
    sending_at: null,
    claimed_by: null,
    sent_at: null,
    first_seen_at: null,
    internal_date: null,
    delay_ms: null,
    late_at: null,
    missing_at: null,
    watch_until: null,
    next_look_at: null,
    looks: 0,
    reported_spf: null,
    reported_dkim: null,
    reported_dmarc: null,
    verified_spf: null,
    verified_dkim: null,
    verified_dmarc: null,
    verified_arc: null,
    audit_id: run.audit_id,
    updated_at: now,
  };
}
