/**
 * How each provider's IMAP and POP3 servers speak: capabilities, greetings, folder names, refusals. Written after what the real
 * ones have been seen to say (2015 to 2026); capabilities that are not built here (COMPRESS, QUOTA, CONDSTORE, OBJECTID, OAuth) are
 * left out rather than pretended.
 *
 * - Gmail: Gmail's own extensions (X-GM-EXT-1), SPECIAL-USE, IDLE, 15 connections.
 * - Outlook: IDLE, no SPECIAL-USE: "Junk Email" is known by its name only.
 * - Yahoo: no IDLE; the junk folder is called "Bulk", the inbox "Inbox"; LIST says \Junk though SPECIAL-USE is not announced.
 * - Yahoo! JAPAN: nothing beyond the base; 迷惑メール by name only.
 * - dovecot ("plain"): what Dovecot 2.3 does.
 */
import type { LoginFate } from './fate.ts';
import type { ProviderName } from './zones.ts';

export type Personality = {
  greeting: string;
  /** Before a login; LOGINDISABLED, STARTTLS and AUTH=PLAIN are added as the connection stands. */
  before: string[];
  after: string[];
  /** SPECIAL-USE attributes in LIST answers; RFC 6154 allows them without the capability, and Yahoo does so. */
  specialUse: boolean;
  inboxName: string;
  maxConnections: number;
  tooManyConnections: string;
  loggedIn: (address: string) => string;
  /** Text of the tagged NO, by fate; `wrong-password` also for a password that is wrong. */
  refusals: Record<Exclude<LoginFate, 'ok'>, string>;
  popGreeting: string;
  popWrongPassword: string;
};

const POP_UNLIKE_IMAP = {
  'imap-down': '-ERR [SYS/TEMP] Temporary authentication failure. Please try again later',
  throttled: '-ERR [LOGIN-DELAY] Minimum time between mail checks violated',
  'too-many-logins': '-ERR [LOGIN-DELAY] Too many logins, try again later',
  'in-use': '-ERR [IN-USE] Mailbox is locked by another POP3 session',
  'app-password-needed': '-ERR [AUTH] Application-specific password required',
};

/** POP3's refusal of a login. */
export function popRefusal(personality: Personality, fate: Exclude<LoginFate, 'ok'>): string {
  return fate === 'wrong-password' ? personality.popWrongPassword : POP_UNLIKE_IMAP[fate];
}

const USUAL_REFUSALS: Personality['refusals'] = {
  'wrong-password': '[AUTHENTICATIONFAILED] Authentication failed.',
  'imap-down': '[UNAVAILABLE] Temporary authentication failure.',
  throttled: '[LIMIT] Too many login attempts, try again later.',
  'in-use': '[INUSE] Mailbox is in use.',
  'app-password-needed': '[AUTHENTICATIONFAILED] Application-specific password required.',
  'too-many-logins': '[LIMIT] Too many login attempts, try again later.',
};

