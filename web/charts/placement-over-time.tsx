/**
 * Where mail landed over time, bucket by bucket, as stacked bars in the one order of outcomes. Bars and not lines: an hour without probes
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
import { HOVER } from './hover.ts';
import { outcomeLegend } from './legend.tsx';
import { FLAGS_PX, MARKS, marksByBar, placed, type TimeMark } from './marks.ts';
import { fillOf, surface, tooltipLook, useScheme } from './palette.ts';
import { type Bucket, barCell, barTitle, CAN_DRAG, type OnSpan, timeOptions, useBarNames } from './time-axis.ts';

type Props = {
  title: string;
  buckets: BucketJson[];
  bucket: Bucket;
  marks?: readonly TimeMark[];
  loading?: boolean;
  height?: number;
  onSpan?: OnSpan;
};

const PLUGINS = [HOVER, MARKS, DRAG];
const NO_MARKS: readonly TimeMark[] = [];
/** More would hide the numbers. */
const MOST_MARKS_SAID = 3;

export function PlacementOverTime({
  title,
  buckets,
  bucket,
  marks = NO_MARKS,
  loading = false,
  height = 260,
  onSpan,
}: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const scheme = useScheme();
  const [unit, setUnit] = useState<'count' | 'percent'>('count');
  const present = useMemo(() => STACKED.filter((verdict) => buckets.some((one) => one.counts[verdict] > 0)), [buckets]);
  const labels = useBarNames(buckets, bucket);
  const legend = useMemo(
    () => outcomeLegend(present, scheme, (verdict) => t(`verdict.${verdict}`)),
    [present, scheme, t],
  );

  const happened = useMemo(() => marksByBar(marks, buckets), [marks, buckets]);

  const table = useMemo<TableData>(
    () => ({
      columns: [
        t('chart.time', { zone: format.timeZone }),
        ...present.map((verdict) => t(`verdict.${verdict}`)),
        t('chart.n'),
        ...(happened.size > 0 ? [t('marks.title')] : []),
      ],
      rows: buckets.map((one, at) => [
        barCell(one, labels[at], bucket, format),
        ...present.map((verdict) => one.counts[verdict]),
        total(one),
        ...(happened.size > 0
          ? [
              happened
                .get(at)
                ?.map(({ words }) => words)
                .join(' · ') ?? null,
            ]
          : []),
      ]),
    }),
    [bucket, buckets, happened, labels, present, format, t],
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
        borderWidth: { top: buckets.length > 200 ? 0 : 1, right: 0, bottom: 0, left: 0 },
        categoryPercentage: buckets.length > 60 ? 0.98 : 0.9,
        barPercentage: 0.92,
        maxBarThickness: 44,
      })),
    }),
    [buckets, labels, present, scheme, t, unit],
  );

  const options = useMemo<ChartOptions<'bar'>>(() => {
    const colours = surface(scheme);
    const shared = timeOptions(buckets, scheme, onSpan);
    const flags = placed(marks, buckets);
    return {
      interaction: { mode: 'index', intersect: false },
      layout: { padding: { top: flags.length > 0 ? FLAGS_PX : 0 } },
      scales: {
        x: { ...shared.x, stacked: true },
        y: {
          ...shared.y,
          stacked: true,
          ...(unit === 'percent' ? { max: 100 } : {}),
          ticks: {
            color: colours.muted,
            precision: 0,
            maxTicksLimit: 6,
            ...(unit === 'percent' ? { callback: (value) => format.percent(Number(value) / 100) } : {}),
          },
        },
      },
      plugins: {
        ...shared.plugins,
        tooltip: {
          ...tooltipLook(scheme),
          itemSort: (a, b) => b.datasetIndex - a.datasetIndex,
          filter: (item) => Number(item.raw) > 0,
          callbacks: {
            title: (items) => {
              const one = buckets[items[0]?.dataIndex ?? -1];
              return one ? barTitle(one, bucket, format) : '';
            },
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
              const at = items[0]?.dataIndex ?? -1;
              const one = buckets[at];
              if (!one) return '';
              const own = happened.get(at) ?? [];
              const said = own.slice(0, MOST_MARKS_SAID).map(({ label, words }) => `${label}  ${words}`);
              return [
                t('chart.nIs', { n: format.number(total(one)) }),
                ...said,
                ...(own.length > said.length ? [t('marks.more', { count: own.length - said.length })] : []),
              ];
            },
          },
        },
        marks: {
          marks: flags,
          merge: true,
          line: colours.muted,
          back: colours.tooltipBack,
          text: colours.tooltipText,
        },
      },
    };
  }, [bucket, buckets, format, happened, marks, onSpan, present, scheme, t, unit]);

  return (
    <ChartFigure
      title={title}
      note={
        onSpan && CAN_DRAG ? t('chart.zoneDrag', { zone: format.timeZone }) : t('chart.zone', { zone: format.timeZone })
      }
      caption={t('chart.zone', { zone: format.timeZone })}
      lines={[...happened.values()].flat().map(({ at, label, words }) => `${label}  ${format.dateTime(at)}  ${words}`)}
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
      legend={legend}
    >
      <ChartCanvas type="bar" data={data} options={options} plugins={PLUGINS} height={height} />
    </ChartFigure>
  );
}

function total(one: BucketJson): number {
  return STACKED.reduce((sum, verdict) => sum + one.counts[verdict], 0);
}
