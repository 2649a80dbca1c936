/**
 * The tables as Kysely sees them. Ids are text made by the app, times are epoch milliseconds, booleans are 0 or 1, JSON is text that no
 * statement looks into. Columns named `…_sealed` hold a credential sealed by server/vault.ts.
 *
 * Long because every table stands in this one list.
 */

import type { Generated } from 'kysely';
import type { Verdict } from '../server/campaign/policy.ts';
import type { AuditState, CampaignSource, WatchState } from '../server/campaign/state.ts';
import type { ChangeKind, Protocol as DomainProtocol, DomainState, PublishedType } from '../server/domain/types.ts';
import type { MarkReason } from '../server/mark/types.ts';
import type { RunState } from '../server/monitor/types.ts';
import type { Outcome, PlacementKind, Tab } from '../server/probe/types.ts';
import type { Protocol, ProviderId } from '../server/seed/types.ts';
import type { Security } from '../server/sender/types.ts';

export type Flag = 0 | 1;

/** One row per setting of the installation: password hash, language, retention … as JSON text. */
export type SettingTable = { key: string; value: string; updated_at: number };

export type SessionTable = {
  id: string;
  token_hash: string;
  created_at: number;
  expires_at: number;
  last_seen_at: number;
  user_agent: string;
  address: string;
};

export type ApiTokenTable = {
  id: string;
  name: string;
  token_hash: string;
  created_at: number;
  last_used_at: number | null;
  revoked_at: number | null;
};

/** Read-only keys for a screen on the wall, of everything or of one monitor. */
export type WallLinkTable = {
  id: string;
  name: string;
  key_hash: string;
  monitor_id: string | null;
  created_at: number;
  last_used_at: number | null;
  revoked_at: number | null;
};

/** One-time links to set the password. */
export type PasswordLinkTable = { token_hash: string; created_at: number; expires_at: number; used_at: number | null };

/** Failed sign-ins, so that a restart does not forgive a guesser. */
export type LoginAttemptTable = { id: string; at: number; address: string };

export type SenderTable = {
  id: string;
  name: string;
  from_address: string;
  from_name: string;
  preset: string;
  host: string;
  port: number;
  security: Security;
  user_name: string | null;
  password_sealed: string | null;
  /** Planned for OAuth2: a sealed JSON of tokens. Always null today. */
  oauth_sealed: string | null;
  daily_limit: number;
  min_gap_ms: number;
  /** Paused by the user. */
  paused_at: number | null;
  /** Paused by a reply of the server, until then. */
  held_until: number | null;
  held_reason: string | null;
  held_reply: string | null;
  checked_at: number | null;
  check_json: string | null;
  created_at: number;
  updated_at: number;
};

/** One row per recipient handed (or meant to be handed) to a sender's server: the rolling 24-hour budget. */
export type SenderUseTable = { id: string; sender_id: string; at: number };

export type SeedTable = {
  id: string;
  address: string;
  provider: ProviderId;
  protocol: Protocol;
  host: string;
  port: number;
  security: Security;
  user_name: string;
  password_sealed: string;
  oauth_sealed: string | null;
  /** Chosen by the user; null: found by SPECIAL-USE or name. */
  junk_folder: string | null;
  paused_at: number | null;
  /** Since when it cannot be read, and why; null while it can. */
  unreadable_since: number | null;
  unreadable_reason: string | null;
  unreadable_reply: string | null;
  /** Failed readings in a row; reset only by a reading that went through. */
  failures: number;
  /** No login before then. */
  next_attempt_at: number;
  last_read_at: number | null;
  /** Which process reads it now, and until when that is believed. */
  reader: string | null;
  reader_until: number;
  folders_json: string | null;
  checked_at: number | null;
  check_json: string | null;
  created_at: number;
  updated_at: number;
};

export type SeedTagTable = { seed_id: string; tag: string };

/** How far each folder of a seed has been read; the cursor is opaque to the database. */
export type SeedFolderTable = { seed_id: string; folder: string; cursor: string; read_at: number };

