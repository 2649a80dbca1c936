/**
 * Which world the pages show. The same pages stand twice: at the root for the owner's own accounts, and under /trial for the made-up ones, which have an API of
 * their own under /trial/api. What there is once in an installation (who is signed in, settings, the trial itself) is asked at the root from both.
 */

export type Base = '' | '/trial';

export function baseOf(pathname: string): Base {
  return /^\/trial(?:\/|$)/.test(pathname) ? '/trial' : '';
}

/** What stands behind /api/ in the routes of the installation itself; `worldRoutes` in server/api/routes.ts has all others. */
const ONCE = new Set([
  ...['session', 'sessions', 'password', 'tokens', 'settings', 'trial', 'openapi.json'],
  ...['about', 'backups', 'restores', 'wall', 'wall-links', 'shares', 'shared-report'],
]);

/** Where a route is asked from the pages of a world. @param path begins with /api/ */
export function addressIn(base: Base, path: string): string {
  const [, , noun = '', , under = ''] = path.split(/[/?]/);
  return ONCE.has(noun) || ONCE.has(under) ? path : base + path;
}

// There is no address where the tests run.
const { location } = globalThis as { location?: { pathname: string } };

/** Of this tab, for as long as it lives: from one world to the other is a new page, so that nothing is carried over. */
export const base: Base = baseOf(location?.pathname ?? '/');

export function addressOf(path: string): string {
  return addressIn(base, path);
}
