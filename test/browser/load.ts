/**
 * What a first visit of a page costs: an empty cache, one navigation, watched by the browser's own counters until the page shows its data and is quiet.
 *
 * Interactive is the later of two moments, counted from the start of the navigation: the first frame that shows the page's heading and data
 * with no grey shape left, and the end of the last task that held the main thread for 50 ms or more. The page is quiet when half a second
 * has gone by without either changing.
 */
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContextOptions, Response } from 'playwright-core';
import { until, visit } from './chromium.ts';

export type Load = {
  /** Every script that was asked for, with the bytes of its gzip at level 9. */
  scripts: { path: string; gzip: number }[];
  /** What scripts, styles and data took on the line, as they were encoded, with their headers. */
  transferred: number;
  interactiveMs: number;
  /** What the page's main thread worked, in its own time: the same on a busy machine. */
  workMs: number;
  /** The sum of all shifts of the layout that no hand had caused. */
  shift: number;
  complaints: string[];
};

/** What the watcher in the page has seen so far, ms since the start of the navigation. */
type Seen = { shownAt: number | null; busyUntil: number; shift: number; now: number };

/** Runs in the page before anything else does. */
const WATCHER = `
  window.seen = { shownAt: null, busyUntil: 0, shift: 0 };
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) seen.busyUntil = Math.max(seen.busyUntil, task.startTime + task.duration);
  }).observe({ type: 'longtask', buffered: true });
  new PerformanceObserver((list) => {
    for (const shift of list.getEntries()) if (!shift.hadRecentInput) seen.shift += shift.value;
  }).observe({ type: 'layout-shift', buffered: true });
  new MutationObserver(() => {
    const shown = document.querySelector('main h1') && document.querySelector('main .panel, main .headlines') &&
      !document.querySelector('.mantine-Skeleton-root');
    // The frame after the next one has it on the screen.
    if (!shown) seen.shownAt = null;
    else if (seen.shownAt === null) {
      seen.shownAt = Infinity;
      requestAnimationFrame(() => requestAnimationFrame(() => { if (seen.shownAt !== null) seen.shownAt = performance.now(); }));
    }
  }).observe(document, { subtree: true, childList: true });
`;

const QUIET_MS = 500;

/** @param options with the storage state of somebody who is signed in */
export async function measureLoad(
  browser: Browser,
  url: string,
  path: string,
  options: BrowserContextOptions,
): Promise<Load> {
  const { context, page, complaints } = await visit(browser, url, options);
  const answers: Response[] = [];
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script') answers.push(response);
  });
  const line = await context.newCDPSession(page);
  await line.send('Network.enable');
  await line.send('Performance.enable', { timeDomain: 'threadTicks' });
  let transferred = 0;
  line.on('Network.loadingFinished', ({ encodedDataLength }) => {
    transferred += encodedDataLength;
  });
  await page.addInitScript(WATCHER);
  await page.goto(path);
  const { shownAt, busyUntil, shift } = await until(
    () => page.evaluate<Seen>('({ ...seen, now: performance.now() })'),
    ({ shownAt, busyUntil, now }) => shownAt !== null && now - Math.max(shownAt, busyUntil) > QUIET_MS,
  );
  const { metrics } = await line.send('Performance.getMetrics');
  const workMs = 1000 * (metrics.find((metric) => metric.name === 'TaskDuration')?.value ?? Number.NaN);
  // Only now: what the server and the page share with this process is not to wait for our sums.
  const scripts = await Promise.all(
    answers.map(async (answer) => ({
      path: new URL(answer.url()).pathname,
      gzip: gzipSync(await answer.body(), { level: 9 }).length,
    })),
  );
  await context.close();
  const interactiveMs = Math.max(shownAt ?? Number.NaN, busyUntil);
  return { scripts, transferred, interactiveMs, workMs, shift, complaints };
}

export const gzipOf = (load: Load): number => load.scripts.reduce((sum, script) => sum + script.gzip, 0);
