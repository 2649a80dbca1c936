/**
 * Campaigns, the three ways from a mail to a verdict: a file that is dropped, a draft, and a mail that a second program really sends while Todoku watches. Then what an audit
 * shows of it: the place of a finding, the preview, where it landed, what became better, and what is handed on. Both languages, by mouse and by keyboard.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import nodemailer from 'nodemailer';
import type { Browser, Page } from 'playwright-core';
import type { AuditJson } from '../../server/api/json/audits.ts';
import type { CampaignsJson } from '../../server/api/json/campaigns.ts';
import { addSeed, addSender, startWorld, type World } from '../flow/world.ts';
import { axeIn } from './axe.ts';
import { noBrowser, openBrowser, until, type Visit, visit } from './chromium.ts';
import { openAsOwner, openOnPhone } from './owner.ts';
import { open } from './pages.ts';

const HTML = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Boots</title><script>window.ran = true</script></head>
<body>
<p>Dear {{name}}, the winter boots are here, and they are warm and dry.</p>
<p><img src="https://pictures.good.test/boots.png" width="560"></p>
<p><a href="https://shop.good.test/boots">See all boots</a></p>
<p>Shop Ltd, 12 High Street, London SW1A 1AA. <a href="https://shop.good.test/u/123">Unsubscribe</a></p>
</body>
</html>`;
const TEXT = 'Dear reader, the winter boots are here, and they are warm and dry. https://shop.good.test/boots';

function mailOf(html: string, subject = 'Winter boots are here'): string {
  return [
    'From: Shop News <news@good.test>',
    'To: Reader <reader@gmail.test>',
    `Subject: ${subject}`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    'Message-ID: <boots.1@good.test>',
    'MIME-Version: 1.0',
    'List-Unsubscribe: <https://shop.good.test/u/123>',
    'Content-Type: multipart/alternative; boundary="b1"',
    '',
    '--b1',
    'Content-Type: text/plain; charset=utf-8',
    '',
    TEXT,
    '--b1',
    'Content-Type: text/html; charset=utf-8',
    '',
    ...html.split('\n'),
    '--b1--',
    '',
  ].join('\r\n');
}

/** As a mouse lets a file fall onto the page. */
async function drop(page: Page, name: string, content: string): Promise<void> {
  const file = `new File([${JSON.stringify(content)}], ${JSON.stringify(name)}, { type: 'message/rfc822' })`;
  const transfer = await page.evaluateHandle(
    `(() => { const it = new DataTransfer(); it.items.add(${file}); return it; })()`,
  );
  await page.locator('.drop-zone').dispatchEvent('dragover', { dataTransfer: transfer });
  await page.getByText('Let go to audit it').waitFor();
  await page.locator('.drop-zone').dispatchEvent('drop', { dataTransfer: transfer });
}

const isOver = ({ state }: AuditJson): boolean => ['done', 'refused', 'failed'].includes(state);

