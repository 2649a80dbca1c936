/**
 * Every page, in both themes, languages and widths: no finding of axe (WCAG 2.2 A and AA), nothing wider than the screen, nothing in the console, nothing asked
 * of another host, and nothing of a mail that runs.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { createSignInLink } from '../../server/owner/links.ts';
import { addMonitor, addSeed, addSender, type Run, startWorld, type World } from '../flow/world.ts';
import { axe } from './axe.ts';
import { noBrowser, openBrowser, until, type Visit, visit } from './chromium.ts';

const HOSTILE = '<img src=x onerror="window.ran = true"><script>window.ran = true</script>';

describe('pages', { skip: noBrowser }, () => {
  let world: World;
  let browser: Browser;
  let here: Visit;
  let paths: Record<string, string>;
  let hostileProbe: string;

  before(async () => {
    [world, browser] = await Promise.all([startWorld(), openBrowser()]);
    const sender = await addSender(world, 'good.test');
    const seeds: string[] = [];
    for (const address of [
      'inbox@gmail.test',
      'promotions@gmail.test',
      'spam@outlook.test',
      '550@plain.test',
      'missing@plain.test',
      'imap-down@outlook.test',
    ])
      seeds.push(await addSeed(world, address, 'imap', { tags: ['news'] }));
    const monitor = await addMonitor(world, sender, seeds, {
      name: `Fate ${HOSTILE}`.slice(0, 100),
      schedule: { cron: '0 9 * * *', timeZone: 'Asia/Tokyo' },
    });
    const own = await addMonitor(world, sender, seeds.slice(0, 1), {
      name: 'Own words',
      message: { subject: `Hello ${HOSTILE}`, text: HOSTILE, html: `<p>${HOSTILE}</p>` },
    });
    const never = await addMonitor(world, sender, seeds.slice(0, 1), { name: 'Never run' });
    const start = async (id: string) => (await world.call<{ id: string }>('POST', `/api/monitors/${id}/runs`)).id;
    const [first, second] = [await start(monitor), await start(own)];
    const read = (id: string) => world.call<Run>('GET', `/api/runs/${id}`);
    const decided = (run: Run) =>
      run.probes.every((probe) => !['queued', 'sending', 'accepted'].includes(probe.outcome));
    const run = await until(() => read(first), decided, 60_000);
    const ownRun = await until(() => read(second), decided, 60_000);
    const probe = (seed: string) => run.probes.find((one) => one.seed.startsWith(seed))?.id ?? '';
    hostileProbe = ownRun.probes[0]?.id ?? '';
    paths = {
      overview: '/',
      'overview, 24 h': '/?range=24h',
      runs: '/runs',
      run: `/runs/${first}`,
      'probe in spam': `/probes/${probe('spam@')}`,
      'probe refused': `/probes/${probe('550@')}`,
      'probe missing': `/probes/${probe('missing@')}`,
      monitors: '/monitors',
      'monitor that never ran': `/monitors/${never}`,
      'copy of a monitor': `/monitors/new?from=${monitor}`,
      'overview, narrowed down': '/?tag=news&from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z',
      monitor: `/monitors/${monitor}`,
      'monitor form': `/monitors/${monitor}/edit`,
      'own words form': `/monitors/${own}/edit`,
      seeds: '/seeds',
      'seed form': `/seeds/${seeds[0]}`,
      'new seed': '/seeds/new',
      'seed like another': `/seeds/new?like=${seeds[0]}`,
      'sender like another': `/senders/new?like=${sender}`,
      'seeds that cannot be read': '/seeds?state=unreadable',
      guide: '/guide?step=sender',
      'guide, seeds': '/guide?step=seeds',
      'guide, monitor': '/guide?step=monitor',
      'guide, run': '/guide?step=run',
      import: '/seeds/import',
      senders: '/senders',
      'sender form': `/senders/${sender}`,
      settings: '/settings',
      'settings, sign-in': '/settings/access',
      'settings, tokens': '/settings/tokens',
      'settings, retention': '/settings/retention',
      'settings, backups': '/settings/backups',
      'settings, walls': '/settings/walls',
      'settings, about': '/settings/about',
      wall: '/wall',
      'no such page': '/nothing/here',
    };
    here = await visit(browser, world.todoku.url);
    await here.page.goto(await createSignInLink(world.todoku.app, world.todoku.url));
    await here.page.getByRole('heading', { name: 'Overview' }).waitFor();
  });
  after(async () => {
    await browser?.close();
    await world?.stop();
  });

  test('axe finds nothing, light and dark', async () => {
    const { page } = here;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const findings: string[] = [];
    for (const [name, path] of Object.entries(paths)) {
      await page.emulateMedia({ colorScheme: 'light' });
      await open(page, path);
      findings.push(...(await axe(page)).map((finding) => `${name}: ${finding}`));
      // The themes share their structure: only colours can fail in one and not in the other.
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
      findings.push(...(await axe(page, ['color-contrast'])).map((finding) => `${name}, dark: ${finding}`));
    }
    assert.deepEqual(findings, []);
  });

  test('axe finds nothing in dialogs, menus and chart tables', async () => {
    const { page } = here;
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
    const stranger = await visit(browser, world.todoku.url);
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

  for (const language of ['en', 'ja'] as const) {
    test(`on a phone nothing is wider than the screen, ${language}`, async () => {
      const phone = await visit(browser, world.todoku.url, {
        storageState: await here.context.storageState(),
        viewport: { width: 390, height: 844 },
        locale: language === 'ja' ? 'ja-JP' : 'en-GB',
        timezoneId: 'Asia/Tokyo',
      });
      const wide: string[] = [];
      for (const [name, path] of Object.entries(paths)) {
        await open(phone.page, path);
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
    const { page } = here;
    await open(page, `/probes/${hostileProbe}`);
    await page.getByText(`Hello ${HOSTILE}`).first().waitFor();
    for (const tab of ['Headers', 'Message']) await page.getByRole('tab', { name: tab }).click();
    await page.getByRole('region', { name: 'Message' }).waitFor();
    await open(page, '/monitors');
    assert.equal(await page.evaluate('window.ran'), undefined);
    assert.equal(await page.locator('img[src="x"]').count(), 0);
  });

  test('the keyboard reaches the content, the search and every row’s menu', async () => {
    const { page } = here;
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
    const { page } = here;
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
    const { page } = here;
    await open(page, '/');
    await page.getByText('30 days', { exact: true }).click();
    await page.waitForURL(/range=30d/);
    await page.reload();
    await page.getByRole('radio', { name: '30 days' }).waitFor({ state: 'attached' });
    assert.equal(await page.getByRole('radio', { name: '30 days' }).isChecked(), true);
  });

  test('a lost line is said, and heals', async () => {
    const { page } = here;
    await page.route('**/api/events', (route) => route.abort());
    await page.goto('/');
    await page.getByText('Connection lost, trying again').waitFor();
    await page.unroute('**/api/events');
    await page.getByText('Connection lost, trying again').waitFor({ state: 'detached' });
  });

  test('a page that fails says so and leaves the rest standing', async () => {
    const { page } = here;
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
    const other = await visit(browser, world.todoku.url, { storageState: await here.context.storageState() });
    await open(other.page, '/monitors');
    await other.context.clearCookies();
    await other.page.getByRole('link', { name: 'Settings' }).first().click();
    await other.page.getByRole('heading', { name: /Sign in|Set a password first/ }).waitFor();
    await other.context.close();
  });

  test('nothing went wrong on the way', () => {
    const expected = /\/api\/events|ERR_FAILED/;
    assert.deepEqual(
      here.complaints.filter((complaint) => !expected.test(complaint)),
      [],
    );
  });
});

async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await until(
    () => page.locator('.mantine-Skeleton-root').count(),
    (count) => count === 0,
  );
}
