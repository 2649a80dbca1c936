/** What axe finds on a page as it stands: WCAG 2.2 A and AA, and the best practices. */
import axeCore, { type Result, type RunOnly, type RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';
import { until } from './chromium.ts';

const ALL: RunOnly = {
  type: 'tag',
  values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
};
const COLOURS: RunOnly = { type: 'rule', values: ['color-contrast'] };

/** What is built wrong, and every colour that cannot be read. */
export async function axe(page: Page): Promise<string[]> {
  return findings(page, ALL);
}

/** Colours alone. The themes share their structure: only colours can fail in one and not in the other. */
export async function axeColours(page: Page): Promise<string[]> {
  return findings(page, COLOURS);
}

/** The page in a theme, once it wears it: everything in the light one, colours in the dark one. */
export async function axeIn(page: Page, theme: 'light' | 'dark'): Promise<string[]> {
  await page.emulateMedia({ colorScheme: theme });
  await page.locator(`html[data-mantine-color-scheme="${theme}"]`).waitFor({ state: 'attached' });
  return (await (theme === 'light' ? axe(page) : axeColours(page))).map((finding) => `${theme}: ${finding}`);
}

async function findings(page: Page, runOnly: RunOnly): Promise<string[]> {
  await settled(page);
  // Said to a document once: it is long, and a page that is followed as a link stays the same document.
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(axeCore.source);
  const options: RunOptions = {
    runOnly,
    // Only what is wrong is of use: the rest, each element with its reasons, takes longest to write down.
    resultTypes: ['violations'],
    // Frames show strangers' mail, which looks as strangers like.
    iframes: false,
  };
  const violations = await page.evaluate<Result[]>(
    `axe.run({ exclude: [['iframe']] }, ${JSON.stringify(options)}).then(({ violations }) => violations)`,
  );
  return violations.map(
    (violation) =>
      `${violation.id} (${violation.nodes
        .map((node) => `${node.target.join(' ')} ${node.failureSummary?.split('\n')[1]?.trim() ?? ''}`)
        .slice(0, 3)
        .join('; ')})`,
  );
}

/** What fades in has not its colours yet: it is brought to its end. What is about to fade begins with the next frame. */
async function settled(page: Page): Promise<void> {
  await until(
    () =>
      page.evaluate<number>(
        `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => {
          const fading = document.getAnimations().filter((one) => one.playState === 'running' && one.effect?.getTiming().iterations !== Infinity);
          for (const one of fading) one.finish();
          done(fading.length);
        })))`,
      ),
    (fading) => fading === 0,
    20_000,
    0,
  );
}
