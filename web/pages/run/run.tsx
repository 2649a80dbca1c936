/**
 * One firing of a monitor, live: how far it is, what is known so far with the interval that few results deserve, what is different from the run before, and a
 * tile per seed, grouped by provider, that fills in as mail is found.
 */
import { Anchor, Button, Skeleton } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { RunJson } from '../../../server/api/json/runs.ts';
import { api } from '../../api.ts';
import { Page, Problem, RowsSkeleton } from '../../components/page.tsx';
import { useFormat } from '../../language.ts';
import { useRunNow } from '../monitors/run-now.ts';
import { ComparisonPanel } from './comparison.tsx';
import { CsvButton } from './csv-button.tsx';
import { Grid } from './grid.tsx';
import { Progress } from './progress.tsx';
import { Providers, Summary } from './summary.tsx';

const route = getRouteApi('/inside/runs/$id');

export function Run() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const run = useQuery({ queryKey: ['runs', id], queryFn: () => api.runs.read(id) });
  const data = run.data;
  const previousId = data?.previousRunId ?? null;
  const previous = useQuery({
    queryKey: ['runs', previousId],
    queryFn: () => api.runs.read(previousId ?? ''),
    enabled: previousId !== null,
  });
  // A test of a campaign goes by a monitor that nobody sees: it leads back to its audit.
  const parents =
    data && data.auditId !== null
      ? [
          { label: t('nav.campaigns'), to: '/campaigns' },
          { label: t('probe.backToAudit'), to: `/audits/${data.auditId}` },
        ]
      : [
          { label: t('nav.runs'), to: '/runs' },
          ...(data ? [{ label: data.monitorName, to: `/monitors/${data.monitorId}` }] : []),
        ];
  const title = data ? t('run.title', { monitor: data.monitorName }) : t('word.run');
  if (run.error && !data) {
    return (
      <Page title={title} parents={parents}>
        <Problem error={run.error} onRetry={() => void run.refetch()} />
      </Page>
    );
  }
  return (
    <Page
      title={title}
      parents={parents}
      lead={data ? <Lead run={data} /> : <Skeleton height={18} width={280} mt={6} />}
      actions={
        data && (
          <>
            <CsvButton run={data} previous={previous.data ?? null} />
            {data.auditId === null && <Again run={data} />}
          </>
        )
      }
    >
      <Progress run={data} />
      <Summary run={data} />
      <section className="panel" aria-label={t('run.seeds')}>
        {data ? <Grid probes={data.probes} /> : <RowsSkeleton rows={6} />}
      </section>
      {/* Not before the grid has its height: what stands beneath it would jump. */}
      {data && (
        <>
          <Providers run={data} />
          {(data.auditId === null || previousId !== null) && <ComparisonPanel run={data} previous={previous} />}
        </>
      )}
    </Page>
  );
}

function Lead({ run }: { run: RunJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <span className="dim">
      {format.dateTime(run.startedAt)} {format.zoneName(run.startedAt)} ·{' '}
      {run.auditId !== null ? '' : `${run.slotAt === null ? t('run.byHand') : t('run.bySchedule')} · `}
      {t(`runState.${run.state}`)}
      {run.previousRunId !== null && (
        <>
          {' · '}
          <Anchor component={Link} to={`/runs/${run.previousRunId}`} inherit>
            {t('result.previous')}
          </Anchor>
        </>
      )}
    </span>
  );
}

function Again({ run }: { run: RunJson }) {
  const { t } = useTranslation();
  const again = useRunNow();
  return (
    <>
      <Button
        size="xs"
        leftSection={<IconPlayerPlay size={16} aria-hidden />}
        loading={again.isPending}
        onClick={() => again.mutate(run.monitorId)}
      >
        {t('result.again')}
      </Button>
      {again.error && <Problem error={again.error} />}
    </>
  );
}
