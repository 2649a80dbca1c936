/** Links for screens on a wall. The key stands behind the # of the address, where no log sees it; it is shown once, when it is made. */
import { Anchor, Button, Group, Select, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { WallLinkJson } from '../../../server/api/json/walls.ts';
import { api } from '../../api.ts';
import { Moment } from '../../components/moment.tsx';
import { Panel, Problem, RowsSkeleton } from '../../components/page.tsx';
import { Rows } from '../../components/rows.tsx';
import { Revoke } from './revoke.tsx';
import { ShownOnce } from './shown-once.tsx';

const EVERYTHING = '';

export function Walls() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const links = useQuery({ queryKey: ['wall-links'], queryFn: api.wallLinks.list });
  const monitors = useQuery({ queryKey: ['monitors'], queryFn: api.monitors.list });
  const [name, setName] = useState('');
  const [monitorId, setMonitorId] = useState(EVERYTHING);
  const [revoking, setRevoking] = useState<WallLinkJson | null>(null);
  const fresh = () => client.invalidateQueries({ queryKey: ['wall-links'] });
  const create = useMutation({
    mutationFn: () => api.wallLinks.create({ name: name.trim(), monitorId: monitorId || null }),
    onSuccess: async () => {
      setName('');
      setMonitorId(EVERYTHING);
      await fresh();
    },
  });
  const made = create.data;
  const address = made && `${window.location.origin}/wall#key=${made.key}`;
  const alive = links.data?.items.filter((link) => link.revokedAt === null) ?? [];
  const monitorName = (id: string | null): string =>
    id === null
      ? t('walls.everything')
      : (monitors.data?.find((monitor) => monitor.id === id)?.name ?? t('walls.gone'));
  return (
    <>
      <Panel
        title={t('walls.new')}
        note={t('walls.note')}
        actions={
          <Button component="a" href="/wall" target="_blank" size="xs" variant="default">
            {t('walls.look')}
          </Button>
        }
      >
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim() !== '') create.mutate();
          }}
        >
          <Group gap="xs" align="flex-end">
            <TextInput
              label={t('walls.name')}
              placeholder={t('walls.example')}
              maxLength={100}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Select
              label={t('walls.shows')}
              allowDeselect={false}
              data={[
                { value: EVERYTHING, label: t('walls.everything') },
                ...(monitors.data ?? []).map((monitor) => ({ value: monitor.id, label: monitor.name })),
              ]}
              value={monitorId}
              onChange={(chosen) => setMonitorId(chosen ?? EVERYTHING)}
            />
            <Button type="submit" disabled={name.trim() === ''} loading={create.isPending}>
              {t('walls.make')}
            </Button>
          </Group>
        </form>
        {create.error && <Problem error={create.error} />}
        {made && address && (
          <div className="below">
            <ShownOnce title={t('walls.once', { name: made.name })} value={address}>
              <Anchor href={address} target="_blank" size="sm">
                {t('walls.open')}
              </Anchor>
            </ShownOnce>
          </div>
        )}
      </Panel>
      <Panel title={t('walls.links')} flush>
        {links.error ? (
          <div className="inset">
            <Problem error={links.error} onRetry={() => void links.refetch()} />
          </div>
        ) : !links.data ? (
          <div className="inset">
            <RowsSkeleton rows={2} />
          </div>
        ) : alive.length === 0 ? (
          <Text c="dimmed" className="inset">
            {t('walls.none')}
          </Text>
        ) : (
          <Rows
            label={t('walls.links')}
            rows={alive}
            rowKey={(link) => link.id}
            columns={[
              {
                key: 'name',
                label: t('word.name'),
                head: true,
                cell: (link) => <span className="break">{link.name}</span>,
              },
              { key: 'shows', label: t('walls.shows'), cell: (link) => monitorName(link.monitorId) },
              { key: 'made', label: t('settings.made'), cell: (link) => <Moment at={link.createdAt} exact /> },
              {
                key: 'used',
                label: t('settings.lastUsed'),
                cell: (link) =>
                  link.lastUsedAt ? (
                    <Moment at={link.lastUsedAt} />
                  ) : (
                    <span className="dim">{t('settings.neverUsed')}</span>
                  ),
              },
              {
                key: 'actions',
                label: t('action.actions'),
                bare: true,
                cell: (link) => (
                  <Button size="xs" variant="default" onClick={() => setRevoking(link)}>
                    {t('settings.revoke')}
                  </Button>
                ),
              },
            ]}
          />
        )}
      </Panel>
      <Revoke
        target={revoking}
        meaning={t('walls.revokeMeaning')}
        revoke={api.wallLinks.revoke}
        onClose={() => setRevoking(null)}
        onRevoked={fresh}
      />
    </>
  );
}
