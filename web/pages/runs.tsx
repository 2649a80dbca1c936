/** All runs, newest first. */
import { Button, Group } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '../api.ts';
import { Empty, Page, Problem, RowsSkeleton } from '../components/page.tsx';
import { RunRows } from '../components/run-rows.tsx';

const route = getRouteApi('/inside/runs');

export function Runs() {
  const { t } = useTranslation();
  const { monitor } = route.useSearch();
  const runs = useInfiniteQuery({
    queryKey: ['runs', 'list', monitor ?? null],
    queryFn: ({ pageParam }) => api.runs.list({ monitorId: monitor, cursor: pageParam, limit: 50 }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
  });
  const items = runs.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title={t('nav.runs')} lead={t('run.listLead')}>
      {runs.error && <Problem error={runs.error} onRetry={() => void runs.refetch()} />}
      <section className="panel flush">
        {runs.isPending ? (
          <RowsSkeleton />
        ) : items.length === 0 ? (
          <Empty title={t('run.none')}>{t('run.noneMeaning')}</Empty>
        ) : (
          <RunRows runs={items} label={t('nav.runs')} />
        )}
      </section>
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
