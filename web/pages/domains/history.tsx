/** Every change of a record that was seen, newest first, with what went and what came; and how the last checks ended. */
import { Button, Text } from '@mantine/core';
import { IconMinus, IconPencil, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { HistoryJson } from '../../../server/api/json/domains.ts';
import { api } from '../../api.ts';
import { Moment } from '../../components/moment.tsx';
import { Panel, Problem, RowsSkeleton } from '../../components/page.tsx';
import { StandingBadge } from '../../components/standing-badge.tsx';
import { useFormat } from '../../language.ts';
import { Diff } from './diff.tsx';
import { useCountWords, useProtocolName } from './state.tsx';

type Change = HistoryJson['items'][number];

export function History({ id }: { id: string }) {
  const { t } = useTranslation();
  const history = useInfiniteQuery({
    queryKey: ['domains', id, 'history'],
    queryFn: ({ pageParam }) => api.domains.history(id, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
  const changes = history.data?.pages.flatMap(({ items }) => items);
  return (
    <Panel title={t('domain.history.title')} note={t('domain.history.note')}>
      {history.error && !changes ? (
        <Problem error={history.error} onRetry={() => void history.refetch()} />
      ) : changes === undefined ? (
        <RowsSkeleton rows={2} />
      ) : changes.length === 0 ? (
        <Text c="dimmed">{t('domain.history.none')}</Text>
      ) : (
        <ol className="changes">
          {changes.map((change) => (
            <ChangeItem key={change.id} change={change} />
          ))}
        </ol>
      )}
      {history.hasNextPage && (
        <Button
          size="compact-sm"
          variant="subtle"
          mt="xs"
          loading={history.isFetchingNextPage}
          onClick={() => void history.fetchNextPage()}
        >
          {t('domain.history.more')}
        </Button>
      )}
      <Checks id={id} />
    </Panel>
  );
}

const ICONS = { added: IconPlus, removed: IconMinus, changed: IconPencil } as const;

function ChangeItem({ change: { at, protocol, name, type, kind, diff } }: { change: Change }) {
  const { t } = useTranslation();
  const format = useFormat();
  const protocolName = useProtocolName();
  const Icon = ICONS[kind];
  return (
    <li>
      <span className="change-sign">
        <Icon size={14} aria-hidden />
      </span>
      <div>
        <p>
          <strong>
            {protocolName(protocol)} {t(`domain.history.kind.${kind}`)}
          </strong>{' '}
          <span className="mono dim">
            {name} {type}
          </span>
        </p>
        <Text size="xs" c="dimmed">
          {format.dateTime(at)} {format.zoneName(at)} (<Moment at={at} />)
        </Text>
        <Diff lines={diff} />
      </div>
    </li>
  );
}

function Checks({ id }: { id: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const counts = useCountWords();
  const checks = useQuery({ queryKey: ['domains', id, 'checks'], queryFn: () => api.domains.checks(id) });
  if (!checks.data || checks.data.items.length === 0) return null;
  return (
    <details className="fact-more below">
      <summary>{t('domain.history.checks')}</summary>
      <table className="plain-table wrapping left">
        <thead>
          <tr>
            <th scope="col">{t('domain.column.checked')}</th>
            <th scope="col">{t('word.state')}</th>
            <th scope="col">{t('domain.column.findings')}</th>
          </tr>
        </thead>
        <tbody>
          {checks.data.items.map((check) => (
            <tr key={check.id}>
              <th scope="row">
                {format.dateTime(check.at)}
                <div className="dim">{t('domain.history.took', { span: format.span(check.tookMs) })}</div>
              </th>
              <td>
                <StandingBadge standing={check.state ?? 'unknown'} />
              </td>
              <td>
                {counts(check.counts).join(t('check.join'))}
                {check.unasked > 0 && (
                  <div className="dim">{t('domain.history.unasked', { count: check.unasked })}</div>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
