/** The inbox rate of each provider, the lowest first, against the period before where there is one. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { RateJson } from '../../server/api/json/basics.ts';
import type { OverviewJson } from '../../server/api/json/overview.ts';
import { useFormat } from '../language.ts';
import { tone } from '../outcomes.ts';
import type { TableData } from './csv.ts';
import { useScheme } from './palette.ts';
import { RateBars } from './rate-bars.tsx';
import { percentCell, rateCells } from './rate-cells.ts';

export type ProviderRate = {
  provider: string;
  label: string;
  rate: RateJson;
  before?: RateJson;
  change?: OverviewJson['verdict']['inbox'];
};

type Props = { title: string; rates: readonly ProviderRate[]; loading?: boolean };

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
  const bars = useMemo(
    () => sorted.map(({ provider, ...rest }) => ({ key: provider, colour: tone('inbox', scheme).fill, ...rest })),
    [sorted, scheme],
  );
  const compared = sorted.some(({ before }) => before !== undefined);

  const table = useMemo<TableData>(
    () => ({
      columns: [
        t('word.provider'),
        t('verdict.inbox'),
        t('chart.low'),
        t('chart.high'),
        t('chart.n'),
        ...(compared ? [t('chart.periodBefore'), t('chart.change')] : []),
      ],
      rows: sorted.map(({ label, rate, before, change }) => [
        label,
        ...rateCells(rate, format, t),
        ...(compared
          ? [percentCell(before?.value ?? null, format), change === undefined ? null : t(`change.${change}`)]
          : []),
      ]),
    }),
    [sorted, compared, format, t],
  );

  return (
    <RateBars
      title={title}
      note={compared ? t('chart.whiskersBefore') : t('chart.whiskers')}
      bars={bars}
      table={table}
      file="inbox-rate-by-provider"
      loading={loading}
      empty={t('chart.noData')}
    />
  );
}
