/**
 * A probe's message. It has to look like mail people send, and yet be found again with certainty: so its token stands in a header
 * of its own (`X-Todoku-Probe`), in the Message-ID, and, if the user lets it, as a reference line in the body. The header is
 * what counts; the others help where a provider rewrites headers.
 *
 * The Message-ID is as plain as can be, `<token@domain>` of [a-z0-9.-]: Gmail replaces one it finds malformed (November 2026).
 */

import { composeMime, oneLine, plainAddress } from '../sender/mime.ts';
import { ENGLISH } from './templates/en.ts';
import { JAPANESE } from './templates/ja.ts';
import type { ProbeMessage, ProbeTemplate, TemplateContext, Templates } from './templates/types.ts';

export const PROBE_HEADER = 'X-Todoku-Probe';

export type ProbeDraft = {
  message: ProbeMessage;
  sender: { fromAddress: string; fromName: string | null };
  /** The seed's address: the only recipient. */
  to: string;
  token: string;
  /** From `newMessageId`. */
  messageId: string;
  /** Epoch milliseconds: the Date header. */
  sentAt: number;
  /** Number of the run within its monitor: which of the varied texts is taken, the same for all its seeds. Left out: the token decides. */
  turn?: number;
};

/** The Message-ID of a probe, angle brackets included. The same token and address always give the same. */
export function newMessageId(token: string, fromAddress: string): string {
  return `<${cleanName(token) || 'probe'}@${domainOf(fromAddress)}>`;
}

/**
 * The message as it will be sent, and its subject as a person reads it.
 * @throws AppError `invalid` when an address is not plainly one address
 */
export async function composeProbe(draft: ProbeDraft): Promise<{ raw: Buffer; subject: string }> {
  const { message, sender } = draft;
  plainAddress(draft.to);
  const domain = domainOf(plainAddress(sender.fromAddress));
  const language = message.language ?? 'en';
  const own = message.text !== undefined || message.html !== undefined;
  const turn = draft.turn ?? hash(draft.token);
  const written = own
    ? { subject: '', text: message.text ?? null, html: message.html ?? null, unsubscribe: false }
    : fromTemplate(message.template ?? 'varied', language, turn, {
        domain,
        name: sender.fromName?.trim() || domain,
        day: dayIn(language, draft.sentAt),
      });
  const subject =
    oneLine(message.subject ?? '') || oneLine(written.subject) || (language === 'ja' ? 'ご連絡' : 'A short note');
  const reference = message.tokenInBody === false ? null : templatesOf(language).reference(draft.token);
  const text =
    written.text === null || reference === null ? written.text : `${written.text.trimEnd()}\n\n${reference}\n`;
  const html = written.html === null || reference === null ? written.html : withReference(written.html, reference);
  const beyondAscii = /[^\p{ASCII}]/u.test(`${text ?? ''}${html ?? ''}`);
  const raw = await composeMime({
    from: { address: sender.fromAddress, name: sender.fromName },
    to: draft.to,
    subject,
    messageId: draft.messageId,
    date: draft.sentAt,
    text,
    html,
    headers: [
      [PROBE_HEADER, draft.token],
      // Honest, since it writes to the From address; there is no page behind it, so no one-click header (RFC 8058) either.
      ...(written.unsubscribe
        ? ([['List-Unsubscribe', `<mailto:${encodeURI(sender.fromAddress)}?subject=unsubscribe>`]] as [
            string,
            string,
          ][])
        : []),
    ],
    boundary: draft.token,
    encoding: language === 'ja' && beyondAscii ? 'base64' : 'auto',
  });
  return { raw, subject };
}

/** Which template a turn gets: `varied` takes the three in turn, so that a filter never sees the same kind twice in a row. */
export function templateOfTurn(template: ProbeTemplate, turn: number): Exclude<ProbeTemplate, 'varied'> {
  if (template !== 'varied') return template;
  const kinds = ['plain', 'one-link', 'newsletter'] as const;
  return pick(kinds, turn);
}

type WrittenMessage = { subject: string; text: string; html: string; unsubscribe: boolean };

function fromTemplate(
  template: ProbeTemplate,
  language: 'en' | 'ja',
  turn: number,
  context: TemplateContext,
): WrittenMessage {
  const templates = templatesOf(language);
  const kind = templateOfTurn(template, turn);
  // Within a kind the texts change from one of its turns to the next.
  const variant = template === 'varied' ? Math.floor(turn / 3) : turn;
  if (kind === 'newsletter') return newsletter(templates, variant, context, language);
  return letter(templates, pick(kind === 'plain' ? templates.plain : templates.oneLink, variant), context, language);
}

