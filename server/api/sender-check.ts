/** A login without sending, and what follows from it for a sender that was held back. */
import { releaseProbes } from '../../db/probes.ts';
import type { SenderTable } from '../../db/schema.ts';
import { releaseSender, updateSender } from '../../db/senders.ts';
import type { App } from '../app.ts';
import { smtpOptions, smtpRoute } from '../probe/send.ts';
import { checkSender } from '../sender/smtp.ts';
import type { SenderCheck, SendReason } from '../sender/types.ts';

/** Checks a sender and keeps what was seen. A sender that was held for what a login shows to be mended goes on. */
export async function checkSenderNow(app: App, sender: SenderTable): Promise<SenderCheck> {
  const check = await checkSender(smtpRoute(app, sender), {
    ...smtpOptions(app, sender),
    onStep: (step) => app.announce({ topic: 'check', id: sender.id, step }),
  });
  const now = app.now();
  await updateSender(app.db, sender.id, { checked_at: check.at, check_json: JSON.stringify(check), updated_at: now });
  if (check.ok && MENDED_BY_LOGIN.some((reason) => reason === sender.held_reason)) {
    await releaseSender(app.db, sender.id, now);
    await releaseProbes(app.db, sender.id, now);
  }
  app.announce({ topic: 'sender', id: sender.id });
  return check;
}

/** A login that works disproves these. Limits and refusals of mail outlast it. */
const MENDED_BY_LOGIN: readonly SendReason[] = [
  'wrong-password',
  'app-password-needed',
  'login-not-offered',
  'login-unavailable',
  'certificate-expired',
  'certificate-not-yet-valid',
  'certificate-wrong-host',
  'certificate-untrusted',
  'tls-not-offered',
  'cleartext-refused',
  'private-address',
];
