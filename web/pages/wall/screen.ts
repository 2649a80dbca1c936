/** What a screen is told by its address, since nobody stands before it to press anything, and what it works out by itself. */
import { LANGUAGES, type Language } from '../../format.ts';
import type { Scheme } from '../../outcomes.ts';

export const PERIODS = ['24h', '7d', '30d'] as const;
export type ScreenSearch = {
  /** Behind the # it is in no log; here for screens whose browser drops that part. */
  key?: string | undefined;
  period?: (typeof PERIODS)[number] | undefined;
  language?: Language | undefined;
  theme?: Scheme | undefined;
};

export function screenSearch(search: Record<string, unknown>): ScreenSearch {
  return {
    key: typeof search.key === 'string' && search.key !== '' ? search.key.slice(0, 200) : undefined,
    period: PERIODS.find((period) => period === search.period),
    language: LANGUAGES.find((language) => language === search.language),
    theme: (['light', 'dark'] as const).find((theme) => theme === search.theme),
  };
}

/** The key of a wall link; undefined: as the owner who is signed in. */
export function keyOf(hash: string, search: ScreenSearch): string | undefined {
  return new URLSearchParams(hash.replace(/^#/, '')).get('key')?.slice(0, 200) || search.key;
}

const MORNING = 7;
const EVENING = 19;

/** Dark where it is asked for, where the system is, and at night: a white screen in an empty office serves nobody. */
export function schemeAt(wish: Scheme | undefined, systemIsDark: boolean, hour: number): Scheme {
  if (wish !== undefined) return wish;
  return systemIsDark || hour < MORNING || hour >= EVENING ? 'dark' : 'light';
}

/** The hour that clocks show in a zone, 0 to 23. */
export function hourIn(zone: string, now: number): number {
  return Number(new Intl.DateTimeFormat('en', { timeZone: zone, hour: '2-digit', hourCycle: 'h23' }).format(now));
}

/** After so many unanswered questions the numbers are called old, with the time they are from. */
const MISSED = 3;

/** Has the line been lost long enough to say so? One answer late is no news. */
export function isOld(answeredAt: number, pollSeconds: number, now: number): boolean {
  return now - answeredAt > MISSED * pollSeconds * 1000;
}
