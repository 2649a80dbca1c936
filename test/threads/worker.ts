/** What the threads of the test do: work for a while, throw, or answer. */
export type Order = { text: string; spinMs?: number; fill?: boolean };

export function obey({ text, spinMs = 0, fill = false }: Order): string {
  const until = performance.now() + spinMs;
  while (performance.now() < until);
  if (text === 'throw') throw new Error('as told');
  const hoard: number[][] = [];
  while (fill) hoard.push(new Array(1_000_000).fill(hoard.length));
  return `${text} done`;
}
