/** Is it fine, since when is it not, where, and why: the page that is opened each morning. One question at the top, answered in words. */
import { Anchor, Button, Group, Skeleton, Text } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { RateJson } from '../../server/api/json/basics.ts';
import type { OverviewJson } from '../../server/api/json/overview.ts';
import { base } from '../base.ts';
import { AuthenticationRates } from '../charts/authentication-rates.tsx';
import { DelayHistogram } from '../charts/delay-histogram.tsx';
import { useScheme } from '../charts/palette.ts';
import { PlacementOverTime } from '../charts/placement-over-time.tsx';
import { ProviderRates } from '../charts/provider-rates.tsx';
import { heightOf } from '../charts/rate-bars.tsx';
import { RateOverTime } from '../charts/rate-over-time.tsx';
import { Attention } from '../components/attention.tsx';
import { useNow } from '../components/moment.tsx';
import { OutcomeMark } from '../components/outcome.tsx';
import { Empty, Page, Panel, Problem, RowsSkeleton } from '../components/page.tsx';
import { Headline, HeadlineSkeleton } from '../components/rate.tsx';
import { RunRows } from '../components/run-rows.tsx';
import { useTimeMarks, WhatChanged } from '../components/what-changed.tsx';
import { useFormat } from '../language.ts';
import { SIGN_TONES, tone } from '../outcomes.ts';
import { useProviderName } from '../presets.ts';
import { OverviewFilters } from './overview-filters.tsx';
import { FILTERS, overviewQuery } from './overview-query.ts';

const route = getRouteApi('/inside/');
const NO_RATE: RateJson = { value: null, low: null, high: null, n: 0, count: 0, enough: false };

export function Overview() {
  const { t } = useTranslation();
  const format = useFormat();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const now = useNow();
  const overview = useQuery({ ...overviewQuery(search, now, format.timeZone), placeholderData: keepPreviousData });
  const onSpan = useCallback(
    (from: number, to: number) =>
      void navigate({
        search: (before) => ({ ...before, from: new Date(from).toISOString(), to: new Date(to).toISOString() }),
      }),
    [navigate],
  );
  const data = overview.data;
  const filtered = FILTERS.some((name) => search[name] !== undefined);
  const fresh = data?.totals.runs === 0;

  return (
    <Page
      title={t('nav.overview')}
      lead={
        <div className="two-lines">
          {data ? <Lead data={data} filtered={filtered} /> : overview.error ? null : <Skeleton height={40} />}
        </div>
      }
    >
      {!fresh && <OverviewFilters value={search} onChange={(next) => void navigate({ search: next })} />}
      {overview.error && <Problem error={overview.error} onRetry={() => void overview.refetch()} />}
      {data && fresh ? (
        <FirstSteps totals={data.totals} />
      ) : !overview.error || data ? (
        <Numbers data={data} onSpan={onSpan} />
      ) : null}
    </Page>
  );
}

