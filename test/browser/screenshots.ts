/**
 * Takes pictures of every page: both languages, both themes, laptop and phone, from the sandbox's real mail. They are for looking at, not for comparing.
 *
 *   npm run screenshots                      all of them, into data/screenshots, which git ignores
 *   npm run screenshots -- FOLDER [WORD…]    into another folder; only pages whose name contains one of the words
 *   npm run screenshots -- --readme          only the three pictures in the README
 *
 * Two weeks of history are made by turning the program's clock: it starts a fortnight back and is put forward after each round of mail, until it is right.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { readConfig } from '../../server/config.ts';
import { createLog } from '../../server/log.ts';
import { MADE_UP_NETWORK, ownServers } from '../../server/made-up.ts';
import { startTodoku, type Todoku } from '../../server/main.ts';
import { createPasswordLink } from '../../server/owner/links.ts';
import { createToken } from '../../server/owner/tokens.ts';
import { createWallLink } from '../../server/owner/walls.ts';
import { type Sandbox, startSandbox } from '../../server/sandbox/sandbox.ts';
import { callApi, type Run } from '../flow/world.ts';
import { noBrowser, openBrowser, until, visit } from './chromium.ts';
import { signIn } from './owner.ts';

/** What the README shows, as a laptop does: page, language and theme. */
const README = ['overview-1440-light-en', 'run-1440-light-ja', 'probe-spam-1440-dark-en'];
const README_FOLDER = new URL('../../web/screenshots', import.meta.url).pathname;

const SEEDS: readonly (readonly [address: string, protocol: 'imap' | 'pop3', tag: string])[] = [
  ['inbox@gmail.test', 'imap', 'customers'],
  ['mia@gmail.test', 'imap', 'customers'],
  ['ken@gmail.test', 'imap', 'customers'],
  ['promotions@gmail.test', 'imap', 'customers'],
  ['inbox@outlook.test', 'imap', 'customers'],
  ['noah@outlook.test', 'imap', 'customers'],
  ['spam@outlook.test', 'imap', 'later'],
  ['inbox@yahoo.test', 'imap', 'customers'],
  ['emma@yahoo.test', 'imap', 'customers'],
  ['inbox@yahoo-japan.test', 'imap', 'japan'],
  ['sakura@yahoo-japan.test', 'pop3', 'japan'],
  ['haruto@yahoo-japan.test', 'imap', 'japan'],
  ['anna@plain.test', 'imap', 'customers'],
  ['ben@plain.test', 'imap', 'customers'],
  ['spam@plain.test', 'imap', 'later'],
  ['missing@plain.test', 'imap', 'customers'],
  ['550@plain.test', 'imap', 'later'],
  ['imap-down@outlook.test', 'imap', 'later'],
];
const HOUR = 3_600_000;
const STEP = 12 * HOUR;
const ROUNDS = 27;

/** A mail with something to say about it. */
const CAMPAIGN = {
  from: 'news@good.test',
  fromName: 'Shop News',
  subject: 'Winter boots are here',
  html: `<html><body style="background:#f3f1ec"><table width="640" align="center" style="background:#fff"><tr><td style="padding:24px">
<h1 style="color:#5b3a1e">Winter boots are here</h1>
<p>Dear {{name}}, they are warm and dry, and there are forty of them.</p>
<p><img src="https://pictures.good.test/boots.png" width="560"></p>
<p style="color:#bbb">Only while stocks last.</p>
<p><a href="http://shop.good.test/boots">See all boots</a></p>
<p>Shop Ltd, 12 High Street, London SW1A 1AA. <a href="https://shop.good.test/u/1">Unsubscribe</a></p>
</td></tr></table></body></html>`,
  text: 'Winter boots are here. They are warm and dry, and there are forty of them.',
};

/** What to open, and what to do there before the picture is taken. */
type Picture = { path: string; act?: (page: Page) => Promise<void>; signedOut?: true };
type Pictures = Record<string, Picture>;

if (noBrowser) throw new Error(noBrowser);
const [argument, ...words] = process.argv.slice(2);
const forReadme = argument === '--readme';
const folder = forReadme ? README_FOLDER : resolve(argument ?? 'data/screenshots');

