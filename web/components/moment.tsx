/** A time as people say it ("3 min ago"), with the exact time and its zone on hover and for machines. */
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { Instant } from '../format.ts';
import { useFormat } from '../language.ts';

const listeners = new Set<() => void>();
let now = Date.now();
let ticking: ReturnType<typeof setInterval> | null = null;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  ticking ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 10_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && ticking !== null) {
      clearInterval(ticking);
      ticking = null;
    }
  };
}

/** The time, moving every ten seconds for the whole page at once. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

export function Moment({ at, exact = false }: { at: Instant; exact?: boolean }) {
  const format = useFormat();
  const current = useNow();
  const date = new Date(at);
  const full = `${format.dateTimeWithSeconds(date)} ${format.zoneName(date)}`;
  return (
    <time dateTime={date.toISOString()} title={full}>
      {exact
        ? `${format.dateTime(date)}`
        : format.relative(date, Math.max(current, Math.min(Date.now(), date.getTime())))}
    </time>
  );
}

/** `since 3 min ago` / `3分前から` */
export function Since({ at }: { at: Instant }) {
  const { t } = useTranslation();
  return (
    <>
      {t('time.beforeSince')}
      <Moment at={at} />
      {t('time.afterSince')}
    </>
  );
}
