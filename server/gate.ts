/**
 * The gate between the world and the database. Requests pass through it; while another database is put in place of the present one it is closed, and whoever
 * comes then is asked to come again in a moment, instead of reading one database and writing into the other.
 */
import { AppError } from './errors.ts';

export type Gate = {
  /**
   * Runs work that must see one database from its beginning to its end.
   * @throws AppError `busy` while the gate is closed, and whatever `work` throws
   */
  pass: <Result>(work: () => Promise<Result>) => Promise<Result>;
  /** Lets nobody in any more, and waits for those inside, but no longer than this. */
  close: (withinMs: number) => Promise<void>;
  open: () => void;
};

export function createGate(): Gate {
  let closed = false;
  let inside = 0;
  let onEmpty: () => void = () => undefined;

  return {
    async pass(work) {
      if (closed)
        throw new AppError('busy', 'A backup is being put in place: try again in a moment.', { retryAfterSeconds: 2 });
      inside++;
      try {
        return await work();
      } finally {
        inside--;
        if (inside === 0) onEmpty();
      }
    },
    async close(withinMs) {
      closed = true;
      if (inside === 0) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      onEmpty = resolve;
      const patience = setTimeout(resolve, withinMs);
      await promise;
      clearTimeout(patience);
    },
    open() {
      closed = false;
    },
  };
}
