/**
 * A bounce, read from the sender's own mailbox. A 250 at submission is not delivery: Gmail, Postfix and most others accept first and send a delivery
 * status notification (RFC 3464) later. It quotes the headers of the mail it is about, and with them our token.
 */
import PostalMime from 'postal-mime';

export type Bounce = {
  /** `failed`: it will not arrive. `delayed`: still trying. `other`: relayed, delivered, expanded. */
  action: 'failed' | 'delayed' | 'other';
  /** Enhanced status code (RFC 3463), e.g. `5.1.1`. */
  status: string | null;
  /** The remote server's words, cut to 500 characters. */
  diagnostic: string | null;
  remoteHost: string | null;
  recipient: string | null;
  token: string | null;
  /** Without angle brackets. */
  messageId: string | null;
};

/**
 * Reads a delivery status notification.
 * @returns null when the message is none, or does not tell which mail it is about
 * @throws Error for what no honest report looks like; a hostile one may also take long: see bounces.ts
 */
export async function parseBounce(raw: Buffer): Promise<Bounce | null> {
  const mail = await PostalMime.parse(raw, {
    forceRfc822Attachments: true,
    attachmentEncoding: 'arraybuffer',
    maxNestingDepth: 20,
  });
  let status = new Map<string, string>();
  let quoted = '';
  for (const part of mail.attachments) {
    const text = partText(part.content);
    if (part.mimeType === 'message/delivery-status') status = mergeGroups(text);
    else if (part.mimeType === 'text/rfc822-headers' || part.mimeType === 'message/rfc822') quoted = headerBlock(text);
  }
  if (status.size === 0) return null;
  const fields = parseFields(quoted);
  const token = /^[0-9a-z]{20}$/.exec((fields.get('x-todoku-probe') ?? '').trim().toLowerCase())?.[0] ?? null;
  const messageId = /<([^<>\s]{3,250})>/.exec(fields.get('message-id') ?? '')?.[1] ?? null;
  if (!token && !messageId) return null;
  const action = (status.get('action') ?? '').trim().toLowerCase();
  return {
    action: action === 'failed' ? 'failed' : action === 'delayed' ? 'delayed' : 'other',
    status: /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(status.get('status') ?? '')?.[0] ?? null,
    diagnostic: typed(status.get('diagnostic-code')),
    remoteHost: typed(status.get('remote-mta')),
    recipient: typed(status.get('final-recipient')),
    token,
    messageId,
  };
}

function partText(content: ArrayBuffer | Uint8Array | string): string {
  if (typeof content === 'string') return content;
  return Buffer.from(content as ArrayBuffer).toString('utf8');
}

function headerBlock(text: string): string {
  const end = /\r?\n\r?\n/.exec(text);
  return end ? text.slice(0, end.index) : text;
}

/** Unfolded `name: value` lines, first of each name; a Map, so that a field named __proto__ is just a field. */
function parseFields(block: string): Map<string, string> {
  const fields = new Map<string, string>();
  let name: string | null = null;
  for (const line of block.split(/\r?\n/)) {
    if (/^[ \t]/.test(line) && name) {
      fields.set(name, `${fields.get(name) ?? ''} ${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0) {
      name = null;
      continue;
    }
    const key = line.slice(0, colon).trim().toLowerCase();
    name = fields.has(key) ? null : key;
    if (name) fields.set(name, line.slice(colon + 1).trim());
  }
  return fields;
}

/** The per-message group and the first per-recipient group as one: a probe has one recipient. */
function mergeGroups(text: string): Map<string, string> {
  const all = new Map<string, string>();
  for (const group of text.split(/\r?\n\r?\n/).slice(0, 3))
    for (const [name, value] of parseFields(group)) if (!all.has(name)) all.set(name, value);
  return all;
}

/** `smtp; 550 5.1.1 …` → `550 5.1.1 …` */
function typed(value: string | undefined): string | null {
  if (value === undefined) return null;
  return value.replace(/^[\w-]+\s*;\s*/, '').slice(0, 500);
}
