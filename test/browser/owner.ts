/** The owner's windows: signed in with a link, as somebody who needs no guide; and the same owner on a phone, in Japanese. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Todoku } from '../../server/main.ts';
import { createSignInLink } from '../../server/owner/links.ts';
import type { World } from '../flow/world.ts';
import { type Visit, visit } from './chromium.ts';

/** Where something is set up, or the guide was left: elsewhere it opens instead of the overview. */
export async function signIn(page: Page, { app, url }: Pick<Todoku, 'app' | 'url'>): Promise<void> {
  await page.goto(await createSignInLink(app, url));
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}

export async function openAsOwner(
  browser: Browser,
  { call, todoku }: Pick<World, 'call' | 'todoku'>,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  await call('PATCH', '/api/settings', { guide: 'left' });
  const here = await visit(browser, todoku.url, options);
  await signIn(here.page, todoku);
  return here;
}

/** @param owner a window that is signed in */
export async function openOnPhone(
  browser: Browser,
  { todoku }: Pick<World, 'todoku'>,
  owner: Visit,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  return visit(browser, todoku.url, {
    storageState: await owner.context.storageState(),
    locale: 'ja-JP',
    timezoneId: 'Asia/Tokyo',
    viewport: { width: 390, height: 844 },
    ...options,
  });
}
