/**
 * Senders and seeds as lists that one works with: how they are doing, what a check is doing while it does it, tags where they stand, the same done to many at once, and what
 * a page says when there is nothing, when it fails, and when a budget is used up.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { holdSender } from '../../db/senders.ts';
import en from '../../web/messages/guide/en.json' with { type: 'json' };
import ja from '../../web/messages/guide/ja.json' with { type: 'json' };
import { addMonitor, addSeed, addSender, startWorld, type World } from '../flow/world.ts';
import { axe } from './axe.ts';
import { noBrowser, openBrowser, until, type Visit } from './chromium.ts';
import { openAsOwner } from './owner.ts';

const ADDRESSES = ['inbox@gmail.test', 'spam@outlook.test', 'mia@yahoo.test', 'imap-down@outlook.test'];
type SeedItem = { id: string; address: string; tags: string[]; pausedAt: string | null; checkedAt: string | null };

describe('senders and seeds', { skip: noBrowser }, () => {
  let world: World;
  let browser: Browser;
  let here: Visit;
  let silent: Server;
  let sender: string;
  const seeds = async () => (await world.call<{ items: SeedItem[] }>('GET', '/api/seeds')).items;
  const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });
  const pick = async (page: Page, ...addresses: string[]) => {
    for (const address of addresses) await page.getByRole('checkbox', { name: `Choose ${address}` }).check();
  };

  before(async () => {
    [world, browser] = await Promise.all([startWorld(), openBrowser()]);
    // Takes connections and never says a word.
    silent = createServer((socket) => socket.on('error', () => socket.destroy())).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    here = await openAsOwner(browser, world, { viewport: { width: 1280, height: 900 } });
  });
  after(async () => {
    await browser?.close();
    silent?.close();
    await world?.stop();
  });

  test('nothing there yet: both pages say what belongs here and offer it', async () => {
    const { page } = here;
    await page.goto('/senders');
    await page.getByText('No senders yet').waitFor();
    await page.goto('/seeds');
    await page.getByText('No seed accounts yet').waitFor();
    await page.getByRole('link', { name: 'Import' }).last().waitFor();
  });

  test('a budget: what is used, what is planned, and when the next place gets free', async () => {
    const { page } = here;
    sender = await addSender(world, 'good.test', { name: 'Newsletter', dailyLimit: 100 });
    const ids: string[] = [];
    for (const address of ADDRESSES) ids.push(await addSeed(world, address, 'imap', { tags: ['news'] }));
    await addMonitor(world, sender, ids, { name: 'Daily', schedule: { cron: '0 9 * * *', timeZone: 'UTC' } });
    await page.goto('/senders');
    await row(page, 'Newsletter').getByText('0 of 100').waitFor();
    await row(page, 'Newsletter').getByText('4 planned a day').waitFor();
    // Full: the oldest of what was sent leaves the window in four hours.
    const { app } = world.todoku;
    const oldest = app.now() - 20 * 3_600_000;
    for (let at = 0; at < 100; at++)
      await app.db
        .insertInto('sender_uses')
        .values({ id: `use-${at}`, sender_id: sender, at: oldest + at * 1000 })
        .execute();
    app.announce({ topic: 'sender', id: sender });
    const free = row(page, 'Newsletter').locator('time', { hasText: 'Next place free' });
    await free.waitFor();
    assert.equal(await free.getAttribute('datetime'), new Date(oldest + 86_400_000).toISOString());
    await app.db.deleteFrom('sender_uses').execute();
  });

  test('bounces that nobody sees are told of, until the address is read', async () => {
    const { page } = here;
    await page.goto('/senders');
    const panel = page.getByRole('region', { name: 'Bounces not seen' });
    await panel.getByText('probe@good.test').first().waitFor();
    await panel.getByRole('link', { name: 'Read it too probe@good.test' }).click();
    await page.getByRole('heading', { name: 'Add seed' }).waitFor();
    assert.equal(await page.getByRole('textbox', { name: 'Address', exact: true }).inputValue(), 'probe@good.test');
    await page.goto('/senders');
    await panel.waitFor();
    const own = await addSeed(world, 'inbox@gmail.test', 'pop3', { address: 'Probe@good.test' });
    await panel.waitFor({ state: 'detached' });
    await world.call('DELETE', `/api/seeds/${own}`);
  });

  test('a check shows what it is doing; on a server that is stuck one sees where', async () => {
    const { page } = here;
    const { port } = silent.address() as { port: number };
    const stuck = await addSeed(world, 'stuck@plain.test', 'imap', { host: '127.0.0.1', port, security: 'tls' });
    await page.goto('/seeds');
    await row(page, 'stuck@plain.test').getByRole('button', { name: 'Check' }).click();
    const steps = page.getByRole('dialog').getByRole('listitem');
    await steps.filter({ hasText: 'Agreeing on encryption' }).and(page.locator('[data-now]')).waitFor();
    assert.deepEqual(await steps.allTextContents(), [
      'Finding 127.0.0.1',
      `Connecting to port ${port}`,
      'Agreeing on encryption',
      'Signing in as stuck@plain.test',
      'Listing the folders',
    ]);
    await page.keyboard.press('Escape');
    await world.call('DELETE', `/api/seeds/${stuck}`);
    // One that answers: the story, and for a sender what was said, without the password.
    await page.goto('/senders');
    await row(page, 'Newsletter').getByRole('button', { name: 'Check' }).click();
    await page.getByText(/Signed in over TLS 1\.3,.*nothing was sent/).waitFor();
    await page.getByText('What was said').click();
    await page.getByText('AUTH PLAIN ***').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).last().click();
    await row(page, 'Newsletter').getByText('Works').waitFor();
  });

  test('tags change where they stand, and Esc gives them back', async () => {
    const { page } = here;
    await page.goto('/seeds');
    await page.getByRole('button', { name: 'Edit tags of mia@yahoo.test' }).click();
    const field = page
      .getByRole('textbox', { name: 'Tags of mia@yahoo.test' })
      .or(page.getByRole('combobox', { name: 'Tags of mia@yahoo.test' }));
    await field.first().fill('vip');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Seeds' }).click();
    await until(seeds, (list) => list.find((one) => one.address === 'mia@yahoo.test')?.tags.join() === 'news,vip');
    await row(page, 'mia@yahoo.test').getByText('vip').waitFor();
    await page.getByRole('button', { name: 'Edit tags of mia@yahoo.test' }).click();
    await field.first().fill('never');
    await page.keyboard.press('Escape');
    await field.first().waitFor({ state: 'detached' });
    assert.equal(
      await page.evaluate('document.activeElement.getAttribute("aria-label")'),
      'Edit tags of mia@yahoo.test',
    );
    assert.equal((await seeds()).find((one) => one.address === 'mia@yahoo.test')?.tags.join(), 'news,vip');
  });

  test('a new password is stored and checked, and what is stored now can be checked again', async () => {
    const { page } = here;
    const seed = (await seeds()).find(({ address }) => address === 'mia@yahoo.test');
    const { password } = await world.sandbox.seed('mia@yahoo.test', 'imap');
    await page.goto(`/seeds/${seed?.id}`);
    await page.getByRole('button', { name: 'Replace' }).click();
    await page.getByRole('textbox', { name: 'Password' }).fill(password);
    await page.getByRole('button', { name: 'Save and check' }).click();
    await page.getByText(/Signed in over TLS/).waitFor();
    const again = page.getByRole('button', { name: 'Check', exact: true });
    await until(
      () => again.isEnabled(),
      (enabled) => enabled,
      5_000,
    );
  });

  test('the list is narrowed down by its address, which can be sent to a colleague', async () => {
    const { page } = here;
    await page.goto('/seeds');
    await page.getByRole('combobox', { name: 'Tag' }).selectOption('vip');
    await page.waitForURL(/tag=vip/);
    await until(
      () => page.getByRole('row').count(),
      (rows) => rows === 2,
    );
    await page.goto('/seeds?provider=outlook');
    await until(
      () => page.getByRole('row').count(),
      (rows) => rows === 3,
    );
    assert.equal(await page.getByRole('combobox', { name: 'Provider' }).inputValue(), 'outlook');
    await page.goto('/seeds?state=paused');
    await page.getByText('Nothing here has “Paused” in it.').waitFor();
  });

  test('many at once: paused, resumed, tagged; what is out of sight is left alone', async () => {
    const { page } = here;
    await page.goto('/seeds');
    await pick(page, 'inbox@gmail.test', 'spam@outlook.test');
    const bar = page.getByRole('region', { name: 'With those that are chosen' });
    await bar.getByText('2 chosen').waitFor();
    await bar.getByRole('button', { name: 'Pause' }).click();
    await row(page, 'inbox@gmail.test').getByText('Paused').waitFor();
    await until(seeds, (list) => list.filter((one) => one.pausedAt !== null).length === 2);
    // Narrowed down, only what one sees is chosen.
    await page.getByRole('searchbox', { name: 'Find a seed' }).fill('spam');
    await bar.getByText('1 chosen').waitFor();
    await bar.getByRole('button', { name: 'Resume' }).click();
    await until(
      seeds,
      (list) =>
        list
          .filter((one) => one.pausedAt !== null)
          .map((one) => one.address)
          .join() === 'inbox@gmail.test',
    );
    await page.getByRole('searchbox', { name: 'Find a seed' }).fill('');
    await bar.getByRole('button', { name: 'Resume' }).click();
    await until(seeds, (list) => list.every((one) => one.pausedAt === null));
    await bar.getByRole('button', { name: 'Choose all 4' }).click();
    await bar.getByRole('button', { name: 'Tags' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Add these').first().fill('autumn');
    await page.keyboard.press('Enter');
    await dialog.getByRole('checkbox', { name: 'news (4)' }).check();
    await dialog.getByRole('button', { name: 'Change tags' }).click();
    await until(seeds, (list) => list.every((one) => one.tags.includes('autumn') && !one.tags.includes('news')));
    await page.getByText('4 seeds changed').waitFor();
  });

  test('what floats over the list has no finding of axe, and goes with Esc', async () => {
    const { page } = here;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const findings: string[] = [];
    await page.goto('/seeds');
    await page.getByRole('checkbox', { name: 'Choose all 4' }).check();
    const bar = page.getByRole('region', { name: 'With those that are chosen' });
    await bar.waitFor();
    findings.push(...(await axe(page)));
    await bar.getByRole('button', { name: 'Tags' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Add these').first().waitFor();
    findings.push(...(await axe(page)));
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.setViewportSize({ width: 390, height: 844 });
    assert.equal(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'), 0);
    await page.setViewportSize({ width: 1280, height: 900 });
    assert.deepEqual(findings, []);
  });

  test('many are checked, with a count, and a reason for each that fails', async () => {
    const { page } = here;
    await page.goto('/seeds');
    await page.getByRole('checkbox', { name: 'Choose all 4' }).check();
    await page
      .getByRole('region', { name: 'With those that are chosen' })
      .getByRole('button', { name: 'Check' })
      .click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('4 of 4 checked', { exact: true }).waitFor({ timeout: 60_000 });
    await dialog.getByText('3 can be read').waitFor();
    await dialog.getByText('1 cannot be read').waitFor();
    await dialog.getByText('imap-down@outlook.test').waitFor();
    assert.ok((await seeds()).every((one) => one.checkedAt !== null));
    await dialog.getByRole('button', { name: 'Close' }).last().click();
  });

  test('one that fails stands with its reason, and the others are done', async () => {
    const { page } = here;
    const list = await seeds();
    const broken = list.find((one) => one.address === 'mia@yahoo.test');
    await page.route(`**/api/seeds/${broken?.id}`, (route) =>
      route.fulfill({ status: 500, contentType: 'text/plain', body: 'boom' }),
    );
    await page.goto('/seeds');
    await pick(page, 'inbox@gmail.test', 'mia@yahoo.test');
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    const alert = page.getByRole('alert').first();
    await alert.getByText('1 could not be changed.').waitFor();
    await alert.getByText('mia@yahoo.test').waitFor();
    await until(
      seeds,
      (all) =>
        all
          .filter((one) => one.pausedAt !== null)
          .map((one) => one.address)
          .join() === 'inbox@gmail.test',
    );
    await page.unroute(`**/api/seeds/${broken?.id}`);
  });

  test('deleting many says how many and wants a word', async () => {
    const { page } = here;
    await page.goto('/seeds');
    await pick(page, 'spam@outlook.test', 'imap-down@outlook.test');
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete 2 seeds?' });
    await dialog.getByText('2 seeds and their stored passwords').waitFor();
    assert.equal(await dialog.getByRole('button', { name: 'Delete' }).isDisabled(), true);
    await dialog.getByRole('textbox').fill('delete');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.deepEqual((await seeds()).map((one) => one.address).sort(), ['inbox@gmail.test', 'mia@yahoo.test']);
  });

  /** A line of a table for each, as the sandbox takes them. */
  const table = (...senders: [name: string, domain: string, password?: string][]) =>
    [
      'name,fromAddress,host,port,security,user,password',
      ...senders.map(([name, domain, wrong]) => {
        const { fromAddress, smtp } = world.sandbox.sender(domain);
        return [name, fromAddress, smtp.host, smtp.port, smtp.security, smtp.user, wrong ?? smtp.password].join(',');
      }),
    ].join('\n');
  const senders = async () =>
    (await world.call<{ items: (SeedItem & { name: string })[] }>('GET', '/api/senders')).items;

  test('senders from a table: each line first, then each is tried', async () => {
    const { page } = here;
    await page.goto('/senders');
    await page.getByRole('link', { name: 'Import' }).click();
    await page.getByRole('heading', { name: 'Import senders' }).waitFor();
    const csv = table(
      ['Receipts', 'weak-key.test'],
      ['Again', 'good.test'],
      ['Shop', 'no-dmarc.test'],
      ['Broken', 'broken-spf.test', 'wrong'],
    );
    await page.getByRole('textbox', { name: 'CSV' }).fill(`${csv}\nNowhere,a@b.test,,,,,x\n`);
    await page.getByRole('button', { name: 'Check the lines' }).click();
    await page.getByText('3 can be added, 2 cannot').waitFor();
    await row(page, 'probe@good.test')
      .getByText('This account stands in the file twice, or is there already.')
      .waitFor();
    await row(page, 'a@b.test').getByText('The line names no host').waitFor();
    assert.equal((await senders()).length, 1);
    const findings = await axe(page);
    await page.setViewportSize({ width: 390, height: 844 });
    assert.equal(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'), 0);
    findings.push(...(await axe(page)));
    await page.setViewportSize({ width: 1280, height: 900 });
    assert.deepEqual(findings, []);
    await page.getByRole('button', { name: 'Add 3 senders' }).click();
    await page.getByText('3 senders were added').waitFor();
    const checks = page.getByRole('region', { name: 'Checks' });
    await checks.getByText('3 of 3 checked', { exact: true }).waitFor({ timeout: 60_000 });
    await checks.getByText('2 working').waitFor();
    await checks.getByText('1 failing').waitFor();
    await checks.getByRole('listitem').getByRole('link', { name: 'probe@broken-spf.test' }).waitFor();
    await checks.getByRole('link', { name: 'To the senders' }).click();
    await row(page, 'Receipts').getByText('Works').waitFor();
    const list = await senders();
    assert.deepEqual(list.map(({ name }) => name).sort(), ['Broken', 'Newsletter', 'Receipts', 'Shop']);
    assert.ok(list.filter(({ name }) => name !== 'Newsletter').every(({ checkedAt }) => checkedAt !== null));
  });

  test('senders go out as a table, without their passwords', async () => {
    const { page } = here;
    await page.goto('/senders');
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Export' }).click(),
    ]);
    assert.equal(file.suggestedFilename(), 'todoku-senders.csv');
    const text = await readFile(await file.path(), 'utf8');
    assert.match(text, /^\ufeffname,fromAddress,/);
    assert.equal(text.trim().split('\r\n').length, 5);
    assert.doesNotMatch(text, /password/i);
    for (const domain of ['good.test', 'no-dmarc.test'])
      assert.ok(!text.includes(world.sandbox.sender(domain).smtp.password));
  });

  test('many senders at once: paused, resumed, checked', async () => {
    const { page } = here;
    await page.goto('/senders');
    await pick(page, 'Receipts', 'Shop');
    const bar = page.getByRole('region', { name: 'With those that are chosen' });
    assert.equal(await bar.getByRole('button', { name: 'Resume' }).isDisabled(), true);
    await bar.getByRole('button', { name: 'Pause' }).click();
    await row(page, 'Shop').getByText('Paused').waitFor();
    await until(senders, (list) => list.filter((one) => one.pausedAt !== null).length === 2);
    await page.getByText('2 senders changed').waitFor();
    // One that its server holds back goes on like one that was paused.
    const { app } = world.todoku;
    const held = (await senders()).find(({ name }) => name === 'Broken')?.id ?? '';
    await holdSender(app.db, held, {
      until: app.now() + 3_600_000,
      reason: 'rate-limited',
      reply: null,
      now: app.now(),
    });
    app.announce({ topic: 'sender', id: held });
    await row(page, 'Broken').getByText('until').waitFor();
    await bar.getByRole('button', { name: 'Choose all 4' }).click();
    await bar.getByRole('button', { name: 'Resume' }).click();
    await until(senders, (list) => list.every((one) => one.pausedAt === null));
    await row(page, 'Broken').getByText('until').waitFor({ state: 'detached' });
    await bar.getByRole('button', { name: 'Check' }).click();
    const dialog = page.getByRole('dialog', { name: 'Check of 4 senders' });
    await dialog.getByText('4 of 4 checked', { exact: true }).waitFor({ timeout: 60_000 });
    await dialog.getByText('3 working').waitFor();
    await dialog.getByRole('link', { name: 'Broken' }).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).last().click();
  });

  test('of many senders only those go that no monitor uses; it is said which stay and why', async () => {
    const { page } = here;
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.goto('/senders');
    await page.getByRole('checkbox', { name: 'Choose all 4' }).check();
    const bar = page.getByRole('region', { name: 'With those that are chosen' });
    await bar.getByRole('button', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete 3 senders?' });
    await dialog.getByText('3 senders and their stored passwords').waitFor();
    await dialog.getByText('These stay, because monitors use them:').waitFor();
    await dialog.getByText('Newsletter: used by Daily').waitFor();
    const findings = await axe(page);
    await page.setViewportSize({ width: 390, height: 844 });
    assert.equal(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'), 0);
    findings.push(...(await axe(page)));
    await page.setViewportSize({ width: 1280, height: 900 });
    assert.deepEqual(findings, []);
    await dialog.getByRole('textbox').fill('delete');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await dialog.waitFor({ state: 'detached' });
    assert.deepEqual(
      (await senders()).map(({ name }) => name),
      ['Newsletter'],
    );
    await bar.getByText('1 chosen').waitFor();
    await bar.getByRole('button', { name: 'Delete' }).click();
    const last = page.getByRole('dialog', { name: 'Delete 1 sender?' });
    await last.getByText('Monitors use all of them.').waitFor();
    assert.equal(await last.getByRole('textbox').count(), 0);
    await page.keyboard.press('Escape');
    await last.waitFor({ state: 'detached' });
  });

  test('a table of senders in Japanese: headings, verdicts and words', async () => {
    const { page } = here;
    await page.goto('/senders/import');
    await page.locator('.side').getByText('日本語', { exact: true }).click();
    await page.getByRole('heading', { name: '送信元の取り込み' }).waitFor();
    await page.getByText(ja.imports.sender.lead).waitFor();
    await page
      .getByRole('textbox', { name: ja.imports.paste })
      .fill('名前;差出人アドレス;送信サーバー;サービス\n会報;news@b.test;mail.b.test;\n領収書;a@b.test;;なぞ\n');
    await page.getByRole('button', { name: ja.imports.try }).click();
    await page.getByText(ja.imports.summary.replace('{{good}}', '1').replace('{{bad}}', '1')).waitFor();
    await row(page, 'a@b.test').getByText('この名前の配信サービスはありません。').waitFor();
    await page.getByRole('button', { name: ja.imports.sender.add_other.replace('{{count}}', '1') }).waitFor();
    assert.deepEqual(await axe(page), []);
    await page.goto('/senders');
    await page.getByRole('checkbox', { name: ja.accounts.select.replace('{{name}}', 'Newsletter') }).check();
    await page
      .getByRole('region', { name: ja.accounts.selection })
      .getByRole('button', { name: '削除', exact: true })
      .click();
    await page
      .getByRole('dialog')
      .getByText(ja.accounts.usedBy.replace('{{name}}', 'Newsletter').replace('{{monitors}}', 'Daily'))
      .waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.side').getByText('EN', { exact: true }).click();
    await page.getByRole('heading', { name: 'Senders' }).waitFor();
  });

  test('a duplicate has everything but the secret', async () => {
    const { page } = here;
    await page.goto('/senders');
    await page.getByRole('button', { name: 'More for Newsletter' }).click();
    await page.getByRole('menuitem', { name: 'Duplicate' }).click();
    await page.getByText('Everything but the password is filled in as in Newsletter.').waitFor();
    assert.equal(await page.getByRole('textbox', { name: 'Name', exact: true }).inputValue(), 'Newsletter (copy)');
    assert.equal(await page.getByLabel('From address').inputValue(), 'probe@good.test');
    assert.equal(await page.getByRole('textbox', { name: 'Password' }).inputValue(), '');
    await page.goto('/seeds');
    await page.getByRole('button', { name: 'More for mia@yahoo.test' }).click();
    await page.getByRole('menuitem', { name: 'Duplicate' }).click();
    await page.getByText('Server, provider and tags are filled in as of mia@yahoo.test.').waitFor();
    assert.equal(await page.getByRole('textbox', { name: 'Address', exact: true }).inputValue(), '');
    assert.notEqual(await page.getByLabel('Host').inputValue(), '');
  });

  test('Japanese says the same, without a reload', async () => {
    const { page } = here;
    await page.goto('/seeds');
    await row(page, 'mia@yahoo.test').waitFor();
    await page.evaluate('window.sameWindow = true');
    await page.locator('.side').getByText('日本語', { exact: true }).click();
    await page.getByRole('heading', { name: 'シード' }).waitFor();
    await page.getByRole('checkbox', { name: ja.accounts.select.replace('{{name}}', 'mia@yahoo.test') }).check();
    await page.getByText(ja.accounts.selected_other.replace('{{count}}', '1')).waitFor();
    await page.locator('.side').getByRole('link', { name: '送信元' }).click();
    await page.getByRole('region', { name: ja.accounts.bouncesUnseen }).waitFor();
    assert.equal(await page.getByText(en.accounts.bouncesUnseen).count(), 0);
    assert.equal(await page.evaluate('window.sameWindow'), true);
    await page.locator('.side').getByText('EN', { exact: true }).click();
  });

  test('a list that fails says so and tries again', async () => {
    const { page } = here;
    await page.route('**/api/seeds?*', (route) =>
      route.fulfill({ status: 500, contentType: 'text/plain', body: 'boom' }),
    );
    await page.goto('/seeds');
    await page.getByRole('alert').waitFor();
    assert.doesNotMatch((await page.getByRole('alert').textContent()) ?? '', /boom|500/);
    await page.unroute('**/api/seeds?*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await row(page, 'mia@yahoo.test').waitFor();
  });

  test('nothing went wrong on the way', () => {
    assert.deepEqual(here.complaints, []);
  });
});
