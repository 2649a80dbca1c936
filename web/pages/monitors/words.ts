/** Schedules in words, for the ones people choose most; any other cron text stands for itself. */
import type { MonitorJson } from '../../../server/api/json/monitors.ts';

export const USUAL = [
  { key: 'every15', cron: '*/15 * * * *' },
  { key: 'hourly', cron: '0 * * * *' },
  { key: 'every6h', cron: '0 */6 * * *' },
  { key: 'daily9', cron: '0 9 * * *' },
  { key: 'weekdays9', cron: '0 9 * * 1-5' },
] as const;
export type UsualKey = (typeof USUAL)[number]['key'];

/** Schedules that have words but are offered to nobody. */
const NAMED = [{ key: 'everyMinute', cron: '* * * * *' }, ...USUAL] as const;

/** The key of a schedule that has words, or null. */
export function usualOf(cron: string): UsualKey | 'everyMinute' | null {
  return NAMED.find((one) => one.cron === cron.trim().replace(/\s+/g, ' '))?.key ?? null;
}

/** Whether the schedule needs its zone beside it: every quarter of an hour is the same everywhere. */
export function needsZone(schedule: NonNullable<MonitorJson['schedule']>): boolean {
  const usual = usualOf(schedule.cron);
  return usual !== 'everyMinute' && usual !== 'every15' && usual !== 'hourly';
}
