/**
 * `todoku run MONITOR`: fires a monitor and waits. Where a server runs on the same data folder it does the work; else this process does it, with the same
 * scheduler, and whatever else is due as well.
 */
import { styleText } from 'node:util';
import { findMonitor, listMonitors } from '../../db/monitors.ts';
import type { MonitorTable } from '../../db/schema.ts';
import type { RateJson } from '../api/json/basics.ts';
import type { ProbeJson } from '../api/json/probes.ts';
import type { RunJson } from '../api/json/runs.ts';
import { readRun } from '../api/runs.ts';
import type { App } from '../app.ts';
import { AppError } from '../errors.ts';
import { startRun } from '../monitor/run.ts';
import { type Scheduler, startScheduler } from '../scheduler.ts';
import { explain } from '../words/words.ts';
import { config, plain, print, say, serverRuns, table, withApp } from './open.ts';

const POLL_MS = 500;
const UNDECIDED: readonly string[] = ['queued', 'sending', 'accepted'];

export async function run(which: string, options: { json: boolean; timeoutSeconds: number | null }): Promise<number> {
  return withApp(config(), async (app) => {
    const monitor = await findByIdOrName(app, which);
    const helped = await serverRuns(app);
    const scheduler = helped ? null : await startScheduler(app);
    const interrupted = new AbortController();
    const interrupt = (): void => interrupted.abort();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupt);
    try {
      const { id } = await startRun(app, monitor.id, { slotAt: null });
      say(`${plain(monitor.name)}: run ${id}${helped ? ', done by the server that is running' : ''}`);
      const until =
        options.timeoutSeconds === null ? Number.POSITIVE_INFINITY : app.now() + options.timeoutSeconds * 1000;
      const finished = await waitFor(app, id, scheduler, until, interrupted.signal);
      if (options.json) print(JSON.stringify(finished, null, 2));
      else print(report(finished));
      if (finished.state === 'running') {
        say('Not every probe has an answer yet. A server that starts on this data folder goes on with them.');
        return 3;
      }
      return finished.probes.every(arrived) ? 0 : 1;
    } finally {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, interrupt);
      await scheduler?.stop();
    }
  });
}

async function findByIdOrName(app: App, which: string): Promise<MonitorTable> {
  const byId = await findMonitor(app.db, which);
  if (byId) return byId;
  const all = await listMonitors(app.db, { limit: 1000 });
  const named = all.filter((monitor) => monitor.name === which);
  const [first, second] = named;
  if (first && !second) return first;
  if (second)
    throw new AppError(
      'invalid',
      `${named.length} monitors are called ${plain(which)}: name one by its id: ${named.map((one) => one.id).join(', ')}`,
    );
  const known = all.slice(0, 20).map((monitor) => `${monitor.id}  ${plain(monitor.name)}`);
  throw new AppError(
    'not-found',
    `There is no monitor ${plain(which)}.${known.length > 0 ? ` There are:\n${known.join('\n')}` : ''}`,
  );
}

async function waitFor(
  app: App,
  id: string,
  scheduler: Scheduler | null,
  until: number,
  interrupted: AbortSignal,
): Promise<RunJson> {
  const shown = new Map<string, string>();
  for (;;) {
    scheduler?.touchRun(id);
    const now = await readRun(app.db, id, app.now());
    for (const probe of now.probes) {
      const word = wordOf(probe);
      if (UNDECIDED.includes(word) || shown.get(probe.id) === word) continue;
      shown.set(probe.id, word);
      say(`  ${shown.size}/${now.probes.length}  ${coloured(probe).padEnd(12)} ${plain(probe.seed)}`);
    }
    if (now.state !== 'running' || app.now() >= until || interrupted.aborted) return now;
    await new Promise<void>((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function arrived(probe: ProbeJson): boolean {
  return probe.outcome === 'placed' && (probe.placement?.kind === 'inbox' || probe.placement?.kind === 'tab');
}

function wordOf(probe: ProbeJson): string {
  return probe.placement ? (probe.placement.tab ?? probe.placement.kind) : probe.outcome;
}

function coloured(probe: ProbeJson): string {
  return styleText(arrived(probe) ? 'green' : 'red', wordOf(probe), { stream: process.stderr });
}

function report(finished: RunJson): string {
  const rows = finished.probes.map((probe) => [
    plain(probe.seed),
    probe.protocol,
    wordOf(probe),
    probe.delayMs === null ? '' : `${(probe.delayMs / 1000).toFixed(1)} s${probe.late ? ' late' : ''}`,
    authentication(probe),
    plain(explain(probe.reason, probe.evidence, 'en').title),
  ]);
  const { rates, counts } = finished.summary;
  const lines = [table([['SEED', 'BY', 'WHERE', 'AFTER', 'SPF DKIM DMARC', 'WHY'], ...rows]), ''];
  lines.push(
    `inbox ${percent(rates.inbox)}   tab ${percent(rates.tab)}   spam ${percent(rates.spam)}   missing ${percent(rates.missing)}`,
  );
  if (counts.unknown > 0) lines.push(`${counts.unknown} unknown, in no rate`);
  return lines.join('\n');
}

function authentication(probe: ProbeJson): string {
  const facts = probe.authentication.verified ?? probe.authentication.reported;
  return facts ? `${facts.spf.result} ${facts.dkim.result} ${facts.dmarc.result}` : '';
}

function percent({ value, low, high, n, count }: RateJson): string {
  if (value === null || low === null || high === null) return `${count} of ${n} (not enough data)`;
  const whole = (part: number): string => (part * 100).toFixed(0);
  return `${whole(value)} % (${whole(low)}–${whole(high)} %, n = ${n})`;
}
