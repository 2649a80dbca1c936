/**
 * A mail that somebody wrote elsewhere, made into a probe: the campaign as it is, to one seed, found again by its token. What belonged to the way it took before goes
 * (Received, Return-Path, verdicts of receivers, recipients), and so do signatures: a changed Message-ID breaks them, and a broken signature is worse than none. The sender
 * it now leaves by signs it anew. Everything else stays byte for byte, but for line ends and NULs, which SMTP does not carry. Pure.
 */
import { decodeWords } from '../authentication/headers.ts';
import { oneLine, plainAddress } from '../sender/mime.ts';
import { PROBE_HEADER } from './compose.ts';

/** What a plan sends instead of a template: a stored mail by its id. `from`: whether it keeps its own From. */
export type GivenMessage = { given: string; from: 'own' | 'sender' };

export type Readdressing = {
  to: string;
  token: string;
  /** With angle brackets. */
  messageId: string;
  /** Epoch milliseconds: the Date header. */
  sentAt: number;
  /** Replaces From, whose display name stays; null: From stays. */
  from: { address: string; name: string | null } | null;
};

/** Of the way a mail took before, or of this one mail alone. A filter's verdict of then (`X-Spam: Yes`) would be believed by whoever files the mail now. */
const DROPPED = new RegExp(
  `^(?:${[
    ...[
      'received',
      'x-received',
      'received-spf',
      'return-path',
      'delivered-to',
      'envelope-to',
      'x-original-to',
      'x-apparently-to',
    ],
    ...['authentication-results', 'x-authentication-results', 'arc-.+', 'dkim-signature', 'domainkey-signature'],
    ...[
      'x-google-dkim-signature',
      'x-google-smtp-source',
      'x-gm-.+',
      'x-spam',
      'x-spamd?-.+',
      'x-rspamd-.+',
      'x-ms-exchange-.+',
    ],
    ...[
      'x-microsoft-antispam(?:-.+)?',
      'x-forefront-.+',
      'x-todoku-.+',
      'resent-.+',
      'to',
      'cc',
      'bcc',
      'date',
      'message-id',
    ],
    ...['status', 'x-status', 'x-uid', 'x-keywords'],
  ].join('|')})$`,
);
/** A name of readable signs; longer ones are no names. */
const LONGEST_NAME = 400;

/** The mail as it will be sent, CRLF line ends, and its subject as a person reads it. @throws AppError `invalid` when an address is not plainly one address */
export function readdress(raw: Buffer, to: Readdressing): { raw: Buffer; subject: string } {
  const { fields, body } = fieldsOf(raw);
  const first = (key: string): string | null => fields.find((one) => one.key === key)?.text ?? null;
  const kept = fields.filter(
    ({ key }) => !DROPPED.test(key) && (to.from === null || (key !== 'from' && key !== 'sender')),
  );
  const lines = [
    `${PROBE_HEADER}: ${to.token}`,
    `Message-ID: ${oneLine(to.messageId)}`,
    `Date: ${new Date(to.sentAt).toUTCString().replace('GMT', '+0000')}`,
    ...(to.from === null ? [] : [`From: ${renamed(first('from'), to.from)}`]),
    `To: ${plainAddress(to.to)}`,
    ...kept.map(({ text }) => text),
  ];
  const subject = decodeWords(textOf(first('subject') ?? '')).slice(0, 998);
  return { raw: Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`, 'latin1'), subject: oneLine(subject) };
}

/** Whether it carries a signature that will not hold any more. */
export function isSigned(raw: Buffer): boolean {
  return fieldsOf(raw).fields.some(({ key }) => key === 'dkim-signature');
}

type GivenField = { key: string; text: string };

function fieldsOf(raw: Buffer): { fields: GivenField[]; body: string } {
  const all = raw
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .replace(/^From [^\r\n]*(?:\r\n?|\n)/, '')
    .replaceAll('\0', '')
    .replace(/\r\n?|\n/g, '\r\n')
    .replace(/^(?:[ \t]*\r\n)+/, '');
  const end = all.indexOf('\r\n\r\n');
  const header = end === -1 ? all.replace(/\r\n$/, '') : all.slice(0, end);
  const fields: GivenField[] = [];
  for (const line of header.split('\r\n')) {
    const last = fields.at(-1);
    if (/^[ \t]/.test(line) && last !== undefined) last.text += `\r\n${line}`;
    // A line that is no field would end the header for some readers.
    else if (/^[\x21-\x39\x3b-\x7e]+[ \t]*:/.test(line))
      fields.push({ key: line.slice(0, line.indexOf(':')).trim().toLowerCase(), text: line });
  }
  return { fields, body: end === -1 ? '' : all.slice(end + 4) };
}

function textOf(field: string): string {
  return field
    .slice(field.indexOf(':') + 1)
    .replace(/\r\n(?=[ \t])/g, '')
    .trim();
}

/** The name that readers see stays; the address is the sender's. */
function renamed(from: string | null, sender: { address: string; name: string | null }): string {
  const address = plainAddress(sender.address);
  const text = textOf(from ?? '');
  const bracket = text.search(/[<>]/);
  const shown = text[bracket] === '<' ? text.slice(0, bracket).trim() : '';
  const name = oneLine(sender.name ?? '');
  if (shown.length <= LONGEST_NAME && /^[\x20-\x7e]+$/.test(shown)) {
    // Words, encoded words or one quoted string; anything else could be read as a second author.
    const isName = /^(?:[\w .!#$%&'*+/=?^`{|}~-]+|"(?:[^"\\]|\\.)*")$/.test(shown);
    return `${isName ? shown : `"${shown.replace(/["\\]/g, '')}"`} <${address}>`;
  }
  if (name === '') return address;
  return `=?UTF-8?B?${Buffer.from(name.slice(0, 30)).toString('base64')}?= <${address}>`;
}
