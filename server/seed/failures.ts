/**
 * Why a seed could not be read, out of what a server or a socket said. Servers say it in prose: the same "NO" stands for a wrong
 * password, a locked account, an overload and a switched-off protocol, and only response codes (RFC 5530, RFC 3206, RFC 2449)
 * and well-known sentences tell them apart. It matters: a wrong password must not be tried again, an overload must.
 */
import type { SeedFailure } from './session.ts';
import type { SeedReason } from './types.ts';

/** Carries a typed reason from deep within a protocol client to the door of a session, where it becomes data. */
export class SeedTrouble extends Error {
  readonly reason: SeedReason;
  readonly reply: string | null;

  /** @param reply the server's line, or what was seen; null when there is nothing to show */
  constructor(reason: SeedReason, reply: string | null = null) {
    super(reply === null ? reason : `${reason}: ${reply}`);
    this.name = 'SeedTrouble';
    this.reason = reason;
    this.reply = reply;
  }
}

type Rule = readonly [RegExp, SeedReason];

/**
 * What servers write when they refuse a login or a command, first match wins: response codes before sentences, and
 * limits before "wrong password", because throttled logins are often dressed as wrong ones.
 */
const REPLY_RULES: readonly Rule[] = [
  [/\[(?:UNAVAILABLE|SYS\/TEMP|CONTACTADMIN|SERVERBUG|INUSE-TEMP)\]/i, 'login-unavailable'],
  [/\[(?:IN-USE|INUSE)\]/i, 'account-in-use'],
  [/\[(?:LIMIT|THROTTLED|OVERQUOTA|LOGIN-DELAY)\b/i, 'rate-limited'],
  [/too many (?:simultaneous |concurrent |open )?(?:connections|sessions|logins?|bad|failed|auth)/i, 'rate-limited'],
  [/maximum (?:number of )?(?:concurrent |simultaneous )?(?:connections|sessions|logins)/i, 'rate-limited'],
  [
    /exceeded command or bandwidth limits|bandwidth limit|quota exceeded|rate limit|request is throttled/i,
    'rate-limited',
  ],
  [/try again later.{0,40}(?:too|limit|rate)|temporarily (?:blocked|locked)|lockdown in sector/i, 'rate-limited'],
  [
    /\[(?:WEBALERT|ALERT)\b.*web (?:login|browser)|web ?login required|log ?in via your web browser/i,
    'app-password-needed',
  ],
  [
    /application[- ]specific password|app[- ]?password|use .{0,30}app.{0,10}password|アプリ(?:用|固有の)?パスワード/i,
    'app-password-needed',
  ],
  [
    /basic ?auth(?:entication)? (?:is )?(?:disabled|blocked)|BasicAuthBlocked|LogonDenied-BasicAuth/i,
    'app-password-needed',
  ],
  [
    /(?:imap|pop3?|protocol).{0,40}(?:access )?(?:is |has been )?(?:not enabled|disabled|turned off|switched off|deactivated|deaktiviert|not allowed|nicht aktiviert)/i,
    'login-disabled',
  ],
  [
    /not enabled for (?:imap|pop)|enable (?:imap|pop)|(?:IMAP|POP).{0,20}(?:無効|利用できません)|\[PRIVACYREQUIRED\]/i,
    'login-disabled',
  ],
  [
    /account (?:is |has been )?(?:disabled|suspended|locked|deactivated)|\[EXPIRED\]|\[AUTHORIZATIONFAILED\]/i,
    'login-disabled',
  ],
  [
    /mailbox (?:is )?(?:already )?(?:locked|in use)|lock(?:ed)? by another|maildrop (?:already )?locked/i,
    'account-in-use',
  ],
  [
    /\[(?:AUTHENTICATIONFAILED|AUTH)\]|invalid credentials|authentication fail|login fail|incorrect|(?:bad|wrong|invalid) (?:user|login|password|username)/i,
    'wrong-password',
  ],
  [
    /temporar|try (?:again )?later|unavailable|internal (?:server )?error|please retry|backend|timed? ?out/i,
    'login-unavailable',
  ],
];

const FOLDER_RULES: readonly Rule[] = [
  // Dovecot, when the folder was made anew while this session had it open: the folder is there, and another session sees it.
  [/deleted under us|session state is inconsistent/i, 'connection-lost'],
  [
    /\[(?:NONEXISTENT|TRYCREATE|NOPERM|ACL)\]|does ?n[o']t exist|unknown (?:mailbox|folder)|no such|not found|permission denied/i,
    'folder-missing',
  ],
];

/** What a refused login means. Where nothing matches, a refusal of credentials is what it most likely is. */
export function loginReason(reply: string, code: string | null = null): SeedReason {
  return match(REPLY_RULES, withCode(reply, code)) ?? 'wrong-password';
}

/** What a refused command, or a goodbye (BYE, a greeting with -ERR), means. */
export function refusalReason(
  reply: string,
  code: string | null = null,
  fallback: SeedReason = 'login-unavailable',
): SeedReason {
  const reason = match(REPLY_RULES, withCode(reply, code));
  // Before or after a login, talk of authentication is no proof of a wrong password.
  return reason === null || reason === 'wrong-password' ? fallback : reason;
}

/** What a refused SELECT or EXAMINE means. */
export function folderReason(reply: string, code: string | null = null): SeedReason {
  const text = withCode(reply, code);
  return match(REPLY_RULES.slice(0, 7), text) ?? match(FOLDER_RULES, text) ?? 'folder-missing';
}

/** Codes that sockets, the TLS layer and the IMAP client put on their errors. */
const REASON_OF_CODE: Readonly<Record<string, SeedReason>> = {
  ECONNREFUSED: 'connection-refused',
  EHOSTUNREACH: 'connection-refused',
  ENETUNREACH: 'connection-refused',
  EHOSTDOWN: 'connection-refused',
  EADDRNOTAVAIL: 'connection-refused',
  EACCES: 'connection-refused',
  ENOTFOUND: 'host-not-found',
  EAI_AGAIN: 'host-not-found',
  ETIMEDOUT: 'timeout',
  ECONNRESET: 'connection-lost',
  EPIPE: 'connection-lost',
  ECONNABORTED: 'connection-lost',
  ERR_STREAM_DESTROYED: 'connection-lost',
  // imapflow
  CONNECT_TIMEOUT: 'timeout',
  GREETING_TIMEOUT: 'timeout',
  UPGRADE_TIMEOUT: 'timeout',
  ETIMEOUT: 'timeout',
  LockTimeout: 'timeout',
  NoConnection: 'connection-lost',
  EConnectionClosed: 'connection-lost',
  StateLogout: 'connection-lost',
  ClosedAfterConnectText: 'connection-lost',
  ClosedAfterConnectTLS: 'connection-lost',
  ETHROTTLE: 'rate-limited',
  LineTooLarge: 'answer-too-large',
  LiteralTooLarge: 'answer-too-large',
  ResponseTooLarge: 'answer-too-large',
  TooManyTokens: 'answer-too-large',
  TooManyResponses: 'answer-too-large',
  STARTTLS_INJECTION: 'tls-failed',
  UnexpectedTag: 'protocol-error',
  MissingTag: 'protocol-error',
  InvalidResponse: 'protocol-error',
  ResponseProcessingFailed: 'protocol-error',
  COMPRESS_TRAILING_DATA: 'protocol-error',
  MAX_IMAP_NESTING_REACHED: 'protocol-error',
};

/** The reason behind an error code; null when the code says nothing. Certificates are told apart in server/net/tls.ts, before this. */
export function reasonOfCode(code: string): SeedReason | null {
  if (Object.hasOwn(REASON_OF_CODE, code)) return REASON_OF_CODE[code] ?? null;
  if (/^ParserError/.test(code)) return 'protocol-error';
  return null;
}

/** A server's words for showing and storing: one line, no control characters, at most 300 characters, secrets blotted out. */
export function cleanReply(text: string, secrets: readonly string[]): string | null {
  let line = text.toWellFormed();
  for (const secret of secrets.flatMap(spellings)) line = line.replaceAll(secret, '***');
  line = line
    .replace(/[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .replace(/ +/g, ' ')
    .trim();
  if (line === '') return null;
  return line.length > 300 ? `${line.slice(0, 299).toWellFormed()}…` : line;
}

export function toFailure(trouble: SeedTrouble, secrets: readonly string[]): { failure: SeedFailure } {
  const reply = trouble.reply === null ? null : cleanReply(trouble.reply, secrets);
  return { failure: { reason: trouble.reason, reply } };
}

/** A secret as it may come back in an echo: as it is, and in base64 at each of the three alignments. Secrets of under four characters would blot out chance. */
function spellings(secret: string): string[] {
  if (secret.length < 4) return [];
  const bytes = Buffer.from(secret);
  const inBase64 = [0, 1, 2].map((shift) => {
    const shifted = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The first and last characters also hold bits of the neighbours.
    return shifted.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
  });
  return [secret, ...inBase64.filter((text) => text.length >= 5)];
}

function match(rules: readonly Rule[], text: string): SeedReason | null {
  return rules.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

/** Libraries strip the response code from the text; the rules want to see it. At most 1,000 characters are worth reading. */
function withCode(reply: string, code: string | null): string {
  const text = reply.slice(0, 1_000);
  return code === null ? text : `[${code.slice(0, 60)}] ${text}`;
}
