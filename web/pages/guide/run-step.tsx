/** Last: the first run, as mail lands. With the first result the guide is done; a sentence says what came of it. */
import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import { IconArrowRight, IconPlayerPlay } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { MonitorJson } from '../../../server/api/json/monitors.ts';
import type { ProbeJson } from '../../../server/api/json/probes.ts';
import type { RunJson } from '../../../server/api/json/runs.ts';
import { api } from '../../api.ts';
import { useNow } from '../../components/moment.tsx';
import { OutcomeBadge } from '../../components/outcome.tsx';
import { Problem, RowsSkeleton } from '../../components/page.tsx';
import { latestRun } from '../../guide.ts';
import { useFormat } from '../../language.ts';
import { STACKED, verdictOf } from '../../outcomes.ts';
import { useProviderName } from '../../presets.ts';
import { useWords } from '../../words.ts';

/** Most mail is there by then. */
const LONG_ENOUGH_MS = 120_000;

type Props = { monitors: readonly MonitorJson[]; onDone: () => void };

export function RunStep({ monitors, onDone }: Props) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const id = latestRun(monitors)?.id;
  const run = useQuery({
    queryKey: ['runs', id],
    queryFn: () => api.runs.read(id ?? ''),
    enabled: id !== undefined,
  });
  const start = useMutation({
    mutationFn: (monitor: string) => api.monitors.run(monitor),
    onSettled: () => client.invalidateQueries({ queryKey: ['monitors'] }),
  });
  const now = useNow();
  const counts = run.data?.summary.counts;
  const hasResult = counts !== undefined && counts.probes > counts.pending;
  // A mail that is missing is looked for over hours: nobody waits for that to go on.
  const over =
    counts !== undefined &&
    (counts.pending === 0 || (hasResult && now - Date.parse(run.data?.startedAt ?? '') > LONG_ENOUGH_MS));
  const told = useRef(false);
  useEffect(() => {
    if (!hasResult || told.current) return;
    told.current = true;
    onDone();
  }, [hasResult, onDone]);
  const first = monitors[0];
  if (id === undefined)
    return (
      <>
        {start.error && <Problem error={start.error} />}
        <Group>
          <Button
            loading={start.isPending}
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
            onClick={() => first && start.mutate(first.id)}
          >
            {t('guide.start')}
          </Button>
        </Group>
      </>
    );
  if (run.error) return <Problem error={run.error} onRetry={() => void run.refetch()} />;
  if (!run.data) return <RowsSkeleton rows={4} />;
  return (
    <>
      <Course run={run.data} />
      <ul className="guide-list">
        {[...run.data.probes]
          .sort((a, b) => a.seed.localeCompare(b.seed))
          .map((probe) => (
            <Landing key={probe.id} probe={probe} />
          ))}
      </ul>
      {over && (
        <Stack gap="xs">
          <Text fw={600}>{t('guide.goesOn')}</Text>
          <ul className="guide-more">
            <li>{t(first?.schedule ? 'guide.moreSchedule' : 'guide.moreByHand')}</li>
            <li>{t('guide.moreN')}</li>
            <li>{t('guide.moreSeeds')}</li>
          </ul>
        </Stack>
      )}
      <Group gap="xs">
        <Button
          component={Link}
          to="/"
          variant={over ? 'filled' : 'default'}
          rightSection={<IconArrowRight size={16} aria-hidden />}
        >
          {t('guide.toOverview')}
        </Button>
        <Button component={Link} to={`/runs/${id}`} variant="default">
          {t('guide.toRun')}
        </Button>
      </Group>
    </>
  );
}

/** How far it is, or what came of it. */
function Course({ run }: { run: RunJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { counts } = run.summary;
  const done = counts.probes - counts.pending;
  const parts = STACKED.filter((verdict) => counts[verdict] > 0).map(
    (verdict) => `${t(`verdict.${verdict}`)} ${format.number(counts[verdict])}`,
  );
  return (
    <Stack gap={6} role="status">
      <Text fw={600}>
        {counts.pending > 0
          ? t('guide.progress', { done: format.number(done), total: format.number(counts.probes) })
          : t('guide.result', { inbox: format.number(counts.inbox), total: format.number(counts.probes) })}
      </Text>
      <Progress
        value={counts.probes === 0 ? 0 : (100 * done) / counts.probes}
        size={8}
        aria-label={t('guide.course')}
      />
      <Text size="sm" c="dimmed">
        {[...parts, ...(counts.pending > 0 ? [t('guide.wait')] : [])].join(' · ')}
      </Text>
    </Stack>
  );
}

/** One mail: where it is; and where it is not in the inbox, why and what to do. */
function Landing({ probe }: { probe: ProbeJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useWords();
  const providerName = useProviderName();
  const verdict = verdictOf(probe.outcome, probe.placement?.kind ?? null);
  const why = verdict === 'inbox' || verdict === 'waiting' ? null : words(probe.reason, probe.evidence, 'reasons');
  return (
    <li>
      <div className="break">
        <Link to="/probes/$id" params={{ id: probe.id }} className="guide-probe">
          {probe.seed}
        </Link>
        <Text size="sm" c="dimmed">
          {providerName(probe.provider)}
        </Text>
        {why && (
          <Text size="sm">
            {why.meaning} <span className="dim">{why.todo}</span>
          </Text>
        )}
      </div>
      <div className="guide-verdict">
        <OutcomeBadge verdict={verdict} tab={probe.placement?.tab} late={probe.late} />
        <Text size="xs" c="dimmed">
          {verdict === 'waiting'
            ? words(probe.reason, probe.evidence, 'reasons').title
            : probe.delayMs === null
              ? ''
              : t('guide.after', { delay: format.span(probe.delayMs) })}
        </Text>
      </div>
    </li>
  );
}
