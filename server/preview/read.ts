/**
 * A raw mail as a preview. A mail is a tree of parts (MIME): text, the same again as HTML, pictures that the HTML shows by their Content-ID, attachments. Anybody can
 * write one of any size and depth, so there are limits on all of it; where this file is run, there is a wall clock too (previews.ts).
 */
import PostalMime, { type Attachment as Part } from 'postal-mime';
import { cleanHtml } from './clean.ts';
import { noneBlocked, type Preview } from './types.ts';

/** Characters; more is cut, and it is said. */
const MAX_TEXT = 200_000;
const MAX_HTML = 1_000_000;
/** Bytes of pictures, one and all together. */
const MAX_PICTURE = 2_000_000;
const MAX_PICTURES = 6_000_000;
const MAX_ATTACHMENTS = 200;
const MAX_NAME = 300;

const PICTURES = new Set([
  'image/png',
  'image/gif',
  'image/jpeg',
  'image/jpg',
  'image/webp',
  'image/avif',
  'image/bmp',
]);

/** @throws Error when the mail is nested too deeply or its headers are too large */
export async function readPreview(raw: Uint8Array): Promise<Preview> {
  const mail = await PostalMime.parse(raw, {
    // A mail in a mail is an attachment: what is judged is this one.
    forceRfc822Attachments: true,
    attachmentEncoding: 'arraybuffer',
    maxNestingDepth: 100,
    maxHeadersSize: 1024 * 1024,
  });
  const text = mail.text ?? null;
  const html = mail.html ?? null;
  const used = new Set<Part>();
  const cleaned = html === null ? null : cleanHtml(html.slice(0, MAX_HTML), picturesOf(mail.attachments, used));
  return {
    text: text === null ? null : text.slice(0, MAX_TEXT),
    html: cleaned?.html ?? null,
    cut: (text?.length ?? 0) > MAX_TEXT || (html?.length ?? 0) > MAX_HTML,
    blocked: cleaned?.blocked ?? noneBlocked(),
    attachments: mail.attachments.slice(0, MAX_ATTACHMENTS).map((part) => ({
      name: part.filename === null ? null : part.filename.slice(0, MAX_NAME),
      type: part.mimeType.slice(0, MAX_NAME),
      size: bytesOf(part).byteLength,
      inline: used.has(part),
    })),
    reason: null,
  };
}

/** The pictures that came with the mail, as addresses that hold the picture itself. */
function picturesOf(parts: Part[], used: Set<Part>): (contentId: string) => string | null {
  const byId = new Map<string, Part>();
  for (const part of parts) {
    const id = part.contentId?.trim().replace(/^<|>$/g, '');
    if (id && PICTURES.has(part.mimeType) && !byId.has(id)) byId.set(id, part);
  }
  let left = MAX_PICTURES;
  const made = new Map<string, string>();
  return (contentId) => {
    const part = byId.get(contentId);
    if (!part) return null;
    const bytes = bytesOf(part);
    // Shown a hundred times it is in the answer a hundred times.
    if (bytes.byteLength > MAX_PICTURE || bytes.byteLength > left) return null;
    left -= bytes.byteLength;
    used.add(part);
    const known = made.get(contentId);
    if (known !== undefined) return known;
    const address = `data:${part.mimeType};base64,${Buffer.from(bytes).toString('base64')}`;
    made.set(contentId, address);
    return address;
  };
}

function bytesOf(part: Part): Uint8Array {
  const { content } = part;
  if (typeof content === 'string') return Buffer.from(content);
  return content instanceof ArrayBuffer ? new Uint8Array(content) : content;
}
