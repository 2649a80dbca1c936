/** What is watched: each monitor with its schedule, its latest run and the next one. */
import { Anchor, Button, Group, Menu } from '@mantine/core';
import { IconPencil, IconPlayerPause, IconPlayerPlay, IconPlus, IconRocket, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MonitorJson } from '../../../server/api/json/monitors.ts';
import { api } from '../../api.ts';
import { finds } from '../../components/finds.ts';
import { Moment } from '../../components/moment.tsx';
import { Empty, Page, Problem, RowsSkeleton } from '../../components/page.tsx';
import { RowMenu } from '../../components/row-menu.tsx';
import { Rows } from '../../components/rows.tsx';
import { ScheduleText } from '../../components/schedule.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { Status } from '../../components/status.tsx';
import { useFormat } from '../../language.ts';
import { DeleteMonitor } from './delete.tsx';
import { useRunNow } from './run-now.ts';

const route = getRouteApi('/inside/monitors');

export function Monitors() {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const { search = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const monitors = useQuery({ queryKey: ['monitors'], queryFn: api.monitors.list });
  const [deleting, setDeleting] = useState<MonitorJson | null>(null);
  const pause = useMutation({
    mutationFn: (monitor: MonitorJson) => api.monitors.change(monitor.id, { paused: monitor.pausedAt === null }),
    onSettled: () => client.invalidateQueries({ queryKey: ['monitors'] }),
  });
  const runNow = useRunNow();
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
                  </>
                ),
              },
              {
                key: 'schedule',
                label: t('monitor.schedule'),
                cell: (monitor) => <ScheduleText schedule={monitor.schedule} />,
              },
              {
                key: 'state',
                label: t('word.state'),
                cell: (monitor) =>
                  monitor.pausedAt !== null ? (
                    <Status kind="paused">{t('state.paused')}</Status>
                  ) : (
                    <Status kind="good">{t('state.active')}</Status>
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
                  monitor.nextRunAt ? <Moment at={monitor.nextRunAt} /> : <span className="dim">–</span>,
              },
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
                    <RowMenu name={monitor.name}>
                      <Menu.Item
                        component={Link}
                        to={`/monitors/${monitor.id}/edit`}
                        leftSection={<IconPencil size={16} aria-hidden />}
                      >
                        {t('action.edit')}
                      </Menu.Item>
                      <Menu.Item
                        leftSection={
                          monitor.pausedAt ? (
                            <IconPlayerPlay size={16} aria-hidden />
                          ) : (
                            <IconPlayerPause size={16} aria-hidden />
                          )
                        }
                        onClick={() => pause.mutate(monitor)}
                      >
                        {monitor.pausedAt ? t('action.resume') : t('action.pause')}
                      </Menu.Item>
                      <Menu.Item
                        color="var(--mantine-color-error)"
                        leftSection={<IconTrash size={16} aria-hidden />}
                        onClick={() => setDeleting(monitor)}
                      >
                        {t('action.delete')}
                      </Menu.Item>
                    </RowMenu>
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
