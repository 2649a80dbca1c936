/** A watch as it goes on: what to put into the mail, where to send it, and what has been seen. A seed in which nothing was seen is just that: nobody knows that it was sent to. */
import { Button, Group, Skeleton, Text } from '@mantine/core';
import { IconDownload, IconEyeOff } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { WatchJson } from '../../../server/api/json/campaigns.ts';
import { campaignApi } from '../../campaign-api.ts';
import { Copy } from '../../components/copy.tsx';
import { Moment } from '../../components/moment.tsx';
import { OutcomeBadge } from '../../components/outcome.tsx';
import { Panel, Problem } from '../../components/page.tsx';
import { Rows } from '../../components/rows.tsx';
import { useFormat } from '../../language.ts';
import { useProviderName } from '../../presets.ts';
import './campaigns.css';

/** Beside the live line, in case it is lost. */
const ASK_AGAIN_MS = 5000;

/** @param folded what to send stands behind a line: a copy has been seen */
export function WatchCourse({ id, folded = false }: { id: string; folded?: boolean }) {
  const { t } = useTranslation();
  const watch = useQuery({
    queryKey: ['watches', id],
    queryFn: () => campaignApi.watches.read(id),
    refetchInterval: ({ state }) => (state.data?.state === 'open' ? ASK_AGAIN_MS : false),
  });
  if (watch.error && !watch.data) return <Problem error={watch.error} onRetry={() => void watch.refetch()} />;
  if (!watch.data) return <Skeleton height={360} radius="md" />;
  const data = watch.data;
  return (
    <>
      {folded ? (
        <details className="panel">
          <summary>{t('campaign.howToSend')}</summary>
          <HowToSend watch={data} />
        </details>
      ) : (
        <Panel title={t('campaign.howToSend')}>
          <HowToSend watch={data} />
        </Panel>
      )}
      <Seen watch={data} />
    </>
  );
}

function HowToSend({ watch }: { watch: WatchJson }) {
  const { t } = useTranslation();
  const { recognise, header, token, seedList, id, seedCount } = watch;
  return (
    <ol className="send-steps">
      <li>
        <Text fw={600}>{t(`campaign.step.${recognise.by}`)}</Text>
        {recognise.by === 'token' && header !== null && (
          <>
            <div className="token">
              <code className="mono" translate="no" style={{ flex: 1 }}>
                {header}
              </code>
              <Copy text={header} label={t('campaign.copyHeader')} />
            </div>
            <Text size="sm" c="dimmed">
              {t('campaign.orToken')} <code className="mono">{token}</code>{' '}
              {token !== null && <Copy text={token} label={t('campaign.copyToken')} />}
            </Text>
          </>
        )}
        {recognise.by === 'header' && (
          <div className="token">
            <code className="mono break" translate="no">
              {`${recognise.name}: ${recognise.value}`}
            </code>
          </div>
        )}
        {recognise.by === 'from' && (
          <div className="token">
            <span className="break">
              <bdi>{[recognise.from, ...(recognise.subject === undefined ? [] : [recognise.subject])].join(' · ')}</bdi>
            </span>
          </div>
        )}
      </li>
      <li>
        <Text fw={600}>{t('campaign.stepSend', { count: seedCount })}</Text>
        <Text size="sm" c="dimmed">
          {t('campaign.stepSendHint')}
        </Text>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
        <section className="seed-list" tabIndex={0} aria-label={t('campaign.seedList')} translate="no">
          {seedList}
        </section>
        <Group gap="xs">
          <Copy text={seedList} label={t('campaign.copyList')} shown={t('campaign.copyList')} />
          <Button
            component="a"
            href={campaignApi.watches.seedListPath(id)}
            download
            size="compact-sm"
            variant="default"
            leftSection={<IconDownload size={14} aria-hidden />}
          >
            {t('campaign.csv')}
          </Button>
        </Group>
      </li>
    </ol>
  );
}

function Seen({ watch }: { watch: WatchJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const client = useQueryClient();
  const providerName = useProviderName();
  const { seeds, seenCount, seedCount, state, closesAt, id } = watch;
  const stop = useMutation({
    mutationFn: () => campaignApi.watches.stop(id),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ['watches'] }),
        client.invalidateQueries({ queryKey: ['audits'] }),
        client.invalidateQueries({ queryKey: ['campaigns'] }),
      ]),
  });
  return (
    <Panel
      flush
      title={t('campaign.seenTitle')}
      note={
        state === 'open'
          ? t('campaign.watchedUntil', { time: `${format.dateTime(closesAt)} ${format.zoneName(closesAt)}` })
          : t('campaign.watchClosed', { time: format.dateTime(closesAt) })
      }
      actions={
        state === 'open' && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconEyeOff size={15} aria-hidden />}
            loading={stop.isPending}
            onClick={() => stop.mutate()}
          >
            {t('campaign.stopWatching')}
          </Button>
        )
      }
    >
      {stop.error && <Problem error={stop.error} />}
      <p className="panel-words" role="status">
        <strong>{t('campaign.seenOf', { seen: format.number(seenCount), all: format.number(seedCount) })}</strong>{' '}
        {seenCount < seedCount && <span className="dim">{t('campaign.whyNotSeen')}</span>}
      </p>
      <Rows
        label={t('campaign.seenTitle')}
        rows={seeds}
        rowKey={({ seedId }) => seedId}
        columns={[
          {
            key: 'seed',
            label: t('word.seed'),
            head: true,
            cell: ({ address, probeId, seen }) =>
              seen ? (
                <Link
                  to="/probes/$id"
                  params={{ id: probeId }}
                  search={{ audit: watch.auditId }}
                  className="break plain-link"
                >
                  {address}
                </Link>
              ) : (
                <span className="break">{address}</span>
              ),
          },
          { key: 'provider', label: t('word.provider'), cell: ({ provider }) => providerName(provider) },
          {
            key: 'seen',
            label: t('campaign.seen'),
            cell: ({ seen, placement }) =>
              seen && placement ? (
                <OutcomeBadge verdict={placement.kind} tab={placement.tab} />
              ) : (
                <span className="dim">{t(state === 'open' ? 'campaign.notSeenYet' : 'campaign.notSeen')}</span>
              ),
          },
          {
            key: 'when',
            label: t('run.seen'),
            cell: ({ seenAt }) => (seenAt === null ? <span className="dim">–</span> : <Moment at={seenAt} />),
          },
        ]}
      />
    </Panel>
  );
}
