/** The first ten minutes of a new owner, in the browser: from the one-time link to the first mail that lands, without documentation and without a reload. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { createPasswordLink } from '../../server/owner/links.ts';
import { startWorld, type World } from '../flow/world.ts';
import { noBrowser, openBrowser, until, type Visit, visit } from './chromium.ts';

const PASSWORD = 'correct horse battery';

describe('first run', { skip: noBrowser }, () => {
  let world: World;
  let browser: Browser;
  let here: Visit;
  let broken = false;

  /** Each step stands on the one before: after a failure the rest would only wait for nothing. */
  const step = (name: string, act: () => Promise<void>) =>
    test(name, async (t) => {
      if (broken) return t.skip('an earlier step failed');
      broken = true;
      await act();
      broken = false;
    });

  before(async () => {
    [world, browser] = await Promise.all([startWorld(), openBrowser()]);
    here = await visit(browser, world.todoku.url);
  });
  after(async () => {
    await browser?.close();
    await world?.stop();
  });

  step('a stranger is sent to sign in and told of the link', async () => {
    const { page } = here;
    await page.goto('/seeds');
    await page.getByRole('heading', { name: 'Set a password first' }).waitFor();
    assert.match(page.url(), /\/sign-in\?to=/);
  });

  step('the link sets the password and leads to the first step', async () => {
    const { page } = here;
    await page.goto(await createPasswordLink(world.todoku.app, world.todoku.url));
    await page.getByRole('textbox', { name: 'New password' }).fill('short');
    await page.getByRole('button', { name: 'Set password and sign in' }).click();
    await page.getByText('Needs at least 10 characters').waitFor();
    await page.getByRole('textbox', { name: 'New password' }).fill(PASSWORD);
    await page.getByLabel('Once more').fill(PASSWORD);
    await page.getByRole('button', { name: 'Set password and sign in' }).click();
    // The guide opens by itself (guide.test.ts goes on there); this is the way without it.
    await page.getByRole('button', { name: 'Leave the guide' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByText('First, a sender').waitFor();
  });

  step('signing out and in again leads back to where one was', async () => {
    const { page } = here;
    await page.goto('/settings');
    await page.getByRole('main').getByRole('button', { name: 'Sign out' }).first().click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto('/senders');
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByRole('textbox', { name: 'Password' }).fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').waitFor();
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Senders', level: 1 }).waitFor();
  });

  step('a sender is added and its check tells what happened', async () => {
    const { page } = here;
    const { fromAddress, smtp } = world.sandbox.sender('good.test');
    await page.getByRole('link', { name: 'Add sender' }).first().click();
    await page.getByLabel('From address').fill('nobody');
    await page.getByRole('button', { name: 'Save and check' }).click();
    await page.getByText('Needs to look like name@example.com').waitFor();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Newsletter');
    await page.getByLabel('From address').fill(fromAddress);
    await page.getByLabel('Host').fill(smtp.host);
    await choose(page, 'Encryption', smtp.security.toUpperCase());
    await page.getByLabel('Port').fill(String(smtp.port));
    await page.getByLabel('User name').fill(smtp.user);
    await page.getByRole('textbox', { name: 'Password' }).fill(smtp.password);
    await page.getByRole('button', { name: 'Save and check' }).click();
    await page.getByText(/Signed in over TLS 1\.3,.*nothing was sent/).waitFor();
    // The password went in and does not come out again.
    assert.ok(!(await page.content()).includes(smtp.password));
  });

  step('a wrong password is named as such, with what to do', async () => {
    const { page } = here;
    await page.getByRole('button', { name: 'Replace' }).click();
    await page.getByRole('textbox', { name: 'Password' }).fill('wrong');
    await page.getByRole('button', { name: 'Save and check' }).click();
    const alert = page.getByRole('alert');
    await alert.waitFor();
    assert.match((await alert.textContent()) ?? '', /password/i);
    await page.getByRole('button', { name: 'Replace' }).click();
    await page.getByRole('textbox', { name: 'Password' }).fill(world.sandbox.sender('good.test').smtp.password);
    await page.getByRole('button', { name: 'Save and check' }).click();
    await page.getByText(/Signed in over TLS 1\.3/).waitFor();
  });

  step('a seed is added and its check names the junk folder', async () => {
    const { page } = here;
    const seed = world.sandbox.seed('inbox@gmail.test');
    await page.getByRole('link', { name: 'Seeds' }).first().click();
    await page.getByRole('link', { name: 'Add seed' }).first().click();
    await page.getByRole('textbox', { name: 'Address', exact: true }).fill(seed.address);
    await choose(page, 'Provider', 'Gmail');
    await page.getByLabel('User name').fill(seed.user);
    await page.getByRole('textbox', { name: 'Password' }).fill(seed.password);
    assert.equal(await page.getByLabel('Host').inputValue(), 'imap.gmail.com', 'the preset fills in the host');
    await page.getByLabel('Host').fill(seed.host);
    await choose(page, 'Encryption', seed.security.toUpperCase());
    await page.getByLabel('Port').fill(String(seed.port));
    await page.getByRole('button', { name: 'Save and check' }).click();
    await page.getByText(/Signed in over TLS 1\.3, \d+ folders, junk is \[Gmail\]\/.+ by SPECIAL-USE/).waitFor();
  });

  step('seeds come from CSV, each line with its verdict first', async () => {
    const { page } = here;
    const spam = world.sandbox.seed('spam@outlook.test');
    await page.goto('/seeds/import');
    await page
      .getByRole('textbox', { name: 'CSV' })
      .fill(
        `address,provider,protocol,host,port,security,user,password,tags\n${spam.address},outlook,imap,${spam.host},${spam.port},${spam.security},${spam.user},${spam.password},b2b\nnot-an-address,gmail,imap,,,,,x,\n`,
      );
    await page.getByRole('button', { name: 'Check the lines' }).click();
    await page.getByText('1 can be added, 1 cannot').waitFor();
    await page.getByRole('button', { name: 'Add 1 seed' }).click();
    await page.getByText('1 of 1 checked', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'To the seeds' }).click();
    await page.getByRole('row', { name: /spam@outlook\.test/ }).waitFor();
  });

  step('a monitor is judged while one types, and saved', async () => {
    const { page } = here;
    await page.getByRole('link', { name: 'Monitors' }).first().click();
    await page.getByRole('link', { name: 'Add monitor' }).first().click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Morning check');
    await page.getByRole('button', { name: 'Choose all 2' }).click();
    await page.getByText('2 seeds will get a mail in each run.').waitFor();
    const cron = page.getByLabel('Cron text');
    await cron.fill('61 * * * *');
    await page.getByText('This is no schedule').waitFor();
    await cron.fill('30 2 * * *');
    await page.getByText('Next five runs (Europe/Berlin)').waitFor();
    assert.equal(await page.getByRole('listitem').filter({ hasText: ' 02:30 ' }).count(), 5);
    await cron.fill('* * * * *');
    await page.getByText('More than the sender may send').waitFor();
    await cron.fill('0 9 * * *');
    await page.getByText(/2 mails a day to 2 seeds/).waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Morning check' }).waitFor();
    await page.getByText('Every day at 9:00').waitFor();
  });

  step('a run fills in as mail lands, without a reload', async () => {
    const { page } = here;
    await page.evaluate('window.sameWindow = true');
    await page.getByRole('button', { name: 'Run now' }).click();
    await page.getByRole('heading', { name: 'Run of Morning check' }).waitFor();
    const tile = (seed: string) => page.getByRole('link', { name: new RegExp(seed) });
    await tile('inbox@gmail.test').filter({ hasText: 'Inbox' }).waitFor();
    await tile('spam@outlook.test').filter({ hasText: 'Spam' }).waitFor();
    await page.getByText('2 of 2 decided').waitFor();
    assert.equal(await page.getByText('not enough data (n = 2)').count(), 4, 'two mails make no rate');
    assert.equal(await page.evaluate('window.sameWindow'), true);
  });

  step('a probe says where it lies, why, and what to do', async () => {
    const { page } = here;
    await page.getByRole('link', { name: /spam@outlook\.test/ }).click();
    await page.getByRole('heading', { name: 'In the spam folder' }).waitFor();
    await page.getByText('Verified by us').waitFor();
    assert.ok((await page.getByText('pass', { exact: true }).count()) >= 3);
    await page.getByRole('tab', { name: 'Headers' }).click();
    await page.getByLabel('Find in headers').fill('x-todoku-probe');
    await until(
      () => page.getByRole('region', { name: 'Headers' }).textContent(),
      (text) => /^X-Todoku-Probe:?\s*\w+$/i.test((text ?? '').trim()),
    );
    await page.getByRole('tab', { name: 'Message' }).click();
    await page.getByRole('link', { name: /Download \.eml/ }).waitFor();
  });

  step('the overview counts it', async () => {
    const { page } = here;
    await page.getByRole('link', { name: 'Overview', exact: true }).first().click();
    await page.getByText('Not enough data yet to state a rate (n = 2).').waitFor();
    await page.getByRole('row', { name: /Morning check/ }).waitFor();
  });

  step('language and theme change without a reload and are kept', async () => {
    const { page } = here;
    await page.locator('.side').getByText('日本語', { exact: true }).click();
    await page.getByRole('heading', { name: '概要' }).waitFor();
    assert.equal(await page.evaluate('document.documentElement.lang'), 'ja');
    await page
      .getByRole('button', { name: /^テーマ/ })
      .first()
      .click();
    await page
      .getByRole('button', { name: /^テーマ/ })
      .first()
      .click();
    assert.equal(await page.evaluate('document.documentElement.dataset.mantineColorScheme'), 'dark');
    assert.equal(await page.evaluate('window.sameWindow'), true);
    await page.reload();
    await page.getByRole('heading', { name: '概要' }).waitFor();
    assert.equal(await page.evaluate('document.documentElement.dataset.mantineColorScheme'), 'dark');
    await page.locator('.side').getByText('EN', { exact: true }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
  });

  step('deleting names what goes and wants the name typed', async () => {
    const { page } = here;
    await page.goto('/senders');
    await page.getByRole('button', { name: 'More for Newsletter' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByText('Morning check').waitFor();
    assert.equal(
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).count(),
      0,
      'a sender in use stays',
    );
    await page.keyboard.press('Escape');
    await page.goto('/monitors');
    await page.getByRole('button', { name: 'More for Morning check' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    const remove = page.getByRole('dialog').getByRole('button', { name: 'Delete' });
    assert.equal(await remove.isDisabled(), true);
    await page.getByRole('dialog').getByRole('textbox').fill('Morning check');
    await remove.click();
    await page.getByText('No monitors yet').waitFor();
  });

  step('a token is shown once and works until it is revoked', async () => {
    const { page } = here;
    await page.goto('/settings/tokens');
    await page.getByLabel('What is it for?').fill('Nightly report');
    await page.getByRole('button', { name: 'Make a token' }).click();
    const token = ((await page.locator('.token code').textContent()) ?? '').trim();
    const ask = async () =>
      (await fetch(`${world.todoku.url}/api/senders`, { headers: { authorization: `Bearer ${token}` } })).status;
    assert.equal(await ask(), 200);
    await page.reload();
    await page.getByRole('row', { name: /Nightly report/ }).waitFor();
    assert.ok(!(await page.content()).includes(token));
    await page
      .getByRole('row', { name: /Nightly report/ })
      .getByRole('button', { name: 'Revoke' })
      .click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await until(ask, (status) => status === 401);
  });

  test('nothing went wrong on the way', () => {
    assert.deepEqual(here.complaints, []);
  });
});

/** Picks an option of a select by its words. */
async function choose(page: Visit['page'], label: string, option: string): Promise<void> {
  await page
    .getByRole('textbox', { name: label })
    .or(page.getByRole('combobox', { name: label }))
    .first()
    .click();
  await page.getByRole('option', { name: option, exact: true }).click();
}
