/**
 * What a person has to do at a provider before Todoku may sign in there: which of the texts in messages/guide/ belong to whom. The tables are whole: a provider
 * or service without help does not build.
 */
import type { ProviderId } from '../server/seed/types.ts';
import type { SenderPresetId } from '../server/sender/types.ts';

export type HelpTopic =
  | 'google-app-password'
  | 'google-imap'
  | 'google-admin'
  | 'workspace-relay'
  | 'outlook'
  | 'yahoo-password'
  | 'icloud-password'
  | 'gmx-imap'
  | 'webde-imap'
  | 'zoho-imap'
  | 'fastmail-password'
  | 'yahoo-japan-access'
  | 'docomo-password'
  | 'isp-japan'
  | 'own-imap'
  | 'own-smtp'
  | 'amazon-ses'
  | 'sendgrid'
  | 'mailgun'
  | 'postmark';

export const SEED_HELP: Record<ProviderId, readonly HelpTopic[]> = {
  gmail: ['google-app-password', 'google-imap'],
  'google-workspace': ['google-app-password', 'google-admin', 'google-imap'],
  outlook: ['outlook'],
  yahoo: ['yahoo-password'],
  aol: ['yahoo-password'],
  icloud: ['icloud-password'],
  gmx: ['gmx-imap'],
  'web.de': ['webde-imap'],
  zoho: ['zoho-imap'],
  fastmail: ['fastmail-password'],
  'yahoo-japan': ['yahoo-japan-access'],
  docomo: ['docomo-password'],
  ocn: ['isp-japan'],
  nifty: ['isp-japan'],
  biglobe: ['isp-japan'],
  dovecot: ['own-imap'],
  other: ['own-imap'],
};

export const SENDER_HELP: Record<SenderPresetId, readonly HelpTopic[]> = {
  gmail: ['google-app-password'],
  'google-workspace-relay': ['workspace-relay', 'google-app-password'],
  outlook: ['outlook'],
  yahoo: ['yahoo-password'],
  icloud: ['icloud-password'],
  'yahoo-japan': ['yahoo-japan-access'],
  'amazon-ses': ['amazon-ses'],
  sendgrid: ['sendgrid'],
  mailgun: ['mailgun'],
  postmark: ['postmark'],
  'own-server': ['own-smtp'],
};

/** The page at the provider where it is done. Only addresses that are the same for everybody. */
export const HELP_LINKS: Partial<Record<HelpTopic, string>> = {
  'google-app-password': 'https://myaccount.google.com/apppasswords',
  'google-imap': 'https://mail.google.com/mail/u/0/#settings/labels',
  'icloud-password': 'https://account.apple.com/',
};

/** Notes of the tables of presets (server/words) that a topic says at greater length. */
export const SAID_IN_HELP: ReadonlySet<string> = new Set([
  'app-password-two-step',
  'relay-needs-admin',
  'oauth2-only',
  'smtp-access-must-be-enabled',
  'user-name-is-a-key',
  'region-in-host',
  'imap-off-by-default',
  'spam-may-be-hidden-in-imap',
  'mail-password-separate',
]);
