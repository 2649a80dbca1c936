/** One campaign: how it stands now, each audit it had, and what can be done next. */
import { Anchor, Button, Menu, Skeleton, Text } from '@mantine/core';
import { IconDownload, IconEye, IconPencil, IconRefresh, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditItemJson } from '../../../server/api/json/audits.ts';
import type { CampaignJson } from '../../../server/api/json/campaigns.ts';
import { campaignApi } from '../../campaign-api.ts';
import { visible } from '../../components/invisible.ts';
import { Moment } from '../../components/moment.tsx';
import { Empty, Page, Panel, Problem } from '../../components/page.tsx';
import { RowMenu } from '../../components/row-menu.tsx';
import { Rows } from '../../components/rows.tsx';
import { Status } from '../../components/status.tsx';
import { useFormat } from '../../language.ts';
import './campaigns.css';
import { DeleteCampaign } from './delete.tsx';
import { useAuditAgain, useAuditNewer } from './doing.ts';
import { DropZone } from './drop-zone.tsx';
import { PolicyPanel } from './policy-panel.tsx';
import { PlacementLine, ScoreLine, VerdictBadge } from './state.tsx';

const route = getRouteApi('/inside/campaigns/$id');

export function Campaign() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const campaign = useQuery({ queryKey: ['campaigns', id], queryFn: () => campaignApi.campaigns.read(id) });
  const data = campaign.data;
  const parents = [{ label: t('nav.campaigns'), to: '/campaigns' }];
  if (!data)
    return (
      <Page title={t('campaign.title')} parents={parents}>
        {campaign.error ? (
          <Problem error={campaign.error} onRetry={() => void campaign.refetch()} />
        ) : (
          <>
            <Skeleton height={180} radius="md" />
            <Skeleton height={220} radius="md" />
          </>
        )}
      </Page>
    );
  return (
    <Page
      title={visible(data.name)}
      parents={parents}
      lead={<Lead campaign={data} />}
      actions={<Actions campaign={data} />}
    >
      <Audits campaign={data} />
      {data.source === 'file' && <Newer campaign={data} />}
      <PolicyPanel campaign={data} />
      {data.watches.length > 0 && <Watches campaign={data} />}
    </Page>
  );
}

function Lead({ campaign: { source, from, fromName, subject, size } }: { campaign: CampaignJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const parts = [
    t(`campaign.sourceIs.${source}`),
    ...(subject === null ? [] : [visible(subject)]),
    ...(from === null ? [] : [visible(fromName ? `${fromName} <${from}>` : from)]),
    ...(size === null ? [] : [format.bytes(size)]),
  ];
  return <span className="dim break">{parts.join(' · ')}</span>;
}

function Actions({ campaign }: { campaign: CampaignJson }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const again = useAuditAgain(campaign.id);
  const { id, name, source, size } = campaign;
  return (
    <>
      {size !== null && (
        <Button
          size="xs"
          leftSection={<IconRefresh size={16} aria-hidden />}
          loading={again.isPending}
          onClick={() => again.mutate({})}
        >
          {t('audit.again')}
        </Button>
      )}
      {source === 'draft' && (
        <Button
          component={Link}
          to={`/campaigns/${id}/draft`}
          size="xs"
          variant="default"
          leftSection={<IconPencil size={16} aria-hidden />}
        >
          {t('action.edit')}
        </Button>
      )}
      <RowMenu name={name}>
        <Menu.Item
          component={Link}
          to={`/campaigns/watch?campaign=${id}`}
          leftSection={<IconEye size={16} aria-hidden />}
        >
          {t('campaign.watchIt')}
        </Menu.Item>
        {size !== null && (
          <Menu.Item
            component="a"
            href={campaignApi.campaigns.messagePath(id)}
            download
            leftSection={<IconDownload size={16} aria-hidden />}
          >
            {t('campaign.downloadMail')}
          </Menu.Item>
        )}
        <Menu.Item
          color="var(--mantine-color-error)"
          leftSection={<IconTrash size={16} aria-hidden />}
          onClick={() => setDeleting(true)}
        >
          {t('action.delete')}
        </Menu.Item>
      </RowMenu>
      {again.error && <Problem error={again.error} />}
      <DeleteCampaign
        campaign={deleting ? campaign : null}
        onClose={() => setDeleting(false)}
        onDeleted={() => void navigate({ to: '/campaigns' })}
      />
    </>
  );
}

function Audits({ campaign }: { campaign: CampaignJson }) {
  const { t } = useTranslation();
  const { audits } = campaign;
  if (audits.length === 0)
    return (
      <section className="panel">
        <Empty title={t('campaign.notAudited')}>{t('campaign.notAuditedMeaning')}</Empty>
      </section>
    );
  return (
    <Panel title={t('campaign.auditsTitle')} note={t('campaign.auditsNote')} flush>
      <Rows<AuditItemJson>
        label={t('campaign.auditsTitle')}
        rows={audits}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'when',
            label: t('campaign.when'),
            head: true,
            cell: ({ id, createdAt }) => (
              <Anchor component={Link} to={`/audits/${id}`} c="inherit" inherit>
                <Moment at={createdAt} exact />
              </Anchor>
            ),
          },
          {
            key: 'verdict',
            label: t('audit.verdict'),
            cell: (audit) => (
              <>
                <VerdictBadge audit={audit} />
                <ScoreLine audit={audit} />
              </>
            ),
          },
          { key: 'placement', label: t('campaign.placement'), cell: (audit) => <PlacementLine audit={audit} /> },
          {
            key: 'compare',
            label: t('action.actions'),
            bare: true,
            cell: ({ id }) => {
              const before = audits[audits.findIndex((one) => one.id === id) + 1];
              return before === undefined ? null : (
                <Button component={Link} to={`/audits/${id}?with=${before.id}`} size="xs" variant="default">
                  {t('campaign.compare')}
                </Button>
              );
            },
          },
        ]}
      />
    </Panel>
  );
}

function Newer({ campaign }: { campaign: CampaignJson }) {
  const { t } = useTranslation();
  const newer = useAuditNewer(campaign.id);
  return (
    <Panel title={t('campaign.newer')} note={t('campaign.newerNote')}>
      <DropZone label={t('campaign.chooseFile')} busy={newer.isPending} onFile={(file) => newer.mutate(file)} />
      {newer.error && <Problem error={newer.error} />}
    </Panel>
  );
}

function Watches({ campaign: { watches } }: { campaign: CampaignJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Panel title={t('campaign.watches')} flush>
      <Rows
        label={t('campaign.watches')}
        rows={watches}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'when',
            label: t('campaign.watchedFrom'),
            head: true,
            cell: ({ auditId, opensAt }) => (
              <Anchor component={Link} to={`/audits/${auditId}`} c="inherit" inherit>
                <Moment at={opensAt} exact />
              </Anchor>
            ),
          },
          {
            key: 'state',
            label: t('word.state'),
            cell: ({ state, closesAt }) => (
              <>
                <Status kind={state === 'open' ? 'good' : 'none'}>{t(`campaign.watchState.${state}`)}</Status>
                <Text size="xs" c="dimmed">
                  {t('campaign.until', { time: format.dateTime(closesAt) })}
                </Text>
              </>
            ),
          },
          {
            key: 'seen',
            label: t('campaign.seen'),
            cell: ({ seenCount, seedCount }) =>
              t('campaign.seenOf', { seen: format.number(seenCount), all: format.number(seedCount) }),
          },
        ]}
      />
    </Panel>
  );
}
