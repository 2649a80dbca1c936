/**
 * Charts of a page whose bars stand for spans of time show the same moment: where the reader points in one, the others light up the bar that holds that
 * time and say its numbers too. Only one page is open in a window, so all charts that have such bars belong together.
 */
import type { ActiveElement, Chart, ChartType, Plugin } from 'chart.js';

/** A bar: ISO 8601. */
export type Bar = { start: string; end: string };

export type HoverOptions = {
  bars?: readonly Bar[];
  /** What lies behind the bar that is pointed at. */
  wash?: string;
  /** Colour of a frame around the column, where it is no one thing that a tooltip could speak of and is drawn over its wash: a heatmap. */
  frame?: string;
};

declare module 'chart.js' {
  interface PluginOptionsByType<TType extends ChartType> {
    hover?: HoverOptions;
  }
}

const charts = new Set<Chart>();
const pointed = new WeakMap<Chart, number>();

export const HOVER: Plugin<ChartType, HoverOptions> = {
  id: 'hover',
  start: (chart) => void charts.add(chart),
  stop: (chart) => void charts.delete(chart),
  afterEvent(chart, args, { bars = [] }) {
    const { event, inChartArea } = args;
    // A replayed event is no hand that moved: the chart was drawn anew.
    if (args.replay || bars.length === 0) return;
    const x = chart.scales.x;
    const index = inChartArea && event.type !== 'mouseout' && event.x !== null ? x?.getValueForPixel(event.x) : null;
    const bar = index === null || index === undefined ? undefined : bars[index];
    if ((pointed.get(chart) ?? null) === (bar ? index : null)) return;
    point(chart, bar ? (index ?? null) : null);
    args.changed = true;
    for (const other of charts) if (other !== chart) follow(other, bar ? Date.parse(bar.start) : null);
  },
  beforeDatasetsDraw(chart, _, { bars = [], wash = '' }) {
    const index = pointed.get(chart);
    if (index === undefined || index >= bars.length) return;
    const { left, top, width, height } = chart.chartArea;
    const pen = chart.ctx;
    pen.save();
    pen.fillStyle = wash;
    pen.fillRect(left + (index * width) / bars.length, top, width / bars.length, height);
    pen.restore();
  },
  afterDatasetsDraw(chart, _, { bars = [], frame }) {
    const index = pointed.get(chart);
    if (index === undefined || index >= bars.length || frame === undefined) return;
    const { left, top, width, height } = chart.chartArea;
    const pen = chart.ctx;
    pen.save();
    pen.strokeStyle = frame;
    pen.lineWidth = 1.5;
    pen.strokeRect(left + (index * width) / bars.length, top, width / bars.length, height);
    pen.restore();
  },
};

function point(chart: Chart, index: number | null): void {
  if (index === null) pointed.delete(chart);
  else pointed.set(chart, index);
}

/** Shows in a chart what stands there at a time; null: nothing. */
function follow(chart: Chart, at: number | null): void {
  const { bars = [], frame } = (chart.options.plugins?.hover ?? {}) as HoverOptions;
  if (bars.length === 0) return;
  const found = at === null ? -1 : barAt(bars, at);
  const index = found === -1 ? null : found;
  if ((pointed.get(chart) ?? null) === index) return;
  point(chart, index);
  if (frame === undefined) {
    const active: Omit<ActiveElement, 'element'>[] =
      index === null ? [] : chart.data.datasets.map((_dataset, datasetIndex) => ({ datasetIndex, index }));
    chart.setActiveElements(active as ActiveElement[]);
    chart.tooltip?.setActiveElements(active as ActiveElement[], {
      x: index === null ? 0 : (chart.scales.x?.getPixelForValue(index) ?? 0),
      y: (chart.chartArea.top + chart.chartArea.bottom) / 2,
    });
  }
  chart.draw();
}

/** The bar that holds a time, by halving: there may be thousands. -1 when none does. */
export function barAt(bars: readonly Bar[], at: number): number {
  let low = 0;
  let high = bars.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const bar = bars[middle];
    if (!bar) return -1;
    if (at < Date.parse(bar.start)) high = middle - 1;
    else if (at >= Date.parse(bar.end)) low = middle + 1;
    else return middle;
  }
  return -1;
}
