/**
 * The same done to many things: a few at a time, in their order, with a count of what is done. One that fails stands with its error and stops nobody; when the
 * reader stops it, what has begun is finished and the rest is left as it is.
 */
export type Each<Item, Result> = {
  all: number;
  done: { item: Item; result: Result }[];
  failed: { item: Item; error: unknown }[];
  running: boolean;
};

/** @param most so many at a time */
export async function forEach<Item, Result>(
  items: readonly Item[],
  act: (item: Item) => Promise<Result>,
  options: { most: number; signal?: AbortSignal; onProgress?: (so: Each<Item, Result>) => void },
): Promise<Each<Item, Result>> {
  const so: Each<Item, Result> = { all: items.length, done: [], failed: [], running: true };
  const tell = (): void => options.onProgress?.({ ...so, done: [...so.done], failed: [...so.failed] });
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length && !options.signal?.aborted) {
      const item = items[next++] as Item;
      try {
        so.done.push({ item, result: await act(item) });
      } catch (error) {
        so.failed.push({ item, error });
      }
      tell();
    }
  };
  tell();
  await Promise.all(Array.from({ length: Math.min(options.most, items.length) }, work));
  so.running = false;
  tell();
  return so;
}
