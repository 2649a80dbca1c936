/** All that is passed around. Functions that need less take less. */
import type { Logger } from 'pino';
import type { Database } from '../db/open.ts';
import type { Backups } from './backup/backups.ts';
import type { Reader } from './campaign/reader.ts';
import type { Config } from './config.ts';
import type { DnsClient } from './dns/client.ts';
import type { ProgressPart } from './domain/progress.ts';
import type { Gate } from './gate.ts';
import type { Previews } from './preview/previews.ts';
import type { Vault } from './vault.ts';

/**
 * Something changed: open browsers fetch it anew. Carries ids only, never content, but for what a check does at this moment.
 * `topic` is the noun, as in `/api/<noun>s`; `check` is how far the check of a sender, seed or domain is.
 */
export type Change = {
  topic:
    | 'probe'
    | 'run'
    | 'monitor'
    | 'seed'
    | 'sender'
    | 'setting'
    | 'backup'
    | 'restore'
    | 'trial'
    | 'check'
    | 'domain'
    | 'campaign'
    | 'audit';
  id: string;
  runId?: string;
  monitorId?: string;
  /** Of a check or an audit: what it does now, a word of server/net/steps.ts or of server/campaign/audit.ts. */
  step?: string;
  /** Of a check of a domain: how far each protocol is. */
  progress?: ProgressPart[];
};

export type App = {
  config: Config;
  /** Always read from here when it is used: a restore puts another in its place. */
  db: Database;
  dns: DnsClient;
  vault: Vault;
  log: Logger;
  /** Epoch milliseconds. */
  now: () => number;
  /** Tells open browsers; never throws. */
  announce: (change: Change) => void;
  /** What the running program knows of its own state; the scheduler writes it, /healthz and the overview read it. */
  health: Health;
  backups: Backups;
  /** Opens mails that strangers wrote, beside the main thread. */
  previews: Previews;
  /** Reads campaigns beside the main thread. */
  reader: Reader;
  /** What every request passes through. */
  gate: Gate;
  /**
   * Stops all work, hands over the present database, and goes on with the one that comes back.
   * @throws what `replace` throws, which then has left the present one open, or its `failure`
   */
  exchange: (replace: (present: Database) => Promise<{ db: Database; failure: unknown }>) => Promise<void>;
};

export type Health = {
  /** Epoch ms of the scheduler's last tick; null before the first, or where no scheduler runs. */
  lastTickAt: number | null;
  /** Whether results can be stored. Each hand-over starts with a committed row, so while this is not `ok` nothing is sent. */
  storage: 'ok' | 'full' | 'read-only' | 'failing';
};
