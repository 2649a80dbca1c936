/** The frame around every page: the search that is opened from it, the entry of the guide, and what stands there when a page cannot. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { addMonitor, addSeed, addSender, startRun, startWorld, type World, waitForRun } from '../flow/world.ts';
import { axe } from './axe.ts';
import { noBrowser, openBrowser, until, type Visit } from './chromium.ts';
import { openAsOwner, openOnPhone } from './owner.ts';

describe('the search and the frame', { skip: noBrowser }, () => {
  let world: World;
  let browser: Browser;
  let here: Visit;
  let probe: { id: string; token: string; messageId: string };

  before(async () => {
    [world, browser] = await Promise.all([startWorld(), openBrowser()]);
    const sender = await addSender(world, 'good.test', { name: 'Newsletter' });
    const seeds: string[] = [];
    for (const address of ['inbox@gmail.test', 'spam@outlook.test'])
      seeds.push(await addSeed(world, address, 'imap', { tags: ['customers'] }));
    const monitor = await addMonitor(world, sender, seeds, { name: 'Weekly newsletter' });
    const run = await waitForRun(world, await startRun(world, monitor), ({ state }) => state !== 'running');
    const row = await world.todoku.app.db
      .selectFrom('probes')
      .select(['id', 'token', 'message_id'])
      .where('run_id', '=', run.id)
      .executeTakeFirstOrThrow();
    probe = { id: row.id, token: row.token, messageId: row.message_id ?? '' };
    here = await openAsOwner(browser, world, { viewport: { width: 1440, height: 900 } });
    // Took the guide up again.
    await world.call('PATCH', '/api/settings', { guide: 'open' });
  });
  after(async () => {
    await browser?.close();
    await world?.stop();
  });

  const field = (page: Page) => page.getByRole('combobox', { name: 'Search' });

  test('is not loaded before it is wanted, opens with / and Ctrl-K, and closes with Esc', async () => {
    const { page } = here;
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.goto('/');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.waitForLoadState('networkidle');
    assert.deepEqual(
      asked.filter((path) => /dialog-|\/search/.test(path)),
      [],
    );
    await page.keyboard.press('/');
    await field(page).waitFor();
    await until(
      () => page.evaluate('document.activeElement.getAttribute("role")'),
      (role) => role === 'combobox',
    );
    await page.keyboard.press('Escape');
    await field(page).waitFor({ state: 'detached' });
    await page.keyboard.press('Control+k');
    await field(page).waitFor();
    assert.deepEqual(await axe(page), []);
    await page.keyboard.press('Escape');
    await field(page).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Search' }).first().click();
    await field(page).waitFor();
    await page.keyboard.press('Escape');
    await until(
      () => page.evaluate('document.activeElement.className'),
      (name) => name === 'search-button',
    );
  });

  test('where a list has a field of its own, / belongs to that, and Ctrl-K to the search', async () => {
    const { page } = here;
    await page.goto('/seeds');
    await page.getByRole('row', { name: /inbox@gmail/ }).waitFor();
    await page.keyboard.press('/');
    assert.equal(await page.evaluate('document.activeElement.type'), 'search');
    await page.keyboard.press('/');
    assert.equal(await field(page).count(), 0, 'a slash that is typed is a slash');
    await page.keyboard.press('Control+k');
    await field(page).waitFor();
    await page.keyboard.press('Escape');
  });

  test('finds by a word, kind by kind, and the keyboard goes there', async () => {
    const { page } = here;
    await page.goto('/');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.keyboard.press('Control+k');
    await field(page).fill('news');
    const groups = page.getByRole('listbox').getByRole('group');
    await page
      .getByRole('group', { name: 'Monitors' })
      .getByRole('option', { name: /Weekly newsletter/ })
      .waitFor();
    await page.getByRole('group', { name: 'Runs' }).getByRole('option').first().waitFor();
    assert.ok((await groups.count()) >= 3);
    assert.deepEqual(await axe(page), []);
    const options = page.getByRole('listbox').getByRole('option');
    assert.equal(await page.getByRole('listbox').getByRole('option', { selected: true }).count(), 1);
    const monitorAt = (await options.allTextContents()).findIndex((text) => /^Weekly newsletterNewsletter/.test(text));
    assert.ok(monitorAt >= 0);
    for (let at = 0; at < monitorAt; at++) await page.keyboard.press('ArrowDown');
    const chosen = await field(page).getAttribute('aria-activedescendant');
    assert.equal(await options.nth(monitorAt).getAttribute('id'), chosen);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Weekly newsletter', level: 1 }).waitFor();
    await until(
      () => page.evaluate('document.activeElement.id'),
      (id) => id === 'main',
    );
  });

  test('finds a seed by its tag, and sections of the settings by their name', async () => {
    const { page } = here;
    await page.keyboard.press('Control+k');
    await field(page).fill('customers');
    await page.getByRole('option', { name: /spam@outlook\.test/ }).waitFor();
    await field(page).fill('backups');
    await page.getByRole('option', { name: /Backups/ }).click();
    await page.getByRole('heading', { name: 'Daily backup' }).waitFor();
  });

  test('finds a campaign by its subject, and its newest audit beside it', async () => {
    const draft = { name: 'Spring 2026', subject: 'Tulips for less', from: 'hello@flowers.test', text: 'Words' };
    const { id } = await world.call<{ id: string }>('POST', '/api/campaigns', draft);
    const audit = await world.call<{ id: string }>('POST', `/api/campaigns/${id}/audits`, {});
    const { page } = here;
    for (const [typed, group, path] of [
      ['tulips', 'Campaigns', `/campaigns/${id}`],
      ['flowers.test', 'Audits', `/audits/${audit.id}`],
    ] as const) {
      await page.goto('/');
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
      await page.keyboard.press('Control+k');
      await field(page).fill(typed);
      const found = page.getByRole('group', { name: group }).getByRole('option', { name: /Spring 2026/ });
      await found.waitFor();
      assert.deepEqual(await axe(page), []);
      await found.click();
      await page.waitForURL(`**${path}`);
    }
  });

  test('finds the one probe by its token and by its Message-ID as it stands in a header', async () => {
    const { page } = here;
    for (const text of [
      probe.token,
      probe.token.slice(0, 8),
      `Message-ID: <${probe.messageId.replace(/^<|>$/g, '')}>`,
    ]) {
      await page.goto('/');
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
      await page.keyboard.press('/');
      await field(page).fill(text);
      await page.getByRole('group', { name: 'Probes' }).getByRole('option').waitFor();
      await page.keyboard.press('Enter');
      await page.waitForURL(`**/probes/${probe.id}`);
      await field(page).waitFor({ state: 'detached' });
    }
  });

  test('says when there is nothing, and when it failed', async () => {
    const { page } = here;
    await page.keyboard.press('Control+k');
    await field(page).fill('zzz');
    await page.getByText('Nothing here has “zzz” in it. Tokens and Message-IDs are found from 6 letters on.').waitFor();
    await page.route('**/api/search*', (route) => route.abort());
    await field(page).fill('weekly');
    await page.getByRole('dialog').getByRole('alert').getByText('The server does not answer').waitFor();
    await page.unroute('**/api/search*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page
      .getByRole('option', { name: /Weekly newsletter/ })
      .first()
      .waitFor();
    await page.keyboard.press('Escape');
  });

  test('on a phone and in Japanese it is under the thumb', async () => {
    const phone = await openOnPhone(browser, world, here);
    await phone.page.goto('/');
    await phone.page.getByRole('heading', { name: '概要' }).waitFor();
    await phone.page.getByRole('link', { name: 'はじめに' }).waitFor();
    await phone.page.getByRole('button', { name: '検索' }).locator('visible=true').click();
    await phone.page.getByRole('combobox', { name: '検索' }).fill('weekly');
    await phone.page
      .getByRole('dialog')
      .getByRole('option', { name: /Weekly newsletter/ })
      .first()
      .waitFor();
    await phone.page.getByRole('combobox', { name: '検索' }).fill('tulips');
    for (const kind of ['キャンペーン', '配信前チェック'])
      await phone.page
        .getByRole('group', { name: kind })
        .getByRole('option', { name: /Spring 2026/ })
        .waitFor();
    assert.equal(await phone.page.evaluate('document.documentElement.scrollWidth - window.innerWidth'), 0);
    assert.deepEqual(phone.complaints, []);
    await phone.context.close();
  });

  test('the guide has its entry as long as it is open', async () => {
    const { page } = here;
    await page.goto('/');
    const entry = page.locator('.side').getByRole('link', { name: 'First steps' });
    await entry.waitFor();
    assert.equal(await entry.getAttribute('href'), '/guide');
    await world.call('PATCH', '/api/settings', { guide: 'left' });
    await entry.waitFor({ state: 'detached' });
    await page.goto('/settings');
    await page.getByRole('button', { name: 'Take up the guide again' }).click();
    await page.waitForURL('**/guide');
    assert.equal((await world.call<{ guide: string }>('GET', '/api/settings')).guide, 'open');
    await entry.waitFor();
  });

  test('an address that leads nowhere says so inside the frame, with a way on', async () => {
    const { page } = here;
    await page.goto('/nothing/here');
    await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
    await page.getByRole('main').getByRole('button', { name: 'Search' }).click();
    await field(page).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('main').getByRole('link', { name: 'To the overview' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
  });

  test('a server that is away is said before anything else, and trying again heals', async () => {
    const { page } = here;
    await page.route('**/api/session', (route) => route.abort());
    await page.goto('/monitors');
    await page.getByRole('alert').getByText('The server does not answer').waitFor();
    assert.deepEqual(await axe(page), []);
    await page.unroute('**/api/session');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Monitors' }).waitFor();
  });

  test('a window that was open through an update is told to reload', async () => {
    const { page } = here;
    await page.goto('/runs');
    await page.getByRole('heading', { name: 'Runs' }).waitFor();
    // Its own file has another name by now.
    await page.route(/\/assets\/about-/, (route) => route.fulfill({ status: 404, body: '' }));
    await page.goto('/settings');
    await page.getByRole('link', { name: 'About' }).click();
    await page.getByRole('alert').getByText('A part of this page did not come').waitFor();
    await page.getByRole('navigation', { name: 'Sections of the settings' }).waitFor();
    await page.unrouteAll();
    await page.getByRole('button', { name: 'Reload' }).click();
    await page.getByRole('heading', { name: 'Database' }).waitFor();
  });

  test('nothing went wrong on the way', () => {
    const expected = /about-|dynamically imported|ERR_FAILED|ApiError: offline/;
    assert.deepEqual(
      here.complaints.filter((complaint) => !expected.test(complaint)),
      [],
    );
  });
});
