/**
 * The inbox rate of each provider over time as a grid: one sees at a glance at whom it began, and when. Five results and more are shaded by their rate. Fewer
 * are no rate, so each of those mails is a dot in the colour of where it ended. Nothing measured stays empty.
 */
import type { ChartDataset, ChartOptions, ChartType, Plugin } from 'chart.js';
import { MatrixController, type MatrixDataPoint, MatrixElement } from 'chartjs-chart-matrix';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { CountsJson } from '../../server/api/json/basics.ts';
import type { BucketJson } from '../../server/api/json/overview.ts';
import { useCountsWords } from '../components/counts-words.ts';
import { useFormat } from '../language.ts';
import { RATE_STEPS, STACKED, stepOf, stepTone, tone } from '../outcomes.ts';
import { ChartCanvas } from './canvas.tsx';
import type { TableData } from './csv.ts';
import { DRAG } from './drag.ts';
import { ChartFigure } from './figure.tsx';
import { HOVER } from './hover.ts';
import { wrapped } from './label.ts';
import type { LegendEntry } from './legend.tsx';
import { surface, tooltipLook, useScheme } from './palette.ts';
import { rateCells, useRateWords } from './rate-cells.ts';
import { Chart } from './register.ts';
import { type Bucket, barCell, barTitle, type OnSpan, timeOptions, useBarNames } from './time-axis.ts';

Chart.register(MatrixController, MatrixElement);

export type HeatmapRow = { provider: string; label: string; buckets: BucketJson[] };
type Props = {
  title: string;
  rows: readonly HeatmapRow[];
  buckets: BucketJson[];
  bucket: Bucket;
  loading?: boolean;
  onSpan?: OnSpan;
};

/** What is drawn into a cell: dots for single mails, or the rate in words where it fits. */
type Inside = { column: number; row: number; dots: string[]; words: string; ink: string };
type InsideOptions = { cells?: Inside[]; columns?: number; rows?: number };

declare module 'chart.js' {
  interface PluginOptionsByType<TType extends ChartType> {
    inside?: InsideOptions;
  }
}

const ROW = 34;
const GAP = 2;
const WORDS_PX = 34;
/** For the shape of what is loading. */
const EXPECTED_ROWS = 5;

const INSIDE: Plugin<ChartType, InsideOptions> = {
  id: 'inside',
  afterDatasetsDraw(chart, _, { cells = [], columns = 1, rows = 1 }) {
    const { left, top, width, height } = chart.chartArea;
    const [wide, high] = [width / columns, height / rows];
    const pen = chart.ctx;
    pen.save();
    pen.font = `11px ${chart.options.font?.family ?? 'sans-serif'}`;
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    for (const { column, row, dots, words, ink } of cells) {
      const x = left + (column + 0.5) * wide;
      const y = top + (row + 0.5) * high;
      if (dots.length === 0) {
        if (wide < WORDS_PX) continue;
        pen.fillStyle = ink;
        pen.fillText(words, x, y);
        continue;
      }
      // Beside each other while there is room, else above each other.
      const across = wide >= dots.length * 7;
      const step = across ? 8 : Math.min(7, (high - 4) / dots.length);
      const radius = Math.max(1, Math.min(3, wide / 2 - 0.5, step / 2 - 0.25));
      for (const [at, colour] of dots.entries()) {
        const away = (at - (dots.length - 1) / 2) * step;
        pen.fillStyle = colour;
        pen.beginPath();
        pen.arc(across ? x + away : x, across ? y : y + away, radius, 0, 2 * Math.PI);
        pen.fill();
      }
    }
    pen.restore();
  },
};

const PLUGINS = [HOVER, INSIDE, DRAG];

