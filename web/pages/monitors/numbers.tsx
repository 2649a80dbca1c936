/** The numbers of one monitor in a period: against the period before, over time, by provider, by delivery time, by authentication. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '../../api.ts';
import { AuthenticationRates } from '../../charts/authentication-rates.tsx';
import { DelayDistribution } from '../../charts/delay-distribution.tsx';
import { PlacementHeatmap } from '../../charts/heatmap.tsx';
import { useScheme } from '../../charts/palette.ts';
import { PlacementOverTime } from '../../charts/placement-over-time.tsx';
import { ProviderRates } from '../../charts/provider-rates.tsx';
import { RateOverTime } from '../../charts/rate-over-time.tsx';
import { FilterSelect } from '../../components/filter-select.tsx';
import { useNow } from '../../components/moment.tsx';
import { OutcomeMark } from '../../components/outcome.tsx';
import { Problem } from '../../components/page.tsx';
import { Headline, HeadlineSkeleton } from '../../components/rate.tsx';
import { useTimeMarks, WhatChanged } from '../../components/what-changed.tsx';
import { useFormat } from '../../language.ts';
import { tone } from '../../outcomes.ts';
import { useProviderName } from '../../presets.ts';
import { bucketOf, periodOf, type RangeSearch } from '../../range.ts';
import { overviewQuery } from '../overview-query.ts';

type Props = { id: string; search: RangeSearch; onSpan: (from: number, to: number) => void };

const HOUR_MS = 3_600_000;
const NONE: never[] = [];

export function MonitorNumbers({ id, search, onSpan }: Props) {
  const { t } = useTranslation();
  const format = useFormat();
  const scheme = useScheme();
  const providerName = useProviderName();
  const now = useNow();
  const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
  const period = useMemo(() => periodOf(search, hour), [search, hour]);
  const bucket = bucketOf(period);
  const [provider, setProvider] = useState<string | undefined>();
  const overview = useQuery({
    ...overviewQuery({ ...search, monitor: id }, now, format.timeZone),
    placeholderData: keepPreviousData,
  });
  const query = { ...period, bucket, timeZone: format.timeZone };
  const placement = useQuery({
    queryKey: ['monitors', id, 'placement', query],
    queryFn: ({ signal }) => api.monitors.placement(id, query, signal),
    placeholderData: keepPreviousData,
  });
  const delaysQuery = { ...period, provider };
  const delays = useQuery({
    queryKey: ['monitors', id, 'delays', delaysQuery],
    queryFn: ({ signal }) => api.monitors.delays(id, delaysQuery, signal),
    placeholderData: keepPreviousData,
  });
  const data = overview.data;
  const marks = useTimeMarks(data?.marks ?? NONE);
  const rates = useMemo(
    () =>
      (data?.providers ?? []).map(({ provider: one, rates: { inbox }, before, verdict }) => ({
        provider: one,
        label: providerName(one),
        rate: inbox,
        before,
        change: verdict,
      })),
    [data, providerName],
  );
  const rows = useMemo(
    () =>
      (placement.data?.providers ?? []).map((one) => ({
        provider: one.provider,
        label: providerName(one.provider),
        buckets: one.buckets,
      })),
    [placement.data, providerName],
  );
  const loading = data === undefined;
  const failed = overview.error ?? placement.error ?? delays.error;
  const retry = (): void => {
    for (const one of [overview, placement, delays]) if (one.error) void one.refetch();
  };
  return (
    <>
      {failed && <Problem error={failed} onRetry={retry} />}
      {(data || !overview.error) && (
        <>
          <section className="headlines compared" aria-label={t('overview.numbers')}>
            {(['inbox', 'tab', 'spam', 'missing'] as const).map((verdict) =>
              data ? (
                <Headline
                  key={verdict}
                  label={t(`verdict.${verdict}`)}
                  mark={<OutcomeMark verdict={verdict} size={16} />}
                  colour={tone(verdict, scheme).fill}
                  rate={data.now.rates[verdict]}
                  before={data.before.rates[verdict]}
                  comparison={data.verdict[verdict]}
                />
              ) : (
                <HeadlineSkeleton key={verdict} />
              ),
            )}
          </section>
          <PlacementOverTime
            title={t('overview.overTime')}
            buckets={data?.buckets ?? NONE}
            bucket={data?.bucket ?? bucket}
            marks={marks}
            loading={loading}
            onSpan={onSpan}
          />
          <RateOverTime
            title={t('overview.rateOverTime')}
            buckets={data?.buckets ?? NONE}
            bucket={data?.bucket ?? bucket}
            marks={marks}
            loading={loading}
            onSpan={onSpan}
          />
        </>
      )}
      {(placement.data || !placement.error) && (
        <PlacementHeatmap
          title={t('monitor.heatmap')}
          rows={rows}
          buckets={placement.data?.buckets ?? NONE}
          bucket={placement.data?.bucket ?? bucket}
          loading={placement.data === undefined}
          onSpan={onSpan}
        />
      )}
      <div className="two">
        {(data || !overview.error) && (
          <ProviderRates title={t('overview.byProvider')} rates={rates} loading={loading} />
        )}
        {(delays.data || !delays.error) && (
          <DelayDistribution
            title={t('overview.delays')}
            delays={delays.data}
            loading={delays.data === undefined}
            controls={
              <FilterSelect
                label={t('monitor.delayProvider')}
                all={t('percentile.allProviders')}
                options={rows.map((row) => ({ value: row.provider, label: row.label }))}
                value={provider}
                onChange={setProvider}
              />
            }
          />
        )}
      </div>
      {(data || !overview.error) && (
        <div className="two">
          <AuthenticationRates
            title={t('overview.authentication')}
            rates={data?.authentication ?? NONE}
            loading={loading}
          />
          <WhatChanged marks={data?.marks} />
        </div>
      )}
    </>
  );
}
