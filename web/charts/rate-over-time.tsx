/**
 * A rate over time with its 95 % interval as a band. Each hour or day has an interval of its own, so the band is made of steps; the line goes from one
 * to the next only where both have enough results. Less than five are a dot on the ground: something was measured, but no rate.
 */
import type { ChartData, ChartOptions, ChartType, Plugin } from 'chart.js';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { RateJson } from '../../server/api/json/basics.ts';
import type { BucketJson } from '../../server/api/json/overview.ts';
import { useFormat } from '../language.ts';
import { tone } from '../outcomes.ts';
import { ChartCanvas } from './canvas.tsx';
import type { TableData } from './csv.ts';
import { DRAG } from './drag.ts';
import { ChartFigure } from './figure.tsx';
import { HOVER } from './hover.ts';
import { MARKS, placed, type TimeMark } from './marks.ts';
import { surface, tooltipLook, useScheme } from './palette.ts';
import { rateCells, useRateWords } from './rate-cells.ts';
import { type Bucket, barCell, barTitle, type OnSpan, timeOptions, useBarNames } from './time-axis.ts';

type Props = {
  title: string;
  buckets: BucketJson[];
  bucket: Bucket;
  marks?: readonly TimeMark[];
  loading?: boolean;
  height?: number;
  onSpan?: OnSpan;
};

/** `value`: per cent; `few`: there were results, but too few. */
type Step = { value: number | null; few: boolean };
type RateLineOptions = { steps?: Step[]; line?: string; few?: string };

declare module 'chart.js' {
  interface PluginOptionsByType<TType extends ChartType> {
    rateLine?: RateLineOptions;
  }
}

/** Dots are drawn while they have room. */
const DOT_ROOM_PX = 9;

const RATE_LINE: Plugin<ChartType, RateLineOptions> = {
  id: 'rateLine',
  afterDatasetsDraw(chart, _, { steps = [], line = '', few = '' }) {
    const { x, y } = chart.scales;
    if (!x || !y) return;
    const { left, right, bottom } = chart.chartArea;
    const width = (right - left) / Math.max(1, steps.length);
    const middle = (at: number): number => left + (at + 0.5) * width;
    const pen = chart.ctx;
    pen.save();
    pen.strokeStyle = line;
    pen.lineWidth = 2;
    pen.lineJoin = 'round';
    pen.beginPath();
    for (const [at, { value }] of steps.entries()) {
      if (value === null) continue;
      const height = y.getPixelForValue(value);
      const before = steps[at - 1];
      if (before && before.value !== null) pen.lineTo(middle(at), height);
      else pen.moveTo(middle(at), height);
    }
    pen.stroke();
    for (const [at, { value, few: tooFew }] of steps.entries()) {
      const alone = (steps[at - 1]?.value ?? null) === null && (steps[at + 1]?.value ?? null) === null;
      pen.beginPath();
      if (value !== null && (width >= DOT_ROOM_PX || alone)) {
        pen.fillStyle = line;
        pen.arc(middle(at), y.getPixelForValue(value), 3, 0, 2 * Math.PI);
      } else if (tooFew) {
        pen.fillStyle = few;
        pen.arc(middle(at), bottom - 4, 2, 0, 2 * Math.PI);
      }
      pen.fill();
    }
    pen.restore();
  },
};

const PLUGINS = [HOVER, MARKS, RATE_LINE, DRAG];
const NO_MARKS: readonly TimeMark[] = [];
const NO_RATE: RateJson = { value: null, low: null, high: null, n: 0, count: 0, enough: false };

export function RateOverTime({
  title,
  buckets,
  bucket,
  marks = NO_MARKS,
  loading = false,
  height = 150,
  onSpan,
}: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const scheme = useScheme();
  const labels = useBarNames(buckets, bucket);
  const rateWords = useRateWords();
  const rates = useMemo(() => buckets.map((one) => one.rates.inbox), [buckets]);

  const table = useMemo<TableData>(
    () => ({
      columns: [
        t('chart.time', { zone: format.timeZone }),
        t('verdict.inbox'),
        t('chart.low'),
        t('chart.high'),
        t('chart.n'),
      ],
      rows: buckets.map((one, at) => [
        barCell(one, labels[at], bucket, format),
        ...rateCells(one.rates.inbox, format, t),
      ]),
    }),
    [bucket, buckets, format, labels, t],
  );

  const data = useMemo<ChartData<'bar'>>(
    () => ({
      labels,
      datasets: [
        {
          data: rates.map((rate) =>
            format.enough(rate) ? [100 * (rate.low ?? 0), 100 * (rate.high ?? 1)] : null,
          ) as ChartData<'bar'>['datasets'][number]['data'],
          backgroundColor: `${tone('inbox', scheme).fill}40`,
          categoryPercentage: 1,
          barPercentage: 1,
        },
      ],
    }),
    [labels, rates, format, scheme],
  );

  const options = useMemo<ChartOptions<'bar'>>(() => {
    const colours = surface(scheme);
    const shared = timeOptions(buckets, scheme, onSpan);
    return {
      interaction: { mode: 'index', intersect: false },
      scales: {
        x: shared.x,
        y: {
          ...shared.y,
          min: 0,
          max: 100,
          ticks: { color: colours.muted, maxTicksLimit: 5, callback: (value) => format.percent(Number(value) / 100) },
        },
      },
      plugins: {
        ...shared.plugins,
        tooltip: {
          ...tooltipLook(scheme),
          displayColors: false,
          callbacks: {
            title: (items) => {
              const one = buckets[items[0]?.dataIndex ?? -1];
              return one ? barTitle(one, bucket, format) : '';
            },
            label: (item) => {
              const rate = rates[item.dataIndex] ?? NO_RATE;
              return rate.n === 0 ? t('chart.noData') : rateWords(rate);
            },
          },
        },
        marks: { marks: placed(marks, buckets), bare: true, line: colours.muted },
        rateLine: {
          steps: rates.map((rate) => ({
            value: format.enough(rate) ? 100 * (rate.value ?? 0) : null,
            few: rate.n > 0 && !format.enough(rate),
          })),
          line: tone('inbox', scheme).fill,
          few: colours.muted,
        },
      },
    };
  }, [bucket, buckets, format, marks, onSpan, rateWords, rates, scheme, t]);

  return (
    <ChartFigure
      title={title}
      note={t('chart.band')}
      table={table}
      file="inbox-rate-over-time"
      height={height}
      loading={loading}
      empty={
        rates.every((rate) => rate.n === 0)
          ? t('chart.noData')
          : rates.some(format.enough)
            ? undefined
            : t(`chart.tooFew.${bucket}`)
      }
    >
      <ChartCanvas type="bar" data={data} options={options} plugins={PLUGINS} height={height} />
    </ChartFigure>
  );
}
