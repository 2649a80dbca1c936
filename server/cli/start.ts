/** `todoku start`: the server, until it is told to stop. */

import { unknownSettings } from '../config.ts';
import { createLog } from '../log.ts';
import { startTodoku } from '../main.ts';
import { createPasswordLink } from '../owner/links.ts';
import { hasPassword } from '../owner/password.ts';
import { addressOf, config, say } from './open.ts';

export async function start(): Promise<number> {
  const settings = config();
  const log = createLog(settings.logLevel);
  for (const name of unknownSettings(process.env)) say(`${name} is no setting: it is ignored.`);
  const stopped = new Promise<string>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
  });
  const todoku = await startTodoku(settings, { log });
  const address = settings.baseUrl ?? addressOf({ ...settings, port: todoku.port });
  say(`Todoku runs at ${address}`);
  if (!(await hasPassword(todoku.app.db)))
    say(
      `Nobody has set a password yet. This link does it, once, within 24 hours:\n  ${await createPasswordLink(todoku.app, address)}`,
    );
  const signal = await stopped;
  log.info({ signal }, 'stopping');
  await todoku.stop();
  return 0;
}
