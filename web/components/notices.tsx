/** The notes in the corner that say something was done ("12 seeds added"). Most visits see none, so what shows them is fetched with the first one. */
import { lazy, Suspense, useSyncExternalStore } from 'react';

const load = () => import('./notice-list.tsx');
const NoticeList = lazy(async () => ({ default: (await load()).NoticeList }));
const listeners = new Set<() => void>();
let wanted = false;

/** Shows a note for some seconds. */
export async function notify(message: string): Promise<void> {
  wanted = true;
  for (const listener of listeners) listener();
  (await load()).showNotice(message);
}

/** Where the notes appear: once, in main.tsx. */
export function Notices() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => wanted,
  );
  return shown ? (
    <Suspense>
      <NoticeList />
    </Suspense>
  ) : null;
}
