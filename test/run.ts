/**
 * `npm test`: builds the pages when their sources are newer than the last build, runs every test file in a process of its own, four
 * at a time, and ends with one line to count on: `N passed, N failed`. What could not run on this machine is named with the reason
 * its test gave, one line each; with TODOKU_TEST_REQUIRE_ALL=1 that is a failure, so that CI leaves nothing out unseen.
 *
 * `npm test -- words placement` runs only files whose path contains one of the words.
 */
import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

/** What waits most of its time for mail, and what computes: two of each at a time keep two cores at work without crowding them. */
const LANES = ['computes', 'computes', 'waits', 'waits'] as const;
const WAITS = /^test\/(flow\/(?!kill|budget)|lab\/|cli\/(audit-placement|demo))/;
/** Those that take long begin first, so that none is left running alone at the end. */
const SLOW = ['test/flow/kill', 'test/browser/', 'test/flow/', 'test/lab/', 'test/backup/', 'test/cli/'];
/** Each file, and each program that a file starts, loads the same modules: compiled once, they load in half the time. */
process.env.NODE_COMPILE_CACHE ??= new URL('../node_modules/.cache/compiled', import.meta.url).pathname;
/** A file that is not done by then hangs: its process is ended and it counts as failed. */
const FILE_TIMEOUT_MS = 6 * 60_000;
const ROOT = new URL('..', import.meta.url).pathname;

type TestEvent = { type: string; data: Record<string, unknown> & { name?: string; nesting?: number } };
type Tally = { passed: number; failed: number; leftOut: { file: string; reason: string }[] };

process.exitCode = await main(process.argv.slice(2), process.env.TODOKU_TEST_REQUIRE_ALL === '1');

async function main(words: string[], requireAll: boolean): Promise<number> {
  if (Number(process.versions.node.split('.')[0]) < 24) {
    console.error(`The tests need Node 24, this is ${process.version}: run them with npm test, which brings its own.`);
    return 1;
  }
  const files = globSync('test/**/*.test.ts', { cwd: ROOT })
    .filter(
      (file) => !file.startsWith('test/bench/') && (words.length === 0 || words.some((word) => file.includes(word))),
    )
    .sort((a, b) => slowness(a) - slowness(b) || (a < b ? -1 : 1));
  const total: Tally = { passed: 0, failed: 0, leftOut: [] };
  if (words.length === 0 && !buildWeb()) total.failed++;

  const queues = {
    computes: files.filter((file) => !WAITS.test(file)),
    waits: files.filter((file) => WAITS.test(file)),
  };
  const lane = async (kind: (typeof LANES)[number]): Promise<void> => {
    const next = () => queues[kind].shift() ?? queues.computes.shift() ?? queues.waits.shift();
    for (let file = next(); file !== undefined; file = next()) {
      const began = performance.now();
      const events = await runFile(file);
      tally(file, events, total);
      await report(file, events, (performance.now() - began) / 1000);
    }
  };
  await Promise.all(LANES.map(lane));

  for (const [reason, leftOut] of Map.groupBy(total.leftOut, (skip) => skip.reason)) {
    const where = [...new Set(leftOut.map((skip) => skip.file))].join(', ');
    console.log(`left out: ${leftOut.length} in ${where}: ${reason}`);
  }
  const failed = total.failed + (requireAll ? total.leftOut.length : 0);
  if (requireAll && total.leftOut.length > 0)
    console.log('TODOKU_TEST_REQUIRE_ALL: what is left out counts as failed.');
  if (total.passed + failed === 0) console.log('No test ran.');
  const skipped = requireAll || total.leftOut.length === 0 ? '' : `, ${total.leftOut.length} skipped`;
  console.log(`${total.passed} passed, ${failed} failed${skipped}`);
  return failed > 0 || total.passed === 0 ? 1 : 0;
}

function slowness(file: string): number {
  const at = SLOW.findIndex((folder) => file.startsWith(folder));
  return at < 0 ? SLOW.length : at;
}

/** The browser tests look at the built pages, so a build older than its sources would test yesterday's. */
function buildWeb(): boolean {
  const changed = (file: string): number => statSync(`${ROOT}${file}`).mtimeMs;
  const sources = globSync(['web/**/*.{ts,tsx,css,json,html,svg}', 'server/words/*', 'package-lock.json'], {
    cwd: ROOT,
    exclude: ['web/dist/**', 'web/node_modules/**'],
  });
  const [built] = globSync('web/dist/index.html', { cwd: ROOT });
  if (built !== undefined && sources.every((file) => changed(file) <= changed(built))) return true;
  console.log('building the pages …');
  const build = spawnSync(process.execPath, ['node_modules/vite/bin/vite.js', 'build', 'web', '--logLevel', 'warn'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (build.status !== 0) console.log('✖ the pages could not be built');
  return build.status === 0;
}

/** All events of one file; a file that never ends is cut off and reported as one failure. */
async function runFile(file: string): Promise<TestEvent[]> {
  const events: TestEvent[] = [];
  const clock = new AbortController();
  const timer = setTimeout(() => clock.abort(), FILE_TIMEOUT_MS);
  try {
    for await (const event of run({ files: [`${ROOT}${file}`], concurrency: 1, signal: clock.signal, cwd: ROOT }))
      events.push(event as TestEvent);
  } finally {
    clearTimeout(timer);
  }
  if (clock.signal.aborted) console.log(`✖ ${file} was ended: not done after ${FILE_TIMEOUT_MS / 1000} s`);
  return events;
}

function tally(file: string, events: TestEvent[], total: Tally): void {
  let seen = 0;
  for (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    // A file without tests is reported as one passed test that bears its path.
    if (type === 'test:pass' && data.name === `${ROOT}${file}`) continue;
    seen++;
    const details = data.details as { type?: string; error?: { failureType?: string } } | undefined;
    const left = data.skip ?? data.todo;
    if (left !== undefined && left !== false)
      total.leftOut.push({ file, reason: typeof left === 'string' && left !== '' ? left : 'no reason given' });
    // A suite stands for its tests, which have events of their own; one whose own code throws has none to stand for.
    else if (details?.type === 'suite') {
      if (type === 'test:fail' && details.error?.failureType !== 'subtestsFailed') total.failed++;
    } else if (type === 'test:pass') total.passed++;
    else total.failed++;
  }
  if (seen === 0) {
    console.log(`✖ ${file} ran no test`);
    total.failed++;
  }
}

async function report(file: string, events: TestEvent[], seconds: number): Promise<void> {
  console.log(`\n${file}  ${seconds.toFixed(1)} s`);
  // Its own counts per file would stand beside ours.
  const shown = events.filter((event) => !(event.type === 'test:diagnostic' && event.data.nesting === 0));
  for await (const text of Readable.from(shown).compose(new spec())) process.stdout.write(text);
}
