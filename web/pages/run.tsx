/**
 * One firing of a monitor, live: a tile per seed, grouped by provider, that fills in as mail is found. What is known so far stands at the top,
 * with the interval that few results deserve.
 */
import { Button, Group, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type CSSProperties, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProbeJson } from '../../server/api/json/probes.ts';
import type { RunJson } from '../../server/api/json/runs.ts';
import { api } from '../api.ts';
import { toCsv } from '../charts/csv.ts';
import { download } from '../charts/download.ts';
import { useScheme } from '../charts/palette.ts';
import { OutcomeBadge, OutcomeMark } from '../components/outcome.tsx';
import { Page, Problem, RowsSkeleton } from '../components/page.tsx';
import { Headline, HeadlineSkeleton } from '../components/rate.tsx';
import { Standing } from '../components/standing.tsx';
import { useFormat } from '../language.ts';
import { STACKED, tone, verdictOf } from '../outcomes.ts';
import { useProviderName } from '../presets.ts';
import { useWords } from '../words.ts';

const route = getRouteApi('/inside/runs/$id');

export function Run() {
  const { t } = useTranslation();
  const format = useFormat();
  const { id } = route.useParams();
  const run = useQuery({ queryKey: ['runs', id], queryFn: () => api.runs.read(id) });
  const data = run.data;
  const parents = [
    { label: t('nav.runs'), to: '/runs' },
    ...(data ? [{ label: data.monitorName, to: `/monitors/${data.monitorId}` }] : []),
  ];
  if (run.error && !data) {
    return (
      <Page title={t('word.run')} parents={parents}>
        <Problem error={run.error} onRetry={() => void run.refetch()} />
      </Page>
    );
  }
  return (
    <Page
      title={data ? t('run.title', { monitor: data.monitorName }) : t('word.run')}
      parents={parents}
      lead={
        data ? (
          <span className="dim">
            {format.dateTime(data.startedAt)} {format.zoneName(data.startedAt)} ·{' '}
            {data.slotAt === null ? t('run.byHand') : t('run.bySchedule')} · {t(`runState.${data.state}`)}
          </span>
        ) : (
          <Skeleton height={18} width={280} mt={6} />
        )
      }
      actions={data && <CsvButton run={data} />}
    >
      <Progress run={data} />
      <Summary run={data} />
      <section className="panel" aria-label={t('run.seeds')}>
        {data ? <Grid probes={data.probes} /> : <RowsSkeleton rows={6} />}
      </section>
    </Page>
  );
}

function Progress({ run }: { run: RunJson | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!run) return <Skeleton height={40} />;
  const { counts } = run.summary;
  const decided = counts.probes - counts.pending;
  return (
    <Stack gap={6} role="status">
      <Group justify="space-between" gap="xs">
        <Text fw={600}>{t('run.progress', { done: format.number(decided), total: format.number(counts.probes) })}</Text>
        <Text size="sm" c="dimmed">
          {run.summary.medianDelayMs === null
            ? t('run.noDelay')
            : t('run.medianDelay', { delay: format.span(run.summary.medianDelayMs) })}
        </Text>
      </Group>
      <Standing counts={counts} />
      <Group gap="md" className="legend" style={{ marginTop: 2 }}>
        {STACKED.filter((verdict) => counts[verdict] > 0).map((verdict) => (
          <span key={verdict}>
            <OutcomeMark verdict={verdict} /> {t(`verdict.${verdict}`)} {format.number(counts[verdict])}
          </span>
        ))}
        {counts.pending > 0 && (
          <span>
            <OutcomeMark verdict="waiting" /> {t('verdict.waiting')} {format.number(counts.pending)}
          </span>
        )}
      </Group>
    </Stack>
  );
}

