/** Draws intervals over the bars of a lying bar chart and the numbers beside them; Chart.js has no such thing of its own. */
import type { ChartType, Plugin } from 'chart.js';

/** `low`, `high`: values of the x axis, or null where there is not enough to say; then the words alone stand there. */
export type Whisker = { low: number | null; high: number | null; words: string };
export type WhiskerOptions = { rows?: Whisker[]; line?: string; text?: string; muted?: string };

declare module 'chart.js' {
  interface PluginOptionsByType<TType extends ChartType> {
    whiskers?: WhiskerOptions;
  }
}

export const WHISKERS: Plugin<ChartType, WhiskerOptions> = {
  id: 'whiskers',
  afterDatasetsDraw(chart, _, { rows = [], line = '', text = '', muted = '' }) {
    const { x, y } = chart.scales;
    if (!x || !y) return;
    const pen = chart.ctx;
    pen.save();
    pen.lineWidth = 1.5;
    pen.textBaseline = 'middle';
    pen.font = `12px ${chart.options.font?.family ?? 'sans-serif'}`;
    for (const [at, row] of rows.entries()) {
      const middle = y.getPixelForValue(at);
      if (row.low === null || row.high === null) {
        pen.fillStyle = muted;
        pen.fillText(row.words, x.left + 6, middle);
        continue;
      }
      const low = x.getPixelForValue(row.low);
      const high = x.getPixelForValue(row.high);
      pen.strokeStyle = line;
      pen.beginPath();
      pen.moveTo(low, middle);
      pen.lineTo(high, middle);
      pen.moveTo(low, middle - 5);
      pen.lineTo(low, middle + 5);
      pen.moveTo(high, middle - 5);
      pen.lineTo(high, middle + 5);
      pen.stroke();
      pen.fillStyle = text;
      pen.fillText(row.words, x.right + 10, middle);
    }
    pen.restore();
  },
};
