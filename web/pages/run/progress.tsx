/** How far a run is: of how many seeds the answer is known, which, and when the last one comes at the latest. */
import { Group, Skeleton, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { RunJson } from '../../../server/api/json/runs.ts';
import { useNow } from '../../components/moment.tsx';
import { OutcomeMark } from '../../components/outcome.tsx';
import { Standing } from '../../components/standing.tsx';
import { useFormat } from '../../language.ts';
import { STACKED } from '../../outcomes.ts';

export function Progress({ run }: { run: RunJson | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  if (!run) return <Skeleton height={66} />;
  const { counts, medianDelayMs } = run.summary;
  const decided = counts.probes - counts.pending;
  return (
    <Stack gap={6}>
      <Group justify="space-between" gap="xs">
        <Text fw={600} role="status">
          {t('run.progress', { done: format.number(decided), total: format.number(counts.probes) })}{' '}
          <Text span fw={400} c="dimmed">
            <TimeLeft run={run} />
          </Text>
        </Text>
        <Text size="sm" c="dimmed">
          {medianDelayMs === null ? t('run.noDelay') : t('run.medianDelay', { delay: format.span(medianDelayMs) })}
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

function TimeLeft({ run }: { run: RunJson }) {
  const { t } = useTranslation();
  const format = useFormat();
  const now = useNow();
  if (run.decidedBy === null) return run.summary.counts.pending === 0 ? null : t('result.soon');
  if (Date.parse(run.decidedBy) <= now) return t('result.soon');
  return (
    <time
      dateTime={run.decidedBy}
      title={`${format.dateTimeWithSeconds(run.decidedBy)} ${format.zoneName(run.decidedBy)}`}
    >
      {t('result.timeLeft', { time: format.relative(run.decidedBy, now) })}
    </time>
  );
}
