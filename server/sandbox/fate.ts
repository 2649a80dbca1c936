/**
 * In the sandbox the local part of an address says what becomes of a mail or a login: `spam@gmail.test` lands in spam,
 * `slow-30s@…` arrives half a minute late, `550@…` is refused. Anything after a further `-` or `+` is a name only, so that
 * `inbox-2@` and `spam-tokyo@` are accounts of their own with the same fate. A local part that is no fate (`anna@`) is plain
 * mail, judged by the filter itself.
 */

/** Where a mail is put, whatever the filter thinks of it. */
export type Place = 'inbox' | 'promotions' | 'social' | 'updates' | 'forums' | 'spam' | 'other';

/** How a login is answered. `ok` is the normal case. */
export type LoginFate =
  | 'ok'
  | 'wrong-password'
  | 'imap-down'
  | 'throttled'
  | 'in-use'
  | 'app-password-needed'
  | 'too-many-logins';

/** What a mail server does with a submission, beside taking it. Milliseconds throughout. */
export type SubmissionFate =
  | { kind: 'take' }
  | { kind: 'no-such-user' | 'full' | 'policy' | 'unauthenticated' | 'content' | 'daily-limit' }
  | { kind: 'defer'; times: number }
  | { kind: 'drop-after-dot' | 'rst-after-dot' | 'stall' }
  | { kind: 'late-250'; ms: number };

/** What the receiving side does after it has taken the mail. */
export type DeliveryFate = {
  /** null: the filter decides by itself. */
  place: Place | null;
  delayMs: number;
  lost: boolean;
  /** The receiving server refuses the recipient, so that a bounce comes back. */
  bounce: boolean;
  /** Milliseconds after which the mail is moved to spam, as a provider's second look does. */
  movedAfterMs: number | null;
  /** A forged Authentication-Results header comes with the mail: under the provider's own lines, or over them. */
  forged: 'below' | 'above' | null;
};

export type Fate = { login: LoginFate; submission: SubmissionFate; delivery: DeliveryFate };

const PLAIN: DeliveryFate = {
  place: null,
  delayMs: 0,
  lost: false,
  bounce: false,
  movedAfterMs: null,
  forged: null,
};

/** Longest names first, so that `late-250` is not read as `late`. */
const NAMES: [name: string, read: (number: string | undefined) => Partial<Fate>][] = [
  ['app-password-needed', () => ({ login: 'app-password-needed' })],
  ['too-many-logins', () => ({ login: 'too-many-logins' })],
  ['wrong-password', () => ({ login: 'wrong-password' })],
  ['unauthenticated', () => ({ submission: { kind: 'unauthenticated' } })],
  ['drop-after-dot', () => ({ submission: { kind: 'drop-after-dot' } })],
  ['rst-after-dot', () => ({ submission: { kind: 'rst-after-dot' } })],
  ['forged-above', () => ({ delivery: { ...PLAIN, forged: 'above' } })],
  ['promotions', () => placed('promotions')],
  ['imap-down', () => ({ login: 'imap-down' })],
  ['throttled', () => ({ login: 'throttled' })],
  ['late-250', (number) => ({ submission: { kind: 'late-250', ms: duration(number, 5_000) } })],
  ['missing', () => ({ delivery: { ...PLAIN, lost: true } })],
  ['updates', () => placed('updates')],
  ['content', () => ({ submission: { kind: 'content' } })],
  ['forums', () => placed('forums')],
  ['social', () => placed('social')],
  ['forged', () => ({ delivery: { ...PLAIN, forged: 'below' } })],
  ['bounce', () => ({ delivery: { ...PLAIN, bounce: true } })],
  ['policy', () => ({ submission: { kind: 'policy' } })],
  ['in-use', () => ({ login: 'in-use' })],
  ['inbox', () => placed('inbox')],
  ['other', () => placed('other')],
  ['moved', (number) => ({ delivery: { ...PLAIN, place: 'inbox', movedAfterMs: duration(number, 3_000) } })],
  ['stall', () => ({ submission: { kind: 'stall' } })],
  ['limit', () => ({ submission: { kind: 'daily-limit' } })],
  ['defer', (number) => ({ submission: { kind: 'defer', times: deferrals(number) } })],
  ['spam', () => placed('spam')],
  ['slow', (number) => ({ delivery: { ...PLAIN, delayMs: duration(number, 30_000) } })],
  ['full', () => ({ submission: { kind: 'full' } })],
  ['550', () => ({ submission: { kind: 'no-such-user' } })],
];

function placed(place: Place): Partial<Fate> {
  return { delivery: { ...PLAIN, place } };
}

/** `30s` and `1500ms` in milliseconds; no number is a default; anything over a day is a day. */
function duration(text: string | undefined, otherwise: number): number {
  const match = /^(\d{1,9})(ms|s)$/.exec(text ?? '');
  if (match === null) return otherwise;
  return Math.min(Number(match[1]) * (match[2] === 's' ? 1_000 : 1), 86_400_000);
}

/** `defer@` once, `defer-2@` twice, `defer-always@` for ever. */
function deferrals(text: string | undefined): number {
  if (text === 'always') return Number.POSITIVE_INFINITY;
  return /^\d{1,4}$/.test(text ?? '') ? Number(text) : 1;
}

/** Reads the fate out of an address (or a bare local part). Never throws: an unknown name is plain mail. */
export function fateOf(address: string): Fate {
  const at = address.lastIndexOf('@');
  const local = (at === -1 ? address : address.slice(0, at)).toLowerCase();
  for (const [name, read] of NAMES) {
    if (local !== name && !local.startsWith(`${name}-`) && !local.startsWith(`${name}+`)) continue;
    const rest = local.slice(name.length + 1).split(/[-+]/)[0];
    return { login: 'ok', submission: { kind: 'take' }, delivery: PLAIN, ...read(rest) };
  }
  return { login: 'ok', submission: { kind: 'take' }, delivery: PLAIN };
}
