/**
 * (e) What the first visit costs in headless Chromium on this machine, with the sandbox's real mail to show: script of the overview at most 250 KB of
 * gzip, interactive within a second over loopback (test/browser/load.ts says what that is), and nothing that jumps when data comes.
 */
import { noBrowser, openBrowser, visit } from '../browser/chromium.ts';
import { gzipOf, type Load, measureLoad } from '../browser/load.ts';
import { signIn } from '../browser/owner.ts';
import { callApi, type Run } from '../flow/world.ts';
import { type BenchWorld, startBenchWorld } from './bench-world.ts';
import { ms, percentile, type Row } from './row.ts';

const SEEDS = [
  'inbox@gmail.test',
  'promotions@gmail.test',
  'mia@gmail.test',
  'spam@outlook.test',
  'noah@outlook.test',
  'emma@yahoo.test',
  'sakura@yahoo-japan.test',
  'anna@plain.test',
  '550@plain.test',
  'imap-down@outlook.test',
];
const VISITS = 7;
const MOST_SCRIPT = 250_000;
const MOST_MS = 1_000;
const MOST_SHIFT = 0.05;

const kb = (bytes: number) => `${(bytes / 1000).toFixed(1)} KB`;

export async function benchWeb(): Promise<Row[]> {
  if (noBrowser) return [{ what: 'first visit', value: '–', bar: noBrowser, good: null }];
  const [world, browser] = await Promise.all([startBenchWorld(), openBrowser()]);
  try {
    const { run, monitor } = await fill(world);
    const first = await visit(browser, world.todoku.url);
    await signIn(first.page, world.todoku);
    const storageState = await first.context.storageState();
    await first.context.close();
    const rows: Row[] = [];
    for (const [name, path] of [
      ['overview', '/'],
      ['run', `/runs/${run}`],
      ['monitor', `/monitors/${monitor}`],
    ] as const) {
      const loads: Load[] = [];
      // The first visit of all is the server's warm-up and counts for nothing.
      for (let at = 0; at <= VISITS; at++) {
        const load = await measureLoad(browser, world.todoku.url, path, {
          storageState,
          viewport: { width: 1440, height: 900 },
        });
        if (load.complaints.length > 0) throw new Error(`${name}: ${load.complaints.join('; ')}`);
        if (at > 0) loads.push(load);
      }
      const [one] = loads;
      if (!one) throw new Error('nothing was measured');
      const times = loads.map((load) => load.interactiveMs);
      const shift = Math.max(...loads.map((load) => load.shift));
      rows.push(
        {
          what: `${name}: script of the first visit, gzip -9, ${one.scripts.length} files`,
          value: kb(gzipOf(one)),
          bar: name === 'overview' ? `at most ${MOST_SCRIPT / 1000} KB` : '',
          good: name === 'overview' ? gzipOf(one) <= MOST_SCRIPT : null,
        },
        { what: `${name}: everything on the line`, value: kb(one.transferred), bar: '', good: null },
        {
          what: `${name}: interactive after, median of ${VISITS}`,
          value: ms(percentile(times, 0.5)),
          bar: `at most ${MOST_MS} ms`,
          good: percentile(times, 0.5) <= MOST_MS,
        },
        {
          what: `${name}: fastest and slowest of them`,
          value: `${Math.round(Math.min(...times))} – ${ms(Math.max(...times))}`,
          bar: '',
          good: null,
        },
        {
          what: `${name}: work of the main thread, median`,
          value: ms(
            percentile(
              loads.map((load) => load.workMs),
              0.5,
            ),
          ),
          bar: '',
          good: null,
        },
        {
          what: `${name}: shift of the layout, largest`,
          value: shift.toFixed(4),
          bar: `below ${MOST_SHIFT}`,
          good: shift < MOST_SHIFT,
        },
      );
    }
    return rows;
  } finally {
    await browser.close();
    await world.stop();
  }
}

/** One monitor whose run is over, with everything a page can show: inbox, tab, spam, a refusal, a seed that cannot be read. */
async function fill(world: BenchWorld): Promise<{ run: string; monitor: string }> {
  const call = <T>(method: string, path: string, body?: unknown) =>
    callApi<T>(world.todoku.url, world.token, method, path, body);
  const { id: senderId } = await call<{ id: string }>('POST', '/api/senders', {
    ...(await world.sandbox.sender('good.test')),
    name: 'bench',
    dailyLimit: 10_000,
    minGapSeconds: 0,
  });
  const seedIds: string[] = [];
  for (const address of SEEDS)
    seedIds.push((await call<{ id: string }>('POST', '/api/seeds', await world.sandbox.seed(address))).id);
  const { id: monitor } = await call<{ id: string }>('POST', '/api/monitors', {
    name: 'bench',
    senderId,
    seedIds,
    message: { template: 'newsletter', language: 'en' },
    schedule: null,
  });
  const { id: run } = await call<{ id: string }>('POST', `/api/monitors/${monitor}/runs`);
  let probes: Run['probes'] = [];
  do {
    await new Promise((resolve) => setTimeout(resolve, 500));
    probes = (await call<Run>('GET', `/api/runs/${run}`)).probes;
  } while (
    probes.some((probe) => !['placed', 'rejected'].includes(probe.outcome) && !probe.seed.startsWith('imap-down@'))
  );
  return { run, monitor };
}
