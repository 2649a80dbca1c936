/**
 * An audit: may this mail go? The verdict stands on top; beneath it what was found, with each place in the mail; then where it landed, who signed it, its links, what filters
 * say, and how to hand all of it on. While it runs the page fills in by itself.
 */
import { Anchor, Button, Skeleton } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditJson, AuditResultJson } from '../../../server/api/json/audits.ts';
import { campaignApi } from '../../campaign-api.ts';
import { Moment } from '../../components/moment.tsx';
import { Page, Panel, Problem } from '../../components/page.tsx';
import { useFormat } from '../../language.ts';
import { WatchCourse } from '../campaigns/watch-course.tsx';
import '../domains/domain.css';
import { useDomainWords } from '../domains/words.ts';
import './audit.css';
import { Authentication } from './authentication.tsx';
import { Comparison } from './comparison.tsx';
import { Filters } from './filters.tsx';
import { Findings } from './findings.tsx';
import { type Found, foundIn } from './found.ts';
import { Links } from './links.tsx';
import { Message } from './message.tsx';
import { Placement } from './placement.tsx';
import { Progress, Refused } from './progress.tsx';
import { Share } from './share.tsx';
import { type Look, MailPanel } from './source.tsx';
import { PlacementTest } from './test.tsx';
import { Verdict } from './verdict.tsx';
import { type CampaignWords, useCampaignWords } from './words.ts';

const route = getRouteApi('/inside/audits/$id');
/** Beside the live line, in case it is lost. */
const ASK_AGAIN_MS = 3000;
const RUNNING = new Set<AuditJson['state']>(['waiting', 'watching', 'auditing', 'testing']);

export function Audit() {
  const { t } = useTranslation();
  const { id } = route.useParams();
  const audit = useQuery({
    queryKey: ['audits', id],
    queryFn: () => campaignApi.audits.read(id),
    refetchInterval: ({ state }) => (state.data && RUNNING.has(state.data.state) ? ASK_AGAIN_MS : false),
  });
  const { words, error: wordsError, refetch } = useCampaignWords();
  const data = audit.data;
  const parents = [
    { label: t('nav.campaigns'), to: '/campaigns' },
    ...(data ? [{ label: data.campaignName, to: `/campaigns/${data.campaignId}` }] : []),
  ];
  const title = t('audit.title');
  const error = (data ? null : audit.error) ?? (words ? null : wordsError);
  if (error)
    return (
      <Page title={title} parents={parents}>
        <Problem
          error={error}
          onRetry={() => {
            void audit.refetch();
            refetch();
          }}
        />
      </Page>
    );
  if (!data || !words)
    return (
      <Page title={title} parents={parents} lead={<Skeleton height={18} width={280} mt={6} />}>
        <Skeleton height={220} radius="md" />
        <Skeleton height={420} radius="md" />
      </Page>
    );
  return (
    <Page
      title={title}
      windowTitle={t('audit.windowTitle', { name: data.campaignName })}
      parents={parents}
      lead={
        <span className="dim">
          <bdi>{data.subject ?? data.campaignName}</bdi> · <Moment at={data.createdAt} exact />
        </span>
      }
      actions={<Actions audit={data} />}
    >
      <Body audit={data} words={words} />
    </Page>
  );
}

function Actions({ audit }: { audit: AuditJson }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const again = useMutation({
    mutationFn: () => campaignApi.campaigns.audit(audit.campaignId, {}),
    onSuccess: async (next) => {
      client.setQueryData(['audits', next.id], next);
      await client.invalidateQueries({ queryKey: ['campaigns'] });
      await navigate({ to: '/audits/$id', params: { id: next.id } });
    },
  });
  return (
    <>
      {audit.state !== 'watching' && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconRefresh size={16} aria-hidden />}
          loading={again.isPending}
          onClick={() => again.mutate()}
        >
          {t('audit.again')}
        </Button>
      )}
      {again.error && <Problem error={again.error} />}
    </>
  );
}

function Body({ audit, words }: { audit: AuditJson; words: CampaignWords }) {
  const { result, state } = audit;
  return (
    <>
      {(state === 'refused' || state === 'failed') && <Refused audit={audit} words={words} />}
      {(state === 'waiting' || state === 'auditing' || state === 'watching') && (
        <Progress audit={audit} words={words} />
      )}
      {audit.watchId !== null && state === 'watching' && <WatchCourse id={audit.watchId} />}
      {result !== null && <Result audit={audit} result={result} words={words} />}
    </>
  );
}

function Result({ audit, result, words }: { audit: AuditJson; result: AuditResultJson; words: CampaignWords }) {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = route.useNavigate();
  const { with: compared } = route.useSearch();
  const domainWords = useDomainWords().words;
  const [look, setLook] = useState<Look>({ tab: 'preview', found: null });
  const sources = useQuery({
    // Not under its audit: the texts never change, whatever becomes known of it.
    queryKey: ['audit-sources', audit.id],
    queryFn: () => campaignApi.audits.sources(audit.id),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const campaign = useQuery({
    queryKey: ['campaigns', audit.campaignId],
    queryFn: () => campaignApi.campaigns.read(audit.campaignId),
  });
  const texts = sources.data ?? null;
  const found = useMemo(() => foundIn(result, texts), [result, texts]);
  const others = (campaign.data?.audits ?? []).filter(
    (one) => one.id !== audit.id && one.state === 'done' && one.createdAt < audit.createdAt,
  );
  const chosen =
    others.find(({ id }) => id === compared)?.id ??
    others.find(({ id }) => id === audit.previousAuditId)?.id ??
    others[0]?.id;
  const code = (word: string): string => domainWords?.code(word) ?? word;
  const inHtml = (one: Found): boolean =>
    one.part !== null && texts?.parts.some(({ part, type }) => part === one.part && type === 'html') === true;
  return (
    <>
      <Verdict audit={audit} result={result} found={found} words={words} testing={audit.state === 'testing'} />
      {audit.watchId !== null && audit.state === 'testing' && <WatchCourse id={audit.watchId} folded />}
      <div className="findings-and-mail">
        <Findings
          found={found}
          words={words}
          onSource={(one) => (one.number === null ? null : () => setLook({ tab: 'source', found: one }))}
          onPreview={(one) => (inHtml(one) ? () => setLook({ tab: 'preview', found: one }) : null)}
        />
        <MailPanel
          id={audit.id}
          sources={texts}
          sourcesError={sources.error}
          onRetry={() => void sources.refetch()}
          found={found}
          words={words}
          look={look}
          onLook={setLook}
        />
      </div>
      <Message message={result.message} />
      {result.placement ? (
        <Placement placement={result.placement} audit={audit.id} />
      ) : (
        <Panel title={t('audit.placement')} note={t('audit.placementNone')}>
          <PlacementTest campaignId={audit.campaignId} />
        </Panel>
      )}
      <Authentication result={result} found={found} words={words} />
      <Links links={result.links} offline={result.offline} code={code} />
      <Filters result={result} reason={code} />
      {chosen !== undefined && (
        <Comparison
          id={audit.id}
          others={others}
          chosen={chosen}
          onChoose={(next) => void navigate({ search: { with: next }, replace: true, resetScroll: false })}
          words={words}
        />
      )}
      <Share id={audit.id} done={audit.state === 'done'} />
      <p className="dim">
        {t('audit.zone', { zone: format.zoneName(audit.createdAt) })}{' '}
        <Anchor component={Link} to={`/campaigns/${audit.campaignId}`}>
          {t('audit.toCampaign')}
        </Anchor>
      </p>
    </>
  );
}
