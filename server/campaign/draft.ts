/** A draft as the mail it would be, so that it is audited as any other. It is not signed: whatever sends it later will do that. Pure. */
import { newMessageId } from '../probe/compose.ts';
import { composeMime } from '../sender/mime.ts';
import { DEFAULT_POLICY, type Policy } from './policy.ts';

export type Draft = {
  from: string;
  fromName?: string | undefined;
  replyTo?: string | undefined;
  subject?: string | undefined;
  html?: string | undefined;
  text?: string | undefined;
  /** https: for one click (RFC 8058). */
  listUnsubscribe?: string | undefined;
};

/** @param stamp letters and digits, unique to it @throws AppError `invalid` when From is not plainly one address */
export function composeDraft(draft: Draft, stamp: string, now: number): Promise<Buffer> {
  const language = /[\u3040-\u30ff]/.test(`${draft.subject}${draft.text}${draft.html}`) ? 'ja' : 'en';
  const headers: [string, string][] = [];
  if (draft.replyTo !== undefined) headers.push(['Reply-To', draft.replyTo]);
  if (draft.listUnsubscribe !== undefined) {
    headers.push(['List-Unsubscribe', `<${draft.listUnsubscribe}>`]);
    headers.push(['List-Unsubscribe-Post', 'List-Unsubscribe=One-Click']);
  }
  return composeMime({
    from: { address: draft.from, name: draft.fromName ?? null },
    to: draft.from,
    subject: draft.subject ?? '',
    messageId: newMessageId(stamp, draft.from),
    date: now,
    text: draft.text || (draft.html ? null : ''),
    html: draft.html || null,
    headers,
    boundary: stamp,
    encoding: language === 'ja' ? 'base64' : 'auto',
  });
}

/** A draft cannot be signed yet: the default policy asks nothing of what only a sent mail has. */
export const DRAFT_POLICY: Policy = {
  ...DEFAULT_POLICY,
  requireAuthentication: [],
  ignore: ['authentication-unsigned', 'unsubscribe-unsigned'],
};
