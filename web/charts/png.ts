/**
 * A chart as a picture that stands by itself in a mail or on a slide: with its title, the zone its times are in, and its legend, on the page's own
 * paper, twice as sharp as a plain screen. Fetched when the first picture is wanted.
 */
import { FONTS } from '../theme.ts';
import type { LegendEntry } from './legend.tsx';
import type { Surface } from './palette.ts';
import { Chart } from './register.ts';

export type Caption = {
  title: string;
  note: string | undefined;
  legend: readonly LegendEntry[];
  /** What the numbers over the bars stand for, and the like: under the legend, a line each. */
  lines: readonly string[];
  surface: Surface;
};

const SCALE = 2;
const MARGIN = 20;
const LINE = 22;
const SWATCH = 12;

/** @throws Error when the browser gives no picture */
export async function toPng(canvas: HTMLCanvasElement, caption: Caption): Promise<Blob> {
  const chart = Chart.getChart(canvas);
  const width = canvas.clientWidth + 2 * MARGIN;
  const head = MARGIN + LINE + (caption.note === undefined ? 8 : LINE + 6);
  const sheet = document.createElement('canvas');
  const pen = sheet.getContext('2d');
  if (!pen) throw new Error('this browser draws nothing');
  pen.font = `13px ${FONTS}`;
  const places = laidOut(
    caption.legend.map(({ label }) => pen.measureText(label).width + SWATCH + 6),
    canvas.clientWidth,
  );
  const rows = places.length === 0 ? 0 : (places.at(-1)?.row ?? 0) + 1;
  const height = head + canvas.clientHeight + (rows > 0 ? 12 + rows * LINE : 0) + caption.lines.length * LINE + MARGIN;
  sheet.width = width * SCALE;
  sheet.height = height * SCALE;
  pen.scale(SCALE, SCALE);

  pen.fillStyle = caption.surface.back;
  pen.fillRect(0, 0, width, height);
  pen.textBaseline = 'middle';
  pen.fillStyle = caption.surface.text;
  pen.font = `600 16px ${FONTS}`;
  pen.fillText(caption.title, MARGIN, MARGIN + LINE / 2, canvas.clientWidth);
  pen.fillStyle = caption.surface.muted;
  pen.font = `12px ${FONTS}`;
  if (caption.note !== undefined) pen.fillText(caption.note, MARGIN, MARGIN + 1.5 * LINE, canvas.clientWidth);

  const before = chart?.options.devicePixelRatio;
  const sharpen = chart !== undefined && chart.currentDevicePixelRatio < SCALE;
  if (chart && sharpen) {
    chart.options.devicePixelRatio = SCALE;
    chart.resize();
  }
  pen.drawImage(canvas, MARGIN, head, canvas.clientWidth, canvas.clientHeight);
  if (chart && sharpen) {
    if (before === undefined) delete chart.options.devicePixelRatio;
    else chart.options.devicePixelRatio = before;
    chart.resize();
  }

  pen.font = `13px ${FONTS}`;
  for (const [at, { label, colour }] of caption.legend.entries()) {
    const place = places[at];
    if (!place) continue;
    const x = MARGIN + place.left;
    const y = head + canvas.clientHeight + 12 + (place.row + 0.5) * LINE;
    pen.fillStyle = colour;
    pen.fillRect(x, y - SWATCH / 2, SWATCH, SWATCH);
    pen.strokeStyle = caption.surface.muted;
    pen.lineWidth = 0.5;
    pen.strokeRect(x, y - SWATCH / 2, SWATCH, SWATCH);
    pen.fillStyle = caption.surface.text;
    pen.fillText(label, x + SWATCH + 6, y);
  }
  pen.font = `12px ${FONTS}`;
  pen.fillStyle = caption.surface.muted;
  for (const [at, line] of caption.lines.entries()) {
    const y = head + canvas.clientHeight + (rows > 0 ? 12 + rows * LINE : 0) + (at + 0.5) * LINE;
    pen.fillText(line, MARGIN, y, canvas.clientWidth);
  }
  return new Promise((resolve, reject) =>
    sheet.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture could not be made'))), 'image/png'),
  );
}

/** Where words of these widths stand when a line is full. */
function laidOut(widths: readonly number[], room: number): { left: number; row: number }[] {
  let left = 0;
  let row = 0;
  return widths.map((width) => {
    if (left > 0 && left + width > room) {
      left = 0;
      row++;
    }
    const place = { left, row };
    left += width + 16;
    return place;
  });
}
