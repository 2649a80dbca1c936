/**
 * A sender is a From identity and the SMTP route it leaves by. The same person may own several: a probe sent through Gmail
 * measures Gmail's reputation, not that of the system the newsletters leave from.
 */

export const SECURITIES = ['tls', 'starttls', 'none'] as const;
/** `tls`: implicit TLS from the first byte. `starttls`: must be upgraded before any secret. `none`: loopback only. */
export type Security = (typeof SECURITIES)[number];

export const SENDER_PRESET_IDS = [
  'gmail',
  'google-workspace-relay',
  'outlook',
  'yahoo',
  'icloud',
  'yahoo-japan',
  'amazon-ses',
  'sendgrid',
  'mailgun',
  'postmark',
  'own-server',
] as const;
export type SenderPresetId = (typeof SENDER_PRESET_IDS)[number];

/** What is needed to open an SMTP session. The password is in clear here: build it late, drop it early. */
export type SmtpRoute = {
  host: string;
  port: number;
  security: Security;
  user: string | null;
  password: string | null;
};

/** Why a submission or a login did not end with 250, as a closed set; what to do follows from it. */
export const SEND_REASONS = [
  'accepted',
  'retry-later', // 4xx without a better name: the same server may take it later
  'rate-limited', // 421 4.7.x, 450 4.2.1, 454 too many logins: pause, then go on
  'daily-limit', // 550 5.4.5: pause the sender for 24 hours
  'wrong-password', // 535
  'app-password-needed', // 534 5.7.9
  'login-unavailable', // 454 4.7.0 temporary authentication failure
  'login-not-offered', // the server has no AUTH we can use
  'refused-by-policy', // 550 5.7.1 and family: reputation, authentication, relay
  'refused-by-content', // 552 5.7.0, 554 5.7.x: the message itself
  'sender-refused', // MAIL FROM refused: not your address, not verified
  'seed-full', // 452 4.2.2, 552 5.2.2
  'no-such-user', // 550 5.1.1
  'too-large', // 552 5.3.4, SIZE
  'rejected', // another 5xx
  'certificate-expired',
  'certificate-not-yet-valid',
  'certificate-wrong-host',
  'certificate-untrusted',
  'tls-failed', // handshake broke, or a protocol too old
  'tls-not-offered', // STARTTLS missing: cleartext refused
  'cleartext-refused', // security none off loopback
  'host-not-found',
  'connection-refused',
  'connection-lost', // before the message was handed over: nothing was sent
  'connection-lost-after-data', // after the final dot: the server may have it
  'timeout',
  'protocol-error',
  'private-address', // the host lies in a network this installation may not talk to
  'server-not-listed', // this world knows only servers of its own
  'daily-budget-used', // our own rolling 24-hour budget: waits
  'sender-paused',
  'sender-deleted', // before it was handed over: it never will be
] as const;
export type SendReason = (typeof SEND_REASONS)[number];

/** One line of the SMTP dialogue; secrets are already replaced by `***`. */
export type DialogueLine = { at: number; from: 'client' | 'server' | 'note'; text: string };

/**
 * How one handing-over ended.
 * - `accepted`: a clear 2xx after the final dot.
 * - `rejected`: a clear refusal of this message; sending it again would not help.
 * - `deferred`: a clear "not now"; nothing was taken.
 * - `ambiguous`: the connection ended after DATA was under way: never send again, look in the seed.
 */
export type SendResult = {
  end: 'accepted' | 'rejected' | 'deferred' | 'ambiguous';
  reason: SendReason;
  /** What the sender as a whole should do because of it. */
  act: 'go-on' | 'retry' | 'pause-sender' | 'fix-credentials';
  /** For `pause-sender` and `retry`: how long, in milliseconds. */
  waitMs: number;
  /** Reply code and enhanced code (RFC 3463) of the deciding reply, if one came. */
  code: number | null;
  enhanced: string | null;
  reply: string | null;
  dialogue: DialogueLine[];
  /** TLS of the session, e.g. `TLSv1.3`; null in clear. */
  tls: { version: string; cipher: string } | null;
};

/** What a check of a sender saw: logged in, sent nothing. */
export type SenderCheck = {
  ok: boolean;
  at: number;
  reason: SendReason;
  reply: string | null;
  tls: { version: string; cipher: string; certificateExpires: number | null; certificateIssuer: string | null } | null;
  /** SIZE from EHLO, in bytes; null when not announced. */
  sizeLimit: number | null;
  capabilities: string[];
  dialogue: DialogueLine[];
};