describe('campaigns', { skip: noBrowser }, () => {
  let world: World;
  let browser: Browser;
  let here: Visit;
  let japanese: Visit;
  const ids: Record<string, string> = {};
  const verdict = (page: Page) => page.getByRole('region', { name: 'Verdict' });
  const idIn = (page: Page): string => new URL(page.url()).pathname.split('/').at(-1) ?? '';
  const audited = (page: Page) =>
    until(() => world.call<AuditJson>('GET', `/api/audits/${idIn(page)}`), isOver, 60_000);

  before(async () => {
    [world, browser] = await Promise.all([startWorld(), openBrowser()]);
    here = await openAsOwner(browser, world, {
      viewport: { width: 1440, height: 900 },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    japanese = await openOnPhone(browser, world, here, { colorScheme: 'dark' });
  });
  after(async () => {
    await browser?.close();
    await world?.stop();
  });

  test('before there is one, the list invites; without seeds nothing can be watched', async () => {
    await here.page.getByRole('link', { name: 'Campaigns' }).first().click();
    await here.page.getByText('No campaign yet').waitFor();
    await here.page.getByRole('link', { name: /You send, we watch/ }).click();
    await here.page.getByText('There is no seed to watch yet').waitFor();
    await open(japanese.page, '/campaigns');
    await japanese.page.getByText('キャンペーンはまだありません').waitFor();
    // Under the thumb.
    await japanese.page.getByRole('button', { name: 'その他' }).click();
    await japanese.page.getByRole('link', { name: '送信元' }).last().waitFor();
    await japanese.page.keyboard.press('Escape');
    assert.equal(await japanese.page.locator('.more-places').count(), 0);
  });

  test('a mail that is dropped is audited: what is wrong stands in words, in the source and in the preview', async () => {
    const { page } = here;
    await open(page, '/campaigns');
    await drop(page, 'winter-boots.eml', mailOf(HTML));
    await page.waitForURL(/audits\//);
    ids.first = idIn(page);
    await verdict(page).getByText('Fix first').waitFor({ timeout: 60_000 });
    ids.campaign = (await audited(page)).campaignId;
    // The score never stands alone.
    await verdict(page).getByText('What it lost where').waitFor();
    await verdict(page).getByRole('link', { name: 'A placeholder was not replaced' }).first().waitFor();
    const placeholder = page.getByRole('article', { name: 'A placeholder was not replaced' });
    await placeholder.getByText('Critical').waitFor();
    assert.deepEqual(await placeholder.locator('mark').allTextContents(), ['{{name}}']);
    assert.equal(
      await page.getByRole('region', { name: 'About the mail' }).getByText('Shop News <news@good.test>').count(),
      1,
    );

    await page.getByRole('button', { name: /^A placeholder was not replaced: show in the source/ }).click();
    const source = page.getByRole('region', { name: 'Source', exact: true });
    await source.locator('mark', { hasText: '{{name}}' }).waitFor();
    await page.getByText('Shows the place of').waitFor();

    await page.getByRole('button', { name: /^Pictures without words: show in the preview/ }).click();
    const frame = page.frameLocator('iframe');
    await frame.locator('img[data-todoku-mark]').waitFor();
    assert.equal(await page.locator('iframe').getAttribute('sandbox'), '');
    assert.equal(await frame.locator('script').count(), 0);
    await page.getByRole('checkbox', { name: 'Dark screen' }).check();
    await page.getByText('some clients darken it by themselves').waitFor();
    await page.getByRole('radiogroup', { name: 'Width' }).getByText('Phone').click();
    await page.locator('iframe.phone').waitFor();
    await page.getByRole('radiogroup', { name: 'Part' }).getByText('Text').click();
    await page.getByText(TEXT).first().waitFor();

    // A fix can be taken along as it stands.
    const oneClick = page.getByRole('article', { name: 'No unsubscribing by one click' });
    await oneClick.getByRole('button', { name: 'Copy the header List-Unsubscribe-Post' }).click();
    assert.equal(
      await page.evaluate<string>('navigator.clipboard.readText()'),
      'List-Unsubscribe-Post: List-Unsubscribe=One-Click',
    );
    await page.getByRole('region', { name: 'Spam filters' }).getByText('None is set up').waitFor();
    await page
      .getByRole('table', { name: 'What large providers ask of bulk senders' })
      .getByRole('row', { name: /SPF/ })
      .first()
      .waitFor();
    assert.deepEqual(here.complaints, []);
  });

  test('the same audit in Japanese on a phone', async () => {
    const { page } = japanese;
    await open(page, `/audits/${ids.first}`);
    await page.getByRole('region', { name: '判定', exact: true }).getByText('修正が必要です').waitFor();
    await page.getByRole('article', { name: '差し込みが置き換えられていない' }).waitFor();
    assert.equal(await page.evaluate('document.documentElement.scrollWidth > window.innerWidth'), false);
    // Changed without a reload.
    await page.getByRole('radiogroup', { name: '言語' }).getByText('EN').click();
    await verdict(page).getByText('Fix first').waitFor();
    await page.getByRole('radiogroup', { name: 'Language' }).getByText('日本語').click();
    await page.getByRole('region', { name: '判定', exact: true }).waitFor();
  });

  test('a newer version is audited, and what got better is named', async () => {
    const { page } = here;
    await page.getByRole('link', { name: 'winter-boots' }).first().click();
    await page.getByRole('heading', { name: 'winter-boots' }).waitFor();
    await page.locator('input[type=file]').setInputFiles({
      name: 'winter-boots-2.eml',
      mimeType: 'message/rfc822',
      buffer: Buffer.from(mailOf(HTML.replace('Dear {{name}}', 'Dear reader').replace(/<script>.*<\/script>/, ''))),
    });
    await page.waitForURL((url) => url.pathname.startsWith('/audits/'));
    await audited(page);
    const better = page.getByRole('region', { name: 'Better', exact: true });
    await better.getByText('A placeholder was not replaced').first().waitFor({ timeout: 30_000 });
    await better.getByText('Scripts in the mail').waitFor();
    await page.getByRole('region', { name: 'Worse', exact: true }).getByText('Nothing new.').waitFor();
    await page.getByRole('link', { name: 'All audits of this campaign' }).click();
    await page.getByRole('link', { name: 'Compare with the one before' }).click();
    await better.getByText('Scripts in the mail').waitFor();
  });

  test('a report is handed on: files, and a link that opens for anybody until it is revoked', async () => {
    const { page } = here;
    for (const [name, kind] of [
      ['Report (HTML)', /\.html$/],
      ['JUnit', /\.xml$/],
      ['Evidence (.zip)', /\.zip$/],
    ] as const) {
      const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()]);
      assert.match(file.suggestedFilename(), kind);
      assert.equal(await file.failure(), null);
    }
    await page.getByRole('textbox', { name: 'For whom' }).fill('Agency');
    await page.getByRole('button', { name: 'Make a link' }).click();
    const address = (await page.locator('.token code').textContent()) ?? '';
    const stranger = await visit(browser, world.todoku.url);
    await stranger.page.goto(address);
    await stranger.page.getByText('Fix first').first().waitFor();
    await page.getByRole('button', { name: 'Revoke the link: Agency' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await until(
      () => page.getByRole('button', { name: 'Revoke the link: Agency' }).count(),
      (count) => count === 0,
    );
    assert.equal((await stranger.page.goto(address))?.status(), 404);
    await stranger.context.close();
  });

  test('a placement test goes through a sender to seeds, and fills in as mails are found', async () => {
    const { page } = here;
    await addSender(world, 'good.test', { name: 'Letters' });
    for (const address of ['inbox@gmail.test', 'promotions@gmail.test', 'spam@outlook.test', 'inbox@yahoo.test'])
      await addSeed(world, address, 'imap', { tags: ['news'] });
    await open(page, `/audits/${ids.first}`);
    const placement = page.getByRole('region', { name: 'Placement', exact: true });
    await placement.getByRole('button', { name: 'Choose all' }).click();
    await placement.getByText('sends 8 mails').waitFor();
    await placement.getByRole('button', { name: 'Test placement' }).click();
    await page.waitForURL((url) => url.pathname.startsWith('/audits/') && !url.pathname.endsWith(ids.first ?? ''));
    ids.placed = idIn(page);
    await placement.getByText('8 of 8 decided').waitFor({ timeout: 90_000 });
    await placement
      .getByRole('link', { name: /spam@outlook\.test.*Spam/ })
      .first()
      .waitFor();
    await placement.getByRole('table', { name: 'By provider' }).getByRole('row', { name: /Gmail/ }).waitFor();
    await placement.getByRole('region', { name: 'Content or sender?' }).getByText('not enough data').first().waitFor();
    await audited(page);
    await placement
      .getByRole('link', { name: /inbox@yahoo\.test/ })
      .first()
      .click();
    await page.getByRole('heading', { name: /inbox@yahoo\.test/ }).waitFor();
    await page.getByRole('link', { name: 'Its audit' }).click();
    await placement.getByText('8 of 8 decided').waitFor();
  });

  test('a test mail, and its run, opened by their bare addresses lead back to the audit', async () => {
    const { result } = await world.call<AuditJson>('GET', `/api/audits/${ids.placed}`);
    const landing = result?.placement?.landings.find(
      ({ seed, arm }) => seed === 'inbox@yahoo.test' && arm === 'campaign',
    );
    const { page } = here;
    for (const address of [`/probes/${landing?.probeId}`, `/runs/${landing?.runId}`]) {
      await open(page, address);
      const trail = page.getByRole('navigation', { name: 'You are here' });
      await trail.getByRole('link', { name: 'Its audit' }).waitFor();
      // The monitor that it goes by is nobody's: no link to it, and nothing to run again.
      assert.equal(await page.locator('main a[href*="/monitors/"]').count(), 0);
      assert.equal(await page.getByRole('button', { name: 'Run again' }).count(), 0);
      await trail.getByRole('link', { name: 'Its audit' }).click();
      await page.waitForURL((url) => url.pathname === `/audits/${ids.placed}`);
      await open(japanese.page, address);
      await japanese.page.getByRole('link', { name: '配信前チェックへ戻る' }).first().waitFor();
    }
  });

  test('a draft is seen as it is typed, refused with a word at the field, and audited', async () => {
    const { page } = here;
    await open(page, '/campaigns');
    await page.getByRole('link', { name: /Write a draft/ }).click();
    await page.getByRole('button', { name: 'Save and audit' }).click();
    await page.getByText('A mail needs HTML or text').waitFor();
    await page.getByRole('textbox', { name: 'From address' }).fill('news');
    await page.getByRole('textbox', { name: 'From name' }).fill('Shop');
    await page.getByText('This is no address: name@example.com').waitFor();
    await page.getByRole('textbox', { name: 'From address' }).fill('news@good.test');
    await page.getByRole('textbox', { name: 'Subject' }).fill('Spring is near');
    await page
      .getByRole('textbox', { name: 'HTML' })
      .fill('<p>Hello <b>spring</b></p><script>window.ran = true</script>');
    await page.frameLocator('iframe').getByText('Hello spring').waitFor();
    await page.getByRole('textbox', { name: 'Text', exact: true }).fill('Hello spring');
    await page.getByRole('button', { name: 'Save and audit' }).click();
    await page.waitForURL(/audits\//);
    await verdict(page).getByText('Fix first').waitFor({ timeout: 60_000 });
    await verdict(page).getByRole('link', { name: 'No link to unsubscribe' }).first().waitFor();
    // A draft is signed by whatever sends it: known, and accepted.
    await page.getByRole('article', { name: 'No DKIM signature' }).getByText('accepted by the policy').waitFor();
    await page.getByRole('link', { name: 'Spring is near' }).first().click();
    await page.getByRole('link', { name: 'Edit' }).click();
    assert.equal(await page.getByRole('textbox', { name: 'Subject' }).inputValue(), 'Spring is near');
  });

  test('you send, we watch: another program sends, the copies are seen, and the first becomes the audit', async () => {
    const { page } = here;
    await open(page, '/campaigns/watch');
    await page.getByRole('button', { name: 'Start watching' }).click();
    await page.getByText('Needed').waitFor();
    await page.getByRole('textbox', { name: 'Name' }).fill('Summer sale');
    await page.getByText('4 seeds chosen').waitFor();
    await page.getByRole('button', { name: 'Start watching' }).click();
    await page.waitForURL(/audits\//);
    ids.watched = idIn(page);
    await page.getByText('Watching for the first copy').waitFor();
    await page.getByText('0 of 4 seen').waitFor();
    const header = (await page.locator('.send-steps .token code').textContent()) ?? '';
    assert.match(header, /^X-Todoku-Campaign: \S+$/);
    await page.getByRole('button', { name: 'Copy the list' }).click();
    const list = (await page.evaluate<string>('navigator.clipboard.readText()')).trim().split('\n');
    assert.deepEqual(list.toSorted(), [
      'inbox@gmail.test',
      'inbox@yahoo.test',
      'promotions@gmail.test',
      'spam@outlook.test',
    ]);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download CSV' }).click(),
    ]);
    assert.match(file.suggestedFilename(), /\.csv$/);

    // One seed is left out, as an A/B split would.
    const { smtp } = world.sandbox.sender('good.test');
    const program = nodemailer.createTransport({
      host: smtp.host,
      port: smtp.port,
      secure: smtp.security === 'tls',
      auth: { user: smtp.user, pass: smtp.password },
      tls: { ca: world.config.extraCa ?? '' },
    });
    try {
      const [name = '', value = ''] = header.split(': ');
      for (const to of list.filter((address) => address !== 'inbox@yahoo.test'))
        await program.sendMail({
          from: 'Shop News <news@good.test>',
          to,
          subject: 'Summer sale',
          text: 'Everything for the summer.',
          html: '<p lang="en">Everything for the summer.</p>',
          headers: { [name]: value },
        });
    } finally {
      program.close();
    }
    await verdict(page).waitFor({ timeout: 90_000 });
    await page.getByText('3 of 4 seen').waitFor({ timeout: 60_000 });
    const seen = page.getByRole('table', { name: 'What was seen' });
    await seen.getByRole('row', { name: /spam@outlook\.test.*Spam/ }).waitFor();
    // Not seen is not missing.
    await seen.getByRole('row', { name: /inbox@yahoo\.test.*nothing seen yet/ }).waitFor();
    await page.getByRole('button', { name: 'Stop watching' }).click();
    const { result } = await audited(page);
    assert.ok(result?.authentication.signatures.some(({ domain }) => domain === 'good.test'));
    await page
      .getByRole('table', { name: 'DKIM signatures' })
      .getByRole('row', { name: /good\.test.*pass.*aligned/ })
      .waitFor({ timeout: 30_000 });
    await page.getByText(/1 seed saw nothing and stands in no rate/).waitFor();
    await open(japanese.page, `/audits/${ids.watched}`);
    await japanese.page.getByText('1件のシードでは確認できず、割合に含めていません').waitFor();
  });

  test('a file that is no mail is refused with a reason, and one that is too large is not even sent', async () => {
    const { page } = here;
    await open(page, '/campaigns');
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'none.eml', mimeType: 'text/plain', buffer: Buffer.from('') });
    await page.getByText('none.eml is empty.').waitFor();
    await page.locator('input[type=file]').setInputFiles({
      name: 'photo.eml',
      mimeType: 'message/rfc822',
      buffer: Buffer.from('\u0089PNG this is a picture, not a mail'.repeat(20)),
    });
    await page.getByText('This is no mail').waitFor({ timeout: 30_000 });
  });

  test('the list says how each stands, finds by name, and survives a server that fails', async () => {
    const { page } = here;
    await open(page, '/campaigns');
    await page
      .getByRole('row', { name: /winter-boots.*File.*Fix first.*Score/ })
      .first()
      .waitFor();
    await page.getByRole('row', { name: /Summer sale.*Watched/ }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('summer');
    await until(
      () => page.getByRole('row', { name: /winter-boots/ }).count(),
      (count) => count === 0,
    );
    await page.getByRole('row', { name: /Summer sale/ }).waitFor();
    await page.route('**/api/campaigns?*', (route) => route.fulfill({ status: 503, body: '' }));
    await page.reload();
    await page.getByRole('alert').getByRole('button', { name: 'Try again' }).waitFor();
    await page.getByText('Drop the mail here').waitFor();
    await page.unroute('**/api/campaigns?*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('row', { name: /Summer sale/ }).waitFor();
  });

  test('by keyboard alone: a file is chosen, a campaign deleted by typing the word', async () => {
    const { page } = here;
    await open(page, '/campaigns');
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('button', { name: 'Choose a file' }).press('Enter'),
    ]);
    await chooser.setFiles({ name: 'typed.eml', mimeType: 'message/rfc822', buffer: Buffer.from(mailOf(HTML)) });
    await page.waitForURL(/audits\//);
    await audited(page);
    await open(page, '/campaigns?search=typed');
    await page.getByRole('button', { name: 'More for typed' }).press('Enter');
    await page.getByRole('menuitem', { name: 'Delete' }).press('Enter');
    await page.getByRole('dialog').getByRole('textbox').fill('delete');
    await page.keyboard.press('Enter');
    await until(
      async () => (await world.call<CampaignsJson>('GET', '/api/campaigns')).items.map(({ name }) => name),
      (names) => !names.includes('typed'),
    );
  });

  test('every page can be read by everybody, in both themes', async () => {
    const { page } = here;
    const found: string[] = [];
    for (const path of [
      '/campaigns',
      '/campaigns/draft',
      '/campaigns/watch',
      `/campaigns/${ids.campaign}`,
      `/audits/${ids.placed}`,
      `/audits/${ids.watched}`,
    ])
      for (const theme of ['light', 'dark'] as const) {
        await open(page, path);
        found.push(...(await axeIn(page, theme)).map((finding) => `${path}: ${finding}`));
      }
    assert.deepEqual(found, []);
    assert.deepEqual(
      here.complaints.filter((one) => !/503/.test(one)),
      [],
    );
    assert.deepEqual(japanese.complaints, []);
  });
});
