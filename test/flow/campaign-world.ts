/** What flow tests of campaigns share: mails, and waiting for audits. */
import type { AuditJson } from '../../server/api/json/audits.ts';
import type { CampaignJson } from '../../server/api/json/campaigns.ts';
import type { World } from './world.ts';

/** A mail about which little is to be said. */
export function newsletter(from: string, change: { subject?: string; header?: string; body?: string } = {}): Buffer {
  const words = 'Our summer catalogue is here: chairs, tables and lamps for the garden, made to last for many years.';
  return Buffer.from(
    [
      `From: Garden Shop <${from}>`,
      'To: reader@example.net',
      `Subject: ${change.subject ?? 'The summer catalogue'}`,
      `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
      `Message-ID: <original.${Math.random().toString(36).slice(2)}@example.net>`,
      ...(change.header === undefined ? [] : [change.header]),
      'List-Unsubscribe: <https://news.example.net/u/1>',
      'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
      'MIME-Version: 1.0',
      'Content-Type: multipart/alternative; boundary="b1"',
      '',
      '--b1',
      'Content-Type: text/plain; charset=utf-8',
      '',
      `${words}${change.body ?? ''} To unsubscribe: https://news.example.net/u/1`,
      '--b1',
      'Content-Type: text/html; charset=utf-8',
      '',
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>x</title><meta name="color-scheme" content="light dark"></head><body><p>${words}${change.body ?? ''}</p>`,
      '<p>To <a href="https://news.example.net/u/1">unsubscribe</a>, follow this link. Garden Shop, 1 Main Street, Springfield, IL 62701</p></body></html>',
      '--b1--',
      '',
    ].join('\r\n'),
  );
}

export async function addFile(world: World, raw: Buffer): Promise<CampaignJson> {
  const answer = await fetch(`${world.todoku.url}/api/campaigns`, {
    method: 'POST',
    headers: { authorization: `Bearer ${world.token}`, 'content-type': 'message/rfc822' },
    body: new Uint8Array(raw),
  });
  const text = await answer.text();
  if (answer.status !== 201) throw new Error(`${answer.status} ${text}`);
  return JSON.parse(text) as CampaignJson;
}

export async function waitForAudit(
  world: World,
  id: string,
  done: (audit: AuditJson) => boolean = ({ state }) => ['done', 'refused', 'failed'].includes(state),
  withinMs = 60_000,
): Promise<AuditJson> {
  const until = Date.now() + withinMs;
  for (;;) {
    const audit = await world.call<AuditJson>('GET', `/api/audits/${id}`);
    if (done(audit)) return audit;
    if (Date.now() > until) {
      const landings = audit.result?.placement?.landings.map((one) => [one.seed, one.outcome, one.reason]);
      throw new Error(`audit not done in time: ${JSON.stringify([audit.state, audit.step, landings])}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
