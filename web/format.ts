/**
 * Numbers, times and spans as a reader of the chosen language expects them. A delivery monitor is read by people in several zones at once,
 * so every clock time is shown in one chosen zone and the zone has a name on the page.
 */
import type { RateJson } from '../server/api/json/basics.ts';

export const LANGUAGES = ['en', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The first language of the browser that we speak; English when there is none. */
export function languageOf(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const short = tag.toLowerCase().split('-')[0];
    const found = LANGUAGES.find((language) => language === short);
    if (found) return found;
  }
  return 'en';
}

/** Anything that stands for an instant: ISO text from the API or epoch milliseconds. */
export type Instant = string | number | Date;

export type Format = ReturnType<typeof makeFormat>;

/** @param zone an IANA name; an unknown one falls back to UTC rather than failing the page */
export function makeFormat(language: Language, zone: string) {
  const locale = language === 'ja' ? 'ja-JP' : 'en-GB';
  const timeZone = isZone(zone) ? zone : 'UTC';
  const whole = new Intl.NumberFormat(locale);
  const dates = {
    date: new Intl.DateTimeFormat(locale, {
      timeZone,
      year: 'numeric',
      month: language === 'ja' ? 'long' : 'short',
      day: 'numeric',
    }),
    day: new Intl.DateTimeFormat(locale, { timeZone, month: language === 'ja' ? 'numeric' : 'short', day: 'numeric' }),
    weekday: new Intl.DateTimeFormat(locale, { timeZone, weekday: 'short' }),
    time: new Intl.DateTimeFormat(locale, { timeZone, hour: '2-digit', minute: '2-digit', hour12: false }),
    seconds: new Intl.DateTimeFormat(locale, {
      timeZone,
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hour12: false,
    }),
    zone: new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: 'short' }),
  };
  const at = (value: Instant): Date => (value instanceof Date ? value : new Date(value));
  const unit = (value: number, name: 'second' | 'minute' | 'hour' | 'day', digits = 0): string => {
    const words = new Intl.NumberFormat(language, {
      style: 'unit',
      unit: name,
      unitDisplay: 'short',
      maximumFractionDigits: digits,
    }).format(value);
    // 12秒, not 12 秒.
    return language === 'ja' ? words.replace(/\s/g, '') : words;
  };

  const wholePercent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const tenthPercent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const percent = (share: number): string => {
    const wouldBeCertain = (share > 0.99 && share < 1) || (share > 0 && share < 0.01);
    return (wouldBeCertain ? tenthPercent : wholePercent).format(share);
  };

  const span = (ms: number): string => {
    const total = Math.max(0, ms);
    // Servers' clocks and our looks are not finer than that.
    if (total < 1000) return language === 'ja' ? `${unit(1, 'second')}未満` : `< ${unit(1, 'second')}`;
    const seconds = total / 1000;
    if (seconds < 10) return unit(Math.round(seconds * 10) / 10, 'second', 1);
    const rounded = Math.round(seconds);
    if (rounded < 60) return unit(rounded, 'second');
    const parts: [number, 'second' | 'minute' | 'hour' | 'day'][] = [
      [Math.floor(rounded / 86_400), 'day'],
      [Math.floor((rounded % 86_400) / 3600), 'hour'],
      [Math.floor((rounded % 3600) / 60), 'minute'],
      [rounded % 60, 'second'],
    ];
    const first = parts.findIndex(([value]) => value > 0);
    return parts
      .slice(first, first + 2)
      .filter(([value]) => value > 0)
      .map(([value, name]) => unit(value, name))
      .join(language === 'ja' ? '' : ' ');
  };

  return {
    language,
    locale,
    timeZone,
    number: (value: number): string => whole.format(value),
    percent,
    /** `89–97%` */
    interval: (rate: RateJson): string =>
      rate.low === null || rate.high === null ? '' : `${percent(rate.low).replace(/\s?%/, '')}–${percent(rate.high)}`,
    /** False: say "not enough data" instead of the rate. */
    enough: (rate: RateJson): boolean => rate.enough && rate.value !== null,
    date: (value: Instant): string => dates.date.format(at(value)),
    day: (value: Instant): string => dates.day.format(at(value)),
    weekday: (value: Instant): string => dates.weekday.format(at(value)),
    time: (value: Instant): string => dates.time.format(at(value)),
    timeWithSeconds: (value: Instant): string => dates.seconds.format(at(value)),
    dateTime: (value: Instant): string => `${dates.date.format(at(value))} ${dates.time.format(at(value))}`,
    dateTimeWithSeconds: (value: Instant): string =>
      `${dates.date.format(at(value))} ${dates.seconds.format(at(value))}`,
    /** `JST`, `GMT+9`: what the reader's own language calls the zone at that instant. */
    zoneName: (value: Instant): string =>
      dates.zone.formatToParts(at(value)).find((part) => part.type === 'timeZoneName')?.value ?? timeZone,
    /** `3 min ago`, `in 2 hr` */
    relative: (value: Instant, now: number): string => {
      const seconds = Math.round((at(value).getTime() - now) / 1000);
      const words = new Intl.RelativeTimeFormat(locale, {
        numeric: 'auto',
        style: language === 'ja' ? 'long' : 'short',
      });
      const size = Math.abs(seconds);
      if (size < 60) return words.format(seconds, 'second');
      if (size < 3600) return words.format(Math.trunc(seconds / 60), 'minute');
      if (size < 86_400) return words.format(Math.trunc(seconds / 3600), 'hour');
      return words.format(Math.trunc(seconds / 86_400), 'day');
    },
    /** A span in ms: `< 1 sec`, `12.4 sec`, `1 min 12 sec`, `2 hr 5 min`. */
    span,
    bytes: (value: number): string => {
      const steps = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
      let size = value;
      let step = 0;
      while (size >= 1000 && step < steps.length - 1) {
        size /= 1000;
        step++;
      }
      return new Intl.NumberFormat(locale, {
        style: 'unit',
        unit: steps[step] ?? 'byte',
        // In English the short word is `byte`, however many.
        unitDisplay: step === 0 ? 'long' : 'short',
        maximumFractionDigits: size < 10 && step > 0 ? 1 : 0,
      }).format(size);
    },
    list: (items: string[]): string => new Intl.ListFormat(locale, { type: 'conjunction' }).format(items),
  };
}

/** True when the browser knows the zone. */
export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Zones the browser knows, the reader's own first. */
export function knownZones(): string[] {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [...new Set([own, 'UTC', ...Intl.supportedValuesOf('timeZone')])];
}
