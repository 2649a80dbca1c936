/** One monitor: how its mail fares over time and by provider, when it runs next, and its runs. */
import { Button, Skeleton } from '@mantine/core';
import { IconPencil, IconPlayerPause, IconPlayerPlay, IconRocket, IconTrash } from '@tabler/icons-react';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MonitorJson } from '../../../server/api/json/monitors.ts';
import { api } from '../../api.ts';
import { DelayHistogram } from '../../charts/delay-histogram.tsx';
import { useScheme } from '../../charts/palette.ts';
import { PlacementOverTime } from '../../charts/placement-over-time.tsx';
import { ProviderRates } from '../../charts/provider-rates.tsx';
import { Moment, useNow } from '../../components/moment.tsx';
import { OutcomeMark } from '../../components/outcome.tsx';
import { Empty, Page, Problem, RowsSkeleton } from '../../components/page.tsx';
import { RangePicker } from '../../components/range-picker.tsx';
import { Headline, HeadlineSkeleton } from '../../components/rate.tsx';
import { RunRows } from '../../components/run-rows.tsx';
import { ScheduleText } from '../../components/schedule.tsx';
import { useFormat } from '../../language.ts';
import { tone } from '../../outcomes.ts';
import { useProviderName } from '../../presets.ts';
import { bucketOf, periodOf } from '../../range.ts';
import { DeleteMonitor } from './delete.tsx';
import { useRunNow } from './run-now.ts';

const route = getRouteApi('/inside/monitors/$id');

export function Monitor() {
  const { t } = useTranslation();
  const format = useFormat();
  const scheme = useScheme();
  const client = useQueryClient();
  const providerName = useProviderName();
  const { id } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const goTo = useNavigate();
  const hour = Math.floor(useNow() / 3_600_000) * 3_600_000;
  const period = useMemo(() => periodOf(search, hour), [search, hour]);
  const bucket = bucketOf(period);
  const monitor = useQuery({ queryKey: ['monitors', id], queryFn: () => api.monitors.read(id) });
  const query = { ...period, bucket, timeZone: format.timeZone };
  const placement = useQuery({
    queryKey: ['monitors', id, 'placement', query],
    queryFn: ({ signal }) => api.monitors.placement(id, query, signal),
    placeholderData: keepPreviousData,
  });
  const runs = useQuery({
    queryKey: ['runs', 'list', id, 'latest'],
    queryFn: () => api.runs.list({ monitorId: id, limit: 10 }),
  });
  const [deleting, setDeleting] = useState<MonitorJson | null>(null);
  const pause = useMutation({
    mutationFn: (one: MonitorJson) => api.monitors.change(one.id, { paused: one.pausedAt === null }),
    onSettled: () => client.invalidateQueries({ queryKey: ['monitors'] }),
  });
  const runNow = useRunNow();
  const onSpan = useCallback(
    (from: number, to: number) =>
      void navigate({ search: { from: new Date(from).toISOString(), to: new Date(to).toISOString() } }),
    [navigate],
  );
  const rates = useMemo(
    () =>
      (placement.data?.providers ?? []).map((one) => ({
        provider: one.provider,
        label: providerName(one.provider),
        rate: one.rates.inbox,
      })),
    [placement.data, providerName],
  );
  const data = monitor.data;
  const total = placement.data?.total;
  const parents = [{ label: t('nav.monitors'), to: '/monitors' }];
  if (monitor.error && !data) {
    return (
      <Page title={t('word.monitor')} parents={parents}>
        <Problem error={monitor.error} onRetry={() => void monitor.refetch()} />
      </Page>
    );
  }
  return (
    <Page
      title={data?.name ?? t('word.monitor')}
      parents={parents}
      lead={data ? <Plan monitor={data} /> : <Skeleton height={18} width={320} mt={6} />}
      actions={
        data && (
          <>
            <Button
              leftSection={<IconRocket size={16} aria-hidden />}
              loading={runNow.isPending}
              onClick={() => runNow.mutate(id)}
            >
              {t('monitor.runNow')}
            </Button>
            <Button
              component={Link}
              to={`/monitors/${id}/edit`}
              variant="default"
              leftSection={<IconPencil size={16} aria-hidden />}
            >
              {t('action.edit')}
            </Button>
            <Button
              variant="default"
              leftSection={
                data.pausedAt ? <IconPlayerPlay size={16} aria-hidden /> : <IconPlayerPause size={16} aria-hidden />
              }
              onClick={() => pause.mutate(data)}
            >
              {data.pausedAt ? t('action.resume') : t('action.pause')}
            </Button>
            <Button
              variant="default"
              c="var(--mantine-color-error)"
              leftSection={<IconTrash size={16} aria-hidden />}
              onClick={() => setDeleting(data)}
            >
              {t('action.delete')}
            </Button>
          </>
        )
      }
    >
      {runNow.error && <Problem error={runNow.error} />}
      {pause.error && <Problem error={pause.error} />}
      {placement.error && <Problem error={placement.error} onRetry={() => void placement.refetch()} />}
      <RangePicker value={search} onChange={(range) => void navigate({ search: range })} />
      <section className="headlines" aria-label={t('overview.numbers')}>
        {(['inbox', 'tab', 'spam', 'missing'] as const).map((verdict) =>
          total ? (
            <Headline
              key={verdict}
              label={t(`verdict.${verdict}`)}
              mark={<OutcomeMark verdict={verdict} size={16} />}
              colour={tone(verdict, scheme).fill}
              rate={total.rates[verdict]}
              comparison={null}
            />
          ) : (
            <HeadlineSkeleton key={verdict} />
          ),
        )}
      </section>
      <PlacementOverTime
        title={t('overview.overTime')}
        buckets={placement.data?.buckets ?? NONE}
        bucket={placement.data?.bucket ?? bucket}
        loading={placement.isPending}
        onSpan={onSpan}
      />
      <div className="two">
        <ProviderRates title={t('overview.byProvider')} rates={rates} loading={placement.isPending} />
        <DelayHistogram
          title={t('overview.delays')}
          counts={(total?.delays.buckets ?? []).map((one) => one.probes)}
          loading={placement.isPending}
        />
      </div>
      <section className="panel flush" aria-label={t('overview.latestRuns')}>
        <h2 className="panel-title">{t('overview.latestRuns')}</h2>
        {runs.error ? (
          <Problem error={runs.error} onRetry={() => void runs.refetch()} />
        ) : runs.isPending ? (
          <RowsSkeleton />
        ) : runs.data.items.length === 0 ? (
          <Empty title={t('run.none')}>{t('run.noneMeaning')}</Empty>
        ) : (
          <RunRows runs={runs.data.items} label={t('overview.latestRuns')} />
        )}
      </section>
      <DeleteMonitor
        monitor={deleting}
        onClose={() => setDeleting(null)}
        onDeleted={async () => {
          client.removeQueries({ queryKey: ['monitors', id] });
          await goTo({ to: '/monitors' });
        }}
      />
    </Page>
  );
}

const NONE: never[] = [];

function Plan({ monitor }: { monitor: MonitorJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      {t('monitor.senderAndSeeds', { sender: monitor.senderName, seeds: format.number(monitor.seedCount) })} ·{' '}
      <ScheduleText schedule={monitor.schedule} />
      {monitor.pausedAt !== null ? (
        <> · {t('state.paused')}</>
      ) : (
        monitor.nextRunAt !== null && (
          <>
            {' '}
            · {t('monitor.nextRun')} <Moment at={monitor.nextRunAt} />
          </>
        )
      )}
    </>
  );
}
