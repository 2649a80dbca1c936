/**
 * What all charts over time have in common: their bars are the server's hours or local days, named in the reader's zone, and stand under each other from
 * chart to chart; dragging picks a span, and pointing at one shows the same moment in all.
 */
import { useMemo } from 'react';
import type { Format } from '../format.ts';
import { useFormat } from '../language.ts';
import type { Scheme } from '../outcomes.ts';
import { localOf } from '../range.ts';
import type { Cell } from './csv.ts';
import type { DragOptions } from './drag.ts';
import type { Bar, HoverOptions } from './hover.ts';
import { surface } from './palette.ts';
import { barsIn } from './span.ts';

export type Bucket = 'hour' | 'day';

/** A finger scrolls the page. */
export const CAN_DRAG = matchMedia('(pointer: fine)').matches;

/** Of the value axis, so that the bars of charts above each other are. */
const AXIS_PX = 46;

/** The span that a reader dragged over, epoch ms. */
export type OnSpan = ((from: number, to: number) => void) | undefined;

/** A day of the month comes again: in a longer time it needs its year. */
const NEEDS_YEAR_MS = 330 * 86_400_000;

/** What the bars are called under the axis and in the table. */
export function barNames(bars: readonly Bar[], bucket: Bucket, format: Format): string[] {
  const [first, last] = [bars[0], bars.at(-1)];
  const long = first && last && Date.parse(last.end) - Date.parse(first.start) > NEEDS_YEAR_MS;
  return bars.map(({ start }) =>
    bucket === 'hour' ? `${format.day(start)} ${format.time(start)}` : long ? format.date(start) : format.day(start),
  );
}

/** A bar in a table: its name, and for a spreadsheet what can be sorted, by the same clock: `2026-11-23 16:00`. */
export function barCell(bar: Bar, name: string | undefined, bucket: Bucket, format: Format): Cell {
  const local = localOf(Date.parse(bar.start), format.timeZone);
  return {
    shown: name ?? '',
    value: bucket === 'day' ? local.slice(0, 10) : local.replace('T', ' '),
  };
}

/** What a bar is called where there is room: with its weekday, or its end. */
export function barTitle(bar: Bar, bucket: Bucket, format: Format): string {
  return bucket === 'day'
    ? `${format.date(bar.start)} (${format.weekday(bar.start)})`
    : `${format.date(bar.start)} ${format.time(bar.start)}–${format.time(bar.end)}`;
}

export function useBarNames(bars: readonly Bar[], bucket: Bucket): string[] {
  const format = useFormat();
  return useMemo(() => barNames(bars, bucket, format), [bars, bucket, format]);
}

/** The options of a chart over time that are the same for all of them. */
export function timeOptions(bars: readonly Bar[], scheme: Scheme, onSpan: OnSpan) {
  const { muted, grid, wash } = surface(scheme);
  const hover: HoverOptions = { bars, wash };
  const drag: DragOptions = {
    fill: `${muted}33`,
    onDrag:
      onSpan &&
      ((from, to) => {
        const { first, last } = barsIn(from, to, bars.length);
        const [start, end] = [bars[first], bars[last]];
        if (start && end) onSpan(Date.parse(start.start), Date.parse(end.end));
      }),
  };
  return {
    plugins: { hover, drag },
    x: {
      grid: { display: false },
      border: { color: grid },
      ticks: { color: muted, maxRotation: 0, autoSkipPadding: 18 },
    },
    y: {
      beginAtZero: true,
      grid: { color: grid },
      border: { display: false },
      afterFit: (scale: { width: number }) => {
        scale.width = AXIS_PX;
      },
    },
  };
}