/** The answer in a sentence. */
function Lead({ data, filtered }: { data: OverviewJson; filtered: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { inbox, tab } = data.now.rates;
  if (data.totals.runs === 0) return t('overview.leadFresh');
  if (inbox.n === 0) return filtered ? t('overview.leadFiltered') : t('overview.leadNone');
  if (!format.enough(inbox)) return t('overview.leadFew', { n: format.number(inbox.n) });
  return (
    <>
      {t('overview.lead', {
        inbox: format.percent(inbox.value ?? 0),
        both: format.percent((inbox.value ?? 0) + (tab.value ?? 0)),
      })}{' '}
      <ChangeWords verdict={data.verdict} />
      {data.now.counts.unknown > 0 && (
        <span className="dim"> {t('overview.unknown', { count: data.now.counts.unknown })}</span>
      )}
    </>
  );
}

/** What changed against the period before, for better and for worse; of tabs nobody can say which it is. */
function ChangeWords({ verdict }: { verdict: OverviewJson['verdict'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (verdict.inbox === 'not-enough-data') return t('overview.leadNoBefore');
  const which = (word: 'better' | 'worse'): string =>
    format.list(
      (['inbox', 'spam', 'missing'] as const)
        .filter((one) => verdict[one] === word)
        .map((one) => t(`overview.of.${one}`)),
    );
  const [worse, better] = [which('worse'), which('better')];
  const sentences = [
    ...(worse === '' ? [] : [t('overview.leadWorse', { what: worse })]),
    ...(better === '' ? [] : [t('overview.leadBetter', { what: better })]),
    ...(verdict.tab === 'more' ? [t('overview.leadMoreTabs')] : []),
    ...(verdict.tab === 'fewer' ? [t('overview.leadFewerTabs')] : []),
  ];
  return sentences.length === 0 ? t('overview.leadSame') : sentences.join(format.language === 'ja' ? '' : ' ');
}

function Numbers({ data, onSpan }: { data: OverviewJson | undefined; onSpan: (from: number, to: number) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const scheme = useScheme();
  const providerName = useProviderName();
  const marks = useTimeMarks(data?.marks ?? NO_MARKS);
  const loading = data === undefined;
  const rates = useMemo(
    () =>
      (data?.providers ?? []).map(({ provider, rates: { inbox }, before, verdict }) => ({
        provider,
        label: providerName(provider),
        rate: inbox,
        before,
        change: verdict,
      })),
    [data, providerName],
  );
  const dmarc =
    data?.authentication.find((one) => one.source === 'verified' && one.mechanism === 'dmarc')?.pass ?? NO_RATE;
  return (
    <>
      <section className="headlines compared" aria-label={t('overview.numbers')}>
        {data
          ? (['inbox', 'tab', 'spam', 'missing'] as const).map((verdict) => (
              <Headline
                key={verdict}
                label={t(`verdict.${verdict}`)}
                mark={<OutcomeMark verdict={verdict} size={16} />}
                colour={tone(verdict, scheme).fill}
                rate={data.now.rates[verdict]}
                before={data.before.rates[verdict]}
                comparison={data.verdict[verdict]}
              />
            ))
          : [0, 1, 2, 3].map((at) => <HeadlineSkeleton key={at} />)}
        {data ? (
          <Headline
            label={t('overview.dmarc')}
            mark={
              <span className="mark">
                <IconShieldCheck size={16} color={SIGN_TONES.pass[scheme].fill} aria-hidden />
              </span>
            }
            colour={SIGN_TONES.pass[scheme].fill}
            rate={dmarc}
            comparison={null}
          />
        ) : (
          <HeadlineSkeleton />
        )}
      </section>
      <div className="under-headlines">
        {data && (
          <span>
            {t('overview.compared', {
              from: `${format.day(data.before.from)} ${format.time(data.before.from)}`,
              to: `${format.day(data.before.to)} ${format.time(data.before.to)}`,
            })}
          </span>
        )}
        {data && data.attention.length > 0 && (
          <Anchor href="#attention" size="sm" fw={600}>
            {t('overview.toAttention', { count: data.attention.length })}
          </Anchor>
        )}
      </div>
      <PlacementOverTime
        title={t('overview.overTime')}
        buckets={data?.buckets ?? NO_BUCKETS}
        bucket={data?.bucket ?? 'day'}
        marks={marks}
        loading={loading}
        onSpan={onSpan}
      />
      <RateOverTime
        title={t('overview.rateOverTime')}
        buckets={data?.buckets ?? NO_BUCKETS}
        bucket={data?.bucket ?? 'day'}
        marks={marks}
        loading={loading}
        onSpan={onSpan}
      />
      <div className="two">
        <ProviderRates title={t('overview.byProvider')} rates={rates} loading={loading} />
        <DelayHistogram
          title={t('overview.delays')}
          height={heightOf(data ? rates.length : 5)}
          counts={(data?.delays.buckets ?? []).map((bucket) => bucket.probes)}
          loading={loading}
        />
      </div>
      <div className="two">
        <AuthenticationRates
          title={t('overview.authentication')}
          rates={data?.authentication ?? NO_AUTHENTICATION}
          loading={loading}
        />
        <WhatChanged marks={data?.marks} />
      </div>
      <div className="two" id="attention">
        <Panel title={t('overview.attention')}>
          {data ? <Attention items={data.attention} /> : <RowsSkeleton rows={2} />}
        </Panel>
        <section className="panel flush" aria-label={t('overview.latestRuns')}>
          <Group justify="space-between" mb="xs">
            <Text component="h2" fw={650} fz="md" m={0}>
              {t('overview.latestRuns')}
            </Text>
            <Anchor component={Link} to="/runs" size="sm">
              {t('overview.allRuns')}
            </Anchor>
          </Group>
          {data ? (
            <RunRows runs={data.latestRuns.slice(0, 8)} label={t('overview.latestRuns')} brief />
          ) : (
            <div style={{ padding: '0 20px 16px' }}>
              <RowsSkeleton rows={5} />
            </div>
          )}
        </section>
      </div>
    </>
  );
}

const NO_BUCKETS: OverviewJson['buckets'] = [];
const NO_MARKS: OverviewJson['marks'] = [];
const NO_AUTHENTICATION: OverviewJson['authentication'] = [];

const GuideOpener = lazy(async () => ({ default: (await import('../components/guide-opener.tsx')).GuideOpener }));
const LookAround = lazy(async () => ({ default: (await import('../components/look-around.tsx')).LookAround }));

/** Nothing was ever run: what is still missing for the first result, in order. */
function FirstSteps({ totals }: { totals: OverviewJson['totals'] }) {
  const { t } = useTranslation();
  const [key, to] =
    totals.senders === 0
      ? (['sender', '/senders/new'] as const)
      : totals.seeds === 0
        ? (['seed', '/seeds/new'] as const)
        : totals.monitors === 0
          ? (['monitor', '/monitors/new'] as const)
          : (['run', '/monitors'] as const);
  return (
    <section className="panel">
      <Empty
        title={t(`first.${key}Title`)}
        action={
          <Group gap="xs" justify="center">
            {base === '' && (
              <Suspense>
                <GuideOpener fresh={totals.senders + totals.seeds + totals.monitors === 0} />
              </Suspense>
            )}
            <Button component={Link} to={to} mt="xs" variant={base === '' ? 'default' : 'filled'}>
              {t(`first.${key}Action`)}
            </Button>
          </Group>
        }
      >
        {t(`first.${key}`)}
      </Empty>
      {base === '' && (
        <div className="or">
          <Suspense>
            <LookAround />
          </Suspense>
        </div>
      )}
    </section>
  );
}
