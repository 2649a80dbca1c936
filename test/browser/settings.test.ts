/** The settings, section by section, as an owner uses them: what is chosen holds, what is destroyed is named, and what is restored is there again. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { addMonitor, addSeed, addSender, startRun, startWorld, type World, waitForRun } from '../flow/world.ts';
import { axe } from './axe.ts';
import { noBrowser, openBrowser, until, type Visit, visit } from './chromium.ts';
import { measureLoad } from './load.ts';
import { openAsOwner, signIn } from './owner.ts';

const DAY = 86_400_000;
const MOST_SHIFT = 0.05;

describe('settings', { skip: noBrowser }, () => {
  let world: World;
  let browser: Browser;
  let here: Visit;

  before(async () => {
    [world, browser] = await Promise.all([startWorld(), openBrowser()]);
    const sender = await addSender(world, 'good.test');
    const monitor = await addMonitor(world, sender, [await addSeed(world, 'inbox@gmail.test')], { name: 'Weekly' });
    await waitForRun(world, await startRun(world, monitor), ({ state }) => state !== 'running');
    // Old enough to be thrown away by a shorter time.
    const old = Date.now() - 200 * DAY;
    await world.todoku.app.db.updateTable('runs').set({ started_at: old, state: 'complete' }).execute();
    here = await openAsOwner(browser, world);
  });
  after(async () => {
    await browser?.close();
    await world?.stop();
  });

  test('each section has an address, a name in the window, and its place in the list', async () => {
    const { page } = here;
    await page.goto('/settings');
    const sections = page.getByRole('navigation', { name: 'Sections of the settings' });
    for (const [name, path, heading] of [
      ['Sign-in', '/settings/access', 'Password'],
      ['API tokens', '/settings/tokens', 'New token'],
      ['What is kept', '/settings/retention', 'What is kept'],
      ['Backups', '/settings/backups', 'Daily backup'],
      ['Wall view', '/settings/walls', 'New wall link'],
      ['About', '/settings/about', 'Program'],
      ['Display', '/settings', 'Display'],
    ] as const) {
      await sections.getByRole('link', { name }).click();
      await page.getByRole('heading', { name: heading, exact: true, level: 2 }).waitFor();
      assert.equal(new URL(page.url()).pathname, path);
      assert.equal(await sections.getByRole('link', { name }).getAttribute('aria-current'), 'page');
      await until(
        () => page.title(),
        (title) => title === `${name} · Settings · Todoku`,
      );
    }
    await page.goto('/settings/about');
    await page.getByRole('heading', { name: 'Database' }).waitFor();
  });

  test('the language changes without a reload, words of the section too, and is kept', async () => {
    const { page } = here;
    await page.goto('/settings');
    await page.evaluate('window.sameWindow = true');
    await page.getByRole('main').getByText('日本語', { exact: true }).click();
    await page.getByRole('heading', { name: '表示', level: 2 }).waitFor();
    await page.getByRole('link', { name: 'バックアップ' }).click();
    await page.getByRole('heading', { name: '自動バックアップ' }).waitFor();
    assert.equal(await page.evaluate('window.sameWindow'), true);
    await until(
      () => world.call<{ language: string }>('GET', '/api/settings'),
      ({ language }) => language === 'ja',
    );
    await page.getByRole('link', { name: '表示', exact: true }).click();
    await page.getByRole('main').getByText('English', { exact: true }).click();
    await page.getByRole('heading', { name: 'Display', level: 2 }).waitFor();
  });

  test('another browser is signed out from here', async () => {
    const { page } = here;
    const other = await visit(browser, world.todoku.url);
    await signIn(other.page, world.todoku);
    await page.goto('/settings/access');
    await page.getByRole('row').getByRole('button', { name: 'Sign out' }).click();
    await other.page.getByRole('link', { name: 'Monitors' }).first().click();
    await other.page.getByRole('heading', { name: /Sign in|Set a password first/ }).waitFor();
    await other.context.close();
  });

  test('a password that is too short or not the present one changes nothing', async () => {
    const { page } = here;
    await page.goto('/settings/access');
    await page.getByRole('textbox', { name: 'New password' }).fill('short');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('This is needed').waitFor();
    await page.getByText('Needs at least 10 characters').waitFor();
    await page.getByRole('textbox', { name: 'Present password' }).fill('surely not this');
    await page.getByRole('textbox', { name: 'New password' }).fill('long enough for it');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByRole('alert').getByText('Wrong password').waitFor();
  });

  test('keeping less long names what goes, wants it typed, and holds', async () => {
    const { page } = here;
    const retention = async () =>
      (await world.call<{ retention: { probeDays: number | null } }>('GET', '/api/settings')).retention;
    await page.goto('/settings/retention');
    await page.getByText(/1 run, from/).waitFor();
    await choose(page, 'Runs, audits and their results', '180 days');
    await page.getByRole('button', { name: 'Save' }).click();
    const dialog = page.getByRole('dialog');
    await dialog
      .getByText('Runs, audits and results older than 180 days, with their raw mails and shared reports')
      .waitFor();
    const act = dialog.getByRole('button', { name: 'Throw away' });
    assert.equal(await act.isDisabled(), true);
    assert.deepEqual(await axe(page), []);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal((await retention()).probeDays, null, 'nothing was changed');
    // Nothing is as old as this: nothing to ask.
    await choose(page, 'Runs, audits and their results', '365 days');
    await page.getByRole('button', { name: 'Save' }).click();
    await until(retention, ({ probeDays }) => probeDays === 365);
    await page.reload();
    await page.getByRole('combobox', { name: 'Runs, audits and their results' }).waitFor();
    assert.equal(await page.getByRole('combobox', { name: 'Runs, audits and their results' }).inputValue(), '365 days');
  });

  test('a backup is made, carried off, brought back, and put in place of what was lost since', async () => {
    const { page } = here;
    await page.goto('/settings/backups');
    await page.getByText('No backups yet').waitFor();
    await page.getByRole('button', { name: 'Make a backup now' }).click();
    const made = page.getByRole('row', { name: /made by hand/ });
    await made.waitFor();
    // The note that says so has a way to close it, which has a name.
    await page.getByRole('alert').getByRole('button', { name: 'Close' }).click();
    const saving = page.waitForEvent('download');
    await made.getByRole('link', { name: /^Download/ }).click();
    const file = await (await saving).path();
    assert.equal((await readFile(file)).subarray(0, 15).toString(), 'SQLite format 3');

    await page.locator('input[type=file]').setInputFiles({
      ...{ name: 'x.sqlite', mimeType: 'application/octet-stream', buffer: Buffer.from('no database at all') },
    });
    await page.getByRole('alert').getByText('Not a database').waitFor();
    await page.locator('input[type=file]').setInputFiles(file);
    await page.getByRole('row', { name: /brought here/ }).waitFor();
    assert.equal(await page.getByRole('main').getByRole('alert').count(), 0);

    const [monitor] = (await world.call<{ items: { id: string }[] }>('GET', '/api/monitors')).items;
    await world.call('DELETE', `/api/monitors/${monitor?.id}`);
    await made.getByRole('button', { name: /^More for/ }).click();
    await page.getByRole('menuitem', { name: 'Restore…' }).click();
    const dialog = page.getByRole('dialog');
    // What is there now was counted within the last minute.
    await dialog.getByRole('row', { name: /^Monitors 1 [01]$/ }).waitFor();
    await dialog.getByText('What is here now is kept as a backup first.').waitFor();
    const act = dialog.getByRole('button', { name: 'Restore' });
    assert.equal(await act.isDisabled(), true);
    assert.deepEqual(await axe(page), []);
    await dialog.getByRole('textbox').fill('restore');
    await act.click();
    await dialog.getByText('Done. Todoku goes on with the backup.').waitFor();
    assert.match((await dialog.locator('.mono').textContent()) ?? '', /^todoku-.*-before-restore\.sqlite$/);
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await page.getByRole('row', { name: /kept before a restore/ }).waitFor();
    await page.getByRole('link', { name: 'Monitors' }).first().click();
    await page.getByRole('row', { name: /Weekly/ }).waitFor();
  });

  test('a backup is deleted once its name was seen and the word typed', async () => {
    const { page } = here;
    await page.goto('/settings/backups');
    const row = page.getByRole('row', { name: /brought here/ });
    await row.getByRole('button', { name: /^More for/ }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page
      .getByRole('dialog')
      .getByText(/^todoku-.*\.sqlite$/)
      .waitFor();
    await page.getByRole('dialog').getByRole('textbox').fill('Delete');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await row.waitFor({ state: 'detached' });
  });

  test('the daily backup is switched off and on, and how many are kept is set', async () => {
    const { page } = here;
    const setting = async () =>
      (await world.call<{ backups: { daily: boolean; keep: number } }>('GET', '/api/settings')).backups;
    await page.goto('/settings/backups');
    await page.getByRole('switch', { name: 'Make a backup every day' }).click();
    await until(setting, ({ daily }) => !daily);
    await page.getByRole('switch', { name: 'Make a backup every day' }).click();
    await until(setting, ({ daily }) => daily);
    await page.getByLabel('Daily backups to keep').fill('3');
    await page.getByText('all but the newest 3 are deleted').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await until(setting, ({ keep }) => keep === 3);
  });

  test('a wall link is shown once, opens the wall, and is revoked', async () => {
    const { page } = here;
    await page.goto('/settings/walls');
    await page.getByLabel('Which screen?').fill('Kitchen');
    await page.getByRole('button', { name: 'Make a link' }).click();
    const address = ((await page.locator('.token code').textContent()) ?? '').trim();
    assert.match(address, new RegExp(`^${world.todoku.url}/wall#key=todoku_wall_`));
    const screen = await visit(browser, world.todoku.url);
    await screen.page.goto(address);
    await screen.page.getByRole('heading', { name: 'Kitchen' }).waitFor();
    await screen.context.close();
    await page.reload();
    const row = page.getByRole('row', { name: /Kitchen/ });
    await row.waitFor();
    assert.ok(!(await page.content()).includes('todoku_wall_'));
    await row.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('dialog').getByText('Screens with this link go dark at once.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await page.getByText('No wall links.').waitFor();
  });

  test('about says what runs, and a failure leaves the rest standing', async () => {
    const { page } = here;
    await page.goto('/settings/about');
    await page.getByText('At work').waitFor();
    await page.getByText('Writable').waitFor();
    await page.route('**/api/about', (route) => route.fulfill({ status: 503, contentType: 'text/plain', body: 'x' }));
    await page.reload();
    await page.getByRole('alert').getByText('The server could not do that').waitFor();
    await page.getByRole('navigation', { name: 'Sections of the settings' }).waitFor();
    await page.unroute('**/api/about');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('At work').waitFor();
  });

  test('nothing jumps when data comes, on a phone either', async () => {
    for (const path of ['/settings/retention', '/settings/backups', '/settings/about']) {
      const { shift } = await measureLoad(browser, world.todoku.url, path, {
        storageState: await here.context.storageState(),
        viewport: { width: 390, height: 844 },
      });
      assert.ok(shift < MOST_SHIFT, `${path}: ${shift}`);
    }
  });

  test('nothing went wrong on the way', () => {
    assert.deepEqual(here.complaints, []);
  });
});

/** Picks an option of a select by its words. */
async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: label }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}
