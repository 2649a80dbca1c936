/**
 * Something that happened at a time and may explain a change (a DNS record, a deploy): a dashed line over the bars with its label at the top.
 * Labels that would lie on each other go a row down; where there is no row left, the line stands alone.
 */
import type { ChartType, Plugin } from 'chart.js';

/** `at`: epoch ms. */
export type TimeMark = { at: number; label: string };

/** `at`: where on the plot, as a share of its width. */
export type PlacedMark = { at: number; label: string };

export type MarkOptions = { marks?: PlacedMark[]; line?: string; back?: string; text?: string };

declare module 'chart.js' {
  interface PluginOptionsByType<TType extends ChartType> {
    marks?: MarkOptions;
  }
}

/**
 * Where times stand among bars of equal width, whatever hours each stands for: a local day may have 23 or 25. What is outside of all bars
 * is left out.
 *
 * @param bars start and end of each bar, ISO 8601, in order
 */
export function placed(
  marks: readonly TimeMark[],
  bars: readonly { start: string; end: string }[],
): { at: number; label: string }[] {
  return marks.flatMap(({ at, label }) => {
    const bar = bars.findIndex(({ start, end }) => Date.parse(start) <= at && at < Date.parse(end));
    const hit = bars[bar];
    if (!hit) return [];
    const [start, end] = [Date.parse(hit.start), Date.parse(hit.end)];
    return [{ at: (bar + (at - start) / (end - start)) / bars.length, label }];
  });
}

const ROWS = 3;

/** In which row each label stands so that none lies on another; null when all rows are taken there. */
export function rowsOf(labels: readonly { left: number; right: number }[]): (number | null)[] {
  const rows: { left: number; right: number }[][] = Array.from({ length: ROWS }, () => []);
  return labels.map(({ left, right }) => {
    const at = rows.findIndex((row) => row.every((other) => right <= other.left || left >= other.right));
    rows[at]?.push({ left, right });
    return at === -1 ? null : at;
  });
}

const PADDING = 6;
const ROW_PX = 22;

export const MARKS: Plugin<ChartType, MarkOptions> = {
  id: 'marks',
  afterDatasetsDraw(chart, _, { marks = [], line = '', back = '', text = '' }) {
    if (marks.length === 0) return;
    const { left, right, top, bottom } = chart.chartArea;
    const pen = chart.ctx;
    pen.save();
    pen.font = `11px ${chart.options.font?.family ?? 'sans-serif'}`;
    pen.textBaseline = 'middle';
    const boxes = marks.map((mark) => {
      const x = left + mark.at * (right - left);
      const width = pen.measureText(mark.label).width + 2 * PADDING;
      // Centred on its line, but never out of the plot.
      const from = Math.max(left, Math.min(right - width, x - width / 2));
      return { x, left: from, right: from + width, label: mark.label };
    });
    pen.strokeStyle = line;
    pen.lineWidth = 1;
    pen.setLineDash([4, 3]);
    pen.beginPath();
    for (const { x } of boxes) {
      pen.moveTo(x, top);
      pen.lineTo(x, bottom);
    }
    pen.stroke();
    const rows = rowsOf(boxes);
    for (const [at, box] of boxes.entries()) {
      const row = rows[at];
      if (row === null || row === undefined) continue;
      const y = top + row * ROW_PX;
      pen.fillStyle = back;
      pen.beginPath();
      pen.roundRect(box.left, y, box.right - box.left, ROW_PX - 2, 4);
      pen.fill();
      pen.fillStyle = text;
      pen.fillText(box.label, box.left + PADDING, y + (ROW_PX - 2) / 2);
    }
    pen.restore();
  },
};
