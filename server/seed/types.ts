/**
 * A seed is one receiving account that we read, over IMAP or POP3, to see where a probe landed. We only look: no flag is set,
 * nothing moves, nothing is deleted, because a seed that acts like a rescuer trains the filter it should measure.
 */
import type { Security } from '../sender/types.ts';

export const PROVIDER_IDS = [
  'gmail',
  'google-workspace',
  'outlook',
  'yahoo',
  'aol',
  'icloud',
  'gmx',
  'web.de',
  'zoho',
  'fastmail',
  'yahoo-japan',
  'docomo',
  'ocn',
  'nifty',
  'biglobe',
  'dovecot',
  'other',
] as const;
export type ProviderId = (typeof PROVIDER_IDS)[number];

export const PROTOCOLS = ['imap', 'pop3'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** What is needed to open a reading session. The password is in clear here: build it late, drop it early. */
export type SeedRoute = {
  protocol: Protocol;
  host: string;
  port: number;
  security: Security;
  user: string;
  password: string;
};

/** Why a seed could not be read, as a closed set. */
export const SEED_REASONS = [
  'wrong-password',
  'app-password-needed',
  'login-unavailable', // temporary: UNAVAILABLE, SYS/TEMP
  'login-disabled', // IMAP or POP3 is switched off in the account
  'rate-limited', // LIMIT, THROTTLED, OVERQUOTA, too many connections, LOGIN-DELAY
  'account-in-use', // POP3 IN-USE
  'certificate-expired',
  'certificate-not-yet-valid',
  'certificate-wrong-host',
  'certificate-untrusted',
  'tls-failed',
  'tls-not-offered',
  'cleartext-refused',
  'host-not-found',
  'connection-refused',
  'connection-lost',
  'timeout',
  'protocol-error', // the server speaks nonsense
  'answer-too-large', // more bytes than any honest server sends
  'folder-missing',
  'private-address',
  'server-not-listed', // this world knows only servers of its own
] as const;
export type SeedReason = (typeof SEED_REASONS)[number];

/** What a folder is for, worked out from SPECIAL-USE, its name, or the user's choice. */
export type FolderRole =
  | 'inbox'
  | 'junk'
  | 'all'
  | 'trash'
  | 'sent'
  | 'drafts'
  | 'archive'
  | 'flagged' // \Flagged (RFC 6154) and \Important (RFC 8457) show mail that lies elsewhere
  | 'important'
  | 'other';
export type FolderRoleSource = 'special-use' | 'name' | 'user' | 'protocol';

export type SeedFolder = {
  /** As the server names it, decoded from modified UTF-7: `[Gmail]/迷惑メール`. */
  path: string;
  role: FolderRole;
  roleSource: FolderRoleSource | null;
  /** False for \Noselect. */
  selectable: boolean;
};

/** Warnings a check may give; each has a sentence in server/words. */
export type SeedWarning =
  | 'no-junk-folder'
  | 'spam-hidden-in-imap' // Gmail: "Show in IMAP" is off for Spam
  | 'pop3-inbox-only'
  | 'no-idle'
  | 'imap-off-by-default'
  | 'search-unreliable'
  | 'tabs-unknown'
  | 'certificate-expires-soon'
  | 'chosen-junk-missing';

export type SeedCheck = {
  ok: boolean;
  at: number;
  reason: SeedReason | 'readable';
  reply: string | null;
  tls: { version: string; cipher: string; certificateExpires: number | null; certificateIssuer: string | null } | null;
  capabilities: string[];
  folders: SeedFolder[];
  junk: { path: string; source: FolderRoleSource } | null;
  warnings: SeedWarning[];
};

/**
 * A message seen in a seed, as far as it was fetched. `header` is the raw header block; `raw` is the whole message (null
 * when it is over the size limit).
 */
export type SeenMessage = {
  folder: string;
  role: FolderRole;
  /** IMAP UID and UIDVALIDITY, or the POP3 UIDL. As text: UIDVALIDITY is 32 bits, UIDLs are any bytes. */
  uid: string;
  uidValidity: string;
  internalDate: number | null;
  size: number;
  header: Buffer;
  raw: Buffer | null;
  /** Gmail: the tab by X-GM-RAW category, null elsewhere or when tabs are off. */
  tab: string | null;
  labels: string[];
};
