/** Every page, in both languages: nothing wider than a phone, nothing in the console, nothing asked of another host, and nothing of a mail that runs. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { noBrowser, until, visit } from './chromium.ts';
import { openOnPhone } from './owner.ts';
import { follow, HOSTILE, open, openPages, type Pages } from './pages.ts';

describe('pages', { skip: noBrowser }, () => {
  let all: Pages;
  before(async () => {
    all = await openPages();
  });
  after(() => all?.close());

  for (const language of ['en', 'ja'] as const) {
    test(`on a phone nothing is wider than the screen, ${language}`, async () => {
      const phone = await openOnPhone(all.browser, all.world, all.here, {
        locale: language === 'ja' ? 'ja-JP' : 'en-GB',
      });
      const wide: string[] = [];
      await open(phone.page, '/');
      for (const [name, path] of Object.entries(all.paths)) {
        await follow(phone.page, path);
        const over = await phone.page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
        if (over > 0) wide.push(`${name}: ${over}px`);
      }
      assert.equal(await phone.page.evaluate('document.documentElement.lang'), language);
      assert.deepEqual(wide, []);
      assert.deepEqual(phone.complaints, []);
      await phone.context.close();
    });
  }

  test('nothing in a mail or a name runs', async () => {
    const { page } = all.here;
    await open(page, `/probes/${all.hostileProbe}`);
    await page.getByText(`Hello ${HOSTILE}`).first().waitFor();
    for (const tab of ['Headers', 'Preview']) await page.getByRole('tab', { name: tab }).click();
    await page.frameLocator('iframe').locator('body').waitFor();
    await page.getByRole('tab', { name: 'Message' }).click();
    await page.getByRole('region', { name: 'Message' }).waitFor();
    await open(page, '/monitors');
    assert.equal(await page.evaluate('window.ran'), undefined);
    assert.equal(await page.locator('img[src="x"]').count(), 0);
  });

  test('the keyboard reaches the content, the search and every row’s menu', async () => {
    const { page } = all.here;
    await open(page, '/seeds');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Skip to content');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate('document.activeElement.id'), 'main');
    await page.keyboard.press('/');
    assert.equal(await page.evaluate('document.activeElement.type'), 'search');
    await page.keyboard.type('outlook spam');
    await until(
      () => page.getByRole('row').count(),
      (rows) => rows === 2,
    );
    assert.match(page.url(), /search=outlook/);
    await page.keyboard.press('Escape');
    await until(
      () => page.getByRole('row').count(),
      (rows) => rows === 7,
    );
    await page.getByRole('button', { name: 'More for spam@outlook.test' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Edit' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('menuitem', { name: 'Edit' }).waitFor({ state: 'detached' });
  });

  test('a chart has its table and its CSV', async () => {
    const { page } = all.here;
    await open(page, '/');
    const figure = page.getByRole('figure', { name: 'Placement over time' });
    // A screen reader has the table at once, without a switch.
    assert.equal(await figure.getByRole('table').count(), 1);
    assert.equal(await figure.locator('canvas').getAttribute('aria-hidden'), 'true');
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Placement over time: download CSV' }).click();
    assert.equal((await saving).suggestedFilename(), 'placement-over-time.csv');
  });

  test('a view can be sent to a colleague', async () => {
    const { page } = all.here;
    await open(page, '/');
    await page.getByText('30 days', { exact: true }).click();
    await page.waitForURL(/range=30d/);
    await page.reload();
    await page.getByRole('radio', { name: '30 days' }).waitFor({ state: 'attached' });
    assert.equal(await page.getByRole('radio', { name: '30 days' }).isChecked(), true);
  });

  test('a lost line is said, and heals', async () => {
    const { page } = all.here;
    await page.route('**/api/events', (route) => route.abort());
    await page.goto('/');
    await page.getByText('Connection lost, trying again').waitFor();
    await page.unroute('**/api/events');
    await page.getByText('Connection lost, trying again').waitFor({ state: 'detached' });
  });

  test('a page that fails says so and leaves the rest standing', async () => {
    const { page } = all.here;
    await page.route('**/api/senders*', (route) =>
      route.fulfill({ status: 500, contentType: 'text/plain', body: 'boom' }),
    );
    await page.goto('/senders');
    await page.getByRole('alert').waitFor();
    assert.doesNotMatch((await page.getByRole('alert').textContent()) ?? '', /boom|500/);
    await page.unroute('**/api/senders*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('row', { name: /good\.test/ }).waitFor();
  });

  test('a revoked session is led to sign in', async () => {
    const other = await visit(all.browser, all.world.todoku.url, {
      storageState: await all.here.context.storageState(),
    });
    await open(other.page, '/monitors');
    await other.context.clearCookies();
    await other.page.getByRole('link', { name: 'Settings' }).first().click();
    await other.page.getByRole('heading', { name: /Sign in|Set a password first/ }).waitFor();
    await other.context.close();
  });

  test('nothing went wrong on the way', () => {
    const expected = /\/api\/events|ERR_FAILED/;
    assert.deepEqual(
      all.here.complaints.filter((complaint) => !expected.test(complaint)),
      [],
    );
  });
});
