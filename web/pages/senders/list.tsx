/** The identities mail is sent under, how each is doing, and how much of its day is used up; and the same done to many. */
import { Anchor, Button, Group, Menu } from '@mantine/core';
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
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { SenderJson } from '../../../server/api/json/senders.ts';
import { SENDERS } from '../../accounts.ts';
import { api } from '../../api.ts';
import { base } from '../../base.ts';
import { AccountButtons, FirstAccountButtons } from '../../components/account-buttons.tsx';
import { CheckModal } from '../../components/check-modal.tsx';
import { SenderCheckStory } from '../../components/check-story.tsx';
import { ConfirmDelete } from '../../components/confirm.tsx';
import { finds } from '../../components/finds.ts';
import { Empty, Page, Problem, RowsSkeleton } from '../../components/page.tsx';
import { RowMenu } from '../../components/row-menu.tsx';
import { Rows } from '../../components/rows.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { Selection, useChosen } from '../../components/selection.tsx';
import { Status } from '../../components/status.tsx';
import { worksAsSender } from '../../guide.ts';
import { UnseenBounces } from './bounces.tsx';
import { Budget } from './budget.tsx';
import { SenderState } from './state.tsx';

const route = getRouteApi('/inside/senders');

export function Senders() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { search = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const senders = useQuery({ queryKey: ['senders'], queryFn: api.senders.list });
  const monitors = useQuery({ queryKey: ['monitors'], queryFn: api.monitors.list });
  const seeds = useQuery({ queryKey: ['seeds'], queryFn: api.seeds.list });
  const [checking, setChecking] = useState<SenderJson | null>(null);
  const [deleting, setDeleting] = useState<SenderJson | null>(null);
  const fresh = () => client.invalidateQueries({ queryKey: ['senders'] });
  const pause = useMutation({
    mutationFn: (sender: SenderJson) =>
      api.senders.change(sender.id, sender.held ? { held: false } : { paused: sender.pausedAt === null }),
    onSettled: fresh,
  });
  const all = senders.data ?? [];
  const shown = all.filter((sender) =>
    finds(search, [sender.name, sender.fromAddress, sender.fromName, sender.smtp.host]),
  );
  const users = (sender: SenderJson | null): string[] =>
    (monitors.data ?? []).filter((monitor) => monitor.senderId === sender?.id).map((monitor) => monitor.name);
  const chosen = useChosen(shown, SENDERS.nameOf);

  return (
    <Page
      title={t('nav.senders')}
      lead={
        <>
          {t('sender.lead')}
          {all.length > 1 && <Standings senders={all} />}
        </>
      }
      actions={<AccountButtons of={SENDERS} any={all.length > 0} />}
    >
      {senders.error && <Problem error={senders.error} onRetry={() => void senders.refetch()} />}
      {pause.error && <Problem error={pause.error} />}
      {all.length > 0 && (
        <Group gap="xs" className="filters">
          <SearchField
            label={t('sender.search')}
            value={search}
            onChange={(value) => void navigate({ search: { search: value || undefined }, replace: true })}
          />
        </Group>
      )}
      <section className="panel flush">
        {chosen.items.length > 0 && (
          <Selection of={SENDERS} chosen={chosen} all={shown.length} destroys={[t('seed.keeps')]} usersOf={users} />
        )}
        {senders.isPending ? (
          <RowsSkeleton />
        ) : all.length === 0 ? (
          <Empty title={t('sender.none')} action={<FirstAccountButtons of={SENDERS} />}>
            {t('sender.noneMeaning')}
          </Empty>
        ) : shown.length === 0 ? (
          <Empty title={t('list.nothingFound')}>{t('list.nothingFoundMeaning', { search })}</Empty>
        ) : (
          <Rows
            label={t('nav.senders')}
            rows={shown}
            rowKey={(sender) => sender.id}
            columns={[
              chosen.column,
              {
                key: 'name',
                label: t('word.name'),
                head: true,
                cell: (sender) => (
                  <>
                    <Anchor component={Link} to={`/senders/${sender.id}`} c="inherit" inherit className="break">
                      {sender.name}
                    </Anchor>
                    <div className="dim break">{sender.fromAddress}</div>
                  </>
                ),
              },
              {
                key: 'host',
                label: t('sender.server'),
                cell: (sender) => <span className="break">{`${sender.smtp.host}:${sender.smtp.port}`}</span>,
              },
              { key: 'state', label: t('word.state'), cell: (sender) => <SenderState sender={sender} /> },
              {
                key: 'budget',
                label: t('sender.budget'),
                cell: (sender) => <Budget sender={sender} />,
              },
              {
                key: 'actions',
                label: t('action.actions'),
                bare: true,
                cell: (sender) => (
                  <Group gap={4} justify="flex-end" wrap="nowrap" display="inline-flex">
                    <Button
                      size="xs"
                      variant="default"
                      leftSection={<IconPlugConnected size={15} aria-hidden />}
                      onClick={() => setChecking(sender)}
                    >
                      {t('check.action')}
                    </Button>
                    <RowMenu name={sender.name}>
                      <Menu.Item
                        component={Link}
                        to={`/senders/${sender.id}`}
                        leftSection={<IconPencil size={16} aria-hidden />}
                      >
                        {t('action.edit')}
                      </Menu.Item>
                      {base === '' && (
                        <Menu.Item
                          component={Link}
                          to={`/senders/new?like=${sender.id}`}
                          leftSection={<IconCopy size={16} aria-hidden />}
                        >
                          {t('accounts.duplicate')}
                        </Menu.Item>
                      )}
                      <Menu.Item
                        leftSection={
                          sender.pausedAt || sender.held ? (
                            <IconPlayerPlay size={16} aria-hidden />
                          ) : (
                            <IconPlayerPause size={16} aria-hidden />
                          )
                        }
                        onClick={() => pause.mutate(sender)}
                      >
                        {sender.pausedAt || sender.held ? t('action.resume') : t('action.pause')}
                      </Menu.Item>
                      <Menu.Item
                        color="var(--mantine-color-error)"
                        leftSection={<IconTrash size={16} aria-hidden />}
                        onClick={() => setDeleting(sender)}
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
      {seeds.data && all.length > 0 && <UnseenBounces senders={all} seeds={seeds.data} />}
      <CheckModal
        target={
          checking && {
            id: checking.id,
            name: checking.name,
            asked: { kind: 'smtp', ...checking.smtp },
          }
        }
        check={api.senders.check}
        story={(check) => <SenderCheckStory check={check} />}
        onClose={() => setChecking(null)}
        onDone={() => void fresh()}
      />
      <ConfirmDelete
        opened={deleting !== null}
        title={t('sender.delete', { name: deleting?.name ?? '' })}
        name={deleting?.name ?? ''}
        blocked={users(deleting).length > 0 ? t('sender.inUse') : undefined}
        destroys={
          users(deleting).length > 0
            ? users(deleting)
            : [t('sender.destroys', { address: deleting?.fromAddress ?? '' }), t('seed.keeps')]
        }
        action={t('action.delete')}
        onClose={() => setDeleting(null)}
        onConfirm={async () => {
          if (deleting) await api.senders.remove(deleting.id);
          await fresh();
        }}
      />
    </Page>
  );
}

/** How they are doing, all together. */
function Standings({ senders }: { senders: readonly SenderJson[] }) {
  const { t } = useTranslation();
  const paused = senders.filter((sender) => sender.pausedAt !== null);
  const held = senders.filter((sender) => sender.pausedAt === null && sender.held !== null);
  const rest = senders.filter((sender) => sender.pausedAt === null && sender.held === null);
  const unchecked = rest.filter((sender) => sender.check === null);
  const working = rest.filter(worksAsSender);
  const failing = rest.length - working.length - unchecked.length;
  return (
    <Group gap={6} mt="xs" role="group" aria-label={t('accounts.standing')}>
      {working.length > 0 && <Status kind="good">{t('accounts.working', { count: working.length })}</Status>}
      {failing > 0 && <Status kind="bad">{t('accounts.failing', { count: failing })}</Status>}
      {held.length > 0 && <Status kind="bad">{t('accounts.held', { count: held.length })}</Status>}
      {unchecked.length > 0 && <Status kind="none">{t('accounts.unchecked', { count: unchecked.length })}</Status>}
      {paused.length > 0 && <Status kind="paused">{t('accounts.paused', { count: paused.length })}</Status>}
    </Group>
  );
}
