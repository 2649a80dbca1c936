/**
 * The addresses of the pages. What a reader chose to look at (range, sender, search) stands in the address, so that every view can be sent to a
 * colleague; each page is loaded when it is first opened.
 *
 * Long because every address stands in this one list.
 */
import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { api } from './api.ts';
import { base } from './base.ts';
import { PageProblem, PageSkeleton } from './components/page.tsx';
import { GateProblem, Shell } from './components/shell.tsx';
import { GUIDE_STEPS, type GuideStep } from './guide.ts';
import { currentFormat, withMessages } from './language.ts';
import { NotFound } from './pages/not-found.tsx';
import { overviewQuery, overviewSearch } from './pages/overview-query.ts';
import { SEED_STATES, type SeedStateWord } from './pages/seeds/standing.ts';
import { screenSearch } from './pages/wall/screen.ts';
import { rangeSearch, safeReturn, searchText } from './range.ts';
import { settingsQuery } from './settings.ts';
import { trialQuery } from './trial.ts';

type SeedsSearch = {
  search?: string | undefined;
  tag?: string | undefined;
  state?: SeedStateWord | undefined;
  provider?: string | undefined;
};

/** Set by a form that just made the thing: check it at once. */
const checkSearch = (search: Record<string, unknown>): { check?: true | undefined } =>
  search.check === true ? { check: true } : {};

/** Before pages that have no twin under /trial: what there is once in an installation, and forms for accounts of one's own. */
const onlyAtHome = ({ location }: { location: { href: string } }): void => {
  if (base !== '') throw redirect({ href: location.href, reloadDocument: true });
};

const rootRoute = createRootRouteWithContext<{ client: QueryClient }>()({
  component: Outlet,
  errorComponent: GateProblem,
});

const signIn = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (search): { to?: string | undefined } => ({ to: safeReturn(search.to) }),
  component: lazyRouteComponent(() => import('./pages/sign-in.tsx'), 'SignIn'),
});
const setPassword = createRoute({
  getParentRoute: () => rootRoute,
  path: '/set-password',
  component: lazyRouteComponent(() => import('./pages/set-password.tsx'), 'SetPassword'),
});

/** For a screen on a wall: whoever has the key of a wall link needs no session. */
const wall = createRoute({
  getParentRoute: () => rootRoute,
  path: '/wall',
  validateSearch: screenSearch,
  beforeLoad: onlyAtHome,
  component: lazyRouteComponent(
    withMessages('wall', () => import('./pages/wall/wall.tsx')),
    'Wall',
  ),
});

const inside = createRoute({
  getParentRoute: () => rootRoute,
  id: 'inside',
  component: Shell,
  errorComponent: GateProblem,
  beforeLoad: async ({ context, location }) => {
    const session = await context.client.ensureQueryData({ queryKey: ['session'], queryFn: api.session.current });
    if (!session.signedIn)
      throw redirect({ to: '/sign-in', search: { to: location.href === '/' ? undefined : location.href } });
    if (base !== '') await context.client.ensureQueryData(trialQuery);
  },
  // On the line beside the page's own files, so that an open guide has its place in the frame from the first. Not there is no reason to wait.
  loader: ({ context }) =>
    base === '' ? context.client.prefetchQuery({ ...settingsQuery, staleTime: Infinity, retry: false }) : undefined,
});

