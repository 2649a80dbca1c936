/**
 * A few connections kept open for a while. Every login counts: Gmail answers `454 4.7.0 Too many login attempts` after about a hundred in quick
 * succession, so a hundred probes must not be a hundred logins. Whoever asks gets a slot, with a kept connection
 * in it if one is idle; the order of asking is the order of getting. Who has nothing to do but wait for a slow server may step aside, so that the
 * others need not wait along.
 */

export type Pooled = {
  /** False once the other side closed it or something went wrong on it. */
  usable: () => boolean;
  /** Says goodbye and closes; never rejects, never takes long. */
  quit: () => Promise<void>;
  destroy: () => void;
};

export type Slot<T extends Pooled> = {
  /** An idle connection, or null: then open one. */
  kept: T | null;
  /** Tells the pool which connection is being worked with, so that closing can end it. */
  uses: (item: T) => void;
  /** Keeps the connection and lets another one work meanwhile. False when there are as many aside as there may be. */
  stepAside: () => boolean;
  /** Gives the slot back, and the connection with it if it can be used again. */
  release: (item: T | null) => void;
};

export type Pool<T extends Pooled> = {
  /** Null once the pool is closed. */
  take: () => Promise<Slot<T> | null>;
  /** Lets nobody in any more, waits up to `graceMs` for what is under way, then ends it. */
  close: (graceMs: number) => Promise<void>;
};

/** @param most connections at work at the same time. @param mostAside connections that wait beside them */
export function openPool<T extends Pooled>({
  most,
  mostAside,
  idleMs,
}: {
  most: number;
  mostAside: number;
  idleMs: number;
}): Pool<T> {
  const idle = new Map<T, NodeJS.Timeout>();
  const busy = new Set<T>();
  const waiting: ((slot: Slot<T> | null) => void)[] = [];
  let working = 0;
  let aside = 0;
  let closed = false;
  let drained: (() => void) | null = null;

  function takeKept(): T | null {
    for (const [item, timer] of idle) {
      clearTimeout(timer);
      idle.delete(item);
      if (item.usable()) return item;
      item.destroy();
    }
    return null;
  }

  function keep(item: T): void {
    const timer = setTimeout(() => {
      idle.delete(item);
      void item.quit();
    }, idleMs);
    timer.unref();
    idle.set(item, timer);
  }

  function open(): Slot<T> {
    working++;
    const kept = takeKept();
    let current: T | null = kept;
    if (kept !== null) busy.add(kept);
    let place: 'working' | 'aside' | 'given back' = 'working';
    return {
      kept,
      uses: (item) => {
        if (current !== null) busy.delete(current);
        current = item;
        busy.add(item);
      },
      stepAside: () => {
        if (place !== 'working' || aside >= mostAside) return false;
        place = 'aside';
        working--;
        aside++;
        serveNext();
        return true;
      },
      release: (item) => {
        if (place === 'given back') return;
        if (place === 'aside') aside--;
        else working--;
        place = 'given back';
        if (current !== null) busy.delete(current);
        if (item !== null && !closed && idle.size < most && item.usable()) keep(item);
        else if (item !== null) void item.quit();
        serveNext();
        if (working + aside === 0) drained?.();
      },
    };
  }

  function serveNext(): void {
    if (working >= most) return;
    const next = waiting.shift();
    if (next !== undefined) next(closed ? null : open());
  }

  return {
    take: () => {
      if (closed) return Promise.resolve(null);
      if (working < most) return Promise.resolve(open());
      return new Promise((resolve) => waiting.push(resolve));
    },
    close: async (graceMs) => {
      closed = true;
      for (const refuse of waiting.splice(0)) refuse(null);
      const goodbyes = [...idle].map(([item, timer]) => {
        clearTimeout(timer);
        return item.quit();
      });
      idle.clear();
      if (working + aside > 0) {
        const done = Promise.withResolvers<void>();
        drained = done.resolve;
        const timer = setTimeout(() => {
          for (const item of busy) item.destroy();
        }, graceMs);
        await done.promise;
        clearTimeout(timer);
      }
      await Promise.all(goodbyes);
    },
  };
}