export const PERSONALITIES: Record<ProviderName, Personality> = {
  gmail: {
    greeting: 'Gimap ready for requests from 127.0.0.1',
    before: ['IMAP4rev1', 'UNSELECT', 'IDLE', 'NAMESPACE', 'ID', 'CHILDREN', 'X-GM-EXT-1', 'SASL-IR'],
    after: [
      ...['IMAP4rev1', 'UNSELECT', 'IDLE', 'NAMESPACE', 'ID', 'CHILDREN', 'X-GM-EXT-1', 'UIDPLUS', 'ENABLE', 'MOVE'],
      ...['ESEARCH', 'LIST-EXTENDED', 'LIST-STATUS', 'LITERAL-', 'SPECIAL-USE', 'APPENDLIMIT=35651584'],
    ],
    specialUse: true,
    inboxName: 'INBOX',
    maxConnections: 15,
    tooManyConnections: '[ALERT] Too many simultaneous connections. (Failure)',
    loggedIn: (address) => `${address} authenticated (Success)`,
    refusals: {
      ...USUAL_REFUSALS,
      'wrong-password': '[AUTHENTICATIONFAILED] Invalid credentials (Failure)',
      'imap-down': '[UNAVAILABLE] Temporary System Error (Failure)',
      throttled: '[OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)',
      'app-password-needed':
        '[ALERT] Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)',
    },
    popGreeting: 'Gpop ready for requests from 127.0.0.1',
    popWrongPassword: '-ERR [AUTH] Username and password not accepted.',
  },
  outlook: {
    greeting: 'The Microsoft Exchange IMAP4 service is ready.',
    before: [
      'IMAP4',
      'IMAP4rev1',
      'SASL-IR',
      'UIDPLUS',
      'MOVE',
      'ID',
      'UNSELECT',
      'CHILDREN',
      'IDLE',
      'NAMESPACE',
      'LITERAL+',
    ],
    after: [
      'IMAP4',
      'IMAP4rev1',
      'SASL-IR',
      'UIDPLUS',
      'MOVE',
      'ID',
      'UNSELECT',
      'CHILDREN',
      'IDLE',
      'NAMESPACE',
      'LITERAL+',
    ],
    specialUse: false,
    inboxName: 'INBOX',
    maxConnections: 15,
    tooManyConnections: '[LIMIT] User has exceeded the number of concurrent connections.',
    loggedIn: () => 'LOGIN completed.',
    refusals: {
      ...USUAL_REFUSALS,
      'wrong-password': '[AUTHENTICATIONFAILED] LOGIN failed.',
      'imap-down': '[UNAVAILABLE] Server Unavailable. 15',
      throttled: '[THROTTLED] Request is throttled. Suggested Backoff Time: 299962 milliseconds',
    },
    popGreeting: 'The Microsoft Exchange POP3 service is ready.',
    popWrongPassword: '-ERR [AUTH] Logon failure: unknown user name or bad password.',
  },
  yahoo: {
    greeting: 'IMAP4rev1 Hello',
    before: ['IMAP4rev1', 'SASL-IR', 'ID', 'MOVE', 'NAMESPACE', 'UIDPLUS', 'LITERAL+', 'CHILDREN', 'UNSELECT'],
    after: ['IMAP4rev1', 'ID', 'MOVE', 'NAMESPACE', 'UIDPLUS', 'LITERAL+', 'CHILDREN', 'UNSELECT'],
    specialUse: true,
    inboxName: 'Inbox',
    maxConnections: 10,
    tooManyConnections: '[LIMIT] Too many simultaneous connections',
    loggedIn: () => 'LOGIN completed',
    refusals: {
      ...USUAL_REFUSALS,
      'wrong-password': '[AUTHENTICATIONFAILED] LOGIN Invalid credentials',
      'imap-down': '[UNAVAILABLE] LOGIN Server error - Please try again later',
      throttled: '[LIMIT] LOGIN Rate limit hit.',
    },
    popGreeting: 'hello from popgate',
    popWrongPassword: '-ERR [AUTH] invalid user or password',
  },
  'yahoo-japan': {
    greeting: 'IMAP4rev1 server ready',
    before: ['IMAP4rev1', 'ID', 'NAMESPACE', 'UIDPLUS', 'LITERAL+', 'CHILDREN'],
    after: ['IMAP4rev1', 'ID', 'NAMESPACE', 'UIDPLUS', 'LITERAL+', 'CHILDREN'],
    specialUse: false,
    inboxName: 'Inbox',
    maxConnections: 10,
    tooManyConnections: '[LIMIT] Too many connections',
    loggedIn: () => 'LOGIN completed',
    refusals: { ...USUAL_REFUSALS, 'wrong-password': '[AUTHENTICATIONFAILED] Incorrect username or password' },
    popGreeting: 'ready',
    popWrongPassword: '-ERR [AUTH] invalid user or password',
  },
  dovecot: {
    greeting: 'Dovecot ready.',
    before: ['IMAP4rev1', 'SASL-IR', 'ID', 'ENABLE', 'IDLE', 'LITERAL+'],
    after: [
      ...['IMAP4rev1', 'SASL-IR', 'ID', 'ENABLE', 'IDLE', 'UIDPLUS', 'CHILDREN', 'NAMESPACE'],
      ...['UNSELECT', 'MOVE', 'ESEARCH', 'LIST-EXTENDED', 'LIST-STATUS', 'SPECIAL-USE', 'LITERAL+'],
    ],
    specialUse: true,
    inboxName: 'INBOX',
    maxConnections: 10,
    tooManyConnections: '[LIMIT] Maximum number of connections from user+IP exceeded (mail_max_userip_connections=10)',
    loggedIn: () => 'Logged in',
    refusals: USUAL_REFUSALS,
    popGreeting: 'Dovecot ready.',
    popWrongPassword: '-ERR [AUTH] Authentication failed.',
  },
};