export type MonitorTable = {
  id: string;
  name: string;
  sender_id: string;
  message_json: string;
  cron: string | null;
  time_zone: string | null;
  late_after_ms: number;
  missing_after_ms: number;
  watch_ms: number;
  paused_at: number | null;
  next_run_at: number | null;
  created_at: number;
  updated_at: number;
};

export type MonitorSeedTable = { monitor_id: string; seed_id: string };
export type MonitorTagTable = { monitor_id: string; tag: string };

export type RunTable = {
  id: string;
  monitor_id: string;
  sender_id: string;
  /** The slot of the schedule it answers, null for a run by hand. Unique per monitor: each slot fires once. */
  slot_at: number | null;
  started_at: number;
  state: RunState;
  finished_at: number | null;
  probe_count: number;
  /** The audit whose placement test it belongs to; null: it belongs to a monitor of its own. */
  audit_id: string | null;
};

export type ProbeTable = {
  id: string;
  run_id: string;
  monitor_id: string;
  sender_id: string;
  seed_id: string;
  /** The seed as it was then: a deleted or changed seed does not rewrite history. */
  address: string;
  provider: ProviderId;
  protocol: Protocol;
  /** The tags its seed had then: a JSON list of texts. */
  tags_json: string;
  token: string;
  /** Without angle brackets. */
  message_id: string;
  subject: string | null;
  outcome: Outcome;
  reason: string;
  evidence_json: string;
  placement_kind: PlacementKind | null;
  placement_tab: Tab | null;
  placement_folder: string | null;
  late: Flag;
  queued_at: number;
  /** Not before then (deferral, budget, pace). */
  next_send_at: number | null;
  send_tries: number;
  sending_at: number | null;
  /** The instance that handed (or hands) it over. */
  claimed_by: string | null;
  /** When the server took it (or, after an ambiguous end, when the connection ended). */
  sent_at: number | null;
  first_seen_at: number | null;
  internal_date: number | null;
  delay_ms: number | null;
  /** Deadlines, fixed when it is sent. */
  late_at: number | null;
  missing_at: number | null;
  watch_until: number | null;
  /** The next look into the seed; null when nobody will look again. */
  next_look_at: number | null;
  looks: number;
  /** Summary words (RFC 8601) for lists; the whole facts stand in probe_facts. */
  reported_spf: string | null;
  reported_dkim: string | null;
  reported_dmarc: string | null;
  verified_spf: string | null;
  verified_dkim: string | null;
  verified_dmarc: string | null;
  verified_arc: string | null;
  /** As of its run. */
  audit_id: string | null;
  updated_at: number;
};

/** The big and rarely read facts of a probe. JSON as text. */
export type ProbeFactTable = {
  probe_id: string;
  reported_json: string | null;
  verified_json: string | null;
  disagreements_json: string | null;
  hops_json: string | null;
  boundary_json: string | null;
  /** Raw header block as received. */
  header: Buffer | null;
};

/** The raw message as received, gzip-compressed; size is that of the message itself. */
export type ProbeMessageTable = { probe_id: string; size: number; raw_gzip: Buffer };

/** A raw message that was kept once and is not any more: its size, and when it was forgotten. */
export type ForgottenMessageTable = { probe_id: string; size: number; forgotten_at: number };

/** What was said over SMTP, one row per attempt, secrets out. */
export type ProbeDialogueTable = {
  id: string;
  probe_id: string;
  attempt: number;
  at: number;
  end: string;
  reason: string;
  lines_json: string;
};

export type SightingTable = {
  id: string;
  probe_id: string;
  seen_at: number;
  folder: string;
  kind: PlacementKind;
  tab: Tab | null;
  reason: string;
  internal_date: number | null;
  uid: string;
};

