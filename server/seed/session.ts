/**
 * One reading session with a seed, whatever the protocol. A session is one connection that stays open while probes are
 * outstanding: it is asked to look into a folder again and again, and answers what is new there. It only ever reads.
 *
 * A look never throws for what a server does: a server's misdeeds are data (`{ failure }`). After a failure the session is
 * closed for good; open a new one, when `backoff.ts` says so.
 */
import type { OnStep } from '../net/steps.ts';
import { openImap } from './imap.ts';
import type { Watcher } from './match.ts';
import { openPop3 } from './pop3.ts';
import type { Protocol, ProviderId, SeedFolder, SeedReason, SeedRoute, SeenMessage } from './types.ts';

/** Why a session could not be opened or a look could not be finished. `reply` is the server's own line, cut and cleaned, without secrets. */
export type SeedFailure = { reason: SeedReason; reply: string | null };

export type LookRequest = {
  /** A path from `SeedSession.folders`. POP3 knows only INBOX. */
  folder: string;
  /** Tokens of the outstanding probes, as sent in X-Todoku-Probe. */
  tokens: string[];
  /** `messageIds[i]` is the Message-ID (with or without angle brackets) of the probe with `tokens[i]`; '' where unknown. */
  messageIds: string[];
  /** Epoch ms: nothing older than this is of interest (the earliest send of the outstanding probes). */
  since: number;
  /** What the last look in this folder answered, or null for the first look. */
  cursor: string | null;
  /** Mails that others send: a copy is answered with the token of the watcher that recognises it. Their tokens are among `tokens`. */
  watchers?: readonly Watcher[];
  /** False: only probes are of interest. Default true: delivery reports that no look before this cursor handed back. */
  reports?: boolean;
};

export type LookAnswer = {
  /** Every copy found, in the order of arrival: two copies of one probe are two entries. */
  found: { token: string; message: SeenMessage }[];
  /** Delivery status notifications (multipart/report; report-type=delivery-status) seen on the way, at most `READ_LIMITS.reports`. */
  reports: SeenMessage[];
  /** The look ended before the folder did: look again at once, from this answer's cursor. */
  more: boolean;
  /**
   * Opaque text to hand in with the next look in the same folder; store it. It remembers which tokens were looked for, so tokens may come and
   * go between looks: a new one is searched for, the others cost nothing.
   */
  cursor: string;
};

export type SeedSession = {
  protocol: Protocol;
  /** In the order they are worth looking into: Junk, INBOX, the rest. Sent, drafts and unselectable folders are listed, last. */
  folders: SeedFolder[];
  /** True when `waitForNews` is told by the server (IDLE) rather than by the clock. */
  canWait: boolean;
  look(request: LookRequest): Promise<LookAnswer | { failure: SeedFailure }>;
  /** Waits for something new in INBOX until the given time (epoch ms) or until `signal` aborts (then: 'timeout'). 'closed': the connection is gone. */
  waitForNews(untilMs: number, signal: AbortSignal): Promise<'news' | 'timeout' | 'closed'>;
  /** Says goodbye and closes. Never throws, never hangs. */
  close(): Promise<void>;
};

export type ReadOptions = {
  /** CIDRs of private networks that mail servers may live in (config `allowPrivateNetworks`). */
  allowedNetworks: string[];
  /** `host:port` of the only servers that may be read; null or left out: any. */
  onlyServers?: readonly string[] | null;
  /** PEM text of an extra CA, or null. */
  extraCa: string | null;
  /** Epoch ms. */
  now: () => number;
  /** Overrides of the deadlines in `limits.ts`, in ms. */
  timeouts?: Partial<ReadTimeouts>;
  /** Messages larger than this (bytes) are fetched as header only. Default 25 MB. */
  maxMessageBytes?: number;
  /** Aborted: whatever is under way ends at once, as a lost connection. */
  cut?: AbortSignal;
  /** Told how far the opening is. */
  onStep?: OnStep;
};

export type ReadTimeouts = {
  /** TCP, TLS and greeting, each. */
  connect: number;
  /** Silence on an open connection while a command is under way. */
  silence: number;
  /** The whole opening: connect, TLS, login, list of folders. */
  open: number;
  /** One whole look. */
  look: number;
};

/**
 * Opens a session. Never throws for what a server does.
 * @param junkFolder the folder the user chose as Junk, or null to work it out
 */
export async function openSeed(
  route: SeedRoute,
  provider: ProviderId,
  junkFolder: string | null,
  options: ReadOptions,
): Promise<SeedSession | { failure: SeedFailure }> {
  return route.protocol === 'imap' ? openImap(route, provider, junkFolder, options) : openPop3(route, options);
}
