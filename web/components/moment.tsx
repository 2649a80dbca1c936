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

type Props = { at: Instant; exact?: boolean };

export function Moment({ at, exact = false }: Props) {
  const { words, iso, full } = useMoment(at, exact);
  return (
    <time dateTime={iso} title={full}>
      {words}
    </time>
  );
}

/** `since 3 min ago` / `3 分前から` */
export function Since({ at }: { at: Instant }) {
  const { t } = useTranslation();
  const { words, iso, full } = useMoment(at, false);
  return (
    <time dateTime={iso} title={full}>
      {t('time.since', { time: words })}
    </time>
  );
}

function useMoment(at: Instant, exact: boolean): { words: string; iso: string; full: string } {
  const format = useFormat();
  const current = useNow();
  const date = new Date(at);
  // The shared clock ticks every ten seconds: what happened after its last tick happened "now", not in the future.
  const now = date.getTime() > current && date.getTime() <= Date.now() ? date.getTime() : current;
  return {
    words: exact ? format.dateTime(date) : format.relative(date, now),
    iso: date.toISOString(),
    full: `${format.dateTimeWithSeconds(date)} ${format.zoneName(date)}`,
  };
}
