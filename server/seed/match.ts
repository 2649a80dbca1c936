/**
 * Which probe a message is, from its header block alone. The token in X-Todoku-Probe decides; where a system on the way dropped that
 * field, the Message-ID does, or the one that Gmail's SMTP keeps as X-Google-Original-Message-ID when it writes its own. The
 * subject never does: it is the sender's, and filters rewrite it.
 */

/** The fields a look asks a server for, in lower case. */
export const MATCHED_FIELDS = ['x-todoku-probe', 'message-id', 'x-google-original-message-id', 'content-type'] as const;

/** Looks for a mail that we did not send, by what it is recognised by. */
export type Watcher = {
  /** What is answered where a copy is found. */
  token: string;
  /** Header fields it looks at, in lower case. */
  fields: readonly string[];
  matches: (header: Buffer) => boolean;
  /** IMAP: what a server is asked for; each alone would do. */
  terms: readonly ({ header: Record<string, string | true> } | { from: string } | { subject: string })[];
  /** What may stand in the text alone; null: nothing. */
  text: string | null;
  /** Epoch ms: nothing that came before is of interest. */
  since: number;
};

/** Answers for the outstanding probes of a seed: header block → token as it was asked for, or null. */
export type Matcher = (header: Buffer) => string | null;

/** @param messageIds `messageIds[i]` belongs to `tokens[i]`; angle brackets and '' are fine */
export function matcherOf(
  tokens: readonly string[],
  messageIds: readonly string[],
  watchers: readonly Watcher[] = [],
): Matcher {
  const byToken = new Map(tokens.map((token) => [token.toLowerCase(), token]));
  const byId = new Map<string, string>();
  for (const [index, id] of messageIds.entries()) {
    const token = tokens[index];
    if (token !== undefined && bareId(id) !== '') byId.set(bareId(id), token);
  }
  return (header) => {
    for (const value of fieldValues(header, 'x-todoku-probe')) {
      const token = byToken.get(value.trim().toLowerCase());
      if (token !== undefined) return token;
    }
    for (const name of ['message-id', 'x-google-original-message-id']) {
      for (const value of fieldValues(header, name)) {
        const token = byId.get(bareId(value));
        if (token !== undefined) return token;
      }
    }
    return watchers.find((watcher) => watcher.matches(header))?.token ?? null;
  };
}

/** Whether a text stands in a raw message, whichever way its parts are encoded. */
export function holdsText(raw: Buffer, text: string): boolean {
  const all = raw.toString('latin1');
  if (all.includes(text)) return true;
  // Quoted-printable breaks long lines with an equals sign.
  if (all.replace(/=\r?\n/g, '').includes(text)) return true;
  for (const [block] of all.matchAll(/(?:^[A-Za-z0-9+/]{20,}={0,2}[ \t]*\r?$\n?)+/gm))
    if (Buffer.from(block, 'base64').toString('latin1').includes(text)) return true;
  return false;
}

/** A delivery status notification (RFC 3464): multipart/report with report-type=delivery-status. */
export function isDeliveryReport(header: Buffer): boolean {
  const [type = ''] = fieldValues(header, 'content-type');
  return /^\s*multipart\/report\b/i.test(type) && /\breport-type\s*=\s*"?delivery-status\b/i.test(type.slice(0, 4_000));
}

/**
 * The header block of a raw message: up to and with the empty line that ends it (RFC 5322 §2.1), at most `limit` bytes. A message
 * without an empty line is header to its end.
 */
export function headerBlock(raw: Buffer, limit: number): Buffer {
  const within = raw.subarray(0, limit);
  const crlf = within.indexOf('\r\n\r\n');
  const lf = within.indexOf('\n\n');
  if (crlf !== -1 && (lf === -1 || crlf < lf)) return within.subarray(0, crlf + 4);
  return lf === -1 ? within : within.subarray(0, lf + 2);
}

/** Values of all fields of this name (lower case), unfolded, as latin1 text; in linear time, whatever the header. */
export function fieldValues(header: Buffer, name: string): string[] {
  const values: string[] = [];
  let current: string[] | null = null;
  let at = 0;
  while (at < header.length) {
    const newline = header.indexOf(10, at);
    const next = newline === -1 ? header.length : newline + 1;
    let end = newline === -1 ? header.length : newline;
    if (end > at && header[end - 1] === 13) end--;
    const first = header[at];
    if (end === at) break; // the empty line: header ends
    if (first === 32 || first === 9) current?.push(header.toString('latin1', at, end));
    else {
      if (current !== null) values.push(current.join(''));
      current = null;
      // `Name:` and, from before RFC 5322, `Name :`
      const start = header.toString('latin1', at, Math.min(end, at + name.length + 8)).toLowerCase();
      const rest = start.startsWith(name) ? /^[ \t]{0,7}:/.exec(start.slice(name.length)) : null;
      if (rest) current = [header.toString('latin1', at + name.length + rest[0].length, end)];
    }
    at = next;
  }
  if (current !== null) values.push(current.join(''));
  return values;
}

function bareId(id: string): string {
  return (/<([^<>]*)>/.exec(id)?.[1] ?? id).trim().toLowerCase();
}
