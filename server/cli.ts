#!/usr/bin/env node
/**
 * The commands. Each does what the API does, with the same functions, on the same rows. Standard output carries data and nothing else; progress, warnings and the log
 * go to standard error.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { SEVERITIES, type Severity } from './domain/types.ts';
import { AppError } from './errors.ts';

/** What the process ends with; printed by --help. */
export const EXIT_CODES = {
  0: 'done, and all is well',
  1: 'done, and the answer is no: a probe did not reach the inbox, a check failed or found something grave, a campaign must be mended first',
  2: 'wrong use: unknown command, missing or wrong argument',
  3: 'could not be done: a setting, the database, a server or DNS is not usable, time ran out, or there is not enough data',
} as const;
export type ExitCode = keyof typeof EXIT_CODES;

export function program(act: (command: () => Promise<ExitCode | number>) => Promise<void>): Command {
  const todoku = new Command('todoku')
    .description('Where does your mail really land, and why?')
    .version(packageJson.version)
    .showHelpAfterError()
    .exitOverride()
    .addHelpText(
      'after',
      `\nExit codes:\n${Object.entries(EXIT_CODES)
        .map(([code, meaning]) => `  ${code}  ${meaning}`)
        .join('\n')}\n\nSettings come from the environment; README.md lists them.`,
    );

  todoku
    .command('start')
    .description('start the server and the scheduler, until stopped')
    .action(() => act(async () => (await import('./cli/start.ts')).start()));

  todoku
    .command('demo')
    .description('start beside an embedded world of mail servers, with senders, seeds and monitors')
    .option('--once', 'one full round, then end')
    .option('--json', 'with --once: print the round as JSON')
    .action((options: { once?: boolean; json?: boolean }) =>
      act(async () =>
        (await import('./demo.ts')).runDemo({ once: options.once ?? false, json: options.json ?? false }),
      ),
    );

  todoku
    .command('run')
    .description('run a monitor now and wait until every probe has an answer')
    .argument('<monitor>', 'its id or its name')
    .option('--json', 'print the run as JSON')
    .option('--timeout <seconds>', 'wait no longer than this', wholeNumber)
    .action((monitor: string, options: { json?: boolean; timeout?: number }) =>
      act(async () =>
        (await import('./cli/run.ts')).run(monitor, {
          json: options.json ?? false,
          timeoutSeconds: options.timeout ?? null,
        }),
      ),
    );

  todoku
    .command('check')
    .description('check all that a domain publishes about its mail, and say what to publish instead; needs no set-up')
    .argument('<domain>', 'a sending domain: example.com')
    .option('--selector <list>', 'DKIM selectors that are used, separated by commas', list, [])
    .option('--ip <list>', 'addresses the mail leaves from, separated by commas: would they pass SPF?', list, [])
    .option(
      '--report <files...>',
      'DMARC aggregate reports as received (XML, gzip, ZIP): their selectors are checked too',
    )
    .option('--json', 'print as one JSON document')
    .addOption(
      new Option('--fail-on <severity>', 'end with 1 for findings of this severity or graver')
        .choices(SEVERITIES)
        .default('high'),
    )
    .action(
      (
        domain: string,
        options: { selector: string[]; ip: string[]; report?: string[]; json?: boolean; failOn: Severity },
      ) =>
        act(async () =>
          (await import('./cli/check.ts')).check(domain, {
            selectors: options.selector,
            ips: options.ip,
            reports: options.report ?? [],
            json: options.json ?? false,
            failOn: options.failOn,
          }),
        ),
    );

  todoku
    .command('audit')
    .description('audit a mail that is about to be sent: content, links, authentication, domains; needs no set-up')
    .argument('<file>', 'the mail as it will be sent: newsletter.eml')
    .option('--from-domain <domain>', 'the domain it will be sent from, when the file does not tell')
    .option('--policy <file>', 'what must be so before it may go, as JSON (server/campaign/policy.schema.json)')
    .option('--json', 'print as one JSON document')
    .option('--junit <file>', 'write a JUnit report for a CI system too')
    .option('--html <file>', 'write a report as one HTML file too, to be shared or printed')
    .addOption(new Option('--language <language>', 'of these two reports').choices(['en', 'ja']).default('en'))
    .option('--offline', 'ask nobody: neither links nor DNS nor filters')
    .option('--sender <name>', 'send it through this sender of the data folder and see where it lands; with --seeds')
    .option('--seeds <tag>', 'to the seeds that have this tag')
    .option('--control', 'send a plain mail beside each: is it the content or the sender?')
    .option('--repeats <count>', 'send it so often, spread in time', wholeNumber, 1)
    .option('--gap <seconds>', 'between two repeats', wholeNumber, 900)
    .option('--within <seconds>', 'a mail that was not seen by then is missing', wholeNumber, 3_600)
    .addHelpText('after', '\nEnds with 0: go, 1: fix first, 2: wrong use, 3: not enough data.')
    .action((file: string, options: AuditOptions) =>
      act(async () =>
        (await import('./cli/audit.ts')).audit(file, {
          fromDomain: options.fromDomain ?? null,
          policy: options.policy ?? null,
          json: options.json ?? false,
          junit: options.junit ?? null,
          html: options.html ?? null,
          offline: options.offline ?? false,
          language: options.language,
          placement: placementOf(options),
        }),
      ),
    );

  const token = todoku.command('token').description('API tokens for scripts');
  token
    .command('create')
    .description('make a token and print it, this once')
    .argument('<name>', 'what it is for')
    .action((name: string) => act(async () => (await import('./cli/tokens.ts')).createOne(name)));
  token
    .command('list')
    .description('tokens with their last use')
    .option('--json', 'print as JSON')
    .action((options: { json?: boolean }) =>
      act(async () => (await import('./cli/tokens.ts')).listAll(options.json ?? false)),
    );
  token
    .command('revoke')
    .description('make a token useless')
    .argument('<token>', 'its id or its name')
    .action((which: string) => act(async () => (await import('./cli/tokens.ts')).revokeOne(which)));

  todoku
    .command('backup')
    .description('write a consistent copy of the database, while the server goes on')
    .argument('<file>', 'a file that does not exist yet')
    .action((file: string) => act(async () => (await import('./cli/backup.ts')).backup(file)));
  todoku
    .command('restore')
    .description('put a backup in place of the database; the server must be stopped')
    .argument('<file>', 'a backup')
    .action((file: string) => act(async () => (await import('./cli/backup.ts')).restore(file)));

  todoku
    .command('doctor')
    .description('check settings, database, key, DNS, and log in to every sender and seed')
    .option('--json', 'print as JSON')
    .action((options: { json?: boolean }) =>
      act(async () => (await import('./cli/doctor.ts')).doctor(options.json ?? false)),
    );

  todoku
    .command('link')
    .description('print a one-time link to set the password')
    .action(() => act(async () => (await import('./cli/link.ts')).link()));

  return todoku;
}