function letter(
  templates: Templates,
  make: Templates['plain'][number],
  context: TemplateContext,
  language: string,
): WrittenMessage {
  const { subject, paragraphs, link } = make(context);
  const url = link === undefined ? null : `https://${context.domain}${link.path}`;
  const closing = templates.closing(context);
  const text = [templates.greeting, ...paragraphs, ...(url === null ? [] : [url]), closing].join('\n\n');
  const body = [
    ...[templates.greeting, ...paragraphs].map((paragraph) => `<p>${escaped(paragraph)}</p>`),
    ...(link === undefined || url === null ? [] : [`<p><a href="${escaped(url)}">${escaped(link.label)}</a></p>`]),
    `<p>${escaped(closing).replaceAll('\n', '<br>')}</p>`,
  ];
  return { subject, text: `${text}\n`, html: page(subject, body.join('\n'), language), unsubscribe: false };
}

function newsletter(templates: Templates, variant: number, context: TemplateContext, language: string): WrittenMessage {
  const written = pick(templates.newsletter, variant)(context);
  const home = `https://${context.domain}`;
  const items = written.items.map(({ title, text, path }) => `${title}\n${text}\n${home}${path}`);
  const text = [written.heading, written.intro, ...items, `-- \n${context.name}\n${written.footer}`].join('\n\n');
  const body = [
    `<h1 style="font-size:22px;margin:0 0 8px">${escaped(written.heading)}</h1>`,
    `<p style="margin:0 0 24px">${escaped(written.intro)}</p>`,
    ...written.items.map(
      (item) =>
        `<h2 style="font-size:17px;margin:0 0 4px">${escaped(item.title)}</h2>\n` +
        `<p style="margin:0 0 4px">${escaped(item.text)}</p>\n` +
        `<p style="margin:0 0 20px"><a href="${escaped(home + item.path)}">${escaped(item.label)}</a></p>`,
    ),
    `<p style="font-size:12px;color:#666666;border-top:1px solid #dddddd;padding-top:12px">${escaped(context.name)}<br>${escaped(written.footer)}</p>`,
  ];
  return {
    subject: written.subject,
    text: `${text}\n`,
    html: page(written.subject, body.join('\n'), language),
    unsubscribe: true,
  };
}

function page(title: string, body: string, language: string): string {
  return `<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
</head>
<body style="font-family:sans-serif;font-size:15px;line-height:1.6;color:#222222">
<div style="max-width:600px;margin:0 auto;padding:16px">
${body}
</div>
</body>
</html>
`;
}

function withReference(html: string, reference: string): string {
  const line = `<p style="font-size:12px;color:#666666">${escaped(reference)}</p>\n`;
  const end = html.toLowerCase().lastIndexOf('</body>');
  return end === -1 ? `${html}\n${line}` : html.slice(0, end) + line + html.slice(end);
}

const templatesOf = (language: 'en' | 'ja'): Templates => (language === 'ja' ? JAPANESE : ENGLISH);

function pick<T>(list: readonly T[], turn: number): T {
  const item = list[((Math.trunc(turn) % list.length) + list.length) % list.length];
  if (item === undefined) throw new Error('a list of templates is empty');
  return item;
}

/** FNV-1a: spreads tokens evenly over the texts, the same token always to the same. */
function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return sum;
}

/** Making one takes longer than the rest of a message. */
const DAY_FORMATS = {
  en: new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' }),
  ja: new Intl.DateTimeFormat('ja-JP', { day: 'numeric', month: 'long', timeZone: 'UTC' }),
};

function dayIn(language: 'en' | 'ja', at: number): string {
  return DAY_FORMATS[language].format(at);
}

/** The domain of an address in its ASCII form, fit for a Message-ID and a link. */
function domainOf(address: string): string {
  const typed = address.slice(address.lastIndexOf('@') + 1);
  const url = URL.parse(`https://${typed}`);
  return cleanName(url === null ? typed : url.hostname) || 'localhost';
}

function cleanName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9.-]/g, '')
    .replace(/\.{2,}/g, '.')
    .replace(/^[.-]+|[.-]+$/g, '')
    .slice(0, 200);
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
