/**
 * Rates side by side as lying bars, each with its 95 % interval as a whisker: two differ only where the whiskers part. One with fewer than five
 * results has no bar but the words that say so. Where there is a period before, a diamond shows where the rate stood then, and a word says whether
 * that is a change.
 */
import type { ChartData, ChartOptions } from 'chart.js';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { RateJson } from '../../server/api/json/basics.ts';
import type { OverviewJson } from '../../server/api/json/overview.ts';
import { useFormat } from '../language.ts';
import { tone } from '../outcomes.ts';
import { ChartCanvas } from './canvas.tsx';
import type { TableData } from './csv.ts';
import { ChartFigure } from './figure.tsx';
import { wrapped } from './label.ts';
import { surface, tooltipLook, useScheme } from './palette.ts';
import { useRateWords } from './rate-cells.ts';
import { WHISKERS, type Whisker } from './whiskers.ts';

export type RateBar = {
  key: string;
  label: string;
  /** The label in lines, where it should always break. */
  lines?: string[];
  rate: RateJson;
  colour: string;
  before?: RateJson;
  change?: OverviewJson['verdict']['inbox'];
  /** More that a tooltip says, a line each. */
  more?: string[];
};

type Props = {
  title: string;
  note: string;
  bars: readonly RateBar[];
  table: TableData;
  file: string;
  loading?: boolean;
  /** How many bars there will be, for the shape of what is loading. */
  expected?: number;
  empty: string;
};

const ROW = 38;
const PLUGINS = [WHISKERS];

/** Of a chart with so many bars, px. */
export const heightOf = (bars: number): number => Math.max(180, bars * ROW + 36);

const SIGNS = { better: '▲', worse: '▼' } as const;

export function RateBars({ title, note, bars, table, file, loading = false, expected = 5, empty }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const scheme = useScheme();
  const rateWords = useRateWords();
  const height = heightOf(loading ? expected : bars.length);

  const data = useMemo<ChartData<'bar'>>(
    () => ({
      labels: bars.map(({ label, lines }) => lines ?? wrapped(label)),
      datasets: [
        {
          data: bars.map(({ rate }) => (format.enough(rate) ? 100 * (rate.value ?? 0) : null)),
          backgroundColor: bars.map(({ colour }) => colour),
          borderRadius: 3,
          barThickness: 14,
        },
      ],
    }),
    [bars, format],
  );

  const options = useMemo<ChartOptions<'bar'>>(() => {
    const whiskers = bars.map(whiskerOf);
    const colours = surface(scheme);
    const longest = Math.max(
      0,
      ...whiskers.map((row) =>
        row.low === null ? 0 : Math.max(row.words.length, (row.change?.words.length ?? 0) + 1),
      ),
    );
    return {
      indexAxis: 'y',
      layout: { padding: { right: 16 + 7 * longest } },
      interaction: { mode: 'index', axis: 'y', intersect: false },
      scales: {
        x: {
          min: 0,
          max: 100,
          grid: { color: colours.grid },
          border: { display: false },
          ticks: { color: colours.muted, maxTicksLimit: 5, callback: (value) => format.percent(Number(value) / 100) },
        },
        y: {
          grid: { display: false },
          border: { color: colours.grid },
          ticks: { color: colours.text, autoSkip: false },
        },
      },
      plugins: {
        tooltip: {
          ...tooltipLook(scheme),
          displayColors: false,
          callbacks: {
            title: (items) => bars[items[0]?.dataIndex ?? -1]?.label ?? '',
            label: (item) => {
              const bar = bars[item.dataIndex];
              return bar ? linesOf(bar) : '';
            },
          },
        },
        whiskers: {
          rows: whiskers,
          line: colours.text,
          text: colours.text,
          muted: colours.muted,
          back: colours.back,
        },
      },
    };

    function linesOf({ rate, before, change, more = [] }: RateBar): string[] {
      const then =
        before !== undefined && format.enough(before)
          ? t('chart.before', {
              rate: format.percent(before.value ?? 0),
              interval: format.interval(before),
              n: before.n,
            })
          : null;
      return [
        rateWords(rate),
        ...(then === null ? [] : [then]),
        ...(change === undefined ? [] : [t(`change.${change}`)]),
        ...more,
      ];
    }

    function whiskerOf({ rate, before, change }: RateBar): Whisker {
      if (!format.enough(rate))
        return {
          ...{ low: null, high: null, before: null, change: null },
          words: t('rate.notEnough', { n: format.number(rate.n) }),
        };
      return {
        low: (rate.low ?? 0) * 100,
        high: (rate.high ?? 1) * 100,
        words: `${format.percent(rate.value ?? 0)}  n = ${format.number(rate.n)}`,
        before: before !== undefined && format.enough(before) ? 100 * (before.value ?? 0) : null,
        change:
          change === 'better' || change === 'worse'
            ? {
                words: `${SIGNS[change]} ${t(`change.${change}`)}`,
                colour: tone(change === 'better' ? 'inbox' : 'spam', scheme).text,
              }
            : null,
      };
    }
  }, [bars, format, rateWords, scheme, t]);

  return (
    <ChartFigure
      title={title}
      note={note}
      table={table}
      file={file}
      height={height}
      loading={loading}
      empty={bars.length === 0 ? empty : undefined}
    >
      <ChartCanvas type="bar" data={data} options={options} plugins={PLUGINS} height={height} />
    </ChartFigure>
  );
}