type AuditOptions = {
  fromDomain?: string;
  policy?: string;
  json?: boolean;
  junit?: string;
  html?: string;
  offline?: boolean;
  language: 'en' | 'ja';
  sender?: string;
  seeds?: string;
  control?: boolean;
  repeats: number;
  gap: number;
  within: number;
};

/** Null: no placement test is wanted. */
function placementOf({ sender, seeds, control, repeats, gap, within, offline }: AuditOptions) {
  if (sender === undefined && seeds === undefined) return null;
  if (sender === undefined || seeds === undefined)
    throw new AppError('invalid', 'A placement test needs both: --sender NAME and --seeds TAG.');
  if (offline) throw new AppError('invalid', 'A placement test sends mail: it cannot be made --offline.');
  if (repeats < 1 || repeats > 10) throw new AppError('invalid', '--repeats must be 1 to 10.');
  if (within < 5 || within > 172_800) throw new AppError('invalid', '--within must be 5 to 172800 seconds.');
  if (gap < 1 || gap > 86_400) throw new AppError('invalid', '--gap must be 1 to 86400 seconds.');
  return { sender, seeds, control: control ?? false, repeats, gapSeconds: gap, withinSeconds: within };
}

function wholeNumber(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('must be a whole number.');
  return Number(text);
}

/** May be given several times, each time with one or more. */
function list(text: string, before: string[]): string[] {
  const items = text.split(/[\s,]+/).filter((item) => item !== '');
  if (items.length === 0) throw new InvalidArgumentError('must name at least one.');
  return [...before, ...items];
}

/** @returns the exit code; never throws */
export async function main(args: string[]): Promise<number> {
  let code = 0;
  try {
    await program(async (command) => {
      code = await command();
    }).parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof AppError) {
      process.stderr.write(`${error.message}\n`);
      return error.code === 'invalid' || error.code === 'not-found' ? 2 : 3;
    }
    process.stderr.write(
      `Something went wrong: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    return 3;
  }
}

if (import.meta.main) {
  // Whoever read has read enough (`| head`): the work goes on to its end, and its exit code stands.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  process.exitCode = await main(process.argv.slice(2));
}
