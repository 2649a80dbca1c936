/** `todoku link`: for whoever lost the password, or the first link. Being able to read the data folder is the proof. */
import { createPasswordLink } from '../owner/links.ts';
import { addressOf, config, print, say, withApp } from './open.ts';

export async function link(): Promise<number> {
  const settings = config();
  print(await withApp(settings, (app) => createPasswordLink(app, addressOf(settings))));
  say('Open it within 24 hours to set a password; it works once, and ends all open sessions.');
  return 0;
}