/** What a decided probe is counted as; `tab_null` cannot be: a tab is one of the known ones. */
export type VerdictColumn =
  | Exclude<PlacementKind, 'tab'>
  | `tab_${Tab}`
  | 'missing'
  | 'bounced'
  | 'rejected'
  | 'deferred'
  | 'unknown';
export type DelayColumn = 'delay_0' | 'delay_1' | 'delay_2' | 'delay_3' | 'delay_4';

/**
 * Counts per scope × hour (UTC hour of the moment a probe was queued) × provider, kept in step with the probes in the same transaction. The scope is
 * '' (everything), `s:` with a sender's id, or `m:` with a monitor's; and the same once more for each tag of the seed: `t:` with the tag, `s:… t:…`,
 * `m:… t:…`. Delay buckets are SparkPost's.
 */
export type PlacementRollupTable = { scope: string; hour: number; provider: string } & Record<
  VerdictColumn | 'late' | DelayColumn | 'delay_sum_ms',
  Generated<number>
>;

/** Counts of authentication words, per scope × hour × source × mechanism × result × provider. */
export type AuthenticationRollupTable = {
  scope: string;
  hour: number;
  source: 'reported' | 'verified';
  mechanism: 'spf' | 'dkim' | 'dmarc' | 'arc';
  result: string;
  provider: string;
  probes: number;
};

/** How long placed probes took, per scope × hour × provider × bucket; the bucket is named by its lower edge (`DELAY_EDGES_MS`). */
export type DelayRollupTable = { scope: string; hour: number; provider: string; from_ms: number; probes: number };

/** A sending domain, and how it stands. */
export type DomainTable = {
  id: string;
  /** Lower case, A-labels, without a last dot. */
  name: string;
  /** As given by the user: JSON lists of texts. */
  selectors_json: string;
  ips_json: string;
  /** Selectors that DMARC reports named, each with the end of the newest such report (epoch ms): a JSON object. */
  reported_json: string;
  paused_at: number | null;
  /** Null: paused. */
  next_check_at: number | null;
  /** The next check is there to see a second time what was gone or different: how many such checks there have been in a row. */
  confirming: number;
  /** Who checks it now, and until when that is believed. */
  claimed_by: string | null;
  claimed_until: number;
  checked_at: number | null;
  /** Null: not known yet. */
  state: DomainState | null;
  state_since: number | null;
  /** Findings by severity, and the worst of each protocol: JSON objects. */
  counts_json: string | null;
  protocols_json: string | null;
  /** Since when a question has had no answer; null: all were answered. */
  unasked_since: number | null;
  created_at: number;
  updated_at: number;
};

export type DomainFactTable = {
  domain_id: string;
  /** The last check as JSON, compressed. */
  check_gzip: Buffer;
  /** What is remembered from check to check (`server/domain/memory.ts`), compressed. */
  memory_gzip: Buffer;
  standing_json: string;
  learned_json: string;
  snapshot_id: string;
};

/** What a domain published, from one change to the next. */
export type DomainSnapshotTable = { id: string; domain_id: string; at: number; records_json: string };

export type DomainCheckTable = {
  id: string;
  domain_id: string;
  at: number;
  took_ms: number;
  state: DomainState | null;
  counts_json: string;
  /** Questions without an answer. */
  unasked: number;
  snapshot_id: string;
};

/** One record that changed; `before` and `after` are JSON lists of texts. */
export type DomainChangeTable = {
  id: string;
  domain_id: string;
  check_id: string;
  at: number;
  protocol: DomainProtocol;
  name: string;
  type: PublishedType;
  kind: ChangeKind;
  before_json: string;
  after_json: string;
};

/** What happened and may explain a change in the numbers. Who it concerns may be gone by now; the name it had then is kept. */
export type MarkTable = {
  id: string;
  at: number;
  reason: MarkReason;
  name: string;
  monitor_id: string | null;
  /** Of a monitor's mark: its sender from then on. */
  sender_id: string | null;
  seed_id: string | null;
  evidence_json: string;
};