const data = await mkdtemp(join(tmpdir(), 'todoku-screenshots-'));
let behind = ROUNDS * STEP;
const now = () => Date.now() - behind;
const sandbox = await startSandbox({ now });
const todoku = await startTodoku(
  {
    ...readConfig({
      PORT: '0',
      TODOKU_DATA_DIR: data,
      TODOKU_DNS_SERVERS: sandbox.dnsServer,
      TODOKU_BLOCKLISTS: 'off',
      TODOKU_EXTRA_CA_FILE: sandbox.caFile,
      TODOKU_ALLOW_PRIVATE_NETWORKS: `127.0.0.0/8,::1/128,${MADE_UP_NETWORK}`,
    }),
    // The made-up addresses are nobody's.
    onlyServers: ownServers(sandbox),
  },
  { log: createLog('silent'), now },
);
const browser = await openBrowser();
try {
  const pictures = await fill(todoku, sandbox);
  await takeAll(browser, todoku, pictures);
} finally {
  await browser.close();
  await todoku.stop();
  await sandbox.stop();
  await rm(data, { recursive: true, force: true });
}

/** Senders, seeds, monitors and a fortnight of mail. @returns what is worth a picture */
async function fill(program: Todoku, world: Sandbox): Promise<Pictures> {
  const token = await createToken(program.app, 'screenshots');
  const call = <T>(method: string, path: string, body?: unknown) => callApi<T>(program.url, token, method, path, body);
  const add = async (path: string, body: unknown): Promise<string> =>
    (await call<{ id: string }>('POST', path, body)).id;
  const addSender = (domain: string, name: string) => {
    const { fromAddress, smtp } = world.sender(domain);
    return add('/api/senders', { name, fromAddress, fromName: name, smtp, dailyLimit: 2_000, minGapSeconds: 0 });
  };
  const sender = await addSender('good.test', 'Newsletter');
  const shop = await addSender('no-dmarc.test', 'Shop receipts');
  const seeds: string[] = [];
  for (const [address, protocol, tag] of SEEDS)
    seeds.push(await add('/api/seeds', { ...world.seed(address, protocol), tags: [tag] }));
  const domain = await add('/api/domains', { name: 'good.test' });
  const broken = await add('/api/domains', { name: 'broken-spf.test', selectors: ['s1'], ips: ['203.0.113.12'] });
  await add('/api/domains', { name: 'weak-key.test', selectors: ['s1', 'old'], ips: ['203.0.113.13'] });
  const deadlines = { lateAfterSeconds: 300, missingAfterSeconds: 3600, watchSeconds: 7200 };
  const newsletter = await add('/api/monitors', {
    name: 'Weekly newsletter',
    senderId: sender,
    seedTags: ['customers', 'japan'],
    message: { template: 'newsletter', language: 'en' },
    schedule: null,
    ...deadlines,
  });
  const receipts = await add('/api/monitors', {
    name: '注文確認メール',
    senderId: shop,
    seedTags: ['japan'],
    message: { template: 'one-link', language: 'ja' },
    schedule: null,
    ...deadlines,
  });
  const undecided = (run: Run) =>
    run.probes.filter((probe) => ['queued', 'sending', 'accepted'].includes(probe.outcome));
  const mayWait = /^(missing|imap-down)@/;
  let last = '';
  for (let round = 0; round < ROUNDS; round++) {
    // A change for the worse in the last days: more of the mail goes to spam, one account is gone, one cannot be read.
    if (round === ROUNDS - 6)
      await call('PATCH', `/api/monitors/${newsletter}`, { seedTags: ['customers', 'japan', 'later'] });
    for (const monitor of round % 2 === 0 ? [newsletter, receipts] : [newsletter]) {
      const id = await add(`/api/monitors/${monitor}/runs`, undefined);
      await until(
        () => call<Run>('GET', `/api/runs/${id}`),
        (run) => undecided(run).every((probe) => mayWait.test(probe.seed)),
        90_000,
      );
      if (monitor === newsletter) last = id;
    }
    behind -= STEP;
    await until(
      () => call<Run>('GET', `/api/runs/${last}`),
      (run) => undecided(run).length === 0,
      60_000,
    );
    console.error(`round ${round + 1} of ${ROUNDS}`);
  }
  // Only now: a schedule would fire by itself whenever the clock is put forward.
  const cron = '0 9 * * *';
  await call('PATCH', `/api/monitors/${newsletter}`, { schedule: { cron, timeZone: 'Europe/Berlin' } });
  await call('PATCH', `/api/monitors/${receipts}`, { schedule: { cron, timeZone: 'Asia/Tokyo' } });
  await call('POST', `/api/senders/${sender}/checks`);
  await call('POST', `/api/seeds/${seeds[0]}/checks`);
  await call('POST', '/api/backups', {});
  const campaign = await add('/api/campaigns', CAMPAIGN);
  const audit = await add(`/api/campaigns/${campaign}/audits`, {
    placement: { senderId: sender, seedIds: seeds.slice(0, 9), control: true },
  });
  const watched = await add('/api/campaigns', { name: 'Summer sale' });
  const watch = await call<{ auditId: string }>('POST', `/api/campaigns/${watched}/watches`, {
    seedIds: seeds.slice(0, 4),
  });
  await until(
    () => call<{ state: string; result: unknown }>('GET', `/api/audits/${audit}`),
    ({ state, result }) => state === 'done' || (state === 'testing' && result !== null),
    90_000,
  );
  const link = new URL(await createPasswordLink(program.app, program.url)).searchParams.get('link');
  await fetch(`${program.url}/api/password`, {
    ...{ method: 'PUT', headers: { 'content-type': 'application/json' } },
    body: JSON.stringify({ link, password: 'only for these pictures' }),
  });
  const { key } = await createWallLink(program.app, 'Office', null);
  const run = await call<Run>('GET', `/api/runs/${last}`);
  const probe = (start: string) => `/probes/${run.probes.find((one) => one.seed.startsWith(start))?.id}`;
  const paths: Record<string, string> = {
    overview: '/',
    'overview-30d': '/?range=30d',
    run: `/runs/${last}`,
    runs: '/runs',
    'probe-spam': probe('spam@'),
    'probe-missing': probe('missing@'),
    monitors: '/monitors',
    monitor: `/monitors/${newsletter}`,
    'monitor-form': `/monitors/${newsletter}/edit`,
    seeds: '/seeds',
    'seed-form': `/seeds/${seeds[0]}`,
    import: '/seeds/import',
    'import-senders': '/senders/import',
    'seed-new': '/seeds/new?address=news%40yahoo.co.jp',
    'guide-sender': '/guide?step=sender',
    'guide-seeds': '/guide?step=seeds',
    'guide-monitor': '/guide?step=monitor',
    'guide-run': '/guide?step=run',
    senders: '/senders',
    'sender-form': `/senders/${sender}`,
    domains: '/domains',
    domain: `/domains/${domain}`,
    'domain-at-fault': `/domains/${broken}`,
    'domain-new': '/domains/new',
    campaigns: '/campaigns',
    campaign: `/campaigns/${campaign}`,
    audit: `/audits/${audit}`,
    'audit-watching': `/audits/${watch.auditId}`,
    'campaign-draft': `/campaigns/${campaign}/draft`,
    'campaign-watch': '/campaigns/watch',
    settings: '/settings',
    'settings-access': '/settings/access',
    'settings-tokens': '/settings/tokens',
    'settings-retention': '/settings/retention',
    'settings-backups': '/settings/backups',
    'settings-walls': '/settings/walls',
    'settings-about': '/settings/about',
    'not-found': '/nothing/here',
  };
  return {
    ...Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, { path }])),
    search: {
      path: '/monitors',
      act: async (page) => {
        await page.keyboard.press('Control+k');
        await page.getByRole('dialog').getByRole('combobox').fill('news');
        await page.getByRole('dialog').getByRole('option').nth(2).waitFor();
      },
    },
    wall: { path: `/wall?theme=light#key=${key}`, signedOut: true },
    'wall-night': { path: `/wall?theme=dark&period=7d#key=${key}`, signedOut: true },
    'sign-in': { path: '/sign-in', signedOut: true },
    'set-password': { path: '/set-password#link=x', signedOut: true },
  };
}

