/** One monitor: how its mail fares over time and by provider, what may explain it, when it runs next, and its runs. */
import { Anchor, Button, Group, Skeleton, Text } from '@mantine/core';
import { IconPencil, IconPlayerPause, IconPlayerPlay, IconRocket } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MonitorJson } from '../../../server/api/json/monitors.ts';
import { api } from '../../api.ts';
import { useCountsWords } from '../../components/counts-words.ts';
import { type Beat, Heartbeat } from '../../components/heartbeat.tsx';
import { Moment } from '../../components/moment.tsx';
import { Empty, Page, Panel, Problem, RowsSkeleton } from '../../components/page.tsx';
import { RangePicker } from '../../components/range-picker.tsx';
import { RunRows } from '../../components/run-rows.tsx';
import { ScheduleText } from '../../components/schedule.tsx';
import { useFormat } from '../../language.ts';
import { MonitorMenu, usePause } from './actions.tsx';
import { DeleteMonitor } from './delete.tsx';
import './monitor.css';
import { NextRuns } from './next-runs.tsx';
import { MonitorNumbers } from './numbers.tsx';
import { useRunNow } from './run-now.ts';
import { MonitorState } from './state.tsx';

const route = getRouteApi('/inside/monitors/$id');
const LATEST = 10;

export function Monitor() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { id } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const goTo = useNavigate();
  const monitor = useQuery({ queryKey: ['monitors', id], queryFn: () => api.monitors.read(id) });
  const heartbeat = useQuery({
    queryKey: ['heartbeats', id],
    queryFn: ({ signal }) => api.heartbeats(id, signal),
  });
  const runs = useQuery({
    queryKey: ['runs', 'list', id, 'latest'],
    queryFn: () => api.runs.list({ monitorId: id, limit: LATEST }),
    placeholderData: keepPreviousData,
  });
  const [deleting, setDeleting] = useState<MonitorJson | null>(null);
  const pause = usePause();
  const runNow = useRunNow();
  const onSpan = useCallback(
    (from: number, to: number) =>
      void navigate({
        search: (before) => ({ ...before, from: new Date(from).toISOString(), to: new Date(to).toISOString() }),
      }),
    [navigate],
  );
  const data = monitor.data;
  const parents = [{ label: t('nav.monitors'), to: '/monitors' }];
  if (monitor.error && !data) {
    return (
      <Page title={t('word.monitor')} parents={parents}>
        <Problem error={monitor.error} onRetry={() => void monitor.refetch()} />
      </Page>
    );
  }
  const beats = heartbeat.data?.items[0]?.runs;
  return (
    <Page
      title={data?.name ?? t('word.monitor')}
      parents={parents}
      lead={data ? <Plan monitor={data} /> : <Skeleton height={22} width={320} maw="100%" />}
      actions={
        data && (
          <Group gap="xs" wrap="nowrap" className="monitor-actions">
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
              loading={pause.isPending}
              onClick={() => pause.mutate(data)}
            >
              {data.pausedAt ? t('action.resume') : t('action.pause')}
            </Button>
            <MonitorMenu monitor={data} onDelete={() => setDeleting(data)} />
          </Group>
        )
      }
    >
      {runNow.error && <Problem error={runNow.error} />}
      {pause.error && <Problem error={pause.error} />}
      <div className="beats-and-plan">
        {beats?.length === 0 ? (
          <section className="panel">
            <Empty title={t('monitor.neverTitle')}>{t('monitor.neverMeaning')}</Empty>
          </section>
        ) : (
          <Panel title={t('heartbeat.title', { count: beats && beats.length > 0 ? beats.length : 30 })}>
            {heartbeat.error ? (
              <Problem error={heartbeat.error} onRetry={() => void heartbeat.refetch()} />
            ) : beats === undefined ? (
              <Skeleton height={72} />
            ) : (
              <>
                <Heartbeat name={data?.name ?? ''} runs={beats} tall />
                <BeatsEnds runs={beats} />
              </>
            )}
          </Panel>
        )}
        {data ? (
          <NextRuns monitor={data} />
        ) : (
          <Panel title={t('monitor.nextRuns')}>
            <Skeleton height={110} />
          </Panel>
        )}
      </div>
      {beats?.length !== 0 && (
        <>
          <RangePicker value={search} onChange={(span) => void navigate({ search: span })} />
          <MonitorNumbers id={id} search={search} onSpan={onSpan} />
          <Panel
            title={t('overview.latestRuns')}
            flush
            actions={
              <Anchor component={Link} to="/runs" search={{ monitor: id } as never} size="sm">
                {t('overview.allRuns')}
              </Anchor>
            }
          >
            {runs.error ? (
              <Problem error={runs.error} onRetry={() => void runs.refetch()} />
            ) : runs.data === undefined ? (
              <RowsSkeleton rows={LATEST} />
            ) : (
              <RunRows runs={runs.data.items} label={t('overview.latestRuns')} ofOne />
            )}
          </Panel>
        </>
      )}
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

/** When the row of bars begins and ends, and its last bar in words. */
function BeatsEnds({ runs }: { runs: readonly Beat[] }) {
  const { t } = useTranslation();
  const countsWords = useCountsWords();
  const [first, last] = [runs[0], runs.at(-1)];
  if (!first || !last) return null;
  return (
    <>
      <div className="beats-ends">
        <span>{first !== last && <Moment at={first.startedAt} />}</span>
        <span>
          <Moment at={last.startedAt} />
        </span>
      </div>
      <Text size="sm" mt={8}>
        {t('heartbeat.latest', { words: countsWords(last.counts) || t('heartbeat.noMail') })}
      </Text>
    </>
  );
}

function Plan({ monitor }: { monitor: MonitorJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      <MonitorState monitor={monitor} />{' '}
      {t('monitor.senderAndSeeds', { sender: monitor.senderName, seeds: format.number(monitor.seedCount) })} ·{' '}
      <ScheduleText schedule={monitor.schedule} />
      {monitor.pausedAt === null && monitor.nextRunAt !== null && (
        <>
          {' '}
          · {t('monitor.nextRun')} <Moment at={monitor.nextRunAt} />
        </>
      )}
    </>
  );
}
