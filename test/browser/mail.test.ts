/**
 * Runs, a run and a probe in every state they have: nothing yet, on its way, filling in, full, failed, forgotten; in both languages, by mouse and keyboard. The mail
 * is the sandbox's own, and what is hostile in it comes the whole way, over SMTP and IMAP.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { PreviewJson } from '../../server/api/json/previews.ts';
import { addMonitor, addSeed, addSender, type Probe, type Run, startWorld, type World } from '../flow/world.ts';
import { hostileMails } from '../preview/hostile.ts';
import { axeIn } from './axe.ts';
import { noBrowser, openBrowser, until, type Visit } from './chromium.ts';
import { openAsOwner, openOnPhone } from './owner.ts';

const DAY_MS = 86_400_000;
const ALICE = { subject: '夏のお知らせ', text: 'Dear reader,\nlook here.' };

describe('runs, a run, a probe', { skip: noBrowser }, () => {
  let world: World;
  let browser: Browser;
  let here: Visit;
  let japanese: Visit;
  let ahead = 0;
  let monitor: string;
  let seeds: string[];
  let first: Run;
  let second: Run;

  const read = (id: string) => world.call<Run>('GET', `/api/runs/${id}`);
  const start = async (id = monitor) => (await world.call<{ id: string }>('POST', `/api/monitors/${id}/runs`)).id;
  const decided = (run: Run) => run.probes.every(({ outcome }) => !['queued', 'sending', 'accepted'].includes(outcome));
  const probeOf = (run: Run, seed: string): Probe => {
    const found = run.probes.find((probe) => probe.seed.startsWith(seed));
    assert.ok(found, seed);
    return found;
  };
  const open = async (page: Page, path: string): Promise<void> => {
    await page.goto(path);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await until(
      () => page.locator('.mantine-Skeleton-root').count(),
      (count) => count === 0,
    );
  };

  before(async () => {
    [world, browser] = await Promise.all([startWorld({}, () => Date.now() + ahead), openBrowser()]);
    here = await openAsOwner(browser, world, { viewport: { width: 1440, height: 900 } });
    japanese = await openOnPhone(browser, world, here);
  });
  after(async () => {
    await browser?.close();
    await world?.stop();
  });

  test('before anything ran the list says what belongs there', async () => {
    await open(here.page, '/runs');
    await here.page.getByText('No runs yet').waitFor();
    await open(japanese.page, '/runs');
    await japanese.page.getByText('まだ実行されていません').waitFor();
  });

  test('a run fills in while one looks, and says how long it may take', async () => {
    const sender = await addSender(world, 'good.test');
    seeds = [];
    for (const address of [
      'inbox@gmail.test',
      'promotions@gmail.test',
      'spam@outlook.test',
      'ann@yahoo.test',
      '550@plain.test',
    ])
      seeds.push(await addSeed(world, address));
    const missing = await addSeed(world, 'missing@plain.test');
    const html = `<h1 style="color:#0a7">Summer</h1>${hostileMails('http://127.0.0.1:9')
      .filter((_, at) => at % 12 === 0)
      .map((mail) => mail.html)
      .join('</style></title></textarea></script></svg></select></noscript></xmp></iframe>"\'>')}`;
    monitor = await addMonitor(world, sender, [...seeds, missing], {
      name: 'Letters',
      message: { ...ALICE, html },
      missingAfterSeconds: 12,
      watchSeconds: 15,
    });
    const id = await start();
    const { page } = here;
    await page.goto(`/runs/${id}`);
    await page.getByText(/The last answer comes .* at the latest\./).waitFor();
    await page.getByRole('link', { name: /inbox@gmail\.test\s*Inbox/ }).waitFor();
    await page.getByText('6 of 6 decided').waitFor({ timeout: 40_000 });
    assert.equal(await page.getByText('The last answer comes').count(), 0);
    await page.getByText('This is the first run of this monitor').waitFor();
    // Under five results there is no rate, and the count is said.
    const providers = page.getByRole('table', { name: 'By provider' });
    await providers.getByRole('row', { name: /Gmail.*not enough data \(n = 2\).*1 of 2/ }).waitFor();
    first = await read(id);
  });

  test('the next run names the seeds that have another answer', async () => {
    // Two are left out, one is new.
    const moved = await addSeed(world, 'spam@gmail.test');
    await world.call('PATCH', `/api/monitors/${monitor}`, { seedIds: [...seeds.slice(1), moved] });
    const id = await start();
    second = await until(() => read(id), decided, 60_000);
    const { page } = here;
    await open(page, `/runs/${id}`);
    const table = page.getByRole('table', { name: 'Against the run before' });
    await table.getByRole('row', { name: /spam@gmail\.test.*new here.*Spam/ }).waitFor();
    await table.getByRole('row', { name: /inbox@gmail\.test.*Inbox.*no longer sent to/ }).waitFor();
    await page.getByText('1 new · 2 left out').waitFor();
    await page.locator('.lead').getByRole('link', { name: 'The run before' }).click();
    await page.waitForURL(`**/runs/${first.id}`);
    await open(japanese.page, `/runs/${id}`);
    await japanese.page.getByRole('heading', { name: '前回との比較' }).waitFor();
    await japanese.page.getByText('今回から追加').first().waitFor();
  });

  test('the table for a spreadsheet has a line per seed, with what it was before', async () => {
    const { page } = here;
    await open(page, `/runs/${second.id}`);
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download CSV' }).click();
    const text = await readFile(await (await saving).path(), 'utf8');
    assert.equal(text.trim().split('\r\n').length, 1 + second.probes.length);
    assert.match(text, /promotions@gmail\.test,gmail,imap,Tab,Tab,/);
  });

  test('the list fills in live, narrows to a monitor in the address, and says when that one never ran', async () => {
    const { page } = here;
    const idle = await addMonitor(world, await addSender(world, 'good.test', { name: 'Other' }), [], {
      name: 'Idle',
      seedIds: seeds.slice(0, 1),
    });
    await open(page, '/runs');
    assert.equal(await page.getByRole('row').count(), 3);
    await page.getByRole('combobox', { name: 'Monitor' }).selectOption('Idle');
    await page.waitForURL(/monitor=/);
    await page.getByText('This monitor has not run yet').waitFor();
    await start(idle);
    await page.getByRole('row', { name: /Idle.*Inbox 1/ }).waitFor();
    await page.getByRole('combobox', { name: 'Monitor' }).selectOption('All monitors');
    await page
      .getByRole('row', { name: /Letters/ })
      .first()
      .waitFor();
    assert.doesNotMatch(page.url(), /monitor=/);
  });

  test('what a probe says: verdict, way, sightings, witnesses', async () => {
    const { page } = here;
    await open(page, `/probes/${probeOf(first, 'spam@').id}`);
    const verdict = page.getByRole('region', { name: 'Where it lies, and why' });
    assert.match((await verdict.textContent()) ?? '', /spam/i);
    const way = page.getByRole('region', { name: 'The way' });
    await way.getByText('Here it came in from outside').waitFor();
    assert.match((await way.textContent()) ?? '', /Planned.*Handed over.*Stored by the seed’s server.*Found by us/s);
    await page.getByRole('region', { name: 'Sightings' }).getByText('Folder: Junk Email').waitFor();
    const authentication = page.getByRole('region', { name: 'Authentication' });
    await authentication.getByRole('columnheader', { name: 'Reported by the receiver' }).waitFor();
    await authentication.getByRole('columnheader', { name: 'Verified by us' }).waitFor();
    await authentication.getByText('DNS record at that time').first().click();
    await authentication.getByText('v=spf1', { exact: false }).first().waitFor();
    await authentication.getByText(/Checked for the connection from .*, which called itself/).waitFor();
  });

  test('headers are decoded, found and shown as received', async () => {
    const { page } = here;
    await open(page, `/probes/${probeOf(first, 'ann@').id}`);
    const headers = page.getByRole('region', { name: 'Headers' });
    assert.match((await headers.textContent()) ?? '', /Subject夏のお知らせ/);
    await page.getByRole('searchbox', { name: 'Find in headers' }).fill('subject: 夏');
    await until(
      () => headers.locator('dt').allTextContents(),
      (names) => names.join() === 'Subject',
    );
    assert.ok((await headers.locator('mark').count()) > 0);
    await page.getByText('As received').click();
    await headers.getByText(/=\?utf-8\?/i).waitFor();
    await page.getByRole('searchbox', { name: 'Find in headers' }).fill('nothing has this');
    await page.getByText('No header has these words.').waitFor();
    await page.getByText(/^0 of \d+ headers$/).waitFor();
    await page.keyboard.press('Escape');
    await until(
      () => headers.locator('dt').count(),
      (count) => count > 8,
    );
  });

  test('the preview shows the mail and nothing in it runs, loads or leads away', async () => {
    const { page } = here;
    const { id } = probeOf(first, 'ann@');
    const preview = await world.call<PreviewJson>('GET', `/api/probes/${id}/preview`);
    assert.ok(preview.blocked.scripts > 10 && preview.blocked.images > 3, JSON.stringify(preview.blocked));
    await open(page, `/probes/${id}`);
    await page.getByRole('tab', { name: 'Preview' }).click();
    const element = page.locator('iframe');
    await element.waitFor();
    assert.equal(await element.getAttribute('sandbox'), '');
    await page.frameLocator('iframe').getByRole('heading', { name: 'Summer' }).waitFor();
    await page.getByText(/^Taken out: \d+ remote pictures, \d+ scripts/).waitFor();
    await page.getByText('Text', { exact: true }).click();
    await page.getByRole('region', { name: 'Text' }).getByText('Dear reader,').waitFor();
    await page.getByRole('tab', { name: 'Message' }).click();
    await page.getByRole('region', { name: 'Message' }).getByText('Summer', { exact: false }).waitFor();
    await open(japanese.page, `/probes/${id}`);
    await japanese.page.getByRole('tab', { name: 'プレビュー' }).click();
    await japanese.page.getByText(/^取り除いたもの：外部画像\d+件、スクリプト\d+件/).waitFor();
    await japanese.page.frameLocator('iframe').getByRole('heading', { name: 'Summer' }).waitFor();
  });

  test('axe finds nothing on the tabs of a probe, in either theme', async () => {
    const { page } = here;
    const findings: string[] = [];
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await open(page, `/probes/${probeOf(first, 'ann@').id}`);
    for (const tab of ['Headers', 'Preview', 'SMTP dialogue', 'Message']) {
      await page.getByRole('tab', { name: tab }).click();
      await page.getByRole('tabpanel', { name: tab }).waitFor();
      if (tab === 'Headers') await page.getByRole('searchbox').fill('from');
      if (tab === 'Preview') await page.locator('iframe').waitFor();
      for (const theme of ['light', 'dark'] as const)
        findings.push(...(await axeIn(page, theme)).map((finding) => `${tab}, ${finding}`));
    }
    assert.deepEqual(findings, []);
  });

  test('a mail that was never taken says so wherever something is missing', async () => {
    const { page } = here;
    await open(page, `/probes/${probeOf(first, '550@').id}`);
    await page.getByText('Not taken by the server', { exact: true }).waitFor();
    assert.ok((await page.getByText('The mail was not taken by the server').count()) >= 2);
    await page
      .getByRole('tabpanel', { name: 'SMTP dialogue' })
      .getByText(/^Server: 550 /)
      .waitFor();
    await open(japanese.page, `/probes/${probeOf(first, '550@').id}`);
    await japanese.page.getByText('サーバーが受け付けませんでした').waitFor();
  });

  test('the keyboard alone goes from the list to a header', async () => {
    const { page } = here;
    await open(page, `/runs/${first.id}`);
    const tile = page.getByRole('link', { name: /ann@yahoo\.test/ });
    await tile.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Probe to ann@yahoo.test' }).waitFor();
    await page.getByRole('tab', { name: 'Headers' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('tab', { name: 'Preview', selected: true }).waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Tab');
    await page.keyboard.type('from');
    assert.equal(await page.getByRole('searchbox').inputValue(), 'from');
  });

  test('the language changes without a reload', async () => {
    const { page } = japanese;
    await open(page, `/runs/${second.id}`);
    await page
      .getByRole('radio', { name: 'English' })
      .or(page.getByText('EN', { exact: true }))
      .first()
      .click();
    await page.getByRole('heading', { name: 'Against the run before' }).waitFor();
    await page.getByText('日本語', { exact: true }).first().click();
    await page.getByRole('heading', { name: '前回との比較' }).waitFor();
  });

  test('what fails says so, and the rest stands', async () => {
    const { page } = here;
    await page.route(`**/api/runs/${first.id}`, (route) => route.fulfill({ status: 500, body: 'boom' }));
    await page.goto(`/runs/${second.id}`);
    const panel = page.getByRole('region', { name: 'Against the run before' });
    await panel.getByRole('alert').waitFor();
    await page
      .getByRole('link', { name: /spam@gmail\.test/ })
      .first()
      .waitFor();
    await page.unroute(`**/api/runs/${first.id}`);
    await panel.getByRole('button', { name: 'Try again' }).click();
    await panel.getByRole('table').waitFor();
    await page.route('**/preview', (route) => route.fulfill({ status: 500, body: 'boom' }));
    await open(page, `/probes/${probeOf(second, 'ann@').id}`);
    await page.getByRole('tab', { name: 'Preview' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByRole('tab', { name: 'Headers' }).click();
    await page.getByRole('region', { name: 'Headers' }).waitFor();
    await page.unroute('**/preview');
    await open(page, '/probes/nothing-here');
    await page.getByRole('alert').waitFor();
  });

  test('while a run is on its way there are shapes, and nothing jumps', async () => {
    const { page } = here;
    let go: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    await page.route(`**/api/runs/${second.id}`, async (route) => {
      await gate;
      await route.continue();
    });
    await page.goto(`/runs/${second.id}`);
    await page.locator('.mantine-Skeleton-root').first().waitFor();
    await page.getByRole('heading', { name: 'Run', level: 1 }).waitFor();
    go();
    await page.getByRole('heading', { name: 'Run of Letters' }).waitFor();
    await page.unroute(`**/api/runs/${second.id}`);
  });

  test('a mail that is kept no longer says since when, and what was read from it stays', async () => {
    await world.call('PATCH', '/api/settings', { retention: { messageDays: 1, probeDays: null } });
    ahead += 2 * DAY_MS;
    const { id } = probeOf(first, 'ann@');
    await until(
      () => world.call<{ messageForgottenAt: string | null }>('GET', `/api/probes/${id}`),
      ({ messageForgottenAt }) => messageForgottenAt !== null,
      40_000,
    );
    await assert.rejects(world.call('GET', `/api/probes/${id}/preview`), /404.*forgotten/);
    const { page } = here;
    await open(page, `/probes/${id}`);
    await page.getByRole('region', { name: 'Headers' }).waitFor();
    for (const tab of ['Preview', 'Message']) {
      await page.getByRole('tab', { name: tab }).click();
      await page.getByText(/The copy of this mail was thrown away on/).waitFor();
    }
    await open(japanese.page, `/probes/${id}`);
    await japanese.page.getByRole('tab', { name: 'プレビュー' }).click();
    await japanese.page.getByText(/このメールの写しは、.*に削除されました/).waitFor();
  });

  test('nothing went wrong on the way', () => {
    assert.deepEqual([...here.complaints, ...japanese.complaints], []);
  });
});
