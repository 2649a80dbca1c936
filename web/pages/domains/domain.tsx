/**
 * One sending domain: the verdict, then a card for each protocol with the record, what is wrong with it and what to publish instead; what large providers
 * ask for, what test mails showed, what changed.
 */
import { Button, Group, Menu, Skeleton, Text } from '@mantine/core';
import { IconPencil, IconPlayerPause, IconPlayerPlay, IconRefresh, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type ComponentType, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DomainDetailsJson } from '../../../server/api/json/domains.ts';
import { ApiError, api } from '../../api.ts';
import { Moment } from '../../components/moment.tsx';
import { notify } from '../../components/notices.tsx';
import { Empty, Page, Panel, Problem } from '../../components/page.tsx';
import { RowMenu } from '../../components/row-menu.tsx';
import { Status } from '../../components/status.tsx';
import { useFormat } from '../../language.ts';
import { Bimi } from './bimi.tsx';
import { Blocklists } from './blocklists.tsx';
import type { CardProps } from './card.tsx';
import { Checklist } from './checklist.tsx';
import { DeleteDomain } from './delete.tsx';
import { Dkim } from './dkim.tsx';
import { Dmarc } from './dmarc.tsx';
import { CHECKING_MS, useCheck, usePause } from './doing.ts';
import './domain.css';
import { History } from './history.tsx';
import { Known } from './known.tsx';
import { shownName } from './name.ts';
import { Protocols } from './progress.tsx';
import { Mx, Ptr } from './servers.tsx';
import { Spf } from './spf.tsx';
import { PROTOCOLS, type Protocol } from './standing.ts';
import { Dane, Dnssec, MtaSts, TlsRpt } from './transport.tsx';
import { Open, Verdict } from './verdict.tsx';
import { Witnesses } from './witnesses.tsx';
import { type DomainWords, useDomainWords } from './words.ts';

const route = getRouteApi('/inside/domains/$id');

const CARDS: Record<Protocol, ComponentType<CardProps>> = {
  spf: Spf,
  dkim: Dkim,
  dmarc: Dmarc,
  mx: Mx,
  ptr: Ptr,
  blocklists: Blocklists,
  'mta-sts': MtaSts,
  'tls-rpt': TlsRpt,
  dane: Dane,
  dnssec: Dnssec,
  bimi: Bimi,
};
/** These have much to show and take the whole width; the others stand in pairs. */
const WIDE = new Set<Protocol>(['spf', 'dkim', 'dmarc', 'blocklists']);

export function Domain() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const navigate = useNavigate();
  const domain = useQuery({
    queryKey: ['domains', id],
    queryFn: () => api.domains.read(id),
    refetchInterval: ({ state }) => (state.data?.checking ? CHECKING_MS : false),
    retry: (count, error) => !(error instanceof ApiError && error.code === 'not-found') && count < 3,
  });
  const { words, error: wordsError, refetch } = useDomainWords();
  const [deleting, setDeleting] = useState(false);
  const check = useCheck();
  const pause = usePause();
  const data = domain.data;
  const { name, ascii } = shownName(data?.name ?? '');
  const parents = [{ label: t('nav.domains'), to: '/domains' }];
  if (domain.error && !data)
    return (
      <Page title={t('domain.word')} parents={parents}>
        {domain.error instanceof ApiError && domain.error.code === 'not-found' ? (
          <Text>{t('domain.gone')}</Text>
        ) : (
          <Problem error={domain.error} onRetry={() => void domain.refetch()} />
        )}
      </Page>
    );
  return (
    <Page
      title={data ? name : t('domain.word')}
      parents={parents}
      lead={data ? <Plan domain={data} ascii={ascii} /> : <Skeleton height={22} width={320} maw="100%" />}
      actions={
        data && (
          <Group gap="xs" wrap="nowrap" className="domain-actions">
            <Button
              leftSection={<IconRefresh size={16} aria-hidden />}
              loading={data.checking || check.isPending}
              onClick={() =>
                check.mutate(id, {
                  onSuccess: ({ checking }) => checking && void notify(t('domain.stillWorking')),
                })
              }
            >
              {t('domain.checkNow')}
            </Button>
            <Button
              component={Link}
              to={`/domains/${id}/edit`}
              variant="default"
              leftSection={<IconPencil size={16} aria-hidden />}
            >
              {t('action.edit')}
            </Button>
            <RowMenu name={name}>
              <Menu.Item
                leftSection={
                  data.pausedAt ? <IconPlayerPlay size={16} aria-hidden /> : <IconPlayerPause size={16} aria-hidden />
                }
                onClick={() => pause.mutate(data)}
              >
                {data.pausedAt ? t('action.resume') : t('action.pause')}
              </Menu.Item>
              <Menu.Item
                color="var(--mantine-color-error)"
                leftSection={<IconTrash size={16} aria-hidden />}
                onClick={() => setDeleting(true)}
              >
                {t('action.delete')}
              </Menu.Item>
            </RowMenu>
          </Group>
        )
      }
    >
      {check.error && <Problem error={check.error} onRetry={() => check.mutate(id)} />}
      {pause.error && <Problem error={pause.error} />}
      {wordsError !== null && words === null && <Problem error={wordsError} onRetry={refetch} />}
      {data === undefined || words === null ? (
        !wordsError && <Shapes />
      ) : (
        <>
          <Found domain={data} words={words} checking={data.checking || check.isPending} />
          <History id={id} />
          <Known domain={data} />
        </>
      )}
      <DeleteDomain
        domain={deleting && data ? data : null}
        onClose={() => setDeleting(false)}
        onDeleted={() => navigate({ to: '/domains' })}
      />
    </Page>
  );
}

