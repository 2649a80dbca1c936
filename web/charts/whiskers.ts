/** Draws intervals over the bars of a lying bar chart, where the rate stood before, and the numbers beside them; Chart.js has no such thing of its own. */
import type { ChartType, Plugin } from 'chart.js';

/**
 * `low`, `high`: values of the x axis, or null where there is not enough to say; then the words alone stand there.
 * `before`: the value in the period before. `change`: said under the words.
 */
export type Whisker = {
  low: number | null;
  high: number | null;
  words: string;
  before: number | null;
  change: { words: string; colour: string } | null;
};
export type WhiskerOptions = { rows?: Whisker[]; line?: string; text?: string; muted?: string; back?: string };

declare module 'chart.js' {
  interface PluginOptionsByType<TType extends ChartType> {
    whiskers?: WhiskerOptions;
  }
}

const DIAMOND_PX = 5;

export const WHISKERS: Plugin<ChartType, WhiskerOptions> = {
  id: 'whiskers',
  afterDatasetsDraw(chart, _, { rows = [], line = '', text = '', muted = '', back = '' }) {
    const { x, y } = chart.scales;
    if (!x || !y) return;
    const pen = chart.ctx;
    const font = chart.options.font?.family ?? 'sans-serif';
    pen.save();
    pen.textBaseline = 'middle';
    for (const [at, row] of rows.entries()) {
      const middle = y.getPixelForValue(at);
      pen.font = `12px ${font}`;
      if (row.low === null || row.high === null) {
        pen.fillStyle = muted;
        pen.fillText(row.words, x.left + 6, middle);
        continue;
      }
      const low = x.getPixelForValue(row.low);
      const high = x.getPixelForValue(row.high);
      pen.lineWidth = 1.5;
      pen.strokeStyle = line;
      pen.beginPath();
      pen.moveTo(low, middle);
      pen.lineTo(high, middle);
      pen.moveTo(low, middle - 5);
      pen.lineTo(low, middle + 5);
      pen.moveTo(high, middle - 5);
      pen.lineTo(high, middle + 5);
      pen.stroke();
      if (row.before !== null) {
        const then = x.getPixelForValue(row.before);
        pen.beginPath();
        pen.moveTo(then, middle - DIAMOND_PX);
        pen.lineTo(then + DIAMOND_PX, middle);
        pen.lineTo(then, middle + DIAMOND_PX);
        pen.lineTo(then - DIAMOND_PX, middle);
        pen.closePath();
        pen.fillStyle = back;
        pen.fill();
        pen.lineWidth = 1.25;
        pen.stroke();
      }
      pen.fillStyle = text;
      pen.fillText(row.words, x.right + 10, row.change === null ? middle : middle - 7);
      if (row.change !== null) {
        pen.font = `600 11px ${font}`;
        pen.fillStyle = row.change.colour;
        pen.fillText(row.change.words, x.right + 10, middle + 8);
      }
    }
    pen.restore();
  },
};
