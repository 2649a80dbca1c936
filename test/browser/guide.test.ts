/**
 * The first ten minutes as a newcomer has them, by keyboard alone, in both languages: from the one-time link to the first result, with a wrong password on the way; left in
 * the middle and taken up again. Then on a phone and with axe.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { createSignInLink } from '../../server/owner/links.ts';
import enFrame from '../../web/messages/en.json' with { type: 'json' };
import en from '../../web/messages/guide/en.json' with { type: 'json' };
import ja from '../../web/messages/guide/ja.json' with { type: 'json' };
import jaFrame from '../../web/messages/ja.json' with { type: 'json' };
import { startWorld, type World } from '../flow/world.ts';
import { axeIn } from './axe.ts';
import { noBrowser, openBrowser, until, type Visit, visit } from './chromium.ts';

const LANGUAGES = {
  en: { ...enFrame, ...en, locale: 'en-GB' },
  ja: { ...jaFrame, ...ja, locale: 'ja-JP' },
};

describe('the guide', { skip: noBrowser }, () => {
  let world: World;
  let browser: Browser;
  before(async () => {
    [world, browser] = await Promise.all([startWorld(), openBrowser()]);
  });
  after(async () => {
    await browser?.close();
    await world?.stop();
  });

  for (const [language, words] of Object.entries(LANGUAGES))
    describe(`by keyboard alone, ${language}`, () => {
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
      const help = (page: Page, title: string) => page.locator('summary').filter({ hasText: title });
      const question = (page: Page, of: keyof typeof words.guide.question) =>
        page.getByRole('heading', { name: words.guide.question[of], level: 2 });

      before(async () => {
        // As fresh as it was: the world is shared by the languages.
        for (const noun of ['monitors', 'seeds', 'senders'])
          for (const { id } of (await world.call<{ items: { id: string }[] }>('GET', `/api/${noun}`)).items)
            await world.call('DELETE', `/api/${noun}/${id}`);
        await world.call('PATCH', '/api/settings', { guide: 'open' });
        here = await visit(browser, world.todoku.url, {
          locale: words.locale,
          viewport: { width: 1280, height: 900 },
        });
      });
      after(() => here?.context.close());

      step('it opens by itself, and only once', async (page) => {
        await page.goto(await createSignInLink(world.todoku.app, world.todoku.url));
        await question(page, 'sender').waitFor();
        assert.equal(await page.evaluate('document.documentElement.lang'), language);
        await tabTo(page, words.nav.overview);
        await page.keyboard.press('Enter');
        await page.getByText(words.first.senderTitle).waitFor();
        await tabTo(page, words.first.guideBegin);
        await page.keyboard.press('Enter');
        await question(page, 'sender').waitFor();
      });

      step('each service says what it wants first; one that takes no password asks for none', async (page) => {
        await tabTo(page, 'Gmail');
        await page.keyboard.press('Space');
        await help(page, words.help.topics['google-app-password'].title).waitFor();
        await page.getByLabel(words.guide.secret['app-password']).waitFor();
        await page.keyboard.press('ArrowRight');
        await page.keyboard.press('ArrowRight');
        await help(page, words.help.topics.outlook.title).waitFor();
        assert.equal(await page.getByLabel(words.guide.secret.password).count(), 0);
        // From the first backwards is the last.
        for (let back = 0; back < 3; back++) await page.keyboard.press('ArrowLeft');
        await help(page, words.help.topics['own-smtp'].title).waitFor();
      });

      step('a wrong password is named, mended and found right by the real server', async (page) => {
        const { fromAddress, smtp } = world.sandbox.sender('good.test');
        await type(page, words.sender.fromAddress, 'nobody');
        await tabTo(page, words.guide.checkAndSave);
        await page.keyboard.press('Enter');
        await page.getByText(words.form.address).waitFor();
        // The keyboard is taken to what is wrong.
        await until(
          () => page.evaluate<string>(NAME),
          (name) => name === words.sender.fromAddress,
        );
        await page.keyboard.press('Control+A');
        await page.keyboard.insertText(fromAddress);
        await type(page, words.form.user, smtp.user);
        await type(page, words.guide.secret.password, 'wrong');
        await type(page, words.form.hostLabel, smtp.host);
        await type(page, words.form.portLabel, String(smtp.port));
        await choose(page, words.form.security, words.security.tls);
        await tabTo(page, words.guide.checkAndSave);
        await page.keyboard.press('Enter');
        await page.getByRole('alert').waitFor();
        await tabTo(page, words.form.replace, 'back');
        await page.keyboard.press('Enter');
        await type(page, words.guide.secret.password, smtp.password);
        await page.keyboard.press('Enter');
        await page.getByText(words.check.nothingSent).waitFor();
        // What went in does not come out.
        assert.ok(!(await page.content()).includes(smtp.password));
        await tabTo(page, words.guide.next.seeds);
        await page.keyboard.press('Enter');
        await question(page, 'seeds').waitFor();
        // The question is where the keyboard is.
        assert.equal(await page.evaluate('document.activeElement.id'), 'guide-question');
      });

      step('left here, the overview offers to go on, at the same step', async (page) => {
        await tabTo(page, words.guide.leave);
        await page.keyboard.press('Enter');
        await page.getByText(words.first.seedTitle).waitFor();
        assert.equal((await world.call<{ guide: string }>('GET', '/api/settings')).guide, 'left');
        await page.reload();
        await page.getByText(words.first.seedTitle).waitFor();
        await tabTo(page, words.first.guideGoOn);
        await page.keyboard.press('Enter');
        await question(page, 'seeds').waitFor();
        await until(
          async () => (await world.call<{ guide: string }>('GET', '/api/settings')).guide,
          (guide) => guide === 'open',
        );
      });

      step('a seed: the address tells the provider, the provider what to do there', async (page) => {
        const seed = world.sandbox.seed('inbox@yahoo.test');
        await type(page, words.word.address, 'somebody@yahoo.co.jp');
        await help(page, words.help.topics['yahoo-japan-access'].title).waitFor();
        await page.getByText('imap.mail.yahoo.co.jp', { exact: false }).first().waitFor();
        await type(page, words.word.address, seed.address, 'back');
        await help(page, words.help.topics['own-imap'].title).waitFor();
        await type(page, words.guide.secret.password, seed.password);
        await type(page, words.form.user, seed.user);
        await type(page, words.form.hostLabel, seed.host);
        await type(page, words.form.portLabel, String(seed.port));
        await choose(page, words.form.security, words.security[seed.security]);
        await tabTo(page, words.guide.checkAndSave);
        await page.keyboard.press('Enter');
        await page.getByText(words.check.ok).waitFor();
        await page
          .getByText(words.guide.seedCount_other.replace('{{count}}', '1'))
          .or(page.getByText('1 seed account so far'))
          .waitFor();
      });

      step('more seeds from a table; each line first, then each account', async (page) => {
        const lines = ['spam@outlook.test', 'inbox@gmail.test', '550@plain.test'].map((address) => {
          const seed = world.sandbox.seed(address);
          return [address, seed.provider, 'imap', seed.host, seed.port, seed.security, seed.user, seed.password].join(
            ',',
          );
        });
        await tabTo(page, words.guide.wayOne, 'back');
        await page.keyboard.press('ArrowRight');
        await type(
          page,
          words.imports.paste,
          `address,provider,protocol,host,port,security,user,password\n${lines.join('\n')}\nbroken,,,,,,,`,
        );
        await tabTo(page, words.imports.try);
        await page.keyboard.press('Enter');
        await page.getByText(words.imports.summary.replace('{{good}}', '3').replace('{{bad}}', '1')).waitFor();
        await tabTo(page, words.imports.seed.add_other.replace('{{count}}', '3'));
        await page.keyboard.press('Enter');
        await page
          .getByText(words.accounts.checkedOf.replace('{{done}}', '3').replace('{{all}}', '3'), { exact: true })
          .waitFor();
        await page.getByText(words.many.seed.good.replace('{{count}}', '3')).waitFor();
        // Bounces would go unseen: it is said where it can be mended.
        await page.getByText(words.accounts.bouncesAdd.replace('{{address}}', 'probe@good.test')).waitFor();
        await tabTo(page, words.guide.next.monitor);
        await page.keyboard.press('Enter');
      });

      step('the monitor has an answer to everything, and starts', async (page) => {
        await question(page, 'monitor').waitFor();
        await page.getByText('4').first().waitFor();
        await tabTo(page, words.schedule.every6h);
        await page.keyboard.press('ArrowRight');
        await page
          .getByRole('radio', { name: words.schedule.hourly })
          .and(page.locator(':checked'))
          .waitFor({ state: 'attached' });
        await tabTo(page, words.guide.start);
        await page.keyboard.press('Enter');
        await question(page, 'run').waitFor();
      });

      step('mail lands as one watches, and what does not is explained', async (page) => {
        await page.evaluate('window.sameWindow = true');
        const row = (address: string) => page.getByRole('listitem').filter({ hasText: address });
        await row('inbox@yahoo.test').filter({ hasText: words.verdict.inbox }).waitFor();
        await row('spam@outlook.test').filter({ hasText: words.verdict.spam }).waitFor();
        await row('550@plain.test').filter({ hasText: words.verdict.rejected }).waitFor();
        await page.getByText(words.guide.goesOn).waitFor();
        await page.getByText(words.guide.result.replace('{{inbox}}', '2').replace('{{total}}', '4')).waitFor();
        assert.equal(await page.evaluate('window.sameWindow'), true);
        await until(
          async () => (await world.call<{ guide: string }>('GET', '/api/settings')).guide,
          (guide) => guide === 'done',
        );
        await tabTo(page, words.guide.toOverview);
        await page.keyboard.press('Enter');
        await page.getByRole('heading', { name: words.nav.overview, level: 1 }).waitFor();
        await page.getByRole('row', { name: new RegExp(words.guide.monitorName) }).waitFor();
      });

      step('every step can be looked at again, on a phone, by axe, light and dark', async (page) => {
        const findings: string[] = [];
        for (const at of ['sender', 'seeds', 'monitor', 'run'] as const) {
          await page.goto(`/guide?step=${at}`);
          await question(page, at).waitFor();
          await until(
            () => page.locator('.mantine-Skeleton-root').count(),
            (count) => count === 0,
          );
          if (at === 'sender') await page.getByRole('button', { name: words.guide.anotherSender }).press('Enter');
          // The languages share their structure, and the themes all but their colours.
          await page.emulateMedia({ reducedMotion: 'reduce' });
          for (const theme of language === 'en' ? (['light', 'dark'] as const) : [])
            findings.push(...(await axeIn(page, theme)).map((finding) => `${at}, ${finding}`));
          await page.setViewportSize({ width: 390, height: 844 });
          const over = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
          if (over > 0) findings.push(`${at}: ${over} px wider than a phone`);
          await page.setViewportSize({ width: 1280, height: 900 });
        }
        assert.deepEqual(findings, []);
      });

      test('nothing went wrong on the way', () => {
        assert.deepEqual(here.complaints, []);
      });
    });

  test('a guide that cannot load says so, and heals', async () => {
    const { page, context } = await visit(browser, world.todoku.url);
    await page.goto(await createSignInLink(world.todoku.app, world.todoku.url));
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.route('**/api/seeds?*', (route) =>
      route.fulfill({ status: 500, contentType: 'text/plain', body: 'boom' }),
    );
    await page.goto('/guide');
    await page.getByRole('alert').waitFor();
    assert.doesNotMatch((await page.getByRole('alert').textContent()) ?? '', /boom|500/);
    await page.unroute('**/api/seeds?*');
    await page.getByRole('button', { name: enFrame.error.retry }).click();
    await page.getByRole('navigation', { name: en.guide.steps }).waitFor();
    await context.close();
  });
});

