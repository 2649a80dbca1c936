/**
 * Takes pictures of every page: both languages, both themes, laptop and phone, from the sandbox's real mail. They are for looking at, not for comparing.
 *
 *   node test/browser/screenshots.ts [FOLDER]          all of them; default folder: data/screenshots (ignored by git)
 *   node test/browser/screenshots.ts --readme          only the picture in the README
 *
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createSignInLink } from '../../server/owner/links.ts';
import { addMonitor, addSeed, addSender, type Run, startWorld, type World } from '../flow/world.ts';
import { noBrowser, openBrowser, until, visit } from './chromium.ts';

const README_PICTURE = new URL('../../web/screenshots/dashboard-en.png', import.meta.url).pathname;

const SEEDS: readonly (readonly [string, 'imap' | 'pop3'])[] = [
  ['inbox@gmail.test', 'imap'],
  ['mia@gmail.test', 'imap'],
  ['ken@gmail.test', 'imap'],
  ['promotions@gmail.test', 'imap'],
  ['inbox@outlook.test', 'imap'],
  ['noah@outlook.test', 'imap'],
  ['spam@outlook.test', 'imap'],
  ['inbox@yahoo.test', 'imap'],
  ['emma@yahoo.test', 'imap'],
  ['slow-8s@yahoo.test', 'imap'],
  ['inbox@yahoo-japan.test', 'imap'],
  ['sakura@yahoo-japan.test', 'pop3'],
  ['haruto@yahoo-japan.test', 'imap'],
  ['anna@plain.test', 'imap'],
  ['ben@plain.test', 'imap'],
  ['missing@plain.test', 'imap'],
  ['550@plain.test', 'imap'],
  ['imap-down@outlook.test', 'imap'],
];
const ROUNDS = 6;

if (noBrowser) throw new Error(noBrowser);
const [argument] = process.argv.slice(2);
const onlyReadme = argument === '--readme';
const folder = resolve(onlyReadme || argument === undefined ? 'data/screenshots' : argument);
const world = await startWorld();
const browser = await openBrowser();
try {
  const paths = await fill(world);
  const first = await visit(browser, world.todoku.url);
  await first.page.goto(await createSignInLink(world.todoku.app, world.todoku.url));
  await first.page.getByRole('heading', { name: 'Overview' }).waitFor();
  const storageState = await first.context.storageState();
  await first.context.close();
  if (!onlyReadme) await mkdir(folder, { recursive: true });
  for (const language of ['en', 'ja'] as const) {
    for (const scheme of ['light', 'dark'] as const) {
      for (const width of [1440, 390]) {
        if (onlyReadme && (language !== 'en' || scheme !== 'light' || width !== 1440)) continue;
        const { context, page } = await visit(browser, world.todoku.url, {
          storageState,
          locale: language === 'ja' ? 'ja-JP' : 'en-GB',
          timezoneId: language === 'ja' ? 'Asia/Tokyo' : 'Europe/Berlin',
          colorScheme: scheme,
          viewport: { width, height: width === 390 ? 844 : 900 },
        });
        for (const [name, path] of Object.entries(onlyReadme ? { overview: paths.overview } : paths)) {
          await page.goto(path);
          await page.getByRole('heading', { level: 1 }).first().waitFor();
          await until(
            () => page.locator('.mantine-Skeleton-root').count(),
            (count) => count === 0,
          );
          const file = onlyReadme ? README_PICTURE : join(folder, `${name}-${width}-${scheme}-${language}.png`);
          await page.screenshot({ path: file, fullPage: true });
          console.log(file);
        }
        await context.close();
      }
    }
  }
} finally {
  await browser.close();
  await world.stop();
}

/** Senders, seeds, monitors and some rounds of mail. @returns the paths worth a picture */
async function fill(world: World): Promise<Record<string, string> & { overview: string }> {
  const news = await addSender(world, 'good.test', { name: 'Newsletter' });
  const shop = await addSender(world, 'no-dmarc.test', { name: 'Shop receipts' });
  const seeds: string[] = [];
  for (const [address, protocol] of SEEDS)
    seeds.push(await addSeed(world, address, protocol, { tags: [address.includes('japan') ? 'japan' : 'customers'] }));
  const schedule = { cron: '0 9 * * *', timeZone: 'Europe/Berlin' };
  const monitors = [
    await addMonitor(world, news, seeds, {
      name: 'Weekly newsletter',
      message: { template: 'newsletter', language: 'en' },
      schedule,
    }),
    await addMonitor(world, shop, seeds.slice(0, 12), {
      name: '注文確認メール',
      message: { template: 'one-link', language: 'ja' },
      schedule: null,
    }),
  ];
  let last = '';
  for (let round = 0; round < ROUNDS; round++) {
    for (const monitor of monitors) {
      const { id } = await world.call<{ id: string }>('POST', `/api/monitors/${monitor}/runs`);
      const run = await until(
        () => world.call<Run>('GET', `/api/runs/${id}`),
        (one) => one.state !== 'running',
        90_000,
      );
      if (monitor === monitors[0]) last = run.id;
    }
  }
  const run = await world.call<Run>('GET', `/api/runs/${last}`);
  const probe = (start: string) => `/probes/${run.probes.find((one) => one.seed.startsWith(start))?.id}`;
  return {
    overview: '/?range=24h',
    run: `/runs/${last}`,
    runs: '/runs',
    'probe-spam': probe('spam@'),
    'probe-missing': probe('missing@'),
    monitors: '/monitors',
    monitor: `/monitors/${monitors[0]}`,
    'monitor-form': `/monitors/${monitors[0]}/edit`,
    seeds: '/seeds',
    'seed-form': `/seeds/${seeds[0]}`,
    import: '/seeds/import',
    senders: '/senders',
    'sender-form': `/senders/${news}`,
    settings: '/settings',
  };
}
