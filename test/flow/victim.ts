/**
 * The program as a process that can be killed: `node test/flow/victim.ts` reads its settings from the environment like the real start, prints
 * one JSON line `{url, token, signInLink}` when it is ready, and lives until it is told to stop.
 */
import { flushCompileCache } from 'node:module';
import { readConfig } from '../../server/config.ts';
import { createLog } from '../../server/log.ts';
import { startTodoku } from '../../server/main.ts';
import { createSignInLink } from '../../server/owner/links.ts';
import { createToken } from '../../server/owner/tokens.ts';

const config = readConfig(process.env);
const todoku = await startTodoku(config, { log: createLog(config.logLevel) });
process.once('SIGTERM', () => todoku.stop().then(() => process.exit(0)));
const token = await createToken(todoku.app, 'victim');
const signInLink = await createSignInLink(todoku.app, todoku.url);
process.stdout.write(`${JSON.stringify({ url: todoku.url, token, signInLink })}\n`);
// Node keeps compiled code when a process ends; this one is killed, and the next start is quicker with it.
flushCompileCache();
