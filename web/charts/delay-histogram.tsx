/** How long mail took from the server's 250 to the first sighting, in SparkPost's five buckets (0–3, 3–6, 6–15, 15–60, 60+ minutes). */
import type { ChartData, ChartOptions } from 'chart.js';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../language.ts';
import { tone } from '../outcomes.ts';
import { ChartCanvas } from './canvas.tsx';
import type { TableData } from './csv.ts';
import { ChartFigure } from './figure.tsx';
import { surface, tooltipLook, useScheme } from './palette.ts';
import { percentCell } from './rate-cells.ts';

type Props = { title: string; counts: number[]; note?: string | undefined; loading?: boolean; height?: number };

export function DelayHistogram({ title, counts, note, loading = false, height = 200 }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const scheme = useScheme();
  const n = counts.reduce((sum, count) => sum + count, 0);
  const labels = useMemo(() => (['b0', 'b1', 'b2', 'b3', 'b4'] as const).map((key) => t(`delay.${key}`)), [t]);
  const table = useMemo<TableData>(
    () => ({
      columns: [t('delay.column'), t('chart.mails'), t('chart.share')],
      rows: labels.map((label, at) => [
        label,
        counts[at] ?? 0,
        percentCell(n === 0 ? null : (counts[at] ?? 0) / n, format),
      ]),
    }),
    [counts, format, labels, n, t],
  );
  const data = useMemo<ChartData<'bar'>>(
    () => ({
      labels,
      datasets: [
        {
          data: counts,
          backgroundColor: tone('inbox', scheme).fill,
          borderRadius: 3,
          maxBarThickness: 56,
          categoryPercentage: 0.9,
        },
      ],
    }),
    [counts, labels, scheme],
  );
  const options = useMemo<ChartOptions<'bar'>>(() => {
    const colours = surface(scheme);
    return {
      scales: {
        x: {
          grid: { display: false },
          border: { color: colours.grid },
          ticks: { color: colours.muted, maxRotation: 0, autoSkip: false },
        },
        y: {
          beginAtZero: true,
          grid: { color: colours.grid },
          border: { display: false },
          ticks: { color: colours.muted, precision: 0, maxTicksLimit: 5 },
        },
      },
      plugins: {
        tooltip: {
          ...tooltipLook(scheme),
          displayColors: false,
          callbacks: {
            label: (item) =>
              `${format.number(Number(item.raw))} / ${format.number(n)} (${format.percent(Number(item.raw) / Math.max(1, n))})`,
          },
        },
      },
    };
  }, [format, n, scheme]);
  return (
    <ChartFigure
      title={title}
      note={note ?? t('chart.nIs', { n: format.number(n) })}
      table={table}
      file="delivery-time"
      height={height}
      loading={loading}
      empty={n === 0 ? t('chart.noData') : undefined}
    >
      <ChartCanvas type="bar" data={data} options={options} height={height} />
    </ChartFigure>
  );
}
