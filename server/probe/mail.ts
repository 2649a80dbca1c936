/** The mail of a probe: from the template or the words of a monitor, or a campaign as it is, to one seed. */
import { campaignMessage } from '../../db/campaigns.ts';
import type { Plan } from '../../db/monitors.ts';
import { turnOfRun } from '../../db/runs.ts';
import type { ProbeTable, SenderTable } from '../../db/schema.ts';
import type { App } from '../app.ts';
import { composeProbe } from './compose.ts';
import { type GivenMessage, readdress } from './readdress.ts';
import type { ProbeMessage } from './templates/types.ts';

/** @throws AppError `invalid` when an address is not plainly one address; an error when the campaign is gone */
export async function composeMail(
  app: Pick<App, 'db' | 'now'>,
  plan: Pick<Plan, 'message_json'>,
  probe: ProbeTable,
  sender: SenderTable,
): Promise<{ raw: Buffer; subject: string }> {
  const message = JSON.parse(plan.message_json) as ProbeMessage | GivenMessage;
  const to = { to: probe.address, token: probe.token, messageId: `<${probe.message_id}>`, sentAt: app.now() };
  if ('given' in message) {
    const raw = await campaignMessage(app.db, message.given);
    if (raw === null) throw new Error(`the mail ${message.given} is gone`);
    const from = message.from === 'own' ? null : { address: sender.from_address, name: sender.from_name };
    return readdress(raw, { ...to, from });
  }
  return composeProbe({
    message,
    sender: { fromAddress: sender.from_address, fromName: sender.from_name },
    ...to,
    turn: await turnOfRun(app.db, probe.run_id),
  });
}
