/**
 * A policy of one's own on the pages: read in words, changed field by field, filled in from a file, taken away as one, given before the first audit, and a done audit judged by
 * it. Both languages, by mouse and by keyboard, on a phone too.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import type { AuditJson } from '../../server/api/json/audits.ts';
import type { CampaignJson } from '../../server/api/json/campaigns.ts';
import { policySchema } from '../../server/campaign/policy.ts';
import { newsletter } from '../flow/campaign-world.ts';
import { addSeed, startWorld, type World } from '../flow/world.ts';
import { axe } from './axe.ts';
import { noBrowser, openBrowser, until, type Visit } from './chromium.ts';
import { openAsOwner, openOnPhone } from './owner.ts';
import { open } from './pages.ts';

const MAIL = newsletter('news@good.test', { subject: 'Winter boots are here' });
const asFile = (name: string, content: string | Buffer) => ({
  ...{ name, mimeType: 'application/json' },
  buffer: Buffer.from(content),
});

describe('policies', { skip: noBrowser }, () => {
  let world: World;
  let browser: Browser;
  let here: Visit;
  let japanese: Visit;
  const ids = { campaign: '', audit: '' };
  const panel = (page: Page): Locator => page.getByRole('region', { name: 'Policy', exact: true });
  const dialog = (page: Page): Locator => page.getByRole('dialog', { name: 'Policy' });
  const verdict = (page: Page): Locator => page.getByRole('region', { name: 'Verdict' });
  const campaign = () => world.call<CampaignJson>('GET', `/api/campaigns/${ids.campaign}`);
  const audited = (id: string) =>
    until(
      () => world.call<AuditJson>('GET', `/api/audits/${id}`),
      ({ state }) => state === 'done',
      60_000,
    );
  const keep = async (page: Page): Promise<void> => {
    await dialog(page).getByRole('button', { name: 'Keep this policy' }).click();
    await dialog(page).waitFor({ state: 'detached' });
  };

  before(async () => {
    [world, browser] = await Promise.all([startWorld(), openBrowser()]);
    here = await openAsOwner(browser, world, { viewport: { width: 1440, height: 900 } });
    japanese = await openOnPhone(browser, world, here, { colorScheme: 'dark' });
  });
  after(async () => {
    await browser?.close();
    await world?.stop();
  });

  test('is given before the first audit, and what is dropped is judged by it', async () => {
    const { page } = here;
    await open(page, '/campaigns');
    await panel(page).getByText('Judged by the default policy:').waitFor();
    await panel(page).getByText('DKIM must hold.').waitFor();
    await panel(page).getByText('If placement is tested: at least 50% of all in the inbox').waitFor();
    await panel(page).getByRole('button', { name: 'Change the policy' }).click();
    // What the default is cannot be gone back to.
    assert.equal(await dialog(page).getByRole('button', { name: 'Back to the default' }).isDisabled(), true);
    await dialog(page).getByRole('textbox', { name: 'Least score' }).fill('99');
    await keep(page);
    await panel(page).getByText('Judged by a policy of your own:').waitFor();
    await panel(page).getByText('A score of at least 99.').waitFor();
    await page.locator('input[type=file]').setInputFiles({
      ...{ name: 'winter-boots.eml', mimeType: 'message/rfc822' },
      buffer: MAIL,
    });
    await page.waitForURL(/audits\//);
    ids.audit = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    await verdict(page).getByText('Fix first').waitFor({ timeout: 60_000 });
    const done = await audited(ids.audit);
    ids.campaign = done.campaignId;
    assert.equal(done.policy.minScore, 99);
    await verdict(page).getByText('A score of at least 99.').waitFor();
    await verdict(page).getByRole('link', { name: 'Change what the next audit is judged by' }).click();
    await panel(page).getByText('This campaign’s own.').waitFor();
  });

  test('is changed field by field: findings by their titles, rates by provider', async () => {
    const { page } = here;
    await panel(page).getByRole('button', { name: 'Edit' }).click();
    const form = dialog(page);
    await form.getByRole('combobox', { name: 'Nothing graver than' }).click();
    await page.getByRole('option', { name: 'Untidy' }).click();
    await form.getByRole('checkbox', { name: 'DMARC' }).check();
    await form.getByRole('combobox', { name: 'Accepted findings' }).fill('dark');
    await page.getByRole('option', { name: 'Nothing about dark screens' }).click();
    // No id is shown to anybody.
    assert.equal(await page.getByText('html-dark').count(), 0);
    await page.keyboard.press('Escape');
    await form.getByRole('textbox', { name: 'Most points by rspamd' }).fill('6.5');
    await form.getByRole('radio', { name: 'A placement test is needed' }).check();
    await form.getByRole('textbox', { name: 'All providers' }).fill('');
    await form.getByRole('button', { name: 'Keep this policy' }).click();
    await form.getByText('Give a share, or add a provider').waitFor();
    await form.getByRole('button', { name: 'Add a provider' }).click();
    await form.getByText('Choose a provider').waitFor();
    await form.getByRole('combobox', { name: 'Provider' }).click();
    await page.getByRole('option', { name: 'Gmail' }).click();
    await form.getByRole('textbox', { name: 'Least share' }).fill('72.5');
    await form.getByRole('radio', { name: 'The share as measured' }).check();
    await form.getByText('Quicker to answer, but with few seeds chance may decide.').waitFor();
    assert.deepEqual(await axe(page), []);
    await keep(page);
    await panel(page).getByText('Nothing graver than “Untidy”.').waitFor();
    await panel(page).getByText('DKIM and DMARC must hold.').waitFor();
    await panel(page).getByText('At most 6.5 points by rspamd.').waitFor();
    await panel(page).getByText('Gmail: at least 72.5% in the inbox, as measured.').waitFor();
    await panel(page).getByText('1 kind of finding is accepted: Nothing about dark screens').waitFor();
    const { policy, ownPolicy } = await campaign();
    assert.equal(ownPolicy, true);
    assert.deepEqual(policy, {
      ...{ maxSeverity: 'low', minScore: 99, requireAuthentication: ['dkim', 'dmarc'], ignore: ['html-dark'] },
      ...{ maxFilterScore: { rspamd: 6.5 }, minInboxRate: { gmail: 0.725 }, inboxRateBy: 'point' },
    });
  });

  test('is taken away as the file that the command takes', async () => {
    const { page } = here;
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      panel(page).getByRole('button', { name: 'Download JSON' }).click(),
    ]);
    assert.equal(file.suggestedFilename(), 'winter-boots.policy.json');
    const content: unknown = JSON.parse(await readFile(await file.path(), 'utf8'));
    assert.deepEqual(policySchema.parse(content), (await campaign()).policy);
  });

  test('a file fills the form, and a bad one is refused in a sentence that names the field', async () => {
    const { page } = here;
    const before = await campaign();
    await panel(page).getByRole('button', { name: 'Edit' }).click();
    const give = (name: string, content: string) =>
      dialog(page).locator('input[type=file]').setInputFiles(asFile(name, content));
    for (const [name, content, sentence] of [
      ['notes.json', '{"minScore": 80,', 'notes.json is no JSON.'],
      ['list.json', '[1]', 'list.json is no policy: it must be an object with the fields of a policy.'],
      ['a.json', '{"minScores": 80}', 'a.json cannot be used: a policy has no field “minScores”.'],
      [
        'b.json',
        '{"minInboxRate": {"gmail": 70}}',
        'b.json cannot be used: “minInboxRate.gmail” must be a share from 0 to 1, such as 0.7.',
      ],
      [
        'c.json',
        '{"maxSeverity": "bad"}',
        'c.json cannot be used: “maxSeverity” must be critical, high, medium, low or info.',
      ],
    ] as const) {
      await give(name, content);
      await dialog(page).getByRole('status').getByText(sentence, { exact: true }).waitFor();
    }
    await give(
      'team.json',
      '{"minScore": 80, "ignore": ["filters-none", "of-tomorrow"], "$schema": "./policy.schema.json"}',
    );
    await dialog(page).getByText('Filled in from team.json. It is kept when you save it.').waitFor();
    assert.equal(await dialog(page).getByRole('textbox', { name: 'Least score' }).inputValue(), '80');
    // One that this version does not know is not thrown away in silence.
    await dialog(page).getByText('of-tomorrow').waitFor();
    assert.deepEqual((await campaign()).policy, before.policy, 'nothing is kept before it is saved');
    await keep(page);
    const { policy } = await campaign();
    assert.deepEqual(
      [policy.$schema, policy.minScore, policy.maxSeverity, policy.ignore],
      ['./policy.schema.json', 80, 'medium', ['filters-none', 'of-tomorrow']],
    );
  });

  test('by keyboard alone: opened, changed and left; what was left is not kept', async () => {
    const { page } = here;
    const edit = panel(page).getByRole('button', { name: 'Edit' });
    await edit.focus();
    await page.keyboard.press('Enter');
    await dialog(page).getByRole('textbox', { name: 'Least score' }).focus();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('10');
    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'detached' });
    assert.equal((await campaign()).policy.minScore, 80);
    await until(
      () => page.evaluate<string>('document.activeElement.textContent'),
      (text) => text === 'Edit',
    );
    await page.keyboard.press('Enter');
    await dialog(page).getByRole('textbox', { name: 'Least score' }).focus();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('10');
    await page.keyboard.press('Enter');
    await panel(page).getByText('A score of at least 10.').waitFor();
  });

  test('back to the default, and a done audit is judged by it: the verdict is another, the findings stay', async () => {
    const { page } = here;
    await panel(page).getByRole('button', { name: 'Edit' }).click();
    await dialog(page).getByRole('button', { name: 'Back to the default' }).click();
    await keep(page);
    await panel(page).getByText('The default. The next audit is judged by it.').waitFor();
    assert.equal((await campaign()).ownPolicy, false);
    const was = await audited(ids.audit);
    const all = [...new Set(was.result?.findings.map(({ id }) => id))];
    await world.call('PATCH', `/api/campaigns/${ids.campaign}`, {
      policy: { maxSeverity: 'critical', requireAuthentication: [], ignore: all },
    });
    await open(page, `/audits/${ids.audit}`);
    await verdict(page).getByText('A score of at least 99.').waitFor();
    await verdict(page).getByText('The campaign asks for something else by now.').waitFor();
    assert.deepEqual(await axe(page), []);
    await verdict(page).getByRole('button', { name: 'Judge by the present policy' }).click();
    await verdict(page).getByText('Findings of any severity may stand.').waitFor();
    await verdict(page).getByText('judged anew').waitFor();
    assert.equal(await verdict(page).getByText('Fix first').count(), 0);
    const now = await audited(ids.audit);
    assert.deepEqual([was.verdict, now.verdict, now.score], ['fix-first', 'go', 100]);
    assert.deepEqual([now.result?.findings, now.result?.links], [was.result?.findings, was.result?.links]);
    await page.getByText('accepted by the policy').first().waitFor();
    assert.deepEqual(here.complaints, []);
  });

  test('in Japanese on a phone: the same in its words, and a bad file refused in them', async () => {
    const { page } = japanese;
    await open(page, `/campaigns/${ids.campaign}`);
    const policy = page.getByRole('region', { name: 'ポリシー', exact: true });
    await policy.getByText('指摘の重大さは問わない。').waitFor();
    await policy.getByRole('button', { name: '編集' }).click();
    const form = page.getByRole('dialog', { name: 'ポリシー' });
    await form.locator('input[type=file]').setInputFiles(asFile('x.json', '{"inboxRateBy": "top"}'));
    await form
      .getByText('x.jsonは使えません。「inboxRateBy」にはlower-endかpointを指定してください。', { exact: true })
      .waitFor();
    await form.getByRole('radio', { name: '振り分けテストが必須' }).check();
    await form.getByRole('button', { name: 'プロバイダーを追加' }).click();
    assert.equal(await page.evaluate('document.documentElement.scrollWidth > window.innerWidth'), false);
    assert.deepEqual(await axe(page), []);
    await page.keyboard.press('Escape');
    await form.waitFor({ state: 'detached' });
    await open(page, `/audits/${ids.audit}`);
    await page.getByText('判定に使ったポリシー').waitFor();
    await page.getByText('指摘の重大さは問わない。').waitFor();
    assert.equal(await page.evaluate('document.documentElement.scrollWidth > window.innerWidth'), false);
    assert.deepEqual(japanese.complaints, []);
  });

  test('a draft and a watch begin with what was chosen; saving it does not send the form around it', async () => {
    const { page } = here;
    await addSeed(world, 'inbox@gmail.test', 'imap');
    await open(page, '/campaigns/draft');
    await panel(page).getByText('Judged by the default policy for drafts:').waitFor();
    await panel(page).getByRole('button', { name: 'Change the policy' }).click();
    await dialog(page).getByRole('textbox', { name: 'Least score' }).fill('42');
    await keep(page);
    await panel(page).getByText('A score of at least 42.').waitFor();
    assert.equal(await page.getByText('A mail needs HTML or text').count(), 0);
    await page.getByRole('textbox', { name: 'From address' }).fill('news@good.test');
    await page.getByRole('textbox', { name: 'Subject' }).fill('Spring is near');
    await page.getByRole('textbox', { name: 'Text', exact: true }).fill('Hello spring');
    await page.getByRole('button', { name: 'Save and audit' }).click();
    await page.waitForURL(/audits\//);
    await verdict(page).getByText('A score of at least 42.').waitFor({ timeout: 60_000 });
    // A form that is opened again has it, too.
    const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    await open(page, `/campaigns/${(await audited(id)).campaignId}/draft`);
    await panel(page).getByText('A score of at least 42.').waitFor();

    await open(page, '/campaigns/watch');
    await page.getByRole('textbox', { name: 'Name' }).fill('Summer sale');
    await panel(page).getByRole('button', { name: 'Change the policy' }).click();
    await dialog(page).getByRole('textbox', { name: 'Least score' }).fill('43');
    await keep(page);
    await page.getByRole('button', { name: 'Start watching' }).click();
    await page.waitForURL(/audits\//);
    const watched = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    assert.equal((await world.call<AuditJson>('GET', `/api/audits/${watched}`)).policy.minScore, 43);
    assert.deepEqual(here.complaints, []);
  });
});
