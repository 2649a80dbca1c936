/** What a drag over a chart means: pixels in, a part of the plot or a row of bars out. */

/** A hand that clicks is never quite still: fewer pixels are no drag. */
const LEAST_PX = 12;

export type Plot = { left: number; right: number };

/** The part of a plot between two pixels, in either order and cut at its edges; null when the hand hardly moved. */
export function dragged(startPx: number, endPx: number, { left, right }: Plot): { from: number; to: number } | null {
  const [low, high] = startPx < endPx ? [startPx, endPx] : [endPx, startPx];
  const share = (px: number): number => Math.min(1, Math.max(0, (px - left) / (right - left)));
  return high - low < LEAST_PX || right <= left || share(low) === share(high)
    ? null
    : { from: share(low), to: share(high) };
}

/** The first and last of equally wide bars that a part of the plot touches. */
export function barsIn(from: number, to: number, count: number): { first: number; last: number } {
  const first = Math.min(count - 1, Math.floor(from * count));
  return { first, last: Math.max(first, Math.min(count - 1, Math.ceil(to * count) - 1)) };
}
