/**
 * Where mail landed, bucket by bucket, as stacked bars in the one order of outcomes. Bars and not lines: an hour without probes
 * is a gap, and a line across it would claim something nobody measured.
 */
import { SegmentedControl } from '@mantine/core';
import type { ChartData, ChartOptions } from 'chart.js';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BucketJson } from '../../server/api/json/overview.ts';
import { useFormat } from '../language.ts';
import { STACKED, tone } from '../outcomes.ts';
import { ChartCanvas } from './canvas.tsx';
import type { TableData } from './csv.ts';
import { DRAG } from './drag.ts';
import { ChartFigure } from './figure.tsx';
import { OutcomeLegend } from './legend.tsx';
import { MARKS, placed, type TimeMark } from './marks.ts';
import { fillOf, surface, useScheme } from './palette.ts';
import { barsIn } from './span.ts';

type Props = {
  title: string;
  buckets: BucketJson[];
  bucket: 'hour' | 'day';
  marks?: TimeMark[];
  loading?: boolean;
  height?: number;
  /** Called with the span that the reader dragged over, epoch ms. */
  onSpan?: ((from: number, to: number) => void) | undefined;
};

const PLUGINS = [MARKS, DRAG];

export function PlacementOverTime({ title, buckets, bucket, marks, loading = false, height = 260, onSpan }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const scheme = useScheme();
  const [unit, setUnit] = useState<'count' | 'percent'>('count');
  const present = useMemo(() => STACKED.filter((verdict) => buckets.some((one) => one.counts[verdict] > 0)), [buckets]);
  const labels = useMemo(
    () =>
      buckets.map((one) =>
        bucket === 'day' ? format.day(one.start) : `${format.day(one.start)} ${format.time(one.start)}`,
      ),
    [buckets, bucket, format],
  );

  const table = useMemo<TableData>(
    () => ({
      columns: [
        t('chart.time', { zone: format.timeZone }),
        ...present.map((verdict) => t(`verdict.${verdict}`)),
        t('chart.n'),
      ],
      rows: buckets.map((one, at) => [labels[at] ?? '', ...present.map((verdict) => one.counts[verdict]), total(one)]),
    }),
    [buckets, labels, present, format, t],
  );

  const data = useMemo<ChartData<'bar'>>(
    () => ({
      labels,
      datasets: present.map((verdict) => ({
        label: t(`verdict.${verdict}`),
        data: buckets.map((one) => {
          const n = total(one);
          if (n === 0) return null;
          const value = one.counts[verdict];
          return unit === 'percent' ? (100 * value) / n : value;
        }),
        backgroundColor: fillOf(verdict, scheme) as string,
        borderColor: surface(scheme).back,
        borderWidth: { top: 1, right: 0, bottom: 0, left: 0 },
        categoryPercentage: buckets.length > 60 ? 0.98 : 0.9,
        barPercentage: 0.92,
        maxBarThickness: 44,
      })),
    }),
    [buckets, labels, present, scheme, t, unit],
  );

  const options = useMemo<ChartOptions<'bar'>>(() => {
    const colours = surface(scheme);
    return {
      interaction: { mode: 'index', intersect: false },
      scales: {
        x: {
          stacked: true,
          grid: { display: false },
          border: { color: colours.grid },
          ticks: { color: colours.muted, maxRotation: 0, autoSkipPadding: 18 },
        },
        y: {
          stacked: true,
          beginAtZero: true,
          ...(unit === 'percent' ? { max: 100 } : {}),
          grid: { color: colours.grid },
          border: { display: false },
          ticks: {
            color: colours.muted,
            precision: 0,
            maxTicksLimit: 6,
            ...(unit === 'percent' ? { callback: (value) => format.percent(Number(value) / 100) } : {}),
          },
        },
      },
      plugins: {
        tooltip: {
          backgroundColor: colours.tooltipBack,
          titleColor: colours.tooltipText,
          bodyColor: colours.tooltipText,
          footerColor: colours.tooltipText,
          itemSort: (a, b) => b.datasetIndex - a.datasetIndex,
          filter: (item) => Number(item.raw) > 0,
          callbacks: {
            label: (item) => {
              const verdict = present[item.datasetIndex];
              const one = buckets[item.dataIndex];
              if (!verdict || !one) return '';
              const count = one.counts[verdict];
              return ` ${t(`verdict.${verdict}`)}: ${format.number(count)} (${format.percent(count / total(one))})`;
            },
            labelColor: (item) => {
              const colour = tone(present[item.datasetIndex] ?? 'unknown', scheme).fill;
              return { backgroundColor: colour, borderColor: colour };
            },
            footer: (items) => {
              const one = buckets[items[0]?.dataIndex ?? -1];
              return one ? t('chart.nIs', { n: format.number(total(one)) }) : '';
            },
          },
        },
        marks: {
          marks: placed(marks ?? [], buckets),
          line: colours.muted,
          back: colours.tooltipBack,
          text: colours.tooltipText,
        },
        drag: {
          fill: `${colours.muted}33`,
          onDrag:
            onSpan &&
            ((from, to) => {
              const { first, last } = barsIn(from, to, buckets.length);
              const [start, end] = [buckets[first], buckets[last]];
              if (start && end) onSpan(Date.parse(start.start), Date.parse(end.end));
            }),
        },
      },
    };
  }, [buckets, format, marks, onSpan, present, scheme, t, unit]);

  return (
    <ChartFigure
      title={title}
      note={t('chart.zone', { zone: format.timeZone })}
      table={table}
      file="placement-over-time"
      height={height}
      loading={loading}
      empty={present.length === 0 ? t('chart.noData') : undefined}
      controls={
        <SegmentedControl
          size="xs"
          aria-label={t('chart.unit')}
          value={unit}
          onChange={(value) => setUnit(value === 'percent' ? 'percent' : 'count')}
          data={[
            { value: 'count', label: t('chart.counts') },
            { value: 'percent', label: t('chart.percent') },
          ]}
        />
      }
      legend={<OutcomeLegend verdicts={present} />}
    >
      <ChartCanvas type="bar" data={data} options={options} plugins={PLUGINS} height={height} />
    </ChartFigure>
  );
}

function total(one: BucketJson): number {
  return STACKED.reduce((sum, verdict) => sum + one.counts[verdict], 0);
}
