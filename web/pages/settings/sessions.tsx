/** Who is signed in: each browser by name, and a way to sign it out from here. */
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '../../api.ts';
import { Moment } from '../../components/moment.tsx';
import { Panel, Problem, RowsSkeleton } from '../../components/page.tsx';
import { Rows } from '../../components/rows.tsx';
import { browserName } from './browser-name.ts';

export function Sessions() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const sessions = useQuery({ queryKey: ['sessions'], queryFn: api.session.list });
  const revoke = useMutation({
    mutationFn: (ids: string[]) => Promise.all(ids.map(api.session.revoke)),
    onSettled: () => client.invalidateQueries({ queryKey: ['sessions'] }),
  });
  const others = sessions.data?.items.filter((session) => !session.current).map(({ id }) => id) ?? [];
  return (
    <Panel
      title={t('settings.sessions')}
      flush
      actions={
        others.length > 1 && (
          <Button size="xs" variant="default" loading={revoke.isPending} onClick={() => revoke.mutate(others)}>
            {t('settings.endOthers')}
          </Button>
        )
      }
    >
      {(sessions.error ?? revoke.error) && (
        <div className="inset">
          <Problem
            error={sessions.error ?? revoke.error}
            onRetry={sessions.error ? () => void sessions.refetch() : undefined}
          />
        </div>
      )}
      {sessions.isPending ? (
        <div className="inset">
          <RowsSkeleton rows={2} />
        </div>
      ) : (
        sessions.data && (
          <Rows
            label={t('settings.sessions')}
            rows={sessions.data.items}
            rowKey={(session) => session.id}
            columns={[
              {
                key: 'browser',
                label: t('settings.browser'),
                head: true,
                cell: (session) => (
                  <>
                    {browserName(session.userAgent) || t('settings.unknownBrowser')}
                    {session.current && <span className="dim"> {t('settings.thisOne')}</span>}
                  </>
                ),
              },
              { key: 'address', label: t('settings.address'), cell: (session) => session.address },
              { key: 'seen', label: t('settings.lastSeen'), cell: (session) => <Moment at={session.lastSeenAt} /> },
              {
                key: 'since',
                label: t('settings.signedIn'),
                wide: true,
                cell: (session) => <Moment at={session.createdAt} exact />,
              },
              {
                key: 'actions',
                label: t('action.actions'),
                bare: true,
                cell: (session) =>
                  session.current ? null : (
                    <Button
                      size="xs"
                      variant="default"
                      loading={revoke.isPending && revoke.variables.includes(session.id)}
                      onClick={() => revoke.mutate([session.id])}
                    >
                      {t('settings.endSession')}
                    </Button>
                  ),
              },
            ]}
          />
        )
      )}
    </Panel>
  );
}
