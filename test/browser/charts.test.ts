/**
 * Charts and the pages that are made of them, in both languages: the overview with its filters, what changed, and pictures to take away; the monitors with their
 * last runs; one monitor with all its charts; and how each looks while it loads, when it fails, when there is nothing, and when something happens.
 *
 * Two weeks are made by turning the clock: some mail a fortnight ago, then more of it today with another message.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { addMonitor, addSeed, addSender, type Run, startRun, startWorld, type World } from '../flow/world.ts';
import { noBrowser, openBrowser, until, type Visit, visit } from './chromium.ts';
import { openAsOwner } from './owner.ts';

const DAY = 86_400_000;
const SEEDS = [
  'inbox@gmail.test',
  'mia@gmail.test',
  'promotions@gmail.test',
  'inbox@outlook.test',
  'noah@outlook.test',
  'spam@outlook.test',
];

describe('charts', { skip: noBrowser }, () => {
  let world: World;
  let browser: Browser;
  let visits: Record<'en' | 'ja', Visit>;
  let sender: string;
  let monitor: string;
  let idle: string;
  let behind = 9 * DAY;

  before(async () => {
    [world, browser] = await Promise.all([startWorld({}, () => Date.now() - behind), openBrowser()]);
    sender = await addSender(world, 'good.test');
    const seeds: string[] = [];
    for (const address of SEEDS)
      seeds.push(await addSeed(world, address, 'imap', { tags: address.includes('outlook') ? ['office'] : ['home'] }));
    const deadlines = { lateAfterSeconds: 300, missingAfterSeconds: 3600, watchSeconds: 7200 };
    monitor = await addMonitor(world, sender, seeds, { name: 'News', ...deadlines });
    idle = await addMonitor(world, sender, seeds.slice(0, 2), { name: 'Idle', ...deadlines });
    await placed(await startRun(world, monitor));
    behind = 0;
    await world.call('PATCH', `/api/monitors/${monitor}`, {
      message: { template: 'one-link', language: 'en' },
      schedule: { cron: '0 9 * * *', timeZone: 'Asia/Tokyo' },
    });
    await placed(await startRun(world, monitor));
    const first = await openAsOwner(browser, world);
    const storageState = await first.context.storageState();
    await first.context.close();
    const open = (locale: string) =>
      visit(browser, world.todoku.url, { storageState, locale, viewport: { width: 1440, height: 900 } });
    visits = { en: await open('en-GB'), ja: await open('ja-JP') };
  });
  after(async () => {
    await browser?.close();
    await world?.stop();
  });

  const placed = (id: string): Promise<Run> =>
    until(
      () => world.call<Run>('GET', `/api/runs/${id}`),
      ({ probes }) => probes.every((probe) => probe.outcome === 'placed'),
      60_000,
    );

  for (const { language, words } of [
    {
      language: 'en',
      words: {
        charts: [
          'Placement over time',
          'Inbox rate over time',
          'Inbox rate by provider',
          'Delivery time',
          'Authentication',
        ],
        heatmap: 'Inbox rate by provider and time',
        changed: 'What changed',
        message: /Message changed/,
        lead: /of test mails reached the inbox/,
        percentiles: /Half within/,
        next: 'Next runs',
        reported: 'SPF reported',
        monitors: 'Monitors',
        beats: /Runs of News: .*Inbox \d · Tab 1 · Spam 1/,
      },
    },
    {
      language: 'ja',
      words: {
        charts: [
          '振り分け結果の推移',
          '受信トレイ到達率の推移',
          'プロバイダー別 受信トレイ到達率',
          '配信時間',
          '送信ドメイン認証',
        ],
        heatmap: 'プロバイダー別・時間別 受信トレイ到達率',
        changed: '変更の記録',
        message: /メッセージの変更/,
        lead: /受信トレイに届きました/,
        percentiles: /半数は.*以内/,
        next: '次回以降の実行',
        reported: 'SPF 受信側の判定',
        monitors: 'モニター',
        beats: /Newsのテスト実行：.*受信トレイ \d · タブ 1 · 迷惑メール 1/,
      },
    },
  ] as const) {
    test(`the overview says how it is, in words, charts and tables, ${language}`, async () => {
      const { page } = visits[language];
      await open(page, '/');
      await page.getByText(words.lead).waitFor();
      for (const title of words.charts) {
        const figure = page.getByRole('figure', { name: title, exact: true });
        // What screen readers get: a table with a line for each bar.
        assert.ok((await figure.getByRole('table').getByRole('row').count()) > 1, title);
        assert.equal(await figure.locator('canvas').count(), 1, title);
      }
      await page.getByRole('rowheader', { name: words.reported }).waitFor({ state: 'attached' });
      const changed = page.getByRole('region', { name: words.changed });
      await changed.getByText(words.message).waitFor();
      await changed.getByRole('link', { name: 'News' }).first().waitFor();
    });

    test(`a monitor shows its runs, its plan and its numbers, ${language}`, async () => {
      const { page } = visits[language];
      await open(page, `/monitors/${monitor}?range=30d`);
      assert.equal(await page.getByRole('region', { name: words.next }).getByRole('listitem').count(), 5);
      for (const title of [...words.charts, words.heatmap])
        assert.equal(await page.getByRole('figure', { name: title, exact: true }).locator('canvas').count(), 1, title);
      await page.getByText(words.percentiles).waitFor();
      await page.getByRole('region', { name: words.changed }).getByText(words.message).waitFor();
      await page.getByRole('link', { name: words.beats }).waitFor();
    });

    test(`the monitors have their last runs, ${language}`, async () => {
      const { page } = visits[language];
      await open(page, '/monitors');
      await page.getByRole('heading', { name: words.monitors, level: 1 }).waitFor();
      await page.getByRole('row', { name: /News/ }).getByRole('link', { name: words.beats }).waitFor();
      assert.equal(await page.locator('.beat').count(), 30);
    });
  }

  test('filters stand in the address, and are taken back together', async () => {
    const { page } = visits.en;
    await open(page, '/');
    const n = async (): Promise<string> =>
      (await page
        .getByText(/, n\s=\s\d+$/)
        .first()
        .textContent()) ?? '';
    const all = await n();
    await page.getByRole('combobox', { name: 'Tag' }).selectOption('office');
    await page.getByRole('combobox', { name: 'Provider' }).selectOption('Outlook.com / Microsoft 365');
    await page.waitForURL(/provider=outlook.*tag=office|tag=office.*provider=outlook/);
    await page.getByText('Not enough data yet to state a rate (n = 3).').waitFor();
    await page.reload();
    await page.getByText('Not enough data yet to state a rate (n = 3).').waitFor();
    await page.getByRole('combobox', { name: 'Provider' }).selectOption('iCloud Mail');
    await page.getByText('No results with these filters in this time range.').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.waitForURL((url) => !url.search.includes('tag='));
    await until(n, (text) => text === all);
    // A link to what is gone is filtered all the same, and shows that it is.
    await open(page, '/?monitor=gone');
    assert.equal(await page.getByRole('combobox', { name: 'Monitor' }).inputValue(), 'gone');
  });

  test('a span of one’s own is typed by the reader’s clock, and leads back', async () => {
    const { page } = visits.en;
    await open(page, '/?range=30d');
    await page.getByText('Own', { exact: true }).click();
    const show = page.getByRole('button', { name: 'Show', exact: true });
    await page.getByLabel('From (Europe/Berlin)').fill('2026-01-02T00:00');
    await page.getByLabel('To (Europe/Berlin)').fill('2026-01-01T00:00');
    await show.click();
    await page.getByRole('alert').getByText('The end needs to be after the beginning').waitFor();
    await page.getByLabel('To (Europe/Berlin)').fill('2026-01-04T00:00');
    await show.click();
    await page.waitForURL(/from=2026-01-01T23/);
    await page.getByText('No results in this time range.').waitFor();
    await page.getByRole('button', { name: 'Back to 30 days' }).click();
    await page.waitForURL((url) => url.search === '?range=30d');
  });

  test('pointing at one chart shows the same moment in the others', async () => {
    const { page } = visits.en;
    await open(page, `/monitors/${monitor}?range=30d`);
    const picture = (at: number) => page.evaluate<string>(`document.querySelectorAll('canvas')[${at}].toDataURL()`);
    const before = [await picture(1), await picture(2)];
    const last = await page.locator('canvas').first().boundingBox();
    assert.ok(last);
    await page.mouse.move(last.x + last.width - 20, last.y + 150);
    await page.mouse.move(last.x + last.width - 16, last.y + 150);
    await until(
      async () => [await picture(1), await picture(2)],
      (now) => now[0] !== before[0] && now[1] !== before[1],
    );
    await page.mouse.move(2, 2);
    await until(
      async () => [await picture(1), await picture(2)],
      (now) => now[0] === before[0] && now[1] === before[1],
    );
  });

  test('a chart can be taken away as a picture and as a table', async () => {
    const { page } = visits.en;
    await open(page, `/monitors/${monitor}?range=30d`);
    for (const title of ['Placement over time', 'Inbox rate by provider and time', 'Delivery time']) {
      const saving = page.waitForEvent('download');
      await page.getByRole('button', { name: `${title}: save as picture` }).click();
      const download = await saving;
      assert.match(download.suggestedFilename(), /\.png$/);
      const picture = await readFile(await download.path());
      assert.equal(picture.subarray(1, 4).toString(), 'PNG');
      const canvas = await page.getByRole('figure', { name: title, exact: true }).locator('canvas').boundingBox();
      // Twice as many points as on the screen, with a margin of 20 on either side.
      assert.equal(picture.readUInt32BE(16), 2 * ((canvas?.width ?? 0) + 40), title);
    }
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Inbox rate by provider and time: download CSV' }).click();
    const lines = (await readFile(await (await saving).path(), 'utf8'))
      .replace(/^\ufeff/, '')
      .trim()
      .split('\r\n');
    assert.equal(lines[0], 'Time (Europe/Berlin),Provider,Inbox,At least,At most,n');
    assert.equal(lines.length, 1 + 2 * 2, lines.join('\n'));
    assert.match(lines[1] ?? '', /^\d{4}-\d\d-\d\d,/);
  });

  test('the row of runs is one stop for the keyboard: arrows choose, Enter opens', async () => {
    const { page } = visits.en;
    await open(page, '/monitors');
    const beats = page.getByRole('row', { name: /News/ }).getByRole('link', { name: /Runs of News/ });
    const newest = await beats.getAttribute('href');
    await beats.focus();
    await page.keyboard.press('ArrowLeft');
    const older = await until(
      () => beats.getAttribute('href'),
      (href) => href !== newest,
    );
    // Said aloud, since a screen reader does not read a changed name by itself.
    await page
      .getByRole('status')
      .filter({ hasText: /Inbox \d/ })
      .waitFor();
    await page.keyboard.press('Home');
    assert.equal(await beats.getAttribute('href'), older);
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.pathname === older);
  });

  test('a monitor is paused, resumed and duplicated from the list', async () => {
    const { page } = visits.en;
    await open(page, '/monitors');
    const row = page.getByRole('row', { name: /Idle/ });
    const choose = async (item: string): Promise<void> => {
      await row.getByRole('button', { name: 'More for Idle' }).click();
      await page.getByRole('menuitem', { name: item }).click();
    };
    await choose('Pause');
    await row.getByText('Paused').waitFor();
    await choose('Resume');
    await row.getByText('Active').waitFor();
    await choose('Duplicate');
    const name = page.getByRole('textbox', { name: 'Name' });
    await until(
      () => name.inputValue(),
      (value) => value === 'Idle (copy)',
    );
    await page.getByText('2 seeds will get a mail in each run.').waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Idle (copy)' }).waitFor();
    const made = await world.call<{ items: { name: string; schedule: null; seedIds: string[] }[] }>(
      'GET',
      '/api/monitors',
    );
    assert.equal(made.items.find((one) => one.name === 'Idle (copy)')?.seedIds.length, 2);
  });

  test('a monitor that never ran says so, and shows its first mail as it lands', async () => {
    const { page } = visits.en;
    await open(page, `/monitors/${idle}`);
    await page.getByText('Not run yet').waitFor();
    assert.equal(await page.getByRole('figure').count(), 0);
    await startRun(world, idle);
    // Nobody reloads: the line to the server tells.
    await page.getByRole('link', { name: /Runs of Idle: .*Inbox 2/ }).waitFor({ timeout: 40_000 });
    const figure = page.getByRole('figure', { name: 'Placement over time' });
    await figure
      .getByRole('table')
      .getByRole('cell', { name: '2', exact: true })
      .first()
      .waitFor({ state: 'attached' });
  });

  test('the overview moves by itself while mail lands', async () => {
    const { page } = visits.en;
    await open(page, '/?range=24h');
    const runs = page.getByRole('region', { name: 'Latest runs' }).getByRole('row');
    const before = await runs.count();
    await placed(await startRun(world, monitor));
    await until(
      () => runs.count(),
      (count) => count === before + 1,
    );
  });

  test('a monitor does not repeat its name on each of its runs', async () => {
    const { page } = visits.en;
    await open(page, `/monitors/${monitor}`);
    const runs = page.getByRole('region', { name: 'Latest runs' });
    assert.match(
      (await runs.getByRole('rowheader').first().getByRole('link').getAttribute('href')) ?? '',
      /^\/runs\/./,
    );
    assert.deepEqual(await runs.getByRole('columnheader').allTextContents(), ['Started', 'Result', 'State']);
  });

  test('a period is held against the one before', async () => {
    const { page } = visits.en;
    await open(page, '/');
    await page.getByText(/^Compared with /).waitFor();
    // Three of six and more went to the inbox then and now: nobody may call that a change.
    await page.getByText(/No clear change from the period before/).waitFor();
    const figure = page.getByRole('figure', { name: 'Inbox rate by provider', exact: true });
    await figure.getByRole('columnheader', { name: 'Period before' }).waitFor({ state: 'attached' });
  });

  test('what needs attention is announced at the top', async () => {
    const { page } = visits.en;
    await world.call('PATCH', `/api/senders/${sender}`, { paused: true });
    await open(page, '/');
    await page.getByRole('link', { name: '1 thing needs attention' }).click();
    await page.getByRole('link', { name: 'good.test is paused' }).waitFor();
    await world.call('PATCH', `/api/senders/${sender}`, { paused: false });
    await page.getByText('Nothing needs attention.').waitFor();
    await page.getByRole('region', { name: 'What changed' }).getByText('Sender resumed').first().waitFor();
  });

  test('while it loads, the page has the shape it will have', async () => {
    const { page } = visits.en;
    let go = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    await page.route(/\/api\/(overview|heartbeats|monitors)/, async (route) => {
      await gate;
      await route.continue();
    });
    for (const [path, figures] of [
      ['/', 5],
      [`/monitors/${monitor}`, 6],
    ] as const) {
      await page.goto(path);
      await page.getByRole('figure').first().waitFor();
      assert.equal(await page.getByRole('figure').count(), figures, path);
      assert.ok((await page.locator('.mantine-Skeleton-root').count()) > figures, path);
      assert.equal(await page.locator('canvas').count(), 0, path);
    }
    go();
    await page.locator('canvas').first().waitFor();
    await page.unroute(/\/api\/(overview|heartbeats|monitors)/);
  });

  test('what fails says so, leaves the rest standing, and heals', async () => {
    const { page } = visits.en;
    const boom = /\/api\/overview/;
    await page.route(boom, (route) => route.fulfill({ status: 500, contentType: 'text/plain', body: 'boom' }));
    await page.goto('/');
    await page.getByRole('alert').waitFor();
    await page.goto(`/monitors/${monitor}`);
    await page.getByRole('alert').waitFor();
    assert.doesNotMatch((await page.getByRole('main').textContent()) ?? '', /boom|500/);
    // The heatmap and the delivery times come by other ways.
    await page.getByRole('figure', { name: 'Delivery time' }).locator('canvas').waitFor();
    await page.getByRole('link', { name: /Runs of News/ }).waitFor();
    await page.unroute(boom);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('figure', { name: 'Placement over time' }).locator('canvas').waitFor();
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });

  test('the language changes without a reload, in charts too', async () => {
    const { page } = visits.en;
    await open(page, `/monitors/${monitor}`);
    await page.evaluate('window.same = true');
    await page.getByRole('radiogroup').getByText('日本語').first().click();
    await page
      .getByRole('figure', { name: '振り分け結果の推移' })
      .getByRole('columnheader', { name: '受信トレイ' })
      .waitFor({
        state: 'attached',
      });
    assert.equal(await page.evaluate('window.same'), true);
    await page.getByRole('radiogroup').getByText('EN').first().click();
    await page.getByRole('figure', { name: 'Placement over time' }).waitFor();
  });

  test('nothing went wrong on the way', () => {
    assert.deepEqual([...visits.en.complaints, ...visits.ja.complaints], []);
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