/** What the focus is on, as it is called. */
const NAME = `(() => {
  const at = document.activeElement;
  if (!at || at === document.body) return '';
  const label = at.labels?.[0];
  const words = label?.querySelector('span:not([aria-hidden])') ?? label ?? at;
  return (at.getAttribute('aria-label') || words.textContent || '').replace(/\\s*\\*\\s*$/, '').trim().slice(0, 80);
})()`;

/** Presses Tab until what has the focus is called this, or begins so. */
async function tabTo(page: Page, name: string, direction: 'on' | 'back' = 'on'): Promise<void> {
  const names: string[] = [];
  for (let press = 0; press < 80; press++) {
    await page.keyboard.press(direction === 'on' ? 'Tab' : 'Shift+Tab');
    const now = await page.evaluate<string>(NAME);
    if (now === name || now.startsWith(`${name} `)) return;
    names.push(now);
  }
  assert.fail(`Tab never came to "${name}": ${names.slice(0, 40).join(' | ')}`);
}

async function type(page: Page, field: string, text: string, direction: 'on' | 'back' = 'on'): Promise<void> {
  await tabTo(page, field, direction);
  await page.keyboard.press('Control+A');
  // At once, as a paste: what follows from it must not need the letters one by one.
  await page.keyboard.insertText(text);
}

/** An option of a select, with the arrows. */
async function choose(page: Page, field: string, option: string): Promise<void> {
  await tabTo(page, field);
  if ((await page.evaluate<string>('document.activeElement.value')) === option) return;
  await page.keyboard.press('ArrowDown');
  await page.getByRole('option', { name: option, exact: true }).waitFor();
  for (let press = 0; press < 6; press++) {
    const active = await page.evaluate<string>(
      "document.getElementById(document.activeElement.getAttribute('aria-activedescendant') ?? '')?.textContent ?? ''",
    );
    if (active.trim() === option) break;
    await page.keyboard.press('ArrowDown');
  }
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate<string>('document.activeElement.value'), option);
}
