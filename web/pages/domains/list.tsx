/** The domains mail is sent from: how each stands, since when, and what of it. Those of the senders that nobody watches yet are offered. */
import { Anchor, Button, Group, Menu, Text } from '@mantine/core';
import { IconPencil, IconPlayerPause, IconPlayerPlay, IconPlus, IconRefresh, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DomainJson } from '../../../server/api/json/domains.ts';
import { api } from '../../api.ts';
import { finds } from '../../components/finds.ts';
import { Moment, Since } from '../../components/moment.tsx';
import { Empty, Page, Panel, Problem, RowsSkeleton } from '../../components/page.tsx';
import { RowMenu } from '../../components/row-menu.tsx';
import { Rows } from '../../components/rows.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { StandingBadge, useStandingWords } from '../../components/standing-badge.tsx';
import { Status } from '../../components/status.tsx';
import { useFormat } from '../../language.ts';
import { DeleteDomain } from './delete.tsx';
import { CHECKING_MS, useCheck, usePause, useWatch } from './doing.ts';
import './domain.css';
import { shownName } from './name.ts';
import { ProtocolChips, useCountWords } from './state.tsx';
import { unwatchedOf } from './unwatched.ts';

const route = getRouteApi('/inside/domains');

export function Domains() {
  const { t } = useTranslation();
  const standing = useStandingWords();
  const { search = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const domains = useQuery({
    queryKey: ['domains'],
    queryFn: api.domains.list,
    refetchInterval: ({ state }) => (state.data?.some(({ checking }) => checking) ? CHECKING_MS : false),
  });
  const senders = useQuery({ queryKey: ['senders'], queryFn: api.senders.list });
  const [deleting, setDeleting] = useState<DomainJson | null>(null);
  const check = useCheck();
  const pause = usePause();
  const watch = useWatch();
  const all = domains.data ?? [];
  const shown = all.filter(({ name, state }) =>
    finds(search, [name, shownName(name).name, standing(state ?? 'unknown')]),
  );
  const unwatched = domains.data && senders.data ? unwatchedOf(senders.data, all) : [];
  const offers = unwatched.length > 0 && (
    <ul className="domain-offers">
      {unwatched.map((one) => (
        <li key={one.name}>
          <Button
            variant={all.length === 0 ? 'filled' : 'default'}
            leftSection={<IconPlus size={16} aria-hidden />}
            loading={watch.isPending && watch.variables.name === one.name}
            onClick={() => watch.mutate({ name: one.name })}
          >
            {t('domain.watch', { name: shownName(one.name).name })}
          </Button>
          <span className="dim break">{t('domain.of', { senders: one.senders.join(t('check.join')) })}</span>
        </li>
      ))}
    </ul>
  );
  return (
    <Page
      title={t('nav.domains')}
      lead={
        <>
          {t('domain.lead')}
          {all.length > 1 && <Standings domains={all} />}
        </>
      }
      actions={
        <Button component={Link} to="/domains/new" leftSection={<IconPlus size={16} aria-hidden />}>
          {t('domain.add')}
        </Button>
      }
    >
      {domains.error && <Problem error={domains.error} onRetry={() => void domains.refetch()} />}
      {[check, pause, watch].map(
        ({ error }, at) =>
          // biome-ignore lint/suspicious/noArrayIndexKey: three acts, always in this order
          error && <Problem key={at} error={error} />,
      )}
      {all.length > 0 && (
        <SearchField
          label={t('domain.search')}
          value={search}
          onChange={(value) => void navigate({ search: { search: value || undefined }, replace: true })}
        />
      )}
      {domains.isPending ? (
        <section className="panel flush">
          <RowsSkeleton />
        </section>
      ) : all.length === 0 ? (
        domains.error ? null : (
          <section className="panel">
            <Empty
              title={t('domain.none')}
              action={
                offers || (
                  <Button component={Link} to="/domains/new" mt="xs">
                    {t('domain.add')}
                  </Button>
                )
              }
            >
              {t('domain.noneMeaning')}
            </Empty>
          </section>
        )
      ) : (
        <section className="panel flush">
          {shown.length === 0 ? (
            <Empty title={t('list.nothingFound')}>{t('list.nothingFoundMeaning', { search })}</Empty>
          ) : (
            <Rows
              label={t('nav.domains')}
              rows={shown}
              rowKey={({ id }) => id}
              columns={[
                { key: 'name', label: t('word.name'), head: true, cell: (domain) => <Name domain={domain} /> },
                { key: 'state', label: t('word.state'), cell: (domain) => <State domain={domain} /> },
                {
                  key: 'protocols',
                  label: t('domain.column.protocols'),
                  cell: (domain) => <ProtocolChips domain={domain} />,
                },
                { key: 'checked', label: t('domain.column.checked'), cell: (domain) => <Checked domain={domain} /> },
                {
                  key: 'actions',
                  label: t('action.actions'),
                  bare: true,
                  cell: (domain) => (
                    <Group gap={4} justify="flex-end" wrap="nowrap" display="inline-flex">
                      <Button
                        size="xs"
                        variant="default"
                        leftSection={<IconRefresh size={15} aria-hidden />}
                        loading={domain.checking || (check.isPending && check.variables === domain.id)}
                        aria-label={t('domain.checkNowOf', { name: shownName(domain.name).name })}
                        onClick={() => check.mutate(domain.id)}
                      >
                        {t('domain.checkNow')}
                      </Button>
                      <RowMenu name={shownName(domain.name).name}>
                        <Menu.Item
                          component={Link}
                          to={`/domains/${domain.id}/edit`}
                          leftSection={<IconPencil size={16} aria-hidden />}
                        >
                          {t('action.edit')}
                        </Menu.Item>
                        <Menu.Item
                          leftSection={
                            domain.pausedAt ? (
                              <IconPlayerPlay size={16} aria-hidden />
                            ) : (
                              <IconPlayerPause size={16} aria-hidden />
                            )
                          }
                          onClick={() => pause.mutate(domain)}
                        >
                          {domain.pausedAt ? t('action.resume') : t('action.pause')}
                        </Menu.Item>
                        <Menu.Item
                          color="var(--mantine-color-error)"
                          leftSection={<IconTrash size={16} aria-hidden />}
                          onClick={() => setDeleting(domain)}
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
      )}
      {all.length > 0 && offers && (
        <Panel title={t('domain.unwatched')} note={t('domain.unwatchedNote')}>
          {offers}
        </Panel>
      )}
      <DeleteDomain domain={deleting} onClose={() => setDeleting(null)} />
    </Page>
  );
}

function Name({ domain }: { domain: DomainJson }) {
  const { t } = useTranslation();
  const { name, ascii } = shownName(domain.name);
  return (
    <>
      <Anchor component={Link} to={`/domains/${domain.id}`} c="inherit" inherit className="break">
        {name}
      </Anchor>
      {ascii && <div className="dim break">{t('domain.idn', { name: ascii })}</div>}
    </>
  );
}

function State({ domain }: { domain: DomainJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const counts = useCountWords();
  const { state, since, checkedAt, uncheckedSince, pausedAt, checking } = domain;
  return (
    <>
      <Group gap={4}>
        {checkedAt === null && checking ? (
          <Status kind="none">{t('domain.checking')}</Status>
        ) : (
          <StandingBadge standing={state ?? 'unknown'} />
        )}
        {pausedAt !== null && <Status kind="paused">{t('state.paused')}</Status>}
      </Group>
      {since !== null && (
        <Text size="xs" c="dimmed">
          <Since at={since} />
          {state !== 'fine' && ` · ${counts(domain.counts).join(t('check.join'))}`}
        </Text>
      )}
      {uncheckedSince !== null && (
        <Text size="xs" c="dimmed">
          {t('domain.uncheckedSince', { time: format.dateTime(uncheckedSince) })}
        </Text>
      )}
    </>
  );
}

function Checked({ domain }: { domain: DomainJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (domain.checking) return <span className="dim">{t('domain.checking')}</span>;
  if (domain.checkedAt === null) return <span className="dim">{t('domain.never')}</span>;
  return (
    <div className="domain-checked">
      <Moment at={domain.checkedAt} />
      <Text size="xs" c="dimmed">
        {domain.nextCheckAt === null
          ? t('domain.noNext')
          : t('domain.next', { time: format.relative(domain.nextCheckAt, Date.now()) })}
      </Text>
    </div>
  );
}

/** How they are doing, all together. */
function Standings({ domains }: { domains: readonly DomainJson[] }) {
  const { t } = useTranslation();
  const states = Map.groupBy(domains, ({ state }) => state ?? 'unknown');
  return (
    <Group gap={12} mt="xs" role="group" aria-label={t('domain.standings')}>
      {(['critical', 'high', 'medium', 'low', 'fine', 'unknown'] as const).map((state) => {
        const count = states.get(state)?.length ?? 0;
        return (
          count > 0 && (
            <Group key={state} gap={6} wrap="nowrap">
              <StandingBadge standing={state} />
              <span>{t('domain.allCount', { count })}</span>
            </Group>
          )
        );
      })}
    </Group>
  );
}
