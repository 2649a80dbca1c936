/** How often somebody may ask: so many times a minute, counted in memory, forgotten with the minute. */
import { AppError } from '../errors.ts';

const MINUTE_MS = 60_000;

export type Pace = {
  /** @throws AppError `too-many-attempts` with `retryAfterSeconds` */
  take: (who: string, now: number) => void;
};

export function createPace(perMinute: number): Pace {
  let minute = 0;
  const asked = new Map<string, number>();
  return {
    take(who, now) {
      const present = Math.floor(now / MINUTE_MS);
      if (present !== minute) {
        minute = present;
        asked.clear();
      }
      const count = (asked.get(who) ?? 0) + 1;
      asked.set(who, count);
      if (count <= perMinute) return;
      const retryAfterSeconds = Math.max(1, Math.ceil(((present + 1) * MINUTE_MS - now) / 1000));
      throw new AppError('too-many-attempts', `At most ${perMinute} requests a minute: try again in a moment.`, {
        retryAfterSeconds,
      });
    },
  };
}
