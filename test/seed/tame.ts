/**
 * Tame mail servers for scripts (script.ts): one message, ever the same, and all answers a reader needs. A test makes them odd at one place, so that
 * what it shows is the answer to just that.
 */
import type { Client } from './script.ts';

type Said = string | Buffer | null | undefined;
/** What is said to a command; null: nothing, undefined: what a tame server says. */
export type ImapAnswer = (tag: string, line: string, client: Client) => Said;
export type Pop3Answer = (line: string, client: Client) => Said;

export const IMAP_MESSAGE = 'X-Todoku-Probe: tok1\r\nMessage-ID: <a@b>\r\nSubject: x\r\n\r\nhello\r\n';

export function imap(odd: ImapAnswer = () => undefined, greeting = '* OK ready'): (client: Client) => void {
  return (client) => {
    client.send(`${greeting}\r\n`);
    client.onLine((line) => {
      const [tag = '', word = '', next = ''] = line.split(' ');
      const command = word.toUpperCase() === 'UID' ? `UID ${next.toUpperCase()}` : word.toUpperCase();
      const special = odd(tag, line, client);
      if (special !== undefined) return special;
      switch (command) {
        case 'CAPABILITY':
          return `* CAPABILITY IMAP4rev1\r\n${tag} OK done`;
        case 'LIST':
          return `* LIST () "/" INBOX\r\n* LIST (\\Junk) "/" Spam\r\n${tag} OK done`;
        case 'EXAMINE':
          return `* 1 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 2] ok\r\n${tag} OK [READ-ONLY] done`;
        case 'UID SEARCH':
          return `* SEARCH 1\r\n${tag} OK done`;
        case 'UID FETCH': {
          const body = line.includes('BODY.PEEK[]')
            ? `BODY[]<0> {${IMAP_MESSAGE.length}}\r\n${IMAP_MESSAGE}`
            : `BODY[HEADER.FIELDS (X)] {24}\r\nX-Todoku-Probe: tok1\r\n\r\n`;
          return `* 1 FETCH (UID 1 RFC822.SIZE ${IMAP_MESSAGE.length} INTERNALDATE "01-Nov-2026 00:00:00 +0000" ${body})\r\n${tag} OK done`;
        }
        case 'LOGOUT':
          return `* BYE bye\r\n${tag} OK done`;
        default:
          return `${tag} OK done`;
      }
    });
  };
}

export const POP3_MESSAGE = 'X-Todoku-Probe: tok1\r\nMessage-ID: <a@b>\r\n\r\nhello\r\n.\r\n..two dots\r\n';
/** As it travels: a line that begins with a dot gets another one. */
export const POP3_STUFFED = POP3_MESSAGE.replace(/^\./gm, '..');

export function pop3(odd: Pop3Answer = () => undefined, greeting = '+OK ready'): (client: Client) => void {
  return (client) => {
    client.send(`${greeting}\r\n`);
    client.onLine((line) => {
      const special = odd(line, client);
      if (special !== undefined) return special;
      if (line === 'CAPA') return '+OK\r\nTOP\r\nUIDL\r\nUSER\r\n.';
      if (line === 'LIST') return `+OK\r\n1 ${POP3_MESSAGE.length}\r\n.`;
      if (line === 'UIDL') return '+OK\r\n1 abc\r\n.';
      if (/^TOP 1 0$/.test(line)) return `+OK\r\n${POP3_MESSAGE.slice(0, POP3_MESSAGE.indexOf('hello'))}.`;
      if (/^(TOP 1 |RETR 1)/.test(line)) return `+OK\r\n${POP3_STUFFED}.`;
      return '+OK';
    });
  };
}

/** An odd answer to the lines that match. */
export const onImap =
  (word: RegExp, answer: ImapAnswer): ImapAnswer =>
  (tag, line, client) =>
    word.test(line) ? answer(tag, line, client) : undefined;
export const onPop3 =
  (word: RegExp, answer: Pop3Answer): Pop3Answer =>
  (line, client) =>
    word.test(line) ? answer(line, client) : undefined;

/** What was said has been said: no further answer. */
export const said = (_what: unknown): null => null;
