/** What is watched: each monitor with how its last runs went, how it stands, and when it runs next. */
import { Anchor, Button, Group, Skeleton } from '@mantine/core';
import { IconPlus, IconRocket } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MonitorJson } from '../../../server/api/json/monitors.ts';
import { api } from '../../api.ts';
import { finds } from '../../components/finds.ts';
import { Heartbeat } from '../../components/heartbeat.tsx';
import { Moment } from '../../components/moment.tsx';
import { Empty, Page, Problem, RowsSkeleton } from '../../components/page.tsx';
import { Rows } from '../../components/rows.tsx';
import { ScheduleText } from '../../components/schedule.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { useFormat } from '../../language.ts';
import { MonitorMenu, usePause } from './actions.tsx';
import { DeleteMonitor } from './delete.tsx';
import { useRunNow } from './run-now.ts';
import { MonitorState } from './state.tsx';

const route = getRouteApi('/inside/monitors');

export function Monitors() {
  const { t } = useTranslation();
  const format = useFormat();
  const { search = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const monitors = useQuery({ queryKey: ['monitors'], queryFn: api.monitors.list });
  const heartbeats = useQuery({
    queryKey: ['heartbeats', 'all'],
    queryFn: ({ signal }) => api.heartbeats(undefined, signal),
  });
  const [deleting, setDeleting] = useState<MonitorJson | null>(null);
  const pause = usePause();
  const runNow = useRunNow();
  const beats = useMemo(
    () => heartbeats.data && new Map(heartbeats.data.items.map((item) => [item.monitorId, item.runs])),
    [heartbeats.data],
  );
  const all = monitors.data ?? [];
  const shown = all.filter((monitor) => finds(search, [monitor.name, monitor.senderName, ...monitor.seedTags]));
  return (
    <Page
      title={t('nav.monitors')}
      lead={t('monitor.lead')}
      actions={
        <Button component={Link} to="/monitors/new" leftSection={<IconPlus size={16} aria-hidden />}>
          {t('monitor.add')}
        </Button>
      }
    >
      {monitors.error && <Problem error={monitors.error} onRetry={() => void monitors.refetch()} />}
      {heartbeats.error && !monitors.error && (
        <Problem error={heartbeats.error} onRetry={() => void heartbeats.refetch()} />
      )}
      {pause.error && <Problem error={pause.error} />}
      {runNow.error && <Problem error={runNow.error} />}
      {all.length > 0 && (
        <SearchField
          label={t('monitor.search')}
          value={search}
          onChange={(value) => void navigate({ search: { search: value || undefined }, replace: true })}
        />
      )}
      <section className="panel flush">
        {monitors.isPending ? (
          <RowsSkeleton />
        ) : all.length === 0 ? (
          monitors.error ? null : (
            <Empty
              title={t('monitor.none')}
              action={
                <Button component={Link} to="/monitors/new" mt="xs">
                  {t('monitor.add')}
                </Button>
              }
            >
              {t('monitor.noneMeaning')}
            </Empty>
          )
        ) : shown.length === 0 ? (
          <Empty title={t('list.nothingFound')}>{t('list.nothingFoundMeaning', { search })}</Empty>
        ) : (
          <Rows
            label={t('nav.monitors')}
            rows={shown}
            rowKey={(monitor) => monitor.id}
            columns={[
              {
                key: 'name',
                label: t('word.name'),
                head: true,
                cell: (monitor) => (
                  <>
                    <Anchor component={Link} to={`/monitors/${monitor.id}`} c="inherit" inherit className="break">
                      {monitor.name}
                    </Anchor>
                    <div className="dim break">
                      {t('monitor.senderAndSeeds', {
                        sender: monitor.senderName,
                        seeds: format.number(monitor.seedCount),
                      })}
                    </div>
                    <div className="dim">
                      <ScheduleText schedule={monitor.schedule} />
                    </div>
                  </>
                ),
              },
              {
                key: 'beats',
                label: t('heartbeat.column'),
                cell: (monitor) =>
                  beats ? (
                    <Heartbeat name={monitor.name} runs={beats.get(monitor.id) ?? []} />
                  ) : heartbeats.error ? (
                    <span className="dim">–</span>
                  ) : (
                    <Skeleton height={28} width="100%" maw={320} />
                  ),
              },
              {
                key: 'last',
                label: t('monitor.lastRun'),
                cell: (monitor) =>
                  monitor.lastRun ? (
                    <Anchor component={Link} to={`/runs/${monitor.lastRun.id}`} inherit>
                      <Moment at={monitor.lastRun.startedAt} />
                    </Anchor>
                  ) : (
                    <span className="dim">{t('monitor.neverRun')}</span>
                  ),
              },
              {
                key: 'next',
                label: t('monitor.nextRun'),
                cell: (monitor) =>
                  monitor.nextRunAt && monitor.pausedAt === null ? (
                    <Moment at={monitor.nextRunAt} />
                  ) : (
                    <span className="dim">–</span>
                  ),
              },
              { key: 'state', label: t('word.state'), cell: (monitor) => <MonitorState monitor={monitor} /> },
              {
                key: 'actions',
                label: t('action.actions'),
                bare: true,
                cell: (monitor) => (
                  <Group gap={4} justify="flex-end" wrap="nowrap" display="inline-flex">
                    <Button
                      size="xs"
                      variant="default"
                      leftSection={<IconRocket size={15} aria-hidden />}
                      loading={runNow.isPending && runNow.variables === monitor.id}
                      onClick={() => runNow.mutate(monitor.id)}
                    >
                      {t('monitor.runNow')}
                    </Button>
                    <MonitorMenu
                      monitor={monitor}
                      edit
                      onPause={() => pause.mutate(monitor)}
                      onDelete={() => setDeleting(monitor)}
                    />
                  </Group>
                ),
              },
            ]}
          />
        )}
      </section>
      <DeleteMonitor monitor={deleting} onClose={() => setDeleting(null)} />
    </Page>
  );
}
