/**
 * Something that happened at a time and may explain a change: a dashed line over the bars with its number above them; what it was stands in the list
 * beside the chart under the same number. Numbers that would lie on each other become one ("2–4"). Percentiles of a distribution are drawn the same
 * way, with their names, which give way to each other by rows.
 */
import type { ChartType, Plugin } from 'chart.js';
import { type Bar, barAt } from './hover.ts';

/** `at`: epoch ms. `words`: what happened, for tooltips and tables. */
export type TimeMark = { at: number; label: string; words: string };

/** `at`: where on the plot, as a share of its width. */
export type PlacedMark = { at: number; label: string };

export type MarkOptions = {
  marks?: PlacedMark[];
  /** Lines only: another chart above says which is which. */
  bare?: boolean;
  /** Numbers that meet become one; else labels give way to each other by rows. */
  merge?: boolean;
  line?: string;
  back?: string;
  text?: string;
};

declare module 'chart.js' {
  interface PluginOptionsByType<TType extends ChartType> {
    marks?: MarkOptions;
  }
}

/**
 * Where times stand among bars of equal width, whatever hours each stands for: a local day may have 23 or 25. What is outside of all bars
 * is left out.
 *
 * @param bars in order
 */
export function placed(marks: readonly { at: number; label: string }[], bars: readonly Bar[]): PlacedMark[] {
  return marks.flatMap(({ at, label }) => {
    const bar = barAt(bars, at);
    const hit = bars[bar];
    if (!hit) return [];
    const [start, end] = [Date.parse(hit.start), Date.parse(hit.end)];
    return [{ at: (bar + (at - start) / (end - start)) / bars.length, label }];
  });
}

/** What happened within each bar, by its number; bars in which nothing did are left out. */
export function marksByBar(marks: readonly TimeMark[], bars: readonly Bar[]): Map<number, TimeMark[]> {
  const found = Map.groupBy(marks, ({ at }) => barAt(bars, at));
  found.delete(-1);
  return found;
}

export type Flag = { x: number; first: string; last: string };

/** Numbers along a line, in order; those nearer than `gap` become one that stands in their middle. */
export function merged(marks: readonly { x: number; label: string }[], gap: number): Flag[] {
  const groups: { x: number; label: string }[][] = [];
  for (const mark of marks) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    if (group && last && mark.x - last.x < gap) group.push(mark);
    else groups.push([mark]);
  }
  return groups.map((group) => {
    const [first, last] = [group[0], group.at(-1)];
    return { x: ((first?.x ?? 0) + (last?.x ?? 0)) / 2, first: first?.label ?? '', last: last?.label ?? '' };
  });
}

/** In which row each label stands so that none lies on another; null when all rows are taken there. */
export function rowsOf(labels: readonly { left: number; right: number }[], count = 3): (number | null)[] {
  const rows: { left: number; right: number }[][] = Array.from({ length: count }, () => []);
  return labels.map(({ left, right }) => {
    const at = rows.findIndex((row) => row.every((other) => right <= other.left || left >= other.right));
    rows[at]?.push({ left, right });
    return at === -1 ? null : at;
  });
}

const PADDING = 5;
const ROW_PX = 20;
/** Nearer than that, two numbers could not be told apart. */
const MERGE_PX = 22;
const ROWS = 2;

/** How much room above the bars the labels take. */
export const FLAGS_PX = ROW_PX + 2;
export const NAMES_PX = ROWS * ROW_PX + 2;

export const MARKS: Plugin<ChartType, MarkOptions> = {
  id: 'marks',
  afterDatasetsDraw(chart, _, { marks = [], bare = false, merge = false, line = '', back = '', text = '' }) {
    if (marks.length === 0) return;
    const { left, right, top, bottom } = chart.chartArea;
    const pen = chart.ctx;
    pen.save();
    pen.font = `600 11px ${chart.options.font?.family ?? 'sans-serif'}`;
    pen.textBaseline = 'middle';
    const lines = marks.map(({ at, label }) => ({ x: left + at * (right - left), label }));
    pen.strokeStyle = line;
    pen.lineWidth = 1;
    pen.setLineDash([4, 3]);
    pen.beginPath();
    for (const { x } of lines) {
      pen.moveTo(x, top - (bare ? 0 : 2));
      pen.lineTo(x, bottom);
    }
    pen.stroke();
    const labels = bare
      ? []
      : merge
        ? merged(lines, MERGE_PX).map(({ x, first, last }) => ({
            x,
            label: first === last ? first : `${first}–${last}`,
          }))
        : lines;
    const boxes = labels.map(({ x, label }) => {
      const width = pen.measureText(label).width + 2 * PADDING;
      // Centred on its line, but never out of the picture.
      const from = Math.max(0, Math.min(chart.width - width, x - width / 2));
      return { left: from, right: from + width, label };
    });
    const rows = rowsOf(boxes, merge ? 1 : ROWS);
    for (const [at, box] of boxes.entries()) {
      const row = rows[at];
      if (row === null || row === undefined) continue;
      const y = top - (row + 1) * ROW_PX;
      pen.fillStyle = back;
      pen.beginPath();
      pen.roundRect(box.left, y, box.right - box.left, ROW_PX - 3, 4);
      pen.fill();
      pen.fillStyle = text;
      pen.fillText(box.label, box.left + PADDING, y + (ROW_PX - 3) / 2 + 0.5);
    }
    pen.restore();
  },
};
