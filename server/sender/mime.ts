/**
 * A message from its parts (RFC 5322, MIME RFC 2045 to 2049), composed by nodemailer, the second half of "the only importer of nodemailer".
 *
 * Whatever people type may end up in a header: a subject, a name, an address. A line break there would start a header of
 * their own ("Bcc: …") or end the header altogether, so nothing with a control character gets through: names and subjects lose them, addresses that
 * are not plainly one address are refused. Content is always given as a string, and nodemailer may open neither files nor URLs.
 * Given the same parts the bytes are the same: the date and the boundary come from the caller.
 */
import MailComposer from 'nodemailer/lib/mail-composer';
import { AppError } from '../errors.ts';

export type MimeParts = {
  from: { address: string; name: string | null };
  to: string;
  subject: string;
  /** With angle brackets. */
  messageId: string;
  /** Epoch milliseconds. */
  date: number;
  text: string | null;
  html: string | null;
  /** Further headers, in this order; values become one line. */
  headers: [name: string, value: string][];
  /** Letters and digits, unique enough not to stand in the text. */
  boundary: string;
  /** `auto`: each part and header takes what suits it (English in base64 looks like something to hide); `base64` suits Japanese. */
  encoding: 'auto' | 'base64';
};

/** The whole message, CRLF line ends. @throws AppError `invalid` when an address or a header name is none */
export async function composeMime(parts: MimeParts): Promise<Buffer> {
  const headers = parts.headers.map(([key, value]) => {
    if (!/^[A-Za-z][A-Za-z0-9-]{0,60}$/.test(key))
      throw new AppError('invalid', `${JSON.stringify(key)} is no header name.`);
    return { key, value: oneLine(value) };
  });
  const node = new MailComposer({
    from: { address: plainAddress(parts.from.address), name: oneLine(parts.from.name ?? '') },
    to: { address: plainAddress(parts.to), name: '' },
    subject: oneLine(parts.subject),
    messageId: plainMessageId(parts.messageId),
    date: new Date(parts.date),
    ...(parts.text === null ? {} : { text: crlf(parts.text) }),
    ...(parts.html === null ? {} : { html: crlf(parts.html) }),
    headers,
    baseBoundary: parts.boundary.replace(/[^A-Za-z0-9]/g, ''),
    ...(parts.encoding === 'auto' ? {} : { encoding: 'base64', textEncoding: 'B' as const }),
    newline: 'win',
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();
  return await node.build();
}

/** A value that can only be one header line: control characters and Unicode's line ends become single spaces. */
export function oneLine(value: string): string {
  return value
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();
}

/**
 * One plain address: no display name, no quotes, no comment, no list. A quoted local part is allowed by RFC 5321, used by nobody, and has
 * misled parsers into delivering elsewhere.
 * @throws AppError `invalid`
 */
export function plainAddress(address: string): string {
  const one = /^[^\s"(),:;<>@[\\\]\p{Cc}]+@[^\s"(),:;<>@[\\\]\p{Cc}]+$/u;
  if (address.length > 320 || !address.isWellFormed() || !one.test(address))
    throw new AppError('invalid', `${JSON.stringify(address.slice(0, 100))} is not a plain email address.`);
  return address;
}

function plainMessageId(id: string): string {
  if (!/^<[a-z0-9.-]{1,200}@[a-z0-9.-]{1,253}>$/.test(id))
    throw new AppError('invalid', 'The Message-ID is not clean.');
  return id;
}

function crlf(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('\0', '')
    .replace(/\r\n?|\n/g, '\r\n');
}
