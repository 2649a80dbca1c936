/** Asks the system not to switch the screen off. Browsers grant it over HTTPS while the page is seen; where they do not, the system's own setting holds. */
import { useEffect } from 'react';

export function useWakefulness(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | null = null;
    const ask = async (): Promise<void> => {
      if (document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
      try {
        lock = await navigator.wakeLock.request('screen');
      } catch (error) {
        // Not granted: low battery, or a setting.
        if (!(error instanceof DOMException)) throw error;
      }
    };
    void ask();
    document.addEventListener('visibilitychange', ask);
    return () => {
      document.removeEventListener('visibilitychange', ask);
      void lock?.release();
    };
  }, []);
}
