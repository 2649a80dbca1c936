/**
 * Looking around with made-up mailboxes, as a newcomer does it: from the empty first page and back, in both languages; with a tab of each world open, that hear
 * and show nothing of each other.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { createSignInLink } from '../../server/owner/links.ts';
import { type House, openHouse } from '../api/house.ts';
import { axe, axeIn } from './axe.ts';
import { noBrowser, openBrowser, until, type Visit, visit } from './chromium.ts';

const WORDS = {
  en: {
    locale: 'en-GB',
    overview: 'Overview',
    first: 'First, a sender',
    start: 'Look around with made-up mailboxes',
    name: /Made-up mailboxes/,
    tab: 'Overview · Todoku, made-up mailboxes',
    back: 'Back to my own',
    goOn: 'Go on looking around',
    remove: 'Remove',
    removeTitle: 'Remove the made-up mailboxes?',
    cancel: 'Cancel',
    gone: 'These made-up mailboxes are gone',
    settings: 'Settings',
    seeds: 'Seeds',
    addSeed: 'Add seed',
    language: 'en',
  },
  ja: {
    locale: 'ja-JP',
    overview: '概要',
    first: 'まず送信元を登録します',
    start: '架空のメールボックスで試してみる',
    name: /お試し環境/,
    tab: '概要 · Todoku（お試し環境）',
    back: '自分の環境に戻る',
    goOn: 'お試し環境に戻る',
    remove: '削除',
    removeTitle: 'お試し環境を削除しますか？',
    cancel: 'キャンセル',
    gone: 'このお試し環境は終了しました',
    settings: '設定',
    seeds: 'シード',
    addSeed: 'シードを追加',
    language: 'ja',
  },
} as const;

for (const words of Object.values(WORDS))
  describe(`looking around, ${words.language}`, { skip: noBrowser }, () => {
    let house: House;
    let browser: Browser;
    let here: Visit;
    let broken = false;
    /** Each step stands on the one before. */
    const step = (name: string, act: (page: Page) => Promise<void>) =>
      test(name, async (t) => {
        if (broken) return t.skip('an earlier step failed');
        broken = true;
        await act(here.page);
        broken = false;
      });
    const banner = (page: Page) => page.getByRole('region', { name: words.name });
    const probes = async (page: Page): Promise<number> => page.locator('.rows tbody tr').count();

    before(async () => {
      [house, browser] = await Promise.all([openHouse(), openBrowser()]);
      // Who has left the guide: else it would open instead of the overview.
      await house.api('PATCH', '/api/settings', { guide: 'left' });
      here = await visit(browser, house.todoku.url, { locale: words.locale, viewport: { width: 1280, height: 900 } });
    });
    after(async () => {
      await browser?.close();
      await house?.close();
    });

    step('the empty overview offers it; one press leads there', async (page) => {
      await page.goto(await createSignInLink(house.todoku.app, house.todoku.url));
      await page.getByText(words.first).waitFor();
      await page.getByRole('button', { name: words.start }).click();
      await page.waitForURL('**/trial/');
      await banner(page).waitFor();
      assert.equal(await page.evaluate('document.documentElement.lang'), words.language);
      await until(
        () => page.title(),
        (title) => title === words.tab,
      );
    });

    step('results come in by themselves', async (page) => {
      await page.evaluate('window.sameWindow = true');
      await page.getByRole('heading', { name: words.overview, level: 1 }).waitFor();
      await until(
        () => page.locator('.headline-number:not(.none)').count(),
        (numbers) => numbers >= 4,
        15_000,
      );
      assert.ok((await probes(page)) >= 3, 'the latest runs');
      assert.equal(await page.evaluate('window.sameWindow'), true);
    });

    step('a tab of one’s own world beside it stays as empty as it is', async (page) => {
      const own = await here.context.newPage();
      const asked: string[] = [];
      own.on('request', (request) => asked.push(new URL(request.url()).pathname));
      await own.goto('/');
      await own.getByText(words.first).waitFor();
      assert.equal(await banner(own).count(), 0);
      const { json } = await asOwner<{ items: { id: string }[] }>('GET', '/trial/api/monitors');
      // While mail comes in there, nothing is fetched anew here; a change here is heard.
      const overviews = () => asked.filter((path) => path === '/api/overview').length;
      const before = overviews();
      const listened = page.waitForResponse((response) => response.url().includes('/trial/api/overview'));
      await here.page.evaluate(`fetch('/trial/api/monitors/${json.items[0]?.id}/runs', { method: 'POST' })`);
      await listened;
      house.todoku.app.announce({ topic: 'seed', id: 'x' });
      await until(
        async () => overviews(),
        (count) => count > before,
      );
      assert.equal(overviews(), before + 1);
      assert.deepEqual(
        asked.filter((path) => path.includes('/trial/')),
        [],
      );
      await own.getByText(words.first).waitFor();
      await own.close();
    });

    step('every page of it says what it is; accounts and settings of one’s own are not among them', async (page) => {
      const seeds = page.getByRole('link', { name: words.seeds, exact: true }).first();
      if (await seeds.count()) await seeds.click();
      else await page.goto('/trial/seeds');
      await page.waitForURL('**/trial/seeds');
      await page.getByRole('row', { name: /inbox@gmail\.test/ }).waitFor();
      await banner(page).waitFor();
      assert.equal(await page.getByRole('link', { name: words.addSeed }).count(), 0);
      assert.equal(await page.getByRole('link', { name: words.settings }).count(), 0);
      await page.goto('/trial/settings');
      await page.waitForURL(/\/settings$/);
      await page.getByRole('heading', { name: words.settings, level: 1 }).waitFor();
      assert.equal(new URL(page.url()).pathname, '/settings');
      await page.goto('/trial/senders');
      await page.getByRole('checkbox').first().waitFor();
      assert.equal(await page.locator('a[href$="/senders/import"]').count(), 0);
      await page.goto('/trial/senders/import');
      await page.waitForURL((url) => url.pathname === '/senders/import');
      assert.equal(await banner(page).count(), 0);
      await page.goto('/trial/seeds/new');
      await page.waitForURL((url) => url.pathname === '/seeds/new');
      assert.equal(await banner(page).count(), 0);
    });

    step('axe finds nothing, and nothing is wider than a phone', async (page) => {
      await page.goto('/trial/');
      await banner(page).waitFor();
      await until(
        () => page.locator('.mantine-Skeleton-root').count(),
        (count) => count === 0,
      );
      for (const theme of ['light', 'dark'] as const) assert.deepEqual(await axeIn(page, theme), []);
      await page.setViewportSize({ width: 390, height: 844 });
      for (const path of ['/trial/', '/trial/runs', '/trial/seeds']) {
        await page.goto(path);
        await banner(page).waitFor();
        assert.equal(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'), 0, path);
        const { height } = (await banner(page).boundingBox()) ?? { height: 0 };
        assert.ok(height > 30 && height < 70, `the banner is ${height} px high`);
        await banner(page).getByRole('button', { name: words.remove }).click({ trial: true });
      }
      await page.setViewportSize({ width: 1280, height: 900 });
    });

    step('back, and there again', async (page) => {
      await page.goto('/trial/');
      await banner(page).getByRole('link', { name: words.back }).click();
      await page.waitForURL((url) => url.pathname === '/');
      await page.getByText(words.first).waitFor();
      await page.getByRole('link', { name: words.goOn }).waitFor();
      assert.deepEqual(await axe(page), []);
      await page.getByRole('link', { name: words.goOn }).click();
      await page.waitForURL('**/trial/');
      await banner(page).waitFor();
    });

    step('removing asks once; other tabs say that it is gone', async (page) => {
      const other = await here.context.newPage();
      await other.goto('/trial/runs');
      await banner(other).waitFor();
      await banner(page).getByRole('button', { name: words.remove }).click();
      const dialog = page.getByRole('dialog', { name: words.removeTitle });
      await dialog.waitFor();
      for (const theme of ['dark', 'light'] as const) assert.deepEqual(await axeIn(page, theme), []);
      await dialog.getByRole('button', { name: words.cancel }).click();
      await dialog.waitFor({ state: 'detached' });
      assert.equal((await asOwner('GET', '/api/trial')).json.state, 'on');
      await banner(page).getByRole('button', { name: words.remove }).click();
      await dialog.getByRole('button', { name: words.remove }).click();
      await page.waitForURL((url) => url.pathname === '/');
      await page.getByRole('button', { name: words.start }).waitFor();
      assert.equal((await asOwner('GET', '/api/trial')).json.state, 'off');

      await other.getByRole('heading', { name: words.gone }).waitFor();
      assert.deepEqual(await axe(other), []);
      await other.setViewportSize({ width: 390, height: 844 });
      assert.equal(await other.evaluate('document.documentElement.scrollWidth - window.innerWidth'), 0);
      await other.getByRole('button', { name: words.start }).click();
      await other.waitForURL('**/trial/');
      await banner(other).waitFor();
      await other.close();
      // The tab at home hears of it.
      await page.getByRole('link', { name: words.goOn }).waitFor();
    });

    step('who is signed out signs in where they are', async (page) => {
      await page.goto('/trial/seeds?tag=b2b');
      await page.getByRole('row', { name: /inbox@outlook\.test/ }).waitFor();
      const link = new URL(await createSignInLink(house.todoku.app, house.todoku.url));
      await here.context.clearCookies();
      await page.goto('/trial/seeds?tag=b2b');
      await page.waitForURL(/\/trial\/sign-in\?to=/);
      // Opened anew: an address that differs only behind the # would not be loaded again.
      const asked = page.url();
      await page.goto('about:blank');
      await page.goto(`${asked}#${link.searchParams}`);
      await page.waitForURL('**/trial/seeds?tag=b2b');
      await page.getByRole('row', { name: /inbox@outlook\.test/ }).waitFor();
      await banner(page).waitFor();
    });

    test('nothing went wrong on the way', () => {
      assert.deepEqual(
        here.complaints.filter((complaint) => !/\/trial\/api\/events/.test(complaint)),
        [],
      );
    });

    async function asOwner<Reply = Record<string, unknown>>(method: string, path: string) {
      return house.api<Reply>(method, path);
    }
  });
