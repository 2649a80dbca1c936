/** A world with a page of each kind to look at: mails with every fate, a hostile one among them, and an owner who is signed in. */
import type { Browser, Page } from 'playwright-core';
import { addMonitor, addSeed, addSender, type Run, startWorld, type World } from '../flow/world.ts';
import { openBrowser, until, type Visit } from './chromium.ts';
import { openAsOwner } from './owner.ts';

export const HOSTILE = '<img src=x onerror="window.ran = true"><script>window.ran = true</script>';

export type Pages = {
  world: World;
  browser: Browser;
  /** The owner's window. */
  here: Visit;
  /** What each page is, and where. */
  paths: Record<string, string>;
  hostileProbe: string;
  close: () => Promise<void>;
};

export async function openPages(): Promise<Pages> {
  const [world, browser] = await Promise.all([startWorld(), openBrowser()]);
  const sender = await addSender(world, 'good.test');
  const seeds: string[] = [];
  for (const address of [
    'inbox@gmail.test',
    'promotions@gmail.test',
    'spam@outlook.test',
    '550@plain.test',
    'missing@plain.test',
    'imap-down@outlook.test',
  ])
    seeds.push(await addSeed(world, address, 'imap', { tags: ['news'] }));
  const monitor = await addMonitor(world, sender, seeds, {
    name: `Fate ${HOSTILE}`.slice(0, 100),
    schedule: { cron: '0 9 * * *', timeZone: 'Asia/Tokyo' },
  });
  const own = await addMonitor(world, sender, seeds.slice(0, 1), {
    name: 'Own words',
    message: { subject: `Hello ${HOSTILE}`, text: HOSTILE, html: `<p>${HOSTILE}</p>` },
  });
  const never = await addMonitor(world, sender, seeds.slice(0, 1), { name: 'Never run' });
  const addDomain = async (body: { name: string; selectors?: string[]; ips?: string[] }): Promise<string> => {
    const { id } = await world.call<{ id: string }>('POST', '/api/domains', body);
    await world.call('POST', `/api/domains/${id}/checks`);
    return id;
  };
  const start = async (id: string) => (await world.call<{ id: string }>('POST', `/api/monitors/${id}/runs`)).id;
  const [first, second] = [await start(monitor), await start(own)];
  const read = (id: string) => world.call<Run>('GET', `/api/runs/${id}`);
  const decided = (run: Run) => run.probes.every((probe) => !['queued', 'sending', 'accepted'].includes(probe.outcome));
  const run = await until(() => read(first), decided, 60_000);
  const ownRun = await until(() => read(second), decided, 60_000);
  const probe = (seed: string) => run.probes.find((one) => one.seed.startsWith(seed))?.id ?? '';
  // Now that probes have shown what it signs with.
  const good = await addDomain({ name: 'good.test' });
  const broken = await addDomain({ name: 'broken-spf.test', selectors: ['s1'], ips: ['203.0.113.12'] });
  const campaign = await world.call<{ id: string }>('POST', '/api/campaigns', {
    from: 'news@good.test',
    subject: `Sale ${HOSTILE}`,
    html: `<p>${HOSTILE}</p>`,
    text: HOSTILE,
  });
  const audit = await world.call<{ id: string }>('POST', `/api/campaigns/${campaign.id}/audits`, {
    placement: { senderId: sender, seedIds: seeds.slice(0, 3), control: true },
  });
  const watched = await world.call<{ id: string }>('POST', '/api/campaigns', { name: 'Watched' });
  const watch = await world.call<{ auditId: string }>('POST', `/api/campaigns/${watched.id}/watches`, {
    seedIds: seeds.slice(0, 2),
  });
  await until(
    () => world.call<{ state: string }>('GET', `/api/audits/${audit.id}`),
    ({ state }) => state === 'done',
    60_000,
  );
  const hostileProbe = ownRun.probes[0]?.id ?? '';
  const paths = {
    overview: '/',
    'overview, 24 h': '/?range=24h',
    runs: '/runs',
    'runs of a monitor': `/runs?monitor=${monitor}`,
    run: `/runs/${first}`,
    'probe in a tab': `/probes/${probe('promotions@')}`,
    'probe in spam': `/probes/${probe('spam@')}`,
    'probe refused': `/probes/${probe('550@')}`,
    'probe missing': `/probes/${probe('missing@')}`,
    monitors: '/monitors',
    'monitor that never ran': `/monitors/${never}`,
    'copy of a monitor': `/monitors/new?from=${monitor}`,
    'overview, narrowed down': '/?tag=news&from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z',
    monitor: `/monitors/${monitor}`,
    'monitor form': `/monitors/${monitor}/edit`,
    'own words form': `/monitors/${own}/edit`,
    seeds: '/seeds',
    'seed form': `/seeds/${seeds[0]}`,
    'new seed': '/seeds/new',
    'seed like another': `/seeds/new?like=${seeds[0]}`,
    'sender like another': `/senders/new?like=${sender}`,
    'seeds that cannot be read': '/seeds?state=unreadable',
    guide: '/guide?step=sender',
    'guide, seeds': '/guide?step=seeds',
    'guide, monitor': '/guide?step=monitor',
    'guide, run': '/guide?step=run',
    import: '/seeds/import',
    'import of senders': '/senders/import',
    senders: '/senders',
    'sender form': `/senders/${sender}`,
    domains: '/domains',
    domain: `/domains/${good}`,
    'domain at fault': `/domains/${broken}`,
    'new domain': '/domains/new',
    'domain form': `/domains/${broken}/edit`,
    campaigns: '/campaigns',
    campaign: `/campaigns/${campaign.id}`,
    'campaign draft': '/campaigns/draft',
    'campaign draft form': `/campaigns/${campaign.id}/draft`,
    'campaign to watch for': '/campaigns/watch',
    audit: `/audits/${audit.id}`,
    'audit that waits for a copy': `/audits/${watch.auditId}`,
    settings: '/settings',
    'settings, sign-in': '/settings/access',
    'settings, tokens': '/settings/tokens',
    'settings, retention': '/settings/retention',
    'settings, backups': '/settings/backups',
    'settings, walls': '/settings/walls',
    'settings, about': '/settings/about',
    wall: '/wall',
    'no such page': '/nothing/here',
  };
  const here = await openAsOwner(browser, world);
  const close = async () => {
    await browser.close();
    await world.stop();
  };
  return { world, browser, here, paths, hostileProbe, close };
}

/** Goes to a page as a link does, which does not load the program again, and waits until it is whole. */
export async function follow(page: Page, path: string): Promise<void> {
  // The router stands there for its developers' tools.
  await page.evaluate(
    `__TSR_ROUTER__.navigate({ href: ${JSON.stringify(path)} }).then(() => new Promise(requestAnimationFrame))`,
  );
  await whole(page);
}

/** Goes to a page and waits until it is whole. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await whole(page);
}

async function whole(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await until(
    () => page.locator('.mantine-Skeleton-root').count(),
    (count) => count === 0,
  );
}
