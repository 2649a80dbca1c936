/**
 * Domains in every state they have: none yet, offered, being checked, in order, at fault, unanswered, changed, gone; in both languages, by mouse and keyboard. The
 * records are asked of a real DNS server on loopback, and change while somebody looks.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { DomainsJson } from '../../server/api/json/domains.ts';
import { aggregateReport } from '../domain/reports.ts';
import { addMonitor, addSeed, addSender, type Run } from '../flow/world.ts';
import { axeIn } from './axe.ts';
import { noBrowser, openBrowser, until, type Visit } from './chromium.ts';
import { checkNow, type DomainWorld, startDomainWorld } from './domain-world.ts';
import { openAsOwner, openOnPhone } from './owner.ts';
import { open } from './pages.ts';

describe('domains', { skip: noBrowser }, () => {
  let world: DomainWorld;
  let browser: Browser;
  let here: Visit;
  let japanese: Visit;
  let ahead = 0;
  const ids: Record<string, string> = {};

  const add = async (body: { name: string; selectors?: string[]; ips?: string[] }): Promise<string> => {
    const { id } = await world.call<{ id: string }>('POST', '/api/domains', body);
    await checkNow(world, id);
    return id;
  };
  const card = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

  before(async () => {
    [world, browser] = await Promise.all([startDomainWorld(() => Date.now() + ahead), openBrowser()]);
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

  test('before there is one, the list invites, and offers the domains of senders', async () => {
    await open(here.page, '/domains');
    await here.page.getByText('No domain is watched yet').waitFor();
    assert.equal(await here.page.getByRole('link', { name: 'Add a domain' }).count(), 2);
    const sender = await addSender(world, 'good.test', { name: 'Letters' });
    const seeds = [await addSeed(world, 'inbox@gmail.test'), await addSeed(world, 'inbox@yahoo.test')];
    const monitor = await addMonitor(world, sender, seeds, { name: 'Weekly' });
    const { id } = await world.call<{ id: string }>('POST', `/api/monitors/${monitor}/runs`);
    await until(
      () => world.call<Run>('GET', `/api/runs/${id}`),
      (run) => run.probes.every(({ outcome }) => outcome === 'placed'),
      60_000,
    );
    ids.monitor = monitor;
    await open(japanese.page, '/domains');
    await japanese.page.getByText('監視中のドメインはまだありません').waitFor();
    await japanese.page.getByRole('button', { name: 'good.testを監視する' }).waitFor();
    await open(here.page, '/domains');
    await here.page.getByRole('button', { name: 'Watch good.test' }).click();
    // Checked by itself, and the list follows.
    await here.page.getByRole('row', { name: /good\.test Fine/ }).waitFor();
    assert.equal(await here.page.getByRole('button', { name: 'Watch good.test' }).count(), 0);
    const { items } = await world.call<DomainsJson>('GET', '/api/domains');
    ids.good = items[0]?.id ?? '';
    await japanese.page.getByRole('row', { name: /good\.test.*良好/ }).waitFor();
  });

  test('one that is in order says so, with what test mails showed beside it', async () => {
    const { page } = here;
    await page.getByRole('link', { name: 'good.test' }).click();
    await page.getByText('All that matters is in order').waitFor();
    await card(page, 'SPF').getByText('v=spf1 ip4:203.0.113.10 -all').first().waitFor();
    await card(page, 'SPF').getByText('Yes: 203.0.113.10 passes.').waitFor();
    await card(page, 'DKIM')
      .getByRole('row', { name: /s1.*RSA, 2048 bits.*seen in test mails/ })
      .waitFor();
    await card(page, 'DMARC').getByText('Newer and older receivers read it alike.').waitFor();
    await card(page, 'Blocklists')
      .getByRole('row', { name: /list\.test.*203\.0\.113\.10.*not listed/ })
      .waitFor();
    await card(page, 'PTR').getByText('(leads back)').waitFor();
    const seen = page.getByRole('region', { name: 'Published, verified, reported' });
    await seen.getByRole('row', { name: /SPF.*v=spf1.*pass 2 mails.*Gmail pass 1 mail/ }).waitFor();
    await seen.getByText('Handed over with TLS: 2 of 2 mails.').waitFor();
    const asked = page.getByRole('table', { name: 'What large providers ask of bulk senders' });
    await asked.getByRole('row', { name: /SPF passes.*Yes.*from DNS and test mails.*required/ }).waitFor();
    await asked.getByRole('row', { name: /Few complaints.*Cannot be seen from here/ }).waitFor();
    await page.getByText('Nothing has changed since the first check.').waitFor();
    const known = page.getByRole('region', { name: 'What the check rests on' });
    await known
      .getByText(/^seen /)
      .first()
      .waitFor();
    // A receiver's report names a selector that no test mail shows; one about another domain is refused in words.
    const give = (domain: string, selector: string) =>
      known.locator('input[type="file"]').setInputFiles({
        name: 'report.xml',
        mimeType: 'application/xml',
        buffer: Buffer.from(
          aggregateReport(
            domain,
            [{ signatures: [{ domain, selector, result: 'pass' }] }],
            Math.floor(Date.now() / 1000) - 60,
          ),
        ),
      });
    await give('other.test', 'crm');
    await known.getByRole('alert').getByText('about other.test, not about good.test').waitFor();
    await give('good.test', 'crm');
    await page.getByText('receiver.test: new selectors crm. They are being checked.').waitFor();
    await known.getByText(/in a DMARC report up to /).waitFor();
    await seen.getByRole('link', { name: '2 mails' }).first().click();
    // The same three witnesses of one mail.
    await page.getByRole('columnheader', { name: 'Published in DNS' }).waitFor();
    await page.getByRole('link', { name: 'See the domain' }).click();
    await page.getByRole('heading', { name: 'good.test' }).waitFor();
  });

  test('a form takes a name as it was copied, says what is wrong, and leads to what is watched already', async () => {
    const { page } = here;
    await open(page, '/domains/new');
    const name = page.getByRole('textbox', { name: 'Domain' });
    await name.fill('nonsense');
    await page.getByRole('button', { name: 'Add and check' }).click();
    await page.getByText('Write it like example.com').waitFor();
    await name.fill('News <news@good.test>');
    await page.getByRole('button', { name: 'Add and check' }).click();
    await page.getByText('good.test is watched already.').waitFor();
    await name.fill('tangled.test');
    await page.getByRole('combobox', { name: 'Sending addresses' }).pressSequentially('203.0.113.300 ');
    await page.getByRole('combobox', { name: 'DKIM selectors' }).pressSequentially('s1,old,');
    await page.getByText('203.0.113.300 is no IP address').waitFor();
    await page.getByRole('combobox', { name: 'Sending addresses' }).press('Backspace');
    await page.getByRole('combobox', { name: 'Sending addresses' }).pressSequentially('203.0.113.12,');
    await page.getByRole('button', { name: 'Add and check' }).click();
    await page.waitForURL(/domains\/[^/]+$/);
    ids.tangled = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    await page.getByText('Delivery is harmed').waitFor();
  });

  test('one at fault names what to mend first, marks it in the record, and has what to publish', async () => {
    const { page } = here;
    await page.getByRole('link', { name: 'The key is too short' }).first().waitFor();
    const dmarc = card(page, 'DMARC');
    assert.deepEqual(await dmarc.locator('.record').first().locator('mark').allTextContents(), [
      'p=none',
      'pct=50',
      'mailto:reports@elsewhere.test',
    ]);
    // Not by colour alone: a number stands behind each, and before its finding.
    await dmarc.getByText('marked by finding 1').waitFor({ state: 'attached' });
    assert.match((await dmarc.locator('.finding-head').first().textContent()) ?? '', /^1Forged mail/);
    await dmarc.getByText('Newer and older receivers read it differently.').waitFor();
    await dmarc.getByText('for 50% of the mail that fails').waitFor();
    await dmarc.getByText('does not agree to get them').waitFor();
    await dmarc.getByText('Tags', { exact: true }).click();
    await dmarc.getByRole('row', { name: /pct.*50.*removed: older receivers/ }).waitFor();
    // One record for the name, and one that the other side has to publish: until it has, nobody reads reports, and the policy waits.
    const own = dmarc.getByRole('region', { name: 'What to publish: _dmarc.tangled.test TXT' });
    await own.getByText('Publish this once: it mends this finding.').waitFor();
    await own.getByText('A stronger policy waits').waitFor();
    assert.deepEqual(await own.locator('del').allTextContents(), ['pct=50; ', 'ri=86400']);
    await own.getByRole('button', { name: 'Copy the value' }).click();
    assert.equal(
      await page.evaluate('navigator.clipboard.readText()'),
      'v=DMARC1; p=none; rua=mailto:reports@elsewhere.test',
    );
    const others = dmarc.getByRole('region', { name: /^What to publish: tangled\.test\._report/ });
    await others.getByRole('link', { name: 'Reports to another domain are not agreed to' }).click();
    assert.match(page.url(), /#dmarc-2$/);
    await dmarc
      .locator('#dmarc-2')
      .getByText('The record for tangled.test._report._dmarc.elsewhere.test above mends this.')
      .waitFor();
    // Every finding that a record mends is told once, and has no record of its own beside it.
    const spf = card(page, 'SPF');
    await spf.getByText('Publish this once: it mends these 2 findings together.').waitFor();
    assert.equal(await spf.locator('.fix').count(), 1);
    await card(page, 'DKIM')
      .getByRole('row', { name: /old.*RSA, 512 bits · test mode/ })
      .waitFor();
    await card(page, 'PTR').getByText('(does not lead back)').waitFor();
    await card(page, 'Blocklists')
      .getByRole('row', { name: /203\.0\.113\.12.*listed.*few receivers use it/ })
      .waitFor();
    const asked = page.getByRole('table', { name: 'What large providers ask of bulk senders' });
    await asked.getByRole('link', { name: 'Reverse name does not lead back' }).click();
    assert.match(page.url(), /#ptr$/);
  });

  test('the tree of SPF has what each term costs, and an address is asked about by keyboard alone', async () => {
    const { page } = here;
    const spf = card(page, 'SPF');
    await spf.getByText('Lookups: 11, at most 10').waitFor();
    const tree = spf.getByRole('list', { name: 'Record of tangled.test' });
    const terms = await tree.locator('.spf-term').allTextContents();
    // Folded: what is in it stands beside it, and only what is wrong is open.
    assert.match(terms[0] ?? '', /include:mail\.esp\.test.*4 terms inside.*8 lookups.*8 so far/);
    assert.match(
      terms.find((text) => text.includes('gone.')) ?? '',
      /finds nothing.*1 lookup · 1 void · 11 so far.*the limit is passed here/,
    );
    assert.equal(terms.length, 5);
    const branch = spf.getByRole('button', { name: 'What include:mail.esp.test leads to' });
    assert.equal(await branch.getAttribute('aria-expanded'), 'false');
    await branch.focus();
    await page.keyboard.press('Enter');
    assert.equal(await branch.getAttribute('aria-expanded'), 'true');
    await tree.getByText('mail.esp.test', { exact: true }).waitFor();
    assert.match((await tree.locator('.spf-term').first().textContent()) ?? '', /8 lookups.*1 so far/);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    await tree.getByText('a:h1.esp.test', { exact: true }).waitFor();
    await branch.press('Enter');
    assert.equal(await tree.locator('.spf-term').count(), 5);
    await spf.getByRole('button', { name: 'Open all branches' }).click();
    assert.equal(await tree.getByRole('button', { expanded: true }).count(), 5);
    await spf.getByRole('button', { name: 'Fold all branches' }).click();
    assert.equal(await tree.locator('.spf-term').count(), 5);
    const field = spf.getByRole('textbox', { name: 'Address' });
    await field.fill('203.0.113.999');
    await page.keyboard.press('Enter');
    await spf.getByText('Write an IP address like 203.0.113.7').waitFor();
    await field.fill('198.51.100.101');
    await page.keyboard.press('Enter');
    const answer = spf.locator('.spf-answer');
    await answer.getByText('Yes: 198.51.100.101 passes.').waitFor();
    await answer.getByText('a:h1.esp.test').waitFor();
    assert.ok((await answer.getByText('matches', { exact: false }).count()) > 2);
    await field.fill('203.0.113.7');
    await page.keyboard.press('Enter');
    await answer.getByText('No: the record cannot be used, so 203.0.113.7 does not pass.').waitFor();
  });

  test('a record that changes comes up live in the history, part by part, and as a mark on the charts', async () => {
    const { page } = here;
    world.publish('_dmarc.good.test', 'TXT', '"v=DMARC1; p=none; rua=mailto:dmarc@good.test"');
    await open(page, `/domains/${ids.good}`);
    await open(japanese.page, `/domains/${ids.good}`);
    ahead += 2 * 60_000;
    await page.getByRole('button', { name: 'Check now' }).click();
    await page.getByText('Delivery may be harmed').waitFor();
    const history = page.getByRole('region', { name: 'What changed' });
    await history.getByText('DMARC changed').waitFor();
    assert.equal(await history.locator('del').textContent(), 'p=reject; ');
    assert.equal(await history.locator('ins').textContent(), 'p=none; ');
    // Nobody touched the other window.
    await japanese.page.getByText('メールの到達に支障が出るおそれがあります').waitFor();
    await japanese.page.getByText('DMARC 変更').waitFor();
    await open(page, `/monitors/${ids.monitor}`);
    await page.getByRole('region', { name: 'What changed' }).getByRole('link', { name: 'good.test' }).click();
    await page.waitForURL(`**/domains/${ids.good}`);
  });

  test('what is gone is believed when it is seen twice', async () => {
    const { page } = here;
    world.publish('_smtp._tls.good.test', 'TXT', null);
    ahead += 10 * 60_000;
    await checkNow(world, ids.good ?? '');
    await page.getByText('Something seems to be gone').waitFor();
    assert.equal(await page.getByText('TLS-RPT removed').count(), 0);
    ahead += 2 * 60_000;
    await checkNow(world, ids.good ?? '');
    await page.getByText('TLS-RPT removed').waitFor();
    await page.getByText('Something seems to be gone').waitFor({ state: 'detached' });
  });

  test('what gives no answer is no verdict, and says so', async () => {
    ids.silent = await add({ name: 'silent.test' });
    await open(japanese.page, `/domains/${ids.silent}`);
    await japanese.page.getByText('一部を確認できませんでした').waitFor();
    await japanese.page.getByText(/silent\.test（TXT）：DNSサーバーの障害/).waitFor();
    await card(japanese.page, 'SPF').getByText('確認できず').waitFor();
    await open(here.page, '/domains');
    await here.page.getByRole('row', { name: /silent\.test.*Partly not to be checked since/ }).waitFor();
  });

  test('a name in letters is shown in letters, with the one in DNS beside it; the list is searched by both', async () => {
    const { page } = here;
    ids.letters = await add({ name: 'bücher.test' });
    await open(page, `/domains/${ids.letters}`);
    await page.getByRole('heading', { name: 'bücher.test' }).waitFor();
    await page.getByText('in DNS: xn--bcher-kva.test').waitFor();
    await card(page, 'MX').getByText('None: the domain takes no mail').waitFor();
    for (const words of ['bücher', 'kva', 'BÜCHER serious']) {
      await open(page, `/domains?search=${encodeURIComponent(words)}`);
      assert.equal(await page.getByRole('row').count(), 2, words);
    }
    await open(page, '/domains?search=nowhere');
    await page.getByText('Nothing found').waitFor();
  });

  test('paused by the menu and taken up again; deleted only with its name typed', async () => {
    const { page } = here;
    await open(page, '/domains');
    const row = page.getByRole('row', { name: /bücher\.test/ });
    await row.getByRole('button', { name: 'More for bücher.test' }).click();
    await page.getByRole('menuitem', { name: 'Pause' }).click();
    await row.getByText('Paused').waitFor();
    await row.getByText('no further check is planned').waitFor();
    await row.getByRole('button', { name: 'More for bücher.test' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    const dialog = page.getByRole('dialog', { name: 'Stop watching bücher.test?' });
    await dialog.getByText('every check, every change of a record').waitFor();
    assert.ok(await dialog.getByRole('button', { name: 'Delete' }).isDisabled());
    await dialog.getByRole('textbox').fill('bücher.test');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await row.waitFor({ state: 'detached' });
    await open(page, `/domains/${ids.letters}`);
    await page.getByText('This domain is not watched any more.').waitFor();
  });

  test('grey shapes while it is fetched, words when it fails, and the rest stands', async () => {
    const { page } = here;
    let fail = true;
    await page.route('**/api/domains*', async (route) => {
      if (fail) return route.fulfill({ status: 503, body: 'no' });
      return route.continue();
    });
    await page.goto('/domains');
    await page.locator('.mantine-Skeleton-root').first().waitFor();
    const alert = page.getByRole('alert');
    await alert.waitFor({ timeout: 30_000 });
    fail = false;
    await alert.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('row', { name: /good\.test/ }).waitFor();
    await page.unroute('**/api/domains*');
  });

  test('a check tells how far it is and what it waits for, and moves nothing', async () => {
    const tops = (page: Page) =>
      page.evaluate(
        "[...document.querySelectorAll('section')].map((one) => Math.round(one.getBoundingClientRect().top)).join()",
      );
    const windows = [
      { page: here.page, theme: 'light' as const, waits: /DMARC has waited .* for TXT _dmarc\.silent/ },
      { page: japanese.page, theme: 'dark' as const, waits: /DMARC：.*応答待ち（TXT _dmarc\.silent\.test）/ },
    ];
    const before: unknown[] = [];
    for (const { page } of windows) {
      await open(page, `/domains/${ids.silent}`);
      await page.locator('#spf').waitFor();
      before.push(await tops(page));
    }
    await here.page.getByRole('button', { name: 'Check now' }).click();
    for (const [i, { page, theme, waits }] of windows.entries()) {
      // What one window asked for, every window tells.
      await page.locator('.progress-line').getByText(waits).waitFor();
      assert.equal(await tops(page), before[i]);
      const chips = await page.locator('.protocol-chips.large .protocol-chip').allTextContents();
      assert.equal(chips.length, 11);
      assert.match(chips[1] ?? '', /^DKIM(?:\d+ of \d+ selectors tried|セレクター \d+\/\d+件)$/);
      if (i === 0) assert.deepEqual(await axeIn(page, theme), []);
    }
    await here.page
      .getByRole('status')
      .getByText('The check is done: ')
      .waitFor({ state: 'attached', timeout: 40_000 });
    await japanese.page.getByRole('status').getByText('確認が終わりました（結果：').waitFor({ state: 'attached' });
    for (const { page } of windows)
      assert.equal(await page.locator('.protocol-chips.large a.protocol-chip').count(), 11);
  });

  test('nothing for axe to find, light and dark, wide and on a phone; nothing wider than the phone', async () => {
    const paths = [
      '/domains',
      `/domains/${ids.tangled}`,
      `/domains/${ids.silent}`,
      '/domains/new',
      `/domains/${ids.tangled}/edit`,
    ];
    for (const { page, theme } of [
      { page: here.page, theme: 'light' as const },
      { page: japanese.page, theme: 'dark' as const },
    ])
      for (const path of paths) {
        await open(page, path);
        await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
        const branches = page.getByRole('button', { name: /^(Open all branches|すべて開く)$/ });
        if ((await branches.count()) > 0) await branches.click();
        assert.deepEqual(await axeIn(page, theme), [], path);
        const [wide, width] = (await page.evaluate('[document.documentElement.scrollWidth, innerWidth]')) as number[];
        assert.ok((wide ?? 0) <= (width ?? 0), `${path} is ${wide} wide`);
      }
  });

  test('nothing complained', () => {
    assert.deepEqual([...here.complaints, ...japanese.complaints], []);
  });
});
