/**
 * How long mail took, in fine buckets that are ever wider (about 12 % each): most mail takes seconds and some takes hours, and both are seen.
 * Percentiles stand over it as lines and above it as a sentence.
 */
import type { ChartData, ChartOptions } from 'chart.js';
import { type ReactNode, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { MonitorDelaysJson } from '../../server/api/json/delays.ts';
import { useFormat } from '../language.ts';
import { tone } from '../outcomes.ts';
import { ChartCanvas } from './canvas.tsx';
import type { TableData } from './csv.ts';
import { delayPlace, roundBuckets } from './delay-place.ts';
import { ChartFigure } from './figure.tsx';
import { MARKS, NAMES_PX } from './marks.ts';
import { surface, tooltipLook, useScheme } from './palette.ts';
import { percentCell } from './rate-cells.ts';

type Props = {
  title: string;
  delays: MonitorDelaysJson | undefined;
  loading?: boolean;
  height?: number;
  controls?: ReactNode;
};

const PLUGINS = [MARKS];
/** What the sentence above the chart takes, while it is on its way. */
const LEAD_PX = 54;
const NO_BUCKETS: MonitorDelaysJson['buckets'] = [];
const DRAWN = ['p50', 'p90', 'p99'] as const;

export function DelayDistribution({ title, delays, loading = false, height = 240, controls }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const scheme = useScheme();
  const buckets = delays?.buckets ?? NO_BUCKETS;
  const n = delays?.n ?? 0;
  const p = delays?.percentiles;

  const table = useMemo<TableData>(() => {
    let sum = 0;
    return {
      columns: [t('chart.delayFrom'), t('chart.delayTo'), t('chart.mails'), t('chart.upTo')],
      rows: buckets.map(({ fromMs, toMs, probes }) => {
        sum += probes;
        return [
          { shown: format.span(fromMs), value: fromMs / 1000 },
          toMs === null ? null : { shown: format.span(toMs), value: toMs / 1000 },
          probes,
          percentCell(sum / n, format),
        ];
      }),
    };
  }, [buckets, format, n, t]);

  const data = useMemo<ChartData<'bar'>>(
    () => ({
      labels: buckets.map(({ fromMs }) => format.span(fromMs)),
      datasets: [
        {
          data: buckets.map(({ probes }) => probes),
          backgroundColor: tone('inbox', scheme).fill,
          categoryPercentage: 1,
          barPercentage: buckets.length > 60 ? 1 : 0.92,
          maxBarThickness: 44,
        },
      ],
    }),
    [buckets, format, scheme],
  );

  const options = useMemo<ChartOptions<'bar'>>(() => {
    const colours = surface(scheme);
    const round = roundBuckets(buckets);
    const marks = DRAWN.flatMap((name) => {
      const ms = p?.[name] ?? null;
      const at = ms === null ? null : delayPlace(ms, buckets);
      return ms === null || at === null ? [] : [{ at, label: `${t(`percentile.${name}`)} ${format.span(ms)}` }];
    });
    return {
      interaction: { mode: 'index', intersect: false },
      layout: { padding: { top: marks.length > 0 ? NAMES_PX : 0 } },
      scales: {
        x: {
          grid: { display: false },
          border: { color: colours.grid },
          afterBuildTicks: (axis) => {
            axis.ticks = round.map(({ at }) => ({ value: at }));
          },
          ticks: {
            color: colours.muted,
            maxRotation: 0,
            autoSkipPadding: 14,
            callback: (value) => {
              const ms = round.find(({ at }) => at === value)?.ms;
              return ms === undefined ? '' : format.span(ms);
            },
          },
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
            title: (items) => {
              const bucket = buckets[items[0]?.dataIndex ?? -1];
              if (!bucket) return '';
              return bucket.toMs === null
                ? `> ${format.span(bucket.fromMs)}`
                : `${format.span(bucket.fromMs)} – ${format.span(bucket.toMs)}`;
            },
            label: (item) =>
              `${format.number(Number(item.raw))} / ${format.number(n)} (${format.percent(Number(item.raw) / Math.max(1, n))})`,
          },
        },
        marks: { marks, line: colours.text, back: colours.tooltipBack, text: colours.tooltipText },
      },
    };
  }, [buckets, format, n, p, scheme, t]);

  const numbers = { n: format.number(n) };
  const sentence =
    p && p.p50 !== null && p.p75 !== null && p.p90 !== null && p.p95 !== null && p.p99 !== null
      ? t('percentile.sentence', {
          p50: format.span(p.p50),
          p75: format.span(p.p75),
          p90: format.span(p.p90),
          p95: format.span(p.p95),
          p99: format.span(p.p99),
        })
      : n > 0
        ? t('rate.notEnough', numbers)
        : undefined;

  return (
    <ChartFigure
      title={title}
      note={loading ? '\u00a0' : t('chart.nIs', numbers)}
      lead={sentence}
      table={table}
      file="delivery-time"
      height={loading ? height + LEAD_PX : height}
      loading={loading}
      empty={n === 0 ? t('chart.noData') : undefined}
      controls={controls}
    >
      <ChartCanvas type="bar" data={data} options={options} plugins={PLUGINS} height={height} />
    </ChartFigure>
  );
}
