/**
 * What an SMTP server's reply means. A reply is a three-digit code (RFC 5321 §4.2: 2 yes, 4 not now, 5 no), often an enhanced code (RFC 3463, `5.7.26`) and
 * words for people. The codes alone do not tell: 550 is "no such user", "you sent too much today" and "we do not
 * like your reputation", and only the first is about the seed. So there is a table, most telling row first: codes first, the words of
 * known servers where their codes lie, then the class. Words are matched in a short, cut text with patterns that cannot backtrack far.
 *
 * Sources: Google's table of SMTP errors (support.google.com/a/answer/3726730), Microsoft's NDR codes, Yahoo's sender hub, the
 * documentation of Amazon SES, SendGrid, Mailgun and Postmark, Postfix's own messages; November 2026.
 *
 * Long because it is one table: every reply known, with what follows from it.
 */
import type { SendReason, SendResult } from './types.ts';

/** The command a reply answers. `data`: to DATA itself; `dot`: to the message. */
export type SmtpPhase = 'greeting' | 'ehlo' | 'starttls' | 'auth' | 'mail' | 'rcpt' | 'data' | 'dot';

export type SmtpReply = { code: number | null; enhanced: string | null; text: string };

export type ReplyVerdict = {
  end: 'accepted' | 'rejected' | 'deferred';
  reason: SendReason;
  act: SendResult['act'];
  waitMs: number;
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How much of a server's words is read at all. */
const MOST_TEXT = 1_000;

/** Reads `550-5.7.26 first line\n550 5.7.26 second line`; `code` is null when it is no SMTP reply. */
export function readReply(raw: string): SmtpReply {
  const lines = raw
    .slice(0, 4 * MOST_TEXT)
    .split(/\r?\n/)
    .filter((line) => line !== '');
  const last = /^([2-5]\d\d)(?:[ -]|$)/.exec(lines.at(-1) ?? '');
  const code = last?.[1] === undefined ? null : Number(last[1]);
  let enhanced: string | null = null;
  const words = lines.map((line) => {
    const text = line.replace(/^\d{3}[ -]?/, '');
    // Google writes `535-5.7.8`, Postfix `550 5.1.1 <a@b>:`, Exchange `550 5.7.708 Service`.
    const found = /^\s*([245]\.\d{1,3}\.\d{1,3})(?:\s|:|$)/.exec(text);
    if (found === null) return text.trim();
    if (code !== null && found[1]?.startsWith(String(Math.floor(code / 100)))) enhanced ??= found[1];
    return text.slice(found[0].length).trim();
  });
  return { code, enhanced, text: words.join(' ').slice(0, MOST_TEXT) };
}

type Row = {
  code?: RegExp;
  enhanced?: RegExp;
  text?: RegExp;
  phases?: SmtpPhase[];
  reason: SendReason;
  act: SendResult['act'];
  waitMs?: number;
  /** Where the class of the code would mislead: over a daily limit nothing is wrong with the message, it waits. */
  end?: ReplyVerdict['end'];
};

const LOGIN: SmtpPhase[] = ['auth'];
const MESSAGE: SmtpPhase[] = ['mail', 'rcpt', 'data', 'dot'];

const ROWS: Row[] = [
  // --- Logging in. A temporary failure must never be shown as a wrong password. ---
  {
    code: /^[45]/,
    text: /credits exceeded/i,
    phases: LOGIN,
    reason: 'daily-limit',
    act: 'pause-sender',
    waitMs: DAY,
    end: 'deferred',
  },
  {
    code: /^4/,
    text: /too many (?:login|auth|failed)|login attempts|authentication (?:rate|attempts)/i,
    phases: LOGIN,
    reason: 'rate-limited',
    act: 'pause-sender',
    waitMs: HOUR,
  },
  { code: /^4/, phases: LOGIN, reason: 'login-unavailable', act: 'pause-sender', waitMs: 15 * MINUTE },
  {
    code: /^53[45]$/,
    text: /application-specific password|app(?:lication)? password|5\.7\.9|InvalidSecondFactor/i,
    phases: LOGIN,
    reason: 'app-password-needed',
    act: 'fix-credentials',
    end: 'deferred',
  },
  // 534-5.7.14 "Please log in via your web browser": Google wants a person, and an app password spares the next time.
  {
    code: /^534$/,
    phases: LOGIN,
    reason: 'app-password-needed',
    act: 'fix-credentials',
    end: 'deferred',
  },
  // 504 5.7.4, 535 5.7.139 (Microsoft: basic authentication is disabled, SmtpClientAuthentication is disabled).
  {
    code: /^5/,
    enhanced: /^5\.7\.(?:4|139)$/,
    phases: LOGIN,
    reason: 'login-not-offered',
    act: 'fix-credentials',
    end: 'deferred',
  },
  {
    code: /^50[0-4]$/,
    phases: LOGIN,
    reason: 'login-not-offered',
    act: 'fix-credentials',
    end: 'deferred',
  },
  {
    code: /^5/,
    text: /too many|rate limit|temporarily (?:locked|blocked|suspended)/i,
    phases: LOGIN,
    reason: 'rate-limited',
    act: 'pause-sender',
    waitMs: HOUR,
    end: 'deferred',
  },
  // Some servers answer 550 or 554 to a wrong password.
  { code: /^5/, phases: LOGIN, reason: 'wrong-password', act: 'fix-credentials', end: 'deferred' },
  // A server that wants a login says so when the message starts.
  {
    code: /^5(?:30|35|50|54|03)$/,
    text: /authentication (?:is )?required|must (?:authenticate|be authenticated|log ?in)|not authenticated|smtp auth/i,
    reason: 'wrong-password',
    act: 'fix-credentials',
    end: 'deferred',
  },
  { code: /^4/, phases: ['starttls'], reason: 'tls-not-offered', act: 'retry', waitMs: 15 * MINUTE },
  { code: /^530$/, text: /starttls|tls/i, reason: 'tls-not-offered', act: 'fix-credentials', end: 'deferred' },
  { code: /^530$/, reason: 'wrong-password', act: 'fix-credentials', end: 'deferred' },

  // Whoever does not know HELO is no mail server.
  { code: /^50\d$/, phases: ['greeting', 'ehlo'], reason: 'protocol-error', act: 'retry', end: 'deferred' },

  // --- Sent enough for today: a day's pause. ---
  {
    code: /^[45]/,
    enhanced: /^[45]\.4\.5$/,
    text: /daily|quota|limit/i,
    reason: 'daily-limit',
    act: 'pause-sender',
    waitMs: DAY,
    end: 'deferred',
  },
  { code: /^5/, enhanced: /^5\.4\.5$/, reason: 'daily-limit', act: 'pause-sender', waitMs: DAY, end: 'deferred' },
  {
    code: /^[45]/,
    text: /daily (?:user |smtp |email |e-?mail |message |sending |relay )*(?:sending |relay )?(?:limit|quota)|(?:maximum|max) credits exceeded|messages? per day|24 ?h(?:ours?|r)/i,
    reason: 'daily-limit',
    act: 'pause-sender',
    waitMs: DAY,
    end: 'deferred',
  },
  // Microsoft 550 5.1.8, 5.1.90 and 5.7.705/750: the account or tenant is blocked for having sent too much or spam.
  {
    code: /^5/,
    enhanced: /^5\.(?:1\.90|7\.70[58]|7\.75[0])$/,
    text: /exceeded|limit|quota/i,
    reason: 'daily-limit',
    act: 'pause-sender',
    waitMs: DAY,
    end: 'deferred',
  },
  {
    code: /^5/,
    text: /account (?:is |has been )?(?:disabled|suspended|deactivated|under review)|sending (?:paused|has been (?:disabled|suspended))|not allowed to send(?! as| from)|pending approval/i,
    phases: [...MESSAGE],
    reason: 'refused-by-policy',
    act: 'pause-sender',
    waitMs: DAY,
  },

  // --- Too fast. ---
  {
    code: /^(?:4|5(?:50|54)$)/,
    text: /peak smtp relay limit|maximum sending rate|throttling|rate limit|rate-limit|too many (?:messages|connections|concurrent|sessions|emails|recipients received|requests)|unusual rate|sending too|slow down|connection rate|(?:temporarily|unexpected volume|deferred).{0,80}TSS\d\d|\[TSS\d\d\]|server (?:is )?busy|receiving rate/i,
    phases: ['greeting', 'ehlo', 'starttls', 'mail', 'data', 'dot'],
    reason: 'rate-limited',
    act: 'pause-sender',
    waitMs: 15 * MINUTE,
    end: 'deferred',
  },
  // Google 450 4.2.1: the *recipient* gets mail too fast; the sender may go on with the others.
  {
    code: /^450$/,
    enhanced: /^4\.2\.1$/,
    text: /smtp relay limit/i,
    reason: 'rate-limited',
    act: 'pause-sender',
    waitMs: HOUR,
  },
  { code: /^45[01]$/, enhanced: /^4\.2\.1$/, reason: 'rate-limited', act: 'retry', waitMs: 15 * MINUTE },
  {
    code: /^550$/,
    enhanced: /^5\.2\.1$/,
    text: /rate|too (?:quickly|fast|much)/i,
    reason: 'rate-limited',
    act: 'retry',
    waitMs: HOUR,
    end: 'deferred',
  },
  // 421 4.7.x (Google 4.7.0, 4.7.28), 451 4.7.500 (Microsoft: server busy), 421 RP-001.
  { code: /^421$/, enhanced: /^4\.7\./, reason: 'rate-limited', act: 'pause-sender', waitMs: HOUR },
  {
    code: /^45[0-4]$/,
    enhanced: /^4\.7\.(?:28|5\d\d|6\d\d)$/,
    reason: 'rate-limited',
    act: 'pause-sender',
    waitMs: 15 * MINUTE,
  },
  { code: /^421$/, text: /RP-00\d/, reason: 'rate-limited', act: 'pause-sender', waitMs: HOUR },
  // Mail gets through more slowly as long as SPF, DKIM or DMARC fail (Google 4.7.24 to 4.7.32).
  {
    code: /^4/,
    enhanced: /^4\.7\.(?:2[3-79]|3\d|40)$/,
    reason: 'rate-limited',
    act: 'pause-sender',
    waitMs: HOUR,
  },
  { code: /^45[0-4]$/, text: /too many recipients/i, reason: 'rate-limited', act: 'retry', waitMs: 15 * MINUTE },
  { code: /^452$/, enhanced: /^4\.5\.3$/, reason: 'rate-limited', act: 'retry', waitMs: 15 * MINUTE },

  // --- The From side. ---
  {
    code: /^5/,
    text: /(?:email )?address is not verified|identity .{0,40}not verified|verified sender identity|from address (?:does not match|is not)|sender signature|not (?:owned|allowed) (?:by|for) (?:auth(?:orized)? )?user|sender (?:address )?rejected|send ?as ?denied|sender verify|not authorized to send from|domain .{0,60}(?:is )?not (?:verified|allowed)|sender is not allowed/i,
    phases: [...MESSAGE],
    reason: 'sender-refused',
    act: 'go-on',
  },
  { code: /^5/, enhanced: /^5\.(?:1\.[78]|7\.60)$/, reason: 'sender-refused', act: 'go-on' },

  // --- Size. ---
  { code: /^5/, enhanced: /^5\.(?:3\.4|2\.3)$/, reason: 'too-large', act: 'go-on' },
  {
    code: /^55[24]$/,
    text: /too (?:large|big)|exceeds? .{0,40}(?:size|maximum)|size (?:limit|exceed)|message size/i,
    reason: 'too-large',
    act: 'go-on',
  },

  // --- The seed's side. ---
  { code: /^[45]/, enhanced: /^[45]\.2\.2$/, reason: 'seed-full', act: 'go-on' },
  {
    code: /^(?:45[0-2]|55[0-4])$/,
    text: /over ?quota|quota exceeded|exceeded (?:its |their |the )?(?:storage )?quota|mailbox (?:is )?full|out of storage|insufficient system storage for user/i,
    phases: ['rcpt', 'dot'],
    reason: 'seed-full',
    act: 'go-on',
  },
  // Google says "no such user" with 5.1.1, Microsoft with 5.1.10 and 5.4.1, docomo and au with bare 550.
  {
    code: /^55/,
    enhanced: /^5\.(?:1\.(?:[1236]|10)|2\.1|0\.1)$/,
    phases: ['rcpt', 'dot'],
    reason: 'no-such-user',
    act: 'go-on',
  },
  {
    code: /^5(?:1|5)/,
    text: /user unknown|unknown user|no such (?:user|recipient|address|mailbox|person)|(?:user|recipient|mailbox|account|address)[^.]{0,60}(?:not found|unknown|does ?n[o']t exist|unavailable|disabled|not exist|invalid)|recipient rejected|do(?:es)?(?: not|n't) have an? \S{1,40} account|invalid recipient|not a valid mailbox|requested action not taken: mailbox unavailable|存在しません/i,
    phases: ['rcpt', 'dot'],
    reason: 'no-such-user',
    act: 'go-on',
  },

  // --- Policy and content. Where the enhanced code says security (5.7) the phase and the words tell which. ---
  {
    code: /^5/,
    enhanced: /^5\.7\.(?:2[3-9]|3\d|40|5[01]\d|5|60\d|70\d|71\d|75\d|51[0-9])$/,
    reason: 'refused-by-policy',
    act: 'go-on',
  },
  { code: /^552$/, enhanced: /^5\.7\.0$/, reason: 'refused-by-content', act: 'go-on' },
  { code: /^5/, enhanced: /^5\.6\./, reason: 'refused-by-content', act: 'go-on' },
  {
    code: /^5/,
    text: /\bspam\b|virus|malware|phish|content (?:rejected|denied|filter|policy)|(?:message|mail) (?:content|body)|blocked because its content|unsolicited|header (?:missing|invalid)|RFC ?5322|malformed|not compliant/i,
    phases: ['data', 'dot'],
    reason: 'refused-by-content',
    act: 'go-on',
  },
  {
    code: /^5/,
    enhanced: /^5\.7\./,
    phases: ['data', 'dot'],
    text: /message (?:was )?(?:rejected|blocked)/i,
    reason: 'refused-by-content',
    act: 'go-on',
  },
  { code: /^5/, enhanced: /^5\.7\./, reason: 'refused-by-policy', act: 'go-on' },
  {
    code: /^5/,
    text: /relay(?:ing)? (?:access )?(?:denied|not permitted|not allowed|prohibited)|unable to relay|policy|blocked using|block ?list|black ?list|spamhaus|barracuda|reputation|poor reputation|\bS3\d{3}\b|\bS31\d{2}\b|access denied|not allowed to|dmarc|\bspf\b|dkim|reverse dns|PTR record|banned|\[TSS\d\d\]|\bdynamic\b|unauthenticated/i,
    reason: 'refused-by-policy',
    act: 'go-on',
  },
];

/**
 * What a reply means for the message and for its sender.
 * @param reply as read by `readReply`; a code that is no code counts as a broken protocol
 * @param phase the command it answered
 */
export function judgeReply(reply: SmtpReply, phase: SmtpPhase): ReplyVerdict {
  const { code, enhanced, text } = reply;
  if (code === null || code < 200 || (code >= 300 && code < 400))
    return { end: 'deferred', reason: 'protocol-error', act: 'retry', waitMs: 15 * MINUTE };
  if (code < 300) return { end: 'accepted', reason: 'accepted', act: 'go-on', waitMs: 0 };
  const row = ROWS.find(
    (candidate) =>
      (candidate.code === undefined || candidate.code.test(String(code))) &&
      (candidate.enhanced === undefined || (enhanced !== null && candidate.enhanced.test(enhanced))) &&
      (candidate.text === undefined || candidate.text.test(text)) &&
      (candidate.phases === undefined || candidate.phases.includes(phase)),
  );
  const end = row?.end ?? (code < 500 ? 'deferred' : 'rejected');
  if (row !== undefined) {
    // A temporary refusal that is only this message's is tried again, a permanent one is not.
    const act = row.act === 'go-on' && end === 'deferred' ? 'retry' : row.act;
    const waitMs = row.waitMs ?? (act === 'retry' ? 30 * MINUTE : 0);
    return beforeMessage(phase, end, { end, reason: row.reason, act, waitMs });
  }
  if (code < 500) {
    // 421 with no better word: the server closes this session, not the door.
    return { end: 'deferred', reason: 'retry-later', act: 'retry', waitMs: code === 421 ? 10 * MINUTE : 15 * MINUTE };
  }
  return beforeMessage(phase, 'rejected', { end: 'rejected', reason: fallback(phase), act: 'go-on', waitMs: 0 });
}

function fallback(phase: SmtpPhase): SendReason {
  if (phase === 'mail') return 'sender-refused';
  if (phase === 'starttls') return 'tls-not-offered';
  return phase === 'greeting' || phase === 'ehlo' ? 'refused-by-policy' : 'rejected';
}

/** A server that turns us away before it saw a message has refused the sender, not the message: that one waits. */
function beforeMessage(phase: SmtpPhase, end: ReplyVerdict['end'], verdict: ReplyVerdict): ReplyVerdict {
  if (end !== 'rejected' || MESSAGE.includes(phase)) return verdict;
  if (phase === 'starttls') return { ...verdict, end: 'deferred', act: 'fix-credentials', waitMs: 0 };
  return { ...verdict, end: 'deferred', act: 'pause-sender', waitMs: Math.max(verdict.waitMs, HOUR) };
}
