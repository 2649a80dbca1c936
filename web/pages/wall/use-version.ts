/** A screen runs for months; when the program behind it is a newer one, it takes up the new pages. */
import { useEffect, useRef } from 'react';

/** @param version of the program that answered; undefined before the first answer */
export function useVersion(version: string | undefined): void {
  const first = useRef<string | null>(null);
  useEffect(() => {
    if (version === undefined) return;
    first.current ??= version;
    if (first.current !== version) window.location.reload();
  }, [version]);
}
