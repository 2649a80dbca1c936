/** The accounts that are read, and whether they can be: a seed that cannot be read says nothing about the mail. */
import { Anchor, Badge, Button, Group, Menu, Select, Text } from '@mantine/core';
import {
  IconDownload,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlugConnected,
  IconPlus,
  IconTrash,
  IconUpload,
} from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SeedJson } from '../../../server/api/json/seeds.ts';
import { api } from '../../api.ts';
import { base } from '../../base.ts';
import { CheckModal } from '../../components/check-modal.tsx';
import { SeedCheckStory } from '../../components/check-story.tsx';
import { ConfirmDelete } from '../../components/confirm.tsx';
import { finds } from '../../components/finds.ts';
import { Moment, Since } from '../../components/moment.tsx';
import { Empty, Page, Problem, RowsSkeleton } from '../../components/page.tsx';
import { RowMenu } from '../../components/row-menu.tsx';
import { Rows } from '../../components/rows.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { Status } from '../../components/status.tsx';
import { useProviderName } from '../../presets.ts';
import { useWords } from '../../words.ts';

const route = getRouteApi('/inside/seeds');
/** More rows than anyone reads are shown in steps. */
const STEP = 200;

export function Seeds() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const providerName = useProviderName();
  const { search = '', tag } = route.useSearch();
  const navigate = route.useNavigate();
  const seeds = useQuery({ queryKey: ['seeds'], queryFn: api.seeds.list });
  const [checking, setChecking] = useState<SeedJson | null>(null);
  const [deleting, setDeleting] = useState<SeedJson | null>(null);
  const [most, setMost] = useState(STEP);
  const fresh = () => client.invalidateQueries({ queryKey: ['seeds'] });
  const pause = useMutation({
    mutationFn: (seed: SeedJson) => api.seeds.change(seed.id, { paused: seed.pausedAt === null }),
    onSettled: fresh,
  });
  const all = seeds.data ?? [];
  const tags = useMemo(() => [...new Set((seeds.data ?? []).flatMap((seed) => seed.tags))].sort(), [seeds.data]);
  const shown = all
    .filter((seed) => tag === undefined || seed.tags.includes(tag))
    .filter((seed) => finds(search, [seed.address, providerName(seed.provider), seed.host, ...seed.tags]));
  const unreadable = all.filter((seed) => seed.unreadable !== null && seed.pausedAt === null).length;

  return (
    <Page
      title={t('nav.seeds')}
      lead={
        seeds.data
          ? `${t('seed.count', { count: all.length })} ${unreadable > 0 ? t('seed.unreadableCount', { count: unreadable }) : ''}`
          : t('seed.lead')
      }
      actions={
        <>
          {base === '' && (
            <Button
              component={Link}
              to="/seeds/import"
              variant="default"
              leftSection={<IconUpload size={16} aria-hidden />}
            >
              {t('seed.import')}
            </Button>
          )}
          {all.length > 0 && (
            <Button
              component="a"
              href={api.seeds.exportPath}
              download
              variant="default"
              leftSection={<IconDownload size={16} aria-hidden />}
            >
              {t('seed.export')}
            </Button>
          )}
          {base === '' && (
            <Button component={Link} to="/seeds/new" leftSection={<IconPlus size={16} aria-hidden />}>
              {t('seed.add')}
            </Button>
          )}
        </>
      }
    >
      {seeds.error && <Problem error={seeds.error} onRetry={() => void seeds.refetch()} />}
      {pause.error && <Problem error={pause.error} />}
      {all.length > 0 && (
        <Group gap="xs">
          <SearchField
            label={t('seed.search')}
            value={search}
            onChange={(value) =>
              void navigate({ search: (old) => ({ ...old, search: value || undefined }), replace: true })
            }
          />
          {tags.length > 0 && (
            <Select
              aria-label={t('word.tag')}
              placeholder={t('seed.allTags')}
              clearable
              clearButtonProps={{ 'aria-label': t('seed.allTags') }}
              data={tags}
              value={tag ?? null}
              onChange={(value) =>
                void navigate({ search: (old) => ({ ...old, tag: value ?? undefined }), replace: true })
              }
            />
          )}
        </Group>
      )}
      <section className="panel flush">
        {seeds.isPending ? (
          <RowsSkeleton />
        ) : all.length === 0 ? (
          <Empty
            title={t('seed.none')}
            action={
              <Group gap="xs" mt="xs">
                <Button component={Link} to="/seeds/new">
                  {t('seed.add')}
                </Button>
                <Button component={Link} to="/seeds/import" variant="default">
                  {t('seed.import')}
                </Button>
              </Group>
            }
          >
            {t('seed.noneMeaning')}
          </Empty>
        ) : shown.length === 0 ? (
          <Empty title={t('list.nothingFound')}>
            {t('list.nothingFoundMeaning', { search: [search, tag].filter(Boolean).join(' ') })}
          </Empty>
        ) : (
          <Rows
            label={t('nav.seeds')}
            rows={shown.slice(0, most)}
            rowKey={(seed) => seed.id}
            columns={[
              {
                key: 'address',
                label: t('word.address'),
                head: true,
                cell: (seed) => (
                  <>
                    <Anchor component={Link} to={`/seeds/${seed.id}`} c="inherit" inherit className="break">
                      {seed.address}
                    </Anchor>
                    {seed.tags.length > 0 && (
                      <Group gap={4} mt={2}>
                        {seed.tags.map((one) => (
                          <Badge key={one} size="sm" variant="default" tt="none" fw={500}>
                            {one}
                          </Badge>
                        ))}
                      </Group>
                    )}
                  </>
                ),
              },
              {
                key: 'provider',
                label: t('word.provider'),
                cell: (seed) => (
                  <>
                    {providerName(seed.provider)} <span className="dim">{seed.protocol.toUpperCase()}</span>
                  </>
                ),
              },
              { key: 'state', label: t('word.state'), cell: (seed) => <SeedState seed={seed} /> },
              {
                key: 'read',
                label: t('seed.lastRead'),
                cell: (seed) =>
                  seed.lastReadAt ? (
                    <Moment at={seed.lastReadAt} />
                  ) : (
                    <span className="dim">{t('seed.neverRead')}</span>
                  ),
              },
              {
                key: 'actions',
                label: t('action.actions'),
                bare: true,
                cell: (seed) => (
                  <Group gap={4} justify="flex-end" wrap="nowrap" display="inline-flex">
                    <Button
                      size="xs"
                      variant="default"
                      leftSection={<IconPlugConnected size={15} aria-hidden />}
                      onClick={() => setChecking(seed)}
                    >
                      {t('check.action')}
                    </Button>
                    <RowMenu name={seed.address}>
                      <Menu.Item
                        component={Link}
                        to={`/seeds/${seed.id}`}
                        leftSection={<IconPencil size={16} aria-hidden />}
                      >
                        {t('action.edit')}
                      </Menu.Item>
                      <Menu.Item
                        leftSection={
                          seed.pausedAt ? (
                            <IconPlayerPlay size={16} aria-hidden />
                          ) : (
                            <IconPlayerPause size={16} aria-hidden />
                          )
                        }
                        onClick={() => pause.mutate(seed)}
                      >
                        {seed.pausedAt ? t('action.resume') : t('action.pause')}
                      </Menu.Item>
                      <Menu.Item
                        color="var(--mantine-color-error)"
                        leftSection={<IconTrash size={16} aria-hidden />}
                        onClick={() => setDeleting(seed)}
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
      {shown.length > most && (
        <Group justify="center">
          <Button variant="default" onClick={() => setMost(most + STEP)}>
            {t('action.more')}
          </Button>
        </Group>
      )}
      <CheckModal
        target={checking && { id: checking.id, name: checking.address }}
        check={api.seeds.check}
        story={(check) => <SeedCheckStory check={check} />}
        onClose={() => setChecking(null)}
        onDone={() => void fresh()}
      />
      <ConfirmDelete
        opened={deleting !== null}
        title={t('seed.delete', { address: deleting?.address ?? '' })}
        name={deleting?.address ?? ''}
        destroys={[t('seed.destroys'), t('seed.destroysMonitors'), t('seed.keeps')]}
        action={t('action.delete')}
        onClose={() => setDeleting(null)}
        onConfirm={async () => {
          if (deleting) await api.seeds.remove(deleting.id);
          await fresh();
        }}
      />
    </Page>
  );
}

function SeedState({ seed }: { seed: SeedJson }) {
  const { t } = useTranslation();
  const words = useWords();
  if (seed.pausedAt !== null) return <Status kind="paused">{t('state.paused')}</Status>;
  if (seed.unreadable !== null) {
    const { title, meaning } = words(
      seed.unreadable.reason,
      seed.unreadable.reply === null ? {} : { reply: seed.unreadable.reply },
      'reasons',
    );
    return (
      <>
        <Status kind="bad" title={meaning}>
          {title}
        </Status>
        <Text size="xs" c="dimmed">
          <Since at={seed.unreadable.since} />
        </Text>
      </>
    );
  }
  if (seed.check !== null && !seed.check.ok && seed.lastReadAt === null)
    return <Status kind="bad">{words(seed.check.reason, {}, 'reasons').title}</Status>;
  if (seed.lastReadAt === null && seed.check === null) return <Status kind="none">{t('state.unchecked')}</Status>;
  return <Status kind="good">{t('state.readable')}</Status>;
}
