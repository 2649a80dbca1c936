/**
 * `todoku audit FILE.eml --sender NAME --seeds TAG`: the audit with a placement test, in the data folder. Where a server runs on it, that does the work; else this process
 * does, with the same scheduler. The campaign stays there, so that pages show it and the next audit can be compared with it.
 */
import { deleteCampaign, findAudit, probesOfAudit } from '../../db/campaigns.ts';
import { findSender, listSenders } from '../../db/senders.ts';
import { readResult } from '../api/campaign-shapes.ts';
import type { App } from '../app.ts';
import type { Audit } from '../campaign/audit.ts';
import { beginAudit } from '../campaign/begin.ts';
import { addFile } from '../campaign/intake.ts';
import type { Landing } from '../campaign/placement.ts';
import { isDecided } from '../campaign/placement.ts';
import type { Policy } from '../campaign/policy.ts';
import { testOf } from '../campaign/test.ts';
import { AppError } from '../errors.ts';
import { startScheduler } from '../scheduler.ts';
import { campaignTexts, explainRefusal } from '../words/campaign.ts';
import { config, plain, say, serverRuns, withApp } from './open.ts';

export type PlacementCommand = {
  sender: string;
  seeds: string;
  control: boolean;
  repeats: number;
  gapSeconds: number;
  withinSeconds: number;
};

const POLL_MS = 500;
/** After the last answer was due: looks into seeds take their time. */
const GRACE_MS = 60_000;

/** @throws AppError where it cannot be made, or did not come to an end */
export async function auditInFolder(
  raw: Buffer,
  name: string,
  options: { policy: Policy | null; fromDomain: string | null; test: PlacementCommand },
): Promise<Audit> {
  const { policy, fromDomain, test } = options;
  return withApp(config(), async (app) => {
    const senderId = await senderCalled(app, test.sender);
    const campaign = await addFile(app, raw, { name, policy });
    const { sender: _sender, seeds, ...rest } = test;
    const wanted = { policy, fromDomain, test: { ...rest, senderId, seedTags: [seeds] } };
    const { id } = await beginAudit(app, campaign, wanted).catch(async (error: unknown) => {
      await deleteCampaign(app.db, campaign.id);
      throw error;
    });
    const helped = await serverRuns(app);
    const scheduler = helped ? null : await startScheduler(app);
    const interrupted = new AbortController();
    const interrupt = (): void => interrupted.abort();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
    try {
      say(`${plain(name)}: audit ${id}${helped ? ', done by the server that is running' : ''}`);
      return await waitFor(app, id, { interrupted: interrupted.signal, until: await overAt(app, id) });
    } finally {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, interrupt);
      await scheduler?.stop();
    }
  });
}

async function senderCalled(app: App, which: string): Promise<string> {
  const all = await listSenders(app.db, { limit: 1000 });
  const named = all.filter((sender) => sender.id === which || sender.name === which || sender.from_address === which);
  const [first, second] = named;
  if (first && !second) return first.id;
  if (second)
    throw new AppError(
      'invalid',
      `${named.length} senders are called ${plain(which)}: name one by its id: ${named.map(({ id }) => id).join(', ')}`,
    );
  const known = all.slice(0, 20).map(({ id, name }) => `${id}  ${plain(name)}`);
  throw new AppError(
    'not-found',
    `There is no sender ${plain(which)}.${known.length > 0 ? ` There are:\n${known.join('\n')}` : ''}`,
  );
}

/** When every mail should have an answer, by the pace of its sender. One that is paused, held or out of its budget keeps nobody's pipeline waiting. */
async function overAt(app: App, id: string): Promise<number> {
  const audit = await findAudit(app.db, id);
  const test = audit === undefined ? null : testOf(audit);
  if (test?.by !== 'sender') return Number.POSITIVE_INFINITY;
  const sender = await findSender(app.db, test.sender.id);
  const mails = (await probesOfAudit(app.db, id)).length;
  return test.endsAt + mails * (sender?.min_gap_ms ?? 0) + GRACE_MS;
}

async function waitFor(
  app: App,
  id: string,
  { interrupted, until }: { interrupted: AbortSignal; until: number },
): Promise<Audit> {
  const shown = new Set<string>();
  let step: string | null = null;
  for (;;) {
    const audit = await findAudit(app.db, id);
    if (!audit) throw new AppError('conflict', 'The audit was deleted meanwhile.');
    if (audit.step !== step && audit.step !== null) say(`  ${campaignTexts('en').steps[audit.step] ?? audit.step} …`);
    step = audit.step;
    const result = await readResult(app, audit);
    for (const landing of result?.placement?.landings ?? []) {
      if (!isDecided(landing) || shown.has(landing.probeId)) continue;
      shown.add(landing.probeId);
      const of = result?.placement?.landings.length ?? 0;
      say(`  ${shown.size}/${of}  ${wordOf(landing).padEnd(12)} ${landing.arm.padEnd(9)} ${plain(landing.seed)}`);
    }
    if (audit.state === 'done' && result !== null) return result;
    if (audit.state === 'refused' || audit.state === 'failed') {
      const words = explainRefusal(audit.refusal ?? 'failed', 'en');
      throw new AppError('conflict', `${words.title}. ${words.meaning}`);
    }
    if (audit.state === 'testing' && result !== null && app.now() > until) {
      say('Not every mail has an answer, and the time for it is over. A server on this data folder goes on with them.');
      return result;
    }
    if (interrupted.aborted)
      throw new AppError(
        'conflict',
        'Not every mail has an answer yet. A server that starts on this data folder goes on with them.',
      );
    await new Promise<void>((resolve) => setTimeout(resolve, POLL_MS));
  }
}

export function wordOf({ placement, outcome }: Landing): string {
  return placement === null ? outcome : (placement.tab ?? placement.kind);
}