function Found({ domain, words, checking }: { domain: DomainDetailsJson; words: DomainWords; checking: boolean }) {
  const { t } = useTranslation();
  const { check } = domain;
  if (check === null)
    return domain.pausedAt !== null && !domain.checking ? (
      <section className="panel">
        <Empty title={t('domain.notChecked')}>{t('domain.notCheckedMeaning')}</Empty>
      </section>
    ) : (
      <>
        <section className="verdict">
          <div>
            <Text size="lg" fw={650}>
              {t('domain.firstCheck')}
            </Text>
            <Text>{t('domain.firstCheckMeaning')}</Text>
          </div>
        </section>
        <Panel title={t('domain.protocols')}>
          <Protocols domain={domain} checking />
        </Panel>
        <Skeleton height={240} radius="md" />
      </>
    );
  const cards = (wide: boolean) =>
    PROTOCOLS.filter((protocol) => WIDE.has(protocol) === wide).map((protocol) => {
      const ProtocolCard = CARDS[protocol];
      return <ProtocolCard key={protocol} domain={domain} check={check} words={words} />;
    });
  return (
    <>
      <Verdict domain={domain} check={check} words={words} />
      <Open check={check} words={words} />
      <Panel title={t('domain.protocols')}>
        <Protocols domain={domain} checking={checking} />
      </Panel>
      {cards(true)}
      <div className="two protocol-pairs">{cards(false)}</div>
      <Checklist
        checklist={domain.checklist}
        note={t('domain.checklist.note')}
        requirement={words.requirement}
        more={(id) => {
          const finding = domain.check?.findings.find((one) => one.id === id);
          return finding
            ? { href: `#${finding.protocol}`, title: words.finding(finding.id, finding.evidence).title }
            : null;
        }}
      />
      <Witnesses domain={domain} />
    </>
  );
}

/** Where things will be. */
function Shapes() {
  return (
    <>
      <Skeleton height={132} radius="md" />
      <Skeleton height={176} radius="md" />
      <Skeleton height={320} radius="md" />
    </>
  );
}

function Plan({ domain, ascii }: { domain: DomainDetailsJson; ascii: string | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <>
      {ascii !== null && <div className="mono dim">{t('domain.idn', { name: ascii })}</div>}
      {domain.pausedAt !== null && <Status kind="paused">{t('state.paused')}</Status>}{' '}
      {domain.checking ? (
        t('domain.checking')
      ) : domain.checkedAt === null ? (
        t('domain.never')
      ) : (
        <>
          {t('domain.column.checked')} <Moment at={domain.checkedAt} />
          {' · '}
          {domain.nextCheckAt === null
            ? t('domain.noNext')
            : t('domain.next', { time: format.relative(domain.nextCheckAt, Date.now()) })}
        </>
      )}
      {domain.pausedAt !== null && domain.checkedAt !== null && (
        <Text size="sm" c="dimmed">
          {t('domain.pausedNote')}
        </Text>
      )}
    </>
  );
}
