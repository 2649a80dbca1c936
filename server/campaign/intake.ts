/** Campaigns come in: a file, a draft, or a name for what will be watched. What cannot be read as a mail is refused here, in one sentence, and nothing of it is kept. */
import { createHash } from 'node:crypto';
import { findCampaign, insertCampaign, keepCampaignMessage, updateCampaign } from '../../db/campaigns.ts';
import type { Queries } from '../../db/open.ts';
import type { CampaignTable } from '../../db/schema.ts';
import type { App } from '../app.ts';
import { AppError } from '../errors.ts';
import { newId, newToken } from '../id.ts';
import { oneLine } from '../sender/mime.ts';
import { composeDraft, type Draft } from './draft.ts';
import type { Policy } from './policy.ts';
import type { CampaignSource } from './state.ts';
import type { Facts, Refusal } from './types.ts';

export type IntakeApp = Pick<App, 'db' | 'now' | 'announce' | 'reader' | 'config'>;

const MAX_NAME = 200;

/** What is said of a campaign besides its mail: `name` null: its subject; `policy` null: the default. */
export type About = { name: string | null; policy: Policy | null };

/** @throws AppError `invalid`, `too-large` */
export async function addFile(app: IntakeApp, raw: Buffer, about: About): Promise<CampaignTable> {
  return add(app, 'file', { raw, draft: null, ...about });
}

/** @throws AppError `invalid`, `too-large` */
export async function addDraft(app: IntakeApp, draft: Draft, about: About): Promise<CampaignTable> {
  return add(app, 'draft', { raw: await composeDraft(draft, newToken(), app.now()), draft, ...about });
}

/** Its mail is what will arrive. */
export async function addWatched(app: IntakeApp, about: About): Promise<CampaignTable> {
  return add(app, 'watch', { raw: null, draft: null, ...about });
}

/** A newer version of a file or draft. @throws AppError as above, `not-found` */
export async function replaceMessage(
  app: IntakeApp,
  campaignId: string,
  change: { raw: Buffer } | { draft: Draft },
): Promise<void> {
  const draft = 'draft' in change ? change.draft : null;
  const raw = 'raw' in change ? change.raw : await composeDraft(change.draft, newToken(), app.now());
  const facts = await read(app, raw);
  const done = await app.db.transaction().execute(async (tx) => {
    const campaign = await findCampaign(tx, campaignId);
    if (!campaign) return false;
    await setMessage(tx, campaign, { raw, facts, now: app.now() });
    if (draft !== null)
      await updateCampaign(tx, campaignId, { draft_json: JSON.stringify(draft), updated_at: app.now() });
    return true;
  });
  if (!done) throw new AppError('not-found', 'There is no such campaign.');
  app.announce({ topic: 'campaign', id: campaignId });
}

/** Keeps a mail as the newest version of a campaign. @returns its id */
export async function setMessage(
  tx: Queries,
  campaign: Pick<CampaignTable, 'id'>,
  { raw, facts, now }: { raw: Buffer; facts: Pick<Facts, 'from' | 'subject'>; now: number },
): Promise<string> {
  const hash = createHash('sha256').update(raw).digest('hex');
  const message = await keepCampaignMessage(tx, { id: newId(now), campaignId: campaign.id, hash, raw });
  await updateCampaign(tx, campaign.id, { ...summary(facts), message_id: message, updated_at: now });
  return message;
}

/** @throws AppError where the mail cannot be read at all */
export async function read(app: Pick<App, 'now' | 'reader' | 'config'>, raw: Buffer): Promise<Facts> {
  if (raw.length > app.config.maxMessageBytes)
    throw new AppError(
      'too-large',
      `The mail is larger than the ${app.config.maxMessageBytes / 1_000_000} MB that this installation reads (TODOKU_MAX_MESSAGE_MB).`,
    );
  const done = await app.reader.read(raw, app.now());
  if ('refused' in done) throw refused(done.refused);
  return done.read.facts;
}

const SENTENCES: Readonly<Record<Refusal, string>> = {
  'not-a-message': 'This is no mail: it does not begin with header fields, as every mail does.',
  'too-large': 'The mail is larger than any provider takes.',
  'read-timeout': 'The mail could not be read in two seconds: something in it grows out of all measure.',
  'read-failed': 'The mail could not be read: something in it takes more memory than any mail should.',
};

function refused(refusal: Refusal): AppError {
  return new AppError(refusal === 'too-large' ? 'too-large' : 'invalid', SENTENCES[refusal], { refusal });
}

async function add(
  app: IntakeApp,
  source: CampaignSource,
  given: About & { raw: Buffer | null; draft: Draft | null },
): Promise<CampaignTable> {
  const facts = given.raw === null ? null : await read(app, given.raw);
  const now = app.now();
  const said = facts === null ? { from_address: null, from_name: '', subject: null } : summary(facts);
  const campaign: CampaignTable = {
    id: newId(now),
    name: (given.name || said.subject || said.from_address || '—').slice(0, MAX_NAME),
    source,
    ...said,
    draft_json: given.draft === null ? null : JSON.stringify(given.draft),
    message_id: null,
    policy_json: given.policy === null ? null : JSON.stringify(given.policy),
    created_at: now,
    updated_at: now,
  };
  await app.db.transaction().execute(async (tx) => {
    await insertCampaign(tx, campaign);
    if (given.raw !== null && facts !== null)
      campaign.message_id = await setMessage(tx, campaign, { raw: given.raw, facts, now });
  });
  app.announce({ topic: 'campaign', id: campaign.id });
  return campaign;
}

/** Of a campaign, as its newest mail has them. */
export function summary({ from, subject }: Pick<Facts, 'from' | 'subject'>) {
  return {
    from_address: from.address === null ? null : oneLine(from.address).slice(0, 320),
    from_name: oneLine(from.name).slice(0, 300),
    subject: subject === null ? null : oneLine(subject).slice(0, 998),
  };
}
