/**
 * You send, we watch, on software nobody here wrote: another program sends a campaign through real Postfix, rspamd signs and judges it, Dovecot files it, and a person sees it
 * arrive in a browser, from the token to the verdict.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import type { AuditJson } from '../../server/api/json/audits.ts';
import { noBrowser, openBrowser, until, type Visit } from '../browser/chromium.ts';
import { openAsOwner } from '../browser/owner.ts';
import { labMissing } from './lab.ts';
import type { Order } from './second-program.ts';
import { accountOf, type LabWorld, startLabWorld } from './world.ts';

async function runSecondProgram(order: Order): Promise<void> {
  const child = spawn(process.execPath, [new URL('second-program.ts', import.meta.url).pathname], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  child.stdin.end(JSON.stringify(order));
  const [code] = (await once(child, 'exit')) as [number | null];
  assert.equal(code, 0);
}

describe('you send, we watch, on real Postfix, rspamd and Dovecot', { skip: labMissing() ?? noBrowser }, () => {
  let world: LabWorld;
  let browser: Browser;
  let here: Visit;

  before(async () => {
    [world, browser] = await Promise.all([startLabWorld(), openBrowser()]);
    const { lab, add } = world;
    await add('/api/seeds', { ...accountOf(lab, 0), protocol: 'imap', ...lab.imaps, security: 'tls' });
    await add('/api/seeds', { ...accountOf(lab, 0), protocol: 'pop3', ...lab.pop3s, security: 'tls' });
    await add('/api/seeds', { ...accountOf(lab, 1), protocol: 'imap', ...lab.imap, security: 'starttls' });
    here = await openAsOwner(browser, world, { viewport: { width: 1440, height: 900 } });
  });
  after(async () => {
    await browser?.close();
    await world?.stop();
  });

  test('from the token to the verdict', async () => {
    const { page } = here;
    const { lab, call } = world;
    await page.goto('/campaigns/watch');
    await page.getByRole('textbox', { name: 'Name' }).fill('Summer sale');
    await page.getByText('3 seeds chosen').waitFor();
    await page.getByRole('button', { name: 'Start watching' }).click();
    await page.waitForURL(/audits\//);
    const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    const [name = '', value = ''] = ((await page.locator('.send-steps .token code').textContent()) ?? '').split(': ');

    // The second account is left out, as an A/B split would.
    await runSecondProgram({
      smtp: { ...lab.smtps, user: lab.sender.user, password: lab.sender.password, caFile: lab.caFile },
      from: `Shop News <${lab.sender.fromAddress}>`,
      to: [lab.seeds[0]?.address ?? ''],
      mail: {
        subject: 'Summer sale',
        text: 'Everything for the summer, made to last.',
        html: '<!doctype html><html lang="en"><body><p>Everything for the summer, made to last.</p></body></html>',
        headers: { [name]: value },
      },
    });
    await page.getByText('2 of 3 seen').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Stop watching' }).click();
    await page.getByRole('region', { name: 'Verdict' }).waitFor({ timeout: 60_000 });

    const isOver = ({ state }: AuditJson): boolean => ['done', 'refused', 'failed'].includes(state);
    const { result } = await until(() => call<AuditJson>('GET', `/api/audits/${id}`), isOver, 60_000);
    assert.ok(result?.placement);
    // What really left: signed by the lab's own server, over TLS, passing everything.
    assert.deepEqual(result.authentication.holds, { spf: true, dkim: true, dmarc: true });
    const answers = Object.fromEntries(result.authentication.checklist.map(({ id, answer }) => [id, answer]));
    assert.deepEqual([answers.spf, answers.dkim, answers.alignment], ['met', 'met', 'met']);
    assert.deepEqual(
      result.placement.landings.map(({ protocol, outcome, placement }) => [protocol, outcome, placement?.kind]).sort(),
      [
        ['imap', 'placed', 'inbox'],
        ['imap', 'unknown', undefined],
        ['pop3', 'placed', 'inbox'],
      ],
    );
    // So few seeds are no rate.
    assert.equal(result.placement.campaign.inbox.value, null);
    assert.ok(result.reasons.some(({ reason }) => reason === 'placement-unknown'));
    await page
      .getByRole('table', { name: 'DKIM signatures' })
      .getByRole('row', { name: /pass.*aligned/ })
      .waitFor();
    await page.getByText(/1 seed saw nothing and stands in no rate/).waitFor();
    assert.deepEqual(here.complaints, []);
  });
});