async function takeAll(from: Browser, program: Todoku, pictures: Pictures): Promise<void> {
  const first = await visit(from, program.url);
  await signIn(first.page, program);
  const storageState = await first.context.storageState();
  await first.context.close();
  await mkdir(folder, { recursive: true });
  for (const language of ['en', 'ja'] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [1440, 390]) {
        const called = (name: string) => `${name}-${width}-${colorScheme}-${language}`;
        const wanted = Object.entries(pictures).filter(([name]) =>
          forReadme ? README.includes(called(name)) : words.length === 0 || words.some((word) => name.includes(word)),
        );
        if (wanted.length === 0) continue;
        const look = {
          locale: language === 'ja' ? 'ja-JP' : 'en-GB',
          timezoneId: language === 'ja' ? 'Asia/Tokyo' : 'Europe/Berlin',
          colorScheme,
          viewport: { width, height: width === 390 ? 844 : 900 },
        };
        const owner = await visit(from, program.url, { ...look, storageState });
        const stranger = await visit(from, program.url, look);
        for (const [name, { path, act, signedOut }] of wanted) {
          const { page } = signedOut ? stranger : owner;
          await page.goto(path);
          await page.getByRole('heading', { level: 1 }).first().waitFor();
          await until(
            () => page.locator('.mantine-Skeleton-root').count(),
            (count) => count === 0,
          );
          await act?.(page);
          const file = join(folder, `${called(name)}.png`);
          await page.screenshot({ path: file, fullPage: !forReadme });
          console.log(file);
        }
        await owner.context.close();
        await stranger.context.close();
      }
    }
  }
}
