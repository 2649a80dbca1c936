/** Light by day and dark by night, for the whole screen. Not the reader's own choice of a theme: that belongs to their browser and stays as it is. */
import { useEffect, useSyncExternalStore } from 'react';
import { useNow } from '../../components/moment.tsx';
import type { Scheme } from '../../outcomes.ts';
import { hourIn, schemeAt } from './screen.ts';

const system = window.matchMedia('(prefers-color-scheme: dark)');

function subscribe(listener: () => void): () => void {
  system.addEventListener('change', listener);
  return () => system.removeEventListener('change', listener);
}

export function useDaylight(wish: Scheme | undefined, zone: string): Scheme {
  const systemIsDark = useSyncExternalStore(subscribe, () => system.matches);
  const scheme = schemeAt(wish, systemIsDark, hourIn(zone, useNow()));
  useEffect(() => {
    const root = document.documentElement;
    const own = root.dataset.mantineColorScheme;
    const hold = (): void => {
      if (root.dataset.mantineColorScheme !== scheme) root.dataset.mantineColorScheme = scheme;
    };
    hold();
    // Mantine sets the reader's own when it begins and when the system changes.
    const watcher = new MutationObserver(hold);
    watcher.observe(root, { attributeFilter: ['data-mantine-color-scheme'] });
    return () => {
      watcher.disconnect();
      if (own !== undefined) root.dataset.mantineColorScheme = own;
    };
  }, [scheme]);
  return scheme;
}
