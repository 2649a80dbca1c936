/** Every page in both themes, dialogs and the way in: axe finds nothing (WCAG 2.2 A and AA, best practices). */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { axe, axeIn } from './axe.ts';
import { noBrowser, visit } from './chromium.ts';
import { follow, open, openPages, type Pages } from './pages.ts';

describe('axe', { skip: noBrowser }, () => {
  let all: Pages;
  before(async () => {
    all = await openPages();
  });
  after(() => all?.close());

  test('axe finds nothing, light and dark', async () => {
    const { page } = all.here;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const findings: string[] = [];
    await open(page, '/');
    for (const [name, path] of Object.entries(all.paths)) {
      // The wall dresses by the clock (wall.test.ts looks at both).
      if (path === '/wall') continue;
      await follow(page, path);
      for (const theme of ['light', 'dark'] as const)
        findings.push(...(await axeIn(page, theme)).map((finding) => `${name}, ${finding}`));
    }
    assert.deepEqual(findings, []);
  });

  test('axe finds nothing in dialogs, menus and chart tables', async () => {
    const { page } = all.here;
    const findings: string[] = [];
    await open(page, '/seeds');
    await page.getByRole('button', { name: 'More for inbox@gmail.test' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).waitFor();
    findings.push(...(await axe(page)));
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('textbox').waitFor();
    findings.push(...(await axe(page)));
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page
      .getByRole('row', { name: /imap-down/ })
      .getByRole('button', { name: 'Check' })
      .click();
    await page.getByRole('dialog').getByRole('alert').waitFor({ timeout: 40_000 });
    findings.push(...(await axe(page)));
    await open(page, '/');
    await page.getByRole('button', { name: 'Placement over time: as a table' }).click();
    await page.getByText('Own', { exact: true }).click();
    await page.getByRole('button', { name: 'Show', exact: true }).waitFor();
    findings.push(...(await axe(page)));
    assert.deepEqual(findings, []);
  });

  test('axe finds nothing on the way in', async () => {
    const stranger = await visit(all.browser, all.world.todoku.url);
    const findings: string[] = [];
    for (const path of ['/sign-in', '/set-password', '/set-password?link=abc']) {
      await stranger.page.goto(path);
      await stranger.page.getByRole('heading', { level: 1 }).waitFor();
      findings.push(...(await axe(stranger.page)).map((finding) => `${path}: ${finding}`));
    }
    await stranger.context.close();
    assert.deepEqual(findings, []);
    assert.deepEqual(stranger.complaints, []);
  });
});
