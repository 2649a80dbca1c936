/**
 * The accounts that are read, and whether they can be: a seed that cannot be read says nothing about the mail. They are narrowed down by the address, so that "all at
 * Yahoo that cannot be read" is a link; and chosen, to do the same to many.
 * Long because the columns of the list are one table, read from left to right.
 */
import { Anchor, Button, Group, Menu, Text } from '@mantine/core';
import {
  IconCopy,
  IconPencil,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlugConnected,
  IconTrash,
} from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SeedJson } from '../../../server/api/json/seeds.ts';
import { SEEDS } from '../../accounts.ts';
import { api } from '../../api.ts';
import { base } from '../../base.ts';
import { AccountButtons, FirstAccountButtons } from '../../components/account-buttons.tsx';
import { CheckModal } from '../../components/check-modal.tsx';
import { SeedCheckStory } from '../../components/check-story.tsx';
import { ConfirmDelete } from '../../components/confirm.tsx';
import { FilterSelect } from '../../components/filter-select.tsx';
import { finds } from '../../components/finds.ts';
import { Moment } from '../../components/moment.tsx';
import { Empty, Page, Problem, RowsSkeleton } from '../../components/page.tsx';
import { RowMenu } from '../../components/row-menu.tsx';
import { Rows } from '../../components/rows.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { Selection, useChosen } from '../../components/selection.tsx';
import { useProviderName } from '../../presets.ts';
import { SEED_STATES, type SeedStateWord, seedStateOf } from './standing.ts';
import { SeedState } from './state.tsx';
import { TagMany } from './tag-many.tsx';
import { SeedTags } from './tags.tsx';

const route = getRouteApi('/inside/seeds');
/** More rows than anyone reads are shown in steps. */
const STEP = 200;

export function Seeds() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const providerName = useProviderName();
  const search = route.useSearch();
  const { search: typed = '', tag, state, provider } = search;
  const navigate = route.useNavigate();
  const seeds = useQuery({ queryKey: ['seeds'], queryFn: api.seeds.list });
  const [checking, setChecking] = useState<SeedJson | null>(null);
  const [deleting, setDeleting] = useState<SeedJson | null>(null);
  const [most, setMost] = useState(STEP);
  const [problem, setProblem] = useState<unknown>(null);
  const fresh = () => client.invalidateQueries({ queryKey: ['seeds'] });
  const pause = useMutation({
    mutationFn: (seed: SeedJson) => api.seeds.change(seed.id, { paused: seed.pausedAt === null }),
    onSettled: fresh,
  });
  const narrow = (change: Partial<typeof search>): void =>
    void navigate({ search: (old) => ({ ...old, ...change }), replace: true });
  const all = seeds.data ?? [];
  const tags = useMemo(() => [...new Set((seeds.data ?? []).flatMap((seed) => seed.tags))].sort(), [seeds.data]);
  const providers = useMemo(() => [...new Set((seeds.data ?? []).map((seed) => seed.provider))], [seeds.data]);
  const shown = all
    .filter((seed) => tag === undefined || seed.tags.includes(tag))
    .filter((seed) => state === undefined || seedStateOf(seed) === state)
    .filter((seed) => provider === undefined || seed.provider === provider)
    .filter((seed) => finds(typed, [seed.address, providerName(seed.provider), seed.host, ...seed.tags]));
  const chosen = useChosen(shown, SEEDS.nameOf);
  const unreadable = all.filter((seed) => seedStateOf(seed) === 'unreadable').length;

  return (
    <Page
      title={t('nav.seeds')}
      lead={
        seeds.data
          ? `${t('seed.count', { count: all.length })} ${unreadable > 0 ? t('seed.unreadableCount', { count: unreadable }) : ''}`
          : t('seed.lead')
      }
      actions={<AccountButtons of={SEEDS} any={all.length > 0} />}
    >
      {seeds.error && <Problem error={seeds.error} onRetry={() => void seeds.refetch()} />}
      {pause.error && <Problem error={pause.error} />}
      {problem !== null && <Problem error={problem} />}
      {all.length > 0 && (
        <Group gap="xs" className="filters">
          <SearchField
            label={t('seed.search')}
            value={typed}
            onChange={(value) => narrow({ search: value || undefined })}
          />
          <FilterSelect
            label={t('accounts.filterState')}
            all={t('accounts.allStates')}
            options={SEED_STATES.map((word) => ({ value: word, label: t(`accounts.state.${word}`) }))}
            value={state}
            onChange={(value) => narrow({ state: value as SeedStateWord | undefined })}
          />
          {providers.length > 1 && (
            <FilterSelect
              label={t('accounts.filterProvider')}
              all={t('accounts.allProviders')}
              options={providers.map((id) => ({ value: id, label: providerName(id) }))}
              value={provider}
              onChange={(value) => narrow({ provider: value })}
            />
          )}
          {tags.length > 0 && (
            <FilterSelect
              label={t('word.tag')}
              all={t('seed.allTags')}
              options={tags.map((one) => ({ value: one, label: one }))}
              value={tag}
              onChange={(value) => narrow({ tag: value })}
            />
          )}
        </Group>
      )}
      <section className="panel flush">
        {chosen.items.length > 0 && (
          <Selection
            of={SEEDS}
            chosen={chosen}
            all={shown.length}
            destroys={[t('seed.destroysMonitors'), t('seed.keeps')]}
            more={(act, busy) => <TagMany chosen={chosen.items} known={tags} act={act} busy={busy} />}
          />
        )}
        {seeds.isPending ? (
          <RowsSkeleton />
        ) : all.length === 0 ? (
          <Empty title={t('seed.none')} action={<FirstAccountButtons of={SEEDS} />}>
            {t('seed.noneMeaning')}
          </Empty>
        ) : shown.length === 0 ? (
          <Empty title={t('list.nothingFound')}>
            {t('list.nothingFoundMeaning', {
              search: [
                typed,
                tag,
                state && t(`accounts.state.${state}`),
                provider === undefined ? undefined : providerName(provider),
              ]
                .filter(Boolean)
                .join(' · '),
            })}
          </Empty>
        ) : (
          <Rows
            label={t('nav.seeds')}
            rows={shown.slice(0, most)}
            rowKey={(seed) => seed.id}
            columns={[
              chosen.column,
              {
                key: 'address',
                label: t('word.address'),
                head: true,
                cell: (seed) => (
                  <>
                    <Anchor component={Link} to={`/seeds/${seed.id}`} c="inherit" inherit className="break">
                      {seed.address}
                    </Anchor>
                    <SeedTags seed={seed} known={tags} onError={setProblem} />
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
                cell: (seed) => (
                  <>
                    {seed.lastReadAt ? (
                      <Moment at={seed.lastReadAt} />
                    ) : (
                      <span className="dim">{t('seed.neverRead')}</span>
                    )}
                    {seed.check && (
                      <Text size="xs" c="dimmed">
                        {t('accounts.checkedLast')} <Moment at={seed.check.at} />
                      </Text>
                    )}
                  </>
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
                      {base === '' && (
                        <Menu.Item
                          component={Link}
                          to={`/seeds/new?like=${seed.id}`}
                          leftSection={<IconCopy size={16} aria-hidden />}
                        >
                          {t('accounts.duplicate')}
                        </Menu.Item>
                      )}
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
        target={
          checking && {
            id: checking.id,
            name: checking.address,
            asked: {
              kind: checking.protocol,
              host: checking.host,
              port: checking.port,
              security: checking.security,
              user: checking.user,
            },
          }
        }
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