function Summary({ run }: { run: RunJson | undefined }) {
  const { t } = useTranslation();
  const scheme = useScheme();
  return (
    <section className="headlines" aria-label={t('run.summary')}>
      {(['inbox', 'tab', 'spam', 'missing'] as const).map((verdict) =>
        run ? (
          <Headline
            key={verdict}
            label={t(`verdict.${verdict}`)}
            mark={<OutcomeMark verdict={verdict} size={16} />}
            colour={tone(verdict, scheme).fill}
            rate={run.summary.rates[verdict]}
            comparison={null}
          />
        ) : (
          <HeadlineSkeleton key={verdict} />
        ),
      )}
    </section>
  );
}

/** Probes by provider, the providers in the order of their names, so that no tile moves when another one lands. */
function Grid({ probes }: { probes: ProbeJson[] }) {
  const { t } = useTranslation();
  const providerName = useProviderName();
  const groups = useMemo(() => {
    const byProvider = new Map<string, ProbeJson[]>();
    for (const probe of probes) byProvider.set(probe.provider, [...(byProvider.get(probe.provider) ?? []), probe]);
    return [...byProvider.entries()]
      .map(([provider, list]) => ({
        provider,
        name: providerName(provider),
        list: [...list].sort((a, b) => a.seed.localeCompare(b.seed)),
      }))
      .sort((a, b) => a.name.localeCompare(b.name));
  }, [probes, providerName]);
  return groups.map(({ provider, name, list }) => (
    <div className="grid-group" key={provider}>
      <Group gap="xs" align="baseline">
        <Title order={2}>{name}</Title>
        <Text size="xs" c="dimmed">
          {t('run.placedOf', {
            placed: list.filter((probe) => verdictOf(probe.outcome, probe.placement?.kind ?? null) === 'inbox').length,
            total: list.length,
          })}
        </Text>
      </Group>
      <ul className="tiles">
        {list.map((probe) => (
          <Tile key={probe.id} probe={probe} />
        ))}
      </ul>
    </div>
  ));
}

function Tile({ probe }: { probe: ProbeJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useWords();
  const scheme = useScheme();
  const verdict = verdictOf(probe.outcome, probe.placement?.kind ?? null);
  const waiting = verdict === 'waiting';
  const first = useRef(verdict);
  return (
    <li>
      <Link
        to="/probes/$id"
        params={{ id: probe.id }}
        // A new key makes a new element: the tile flashes once when its verdict comes.
        key={verdict}
        className={verdict === first.current ? 'tile' : 'tile landed'}
        style={{ '--tile': tone(verdict, scheme).fill } as CSSProperties}
        title={words(probe.reason, probe.evidence, 'reasons').title}
      >
        <span className="tile-name">{probe.seed}</span>
        <span className="tile-foot">
          <OutcomeBadge verdict={verdict} tab={probe.placement?.tab} late={probe.late} />
          <span className="dim">
            {waiting
              ? t(`outcome.${probe.outcome}`)
              : probe.delayMs !== null
                ? format.span(probe.delayMs)
                : words(probe.reason, probe.evidence, 'reasons').title}
          </span>
        </span>
      </Link>
    </li>
  );
}

function CsvButton({ run }: { run: RunJson }) {
  const { t } = useTranslation();
  const words = useWords();
  const save = (): void => {
    const columns = [
      t('word.seed'),
      t('word.provider'),
      t('word.protocol'),
      t('run.result'),
      t('word.folder'),
      t('word.reason'),
      t('verdict.late'),
      t('run.sent'),
      t('run.seen'),
      t('run.delaySeconds'),
    ];
    const rows = run.probes.map((probe) => [
      probe.seed,
      probe.provider,
      probe.protocol,
      t(`verdict.${verdictOf(probe.outcome, probe.placement?.kind ?? null)}`),
      probe.placement?.folder ?? null,
      words(probe.reason, probe.evidence, 'reasons').title,
      probe.late ? t('word.yes') : t('word.no'),
      probe.sentAt,
      probe.firstSeenAt,
      probe.delayMs === null ? null : probe.delayMs / 1000,
    ]);
    download(`todoku-run-${run.id}.csv`, toCsv({ columns, rows }));
  };
  return (
    <Button variant="default" size="xs" leftSection={<IconDownload size={16} aria-hidden />} onClick={save}>
      {t('chart.csv')}
    </Button>
  );
}