/** A mail that somebody is about to send. `message_id`: its newest version; null: none is known yet. */
export type CampaignTable = {
  id: string;
  name: string;
  source: CampaignSource;
  from_address: string | null;
  from_name: string;
  subject: string | null;
  draft_json: string | null;
  message_id: string | null;
  /** What its audits are judged by; null: the default. */
  policy_json: string | null;
  created_at: number;
  updated_at: number;
};

/** One version of a campaign's mail; `size` is that of the mail itself. */
export type CampaignMessageTable = { id: string; campaign_id: string; hash: string; size: number; raw_gzip: Buffer };

export type AuditTable = {
  id: string;
  campaign_id: string;
  /** Null: no copy was found yet. */
  message_id: string | null;
  /** Of that mail. */
  subject: string | null;
  watch_id: string | null;
  state: AuditState;
  step: string | null;
  refusal: string | null;
  policy_json: string;
  from_domain: string | null;
  /** How the placement test is made; null: none is. */
  test_json: string | null;
  /** The rows of `monitors` that its runs go by. */
  plan_id: string | null;
  control_plan_id: string | null;
  verdict: Verdict | null;
  score: number | null;
  counts_json: string | null;
  claimed_by: string | null;
  claimed_until: number;
  tries: number;
  created_at: number;
  finished_at: number | null;
  updated_at: number;
};

/** The audit as JSON, compressed, and what DNS held then. */
export type AuditResultTable = { audit_id: string; result_gzip: Buffer; dns_gzip: Buffer };

/** Seeds that wait for a mail which somebody else's system sends. */
export type WatchTable = {
  id: string;
  campaign_id: string;
  audit_id: string;
  run_id: string;
  state: WatchState;
  recognise_json: string;
  token: string;
  opens_at: number;
  closes_at: number;
};

export type ShareTable = {
  id: string;
  audit_id: string;
  name: string;
  language: 'en' | 'ja';
  key_hash: string;
  created_at: number;
  expires_at: number;
  last_used_at: number | null;
  revoked_at: number | null;
};

/** A running program on this database; dead when its process is gone or it was not seen for a while. */
export type InstanceTable = { id: string; host: string; pid: number; started_at: number; seen_at: number };

export type Tables = {
  instances: InstanceTable;
  settings: SettingTable;
  sessions: SessionTable;
  api_tokens: ApiTokenTable;
  wall_links: WallLinkTable;
  password_links: PasswordLinkTable;
  login_attempts: LoginAttemptTable;
  senders: SenderTable;
  sender_uses: SenderUseTable;
  seeds: SeedTable;
  seed_tags: SeedTagTable;
  seed_folders: SeedFolderTable;
  /** `audit_id`: of a campaign's audit, and no monitor. Where such a row only watches, or its sender was deleted, `sender_id` is null; nobody reads it there. */
  monitors: MonitorTable & { audit_id: Generated<string | null> };
  monitor_seeds: MonitorSeedTable;
  monitor_tags: MonitorTagTable;
  /** `turn`: 0 for the first run of its monitor; given by `insertRun`, null in rows that are older than the column. */
  runs: RunTable & { turn: Generated<number | null> };
  probes: ProbeTable;
  probe_facts: ProbeFactTable;
  probe_messages: ProbeMessageTable;
  forgotten_messages: ForgottenMessageTable;
  probe_dialogues: ProbeDialogueTable;
  sightings: SightingTable;
  placement_rollups: PlacementRollupTable;
  authentication_rollups: AuthenticationRollupTable;
  delay_rollups: DelayRollupTable;
  marks: MarkTable;
  domains: DomainTable;
  domain_facts: DomainFactTable;
  domain_snapshots: DomainSnapshotTable;
  domain_checks: DomainCheckTable;
  domain_changes: DomainChangeTable;
  campaigns: CampaignTable;
  campaign_messages: CampaignMessageTable;
  audits: AuditTable;
  audit_results: AuditResultTable;
  watches: WatchTable;
  shares: ShareTable;
};
