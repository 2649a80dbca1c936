/**
 * The inbox rate of each provider as a bar with its 95 % interval as a whisker: two providers differ only where the whiskers part.
 * A provider with fewer than five results has no bar but the words that say so.
 */
import type { ChartData, ChartOptions } from 'chart.js';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { RateJson } from '../../server/api/json/basics.ts';
import { useFormat } from '../language.ts';
import { tone } from '../outcomes.ts';
import { ChartCanvas } from './canvas.tsx';
import type { TableData } from './csv.ts';
import { ChartFigure } from './figure.tsx';
import { wrapped } from './label.ts';
import { surface, useScheme } from './palette.ts';
import { WHISKERS, type Whisker } from './whiskers.ts';

export type ProviderRate = { provider: string; label: string; rate: RateJson };

type Props = { title: string; rates: ProviderRate[]; loading?: boolean };

const ROW = 36;

export function ProviderRates({ title, rates, loading = false }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const scheme = useScheme();
  const sorted = useMemo(
    () =>
      [...rates].sort(
        (a, b) =>
          Number(format.enough(b.rate)) - Number(format.enough(a.rate)) || (a.rate.value ?? 2) - (b.rate.value ?? 2),
      ),
    [rates, format],
  );
  const height = Math.max(180, sorted.length * ROW + 36);

  const table = useMemo<TableData>(
    () => ({
      columns: [t('word.provider'), t('verdict.inbox'), t('chart.interval'), t('chart.n')],
      rows: sorted.map(({ label, rate }) => [
        label,
        format.enough(rate) ? format.percent(rate.value ?? 0) : t('rate.notEnough', { n: rate.n }),
        format.enough(rate) ? format.interval(rate) : null,
        rate.n,
      ]),
    }),
    [sorted, format, t],
  );

  const data = useMemo<ChartData<'bar'>>(
    () => ({
      labels: sorted.map(({ label }) => wrapped(label)),
      datasets: [
        {
          data: sorted.map(({ rate }) => (format.enough(rate) ? 100 * (rate.value ?? 0) : null)),
          backgroundColor: tone('inbox', scheme).fill,
          borderRadius: 3,
          barThickness: 14,
        },
      ],
    }),
    [sorted, format, scheme],
  );

  const options = useMemo<ChartOptions<'bar'>>(() => {
    const whiskers = sorted.map(({ rate }) => whiskerOf(rate));
    const colours = surface(scheme);
    return {
      indexAxis: 'y',
      layout: {
        padding: { right: 16 + 7 * Math.max(0, ...whiskers.map((row) => (row.low === null ? 0 : row.words.length))) },
      },
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
          backgroundColor: colours.tooltipBack,
          titleColor: colours.tooltipText,
          bodyColor: colours.tooltipText,
          displayColors: false,
          callbacks: {
            label: (item) => {
              const rate = sorted[item.dataIndex]?.rate;
              if (!rate) return '';
              if (!format.enough(rate)) return t('rate.notEnough', { n: rate.n });
              return t('rate.full', {
                rate: format.percent(rate.value ?? 0),
                interval: format.interval(rate),
                n: format.number(rate.n),
              });
            },
          },
        },
        whiskers: {
          rows: whiskers,
          line: colours.text,
          text: colours.text,
          muted: colours.muted,
        },
      },
    };

    function whiskerOf(rate: RateJson): Whisker {
      if (!format.enough(rate)) return { low: null, high: null, words: t('rate.notEnough', { n: rate.n }) };
      return {
        low: (rate.low ?? 0) * 100,
        high: (rate.high ?? 1) * 100,
        words: `${format.percent(rate.value ?? 0)}  n = ${format.number(rate.n)}`,
      };
    }
  }, [sorted, format, scheme, t]);

  return (
    <ChartFigure
      title={title}
      note={t('chart.whiskers')}
      table={table}
      file="inbox-rate-by-provider"
      height={height}
      loading={loading}
      empty={sorted.length === 0 ? t('chart.noData') : undefined}
    >
      <ChartCanvas type="bar" data={data} options={options} plugins={[WHISKERS]} height={height} />
    </ChartFigure>
  );
}
