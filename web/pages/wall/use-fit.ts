/** Nobody scrolls on a wall: when there is more to show than the screen is high, everything gets smaller, down to a size that can still be read. */
import { type RefObject, useLayoutEffect } from 'react';

/** As in wall.css: narrower is no wall but a phone in the hand, which scrolls. */
const WIDE = window.matchMedia('(min-width: 901px)');
const SMALLEST = 0.6;
const STEP = 0.95;

/** @param shown what is drawn: another may need another size */
export function useFit(wall: RefObject<HTMLElement | null>, shown: unknown): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when something else is shown
  useLayoutEffect(() => {
    const fit = (): void => {
      const node = wall.current;
      if (!node) return;
      let scale = 1;
      node.style.setProperty('--fit', '1');
      while (WIDE.matches && scale > SMALLEST && node.scrollHeight > window.innerHeight) {
        scale *= STEP;
        node.style.setProperty('--fit', String(scale));
      }
    };
    fit();
    window.addEventListener('resize', fit);
    return () => window.removeEventListener('resize', fit);
  }, [wall, shown]);
}
