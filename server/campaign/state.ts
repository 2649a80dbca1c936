/** The words of what is kept of campaigns: where one came from, how far an audit and a watch are. Pure. */
import { REFUSALS } from './types.ts';

/** `watch`: it leaves by its own system, and is what arrives in seeds that are watched. */
export const CAMPAIGN_SOURCES = ['file', 'draft', 'watch'] as const;
export type CampaignSource = (typeof CAMPAIGN_SOURCES)[number];

/**
 * `waiting` for its turn; `watching` for a first copy; `auditing`: the mail is looked at; `testing`: that is done, and its mails are on their way; `done`; `refused`: it
 * cannot be audited at all; `failed`: we could not.
 */
export const AUDIT_STATES = ['waiting', 'watching', 'auditing', 'testing', 'done', 'refused', 'failed'] as const;
export type AuditState = (typeof AUDIT_STATES)[number];

/** Why there is no result, besides what a mail may be refused for. */
export const AUDIT_REFUSALS = [...REFUSALS, 'failed', 'nothing-seen'] as const;

export const WATCH_STATES = ['open', 'closed'] as const;
export type WatchState = (typeof WATCH_STATES)[number];

/** What sending systems set by themselves, so that nothing needs to be added to be recognised. */
export const KNOWN_HEADERS = [
  'X-Campaign-ID',
  'X-Campaign',
  'X-Mailjet-Campaign',
  'X-job',
  'X-Listid',
  'X-MailingID',
  'X-rpcampaign',
  'X-250ok-CID',
  'X-IBP-DebugHeader',
  'Feedback-ID',
  'List-ID',
] as const;
