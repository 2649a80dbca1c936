/** The overview's first visit and its hands: what is loaded, that nothing jumps, a span dragged over the chart, a hint beside a button, the filter. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { addMonitor, addSeed, addSender, type Run, startWorld, type World } from '../flow/world.ts';
import { noBrowser, openBrowser, until, type Visit } from './chromium.ts';
import { gzipOf, type Load, measureLoad } from './load.ts';
import { openAsOwner } from './owner.ts';

const MOST_SCRIPT = 250_000;
const MOST_SHIFT = 0.05;

describe('the overview', { skip: noBrowser }, () => {
  let world: World;
  let browser: Browser;
  let here: Visit;
  let paths: { overview: string; run: string; monitor: string };
  const first = async (path: string, locale = 'en-GB'): Promise<Load> =>
    measureLoad(browser, world.todoku.url, path, {
      storageState: await here.context.storageState(),
      viewport: { width: 1440, height: 900 },
      locale,
    });

  before(async () => {
    [world, browser] = await Promise.all([startWorld(), openBrowser()]);
    const sender = await addSender(world, 'good.test');
    const seeds: string[] = [];
    for (const address of ['inbox@gmail.test', 'spam@outlook.test', 'ann@yahoo.test', 'imap-down@plain.test'])
      seeds.push(await addSeed(world, address));
    const monitor = await addMonitor(world, sender, seeds);
    const { id: run } = await world.call<{ id: string }>('POST', `/api/monitors/${monitor}/runs`);
    await until(
      () => world.call<Run>('GET', `/api/runs/${run}`),
      ({ probes }) => probes.filter((probe) => probe.outcome === 'placed').length === 3,
      60_000,
    );
    paths = { overview: '/', run: `/runs/${run}`, monitor: `/monitors/${monitor}` };
    here = await openAsOwner(browser, world, { viewport: { width: 1440, height: 900 } });
  });
  after(async () => {
    await browser?.close();
    await world?.stop();
  });

  for (const [locale, other] of [
    ['en-GB', 'ja'],
    ['ja-JP', 'en'],
  ] as const)
    test(`a first visit loads at most ${MOST_SCRIPT / 1000} KB of script, and no language but the reader’s, ${locale}`, async () => {
      const load = await first('/', locale);
      const list = load.scripts.map((script) => `${script.gzip} ${script.path}`).join('\n');
      assert.ok(gzipOf(load) <= MOST_SCRIPT, `${gzipOf(load)} bytes:\n${list}`);
      assert.doesNotMatch(list, new RegExp(`/${other}-`));
      assert.deepEqual(load.complaints, []);
    });

  test('nothing jumps when data comes', async () => {
    for (const [name, path] of Object.entries(paths)) {
      const { shift } = await first(path);
      assert.ok(shift < MOST_SHIFT, `${name}: ${shift}`);
    }
  });

  test('a span dragged over the chart goes into the address, and back', async () => {
    const { page } = here;
    await openOverview(page, '/?range=24h');
    await drag(page, 0.5, 0.75);
    await page.waitForURL(/from=.*to=/);
    const { searchParams } = new URL(page.url());
    const [from, to] = [Date.parse(searchParams.get('from') ?? ''), Date.parse(searchParams.get('to') ?? '')];
    // A quarter of 24 bars of an hour, give or take the one that the hand only touched.
    assert.ok([6, 7].includes((to - from) / 3_600_000), page.url());
    await page.getByRole('button', { name: 'Back to 24 h' }).click();
    await page.waitForURL((url) => !url.searchParams.has('from'));
  });

  test('a click and a drag given up with Esc pick nothing', async () => {
    const { page } = here;
    await openOverview(page, '/?range=24h');
    await drag(page, 0.5, 0.502);
    await drag(page, 0.2, 0.8, () => page.keyboard.press('Escape'));
    assert.doesNotMatch(page.url(), /from=/);
  });

  test('a hint comes with the mouse and the keyboard, stays in the window, and goes with Esc', async () => {
    const { page } = here;
    await openOverview(page, '/');
    const button = page.getByRole('button', { name: 'Delivery time: download CSV' });
    const hint = page.locator('.hint');
    await button.hover();
    assert.equal(await hint.textContent(), 'Download CSV');
    const box = await hint.boundingBox();
    assert.ok(box && box.x >= 0 && box.x + box.width <= 1440, JSON.stringify(box));
    await page.keyboard.press('Escape');
    await hint.waitFor({ state: 'detached' });
    await page.mouse.move(0, 0);
    await page.getByRole('button', { name: 'Authentication: as a table' }).focus();
    await page.keyboard.press('Tab');
    assert.equal(await hint.textContent(), 'Save as picture');
    await page.keyboard.press('Tab');
    assert.equal(await hint.textContent(), 'Download CSV');
    await page.keyboard.press('Tab');
    await until(
      () => hint.count(),
      (count) => count === 0,
    );
  });

  test('the sender filter stands in the address', async () => {
    const { page } = here;
    await openOverview(page, '/');
    await page.getByRole('combobox', { name: 'Sender' }).selectOption('good.test');
    await page.waitForURL(/sender=/);
    await page.getByRole('combobox', { name: 'Sender' }).selectOption('All senders');
    await page.waitForURL((url) => !url.searchParams.has('sender'));
  });

  test('nothing went wrong on the way', () => {
    assert.deepEqual(here.complaints, []);
  });
});

async function openOverview(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.locator('canvas').first().waitFor();
}

/** Over the first chart, from one share of its plot to another; near enough, since the axis at its left is narrow. */
async function drag(page: Page, from: number, to: number, before?: () => Promise<void>): Promise<void> {
  const box = await page.locator('canvas').first().boundingBox();
  if (!box) throw new Error('there is no chart');
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + from * box.width, y);
  await page.mouse.down();
  await page.mouse.move(box.x + to * box.width, y, { steps: 5 });
  await before?.();
  await page.mouse.up();
}
