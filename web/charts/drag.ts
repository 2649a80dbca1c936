/**
 * Picking a span of time by dragging over a chart with a mouse or a pen. The page is told the span and puts it into its address, so that going
 * back is the browser's own button; the chart itself never scales. A finger scrolls the page: on a phone the range is chosen above the chart.
 */
import type { Chart, ChartType, Plugin } from 'chart.js';
import { dragged } from './span.ts';

export type DragOptions = {
  /** Called with the two ends of the drag as shares of the plot's width, 0 ≤ from < to ≤ 1. */
  onDrag?: ((from: number, to: number) => void) | undefined;
  /** What lies over the chosen part. */
  fill?: string;
};

declare module 'chart.js' {
  interface PluginOptionsByType<TType extends ChartType> {
    drag?: DragOptions;
  }
}

type Hand = { startPx: number; endPx: number };
const hands = new WeakMap<Chart, Hand>();
const listening = new WeakMap<Chart, AbortController>();

export const DRAG: Plugin<ChartType, DragOptions> = {
  id: 'drag',
  start(chart) {
    const ended = new AbortController();
    listening.set(chart, ended);
    listen(chart, ended.signal);
  },
  stop(chart) {
    listening.get(chart)?.abort();
    hands.delete(chart);
  },
  // While a span is being drawn, a tooltip would only be in the way.
  beforeEvent: (chart) => !isDragging(chart),
  beforeTooltipDraw: (chart) => !isDragging(chart),
  afterDraw(chart, _, { fill }) {
    const hand = hands.get(chart);
    const part = hand && dragged(hand.startPx, hand.endPx, chart.chartArea);
    if (!part) return;
    const { left, right, top, height } = chart.chartArea;
    const pen = chart.ctx;
    pen.save();
    pen.fillStyle = fill ?? 'rgb(128 128 128 / 0.2)';
    pen.fillRect(left + part.from * (right - left), top, (part.to - part.from) * (right - left), height);
    pen.restore();
  },
};

function listen(chart: Chart, signal: AbortSignal): void {
  const { canvas } = chart;
  const xOf = (event: PointerEvent): number => event.clientX - canvas.getBoundingClientRect().left;
  const drop = (): void => {
    if (hands.delete(chart)) chart.draw();
  };
  canvas.addEventListener(
    'pointerdown',
    (event) => {
      const { left, right, top, bottom } = chart.chartArea;
      const x = xOf(event);
      const y = event.clientY - canvas.getBoundingClientRect().top;
      const wanted = chart.options.plugins?.drag?.onDrag !== undefined;
      if (!wanted || event.button !== 0 || event.pointerType === 'touch') return;
      if (x < left || x > right || y < top || y > bottom) return;
      hands.set(chart, { startPx: x, endPx: x });
      // A drag may end outside the canvas.
      canvas.setPointerCapture(event.pointerId);
    },
    { signal },
  );
  canvas.addEventListener(
    'pointermove',
    (event) => {
      const hand = hands.get(chart);
      if (!hand) return;
      hand.endPx = xOf(event);
      chart.draw();
    },
    { signal },
  );
  canvas.addEventListener(
    'pointerup',
    () => {
      const hand = hands.get(chart);
      drop();
      const part = hand && dragged(hand.startPx, hand.endPx, chart.chartArea);
      if (part) chart.options.plugins?.drag?.onDrag?.(part.from, part.to);
    },
    { signal },
  );
  canvas.addEventListener('pointercancel', drop, { signal });
  document.addEventListener('keydown', (event) => event.key === 'Escape' && drop(), { signal });
}

function isDragging(chart: Chart): boolean {
  const hand = hands.get(chart);
  return hand !== undefined && dragged(hand.startPx, hand.endPx, chart.chartArea) !== null;
}
