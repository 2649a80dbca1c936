/** Where a monitor is made and changed. It needs a sender and seeds to choose from, and says so when there are none. */
import { Button, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { MonitorJson } from '../../../server/api/json/monitors.ts';
import { api } from '../../api.ts';
import { Empty, Page, Problem } from '../../components/page.tsx';

import { MonitorForm } from './form.tsx';

const route = getRouteApi('/inside/monitors/$id/edit');
const newRoute = getRouteApi('/inside/monitors/new');

export function NewMonitor() {
  const { t } = useTranslation();
  const { from } = newRoute.useSearch();
  const original = useQuery({
    queryKey: ['monitors', from],
    queryFn: () => api.monitors.read(from ?? ''),
    enabled: from !== undefined,
  });
  return (
    <Page
      title={t('monitor.add')}
      parents={[{ label: t('nav.monitors'), to: '/monitors' }]}
      lead={t('monitor.formLead')}
    >
      {/* What was to be copied is gone: the form is there all the same, empty. */}
      {original.error && <Problem error={original.error} onRetry={() => void original.refetch()} />}
      {from !== undefined && original.isPending ? (
        <Skeleton height={480} className="form" radius="md" />
      ) : (
        <WithChoices key={original.data?.id ?? ''} monitor={null} original={original.data} />
      )}
    </Page>
  );
}

export function EditMonitor() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const monitor = useQuery({ queryKey: ['monitors', id], queryFn: () => api.monitors.read(id) });
  const parents = [
    { label: t('nav.monitors'), to: '/monitors' },
    ...(monitor.data ? [{ label: monitor.data.name, to: `/monitors/${id}` }] : []),
  ];
  return (
    <Page title={t('monitor.edit')} parents={parents}>
      {monitor.error && <Problem error={monitor.error} onRetry={() => void monitor.refetch()} />}
      {monitor.isPending && <Skeleton height={480} className="form" radius="md" />}
      {monitor.data && <WithChoices key={id} monitor={monitor.data} />}
    </Page>
  );
}

/** A monitor needs a sender and seeds to choose from. */
function WithChoices({ monitor, original }: { monitor: MonitorJson | null; original?: MonitorJson | undefined }) {
  const { t } = useTranslation();
  const senders = useQuery({ queryKey: ['senders'], queryFn: api.senders.list });
  const seeds = useQuery({ queryKey: ['seeds'], queryFn: api.seeds.list });
  const error = senders.error ?? seeds.error;
  if (error) return <Problem error={error} />;
  if (!senders.data || !seeds.data) return <Skeleton height={480} className="form" radius="md" />;
  if (senders.data.length === 0 || seeds.data.length === 0) {
    const missing = senders.data.length === 0 ? 'sender' : 'seed';
    return (
      <section className="panel">
        <Empty
          title={t(`first.${missing}Title`)}
          action={
            <Button component={Link} to={missing === 'sender' ? '/senders/new' : '/seeds/new'} mt="xs">
              {t(`first.${missing}Action`)}
            </Button>
          }
        >
          {t(`first.${missing}`)}
        </Empty>
      </section>
    );
  }
  return <MonitorForm monitor={monitor} original={original} senders={senders.data} seeds={seeds.data} />;
}
