/** All runs, newest first, or those of one monitor; the bars fill in while mail lands. */
import { Button, Group } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '../api.ts';
import { FilterSelect } from '../components/filter-select.tsx';
import { Empty, Page, Problem, RowsSkeleton } from '../components/page.tsx';
import { RunRows } from '../components/run-rows.tsx';

const route = getRouteApi('/inside/runs');

export function Runs() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { monitor } = route.useSearch();
  const monitors = useQuery({ queryKey: ['monitors'], queryFn: api.monitors.list });
  const runs = useInfiniteQuery({
    queryKey: ['runs', 'list', monitor ?? null],
    queryFn: ({ pageParam }) => api.runs.list({ monitorId: monitor, cursor: pageParam, limit: 50 }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });
  const items = runs.data?.pages.flatMap((page) => page.items) ?? [];
  const choose = (next: string | undefined): void => void navigate({ to: '/runs', search: { monitor: next } });
  return (
    <Page
      title={t('nav.runs')}
      lead={t('run.listLead')}
      actions={
        <FilterSelect
          label={t('word.monitor')}
          all={t('result.allMonitors')}
          options={(monitors.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          value={monitor}
          onChange={choose}
        />
      }
    >
      {runs.error && <Problem error={runs.error} onRetry={() => void runs.refetch()} />}
      {(!runs.error || items.length > 0) && (
        <section className="panel flush" aria-busy={runs.isPlaceholderData}>
          {runs.isPending ? (
            <RowsSkeleton rows={10} />
          ) : items.length > 0 ? (
            <RunRows runs={items} label={t('nav.runs')} />
          ) : monitor === undefined ? (
            <Empty title={t('run.none')}>{t('run.noneMeaning')}</Empty>
          ) : (
            <Empty
              title={t('result.noneOfMonitor')}
              action={
                <Button variant="default" size="xs" onClick={() => choose(undefined)}>
                  {t('result.allMonitors')}
                </Button>
              }
            >
              {t('run.noneMeaning')}
            </Empty>
          )}
        </section>
      )}
      {runs.hasNextPage && (
        <Group justify="center">
          <Button variant="default" loading={runs.isFetchingNextPage} onClick={() => void runs.fetchNextPage()}>
            {t('action.more')}
          </Button>
        </Group>
      )}
    </Page>
  );
}
