/**
 * The demo: the whole program beside an embedded world of real mail servers, which live in the same process. What it is filled with stands in made-up.ts.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { styleText } from 'node:util';
import type { Call } from './api/perform.ts';
import { readConfig } from './config.ts';
import { createLog } from './log.ts';
import { MADE_UP_NETWORK, ownServers, setUp } from './made-up.ts';
import { startTodoku, type Todoku } from './main.ts';
import { createSignInLink } from './owner/links.ts';
import { createToken } from './owner/tokens.ts';
import { type Sandbox, startSandbox } from './sandbox/sandbox.ts';
import { explain } from './words/words.ts';

export type DemoOptions = { once: boolean; json: boolean };

type ProbeShape = {
  id: string;
  seed: string;
  provider: string;
  protocol: string;
  outcome: string;
  placement: { kind: string; tab?: string; folder: string } | null;
  reason: string;
  late: boolean;
  delayMs: number | null;
  authentication: { verified: Record<'spf' | 'dkim' | 'dmarc', { result: string }> | null };
};
type RunShape = { id: string; monitorId: string; state: string; probes: ProbeShape[] };

/** With these every fate is decided soon, so that one round shows them all. */
const ONCE_DEADLINES = { lateAfterSeconds: 6, missingAfterSeconds: 16, watchSeconds: 30 };
const LONG_DEADLINES = { lateAfterSeconds: 6, missingAfterSeconds: 60, watchSeconds: 600 };

/**
 * Runs the demo.
 * @returns the exit code: 0, or 1 when a round did not come to its end
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  const startedAt = new Date();
  const folder = await mkdtemp(join(tmpdir(), 'todoku-demo-'));
  const say = (line: string) => process.stderr.write(`${line}\n`);
  let sandbox: Sandbox | null = null;
  let todoku: Todoku | null = null;
  try {
    say('Starting the mail servers of the demo …');
    sandbox = await startSandbox();
    const settings = readConfig({
      ...process.env,
      TODOKU_DATA_DIR: folder,
      TODOKU_SECRET_KEY: undefined,
      TODOKU_DNS_SERVERS: sandbox.dnsServer,
      TODOKU_EXTRA_CA_FILE: sandbox.caFile,
      TODOKU_BLOCKLISTS: 'off',
      TODOKU_ALLOW_PRIVATE_NETWORKS: `127.0.0.0/8,::1/128,${MADE_UP_NETWORK}`,
      ...(options.once ? { PORT: '0' } : {}),
    });
    // Domains have mail servers and policies, too: what its DNS names is asked for nowhere else.
    const config = { ...settings, onlyServers: ownServers(sandbox) };
    todoku = await startTodoku(config, { log: createLog('fatal') });
    const call = caller(todoku.url, await createToken(todoku.app, 'demo'));
    const runs = await setUp(
      call,
      sandbox,
      options.once
        ? // A server that says "later" is asked again after a minute: one round does not wait for that.
          { cron: null, deadlines: ONCE_DEADLINES, without: (address) => address.startsWith('defer-') }
        : { cron: '* * * * *', deadlines: LONG_DEADLINES },
    );
    if (!options.once) {
      say(`\n  ${styleText('bold', 'Dashboard, signed in:')} ${await createSignInLink(todoku.app, todoku.url)}`);
      say('  Probes go out every minute. Stop with Ctrl-C.\n');
    }
    const shown = new Set<string>();
    if (options.once) {
      const finished = await waitForRuns(call, runs, (run) => showNews(run, shown, say));
      const summary = await call(
        'GET',
        `/api/overview?from=${new Date(startedAt.getTime() - 3_600_000).toISOString()}&to=${new Date(Date.now() + 3_600_000).toISOString()}`,
      );
      const document = {
        version: await version(),
        startedAt: startedAt.toISOString(),
        finishedAt: new Date().toISOString(),
        runs: finished,
        summary,
      };
      if (options.json) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
      else say(`\n${finished.reduce((n, run) => n + run.probes.length, 0)} probes in ${finished.length} runs.`);
      return finished.every((run) => run.state !== 'running') ? 0 : 1;
    }
    await showUntilStopped(call, shown, say);
    return 0;
  } finally {
    await todoku?.stop();
    await sandbox?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function caller(url: string, token: string): Call {
  return async (method, path, body) => {
    const answer = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text.slice(0, 300)}`);
    return text === '' ? null : JSON.parse(text);
  };
}

async function waitForRuns(call: Call, ids: string[], each: (run: RunShape) => void): Promise<RunShape[]> {
  const until = Date.now() + 120_000;
  for (;;) {
    const runs = (await Promise.all(ids.map((id) => call('GET', `/api/runs/${id}`)))) as RunShape[];
    for (const run of runs) each(run);
    if (runs.every((run) => run.state !== 'running') || Date.now() > until) return runs;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** Goes on until Ctrl-C, showing each probe as it is decided. */
async function showUntilStopped(call: Call, shown: Set<string>, say: (line: string) => void): Promise<void> {
  let stop = false;
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => {
        stop = true;
        resolve();
      });
  });
  while (!stop) {
    const { items } = (await call('GET', '/api/runs?limit=6')) as { items: { id: string }[] };
    for (const { id } of items.reverse()) {
      if (stop) break;
      showNews((await call('GET', `/api/runs/${id}`)) as RunShape, shown, say);
    }
    await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, 1_000))]);
  }
  say('Stopping …');
}

const UNDECIDED = ['queued', 'sending', 'accepted'];

function showNews(run: RunShape, shown: Set<string>, say: (line: string) => void): void {
  for (const probe of run.probes) {
    const key = `${probe.id} ${probe.outcome} ${probe.placement?.kind ?? ''}`;
    if (UNDECIDED.includes(probe.outcome) || shown.has(key)) continue;
    shown.add(key);
    const where = probe.placement ? (probe.placement.tab ?? probe.placement.kind) : probe.outcome;
    const colour = where === 'inbox' ? 'green' : where === 'spam' || probe.outcome === 'rejected' ? 'red' : 'yellow';
    const verified = probe.authentication.verified;
    const words = verified
      ? `spf=${verified.spf.result} dkim=${verified.dkim.result} dmarc=${verified.dmarc.result}`
      : explain(probe.reason, {}, 'en').title;
    const delay = probe.delayMs === null ? '' : `${(probe.delayMs / 1000).toFixed(1)} s`;
    say(
      `  ${styleText(colour, where.padEnd(11))} ${`${probe.seed} (${probe.protocol})`.padEnd(36)} ${delay.padStart(7)} ${probe.late ? 'late ' : '     '}${words}`,
    );
  }
}

async function version(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