const overview = createRoute({
  getParentRoute: () => inside,
  path: '/',
  validateSearch: overviewSearch,
  // Asked while the page's own files are on the line. Not awaited: the page has shapes for what is on its way, and words for what fails.
  loaderDeps: ({ search }) => search,
  loader: ({ context, deps }) =>
    void context.client.prefetchQuery(overviewQuery(deps, Date.now(), currentFormat().timeZone)),
  component: lazyRouteComponent(() => import('./pages/overview.tsx'), 'Overview'),
});
const runs = createRoute({
  getParentRoute: () => inside,
  path: '/runs',
  validateSearch: (search): { monitor?: string | undefined } => ({ monitor: searchText(search.monitor) }),
  component: lazyRouteComponent(
    withMessages('mail', () => import('./pages/runs.tsx')),
    'Runs',
  ),
});
const run = createRoute({
  getParentRoute: () => inside,
  path: '/runs/$id',
  component: lazyRouteComponent(
    withMessages('mail', () => import('./pages/run/run.tsx')),
    'Run',
  ),
});
const probe = createRoute({
  getParentRoute: () => inside,
  path: '/probes/$id',
  /** The audit one came from: its test mails belong to no monitor that anybody knows. */
  validateSearch: (search): { audit?: string | undefined } => ({ audit: searchText(search.audit) }),
  component: lazyRouteComponent(
    withMessages('mail', () => import('./pages/probe/probe.tsx')),
    'Probe',
  ),
});
const monitors = createRoute({
  getParentRoute: () => inside,
  path: '/monitors',
  validateSearch: (search): { search?: string | undefined } => ({ search: searchText(search.search) }),
  component: lazyRouteComponent(() => import('./pages/monitors/list.tsx'), 'Monitors'),
});
const newMonitor = createRoute({
  getParentRoute: () => inside,
  path: '/monitors/new',
  /** A monitor to begin with a copy of. */
  validateSearch: (search): { from?: string | undefined } => ({ from: searchText(search.from) }),
  component: lazyRouteComponent(() => import('./pages/monitors/edit.tsx'), 'NewMonitor'),
});
const monitor = createRoute({
  getParentRoute: () => inside,
  path: '/monitors/$id',
  validateSearch: rangeSearch,
  component: lazyRouteComponent(() => import('./pages/monitors/monitor.tsx'), 'Monitor'),
});
const editMonitor = createRoute({
  getParentRoute: () => inside,
  path: '/monitors/$id/edit',
  component: lazyRouteComponent(() => import('./pages/monitors/edit.tsx'), 'EditMonitor'),
});
const seeds = createRoute({
  getParentRoute: () => inside,
  path: '/seeds',
  validateSearch: (search): SeedsSearch => ({
    search: searchText(search.search),
    tag: searchText(search.tag),
    state: SEED_STATES.find((word) => word === search.state),
    provider: searchText(search.provider),
  }),
  component: lazyRouteComponent(
    withMessages('guide', () => import('./pages/seeds/list.tsx')),
    'Seeds',
  ),
});
const newSeed = createRoute({
  getParentRoute: () => inside,
  path: '/seeds/new',
  beforeLoad: onlyAtHome,
  validateSearch: (search): { like?: string | undefined; address?: string | undefined } => ({
    like: searchText(search.like),
    address: searchText(search.address),
  }),
  component: lazyRouteComponent(
    withMessages('guide', () => import('./pages/seeds/edit.tsx')),
    'NewSeed',
  ),
});
const importSeeds = createRoute({
  getParentRoute: () => inside,
  path: '/seeds/import',
  beforeLoad: onlyAtHome,
  component: lazyRouteComponent(
    withMessages('guide', () => import('./pages/seeds/import.tsx')),
    'ImportSeeds',
  ),
});
const editSeed = createRoute({
  getParentRoute: () => inside,
  path: '/seeds/$id',
  validateSearch: checkSearch,
  component: lazyRouteComponent(
    withMessages('guide', () => import('./pages/seeds/edit.tsx')),
    'EditSeed',
  ),
});
const senders = createRoute({
  getParentRoute: () => inside,
  path: '/senders',
  validateSearch: (search): { search?: string | undefined } => ({ search: searchText(search.search) }),
  component: lazyRouteComponent(
    withMessages('guide', () => import('./pages/senders/list.tsx')),
    'Senders',
  ),
});
const newSender = createRoute({
  getParentRoute: () => inside,
  path: '/senders/new',
  beforeLoad: onlyAtHome,
  validateSearch: (search): { like?: string | undefined } => ({ like: searchText(search.like) }),
  component: lazyRouteComponent(
    withMessages('guide', () => import('./pages/senders/edit.tsx')),
    'NewSender',
  ),
});
const importSenders = createRoute({
  getParentRoute: () => inside,
  path: '/senders/import',
  beforeLoad: onlyAtHome,
  component: lazyRouteComponent(
    withMessages('guide', () => import('./pages/senders/import.tsx')),
    'ImportSenders',
  ),
});
const editSender = createRoute({
  getParentRoute: () => inside,
  path: '/senders/$id',
  validateSearch: checkSearch,
  component: lazyRouteComponent(
    withMessages('guide', () => import('./pages/senders/edit.tsx')),
    'EditSender',
  ),
});
const domains = createRoute({
  getParentRoute: () => inside,
  path: '/domains',
  validateSearch: (search): { search?: string | undefined } => ({ search: searchText(search.search) }),
  component: lazyRouteComponent(
    withMessages('domains', () => import('./pages/domains/list.tsx')),
    'Domains',
  ),
});
const newDomain = createRoute({
  getParentRoute: () => inside,
  path: '/domains/new',
  component: lazyRouteComponent(
    withMessages('domains', () => import('./pages/domains/edit.tsx')),
    'NewDomain',
  ),
});
const domain = createRoute({
  getParentRoute: () => inside,
  path: '/domains/$id',
  component: lazyRouteComponent(
    withMessages('domains', () => import('./pages/domains/domain.tsx')),
    'Domain',
  ),
});
const editDomain = createRoute({
  getParentRoute: () => inside,
  path: '/domains/$id/edit',
  component: lazyRouteComponent(
    withMessages('domains', () => import('./pages/domains/edit.tsx')),
    'EditDomain',
  ),
});
const campaigns = createRoute({
  getParentRoute: () => inside,
  path: '/campaigns',
  validateSearch: (search): { search?: string | undefined } => ({ search: searchText(search.search) }),
  component: lazyRouteComponent(
    withMessages(['campaigns', 'domains'], () => import('./pages/campaigns/list.tsx')),
    'Campaigns',
  ),
});
const newDraft = createRoute({
  getParentRoute: () => inside,
  path: '/campaigns/draft',
  component: lazyRouteComponent(
    withMessages(['campaigns', 'domains', 'mail'], () => import('./pages/campaigns/draft.tsx')),
    'NewDraft',
  ),
});
const editDraft = createRoute({
  getParentRoute: () => inside,
  path: '/campaigns/$id/draft',
  component: lazyRouteComponent(
    withMessages(['campaigns', 'domains', 'mail'], () => import('./pages/campaigns/draft.tsx')),
    'EditDraft',
  ),
});
const newWatch = createRoute({
  getParentRoute: () => inside,
  path: '/campaigns/watch',
  /** A campaign that is there already. */
  validateSearch: (search): { campaign?: string | undefined } => ({ campaign: searchText(search.campaign) }),
  component: lazyRouteComponent(
    withMessages(['campaigns', 'domains'], () => import('./pages/campaigns/watch.tsx')),
    'NewWatch',
  ),
});
const campaign = createRoute({
  getParentRoute: () => inside,
  path: '/campaigns/$id',
  component: lazyRouteComponent(
    withMessages(['campaigns', 'domains'], () => import('./pages/campaigns/campaign.tsx')),
    'Campaign',
  ),
});
const audit = createRoute({
  getParentRoute: () => inside,
  path: '/audits/$id',
  /** An earlier audit, to be compared with. */
  validateSearch: (search): { with?: string | undefined } => ({ with: searchText(search.with) }),
  component: lazyRouteComponent(
    withMessages(['campaigns', 'domains', 'mail'], () => import('./pages/audit/audit.tsx')),
    'Audit',
  ),
});
const guide = createRoute({
  getParentRoute: () => inside,
  path: '/guide',
  beforeLoad: onlyAtHome,
  validateSearch: (search): { step?: GuideStep | undefined } => ({
    step: GUIDE_STEPS.find((one) => one === search.step),
  }),
  component: lazyRouteComponent(
    withMessages('guide', () => import('./pages/guide/guide.tsx')),
    'Guide',
  ),
});
const settings = createRoute({
  getParentRoute: () => inside,
  path: '/settings',
  beforeLoad: onlyAtHome,
  component: lazyRouteComponent(
    withMessages('settings', () => import('./pages/settings/frame.tsx')),
    'Settings',
  ),
});
const display = createRoute({
  getParentRoute: () => settings,
  path: '/',
  component: lazyRouteComponent(() => import('./pages/settings/display.tsx'), 'Display'),
});
const access = createRoute({
  getParentRoute: () => settings,
  path: '/access',
  component: lazyRouteComponent(() => import('./pages/settings/access.tsx'), 'Access'),
});
const tokens = createRoute({
  getParentRoute: () => settings,
  path: '/tokens',
  component: lazyRouteComponent(() => import('./pages/settings/tokens.tsx'), 'Tokens'),
});
const retention = createRoute({
  getParentRoute: () => settings,
  path: '/retention',
  component: lazyRouteComponent(() => import('./pages/settings/retention.tsx'), 'Retention'),
});
const backups = createRoute({
  getParentRoute: () => settings,
  path: '/backups',
  component: lazyRouteComponent(() => import('./pages/settings/backups.tsx'), 'Backups'),
});
const walls = createRoute({
  getParentRoute: () => settings,
  path: '/walls',
  component: lazyRouteComponent(() => import('./pages/settings/walls.tsx'), 'Walls'),
});
const about = createRoute({
  getParentRoute: () => settings,
  path: '/about',
  component: lazyRouteComponent(() => import('./pages/settings/about.tsx'), 'About'),
});

const nowhere = createRoute({ getParentRoute: () => inside, path: '$', component: NotFound });

const tree = rootRoute.addChildren([
  signIn,
  setPassword,
  wall,
  inside.addChildren([
    overview,
    runs,
    run,
    probe,
    monitors,
    newMonitor,
    monitor,
    editMonitor,
    seeds,
    newSeed,
    importSeeds,
    editSeed,
    senders,
    newSender,
    importSenders,
    editSender,
    domains,
    newDomain,
    domain,
    editDomain,
    campaigns,
    newDraft,
    editDraft,
    newWatch,
    campaign,
    audit,
    guide,
    settings.addChildren([display, access, tokens, retention, backups, walls, about]),
    nowhere,
  ]),
]);

export function makeRouter(client: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { client },
    basepath: base || '/',
    defaultPreload: 'intent',
    defaultErrorComponent: PageProblem,
    defaultPendingComponent: PageSkeleton,
    defaultPendingMs: 150,
    // A skeleton that was shown gives way at once: pages keep their shape, so nothing flickers.
    defaultPendingMinMs: 0,
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
