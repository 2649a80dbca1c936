/** The wall: opened with a key and nothing else, it shows how things stand, changes by itself, and says when it cannot. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { revokeWallLink } from '../../db/walls.ts';
import { createWallLink } from '../../server/owner/walls.ts';
import { addMonitor, addSeed, addSender, startRun, startWorld, type World, waitForRun } from '../flow/world.ts';
import { axe } from './axe.ts';
import { noBrowser, openBrowser, type Visit, visit } from './chromium.ts';

const SEEDS = ['inbox@gmail.test', 'mia@gmail.test', 'spam@outlook.test', 'inbox@yahoo.test', 'emma@yahoo.test'];
/** Noon and midnight where the screen hangs, of the day on which the world runs. */
const at = (hour: number): Date => new Date(new Date().setHours(hour, 0, 0, 0));

describe('the wall', { skip: noBrowser }, () => {
  let world: World;
  let browser: Browser;
  let key: string;
  let empty: string;

  const openWall = async (address: string, options: BrowserContextOptions = {}): Promise<Visit> => {
    const screen = await visit(browser, world.todoku.url, {
      ...{ viewport: { width: 1920, height: 1080 }, timezoneId: Intl.DateTimeFormat().resolvedOptions().timeZone },
      ...options,
    });
    await screen.page.goto(address);
    return screen;
  };

  before(async () => {
    [world, browser] = await Promise.all([startWorld(), openBrowser()]);
    const sender = await addSender(world, 'good.test');
    const seeds: string[] = [];
    for (const address of SEEDS) seeds.push(await addSeed(world, address));
    const monitor = await addMonitor(world, sender, seeds, { name: 'Weekly newsletter' });
    const idle = await addMonitor(world, sender, seeds, { name: 'Never run' });
    await waitForRun(world, await startRun(world, monitor), ({ state }) => state !== 'running');
    key = (await createWallLink(world.todoku.app, 'Office', null)).key;
    empty = (await createWallLink(world.todoku.app, 'Corner', idle)).key;
  });
  after(async () => {
    await browser?.close();
    await world?.stop();
  });

  test('needs the key and nothing else, and asks for nothing else', async () => {
    const screen = await visit(browser, world.todoku.url, { viewport: { width: 1920, height: 1080 } });
    const asked = new Set<string>();
    screen.page.on('request', (request) => {
      const { pathname } = new URL(request.url());
      if (pathname.startsWith('/api/')) asked.add(`${pathname} ${request.headers().authorization ?? ''}`);
    });
    await screen.page.goto(`/wall#key=${key}`);
    await screen.page.getByRole('heading', { name: 'Office' }).waitFor();
    await screen.page.getByText('80% of test mails reached the inbox.').waitFor();
    assert.deepEqual([...asked], [`/api/wall Bearer ${key}`]);
    assert.deepEqual(await screen.context.cookies(), []);
    const text = (await screen.page.locator('.wall').textContent()) ?? '';
    assert.match(text, /Inbox80%\d+–\d+%, n\s=\s5/);
    assert.match(text, /Spam20%/);
    assert.match(text, /Gmailnot enough data \(n\s=\s2\)/);
    assert.match(text, /Weekly newsletter.*4 of 5 in the inbox/);
    assert.match(text, /Never runnot yet/i);
    assert.match(text, /Nothing needs attention/);
    for (const address of SEEDS) assert.ok(!text.includes(address), address);
    assert.equal(await screen.page.getByRole('button').count(), 0, 'nothing to press');
    const { over } = await screen.page.evaluate<{ over: number }>(
      '({ over: document.documentElement.scrollHeight - window.innerHeight })',
    );
    assert.equal(over, 0, 'nobody scrolls on a wall');
    assert.deepEqual(screen.complaints, []);
    await screen.context.close();
  });

  test('speaks Japanese, shows another time and theme, by its address alone', async () => {
    const { page, context, complaints } = await openWall(`/wall?key=${key}&period=7d&language=ja&theme=dark`);
    await page.getByText('テストメールの80%が受信トレイに届いています。').waitFor();
    await page.getByText('直近7日間').waitFor();
    assert.equal(await page.evaluate('document.documentElement.dataset.mantineColorScheme'), 'dark');
    assert.equal(await page.evaluate('localStorage.getItem("todoku-preferences")'), null, 'a screen keeps nothing');
    assert.deepEqual(complaints, []);
    await context.close();
  });

  test('one monitor without results says so', async () => {
    const { page, context } = await openWall(`/wall#key=${empty}`);
    await page.getByText('No test mail in this time.').waitFor();
    await page.getByText('Never run').first().waitFor();
    assert.equal(await page.getByText('Weekly newsletter').count(), 0);
    await context.close();
  });

  test('axe finds nothing, light and dark, on a screen and on a phone', async () => {
    const findings: string[] = [];
    for (const theme of ['light', 'dark']) {
      const { page, context } = await openWall(`/wall?theme=${theme}#key=${key}`);
      await page.getByText('80% of test mails').waitFor();
      findings.push(...(await axe(page)).map((finding) => `${theme}: ${finding}`));
      await page.setViewportSize({ width: 390, height: 844 });
      findings.push(...(await axe(page)).map((finding) => `${theme}, phone: ${finding}`));
      assert.equal(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'), 0);
      await context.close();
    }
    assert.deepEqual(findings, []);
  });

  test('turns dark in the evening and light in the morning, whatever is pressed in another tab', async () => {
    const screen = await visit(browser, world.todoku.url, {
      timezoneId: Intl.DateTimeFormat().resolvedOptions().timeZone,
      colorScheme: 'light',
    });
    const { page } = screen;
    await page.clock.install({ time: at(12) });
    await page.goto(`/wall#key=${key}`);
    await page.locator('html[data-mantine-color-scheme="light"] .wall').waitFor();
    await page.clock.fastForward('08:00:00');
    await page.locator('html[data-mantine-color-scheme="dark"] .wall').waitFor();
    // The system changing its mind at night changes nothing.
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.emulateMedia({ colorScheme: 'light' });
    await page.clock.runFor(11_000);
    assert.equal(await page.evaluate('document.documentElement.dataset.mantineColorScheme'), 'dark');
    await page.clock.fastForward('11:30:00');
    await page.locator('html[data-mantine-color-scheme="light"] .wall').waitFor();
    await screen.context.close();
  });

  test('a lost line is said with the age of the numbers, and heals', async () => {
    const screen = await visit(browser, world.todoku.url);
    const { page } = screen;
    await page.clock.install({ time: at(12) });
    await page.goto(`/wall#key=${key}`);
    await page.getByText('80% of test mails').waitFor();
    await page.route('**/api/wall*', (route) => route.abort());
    await page.clock.runFor(25_000);
    assert.equal(await page.getByText('No answer from Todoku').count(), 0, 'one late answer is no news');
    await page.clock.runFor(60_000);
    await page.getByText(/No answer from Todoku, trying again\. The numbers are from \d\d:\d\d/).waitFor();
    await page.getByText('80% of test mails').waitFor();
    await page.unroute('**/api/wall*');
    await page.clock.runFor(20_000);
    await page.getByText('No answer from Todoku').waitFor({ state: 'detached' });
    await screen.context.close();
  });

  test('a server that is not there yet is waited for', async () => {
    const screen = await visit(browser, world.todoku.url);
    const { page } = screen;
    await page.clock.install({ time: at(12) });
    await page.route('**/api/wall*', (route) => route.abort());
    await page.goto(`/wall#key=${key}`);
    await page.getByRole('alert').getByText('The server does not answer').waitFor();
    await page.unroute('**/api/wall*');
    await page.clock.runFor(11_000);
    await page.getByText('80% of test mails').waitFor();
    await screen.context.close();
  });

  test('a new version of the program is taken up', async () => {
    const screen = await visit(browser, world.todoku.url);
    const { page } = screen;
    await page.clock.install({ time: at(12) });
    await page.goto(`/wall#key=${key}`);
    await page.getByText('80% of test mails').waitFor();
    await page.route('**/api/wall*', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...((await answer.json()) as object), version: '99.0.0' } });
    });
    const reloaded = page.waitForEvent('load');
    await page.clock.runFor(16_000);
    await reloaded;
    await page.getByText('80% of test mails').waitFor();
    await screen.context.close();
  });

  test('a key that is not known or was revoked says what to do; no key leads to sign in', async () => {
    const made = await createWallLink(world.todoku.app, 'Short-lived', null);
    const screen = await visit(browser, world.todoku.url);
    const { page } = screen;
    await page.clock.install({ time: at(12) });
    await page.goto(`/wall#key=${made.key}`);
    await page.getByRole('heading', { name: 'Short-lived' }).waitFor();
    await revokeWallLink(world.todoku.app.db, made.row.id, Date.now());
    await page.clock.runFor(16_000);
    await page.getByRole('alert').getByText('This wall link does not work').waitFor();
    assert.deepEqual(await axe(page), []);
    assert.equal(await page.getByText('80%').count(), 0, 'nothing of before is left on the screen');
    const stranger = await openWall('/wall');
    await stranger.page.getByRole('heading', { name: 'Set a password first' }).waitFor();
    await stranger.context.close();
    await screen.context.close();
  });
});