export function PlacementHeatmap({ title, rows, buckets, bucket, loading = false, onSpan }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const scheme = useScheme();
  const countsWords = useCountsWords();
  const labels = useBarNames(buckets, bucket);
  const rateWords = useRateWords();
  const height = Math.max(120, (loading ? EXPECTED_ROWS : rows.length) * ROW + 40);
  const cells = useMemo(
    () =>
      rows.flatMap(({ buckets: own }, row) =>
        own.flatMap((one, column) => (one.rates.inbox.n > 0 ? [{ row, column, one }] : [])),
      ),
    [rows],
  );

  const table = useMemo<TableData>(
    () => ({
      columns: [t('chart.time', { zone: format.timeZone }), ...rows.map(({ label }) => label)],
      rows: buckets.map((one, column) => [
        barCell(one, labels[column], bucket, format),
        ...rows.map(({ buckets: own }) => {
          const rate = own[column]?.rates.inbox;
          return rate === undefined || rate.n === 0 ? null : rateWords(rate);
        }),
      ]),
    }),
    [bucket, buckets, format, labels, rateWords, rows, t],
  );
  // A spreadsheet gets a line for each cell, with all that is known of it.
  const csv = useMemo<TableData>(
    () => ({
      columns: [
        t('chart.time', { zone: format.timeZone }),
        t('word.provider'),
        t('verdict.inbox'),
        t('chart.low'),
        t('chart.high'),
        t('chart.n'),
      ],
      rows: cells
        .toSorted((a, b) => a.column - b.column || a.row - b.row)
        .map(({ row, column, one }) => [
          barCell(one, labels[column], bucket, format),
          rows[row]?.label ?? '',
          ...rateCells(one.rates.inbox, format, t),
        ]),
    }),
    [bucket, cells, labels, rows, format, t],
  );

  const data = useMemo(() => {
    const dataset: ChartDataset<'matrix', MatrixDataPoint[]> = {
      // Columns and rows by number: hours that a clock change repeats have one name.
      parsing: false,
      data: cells.map(({ row, column }) => ({ x: column, y: row })),
      backgroundColor: ({ dataIndex }) => {
        const rate = cells[dataIndex]?.one.rates.inbox;
        return rate && format.enough(rate) ? stepTone(stepOf(rate.value ?? 0), scheme).fill : surface(scheme).wash;
      },
      borderRadius: 3,
      width: ({ chart }) => Math.max(1, (chart.chartArea?.width ?? 0) / Math.max(1, buckets.length) - GAP),
      height: ({ chart }) => Math.max(1, (chart.chartArea?.height ?? 0) / Math.max(1, rows.length) - GAP),
    };
    return { labels, datasets: [dataset] };
  }, [buckets, cells, format, labels, rows, scheme]);

  const options = useMemo<ChartOptions<'matrix'>>(() => {
    const colours = surface(scheme);
    const shared = timeOptions(buckets, scheme, onSpan);
    const providerLabels = rows.map(({ label }) => wrapped(label));
    return {
      interaction: { mode: 'nearest', intersect: true },
      scales: {
        x: { type: 'category', labels, offset: true, ...shared.x },
        y: {
          type: 'category',
          // Chart.js takes a label of two lines as a list, which its types do not know of here.
          labels: providerLabels as string[],
          offset: true,
          // A matrix stands on its head unless told otherwise.
          reverse: false,
          grid: { display: false },
          border: { display: false },
          ticks: { color: colours.text, autoSkip: false },
        },
      },
      plugins: {
        ...shared.plugins,
        hover: { ...shared.plugins.hover, frame: colours.text },
        tooltip: {
          ...tooltipLook(scheme),
          displayColors: false,
          callbacks: {
            title: (items) => {
              const cell = cells[items[0]?.dataIndex ?? -1];
              return cell ? `${rows[cell.row]?.label ?? ''}, ${barTitle(cell.one, bucket, format)}` : '';
            },
            label: ({ dataIndex }) => {
              const one = cells[dataIndex]?.one;
              if (!one) return '';
              const { inbox } = one.rates;
              return [`${t('verdict.inbox')}: ${rateWords(inbox)}`, countsWords(one.counts)];
            },
          },
        },
        inside: {
          columns: buckets.length,
          rows: rows.length,
          cells: cells.map(({ row, column, one }) => {
            const { inbox } = one.rates;
            const enough = format.enough(inbox);
            return {
              ...{ row, column },
              dots: enough ? [] : dotsOf(one.counts).map((verdict) => tone(verdict, scheme).fill),
              words: enough ? format.percent(inbox.value ?? 0) : '',
              ink: stepTone(stepOf(inbox.value ?? 0), scheme).text,
            };
          }),
        },
      },
    };
  }, [bucket, buckets, cells, countsWords, format, labels, onSpan, rateWords, rows, scheme, t]);

  const legend = useMemo<LegendEntry[]>(
    () =>
      RATE_STEPS.map((least, step) => ({
        key: String(least),
        label:
          step === 0
            ? t('chart.atLeast', { rate: format.percent(least) })
            : `${format.percent(least)}–${format.percent(RATE_STEPS[step - 1] ?? 1)}`,
        colour: stepTone(step, scheme).fill,
      })),
    [format, scheme, t],
  );

  return (
    <ChartFigure
      title={title}
      note={t('chart.heatmap')}
      table={table}
      csv={csv}
      file="inbox-rate-by-provider-over-time"
      height={height}
      loading={loading}
      empty={cells.length === 0 ? t('chart.noData') : undefined}
      legend={legend}
    >
      <ChartCanvas type="matrix" data={data} options={options} plugins={PLUGINS} height={height} />
    </ChartFigure>
  );
}

/** One verdict for each mail that counts: unknown ones stand in no rate. */
function dotsOf(counts: CountsJson): Exclude<(typeof STACKED)[number], 'unknown'>[] {
  return STACKED.flatMap((verdict) =>
    verdict === 'unknown' ? [] : Array.from({ length: counts[verdict] }, () => verdict),
  );
}
