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
    const { dataset } = document.documentElement;
    const own = dataset.mantineColorScheme;
    const hold = (): void => {
      dataset.mantineColorScheme = scheme;
    };
    hold();
    // Mantine follows the system too, and sets its own again when that changes.
    const letGo = subscribe(hold);
    return () => {
      letGo();
      if (own !== undefined) dataset.mantineColorScheme = own;
    };
  }, [scheme]);
  return scheme;
}
