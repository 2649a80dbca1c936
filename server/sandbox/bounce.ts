/**
 * A bounce: the mail that tells a sender that his mail could not be delivered (delivery status notification, RFC 3464, in a
 * multipart/report, RFC 6522). It has three parts: words for a person, fields for a program (whom, what, why), and the header of the
 * mail it is about, so that it can be recognised. It comes from nobody (`<>`), lest two servers bounce bounces for ever.
 */
import { randomBytes } from 'node:crypto';
import { headerEnd } from './mime-structure.ts';
import { mailDate } from './provider-headers.ts';

export type BounceWords = {
  /** The sender of the mail, who is told. */
  to: string;
  recipient: string;
  /** The refusal as it was said: `550 5.1.1 …`. */
  reply: string;
  /** The MX that said it, or null if none could be found. */
  remote: string | null;
  raw: Buffer;
  /** Epoch ms. */
  at: number;
};

export function composeBounce({ to, recipient, reply, remote, raw, at }: BounceWords): Buffer {
  const text = raw.toString('latin1');
  const header = text.slice(0, headerEnd(text)).trimEnd();
  const boundary = `000000000000${randomBytes(8).toString('hex')}`;
  const status = /\b([245]\.\d{1,3}\.\d{1,3})\b/.exec(reply)?.[1] ?? (reply.startsWith('4') ? '4.0.0' : '5.0.0');
  const messageId = /^message-id:\s*(<[^>\r\n]*>)/im.exec(header)?.[1];
  const oneLine = reply.replace(/\s*\n\s*/g, ' ');
  const lines = [
    `Return-Path: <>`,
    `Delivered-To: ${to}`,
    `Received: by smtp.gmail.test with internal id ${randomBytes(6).toString('hex')}; ${mailDate(at)}`,
    'From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>',
    `To: ${to}`,
    'Auto-Submitted: auto-replied',
    'Subject: Delivery Status Notification (Failure)',
    `Message-ID: <${randomBytes(12).toString('hex')}@smtp.gmail.test>`,
    ...(messageId === undefined ? [] : [`In-Reply-To: ${messageId}`, `References: ${messageId}`]),
    `X-Failed-Recipients: ${recipient}`,
    `Date: ${mailDate(at)}`,
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; boundary="${boundary}"; report-type=delivery-status`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset="UTF-8"',
    '',
    '** Address not found **',
    '',
    `Your message wasn't delivered to ${recipient}. The response was:`,
    '',
    oneLine,
    '',
    `--${boundary}`,
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; smtp.gmail.test',
    `Arrival-Date: ${mailDate(at)}`,
    ...(messageId === undefined ? [] : [`X-Original-Message-ID: ${messageId}`]),
    '',
    `Final-Recipient: rfc822; ${recipient}`,
    'Action: failed',
    `Status: ${status}`,
    ...(remote === null ? [] : [`Remote-MTA: dns; ${remote}`]),
    `Diagnostic-Code: smtp; ${oneLine}`,
    `Last-Attempt-Date: ${mailDate(at)}`,
    '',
    `--${boundary}`,
    'Content-Type: text/rfc822-headers',
    '',
  ];
  return Buffer.concat([
    Buffer.from(`${lines.join('\r\n')}\r\n`),
    Buffer.from(header, 'latin1'),
    Buffer.from(`\r\n\r\n--${boundary}--\r\n`),
  ]);
}
