/** What axe finds on a page as it stands: WCAG 2.2 A and AA, and the best practices. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { until } from './chromium.ts';

const ALL = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const COLOURS = ['color-contrast'];

/** What is built wrong, and every colour that cannot be read. */
export async function axe(page: Page): Promise<string[]> {
  return findings(page, (builder) => builder.withTags(ALL));
}

/** Colours alone. The themes share their structure: only colours can fail in one and not in the other. */
export async function axeColours(page: Page): Promise<string[]> {
  return findings(page, (builder) => builder.withRules(COLOURS));
}

/** The page in a theme, once it wears it: everything in the light one, colours in the dark one. */
export async function axeIn(page: Page, theme: 'light' | 'dark'): Promise<string[]> {
  await page.emulateMedia({ colorScheme: theme });
  await page.locator(`html[data-mantine-color-scheme="${theme}"]`).waitFor({ state: 'attached' });
  return (await (theme === 'light' ? axe(page) : axeColours(page))).map((finding) => `${theme}: ${finding}`);
}

async function findings(page: Page, choose: (builder: AxeBuilder) => AxeBuilder): Promise<string[]> {
  await settled(page);
  const builder = choose(
    new AxeBuilder({ page })
      // Only what is wrong is of use: the rest, each element with its reasons, takes longest to write down.
      .options({ resultTypes: ['violations'] })
      // All in one page: frames show strangers' mail, which looks as strangers like.
      .setLegacyMode()
      .exclude('iframe'),
  );
  const { violations } = await builder.analyze();
  return violations.map(
    (violation) =>
      `${violation.id} (${violation.nodes
        .map((node) => `${node.target.join(' ')} ${node.failureSummary?.split('\n')[1]?.trim() ?? ''}`)
        .slice(0, 3)
        .join('; ')})`,
  );
}

/** What fades in has not its colours yet; what is about to fade begins with the next frame. */
async function settled(page: Page): Promise<void> {
  await until(
    () =>
      page.evaluate<number>(
        `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() =>
          done(document.getAnimations().filter((one) => one.playState === 'running' && one.effect?.getTiming().iterations !== Infinity).length))))`,
      ),
    (running) => running === 0,
  );
}
