/** `todoku doctor`: is everything there that this needs? It logs in to every sender and seed, and sends and reads nothing. */
import { listSeeds } from '../../db/seeds.ts';
import { listSenders } from '../../db/senders.ts';
import { checkSeedNow } from '../api/seeds.ts';
import { checkSenderNow } from '../api/sender-check.ts';
import type { App } from '../app.ts';
import { databaseFile, unknownSettings } from '../config.ts';
import { AppError } from '../errors.ts';
import { hasPassword } from '../owner/password.ts';
import { explain } from '../words/words.ts';
import { config, plain, print, serverRuns, table, withApp } from './open.ts';

type Finding = { check: string; result: 'ok' | 'warn' | 'fail'; detail: string };

/** Logins at a time. */
const PARALLEL = 4;

export async function doctor(json: boolean): Promise<number> {
  const findings: Finding[] = [];
  try {
    const settings = config();
    findings.push({ check: 'settings', result: 'ok', detail: `data in ${settings.dataDir}` });
    for (const name of unknownSettings(process.env))
      findings.push({ check: 'settings', result: 'warn', detail: `${name} is no setting` });
    await withApp(settings, async (app) => {
      findings.push({ check: 'database', result: 'ok', detail: databaseFile(settings) });
      findings.push({ check: 'key', result: 'ok', detail: `key id ${app.vault.keyId}` });
      if (app.vault.repairedMode)
        findings.push({
          check: 'key',
          result: 'warn',
          detail: 'secret.key could be read by others; it cannot any more',
        });
      findings.push(...(await examine(app)));
    });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    findings.push({ check: findings.length === 0 ? 'settings' : 'database', result: 'fail', detail: error.message });
  }
  if (json) print(JSON.stringify(findings, null, 2));
  else
    print(
      table([['', 'CHECK', ''], ...findings.map(({ check, result, detail }) => [result, plain(check), plain(detail)])]),
    );
  return findings.some((finding) => finding.result === 'fail') ? 1 : 0;
}

async function examine(app: App): Promise<Finding[]> {
  const findings: Finding[] = [];
  findings.push(
    (await hasPassword(app.db))
      ? { check: 'password', result: 'ok', detail: 'set' }
      : { check: 'password', result: 'warn', detail: 'not set yet: npm run -s todoku -- link' },
  );
  findings.push(
    (await serverRuns(app))
      ? { check: 'server', result: 'ok', detail: 'running' }
      : { check: 'server', result: 'warn', detail: 'not running: nothing is scheduled' },
  );
  findings.push(await askDns(app));
  const senders = await listSenders(app.db, { limit: 1000 });
  const seeds = await listSeeds(app.db, { limit: 5000 });
  findings.push(
    ...(await inParallel(senders, async (sender): Promise<Finding> => {
      const check = await checkSenderNow(app, sender);
      const said = explain(check.reason, check.reply === null ? {} : { reply: check.reply }, 'en', 'reasons');
      return {
        check: `sender ${sender.name}`,
        result: check.ok ? 'ok' : 'fail',
        detail: check.ok
          ? `signed in at ${sender.host}${check.tls ? ` over ${check.tls.version}` : ''}`
          : `${said.title}. ${said.todo}`,
      };
    })),
  );
  findings.push(
    ...(await inParallel(seeds, async (seed): Promise<Finding> => {
      const check = await checkSeedNow(app, seed);
      const said = explain(check.reason, check.reply === null ? {} : { reply: check.reply }, 'en', 'reasons');
      const warned = check.warnings.map((warning) => explain(warning, {}, 'en', 'warnings').title).join('; ');
      const junk = check.junk ? `junk is ${check.junk.path}` : 'no junk folder';
      return {
        check: `seed ${seed.address} (${seed.protocol})`,
        result: check.ok ? (check.warnings.length > 0 ? 'warn' : 'ok') : 'fail',
        detail: check.ok
          ? [`${check.folders.length} folders, ${junk}`, warned].filter((part) => part !== '').join('; ')
          : `${said.title}. ${said.todo}`,
      };
    })),
  );
  return findings;
}

async function askDns(app: App): Promise<Finding> {
  const answer = await app.dns.query('gmail.com', 'MX');
  const good = answer.status === 'answer';
  return {
    check: 'dns',
    result: good ? 'ok' : 'warn',
    detail: good ? 'answers' : 'gives no answer for the mail servers of gmail.com: set TODOKU_DNS_SERVERS',
  };
}

async function inParallel<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let i = 0; i < items.length; i += PARALLEL)
    results.push(...(await Promise.all(items.slice(i, i + PARALLEL).map(work))));
  return results;
}
