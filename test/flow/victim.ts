/**
 * The program as a process that can be killed: `node test/flow/victim.ts` reads its settings from the environment like the real start, prints
 * one JSON line `{url, token, signInLink}` when it is ready, and lives until it is told to stop.
 */
import { readConfig } from '../../server/config.ts';
import { createLog } from '../../server/log.ts';
import { startTodoku } from '../../server/main.ts';
import { createSignInLink } from '../../server/owner/links.ts';
import { createToken } from '../../server/owner/tokens.ts';

const config = readConfig(process.env);
const todoku = await startTodoku(config, { log: createLog(config.logLevel) });
const token = await createToken(todoku.app, 'victim');
const signInLink = await createSignInLink(todoku.app, todoku.url);
process.stdout.write(`${JSON.stringify({ url: todoku.url, token, signInLink })}\n`);
process.once('SIGTERM', () => todoku.stop().then(() => process.exit(0)));
