/**
 * The addresses of the pages. What a reader chose to look at (range, sender, search) stands in the address, so that every view can be sent to a
 * colleague; each page is loaded when it is first opened.
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
import { Shell } from './components/shell.tsx';
import { currentFormat, withMessages } from './language.ts';
import { NotFound } from './pages/not-found.tsx';
import { overviewQuery, overviewSearch } from './pages/overview-query.ts';
import { rangeSearch, safeReturn, searchText } from './range.ts';
import { trialQuery } from './trial.ts';

/** Set by a form that just made the thing: check it at once. */
const checkSearch = (search: Record<string, unknown>): { check?: true | undefined } =>
  search.check === true ? { check: true } : {};

/** Before pages that have no twin under /trial: what there is once in an installation, and forms for accounts of one's own. */
const onlyAtHome = ({ location }: { location: { href: string } }): void => {
  if (base !== '') throw redirect({ href: location.href, reloadDocument: true });
};

const rootRoute = createRootRouteWithContext<{ client: QueryClient }>()({
  component: Outlet,
  notFoundComponent: NotFound,
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

const inside = createRoute({
  getParentRoute: () => rootRoute,
  id: 'inside',
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    const session = await context.client.ensureQueryData({ queryKey: ['session'], queryFn: api.session.current });
    if (!session.signedIn)
      throw redirect({ to: '/sign-in', search: { to: location.href === '/' ? undefined : location.href } });
    if (base !== '') await context.client.ensureQueryData(trialQuery);
  },
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
  validateSearch: (search): { search?: string | undefined; tag?: string | undefined } => ({
    search: searchText(search.search),
    tag: searchText(search.tag),
  }),
  component: lazyRouteComponent(() => import('./pages/seeds/list.tsx'), 'Seeds'),
});
const newSeed = createRoute({
  getParentRoute: () => inside,
  path: '/seeds/new',
  beforeLoad: onlyAtHome,
  component: lazyRouteComponent(() => import('./pages/seeds/edit.tsx'), 'NewSeed'),
});
const importSeeds = createRoute({
  getParentRoute: () => inside,
  path: '/seeds/import',
  beforeLoad: onlyAtHome,
  component: lazyRouteComponent(() => import('./pages/seeds/import.tsx'), 'ImportSeeds'),
});
const editSeed = createRoute({
  getParentRoute: () => inside,
  path: '/seeds/$id',
  validateSearch: checkSearch,
  component: lazyRouteComponent(() => import('./pages/seeds/edit.tsx'), 'EditSeed'),
});
const senders = createRoute({
  getParentRoute: () => inside,
  path: '/senders',
  validateSearch: (search): { search?: string | undefined } => ({ search: searchText(search.search) }),
  component: lazyRouteComponent(() => import('./pages/senders/list.tsx'), 'Senders'),
});
const newSender = createRoute({
  getParentRoute: () => inside,
  path: '/senders/new',
  beforeLoad: onlyAtHome,
  component: lazyRouteComponent(() => import('./pages/senders/edit.tsx'), 'NewSender'),
});
const editSender = createRoute({
  getParentRoute: () => inside,
  path: '/senders/$id',
  validateSearch: checkSearch,
  component: lazyRouteComponent(() => import('./pages/senders/edit.tsx'), 'EditSender'),
});
const settings = createRoute({
  getParentRoute: () => inside,
  path: '/settings',
  beforeLoad: onlyAtHome,
  component: lazyRouteComponent(
    withMessages('settings', () => import('./pages/settings/settings.tsx')),
    'Settings',
  ),
});

const tree = rootRoute.addChildren([
  signIn,
  setPassword,
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
    editSender,
    settings,
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
