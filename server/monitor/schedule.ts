/**
 * When a monitor is due. Schedules are cron text in the user's own time zone, and clocks there jump twice a year: a daily 02:30 falls into an hour that
 * does not exist in spring and exists twice in autumn. Fixed times run exactly once per local day all the same; patterns with `*` or steps in
 * minute or hour are intervals and follow real time. croner knows both; this file states the rules around it. Pure.
 */
import { Cron } from 'croner';
import type { MonitorSchedule } from './types.ts';

/** `ok`, or which of the two fields is wrong, and one sentence. */
export type ScheduleVerdict = { ok: true } | { ok: false; field: 'cron' | 'timeZone'; error: string };

const NICKNAMES = ['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually'];

function cronOf(schedule: MonitorSchedule): Cron {
  // no-wildcard: `15 1,13 * * *` counts as fixed times too, not as an interval.
  return new Cron(schedule.cron, {
    mode: '5-part',
    timezone: schedule.timeZone,
    fixedTimeRule: 'no-wildcard',
    paused: true,
  });
}

/** Zones that were found to be some: asking costs as much as reading a chart. */
const zones = new Set<string>();

/** True for a zone by its IANA name (`Europe/Berlin`, `UTC`); offsets like `+09:00` know no summer time and are refused. */
export function isTimeZone(name: string): boolean {
  if (zones.has(name)) return true;
  if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(name)) return false;
  try {
    const known = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
    // Names come in any case: more than there are zones means that somebody is playing.
    if (known && zones.size < 1000) zones.add(name);
    return known;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Checks a schedule as typed. `now` (epoch ms) decides whether it will ever fire again. */
export function checkSchedule(schedule: MonitorSchedule, now: number): ScheduleVerdict {
  const { cron, timeZone } = schedule;
  if (!isTimeZone(timeZone))
    return {
      ok: false,
      field: 'timeZone',
      error: `There is no time zone ${JSON.stringify(timeZone.slice(0, 64))}: use a name like Europe/Berlin or Asia/Tokyo.`,
    };
  const wrong = (error: string): ScheduleVerdict => ({ ok: false, field: 'cron', error });
  if (cron.length > 200) return wrong('This is too long for a schedule.');
  if (cron.startsWith('@')) {
    if (!NICKNAMES.includes(cron.toLowerCase())) return wrong(`Only ${NICKNAMES.join(', ')} can be used with @.`);
  } else {
    const fields = cron.trim().split(/\s+/);
    if (fields.length !== 5)
      return wrong(`A schedule has five fields (minute, hour, day, month, weekday); this has ${fields.length}.`);
    // In some dialects ? stands for the moment of starting: a schedule that changes by itself.
    if (cron.includes('?')) return wrong('Use * instead of ?.');
  }
  try {
    if (cronOf(schedule).nextRun(new Date(now)) === null) return wrong('This never happens: no day fits.');
  } catch (error) {
    return wrong(`This is no schedule: ${(error as Error).message.replace(/^CronPattern: /, '')}`);
  }
  return { ok: true };
}

/**
 * The next `count` moments (epoch ms) strictly after `after`.
 * @throws Error when the schedule is none: check it first
 */
export function nextRuns(schedule: MonitorSchedule, after: number, count: number): number[] {
  const cron = cronOf(schedule);
  const runs: number[] = [];
  for (let at = after; runs.length < count; ) {
    const next = cron.nextRun(new Date(at));
    if (next === null) break;
    at = next.getTime();
    runs.push(at);
  }
  return runs;
}

/**
 * The most runs that fall into any 24 hours: what a sender's daily budget must carry. The times of day are the same on every day that fits, so the first
 * such day tells. (The one long day in autumn, with at most an hour's worth more, is left out of account.)
 */
export function runsPerDay(schedule: MonitorSchedule, now: number): number {
  const cron = cronOf({ cron: schedule.cron, timeZone: 'UTC' });
  let next = cron.nextRun(new Date(Math.floor(now / 86_400_000) * 86_400_000 - 1));
  if (next === null) return 0;
  const dayEnd = (Math.floor(next.getTime() / 86_400_000) + 1) * 86_400_000;
  let runs = 0;
  while (next !== null && next.getTime() < dayEnd) {
    runs++;
    next = cron.nextRun(next);
  }
  return runs;
}
