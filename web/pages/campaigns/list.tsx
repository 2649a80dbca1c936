/** Mails that are about to be sent: three ways in, and how each stands. */
import { Anchor, Button, Group, Menu, Text } from '@mantine/core';
import { IconEye, IconPencil, IconTrash } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CampaignItemJson } from '../../../server/api/json/campaigns.ts';
import { campaignApi } from '../../campaign-api.ts';
import { visible } from '../../components/invisible.ts';
import { Moment } from '../../components/moment.tsx';
import { Empty, Page, Problem, RowsSkeleton } from '../../components/page.tsx';
import { RowMenu } from '../../components/row-menu.tsx';
import { type Column, Rows } from '../../components/rows.tsx';
import { SearchField } from '../../components/search-field.tsx';
import './campaigns.css';
import { DeleteCampaign } from './delete.tsx';
import { useAuditFile } from './doing.ts';
import { DropZone } from './drop-zone.tsx';
import { PolicyChoice } from './policy-choice.tsx';
import type { Policy } from './policy-values.ts';
import { PlacementLine, ScoreLine, VerdictBadge } from './state.tsx';

const route = getRouteApi('/inside/campaigns');

export function Campaigns() {
  const { t } = useTranslation();
  const { search } = route.useSearch();
  const navigate = route.useNavigate();
  const campaigns = useInfiniteQuery({
    queryKey: ['campaigns', 'list', search ?? null],
    queryFn: ({ pageParam }) => campaignApi.campaigns.list({ search, cursor: pageParam, limit: 50 }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });
  const [deleting, setDeleting] = useState<CampaignItemJson | null>(null);
  const upload = useAuditFile();
  const [policy, setPolicy] = useState<Policy | null>(null);
  const items = campaigns.data?.pages.flatMap((page) => page.items) ?? [];
  const some = items.length > 0 || search !== undefined;
  const columns: Column<CampaignItemJson>[] = [
    { key: 'name', label: t('word.name'), head: true, cell: (campaign) => <Name campaign={campaign} /> },
    { key: 'source', label: t('campaign.source'), cell: ({ source }) => t(`campaign.sourceIs.${source}`) },
    {
      key: 'verdict',
      label: t('campaign.lastVerdict'),
      cell: ({ audit }) =>
        audit === null ? (
          <span className="dim">{t('campaign.notAudited')}</span>
        ) : (
          <>
            <VerdictBadge audit={audit} />
            <ScoreLine audit={audit} />
          </>
        ),
    },
    { key: 'placement', label: t('campaign.placement'), cell: ({ audit }) => <PlacementLine audit={audit} /> },
    {
      key: 'when',
      label: t('campaign.when'),
      cell: ({ audit, createdAt }) => (
        <span className="unbroken">
          <Moment at={audit?.createdAt ?? createdAt} />
        </span>
      ),
    },
    {
      key: 'actions',
      label: t('action.actions'),
      bare: true,
      cell: (campaign) => (
        <Group gap={4} justify="flex-end" wrap="nowrap" display="inline-flex">
          <Button
            component={Link}
            to={campaign.audit === null ? `/campaigns/${campaign.id}` : `/audits/${campaign.audit.id}`}
            size="xs"
            variant="default"
            aria-label={t('campaign.openOf', { name: campaign.name })}
          >
            {t('campaign.open')}
          </Button>
          <RowMenu name={campaign.name}>
            {campaign.source === 'draft' && (
              <Menu.Item
                component={Link}
                to={`/campaigns/${campaign.id}/draft`}
                leftSection={<IconPencil size={16} aria-hidden />}
              >
                {t('action.edit')}
              </Menu.Item>
            )}
            <Menu.Item
              component={Link}
              to={`/campaigns/watch?campaign=${campaign.id}`}
              leftSection={<IconEye size={16} aria-hidden />}
            >
              {t('campaign.watchIt')}
            </Menu.Item>
            <Menu.Item
              color="var(--mantine-color-error)"
              leftSection={<IconTrash size={16} aria-hidden />}
              onClick={() => setDeleting(campaign)}
            >
              {t('action.delete')}
            </Menu.Item>
          </RowMenu>
        </Group>
      ),
    },
  ];
  return (
    <Page title={t('nav.campaigns')} lead={t('campaign.lead')}>
      <section className="ways-in" aria-label={t('campaign.waysIn')}>
        <DropZone
          label={t('campaign.chooseFile')}
          busy={upload.isPending}
          onFile={(file, name) => upload.mutate({ file, name, policy })}
        />
        <Way to="/campaigns/draft" title={t('campaign.draft')} icon={<IconPencil size={22} aria-hidden />}>
          {t('campaign.draftHint')}
        </Way>
        <Way to="/campaigns/watch" title={t('campaign.youSend')} icon={<IconEye size={22} aria-hidden />}>
          {t('campaign.youSendHint')}
        </Way>
      </section>
      <PolicyChoice value={policy} onChange={setPolicy} />
      {upload.error && <Problem error={upload.error} />}
      {campaigns.error && <Problem error={campaigns.error} onRetry={() => void campaigns.refetch()} />}
      {some && (
        <SearchField
          label={t('campaign.search')}
          value={search ?? ''}
          onChange={(value) => void navigate({ search: { search: value || undefined }, replace: true })}
        />
      )}
      {(!campaigns.error || items.length > 0) && (
        <section className="panel flush" aria-busy={campaigns.isPlaceholderData}>
          {campaigns.isPending ? (
            <RowsSkeleton />
          ) : items.length > 0 ? (
            <Rows label={t('nav.campaigns')} columns={columns} rows={items} rowKey={({ id }) => id} />
          ) : search !== undefined ? (
            <Empty title={t('list.nothingFound')}>{t('list.nothingFoundMeaning', { search })}</Empty>
          ) : (
            <Empty title={t('campaign.none')}>{t('campaign.noneMeaning')}</Empty>
          )}
        </section>
      )}
      {campaigns.hasNextPage && (
        <Group justify="center">
          <Button
            variant="default"
            loading={campaigns.isFetchingNextPage}
            onClick={() => void campaigns.fetchNextPage()}
          >
            {t('action.more')}
          </Button>
        </Group>
      )}
      <DeleteCampaign campaign={deleting} onClose={() => setDeleting(null)} />
    </Page>
  );
}

function Way({
  to,
  title,
  icon,
  children,
}: {
  to: '/campaigns/draft' | '/campaigns/watch';
  title: string;
  icon: React.ReactNode;
  children: string;
}) {
  return (
    <Link to={to} className="way-in">
      {icon}
      <span>
        <strong>{title}</strong>
        <Text size="sm" c="dimmed">
          {children}
        </Text>
      </span>
    </Link>
  );
}

function Name({ campaign }: { campaign: CampaignItemJson }) {
  const { t } = useTranslation();
  const { id, name, subject, from, auditCount } = campaign;
  return (
    <>
      <Anchor component={Link} to={`/campaigns/${id}`} c="inherit" inherit className="break">
        <bdi>{visible(name)}</bdi>
      </Anchor>
      <div className="dim break">
        {subject !== null && subject !== name ? (
          <bdi>{visible(subject)}</bdi>
        ) : from !== null ? (
          <bdi>{visible(from)}</bdi>
        ) : (
          t('campaign.noMailYet')
        )}
        {auditCount > 1 && ` · ${t('campaign.audits', { count: auditCount })}`}
      </div>
    </>
  );
}
